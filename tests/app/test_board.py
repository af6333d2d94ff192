"""The board of a room: what it shows, and what it must not."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from mnist_core.serving.commit import Click
from mnist_core.serving.ownership import KnownBrowser
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage.browsers import new_browser_id, teacher_number
from mnist_core.storage.records import Room
from tests.fakes import drawings
from ui.session import Visit


def board(shared: SharedModel, room: Room | None = None) -> AppTest:
    """The board as it is shown to somebody who only looks."""
    at = AppTest.from_function(_page, default_timeout=60)
    me = Visit(new_browser_id(), kept=True)
    if room:
        me.go_to("ours", room)
    at.session_state["visit"] = me
    at.run()
    assert not at.exception
    return at


def _page() -> None:
    from ui.model import current_room, shared_model
    from ui.rooms.board import show_board
    from ui.session import visit

    show_board(current_room(visit()) or shared_model().everyone)


def class_of(shared: SharedModel, *labels: int) -> tuple[Room, str]:
    """A room in which each of these was taught by somebody else, and its owner's browser."""
    owner = new_browser_id()
    room, _ = shared.directory.open_ours("Class 4b", owner, [])
    for label in labels:
        shared.room(room).teach(drawings(2), [label] * 2, Click(teacher_number(new_browser_id()), new_token()))
    return room, owner


def shown(at: AppTest) -> str:
    return "\n".join(text.value for text in at.markdown)


def test_a_board_says_how_to_come_in_and_what_was_taught(shared: SharedModel) -> None:
    room, _ = class_of(shared, 4, 5)
    at = board(shared, room)
    assert at.title[0].value == f"{room.code[:4]}-{room.code[4:]}"
    assert [metric.value for metric in at.metric][:2] == ["2", "2"]
    assert shown(at).index("**5**") < shown(at).index("**4**"), "the newest first"


def test_what_is_hidden_or_deleted_is_on_no_board(shared: SharedModel) -> None:
    room, owner = class_of(shared, 4, 5, 6)
    rights = shared.room(room).owner(KnownBrowser(owner))
    first, second, _ = (lesson.id for lesson in shared.room(room).lessons())
    rights.hide([first])
    rights.delete([second])
    at = board(shared, room)
    assert "**6**" in shown(at) and "**4**" not in shown(at) and "**5**" not in shown(at)


def test_a_lesson_that_waits_is_on_no_board(shared: SharedModel) -> None:
    room, owner = class_of(shared)
    shared.room(room).owner(KnownBrowser(owner)).set_approval(True)
    shared.room(room).teach(drawings(1), [4], Click("1", new_token()))
    assert "Nothing yet" in "".join(caption.value for caption in board(shared, room).caption)


def test_nothing_on_a_board_can_be_pressed(shared: SharedModel) -> None:
    room, _ = class_of(shared, 4)
    at = board(shared, room)
    assert not [*at.button, *at.button_group, *at.text_input, *at.toggle, *at.selectbox]


def test_all_boards_of_a_room_ask_the_store_once(shared: SharedModel) -> None:
    room, _ = class_of(shared, 4)
    model, other = shared.room(room), shared.room(room)
    assert model.news() is other.news()
