"""The lessons of a file on their way into everybody's model."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnist_core.logs import event


class Teach(Protocol):
    """`Owner.import_lesson`."""

    def __call__(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        place: int,
        progress: Callable[[float], None] | None = None,
    ) -> bool: ...


class Import:
    """Teaches in a thread of its own, one lesson after the other, so that its page may be left meanwhile.

    The first lesson that raises ends it; the same file again goes on from there.
    """

    def __init__(self, teach: Teach, lessons: Sequence[tuple[NDArray[np.uint8], NDArray[np.int64]]]) -> None:
        """lessons: (images, labels) of each, uint8 (n, 28, 28) and int (n,)."""
        self.count = len(lessons)
        self.sent = 0
        """Lessons that were judged."""
        self.accepted = 0
        """Of these, how many are in the model."""
        self.share = 0.0
        """Of the work that is done, 0-1."""
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(teach, lessons), name="import", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Return when it is done, or after so many seconds."""
        self._thread.join(seconds)

    def _run(self, teach: Teach, lessons: Sequence[tuple[NDArray[np.uint8], NDArray[np.int64]]]) -> None:
        try:
            for place, (images, labels) in enumerate(lessons):
                self.accepted += teach(images, labels, place, self._progress)
                self.sent += 1
                self._progress(0.0)
        except Exception as error:  # a store that is away, say: the page says so
            self.error = error
            event("import_broken_off", level=logging.WARNING, traceback_of=error, sent=self.sent, count=self.count)
        else:
            event("lessons_imported", accepted=self.accepted, count=self.count)

    def _progress(self, share: float) -> None:
        self.share = (self.sent + min(max(share, 0.0), 1.0)) / self.count
