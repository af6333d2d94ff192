"""The store: every test runs on SQLite and on PostgreSQL."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.bitmaps import pack_images, pack_labels, pack_runs, unpack_images, unpack_runs
from mnist_core.storage import database, schema, visitors
from mnist_core.storage import room_store as storage
from mnist_core.storage.browsers import new_browser_id, teacher_number, tray_key
from mnist_core.storage.faults import RoomClosed, StaleVersion, StoreUnavailable, named_faults
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import History, NewLesson, Tray
from mnist_core.storage.store import Store
from tests.storage.made import FIGURES, by_hand, drawings, lesson, statements, teach
from tests.workers import open_and_teach


def test_a_new_store_has_nothing_taught(store: Store) -> None:
    assert store.everyone.active().lesson_ids == ()
    assert store.everyone.versions() == []
    assert store.everyone.history(1, 8) == History(store.everyone.active(), 0, [], {}, {}, [], [])
    assert store.everyone.lessons() == []


def test_a_lesson_comes_back_as_it_was_given_after_reopening(store: Store, url: str) -> None:
    given_lesson = lesson("a" * 32)
    version = store.everyone.add_lesson(given_lesson, expected=0)
    store.close()
    reopened = Store(url)
    (kept,) = reopened.everyone.lessons()
    assert reopened.everyone.active() == version
    assert version.kind == "teach" and version.by == "17" and version.base_id == "base"
    assert version.lesson_ids == (kept.id,) and version.subject == kept.id
    assert version.created.utcoffset() is not None and kept.created.utcoffset() is not None
    np.testing.assert_array_equal(kept.images, given_lesson.images)
    np.testing.assert_array_equal(kept.labels, given_lesson.labels)
    assert (kept.before, kept.after) == (FIGURES, FIGURES)
    assert reopened.everyone.memories([kept.id], "base") == {kept.id: given_lesson.memory}
    assert reopened.everyone.memories([kept.id], "another base") == {}
    reopened.close()


def test_a_lesson_on_top_of_an_older_version_is_not_kept(store: Store) -> None:
    teach(store.everyone, "first")
    with pytest.raises(StaleVersion):
        store.everyone.add_lesson(lesson("second"), expected=0)
    assert [kept.token for kept in store.everyone.lessons()] == ["first"]
    assert len(store.everyone.versions()) == 1


def test_the_same_token_is_kept_once(store: Store) -> None:
    first = store.everyone.add_lesson(lesson("same"), expected=0)
    teach(store.everyone, "between")
    assert store.everyone.add_lesson(lesson("same"), expected=first.id) == first
    assert len(store.everyone.lessons()) == 2
    kept, version = store.everyone.taught_as("same") or pytest.fail("not found")
    assert (kept.token, version) == ("same", first)
    assert store.everyone.taught_as("other") is None


@pytest.mark.parametrize(
    "broken",
    [
        {"images": np.full((3, 28, 28), 7, np.uint8)},
        {"images": np.zeros((3, 28, 27), np.uint8)},
        {"images": np.zeros((3, 28, 28))},
        {"labels": np.array([1, 2, 10])},
        {"labels": np.array([1, 2])},
        {"labels": np.array([1.0, 2.0, 3.0])},
        {"labels": np.array([-1, 2, 3])},
    ],
)
def test_drawings_and_labels_of_another_kind_are_refused(store: Store, broken: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="must be"):
        store.everyone.add_lesson(NewLesson(**{**vars(lesson("broken")), **broken}), expected=0)
    assert store.everyone.lessons() == []


def test_many_teachers_at_once_lose_no_lesson(store: Store) -> None:
    def keep_trying(number: int) -> None:
        while True:
            try:
                store.everyone.add_lesson(lesson(f"lesson {number}"), store.everyone.active().id)
                return
            except StaleVersion:
                continue

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep_trying, range(24)))
    assert sorted(kept.token for kept in store.everyone.lessons()) == sorted(f"lesson {number}" for number in range(24))
    assert len(store.everyone.active().lesson_ids) == 24
    assert [len(version.lesson_ids) for version in store.everyone.versions()] == list(range(24, 0, -1))


def test_one_click_sent_many_times_at_once_is_one_lesson(store: Store) -> None:
    start = threading.Barrier(6)

    def send(_: int) -> int:
        start.wait()
        try:
            return store.everyone.add_lesson(lesson("click"), expected=0).id
        except StaleVersion:
            pytest.fail("the token was known, and should have come first")

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(send, range(6)))) == 1
    assert len(store.everyone.lessons()) == 1


def test_withdrawing_takes_one_lesson_out_and_destroys_nothing(store: Store) -> None:
    first, second, third = teach(store.everyone, "a", "b", "c")
    version = store.everyone.withdraw(second, expected=store.everyone.active().id, by="owner")
    assert version == store.everyone.active()
    assert version.lesson_ids == (first, third)
    assert (version.kind, version.by, version.subject) == ("withdraw", "owner", second)
    assert [kept.id for kept in store.everyone.lessons()] == [first, second, third]
    with pytest.raises(LookupError, match=str(second)):
        store.everyone.withdraw(second, expected=version.id, by="owner")
    with pytest.raises(StaleVersion):
        store.everyone.withdraw(first, expected=version.id - 1, by="owner")


def test_going_back_and_forth_between_versions(store: Store) -> None:
    ids = teach(store.everyone, "a", "b", "c")
    newest = store.everyone.active()
    old = store.everyone.versions()[2]
    back = store.everyone.activate(old.id, base_id="base", by="owner")
    assert back.lesson_ids == (ids[0],) and back.id > newest.id
    assert store.everyone.activate(newest.id, base_id="base", by="owner").lesson_ids == tuple(ids)
    assert store.everyone.activate(0, base_id="base", by="owner").lesson_ids == ()
    assert len(store.everyone.versions()) == 6 and len(store.everyone.versions(limit=2)) == 2
    with pytest.raises(LookupError, match="999"):
        store.everyone.activate(999, base_id="base", by="owner")


def test_teaching_again_to_another_base_keeps_the_old_memories(store: Store) -> None:
    first, second = teach(store.everyone, "a", "b")
    rebased = store.everyone.rebase("new base", {first: b"new a"}, expected=store.everyone.active().id)
    assert (rebased.kind, rebased.base_id, rebased.lesson_ids) == ("rebase", "new base", (first,))
    assert store.everyone.memories([first, second], "base") == {first: b"a", second: b"b"}
    assert store.everyone.memories([first, second], "new base") == {first: b"new a"}
    with pytest.raises(StaleVersion):
        store.everyone.rebase("new base", {}, expected=rebased.id - 1)
    assert store.everyone.activate(rebased.id - 1, base_id="new base", by="owner").lesson_ids == (first,)


def test_empty_removes_everything_and_never_numbers_a_version_twice(store: Store) -> None:
    browser = new_browser_id()
    teach(store.everyone, "a", "b")
    store.visitors.save_tray(browser, Tray(drawings(1), (None,)))
    before = store.everyone.active().id
    emptied = store.everyone.empty(by="owner")
    assert emptied.id > before and emptied.lesson_ids == ()
    assert store.everyone.lessons() == [] and store.everyone.versions() == [emptied]
    assert len(store.visitors.load_tray(browser).images) == 0
    assert store.everyone.add_lesson(lesson("after"), expected=emptied.id).id > emptied.id


def test_lessons_are_read_by_their_numbers(store: Store) -> None:
    first, _, third = teach(store.everyone, "a", "b", "c")
    assert [kept.token for kept in store.everyone.lessons([third, first, 99])] == ["a", "c"]
    assert store.everyone.lessons([]) == []


def test_many_who_withdraw_at_once_lose_no_withdrawal(store: Store) -> None:
    ids = teach(store.everyone, *map(str, range(12)))

    def keep_trying(number: int) -> None:
        while True:
            try:
                store.everyone.withdraw(number, expected=store.everyone.active().id, by="owner")
                return
            except StaleVersion:
                continue

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep_trying, ids))
    assert store.everyone.active().lesson_ids == ()
    assert [len(version.lesson_ids) for version in store.everyone.versions(12)] == list(range(12))


def test_of_two_servers_with_a_new_base_one_teaches_again(store: Store) -> None:
    (taught,) = teach(store.everyone, "a")
    start, before = threading.Barrier(6), store.everyone.active().id

    def rebase(_: int) -> bool:
        start.wait()
        try:
            store.everyone.rebase("new base", {taught: b"new"}, expected=before)
        except StaleVersion:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(rebase, range(6))) == 1
    assert store.everyone.active() == store.everyone.versions()[0]


def test_a_thousand_lessons_are_read_in_order(store: Store) -> None:
    for number in range(3):
        teach(store.everyone, f"lesson {number}")
    ids = [kept.id for kept in store.everyone.lessons()]
    wanted = ids * 400
    assert list(store.everyone.memories(wanted, "base").values()) == [b"lesson 0", b"lesson 1", b"lesson 2"]


def test_the_history_comes_in_pages_with_the_figures_of_all(store: Store) -> None:
    first, second, third = teach(store.everyone, "a", "b", "c")
    store.everyone.withdraw(second, expected=store.everyone.active().id, by="owner")
    newest, older = store.everyone.history(1, 3), store.everyone.history(2, 3)
    assert [version.kind for version in newest.versions] == ["withdraw", "teach", "teach"]
    assert [version.kind for version in older.versions] == ["teach"]
    assert (newest.taught_in, older.taught_in) == ({second: 2, third: 3}, {first: 1})
    assert (sorted(newest.lessons), sorted(older.lessons)) == ([second, third], [first])
    assert newest.lessons[third].images.shape == (3, 28, 28)
    assert newest.active == older.active == store.everyone.active() and newest.count == older.count == 4
    assert newest.accuracy == older.accuracy == [(version, 0.991) for version in (1, 3)]
    assert [version.id for version in store.everyone.history(9, 3).versions] == [1], "the last page"
    store.everyone.empty(by="owner")
    emptied = store.everyone.history(2, 3)
    assert [version.kind for version in emptied.versions] == ["start"]
    assert (emptied.count, emptied.lessons, emptied.accuracy) == (1, {}, [])


def test_the_figures_of_a_history_are_those_of_the_newest_lessons(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "CHARTED", 2)
    teach(store.everyone, "a", "b", "c")
    assert [version for version, _ in store.everyone.history(1, 1).accuracy] == [2, 3]


def test_a_history_is_of_one_moment_while_others_empty_the_store(store: Store, url: str) -> None:
    stop = threading.Event()
    teach(store.everyone, "first")

    def fill_and_empty() -> None:
        while not stop.is_set():
            other.everyone.empty(by="owner")
            teach(other.everyone, "a", "b", "c")

    with closing(Store(url)) as other, ThreadPoolExecutor(1) as pool:
        busy = pool.submit(fill_and_empty)
        try:
            for _ in range(300):
                history = store.everyone.history(1, 8)
                taught = [version.subject for version in history.versions if version.kind == "teach"]
                assert sorted(history.lessons) == sorted(number for number in taught if number)
                assert len(history.accuracy) == len(history.active.lesson_ids)
                assert history.count == len(history.versions) and history.active == history.versions[0]
        finally:
            stop.set()
        busy.result()


def test_pictures_are_read_for_the_page_shown_only(store: Store) -> None:
    teach(store.everyone, *map(str, range(20)))
    with statements() as asked:
        store.everyone.history(1, 2)
    of_page, waiting = ((statement, values) for statement, values in asked if "lessons.images" in statement)
    assert " IN (" in of_page[0] and len(of_page[1]) == 2
    assert "waiting" in str(waiting[1])


def test_no_query_sorts_what_an_index_has_in_order(tmp_path: Path) -> None:
    path = tmp_path / "lessons.db"
    store = Store(f"sqlite:///{path}")
    teach(store.everyone, "a", "b")
    with statements() as asked:
        (
            store.everyone.versions(),
            store.everyone.versions(limit=1),
            store.everyone.lessons([1, 2]),
            store.everyone.history(1, 8),
        )
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        plans = [
            str(connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())
            for statement, parameters in asked
            if statement.startswith("SELECT")
        ]
    assert len(plans) >= 6
    assert not [plan for plan in plans if "TEMP B-TREE" in plan]


@pytest.mark.parametrize("said", ["", "\n", "  "])
def test_a_driver_that_says_nothing_is_named_all_the_same(said: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"reached\.$") as caught, named_faults():
        raise sa.exc.OperationalError("SELECT 1", {}, psycopg.OperationalError(said))
    assert caught.value.kind == "unreachable"


def test_a_tray_is_there_again_and_only_for_its_browser(store: Store) -> None:
    mine, other = new_browser_id(), new_browser_id()
    tray = Tray(drawings(3), (7, None, 0))
    store.visitors.save_tray(mine, Tray(drawings(1), (1,)))
    store.visitors.save_tray(mine, tray)
    loaded = store.visitors.load_tray(mine)
    np.testing.assert_array_equal(loaded.images, tray.images)
    assert loaded.labels == tray.labels
    assert len(store.visitors.load_tray(other).images) == 0


def test_what_another_page_of_the_browser_did_to_the_tray_stays(store: Store) -> None:
    """Two tabs, each with the tray as it was when they were opened; one adds and the other removes and relabels."""
    browser = new_browser_id()
    three = drawings(3)
    before = Tray(three, (1, 2, None))
    store.visitors.save_tray(browser, before)
    added = np.concatenate([three, 255 - three[:1]])
    store.visitors.save_tray(browser, Tray(added, (1, 2, None, 4)), before)
    store.visitors.save_tray(browser, Tray(three[1:], (2, 9)), before)
    kept = store.visitors.load_tray(browser)
    drawn = {image.tobytes(): label for image, label in zip(kept.images, kept.labels, strict=True)}
    assert drawn == {three[1].tobytes(): 2, added[3].tobytes(): 4, three[2].tobytes(): 9}
    assert len(kept.labels) == 3


@pytest.mark.parametrize(
    "hostile", ["", "../../etc/passwd", "' OR 1=1 --", "A" * 32, "0" * 31, "0" * 65, "0" * 32 + "\n"]
)
def test_only_a_random_id_opens_a_tray(store: Store, hostile: str) -> None:
    with pytest.raises(ValueError, match="browser id"):
        store.visitors.load_tray(hostile)


def test_a_lesson_takes_its_drawings_out_of_the_tray_in_the_same_transaction(store: Store) -> None:
    browser, images = new_browser_id(), drawings(3)
    tray = Tray(np.concatenate([images, images[:1], drawings(1)]), (1, 2, 3, 4, None))
    store.visitors.save_tray(browser, tray)
    taught = replace(lesson("a"), images=images[:2], labels=np.array([1, 2]), browser=browser)
    with pytest.raises(StaleVersion):
        store.everyone.add_lesson(taught, expected=7)
    assert store.visitors.load_tray(browser).labels == tray.labels
    other = new_browser_id()
    store.visitors.save_tray(other, tray)
    store.everyone.add_lesson(taught, expected=0)
    assert store.visitors.load_tray(other).labels == tray.labels, "the same drawings, somebody else's"
    left = store.visitors.load_tray(browser)
    assert left.labels == (3, 4, None)
    np.testing.assert_array_equal(left.images, tray.images[2:])
    store.everyone.add_lesson(replace(lesson("b"), browser=new_browser_id()), store.everyone.active().id)


def test_the_ids_of_browsers_are_nowhere_in_the_store(store: Store, url: str) -> None:
    browser = new_browser_id()
    store.visitors.save_tray(browser, Tray(drawings(1), (1,)))
    teach(store.everyone, "a", teacher=teacher_number(browser))
    store.visitors.admit("lesson", teacher_number(browser), each=5, together=5)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = [row for table in schema.metadata.sorted_tables for row in connection.execute(sa.select(table))]
    engine.dispose()
    assert browser not in repr(rows)


def test_forgetting_deletes_the_tray_and_the_number_but_not_what_was_taught(store: Store) -> None:
    me, other = new_browser_id(), new_browser_id()
    teach(store.everyone, "mine", teacher=teacher_number(me))
    teach(store.everyone, "other", teacher=teacher_number(other))
    store.visitors.save_tray(me, Tray(drawings(1), (1,)))
    store.visitors.save_tray(other, Tray(drawings(1), (1,)))
    active = store.everyone.active()
    store.visitors.forget(me)
    assert len(store.visitors.load_tray(me).images) == 0
    assert len(store.visitors.load_tray(other).images) == 1
    assert [kept.teacher for kept in store.everyone.lessons()] == ["", teacher_number(other)]
    assert [version.by for version in store.everyone.versions()] == [teacher_number(other), ""]
    assert store.everyone.active().lesson_ids == active.lesson_ids


def test_a_lesson_that_was_asked_for_before_its_visitor_was_forgotten_is_nobodys(store: Store, url: str) -> None:
    me, now = new_browser_id(), datetime.now(UTC)

    def taught_by(minutes: float) -> str:
        """The number of a lesson that was asked for so long ago, when others try things too."""
        store.visitors.admit("lesson", "other", each=9, together=9)
        new = replace(lesson(str(minutes), teacher=teacher_number(me)), asked=now - timedelta(minutes=minutes))
        store.everyone.add_lesson(new, store.everyone.active().id)
        return store.everyone.lessons()[-1].teacher

    def forgotten(minutes: float) -> None:
        with by_hand(url) as connection:
            of_forgetting = schema.attempts.c.who == teacher_number(me)
            moment = now - timedelta(minutes=minutes)
            connection.execute(sa.update(schema.attempts).where(of_forgetting).values(at=moment))

    store.visitors.forget(me)
    assert taught_by(0.5) == ""
    forgotten(5)
    assert (taught_by(5.5), taught_by(4.5)) == ("", teacher_number(me)), "it may have waited long for the model"
    forgotten(11)
    store.visitors.admit("lesson", "other", each=9, together=9)
    with by_hand(url) as connection:
        assert teacher_number(me) not in connection.scalars(sa.select(schema.attempts.c.who)).all(), "not for ever"


def test_who_gave_the_hosts_password_is_known_for_a_year_and_not_to_be_told_from_the_store(
    store: Store, url: str
) -> None:
    me, other = new_browser_id(), new_browser_id()
    for _ in range(2):
        store.visitors.note_host(me)
    store.everyone.empty(by="owner")
    assert store.visitors.was_host(me) and not store.visitors.was_host(other)
    with by_hand(url) as connection:
        (who,) = connection.scalars(sa.select(schema.attempts.c.who))
        assert me not in who and who != teacher_number(me), "which others see"
        connection.execute(sa.update(schema.attempts).values(at=datetime.now(UTC) - timedelta(days=366)))
    store.visitors.admit("lesson", "other", each=9, together=9)
    assert not store.visitors.was_host(me)


def test_old_trays_are_removed_and_new_ones_kept(store: Store, url: str) -> None:
    old, new = new_browser_id(), new_browser_id()
    for browser in (old, new):
        store.visitors.save_tray(browser, Tray(drawings(1), (1,)))
    with by_hand(url) as connection:
        aged = sa.update(schema.trays).values(updated=datetime.now(UTC) - timedelta(days=30, minutes=1))
        connection.execute(aged.where(schema.trays.c.browser == tray_key(old)))
    store.visitors.remove_old_trays()
    assert [len(store.visitors.load_tray(browser).images) for browser in (old, new)] == [0, 1]


def test_limits_count_one_visitor_and_all_of_them(store: Store) -> None:
    admit = store.visitors.admit
    for _ in range(2):
        admit("lesson", "a", each=2, together=3)
    with pytest.raises(LimitReached) as mine:
        admit("lesson", "a", each=2, together=3)
    assert mine.value.kind == "visitor" and 50 < mine.value.retry_after_s <= 60
    admit("lesson", "b", each=2, together=3)
    with pytest.raises(LimitReached) as everybodys:
        admit("lesson", "c", each=2, together=3)
    assert everybodys.value.kind == "server"
    admit("password", "a", each=1, together=9)
    with pytest.raises(LimitReached) as passwords:
        admit("password", "a", each=1, together=9)
    assert passwords.value.kind == "password"


def test_a_limit_holds_when_all_ask_at_once(store: Store) -> None:
    def ask(number: int) -> bool:
        try:
            store.visitors.admit("lesson", str(number), each=1, together=5)
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(20))) == 5


def test_a_try_counts_for_a_minute(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    monkeypatch.setattr(visitors, "datetime", SimpleNamespace(now=lambda zone: now))  # a busy machine's seconds pass

    def made(*seconds_ago: float) -> None:
        moments = [{"kind": "lesson", "who": "a", "at": now - timedelta(seconds=s)} for s in seconds_ago]
        with by_hand(url) as connection:
            connection.execute(sa.delete(schema.attempts))
            connection.execute(sa.insert(schema.attempts), moments)

    made(61, 62)
    store.visitors.admit("lesson", "a", each=1, together=1)
    made(50, 40, 30)
    for each, seconds in ((3, 10), (2, 20), (1, 30)):
        with pytest.raises(LimitReached) as refused:
            store.visitors.admit("lesson", "a", each=each, together=9)
        assert refused.value.retry_after_s == pytest.approx(seconds)
    with pytest.raises(LimitReached) as everybodys:
        store.visitors.admit("lesson", "b", each=9, together=3)
    assert everybodys.value.kind == "server" and everybodys.value.retry_after_s == pytest.approx(10)
    store.visitors.admit("lesson", "a", each=4, together=4)
    made(59.9)
    with pytest.raises(LimitReached) as soon:
        store.visitors.admit("lesson", "a", each=1, together=9)
    assert soon.value.retry_after_s == 1.0


def test_lessons_and_passwords_are_counted_apart(store: Store) -> None:
    for _ in range(2):
        store.visitors.admit("lesson", "a", each=9, together=9)
    store.visitors.admit("password", "a", each=1, together=1)
    with pytest.raises(LimitReached) as together:
        store.visitors.admit("password", "b", each=9, together=1)
    assert together.value.kind == "password"
    store.visitors.admit("lesson", "a", each=3, together=3)


def test_who_is_forgotten_has_made_no_tries(store: Store) -> None:
    me = new_browser_id()
    store.visitors.admit("lesson", teacher_number(me), each=1, together=9)
    store.visitors.admit("lesson", "other", each=1, together=9)
    store.visitors.forget(me)
    store.visitors.admit("lesson", teacher_number(me), each=1, together=9)
    with pytest.raises(LimitReached):
        store.visitors.admit("lesson", "other", each=1, together=9)


def test_a_tray_that_is_used_again_is_young_again(store: Store, url: str) -> None:
    browser, tray = new_browser_id(), Tray(drawings(1), (1,))
    store.visitors.save_tray(browser, tray)
    with by_hand(url) as connection:
        connection.execute(sa.update(schema.trays).values(updated=datetime.now(UTC) - timedelta(days=31)))
    store.visitors.save_tray(browser, tray)
    store.visitors.remove_old_trays()
    assert len(store.visitors.load_tray(browser).images) == 1
    with by_hand(url) as connection:
        connection.execute(sa.update(schema.trays).values(updated=datetime.now(UTC) - timedelta(days=29, hours=23)))
    store.visitors.remove_old_trays()
    assert len(store.visitors.load_tray(browser).images) == 1


def test_of_two_equal_drawings_another_page_takes_out_one(store: Store) -> None:
    browser, twice = new_browser_id(), drawings(1).repeat(2, axis=0)
    other = drawings(1)
    before = Tray(twice, (1, 1))
    store.visitors.save_tray(browser, before)
    store.visitors.save_tray(browser, Tray(np.concatenate([twice, other]), (1, 1, 2)), before)
    store.visitors.save_tray(browser, Tray(twice[:1], (1,)), before)
    assert store.visitors.load_tray(browser).labels == (1, 2)


def test_a_tray_that_was_emptied_with_the_store_is_kept_whole_again(store: Store) -> None:
    browser, two = new_browser_id(), drawings(2)
    before = Tray(two[:1], (1,))
    store.visitors.save_tray(browser, before)
    store.everyone.empty(by="owner")
    store.visitors.save_tray(browser, Tray(two, (1, None)), before)
    assert store.visitors.load_tray(browser).labels == (1, None)


def test_an_imported_lesson_is_known_by_its_token_and_its_kind(store: Store) -> None:
    store.everyone.add_lesson(replace(lesson("a"), kind="import", teacher="owner"), expected=0)
    kept, version = store.everyone.taught_as("a") or pytest.fail("not found")
    assert version is not None
    assert (kept.token, version.kind, version.by, version.subject) == ("a", "import", "owner", kept.id)
    assert sorted(store.everyone.history(1, 8).lessons) == [kept.id] and store.everyone.history(1, 8).accuracy == [
        (version.id, 0.991)
    ]


def test_a_version_that_names_a_lesson_by_chance_is_not_the_lessons(store: Store) -> None:
    """`subject` is a version's number where somebody went back, and a lesson's where one was withdrawn."""
    first, second = teach(store.everyone, "a", "b")
    store.everyone.activate(first, base_id="base", by="owner")
    store.everyone.activate(2, base_id="base", by="owner")
    store.everyone.withdraw(second, expected=store.everyone.active().id, by="owner")
    kept, version = store.everyone.taught_as("b") or pytest.fail("not found")
    assert version is not None and (kept.id, version.id, version.kind) == (second, 2, "teach")
    newest = store.everyone.history(1, 3)
    assert [version.kind for version in newest.versions] == ["withdraw", "activate", "activate"]
    assert newest.taught_in == {second: 2} and list(newest.lessons) == [second], "that of what was withdrawn"
    assert newest.accuracy == [(1, 0.991)]


def test_a_base_that_taught_the_lessons_before_keeps_its_memories(store: Store) -> None:
    (first,) = teach(store.everyone, "a")
    for content in (b"new", b"newer"):
        store.everyone.rebase("new base", {first: content}, expected=store.everyone.active().id)
    assert store.everyone.memories([first], "new base") == {first: b"new"}
    assert store.everyone.versions()[0].by == "" and store.everyone.versions()[0].subject is None


def test_an_emptied_store_holds_nothing_of_before(store: Store, url: str) -> None:
    teach(store.everyone, "a")
    store.visitors.save_tray(new_browser_id(), Tray(drawings(1), (1,)))
    store.visitors.admit("lesson", "a", each=9, together=9)
    version = store.everyone.empty(by="owner")
    assert (version.kind, version.by, version.subject, version.base_id) == ("start", "owner", None, "")
    with by_hand(url) as connection:
        counts = {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in schema.metadata.sorted_tables
        }
    assert counts == {"lessons": 0, "memories": 0, "versions": 1, "active": 1, "trays": 0, "attempts": 0, "rooms": 1}


def test_an_emptied_store_still_knows_who_was_forgotten_a_moment_ago(store: Store) -> None:
    """A lesson of theirs may be under way on another server, and is kept on top of the empty model."""
    me = new_browser_id()
    asked = replace(lesson("a", teacher=teacher_number(me)), asked=datetime.now(UTC))
    store.visitors.forget(me)
    version = store.everyone.empty(by="owner")
    store.everyone.add_lesson(asked, version.id)
    assert store.everyone.lessons()[0].teacher == ""
    with pytest.raises(RoomClosed):
        store.rooms.open_mine(me, together=9, asked=asked.asked)


def test_migrations_build_the_tables_that_the_code_uses(store: Store, url: str) -> None:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()
    assert ScriptDirectory(str(database.MIGRATIONS)).get_current_head() == schema.REVISION


def test_processes_that_start_at_once_on_an_empty_database(url: str, processes: ForkServerContext) -> None:
    tokens = [f"process {number}" for number in range(4)]
    started = [processes.Process(target=open_and_teach, args=(url, token)) for token in tokens]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
    assert [process.exitcode for process in started] == [0] * 4
    store = Store(url)
    assert len(store.everyone.active().lesson_ids) == 4
    assert sorted(kept.token for kept in store.everyone.lessons()) == tokens
    store.close()


def test_a_store_of_a_newer_app_is_left_alone(store: Store, url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'r9999'"))
    engine.dispose()
    with pytest.raises(StoreUnavailable, match="newer") as refused:
        Store(url)
    assert refused.value.kind == "newer"


def test_a_database_that_is_not_there_is_waited_for_and_then_named() -> None:
    with pytest.raises(StoreUnavailable) as refused:
        Store("postgresql://nobody@127.0.0.1:1/nothing", wait_s=1.5)
    assert refused.value.kind == "unreachable"


@pytest.mark.parametrize("bad", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_other_databases_are_refused_by_name(bad: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        Store(bad)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_addresses_that_hosts_hand_out_mean_postgresql(scheme: str, tmp_path: Path) -> None:
    assert database.normal_url(f"{scheme}://a:b@c/d", tmp_path).drivername == "postgresql+psycopg"


@pytest.mark.parametrize("damage", ["not a database", "overwritten", "truncated"])
def test_a_damaged_file_is_put_aside_whole(tmp_path: Path, damage: str) -> None:
    store = Store(folder=tmp_path)
    teach(store.everyone, *(f"lesson {number}" for number in range(40)))
    store.close()
    path = tmp_path / "lessons.db"
    content = bytearray(path.read_bytes())
    if damage == "not a database":
        content[:100] = b"x" * 100
    elif damage == "overwritten":
        content[8192:-4096] = b"\xa5" * (len(content) - 8192 - 4096)
    else:
        del content[len(content) // 2 :]
    path.write_bytes(content)

    reopened = Store(folder=tmp_path)
    assert reopened.put_aside is not None
    assert reopened.put_aside.read_bytes() == content
    teach(reopened.everyone, "new")
    reopened.close()
    again = Store(folder=tmp_path)
    assert again.put_aside is None and len(again.everyone.lessons()) == 1
    again.close()


def test_a_full_disk_keeps_the_lesson_out_and_the_store_whole(tmp_path: Path) -> None:
    def make_small(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 60")  # SQLite reports it as it does a full disk

    with listening(sa.Engine, "connect", make_small):
        store = Store(folder=tmp_path)
        teach(store.everyone, "fits")
        too_big = NewLesson(**{**vars(lesson("too big")), "memory": bytes(10**6)})
        with pytest.raises(StoreUnavailable) as refused:
            store.everyone.add_lesson(too_big, store.everyone.active().id)
        assert refused.value.kind == "full"
        assert [kept.token for kept in store.everyone.lessons()] == ["fits"]
        teach(store.everyone, "still fits")
        store.close()


@contextmanager
def listening(target: type, name: str, listener: Callable[..., None]) -> Iterator[None]:
    sa.event.listen(target, name, listener)
    yield
    sa.event.remove(target, name, listener)


@given(st.lists(st.integers(1, 10**6)))
def test_runs_keep_any_list_in_order(ids: list[int]) -> None:
    assert unpack_runs(pack_runs(ids)) == tuple(ids)


def test_runs_are_short() -> None:
    assert pack_runs([*range(1, 58), *range(59, 101)]) == "1-57,59-100"


@given(st.integers(0, 5), st.integers(0, 2**32 - 1))
def test_packed_drawings_come_back(count: int, seed: int) -> None:
    images = np.random.default_rng(seed).integers(0, 2, (count, 28, 28), dtype=np.uint8) * np.uint8(255)
    packed = pack_images(images)
    assert len(packed) == 98 * count
    np.testing.assert_array_equal(unpack_images(packed), images)
    assert pack_labels(np.arange(count), count) == bytes(range(count))
