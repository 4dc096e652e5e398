"""The history of definitions, and the attempts of a source by day without reading each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table and the index."""
    op.create_index("ix_fetches_at", "fetches", ["source_id", "at", "state"])
    op.create_table(
        "definitions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("source", Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("since", Text, nullable=False),
        sa.Column("after_update", sa.Integer, nullable=False),
        sa.Column("digest", Text, nullable=False),
        sa.Column("by", Text, nullable=False),
        sa.Column("why", Text, nullable=False),
        sa.Column("text", Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_definitions"),
        sa.UniqueConstraint("source", "number", name="uq_definitions_source"),
    )
