"""Draw, be read, correct, add, choose the digit, train, see the proof: all on the first screen, and nothing moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from harness.hand import (
    BARRED_SEVEN,
    HOUSE,
    PATIENCE_MS,
    add,
    choose,
    draw,
    holds,
    open_app,
    press,
    settle,
    turn_sheet,
)
from harness.processes import AppServer
from tests.conftest import new_tab

SCREENS: dict[str, ViewportSize] = {
    f"{width}x{height}": {"width": width, "height": height}
    for width, height in ((360, 740), (390, 844), (1366, 768), (1280, 800), (1920, 1080))
}
LOCALES = ("en-GB", "es-ES")
LOOP = {
    "tray": "[data-testid=tray]",
    "sheet": "[data-testid=canvas]",
    "answer": "[data-testid=digit]",
    "predict": ".st-key-predict",
    "add": ".st-key-add",
    "delete last": ".st-key-delete_last",
    "digits": ".st-key-digits [role=radio]:last-child",
    "train": ".st-key-train",
    "what came of the lesson": ".st-key-lesson",
}
LARGER_TYPE = "html { font-size: 20px !important }"  # what a browser does that is told to write larger: 16 is usual


@pytest.fixture(params=[(size, locale) for size in SCREENS for locale in LOCALES], ids="-".join)
def visitor(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    size, locale = request.param
    on_a_phone = SCREENS[size]["width"] < 640
    with (
        browser.new_context(
            viewport=SCREENS[size], locale=locale, has_touch=on_a_phone, is_mobile=on_a_phone
        ) as context,
        new_tab(context) as page,
    ):
        yield page


def places(page: Page) -> dict[str, tuple[float, float]]:
    """Where each part of the loop begins and ends, in pixels from the top of the window."""
    settle(page)
    frames = {part: page.locator(selector).first.bounding_box() for part, selector in LOOP.items()}
    return {part: (frame["y"], frame["y"] + frame["height"]) for part, frame in frames.items() if frame}


def starts(page: Page) -> dict[str, float]:
    """Where each part begins; what came of a lesson may be a line longer."""
    return {part: start for part, (start, _) in places(page).items()}


def below(page: Page) -> list[str]:
    """The parts of the loop that are not whole on the screen, or not there."""
    height, there = page.evaluate("window.innerHeight"), places(page)
    return [part for part in LOOP if part not in there or there[part][0] < 0 or there[part][1] > height]


def test_the_whole_loop_is_on_the_first_screen_and_nothing_moves(visitor: Page, server: AppServer) -> None:
    open_app(visitor, server)
    assert below(visitor) == []
    empty = starts(visitor)
    for n in range(8):
        add(visitor, HOUSE if n else BARRED_SEVEN)
    assert below(visitor) == []
    assert starts(visitor) == empty
    draw(visitor, HOUSE)
    expect(visitor.get_by_test_id("digit")).not_to_have_text("?")
    assert starts(visitor) == empty
    choose(visitor, "drawing", 4)
    holds(visitor, 9)
    visitor.get_by_test_id("tray").get_by_role("button").first.click()
    visitor.locator(".st-key-remove button").click()
    assert visitor.get_by_role("alert").all_inner_texts() == []
    press(visitor, "train")  # the drawings have no digit yet: a message, over what is empty
    expect(visitor.locator(".st-key-lesson [role=alert]")).to_be_visible()
    assert starts(visitor) == empty
    choose(visitor, "tray", 4)
    press(visitor, "train")
    visitor.locator(".st-key-undo").wait_for(timeout=PATIENCE_MS)
    after = starts(visitor)
    assert below(visitor) == []
    alert, undo = (visitor.locator(f"{part}").bounding_box() for part in (".st-key-lesson .stAlert", ".st-key-undo"))
    assert alert and undo
    assert max(alert["y"] + alert["height"], undo["y"] + undo["height"]) <= visitor.evaluate("window.innerHeight")
    message = "what came of the lesson"  # on a phone under the buttons, where there is room for it
    assert {**after, message: 0} == {**empty, message: 0}
    press(visitor, "undo")  # who comes next finds the model as it was
    expect(visitor.get_by_test_id("tray").locator("img")).to_have_count(8)
    settle(visitor)


@pytest.mark.parametrize("size", ["390x844", "1366x768"])
def test_larger_type_makes_the_sheet_smaller_and_keeps_the_loop(browser: Browser, server: AppServer, size: str) -> None:
    with (
        browser.new_context(viewport=SCREENS[size], locale="es-ES", contrast="more") as context,
        new_tab(context) as page,
    ):
        open_app(page, server)
        page.add_style_tag(content=LARGER_TYPE)
        assert below(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_keys_are_named_only_where_there_is_a_keyboard(page: Page, phone: Page, server: AppServer) -> None:
    open_app(page, server)
    expect(page.locator(".st-key-add kbd")).to_be_visible()
    open_app(phone, server)
    expect(phone.locator(".st-key-add kbd")).to_be_hidden()


def test_a_phone_shows_the_ways_to_all_pages(phone: Page, server: AppServer) -> None:
    open_app(phone, server)
    links = phone.locator(".st-key-pages a:visible")
    assert links.all_inner_texts() == ["Dibujar", "Por dentro", "Aprendido", "Acerca de"]
    for link in links.all():
        expect(link).to_be_in_viewport(ratio=1)
    phone.get_by_role("link", name="Por dentro").tap()
    expect(phone.get_by_role("heading", name="Dentro de la red")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("locale", LOCALES)
def test_on_the_smallest_phone_title_room_and_language_share_a_line(
    browser: Browser, server: AppServer, locale: str
) -> None:
    size = SCREENS["360x740"]
    with (
        browser.new_context(viewport=size, locale=locale, has_touch=True, is_mobile=True) as context,
        new_tab(context) as page,
    ):
        for path in ("", "inside", "learned", "about"):
            open_app(page, server, path)
            page.get_by_role("heading", level=1).wait_for()
            settle(page)
            parts = [
                page.locator(f".st-key-header {part}").first for part in ("h1", ".st-key-room", ".st-key-language")
            ]
            frames = [frame for part in parts if (frame := part.bounding_box())]
            assert len(frames) == 3
            assert max(frame["y"] for frame in frames) < min(frame["y"] + frame["height"] for frame in frames), path


def test_in_a_low_window_nothing_stands_on_the_bars(browser: Browser, server: AppServer) -> None:
    with browser.new_context(viewport={"width": 1080, "height": 640}) as context, new_tab(context) as page:
        open_app(page, server)
        caption, bars = (page.locator(part).bounding_box() for part in ("figcaption", ".bars"))
        assert caption and bars and caption["y"] + caption["height"] <= bars["y"]


def test_all_that_the_options_hold_is_to_be_seen(page: Page, server: AppServer) -> None:
    open_app(page, server)
    press(page, "options")
    for key in ("pen", "file", "worksheet_a4", "bring"):
        expect(page.locator(f".st-key-{key}")).to_be_in_viewport(ratio=1)


def test_beside_the_wide_sheet_too_train_stands_under_the_digits(page: Page, server: AppServer) -> None:
    open_app(page, server)
    turn_sheet(page)
    settle(page)
    digits, train = (page.locator(f".st-key-{key}").bounding_box() for key in ("digits", "train"))
    assert digits and train and abs(digits["x"] - train["x"]) < 2
