"""Rooms in the store, on SQLite and on PostgreSQL: what is one's stays one's, and what is deleted is nowhere."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import sqlalchemy as sa

from mnist_core.bitmaps import pack_images
from mnist_core.storage import visitors
from mnist_core.storage.backup import backup
from mnist_core.storage.browsers import new_browser_id, teacher_number
from mnist_core.storage.codes import ALPHABET, LENGTH, new_code, normal_code, spaced
from mnist_core.storage.faults import RoomClosed, StaleVersion
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import EVERYONE, Room, Tray
from mnist_core.storage.room_store import WAITING, RoomStore
from mnist_core.storage.rooms import GRACE
from mnist_core.storage.schema import lessons, metadata, rooms
from mnist_core.storage.store import Store
from tests.storage.made import FIGURES, by_hand, lesson, statements, teach

ME, OTHER = new_browser_id(), new_browser_id()
MANY = {"each": 100, "together": 1000}


def opened(store: Store, name: str = "Year 4", browser: str = ME) -> Room:
    return store.rooms.open_ours(name, browser, **MANY)[0]


def tokens(room: RoomStore) -> list[str]:
    return [record.token for record in room.lessons()]


def test_everyones_room_is_there_and_is_never_closed(store: Store) -> None:
    assert store.rooms.get(EVERYONE) is not None
    with pytest.raises(ValueError, match="never closed"):
        store.rooms.close(EVERYONE)
    assert store.rooms.listed(1, 9) == (0, []) and store.rooms.owned(ME) == [] and store.rooms.mine(ME) is None


def test_what_is_taught_in_a_room_is_in_it_only_and_numbered_in_it(store: Store) -> None:
    ours, mine = opened(store), store.rooms.open_mine(ME, together=9)
    for room_id, names in ((EVERYONE, "ab"), (ours.id, "cde"), (mine.id, "f"), (EVERYONE, "g")):
        teach(store.room(room_id), *names)
    places = [store.room(room_id) for room_id in (EVERYONE, ours.id, mine.id)]
    assert [tokens(room) for room in places] == [["a", "b", "g"], ["c", "d", "e"], ["f"]]
    assert [[v.number for v in room.versions()] for room in places] == [[3, 2, 1], [3, 2, 1], [1]]
    assert [room.history(1, 8).count for room in places] == [3, 3, 1]
    active = store.rooms.active_versions([EVERYONE, ours.id, mine.id, 99])
    assert active == {room.id: room.active().id for room in places}
    store.room(ours.id).empty(by="owner")
    assert [tokens(room) for room in places] == [["a", "b", "g"], [], ["f"]]


def test_nothing_of_another_room_is_changed_from_a_room(store: Store) -> None:
    ours = store.room(opened(store).id)
    (everyones,) = teach(store.everyone, "a")
    teach(ours, "b")
    version = ours.active()
    ours.hide([everyones])
    ours.delete([everyones], expected=version.id, by="owner")
    for change in (
        lambda: ours.withdraw(everyones, expected=version.id, by="owner"),
        lambda: ours.activate(9, base_id="base", by="owner"),
        lambda: ours.approve(everyones, before={}, after={}, base_id="base", memory=b"", expected=version.id),
    ):
        with pytest.raises(LookupError):
            change()
    (kept,) = store.everyone.lessons()
    assert ours.active() == version and ours.lessons([everyones]) == [] and ours.taught_as("a") is None
    assert (kept.state, kept.hidden, len(kept.images)) == ("kept", False, 3)
    assert store.everyone.memories([everyones], "base") == {everyones: b"a"}


def test_a_token_of_another_room_is_refused(store: Store) -> None:
    teach(store.everyone, "same")
    ours = store.room(opened(store).id)
    for keep in (lambda: ours.add_lesson(lesson("same"), expected=0), lambda: ours.add_waiting(lesson("same"))):
        with pytest.raises(ValueError, match="another room"):
            keep()
    assert ours.active().lesson_ids == () and tokens(ours) == []


def test_hidden_drawings_are_hidden_until_they_are_shown_again(store: Store) -> None:
    ids = teach(store.everyone, "a", "b", "c")
    store.everyone.hide(ids[:2])
    assert [record.hidden for record in store.everyone.lessons()] == [True, True, False]
    store.everyone.hide(ids[:1], hidden=False)
    assert [record.hidden for record in store.everyone.lessons()] == [False, True, False]
    assert store.everyone.active().lesson_ids == tuple(ids), "they stay taught"


def everything(url: str, folder: Path) -> bytes:
    """All that the store holds: SQLite's files as they are, every row of PostgreSQL."""
    if url.startswith("sqlite"):
        return b"".join(path.read_bytes() for path in sorted(folder.glob("lessons.db*")))
    with by_hand(url) as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(sa.select(table))]
    return b"".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for row in rows for v in row)


