"""A photograph in a real browser: chosen of by a finger, a mouse and a keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from harness.hand import (
    DIGIT_STROKES,
    choose,
    draw,
    give,
    holds,
    open_app,
    press,
    reads,
    settle,
    sheet,
    turn_sheet,
)
from harness.paper import as_png, photograph
from harness.processes import AppServer
from tests.conftest import PHONE

WORDS = {"en-GB": ("Digit", "Read them all"), "es-ES": ("Número", "Leerlos todos")}


def file_of(digits: dict[tuple[float, float], int]) -> FilePayload:
    return {"name": "paper.png", "mimeType": "image/png", "buffer": as_png(photograph(digits))}


ROW = file_of({(40, 120): 3, (230, 120): 7, (420, 120): 2})
LINES = file_of({(40, 20): 3, (230, 20): 7, (40, 220): 2, (230, 220): 6, (420, 220): 4})


def give_photo(page: Page, file: FilePayload) -> None:
    press(page, "options")
    give(page, "file", file)
    expect(photo(page)).to_be_visible()
    expect(page.locator(".st-key-file")).to_have_count(0)
    settle(page)


def photo(page: Page) -> Locator:
    return page.get_by_test_id("photo")


def digit(page: Page, place: int, locale: str = "en-GB") -> Locator:
    return photo(page).get_by_role("button", name=f"{WORDS[locale][0]} {place}:")


def middle(box: Locator) -> tuple[float, float]:
    box.evaluate("box => box.scrollIntoView({ block: 'center' })")  # wherever the page is
    frame = box.bounding_box()
    assert frame is not None
    return frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2


@pytest.fixture(params=WORDS)
def traveller(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, str]]:
    """Somebody with a phone and a finger, in either language, on whose page no script may fail."""
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2, locale=request.param
    )
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page, request.param
    context.close()
    assert broken == []


def test_a_photograph_is_chosen_of_added_and_taught_by_a_finger(traveller: tuple[Page, str], server: AppServer) -> None:
    page, locale = traveller
    open_app(page, server)
    give_photo(page, ROW)
    expect(digit(page, 1, locale)).to_have_attribute("aria-pressed", "true")
    seven = photo(page).get_by_role("button", name=": 7,")
    page.touchscreen.tap(*middle(seven))
    reads(page, "7")
    expect(seven).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name=WORDS[locale][1]).tap()
    reads(page, "372")
    settle(page)  # the boxes come after the answer
    page.touchscreen.tap(*middle(digit(page, 3, locale)))
    reads(page, "2")
    press(page, "add")
    holds(page, 1)
    reads(page, "372")
    press(page, "add")
    holds(page, 3)
    expect(sheet(page)).to_be_visible()
    for place, name in enumerate((2, 3, 7)):
        thumbnail = page.get_by_test_id("tray").get_by_role("button").nth(place)
        thumbnail.tap()
        expect(thumbnail).to_have_attribute("aria-pressed", "true")
        settle(page)  # the row of digits is this drawing's, and no longer the last one's
        choose(page, "picked", name)
        expect(thumbnail).to_have_text(str(name))
        thumbnail.tap()
    press(page, "train")
    expect(page.locator(".st-key-proof")).to_be_visible()
    holds(page, 0)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_lines_and_digits_are_buttons_for_a_keyboard(page: Page, server: AppServer) -> None:
    open_app(page, server)
    turn_sheet(page)
    give_photo(page, LINES)
    reads(page, "37 264")
    line = photo(page).get_by_role("button", name="Line 2: 264")
    line.press("Enter")
    reads(page, "264")
    expect(line).to_be_focused()
    digit(page, 4).press("Space")
    reads(page, "6")
    digit(page, 4).press("Space")
    reads(page, "37 264")


def test_a_drag_cuts_out_a_part_and_a_button_brings_the_whole_back(page: Page, server: AppServer) -> None:
    open_app(page, server)
    turn_sheet(page)
    give_photo(page, ROW)
    reads(page, "372")
    drag_around_the_last_two(page)
    reads(page, "72")
    page.get_by_role("button", name="The whole picture").click()
    reads(page, "372")


def drag_around_the_last_two(page: Page) -> None:
    photo(page).scroll_into_view_if_needed()
    frame = photo(page).bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + 0.36 * frame["width"], frame["y"] + 0.2 * frame["height"])
    page.mouse.down()
    page.mouse.move(frame["x"] + 0.99 * frame["width"], frame["y"] + 0.9 * frame["height"], steps=4)
    page.mouse.up()


@pytest.mark.parametrize(("lost", "read"), [(["pointerup"], "72"), (["pointerup", "lostpointercapture"], "372")])
def test_a_drag_whose_end_is_lost_does_not_follow_a_mouse_that_hovers(
    page: Page, server: AppServer, lost: list[str], read: str
) -> None:
    open_app(page, server)
    turn_sheet(page)
    give_photo(page, ROW)
    reads(page, "372")
    swallow = "type => addEventListener(type, e => e.stopImmediatePropagation(), { capture: true, once: true })"
    page.evaluate(f"lost => lost.forEach({swallow})", lost)
    drag_around_the_last_two(page)
    page.mouse.move(*middle(photo(page)))
    expect(page.get_by_role("application", name="Cut out a part")).to_be_hidden()
    reads(page, read)


@pytest.mark.parametrize(("locale", "cut"), [("en-GB", "Cut out a part"), ("es-ES", "Recortar una parte")])
def test_a_keyboard_cuts_out_a_part_too(browser: Browser, server: AppServer, locale: str, cut: str) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    open_app(page, server)
    turn_sheet(page)
    give_photo(page, ROW)
    reads(page, "372")
    button, frame = page.get_by_role("button", name=cut), page.get_by_role("application", name=cut)
    button.press("Enter")
    expect(frame).to_be_focused()
    expect(button).to_have_attribute("aria-pressed", "true")
    frame.press("Escape")
    expect(frame).to_be_hidden()
    expect(button).to_be_focused()
    button.press("Enter")
    for _ in range(10):
        frame.press("ArrowRight")
    for _ in range(4):
        frame.press("ArrowLeft")
    for key in ("Shift+ArrowRight", "ArrowUp", "Shift+ArrowDown"):
        for _ in range(8):
            frame.press(key)
    frame.press("Enter")
    reads(page, "72")
    expect(frame).to_be_hidden()
    context.close()


def test_a_photograph_gives_way_to_the_sheet_as_it_was(page: Page, server: AppServer) -> None:
    open_app(page, server)
    turn_sheet(page)
    draw(page, DIGIT_STROKES[4], left=0.3, width=0.3)
    reads(page, "4")
    turn_sheet(page, wide=False)
    give_photo(page, ROW)
    press(page, "read_all")  # turns to the sheet on which the 4 is, and must not read that
    reads(page, "372")
    page.keyboard.press("Delete")
    expect(photo(page)).to_have_count(0)
    expect(sheet(page)).to_be_visible()


def test_another_picture_can_be_dropped_on_a_photograph(page: Page, server: AppServer) -> None:
    open_app(page, server)
    give_photo(page, ROW)
    drop = """(photo, bytes) => {
        const data = new DataTransfer()
        data.items.add(new File([new Uint8Array(bytes)], "four.png", { type: "image/png" }))
        return photo.dispatchEvent(new DragEvent("drop",
            { dataTransfer: data, bubbles: true, composed: true, cancelable: true }))
    }"""
    assert not photo(page).evaluate(drop, list(as_png(photograph({(230, 120): 4}))))
    reads(page, "4")
    page.get_by_role("button", name="Put the picture away").click()
    reads(page, "?")
