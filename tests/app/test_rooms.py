"""Whose model: rooms are chosen, opened, gone into and left on the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from harness.processes import wait_until
from mnist_core.serving.active_models import ActiveModels, State
from mnist_core.serving.commit import Click
from mnist_core.serving.directory import Directory
from mnist_core.serving.ownership import KnownBrowser
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import Room
from mnist_core.storage.rooms import Rooms
from tests.app.conftest import (
    StartShared,
    add,
    choose_whose,
    click,
    draw,
    fitting,
    may_end,
    messages,
    open_app,
    tap_digit,
    train,
    visit_of,
    wait_for_lesson,
)
from tests.fakes import UNTAUGHT, VANDALISM, FakeClassifier, drawings
from ui.language import plain


def open_room(name: str, browser: str | None = None) -> AppTest:
    """A visitor who opens a room of this name."""
    at = open_app(browser=browser or new_browser_id())
    at.session_state["rooms0"] = True
    at.run()
    at.text_input(key="room_name").set_value(name)
    submit(at, "Open")
    return at


def submit(at: AppTest, label: str) -> AppTest:
    """Press the form's button with this label."""
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at


def come_by(code: str, browser: str | None = None) -> AppTest:
    """A visitor who comes by the link of a room."""
    return open_app(browser=browser or new_browser_id(), room=code)


def code_of(at: AppTest) -> str:
    room = visit_of(at).ours
    assert room is not None
    return room.code


def reads(at: AppTest) -> int:
    """What the model of the page reads a drawing as."""
    return int(visit_of(draw(at)).answer[0].prediction.digit)


def test_what_is_taught_in_a_room_is_known_to_who_comes_by_its_link_and_to_nobody_else(shared: SharedModel) -> None:
    at = open_room("Class 4b")
    assert choices(at) == ["Everyone's", "Mine", "Class 4b"]
    train(add(at), 4)
    assert shared.everyone.version.id == 0
    assert reads(come_by(code_of(at))) == 4
    assert reads(open_app()) == UNTAUGHT
    assert reads(choose_whose(at, "everyone")) == UNTAUGHT


def test_the_control_that_shows_a_new_rooms_code_is_closed_on_another_page(shared: SharedModel) -> None:
    at = open_room("Class 4b")
    assert "room_code" in [field.key for field in at.text_input]
    at.switch_page("app_pages/learned.py").run()
    assert "room_code" not in [field.key for field in at.text_input]


def test_a_code_is_taken_however_it_is_typed(shared: SharedModel) -> None:
    code = code_of(train(add(open_room("Class 4b")), 4))
    at = open_app()
    at.session_state["rooms0"] = True
    at.run()
    at.text_input(key="room_code").set_value(f" {code[:4].lower()}-{code[4:]} ")
    submit(at, "Go in")
    assert code_of(at) == code and reads(at) == 4


def test_a_wrong_code_is_said_and_changes_nothing(shared: SharedModel) -> None:
    at = come_by("AAAA-AAAA")
    assert "No room has this code" in messages(at) and visit_of(at).whose == "everyone"
    assert at.query_params.get("room") is None
    for _ in range(shared.settings.password_tries):
        at.session_state[f"rooms{visit_of(at).moves}"] = True
        at.run()
        at.text_input(key="room_code").set_value("CCCC-CCCC")
        submit(at, "Go in")
    assert "Too many wrong codes" in messages(at)


def test_a_page_loaded_again_is_in_the_same_room(shared: SharedModel) -> None:
    at = train(add(open_room("Class 4b")), 4)
    assert at.query_params["room"] == code_of(at)
    assert reads(come_by(code_of(at), visit_of(at).browser)) == 4


def press_train(at: AppTest) -> None:
    """Press Train, with no run of the whole page since the last: that would look for the room by itself."""
    visit_of(at).truth = 4
    at.button(key="train").click().run()
    wait_for_lesson(at)


