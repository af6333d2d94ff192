"""Turns to teach, one at a time, and seats: how many sessions one process serves."""

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mnist_core.storage.limits import LimitReached


class Turns:
    """One at a time, first come first served, and everybody can see how many are before them."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._line: deque[object] = deque()
        self._moved = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        """How many are in line, the one whose turn it is among them."""
        return len(self._line)

    def close(self, timeout_s: float) -> bool:
        """Let whoever holds the turn finish, send everybody else away. Whether that was done within this time."""
        with self._moved:
            self._closed = True
            self._moved.notify_all()
            return self._moved.wait_for(lambda: not self._line, timeout_s)

    @contextmanager
    def turn(self, on_place: Callable[[int], None] | None = None) -> Iterator[None]:
        """Wait for a turn and hold it.

        Args:
            on_place: called in this thread with how many are still before, whenever that changes, and with 0
                when the turn has come. It may raise to leave the line.

        Raises:
            LimitReached: the line is full, or closed.
        """
        ticket = object()
        with self._moved:
            if self._closed:
                raise LimitReached("closed", retry_after_s=30.0)
            if len(self._line) >= self._longest:
                raise LimitReached("line", retry_after_s=5.0 + len(self._line))
            self._line.append(ticket)
        try:
            for place in self._places(ticket):
                if on_place:
                    on_place(place)
            yield
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()

    def _places(self, ticket: object) -> Iterator[int]:
        last = -1
        while last != 0:
            with self._moved:
                while (place := self._line.index(ticket)) == last and not self._closed:
                    self._moved.wait()
                if self._closed:
                    raise LimitReached("closed", retry_after_s=30.0)
                last = place
            yield last


class Seat:
    """One visitor's session. Whoever holds it has the seat; it is free again when nobody refers to it."""


class Seats:
    """How many sessions one process serves at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: weakref.WeakSet[Seat] = weakref.WeakSet()
        self._lock = threading.Lock()

    def take(self) -> Seat:
        """A seat. Raises `LimitReached` when there is none."""
        with self._lock:
            if len(self._taken) >= self._most:
                raise LimitReached("sessions", retry_after_s=60.0)
            seat = Seat()
            self._taken.add(seat)
            return seat
