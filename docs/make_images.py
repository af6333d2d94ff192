"""The README's pictures, made with the app as it is: `python -m docs.make_images [--all FOLDER]`.

`--all` also photographs every page, on five screens, light and dark, in both languages, to be looked at.
"""

from __future__ import annotations

import argparse
import io
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from harness.hand import PATIENCE_MS, choose, holds, press
from harness.processes import AppServer, chromium

IMAGES = Path(__file__).parent / "images"
PAGES = ("draw", "inside", "learned", "about", "board")
SCREENS = {
    "small-phone": (360, 740),
    "phone": (390, 844),
    "laptop": (1366, 768),
    "desktop": (1280, 800),
    "projector": (1920, 1080),
}

Stroke = Sequence[tuple[float, float]]  # points as shares of the sheet's sides
FIVE: Sequence[Stroke] = (
    ((0.68, 0.22), (0.38, 0.22), (0.36, 0.46), (0.5, 0.42), (0.65, 0.5), (0.66, 0.66), (0.54, 0.78), (0.34, 0.74)),
)
# The eight of the Arabic-Indic digits, which MNIST has never seen.
ODD: Sequence[Stroke] = (((0.25, 0.8), (0.38, 0.48), (0.5, 0.2), (0.62, 0.5), (0.75, 0.8)),)
ODD_DIGIT = 8


def by_hand(strokes: Sequence[Stroke], seed: int) -> list[list[tuple[float, float]]]:
    """The same shape written once more: a little moved, stretched and shaken."""
    rng = np.random.default_rng(seed)
    stretch, shift = rng.uniform(0.85, 1.1, 2), rng.uniform(-0.05, 0.05, 2)
    moved = [
        (np.array(stroke) - 0.5) * stretch + 0.5 + shift + rng.normal(0, 0.008, (len(stroke), 2)) for stroke in strokes
    ]
    return [[(float(x), float(y)) for x, y in stroke.clip(0.06, 0.94)] for stroke in moved]


def visit(browser: Browser, url: str, *, device: str = "desktop", dark: bool = False, locale: str = "en-GB") -> Page:
    """Open the app as a new visitor and wait until it can be drawn on."""
    width, height = SCREENS[device]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if "phone" in device else 1,
        has_touch="phone" in device,
        is_mobile="phone" in device,
        color_scheme="dark" if dark else "light",
        locale=locale,
    )
    page = context.new_page()
    page.goto(url)
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait until nothing runs on the server and nothing moves on the screen."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(600)


def draw(page: Page, strokes: Sequence[Stroke], frames: list[bytes] | None = None) -> None:
    """Draw on the sheet; with `frames`, photograph each stroke on the way."""
    frame = page.locator("canvas").bounding_box()
    assert frame is not None
    for stroke in strokes:
        path = [(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in stroke]
        page.mouse.move(*path[0])
        page.mouse.down()
        for n, point in enumerate(path[1:]):
            page.mouse.move(*point, steps=6)
            if frames is not None and n % 3 == 2:
                frames.append(page.screenshot())
        page.mouse.up()
    expect(page.get_by_test_id("digit")).not_to_have_text("?")
    settle(page)


def film(browser: Browser, url: str, file: Path) -> None:
    """Draw, wrong, teach, right, as a small GIF."""
    context = browser.new_context(viewport={"width": 1080, "height": 640}, locale="en-GB")
    page = context.new_page()
    page.goto(url)
    settle(page)
    frames = [(page.screenshot(), 900)]

    def show(milliseconds: int) -> None:
        frames.append((page.screenshot(), milliseconds))

    moving: list[bytes] = []
    draw(page, by_hand(ODD, 0), moving)
    frames += [(picture, 120) for picture in moving]
    show(1800)
    for n in range(1, 6):
        choose(page, "drawing", ODD_DIGIT)
        holds(page, n)
        settle(page)
        show(350)
        if n < 5:
            draw(page, by_hand(ODD, n))
            show(350)
    press(page, "train")
    for _ in range(3):
        page.wait_for_timeout(150)
        show(150)
    page.wait_for_selector(".st-key-proof", timeout=3 * PATIENCE_MS)
    settle(page)
    show(2200)
    moving.clear()
    draw(page, by_hand(ODD, 9), moving)
    frames += [(picture, 120) for picture in moving]
    show(3000)
    context.close()
    pictures = [Image.open(io.BytesIO(picture)).convert("RGB").resize((756, 448)) for picture, _ in frames]
    palette = pictures[-1].quantize(128)
    flat = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    flat[0].save(
        file, save_all=True, append_images=flat[1:], duration=[time for _, time in frames], loop=0, optimize=True
    )


def photograph(page: Page, file: Path) -> None:
    """A PNG with a palette: a third of the size, and no difference that can be seen."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(128).save(file, optimize=True)


def photograph_all(browser: Browser, url: str, folder: Path) -> None:
    """The first screen of every page in every way, with a digit drawn; `film` has taught a lesson before."""
    folder.mkdir(parents=True, exist_ok=True)
    for device, dark, locale, name in itertools.product(SCREENS, (False, True), ("en-GB", "es-ES"), PAGES):
        page = visit(browser, url, device=device, dark=dark, locale=locale)
        draw(page, FIVE)
        if name == "board":  # no page leads to it but the control of a room
            page.goto(f"{url}/board")
            page.locator(".st-key-board_news img").first.wait_for()
        elif name != "draw":
            page.locator(f".st-key-pages a[href$='{name}']").click()
            page.wait_for_timeout(1500)
        settle(page)
        shade = "dark" if dark else "light"
        page.screenshot(path=folder / f"{name}-{device}-{shade}-{locale[:2]}.png")
        page.context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="also photograph every page in every way")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        server = AppServer(Path(folder)).start(ready=True)
        try:
            IMAGES.mkdir(exist_ok=True)
            film(browser, server.url, IMAGES / "teach.gif")
            for name, device, dark, locale in (
                ("draw", "desktop", False, "en-GB"),
                ("draw-dark-phone", "phone", True, "es-ES"),
            ):
                page = visit(browser, server.url, device=device, dark=dark, locale=locale)
                draw(page, FIVE)
                photograph(page, IMAGES / f"{name}.png")
                page.context.close()
            if options.all:
                photograph_all(browser, server.url, options.all)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
