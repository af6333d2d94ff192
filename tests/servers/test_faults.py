"""Stores that fail under a real server: it goes on predicting, says so, loses nothing, and recovers by itself."""

import asyncio
import contextlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from harness.processes import AppServer, Postgres, as_root, wait_until
from mnist_core.storage.browsers import COOKIE, new_browser_id
from mnist_core.storage.store import Store
from tests.conftest import StartServer
from tests.servers.guests import ROOMY, SHAPE_DIGIT, Guest, is_ready, shape


def readiness(server: AppServer) -> dict[str, bool]:
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=10) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return dict(json.load(error))


def wait_for_model(server: AppServer) -> None:
    wait_until(lambda: readiness(server)["model"], 120, "the model")


def test_postgresql_stops_and_comes_back_under_load(
    postgres: Postgres, postgres_url: str, start_server: StartServer
) -> None:
    server = start_server(env={"DATABASE_URL": postgres_url, **ROOMY}, ready=True)

    async def go_through_it() -> None:
        async with Guest(server.url) as painter, Guest(server.url) as teacher:
            painting = asyncio.create_task(paint(painter))
            await teacher.add(shape(1), shape(2))
            await asyncio.to_thread(postgres.stop, "immediate")
            try:
                assert not await teacher.train(SHAPE_DIGIT)
                assert "drawings are still here" in " ".join(teacher.messages), teacher.messages
                assert teacher.tray == 2
                await asyncio.to_thread(wait_until, lambda: not readiness(server)["store"], 20, "not ready")
                enough = len(painted) + 3
                await asyncio.to_thread(wait_until, lambda: len(painted) >= enough, 30, "predictions go on")
            finally:
                await asyncio.to_thread(postgres.start)
            await asyncio.to_thread(wait_until, partial(is_ready, server), 30, "ready again")
            assert await teacher.train(SHAPE_DIGIT), teacher.messages
            assert teacher.tray == 0
            painting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await painting

    painted: list[str] = []

    async def paint(painter: Guest) -> None:
        while True:
            painted.append(await painter.read(shape(3)))

    asyncio.run(go_through_it())
    assert all(answer.isdecimal() for answer in painted)
    store = Store(postgres_url)
    assert len(store.everyone.lessons()) == 1
    store.close()


def test_the_end_of_a_server_in_the_middle_of_train_then_a_restart(tmp_path: Path, start_server: StartServer) -> None:
    """In everyone's room, in one's own, which that lesson begins, and in one of ours."""
    server = start_server(env=ROOMY, data_dir=tmp_path / "kept", ready=True)
    store, browser = Store(folder=tmp_path / "kept"), new_browser_id()
    ours, _ = store.rooms.open_ours("Year 4", new_browser_id(), each=1, together=1)
    cookies = f"{COOKIE}={browser}"

    async def train_and_end_it(room: str, after_s: float | None) -> None:
        """Kill the server so many seconds into a lesson; None: tell it at once to stop."""
        async with Guest(server.url, cookies, room) as guest:
            await guest.add(*(shape(seed) for seed in range(5 - guest.tray)))
            await guest.begin_lesson(SHAPE_DIGIT)
            if after_s is None:
                await guest.have_its_turn()
                await asyncio.to_thread(server.stop)
            else:
                await asyncio.sleep(after_s)  # the moment is what is tested
                server.kill()

    async def look(room: str) -> tuple[int, list[str]]:
        async with Guest(server.url, cookies, room) as guest:
            at_first = guest.messages
            assert (await guest.read(shape(9))).isdecimal()
            return guest.tray, at_first + guest.messages

    kept = 0
    for room, after_s in (("", 0.0), ("mine", 0.5), (ours.code, None)):
        asyncio.run(train_and_end_it(room, after_s))
        server.start(ready=True)
        mine = store.rooms.mine(browser)
        rooms = [store.everyone, store.room(ours.id), *([store.room(mine.id)] if mine else [])]
        lessons = [lesson for place in rooms for lesson in place.lessons()]
        assert len(lessons) in (kept, kept + 1) and all(len(lesson.images) == 5 for lesson in lessons)
        for place in rooms:
            active = place.active()
            assert active.lesson_ids == tuple(lesson.id for lesson in place.lessons())
            assert set(place.memories(active.lesson_ids, active.base_id)) == set(active.lesson_ids)
        assert after_s is not None or len(lessons) == kept + 1, "told to stop, it finishes the lesson first"
        tray, messages = asyncio.run(look(room))
        assert tray == (0 if len(lessons) > kept else 5)
        assert messages == [], "nothing alarming"
        kept = len(lessons)
    store.close()


