"""What a visitor feels, in Chromium: `python -m benchmarks.browser [--strokes 36] [--starts 5] [--json FILE]`.

The app stands beside two bare pages in the same run, turn by turn: one with the app's own canvas and one with
streamlit-drawable-canvas, both of which only say how much ink arrived. Times are taken inside the page, from the
browser's own `pointerup` or navigation to the frame after the one that shows the change, so that nothing of the
automation is in them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, WebSocket

from harness.hand import choose, press
from harness.processes import AppServer, chromium

IN_PAGE = """
(() => {
  const deep = (selector, root = document) => {
    const found = root.querySelector(selector)
    if (found) return found
    for (const host of root.querySelectorAll("*")) {
      const inner = host.shadowRoot && deep(selector, host.shadowRoot)
      if (inner) return inner
    }
    return null
  }
  const frame = () => new Promise(requestAnimationFrame)
  const until = async (holds) => {
    const end = performance.now() + 60_000
    while (!holds()) {
      if (performance.now() > end) throw new Error(`not within a minute: ${holds}`)
      await frame()
    }
    await frame()
    return performance.now()
  }
  let penUp = 0
  addEventListener("pointerup", () => { penUp = performance.now() }, true)
  addEventListener("click", () => { penUp = performance.now() }, true)
  window.bench = {
    deep,
    usable: until(() => deep("canvas")?.getBoundingClientRect().width > 0),
    // Call before the act; `shown` then gives the milliseconds from the last pointerup or click to the change.
    watch: (shown) => { const before = shown(); window.bench.changed = until(() => shown() !== before) },
    downloaded: () => performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0),
    took: async () => (await window.bench.changed) - penUp,
  }
})()
"""


@dataclass(frozen=True)
class Subject:
    """A page to measure; `shown` is JavaScript for what changes when a stroke's answer is on the screen."""

    name: str
    script: str
    shown: str


ECHO = "() => bench.deep('.st-key-echo')?.innerText"
SUBJECTS = (
    Subject("app", "server.py", "() => bench.deep('[data-testid=digit]')?.dataset.at"),
    Subject("bare, same canvas", "benchmarks/bare/same_canvas.py", ECHO),
    Subject("bare, drawable-canvas", "benchmarks/bare/drawable_canvas.py", ECHO),
)
Times = dict[str, list[float]]


