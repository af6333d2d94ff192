"""Turns to teach, one at a time, and seats: how many sessions one process serves."""

from __future__ import annotations

import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mnist_core.storage.limits import LimitReached


class Turns:
    """One at a time. Of each room first come first served, and rooms take turns, so that a full one holds up nobody."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._line: list[_Ticket] = []  # in the order they came; the one whose turn it is, first
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
    def turn(self, room_id: int, on_place: Callable[[int], None] | None = None) -> Iterator[None]:
        """Wait for a turn and hold it.

        Args:
            room_id: the room to be taught.
            on_place: called in this thread with how many are still before, whenever that changes, and with 0
                when the turn has come. It may raise to leave the line.

        Raises:
            LimitReached: the line is full, or closed.
        """
        ticket = _Ticket(room_id)
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

    def _places(self, ticket: _Ticket) -> Iterator[int]:
        last = -1
        while last != 0:
            with self._moved:
                while (place := self._order().index(ticket)) == last and not self._closed:
                    self._moved.wait()
                if self._closed:
                    raise LimitReached("closed", retry_after_s=30.0)
                if place == 0:
                    ticket.begun = True
                last = place
            yield last

    def _order(self) -> list[_Ticket]:
        """Whoever has begun, then the first of each room, then the second of each."""
        seen: Counter[int] = Counter()
        rounds: list[tuple[bool, int, int]] = []
        for ticket in self._line:
            rounds.append((not ticket.begun, seen[ticket.room_id], len(rounds)))
            seen[ticket.room_id] += 1
        return [self._line[number] for *_, number in sorted(rounds)]


@dataclass(eq=False)
class _Ticket:
    room_id: int
    begun: bool = False


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