def is_in(images: np.ndarray, content: bytes) -> bool:
    packed = pack_images(images)
    return any(packed[start : start + 98] in content for start in range(0, len(packed), 98))


@pytest.mark.parametrize("how", ["delete", "close", "forget", "empty", "erase"])
def test_deleted_drawings_are_nowhere(store: Store, url: str, tmp_path: Path, how: str) -> None:
    room = store.rooms.open_mine(ME, together=9)
    mine = store.room(room.id)
    new = [lesson(str(number), count=1 + number % 7) for number in range(40)]
    ids = [mine.add_lesson(one, mine.active().id).lesson_ids[-1] for one in new]
    teach(store.everyone, "other")
    store.visitors.save_tray(ME, Tray(new[0].images, (None,) * len(new[0].images)))
    assert is_in(new[0].images, everything(url, tmp_path / "kept"))
    if how == "delete":
        for number in np.random.default_rng(0).permutation(len(ids)):
            mine.delete([ids[number]], expected=mine.active().id, by="owner")
        assert mine.active().lesson_ids == () and mine.memories(ids, "base") == {}
        assert {(record.state, len(record.images), len(record.labels)) for record in mine.lessons()} == {
            ("deleted", 0, 0)
        }
        assert mine.activate(40, base_id="base", by="owner").lesson_ids == (), "no version brings them back"
        store.visitors.forget(ME)
    elif how == "close":
        store.rooms.close(room.id)
        store.visitors.forget(ME)
    elif how == "forget":
        store.rooms.forget_owner(ME)
        store.visitors.forget(ME)
    elif how == "empty":
        mine.empty(by="owner")
        store.visitors.forget(ME)
    else:
        assert store.rooms.erase_drawings(-1) == 41
        assert mine.active().lesson_ids == tuple(ids) and len(mine.memories(ids, "base")) == 40, "they stay taught"
        assert {record.state for record in mine.lessons()} == {"erased"}
        store.visitors.forget(ME)
    store.rooms.close(opened(store, "one more").id)  # what is written last leaves the journal with it
    content = everything(url, tmp_path / "kept")
    assert not [one.token for one in new if is_in(one.images, content)]
    if how in ("delete", "close"):
        backup(tmp_path / "copy", url)
        content = (tmp_path / "copy").read_bytes()
        assert not [one.token for one in new if is_in(one.images, content)]
    assert (how == "erase") != is_in(store.everyone.lessons()[0].images, content)


