"""`kill -9` at random moments of a lesson: afterwards the lesson is wholly there or wholly not."""

import random
import time
from collections.abc import Sequence
from functools import partial
from multiprocessing.context import ForkServerContext
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from harness.processes import wait_until
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.room_store import RoomStore
from mnist_core.storage.store import Store
from tests.workers import FITTING_S, teach_without_end

KILLS = 20


def words(log: Path, first: str) -> list[str]:
    """What was written after the word `first`, whole lines only."""
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    return [line.split()[1] for line in lines if line.startswith(first)]


def has_begun(log: Path, lessons: int) -> bool:
    return len(words(log, "begun")) >= lessons


def check_whole(rooms: Sequence[RoomStore], begun: str, kept: set[str]) -> set[str]:
    """The tokens in the rooms: of every lesson that was confirmed, and perhaps of the one that was cut."""
    tokens = [lesson.token for room in rooms for lesson in room.lessons()]
    assert len(set(tokens)) == len(tokens)
    assert kept <= set(tokens) <= kept | {begun}
    for room in rooms:
        active, lessons = room.active(), room.lessons()
        assert active.lesson_ids == tuple(lesson.id for lesson in lessons)
        assert set(room.memories(active.lesson_ids, "base")) == set(active.lesson_ids)
        assert [version.number for version in room.versions()] == list(range(len(lessons), 0, -1))
    return set(tokens)


def connections(url: str) -> int:
    """How many PostgreSQL's database has: before one ends, a commit that it was already told to make is made."""
    if url.startswith("sqlite"):
        return 0
    with psycopg.connect(url.replace("+psycopg", "")) as asking:
        row = asking.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()").fetchone()
    assert row is not None
    return int(row[0])


def has_only(url: str, most: int) -> bool:
    return connections(url) <= most


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_twenty_kills(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest, processes: ForkServerContext
) -> None:
    url = f"sqlite:///{tmp_path / 'lessons.db'}"
    if engine == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
    rng, browser, kept = random.Random(0), new_browser_id(), set[str]()
    store = Store(url)
    ours, _ = store.rooms.open_ours("Year 4", browser, each=1, together=2)
    mine = store.rooms.open_mine(browser, together=2)
    rooms = [store.everyone, store.room(mine.id), store.room(ours.id)]
    for kill in range(KILLS):
        log, before = tmp_path / f"{kill}.log", connections(url)
        process = processes.Process(target=teach_without_end, args=(url, browser, ours.code, kill % 3, log))
        process.start()
        try:
            wait_until(partial(has_begun, log, rng.randint(1, 3)), 120, "the last lesson has begun", every_s=0.01)
            time.sleep(rng.uniform(0, 1.5 * FITTING_S))  # the moment is what is tested
        finally:
            process.kill()
            process.join()
        wait_until(partial(has_only, url, before), 20, "PostgreSQL has noticed")
        assert words(log, "ready") == [str(len(kept))], "a restart knows all that was kept, and nothing else"
        kept = check_whole(rooms, words(log, "begun")[-1], kept | set(words(log, "kept")))
        in_mine = {lesson.token for lesson in rooms[1].lessons()}
        assert store.visitors.load_tray(browser).labels in ((), (3,)), "what was taught to one's own leaves the tray"
        assert store.visitors.load_tray(browser).labels == (3,) or words(log, "begun")[-1] in in_mine
    assert len(kept) >= KILLS / 2, "some lessons must have been finished, or the kills came too early to mean anything"
    assert all(room.lessons() for room in rooms)
    store.close()
    if engine == "sqlite":
        reader = sa.create_engine(url)
        with reader.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        reader.dispose()
