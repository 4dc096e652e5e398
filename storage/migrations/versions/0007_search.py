"""What a search looks in: numbers by their value, and words of names and quotes with the database's own index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WORDS = {"series_words": "series_id", "quote_words": "update_id"}

_VIRTUAL = (
    # The words come folded and parted by spaces (`storage.search.words`), so that the plainest tokenizer does.
    """CREATE VIRTUAL TABLE {table}_fts USING fts5(
        words, content='{table}', content_rowid='{key}', detail=none, columnsize=0, tokenize='ascii')""",
    """CREATE TRIGGER {table}_put AFTER INSERT ON {table} BEGIN
        INSERT INTO {table}_fts(rowid, words) VALUES (new.{key}, new.words); END""",
    """CREATE TRIGGER {table}_taken AFTER DELETE ON {table} BEGIN
        INSERT INTO {table}_fts({table}_fts, rowid, words) VALUES ('delete', old.{key}, old.words); END""",
    """CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN
        INSERT INTO {table}_fts({table}_fts, rowid, words) VALUES ('delete', old.{key}, old.words);
        INSERT INTO {table}_fts(rowid, words) VALUES (new.{key}, new.words); END""",
)
_INVERTED = "CREATE INDEX ix_{table}_words ON {table} USING gin (array_to_tsvector(string_to_array(words, ' ')))"


def _refer(table: str, column: str, to: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{to}.id", name=f"fk_{table}_{column}")
    return sa.Column(column, sa.Integer, key, nullable=False, autoincrement=False)


def upgrade() -> None:
    """Make the tables and the indexes of words; `storage.database` then fills them from what is recorded."""
    op.create_table(
        "numbers",
        sa.Column("number", Text, nullable=False),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("update_id", sa.Integer, nullable=False),
        sa.Column("series_id", sa.Integer, nullable=False),
        sa.Column("as_of", Text, nullable=False),
        sa.PrimaryKeyConstraint("number", "role", "update_id", "series_id", "as_of", name="pk_numbers"),
        sqlite_with_rowid=False,
    )
    for table, key in WORDS.items():
        op.create_table(
            table,
            _refer(table, key, "series" if key == "series_id" else "updates"),
            sa.Column("words", Text, nullable=False),
            sa.PrimaryKeyConstraint(key, name=f"pk_{table}"),
        )
        statements = _VIRTUAL if op.get_bind().dialect.name == "sqlite" else (_INVERTED,)
        for statement in statements:
            op.execute(statement.format(table=table, key=key))
