"""Rooms as servers have them, on both engines, without TensorFlow. Two models on one store are two servers."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import sqlalchemy as sa

from harness.processes import ROOT, wait_until
from mnist_core.serving import active_models, bulletins, room_owner, shared_model
from mnist_core.serving.commit import Click
from mnist_core.serving.ownership import KnownBrowser, NotOwner, Proof, Secret, SignedIn
from mnist_core.serving.room_model import NotAllowed, RoomModel
from mnist_core.serving.room_owner import RoomOwner
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage.browsers import new_browser_id, teacher_number
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import History, LessonRecord, NewLesson, Room, Version
from mnist_core.storage.room_store import RoomStore
from mnist_core.storage.rooms import Rooms
from mnist_core.storage.schema import rooms
from mnist_core.storage.store import Store
from mnist_core.teaching.classifier import Classifier
from tests.fakes import VANDALISM, FakeClassifier, as_owner, drawings
from tests.storage.made import FIGURES, by_hand, statements

Start = Callable[..., SharedModel]
ME, OTHER = new_browser_id(), new_browser_id()
POLL_S = 0.05


@pytest.fixture
def start(url: str, tmp_path: Path) -> Iterator[Start]:
    """Start a server's model: `start(base_id=..., room_days=...)`, all on one store."""
    started: list[SharedModel] = []

    def begin(base_id: str = "base", **settings: Any) -> SharedModel:
        values: dict[str, Any] = {
            "database_url": url,
            "data_dir": tmp_path,
            "lessons_per_visitor": 1000,
            "lessons_per_minute": 1000,
        }
        fake = cast(Classifier, FakeClassifier(base_id))
        started.append(SharedModel(Settings(**values | settings), load=lambda: fake, poll_s=POLL_S))
        assert started[-1].ready.wait(30)
        return started[-1]

    yield begin
    for model in started:
        model.close()


def ours(model: SharedModel, name: str = "Year 4", browser: str = ME) -> RoomModel:
    return model.room(model.directory.open_ours(name, browser, [])[0])


def mine(model: SharedModel, browser: str = ME) -> RoomModel:
    return model.room(model.directory.open_mine(browser))


def teach(room: RoomModel, *labels: int, browser: str = ME, token: str = "") -> bool:
    click = Click(teacher_number(browser), token or new_token(), browser)
    return room.teach(drawings(len(labels)), labels, click).accepted


def known(room: RoomModel) -> list[int]:
    return cast(FakeClassifier, room.classifier).known


def known_soon(room: RoomModel, *labels: int) -> None:
    """Wait until the room knows just these, as it does within two looks at the store."""
    wait_until(lambda: known(room) == list(labels), 10, f"{labels} are known")


def test_a_rooms_lesson_is_known_in_it_on_every_server_and_nowhere_else(start: Start) -> None:
    a, b = start(), start()
    room, own = ours(a), mine(a)
    found = b.room(b.directory.find(room.room.code.lower(), OTHER))
    assert known(found) == []
    assert teach(room, 3) and teach(own, 4) and teach(a.everyone, 5)
    known_soon(found, 3)
    known_soon(mine(b), 4)
    known_soon(b.everyone, 5)
    assert [known(place) for place in (room, own, a.everyone, ours(b, "another"), mine(b, OTHER))] == [
        [3], [4], [5], [], []
    ]  # fmt: skip
    assert teach(found, 6) and [version.number for version in found.history().versions] == [2, 1]
    assert [version.number for version in b.everyone.history().versions] == [1]


