"""A stroke is answered before its page has heard of it, and nothing depends on that."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from harness.hand import (
    DIGIT_STROKES,
    HOUSE,
    PATIENCE_MS,
    add,
    choose,
    draw,
    holds,
    open_app,
    press,
    read_when_asked,
    reads,
    settle,
    sheet,
    turn_sheet,
)
from harness.processes import AppServer

STROKES = "**/strokes/*"
PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Hearing:
    """What the server hears by the page's WebSocket. What is `held` waits until `go_on`."""

    def __init__(self, page: Page) -> None:
        self.heard: list[bytes | str] = []
        self.waiting: list[bytes | str] = []
        self.held: Callable[[bytes], bool] = lambda _: False
        page.route_web_socket("**/_stcore/stream", self._between)

    def _between(self, ours: WebSocketRoute) -> None:
        self._page = ours
        self._server = ours.connect_to_server()
        ours.on_message(self._take)

    def _take(self, message: bytes | str) -> None:
        if isinstance(message, bytes) and self.held(message):
            self.waiting.append(message)
        else:
            self.heard.append(message)
            self._server.send(message)

    def lose(self) -> None:
        """End the connection; the page makes another one."""
        self._page.close()

    def wait_for_a_run(self, page: Page) -> None:
        """Wait until the page has asked for a run."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while not self.heard:
            assert time.monotonic() < end, "the page has said nothing"
            page.evaluate("new Promise(requestAnimationFrame)")
        settle(page)

    def go_on(self) -> None:
        self.held = lambda _: False
        for message in self.waiting:
            self._server.send(message)


def draw_the_first(page: Page, hearing: Hearing) -> None:
    """The first drawing after a page was run is told at once. Draw one, and clear the sheet."""
    settle(page)
    hearing.heard.clear()
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    hearing.wait_for_a_run(page)
    page.get_by_role("button", name="Clear the sheet").click()
    reads(page, "?")
    settle(page)


def test_a_digit_is_drawn_and_taken_back_before_the_page_hears_of_it(page: Page, server: AppServer) -> None:
    hearing = Hearing(page)
    open_app(page, server)
    draw_the_first(page, hearing)
    hearing.heard.clear()
    for clear in ("Clear the sheet", "Undo stroke"):
        draw(page, DIGIT_STROKES[7])
        reads(page, "7")
        expect(page.locator("[data-row^=drawing]")).to_be_visible()  # and what is asked is about that
        page.get_by_role("button", name=clear).click()
        reads(page, "?")
        expect(page.locator("[data-row^=tray]")).to_be_visible()
        expect(page.locator(".verdict")).to_have_text("Ready when you are")
    draw(page, DIGIT_STROKES[7])
    page.keyboard.press("Control+z")
    reads(page, "?")
    draw(page, DIGIT_STROKES[7])
    page.keyboard.press("Delete")
    reads(page, "?")
    draw(page, DIGIT_STROKES[4])
    reads(page, "4")
    assert hearing.heard == []
    press(page, "add")
    holds(page, 1)
    reads(page, "?")
    assert hearing.heard
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    press(page, "predict")
    settle(page)
    page.get_by_role("button", name="Clear the sheet").click()  # of which the page has heard by now
    reads(page, "?")
    press(page, "add")
    expect(page.get_by_text("there is no drawing to add")).to_be_visible()


def test_the_wide_sheet_is_answered_before_its_page_has_run(page: Page, server: AppServer) -> None:
    hearing = Hearing(page)
    open_app(page, server)
    turn_sheet(page)
    settle(page)
    hearing.held = lambda _: True
    draw(page, DIGIT_STROKES[7], left=0.4, width=0.22)
    reads(page, "7")
    expect(page.locator(".box")).to_have_count(0)
    hearing.go_on()
    expect(page.locator(".box")).to_have_count(1)  # which is the page's


def test_what_is_pressed_knows_of_the_drawing(page: Page, server: AppServer) -> None:
    """Each of these comes in one message with the stroke, and may be about another part of the page."""
    hearing = Hearing(page)
    open_app(page, server)
    draw_the_first(page, hearing)
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    press(page, "options")
    page.locator(".st-key-several").wait_for()
    page.keyboard.press("Escape")
    draw(page, DIGIT_STROKES[7])
    page.locator("[class*='st-key-rooms'] button:visible").first.click()
    page.locator("[class*='st-key-whose']").wait_for()
    page.keyboard.press("Escape")
    draw(page, DIGIT_STROKES[7])
    page.get_by_text("Español", exact=True).click()
    expect(page.locator("h1")).to_have_text("Dibuja un número")
    reads(page, "7")
    page.get_by_role("button", name="Limpiar la hoja").click()
    reads(page, "?")
    draw(page, DIGIT_STROKES[4])
    reads(page, "4")
    page.locator(".st-key-pages").get_by_role("link", name="Por dentro").click()
    expect(page.get_by_test_id("stImage").first).to_be_visible()
    expect(page.get_by_text("Aún no hay ningún dibujo")).to_have_count(0)


def test_the_way_back_in_the_browser_takes_the_drawing_along(page: Page, server: AppServer) -> None:
    hearing = Hearing(page)
    open_app(page, server)
    link = page.locator(".st-key-pages").get_by_role("link")
    link.nth(1).click()
    expect(page.get_by_test_id("canvas")).to_have_count(0)
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    link.nth(0).click()
    draw_the_first(page, hearing)
    draw(page, DIGIT_STROKES[4])
    reads(page, "4")
    page.go_back()
    expect(page.get_by_test_id("canvas")).to_have_count(0)
    expect(page.get_by_text("For the 4 (").first).to_be_visible()


@pytest.mark.parametrize("how", ["mouse", "key", "program that reads the screen"])
def test_a_link_leads_to_the_page_inside_the_network_and_back_to_the_drawing(
    page: Page, server: AppServer, how: str
) -> None:
    hearing = Hearing(page)
    open_app(page, server)
    draw_the_first(page, hearing)
    link = page.locator(".st-key-pages").get_by_role("link")
    for digit in (4, 7):
        draw(page, DIGIT_STROKES[digit])
        reads(page, str(digit))
        if how == "mouse":
            link.nth(1).click()
        elif how == "key":
            link.nth(1).press("Enter")
        else:
            link.nth(1).dispatch_event("click")
        expect(page.get_by_text(f"For the {digit} (").first).to_be_visible()
        link.nth(0).click()
        reads(page, str(digit))
        page.get_by_role("button", name="Clear the sheet").click()


def test_what_was_cleared_is_not_explained_on_another_page(page: Page, server: AppServer) -> None:
    hearing = Hearing(page)
    open_app(page, server)
    draw_the_first(page, hearing)
    draw(page, DIGIT_STROKES[4])
    reads(page, "4")
    with page.expect_response(STROKES):
        page.get_by_role("button", name="Clear the sheet").click()
    page.locator(".st-key-pages").get_by_role("link").nth(1).click()
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()


def test_a_drawing_is_there_after_a_lost_connection(page: Page, server: AppServer) -> None:
    hearing = Hearing(page)
    open_app(page, server)
    draw_the_first(page, hearing)
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    hearing.heard.clear()
    hearing.lose()
    hearing.wait_for_a_run(page)
    press(page, "add")
    holds(page, 1)
    reads(page, "?")


def test_what_leaves_the_sheet_takes_along_what_was_said_of_it_meanwhile(page: Page, server: AppServer) -> None:
    hearing = Hearing(page)
    open_app(page, server)
    draw_the_first(page, hearing)
    draw(page, DIGIT_STROKES[4])
    reads(page, "4")
    hearing.held = lambda _: True  # the server is busy
    press(page, "add")
    with page.expect_response(STROKES):
        page.get_by_role("button", name="Undo stroke").click()
    hearing.go_on()
    holds(page, 1)
    reads(page, "?")
    press(page, "add")
    expect(page.get_by_text("there is no drawing to add")).to_be_visible()


def test_what_was_said_before_a_stroke_goes_with_it(page: Page, server: AppServer) -> None:
    open_app(page, server)
    press(page, "add")
    said = page.locator(".st-key-notice [role=alert]")
    expect(said).to_be_visible()
    draw(page, DIGIT_STROKES[7])
    expect(said).to_have_count(0)
    reads(page, "7")


def test_a_drawing_is_read_again_when_its_model_has_learned(page: Page, server: AppServer) -> None:
    def answer(route: Route) -> None:
        at = json.loads(route.request.post_data or "")["at"]
        route.fulfill(json={"at": at, "answer": "8", "state": "read", "scores": [], "labels": {}})

    hearing = Hearing(page)
    hearing.held = lambda message: b"lesson_timer" in message  # the page does not see that the lesson is over
    open_app(page, server, "?room=mine")
    sheet(page).wait_for()
    for shift in (-0.02, 0, 0.02):
        add(page, HOUSE, shift=shift)
    choose(page, "tray", 4)
    press(page, "train")
    page.locator(".st-key-lesson [role=progressbar]").wait_for()
    page.route(STROKES, answer)
    draw(page, HOUSE)
    reads(page, "8")
    hearing.go_on()
    page.locator(".st-key-undo").wait_for()
    reads(page, "4")


def test_a_click_is_about_the_stroke_before_it_though_the_page_has_not_heard_of_that(
    page: Page, server: AppServer
) -> None:
    open_app(page, server)
    page.route(STROKES, lambda _: None)  # never answered
    for number, act in enumerate((lambda: press(page, "add"), lambda: page.keyboard.press("a")), start=1):
        draw(page, DIGIT_STROKES[7])
        act()
        holds(page, number)
    draw(page, DIGIT_STROKES[7])
    page.keyboard.press("7")
    expect(page.get_by_test_id("tray").get_by_role("button", name="Drawing 3: 7")).to_be_visible()
    draw(page, DIGIT_STROKES[3])
    reads(page, "3")  # by the page


def test_where_there_are_no_early_answers_the_page_answers_and_nobody_asks_again(page: Page, server: AppServer) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404)

    open_app(page, server)
    page.route(STROKES, refuse)
    for digit in (7, 3):
        draw(page, DIGIT_STROKES[digit])
        reads(page, str(digit))
        page.get_by_role("button", name="Clear the sheet").click()
        reads(page, "?")
    assert len(asked) == 1


def test_an_early_answer_that_is_late_is_not_painted_over_a_newer_one(page: Page, server: AppServer) -> None:
    late: list[Route] = []
    open_app(page, server)
    page.route(STROKES, lambda route: late.append(route) if not late else route.continue_())
    first, *others = DIGIT_STROKES[4]
    draw(page, [first])
    draw(page, others)
    reads(page, "4")
    settle(page)
    with page.expect_response(STROKES):
        late[0].continue_()
    page.evaluate(PAINTED)
    reads(page, "4")


def test_an_early_answer_that_is_late_is_not_painted_over_the_empty_sheet(page: Page, server: AppServer) -> None:
    late: list[Route] = []
    open_app(page, server)
    page.route(STROKES, lambda route: late.append(route))
    draw(page, DIGIT_STROKES[7])
    press(page, "add")
    holds(page, 1)
    reads(page, "?")
    assert late
    for route in late:
        at = json.loads(route.request.post_data or "")["at"]
        with page.expect_response(STROKES):
            route.fulfill(json={"at": at, "answer": "7", "state": "read", "scores": [], "labels": {}})
    page.evaluate(PAINTED)
    reads(page, "?")
    expect(page.locator("[data-row^=tray]")).to_be_visible()


def test_a_digit_is_tapped_as_soon_as_the_answer_is_there(page: Page, server: AppServer) -> None:
    open_app(page, server)
    draw(page, DIGIT_STROKES[7])
    choose(page, "drawing", 1)
    expect(page.get_by_test_id("tray").get_by_role("button", name="Drawing 1: 1")).to_be_visible()
    reads(page, "?")


def test_drawings_that_are_read_only_when_asked_have_no_early_answers(page: Page, server: AppServer) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/strokes/" in request.url else None)
    open_app(page, server)
    read_when_asked(page)
    draw(page, DIGIT_STROKES[3])
    expect(page.get_by_role("button", name="Undo stroke")).to_be_enabled()
    press(page, "predict")
    reads(page, "3")
    assert not asked
