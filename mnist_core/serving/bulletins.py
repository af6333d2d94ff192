"""What is new in a room, for all who look at its board: the store is asked once in a while, however many they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from mnist_core.storage.records import News

FRESH_S = 0.5  # how old news may be: with the time between two looks of a board, less than two seconds
MOST_ROOMS = 200  # rooms whose news are kept


class _Bulletin:
    """Of one room. `lock` is held by who looks, and while the store is asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: tuple[float, News] | None = None  # since when, and the news


class Bulletins:
    """The newest news of each room. now: a clock, in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._rooms: dict[int, _Bulletin] = {}  # the one looked at last is the last one
        self._lock = threading.Lock()  # never held while the store is asked: a slow room holds up no other's board

    def get(self, room_id: int, ask: Callable[[], News]) -> News:
        """The news of this room; `ask`ed for where what is known is too old. Raises what `ask` raises."""
        bulletin = self._bulletin(room_id)
        with bulletin.lock:  # the others wait for who asks, and then need not
            if bulletin.known is None or self._now() - bulletin.known[0] >= FRESH_S:
                news = ask()
                bulletin.known = self._now(), news
            return bulletin.known[1]

    def drop(self, room_id: int) -> None:
        """Keep no news of this room, nor what is being asked for: it was closed, or drawings may be seen no longer."""
        with self._lock:
            self._rooms.pop(room_id, None)

    def _bulletin(self, room_id: int) -> _Bulletin:
        with self._lock:
            bulletin = self._rooms.pop(room_id, None) or _Bulletin()
            self._rooms[room_id] = bulletin
            while len(self._rooms) > MOST_ROOMS:
                del self._rooms[next(iter(self._rooms))]
            return bulletin
