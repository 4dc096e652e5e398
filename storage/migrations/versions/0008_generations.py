"""Generations: a source's ledger derived again with copies that were found later; two of them may have a series."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table, and let a key stand once in each generation; SQLite copies the table of series for that.

    `storage.database` has foreign keys switched off meanwhile, as SQLite wants it where a table is made anew.
    """
    with op.batch_alter_table("series") as series:
        series.drop_constraint("uq_series_key", type_="unique")
        series.create_unique_constraint("uq_series_key", ["key", "source_id"])
    op.create_table(
        "generations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column(
            "source_id", sa.Integer, sa.ForeignKey("sources.id", name="fk_generations_source_id"), nullable=False
        ),
        sa.Column("source", Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("begins", sa.Integer, nullable=False),
        sa.Column("since", Text, nullable=False),
        sa.Column("until", Text),
        sa.Column("told", Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_generations"),
        sa.UniqueConstraint("source_id", name="uq_generations_source_id"),
    )
