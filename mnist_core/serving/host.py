"""What only the host of an app may do: see all rooms, and change what one anonymous visitor taught in all of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mnist_core.logs import event
from mnist_core.serving.active_models import ActiveModels
from mnist_core.serving.bulletins import Bulletins
from mnist_core.serving.room_owner import OWNER
from mnist_core.storage.faults import RoomClosed, StaleVersion

if TYPE_CHECKING:
    from mnist_core.storage.records import Room
    from mnist_core.storage.room_store import RoomStore


class Host:
    """Given out by `SharedModel.host`, against a proof. Servers take up within a second what is changed here.

    Every method raises `StoreUnavailable` while the store is away: what was done by then is done, and can be repeated.
    """

    def __init__(self, active: ActiveModels, bulletins: Bulletins) -> None:
        self._active, self._bulletins = active, bulletins

    def rooms(self, page: int, size: int) -> tuple[int, list[tuple[Room, int]]]:
        """A page of the rooms of ours, which only their members and the host know of: see `Rooms.listed`."""
        return self._active.store().rooms.listed(page, size)

    def hide_all(self, teacher: str, hidden: bool = True) -> None:
        """Show the drawings of this anonymous visitor to the owners only, or to everybody again."""
        for room in self._rooms(teacher):
            with suppress(RoomClosed):  # meanwhile
                room.hide(room.taught_by(teacher), hidden)
                self._bulletins.drop(room.id)
                event("lessons_hidden", room=room.id, hidden=hidden, by="host")

    def delete_all(self, teacher: str) -> None:
        """Delete what this anonymous visitor taught for good: drawings, labels, and what is in the models."""
        for room in self._rooms(teacher):
            while lessons := room.taught_by(teacher):
                with suppress(StaleVersion, RoomClosed):  # somebody teaches there, say: once more, on top of that
                    room.delete(lessons, expected=room.active().id, by=OWNER)
                    self._bulletins.drop(room.id)
                    event("lessons_deleted", room=room.id, lessons=len(lessons), by="host")

    def _rooms(self, teacher: str) -> list[RoomStore]:
        store = self._active.store()
        return [store.room(room_id) for room_id in store.rooms.taught_by(teacher)]
