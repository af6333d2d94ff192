"""One whole journey in Firefox and in WebKit too: what the other tests ask of Chromium at length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.hand import DIGIT_STROKES, HOUSE
from harness.processes import AppServer, firefox, webkit
from tests.browser.person import Person
from tests.browser.test_drawing import picture
from tests.conftest import DESKTOP, PHONE
from ui.texts import TEXTS

ENGINES = {"Firefox": firefox, "WebKit": webkit}
BOARD = "board"  # which has no link among the pages
SHOWN = {"inside": "img", "learned": ".st-key-confusion svg", "about": "h2"}


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, server: AppServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param)) as driver:
        yield Person(driver, server.url)


@pytest.fixture
def person(engine: Person) -> Person:
    """Somebody who has never been here, at a desk."""
    engine.open("about")
    engine.driver.delete_all_cookies()
    engine.driver.execute_script("sessionStorage.clear()")
    engine.resize(**DESKTOP)
    return engine


def page_is_whole(person: Person, page: str, language: str) -> None:
    """The page is in this language, fits its window, failed nowhere, and has asked nobody else for anything."""
    person.see("h1", TEXTS["app.name" if page == BOARD else f"{page}.title"][language])
    person.see(f"html[lang={language}]")
    person.see({**SHOWN, BOARD: ".st-key-board_news h3"}.get(page, "[data-testid=canvas]"))
    person.see("[data-testid=stException]", count=0)
    assert person.script("document.documentElement.scrollWidth <= window.innerWidth")
    asked = person.script("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [url for url in asked if not url.removeprefix("blob:").startswith((person.url, "data:"))] == []


def test_draw_add_train_undo_reload_several_digits_and_an_image(person: Person, tmp_path: Path) -> None:
    person.open("?language=English")
    person.draw(HOUSE)
    person.see("[data-testid=digit]:not([data-at='0'])")
    person.press(".st-key-add button")
    person.holds(1)
    person.press("[data-row^=tray] [role=radio]", "4")
    person.press(".st-key-train button")
    person.see(".st-key-proof")
    person.holds(0)
    person.draw(HOUSE)
    person.reads("4")
    person.press(".st-key-undo button")
    person.holds(1)
    person.press("button[name=clear]")
    person.draw(DIGIT_STROKES[3])
    person.reads("3")
    person.driver.refresh()
    person.holds(1)
    person.reads("3")

    person.press(".st-key-options button")
    person.press(".st-key-several label")
    person.see("[data-sheet='840x420']")
    person.draw(DIGIT_STROKES[2], left=0.1, width=0.22)
    person.draw(DIGIT_STROKES[6], left=0.5, width=0.22, finger=True)
    person.reads("26")
    person.press(".st-key-options button")
    person.press(".st-key-several label")
    person.see("[data-sheet='280x280']")

    (tmp_path / "seven.png").write_bytes(picture(7))
    person.press(".st-key-options button")
    person.give("input[accept^='.png']", tmp_path / "seven.png")
    person.reads("7")


def test_the_sheet_is_no_higher_than_its_paper(person: Person) -> None:
    person.open()
    _, _, width, height = person.frame_of_the_sheet()
    assert abs(width - height) < 1


def test_every_page_in_both_languages(person: Person) -> None:
    for language, name in (("en", "English"), ("es", "Español")):
        person.open(f"?language={name}")
        page_is_whole(person, "draw", language)
        for page in SHOWN:
            person.press(f".st-key-pages a[href$='{page}']")
            page_is_whole(person, page, language)
    person.press(".st-key-language [role=radio]", "English")
    page_is_whole(person, page, "en")
    for language, name in (("en", "English"), ("es", "Español")):
        person.open(f"{BOARD}?language={name}")
        page_is_whole(person, BOARD, language)


def test_with_a_finger_on_a_phone(person: Person) -> None:
    person.resize(**PHONE)
    person.open("?language=Español")
    person.draw(DIGIT_STROKES[4], finger=True)
    person.reads("4")
    person.press(".st-key-add button")
    person.holds(1)
    page_is_whole(person, "draw", "es")
    for page in (*SHOWN, BOARD):
        person.open(f"{page}?language=Español")
        page_is_whole(person, page, "es")
