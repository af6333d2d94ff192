"""The owner of a room hides and deletes what was taught there; whoever is not does nothing by the same clicks."""

from __future__ import annotations

import base64
from collections.abc import Callable
from threading import Event
from unittest.mock import Mock

import pytest
from streamlit.testing.v1 import AppTest

from harness.processes import wait_until
from mnist_core.files.lessons import pack_npz, unpack
from mnist_core.serving.commit import Click
from mnist_core.serving.ownership import KnownBrowser
from mnist_core.serving.room_model import RoomModel
from mnist_core.serving.room_owner import RoomOwner
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage import room_store
from mnist_core.storage.browsers import new_browser_id, teacher_number
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import LessonRecord, Room
from mnist_core.teaching.lesson import Lesson
from tests.app.conftest import StartShared, add, click, may_end, messages, offered, open_app, train, visit_of
from tests.fakes import as_owner, drawings
from ui.names import friendly_name
from ui.session import Notice, Visit, Whose
from ui.texts import TEXTS

OWNER, ANA, BEN = new_browser_id(), new_browser_id(), new_browser_id()


@pytest.fixture
def room(shared: SharedModel) -> RoomModel:
    """A room of ours, in which Ana taught a 3 and then a 4, and Ben a 5."""
    opened, _ = shared.directory.open_ours("4B", OWNER, [])
    model = shared.room(opened)
    for browser, digit in ((ANA, 3), (ANA, 4), (BEN, 5)):
        teach(model, browser, digit)
    return model


def teach(model: RoomModel, browser: str, digit: int) -> Lesson:
    return model.teach(drawings(2), [digit, digit], Click(teacher_number(browser), new_token(), browser))


def rights(model: RoomModel) -> RoomOwner:
    return model.owner(KnownBrowser(OWNER))


def learned(model: RoomModel, browser: str, part: str = "taught", language: str = "en") -> AppTest:
    """This browser, in the room, on the page of what was learned."""
    at = open_app(browser=browser, room=model.room.code, language={"en": "English", "es": "Español"}[language])
    return turn_to(at, part, language)


def turn_to(at: AppTest, part: str, language: str = "en") -> AppTest:
    at.session_state["part"] = TEXTS[f"learned.tab.{part}"][language]
    at.switch_page("app_pages/learned.py").run()
    assert not at.exception
    return at


def shown(at: AppTest) -> str:
    """All that is said on the page."""
    parts = [at.markdown, at.caption, at.metric, at.subheader]
    return "\n".join(str(element.value) for part in parts for element in part) + messages(at)


def galleries(at: AppTest) -> int:
    """How many lessons' drawings are shown."""
    return sum('"pictures"' in element.proto.json for element in at.get("bidi_component"))


def keys(at: AppTest) -> set[str]:
    return {str(button.key) for button in at.button}


def states(model: RoomModel) -> list[tuple[str, bool]]:
    """Of each lesson: what is left of it, and whether it is hidden."""
    return [(lesson.state, lesson.hidden) for lesson in records(model)]


def records(model: RoomModel) -> list[LessonRecord]:
    return sorted(model.history().lessons.values(), key=lambda lesson: lesson.id)


def test_who_taught_has_friendly_words_for_a_name(room: RoomModel) -> None:
    name = friendly_name(teacher_number(ANA), "en")
    at = learned(room, BEN)
    assert shown(at).count(f"by {name}") == 2 and shown(at).count("by you") == 1
    assert teacher_number(ANA) not in shown(at)
    assert f"de: {friendly_name(teacher_number(ANA), 'es')}" in shown(learned(room, BEN, language="es"))
    rights(room).withdraw(1)
    assert "by the owner" in shown(at.run())


def test_learned_says_whose_model_it_is(room: RoomModel) -> None:
    at = learned(room, BEN)
    assert "the room **4B**" in shown(at)
    visit_of(at).go_to("mine", None)
    assert "your own model" in shown(at.run()) and "You have taught it nothing" in shown(at)
    visit_of(at).go_to("everyone", None)
    assert "everyone's model" in shown(at.run())


