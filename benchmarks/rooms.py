"""Rooms by the hundred on one server: `python -m benchmarks.rooms [--rooms 200] [--lessons 20] [--old 1000]`.

Prints each figure beside what it must be and the goal: what the models of many rooms take in memory, what a stroke
takes with them against one room, the first answer of a room that is not in memory, a lesson of five drawings in any
room and in an old one, and whether twenty rooms that teach at once on two servers keep every lesson to themselves.
The lessons that a room has at the start are drawn from a pool, as fitting them all would take hours; the last one of
each is taught as a visitor would, gate and all. `--rooms 0` measures the old rooms alone. `DATABASE_URL` names another
store than a new SQLite file.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from mnist_core import Classifier, prepare
from mnist_core.files.strokes import render
from mnist_core.pretrain.penmanship import digit_strokes
from mnist_core.serving.commit import Click, figures
from mnist_core.serving.room_model import RoomModel
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage.browsers import new_browser_id, teacher_number
from mnist_core.storage.records import NewLesson, Room
from mnist_core.storage.store import Store

POOL = 12  # lessons that the rooms' are drawn from
DRAWINGS = 5
DRAWING_S = 5.0  # what a person needs at least to draw what is to be taught
STROKES = 600  # for each of the two percentiles


class Owned(NamedTuple):
    room: Room
    browser: str


def canvas(digit: int, rng: np.random.Generator) -> np.ndarray:
    """RGBA uint8 (280, 280, 4)."""
    return render(digit_strokes(digit, rng), extent=float(rng.uniform(0.5, 0.7)))


def drawings(digit: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A lesson: uint8 (DRAWINGS, 28, 28) and its labels."""
    return np.stack([prepare(canvas(digit, rng)) for _ in range(DRAWINGS)]), np.full(DRAWINGS, digit)


def pool_of_lessons(base: Classifier) -> list[NewLesson]:
    """Lessons as the store keeps them."""
    found, rng = list[NewLesson](), np.random.default_rng(0)
    while len(found) < POOL:
        images, labels = drawings(len(found) % 10, rng)
        lesson = base.teach(images, labels.tolist())
        if lesson.memory:
            content, (before, after) = lesson.memory.to_bytes(), (figures(r) for r in (lesson.before, lesson.after))
            found.append(NewLesson("", "bench", base.base_id, images, labels, content, before, after))
    return found


def fill(store: Store, room: Room, pool: Sequence[NewLesson], count: int, rng: np.random.Generator) -> None:
    """Put so many lessons of the pool into a room."""
    here, active = store.room(room.id), 0
    for number in rng.integers(len(pool), size=count):
        given = vars(pool[number]) | {"token": new_token()}
        active = here.add_lesson(NewLesson(**given), active).id


def settings(folder: Path) -> Settings:
    return Settings(
        data_dir=folder,
        database_url=os.environ.get("DATABASE_URL") or None,
        lessons_per_visitor=10**6,
        lessons_per_minute=10**6,
        rooms_per_browser=10**4,
        rooms_per_minute=10**6,
        waiting=10**4,
    )


def teach(room: RoomModel, browser: str, rng: np.random.Generator, digit: int | None = None) -> tuple[bool, float]:
    """Teach a lesson; whether it was kept, and the seconds until then."""
    images, labels = drawings(int(rng.integers(10)) if digit is None else digit, rng)
    began = time.perf_counter()
    kept = room.teach(images, labels.tolist(), Click(teacher_number(browser), new_token(), browser)).accepted
    return kept, time.perf_counter() - began


def memory_mib() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 2**20


def read(model: SharedModel, rooms: Sequence[Room], drawn: Sequence[np.ndarray]) -> list[float]:
    """The milliseconds of a stroke in each of these rooms."""
    took = []
    for room, one in zip(rooms, drawn, strict=True):
        began = time.perf_counter()
        model.room(room).classifier.predict(prepare(one))
        took.append((time.perf_counter() - began) * 1000)
    return took


