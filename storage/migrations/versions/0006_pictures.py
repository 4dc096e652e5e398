"""Pictures of what a browser drew, by the content that it was drawn as."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "pictures",
        sa.Column("sha256", Text, nullable=False),
        sa.Column("picture", Text, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_pictures"),
        sqlite_with_rowid=False,
    )
