"""A hand at the page: strokes of our own making, drawn with a mouse or a finger, and what it then sees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from playwright.sync_api import FilePayload, Locator, Page, expect

from harness.processes import AppServer

Point = tuple[float, float]
Strokes = Sequence[Sequence[Point]]

PATIENCE_MS = 120_000  # a busy machine is slow
expect.set_options(timeout=PATIENCE_MS)

# In shares of a square, x to the right and y down.
DIGIT_STROKES: dict[int, Strokes] = {
    0: [[(0.5, 0.15), (0.33, 0.25), (0.27, 0.5), (0.33, 0.75), (0.5, 0.85), (0.67, 0.75), (0.73, 0.5), (0.67, 0.25),
         (0.5, 0.15)]],
    1: [[(0.5, 0.13), (0.5, 0.87)]],
    2: [[(0.28, 0.32), (0.36, 0.18), (0.52, 0.14), (0.66, 0.22), (0.66, 0.38), (0.5, 0.6), (0.28, 0.84), (0.74, 0.84)]],
    3: [[(0.3, 0.22), (0.46, 0.14), (0.62, 0.2), (0.65, 0.34), (0.46, 0.46), (0.66, 0.56), (0.69, 0.72), (0.52, 0.86),
         (0.3, 0.79)]],
    4: [[(0.42, 0.14), (0.26, 0.56), (0.74, 0.56)], [(0.62, 0.32), (0.6, 0.88)]],
    6: [[(0.6, 0.13), (0.4, 0.35), (0.31, 0.62), (0.4, 0.83), (0.6, 0.83), (0.67, 0.67), (0.55, 0.53), (0.36, 0.6)]],
    7: [[(0.25, 0.18), (0.72, 0.18), (0.58, 0.5), (0.46, 0.86)]],
}  # fmt: skip

# A 1 whose flag is so long that everybody reads a 7, and a 7 of the same hand, which has a bar.
FLAGGED_ONE: Strokes = [[(0.22, 0.27), (0.76, 0.13), (0.62, 0.87)]]
BARRED_SEVEN: Strokes = [[(0.22, 0.16), (0.75, 0.15), (0.45, 0.87)], [(0.35, 0.52), (0.72, 0.5)]]

# No digit at all until somebody says so: a house, that the model reads as something else.
HOUSE: Strokes = [
    [(0.25, 0.85), (0.25, 0.45), (0.5, 0.18), (0.75, 0.45), (0.75, 0.85), (0.25, 0.85)],
    [(0.25, 0.45), (0.75, 0.45)],
    [(0.45, 0.85), (0.45, 0.62), (0.58, 0.62), (0.58, 0.85)],
]


def open_app(page: Page, server: AppServer, path: str = "") -> None:
    """Open a page of the app and wait until it can be used."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{server.url}/{path}", timeout=PATIENCE_MS)
    if not path:
        sheet(page).wait_for()


def settle(page: Page) -> None:
    """Wait until the server has nothing more to show."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE_MS)


def sheet(page: Page) -> Locator:
    return page.get_by_test_id("canvas")


def placed(page: Page, strokes: Strokes, *, left: float = 0, width: float = 1, shift: float = 0) -> list[list[Point]]:
    """Strokes in pixels of the window: in a square as high as the sheet, or in the share [left, left + width] of it."""
    sheet(page).scroll_into_view_if_needed()
    if sheet(page).evaluate("sheet => sheet.getBoundingClientRect().top < 60"):  # under Streamlit's header
        sheet(page).evaluate("sheet => sheet.scrollIntoView({ block: 'center' })")
    frame = sheet(page).bounding_box()
    assert frame is not None
    side = frame["width"] * width
    top = frame["y"] + (frame["height"] - side) / 2
    return [[(frame["x"] + frame["width"] * left + (x + shift) * side, top + y * side) for x, y in s] for s in strokes]


def draw(page: Page, strokes: Strokes, *, left: float = 0, width: float = 1, shift: float = 0) -> None:
    """Draw with the mouse."""
    for (x, y), *rest in placed(page, strokes, left=left, width=width, shift=shift):
        page.mouse.move(x, y)
        page.mouse.down()
        for to in rest:
            page.mouse.move(*to, steps=6)
        page.mouse.up()


def touch(page: Page, strokes: Strokes, *, left: float = 0, width: float = 1, shift: float = 0) -> None:
    """Draw with a finger, by the browser's own touch events."""
    session = page.context.new_cdp_session(page)
    for first, *rest in placed(page, strokes, left=left, width=width, shift=shift):
        finger = [{"x": first[0], "y": first[1]}]
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": finger})
        before = first
        for to in rest:
            for step in range(1, 7):
                x, y = (a + (b - a) * step / 6 for a, b in zip(before, to, strict=True))
                session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
            before = to
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def reads(page: Page, digits: str) -> None:
    """Wait until the page says that it reads this."""
    expect(page.get_by_test_id("digit")).to_have_text(digits)


def holds(page: Page, drawings: int) -> None:
    """Wait until the tray holds so many drawings."""
    expect(page.get_by_test_id("tray").locator("img")).to_have_count(drawings)


def press(page: Page, key: str) -> None:
    """Click the button that the page gave this key."""
    page.locator(f".st-key-{key} button").click()


def give(page: Page, key: str, file: FilePayload | Path) -> None:
    """Click the button of this key, which asks for a file, and choose `file`."""
    with page.expect_file_chooser() as chooser:
        press(page, key)
    chooser.value.set_files(file)


def add(page: Page, strokes: Strokes, *, finger: bool = False, shift: float = 0) -> None:
    """Draw, wait for the answer, and add."""
    tray = page.get_by_test_id("tray").locator("img").count()
    (touch if finger else draw)(page, strokes, shift=shift)
    expect(page.get_by_test_id("digit")).not_to_have_text("?")
    press(page, "add")
    holds(page, tray + 1)


def turn_sheet(page: Page, wide: bool = True) -> None:
    """Turn to the wide sheet, for several digits, or back, by the switch among the options, which are closed then."""
    press(page, "options")
    page.locator(".st-key-several label").click()
    expect(page.locator(".st-key-several")).to_have_count(0)
    expect(sheet(page)).to_have_attribute("data-sheet", "840x420" if wide else "280x280")


def read_when_asked(page: Page) -> None:
    """Have drawings read by *Predict* only, not at each stroke."""
    press(page, "options")
    page.locator(".st-key-live label").click()
    settle(page)
    page.keyboard.press("Escape")


def choose_whose(page: Page, name: str) -> None:
    """Open the control that says whose model this is, and choose the one of this name."""
    control = page.locator("[class*='st-key-rooms'] button:visible").first  # on a phone a hidden one is there, too
    control.click()
    page.locator("[class*='st-key-whose'] button", has_text=name).click()
    expect(control).to_contain_text(name)
    settle(page)


def choose(page: Page, row: Literal["tray", "drawing", "picked"], digit: int) -> None:
    """Tap a digit in the row of digits, once that is about the tray, the drawing on the sheet, or the one picked."""
    page.locator(f"[data-row^={row}]").get_by_text(str(digit), exact=True).click()


def train(page: Page, truth: int) -> None:
    """Choose the ground truth and press Train."""
    choose(page, "tray", truth)
    press(page, "train")