def test_who_comes_by_a_link_while_the_store_is_away_teaches_nobody_else_and_comes_in_later(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = code_of(open_room("Class 4b"))
    with monkeypatch.context() as away:
        away.setattr(Rooms, "find", unreachable)
        at = add(come_by(code))
        assert "The store of lessons has a problem" in messages(at) and at.query_params["room"] == code
        press_train(at)
        assert "The store of lessons has a problem" in messages(at), "what the press renewed, which is all that is here"
    reruns: list[tuple[object, ...]] = []
    monkeypatch.setattr(st, "rerun", lambda *parts: reruns.append(parts))
    press_train(at)
    assert visit_of(at).whose == "ours", "the store is back, and the click found the room"
    assert reruns == [(["whose_model", "desk", "teaching"],)], "a run of the whole page would cross strokes"
    assert shared.everyone.version.id == 0 and reads(come_by(code)) == 4


def test_who_comes_by_a_link_to_a_room_that_is_closed_by_then_teaches_nobody_else(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(Rooms, "find", unreachable)
        at = add(come_by("AAAA-AAAA"))
    press_train(at)
    assert "No room has this code" in messages(at)
    assert shared.everyone.version.id == 0 and len(visit_of(at).tray) == 1


def test_a_page_loaded_again_finds_the_model_that_was_taught_by_one_tap(shared: SharedModel) -> None:
    at = train(add(open_app()), VANDALISM)
    click(at, "teach_own")
    assert at.query_params["room"] == "mine"
    wait_for_lesson(at)


_commit = ActiveModels.commit


def commit_and_vanish(*arguments: Any, **more: Any) -> State:
    """In place of `ActiveModels.commit`: the lesson is kept, and nobody hears of it."""
    _commit(*arguments, **more)
    raise StoreUnavailable("unreachable")


def test_a_lesson_that_may_have_been_kept_is_another_one_in_another_room(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = add(open_app())
    monkeypatch.setattr(ActiveModels, "commit", commit_and_vanish)
    may_end(shared).clear()
    tap_digit(at, 4)
    click(at, "train")
    choose_whose(at, "mine")
    may_end(shared).set()
    wait_for_lesson(at)
    monkeypatch.undo()
    assert "the lesson was not kept" in messages(at)
    train(at, 4)
    assert visit_of(at).tray == [] and reads(at) == 4


def test_a_lesson_that_may_have_been_kept_is_the_same_one_after_a_look_into_another_room(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = add(open_app())
    with monkeypatch.context() as away:
        away.setattr(ActiveModels, "commit", commit_and_vanish)
        train(at, 4)
    train(choose_whose(choose_whose(at, "mine"), "everyone"), 4)
    assert visit_of(at).tray == [] and len(shared.everyone.lessons()) == 1


def test_a_lesson_of_ones_own_that_may_have_been_kept_is_the_same_one_when_it_is_asked_for_again(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = train(add(open_app(browser=new_browser_id())), VANDALISM)
    with monkeypatch.context() as away:
        away.setattr(ActiveModels, "commit", commit_and_vanish)
        wait_for_lesson(click(at, "teach_own"))
    assert "the lesson was not kept" in messages(at)
    wait_for_lesson(click(at, "teach_own"))
    assert "Learned" in messages(at) and known_of_mine(shared, at) == [VANDALISM]


def test_ones_own_model_that_was_deleted_on_another_page_is_begun_anew(shared: SharedModel) -> None:
    at = add(train(add(choose_whose(open_app(), "mine")), 4))
    shared.forget(visit_of(at).browser)
    train(at, 5)
    assert "Your own model was deleted meanwhile" in messages(at) and len(visit_of(at).tray) == 1
    train(at, 5)
    assert visit_of(at).tray == [] and reads(at) == 5


def test_a_first_lesson_whose_browser_is_forgotten_meanwhile_makes_no_room(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_too_late(directory: Directory, browser: str, *asked: datetime) -> Room:
        shared.forget(browser)
        return open_mine(directory, browser, *asked)

    open_mine = Directory.open_mine
    monkeypatch.setattr(Directory, "open_mine", open_too_late)
    at = train(add(choose_whose(open_app(browser=new_browser_id()), "mine")), 4)
    assert "Your own model was deleted meanwhile" in messages(at)
    assert shared.directory.mine(visit_of(at).browser) is None


def begin_first_lesson(shared: SharedModel) -> AppTest:
    """A visitor whose own model is in the middle of its first lesson."""
    at = add(choose_whose(open_app(browser=new_browser_id()), "mine"))
    may_end(shared).clear()
    tap_digit(at, 4)
    click(at, "train")
    wait_until(fitting(shared).is_set, 10, "a lesson is being fitted")
    return at


def test_a_first_lesson_is_kept_though_one_of_another_page_was_refused_meanwhile(shared: SharedModel) -> None:
    at = begin_first_lesson(shared)
    shared.directory.leave_mine(visit_of(at).browser)  # as the other page does
    may_end(shared).set()
    wait_for_lesson(at)
    assert "Learned" in messages(at) and known_of_mine(shared, at) == [4]


def test_a_first_lesson_is_not_kept_when_its_browser_was_forgotten_on_another_server_meanwhile(
    shared: SharedModel,
) -> None:
    at = begin_first_lesson(shared)
    shared.forget(visit_of(at).browser)
    may_end(shared).set()
    wait_for_lesson(at)
    assert "was deleted meanwhile" in messages(at) and shared.directory.mine(visit_of(at).browser) is None


def test_a_first_lesson_that_is_not_kept_leaves_no_room(start_shared: StartShared) -> None:
    shared = start_shared(lessons_per_visitor=1)
    at = choose_whose(open_app(browser=new_browser_id()), "mine")
    train(add(train(add(at), 4)), 5)
    assert "a lot of lessons" in messages(at) and known_of_mine(shared, at) == [4], "one that was taught stays"
    other = choose_whose(open_app(browser=visit_of(at).browser), "everyone")
    shared.room(mine_of(shared, at)).owner(KnownBrowser(visit_of(at).browser)).close()
    train(add(choose_whose(other, "mine")), 5)
    assert "a lot of lessons" in messages(other) and shared.directory.mine(visit_of(at).browser) is None


def mine_of(shared: SharedModel, at: AppTest) -> Room:
    room = shared.directory.mine(visit_of(at).browser)
    assert room is not None
    return room


def known_of_mine(shared: SharedModel, at: AppTest) -> list[int]:
    return cast(FakeClassifier, shared.room(mine_of(shared, at)).classifier).known


def test_ones_own_model_is_not_said_to_read_while_nobody_knows_it(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = new_browser_id()
    train(add(choose_whose(open_app(browser=browser), "mine")), 4)
    with monkeypatch.context() as away:
        away.setattr(Rooms, "mine", unreachable)
        at = draw(come_by("mine", browser))
        assert "cannot be had just now" in messages(at) and visit_of(at).answer == ()
        at.switch_page("app_pages/learned.py").run()
        assert "cannot be had just now" in messages(at)
    at.switch_page("app_pages/draw.py").run()
    assert reads(at) == 4


def test_a_page_turned_finds_what_another_page_of_the_browser_began(shared: SharedModel) -> None:
    at = choose_whose(open_app(browser=new_browser_id()), "mine")
    assert reads(at) == UNTAUGHT
    train(add(come_by("mine", visit_of(at).browser)), 4)
    at.switch_page("app_pages/about.py").run()
    at.switch_page("app_pages/draw.py").run()
    assert reads(at) == 4


def test_a_page_finds_what_another_page_of_the_browser_began_at_its_next_stroke(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.model.ASK_AGAIN_S", 0)
    at = choose_whose(open_app(browser=new_browser_id()), "mine")
    assert reads(at) == UNTAUGHT
    train(add(come_by("mine", visit_of(at).browser)), 4)
    assert reads(at) == 4


def test_an_open_page_calls_a_room_by_its_new_name(shared: SharedModel) -> None:
    at = open_room("Class 4b")
    guest = come_by(code_of(at))
    room = visit_of(at).ours
    assert room is not None
    shared.room(room).owner(KnownBrowser(visit_of(at).browser)).rename("Class 5b")
    guest.run()
    assert guest.get("popover")[0].proto.popover.label == "Class 5b"


def test_going_into_a_room_of_ones_own_list_counts_as_use(shared: SharedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_room("Class 4b")
    room = visit_of(at).ours
    assert room is not None
    choose_whose(at, "everyone")
    visit_of(at).ours = None
    used: list[int] = []

    def note_used(_: Rooms, room: Room) -> Room:
        used.append(room.id)
        return room

    monkeypatch.setattr(Rooms, "note_used", note_used)
    at.session_state[f"rooms{visit_of(at).moves}"] = True
    click(at.run(), f"room{room.id}")
    assert used == [room.id] and visit_of(at).ours == room


def test_a_room_of_ones_own_list_that_was_closed_says_so(shared: SharedModel) -> None:
    at = open_room("Class 4b")
    room = visit_of(at).ours
    assert room is not None
    choose_whose(at, "everyone")
    visit_of(at).ours = None
    at.session_state[f"rooms{visit_of(at).moves}"] = True
    at.run()
    shared.room(room).owner(KnownBrowser(visit_of(at).browser)).close()
    click(at, f"room{room.id}")
    assert "This room was closed" in messages(at) and visit_of(at).whose == "everyone"


def test_where_nobody_may_teach_the_page_still_says_whose_model_a_link_led_to(start_shared: StartShared) -> None:
    shared = start_shared(teaching="off")
    room, _ = shared.directory.open_ours("Class 4b", new_browser_id(), [])
    assert "Class 4b" in " ".join(caption.value for caption in come_by(room.code).caption)


def test_rooms_are_opened_so_many_in_a_minute(start_shared: StartShared) -> None:
    start_shared(rooms_per_minute=1)
    open_room("One")
    assert "Many rooms were opened in this minute" in messages(open_room("Two"))


def unreachable(*_: object, **__: object) -> Room:
    raise StoreUnavailable("unreachable")


def test_ones_own_model_is_found_again_by_the_browser(shared: SharedModel) -> None:
    browser = new_browser_id()
    train(add(choose_whose(open_app(browser=browser), "mine")), 4)
    assert reads(come_by("mine", browser)) == 4
    assert reads(come_by("mine", new_browser_id())) == UNTAUGHT


def test_a_room_needs_a_name(shared: SharedModel) -> None:
    assert "Give the room a name" in messages(open_room("  "))


def test_a_browser_opens_only_so_many_rooms(start_shared: StartShared) -> None:
    start_shared(rooms_per_browser=1)
    browser = new_browser_id()
    open_room("One", browser)
    assert "as many rooms as one browser may" in messages(open_room("Two", browser))


@pytest.mark.parametrize(("rooms", "codes"), [("owner", True), ("off", False)])
def test_the_host_may_keep_visitors_from_opening_rooms(start_shared: StartShared, rooms: str, codes: bool) -> None:
    start_shared(rooms=rooms)
    at = open_app()
    at.session_state["rooms0"] = True
    at.run()
    keys = [field.key for field in at.text_input]
    assert ("room_code" in keys) == codes and "room_name" not in keys


def test_a_room_that_was_closed_says_so_and_moves_nobody(shared: SharedModel) -> None:
    at = open_room("Class 4b")
    guest = come_by(code_of(at))
    room = visit_of(at).ours
    assert room is not None
    shared.room(room).owner(KnownBrowser(visit_of(at).browser)).close()
    train(add(guest), 4)
    assert "This room was closed" in messages(guest) and len(visit_of(guest).tray) == 1
    assert shared.everyone.version.id == 0, "nobody's lesson goes where they did not mean it to"
    assert "This room was closed" in messages(draw(guest))
    assert reads(choose_whose(guest, "everyone")) == UNTAUGHT


def test_a_name_is_shown_as_it_was_written(shared: SharedModel) -> None:
    at = open_room("[x](http://evil.example) **b** :red[r] $x$")
    assert choices(at)[-1] == r"\[x\]\(http\:\/\/evil\.example\) \*\*b\*\* \:red\[r\] \$x\$"


@pytest.mark.parametrize(("name", "shown"), [("¡4º B — 🦊!", "¡4º B — 🦊\\!"), ("_b_ __c__", r"\_b\_ \_\_c\_\_")])
def test_a_name_has_a_backslash_where_markdown_takes_it_away_again(name: str, shown: str) -> None:
    assert plain(name) == shown


def test_a_lesson_of_another_is_not_undone_by_a_click_that_names_it(shared: SharedModel) -> None:
    at = open_room("Class 4b")
    room = visit_of(at).ours
    assert room is not None
    other = new_token()
    shared.room(room).teach(drawings(1), [5], Click("1", other))
    click(train(add(at), 4), "undo")
    assert [list(lesson.labels) for lesson in shared.room(room).lessons()] == [[5]]


def choices(at: AppTest) -> list[str]:
    """What the open control offers, as Markdown."""
    control = at.button_group(key=f"whose{visit_of(at).moves}")
    return [option.content for option in control.proto.options]
