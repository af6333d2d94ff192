"""The store as a process has it: opened in the background, opened again when it is back, its faults put into words."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_core.logs import event
from mnist_core.storage.faults import StaleVersion, StoreUnavailable

if TYPE_CHECKING:
    from mnist_core.storage.store import Store

REMIND_S = 30.0  # between two lines of log that say that the store is still away
OPENING_S = 5.0  # how long a visitor who comes at the very start waits for the store
_READABLE = ("read_only", "full")  # faults of a store that can be read all the same


@dataclass(frozen=True)
class StoreNotice:
    """Something that everybody who uses the app should know. `kind` is a word that pages translate.

    The kinds of `StoreUnavailable`, and "put_aside": then `detail` is where a damaged store was moved to.
    """

    kind: str
    detail: str = ""


class StoreFollower:
    """Holds the store that `open_store` gives. One thread calls `follow` again and again; any may ask for the rest."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open_store = open_store
        self._store: Store | None = None
        self._fault: StoreUnavailable | None = None
        self._asked = threading.Event()
        self._closed = threading.Event()
        self._remind_at = 0.0

    @property
    def asked(self) -> bool:
        """Whether the store has been opened, or could not be."""
        return self._asked.is_set()

    @property
    def fault(self) -> StoreUnavailable | None:
        """What the store could not do, the last time; None when it did."""
        return self._fault

    @property
    def answers(self) -> bool:
        """Whether the store did what was asked, the last time; not before it was asked at all."""
        fault = self._fault
        return self.asked and (fault is None or fault.kind in ("other_base", "reteaching"))

    @property
    def read_only(self) -> bool:
        """Whether the store, as it was opened, can only be read."""
        return self._store is not None and self._store.read_only

    @property
    def notice(self) -> StoreNotice | None:
        """What everybody should know about the store now; None when all is well."""
        if self._fault is not None:
            return StoreNotice(self._fault.kind, str(self._fault))
        if self._store is not None and self._store.put_aside is not None:
            return StoreNotice("put_aside", str(self._store.put_aside))
        return None

    def store(self) -> Store:
        """The store. Raises `StoreUnavailable` at once when it was away a moment ago: nobody waits for a timeout.

        One that cannot be written to is given out, for what can be read: who writes is told by the database.
        """
        self._asked.wait(OPENING_S)
        fault = self._fault
        if fault is not None and (self._store is None or fault.kind not in _READABLE):
            raise StoreUnavailable(fault.kind)
        if self._store is None or self._closed.is_set():
            raise StoreUnavailable("unreachable")
        return self._store

    def note_reteaching(self) -> None:
        """Say from now on that the lessons are being taught again, until `follow` comes to its end."""
        self._fault = StoreUnavailable("reteaching")

    def follow(self, work: Callable[[Store], None]) -> None:
        """Open the store if need be, do this work with it, and take note of what went wrong."""
        before = self._fault
        try:
            if self._store is None or self._store.read_only:
                self._store, before_this = self._open_store(), self._store
                if before_this:
                    before_this.close()
            work(self._store)
            self._fault = None
        except StaleVersion:
            return  # another server was quicker; the next round sees what it did
        except StoreUnavailable as error:
            self._fault = error
            if error.kind == "damaged" and self._store is not None:
                self._store.close()  # opening it again puts a damaged file aside
                self._store = None
        except Exception as error:  # a wrong DATABASE_URL, say: the thread must live, and say so
            self._fault = StoreUnavailable("unreachable", str(error))
            if str(self._fault) != str(before):
                event("store_failed", level=logging.ERROR, traceback_of=error)
        finally:
            self._asked.set()
        self._report(before)

    def close(self) -> None:
        """Close the store, and give it out no more."""
        self._closed.set()
        if self._store is not None:
            self._store.close()

    def _report(self, before: StoreUnavailable | None) -> None:
        """Log what became of the store, and as long as it is away, that it still is."""
        now, fault = time.monotonic(), self._fault
        if fault and (before is None or fault.kind != before.kind or now >= self._remind_at):
            event("store_away", level=logging.WARNING, fault=fault.kind, reason=str(fault))
            self._remind_at = now + REMIND_S
        elif before and not fault:
            event("store_back")
