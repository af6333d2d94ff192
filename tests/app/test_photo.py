"""A photograph on the drawing page: what is found in it, chosen of it, and put back."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from harness.hand import Point
from harness.paper import as_png, photograph
from mnist_core.recognition.boxes import Box
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id
from tests.app.conftest import click, draw, messages, switch, visit_of
from ui.session import SheetPhoto, Visit
from ui.sheet.photo import as_drawing, look_again, look_at

ROW: dict[Point, int] = {(40, 120): 3, (230, 120): 7, (420, 120): 2}
LINES: dict[Point, int] = {(40, 20): 3, (230, 20): 7, (40, 220): 2, (230, 220): 6, (420, 220): 4}


def give(at: AppTest, digits: dict[Point, int], rules: int = 0) -> SheetPhoto:
    """Put a photograph in the place of the sheet, as the page does with a file."""
    opaque = np.dstack([photograph(digits, rules=rules), np.full((400, 600), 255, np.uint8)])
    show(at, photo := look_at(opaque))
    return photo


def show(at: AppTest, photo: SheetPhoto) -> None:
    me = visit_of(at)
    me.clear_sheet()
    several = "several" in at.session_state and at.session_state["several"]
    me.drawing, me.asked = as_drawing(photo, me.consumed + 1, several=several), True
    at.run()
    assert not at.exception


def data_of(at: AppTest, key: str) -> dict[str, Any]:
    return json.loads(at.get_by_key(key).proto.json)


def names(at: AppTest, kind: str) -> list[str]:
    return [spot["name"].partition(",")[0] for spot in data_of(at, "found")["spots"] if spot["kind"] == kind]


def chosen(at: AppTest) -> Sequence[int]:
    return [spot["place"] for spot in data_of(at, "found")["spots"] if spot["pressed"]]


def test_a_photograph_covers_the_sheet_and_its_digit_is_boxed(app: AppTest) -> None:
    assert not data_of(app, "canvas")["covered"]
    give(app, {(230, 120): 3})
    assert data_of(app, "canvas")["covered"]
    (spot,) = data_of(app, "found")["spots"]
    assert np.allclose([spot["left"], spot["left"] + spot["width"]], [44, 57], atol=4)
    assert "read_all" not in [button.key for button in app.button]
    click(app, "add")
    assert len(visit_of(app).tray) == 1 and visit_of(app).drawing is None


def test_several_digits_where_one_was_to_be_read_are_said_and_read_by_one_tap(app: AppTest) -> None:
    give(app, ROW)
    assert data_of(app, "answer")["answer"] == "7" and len(chosen(app)) == 1
    assert "There seem to be 3 digits here" in "".join(text.value for text in app.markdown)
    click(app, "read_all")
    assert data_of(app, "answer")["answer"] == "777" and chosen(app) == []
    click(app, "add")
    assert len(visit_of(app).tray) == 3 and visit_of(app).drawing is None


def test_lines_can_be_chosen_and_what_was_not_chosen_stays(app: AppTest) -> None:
    switch(app, "several", True)
    give(app, LINES)
    assert names(app, "line") == ["Line 1: 77", "Line 2: 777"]
    assert data_of(app, "answer")["answer"] == "77\n777"
    visit_of(app).chosen = (2, 3, 4)
    app.run()
    assert data_of(app, "answer")["answer"] == "777" and len(chosen(app)) == 4
    click(app, "add")
    assert len(visit_of(app).tray) == 3
    assert data_of(app, "answer")["answer"] == "77\n777"
    assert [spot["place"] for spot in data_of(app, "found")["spots"] if spot["done"]] == [2, 3, 4]
    click(app, "add")
    assert len(visit_of(app).tray) == 5 and visit_of(app).drawing is None


def test_what_was_left_out_is_named_and_can_be_put_back(app: AppTest) -> None:
    give(app, {(230, 120): 3}, rules=40)
    assert data_of(app, "found")["left_out"].startswith("data:image/png")
    before = visit_of(app).answer[0].image
    pills = app.button_group(key="put_back")
    assert pills.options == ["Ruled lines"]
    pills.set_value(["rules"]).run()
    assert not app.exception
    assert data_of(app, "found")["left_out"] is None
    assert not np.array_equal(visit_of(app).answer[0].image, before)
    give(app, {(230, 120): 7}, rules=40)
    assert app.button_group(key="put_back").value == [] and data_of(app, "found")["left_out"]


def test_a_part_is_read_by_itself(app: AppTest) -> None:
    whole = give(app, ROW)
    part = look_again(whole, Box(215, 110, 400, 300))
    assert not part.is_whole and whole.is_whole
    show(app, part)
    assert len(visit_of(app).answer) == 1 and data_of(app, "found")["cut"]


def test_a_part_is_never_too_small_to_read(app: AppTest) -> None:
    whole = give(app, ROW)
    assert look_again(whole, Box(595, 398, 596, 399)).part == (572, 372, 600, 400)


@pytest.mark.parametrize("several", [False, True])
def test_a_session_holds_little_of_a_large_photograph(app: AppTest, several: bool) -> None:
    """`SESSIONS` of them are in memory at a time: 200 by default."""
    if several:
        switch(app, "several", True)
    paper = np.asarray(Image.fromarray(photograph(LINES, rules=40)).resize((1024, 683)), float)
    noise = np.random.default_rng(0).normal(0, 6, paper.shape)
    show(app, look_at(np.clip(paper + noise, 0, 255).astype(np.uint8)))
    assert len(visit_of(app).answer) >= 5
    assert held(visit_of(app)) < 2**19
    found = visit_of(app).drawing
    assert found and found.canvas.shape == (683, 1024, 4) and found.photo and found.photo.pixels.shape == (683, 1024, 3)


def page_that_takes_a_file() -> None:
    import streamlit as st

    from ui.sheet.actions import take_image

    take_image(st.session_state.given)


def test_a_session_holds_little_of_a_large_picture_without_a_ground(shared: SharedModel) -> None:
    ink = np.asarray(Image.fromarray(255 - photograph(LINES)[..., 0]).resize((1024, 683)))
    at = AppTest.from_function(page_that_takes_a_file, default_timeout=60)
    at.session_state["visit"] = me = Visit(new_browser_id(), kept=True)
    at.session_state["given"] = as_png(np.dstack([np.zeros((683, 1024, 3), np.uint8), ink]))
    at.run()
    assert not at.exception and held(me) < 2**19
    assert me.drawing and np.array_equal(me.drawing.canvas[..., 3], ink)


def held(me: Visit) -> int:
    """Bytes of the drawing on the sheet and of what was read in it."""
    return len(pickle.dumps((me.drawing, me.worksheet, me.answer)))


def test_a_photograph_of_nothing_says_so(app: AppTest) -> None:
    give(app, {})
    assert "Nothing written was found in this picture" in messages(app)


def test_a_drawing_after_a_photograph_is_a_drawing(app: AppTest) -> None:
    give(app, ROW)
    draw(app)
    assert not data_of(app, "canvas")["covered"]
    assert len(visit_of(app).shown) == 1