def row(name: str, figure: str, must: str, goal: str) -> None:
    print(f"| {name:62} | {figure:>22} | {must:>12} | {goal:>8} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, default=200)
    parser.add_argument("--lessons", type=int, default=20, help="in each room")
    parser.add_argument("--old", type=int, default=1000, help="lessons of the oldest room")
    options = parser.parse_args()
    rng, base = np.random.default_rng(1), Classifier.load()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = SharedModel(settings(folder), load=lambda: base)
        model.ready.wait()
        store = Store(settings(folder).database_url, folder=folder)
        pool = pool_of_lessons(base)
        row(f"{options.rooms} rooms, {options.lessons} lessons in each", "measured", "must", "goal")
        row("---", "---", "---", "---")
        if options.rooms:
            many = open_rooms(model, store, pool, options.rooms, options.lessons - 1, rng)
            teach_and_read(model, many, rng)
            cold(folder, base, many, rng)
        old(folder, base, model, store, pool, options.old, rng)
        store.close()
        model.close()
        if options.rooms:
            at_once(folder)


def open_rooms(
    model: SharedModel, store: Store, pool: Sequence[NewLesson], count: int, lessons: int, rng: np.random.Generator
) -> list[Owned]:
    """Half of them ours, half mine, each with so many lessons."""
    found = []
    for number in range(count):
        browser = new_browser_id()
        here = model.directory
        room = here.open_mine(browser) if number % 2 else here.open_ours(f"room {number}", browser, [])[0]
        fill(store, room, pool, lessons, rng)
        found.append(Owned(room, browser))
    return found


def teach_and_read(model: SharedModel, many: Sequence[Owned], rng: np.random.Generator) -> None:
    drawn = [canvas(int(rng.integers(10)), rng) for _ in range(STROKES)]
    first = many[0]
    teach(model.room(first.room), first.browser, rng)
    read(model, [first.room] * 50, drawn[:50])
    one_room = memory_mib()
    lessons = [teach(model.room(owned.room), owned.browser, rng) for owned in many]
    rooms = [many[number].room for number in rng.integers(len(many), size=STROKES)]
    read(model, rooms, drawn)
    row("memory over one room in use, MiB", f"{memory_mib() - one_room:+.0f}", "+150", "")
    one, all_of_them = list[float](), list[float]()
    for part in range(0, STROKES, 50):  # by turns, so that what else the machine does meets both
        one += read(model, [first.room] * 50, drawn[part : part + 50])
        all_of_them += read(model, rooms[part : part + 50], drawn[part : part + 50])
    slow, slow_one = (float(np.percentile(took, 95)) for took in (all_of_them, one))
    row("a stroke's p95 against one room", f"{slow / slow_one:.2f} x of {slow_one:.1f} ms", "1.1 x", "")
    for kind, place in (("ours", 0), ("mine", 1)):
        took = [seconds for kept, seconds in lessons[place::2] if kept]
        middle, high = np.percentile(took, [50, 95])
        row(f"a lesson of five in {kind}, median (p95)", f"{middle:.2f} s ({high:.2f})", "1 s", "0.3 s")


def cold(folder: Path, base: Classifier, many: Sequence[Owned], rng: np.random.Generator) -> None:
    """A server that has just started knows no room."""
    other = SharedModel(settings(folder), load=lambda: base)
    other.ready.wait()
    drawn = [canvas(int(rng.integers(10)), rng) for _ in many]
    took = read(other, [owned.room for owned in many], drawn)
    other.close()
    middle, high = np.median(took), max(took)
    row("first answer of a room not in memory, median (most)", f"{middle:.0f} ms ({high:.0f})", "200 ms", "")


def old(
    folder: Path,
    base: Classifier,
    model: SharedModel,
    store: Store,
    pool: Sequence[NewLesson],
    count: int,
    rng: np.random.Generator,
) -> None:
    """Rooms of very many lessons, as a server meets them that has not had them in memory."""
    for kind in ("ours", "mine"):
        browser = new_browser_id()
        here = model.directory
        room = here.open_mine(browser) if kind == "mine" else here.open_ours("old", browser, [])[0]
        fill(store, room, pool, count, rng)
        place = model.room(room)
        (first,) = read(model, [room], [canvas(3, rng)])
        took = [teach(place, browser, rng)[1] for _ in range(4)]
        other = SharedModel(settings(folder), load=lambda: base)
        other.ready.wait()
        read(other, [room], [canvas(3, rng)])
        time.sleep(DRAWING_S)
        _, ready = teach(other.room(room), browser, rng)
        other.close()
        row(f"{kind}, {count} lessons old: the first answer", f"{first:.0f} ms", "1,000 ms", "200 ms")
        row(f"{kind}, {count} lessons old: the first lesson, {DRAWING_S:.0f} s later", f"{ready:.2f} s", "1 s", "0.3 s")
        row(f"{kind}, {count} lessons old: the first lesson, at once", f"{took[0]:.2f} s", "1 s", "0.3 s")
        row(f"{kind}, {count} lessons old: the next, median", f"{np.median(took[1:]):.2f} s", "1 s", "0.3 s")


def at_once(folder: Path, rooms: int = 20, rounds: int = 3) -> None:
    """Two servers, which are two processes, teach each room at the same time."""
    store = Store(settings(folder).database_url, folder=folder)
    given = []
    for number in range(rooms):
        browser = new_browser_id()
        room, _ = store.rooms.open_ours(f"at once {number}", browser, each=1, together=10**6)
        given.append(Owned(room, browser))
    processes = multiprocessing.get_context("spawn")
    with processes.Pool(2) as servers:
        kept = servers.starmap(serve, [(folder, given, rounds, seed) for seed in (0, 1)])
    expected: dict[int, set[str]] = {owned.room.id: set() for owned in given}
    for tokens in kept:
        for room_id, token in tokens:
            expected[room_id].add(token)
    right = sum(
        {lesson.token for lesson in store.room(room_id).lessons()} == tokens for room_id, tokens in expected.items()
    )
    numbered = all(
        [v.number for v in store.room(room_id).versions()] == list(range(len(tokens), 0, -1))
        for room_id, tokens in expected.items()
    )
    count = sum(map(len, expected.values()))
    name = f"{rooms} rooms at once on two servers: rooms with every lesson"
    row(f"{name}, of {count} kept", f"{right} of {rooms}, {'' if numbered else 'not '}in order", "all", "")
    store.close()


def serve(folder: Path, given: Sequence[Owned], rounds: int, seed: int) -> list[tuple[int, str]]:
    """One server: all rooms teach at once. (room, token) of each lesson that was said to be kept."""
    model = SharedModel(settings(folder), load=Classifier.load)
    model.ready.wait()

    def teach_rounds(place: int) -> list[tuple[int, str]]:
        room, browser = given[place]
        rng, kept = np.random.default_rng((seed, place)), []
        for _ in range(rounds):
            images, labels = drawings(place % 10, rng)
            token = new_token()
            click = Click(teacher_number(browser), token, browser)
            if model.room(room).teach(images, labels.tolist(), click).accepted:
                kept.append((room.id, token))
        return kept

    with ThreadPoolExecutor(len(given)) as visitors:
        kept = [pair for pairs in visitors.map(teach_rounds, range(len(given))) for pair in pairs]
    model.close()
    return kept


if __name__ == "__main__":
    main()
