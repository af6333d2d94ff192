"""What was taught and by whom, and every version of the shared model.

Nothing here knows Keras: the memory that a lesson leaves in the model is a string of bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from mnist_core.bitmaps import pack_images, pack_labels, pack_runs, unpack_images, unpack_runs
from mnist_core.storage.database import Database
from mnist_core.storage.faults import StaleVersion, StoreUnavailable
from mnist_core.storage.records import (
    NOBODY,
    NOTHING_TAUGHT,
    History,
    LessonRecord,
    NewLesson,
    Tray,
    Version,
    VersionKind,
)
from mnist_core.storage.schema import active, attempts, lessons, memories, trays, versions
from mnist_core.storage.visitors import Visitors, take_out_of_tray

CHARTED = 1000  # lessons whose figures a history holds, the newest
_TAUGHT = ("teach", "import")  # kinds of version that a lesson made

__all__ = ["LessonRecord", "NewLesson", "StaleVersion", "Store", "StoreUnavailable", "Tray", "Version"]


class Store:
    """Safe for any number of threads and of processes. Each method is one transaction.

    Every method raises `StoreUnavailable` when the database does not answer or cannot do what is asked.
    """

    def __init__(self, url: str | None = None, *, folder: Path = Path("data"), wait_s: float = 30.0) -> None:
        """Open the database that `url` names, else the SQLite file in `folder`, and bring its schema up to date.

        Waits `wait_s` seconds for a database that does not answer yet.
        """
        self._database = Database(url, folder, wait_s)
        self.visitors = Visitors(self._database)

    @property
    def put_aside(self) -> Path | None:
        """Where a damaged SQLite file was moved to when this store was opened."""
        return self._database.put_aside

    @property
    def read_only(self) -> bool:
        """Whether this store can only be read, as it was opened; opening it again may find it better."""
        return self._database.read_only

    def close(self) -> None:
        self._database.close()

    def active(self) -> Version:
        """The active version; one small query."""
        with self._database.reading() as connection:
            return _active(connection)

    def versions(self, limit: int | None = None) -> list[Version]:
        """Newest first."""
        with self._database.reading() as connection:
            return [
                _version(row)
                for row in connection.execute(sa.select(versions).order_by(versions.c.id.desc()).limit(limit))
            ]

    def history(self, page: int, size: int) -> History:
        """The versions of a page, from 1, of so many, newest first; the last page when there are fewer."""
        figures = (
            sa.select(versions.c.id, versions.c.subject, lessons.c.after["test_accuracy"].as_float())
            .join(lessons, lessons.c.id == versions.c.subject)
            .where(versions.c.kind.in_(_TAUGHT))
            .order_by(versions.c.id.desc())
            .limit(CHARTED)
        )
        with self._database.snapshot() as connection:
            active_now = _active(connection)
            count = connection.scalar(sa.select(sa.func.count()).select_from(versions)) or 0
            skip = size * max(0, min(page, -(-count // size)) - 1)
            query = sa.select(versions).order_by(versions.c.id.desc()).offset(skip).limit(size)
            shown = [_version(row) for row in connection.execute(query)]
            taught = [version.subject for version in shown if version.kind in _TAUGHT]
            records = [_record(row) for row in connection.execute(sa.select(lessons).where(lessons.c.id.in_(taught)))]
            rows = connection.execute(figures).all()
        there = set(active_now.lesson_ids)
        accuracy = [(number, share) for number, lesson_id, share in reversed(rows) if lesson_id in there]
        return History(active_now, count, shown, {record.id: record for record in records}, accuracy)

    def lessons(self, ids: Sequence[int] | None = None) -> list[LessonRecord]:
        """All lessons, or those of `ids`, in the order taught, withdrawn ones too."""
        query = sa.select(lessons).order_by(lessons.c.id)
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

    def taught_as(self, token: str) -> tuple[LessonRecord, Version] | None:
        """The lesson that was kept under this token and the version it made, if there is one."""
        with self._database.reading() as connection:
            found = _taught_version(connection, token)
            if found is None:
                return None
            row = connection.execute(sa.select(lessons).where(lessons.c.token == token)).one_or_none()
        return (_record(row), found) if row else None

    def add_lesson(self, new: NewLesson, expected: int) -> Version:
        """Keep a lesson, make the model with it the active version, empty the tray of it; or change nothing.

        Args:
            expected: the version that the lesson was fitted on top of.

        Returns:
            The new version; when the token was kept before, the version that was made then.

        Raises:
            StaleVersion: another version is active by now.
            ValueError: drawings or labels of another kind than `NewLesson` says.
        """
        images, labels = pack_images(new.images), pack_labels(new.labels, len(new.images))
        with self._database.changing() as connection:
            if done := _taught_version(connection, new.token):
                return done
            before = _expect(connection, expected)
            (lesson_id,) = connection.execute(
                sa.insert(lessons).returning(lessons.c.id),
                {
                    "token": new.token,
                    "teacher": new.teacher,
                    "created": _now(),
                    "images": images,
                    "labels": labels,
                    "before": dict(new.before),
                    "after": dict(new.after),
                },
            ).one()
            connection.execute(
                sa.insert(memories), {"lesson_id": lesson_id, "base_id": new.base_id, "content": new.memory}
            )
            if new.browser:
                take_out_of_tray(connection, new.browser, new.images)
            ids = (*before.lesson_ids, lesson_id)
            return _advance(connection, new.kind, new.teacher, lesson_id, ids, new.base_id)

    def withdraw(self, lesson_id: int, *, expected: int, by: str) -> Version:
        """Make the model without this lesson the active version. The lesson itself is kept.

        Raises:
            StaleVersion: another version is active by now.
            LookupError: the lesson is not in the active version.
        """
        with self._database.changing() as connection:
            before = _expect(connection, expected)
            if lesson_id not in before.lesson_ids:
                raise LookupError(f"lesson {lesson_id} is not part of the active version")
            ids = tuple(other for other in before.lesson_ids if other != lesson_id)
            return _advance(connection, "withdraw", by, lesson_id, ids, before.base_id)

    def activate(self, version_id: int, *, base_id: str, by: str) -> Version:
        """Make an earlier version's lessons active again, as a new version: the ones since are kept.

        Lessons that the base model `base_id` was never taught are left out. Version 0 is: nothing taught.

        Raises:
            LookupError: there is no such version.
        """
        with self._database.changing() as connection:
            ids: tuple[int, ...] = ()
            if version_id:
                row = connection.execute(sa.select(versions).where(versions.c.id == version_id)).one_or_none()
                if row is None:
                    raise LookupError(f"there is no version {version_id}")
                ids = unpack_runs(row.lesson_ids)
            known = set(connection.scalars(sa.select(memories.c.lesson_id).where(memories.c.base_id == base_id)))
            kept = tuple(number for number in ids if number in known)
            return _advance(connection, "activate", by, version_id, kept, base_id)

    def rebase(self, base_id: str, taught: Mapping[int, bytes], *, expected: int) -> Version:
        """Make active the lessons `taught` (id -> memory, in order) as taught again to another base model.

        Raises:
            StaleVersion: another version is active by now.
        """
        with self._database.changing() as connection:
            _expect(connection, expected)
            for lesson_id, content in taught.items():
                row = {"lesson_id": lesson_id, "base_id": base_id, "content": content}
                connection.execute(self._database.insert(memories).values(row).on_conflict_do_nothing())
            return _advance(connection, "rebase", NOBODY, None, tuple(taught), base_id)

    def empty(self, *, by: str) -> Version:
        """Remove every lesson, version, tray and recent attempt. The new version is numbered after the old ones."""
        with self._database.changing() as connection:
            version = _advance(connection, "start", by, None, (), "")
            for table in (memories, lessons, trays, attempts):
                connection.execute(sa.delete(table))
            connection.execute(sa.delete(versions).where(versions.c.id != version.id))
            return version


def _now() -> datetime:
    return datetime.now(UTC)


def _active(connection: sa.Connection) -> Version:
    query = sa.select(versions).join(active, active.c.version_id == versions.c.id)
    row = connection.execute(query).one_or_none()
    return _version(row) if row else NOTHING_TAUGHT


def _version(row: sa.Row[Any]) -> Version:
    kind: VersionKind = row.kind
    return Version(row.id, row.created, kind, row.by, row.subject, unpack_runs(row.lesson_ids), row.base_id)


def _record(row: sa.Row[Any]) -> LessonRecord:
    images, labels = unpack_images(row.images), np.frombuffer(row.labels, dtype=np.uint8)
    return LessonRecord(row.id, row.token, row.teacher, row.created, images, labels, row.before, row.after)


def _taught_version(connection: sa.Connection, token: str) -> Version | None:
    row = connection.execute(
        sa.select(versions)
        .join(lessons, lessons.c.id == versions.c.subject)
        .where(lessons.c.token == token, versions.c.kind.in_(_TAUGHT))
    ).one_or_none()
    return _version(row) if row else None


def _expect(connection: sa.Connection, expected: int) -> Version:
    """The active version, if it is the expected one."""
    version = _active(connection)
    if version.id != expected:
        raise StaleVersion(f"version {version.id} is active, not {expected}")
    return version


def _advance(
    connection: sa.Connection, kind: VersionKind, by: str, subject: int | None, ids: tuple[int, ...], base_id: str
) -> Version:
    created = _now()
    row = {
        "created": created,
        "kind": kind,
        "by": by,
        "subject": subject,
        "lesson_ids": pack_runs(ids),
        "base_id": base_id,
    }
    (version_id,) = connection.execute(sa.insert(versions).returning(versions.c.id), row).one()
    connection.execute(sa.update(active).values(version_id=version_id))
    return Version(version_id, created, kind, by, subject, ids, base_id)


def _chunks(ids: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    """Databases limit how many values a query may carry."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
