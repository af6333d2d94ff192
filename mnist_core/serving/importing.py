"""The lessons of a file on their way into a room's model."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnist_core.logs import event
from mnist_core.serving.jobs import Job


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
    """Teaches one lesson after the other.

    The first lesson that raises ends it; the same file again goes on from there.
    """

    def __init__(self, teach: Teach, lessons: Sequence[tuple[NDArray[np.uint8], NDArray[np.int64]]]) -> None:
        """lessons: (images, labels) of each, uint8 (n, 28, 28) and int (n,)."""
        self.count = len(lessons)
        self.sent = 0
        """Lessons that were judged."""
        self.accepted = 0
        """Of these, how many are in the model."""
        self._teach, self._lessons = teach, lessons
        super().__init__(lambda _: self._teach_all())

    def _teach_all(self) -> None:
        try:
            for place, (images, labels) in enumerate(self._lessons):
                self.accepted += self._teach(images, labels, place, self._progress_of_one)
                self.sent += 1
                self._progress_of_one(0.0)
        except Exception as error:  # a store that is away, say: the page says so
            event("import_broken_off", level=logging.WARNING, traceback_of=error, sent=self.sent, count=self.count)
            raise
        event("lessons_imported", accepted=self.accepted, count=self.count)

    def _progress_of_one(self, share: float) -> None:
        self.progress((self.sent + share) / self.count)


class Imports:
    """The imports under way in a process: one in each room."""

    def __init__(self) -> None:
        self._running: dict[int, Import] = {}
        self._lock = threading.Lock()

    def running(self, room_id: int) -> Import | None:
        """The one that goes on in this room."""
        running = self._running.get(room_id)
        return running if running and not running.done else None

    def start(self, room_id: int, begin: Callable[[], Import]) -> Import:
        """Begin one; while another is under way in this room, that one."""
        with self._lock:
            self._running = {number: job for number, job in self._running.items() if not job.done}
            if room_id not in self._running:
                self._running[room_id] = begin()
            return self._running[room_id]
