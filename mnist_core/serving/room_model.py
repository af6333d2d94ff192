"""One room as its visitors have it: its model to read with, its lessons to add to, its history to look at."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_core.serving.active_models import ActiveModels, State
from mnist_core.serving.bulletins import Bulletins
from mnist_core.serving.commit import Click, LabelledDrawings, Progress, as_taught, teach_and_keep
from mnist_core.serving.importing import Imports
from mnist_core.serving.ownership import KnownBrowser, NotOwner, Ownership, Proof, Secret
from mnist_core.serving.room_owner import RoomOwner, taught_lessons
from mnist_core.serving.settings import Settings
from mnist_core.serving.turns import Turns
from mnist_core.storage.browsers import room_key, teacher_number
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from mnist_core.storage.records import History, LessonRecord, News, Room, Version
from mnist_core.teaching.classifier import Classifier
from mnist_core.teaching.lesson import Lesson

if TYPE_CHECKING:
    from mnist_core.storage.room_store import RoomStore


BOARD_LESSONS = 6  # shown on a room's board


class Parts(NamedTuple):
    """What the rooms of a process share."""

    active: ActiveModels
    turns: Turns
    imports: Imports
    bulletins: Bulletins
    ownership: Ownership
    settings: Settings


class NotAllowed(RuntimeError):
    """The host of this app has switched this off."""


class LessonDeleted(RuntimeError):
    """The lesson of this click was kept, and then its owner deleted it for good."""


class RoomModel:
    """What touches lessons raises `StoreUnavailable` while the store is away, `RoomClosed` when the room was closed.
    Predictions go on.
    """

    def __init__(self, room: Room, parts: Parts) -> None:
        self.room = room
        self._active, self._turns, self._imports = parts.active, parts.turns, parts.imports
        self._ownership, self._settings, self._bulletins = parts.ownership, parts.settings, parts.bulletins

    @property
    def classifier(self) -> Classifier:
        """The active one. Waits while the model loads; raises what loading raised, and see `ActiveModels.state`."""
        return self.state.classifier

    @property
    def version(self) -> Version:
        """The version that `classifier` is."""
        return self.state.version

    @property
    def state(self) -> State:
        """Both, as they belong together."""
        return self._active.state(self.room)

    def teach(
        self,
        images: NDArray[np.uint8],
        labels: Sequence[int],
        click: Click,
        progress: Progress | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Lesson:
        """Teach the room's model, on top of what others have taught by then. Kept in the store when accepted.

        Args:
            images: uint8 (n, 28, 28), 0 and 255.
            labels: n digits 0-9.
            click: who teaches.
            progress: as for `Classifier.teach`. It may raise to give up: then nothing has changed.
            on_place: called with how many people are before, 0 when it is this one's turn.

        Raises:
            StoreUnavailable: the store is away; nothing is known to have been kept, so send the token again.
            LimitReached: too many lessons this minute, or too long a line.
            NotAllowed: visitors may not teach this room here.
            TokenTaken: a lesson of another room has this token.
            LessonDeleted: the lesson of this token was deleted for good.
            ValueError: see `Classifier.teach`.
        """
        self._check_allowed(click)
        self._active.state(self.room)  # no turn is taken before the model is there
        store = self._active.store()
        if kept := store.room(self.room.id).taught_as(click.token):
            if kept[0].state == "deleted":
                raise LessonDeleted
            return as_taught(self.classifier, kept[0])
        self._admit(click.teacher)
        store.rooms.note_used(self._now())
        drawings = LabelledDrawings(images, np.asarray(labels))
        with self._turns.turn(self.room.id, on_place):
            approved = self._approves(self._now(), click.browser)
            return teach_and_keep(self._active, self.room, drawings, click, progress, approved=approved)

    def undo(self, token: str, *, by: str) -> None:
        """Withdraw the lesson of this click on Train. Raises LookupError when it is not taught now."""
        record, version = self._active.room_store(self.room).taught_as(token) or (None, None)
        if record is None or (version is not None and version.kind != "teach"):
            raise LookupError(f"no lesson is known as {token}")  # what the owner imported, the owner withdraws

        def undo(store: RoomStore, active: Version) -> Version:
            with suppress(LookupError):  # it does not wait, or was approved at this moment
                return store.delete([record.id], expected=active.id, by=by, waiting=True)
            return store.withdraw(record.id, expected=active.id, by=by)

        self._active.change(self.room, "lesson_undone", undo)

    def history(self, page: int = 1, size: int = 8) -> History:
        """A page of the versions, newest first: see `RoomStore.history`.

        Without the drawings that only the owner is shown.
        """
        history = self._active.room_store(self.room).history(page, size)
        seen = {number: _as_seen(record) for number, record in history.lessons.items()}
        return replace(history, lessons=seen, waiting=[_as_seen(record) for record in history.waiting])

    def lessons(self) -> list[LessonRecord]:
        """The lessons that are taught now and have drawings that may be seen, in order: what an export holds."""
        return [record for record in taught_lessons(self._active, self.room) if not record.hidden]

    def news(self) -> News:
        """What is new here, at most half a second old; see `RoomStore.news`."""
        store = self._active.room_store(self.room)
        return self._bulletins.get(self.room.id, lambda: store.news(BOARD_LESSONS))

    def owner(self, proof: Proof) -> RoomOwner:
        """The ways of who owns the room to change it: the browser that does, and the host everywhere.

        Raises:
            NotOwner: this proves nothing.
            LimitReached: too many secrets were tried.
            StoreUnavailable: the tries at a secret cannot be counted, or the room cannot be asked for.
            RoomClosed: the room was closed.
        """
        is_host = self._tried(proof) if isinstance(proof, Secret) else self._ownership.proven(proof)
        if self.room.kind == "everyone" and not is_host:
            raise NotOwner  # without asking the store: most visitors are there
        room = self._now()
        parts = self._active, self._turns, self._imports, self._bulletins
        if is_host:
            return RoomOwner(room, *parts, admit=_always)
        if not (isinstance(proof, KnownBrowser) and self._owns(room, proof.browser)):
            raise NotOwner
        admit = partial(self._admit, teacher_number(proof.browser))
        return RoomOwner(room, *parts, admit)

    def _tried(self, secret: Secret) -> bool:
        """Whether this is the host's password or key. See `owner` for what it raises.

        Others' tries keep nobody out who gave the password before, nor who has a key: nobody guesses its 144 bits.
        """
        visitors, tries = self._active.store().visitors, self._settings.password_tries
        guessed = self._settings.owner_password is not None and not visitors.was_host(secret.browser)
        who, together = teacher_number(secret.browser), 3 * tries if guessed else None
        visitors.admit("password", who, each=tries, together=together)
        right = self._ownership.proven(secret)
        if right:
            with suppress(StoreUnavailable):
                visitors.note_host(secret.browser)
        return right

    def _admit(self, teacher: str) -> None:
        each, together = self._settings.lessons_per_visitor, self._settings.lessons_per_minute
        self._active.store().visitors.admit("lesson", teacher, each=each, together=together)

    def _check_allowed(self, click: Click) -> None:
        teaching = self._settings.teaching
        if teaching == "off" or (teaching == "personal" and not self.room.own):
            raise NotAllowed(f"TEACHING is {teaching}")
        if self.room.own and not self._owns(self.room, click.browser):
            raise NotAllowed("this is another browser's own model")

    def _owns(self, room: Room, browser: str | None) -> bool:
        return bool(room.owner and browser) and hmac.compare_digest(room.owner, room_key(str(browser)))

    def _approves(self, room: Room, browser: str | None) -> bool:
        """Whether whoever teaches by this browser approves the room's lessons: its owner, or the host."""
        return self._owns(room, browser) or self._ownership.proven(KnownBrowser(browser or ""))

    def _now(self) -> Room:
        """The room as it is by now: its owner and what it asks for may have changed."""
        room = self._active.store().rooms.get(self.room.id)
        if room is None:
            raise RoomClosed(self.room.id)
        return room


def _as_seen(record: LessonRecord) -> LessonRecord:
    """What others than the owner see of a lesson: no drawings where they are hidden, or wait for approval."""
    if record.hidden or record.state == "waiting":
        return replace(record, images=record.images[:0])
    return record


def _always() -> None:
    """Admits the host."""
