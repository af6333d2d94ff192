"""The file of an SQLite store: its folder, its journal, and what happens when it is damaged."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from mnist_core.logs import event
from mnist_core.storage.faults import StoreUnavailable, fault_of

BUSY_S = 15  # how long a writer waits for another before it gives up


def prepare_file(path: Path) -> Path | None:
    """Make the folder, put a damaged file aside, switch to WAL. Returns the damaged file's new name."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable("read_only", str(error)) from error
    lock = path.with_name(path.name + ".start")
    try:
        with closing(sqlite3.connect(lock, timeout=BUSY_S, isolation_level=None)) as starting:
            starting.execute("BEGIN EXCLUSIVE")  # a lock on every system, gone with the process that held it
            aside = _put_aside(path) if path.exists() and not _sound(path) else None
            with closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise StoreUnavailable(fault_of(error) or "unreachable", f"{path}: {error}") from error
    return aside


def identity(path: Path) -> tuple[int, int] | None:
    """What tells this file from another of the same name; None when there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as connection:
            return connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        if fault_of(error) != "damaged":
            raise
        return False


def _put_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    for suffix in ("-wal", "-shm"):  # they belong to the damaged file, and would be replayed into the new one
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    path.rename(aside)
    event("damaged_store_put_aside", kept_as=str(aside))
    return aside