def open_page(browser: Browser, url: str) -> tuple[Page, list[int]]:
    """Open the page as a new visitor; return it and the sizes of the WebSocket messages it sends from now on."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB").new_page()
    sent: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: sent.append(len(payload)))

    page.on("websocket", listen)
    page.add_init_script(IN_PAGE)
    page.goto(url, wait_until="commit")
    return page, sent


def draw(page: Page, points: Sequence[tuple[float, float]]) -> None:
    """One stroke through `points`, given as shares of the canvas's sides."""
    frame = page.locator("canvas").last.bounding_box()
    if frame is None:
        raise RuntimeError("the canvas is not on the screen")
    path = [(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in points]
    page.mouse.move(*path[0])
    page.mouse.down()
    for point in path[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def random_stroke(rng: np.random.Generator) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in rng.uniform(0.15, 0.85, (4, 2))]


def measure_strokes(browser: Browser, server: AppServer, subject: Subject, strokes: int, times: Times) -> None:
    """One visit: how long the page took to load, and then each of `strokes` strokes."""
    rng = np.random.default_rng(len(times["stroke"]))
    page, sent = open_page(browser, server.url)
    times["load"].append(page.evaluate("bench.usable"))
    page.wait_for_timeout(500)
    times["page"].append(page.evaluate("bench.downloaded() / 1000"))
    for _ in range(strokes):
        page.evaluate(f"bench.watch({subject.shown})")
        before = len(sent)
        draw(page, random_stroke(rng))
        times["stroke"].append(page.evaluate("bench.took()"))
        times["bytes"].append(sum(sent[before:]))
        page.wait_for_timeout(150)
    page.context.close()


def measure_start(browser: Browser, subject: Subject, folder: Path, times: Times) -> None:
    """From starting the server's process to a canvas that a first visitor can draw on."""
    server = AppServer(folder, script=subject.script)
    began = time.perf_counter()
    try:
        server.start()
        page, _ = open_page(browser, server.url)
        page.evaluate("bench.usable")
        times["start"].append((time.perf_counter() - began) * 1000)
        page.context.close()
    finally:
        server.stop()


def measure_teaching(browser: Browser, server: AppServer, lessons: int, times: Times) -> None:
    """Add to thumbnail, and Train of five drawings to its proof; `lessons` times, each as a new visitor."""
    rng = np.random.default_rng(0)
    thumbnails = "() => bench.deep('[data-testid=tray]')?.children.length"
    proof = "() => bench.deep('.st-key-proof') !== null"
    shown = SUBJECTS[0].shown
    for _ in range(lessons):
        page, _ = open_page(browser, server.url)
        page.evaluate("bench.usable")
        for _ in range(5):
            page.evaluate(f"bench.watch({shown})")
            x, tilt = rng.uniform(0.35, 0.65), rng.uniform(-0.05, 0.05)
            draw(page, [(x, 0.15), (x + tilt, 0.85)])
            page.evaluate("bench.took()")
            page.evaluate(f"bench.watch({thumbnails})")
            press(page, "add")
            times["add"].append(page.evaluate("bench.took()"))
        choose(page, "tray", 1)
        page.evaluate(f"bench.watch({proof})")
        press(page, "train")
        times["train"].append(page.evaluate("bench.took()"))
        page.context.close()


ROWS = (
    ("start", "server start -> canvas usable", "ms"),
    ("load", "page load -> canvas usable", "ms"),
    ("stroke", "pen up -> answer painted", "ms"),
    ("bytes", "sent by the browser for a stroke", "B"),
    ("page", "downloaded by a first visit", "kB"),
    ("add", "Add -> thumbnail painted", "ms"),
    ("train", "Train of five -> proof painted", "ms"),
)


def table(results: dict[str, Times]) -> str:
    """The figures as text: median and 95th percentile, and each beside the bare page with the same canvas."""
    lines = [f"{'':34}" + "".join(f"{name:>28}" for name in results) + f"{'app / bare':>12}"]
    lines.append(f"{'':34}" + "".join(f"{'median':>14}{'p95':>10}{'n':>4}" for _ in results))
    app, bare = (results[subject.name] for subject in SUBJECTS[:2])
    for key, title, unit in ROWS:
        cells = ""
        for times in results.values():
            values = times[key]
            cells += (
                f"{np.median(values):14.0f}{np.percentile(values, 95):10.0f}{len(values):4}" if values else " " * 28
            )
        ratio = f"{np.median(app[key]) / np.median(bare[key]):12.2f}" if app[key] and bare[key] else ""
        lines.append(f"{title + ', ' + unit:34}{cells}{ratio}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=int, default=36, help="strokes on each page, six a visit")
    parser.add_argument("--starts", type=int, default=5, help="starts of each server")
    parser.add_argument("--lessons", type=int, default=5, help="lessons of five drawings")
    parser.add_argument("--json", type=Path, help="write every single figure to this file")
    options = parser.parse_args()
    results: dict[str, Times] = {subject.name: defaultdict(list) for subject in SUBJECTS}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browser = stack.enter_context(chromium())
        for n, subject in itertools.product(range(options.starts), SUBJECTS):
            measure_start(browser, subject, folder / f"start {n} {subject.name}", results[subject.name])
        servers = {}
        for subject in SUBJECTS:
            servers[subject] = AppServer(folder / subject.name, script=subject.script)
            stack.callback(servers[subject].stop)
            servers[subject].start(ready=subject is SUBJECTS[0])
        for _ in range(-(-options.strokes // 6)):
            for subject in SUBJECTS:
                measure_strokes(browser, servers[subject], subject, 6, results[subject.name])
        measure_teaching(browser, servers[SUBJECTS[0]], options.lessons, results["app"])
        memory = servers[SUBJECTS[0]].memory_mib()
    print(table(results))
    print(f"\nmemory of the app's server process: {memory:.0f} MiB")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