def test_what_a_reader_keeps_in_the_journal_leaves_it_later(tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path / 'lessons.db'}", tmp_path
    store, new = Store(url), lesson("a")
    store.everyone.add_lesson(new, expected=0)
    with contextlib.closing(sqlite3.connect(tmp_path / "lessons.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT id FROM lessons").fetchall() == [(1,)]
        store.everyone.delete([1], expected=store.everyone.active().id, by="owner")
        assert is_in(new.images, everything(url, folder)), "the reader's moment is kept for it"
    store.scrub_again()
    assert not is_in(new.images, everything(url, folder))
    store.close()


def test_everything_of_one_visitor_is_found_but_not_of_those_who_were_forgotten(store: Store) -> None:
    me, other = teacher_number(ME), teacher_number(OTHER)
    mine = teach(store.everyone, "a", "b", teacher=me)
    (others,) = teach(store.everyone, "c", teacher=other)
    teach(store.room(opened(store).id), "elsewhere", teacher=me)
    assert store.everyone.taught_by(me) == mine
    store.everyone.delete(mine[:1], expected=store.everyone.active().id, by="owner")
    assert store.everyone.taught_by(me) == mine[1:]
    store.visitors.forget(OTHER)
    assert store.everyone.taught_by(other) == [] and store.everyone.taught_by("") == []
    assert store.everyone.active().lesson_ids == (mine[1], others)


def test_a_lesson_waits_until_it_is_approved(store: Store) -> None:
    room = store.room(opened(store).id)
    store.visitors.save_tray(ME, Tray(lesson("x").images, (None,) * 3))
    room.add_waiting(lesson("a"))
    room.add_waiting(lesson("a"))
    history = room.history(1, 8)
    (waiting,) = history.waiting
    assert (waiting.state, history.count, room.active().lesson_ids) == ("waiting", 0, ())
    kept, version_of = room.taught_as("a") or pytest.fail("not found")
    assert (kept.id, version_of) == (waiting.id, None)
    given = {"before": FIGURES, "after": FIGURES | {"taught": 1.0}, "base_id": "another", "memory": b"fitted again"}
    with pytest.raises(StaleVersion):
        room.approve(waiting.id, **given, expected=5)  # type: ignore[arg-type]
    version = room.approve(waiting.id, **given, expected=0)  # type: ignore[arg-type]
    assert (version.kind, version.by, version.base_id, version.lesson_ids) == ("teach", "17", "another", (waiting.id,))
    assert room.memories([waiting.id], "another") == {waiting.id: b"fitted again"}, "what the gate let in"
    assert room.history(1, 8).waiting == [] and room.lessons()[0].after["taught"] == 1.0
    with pytest.raises(LookupError):
        room.approve(waiting.id, **given, expected=version.id)  # type: ignore[arg-type]


def test_an_owner_who_asks_for_approval_waits_for_a_lesson_that_is_being_kept(postgres_url: str) -> None:
    """PostgreSQL: once the switch is on, no lesson that did not know of it comes after."""
    store = Store(postgres_url)
    room = opened(store)
    engine = sa.create_engine(postgres_url)
    with ThreadPoolExecutor(1) as pool, engine.connect() as keeping:
        active = metadata.tables["active"]
        keeping.execute(sa.select(active).where(active.c.room_id == room.id).with_for_update())
        asked = pool.submit(store.rooms.set_approval, room.id, True)
        with pytest.raises(TimeoutError):
            asked.result(0.5)
        keeping.rollback()
        assert asked.result(10).approval
    engine.dispose()
    store.close()


def test_a_lesson_that_was_declined_leaves_nothing_but_its_record(store: Store) -> None:
    room = store.room(opened(store).id)
    room.add_waiting(lesson("a"))
    (waiting,) = room.history(1, 8).waiting
    assert room.delete([waiting.id], expected=0, by="owner").lesson_ids == ()
    (record,) = room.lessons()
    assert (record.state, len(record.images), room.history(1, 8).waiting) == ("deleted", 0, [])
    assert room.memories([waiting.id], "base") == {} and room.versions() == []


def test_what_is_deleted_as_it_waits_must_wait(store: Store) -> None:
    room = store.room(opened(store).id)
    (taught,) = teach(room, "a")
    room.add_waiting(lesson("b"))
    (waiting,) = room.history(1, 8).waiting
    active = room.active()
    with pytest.raises(LookupError):
        room.delete([waiting.id, taught], expected=active.id, by="17", waiting=True)
    assert [record.state for record in room.lessons()] == ["kept", "waiting"]
    assert room.delete([waiting.id], expected=active.id, by="17", waiting=True) == active
    assert [record.state for record in room.lessons()] == ["kept", "deleted"]


def test_a_history_holds_the_oldest_of_very_many_that_wait(store: Store) -> None:
    room = store.room(opened(store).id)
    for number in range(WAITING + 2):
        room.add_waiting(lesson(str(number), count=1))
    assert [record.token for record in room.history(1, 8).waiting] == [str(number) for number in range(WAITING)]


def test_a_closed_room_takes_nothing_any_more(store: Store) -> None:
    room = opened(store)
    teach(store.room(room.id), "a")
    store.rooms.close(room.id)
    store.rooms.close(room.id)
    here = store.room(room.id)
    for change in (
        lambda: here.add_lesson(lesson("b"), expected=0),
        lambda: here.add_waiting(lesson("b")),
        lambda: here.withdraw(1, expected=0, by="owner"),
        lambda: here.activate(0, base_id="base", by="owner"),
        lambda: here.empty(by="owner"),
        lambda: here.hide([1]),
        lambda: here.delete([1], expected=0, by="owner"),
        lambda: store.rooms.rename(room.id, "again"),
        lambda: store.rooms.set_approval(room.id, True),
    ):
        with pytest.raises(RoomClosed):
            change()
    assert store.rooms.get(room.id) is None and room.id not in store.rooms.active_versions([room.id])
    assert here.lessons() == [] and here.versions() == [] and opened(store).id != room.id


def test_lessons_on_their_way_into_a_room_that_is_closed_are_all_gone(store: Store, url: str) -> None:
    room = opened(store)
    begun = threading.Barrier(5)

    def keep_teaching(number: int) -> str:
        here = store.room(room.id)
        begun.wait(10)
        try:
            for _ in range(300):
                with contextlib.suppress(StaleVersion):
                    here.add_lesson(lesson(f"{number} {threading.get_ident()} {here.active().id}"), here.active().id)
        except RoomClosed as closed:
            return str(closed)
        return "never closed"

    with ThreadPoolExecutor(4) as pool:
        teaching = [pool.submit(keep_teaching, number) for number in range(4)]
        begun.wait(10)
        while len(store.room(room.id).versions()) < 5:
            pass
        store.rooms.close(room.id)
        assert {job.result(30) for job in teaching} == {f"room {room.id} was closed"}
    with by_hand(url) as connection:
        left = [
            connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.room_id == room.id))
            for table in metadata.sorted_tables
            if "room_id" in table.c
        ]
        assert left == [0, 0, 0]
        assert connection.scalar(sa.select(sa.func.count()).select_from(metadata.tables["memories"])) == 0


