"""Opening the store's database: SQLite or PostgreSQL, waited for, brought up to date, its faults given names."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection

from mnist_core.logs import event
from mnist_core.storage.faults import RoomClosed, StoreUnavailable, named_faults
from mnist_core.storage.schema import REVISION, active
from mnist_core.storage.sqlite_file import BUSY_S, identity, prepare_file

PROJECT = Path(__file__).parents[2]
FILE_NAME = "lessons.db"
MIGRATIONS = Path(__file__).with_name("migrations")
MIGRATION_LOCK = 0x6D6E697374  # any number that other users of the same PostgreSQL are unlikely to lock
SCRUB_S = 1.0  # how long writers wait for each other where SQLite's journal is emptied
LOCKS = 0x6D6E6973  # the same for locks with a purpose


def normal_url(url: str | None, folder: Path) -> sa.URL:
    """The database that `url` names, or the SQLite file in `folder` when there is no `url`.

    A relative path begins at the project, wherever the program was started: or `restore` would fill another store
    than the app's. Hosts hand out `postgres://` and `postgresql://`; both mean the driver that is installed here.
    """
    if not url:
        return sa.URL.create("sqlite", database=str(PROJECT / folder / FILE_NAME))
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:  # its text holds the password
        raise ValueError("DATABASE_URL is no address such as postgresql://user:password@host/name") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ValueError(f"DATABASE_URL must start with postgresql:// or sqlite:///, not {parsed.drivername}://")
    if parsed.database in (None, "", ":memory:"):
        raise ValueError("DATABASE_URL must name a database")
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(database=str(PROJECT / str(parsed.database)))
    return parsed


def store_name(url: str | None, folder: Path) -> str:
    """How to call the database of `normal_url` before people: without its password and options."""
    return normal_url(url, folder).set(query={}).render_as_string(hide_password=True)


class Database:
    """The transactions that the store is made of, on either engine. Safe for many threads and processes."""

    def __init__(self, url: str | None, folder: Path, wait_s: float) -> None:
        """See `Store`."""
        address = normal_url(url, folder)
        self.read_only = False  # whether what is there can be read, and nothing written
        self.put_aside: Path | None = None
        try:
            self._engine, self.put_aside = open_database(address, wait_s)
        except StoreUnavailable as error:
            readable = open_to_read(address) if error.kind == "read_only" else None
            if readable is None:
                raise
            self._engine, self.read_only = readable, True
        event("store_opened", store=store_name(url, folder), read_only=self.read_only)
        self._writer = self._engine.execution_options(writes=True)
        self._file = Path(address.database or "") if address.get_backend_name() == "sqlite" else None
        self._identity = self._file and identity(self._file)
        self._to_scrub = False

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        self._check_file()
        with named_faults(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """As `reading`, and all queries see the same moment. On SQLite they always do."""
        self._check_file()
        repeatable = {"isolation_level": "REPEATABLE READ"} if self._engine.dialect.name == "postgresql" else {}
        with named_faults(), self._engine.execution_options(**repeatable).begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Commits at the end, or changes nothing when anything is raised."""
        self._check_file()
        with named_faults(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def changing(self, room_id: int) -> Iterator[sa.Connection]:
        """As `writing`, and no other `changing` of this room runs at the same time, on no server.

        Raises RoomClosed when there is no such room.
        """
        with self.writing() as connection:
            locked = sa.select(active.c.room_id).where(active.c.room_id == room_id).with_for_update()
            if connection.scalar(locked) is None:
                raise RoomClosed(room_id)
            yield connection

    @contextmanager
    def alone(self, purpose: str) -> Iterator[sa.Connection]:
        """As `writing`, and nothing else for the same purpose runs at the same time, on no server."""
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCKS, sa.func.hashtext(purpose))))
            yield connection

    def scrub(self) -> None:
        """Leave nothing of what was just deleted in the tables and in SQLite's journal. Raises nothing: it is deleted.

        Whoever reads or copies the store at the same time may prevent it: `scrub_again` makes up for that.
        """
        self._to_scrub = True
        with suppress(StoreUnavailable), named_faults():
            self._to_scrub = not (self._empty_journal(self._file) if self._file else self._vacuum())

    def scrub_again(self) -> None:
        """Do what the last `scrub` could not; nothing when it could."""
        if self._to_scrub:
            self.scrub()

    def _vacuum(self) -> bool:
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM (SKIP_LOCKED) lessons, memories, trays")
        return True  # what it skips, PostgreSQL's own vacuum is at

    def _empty_journal(self, file: Path) -> bool:
        with closing(sqlite3.connect(file, timeout=SCRUB_S)) as connection:
            try:
                (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error:  # read-only by now, say
                return False
        return not busy

    def insert(self, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
        """An insert that can say what to do on a conflict."""
        return postgresql.insert(table) if self._engine.dialect.name == "postgresql" else sqlite.insert(table)

    def close(self) -> None:
        self._engine.dispose()

    def _check_file(self) -> None:
        """Another server may have put the file aside: what is written to it from then on would be lost."""
        if self._file is not None and identity(self._file) != self._identity:
            raise StoreUnavailable("damaged", f"{self._file} was deleted or replaced.")


def open_engine(url: sa.URL) -> sa.Engine:
    """An engine whose transactions are complete or not at all on both databases."""
    if url.get_backend_name() == "postgresql":
        return sa.create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=BUSY_S,
            connect_args={
                "connect_timeout": 5,
                "tcp_user_timeout": 10_000,  # milliseconds: a server that vanished is noticed, not waited for
                "keepalives_idle": 10,
                "options": f"-c lock_timeout={BUSY_S}s -c idle_in_transaction_session_timeout={BUSY_S}s",
            },
        )
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_S}, pool_timeout=BUSY_S)

    @sa.event.listens_for(engine, "connect")
    def settle(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin late and by itself; `begin` below does it
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten in the file
        connection.execute("PRAGMA synchronous = FULL")  # a lesson that was confirmed survives a power cut

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer takes the lock at once: one that read first and upgraded later could fail half-way.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


def open_to_read(url: sa.URL) -> sa.Engine | None:
    """An engine that only reads an SQLite file, for a folder that cannot be written to; None when it cannot be read."""
    if url.get_backend_name() != "sqlite" or not Path(url.database or "").is_file():
        return None
    file = f"file:{quote(url.database or '')}"
    for how in ("mode", "ro"), ("immutable", "1"):  # the second where not even a lock's file can be made
        engine = open_engine(url.set(database=file, query={"uri": "true", how[0]: how[1]}))
        with suppress(StoreUnavailable), named_faults(), engine.begin() as connection:
            if _revision(connection) == REVISION:
                return engine
        engine.dispose()
    return None


def migrate(engine: sa.Engine) -> None:
    """Bring the schema up to date; of several processes that start at once, one does it and the others wait.

    Raises:
        StoreUnavailable: `newer` when the database has been upgraded past this code.
    """
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        if _revision(connection) == REVISION:
            return
        from alembic import command  # a good part of a second, that most starts can save
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        try:
            with _alembic:
                command.upgrade(config, "head")
        except CommandError as error:
            raise StoreUnavailable("newer", str(error)) from error


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


_alembic = threading.Lock()  # Alembic keeps its context in a module: one migration at a time in a process


def open_database(url: sa.URL, wait_s: float) -> tuple[sa.Engine, Path | None]:
    """An engine on an up-to-date database, and where a damaged SQLite file was put aside, if there was one.

    Waits up to `wait_s` seconds for a database that is not there yet.

    Raises:
        StoreUnavailable: with its kind.
    """
    aside = prepare_file(Path(url.database or "")) if url.get_backend_name() == "sqlite" else None
    engine = open_engine(url)
    give_up = time.monotonic() + wait_s
    while True:
        try:
            with named_faults():
                migrate(engine)
            return engine, aside
        except StoreUnavailable as error:
            left = give_up - time.monotonic()
            if error.kind != "unreachable" or left <= 0:
                engine.dispose()
                raise
            event("waiting_for_database", host=url.host, seconds_left=round(left), reason=str(error))
            time.sleep(min(1.0, left))
