"""Turns to teach, one at a time, and seats: how many sessions one process serves."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mnist_core.storage.limits import LimitReached


class Turns:
    """One at a time. Of each room first come first served, and rooms take turns, so that a full one holds up nobody."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._line: list[_Ticket] = []  # in the order of their turns; the one whose turn it is, first
        self._round = 0  # each room has one turn in each
        self._had: dict[int, int] = {}  # the last round of each room that had a turn in this one
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
            LimitReached: as many as may be are in line for this room, or the line is closed.
        """
        with self._moved:
            if self._closed:
                raise LimitReached("closed", retry_after_s=30.0)
            if sum(other.room_id == room_id for other in self._line) >= self._longest:
                raise LimitReached("line", retry_after_s=5.0 + len(self._line))
            ticket = self._join(room_id)
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
                while (place := self._line.index(ticket)) == last and not self._closed:
                    self._moved.wait()
                if self._closed:
                    raise LimitReached("closed", retry_after_s=30.0)
                if place == 0:
                    self._begin(ticket)
                last = place
            yield last

    def _join(self, room_id: int) -> _Ticket:
        """Stand behind all whose round is not later: the one after the last of this room."""
        last = max([self._had.get(room_id, 0), *(other.round for other in self._line if other.room_id == room_id)])
        ticket = _Ticket(room_id, max(self._round, last + 1))
        self._line.append(ticket)
        self._line.sort(key=lambda other: (not other.begun, other.round))
        return ticket

    def _begin(self, ticket: _Ticket) -> None:
        ticket.begun, self._round = True, ticket.round
        self._had = {room: last for room, last in self._had.items() if last >= self._round}
        self._had[ticket.room_id] = ticket.round


@dataclass(eq=False)
class _Ticket:
    room_id: int
    round: int
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
