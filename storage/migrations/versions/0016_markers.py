"""Notes on series and days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "markers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("about", Text, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("text", Text, nullable=False),
        sa.Column("first", Text),
        sa.Column("last", Text),
        sa.Column("grade", Text),
        sa.Column("by", Text, nullable=False),
        sa.Column("at", Text, nullable=False),
        sa.Column("ends", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_markers"),
    )
