"""Which rooms there are for a browser: everyone's, its own, those it opens or finds by a code."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mnist_core.logs import event
from mnist_core.serving.active_models import ActiveModels
from mnist_core.serving.ownership import NotOwner, Ownership, Proof
from mnist_core.serving.settings import Settings
from mnist_core.storage.browsers import teacher_number
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from mnist_core.storage.records import EVERYONE, Room

if TYPE_CHECKING:
    from mnist_core.storage.rooms import Rooms

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROOM_OF_ALL = Room(EVERYONE, "everyone", "", "", "", False, _EPOCH, _EPOCH, None)
"""Everyone's room, as it is known without asking the store."""


class Directory:
    """Every method raises `StoreUnavailable` while the store is away."""

    def __init__(self, active: ActiveModels, ownership: Ownership, settings: Settings) -> None:
        self._active, self._ownership, self._settings = active, ownership, settings

    def find(self, code: str, browser: str) -> Room:
        """The room that this code opens, however it was typed; it counts as used.

        Raises:
            LookupError: there is none.
            LimitReached: too many wrong codes.
        """
        rooms, tries = self._active.store().rooms, self._settings.password_tries
        found = rooms.find(code, teacher_number(browser), each=tries, together=30 * tries)
        try:
            return _used(rooms, found)
        except RoomClosed:  # at this moment
            raise LookupError("no room has this code") from None

    def mine(self, browser: str) -> Room | None:
        """This browser's own room, if it has taught one."""
        rooms = self._active.store().rooms
        if found := rooms.mine(browser):
            with suppress(RoomClosed):  # it is being removed at this moment
                return _used(rooms, found)
        return None

    def open_mine(self, browser: str, asked: datetime | None = None) -> Room:
        """This browser's own room, made if need be.

        asked: when the person clicked, where that may be a while ago.

        Raises:
            LimitReached: there are as many as may be.
            RoomClosed: the browser was forgotten since it was asked for.
        """
        return self._active.store().rooms.open_mine(browser, together=self._settings.rooms_kept, asked=asked)

    def leave_mine(self, browser: str) -> None:
        """Delete this browser's own room, unless a lesson was ever kept in it: its first one was refused, say."""
        self._active.store().rooms.leave_mine(browser)

    def now(self, room: Room) -> Room:
        """The room as it is by now. Raises RoomClosed when it was closed."""
        found = self._active.store().rooms.get(room.id)
        if found is None:
            raise RoomClosed(room.id)
        return found

    def enter(self, room: Room) -> Room:
        """The room as it is by now; it counts as used. Raises RoomClosed when it was closed."""
        return _used(self._active.store().rooms, self.now(room))

    def open_ours(self, name: str, browser: str, proofs: Sequence[Proof]) -> tuple[Room, str]:
        """A new room, which this browser owns, and the key that moves it to another browser.

        Raises:
            NotOwner: only the host may open rooms here, or nobody, and none of `proofs` is the host's.
            LimitReached: this browser, or all of them together, have as many as may be, or opened as many as a
                minute allows.
            ValueError: the name is empty or too long.
        """
        if not self.may_open(proofs):
            raise NotOwner
        each, together = self._settings.rooms_per_browser, self._settings.rooms_kept
        a_minute = self._settings.rooms_per_minute
        store = self._active.store()
        room, key = store.rooms.open_ours(name, browser, each=each, together=together, a_minute=a_minute)
        event("room_opened", room=room.id)
        return room, key

    def may_open(self, proofs: Sequence[Proof]) -> bool:
        """Whether who has these proofs, none of them a secret, may open rooms of ours here."""
        rooms = self._settings.rooms
        return rooms == "open" or (rooms == "owner" and any(self._ownership.proven(proof) for proof in proofs))

    def owned(self, browser: str) -> list[Room]:
        """The rooms of ours that this browser owns, the newest first."""
        return self._active.store().rooms.owned(browser)

    def claim(self, room: Room, key: str, browser: str) -> Room:
        """Make this browser the owner of a room of ours, against its key.

        Raises:
            LookupError: it is not the key of this room.
            RoomClosed: the room was closed.
            LimitReached: this browser tried too many keys. All together may: a griefer would keep every owner out, and
                nobody guesses 96 bits.
        """
        store, tries = self._active.store(), self._settings.password_tries
        store.visitors.admit("key", teacher_number(browser), each=tries, together=None)
        claimed = store.rooms.claim(room.id, key.strip(), browser)
        event("room_claimed", room=room.id)
        return claimed


def _used(rooms: Rooms, room: Room) -> Room:
    try:
        return rooms.note_used(room)
    except StoreUnavailable:  # full, or nobody may write to it: the room can be used all the same
        return room
