"""What was learned, in a real browser: seen, taken away, brought back, gone back from, forgotten."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from harness.hand import (
    DIGIT_STROKES,
    HOUSE,
    PATIENCE_MS,
    add,
    draw,
    give,
    holds,
    open_app,
    press,
    reads,
    settle,
    train,
)
from harness.processes import AppServer
from tests.conftest import StartServer


def teach_the_house(page: Page, server: AppServer) -> None:
    """Open the app, teach a house as a 4, and turn to the page of what was learned."""
    open_app(page, server)
    add(page, HOUSE)
    train(page, 4)
    expect(page.locator(".st-key-proof")).to_be_visible()
    page.get_by_role("link", name="Learned").click()


def test_whoever_reads_the_terminal_takes_lessons_away_empties_the_store_and_brings_them_back(
    page: Page, start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(ready=True, terminal=True)
    page.goto(server.owner_link())
    expect(page.get_by_text("You are signed in as the owner")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/learned")
    teach_the_house(page, server)
    page.get_by_role("tab", name="Files").click()
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("button", name="All lessons (.npz)").click()
    download.value.save_as(tmp_path / "lessons.npz")
    page.get_by_role("button", name="Empty the store").click()
    press(page, "empty")
    expect(page.get_by_role("button", name="All lessons (.npz)")).to_have_count(0)
    give(page, "import", tmp_path / "lessons.npz")
    expect(page.get_by_text("1 of 1 lessons are in the model now")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    draw(page, HOUSE)
    reads(page, "4")


def test_going_back_to_an_earlier_version(page: Page, start_server: StartServer) -> None:
    server = start_server(ready=True, terminal=True)
    teach_the_house(page, server)
    page.goto(server.owner_link())
    page.get_by_role("tab", name="What it was taught").click()
    expect(page.get_by_text("taught 1 × “4”")).to_be_visible()
    page.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Withdraw this lesson").click()
    expect(page.get_by_text("withdrawn: the lesson of version 1")).to_be_visible()
    page.get_by_role("button", name="Go back to here").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("went back to version 1")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    draw(page, HOUSE)
    reads(page, "4")


def test_a_cell_of_the_confusion_matrix_shows_the_images_behind_it(page: Page, server: AppServer) -> None:
    open_app(page, server, "learned")
    cell = page.locator(".st-key-confusion [aria-label^='It is 2, it is read as 3: ']")
    cell.click(position={"x": 4, "y": 4}, timeout=PATIENCE_MS)  # beside its number
    count = (cell.get_attribute("aria-label") or "").rpartition(" ")[2]
    shown = page.get_by_text(f"Test images that are 2 and are read as 3: {count}. ")
    expect(shown).to_be_visible()


def test_charts_say_in_words_what_they_show(page: Page, server: AppServer) -> None:
    columns = re.compile(r"\b(x|y|digit|accuracy|count|shade|text): ")
    for path, chart in {"learned": ".st-key-confusion", "inside": "[data-testid=stVegaLiteChart]"}.items():
        open_app(page, server, path)
        symbols = page.locator("[role=graphics-symbol][aria-label]")
        page.locator(f"{chart} [role=graphics-symbol]").first.wait_for(timeout=PATIENCE_MS)
        assert [said for said in symbols.evaluate_all("all => all.map(e => e.ariaLabel)") if columns.search(said)] == []
    open_app(page, server, "learned")
    page.locator(".st-key-confusion [aria-label^='It is 9, it is read as 9: ']").hover(position={"x": 4, "y": 4})
    expect(page.locator("#vg-tooltip-element")).to_have_text(re.compile(r"It is 9, it is read as 9: \d+"))


def test_who_asks_to_be_forgotten_finds_an_empty_page(page: Page, server: AppServer) -> None:
    open_app(page, server)
    add(page, DIGIT_STROKES[3])
    settle(page)  # so that the page does not hear of the next drawing
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")
    page.get_by_role("link", name="About").click()
    press(page, "forget")
    expect(page.get_by_text("Forgotten: nothing here leads to you")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    holds(page, 0)
    reads(page, "?")
    page.reload()
    holds(page, 0)
