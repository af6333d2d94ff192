"""Lessons, their memories, versions and the active one, trays, and recent attempts."""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "lessons",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("teacher", sa.String(32), nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("images", sa.LargeBinary, nullable=False),
        sa.Column("labels", sa.LargeBinary, nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
        sa.UniqueConstraint("token"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lessons_teacher", "lessons", ["teacher"])
    op.create_table(
        "memories",
        sa.Column("lesson_id", sa.Integer, sa.ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("base_id", sa.String(128), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created", moment, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("subject", sa.Integer),
        sa.Column("lesson_ids", sa.Text, nullable=False),
        sa.Column("base_id", sa.String(128), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_versions_subject", "versions", ["subject"])
    active = op.create_table(
        "active",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1", name="ck_active_single"), primary_key=True),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("versions.id")),
    )
    op.bulk_insert(active, [{"id": 1, "version_id": None}])
    op.create_table(
        "trays",
        sa.Column("browser", sa.String(64), primary_key=True),
        sa.Column("updated", moment, nullable=False),
        sa.Column("images", sa.LargeBinary, nullable=False),
        sa.Column("labels", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_trays_updated", "trays", ["updated"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
    )
    op.create_index("ix_attempts_at", "attempts", ["at"])