def test_a_room_does_not_wait_for_the_rows_of_another(postgres_url: str) -> None:
    """PostgreSQL: a writer of one room holds what only that room needs, for as long as it likes."""
    store = Store(postgres_url)
    slow, quick = opened(store), opened(store, "quick")
    engine = sa.create_engine(postgres_url, connect_args={"options": "-c lock_timeout=2s"})
    with engine.begin() as connection:
        active = metadata.tables["active"]
        connection.execute(sa.select(active).where(active.c.room_id == slow.id).with_for_update())
        teach(store.room(quick.id), "a")
        store.room(quick.id).add_waiting(lesson("b"))
        assert tokens(store.room(quick.id)) == ["a", "b"] and tokens(store.room(slow.id)) == []
    engine.dispose()
    store.close()


def test_all_rooms_are_asked_for_in_one_query(store: Store) -> None:
    ids = [opened(store, str(number)).id for number in range(20)]
    with statements() as asked:
        assert len(store.rooms.active_versions(ids)) == 20
    assert [words for words, _ in asked if not words.startswith(("BEGIN", "PRAGMA"))] == [
        next(words for words, _ in asked if words.startswith("SELECT"))
    ]


def test_codes_have_no_letters_that_look_alike() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500 and all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)
    assert not set("0OQD1IL2Z5S6G8BUVW") & set(ALPHABET) and len(set(ALPHABET)) == len(ALPHABET)


@pytest.mark.parametrize(
    "typed", ["ACEF3479", "acef-3479", " acef 3479 ", "ACEF—3479", "ＡＣＥＦ３４７９", "a.c.e.f.3.4.7.9\n"]
)
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert normal_code(typed) == "ACEF3479" and normal_code(spaced("ACEF3479")) == "ACEF3479"