def test_versions_are_called_by_their_number_in_the_room(shared: SharedModel, room: RoomModel) -> None:
    other = shared.room(shared.directory.open_ours("5A", OWNER, [])[0])
    teach(other, ANA, 6)  # the fourth lesson of the store
    owner = rights(other)
    (lesson,) = other.lessons()
    owner.withdraw(lesson.id)
    at = learned(other, OWNER)
    assert "**2. withdrawn: the lesson of version 1**" in shown(at)
    click(at, f"back{other.history().versions[1].id}")
    assert "**3. went back to version 1**" in shown(at)
    owner.delete([lesson.id])
    assert "**4. deleted for good: the lesson of version 1**" in shown(at.run())
    assert "borrado para siempre: la lección de la versión 1" in shown(learned(other, OWNER, language="es"))


def test_hidden_drawings_are_seen_by_the_owner_only(room: RoomModel) -> None:
    owner, visitor = learned(room, OWNER), learned(room, BEN)
    assert galleries(visitor) == 3
    click(owner, "hide1")
    assert states(room) == [("kept", True), ("kept", False), ("kept", False)]
    assert galleries(owner) == 3 and galleries(visitor.run()) == 2
    assert "The owner has hidden these drawings." in shown(visitor)
    assert "The owner has hidden" not in shown(owner)
    assert len(room.classifier.memories) == 3, "what they taught stays"
    click(owner, "hide1")
    assert galleries(visitor.run()) == 3


def test_exports_hold_hidden_drawings_for_the_owner_only(room: RoomModel) -> None:
    rights(room).hide([1])
    taken = {}
    for browser in (OWNER, BEN):
        at = learned(room, browser, "files")
        at.session_state["save_lessons_npz"] = {"asked": "1"}
        taken[browser] = unpack(offered(at.run())["lessons.npz"] or b"")
    assert taken[OWNER].labels.tolist() == [3, 3, 4, 4, 5, 5]
    assert taken[BEN].labels.tolist() == [4, 4, 5, 5]


def test_a_lesson_is_deleted_for_good_once_its_owner_is_sure(room: RoomModel) -> None:
    at = learned(room, OWNER)
    click(at, "delete1")
    assert "Sure?" in shown(at) and states(room)[0] == ("kept", False)
    click(at, "keep")
    assert "Sure?" not in shown(at)
    click(click(at, "delete1"), "delete_for_good")
    assert states(room) == [("deleted", False), ("kept", False), ("kept", False)]
    assert [len(lesson.images) for lesson in records(room)] == [0, 2, 2]
    assert "a lesson, since deleted for good" in shown(at) and galleries(at) == 2
    assert not {"delete1", "hide1", "withdraw1"} & keys(at)
    assert [int(memory.labels[0]) for memory in room.classifier.memories] == [4, 5]


def test_all_that_one_visitor_taught_is_hidden_and_deleted_at_once(room: RoomModel) -> None:
    at = learned(room, OWNER)
    name = friendly_name(teacher_number(ANA), "en")
    assert name in at.button(key="hide_all2").label and name in at.button(key="delete_all2").label
    click(at, "hide_all2")
    assert states(room) == [("kept", True), ("kept", True), ("kept", False)]
    click(at, "hide_all2")
    assert states(room) == [("kept", False)] * 3
    click(click(at, "delete_all2"), "delete_for_good")
    assert states(room) == [("deleted", False), ("deleted", False), ("kept", False)]
    assert "deleted for good: lessons" in shown(at)


def test_erased_drawings_are_said_to_be(shared: SharedModel, room: RoomModel) -> None:
    shared._active.store().rooms.erase_drawings(0)
    at = learned(room, OWNER)
    assert shown(at).count("erased because of their age") == 3 and galleries(at) == 0
    assert "hide1" not in keys(at) and "delete1" in keys(at)


def test_a_lesson_that_waits_is_approved_or_declined(room: RoomModel) -> None:
    rights(room).set_approval(True)
    assert teach(room, ANA, 6).waiting and teach(room, BEN, 8).waiting
    visitor, at = learned(room, BEN), learned(room, OWNER)
    assert "wait until the owner has approved them: 2" in shown(visitor) and "approve4" not in keys(visitor)
    assert "Waiting for your approval: 2" in shown(at) and galleries(at) == 5
    click(at, "approve4")
    assert room.classifier.memories[-1].labels[0] == 6 and len(room.history().waiting) == 1
    click(at, "decline5")
    assert room.history().waiting == [] and len(room.classifier.memories) == 4
    assert "Waiting" not in shown(at)


