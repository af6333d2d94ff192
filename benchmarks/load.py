"""Many visitors at once: `python -m benchmarks.load [--visitors 1 10 25 50] [--seconds 60] [--json FILE]`.

Each visitor has a WebSocket of its own, draws a digit every few seconds and now and then teaches one; the same
number of visitors draws on a bare page with the same canvas, that only says how much ink arrived. The time of a
stroke is from sending it to the answer's arrival. At the end, how much memory the app's server holds after 1,000
predictions and 100 lessons more, and whether every lesson that a visitor saw accepted is in the store.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from streamlit.proto.Element_pb2 import Element

from harness.processes import AppServer
from harness.visitor import Visitor, answered
from mnist_core.files.strokes import render
from mnist_core.pretrain.penmanship import digit_strokes
from mnist_core.storage.store import Store

PAUSE_S = 3.0  # between a visitor's drawings, on average
TEACHES = 0.02  # the chance that a drawing is followed by a lesson
NO_LIMITS = {"LESSONS_PER_VISITOR": "1000000", "LESSONS_PER_MINUTE": "1000000"}
HEADINGS = f"{'':22}{'strokes':>8}{'median ms':>10}{'p95':>8}{'p95 / bare':>12}{'lessons':>10}{'refused':>9}"
HEADINGS += f"{'median ms':>11}{'errors':>8}{'MiB':>8}{'CPU s':>8}"
Shown = Callable[[Element, int], bool]


@dataclass
class Seen:
    """What the visitors of one round met. Times in milliseconds."""

    strokes: list[float] = field(default_factory=list)
    lessons: list[float] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0
    errors: list[str] = field(default_factory=list)
    received: int = 0  # bytes
    memory_mib: float = 0
    cpu_s: float = 0


def echoed(element: Element, number: int) -> bool:
    """The bare page shows how much ink drawing `number` has."""
    return element.text.body.startswith(f"{number}:")


def taught(element: Element) -> bool:
    return element.button.id.endswith("-undo")


def refused(element: Element) -> bool:
    return element.WhichOneof("type") == "alert" and "shield" in element.alert.icon


async def teach(visitor: Visitor, digit: int, seen: Seen) -> None:
    """Add the drawing on the sheet to the tray, say what it is, train, and wait for the proof or the refusal."""
    began = time.perf_counter()
    outcome: list[bool] = []

    def decided(element: Element) -> bool:
        if taught(element) or refused(element):
            outcome.append(taught(element))
        return bool(outcome)

    await visitor.change("add", trigger_value=True)
    await visitor.choose(digit)
    await visitor.change("train", decided, trigger_value=True)
    while not outcome:
        if time.perf_counter() - began > 60:
            raise TimeoutError("no end of a lesson within a minute")
        await visitor.look_again(decided)
    if not outcome[-1]:  # or the next lesson would teach it as another digit
        await visitor.change("delete_last", trigger_value=True)
    seen.lessons.append((time.perf_counter() - began) * 1000)
    seen.accepted += outcome[-1]
    seen.refused += not outcome[-1]


async def visit(url: str, shown: Shown, seed: int, seconds: float, seen: Seen, *, teaches: float) -> None:
    """One visitor, who comes at a random moment of the first pause and leaves after `seconds`."""
    rng = np.random.default_rng(seed)
    end = time.monotonic() + seconds
    await asyncio.sleep(rng.uniform(0, PAUSE_S))
    try:
        async with Visitor(url) as visitor:
            while time.monotonic() < end:
                digit = int(rng.integers(10))
                drawing = render(digit_strokes(digit, rng), extent=rng.uniform(0.4, 0.8))
                seen.strokes.append(await visitor.draw(drawing, shown) * 1000)
                if rng.random() < teaches:
                    await teach(visitor, digit, seen)
                await asyncio.sleep(rng.exponential(PAUSE_S))
            seen.received += visitor.received
    except Exception as error:  # whatever goes wrong for a visitor is a result of this benchmark
        seen.errors.append(repr(error))


async def crowd(server: AppServer, shown: Shown, visitors: int, seconds: float, *, teaches: float = 0) -> Seen:
    seen = Seen(cpu_s=-server.cpu_s())
    await asyncio.gather(*(visit(server.url, shown, n, seconds, seen, teaches=teaches) for n in range(visitors)))
    seen.memory_mib = server.memory_mib()
    seen.cpu_s += server.cpu_s()
    return seen


async def marathon(server: AppServer, predictions: int, lessons: int) -> tuple[list[float], Seen]:
    """One tireless visitor; the server's memory, in MiB, at the start and after each tenth of the way."""
    seen, memory = Seen(), [server.memory_mib()]
    rng = np.random.default_rng(0)
    async with Visitor(server.url) as visitor:
        for n in range(1, predictions + 1):
            digit = int(rng.integers(10))
            drawing = render(digit_strokes(digit, rng), extent=rng.uniform(0.4, 0.8))
            seen.strokes.append(await visitor.draw(drawing, answered) * 1000)
            await visitor.tell()
            if n % (predictions // lessons) == 0:
                await teach(visitor, digit, seen)
            if n % (predictions // 10) == 0:
                memory.append(server.memory_mib())
    return memory, seen


def row(name: str, seen: Seen, bare: Seen | None = None) -> str:
    middle, slow = np.percentile(seen.strokes, [50, 95]) if seen.strokes else (np.nan, np.nan)
    text = f"{name:22}{len(seen.strokes):8}{middle:10.0f}{slow:8.0f}"
    text += f"{slow / np.percentile(bare.strokes, 95):12.2f}" if bare and bare.strokes else f"{'':12}"
    lesson = f"{np.median(seen.lessons):.0f}" if seen.lessons else ""
    text += f"{seen.accepted:10}{seen.refused:9}{lesson:>11}{len(seen.errors):8}"
    return text + f"{seen.memory_mib:8.0f}{seen.cpu_s:8.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 10, 25, 50])
    parser.add_argument("--seconds", type=float, default=60, help="how long each number of visitors stays")
    parser.add_argument("--predictions", type=int, default=1000, help="of the run that memory is watched over")
    parser.add_argument("--lessons", type=int, default=100, help="of the same run")
    parser.add_argument("--json", type=Path, help="write every single figure to this file")
    options = parser.parse_args()
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        app = AppServer(Path(folder) / "app", env=NO_LIMITS)
        bare = AppServer(Path(folder) / "bare", script="benchmarks/bare/same_canvas.py")
        try:
            bare.start()
            app.start(ready=True)
            print(HEADINGS)
            for visitors in options.visitors:
                nothing = asyncio.run(crowd(bare, echoed, visitors, options.seconds))
                seen = asyncio.run(crowd(app, answered, visitors, options.seconds, teaches=TEACHES))
                print(row(f"{visitors} visitors, bare page", nothing))
                print(row(f"{visitors} visitors, app", seen, nothing), flush=True)
                results |= {f"bare {visitors}": asdict(nothing), f"app {visitors}": asdict(seen)}
            memory, seen = asyncio.run(marathon(app, options.predictions, options.lessons))
        finally:
            app.stop()
            bare.stop()
        print(row("one tireless visitor", seen))
        print("memory on the way, MiB: " + " ".join(f"{mib:.0f}" for mib in memory))
        results |= {"marathon": asdict(seen), "memory": memory}
        kept = len(Store(folder=app.data_dir).everyone.active().lesson_ids)
    accepted = sum(value["accepted"] for value in results.values() if isinstance(value, dict))
    print(f"lessons that visitors saw accepted: {accepted}; in the model after a restart: {kept}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
