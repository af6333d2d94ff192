"""A page that is loaded again at any moment is whole, with its tray: a hundred times, at moments drawn by lot."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.hand import (
    DIGITS,
    HOUSE,
    PATIENCE_MS,
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
from harness.processes import AppServer
from tests.conftest import DESKTOP

PERSONS, RELOADS = 10, 10
PARTS = ("predict", "add", "delete_last", "truth", "train")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server that lets one person teach as often as a test does."""
    limits = {"LESSONS_PER_VISITOR": "1000", "LESSONS_PER_MINUTE": "1000"}
    running = AppServer(tmp_path_factory.mktemp("server"), env=limits).start(ready=True)
    yield running
    running.stop()


class Person:
    """Somebody at the page who loads it again, and keeps count of what is in the tray."""

    def __init__(self, page: Page, server: AppServer, chance: random.Random) -> None:
        self.page, self.server, self.chance = page, server, chance
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        open_app(page, server)
        add(page, HOUSE)
        self.tray = 1

    def reload(self, *, longest_ms: int = 400) -> None:
        """Wait for a moment, and load the page again without waiting for it."""
        self.page.wait_for_timeout(self.chance.uniform(0, longest_ms))
        self.page.reload(wait_until="commit")

    def look(self) -> None:
        """The page is there, with the right tray."""
        holds(self.page, self.tray)
        settle(self.page)
        sheet(self.page).wait_for()
        for part in PARTS:
            expect(self.page.locator(f"[class*='st-key-{part}']").first).to_be_visible(timeout=PATIENCE_MS)
        assert self.page.get_by_test_id("stException").count() == 0
        assert self.errors == []

    def clear(self) -> None:
        """Empty the sheet."""
        if self.page.get_by_role("button", name="Clear the sheet").is_enabled():
            self.page.get_by_role("button", name="Clear the sheet").click()


def with_a_drawing(person: Person) -> None:
    draw(person.page, DIGITS[7])
    person.reload()


def in_mid_stroke(person: Person) -> None:
    draw(person.page, DIGITS[4][:1])
    (x, y), *_ = placed(person.page, DIGITS[7])[0]
    person.page.mouse.move(x, y)
    person.page.mouse.down()
    person.page.mouse.move(x + 30, y, steps=3)
    person.reload()
    person.page.mouse.up()


def several_times(person: Person) -> None:
    draw(person.page, DIGITS[3])
    for _ in range(3):
        person.reload(longest_ms=250)


def after_add(person: Person) -> None:
    add(person.page, DIGITS[7])
    person.reload(longest_ms=100)
    holds(person.page, person.tray + 1)
    press(person.page, "delete_last")


def in_a_lesson(person: Person) -> None:
    train(person.page, 4)
    expect(person.page.locator(".st-key-train button")).to_be_disabled(timeout=PATIENCE_MS)
    draw(person.page, DIGITS[7])
    person.reload()
    holds(person.page, 0)
    if person.page.locator(".st-key-undo").is_visible():
        press(person.page, "undo")
    else:
        add(person.page, HOUSE)


def after_a_lesson(person: Person) -> None:
    train(person.page, 4)
    expect(person.page.locator(".st-key-proof")).to_be_visible(timeout=PATIENCE_MS)
    draw(person.page, DIGITS[7])
    person.reload()
    holds(person.page, 0)
    assert person.page.locator(".st-key-proof").count() == 0
    person.clear()
    add(person.page, HOUSE)


def after_undo(person: Person) -> None:
    train(person.page, 4)
    expect(person.page.locator(".st-key-proof")).to_be_visible(timeout=PATIENCE_MS)
    press(person.page, "undo")
    holds(person.page, person.tray)
    draw(person.page, DIGITS[7])
    person.reload()


def beside_another_page(person: Person) -> None:
    other = person.page.context.new_page()
    open_app(other, person.server)
    holds(other, person.tray)
    draw(other, DIGITS[3])
    draw(person.page, DIGITS[7])
    person.reload()
    other.reload(wait_until="commit")
    holds(other, person.tray)
    other.close()


MOMENTS: list[Callable[[Person], None]] = [
    with_a_drawing,
    in_mid_stroke,
    several_times,
    after_add,
    in_a_lesson,
    after_a_lesson,
    after_undo,
    beside_another_page,
]


@pytest.mark.parametrize("seed", range(PERSONS))
def test_a_page_loaded_again_at_any_moment_is_whole(browser: Browser, server: AppServer, seed: int) -> None:
    chance = random.Random(seed)
    context = browser.new_context(viewport=DESKTOP, locale="en-GB")
    person = Person(context.new_page(), server, chance)
    for turn in range(RELOADS):
        person.look()
        person.clear()
        MOMENTS[(seed + turn) % len(MOMENTS)](person)
    person.look()
    context.close()
