"""Articles that were printed: their texts, their numbers, and what became of these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ARTICLE = (
    *("address", "kind", "language", "printed_on", "added_at", "read_at", "sha256", "text_sha256", "wrong"),
    *("listed_by", "newest", "private", "removed_at"),
)
TEXT = ("sha256", "read_at", "printed_on")
NUMBER = ("number_text", "quote", "series", "update_name", "as_of", "content", "printed")
FINDING = ("kind", "update_name", "series", "as_of", "at", "line")


def _texts(names: tuple[str, ...]) -> list[sa.Column[str]]:
    return [sa.Column(name, Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "print_articles",
        *_numbers("id"),
        *_texts(ARTICLE),
        sa.PrimaryKeyConstraint("id", name="pk_print_articles"),
        sa.UniqueConstraint("address", name="uq_print_articles_address"),
    )
    op.create_table(
        "print_texts",
        sa.Column("article_id", sa.Integer, nullable=False, autoincrement=False),
        *_texts(("text_sha256", *TEXT)),
        sa.PrimaryKeyConstraint("article_id", "text_sha256", name="pk_print_texts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "print_numbers",
        *_numbers("id", "article_id"),
        *_texts(("text_sha256",)),
        *_numbers("start_at", "end_at"),
        *_texts(NUMBER),
        *_numbers("dated", "after"),
        sa.PrimaryKeyConstraint("id", name="pk_print_numbers"),
    )
    op.create_index("ix_print_numbers_series", "print_numbers", ["series"])
    op.create_table(
        "print_findings",
        *_numbers("id", "number_id"),
        *_texts(FINDING),
        sa.PrimaryKeyConstraint("id", name="pk_print_findings"),
        sa.UniqueConstraint("number_id", "kind", "update_name", name="uq_print_findings_number_id"),
    )
