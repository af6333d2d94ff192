"""A stroke is answered before its page has run, and nothing depends on that."""

from __future__ import annotations

import json

from playwright.sync_api import Page, Route, WebSocketRoute, expect

from harness.hand import DIGIT_STROKES, choose, draw, holds, open_app, press, read_when_asked, reads, settle
from harness.processes import AppServer

STROKES = "**/strokes/*"
PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def test_the_answer_does_not_wait_for_the_page(page: Page, server: AppServer) -> None:
    held: list[bytes | str] = []
    sockets: list[WebSocketRoute] = []
    stalled = False

    def between(ours: WebSocketRoute) -> None:
        theirs = ours.connect_to_server()
        sockets.append(theirs)
        ours.on_message(lambda message: held.append(message) if stalled else theirs.send(message))

    page.route_web_socket("**/_stcore/stream", between)
    open_app(page, server)
    stalled = True
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    expect(page.locator("[data-row^=drawing]")).to_be_visible()  # and what is asked is about that
    expect(page.get_by_role("button", name="Undo stroke")).to_be_enabled()
    assert held
    stalled = False
    for message in held:
        sockets[-1].send(message)
    settle(page)
    reads(page, "7")
    press(page, "add")
    holds(page, 1)
    reads(page, "?")


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
