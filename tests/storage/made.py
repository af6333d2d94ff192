"""Lessons as a store is given them, and the ways of a test to look into its database."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import sqlalchemy as sa

from mnist_core.storage.records import NewLesson
from mnist_core.storage.room_store import RoomStore

RANDOM = np.random.default_rng(5)
FIGURES = {"test_accuracy": 0.991, "taught": 0.2, "test_per_digit": [0.99] * 10}


def drawings(count: int) -> np.ndarray:
    return RANDOM.integers(0, 2, (count, 28, 28), dtype=np.uint8) * np.uint8(255)


def lesson(token: str, *, teacher: str = "17", base_id: str = "base", count: int = 3) -> NewLesson:
    labels = np.arange(count) % 10
    return NewLesson(token, teacher, base_id, drawings(count), labels, token.encode(), FIGURES, FIGURES)


def teach(room: RoomStore, *tokens: str, teacher: str = "17") -> list[int]:
    """Add a lesson for each token; their ids."""
    versions = [room.add_lesson(lesson(token, teacher=teacher), room.active().id) for token in tokens]
    return [version.lesson_ids[-1] for version in versions]


@contextmanager
def by_hand(url: str) -> Iterator[sa.Connection]:
    """Change rows of the store as time would."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@contextmanager
def statements() -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    """The SQL that is sent meanwhile, with its parameters."""
    sent: list[tuple[str, tuple[object, ...]]] = []

    def note(_c: object, _k: object, statement: str, parameters: tuple[object, ...], *_: object) -> None:
        sent.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
