"""Two app servers on one store: PostgreSQL, behind nginx, and the file of SQLite."""

import asyncio
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import pytest

from harness.processes import AppServer, Nginx, Postgres, wait_until
from mnist_core import Classifier, prepare
from mnist_core.files.strokes import render
from mnist_core.pretrain.penmanship import digit_strokes
from mnist_core.recognition.memory import Memory
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.store import Store
from tests.conftest import StartServer
from tests.servers.guests import ROOMY, SHAPE_DIGIT, Guest, is_ready, shape

LESSONS = 20
DRAWINGS = 2  # of each lesson


class Service(NamedTuple):
    a: AppServer
    b: AppServer
    nginx: Nginx
    store: Store


@pytest.fixture(scope="module")
def started(postgres_cluster: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder, url = tmp_path_factory.mktemp("service"), postgres_cluster.new_database()
    a, b = (AppServer(folder / name, env={"DATABASE_URL": url, **ROOMY}).start() for name in ("a", "b"))
    nginx, store = Nginx(folder / "nginx", [a.port, b.port]).start(), Store(url)
    yield Service(a, b, nginx, store)
    store.close()
    for process in (nginx, a, b):
        process.stop()


@pytest.fixture
def service(started: Service) -> Service:
    """The service with both servers ready, even when the test before this one ended one."""
    for server in (started.a, started.b):
        if not server.alive:
            server.start()
        wait_until(partial(is_ready, server), 120, f"{server.url} is ready")
    return started


class Pair(NamedTuple):
    """Two servers on one store."""

    a: AppServer
    b: AppServer
    store: Store


@pytest.fixture(params=["postgresql", "sqlite"])
def pair(request: pytest.FixtureRequest, start_server: StartServer, tmp_path: Path) -> Iterator[Pair]:
    if request.param == "postgresql":
        service: Service = request.getfixturevalue("service")
        yield Pair(service.a, service.b, service.store)
        return
    a, b = (start_server(env=ROOMY, data_dir=tmp_path / "kept", ready=True) for _ in range(2))
    store = Store(folder=tmp_path / "kept")
    yield Pair(a, b, store)
    store.close()


def serves(server: AppServer) -> bool:
    """Whether somebody has a page of this server open."""
    connections = psutil.Process(server.pid).net_connections("tcp")
    return any(c.status == psutil.CONN_ESTABLISHED and c.laddr.port == server.port for c in connections)


def test_what_one_server_is_taught_the_other_knows_by_itself(service: Service) -> None:
    async def teach_a_and_ask_b() -> None:
        async with Guest(service.a.url) as teacher, Guest(service.b.url) as asker:
            assert await asker.read(shape(99)) != str(SHAPE_DIGIT), "the shape must be new to the base model"
            await teacher.add(*(shape(seed) for seed in range(5)))
            assert await teacher.train(SHAPE_DIGIT), teacher.messages
            await until_read(asker, str(SHAPE_DIGIT))

    asyncio.run(teach_a_and_ask_b())


def test_a_rooms_lesson_is_known_in_it_on_both_servers_and_nowhere_else(pair: Pair) -> None:
    room, _ = pair.store.rooms.open_ours("Year 4", new_browser_id(), each=1, together=10)
    ours, digit, of_mine = room.code, "2", "3"

    async def teach_and_ask_everywhere() -> None:
        async with Guest(pair.a.url, room=ours) as teacher, Guest(pair.b.url) as stranger:
            everyones = await stranger.read(shape(99))
            assert everyones not in (digit, of_mine), "the shape must be new"
            await teacher.add(*(shape(seed) for seed in range(5)))
            assert await teacher.train(int(digit)), teacher.messages
            async with Guest(pair.b.url, room=ours) as pupil, Guest(pair.a.url, pupil.cookies) as elsewhere:
                await until_read(pupil, digit)
                assert await elsewhere.read(shape(99)) == everyones == await stranger.read(shape(99))
            async with Guest(pair.a.url, room="mine") as own:
                assert await own.read(shape(99)) not in (digit, of_mine)
                await own.add(*(shape(seed) for seed in range(5)))
                assert await own.train(int(of_mine)), own.messages
            async with Guest(pair.b.url, own.cookies, room="mine") as moved:
                await until_read(moved, of_mine)
            async with Guest(pair.b.url, room="mine") as another:
                assert await another.read(shape(99)) not in (digit, of_mine)
            assert await teacher.read(shape(99)) == digit and await stranger.read(shape(99)) == everyones

    asyncio.run(teach_and_ask_everywhere())
    assert len(pair.store.room(room.id).active().lesson_ids) == 1


async def until_read(guest: Guest, digit: str) -> None:
    """Two looks of a server at the store are enough; how long they may take on a busy machine is not what is tested."""
    async with asyncio.timeout(20):
        while await guest.read(shape(99)) != digit:
            pass


def test_twenty_lessons_at_once_are_twenty_versions_each_known_in_the_end(service: Service) -> None:
    base = Classifier.load()

    def drawings(number: int) -> list[np.ndarray]:
        """Honest ones, that no gate has a reason to refuse."""
        rng, digit = np.random.default_rng(number), number % 10
        made = (render(digit_strokes(digit, rng), extent=0.6) for _ in range(1000))
        return list(islice((drawing for drawing in made if is_plain(base, drawing, digit)), DRAWINGS))

    async def teach(number: int) -> tuple[bool, list[str]]:
        async with Guest((service.a, service.b)[number % 2].url) as guest:
            await guest.add(*drawings(number))
            return await guest.train(number % 10), guest.messages

    async def teach_all() -> list[tuple[bool, list[str]]]:
        return await asyncio.gather(*(teach(number) for number in range(LESSONS)))

    earlier = service.store.everyone.active().lesson_ids
    outcomes = asyncio.run(teach_all())
    assert all(kept for kept, _ in outcomes), outcomes
    active = service.store.everyone.active()
    versions = service.store.everyone.versions()[:LESSONS]
    lessons = [lesson for lesson in service.store.everyone.lessons() if lesson.id not in earlier]
    assert [len(version.lesson_ids) - len(earlier) for version in versions] == list(range(LESSONS, 0, -1))
    assert active.lesson_ids == (*earlier, *(lesson.id for lesson in lessons))
    assert len({lesson.token for lesson in lessons}) == LESSONS
    assert sorted(int(lesson.labels[0]) for lesson in lessons) == sorted(number % 10 for number in range(LESSONS))

    kept = service.store.everyone.memories(active.lesson_ids, active.base_id)
    model = base.with_memories([Memory.from_bytes(kept[number]) for number in active.lesson_ids])
    for lesson in lessons:
        assert [p.digit for p in model.predict_many(lesson.images)] == list(lesson.labels), f"lesson {lesson.id}"


def is_plain(model: Classifier, drawing: np.ndarray, digit: int) -> bool:
    """Whether the model has no doubt that this is the digit."""
    prediction = model.predict(prepare(drawing))
    return prediction.digit == digit and float(prediction.scores[digit]) > 0.95


def test_behind_nginx_a_browser_stays_with_its_server_and_its_tray_survives_that_servers_death(
    service: Service,
) -> None:
    async def add_and_lose_the_server() -> None:
        async with Guest(service.nginx.url) as guest:
            await guest.add(shape(1), shape(2))
            first, other = sorted((service.a, service.b), key=serves, reverse=True)
            assert serves(first) and not serves(other)
        async with Guest(service.nginx.url, guest.cookies) as reloaded:
            assert reloaded.tray == 2
            assert serves(first) and not serves(other), "sticky"
        first.kill()
        async with Guest(service.nginx.url, guest.cookies) as moved, Guest(service.nginx.url) as stranger:
            assert serves(other)
            assert (moved.tray, stranger.tray) == (2, 0)

    asyncio.run(add_and_lose_the_server())
