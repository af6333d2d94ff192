"""Teaching in a real browser: the whole loop, and what survives a restart."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.hand import (
    BARRED_SEVEN,
    DIGIT_STROKES,
    FLAGGED_ONE,
    HOUSE,
    PATIENCE_MS,
    add,
    choose,
    choose_whose,
    draw,
    give,
    holds,
    open_app,
    press,
    reads,
    settle,
    touch,
    train,
)
from harness.processes import AppServer
from mnist_core.files.lessons import LARGEST_LESSON_FILE
from tests.browser.test_pages import whole_and_accessible
from tests.conftest import StartServer
from ui.texts import TEXTS

PLAIN_KERAS = """
import sys, keras, numpy as np
model = keras.models.load_model(sys.argv[1])
scores = model.predict(np.zeros((2, 28, 28, 1), "float32"), verbose=0)
assert scores.shape == (2, 10) and abs(scores.sum(1) - 1).max() < 1e-4, scores
print("opened")
"""


def test_draw_add_delete_train_restart_and_it_still_knows(page: Page, start_server: StartServer) -> None:
    server = start_server(ready=True)
    open_app(page, server)
    for shift in (0.0, 0.02, -0.02, 0.03):
        add(page, HOUSE, shift=shift)
    press(page, "delete_last")
    holds(page, 3)
    train(page, 4)
    expect(page.locator(".st-key-lesson")).to_contain_text("Learned")
    expect(page.locator(".st-key-proof")).to_contain_text("100 %")
    holds(page, 0)
    draw(page, HOUSE)
    reads(page, "4")
    server.kill()
    server.start(ready=True)
    open_app(page, server)
    page.get_by_role("button", name="Clear the sheet").click()
    draw(page, HOUSE, shift=0.01)
    reads(page, "4")


def test_the_same_with_a_finger_on_a_phone(phone: Page, server: AppServer) -> None:
    open_app(phone, server)
    for _ in range(3):
        add(phone, HOUSE, finger=True)
    train(phone, 4)
    expect(phone.locator(".st-key-lesson")).to_contain_text("Aprendido")
    touch(phone, HOUSE)
    reads(phone, "4")
    press(phone, "undo")  # others who meet this server do not know the house either
    holds(phone, 3)


def test_undo_takes_the_lesson_back(page: Page, server: AppServer) -> None:
    open_app(page, server)
    draw(page, HOUSE)
    expect(page.get_by_test_id("digit")).not_to_have_text("?")
    before = page.get_by_test_id("digit").inner_text()
    press(page, "add")
    holds(page, 1)
    train(page, 4)
    expect(page.locator(".st-key-proof")).to_be_visible()
    press(page, "undo")
    holds(page, 1)
    draw(page, HOUSE)
    reads(page, before)


def test_a_lesson_that_would_harm_is_refused_and_the_drawings_stay(page: Page, server: AppServer) -> None:
    open_app(page, server)
    for shift in (0.0, 0.03, -0.03):
        add(page, DIGIT_STROKES[7], shift=shift)
    train(page, 1)
    expect(page.get_by_text("Not kept, to protect what it knows")).to_be_visible()
    holds(page, 3)
    draw(page, DIGIT_STROKES[7])
    reads(page, "7")


def test_a_model_of_ones_own_changes_nobody_elses(page: Page, server: AppServer, browser: Browser) -> None:
    odd = [[(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8), (0.5, 0.5)]]
    open_app(page, server)
    draw(page, odd)
    expect(page.get_by_test_id("digit")).not_to_have_text("?")
    before = page.get_by_test_id("digit").inner_text()
    other = "5" if before != "5" else "6"
    choose_whose(page, "Mine")
    choose(page, "drawing", int(other))
    holds(page, 1)
    train(page, int(other))
    expect(page.locator(".st-key-proof")).to_be_visible()
    draw(page, odd)
    reads(page, other)
    stranger = browser.new_page()
    open_app(stranger, server)
    draw(stranger, odd)
    reads(stranger, before)
    stranger.context.close()


@pytest.mark.parametrize(("visitor", "language"), [("page", "en"), ("phone", "es")])
def test_a_flagged_one_that_everyones_model_refuses_is_taught_to_ones_own_by_one_tap(
    visitor: str, language: str, request: pytest.FixtureRequest, server: AppServer, browser: Browser
) -> None:
    page: Page = request.getfixturevalue(visitor)
    hand = touch if visitor == "phone" else draw
    open_app(page, server)
    for held, (digit, shift) in enumerate(product((7, 1), (0.0, 0.03, -0.03)), start=1):
        hand(page, FLAGGED_ONE if digit == 1 else BARRED_SEVEN, shift=shift)
        reads(page, "7")
        choose(page, "drawing", digit)
        holds(page, held)
    press(page, "train")
    expect(page.get_by_text(TEXTS["proof.refused"][language])).to_be_visible()
    misread = page.get_by_role("list", name=TEXTS["misread.label"][language])
    expect(misread.get_by_text(TEXTS["misread.as"][language].format(digit=1, read=7))).to_have_count(3)
    whole_and_accessible(page)
    one_tap = page.locator(".st-key-teach_own button")
    one_tap.tap() if visitor == "phone" else one_tap.click()
    expect(page.locator(".st-key-lesson")).to_contain_text(TEXTS["proof.title"][language].partition(" ")[0])
    price = TEXTS["proof.price"][language].format(digit=7, taken_for=1, share="")
    expect(page.locator(".st-key-proof")).to_contain_text(price.partition(" (")[0])
    holds(page, 0)
    whole_and_accessible(page)
    hand(page, FLAGGED_ONE, shift=0.01)
    reads(page, "1")
    choose_whose(page, TEXTS["room.everyone"][language])
    reads(page, "7")
    stranger = browser.new_page()
    open_app(stranger, server)
    draw(stranger, FLAGGED_ONE)
    reads(stranger, "7")
    stranger.context.close()


def test_the_tray_travels_as_a_file(page: Page, server: AppServer, tmp_path: Path) -> None:
    open_app(page, server)
    add(page, DIGIT_STROKES[3])
    add(page, DIGIT_STROKES[7])
    saved: list[str] = []
    page.on("download", lambda download: saved.append(download.suggested_filename))
    page.get_by_role("button", name="Options").click()
    expect(page.get_by_role("button", name="This tray (.zip)")).to_be_visible()
    settle(page)  # what opens finds its place
    for form in ("npz", "zip"):
        with page.expect_download(timeout=PATIENCE_MS) as download:
            page.get_by_role("button", name=f"This tray (.{form})").click()
        download.value.save_as(tmp_path / f"tray.{form}")
    for more, form in enumerate(("npz", "zip"), start=2):
        give(page, "bring", tmp_path / f"tray.{form}")
        holds(page, 2 * more)
    assert saved == ["tray.npz", "tray.zip"]  # each once


def test_a_file_as_large_as_allowed_arrives(page: Page, server: AppServer) -> None:
    """It is no lesson file, and the page says so; a message too long for the server would end the connection."""
    open_app(page, server)
    page.get_by_role("button", name="Options").click()
    page.locator(".st-key-bring button").wait_for()
    settle(page)
    give(page, "bring", {"name": "tray.npz", "mimeType": "application/zip", "buffer": bytes(LARGEST_LESSON_FILE)})
    expect(page.get_by_text(TEXTS["lessons.not_an_archive"]["en"])).to_be_visible()


def test_the_owner_withdraws_a_lesson_and_the_model_opens_in_plain_keras(
    page: Page, start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(ready=True, env={"OWNER_PASSWORD": "open sesame"})
    open_app(page, server)
    add(page, HOUSE)
    train(page, 4)
    expect(page.locator(".st-key-proof")).to_be_visible()
    page.get_by_role("link", name="Learned").click()
    page.get_by_role("tab", name="Files").click()
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("button", name="Taught model (.keras)").click()
    download.value.save_as(tmp_path / "taught.keras")
    command = [sys.executable, "-c", PLAIN_KERAS, str(tmp_path / "taught.keras")]
    assert "opened" in subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    page.get_by_role("tab", name="What it was taught").click()
    expect(page.get_by_text("taught 1 × “4”")).to_be_visible()
    expect(page.get_by_role("button", name="Withdraw this lesson")).to_have_count(0)
    page.get_by_role("tab", name="Owner").click()
    page.get_by_label("Owner's password").fill("open sesame")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("tab", name="What it was taught").click()
    page.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Withdraw this lesson").click()
    expect(page.get_by_text("withdrawn: the lesson of version 1")).to_be_visible()


def test_three_examples_are_kept_refused_and_learned_by_ones_own_model_and_leave_nothing(
    page: Page, server: AppServer
) -> None:
    open_app(page, server)
    lay_out(page, "good")
    press(page, "train")
    expect(page.locator(".st-key-proof")).to_contain_text("Of these, read right now: 5")
    press(page, "undo")
    expect(page.get_by_text("the example is gone")).to_be_visible()
    lay_out(page, "harmful")
    press(page, "train")
    expect(page.get_by_text("as a clear 7")).to_be_visible()
    press(page, "example_away")
    expect(page.get_by_text("as a clear 7")).to_have_count(0)
    lay_out(page, "own")
    press(page, "train")
    press(page, "teach_own")
    expect(page.locator(".st-key-proof")).to_contain_text("The price")
    press(page, "undo")
    expect(page.locator(".st-key-example button")).to_be_visible()
    holds(page, 0)


def lay_out(page: Page, name: str) -> None:
    """Choose an example in its menu; the drawings of the one before are gone."""
    page.locator(".st-key-example button").click(timeout=PATIENCE_MS)
    page.get_by_role("menuitem", name=TEXTS[f"example.{name}"]["en"]).click()
    holds(page, 10 if name == "own" else 5)
