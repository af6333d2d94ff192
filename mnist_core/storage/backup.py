"""A copy of a whole store in one file, from either engine, to go back to or to move to the other engine with.

    python -m mnist_core backup FILE       while the app runs: the copy is of one moment
    python -m mnist_core restore FILE      into a store in which nothing has been taught yet

The file is an SQLite store itself.
"""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from mnist_core.storage.database import FILE_NAME, Database, normal_url
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import EVERYONE
from mnist_core.storage.schema import active, attempts, lessons, metadata, rooms, versions

WAIT_S = 30.0
AT_A_TIME = 100  # lessons held in memory while copying


def backup(file: Path, url: str | None = None, folder: Path = Path("data")) -> int:
    """Write the store of `url`, or of `folder` without one, to the new `file`. Returns how many lessons it holds.

    Raises:
        FileExistsError: there is such a file; a backup never replaces another.
        FileNotFoundError: there is no store to copy.
        StoreUnavailable: the store cannot be read.
    """
    if file.exists():
        raise FileExistsError(f"{file} exists, and is not replaced")
    address = normal_url(url, folder)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise FileNotFoundError(f"{address.database}: no such store; DATABASE_URL or MNIST_DATA_DIR must be the app's")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as temporary:
        copied = _copy(_whole(Database(url, folder, WAIT_S), "The store"), Database(None, Path(temporary), WAIT_S))
        (Path(temporary) / FILE_NAME).rename(file)
    return copied


def restore(file: Path, url: str | None = None, folder: Path = Path("data")) -> int:
    """Put what `backup` wrote into an empty store. Returns how many lessons were restored.

    Raises:
        FileNotFoundError: there is no such file.
        FileExistsError: the store has lessons or rooms, and would lose them; trays and a history without lessons may be
            there.
        StoreUnavailable: the file is damaged, or the store cannot be written to.
        ValueError: the file is no backup.
    """
    with tempfile.TemporaryDirectory() as temporary:
        copy = shutil.copyfile(file, Path(temporary) / FILE_NAME)  # to open a store may upgrade it; the backup stays
        tables = _tables(copy)
        if tables is not None and not tables >= {"lessons", "alembic_version"}:
            raise ValueError(f"{file} is not a backup of this app")
        source = _whole(Database(None, Path(temporary), WAIT_S), "This backup")
        return _copy(source, Database(url, folder, WAIT_S))


def _tables(file: Path) -> set[str] | None:
    """Names of the tables of an SQLite file; none of a file that is another kind; None when it is damaged."""
    with file.open("rb") as stream:
        if stream.read(16) != b"SQLite format 3\0":
            return set()
    try:
        with closing(sqlite3.connect(file)) as connection:
            return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError:
        return None


def _whole(store: Database, name: str) -> Database:
    """`store`, unless it is a new one in the place of a damaged file: then raises StoreUnavailable."""
    if store.put_aside is not None:
        store.close()
        raise StoreUnavailable("damaged", f"{name} cannot be copied as it is.")
    return store


def _copy(source: Database, target: Database) -> int:
    count = 0
    try:
        with source.snapshot() as reading, target.changing(EVERYONE) as writing:
            others = sa.select(rooms.c.id).where(rooms.c.id != EVERYONE)
            if any(writing.scalar(query.limit(1)) is not None for query in (sa.select(lessons.c.id), others)):
                raise FileExistsError("this store has lessons or rooms; restore into an empty one")
            for table in (active, versions, rooms):
                writing.execute(sa.delete(table))
            for table in metadata.sorted_tables:
                if table is attempts:
                    continue
                rows = reading.execution_options(yield_per=AT_A_TIME).execute(sa.select(table))
                for some in rows.mappings().partitions():
                    writing.execute(target.insert(table).on_conflict_do_nothing(), [dict(row) for row in some])
                    count += len(some) if table is lessons else 0
            if writing.dialect.name == "postgresql":
                for name in ("lessons", "versions"):  # rows that bring their id do not move the counter
                    newest = f"(SELECT max(id) FROM {name})"
                    writing.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {newest})")
    finally:
        source.close()
        target.close()
    return count
