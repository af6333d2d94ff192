"""What was taught in one room and by whom, and every version of its model.

Nothing here knows Keras: the memory that a lesson leaves in the model is a string of bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from mnist_core.bitmaps import pack_images, pack_labels, pack_runs, unpack_images, unpack_runs
from mnist_core.storage.database import Database
from mnist_core.storage.faults import NeedsApproval, StaleVersion, TokenTaken
from mnist_core.storage.records import (
    EVERYONE,
    NOBODY,
    NOTHING_TAUGHT,
    History,
    LessonRecord,
    LessonState,
    NewLesson,
    News,
    Version,
    VersionKind,
)
from mnist_core.storage.schema import active, lessons, memories, rooms, trays, versions
from mnist_core.storage.visitors import remove_tries, take_out_of_tray, who_taught

WAITING = 100  # lessons that wait for approval and are in a history, the oldest
LOOKED_THROUGH = 100  # of the lessons in the model the newest, for those that news may show
CHARTED = 1000  # lessons whose figures a history holds, the newest
_TAUGHT = ("teach", "import")  # kinds of version that a lesson made
_ABOUT_A_LESSON = (*_TAUGHT, "withdraw", "delete")


class RoomStore:
    """Safe for any number of threads and of processes. Each method is one transaction.

    Every method raises `StoreUnavailable` when the database does not answer or cannot do what is asked. What changes
    something raises `RoomClosed` when the room was closed.
    """

    def __init__(self, database: Database, room_id: int) -> None:
        self._database, self.id = database, room_id

    def active(self) -> Version:
        """The active version; one small query."""
        with self._database.reading() as connection:
            return _active(connection, self.id)

    def versions(self, limit: int | None = None) -> list[Version]:
        """Newest first."""
        with self._database.reading() as connection:
            return [_version(row) for row in connection.execute(self._newest_first().limit(limit))]

    def history(self, page: int, size: int) -> History:
        """The versions of a page, from 1, of so many, newest first; the last page when there are fewer."""
        figures = (
            sa.select(versions.c.number, versions.c.subject, lessons.c.after["test_accuracy"].as_float())
            .join(lessons, lessons.c.id == versions.c.subject)
            .where(versions.c.room_id == self.id, versions.c.kind.in_(_TAUGHT))
            .order_by(versions.c.number.desc())
            .limit(CHARTED)
        )
        here = versions.c.room_id == self.id
        numbers = sa.select(versions.c.subject, versions.c.number).where(here, versions.c.kind.in_(_TAUGHT))
        with self._database.snapshot() as connection:
            active_now = _active(connection, self.id)
            count = connection.scalar(sa.select(sa.func.count()).select_from(versions).where(here)) or 0
            skip = size * max(0, min(page, -(-count // size)) - 1)
            shown = [_version(row) for row in connection.execute(self._newest_first().offset(skip).limit(size))]
            about = [version.subject for version in shown if version.kind in _ABOUT_A_LESSON]
            records = [_record(row) for row in connection.execute(sa.select(lessons).where(lessons.c.id.in_(about)))]
            of_page = versions.c.subject.in_(about)
            taught_in = {row.subject: row.number for row in connection.execute(numbers.where(of_page))}
            oldest = self._lessons().where(lessons.c.state == "waiting").limit(WAITING)
            waiting = [_record(row) for row in connection.execute(oldest)]
            rows = connection.execute(figures).all()
        there = set(active_now.lesson_ids)
        accuracy = [(number, share) for number, lesson_id, share in reversed(rows) if lesson_id in there]
        return History(
            active_now,
            count,
            shown,
            {record.id: record for record in records},
            taught_in,
            waiting,
            accuracy,
        )

    def news(self, limit: int) -> News:
        """How much was taught, and the newest lessons in the model whose drawings may be seen."""
        here = lessons.c.room_id == self.id
        teachers = sa.select(sa.func.count(lessons.c.teacher.distinct()))
        people = teachers.where(here, lessons.c.state.in_(("kept", "erased")), lessons.c.teacher != NOBODY)
        with self._database.snapshot() as connection:
            taught = _active(connection, self.id).lesson_ids
            recent = lessons.c.id.in_(taught[-LOOKED_THROUGH:])
            seen = set(
                connection.scalars(sa.select(lessons.c.id).where(recent, lessons.c.state == "kept", ~lessons.c.hidden))
            )
            newest = [number for number in reversed(taught) if number in seen][:limit]
            rows = connection.execute(sa.select(lessons).where(lessons.c.id.in_(newest)))
            records = {row.id: _record(row) for row in rows}
            return News(len(taught), connection.scalar(people) or 0, [records[number] for number in newest])

    def lessons(self, ids: Sequence[int] | None = None) -> list[LessonRecord]:
        """All lessons, or those of `ids`, in the order taught, withdrawn and waiting ones too."""
        query = self._lessons()
        with self._database.reading() as connection:
            rows = [
                row
                for part in ([query] if ids is None else [query.where(lessons.c.id.in_(some)) for some in _chunks(ids)])
                for row in connection.execute(part)
            ]
        return [_record(row) for row in rows]

    def memories(self, ids: Sequence[int], base_id: str) -> dict[int, bytes]:
        """What the lessons `ids` add to the base model `base_id`. A lesson never taught to it is left out."""
        query = sa.select(memories.c.lesson_id, memories.c.content).where(memories.c.base_id == base_id)
        with self._database.reading() as connection:
            return {
                row.lesson_id: row.content
                for some in _chunks(ids)
                for row in connection.execute(query.where(memories.c.lesson_id.in_(some)))
            }

    def taught_as(self, token: str) -> tuple[LessonRecord, Version | None] | None:
        """The lesson that was kept under this token and the version it made, None while it waits for approval."""
        with self._database.reading() as connection:
            row = connection.execute(self._lessons().where(lessons.c.token == token)).one_or_none()
            return (_record(row), _taught_version(connection, row.id)) if row else None

    def add_lesson(self, new: NewLesson, expected: int, *, approved: bool = False) -> Version:
        """Keep a lesson, make the model with it the active version, empty the tray of it; or change nothing.

        Args:
            expected: the version that the lesson was fitted on top of.
            approved: whether it need not wait where the owner approves first, as it is the owner's.

        Returns:
            The new version; when the token was kept before, the version that was made then.

        Raises:
            StaleVersion: another version is active by now.
            NeedsApproval: it is not approved, and by now the room's owner wants to do that first.
            ValueError: drawings or labels of another kind than `NewLesson` says.
            TokenTaken: the token is of another room.
        """
        with self._database.changing(self.id) as connection:
            if (known := self._lesson_of(connection, new.token)) is not None:
                return _taught_version(connection, known) or _active(connection, self.id)
            if not approved and connection.scalar(sa.select(rooms.c.approval).where(rooms.c.id == self.id)):
                raise NeedsApproval
            before = self._expect(connection, expected)
            lesson_id, teacher = self._keep(connection, new, "kept")
            ids = (*before.lesson_ids, lesson_id)
            return self._advance(connection, new.kind, teacher, lesson_id, ids, new.base_id)

    def add_waiting(self, new: NewLesson) -> None:
        """Keep a lesson that becomes part of the model when it is approved, and empty the tray of it.

        Raises ValueError and TokenTaken as `add_lesson`.
        """
        with self._database.changing(self.id) as connection:
            if self._lesson_of(connection, new.token) is None:
                self._keep(connection, new, "waiting")

    def approve(
        self,
        lesson_id: int,
        *,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        base_id: str,
        memory: bytes,
        expected: int,
    ) -> Version:
        """Make the model with this lesson, which waited, the active version; with its figures and memory as of now.

        Raises:
            StaleVersion: another version is active by now.
            LookupError: no such lesson waits.
        """
        with self._database.changing(self.id) as connection:
            row = self._that_waits(connection, lesson_id)
            active_now = self._expect(connection, expected)
            new = {"state": "kept", "before": dict(before), "after": dict(after)}
            connection.execute(sa.update(lessons).where(lessons.c.id == lesson_id).values(new))
            connection.execute(sa.delete(memories).where(memories.c.lesson_id == lesson_id))
            fitted = {"lesson_id": lesson_id, "base_id": base_id, "content": memory}
            connection.execute(sa.insert(memories), fitted)
            ids = (*active_now.lesson_ids, lesson_id)
            return self._advance(connection, "teach", row.teacher, lesson_id, ids, base_id)

    def withdraw(self, lesson_id: int, *, expected: int, by: str) -> Version:
        """Make the model without this lesson the active version. The lesson itself is kept.

        Raises:
            StaleVersion: another version is active by now.
            LookupError: the lesson is not in the active version.
        """
        with self._database.changing(self.id) as connection:
            before = self._expect(connection, expected)
            if lesson_id not in before.lesson_ids:
                raise LookupError(f"lesson {lesson_id} is not part of the active version")
            ids = tuple(other for other in before.lesson_ids if other != lesson_id)
            return self._advance(connection, "withdraw", by, lesson_id, ids, before.base_id)

    def hide(self, ids: Sequence[int], hidden: bool = True) -> None:
        """Show the drawings of these lessons to the owner only, or to everybody again."""
        with self._database.changing(self.id) as connection:
            for some in _chunks(ids):
                here = lessons.c.id.in_(some) & (lessons.c.room_id == self.id)
                connection.execute(sa.update(lessons).where(here).values(hidden=hidden))

    def delete(self, ids: Sequence[int], *, expected: int, by: str, waiting: bool = False) -> Version:
        """Delete these lessons' drawings, labels and memories for good, and take them out of the model.

        What is left is that there was a lesson, and its figures. Returns the active version, a new one if any of them
        was taught.

        waiting: whether only lessons that wait for approval are meant.

        Raises:
            StaleVersion: another version is active by now.
            LookupError: `waiting`, and one of them does not wait.
        """
        with self._database.changing(self.id) as connection:
            version = self._expect(connection, expected)
            for lesson_id in ids if waiting else ():
                self._that_waits(connection, lesson_id)
            for some in _chunks(ids):
                here = sa.select(lessons.c.id).where(lessons.c.id.in_(some), lessons.c.room_id == self.id)
                connection.execute(sa.delete(memories).where(memories.c.lesson_id.in_(here)))
                gone = {"images": b"", "labels": b"", "state": "deleted"}
                connection.execute(sa.update(lessons).where(lessons.c.id.in_(here)).values(gone))
            gone_ids = set(ids)
            left = tuple(number for number in version.lesson_ids if number not in gone_ids)
            if left != version.lesson_ids:
                subject = ids[0] if len(ids) == 1 else None
                version = self._advance(connection, "delete", by, subject, left, version.base_id)
        self._database.scrub()
        return version

    def taught_by(self, teacher: str) -> list[int]:
        """The lessons of this anonymous visitor that are not deleted, oldest first; none of who has been forgotten."""
        if teacher == NOBODY:
            return []
        query = sa.select(lessons.c.id).order_by(lessons.c.id)
        query = query.where(lessons.c.teacher == teacher, lessons.c.room_id == self.id, lessons.c.state != "deleted")
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def activate(self, number: int, *, base_id: str, by: str) -> Version:
        """Make an earlier version's lessons active again, as a new version: the ones since are kept.

        Lessons that the base model `base_id` was never taught, or that were deleted, are left out. Version 0 is:
        nothing taught.

        Raises:
            LookupError: there is no such version.
        """
        with self._database.changing(self.id) as connection:
            ids: tuple[int, ...] = ()
            if number:
                named = (versions.c.room_id == self.id) & (versions.c.number == number)
                row = connection.execute(sa.select(versions).where(named)).one_or_none()
                if row is None:
                    raise LookupError(f"there is no version {number}")
                ids = unpack_runs(row.lesson_ids)
            here = sa.select(lessons.c.id).where(lessons.c.room_id == self.id)
            query = sa.select(memories.c.lesson_id).where(memories.c.base_id == base_id, memories.c.lesson_id.in_(here))
            known = set(connection.scalars(query))
            kept = tuple(number for number in ids if number in known)
            return self._advance(connection, "activate", by, number, kept, base_id)

    def rebase(self, base_id: str, taught: Mapping[int, bytes], *, expected: int) -> Version:
        """Make active the lessons `taught` (id -> memory, in order) as taught again to another base model.

        Raises:
            StaleVersion: another version is active by now.
        """
        with self._database.changing(self.id) as connection:
            self._expect(connection, expected)
            for lesson_id, content in taught.items():
                row = {"lesson_id": lesson_id, "base_id": base_id, "content": content}
                connection.execute(self._database.insert(memories).values(row).on_conflict_do_nothing())
            return self._advance(connection, "rebase", NOBODY, None, tuple(taught), base_id)

    def empty(self, *, by: str) -> Version:
        """Remove every lesson and version of the room; of everyone's room, all trays and recent tries too.

        The new version is numbered after the old ones.
        """
        with self._database.changing(self.id) as connection:
            version = self._advance(connection, "start", by, None, (), "")
            connection.execute(sa.delete(lessons).where(lessons.c.room_id == self.id))  # and with them their memories
            connection.execute(sa.delete(versions).where(versions.c.room_id == self.id, versions.c.id != version.id))
            if self.id == EVERYONE:
                connection.execute(sa.delete(trays))
                remove_tries(connection)
        self._database.scrub()
        return version

    def _newest_first(self) -> sa.Select[Any]:
        return sa.select(versions).where(versions.c.room_id == self.id).order_by(versions.c.number.desc())

    def _lessons(self) -> sa.Select[Any]:
        return sa.select(lessons).where(lessons.c.room_id == self.id).order_by(lessons.c.id)

    def _that_waits(self, connection: sa.Connection, lesson_id: int) -> sa.Row[Any]:
        waiting = self._lessons().where(lessons.c.id == lesson_id, lessons.c.state == "waiting")
        row = connection.execute(waiting).one_or_none()
        if row is None:
            raise LookupError(f"lesson {lesson_id} does not wait")
        return row

    def _lesson_of(self, connection: sa.Connection, token: str) -> int | None:
        row = connection.execute(sa.select(lessons.c.id, lessons.c.room_id).where(lessons.c.token == token)).first()
        if row is not None and row.room_id != self.id:
            raise TokenTaken("this token names a lesson of another room")
        return row and int(row.id)

    def _keep(self, connection: sa.Connection, new: NewLesson, state: LessonState) -> tuple[int, str]:
        """Its id, and the number it is kept under."""
        teacher = who_taught(connection, new.teacher, new.asked)
        row = {
            "room_id": self.id,
            "state": state,
            "token": new.token,
            "teacher": teacher,
            "created": _now(),
            "images": pack_images(new.images),
            "labels": pack_labels(new.labels, len(new.images)),
            "before": dict(new.before),
            "after": dict(new.after),
        }
        (lesson_id,) = connection.execute(sa.insert(lessons).returning(lessons.c.id), row).one()
        memory = {"lesson_id": lesson_id, "base_id": new.base_id, "content": new.memory}
        connection.execute(sa.insert(memories), memory)
        if new.browser:
            take_out_of_tray(connection, new.browser, new.images)
        return int(lesson_id), teacher

    def _expect(self, connection: sa.Connection, expected: int) -> Version:
        """The active version, if it is the expected one."""
        version = _active(connection, self.id)
        if version.id != expected:
            raise StaleVersion(f"version {version.id} is active, not {expected}")
        return version

    def _advance(
        self,
        connection: sa.Connection,
        kind: VersionKind,
        by: str,
        subject: int | None,
        ids: tuple[int, ...],
        base_id: str,
    ) -> Version:
        here = versions.c.room_id == self.id
        number = 1 + (connection.scalar(sa.select(sa.func.max(versions.c.number)).where(here)) or 0)
        created = _now()
        row = {
            "room_id": self.id,
            "number": number,
            "created": created,
            "kind": kind,
            "by": by,
            "subject": subject,
            "lesson_ids": pack_runs(ids),
            "base_id": base_id,
        }
        (version_id,) = connection.execute(sa.insert(versions).returning(versions.c.id), row).one()
        connection.execute(sa.update(active).where(active.c.room_id == self.id).values(version_id=version_id))
        return Version(version_id, created, kind, by, subject, ids, base_id, number)


def _now() -> datetime:
    return datetime.now(UTC)


def _active(connection: sa.Connection, room_id: int) -> Version:
    query = sa.select(versions).join(active, active.c.version_id == versions.c.id)
    row = connection.execute(query.where(active.c.room_id == room_id)).one_or_none()
    return _version(row) if row else NOTHING_TAUGHT


def _version(row: sa.Row[Any]) -> Version:
    kind: VersionKind = row.kind
    return Version(row.id, row.created, kind, row.by, row.subject, unpack_runs(row.lesson_ids), row.base_id, row.number)


def _record(row: sa.Row[Any]) -> LessonRecord:
    images, labels = unpack_images(row.images), np.frombuffer(row.labels, dtype=np.uint8)
    state: LessonState = row.state
    return LessonRecord(
        row.id, row.token, row.teacher, row.created, images, labels, row.before, row.after, state, row.hidden
    )


def _taught_version(connection: sa.Connection, lesson_id: int) -> Version | None:
    taught = (versions.c.subject == lesson_id) & versions.c.kind.in_(_TAUGHT)
    row = connection.execute(sa.select(versions).where(taught)).one_or_none()
    return _version(row) if row else None


def _chunks(ids: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    """Databases limit how many values a query may carry."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
