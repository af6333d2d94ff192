"""What is new in a room, for all who look at its board: the store is asked once in a while, however many they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from mnist_core.storage.records import News

FRESH_S = 1.5  # how old news may be
MOST_ROOMS = 200  # rooms whose news are kept


class Bulletins:
    """The newest news of each room. now: a clock, in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._news: dict[int, tuple[float, News]] = {}
        self._lock = threading.Lock()

    def get(self, room_id: int, ask: Callable[[], News]) -> News:
        """The news of this room; `ask`ed for where what is known is too old. Raises what `ask` raises."""
        with self._lock:  # the others wait for who asks, and then need not
            known = self._news.get(room_id)
            if known and self._now() - known[0] < FRESH_S:
                return known[1]
            news = ask()
            self._news.pop(room_id, None)
            self._news[room_id] = self._now(), news
            while len(self._news) > MOST_ROOMS:
                del self._news[next(iter(self._news))]
            return news

    def drop(self, room_id: int) -> None:
        """Keep no news of this room: it was closed."""
        with self._lock:
            self._news.pop(room_id, None)