@pytest.mark.parametrize("hostile", ["", "\0", "\ud800", "everyone", "ß" * 99, "A" * 10**6, "%", "' OR 1=1 --"])
def test_nothing_else_opens_a_room(store: Store, hostile: str) -> None:
    opened(store), store.rooms.open_mine(ME, together=9)
    with pytest.raises(LookupError):
        store.rooms.find(hostile, teacher_number(OTHER), **MANY)


def test_ones_own_room_is_found_by_no_code(store: Store, url: str) -> None:
    mine = store.rooms.open_mine(ME, together=9)
    with by_hand(url) as connection:
        address = connection.scalar(sa.select(rooms.c.address).where(rooms.c.id == mine.id))
    for code in (str(address), str(address)[:8], mine.owner, ME):
        with pytest.raises(LookupError):
            store.rooms.find(code, teacher_number(OTHER), **MANY)


def test_guessing_is_limited_and_shuts_nobody_else_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    monkeypatch.setattr(visitors, "datetime", SimpleNamespace(now=lambda zone: now))  # a busy machine's minutes pass
    room, limits = opened(store), {"each": 10, "together": 300}

    def guess(number: int) -> str:
        try:
            store.rooms.find(new_code(), teacher_number(guessers[number % len(guessers)]), **limits)
        except LimitReached as refused:
            return refused.kind
        except LookupError:
            return "wrong"
        return "found"

    guessers = [new_browser_id()]
    assert [guess(number) for number in range(1000)] == ["wrong"] * 10 + ["code"] * 990
    with pytest.raises(LimitReached):  # or the limit would hold up nobody who guesses right
        store.rooms.find(room.code, teacher_number(guessers[0]), **limits)
    guessers = [new_browser_id() for _ in range(100)]
    outcomes = [guess(number) for number in range(1000)]
    assert outcomes.count("wrong") == 290 and outcomes.count("code") == 710
    assert store.rooms.find(spaced(room.code).lower(), teacher_number(OTHER), **limits) == room
    with pytest.raises(LimitReached):
        store.rooms.find("WRONG", teacher_number(OTHER), **limits)


def test_a_right_code_leaves_no_trace_and_is_no_try(store: Store) -> None:
    room = opened(store)
    with statements() as asked:
        for _ in range(20):
            assert store.rooms.find(room.code, teacher_number(OTHER), each=2, together=2).id == room.id
    assert not [words for words, _ in asked if words.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE"))]


def test_a_browser_has_one_room_of_its_own_however_many_pages_ask_at_once(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: store.rooms.open_mine(ME, together=9), range(16)))
    assert len({room.id for room in found}) == 1 and found[0].own and store.rooms.mine(ME) == found[0]
    assert store.rooms.mine(OTHER) is None and store.rooms.open_mine(OTHER, together=9).id != found[0].id


def all_at_once(work: Callable[[int], object], count: int = 24) -> list[str]:
    """How each ended: "" or the kind of the limit."""

    def outcome(number: int) -> str:
        try:
            work(number)
        except LimitReached as refused:
            return refused.kind
        return ""

    with ThreadPoolExecutor(8) as pool:
        return sorted(pool.map(outcome, range(count)))


def test_a_browser_owns_so_many_rooms_even_when_it_asks_all_at_once(store: Store) -> None:
    outcomes = all_at_once(lambda n: store.rooms.open_ours(f"room {n}", ME, each=3, together=100))
    assert outcomes == [""] * 3 + ["own_rooms"] * 21
    assert len(store.rooms.owned(ME)) == 3
    store.rooms.open_mine(ME, together=100)
    assert store.rooms.open_ours("other", OTHER, each=3, together=100)


def test_a_store_keeps_so_many_rooms_even_when_all_ask_at_once(store: Store) -> None:
    browsers = [new_browser_id() for _ in range(24)]
    outcomes = all_at_once(
        lambda n: (
            store.rooms.open_mine(browsers[n], together=5)
            if n % 2
            else store.rooms.open_ours(f"room {n}", browsers[n], each=3, together=5)
        )
    )
    assert outcomes == [""] * 10 + ["rooms"] * 14, "of each kind five"
    kept = next(browser for browser in browsers if store.rooms.mine(browser) or store.rooms.owned(browser))
    if mine := store.rooms.mine(kept):
        assert store.rooms.open_mine(kept, together=5) == mine, "who has one is not refused"


