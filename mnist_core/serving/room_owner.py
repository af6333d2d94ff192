"""What only the owner of a room may do in it."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_core.logs import event
from mnist_core.serving.active_models import ActiveModels
from mnist_core.serving.bulletins import Bulletins
from mnist_core.serving.commit import Click, LabelledDrawings, approve_and_keep, teach_and_keep
from mnist_core.serving.importing import Import, Imports, Lessons
from mnist_core.serving.turns import Turns
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import EVERYONE, History, LessonRecord, Room, Version
from mnist_core.teaching.lesson import Lesson

if TYPE_CHECKING:
    from mnist_core.storage.room_store import RoomStore

OWNER = "owner"  # who did it, in the history


class RoomOwner:
    """May change what was taught in a room. Given out by `RoomModel.owner`, against a proof.

    Every method raises `StoreUnavailable` while the store is away, and `RoomClosed` when the room was closed.
    """

    def __init__(
        self,
        room: Room,
        active: ActiveModels,
        turns: Turns,
        imports: Imports,
        bulletins: Bulletins,
        admit: Callable[[], None],
    ) -> None:
        """admit: raises `LimitReached` while this owner has taught as much as a minute allows."""
        self._room, self._active, self._turns, self._imports = room, active, turns, imports
        self._bulletins, self._admit = bulletins, admit

    @property
    def owned_room(self) -> Room:
        """The room as it was when these rights were given out."""
        return self._room

    def withdraw(self, lesson_id: int) -> Version:
        """Make the model without this lesson the active one. Raises LookupError when it is not taught now."""
        return self._change(
            "lesson_withdrawn", lambda store, active: store.withdraw(lesson_id, expected=active.id, by=OWNER)
        )

    def activate(self, number: int) -> Version:
        """Go back to an earlier version; 0 is: nothing taught. Raises LookupError when there is none such."""
        base_id = self._active.untaught().base_id
        return self._change("version_activated", lambda store, _: store.activate(number, base_id=base_id, by=OWNER))

    def empty(self) -> Version:
        """Remove everything that was taught here and the history; of everyone's room, all trays too."""
        return self._change("room_emptied", lambda store, _: store.empty(by=OWNER))

    def hide(self, lesson_ids: Sequence[int], hidden: bool = True) -> None:
        """Show the drawings of these lessons to the owner only, or to everybody again."""
        self._active.room_store(self._room).hide(lesson_ids, hidden)
        self._bulletins.drop(self._room.id)
        event("lessons_hidden", room=self._room.id, lessons=len(lesson_ids), hidden=hidden)

    def delete(self, lesson_ids: Sequence[int]) -> Version:
        """Delete the drawings of these lessons and what they taught for good; those that wait, too."""
        return self._change(
            "lessons_deleted", lambda store, active: store.delete(lesson_ids, expected=active.id, by=OWNER)
        )

    def history(self, page: int = 1, size: int = 8) -> History:
        """As `RoomModel.history`, with all drawings."""
        return self._active.room_store(self._room).history(page, size)

    def lessons(self) -> list[LessonRecord]:
        """As `RoomModel.lessons`, and those that are hidden."""
        return taught_lessons(self._active, self._room)

    def taught_by(self, teacher: str) -> list[int]:
        """The lessons of this anonymous visitor that are not deleted."""
        return self._active.room_store(self._room).taught_by(teacher)

    def approve(self, lesson_id: int) -> Lesson:
        """Make a lesson that waits part of the model, if it passes the gate as the model is by now.

        Raises:
            LookupError: no such lesson waits.
            LimitReached: too long a line, or the server stops.
        """
        store = self._active.room_store(self._room)
        record = next((lesson for lesson in store.lessons([lesson_id]) if lesson.state == "waiting"), None)
        if record is None:
            raise LookupError(f"lesson {lesson_id} does not wait")
        with self._turns.turn(self._room.id):
            return approve_and_keep(self._active, self._room, record)

    def decline(self, lesson_id: int) -> Version:
        """Delete a lesson that waits for good. Raises LookupError when it waits no longer: it may be in the model."""
        return self._change(
            "lesson_declined",
            lambda store, active: store.delete([lesson_id], expected=active.id, by=OWNER, waiting=True),
        )

    def set_approval(self, approval: bool) -> Room:
        """Whether lessons of others wait for the owner from now on."""
        return self._active.store().rooms.set_approval(self._room.id, approval)

    def rename(self, name: str) -> Room:
        """Give the room another name. Raises ValueError where it is empty or too long."""
        return self._active.store().rooms.rename(self._room.id, name)

    def close(self) -> None:
        """Delete the room with everything in it. Raises ValueError for everyone's, which stays."""
        self._active.store().rooms.close(self._room.id)
        self._active.drop(self._room.id)
        event("room_closed", room=self._room.id)

    @property
    def importing(self) -> Import | None:
        """The import under way in this process, into this room."""
        return self._imports.running(self._room.id)

    def start_import(self, lessons: Lessons, at_end: Callable[[], None] = lambda: None) -> Import:
        """Begin to teach the lessons of a file, as `import_lesson` does. While another import runs, that one.

        at_end: called before the import is done, however it ended.

        Raises:
            LimitReached: the files that are being imported hold as many drawings as this process may keep.
        """
        return self._imports.start(self._room.id, self.import_lesson, lessons, at_end)

    def import_lesson(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        place: int,
        progress: Callable[[float], None] | None = None,
    ) -> bool:
        """Teach the room's model one lesson of a file; whether it is in the model then.

        One that the model has from this place of such a file is not taught twice: an import that was broken off can
        simply be begun again. Waits while the owner has taught as much as a minute allows.

        Args:
            images: uint8 (n, 28, 28), 0 and 255.
            labels: (n,), 0-9.
            place: of the lesson in its file.
            progress: as for `Classifier.teach`.

        Raises:
            LimitReached: too long a line, or the server stops.
            ValueError: see `Classifier.teach`.
        """
        store = self._active.room_store(self._room)
        for attempt in itertools.count():  # one that was withdrawn since is taught again, under another token
            token = _import_token(self._room.id, images, labels, place, attempt)
            kept = store.taught_as(token)
            if kept is None:
                break
            if kept[0].id in self._active.refresh(self._room).version.lesson_ids:
                return True
        self._wait_to_be_admitted()
        with self._turns.turn(self._room.id):
            drawings, click = LabelledDrawings(images, labels), Click(OWNER, token)
            lesson = teach_and_keep(self._active, self._room, drawings, click, progress, kind="import", approved=True)
            return lesson.accepted

    def _wait_to_be_admitted(self) -> None:
        while True:
            try:
                return self._admit()
            except LimitReached as limit:
                time.sleep(limit.retry_after_s)

    def _change(self, name: str, decide: Callable[[RoomStore, Version], Version]) -> Version:
        version = self._active.change(self._room, name, decide)
        self._bulletins.drop(self._room.id)
        return version


def taught_lessons(active: ActiveModels, room: Room) -> list[LessonRecord]:
    """The lessons that the room's model has and whose drawings are there, in order."""
    store = active.room_store(room)
    return [record for record in store.lessons(store.active().lesson_ids) if len(record.images)]


def _import_token(room_id: int, images: NDArray[np.uint8], labels: NDArray[np.int64], place: int, attempt: int) -> str:
    """Of everyone's room as before there were others: an import that was broken off by an upgrade goes on."""
    room = "" if room_id == EVERYONE else f"{room_id}:"
    digest = hashlib.sha256(f"{OWNER}:{room}{place}:{attempt}:{len(images)}:".encode())
    digest.update(images.tobytes())
    digest.update(labels.astype(np.uint8).tobytes())
    return digest.hexdigest()
