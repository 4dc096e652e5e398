"""Seals of what no update's digest covers, summaries of old attempts, redactions; addresses without passwords."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from model import public_url

revision = "0003"
down_revision = "0002"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


_SOURCES, _UPDATES = "fk_attempt_days_source_id", "fk_redactions_update_id"


def upgrade() -> None:
    """Make the new tables and clean stored addresses; `storage.database` then seals the rows as they stand."""
    op.create_table(
        "attempt_days",
        sa.Column("source_id", sa.Integer, sa.ForeignKey("sources.id", name=_SOURCES), nullable=False),
        sa.Column("day", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("reason", Text),
        sa.PrimaryKeyConstraint("source_id", "day", "state", "status", name="pk_attempt_days"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "redactions",
        sa.Column("update_id", sa.Integer, sa.ForeignKey("updates.id", name=_UPDATES), nullable=False),
        sa.Column("digest", Text, nullable=False),
        sa.Column("by", Text, nullable=False),
        sa.Column("why", Text, nullable=False),
        sa.Column("at", Text, nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_redactions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seals",
        sa.Column("scope", Text, nullable=False),
        sa.Column("row_count", sa.Integer, nullable=False),
        sa.Column("digest", Text, nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_seals"),
        sqlite_with_rowid=False,
    )
    _clean("sources")
    _clean("fetches")


def _clean(table: str) -> None:
    """Passwords and keys that earlier versions stored with addresses."""
    bind = op.get_bind()
    for (url,) in bind.execute(sa.text(f"SELECT DISTINCT url FROM {table} WHERE url IS NOT NULL")).all():
        if (shown := public_url(url)) != url:
            values = {"url": url, "shown": shown}
            bind.execute(sa.text(f"UPDATE {table} SET url = :shown WHERE url = :url"), values)
