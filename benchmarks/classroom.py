"""A class in one room: `python -m benchmarks.classroom [--pages 10] [--sockets 20] [--seconds 300] [--json FILE]`.

Some pupils have a real page in Chromium, the others a WebSocket each. All come by the room's link, draw a digit every
few seconds, and teach their first one and then one in twenty. The same class draws on a bare page with the same canvas,
where nothing can be taught. The last lines say whether the class went well: no error, no lost lesson, everybody
taught, and the 95th percentile of a stroke at most 1.5 times the bare page's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.browser import IN_PAGE, SUBJECTS
from benchmarks.load import HEADINGS, PAUSE_S, Seen, Shown, echoed, row, teach
from harness.processes import CHROMIUM_FLAGS, AppServer, program
from harness.visitor import Visitor, answered
from mnist_core.files.strokes import render
from mnist_core.pretrain.penmanship import digit_strokes
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.store import Store

TEACHES = 0.05  # the chance that a drawing after the first is taught
ARRIVE_S = 60  # a class comes in within a minute: ten first visits at once would have two cores load pages only
AT_MOST = 1.5  # times the bare page's 95th percentile
LESSON_MS = 60_000
POINTS = 12  # of a stroke drawn with the mouse


@dataclass(frozen=True)
class Place:
    """What a class meets: the app or the bare page."""

    server: AppServer
    room: str
    """Code of the room; "" on the bare page, where nothing is taught."""
    shown: Shown
    """Whether an element answers a drawing that came by WebSocket."""
    painted: str
    """JavaScript for what changes when a page shows the answer."""

    @property
    def url(self) -> str:
        return f"{self.server.url}/?room={self.room}" if self.room else self.server.url


async def by_socket(place: Place, seed: int, seconds: float, seen: Seen) -> None:
    rng = np.random.default_rng(seed)
    end = time.monotonic() + seconds
    await asyncio.sleep(rng.uniform(0, ARRIVE_S))
    async with Visitor(place.server.url, room=place.room) as visitor:
        taught = False
        while time.monotonic() < end:
            digit = int(rng.integers(10))
            drawing = render(digit_strokes(digit, rng), extent=rng.uniform(0.4, 0.8))
            seen.strokes.append(await visitor.draw(drawing, place.shown) * 1000)
            if place.room and (not taught or rng.random() < TEACHES):
                await teach(visitor, digit, seen)
                taught = True
            await asyncio.sleep(rng.exponential(PAUSE_S))
        seen.received += visitor.received


async def at_page(browser: Browser, place: Place, seed: int, seconds: float, seen: Seen) -> None:
    rng = np.random.default_rng(seed)
    end = time.monotonic() + seconds
    await asyncio.sleep(rng.uniform(0, ARRIVE_S))
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = await context.new_page()
    page.set_default_timeout(LESSON_MS)
    page.on("pageerror", lambda error: seen.errors.append(f"page: {error}"))
    await page.add_init_script(IN_PAGE)
    await page.goto(place.url)
    await page.evaluate("bench.usable")
    accepted = 0
    while time.monotonic() < end:
        digit, stroke = one_stroke(rng)
        await page.evaluate(f"bench.watch({place.painted})")
        await draw_stroke(page, stroke)
        seen.strokes.append(await page.evaluate("bench.took()"))
        if place.room and (not accepted or rng.random() < TEACHES):
            accepted += await teach_at_page(page, digit, accepted, seen)
        else:
            await page.locator("button[name=clear]").click()
        await asyncio.sleep(0.5 + rng.exponential(PAUSE_S))
    seen.errors += ["page: an exception is shown"] * await page.get_by_test_id("stException").count()
    await context.close()


def one_stroke(rng: np.random.Generator) -> tuple[int, np.ndarray]:
    """A digit that this hand writes without lifting the pen, and its points, (POINTS, 2) in shares of the sheet."""
    while True:
        digit = int(rng.integers(10))
        strokes = digit_strokes(digit, rng)
        if len(strokes) == 1:
            points = strokes[0][np.linspace(0, len(strokes[0]) - 1, POINTS).astype(int)]
            low, span = points.min(0), float(np.ptp(points, axis=0).max())
            return digit, 0.2 + 0.6 * (points - low) / span


async def draw_stroke(page: Page, points: np.ndarray) -> None:
    frame = await page.locator("canvas").last.bounding_box()
    if frame is None:
        raise RuntimeError("the canvas is not on the screen")
    path = [(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in points.tolist()]
    await page.mouse.move(*path[0])
    await page.mouse.down()
    for point in path[1:]:
        await page.mouse.move(*point)
    await page.mouse.up()


async def teach_at_page(page: Page, digit: int, accepted: int, seen: Seen) -> bool:
    """Add what is on the sheet, say what it is, train, and wait for the proof or the refusal: whether it was kept."""
    began = time.perf_counter()
    await page.locator(".st-key-add button").click()
    await page.get_by_test_id("tray").locator("img").first.wait_for()
    row_of_digits = page.locator(f"[data-row=tray{accepted}]")  # another one after each lesson
    await row_of_digits.get_by_text(str(digit), exact=True).click()
    refusal = page.get_by_text("Not kept, to protect")
    await page.locator(".st-key-train button").click()
    await refusal.wait_for(state="hidden")  # that of the lesson before
    await refusal.or_(page.locator(f"[data-row=tray{accepted + 1}]")).first.wait_for()
    refused = await refusal.count() > 0
    if refused:  # or the next lesson would teach it as another digit
        await page.locator(".st-key-delete_last button").click()
    seen.lessons.append((time.perf_counter() - began) * 1000)
    seen.accepted += not refused
    seen.refused += refused
    return not refused


async def attend(pupil: asyncio.Task[None], seen: Seen) -> None:
    try:
        await pupil
    except Exception as error:  # whatever goes wrong for a pupil is a result of this benchmark
        seen.errors.append(repr(error))


async def lesson(place: Place, pages: int, sockets: int, seconds: float) -> tuple[list[Seen], list[Seen]]:
    """The whole class for so long: what each pupil met, those at pages and those by WebSocket."""
    at_pages, by_sockets = [Seen() for _ in range(pages)], [Seen() for _ in range(sockets)]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program("chromium"), args=list(CHROMIUM_FLAGS))
        pupils = [at_page(browser, place, n, seconds, seen) for n, seen in enumerate(at_pages)]
        pupils += [by_socket(place, pages + n, seconds, seen) for n, seen in enumerate(by_sockets)]
        tasks = [asyncio.create_task(pupil) for pupil in pupils]
        await asyncio.gather(*map(attend, tasks, at_pages + by_sockets))
        await browser.close()
    return at_pages, by_sockets


def together(pupils: list[Seen], server: AppServer) -> Seen:
    """What these pupils met, as one."""
    seen = Seen(memory_mib=server.memory_mib(), cpu_s=server.cpu_s())
    for pupil in pupils:
        seen.strokes += pupil.strokes
        seen.lessons += pupil.lessons
        seen.errors += pupil.errors
        seen.accepted += pupil.accepted
        seen.refused += pupil.refused
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10, help="pupils with a real page")
    parser.add_argument("--sockets", type=int, default=20, help="pupils with a WebSocket")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--json", type=Path, help="write every single figure to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = AppServer(Path(folder) / "app")
        bare = AppServer(Path(folder) / "bare", script=SUBJECTS[1].script)
        store = Store(folder=app.data_dir)
        room, _ = store.rooms.open_ours("Class 4b", new_browser_id(), each=1, together=1)
        store.close()
        try:
            bare.start()
            app.start(ready=True)
            class_size = (options.pages, options.sockets, options.seconds)
            nothing = asyncio.run(lesson(Place(bare, "", echoed, SUBJECTS[1].shown), *class_size))
            pupils = asyncio.run(lesson(Place(app, room.code, answered, SUBJECTS[0].shown), *class_size))
            print(HEADINGS)
            slower = [compare(*groups, bare, app) for groups in zip(("pages", "sockets"), nothing, pupils, strict=True)]
        finally:
            app.stop()
            bare.stop()
        kept = len(Store(folder=app.data_dir).room(room.id).active().lesson_ids)
    everybody = [seen for group in pupils for seen in group]
    accepted, errors = (sum(seen.accepted for seen in everybody), [e for seen in everybody for e in seen.errors])
    print(f"pupils who taught: {sum(seen.accepted > 0 for seen in everybody)} of {len(everybody)}")
    print(f"lessons that pupils saw accepted: {accepted}; in the room's model after a restart: {kept}")
    print(f"errors: {len(errors)}", *errors[:3], sep="\n")
    if options.json:
        figures = {"bare": nothing, "app": pupils}
        results = {name: [[asdict(seen) for seen in group] for group in groups] for name, groups in figures.items()}
        options.json.write_text(json.dumps(results, indent=1))
    assert not errors and accepted == kept and all(seen.accepted for seen in everybody)
    assert max(slower) <= AT_MOST, f"a stroke takes {max(slower):.2f} times the bare page's"


def compare(name: str, nothing: list[Seen], pupils: list[Seen], bare: AppServer, app: AppServer) -> float:
    """Print a row for the bare page and one for the app; return the ratio of their 95th percentiles."""
    before, seen = together(nothing, bare), together(pupils, app)
    print(row(f"bare page, {name}", before))
    print(row(f"app, {name}", seen, before))
    return float(np.percentile(seen.strokes or [np.inf], 95) / np.percentile(before.strokes or [np.nan], 95))


if __name__ == "__main__":
    main()
