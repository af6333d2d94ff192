"""What is kept about a visitor: a tray, an anonymous number on lessons, and the tries of the last minute."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from mnist_core.bitmaps import labels_as_array, labels_from_array, pack_images, split_images, unpack_images
from mnist_core.storage import browsers
from mnist_core.storage.database import Database
from mnist_core.storage.limits import LimitKind, LimitReached
from mnist_core.storage.records import NOBODY, Tray, places_left
from mnist_core.storage.schema import attempts, lessons, trays, versions

TRAY_DAYS = 30
TryKind = Literal["lesson", "password", "key", "code", "opening"]
WINDOW = timedelta(minutes=1)
# What is noted of browsers stands among the tries, so long:
_FORGOTTEN, _HOST = "forgotten", "host"
_NOTED_FOR = {
    _FORGOTTEN: timedelta(minutes=10),  # longer than a lesson on another server waits for the model and in line
    _HOST: timedelta(days=365),  # as long as the browser keeps its cookie
}


def take_out_of_tray(connection: sa.Connection, browser: str, images: NDArray[np.uint8]) -> None:
    """Remove these drawings, uint8 (n, 28, 28), from a tray; see `Tray.without`."""
    mine = trays.c.browser == browsers.tray_key(browser)
    row = connection.execute(sa.select(trays).where(mine).with_for_update()).one_or_none()
    if row is None:
        return
    connection.execute(sa.update(trays).where(mine).values(_columns(_packed(_tray(row).without(images)))))


def who_taught(connection: sa.Connection, teacher: str, asked: datetime) -> str:
    """The number that a lesson is kept under: nobody's, where its visitor was forgotten after asking for it."""
    return NOBODY if forgotten_since(connection, teacher, asked) else teacher


def forgotten_since(connection: sa.Connection, teacher: str, asked: datetime) -> bool:
    """Whether this visitor was forgotten after the moment `asked`, which is at most ten minutes ago.

    It compares the clocks of two servers: where the one that was asked is ahead, it misses that for as long.
    """
    later = (attempts.c.kind == _FORGOTTEN) & (attempts.c.who == teacher) & (attempts.c.at >= asked)
    return connection.scalar(sa.select(attempts.c.id).where(later).limit(1)) is not None


def remove_tries(connection: sa.Connection) -> None:
    """Remove all tries. What is noted of browsers stays: of who was forgotten, a lesson may still be under way."""
    connection.execute(sa.delete(attempts).where(attempts.c.kind.not_in(_NOTED_FOR)))


def _tray(row: sa.Row[Any]) -> Tray:
    return Tray(unpack_images(row.images), labels_from_array(np.frombuffer(row.labels, np.int8)))


def _columns(drawings: list[tuple[bytes, int]]) -> dict[str, bytes]:
    labels = np.array([label for _, label in drawings], np.int8)
    return {"images": b"".join(image for image, _ in drawings), "labels": labels.tobytes()}


def _packed(tray: Tray) -> list[tuple[bytes, int]]:
    return list(zip(split_images(pack_images(tray.images)), labels_as_array(tray.labels).tolist(), strict=True))


def _merged(
    there: list[tuple[bytes, int]], before: list[tuple[bytes, int]], after: list[tuple[bytes, int]]
) -> list[tuple[bytes, int]]:
    """What is `there`, without what went from `before` to `after`, and then what came."""
    gone, new = Counter(before) - Counter(after), Counter(after) - Counter(before)
    return [*(there[place] for place in places_left(there, gone.elements())), *new.elements()]


