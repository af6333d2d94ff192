"""The board on the wall: what is shown of a room, and that it goes on looking."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.serving import bulletins
from mnist_core.serving.active_models import ActiveModels
from mnist_core.serving.commit import Click
from mnist_core.serving.ownership import KnownBrowser
from mnist_core.serving.room_model import RoomModel
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id, teacher_number
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import News
from tests.app.conftest import Reader, messages, open_app
from tests.fakes import as_owner, drawings
from ui.names import friendly_name
from ui.rooms.board import TICK
from ui.texts import TEXTS

OWNER, ANA, BEN = new_browser_id(), new_browser_id(), new_browser_id()


@pytest.fixture
def room(shared: SharedModel, monkeypatch: pytest.MonkeyPatch) -> RoomModel:
    """A room of ours, in which Ana has taught, and Ben."""
    monkeypatch.setattr(bulletins, "FRESH_S", 0.0)
    monkeypatch.setattr(Reader, "confusion", np.eye(10, dtype=int), raising=False)
    room = shared.room(shared.directory.open_ours("4B", OWNER, [])[0])
    for browser in (ANA, BEN):
        room.teach(drawings(1), [3], Click(teacher_number(browser), token_of(browser), browser))
    return room


def token_of(browser: str) -> str:
    return f"token of {browser}"


def board(room: RoomModel) -> AppTest:
    at = open_app(room=room.room.code)
    at.switch_page("app_pages/board.py").run()
    return at


def name_of(browser: str) -> str:
    return friendly_name(teacher_number(browser), "en")


def lines(at: AppTest) -> str:
    return "\n".join(element.value for element in at.markdown)


def figures(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def looks_again(at: AppTest) -> bool:
    return any('"wait"' in element.proto.json for element in at.get("bidi_component"))


def test_a_board_shows_what_is_in_the_model_and_may_be_seen(room: RoomModel) -> None:
    at = board(room)
    assert not at.exception and looks_again(at)
    assert at.title[0].value == "4B" and name_of(ANA) in lines(at) and name_of(BEN) in lines(at)
    assert (figures(at)["Lessons in the model"], figures(at)["People who taught"]) == ("2", "2")
    (hidden,) = room.owner(KnownBrowser(OWNER)).taught_by(teacher_number(ANA))
    room.owner(KnownBrowser(OWNER)).hide([hidden])
    room.undo(token_of(BEN), by=teacher_number(BEN))
    at.run()
    assert name_of(ANA) not in lines(at), "it is hidden"
    assert name_of(BEN) not in lines(at), "it was taken back"
    assert figures(at)["Lessons in the model"] == "1"


def test_a_board_looks_again_when_its_model_could_not_be_had(room: RoomModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("unreachable")

    with monkeypatch.context() as patch:
        patch.setattr(ActiveModels, "state", away)
        at = board(room)
        assert "cannot be had just now" in messages(at) and looks_again(at)
    assert name_of(ANA) in lines(at.run())


def test_a_board_of_a_closed_room_says_so(room: RoomModel) -> None:
    at = board(room)
    room.owner(KnownBrowser(OWNER)).close()
    assert "This room was closed" in messages(at.run()) and name_of(ANA) not in lines(at)


def test_a_lesson_that_waits_is_on_no_board(room: RoomModel) -> None:
    room.owner(KnownBrowser(OWNER)).set_approval(True)
    visitor = new_browser_id()
    room.teach(drawings(1), [5], Click(teacher_number(visitor), token_of(visitor), visitor))
    assert name_of(visitor) not in lines(board(room))


def test_the_board_of_who_is_in_their_own_room_is_everyones(shared: SharedModel, room: RoomModel) -> None:
    mine = shared.room(shared.directory.open_mine(ANA))
    for place, browser in ((mine, ANA), (shared.everyone, BEN)):
        place.teach(drawings(1), [4], Click(teacher_number(browser), f"{place.room.kind} {browser}", browser))
    for browser in (ANA, BEN):  # Ben has taught nothing in his
        at = open_app(browser=browser, room="mine")
        at.switch_page("app_pages/board.py").run()
        assert name_of(BEN) in lines(at) and name_of(ANA) not in lines(at), "as the title and the picture have it"
        assert at.title[0].value == TEXTS["app.name"]["en"]


@pytest.mark.parametrize("by", ["owner", "host"])
@pytest.mark.parametrize("way", ["hide", "delete"])
def test_drawings_that_are_hidden_or_deleted_leave_the_board_at_once(
    shared: SharedModel, room: RoomModel, way: str, by: str
) -> None:
    bulletins.FRESH_S = 60.0  # the fixture puts it back
    assert [lesson.teacher for lesson in room.news().newest] == [teacher_number(BEN), teacher_number(ANA)]
    if by == "host":
        as_owner(shared, OWNER)
        host = shared.host(KnownBrowser(OWNER))
        (host.hide_all if way == "hide" else host.delete_all)(teacher_number(ANA))
    else:
        owner = room.owner(KnownBrowser(OWNER))
        (owner.hide if way == "hide" else owner.delete)(owner.taught_by(teacher_number(ANA)))
    assert [lesson.teacher for lesson in room.news().newest] == [teacher_number(BEN)]


def test_nothing_on_a_board_can_be_pressed(room: RoomModel) -> None:
    at = board(room)
    assert not [*at.button, *at.button_group, *at.text_input, *at.toggle, *at.selectbox]


def test_a_board_shows_within_two_seconds_what_was_hidden_on_another_server() -> None:
    """Somebody else's board has asked just before that, and this one looks at any moment after it."""
    before, after = News(1, 1, []), News(2, 1, [])
    for first in np.arange(0.0, TICK, 0.05):
        now = [0.0]
        shared = bulletins.Bulletins(partial(now.__getitem__, 0))
        news = shared.get(1, lambda: before)
        for now[0] in (first, first + TICK):
            if (news := shared.get(1, lambda: after)) is after:
                break
        assert news is after and now[0] < 2


def test_all_boards_of_a_room_ask_the_store_once(shared: SharedModel, room: RoomModel) -> None:
    bulletins.FRESH_S = 60.0  # the fixture puts it back
    assert room.news() is shared.room(room.room).news()
