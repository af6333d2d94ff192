"""What is removed from the store once a day: trays and rooms that nobody uses, drawings as old as the host allows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mnist_core.logs import event

if TYPE_CHECKING:
    from mnist_core.storage.store import Store

DAY_S = 24 * 3600.0


class Housekeeping:
    """room_days: how long a room is kept that nobody uses. drawing_days: how long a lesson's drawings are, or None."""

    def __init__(self, room_days: int, drawing_days: int | None) -> None:
        self._room_days, self._drawing_days = room_days, drawing_days
        self._due = 0.0

    def tidy(self, store: Store) -> None:
        """Do it, if a day has passed. Raises `StoreUnavailable`, always at once where a store can only be read."""
        store.scrub_again()
        if not store.read_only and time.monotonic() < self._due:
            return
        store.visitors.remove_old_trays()
        going, gone = store.rooms.remove_unused(self._room_days)
        for room in going:
            event("room_goes", room=room.id, kind=room.kind, goes=str(room.goes))
        for room in gone:
            event("room_gone", room=room.id, kind=room.kind)
        if self._drawing_days is not None and (lessons := store.rooms.erase_drawings(self._drawing_days)):
            event("drawings_erased", lessons=lessons)
        self._due = time.monotonic() + DAY_S
