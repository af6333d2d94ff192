"""What can go wrong with a database, in a few words that hold for both engines."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Fault = Literal["unreachable", "full", "read_only", "damaged", "newer", "busy", "other_base", "reteaching"]

_SENTENCES: dict[Fault, str] = {
    "unreachable": "The store of lessons cannot be reached.",
    "full": "The disk of the store of lessons is full.",
    "read_only": "The store of lessons cannot be written to.",
    "damaged": "The store of lessons is damaged.",
    "newer": "The store of lessons was written by a newer version of this app.",
    "busy": "The store of lessons is busy.",
    "other_base": "The lessons in the store belong to another base model than this server's.",
    "reteaching": "The lessons are being taught again to a new base model.",
}


class StoreUnavailable(RuntimeError):
    """The store cannot do this now. `kind` says why, in a word that pages translate.

    What a driver says goes into the message, for the log; `sentence` has none of its names and paths.
    """

    def __init__(self, kind: Fault, detail: str = "") -> None:
        super().__init__(f"{_SENTENCES[kind]} {detail}".strip())
        self.kind: Fault = kind
        self.sentence = _SENTENCES[kind]


class StaleVersion(RuntimeError):
    """Somebody else changed the active version first. Read it again and decide again."""


class NeedsApproval(RuntimeError):
    """The owner of the room approves lessons first. Nothing was kept: the lesson may be put to wait."""


class RoomClosed(RuntimeError):
    """The room is not there any more: its owner closed it, its browser was forgotten, or nobody used it for long."""

    def __init__(self, room_id: int | None = None) -> None:
        super().__init__("the room was closed" if room_id is None else f"room {room_id} was closed")


class TokenTaken(ValueError):
    """A lesson of another room has this token."""


@contextmanager
def named_faults() -> Iterator[None]:
    """Turn what a driver says into `StoreUnavailable`. What is our own mistake (bad SQL, say) passes through."""
    import sqlalchemy as sa  # half a second: not before the first page

    try:
        yield
    except sa.exc.DBAPIError as error:
        kind = fault_of(error.orig)
        if kind is None:
            raise
        raise StoreUnavailable(kind, _first_line(error.orig)) from error
    except sa.exc.TimeoutError as error:
        raise StoreUnavailable("busy") from error


def _first_line(error: BaseException | None) -> str:
    """What a driver says; some exceptions of a lost connection say nothing."""
    return str(error).strip().partition("\n")[0]


def fault_of(error: BaseException | None) -> Fault | None:
    """The fault that a driver's exception means; None when it is none of these."""
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "")
        by_prefix: dict[str, Fault] = {
            "SQLITE_FULL": "full",
            "SQLITE_READONLY": "read_only",
            "SQLITE_CANTOPEN": "read_only",
            "SQLITE_CORRUPT": "damaged",
            "SQLITE_NOTADB": "damaged",
            "SQLITE_BUSY": "busy",
            "SQLITE_LOCKED": "busy",
            "SQLITE_IOERR": "unreachable",
        }
        return next((kind for prefix, kind in by_prefix.items() if name.startswith(prefix)), None)
    state = getattr(error, "sqlstate", None)
    if state is None:  # psycopg has no state when the connection itself failed
        return "unreachable" if type(error).__name__ in ("OperationalError", "InterfaceError") else None
    by_class: dict[str, Fault] = {
        "53100": "full",
        "25006": "read_only",
        "42501": "read_only",
        "25P03": "unreachable",  # idle in a transaction for longer than `database.open_engine` allows
        "40": "busy",
        "55P03": "busy",
        "57": "unreachable",
        "08": "unreachable",
        "53": "unreachable",
        "28": "unreachable",
        "3D": "unreachable",
        "XX": "damaged",
    }
    return next((kind for prefix, kind in by_class.items() if state.startswith(prefix)), None)