@pytest.mark.parametrize("name", ["", "  \n ", "x" * 61, "\0\u200b"])
def test_a_room_has_a_name_that_can_be_seen(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="1 to 60 characters"):
        store.rooms.open_ours(name, ME, **MANY)
    assert store.rooms.listed(1, 9) == (0, [])


def test_a_name_is_kept_without_what_cannot_be_seen(store: Store) -> None:
    room = opened(store, "  4º B\r\n\0 de  Ana \u202e ")
    assert room.name == "4º B de Ana"
    assert store.rooms.rename(room.id, "5º B").name == "5º B" and store.rooms.get(room.id) is not None


def test_a_key_moves_a_room_to_another_browser(store: Store) -> None:
    room, key = store.rooms.open_ours("Year 4", ME, **MANY)
    mine = store.rooms.open_mine(ME, together=9)
    for wrong, where in (("", room), (key[:-1], room), ("\ud800", room), (key, mine), (key, opened(store))):
        with pytest.raises(LookupError):
            store.rooms.claim(where.id, wrong, OTHER)
    assert [r.id for r in store.rooms.owned(OTHER)] == []
    claimed = store.rooms.claim(room.id, key, OTHER)
    assert store.rooms.owned(OTHER) == [claimed] and room.id not in [r.id for r in store.rooms.owned(ME)]


def test_no_secret_is_in_the_store(store: Store, url: str, tmp_path: Path) -> None:
    _, key = store.rooms.open_ours("Year 4", ME, **MANY)
    store.rooms.open_mine(ME, together=9)
    content = everything(url, tmp_path / "kept")
    assert b"Year 4" in content and key.encode() not in content and ME.encode() not in content


def age(url: str, room: Room, *, days: float, goes: datetime | None = None) -> None:
    used = datetime.now(UTC) - timedelta(days=days)
    with by_hand(url) as connection:
        connection.execute(sa.update(rooms).where(rooms.c.id == room.id).values(used=used, goes=goes))


def test_a_room_that_nobody_uses_goes_a_day_after_it_was_said(store: Store, url: str) -> None:
    old, young, everyones = opened(store, "old"), opened(store, "young"), store.rooms.get(EVERYONE)
    assert everyones is not None
    age(url, old, days=181)
    age(url, young, days=179)
    age(url, everyones, days=9999)
    (going,), gone = store.rooms.remove_unused(180)
    assert (going.id, gone) == (old.id, []) and going.goes is not None
    assert abs(going.goes - datetime.now(UTC) - GRACE) < timedelta(hours=1)
    assert store.rooms.remove_unused(180) == ([], []), "it is said once, and the day has not passed"
    age(url, old, days=182, goes=datetime.now(UTC) - timedelta(seconds=1))
    teach(store.room(old.id), "a")
    _, (removed,) = store.rooms.remove_unused(180)
    assert removed.id == old.id and store.rooms.get(old.id) is None and store.room(old.id).lessons() == []
    assert store.rooms.get(young.id) and store.rooms.get(EVERYONE)


def test_using_a_room_in_its_last_day_saves_it(store: Store, url: str) -> None:
    room = opened(store)
    age(url, room, days=181, goes=datetime.now(UTC) - timedelta(seconds=1))
    used = store.rooms.note_used(store.rooms.find(room.code, teacher_number(OTHER), **MANY))
    assert used.goes is None and datetime.now(UTC) - used.used < timedelta(hours=1)
    assert store.rooms.remove_unused(180) == ([], [])
    with statements() as asked:
        assert store.rooms.note_used(used) == used, "noted to the hour: no writing at each visit"
    assert asked == []


def test_more_rooms_than_a_query_may_name_go_bit_by_bit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnist_core.storage.rooms.AT_A_TIME", 2)
    monkeypatch.setattr("mnist_core.storage.rooms.GRACE", timedelta(0))
    for number in range(5):
        opened(store, str(number))
    assert [len(part) for part in store.rooms.remove_unused(0)] == [5, 0]
    assert [len(store.rooms.remove_unused(0)[1]) for _ in range(4)] == [2, 2, 1, 0]


