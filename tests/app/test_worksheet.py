"""A photographed worksheet on the drawing page: one look, then its drawings are in the tray, each with its digit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from harness.camera import fill_in, photographed, printed
from harness.hand import DIGIT_STROKES
from mnist_core.serving.shared_model import SharedModel
from tests.app.conftest import StartShared, click, messages, open_app, train, visit_of
from ui.session import Worksheet
from ui.sheet.worksheet import take_worksheet

ROWS = {0: 6, 3: 4, 7: 6}


@pytest.fixture(scope="module")
def filled() -> np.ndarray:
    rng = np.random.default_rng(0)
    page = printed()
    pens = {
        (d, p): [np.array(stroke) for stroke in DIGIT_STROKES[d]] for d, count in ROWS.items() for p in range(count)
    }
    fill_in(page, "a4", pens, rng)
    return photographed(page, rng, turn=90, tilt=10)


def give(at: AppTest, rgb: np.ndarray) -> None:
    assert take_worksheet(visit_of(at), rgb)
    at.run()
    assert not at.exception


def grid(at: AppTest) -> list[dict[str, Any]]:
    drawings: list[dict[str, Any]] = json.loads(at.get_by_key("grid").proto.json)["drawings"]
    return drawings


def test_its_drawings_are_shown_and_those_kept_go_into_the_tray_under_their_digits(
    app: AppTest, filled: np.ndarray
) -> None:
    give(app, filled)
    assert [(cell["row"], cell["column"]) for cell in grid(app)] == [(d, p) for d, n in ROWS.items() for p in range(n)]
    assert {cell["row"] for cell in grid(app) if cell["marked"]} == {0, 3}  # the untaught model says 7
    assert json.loads(app.get_by_key("canvas").proto.json)["covered"]
    me = visit_of(app)
    me.worksheet = replace(cast(Worksheet, me.worksheet), left_out=frozenset({0, 15}))
    app.run()
    assert app.button(key="take_worksheet").label == "Put 14 into the tray"
    click(app, "take_worksheet")
    assert [sample.label for sample in me.tray] == [0] * 5 + [3] * 4 + [7] * 5
    assert "14 drawings are in the tray" in messages(app)
    assert not json.loads(app.get_by_key("canvas").proto.json)["covered"]


def test_they_are_taught_in_one_lesson_each_with_its_digit(
    app: AppTest, filled: np.ndarray, shared: SharedModel
) -> None:
    give(app, filled)
    click(app, "add")  # as with any drawing
    train(app, None)
    outcome = visit_of(app).outcome
    assert outcome and outcome.lesson and outcome.lesson.accepted
    assert {sample.label for sample in outcome.samples} == set(ROWS)
    assert visit_of(app).tray == []


def test_a_tray_without_room_says_so_and_the_worksheet_stays(start_shared: StartShared, filled: np.ndarray) -> None:
    start_shared(tray_size=10)
    at = open_app()
    give(at, filled)
    click(at, "take_worksheet")
    assert "The tray is full" in messages(at)
    assert visit_of(at).worksheet and not visit_of(at).tray


def test_half_a_worksheet_is_told_and_changes_nothing(app: AppTest, filled: np.ndarray) -> None:
    give(app, np.ascontiguousarray(filled[:, : filled.shape[1] // 2]))
    assert "Only part of the worksheet can be seen" in messages(app)
    assert visit_of(app).worksheet is None


def test_a_worksheet_can_be_put_away(app: AppTest, filled: np.ndarray) -> None:
    give(app, filled)
    click(app, "worksheet_away")
    assert visit_of(app).worksheet is None and not visit_of(app).tray
    assert not json.loads(app.get_by_key("canvas").proto.json)["covered"]
