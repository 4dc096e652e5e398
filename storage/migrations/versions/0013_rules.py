"""What rules remember of each source, and what is to be told to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NAMES = ("rule", "episode", "phase", "address", "series", "update_name", "at", "told", "state", "state_at")
ONCE = ("source_id", "rule", "episode", "phase", "address")


def _source(table: str, *, alone: bool) -> sa.Column[int]:
    key = sa.ForeignKey("sources.id", name=f"fk_{table}_source_id")
    return sa.Column("source_id", sa.Integer, key, nullable=False, autoincrement=False if alone else "auto")


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "rule_states",
        _source("rule_states", alone=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kept", Text, nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_rule_states"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rule_events",
        sa.Column("id", sa.Integer, nullable=False),
        _source("rule_events", alone=False),
        *(sa.Column(name, Text, nullable=False) for name in NAMES),
        sa.PrimaryKeyConstraint("id", name="pk_rule_events"),
        sa.UniqueConstraint(*ONCE, name="uq_rule_events_source_id"),
    )
    op.create_index("ix_rule_events_state", "rule_events", ["state"])
