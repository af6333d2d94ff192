"""Every page, in both languages, light and dark, large and small: whole, and usable by everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from harness.hand import DIGIT_STROKES, PATIENCE_MS, add, draw, give, open_app, reads, settle, train, turn_sheet
from harness.paper import as_png, photograph
from harness.processes import AppServer
from tests.browser.test_worksheet import filled_in
from tests.conftest import StartServer, new_tab

PAGES = {"": "canvas", "inside": "img", "learned": "canvas, svg", "about": "h2"}
Scheme = Literal["light", "dark"]
LOOKS: dict[str, tuple[str, Scheme, ViewportSize]] = {
    "desk, light, English": ("en-GB", "light", {"width": 1280, "height": 800}),
    "phone, dark, Spanish": ("es-ES", "dark", {"width": 360, "height": 780}),
}
# What is being replaced fades, and has less contrast meanwhile; what turns for ever is no part of that.
AT_REST = """document.getAnimations().every(
    each => each.playState === "finished" || each.effect.getComputedTiming().endTime === Infinity)"""
SERIOUS = ("serious", "critical")


def press_options(page: Page) -> None:
    page.locator(".st-key-options button").click()
    page.locator(".st-key-file button").wait_for()


def pick_a_drawing(page: Page) -> None:
    add(page, DIGIT_STROKES[3])
    page.get_by_test_id("tray").get_by_role("button").click()
    page.locator("[data-row^=picked]").wait_for()


def write_a_number(page: Page) -> None:
    turn_sheet(page)
    draw(page, DIGIT_STROKES[2], left=0.1, width=0.22)
    draw(page, DIGIT_STROKES[6], left=0.5, width=0.22)
    reads(page, "26")


def give_a_photograph(page: Page) -> None:
    press_options(page)
    paper = photograph({(40, 20): 3, (230, 20): 7, (40, 220): 2}, rules=60)
    give(page, "file", {"name": "paper.png", "mimeType": "image/png", "buffer": as_png(paper)})
    page.get_by_test_id("photo").wait_for()
    page.keyboard.press("Escape")


def read_a_page(page: Page) -> None:
    give_a_photograph(page)
    settle(page)
    page.locator(".st-key-read_all button").click()
    reads(page, "37 2")


def give_a_worksheet(page: Page) -> None:
    press_options(page)
    give(page, "file", filled_in())
    page.get_by_test_id("grid").wait_for()
    page.keyboard.press("Escape")


def open_rooms(page: Page) -> None:
    """Open the control that says whose model this is."""
    page.locator("[class*='st-key-rooms'] button:visible").first.click()
    page.locator(".st-key-room_code").wait_for()


def open_a_room(page: Page) -> None:
    open_rooms(page)
    page.locator(".st-key-room_name input").fill("4.º B")
    page.keyboard.press("Enter")
    page.get_by_test_id("stCode").wait_for(timeout=PATIENCE_MS)


def see_the_proof(page: Page) -> None:
    add(page, DIGIT_STROKES[1])
    train(page, 1)
    page.locator(".st-key-proof").wait_for(timeout=PATIENCE_MS)


def see_the_refusal(page: Page) -> None:
    """Of the example that only a model of one's own learns: the page offers to teach it that."""
    page.locator(".st-key-example button").click(timeout=PATIENCE_MS)
    page.get_by_role("menuitem").last.click()
    page.locator(".st-key-train button").click()
    page.locator(".st-key-teach_own").wait_for(timeout=PATIENCE_MS)


def see_the_board(page: Page) -> None:
    """What hangs on the wall of a class in whose room something has been taught."""
    open_a_room(page)
    board = page.locator("a[href*='/board?room=']").get_attribute("href")
    page.keyboard.press("Escape")
    see_the_proof(page)
    page.goto(str(board), timeout=PATIENCE_MS)
    page.locator(".st-key-board_news img").first.wait_for()


def open_tab(number: int) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("tab").nth(number).click()


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "options": ("", press_options),
    "picked": ("", pick_a_drawing),
    "number": ("", write_a_number),
    "photograph": ("", give_a_photograph),
    "lines": ("", read_a_page),
    "worksheet": ("", give_a_worksheet),
    "rooms": ("", open_rooms),
    "a new room": ("", open_a_room),
    "proof": ("", see_the_proof),
    "refusal": ("", see_the_refusal),
    "board": ("", see_the_board),
    "lessons": ("learned", open_tab(1)),
    "files": ("learned", open_tab(2)),
}


def whole_and_accessible(page: Page) -> None:
    """Fails when the page is wider than its window, shows an error, or has what axe calls serious."""
    settle(page)
    page.wait_for_function(AT_REST)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page).response["violations"]
    assert [f"{v['id']}: {v['nodes'][0]['target']} {v['help']}" for v in found if v["impact"] in SERIOUS] == []


@pytest.fixture(scope="module", params=LOOKS)
def look(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    locale, scheme, size = LOOKS[request.param]
    with browser.new_context(locale=locale, color_scheme=scheme, viewport=size) as context:
        yield context


@pytest.fixture
def visitor(look: BrowserContext, server: AppServer) -> Iterator[Page]:
    """Somebody with one of the looks, on whose page no script may fail, nor ask another host for anything."""
    broken: list[str] = []
    asked: list[str] = []
    with new_tab(look) as page:
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("request", lambda request: asked.append(request.url.removeprefix("blob:")))
        page.on("websocket", lambda socket: asked.append(socket.url.replace("ws", "http", 1)))
        yield page
    assert broken == []
    assert any("/MaterialSymbols" in url for url in asked)  # icons, from the server itself
    assert [url for url in asked if not url.startswith((f"{server.url}/", "data:"))] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_accessible(visitor: Page, server: AppServer, path: str) -> None:
    open_app(visitor, server, path)
    if not path:
        draw(visitor, DIGIT_STROKES[3])
        reads(visitor, "3")
    visitor.locator(PAGES[path]).first.wait_for(timeout=PATIENCE_MS)
    whole_and_accessible(visitor)


@pytest.mark.parametrize("state", STATES)
def test_a_page_stays_whole_and_accessible(visitor: Page, server: AppServer, state: str) -> None:
    path, reach = STATES[state]
    open_app(visitor, server, path)
    settle(visitor)
    reach(visitor)
    whole_and_accessible(visitor)


def test_the_first_visitor_of_a_server_may_begin_on_any_page(page: Page, start_server: StartServer) -> None:
    open_app(page, start_server(), "about")
    expect(page.get_by_role("heading", name="About this app")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect(page.get_by_test_id("canvas")).to_be_visible()