def test_a_flood_that_waits_is_deleted_at_once_and_honest_lessons_come_to_light(
    room: RoomModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_store, "WAITING", 2)
    rights(room).set_approval(True)
    flooder = new_browser_id()
    for _ in range(3):
        teach(room, flooder, 6)
    honest = new_browser_id()
    teach(room, honest, 8)
    at = learned(room, OWNER)
    assert {"delete_all4", "delete_all5"} <= keys(at) and "approve7" not in keys(at), "it is behind the flood"
    assert "delete_everywhere4" not in keys(at) and "delete_all4" not in keys(learned(room, BEN))
    click(at, "delete_all4")
    assert "Sure?" in shown(at) and len(room.history().waiting) == 2
    click(click(at, "keep"), "delete_all4")
    click(at, "delete_for_good")
    assert [lesson.id for lesson in room.history().waiting] == [7] and "approve7" in keys(at)
    assert len(room.classifier.memories) == 3, "what others taught stays"


def test_the_host_deletes_a_flood_that_waits_in_all_rooms(shared: SharedModel, room: RoomModel) -> None:
    host, flooder = new_browser_id(), new_browser_id()
    as_owner(shared, host)
    other = shared.room(shared.directory.open_ours("5A", OWNER, [])[0])
    for place in (room, other):
        rights(place).set_approval(True)
        teach(place, flooder, 6)
    click(click(learned(room, host), "delete_everywhere4"), "delete_for_good")
    assert room.history().waiting == other.history().waiting == []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("way", ["approve", "decline"])
def test_a_lesson_approved_on_one_page_is_said_to_wait_no_longer_on_the_other(
    room: RoomModel, way: str, language: str
) -> None:
    rights(room).set_approval(True)
    teach(room, ANA, 6)
    one, other = learned(room, OWNER), learned(room, OWNER, language=language)
    click(one, "approve4")
    click(other, f"{way}4")
    assert TEXTS["waiting.gone"][language] in messages(other)
    assert [lesson.state for lesson in records(room)] == ["kept"] * 4 and len(room.classifier.memories) == 4


def test_a_version_that_is_gone_is_said_to_be(room: RoomModel) -> None:
    at = learned(room, OWNER)
    rights(room).empty()
    click(at, "back1")
    assert "version is not there any more" in messages(at)


@pytest.mark.parametrize(
    ("digit", "said"), [(6, "Learned, and now it waits"), (5, "It read all of these right before. The lesson waits")]
)
def test_who_taught_is_told_that_the_lesson_waits_and_may_take_it_back(room: RoomModel, digit: int, said: str) -> None:
    rights(room).set_approval(True)
    at = train(add(open_app(browser=ANA, room=room.room.code)), digit)
    assert f"{said} until the owner of this room has approved it" in messages(at)
    assert ("Learned" in messages(at)) == (digit == 6), "a 5 was read right before"
    assert at.metric[0].value == "100\N{NO-BREAK SPACE}%", "the proof of what it would be"
    assert visit_of(at).tray == [] and "teach_own" not in keys(at) and "Learned in" not in messages(at)
    click(at, "undo")
    assert room.history().waiting == [] and len(visit_of(at).tray) == 1
    assert "Undone" in messages(at)


def test_what_the_gate_says_to_a_lesson_that_waits_is_shown(room: RoomModel, monkeypatch: pytest.MonkeyPatch) -> None:
    rights(room).set_approval(True)
    teach(room, ANA, 6)
    at = learned(room, OWNER)
    refused = room.classifier.teach(drawings(1), [9])
    assert refused.refusal
    monkeypatch.setattr(RoomOwner, "approve", lambda self, lesson_id: refused)
    click(at, "approve4")
    assert "misread 31 of 1,000 drawings of the digit 9" in messages(at)
    assert len(room.history().waiting) == 1