def use(server: AppServer) -> tuple[bool, list[str], int]:
    """Draw, add two, train: whether the lesson was kept, what the page said, how many drawings the tray has then."""

    async def all_of_it() -> tuple[bool, list[str], int]:
        async with Guest(server.url) as guest:
            at_first = guest.messages
            assert (await guest.read(shape(5))).isdecimal(), "predictions work"
            await guest.add(shape(1), shape(2))
            kept = await guest.train(SHAPE_DIGIT)
            return kept, at_first + guest.messages, guest.tray

    return asyncio.run(all_of_it())


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    as_root("mount", "-t", "tmpfs", "-o", f"size=4m,uid={os.geteuid()},gid={os.getegid()}", "tmpfs", folder)
    yield folder
    as_root("umount", "--lazy", folder)


def test_a_full_disk_then_room_again(start_server: StartServer, tiny_disk: Path) -> None:
    server = start_server(env={**ROOMY, "MNIST_DATA_DIR": str(tiny_disk)}, ready=True)
    filler = tiny_disk / "filler"
    fill(filler)
    kept, said, tray = use(server)
    assert not kept and "disk is full" in " ".join(said), said
    assert tray == 2
    filler.unlink()
    kept, said, tray = use(server)
    assert kept and tray == 0, said


def fill(file: Path) -> None:
    """Write until the disk is full."""
    with file.open("wb", buffering=0) as open_file, contextlib.suppress(OSError):
        while open_file.write(bytes(4096)):
            pass


def test_a_read_only_data_folder(start_server: StartServer, tiny_disk: Path) -> None:
    Store(folder=tiny_disk).close()
    as_root("mount", "-o", "remount,ro", tiny_disk)
    server = start_server(env={**ROOMY, "MNIST_DATA_DIR": str(tiny_disk)})
    wait_for_model(server)
    assert readiness(server) == {"model": True, "store": False}
    kept, said, tray = use(server)
    assert not kept and "cannot be written" in " ".join(said), said
    assert tray == 2
    as_root("mount", "-o", "remount,rw", tiny_disk)
    wait_until(lambda: readiness(server)["store"], 20, "the store can be written to")
    kept, said, _ = use(server)
    assert kept, said


def test_a_damaged_file_and_lessons_of_an_older_base_model(start_server: StartServer, tmp_path: Path) -> None:
    """One server after the other in the same folder: starting one is what takes long."""
    folder = tmp_path / "kept"
    folder.mkdir()
    scribble = b"this is no database " * 500
    (folder / "lessons.db").write_bytes(scribble)
    server = start_server(env=ROOMY, data_dir=folder, ready=True)
    (aside,) = folder.glob("lessons.db.damaged-*")
    assert aside.read_bytes() == scribble
    kept, said, _ = use(server)
    assert kept and any("damaged" in message for message in said), said
    server.stop()

    store = Store(folder=folder)
    lesson, version = store.everyone.lessons()[0], store.everyone.active()
    older = store.everyone.rebase("an older base", {lesson.id: b"its memory"}, expected=version.id)
    store.close()
    server = start_server(env=ROOMY, data_dir=folder)
    wait_for_model(server)
    store = Store(folder=folder)
    wait_until(
        lambda: store.everyone.active().kind == "rebase" and store.everyone.active().id > older.id, 60, "taught again"
    )
    assert store.everyone.active().lesson_ids == (lesson.id,) and store.everyone.active().base_id == version.base_id
    assert store.everyone.memories([lesson.id], "an older base") == {lesson.id: b"its memory"}
    store.close()
    kept, said, _ = use(server)
    assert kept and aside.read_bytes() == scribble, said
