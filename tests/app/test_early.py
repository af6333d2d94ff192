"""What a stroke is read as before the page runs, and that the page takes it over."""

import gc
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.faults import RoomClosed
from tests.app.conftest import StartShared, add, open_app, switch, tell, train, visit_of
from tests.app.test_rooms import open_room
from tests.fakes import UNTAUGHT
from ui.model import shared_model
from ui.sheet.early import NotAStroke, early_answer, is_open, unheard_drawing
from ui.widgets.pictures import data_url


def stroke(at: float, width: int = 16) -> dict[str, object]:
    ink = np.zeros((280, 280, 4), np.uint8)
    ink[60:220, 140 - width // 2 : 140 + width // 2, 3] = 255
    return {"at": at, "image": data_url(ink)}


def early(at: AppTest, sent: dict[str, object]) -> dict[str, object] | None:
    assert shared_model().ready.wait(30)
    return early_answer(visit_of(at).id, json.dumps(sent).encode())


def test_the_page_takes_over_what_was_read_early(app: AppTest) -> None:
    answer = early(app, stroke(7))
    assert answer and (answer["answer"], answer["at"]) == (str(UNTAUGHT), 7)
    read = visit_of(app).early.read[2]  # type: ignore[union-attr, index]
    tell(app, "canvas", "drawn", stroke(7))
    assert visit_of(app).answer[0] is read[0]


def test_another_drawing_than_the_one_read_early_is_read_by_the_page(app: AppTest) -> None:
    early(app, stroke(7))
    read = visit_of(app).early.read[2]  # type: ignore[union-attr, index]
    tell(app, "canvas", "drawn", stroke(8, width=40))
    (reading,) = visit_of(app).answer
    assert reading is not read[0] and not np.array_equal(reading.image, read[0].image)


def test_what_another_model_read_early_is_read_again(app: AppTest, shared: SharedModel) -> None:
    early(app, stroke(7))
    train(add(open_app()), 4)
    tell(app, "canvas", "drawn", stroke(7))
    assert visit_of(app).answer[0].prediction.digit == 4


def test_what_has_left_the_sheet_before_the_page_heard_of_it_is_forgotten(app: AppTest) -> None:
    early(app, stroke(7))
    unheard = unheard_drawing(visit_of(app))
    assert unheard and (unheard[0].at, unheard[1][0].prediction.digit) == (7, UNTAUGHT)
    assert early(app, {"at": 8, "image": None}) is None
    assert unheard_drawing(visit_of(app)) is None


def test_an_early_answer_speaks_the_language_of_its_page(shared: SharedModel) -> None:
    said = [early(open_app(locale), stroke(7)) for locale in ("en-GB", "es-ES")]
    assert [answer and answer["verdict"] for answer in said] == [f"Surely {UNTAUGHT}", f"Seguro: {UNTAUGHT}"]


def test_several_digits_have_an_early_answer_on_the_wide_sheet_only(app: AppTest) -> None:
    switch(app, "several", True)
    ink = np.zeros((420, 840, 4), np.uint8)
    ink[100:300, 200:216, 3] = ink[100:300, 500:516, 3] = 255
    answer = early(app, {"at": 7, "image": data_url(ink)})
    assert answer and answer["answer"] == f"{UNTAUGHT}{UNTAUGHT}"
    with pytest.raises(NotAStroke):
        early(app, stroke(7))


def test_without_live_there_is_no_page_to_ask(app: AppTest) -> None:
    switch(app, "live", False)
    gc.collect()
    assert not is_open(visit_of(app).id) and early(app, stroke(7)) is None


def test_where_the_room_is_gone_only_the_page_answers(shared: SharedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_room("Class 4b")
    reader = visit_of(at).early
    assert reader and reader.room

    def closed(_: object) -> None:
        raise RoomClosed

    with monkeypatch.context() as gone:
        gone.setattr(type(reader.room), "classifier", property(closed))
        assert early(at, stroke(7)) is None


def test_what_the_page_has_heard_of_already_is_not_answered_early(app: AppTest) -> None:
    tell(app, "canvas", "drawn", stroke(7))
    assert early(app, stroke(7)) is None
    assert early(app, stroke(8))


def test_the_sheet_does_not_wait_for_the_store_that_knows_whose_room_is_mine(
    start_shared: StartShared, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = start_shared(teaching="personal")
    asked: list[str] = []
    monkeypatch.setattr(shared.directory, "mine", asked.append)
    at = open_app()
    assert not asked and early(at, stroke(7)) is None, "nobody knows whose model is to answer"
    tell(at, "canvas", "drawn", stroke(7))
    assert asked and early(at, stroke(8))