def test_the_owner_names_the_room_sets_approval_and_closes_it(shared: SharedModel, room: RoomModel) -> None:
    at = learned(room, OWNER, "owner")
    at.text_input(key=f"room_name{room.room.id}").set_value("Class 4B")
    submit(at, "Rename")
    assert "**Class 4B**" in shown(at) and rights(room).owned_room.name == "Class 4B"
    at.text_input(key=f"room_name{room.room.id}").set_value("  ")
    submit(at, "Rename")
    assert "Give the room a name" in messages(at)
    at.toggle(key=f"approval{room.room.id}").set_value(True).run()
    assert rights(room).owned_room.approval
    click(at, "close_room")
    assert "nothing of it is left" in messages(at) and "everyone's model" in shown(at)
    with pytest.raises(LookupError):
        shared.directory.find(room.room.code, ANA)


def submit(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception


def test_the_key_of_a_room_makes_another_browser_its_owner(start_shared: StartShared) -> None:
    shared = start_shared(password_tries=2)
    opened, key = shared.directory.open_ours("4B", OWNER, [])
    at = learned(shared.room(opened), BEN, "owner")
    for given, message in ((key[:-1], "not the key"), (f" {key} ", "is the owner of this room now")):
        at.text_input(key="claim_key").set_value(given)
        submit(at, "Become the owner")
        assert message in messages(at)
    assert f"room_name{opened.id}" in {field.key for field in at.text_input}
    former = learned(shared.room(opened), OWNER, "owner")
    assert "claim_key" in {field.key for field in former.text_input}
    for _ in range(3):
        former.text_input(key="claim_key").set_value("guess")
        submit(former, "Become the owner")
    assert "Too many wrong keys" in messages(former)


def test_the_host_goes_into_each_room_and_owns_it(shared: SharedModel, room: RoomModel) -> None:
    host = new_browser_id()
    as_owner(shared, host)
    at = turn_to(open_app(browser=host), "owner")
    assert "lessons: 3" in shown(at)
    click(at, f"enter{room.room.id}")
    turn_to(at, "taught")
    click(at, "hide1")
    assert states(room)[0] == ("kept", True)
    assert f"enter{room.room.id}" not in keys(turn_to(open_app(browser=BEN), "owner"))


def test_the_host_reaches_every_room_without_its_code(start_shared: StartShared) -> None:
    shared = start_shared(rooms_per_minute=1000)
    oldest, *_ = [shared.directory.open_ours(f"Class {n}", new_browser_id(), [])[0] for n in range(101)]
    host = new_browser_id()
    as_owner(shared, host)
    at = turn_to(open_app(browser=host), "owner")
    assert "the last used first: 101" in shown(at) and f"enter{oldest.id}" not in keys(at)
    at.session_state["rooms_page"] = 11
    click(at.run(), f"enter{oldest.id}")
    assert visit_of(at).ours == oldest


def test_the_host_hides_and_deletes_all_of_one_visitor_in_all_rooms_at_once(
    shared: SharedModel, room: RoomModel
) -> None:
    other = shared.room(shared.directory.open_ours("5A", OWNER, [])[0])
    own = shared.room(shared.directory.open_mine(ANA))
    teach(other, ANA, 6), teach(other, BEN, 7), teach(own, ANA, 8)
    host = new_browser_id()
    as_owner(shared, host)
    assert not {"hide_everywhere2", "delete_everywhere2"} & keys(learned(room, OWNER)), "an owner has one room"
    at = learned(room, host)
    click(at, "hide_everywhere2")
    everywhere = [hidden for place in (room, other, own) for _, hidden in states(place)]
    assert everywhere == [True, True, False, True, False, True]
    click(click(at, "delete_everywhere2"), "delete_for_good")
    gone = [state for place in (room, other, own) for state, _ in states(place)]
    assert gone == ["deleted", "deleted", "kept", "deleted", "kept", "deleted"]
    left = {place.room.id: place.history().active.lesson_ids for place in (room, other, own)}
    assert list(left.values()) == [(3,), (5,), ()]
    wait_until(lambda: [int(m.labels[0]) for m in other.classifier.memories] == [7], 10, "the models have heard so")


def test_a_click_on_all_rooms_does_nothing_for_who_is_not_the_host_any_more(
    shared: SharedModel, room: RoomModel
) -> None:
    host = new_browser_id()
    as_owner(shared, host)
    for way in ("hide_everywhere2", "delete_everywhere2"):
        at = learned(room, host)
        if way.startswith("delete"):
            click(at, way)
            way = "delete_for_good"
        shared.ownership.sign_out(host)
        click(at, way)
        assert "Only the owner" in messages(at) and states(room) == [("kept", False)] * 3
        as_owner(shared, host)


def test_the_host_approves_what_is_taught_to_everyones_model(shared: SharedModel) -> None:
    host = new_browser_id()
    as_owner(shared, host)
    at = turn_to(open_app(browser=host), "owner")
    at.toggle(key="approval1").set_value(True).run()
    assert teach(shared.everyone, ANA, 3).waiting and not teach(shared.everyone, host, 4).waiting
    assert "approval1" not in {toggle.key for toggle in turn_to(open_app(browser=BEN), "owner").toggle}
    (waiting,) = shared.everyone.history().waiting
    click(turn_to(at, "taught"), f"approve{waiting.id}")
    assert [lesson.labels[0] for lesson in shared.everyone.lessons()] == [3, 4]


def test_ones_own_model_is_ones_own_without_asking(shared: SharedModel) -> None:
    mine = shared.room(shared.directory.open_mine(ANA))
    for digit in (3, 4):
        teach(mine, ANA, digit)
    at = turn_to(open_app(browser=ANA, room="mine"), "taught")
    assert not {"hide1", "hide_all1", "delete_all1"} & keys(at), "nobody else sees them"
    click(at, "withdraw1")
    assert [int(memory.labels[0]) for memory in mine.classifier.memories] == [4]
    assert shown(at).count("by you") == 3
    click(at, "back2")
    click(click(at, "delete2"), "delete_for_good")
    assert [int(memory.labels[0]) for memory in mine.classifier.memories] == [3]
    turn_to(at, "files")
    assert {"lessons.npz", "lessons.zip"} <= set(offered(at))
    click(at, "empty")
    assert mine.lessons() == []
    turn_to(at, "owner")
    click(at, "close_room")
    assert shared.directory.mine(ANA) is None and visit_of(at).whose == "mine"
    assert "You have taught it nothing" in shown(turn_to(at, "taught"))


WAYS = ["back1", "withdraw2", "hide1", "hide_all1", "delete1", "delete_all1", "approve4", "decline4", "delete_all4"]


def as_stored(model: RoomModel) -> object:
    """All that an owner could have changed, as it is by now."""
    history = model.history()
    lessons = [(lesson.id, lesson.state, lesson.hidden) for lesson in history.lessons.values()]
    return history.versions, lessons, [lesson.id for lesson in history.waiting], model.lessons()[0].id


@pytest.fixture
def former(shared: SharedModel, room: RoomModel) -> Callable[[AppTest], object]:
    """The browser that opened the room owns nothing any more, while its page still shows an owner's buttons."""
    rights(room).set_approval(True)
    teach(room, ANA, 6)

    def lose(at: AppTest) -> object:
        shared.forget(OWNER)
        return as_stored(room)

    return lose


@pytest.mark.parametrize("way", WAYS)
def test_an_owners_click_on_a_lesson_does_nothing_for_who_owns_nothing(
    room: RoomModel, former: Callable[[AppTest], object], way: str
) -> None:
    assert not {way, "delete_for_good"} & keys(learned(room, BEN)), "nor does the page offer it"
    at = learned(room, OWNER)
    if way.startswith("delete"):
        click(at, way)
        way = "delete_for_good"
    before = former(at)
    click(at, way)
    assert as_stored(room) == before
    assert "Only the owner" in messages(at)


@pytest.mark.parametrize("act", ["rename", "approval", "close_room", "empty"])
def test_an_owners_settings_do_nothing_for_who_owns_nothing(
    shared: SharedModel, room: RoomModel, former: Callable[[AppTest], object], act: str
) -> None:
    part = "files" if act == "empty" else "owner"
    assert act not in keys(learned(room, BEN, part))
    at = learned(room, OWNER, part)
    before = former(at)
    if act == "rename":
        at.text_input(key=f"room_name{room.room.id}").set_value("Mine now")
        submit(at, "Rename")
    elif act == "approval":
        at.toggle(key=f"approval{room.room.id}").set_value(False).run()
    else:
        click(at, act)
    found = shared.directory.find(room.room.code, BEN)
    assert (found.name, found.approval) == ("4B", True)
    assert as_stored(room) == before
    assert "Only the owner" in messages(at)


def page_of_imports() -> None:
    """As when a file was chosen on the page; AppTest cannot choose one."""
    import streamlit as st

    from ui.learned.uploads import import_lessons

    if st.session_state.pop("given", False):
        import_lessons()


def bring(browser: str, whose: Whose, ours: Room | None = None) -> AppTest:
    """Choose a file of two lessons, a 3 and a 4, where it would teach this room."""
    at = AppTest.from_function(page_of_imports, default_timeout=60)
    at.session_state["visit"] = Visit(browser, kept=True, whose=whose, ours=ours)
    file = base64.b64encode(pack_npz(drawings(2), [3, 4], [0, 1])).decode()
    at.session_state["given"] = True
    at.session_state["import"] = {"given": f"data:application/octet-stream;base64,{file}"}
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize("teaching", ["shared", "personal"])
def test_a_file_of_lessons_may_be_what_begins_ones_own_model(start_shared: StartShared, teaching: str) -> None:
    shared = start_shared(teaching=teaching)
    followed = visit_of(bring(ANA, "mine")).followed_import
    assert followed
    followed.wait(30)
    mine = shared.directory.mine(ANA)
    assert mine
    assert [int(memory.labels[0]) for memory in shared.room(mine).classifier.memories] == [3, 4]


def test_a_file_that_does_not_fit_beside_the_ones_being_taught_is_said(start_shared: StartShared) -> None:
    shared = start_shared(import_drawings=3)
    may_end(shared).clear()
    first = visit_of(bring(ANA, "mine")).followed_import
    at = bring(BEN, "mine")
    assert first and visit_of(at).import_notice == Notice("limit.imports", {"seconds": 0})
    may_end(shared).set()
    first.wait(30)
    assert visit_of(bring(BEN, "mine")).followed_import


@pytest.mark.parametrize("outcome", [False, StoreUnavailable("full")])
def test_a_file_of_which_no_lesson_is_kept_leaves_no_room(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch, outcome: bool | StoreUnavailable
) -> None:
    seen = Event()  # the page shows the import before it ends

    def judged(*_: object, **__: object) -> bool:
        assert seen.wait(30)
        if isinstance(outcome, StoreUnavailable):
            raise outcome
        return outcome

    monkeypatch.setattr(RoomOwner, "import_lesson", judged)
    me = visit_of(bring(ANA, "mine"))
    assert me.followed_import and me.mine
    seen.set()
    me.followed_import.wait(30)
    assert shared.directory.mine(ANA) is None
    at = open_app(browser=ANA, room="mine")
    visit_of(at).followed_import, visit_of(at).mine = me.followed_import, me.mine
    turn_to(at, "files")
    assert visit_of(at).mine is None, "nor does the page go on with it"


def test_a_file_that_is_not_taken_leaves_no_room(shared: SharedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RoomOwner, "start_import", Mock(side_effect=LimitReached("imports")))
    at = bring(ANA, "mine")
    assert visit_of(at).import_notice == Notice("limit.imports", {"seconds": 0}) and shared.directory.mine(ANA) is None


@pytest.mark.parametrize("whose", ["mine", "ours"])
def test_where_nobody_may_teach_no_file_does(start_shared: StartShared, whose: Whose) -> None:
    shared = start_shared(teaching="off")
    opened, _ = shared.directory.open_ours("4B", OWNER, [])
    at = bring(OWNER, whose, opened)
    assert visit_of(at).followed_import is None and shared.directory.mine(OWNER) is None
    assert visit_of(at).lesson_notice == Notice("owner.only")


@pytest.mark.parametrize("whose", ["everyone", "ours"])
def test_who_owns_nothing_teaches_no_file(shared: SharedModel, whose: Whose) -> None:
    opened, _ = shared.directory.open_ours("4B", OWNER, [])
    at = bring(BEN, whose, opened)
    assert visit_of(at).followed_import is None and visit_of(at).lesson_notice == Notice("owner.only")
