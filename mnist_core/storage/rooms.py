"""The rooms: opened, found by their code or by their owner's browser, moved to another browser, removed."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mnist_core.storage import browsers
from mnist_core.storage.codes import new_code, normal_code
from mnist_core.storage.database import Database
from mnist_core.storage.faults import RoomClosed
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import EVERYONE, NAME_LENGTH, NOBODY, Room, RoomKind
from mnist_core.storage.schema import active, lessons, memories, rooms, versions
from mnist_core.storage.visitors import count_try, forgotten_since

GRACE = timedelta(days=1)  # between the log's word that a room goes and its removal
AT_A_TIME = 500  # rooms removed in one transaction
_NOTED = timedelta(hours=1)  # how exactly it is known when a room was used


class Rooms:
    """Every method raises `StoreUnavailable` when the database cannot do what is asked, and `ValueError` when
    `browser` is no browser id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, room_id: int) -> Room | None:
        """The room with this id, if there is one."""
        with self._database.reading() as connection:
            return _room(connection, rooms.c.id == room_id)

    def listed(self, page: int, size: int) -> tuple[int, list[tuple[Room, int]]]:
        """How many rooms of ours there are; and those of a page, from 1, of so many, those used last first, each with
        how many lessons it has. The last page when there are fewer.
        """
        ours = rooms.c.kind == "ours"
        counts = sa.select(sa.func.count()).where(lessons.c.room_id == rooms.c.id).scalar_subquery()
        query = sa.select(rooms, counts.label("taught")).where(ours).order_by(rooms.c.used.desc(), rooms.c.id)
        with self._database.snapshot() as connection:
            count = connection.scalar(sa.select(sa.func.count()).select_from(rooms).where(ours)) or 0
            skip = size * max(0, min(page, -(-count // size)) - 1)
            shown = connection.execute(query.offset(skip).limit(size))
            return count, [(_record(row), row.taught) for row in shown]

    def mine(self, browser: str) -> Room | None:
        """This browser's own room, if it has taught one."""
        with self._database.reading() as connection:
            return _room(connection, rooms.c.address == browsers.room_key(browser))

    def owned(self, browser: str) -> list[Room]:
        """The rooms of ours that this browser owns, the newest first."""
        mine = (rooms.c.owner == browsers.room_key(browser)) & (rooms.c.kind == "ours")
        with self._database.reading() as connection:
            newest_first = sa.select(rooms).where(mine).order_by(rooms.c.created.desc())
            return [_record(row) for row in connection.execute(newest_first)]

    def open_mine(self, browser: str, *, together: int, asked: datetime | None = None) -> Room:
        """This browser's own room, made if need be.

        Raises:
            LimitReached: "rooms": the store has `together`.
            RoomClosed: the browser was forgotten after the moment `asked`.
        """
        key = browsers.room_key(browser)
        with self._database.alone("rooms") as connection:
            if asked and forgotten_since(connection, browsers.teacher_number(browser), asked):
                raise RoomClosed
            there = _room(connection, rooms.c.address == key)
            if there is not None:
                return there
            _leave_space(connection, "mine", together)
            return _insert(connection, "mine", key, owner=key)

    def leave_mine(self, browser: str) -> None:
        """Delete this browser's own room, unless a lesson was ever kept in it."""
        mine = sa.select(rooms.c.id).where(rooms.c.address == browsers.room_key(browser))
        with self._database.writing() as connection:
            _delete(connection, _never_taught(connection, mine))

    def open_ours(
        self, name: str, browser: str, *, each: int, together: int, a_minute: int | None = None
    ) -> tuple[Room, str]:
        """A new room, which this browser owns, and the key that moves it to another browser.

        Raises:
            LimitReached: "own_rooms" when the browser owns `each` rooms, "rooms" when the store has `together`,
                "opening" when the browser opened `each` within a minute, or all browsers together `a_minute`.
            ValueError: the name is empty or longer than `NAME_LENGTH`.
        """
        name = checked_name(name)
        owner, key = browsers.room_key(browser), secrets.token_urlsafe(12)
        with self._database.alone("rooms") as connection:
            owned = sa.select(sa.func.count()).where(rooms.c.owner == owner, rooms.c.kind == "ours")
            if (connection.scalar(owned) or 0) >= each:
                raise LimitReached("own_rooms")
            _leave_space(connection, "ours", together)
            count_try(connection, "opening", browsers.teacher_number(browser), each=each, together=a_minute)
            code = new_code()
            while _room(connection, rooms.c.address == code) is not None:
                code = new_code()
            return _insert(connection, "ours", code, name=name, owner=owner, key=_digest(key)), key

    def find(self, code: str, who: str, *, each: int, together: int) -> Room:
        """The room that this code opens, however it was typed.

        Wrong codes are counted, as `Visitors.admit` counts, so that one browser, or one network address of programs,
        guesses slowly and the store has little to do. Whoever takes a new cookie for each guess has no count of its
        own; the one of all together never refuses a right code, or a single griefer would shut a class out. Against
        that one stands how many codes there are: see `codes`.

        who: `browsers.teacher_number` of who tries.

        Raises:
            LookupError: there is none.
            LimitReached: "code": too many wrong codes by this browser; or a wrong one, and too many by all together.
        """
        with self._database.reading() as connection:  # nothing is written: most come by a link, and often
            found = _room(connection, (rooms.c.address == normal_code(code)) & (rooms.c.kind == "ours"))
            everybodys = None if found else together  # whoever guesses shuts nobody else out
            count_try(connection, "code", who, each=each, together=everybodys, add=False)
            if found is not None:
                return found
        with self._database.alone("code") as connection:
            count_try(connection, "code", who, each=each, together=together)
        raise LookupError("no room has this code")

    def claim(self, room_id: int, key: str, browser: str) -> Room:
        """Make this browser the owner of a room of ours, against its key. Tries must be limited by whoever asks.

        Raises LookupError when this is not the key, RoomClosed when there is no such room.
        """
        with self._database.writing() as connection:
            row = connection.execute(sa.select(rooms.c.key).where(rooms.c.id == room_id)).one_or_none()
            if row is None:
                raise RoomClosed(room_id)
            if row.key is None or not hmac.compare_digest(row.key, _digest(key)):
                raise LookupError("this is not the key of this room")
            return _changed(connection, room_id, owner=browsers.room_key(browser))

    def taught_by(self, teacher: str) -> list[int]:
        """The ids of the rooms with lessons of this anonymous visitor that are not deleted."""
        if teacher == NOBODY:
            return []
        theirs = (lessons.c.teacher == teacher) & (lessons.c.state != "deleted")
        with self._database.reading() as connection:
            return list(connection.scalars(sa.select(lessons.c.room_id).where(theirs).distinct()))

    def set_approval(self, room_id: int, approval: bool) -> Room:
        """Whether lessons wait for the owner from now on. Raises RoomClosed when there is no such room."""
        with self._database.writing() as connection:
            _lock(connection, [room_id])  # a lesson on its way is kept before, or learns of it
            return _changed(connection, room_id, approval=approval)

    def rename(self, room_id: int, name: str) -> Room:
        """Give the room another name. Raises RoomClosed when there is no such room, ValueError as `open_ours`."""
        return self._set(room_id, name=checked_name(name))

    def note_used(self, room: Room) -> Room:
        """Take note that somebody uses the room, to the hour: it does not go. Raises RoomClosed when it is gone."""
        now = datetime.now(UTC)
        if room.goes is None and now - room.used < _NOTED:
            return room
        return self._set(room.id, used=now, goes=None)

    def active_versions(self, room_ids: Collection[int]) -> dict[int, int]:
        """The id of the active version of each of these rooms, 0 where nothing is taught; a closed one is left out."""
        query = sa.select(active.c.room_id, active.c.version_id).where(active.c.room_id.in_(room_ids))
        with self._database.reading() as connection:
            return {room_id: version_id or 0 for room_id, version_id in connection.execute(query)}

    def close(self, room_id: int) -> None:
        """Delete the room and everything in it; everyone's stays. A closed one may be closed again."""
        if room_id == EVERYONE:
            raise ValueError("everyone's room is never closed")
        with self._database.writing() as connection:
            _delete(connection, [room_id])
        self._database.scrub()

    def forget_owner(self, browser: str) -> None:
        """Delete this browser's own room; rooms of ours have no owner then, until somebody gives their key."""
        key = browsers.room_key(browser)
        with self._database.alone("rooms") as connection:  # one that is being made is deleted, too
            mine = connection.scalars(sa.select(rooms.c.id).where(rooms.c.address == key)).all()
            _delete(connection, mine)
            connection.execute(sa.update(rooms).where(rooms.c.owner == key).values(owner=None))
        if mine:
            self._database.scrub()

    def remove_unused(self, days: int) -> tuple[list[Room], list[Room]]:
        """Remove the rooms that nobody used for so many days, a day after it was said that they go.

        One of a single browser in which nothing was ever kept goes after that day, and nothing is said of it.

        Returns:
            The rooms that go from now on, unless somebody uses them within `GRACE`; and those that are gone, at most
            `AT_A_TIME`.
        """
        now = datetime.now(UTC)
        unused = (rooms.c.used < now - timedelta(days=days)) & (rooms.c.id != EVERYONE)
        with self._database.writing() as connection:
            locked = sa.select(rooms).where(unused, rooms.c.goes <= now).limit(AT_A_TIME).with_for_update()
            due = connection.execute(locked).all()
            _delete(connection, [row.id for row in due])
            left = (rooms.c.kind == "mine") & (rooms.c.used < now - GRACE) & ~_taught(rooms.c.id)
            _delete(connection, _never_taught(connection, sa.select(rooms.c.id).where(left).limit(AT_A_TIME)))
            announce = sa.update(rooms).where(unused, rooms.c.goes.is_(None)).values(goes=now + GRACE)
            announced = connection.execute(announce.returning(rooms)).all()
        if due:
            self._database.scrub()
        return [_record(row) for row in announced], [_record(row) for row in due]

    def erase_drawings(self, days: int) -> int:
        """Erase the drawings of lessons older than so many days; what they taught stays. Returns how many lessons.

        Those that still wait for approval are deleted.
        """
        old = lessons.c.created < datetime.now(UTC) - timedelta(days=days)
        kept, waiting = old & (lessons.c.state == "kept"), old & (lessons.c.state == "waiting")
        with self._database.writing() as connection:
            erased = sa.update(lessons).where(kept).values(images=b"", state="erased")
            deleted = sa.update(lessons).where(waiting).values(images=b"", labels=b"", state="deleted")
            unused = sa.select(lessons.c.id).where(waiting)
            connection.execute(sa.delete(memories).where(memories.c.lesson_id.in_(unused)))
            count = sum(connection.execute(change).rowcount for change in (erased, deleted))
        if count:
            self._database.scrub()
        return count

    def _set(self, room_id: int, **values: object) -> Room:
        with self._database.writing() as connection:
            return _changed(connection, room_id, **values)


def checked_name(name: str) -> str:
    """The name without what cannot be seen. Raises ValueError when nothing is left, or too much."""
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    if not 0 < len(name) <= NAME_LENGTH:
        raise ValueError(f"a room's name has 1 to {NAME_LENGTH} characters")
    return name


def _room(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Room | None:
    row = connection.execute(sa.select(rooms).where(which)).one_or_none()
    return None if row is None else _record(row)


def _there(connection: sa.Connection, room_id: int) -> Room:
    room = _room(connection, rooms.c.id == room_id)
    if room is None:
        raise RoomClosed(room_id)
    return room


def _changed(connection: sa.Connection, room_id: int, **values: object) -> Room:
    connection.execute(sa.update(rooms).where(rooms.c.id == room_id).values(values))
    return _there(connection, room_id)


def _record(row: sa.Row[Any]) -> Room:
    kind: RoomKind = row.kind
    code = row.address if kind == "ours" else ""
    return Room(row.id, kind, code, row.name, row.owner or "", row.approval, row.created, row.used, row.goes)


def _insert(
    connection: sa.Connection, kind: RoomKind, address: str, *, owner: str, name: str = "", key: str | None = None
) -> Room:
    now, room_id = datetime.now(UTC), _new_id()
    while _room(connection, rooms.c.id == room_id) is not None:
        room_id = _new_id()
    row = {
        "id": room_id,
        "kind": kind,
        "address": address,
        "name": name,
        "owner": owner,
        "key": key,
        "approval": False,
        "created": now,
        "used": now,
    }
    connection.execute(sa.insert(rooms), row)
    connection.execute(sa.insert(active), {"room_id": room_id, "version_id": None})
    return _there(connection, room_id)


def _new_id() -> int:
    """At random: a page that still shows a closed room, or one of a store before this one, never meets another's."""
    return EVERYONE + 1 + secrets.randbelow(2**31 - 2 - EVERYONE)


def _leave_space(connection: sa.Connection, kind: RoomKind, together: int) -> None:
    """Of each kind by itself: who fills the store with models of browsers keeps no class from opening its room."""
    if (connection.scalar(sa.select(sa.func.count()).where(rooms.c.kind == kind)) or 0) >= together:
        raise LimitReached("rooms")


def _taught(room_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether anything was ever kept in this room."""
    return sa.exists().where(versions.c.room_id == room_id) | sa.exists().where(lessons.c.room_id == room_id)


def _never_taught(connection: sa.Connection, which: sa.Select[Any]) -> Sequence[int]:
    """Of these rooms those in which nothing was ever kept; nothing is, until the transaction ends."""
    found = connection.scalars(which).all()
    _lock(connection, found)
    return connection.scalars(sa.select(rooms.c.id).where(rooms.c.id.in_(found), ~_taught(rooms.c.id))).all()


def _lock(connection: sa.Connection, room_ids: Collection[int]) -> None:
    """A lesson on its way into one of these rooms waits for this transaction."""
    connection.execute(sa.select(rooms.c.id).where(rooms.c.id.in_(room_ids)).order_by(rooms.c.id).with_for_update())
    locked = sa.select(active.c.room_id).where(active.c.room_id.in_(room_ids)).order_by(active.c.room_id)
    connection.execute(locked.with_for_update())


def _delete(connection: sa.Connection, room_ids: Collection[int]) -> None:
    """These rooms with all that is in them. A lesson on its way into one waits for this, and finds no room."""
    if not room_ids:
        return
    _lock(connection, room_ids)
    connection.execute(sa.delete(active).where(active.c.room_id.in_(room_ids)))
    connection.execute(sa.delete(lessons).where(lessons.c.room_id.in_(room_ids)))  # and with them their memories
    connection.execute(sa.delete(versions).where(versions.c.room_id.in_(room_ids)))
    connection.execute(sa.delete(rooms).where(rooms.c.id.in_(room_ids)))


def _digest(key: str) -> str:
    return hashlib.sha256(f"key:{key}".encode(errors="surrogatepass")).hexdigest()