def test_drawings_are_kept_as_long_as_the_host_allows(store: Store, url: str) -> None:
    room = store.room(opened(store).id)
    ids = teach(store.everyone, "old", "young")
    room.add_waiting(lesson("old and waiting"))
    (waiting,) = room.history(1, 8).waiting
    with by_hand(url) as connection:
        long_ago = datetime.now(UTC) - timedelta(days=31)
        old = lessons.c.token.in_(["old", "old and waiting"])
        connection.execute(sa.update(lessons).where(old).values(created=long_ago))
    assert store.rooms.erase_drawings(30) == 2 and store.rooms.erase_drawings(30) == 0
    old_one, young = store.everyone.lessons()
    assert (old_one.state, len(old_one.images), len(old_one.labels)) == ("erased", 0, 3)
    assert (young.state, len(young.images)) == ("kept", 3)
    assert store.everyone.active().lesson_ids == tuple(ids) and len(store.everyone.memories(ids, "base")) == 2
    assert room.history(1, 8).waiting == [] and room.memories([waiting.id], "base") == {}


def test_who_is_forgotten_loses_their_own_room_and_what_they_opened_stays(store: Store) -> None:
    room, key = store.rooms.open_ours("Year 4", ME, **MANY)
    mine, others = store.rooms.open_mine(ME, together=9), store.rooms.open_mine(OTHER, together=9)
    teach(store.room(mine.id), "a"), teach(store.room(others.id), "b"), teach(store.room(room.id), "c")
    store.rooms.forget_owner(ME)
    assert store.rooms.mine(ME) is None and store.rooms.get(mine.id) is None and store.room(mine.id).lessons() == []
    assert store.rooms.mine(OTHER) == others and tokens(store.room(others.id)) == ["b"]
    assert store.rooms.owned(ME) == [] and tokens(store.room(room.id)) == ["c"]
    assert [r.id for r in [store.rooms.claim(room.id, key, ME)]] == [room.id]


def test_a_room_that_is_being_made_while_its_browser_is_forgotten_is_deleted(postgres_url: str) -> None:
    """PostgreSQL: forgetting does not see what is not committed, so it must wait for it."""
    store, begun, may_end = Store(postgres_url), threading.Event(), threading.Event()

    def hold(_c: object, _k: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO rooms"):
            begun.set()
            may_end.wait(10)

    sa.event.listen(sa.Engine, "after_cursor_execute", hold)
    try:
        with ThreadPoolExecutor(2) as pool:
            making = pool.submit(store.rooms.open_mine, ME, together=9)
            assert begun.wait(10)
            forgetting = pool.submit(store.rooms.forget_owner, ME)
            with pytest.raises(TimeoutError):
                forgetting.result(0.5)
            may_end.set()
            assert making.result(10).own
            forgetting.result(10)
    finally:
        may_end.set()
        sa.event.remove(sa.Engine, "after_cursor_execute", hold)
    assert store.rooms.mine(ME) is None
    store.close()


def test_the_host_sees_the_rooms_of_ours_and_how_much_is_taught_in_them(store: Store) -> None:
    first = opened(store, "first")
    opened(store, "second")
    store.rooms.open_mine(ME, together=9)
    teach(store.room(first.id), "a", "b")
    count, listed = store.rooms.listed(page=1, size=10)
    assert count == 2 and [(room.name, taught) for room, taught in listed] == [("second", 0), ("first", 2)]


def test_the_host_sees_all_rooms_page_by_page(store: Store) -> None:
    assert store.rooms.listed(page=1, size=50) == (0, [])
    made = {opened(store, f"room {number}", new_browser_id()).id for number in range(101)}
    pages = [store.rooms.listed(page, size=50) for page in (1, 2, 3)]
    assert [(count, len(listed)) for count, listed in pages] == [(101, 50), (101, 50), (101, 1)]
    assert {room.id for _, listed in pages for room, _ in listed} == made
    assert store.rooms.listed(page=9, size=50) == pages[-1], "it was the last page while there were more"
