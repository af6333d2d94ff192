"""The lessons of a file on their way into a room's model."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnist_core.logs import event
from mnist_core.serving.jobs import Job
from mnist_core.storage.limits import LimitReached

Lessons = Sequence[tuple[NDArray[np.uint8], NDArray[np.int64]]]
"""(images, labels) of each, uint8 (n, 28, 28) and int (n,)."""
LEAST = 100  # drawings that an import counts for at least: it has a thread of its own


class Teach(Protocol):
    """`RoomOwner.import_lesson`."""

    def __call__(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        place: int,
        progress: Callable[[float], None] | None = None,
    ) -> bool: ...


class Import(Job[None]):
    """Teaches one lesson after the other, and lets go of each.

    The first lesson that raises ends it; the same file again goes on from there.
    """

    def __init__(self, teach: Teach, lessons: Lessons, at_end: Callable[[], None] = lambda: None) -> None:
        """at_end: called before the import is done, however it ended."""
        self.count = len(lessons)
        self.sent = 0
        """Lessons that were judged."""
        self.accepted = 0
        """Of these, how many are in the model."""
        self.drawings = _drawings(lessons)
        """Drawings that it still holds."""
        self._teach, self._lessons, self._at_end = teach, deque(lessons), at_end
        super().__init__(lambda _: self._teach_all())

    def _teach_all(self) -> None:
        try:
            for place in range(self.count):
                images, labels = self._lessons.popleft()
                self.accepted += self._teach(images, labels, place, self._progress_of_one)
                self.sent += 1
                self.drawings -= len(images)
                self._progress_of_one(0.0)
        except Exception as error:  # a store that is away, say: the page says so
            event("import_broken_off", level=logging.WARNING, traceback_of=error, sent=self.sent, count=self.count)
            raise
        finally:  # pages that follow this import know it for as long as they are open
            self._lessons.clear()
            self.drawings = 0
            self._at_end()
        event("lessons_imported", accepted=self.accepted, count=self.count)

    def _progress_of_one(self, share: float) -> None:
        self.progress((self.sent + share) / self.count)


class Imports:
    """The imports under way in a process: one in each room, and together no more than memory has room for."""

    def __init__(self, most: int) -> None:
        """most: drawings that they may hold."""
        self._most = most
        self._running: dict[int, Import] = {}
        self._lock = threading.Lock()

    def running(self, room_id: int) -> Import | None:
        """The one that goes on in this room."""
        running = self._running.get(room_id)
        return running if running and not running.done else None

    def start(self, room_id: int, teach: Teach, lessons: Lessons, at_end: Callable[[], None]) -> Import:
        """Begin one; while another is under way in this room, that one.

        One file is taken at any time, however large it is.

        Raises:
            LimitReached: others hold so many drawings that these do not fit.
        """
        with self._lock:
            self._running = {number: job for number, job in self._running.items() if not job.done}
            if room_id not in self._running:
                held = sum(max(job.drawings, LEAST) for job in self._running.values())
                if held and held + max(_drawings(lessons), LEAST) > self._most:
                    raise LimitReached("imports")
                self._running[room_id] = Import(teach, lessons, at_end)
            return self._running[room_id]


def _drawings(lessons: Lessons) -> int:
    return sum(len(labels) for _, labels in lessons)
