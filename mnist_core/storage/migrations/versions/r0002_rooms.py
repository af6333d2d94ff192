"""Rooms; everything there was is everyone's."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"


def upgrade() -> None:
    moment, now = sa.DateTime(timezone=True), datetime.now(UTC)
    rooms = op.create_table(
        "rooms",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("key", sa.String(64)),
        sa.Column("approval", sa.Boolean, nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("used", moment, nullable=False),
        sa.Column("goes", moment),
        sa.UniqueConstraint("address"),
    )
    op.create_index("ix_rooms_owner", "rooms", ["owner"])
    op.create_index("ix_rooms_used", "rooms", ["used"])
    everyone = {"id": 1, "kind": "everyone", "address": "everyone", "name": "", "approval": False}
    op.bulk_insert(rooms, [everyone | {"created": now, "used": now}])

    op.add_column("lessons", sa.Column("room_id", sa.Integer, nullable=False, server_default="1"))
    op.add_column("lessons", sa.Column("state", sa.String(16), nullable=False, server_default="kept"))
    op.add_column("lessons", sa.Column("hidden", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_lessons_room_id", "lessons", ["room_id", "state"])

    op.add_column("versions", sa.Column("room_id", sa.Integer, nullable=False, server_default="1"))
    op.add_column("versions", sa.Column("number", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE versions SET number = id")
    op.create_index("ix_versions_room_id", "versions", ["room_id", "number"], unique=True)

    version_id = op.get_bind().scalar(sa.text("SELECT version_id FROM active"))
    op.drop_table("active")
    active = op.create_table(
        "active",
        sa.Column("room_id", sa.Integer, sa.ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("versions.id")),
    )
    op.bulk_insert(active, [{"room_id": 1, "version_id": version_id}])
