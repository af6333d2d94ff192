"""Work that goes on in a thread of its own while the page that asked for it is drawn on, loaded again or closed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

KEPT_S = 60.0  # how long a result waits for somebody when the page that asked for it is gone

Result = TypeVar("Result")


class Job(Generic[Result]):
    """Runs `work(job)` in a thread."""

    def __init__(self, work: Callable[[Job[Result]], Result]) -> None:
        self.share = 0.0  # of the work that is done, 0-1
        self.place = 0  # how many are before this one in the line
        self._work = work
        self._result: list[Result] = []
        self.error: Exception | None = None
        """What the work raised."""
        self._thread = threading.Thread(target=self._run, name="job", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the work has come to its end."""
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Return when the job is done, or after so many seconds."""
        self._thread.join(seconds)

    def result(self) -> Result:
        """What the work returned; raises what it raised. Waits until it is done."""
        self._thread.join()
        if self.error is not None:
            raise self.error
        return self._result[0]

    def progress(self, share: float) -> None:
        """Take note of the share done, 0-1."""
        self.share = min(max(share, 0.0), 1.0)

    def moved_up(self, place: int) -> None:
        """Take note of how many are before this one in the line."""
        self.place = place

    def _run(self) -> None:
        try:
            self._result.append(self._work(self))
        except Exception as error:  # raised again where the result is asked for
            self.error = error


@dataclass
class _Entry(Generic[Result]):
    job: Job[Result]
    browser: str
    session: str  # the one that may collect the result
    left_at: float | None = None  # when that session was seen to have no page any more


class Jobs(Generic[Result]):
    """The jobs of a process, each for one session of one browser, whose result it may collect once.

    A page that is loaded again is another session. It takes over what the one before it left behind; a second page
    of the same browser, opened while the first one is there, does not.

    browser: an id that all pages of a browser share. session: an id of one page until it is closed or loaded again.
    now: a clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._entries: list[_Entry[Result]] = []
        self._lock = threading.Lock()

    def begin(self, browser: str, session: str, work: Callable[[Job[Result]], Result]) -> Job[Result]:
        """Begin a job for this session."""
        job = Job(work)
        with self._lock:
            self._forget_old()
            self._entries.append(_Entry(job, browser, session))
        return job

    def leave(self, session: str) -> None:
        """The page of this session was closed or is being loaded again, or its connection is lost for now."""
        with self._lock:
            for entry in self._entries:
                if entry.session == session:
                    entry.left_at = self._now()

    def take_up(self, browser: str, session: str) -> Job[Result] | None:
        """This session's job, or one of its browser that another session has left, which is this one's from now on."""
        with self._lock:
            self._forget_old()
            mine = [entry for entry in self._entries if entry.session == session]
            left = [entry for entry in self._entries if entry.browser == browser and entry.left_at is not None]
            for entry in (mine + left)[:1]:
                entry.session, entry.left_at = session, None
                return entry.job
        return None

    def collect(self, job: Job[Result], session: str) -> bool:
        """Whether the result of this job, which is done, belongs to this session. It does at most once."""
        with self._lock:
            for entry in self._entries:
                if entry.job is job and entry.session == session:
                    self._entries.remove(entry)
                    return True
        return False

    def busy(self, browser: str) -> bool:
        """Whether a job of this browser is not done."""
        with self._lock:
            return any(entry.browser == browser and not entry.job.done for entry in self._entries)

    def _forget_old(self) -> None:
        oldest = self._now() - KEPT_S
        self._entries = [
            entry for entry in self._entries if not entry.job.done or entry.left_at is None or entry.left_at >= oldest
        ]
