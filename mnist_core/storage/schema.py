"""The tables of the store. Migrations build them; a test holds the two equal."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

REVISION = "r0001"  # the newest migration; a test holds the two equal


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always UTC and always aware: SQLite would otherwise hand back naive ones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

lessons = sa.Table(
    "lessons",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("token", sa.String(64), nullable=False, unique=True),
    sa.Column("teacher", sa.String(32), nullable=False, index=True),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("images", sa.LargeBinary, nullable=False),  # 98 bytes a drawing: 784 pixels, one bit each
    sa.Column("labels", sa.LargeBinary, nullable=False),  # one byte a drawing, 0-9
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("after", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)

# What a lesson adds to the head. One row for each base model that the lesson was taught to, so that
# re-teaching after a new base model leaves the old memory where it was.
memories = sa.Table(
    "memories",
    metadata,
    sa.Column("lesson_id", sa.ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("base_id", sa.String(128), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

# sqlite_autoincrement: the number of a version is never given out twice, not even after `Store.empty`.
versions = sa.Table(
    "versions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("subject", sa.Integer, index=True),  # the lesson taught or withdrawn, or the version gone back to
    sa.Column("lesson_ids", sa.Text, nullable=False),  # in the order taught, as runs: "1-57,59-100"
    sa.Column("base_id", sa.String(128), nullable=False),
    sqlite_autoincrement=True,
)

# One row, written by the first migration. It names the active version, and locking it is how writers take turns.
active = sa.Table(
    "active",
    metadata,
    sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1", name="ck_active_single"), primary_key=True),
    sa.Column("version_id", sa.ForeignKey("versions.id")),
)

trays = sa.Table(
    "trays",
    metadata,
    sa.Column("browser", sa.String(64), primary_key=True),  # SHA-256 of the browser's random id
    sa.Column("updated", UtcDateTime, nullable=False, index=True),
    sa.Column("images", sa.LargeBinary, nullable=False),
    sa.Column("labels", sa.LargeBinary, nullable=False),  # as in lessons; 255 where no label was chosen yet
)

# Recent tries (lessons, passwords), so that limits hold over all servers of one store. Old rows are removed.
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)
