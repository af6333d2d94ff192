"""A page that is loaded again at any moment is whole, with its tray: a hundred times, at moments drawn by lot."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from harness.hand import (
    DIGIT_STROKES,
    HOUSE,
    PATIENCE_MS,
    Point,
    add,
    draw,
    holds,
    open_app,
    placed,
    press,
    settle,
    sheet,
    train,
)
from harness.processes import AppServer, wait_until
from tests.conftest import DESKTOP

PARTS = ("predict", "add", "delete_last", "digits", "train")
TURNS: list[Callable[[float, float], Point]] = [
    lambda x, y: (x, y),
    lambda x, y: (x, 1 - y),
    lambda x, y: (y, x),
    lambda x, y: (1 - y, x),
]
LONGEST_MS = 150  # from the moment that the sheet is there: what a page does when it begins is over by then


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server that lets one person teach as often as these tests do."""
    limits = {"LESSONS_PER_VISITOR": "1000", "LESSONS_PER_MINUTE": "1000"}
    running = AppServer(tmp_path_factory.mktemp("server"), env=limits).start(ready=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests here: it has Streamlit's files from the first one on."""
    context = browser.new_context(viewport=DESKTOP, locale="en-GB")
    yield context
    context.close()


class Person:
    """Somebody whose browser nobody knows yet, and who loads the page again and again."""

    def __init__(self, visitor: BrowserContext, server: AppServer) -> None:
        visitor.clear_cookies()
        self.visitor, self.server = visitor, server
        self.chance = random.Random(7)
        self.errors: list[str] = []
        self.page = self.open()

    def open(self) -> Page:
        """Open the app in one more tab."""
        page = self.visitor.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        open_app(page, self.server)
        return page

    def reload(self, page: Page | None = None) -> None:
        """Load the page again after a moment, and wait for its sheet."""
        page = page or self.page
        page.wait_for_timeout(self.chance.uniform(0, LONGEST_MS))  # the moment is what is tested
        page.reload(wait_until="commit")
        sheet(page).wait_for()

    def sees(self, drawings: int, page: Page | None = None) -> None:
        """The page is there, without an error, and has so many drawings in its tray."""
        page = page or self.page
        holds(page, drawings)
        settle(page)
        assert page.get_by_test_id("digit").count() == 1
        assert page.get_by_test_id("stException").count() == 0
        for part in PARTS:
            expect(page.locator(f"[class*='st-key-{part}']").first).to_be_visible()
        assert self.errors == []

    def finds_added(self, before: int) -> bool:
        """Whether Add reached the server before the page was left: one more in the tray, or the drawing still here."""
        images, digit = self.page.get_by_test_id("tray").locator("img"), self.page.get_by_test_id("digit")
        wait_until(lambda: images.count() > before or digit.inner_text() != "?", PATIENCE_MS / 1000, "the drawing")
        added = images.count() > before
        if added:
            left = "JSON.parse(sessionStorage.getItem('drawing:280x280')).length"
            wait_until(lambda: self.page.evaluate(left) == 0, PATIENCE_MS / 1000, "an empty sheet")
        return added

    def clear(self) -> None:
        """Empty the sheet."""
        self.page.get_by_role("button", name="Clear the sheet").click()

    def learns(self) -> None:
        """Teach what the tray holds, to the end, and begin the next drawing."""
        train(self.page, 4)
        expect(self.page.locator(".st-key-proof")).to_be_visible()
        draw(self.page, DIGIT_STROKES[7])


@pytest.fixture
def person(visitor: BrowserContext, server: AppServer) -> Iterator[Person]:
    someone = Person(visitor, server)
    yield someone
    for page in visitor.pages:
        page.close()


def test_with_a_drawing_on_the_sheet(person: Person) -> None:
    add(person.page, HOUSE)
    draw(person.page, DIGIT_STROKES[7])
    for _ in range(20):
        person.reload()
        person.sees(1)


def test_in_mid_stroke(person: Person) -> None:
    add(person.page, HOUSE)
    (x, y), *_ = placed(person.page, DIGIT_STROKES[7])[0]
    for _ in range(10):
        person.page.mouse.move(x, y)
        person.page.mouse.down()
        person.page.mouse.move(x + 30, y, steps=2)
        person.reload()
        person.page.mouse.up()
        person.sees(1)


def test_several_times_in_a_row(person: Person) -> None:
    add(person.page, HOUSE)
    draw(person.page, DIGIT_STROKES[7])
    for _ in range(4):
        for _ in range(5):
            person.reload()
        person.sees(1)


def test_at_once_after_add(person: Person) -> None:
    tray = 0
    for _ in range(9):
        draw(person.page, DIGIT_STROKES[1])
        press(person.page, "add")
        person.reload()
        if person.finds_added(tray):
            tray += 1
        else:
            person.clear()
        person.sees(tray)


def test_during_a_lesson(person: Person) -> None:
    for turn in TURNS:
        add(person.page, [[turn(x, y) for x, y in stroke] for stroke in HOUSE])
        train(person.page, 4)
        person.page.locator(".stProgress, .st-key-proof").first.wait_for()
        draw(person.page, DIGIT_STROKES[7])
        person.reload()
        expect(person.page.locator(".stProgress")).to_have_count(0)
        person.sees(0)
        if person.page.locator(".st-key-undo").is_visible():  # the lesson ended after the page was loaded
            press(person.page, "undo")
            person.sees(1)
            press(person.page, "delete_last")
            holds(person.page, 0)
        person.clear()


def test_after_a_lesson(person: Person) -> None:
    add(person.page, HOUSE)
    person.learns()
    for _ in range(10):
        person.reload()
        person.sees(0)
        assert person.page.locator(".st-key-proof").count() == 0


def test_after_undo(person: Person) -> None:
    add(person.page, HOUSE)
    person.learns()
    press(person.page, "undo")
    holds(person.page, 1)
    for _ in range(15):
        person.reload()
        person.sees(1)
        assert person.page.locator(".st-key-proof").count() == 0


def test_beside_another_page_of_the_same_browser(person: Person) -> None:
    add(person.page, HOUSE)
    other = person.open()
    person.sees(1, other)
    for page in (person.page, other):
        draw(page, DIGIT_STROKES[7])
    for _ in range(6):
        for page in (person.page, other):
            person.reload(page)
        for page in (person.page, other):
            person.sees(1, page)