class Visitors:
    """`browser` is always the id that `browsers.new_browser_id` made; only a hash of it is stored.

    Every method raises `StoreUnavailable` when the database cannot do what is asked, and `ValueError` when
    `browser` is no browser id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_tray(self, browser: str, tray: Tray, before: Tray | None = None) -> None:
        """Keep this tray instead of the one `before`, or instead of whatever is there.

        What another page of the same browser has put in or taken out since `before` stays in or out. When there is
        none at all, the store was emptied or has forgotten the browser, and this tray is kept as it is.
        """
        mine = trays.c.browser == browsers.tray_key(browser)
        wanted = _packed(tray)
        row = {"browser": browsers.tray_key(browser), "updated": datetime.now(UTC), **_columns([])}
        with self._database.writing() as connection:
            new = self._database.insert(trays).values(row).on_conflict_do_nothing().returning(trays.c.browser)
            begun = connection.execute(new).one_or_none() is not None  # psycopg counts no rows of such an insert
            kept = connection.execute(sa.select(trays).where(mine).with_for_update()).one()
            there = _packed(_tray(kept))
            if before is not None and not begun and there != (known := _packed(before)):
                wanted = _merged(there, known, wanted)
            connection.execute(sa.update(trays).where(mine).values(row | _columns(wanted)))

    def load_tray(self, browser: str) -> Tray:
        """The tray that was kept; an empty one when there is none."""
        query = sa.select(trays).where(trays.c.browser == browsers.tray_key(browser))
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return Tray(np.zeros((0, 28, 28), dtype=np.uint8)) if row is None else _tray(row)

    def forget(self, browser: str) -> None:
        """Delete the tray, and take the number off the lessons: they stay taught, by nobody."""
        teacher = browsers.teacher_number(browser)
        names = teacher, browsers.host_key(browser)
        with self._database.writing() as connection:
            connection.execute(sa.delete(trays).where(trays.c.browser == browsers.tray_key(browser)))
            connection.execute(sa.delete(attempts).where(attempts.c.who.in_(names)))
            connection.execute(sa.update(lessons).where(lessons.c.teacher == teacher).values(teacher=NOBODY))
            connection.execute(sa.update(versions).where(versions.c.by == teacher).values(by=NOBODY))
            connection.execute(sa.insert(attempts), {"kind": _FORGOTTEN, "who": teacher, "at": datetime.now(UTC)})

    def note_host(self, browser: str) -> None:
        """Note that this browser gave the host's password: see `was_host`."""
        key = browsers.host_key(browser)
        with self._database.writing() as connection:
            connection.execute(sa.delete(attempts).where(attempts.c.who == key))
            connection.execute(sa.insert(attempts), {"kind": _HOST, "who": key, "at": datetime.now(UTC)})

    def was_host(self, browser: str) -> bool:
        """Whether this browser gave the host's password within a year, on any server. That makes it nobody's owner."""
        noted = (attempts.c.kind == _HOST) & (attempts.c.who == browsers.host_key(browser))
        with self._database.reading() as connection:
            return connection.scalar(sa.select(attempts.c.id).where(noted).limit(1)) is not None

    def remove_old_trays(self) -> None:
        """Delete the trays that nobody touched for `TRAY_DAYS` days."""
        oldest = datetime.now(UTC) - timedelta(days=TRAY_DAYS)
        with self._database.writing() as connection:
            connection.execute(sa.delete(trays).where(trays.c.updated < oldest))

    def admit(self, kind: Literal["lesson", "password", "key"], who: str, *, each: int, together: int | None) -> None:
        """Count one more try of `who`, unless this last minute saw `each` of theirs or `together` of everybody's.

        Where `together` is None, nobody is refused because of others. Holds over all servers of the store: the count
        and the decision are one transaction.

        Raises:
            LimitReached: "visitor" or "server" for lessons, else the kind.
        """
        with self._database.alone(kind) as connection:
            count_try(connection, kind, who, each=each, together=together)


def count_try(
    connection: sa.Connection, kind: TryKind, who: str, *, each: int, together: int | None, add: bool = True
) -> None:
    """See `Visitors.admit`; where `add` is not set, the try is judged and does not count."""
    now = datetime.now(UTC)
    recent = sa.select(attempts.c.at).where(attempts.c.at >= now - WINDOW, attempts.c.kind == kind)
    theirs = recent.where(attempts.c.who == who)
    kinds: tuple[LimitKind, LimitKind] = ("visitor", "server") if kind == "lesson" else (kind, kind)
    for tries, limit, reached in zip((theirs, recent), (each, together), kinds, strict=True):
        newest = [] if limit is None else connection.scalars(tries.order_by(attempts.c.at.desc()).limit(limit)).all()
        if len(newest) == limit:
            frees = newest[-1] + WINDOW  # when only limit - 1 of them are left in the window
            raise LimitReached(reached, retry_after_s=max(1.0, (frees - now).total_seconds()))
    if add:
        noted = [(attempts.c.kind == name) & (attempts.c.at < now - lasts) for name, lasts in _NOTED_FOR.items()]
        tried = attempts.c.kind.not_in(_NOTED_FOR) & (attempts.c.at < now - WINDOW)
        connection.execute(sa.delete(attempts).where(sa.or_(tried, *noted)))
        connection.execute(sa.insert(attempts), {"kind": kind, "who": who, "at": now})
