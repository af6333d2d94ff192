"""The tables of the store. Migrations build them; a test holds the two equal."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

REVISION = "r0002"  # the newest migration; a test holds the two equal


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

# Whose a lesson is: everyone's, one browser's own, or a class's. There is always the first, with id 1.
rooms = sa.Table(
    "rooms",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # at random
    sa.Column("kind", sa.String(16), nullable=False),  # everyone | ours | mine
    # What it is found by: "everyone", the code of ours, or SHA-256 of the browser's id.
    sa.Column("address", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("owner", sa.String(64), index=True),  # SHA-256 of the browser's id
    sa.Column("key", sa.String(64)),  # SHA-256 of what moves it to another browser
    sa.Column("approval", sa.Boolean, nullable=False),  # whether the owner approves lessons first
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("used", UtcDateTime, nullable=False, index=True),
    sa.Column("goes", UtcDateTime),  # when it is removed, unless somebody uses it before
)

# room_id has no foreign key here: SQLite adds none to a table without copying it, and a copy would drop the memories.
# What there was before there were rooms is everyone's.
lessons = sa.Table(
    "lessons",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("room_id", sa.Integer, nullable=False, server_default="1"),
    sa.Column("state", sa.String(16), nullable=False, server_default="kept"),  # kept | waiting | erased | deleted
    sa.Column("hidden", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("token", sa.String(64), nullable=False, unique=True),
    sa.Column("teacher", sa.String(32), nullable=False, index=True),
    sa.Column("created", UtcDateTime, nullable=False),
    # 98 bytes a drawing: 784 pixels, one bit each; none once erased or deleted, nor labels once deleted
    sa.Column("images", sa.LargeBinary, nullable=False),
    sa.Column("labels", sa.LargeBinary, nullable=False),  # one byte a drawing, 0-9
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("after", sa.JSON, nullable=False),
    sa.Index("ix_lessons_room_id", "room_id", "state"),
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

# sqlite_autoincrement: the id of a version is never given out twice, not even after `RoomStore.empty`.
versions = sa.Table(
    "versions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("room_id", sa.Integer, nullable=False, server_default="1"),
    sa.Column("number", sa.Integer, nullable=False, server_default="0"),  # in its room, from 1
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("subject", sa.Integer, index=True),  # the lesson taught or withdrawn, or the version gone back to
    sa.Column("lesson_ids", sa.Text, nullable=False),  # in the order taught, as runs: "1-57,59-100"
    sa.Column("base_id", sa.String(128), nullable=False),
    sa.Index("ix_versions_room_id", "room_id", "number", unique=True),
    sqlite_autoincrement=True,
)

# One row for each room. It names the active version, and locking it is how writers of a room take turns.
active = sa.Table(
    "active",
    metadata,
    sa.Column("room_id", sa.ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
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

# Recent tries (lessons, passwords, codes), so that limits hold over all servers of one store; and what is noted of
# browsers: that one was forgotten, that one gave the host's password. Old rows are removed.
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)
