"""A copy of a whole store in one file, from either engine, to go back to or to move to the other engine with.

    python -m mnist_core backup FILE       while the app runs: the copy is of one moment
    python -m mnist_core restore FILE      into a store in which nothing has been taught yet

The file is an SQLite store itself.
"""

import shutil
import tempfile
from pathlib import Path

import sqlalchemy as sa

from mnist_core.database import FILE_NAME, Database
from mnist_core.faults import StoreUnavailable
from mnist_core.schema import active, attempts, metadata

WAIT_S = 30.0
AT_A_TIME = 100  # lessons held in memory while copying


def backup(file: Path, url: str | None = None, folder: Path = Path("data")) -> int:
    """Write the store of `url`, or of `folder` without one, to the new `file`. Returns how many lessons it holds.

    Raises:
        FileExistsError: there is such a file; a backup never replaces another.
        StoreUnavailable: the store cannot be read.
    """
    if file.exists():
        raise FileExistsError(f"{file} exists, and is not replaced")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as temporary:
        copied = _copy(Database(url, folder, WAIT_S), Database(None, Path(temporary), WAIT_S))
        (Path(temporary) / FILE_NAME).rename(file)
    return copied


def restore(file: Path, url: str | None = None, folder: Path = Path("data")) -> int:
    """Put what `backup` wrote into an empty store. Returns how many lessons were restored.

    Raises:
        FileNotFoundError: there is no such file.
        FileExistsError: the store has lessons, and would lose them.
        StoreUnavailable: the file is damaged, or the store cannot be written to.
    """
    with tempfile.TemporaryDirectory() as temporary:
        shutil.copyfile(file, Path(temporary) / FILE_NAME)  # opening a store may upgrade it; the backup stays as it is
        source = Database(None, Path(temporary), WAIT_S)
        if source.put_aside is not None:
            source.close()
            raise StoreUnavailable("damaged", f"{file} is not a whole backup.")
        return _copy(source, Database(url, folder, WAIT_S))


def _copy(source: Database, target: Database) -> int:
    lessons = 0
    try:
        with source.snapshot() as reading, target.changing() as writing:
            if writing.scalar(sa.select(active.c.version_id)) is not None:
                raise FileExistsError("the store to restore into has been taught something; restore into an empty one")
            for table in metadata.sorted_tables:
                if table in (active, attempts):
                    continue
                rows = reading.execution_options(yield_per=AT_A_TIME).execute(sa.select(table))
                for some in rows.mappings().partitions():
                    writing.execute(target.insert(table), [dict(row) for row in some])
                    lessons += len(some) if table.name == "lessons" else 0
            writing.execute(sa.update(active).values(version_id=reading.scalar(sa.select(active.c.version_id))))
            if writing.dialect.name == "postgresql":
                for name in ("lessons", "versions"):  # rows that bring their number along do not move the counter
                    newest = f"(SELECT max(id) FROM {name})"
                    writing.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {newest})")
    finally:
        source.close()
        target.close()
    return lessons