def test_two_looks_at_the_store_are_within_the_two_seconds_that_are_promised_and_one_is_enough(
    start: Start, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inspect.signature(SharedModel).parameters["poll_s"].default <= 1.0
    assert "known on B within two." in (ROOT / "docs" / "hosting.md").read_text()
    here, looks, kept = ours(start()), list[list[int]](), threading.Event()
    assert known(here) == []
    look = Rooms.active_versions

    def noted(store: Rooms, room_ids: Collection[int]) -> dict[int, int]:
        if kept.is_set() and len(room_ids) > 1:  # one look at all rooms, and not what follows from it
            looks.append(known(here))
        return look(store, room_ids)

    monkeypatch.setattr(Rooms, "active_versions", noted)
    elsewhere = Store(url)  # another server's
    memory = FakeClassifier()._fit([3]).to_bytes()
    lesson = NewLesson("a", "1", "base", drawings(1), np.array([3]), memory, FIGURES, FIGURES)
    elsewhere.room(here.room.id).add_lesson(lesson, 0)
    elsewhere.close()
    kept.set()
    wait_until(lambda: len(looks) > 2, 30, "it has looked")
    assert looks[1:3] == [[3], [3]], "known after the first look that began when it was kept"


def test_twenty_rooms_that_teach_at_once_on_two_servers_mix_nothing_up(start: Start) -> None:
    servers = start(), start()
    browsers = [new_browser_id() for _ in range(20)]
    found = [mine(servers[0], browser).room for browser in browsers[:10]]
    found += [ours(servers[1], f"room {n}", browser).room for n, browser in enumerate(browsers[10:])]

    def teach_there(number: int) -> bool:
        place = number % 20
        return teach(servers[number // 20 % 2].room(found[place]), place % 9, browser=browsers[place])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(teach_there, range(80)))
    for place, room in enumerate(found):
        for server in servers:
            known_soon(server.room(room), *[place % 9] * 4)


def test_mine_is_found_again_by_its_browser_only(start: Start) -> None:
    a = start()
    assert a.directory.mine(ME) is None, "nothing is made before a lesson"
    assert teach(mine(a), 3)
    a.close()
    for server in (start(), start()):
        found = server.directory.mine(ME)
        assert found is not None and known(server.room(found)) == [3]
        assert server.directory.mine(OTHER) is None
    first, second = start(), start()
    known_soon(mine(second), 3)
    stale = mine(second)
    first.forget(ME)
    assert first.directory.mine(ME) is None and known(first.everyone) == []
    wait_until(partial(is_closed, stale), 10, "the other server has heard so")
    assert known(mine(second)) == [], "it starts anew"


def test_a_room_that_is_removed_just_now_is_not_found(start: Start, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, note_used = start(), Rooms.note_used
    own, room = mine(model), ours(model)
    age(url, [own.room, room.room], days=1)

    def too_late(store: Rooms, room: Room) -> Room:
        store.close(room.id)
        return note_used(store, room)

    monkeypatch.setattr(Rooms, "note_used", too_late)
    assert model.directory.mine(ME) is None
    with pytest.raises(LookupError, match="no room"):
        model.directory.find(room.room.code, OTHER)


def is_closed(room: RoomModel) -> bool:
    try:
        _ = room.classifier
    except RoomClosed:
        return True
    return False


def test_nobody_teaches_another_browsers_own_model(start: Start) -> None:
    model = start()
    room = mine(model)
    teach(room, 3)
    click = Click(teacher_number(OTHER), new_token(), OTHER)
    for crafted in (click, Click(teacher_number(ME), new_token(), None), Click(room.room.owner, new_token(), OTHER)):
        with pytest.raises(NotAllowed):
            model.room(room.room).teach(drawings(1), [5], crafted)
    assert known(room) == [3]


ACTIONS: dict[str, Callable[[RoomOwner], object]] = {
    "withdraw": lambda owner: owner.withdraw(1),
    "activate": lambda owner: owner.activate(0),
    "empty": lambda owner: owner.empty(),
    "hide": lambda owner: owner.hide([1]),
    "delete": lambda owner: owner.delete([1]),
    "taught_by": lambda owner: owner.delete(owner.taught_by(teacher_number(ME))),
    "approve": lambda owner: owner.approve(2),
    "decline": lambda owner: owner.decline(2),
    "set_approval": lambda owner: owner.set_approval(False),
    "rename": lambda owner: owner.rename("Eve's"),
    "import": lambda owner: owner.import_lesson(drawings(1), np.array([5]), 0),
    "start_import": lambda owner: owner.start_import([(drawings(1), np.array([5]))]),
    "close": lambda owner: owner.close(),
}


def test_a_browser_that_owns_nothing_does_nothing_of_an_owners(start: Start) -> None:
    """Whatever its messages claim, a page has no other way to these than `owner`, which takes no one's word."""
    model = start(owner_password="open sesame", owner_emails=frozenset({"ana@example.org"}), password_tries=1000)
    room = ours(model)
    as_owner_of(room).set_approval(True)
    teach(room, 3)
    assert teach(room, 4, browser=OTHER)
    public = {name for name in dir(RoomOwner) if not name.startswith("_")}
    assert {name for name in public if not hasattr(RoomModel, name)} >= set(ACTIONS) - {"import"}
    stranger, claims = new_browser_id(), {"is_logged_in": True, "email": "ana@example.org"}
    proofs: list[Proof] = [
        KnownBrowser(stranger),
        KnownBrowser(OTHER),
        Secret("guess", stranger),
        Secret(room.room.owner, stranger),
        Secret(room.room.code, stranger),
        Secret("", stranger),
        SignedIn(claims),
        SignedIn({}),
    ]
    before = room.history(), room.room
    for place in (room, model.everyone, mine(model)):
        for action in ACTIONS.values():
            for proof in proofs:
                with pytest.raises(NotOwner):
                    action(place.owner(proof))
    with pytest.raises(ValueError, match="browser id"):
        room.owner(KnownBrowser(room.room.owner[:16]))
    assert [v.id for v in room.history().versions] == [v.id for v in before[0].versions]
    assert len(room.history().waiting) == 1 and known(room) == [3]
    assert isinstance(room.owner(Secret("open sesame", stranger)), RoomOwner), "the host, everywhere"
    assert isinstance(room.owner(KnownBrowser(stranger)), RoomOwner)


def as_owner_of(room: RoomModel, browser: str = ME) -> RoomOwner:
    return room.owner(KnownBrowser(browser))


def test_a_key_moves_a_room_and_its_rights_to_another_browser(start: Start) -> None:
    model = start(password_tries=3)
    room, key = model.directory.open_ours("Year 4", ME, [])
    with pytest.raises(LookupError):
        model.directory.claim(room, "guess", OTHER)
    claimed = model.directory.claim(room, f" {key}\n", OTHER)
    assert model.directory.owned(OTHER) == [claimed] and model.directory.owned(ME) == []
    as_owner_of(model.room(claimed), OTHER).rename("5B")
    with pytest.raises(NotOwner):
        as_owner_of(model.room(room), ME)
    with pytest.raises(LookupError):
        model.directory.claim(room, "guess", OTHER)
    with pytest.raises(LimitReached, match="wrong keys"):
        model.directory.claim(room, key, OTHER)


def test_wrong_keys_by_others_keep_no_owner_out(start: Start) -> None:
    model = start(password_tries=2)
    room, key = model.directory.open_ours("Year 4", ME, [])
    for _ in range(20):
        with pytest.raises(LookupError):
            model.directory.claim(room, "guess", new_browser_id())
    assert model.directory.claim(room, key, OTHER).id == room.id


def test_who_opens_rooms_is_for_the_host_to_say(start: Start) -> None:
    closed, hosts = start(rooms="off"), start(rooms="owner")
    as_owner(hosts, OTHER), as_owner(closed, OTHER)
    proofs: list[Proof] = [KnownBrowser(OTHER)]
    others: list[Proof] = [KnownBrowser(ME)]
    for model, given in ((closed, []), (closed, proofs), (hosts, []), (hosts, others)):
        with pytest.raises(NotOwner):
            model.directory.open_ours("Year 4", ME, given)
    assert hosts.directory.open_ours("Year 4", OTHER, proofs)[0].name == "Year 4"


def test_a_lesson_waits_for_the_owner_and_is_gated_again(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = start(), start()
    room = ours(a)
    owner = as_owner_of(room)
    owner.set_approval(True)
    there = b.room(b.directory.find(room.room.code, OTHER))
    token = new_token()
    click = Click(teacher_number(OTHER), token, OTHER)
    lesson = there.teach(drawings(1), [3], click)
    assert lesson.accepted and lesson.waiting and lesson.after.taught == 1
    assert cast(FakeClassifier, lesson.classifier).known == [] and known(there) == []
    again = there.teach(drawings(1), [3], click)
    assert again.waiting and again.after.taught == 1
    (waiting,) = room.history().waiting
    with monkeypatch.context() as stricter:
        stricter.setattr("tests.fakes.VANDALISM", 3)
        assert not owner.approve(waiting.id).accepted
    assert len(room.history().waiting) == 1 and known(room) == [], "it still waits"
    assert owner.approve(waiting.id).accepted and known(room) == [3]
    known_soon(there, 3)
    with pytest.raises(LookupError):
        owner.approve(waiting.id)
    assert not there.teach(drawings(1), [3], click).waiting and known(room) == [3]
    there.undo(token, by="visitor")
    assert known(there) == []
    assert teach(room, 5) and known(room) == [5], "the owner's own wait for nobody"


def test_a_lesson_that_was_in_line_when_its_owner_asked_for_approval_waits(start: Start) -> None:
    model = start()
    room = ours(model)

    def asks(place: int) -> None:
        as_owner_of(room).set_approval(place == 0)

    click = Click(teacher_number(OTHER), new_token(), OTHER)
    assert room.teach(drawings(1), [3], click, on_place=asks).waiting and known(room) == []


def test_a_lesson_that_is_fitted_when_its_owner_asks_for_approval_on_another_server_waits(start: Start) -> None:
    a, b = start(), start()
    room = ours(a)
    there = b.room(room.room)
    fake = cast(FakeClassifier, there.classifier)
    fake.may_end.clear()
    click = Click(teacher_number(OTHER), new_token(), OTHER)
    with ThreadPoolExecutor(1) as pool:
        taught = pool.submit(there.teach, drawings(1), [3], click)
        wait_until(fake.fitting.is_set, 10, "a lesson is being fitted")
        as_owner_of(room).set_approval(True)
        fake.may_end.set()
        assert taught.result(30).waiting
    assert known(there) == [] and len(room.history().waiting) == 1
    assert teach(there, 4) and known(there) == [4], "the owner's own does not"


@pytest.mark.parametrize("who", ["visitor", "owner"])
def test_a_lesson_that_waits_is_taken_back_or_declined(start: Start, who: str) -> None:
    model = start()
    room = ours(model)
    owner = as_owner_of(room)
    owner.set_approval(True)
    token = new_token()
    assert teach(room, 3, browser=OTHER, token=token)
    (waiting,) = room.history().waiting
    if who == "visitor":
        room.undo(token, by="visitor")
    else:
        owner.delete([waiting.id])
    assert room.history().waiting == [] and room.history().count == 0
    with pytest.raises(LookupError):
        owner.approve(waiting.id)


def test_a_lesson_that_is_approved_while_its_visitor_takes_it_back_is_withdrawn_and_not_deleted(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = start()
    room, token = ours(model), new_token()
    owner = as_owner_of(room)
    owner.set_approval(True)
    assert teach(room, 3, browser=OTHER, token=token)
    (waiting,) = room.history().waiting
    taught_as = RoomStore.taught_as

    def approved_then(store: RoomStore, token: str) -> tuple[LessonRecord, Version | None] | None:
        found = taught_as(store, token)
        monkeypatch.undo()
        assert owner.approve(waiting.id).accepted
        return found

    monkeypatch.setattr(RoomStore, "taught_as", approved_then)
    room.undo(token, by="visitor")
    assert known(room) == [] and room.history().lessons[waiting.id].state == "kept"


def test_a_lesson_that_waits_no_longer_is_not_declined(start: Start) -> None:
    a, b = start(), start()
    room = ours(a)
    owner, there = as_owner_of(room), as_owner_of(b.room(room.room))
    owner.set_approval(True)
    for label in (3, 4):
        assert teach(room, label, browser=OTHER)
    first, second = (lesson.id for lesson in room.history().waiting)
    assert there.approve(first).accepted
    with pytest.raises(LookupError):
        owner.decline(first)
    known_soon(room, 3)
    owner.decline(second)
    assert room.history().waiting == [] and known(room) == [3]
    with pytest.raises(LookupError):
        there.decline(second)


def test_a_lesson_that_waited_for_a_new_base_model_is_whole_on_every_server(start: Start) -> None:
    old = start("old base")
    room = ours(old)
    as_owner_of(room).set_approval(True)
    teach(room, 3, browser=OTHER)
    old.close()
    a, b = start("new base"), start("new base")
    here, there = (model.room(room.room) for model in (a, b))
    assert known(there) == []
    (waiting,) = here.history().waiting
    assert as_owner_of(here).approve(waiting.id).accepted
    known_soon(there, 3)
    assert known(start("new base").room(room.room)) == [3]


def test_drawings_that_are_hidden_or_wait_are_read_with_an_owners_rights_alone(start: Start) -> None:
    room = ours(start())
    teach(room, 1, browser=OTHER)
    teach(room, 2, browser=OTHER)
    owner, (hidden, shown) = as_owner_of(room), room.version.lesson_ids
    owner.hide([hidden])
    owner.set_approval(True)
    teach(room, 3, browser=OTHER)

    def drawings_in(history: History) -> tuple[int, int, int]:
        (waiting,) = history.waiting
        return len(history.lessons[hidden].images), len(history.lessons[shown].images), len(waiting.images)

    assert drawings_in(room.history()) == (0, 1, 0) and drawings_in(owner.history()) == (1, 1, 1)


def test_only_the_host_sees_all_rooms(start: Start) -> None:
    model = start()
    room = ours(model).room
    with pytest.raises(NotOwner):
        model.host(KnownBrowser(ME))
    as_owner(model, OTHER)
    assert model.host(KnownBrowser(OTHER)).rooms(1, 10) == (1, [(room, 0)])


def test_hidden_and_deleted_drawings_are_in_no_export(start: Start) -> None:
    model = start()
    room = ours(model)
    for label in (1, 2, 3):
        teach(room, label, browser=OTHER)
    first, second, third = room.version.lesson_ids
    owner = as_owner_of(room)
    owner.hide([first])
    assert [record.id for record in room.lessons()] == [second, third] and known(room) == [1, 2, 3]
    assert [record.id for record in owner.lessons()] == [first, second, third]
    owner.delete([second])
    assert known(room) == [1, 3] and [record.id for record in owner.lessons()] == [first, third]
    assert room.history().active.kind == "delete" and room.history().lessons[second].state == "deleted"
    assert owner.activate(3).lesson_ids == (first, third), "no way back to it"
    owner.delete(owner.taught_by(teacher_number(OTHER)))
    assert known(room) == [] and owner.lessons() == []
    teach(room, 4)
    assert known(room) == [4]


def test_a_lesson_on_its_way_into_a_room_that_is_closed_is_not_kept_and_says_so(start: Start, url: str) -> None:
    a, b = start(), start()
    room = ours(a)
    there = b.room(room.room)
    teach(there, 1)
    fake = cast(FakeClassifier, there.classifier)
    fake.may_end.clear()
    with ThreadPoolExecutor(1) as pool:
        taught = pool.submit(teach, there, 3)
        wait_until(fake.fitting.is_set, 10, "a lesson is being fitted")
        as_owner_of(room).close()
        fake.may_end.set()
        with pytest.raises(RoomClosed):
            taught.result(30)
    for place in (room, there):
        with pytest.raises(RoomClosed):
            teach(place, 4)
        wait_until(partial(is_closed, place), 10, "it is known to be closed")
    with pytest.raises(LookupError):
        b.directory.find(room.room.code, OTHER)
    with by_hand(url) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM lessons").scalar() == 0
    assert teach(b.everyone, 5), "the line moves on"


@pytest.mark.parametrize("place", ["mine", "ours"])
def test_a_lesson_under_way_on_another_server_when_its_browser_is_forgotten_is_nobodys(
    start: Start, place: str
) -> None:
    a, b = start(), start()
    there = b.room(mine(a, OTHER).room) if place == "mine" else b.room(ours(a).room)
    fake = cast(FakeClassifier, there.classifier)
    fake.may_end.clear()
    with ThreadPoolExecutor(1) as pool:
        taught = pool.submit(teach, there, 3, browser=OTHER)
        wait_until(fake.fitting.is_set, 10, "a lesson is being fitted")
        a.forget(OTHER)
        fake.may_end.set()
        if place == "mine":
            with pytest.raises(RoomClosed):
                taught.result(30)
            assert b.directory.mine(OTHER) is None, "it does not come back"
        else:
            assert taught.result(30) and known(there) == [3]
            (record,), history = there.lessons(), there.history()
            assert (record.teacher, history.active.by) == ("", ""), "it stays taught, by nobody"


def test_a_click_of_before_its_browser_was_forgotten_makes_no_room(start: Start) -> None:
    a, b = start(), start()
    click = Click(teacher_number(OTHER), new_token(), OTHER)
    a.forget(OTHER)
    with pytest.raises(RoomClosed):
        b.directory.open_mine(OTHER, click.at)
    assert a.directory.mine(OTHER) is None
    anew = Click(teacher_number(OTHER), new_token(), OTHER)
    assert b.directory.open_mine(OTHER, anew.at).own, "who begins anew may"


def test_no_click_makes_the_room_again_between_its_end_and_that_of_forgetting(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = start(), start()
    click = Click(teacher_number(OTHER), new_token(), OTHER)
    forget_owner = Rooms.forget_owner

    def and_then_a_click(store: Rooms, browser: str) -> None:
        forget_owner(store, browser)
        with pytest.raises(RoomClosed):
            b.directory.open_mine(browser, click.at)

    monkeypatch.setattr(Rooms, "forget_owner", and_then_a_click)
    a.forget(OTHER)
    assert a.directory.mine(OTHER) is None


def test_a_room_of_ones_own_in_which_nothing_was_kept_is_left_without_a_trace(start: Start, url: str) -> None:
    model = start()
    empty, taught = mine(model).room, mine(model, OTHER)
    teach(taught, 3, browser=OTHER)
    for browser in (ME, OTHER):
        model.directory.leave_mine(browser)
    assert model.directory.mine(ME) is None and model.directory.mine(OTHER) == taught.room
    assert mine(model).room.id != empty.id
    model.close()
    age(url, [room for room in (start().directory.mine(ME), taught.room) if room], days=2)
    later = start()
    wait_until(lambda: later.directory.mine(ME) is None, 10, "what a killed server left behind is gone")
    assert later.directory.mine(OTHER) is not None


def test_the_news_of_a_closed_room_are_let_go_of(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulletins, "FRESH_S", 1000)
    a, b = start(), start()
    room = ours(a)
    there = b.room(room.room)
    teach(room, 3)
    known_soon(there, 3)
    assert there.news().lessons == room.news().lessons == 1
    as_owner_of(room).close()
    assert room.news().lessons == 0
    wait_until(lambda: there.news().lessons == 0, 10, "the other server has heard so")


def test_rooms_are_opened_and_closed_so_many_times_a_minute(start: Start) -> None:
    model = start(rooms_per_browser=2, rooms_per_minute=3)
    for _ in range(2):
        as_owner_of(ours(model)).close()
    with pytest.raises(LimitReached) as by_one:
        ours(model)
    ours(model, browser=OTHER)
    with pytest.raises(LimitReached) as by_all:
        ours(model, browser=new_browser_id())
    assert (by_one.value.kind, by_all.value.kind) == ("opening", "opening") and by_all.value.retry_after_s > 0


def test_the_same_file_is_imported_into_two_rooms(start: Start) -> None:
    model = start()
    room = ours(model)
    for place, owner in ((model.everyone, as_owner(model)), (room, as_owner_of(room))):
        for _ in range(2):
            assert owner.import_lesson(drawings(1), np.array([4]), 0)
        assert known(place) == [4] and place.history().count == 1


def test_a_file_takes_no_more_lessons_a_minute_than_a_visitor_unless_it_is_the_hosts(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waited(Exception):
        """Instead of a minute."""

    def wait(seconds: float) -> None:
        assert 1 <= seconds <= 60
        raise Waited

    monkeypatch.setattr(room_owner, "time", SimpleNamespace(sleep=wait))
    model = start(lessons_per_visitor=2)
    room, lesson = mine(model), (drawings(1), np.array([4]))
    for _ in range(2):  # the second time goes on where the first was broken off, and gets no further
        job = as_owner_of(room).start_import([lesson] * 5)
        job.wait(30)
        assert isinstance(job.error, Waited) and known(room) == [4, 4]
    job = as_owner(model).start_import([lesson] * 5)
    job.wait(30)
    assert job.accepted == 5


def test_rooms_that_were_not_used_for_long_make_place(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson_bytes = FakeClassifier()._fit([1]).nbytes
    room_bytes = 10 * lesson_bytes + 16 * 1024
    monkeypatch.setattr(shared_model, "ROOM_BYTES", int(3.5 * room_bytes))
    model, browsers = start(), [new_browser_id() for _ in range(5)]
    found = [mine(model, browser) for browser in browsers]
    for place, browser in zip(found, browsers, strict=True):
        for _ in range(10):
            teach(place, 1, browser=browser)
        teach(model.everyone, 2)

    def read_again(place: RoomModel) -> bool:
        with statements() as asked:
            assert known(place) == [1] * 10
        return any("FROM memories" in words for words, _ in asked)

    assert [read_again(place) for place in reversed(found[2:])] == [False] * 3, "the last three are in memory"
    assert read_again(found[0]) and not read_again(found[0])
    assert not read_again(found[3]) and not read_again(found[2]) and read_again(found[4]), "used longest ago"
    with statements() as asked:
        assert known(model.everyone) == [2] * 5
    assert not [words for words, _ in asked if "FROM memories" in words], "everyone's stays"


def test_an_old_room_is_scored_before_anybody_teaches_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(active_models, "OLD", 2)
    a, b = start(), start()
    old, young = ours(a), mine(a)
    teach(young, 1), teach(old, 3), teach(old, 4)
    for place, labels in ((young, [1]), (old, [3, 4])):
        assert known(b.room(place.room)) == labels
    fakes = [cast(FakeClassifier, b.room(place.room).classifier) for place in (young, old)]
    wait_until(fakes[1].scored.is_set, 10, "it is scored")
    assert not fakes[0].scored.is_set(), "of a young one the lesson does it as quickly"


def test_one_query_a_look_follows_all_rooms(start: Start) -> None:
    model = start()
    found = [mine(model, new_browser_id()) for _ in range(30)]
    assert [known(place) for place in found] == [[]] * 30
    with statements() as asked:
        wait_until(lambda: len(looks(asked)) >= 5, 10, "five looks")
    words = {words for words, _ in asked if not words.startswith(("BEGIN", "COMMIT", "PRAGMA"))}
    assert len(words) == 1, words
    assert all(len(values) >= 31 for _, values in looks(asked))


def looks(asked: list[tuple[str, tuple[object, ...]]]) -> list[tuple[str, tuple[object, ...]]]:
    return [(words, values) for words, values in asked if "FROM active" in words]


def test_lessons_in_rooms_are_taught_again_to_a_new_base_model(start: Start) -> None:
    old = start("old base")
    room, own = ours(old), mine(old)
    teach(room, 3), teach(room, 4), teach(own, VANDALISM)
    new = start("new base")
    assert known(new.room(room.room)) == [3, 4] and new.room(room.room).version.kind == "rebase"
    assert known(new.room(own.room)) == [VANDALISM], "by the gate of one's own"
    assert teach(new.room(room.room), 5)
    wait_until(lambda: bool(old.notice and old.notice.kind == "other_base"), 10, "the older server says so")
    assert known(room) == [3, 4], "it predicts as before"
    with pytest.raises(StoreUnavailable) as refused:
        teach(room, 6)
    assert refused.value.kind == "other_base"
    assert known(new.room(room.room)) == [3, 4, 5] and new.room(room.room).version.base_id == "new base"


def test_who_comes_while_a_room_is_taught_again_is_told_so_and_comes_in_later(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(active_models, "RETEACHING_S", 0)
    old = start("old base")
    room, other = ours(old), ours(old, "other")
    teach(room, 3), teach(other, 4)
    new = start("new base")
    fake = cast(FakeClassifier, new.untaught)
    fake.may_end.clear()
    for place in (room, other, room):
        with pytest.raises(StoreUnavailable) as told:
            _ = new.room(place.room).classifier
        assert told.value.kind == "reteaching"
    assert known(new.everyone) == [], "others are answered"
    fake.may_end.set()
    wait_until(lambda: is_known(new.room(room.room), [3]) and is_known(new.room(other.room), [4]), 10, "both are done")
    assert new.room(room.room).history().count == 2, "and taught again once"


def is_known(room: RoomModel, labels: list[int]) -> bool:
    try:
        return known(room) == labels
    except StoreUnavailable:
        return False


def test_a_room_whose_memory_is_lost_predicts_as_before_and_says_so_once(
    start: Start, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="mnist_core")
    a, b = start(), start()
    room = ours(a)
    teach(room, 3)
    there, other = b.room(room.room), ours(a, "other")
    assert known(there) == [3] and known(b.room(other.room)) == []
    with pytest.MonkeyPatch.context() as losing:
        losing.setattr("mnist_core.recognition.memory.Memory.to_bytes", lambda _: b"lost")
        teach(room, 4)
    wait_until(lambda: "room_not_followed" in caplog.messages, 10, "it was seen")
    teach(other, 5)
    known_soon(b.room(other.room), 5)
    assert known(there) == [3] and caplog.messages.count("room_not_followed") == 1
    with pytest.raises(StoreUnavailable):
        teach(there, 6)
    as_owner_of(there).withdraw(there.history().active.lesson_ids[-1])
    assert teach(there, 6) and known(there) == [3, 6], "without it, it goes on"


def test_a_room_that_nobody_uses_goes_after_a_day_in_the_log(
    start: Start, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="mnist_core")
    first = start()
    unused, taught, visited = (ours(first, name).room for name in ("unused", "taught", "visited"))
    first.close()
    age(url, [unused, taught, visited], days=181)
    second = start(room_days=180)
    wait_until(lambda: caplog.messages.count("room_goes") == 3, 10, "it is said")
    assert "room_gone" not in caplog.messages
    age(url, [unused, taught, visited], days=182, goes=datetime.now(UTC) - timedelta(minutes=1))
    assert teach(second.room(taught), 3) and second.directory.find(visited.code, OTHER).goes is None
    second.close()
    third = start(room_days=180)
    wait_until(lambda: "room_gone" in caplog.messages, 10, "it is gone")
    gone = [vars(record)["fields"] for record in caplog.records if record.message == "room_gone"]
    assert [fields["room"] for fields in gone] == [unused.id]
    assert known(third.room(taught)) == [3] and third.directory.find(visited.code, OTHER).id == visited.id


def age(url: str, aged: list[Room], *, days: float, goes: datetime | None = None) -> None:
    values = {"used": datetime.now(UTC) - timedelta(days=days), "goes": goes}
    with by_hand(url) as connection:
        connection.execute(sa.update(rooms).where(rooms.c.id.in_([room.id for room in aged])).values(values))


def test_drawings_as_old_as_the_host_allows_are_erased_and_stay_taught(
    start: Start, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="mnist_core")
    first = start()
    room = ours(first)
    teach(room, 3)
    assert known(start("new base").room(room.room)) == [3]
    with by_hand(url) as connection:
        tables = sa.MetaData()
        tables.reflect(connection, only=["lessons"])
        long_ago = datetime.now(UTC) - timedelta(days=31)
        connection.execute(sa.update(tables.tables["lessons"]).values(created=long_ago))
    second = start("new base", drawing_days=30)
    wait_until(lambda: "drawings_erased" in caplog.messages, 10, "they are erased")
    there = second.room(room.room)
    assert known(there) == [3] and as_owner_of(there).lessons() == []
    (record,) = there.history().lessons.values()
    assert (record.state, len(record.images)) == ("erased", 0)
    assert teach(there, 4)
    assert known(in_step(start("base")).room(room.room)) == [3, 4], "one that was taught it before"
    newest = in_step(start("newest base")).room(room.room)
    assert known(newest) == [4], "what has no drawings cannot be taught to another base model"


def in_step(model: SharedModel) -> SharedModel:
    """Whose base model the store belongs to by now."""
    wait_until(lambda: model.notice is None, 10, "the lessons are taught again")
    return model


def test_rooms_are_found_in_a_database_that_takes_no_changes(start: Start, postgres_url: str, tmp_path: Path) -> None:
    model = start(database_url=postgres_url)
    room, own = ours(model), mine(model)
    teach(room, 3), teach(own, 4)
    model.close()
    age(postgres_url, [room.room, own.room], days=1)
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = sa.make_url(postgres_url).database
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    engine.dispose()
    reading = start(database_url=postgres_url)
    assert known(reading.room(reading.directory.find(room.room.code, OTHER))) == [3]
    found = reading.directory.mine(ME)
    assert found is not None and known(reading.room(found)) == [4]
    with pytest.raises(StoreUnavailable):
        teach(reading.room(found), 5)
