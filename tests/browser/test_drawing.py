"""Drawing in a real browser, on a desk and on a phone."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, FilePayload, Page, expect

from harness.hand import (
    DIGIT_STROKES,
    add,
    choose,
    draw,
    give,
    holds,
    open_app,
    press,
    read_when_asked,
    reads,
    settle,
    sheet,
    touch,
    turn_sheet,
)
from harness.processes import AppServer


def picture(digit: int = 3) -> bytes:
    """A photograph of sorts: dark ink on grey paper."""
    image = Image.new("RGB", (300, 240), (208, 205, 200))
    pen = ImageDraw.Draw(image)
    for stroke in DIGIT_STROKES[digit]:
        pen.line([(50 + 200 * x, 20 + 200 * y) for x, y in stroke], fill=(30, 30, 60), width=14, joint="curve")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


IMAGE: FilePayload = {"name": "three.png", "mimeType": "image/png", "buffer": picture(3)}
PARTS = ("tray", "canvas", "predict", "options", "answer", "digits", "train", "lesson")
CARRIED = """(() => {
    const data = new DataTransfer()
    data.items.add(new File([new Uint8Array(bytes)], "seven.png", { type: "image/png" }))
    return data
})()"""


def test_strokes_of_a_mouse_are_read(page: Page, server: AppServer) -> None:
    open_app(page, server)
    for digit in (3, 7, 2, 0):
        draw(page, DIGIT_STROKES[digit])
        reads(page, str(digit))
        page.get_by_role("button", name="Clear the sheet").click()
        reads(page, "?")


def test_strokes_of_a_finger_are_read_on_a_phone(phone: Page, server: AppServer) -> None:
    open_app(phone, server)
    touch(phone, DIGIT_STROKES[4])
    reads(phone, "4")
    expect(phone.get_by_test_id("bars")).to_be_hidden()
    phone.get_by_role("button", name="Puntuación de cada número").tap()
    expect(phone.get_by_test_id("bars")).to_be_visible()
    add(phone, DIGIT_STROKES[3], finger=True)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_tap_right_after_a_stroke_counts(phone: Page, server: AppServer) -> None:
    open_app(phone, server)
    undo = phone.get_by_role("button", name="Deshacer trazo")
    stored = "JSON.parse(sessionStorage.getItem('drawing:280x280')).length"
    for _ in range(12):
        touch(phone, DIGIT_STROKES[1])
        undo.tap()
        phone.wait_for_function(f"{stored} === 0")


def test_several_digits_are_written_with_a_finger(phone: Page, server: AppServer) -> None:
    open_app(phone, server)
    turn_sheet(phone)
    touch(phone, DIGIT_STROKES[2], left=0.1, width=0.22)
    touch(phone, DIGIT_STROKES[6], left=0.5, width=0.22)
    reads(phone, "26")


def test_no_stroke_is_lost_however_fast_the_next_one_comes(page: Page, server: AppServer) -> None:
    open_app(page, server)
    draw(page, [[(0.1 * n, 0.3), (0.1 * n, 0.7)] for n in range(1, 9)])
    stored = "JSON.parse(sessionStorage.getItem('drawing:280x280')).length"
    assert page.evaluate(stored) == 8
    press(page, "add")
    draw(page, DIGIT_STROKES[1])
    page.wait_for_function(f"{stored} === 1")  # what was added leaves the sheet when the server has it
    reads(page, "1")


@pytest.mark.parametrize("lost", [["pointerup"], ["pointerup", "lostpointercapture"]])
@pytest.mark.parametrize("visitor", ["page", "phone"])
def test_a_stroke_whose_end_is_lost_does_not_swallow_the_next(
    request: pytest.FixtureRequest, server: AppServer, visitor: str, lost: list[str]
) -> None:
    page: Page = request.getfixturevalue(visitor)
    open_app(page, server)
    swallow = "type => addEventListener(type, e => e.stopImmediatePropagation(), { capture: true, once: true })"
    page.evaluate(f"lost => lost.forEach({swallow})", lost)
    (draw if visitor == "page" else touch)(page, DIGIT_STROKES[4])
    reads(page, "4")
    ends = "JSON.parse(sessionStorage.getItem('drawing:280x280')).map(stroke => stroke.points.at(-1))"
    assert np.allclose(page.evaluate(ends), [[0.74 * 280, 0.56 * 280], [0.6 * 280, 0.88 * 280]], atol=2)


def test_strokes_can_be_undone_redone_and_cleared(page: Page, server: AppServer) -> None:
    open_app(page, server)
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    page.keyboard.press("Control+z")
    reads(page, "?")
    page.get_by_role("button", name="Redo stroke").click()
    reads(page, "7")
    page.keyboard.press("Delete")
    reads(page, "?")
    page.get_by_role("button", name="Undo stroke").click()
    reads(page, "7")


def test_everything_but_the_drawing_works_by_keyboard(page: Page, server: AppServer) -> None:
    open_app(page, server)
    read_when_asked(page)
    draw(page, DIGIT_STROKES[3])
    expect(page.get_by_role("button", name="Undo stroke")).to_be_enabled()
    page.keyboard.press("p")
    reads(page, "3")
    page.keyboard.press("a")
    holds(page, 1)
    page.keyboard.press("5")
    expect(page.locator("[data-row^=tray]").get_by_role("radio", name="5")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("d")
    holds(page, 0)
    page.keyboard.press("Control+z")  # the sheet is empty: nothing to undo
    draw(page, DIGIT_STROKES[3])
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Redo stroke")).to_be_enabled()
    page.keyboard.press("Control+y")
    page.keyboard.press("a")
    holds(page, 1)
    page.keyboard.press("3")
    expect(page.locator("[data-row^=tray]").get_by_role("radio", name="3")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("t")
    expect(page.locator(".st-key-proof")).to_be_visible()


def test_a_wrong_answer_is_corrected_by_one_tap(page: Page, server: AppServer) -> None:
    open_app(page, server)
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    choose(page, "drawing", 1)
    holds(page, 1)
    expect(page.get_by_test_id("tray").get_by_role("button", name="Drawing 1: 1")).to_be_visible()
    reads(page, "?")


def test_a_thumbnail_is_tapped_to_relabel_or_remove_it(page: Page, server: AppServer) -> None:
    open_app(page, server)
    add(page, DIGIT_STROKES[3])
    add(page, DIGIT_STROKES[7])
    page.get_by_test_id("tray").get_by_role("button").nth(1).click()
    choose(page, "picked", 7)
    expect(page.get_by_role("button", name="Drawing 2: 7")).to_be_visible()
    page.keyboard.press("4")
    expect(page.get_by_role("button", name="Drawing 2: 4")).to_be_visible()
    expect(page.locator("[data-row^=picked]").get_by_role("radio", name="4")).to_have_attribute("aria-checked", "true")
    press(page, "remove")
    holds(page, 1)


def test_a_tap_is_not_lost_when_the_page_is_renewed_in_the_middle_of_it(page: Page, server: AppServer) -> None:
    open_app(page, server)
    add(page, DIGIT_STROKES[3])
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    thumbnail = page.get_by_test_id("tray").get_by_role("button").first
    thumbnail.hover()
    page.mouse.down()
    page.keyboard.press("a")
    holds(page, 2)
    settle(page)
    page.mouse.up()
    expect(thumbnail).to_have_attribute("aria-pressed", "true")


def test_picking_a_drawing_leaves_the_sheet_and_the_focus_alone(page: Page, server: AppServer) -> None:
    open_app(page, server)
    add(page, DIGIT_STROKES[3])
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    thumbnail = page.get_by_test_id("tray").get_by_role("button").first
    thumbnail.focus()
    page.keyboard.press("Enter")
    expect(thumbnail).to_have_attribute("aria-pressed", "true")
    expect(thumbnail).to_be_focused()
    expect(page.get_by_role("button", name="Undo stroke")).to_be_enabled()
    reads(page, "7")


def test_a_reload_loses_neither_tray_nor_drawing(page: Page, server: AppServer) -> None:
    open_app(page, server)
    add(page, DIGIT_STROKES[3])
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    page.reload()
    holds(page, 1)
    reads(page, "7")
    assert "browser" not in page.url


def test_another_browser_sees_another_tray(page: Page, server: AppServer, browser: Browser) -> None:
    open_app(page, server)
    add(page, DIGIT_STROKES[3])
    stranger = browser.new_page()
    open_app(stranger, server)
    draw(stranger, DIGIT_STROKES[1])
    reads(stranger, "1")
    holds(stranger, 0)
    stranger.context.close()


def test_several_digits_on_a_wide_sheet(page: Page, server: AppServer) -> None:
    open_app(page, server)
    turn_sheet(page)
    for place, digit in enumerate((2, 0, 2, 6)):
        draw(page, DIGIT_STROKES[digit], left=0.03 + 0.24 * place, width=0.22)
    reads(page, "2026")
    expect(page.locator(".box")).to_have_count(4)
    press(page, "add")
    holds(page, 4)


def test_each_sheet_keeps_its_drawing(page: Page, server: AppServer) -> None:
    open_app(page, server)
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    turn_sheet(page)
    draw(page, DIGIT_STROKES[2], left=0.1, width=0.22)
    draw(page, DIGIT_STROKES[6], left=0.5, width=0.22)
    reads(page, "26")
    press(page, "add")
    holds(page, 2)
    turn_sheet(page, wide=False)
    reads(page, "7")
    press(page, "add")
    holds(page, 3)


def test_one_of_several_digits_is_corrected_and_the_others_added(page: Page, server: AppServer) -> None:
    open_app(page, server)
    turn_sheet(page)
    for place, digit in enumerate((2, 0, 6)):
        draw(page, DIGIT_STROKES[digit], left=0.03 + 0.24 * place, width=0.22)
    reads(page, "206")
    zero = page.get_by_test_id("seen").get_attribute("src")
    page.locator(".st-key-which").get_by_text("2: 0").click()
    expect(page.get_by_test_id("seen")).not_to_have_attribute("src", zero or "")
    choose(page, "drawing", 8)
    holds(page, 1)
    choose(page, "drawing", 9)
    expect(page.get_by_role("button", name="Drawing 1: 9")).to_be_visible()
    expect(page.locator(".st-key-which").get_by_text("2: 0 → 9")).to_be_visible()
    press(page, "add")
    holds(page, 3)
    expect(page.get_by_role("button", name="Drawing 1: 9")).to_be_visible()
    expect(page.get_by_role("button", name="no digit chosen")).to_have_count(2)


def test_inside_shows_one_of_several_digits(page: Page, server: AppServer) -> None:
    open_app(page, server)
    turn_sheet(page)
    draw(page, DIGIT_STROKES[2], left=0.1, width=0.22)
    draw(page, DIGIT_STROKES[6], left=0.5, width=0.22)
    reads(page, "26")
    page.get_by_role("link", name="Inside").click()
    expect(page.get_by_text("For the 2 (")).to_be_visible()
    page.get_by_text("2: 6").click()
    expect(page.get_by_text("For the 6 (")).to_be_visible()


def test_what_is_no_digit_is_said_to_be_none(page: Page, server: AppServer) -> None:
    open_app(page, server)
    draw(page, [[(0.15 + 0.07 * n, 0.2 if n % 2 else 0.8) for n in range(11)], [(0.1, 0.5), (0.9, 0.5)]])
    expect(page.get_by_text("This does not look like a digit").first).to_be_visible()


def test_a_wider_pen_writes_wider(page: Page, server: AppServer) -> None:
    with page.expect_websocket() as opened:
        open_app(page, server)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("slider").wait_for()
    settle(page)
    with opened.value.expect_event("framesent"):  # a slider waits a moment for what else it is told
        page.get_by_role("slider").press("End")
    settle(page)
    page.keyboard.press("Escape")
    draw(page, DIGIT_STROKES[1])
    reads(page, "1")
    assert page.evaluate("JSON.parse(sessionStorage.getItem('drawing:280x280'))[0].width") == 40


def test_nothing_moves_when_an_answer_comes(page: Page, server: AppServer) -> None:
    open_app(page, server)
    settle(page)
    before = [page.locator(f".st-key-{key}").bounding_box() for key in PARTS]
    draw(page, DIGIT_STROKES[3])
    reads(page, "3")
    settle(page)
    assert [page.locator(f".st-key-{key}").bounding_box() for key in PARTS] == before


def test_a_language_chosen_on_the_page_stays_after_a_reload(page: Page, server: AppServer) -> None:
    open_app(page, server)
    page.get_by_text("Español").click()
    expect(page.get_by_role("heading", name="Dibuja un número")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.reload()
    expect(page.get_by_role("button", name="Predecir")).to_be_visible()
    expect(page.get_by_role("heading", name="Dibuja un número")).to_be_visible()
    expect(page.get_by_role("link", name="Por dentro")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_an_image_file_is_read(page: Page, server: AppServer) -> None:
    open_app(page, server)
    page.get_by_role("button", name="Options").click()
    give(page, "file", IMAGE)
    reads(page, "3")
    expect(page.locator(".st-key-file")).to_have_count(0)  # the options are closed
    page.get_by_role("button", name="Options").click()
    give(page, "file", {"name": "notes.png", "mimeType": "image/png", "buffer": b"not an image"})
    expect(page.get_by_text("That is not an image this page can read")).to_be_visible()
    reads(page, "3")


def test_the_camera_of_a_phone_is_asked_for_a_photograph(phone: Page, server: AppServer) -> None:
    open_app(phone, server)
    phone.get_by_role("button", name="Opciones").click()
    expect(phone.locator(".st-key-photo input")).to_have_attribute("capture", "environment")
    give(phone, "photo", IMAGE)
    reads(phone, "3")


def test_a_desk_has_no_button_for_a_camera(page: Page, server: AppServer) -> None:
    open_app(page, server)
    page.get_by_role("button", name="Options").click()
    expect(page.locator(".st-key-file button")).to_be_visible()
    expect(page.locator(".st-key-photo button")).to_be_hidden()


def test_a_pasted_image_is_read(page: Page, server: AppServer) -> None:
    open_app(page, server)
    page.evaluate(
        f"""bytes => document.dispatchEvent(
            new ClipboardEvent("paste", {{ clipboardData: {CARRIED}, bubbles: true }})
        )""",
        list(picture(7)),
    )
    reads(page, "7")


def test_an_image_dropped_on_the_sheet_is_read(page: Page, server: AppServer) -> None:
    open_app(page, server)
    drop = f"""(sheet, bytes) => sheet.dispatchEvent(
        new DragEvent("drop", {{ dataTransfer: {CARRIED}, bubbles: true, composed: true, cancelable: true }})
    )"""
    draw(page, DIGIT_STROKES[4])
    reads(page, "4")
    assert not sheet(page).evaluate(drop, list(picture(7)))  # or the browser would show the file instead of the page
    reads(page, "7")
    press(page, "add")
    holds(page, 1)
    reads(page, "?")  # the drawing that was there before has gone


def test_an_answer_is_announced_once_to_a_screen_reader(page: Page, server: AppServer) -> None:
    open_app(page, server)
    draw(page, DIGIT_STROKES[3])
    reads(page, "3")
    expect(page.get_by_role("status").filter(has_text="3")).to_have_text(re.compile(r"^3\. .+"))


@pytest.mark.parametrize("width", [360, 1920])
def test_the_sheet_fits_small_and_large_windows(page: Page, server: AppServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_app(page, server)
    frame = sheet(page).bounding_box()
    assert frame is not None
    assert np.isclose(frame["width"], frame["height"], atol=2)
    assert 0.3 * width < frame["width"] + 100 < width + 100
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
