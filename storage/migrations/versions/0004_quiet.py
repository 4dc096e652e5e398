"""Releases that changed nothing: rows of their own instead of updates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _refer(column: str, table: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id", name=f"fk_quiet_releases_{column}")
    return sa.Column(column, sa.Integer, key, nullable=False)


def upgrade() -> None:
    """Make the table; updates of earlier releases that changed nothing stay what they are."""
    op.create_table(
        "quiet_releases",
        sa.Column("id", sa.Integer, nullable=False),
        _refer("source_id", "sources"),
        _refer("update_id", "updates"),
        _refer("snapshot_id", "snapshots"),
        sa.Column("cause", Text, nullable=False),
        sa.Column("known_at", Text, nullable=False),
        sa.Column("published", Text),
        sa.Column("extractor", Text, nullable=False),
        sa.Column("reader_version", sa.Integer, nullable=False),
        sa.Column("options", Text, nullable=False),
        sa.Column("shape", Text),
        sa.PrimaryKeyConstraint("id", name="pk_quiet_releases"),
    )
    op.create_index("ix_quiet_releases_source_id", "quiet_releases", ["source_id", "id"])
