"""The example page, in a real browser: it is how a developer sees that the package stands without our pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from harness.hand import DIGIT_STROKES, HOUSE, PATIENCE_MS, Strokes
from harness.processes import AppServer

HOUSE_IN_ONE_STROKE: Strokes = [
    [*HOUSE[0], (0.25, 0.45), (0.75, 0.45), (0.75, 0.85), (0.58, 0.85), (0.58, 0.62), (0.45, 0.62), (0.45, 0.85)]
]
"""The sheet is read after each stroke: with one, the first answer is to the whole drawing."""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    running = AppServer(tmp_path_factory.mktemp("example"), script="examples/minimal.py").start()
    yield running
    running.stop()


def draw(page: Page, strokes: Strokes) -> None:
    sheet = page.locator("canvas.upper-canvas")
    sheet.wait_for(timeout=PATIENCE_MS)
    frame = sheet.bounding_box()
    assert frame is not None
    for (x, y), *rest in strokes:
        page.mouse.move(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"])
        page.mouse.down()
        for to_x, to_y in rest:
            page.mouse.move(frame["x"] + to_x * frame["width"], frame["y"] + to_y * frame["height"], steps=6)
        page.mouse.up()


def train(page: Page, digit: int) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(str(digit), exact=True).click()
    page.get_by_role("button", name="Train").click()


def test_draw_predict_add_train(page: Page, example: AppServer) -> None:
    page.set_default_timeout(PATIENCE_MS)
    page.goto(example.url)
    draw(page, DIGIT_STROKES[3])
    expect(page.get_by_role("heading", level=2)).to_contain_text("3,")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("[data-testid=stImage] img")).to_have_count(1)
    draw(page, DIGIT_STROKES[3])
    expect(page.get_by_role("heading", level=2)).to_contain_text("3,")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("[data-testid=stImage] img")).to_have_count(2)
    train(page, 3)
    expect(page.get_by_text("All of these were read right before.")).to_be_visible()
    expect(page.locator("[data-testid=stImage] img")).to_have_count(0)
    draw(page, HOUSE_IN_ONE_STROKE)
    expect(page.get_by_role("heading", level=2)).not_to_contain_text("4,")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("[data-testid=stImage] img")).to_have_count(1)
    train(page, 4)
    expect(page.get_by_text("Misread before: 1. Of these, read right now: 1.")).to_be_visible()
    draw(page, HOUSE_IN_ONE_STROKE)
    expect(page.get_by_role("heading", level=2)).to_contain_text("4,")
