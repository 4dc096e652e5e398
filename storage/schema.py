"""The tables of the ledger: one schema for SQLite and PostgreSQL, grown only through the migrations beside it.

`updates` and all that hang on them are never changed or deleted. A release that says nothing else than the one before
makes none: it is a row of `quiet_releases`, with the newest update when it was read. An update's `groups` are stored
where it has too many changes to sum them up when it is told. Its `horizon` is the newest as-of that was accepted up to
it (of a replay or a decision: by it alone), at which a search for what was known then begins. `current` is an index of
what is accepted now; it follows from `versions` and is rebuilt from them by `verify`. What no update's digest covers is
covered by `seals` (see `proof.seals`). Contents are canonical text
(`model.write_content`); quotes are not stored twice: a version names its place in the archived text. `pictures` names
how a browser drew a content (both by their SHA-256); where there is one, the digests of the content's updates cover it.
`numbers`, `series_words` and `quote_words` are what a search looks in: like `current` they follow from the other tables
and from the archived texts (see `search.index`), and the databases keep their own index of the words beside them.
`numbers` lies in the order of the numbers and refers to nothing: to take one update out would else read it whole.
`rule_states` says what the rules of a source remember (`changes.rules`), `rule_events` what is to be told to whom; who
is told by which name, never by which address. Neither proves anything, and nothing refers to them.
A source that was derived again (see `storage.generations`) has a row of `sources` for each generation, with updates,
series and fetches of its own; the one in force bears the source's key. `generations` says when each was in force.
`definitions` has every text of a source's definition, in force for updates after `after_update`
(see `generations.definitions`). `markers` has what people note of series and days: rows that are added alone.
`print_articles` are articles of our own that are watched, `print_texts` every text that they had, `print_numbers` the
numbers in these that are a series' values, `print_findings` which of them are true no longer (see `printed.book`).
"""

from __future__ import annotations

import sqlalchemy as sa

HEAD = "0016"
"""The newest migration, which `tallybook migrate` brings a ledger to."""

PREVIOUS = "0015"
"""The schema before, which is read as it is: a migration adds first, and takes away a release later."""

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that compares and sorts by code point on every database, whatever language the server speaks."""

LATE = sa.text("why <> 'source'")
"""Replays and decisions: they are known as early as the release that they speak of, and recorded later."""

HELD = sa.text("held = 1")
"""The few versions that waited for a person when they were recorded."""

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", Text, nullable=False, unique=True),
    sa.Column("title", Text, nullable=False),
    sa.Column("basis", Text, nullable=False),
    sa.Column("url", Text),
)

generations = sa.Table(
    "generations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("sources.id"), nullable=False, unique=True),
    sa.Column("source", Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("begins", sa.Integer, nullable=False),
    sa.Column("since", Text, nullable=False),
    sa.Column("until", Text),
    sa.Column("told", Text, nullable=False),
)

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sha256", Text, nullable=False),
    sa.Column("text_sha256", Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("media_type", Text, nullable=False),
    sa.Column("charset", Text),
    sa.UniqueConstraint("sha256", "text_sha256"),
)

pictures = sa.Table(
    "pictures",
    metadata,
    sa.Column("sha256", Text, primary_key=True),
    sa.Column("picture", Text, nullable=False),
    sqlite_with_rowid=False,
)

fetches = sa.Table(
    "fetches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("at", Text, nullable=False),
    sa.Column("url", Text),
    sa.Column("status", sa.Integer),
    sa.Column("state", Text, nullable=False),
    sa.Column("reason", Text),
    sa.Column("headers", Text),
    sa.Column("sha256", Text),
    sa.Column("snapshot_id", sa.ForeignKey("snapshots.id")),
    sa.Column("update_id", sa.ForeignKey("updates.id")),
    sa.Index("ix_fetches_source_id", "source_id", "id"),
    sa.Index("ix_fetches_at", "source_id", "at", "state"),
)

quiet_releases = sa.Table(
    "quiet_releases",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("update_id", sa.ForeignKey("updates.id"), nullable=False),
    sa.Column("snapshot_id", sa.ForeignKey("snapshots.id"), nullable=False),
    sa.Column("cause", Text, nullable=False),
    sa.Column("known_at", Text, nullable=False),
    sa.Column("published", Text),
    sa.Column("extractor", Text, nullable=False),
    sa.Column("reader_version", sa.Integer, nullable=False),
    sa.Column("options", Text, nullable=False),
    sa.Column("shape", Text),
    sa.Index("ix_quiet_releases_source_id", "source_id", "id"),
)

definitions = sa.Table(
    "definitions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source", Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("since", Text, nullable=False),
    sa.Column("after_update", sa.Integer, nullable=False),
    sa.Column("digest", Text, nullable=False),
    sa.Column("by", Text, nullable=False),
    sa.Column("why", Text, nullable=False),
    sa.Column("text", Text, nullable=False),
    sa.UniqueConstraint("source", "number"),
)

markers = sa.Table(
    "markers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("about", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("text", Text, nullable=False),
    sa.Column("first", Text),
    sa.Column("last", Text),
    sa.Column("grade", Text),
    sa.Column("by", Text, nullable=False),
    sa.Column("at", Text, nullable=False),
    sa.Column("ends", sa.Integer),
)

series = sa.Table(
    "series",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("key", Text, nullable=False),
    sa.Column("ref", Text, nullable=False),
    sa.Column("measure", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("unit", Text, nullable=False),
    sa.Column("whom", Text),
    sa.Column("category", Text),
    sa.Column("attributed_to", Text, nullable=False),
    sa.UniqueConstraint("key", "source_id"),
    sa.Index("ix_series_source_id", "source_id"),
)

updates = sa.Table(
    "updates",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("cause", Text, nullable=False),
    sa.Column("why", Text, nullable=False),
    sa.Column("known_at", Text, nullable=False),
    sa.Column("recorded_at", Text, nullable=False),
    sa.Column("published", Text),
    sa.Column("snapshot_id", sa.ForeignKey("snapshots.id")),
    sa.Column("extractor", Text),
    sa.Column("reader_version", sa.Integer),
    sa.Column("options", Text),
    sa.Column("changes", sa.Integer, nullable=False),
    sa.Column("echoes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("groups", Text),
    sa.Column("horizon", Text, nullable=False, server_default=""),
    sa.Column("content_digest", Text, nullable=False),
    sa.Column("chain_digest", Text, nullable=False),
    sa.UniqueConstraint("source_id", "number"),
    sa.Index("ix_updates_known_at", "source_id", "known_at", "number"),
    sa.Index("ix_updates_late", "source_id", sqlite_where=LATE, postgresql_where=LATE),
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
    sa.Column("as_of", Text, primary_key=True),
    sa.Column("update_id", sa.Integer, sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("kind", Text, nullable=False),
    sa.Column("content", Text),
    sa.Column("held", sa.Integer, nullable=False, server_default="0"),
    sa.Column("base_as_of", Text),
    sa.Column("base_update_id", sa.Integer),
    sa.Column("start", sa.Integer),
    sa.Column("end", sa.Integer),
    sa.Column("quote_start", sa.Integer),
    sa.Column("quote_end", sa.Integer),
    sa.Column("detail", Text),
    sa.Index("ix_versions_update_id", "update_id", "kind"),
    sa.Index("ix_versions_held", "held", sqlite_where=HELD, postgresql_where=HELD),
    sqlite_with_rowid=False,
)

current = sa.Table(
    "current",
    metadata,
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
    sa.Column("as_of", Text, primary_key=True),
    sa.Column("update_id", sa.Integer, sa.ForeignKey("updates.id"), nullable=False),
    sa.Column("content", Text, nullable=False),
    sa.Column("withdrawn", sa.Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)

checks = sa.Table(
    "checks",
    metadata,
    sa.Column("update_id", sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", Text, nullable=False),
    sa.Column("result", Text, nullable=False),
    sa.Column("message", Text, nullable=False),
    sa.Column("series", Text),
    sa.Column("as_of", Text),
    sqlite_with_rowid=False,
)

stated = sa.Table(
    "stated",
    metadata,
    sa.Column("update_id", sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("series_id", sa.ForeignKey("series.id"), primary_key=True),
    sa.Column("as_of", Text, primary_key=True),
    sa.Column("content", Text, nullable=False),
    sa.Column("verdict", Text, nullable=False),
    sa.Column("base_series_id", sa.Integer),
    sa.Column("base_as_of", Text),
    sa.Column("base_update_id", sa.Integer),
    sa.Column("versions_back", sa.Integer),
    sa.Column("implied", Text),
    sa.Column("computed", Text),
    sa.Column("start", sa.Integer),
    sa.Column("end", sa.Integer),
    sa.Column("quote_start", sa.Integer),
    sa.Column("quote_end", sa.Integer),
    sqlite_with_rowid=False,
)

settlements = sa.Table(
    "settlements",
    metadata,
    sa.Column("update_id", sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("target_id", sa.Integer, sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("series_id", sa.Integer, primary_key=True),
    sa.Column("as_of", Text, primary_key=True),
    sa.Column("action", Text, nullable=False),
    sa.Column("who", Text, nullable=False),
    sa.Column("why", Text, nullable=False),
    sa.Index("ix_settlements_target_id", "target_id", "series_id", "as_of"),
    sqlite_with_rowid=False,
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("source_id", sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("episode", Text, primary_key=True),
    sa.Column("at", Text, nullable=False),
    sqlite_with_rowid=False,
)

rule_states = sa.Table(
    "rule_states",
    metadata,
    sa.Column("source_id", sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("kept", Text, nullable=False),
    sqlite_with_rowid=False,
)

rule_events = sa.Table(
    "rule_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("rule", Text, nullable=False),
    sa.Column("episode", Text, nullable=False),
    sa.Column("phase", Text, nullable=False),
    sa.Column("address", Text, nullable=False),
    sa.Column("series", Text, nullable=False),
    sa.Column("update_name", Text, nullable=False),
    sa.Column("at", Text, nullable=False),
    sa.Column("told", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("state_at", Text, nullable=False),
    sa.UniqueConstraint("source_id", "rule", "episode", "phase", "address"),
    sa.Index("ix_rule_events_state", "state"),
)

print_articles = sa.Table(
    "print_articles",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("address", Text, nullable=False, unique=True),
    *(
        sa.Column(name, Text, nullable=False)
        for name in (
            *("kind", "language", "printed_on", "added_at", "read_at", "sha256", "text_sha256", "wrong"),
            *("listed_by", "newest", "private", "removed_at"),
        )
    ),
)

print_texts = sa.Table(
    "print_texts",
    metadata,
    sa.Column("article_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text_sha256", Text, primary_key=True),
    *(sa.Column(name, Text, nullable=False) for name in ("sha256", "read_at", "printed_on")),
    sqlite_with_rowid=False,
)

print_numbers = sa.Table(
    "print_numbers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.Integer, nullable=False),
    sa.Column("text_sha256", Text, nullable=False),
    sa.Column("start_at", sa.Integer, nullable=False),
    sa.Column("end_at", sa.Integer, nullable=False),
    *(
        sa.Column(name, Text, nullable=False)
        for name in ("number_text", "quote", "series", "update_name", "as_of", "content", "printed")
    ),
    sa.Column("dated", sa.Integer, nullable=False),
    sa.Column("after", sa.Integer, nullable=False),
    sa.Index("ix_print_numbers_series", "series"),
)

print_findings = sa.Table(
    "print_findings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("number_id", sa.Integer, nullable=False),
    *(sa.Column(name, Text, nullable=False) for name in ("kind", "update_name", "series", "as_of", "at", "line")),
    sa.UniqueConstraint("number_id", "kind", "update_name"),
)

shapes = sa.Table(
    "shapes",
    metadata,
    sa.Column("source_id", sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("update_id", sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("held", sa.Integer, nullable=False),
    sa.Column("shape", Text, nullable=False),
    sqlite_with_rowid=False,
)

unfollowed = sa.Table(
    "unfollowed",
    metadata,
    sa.Column("update_id", sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("why", Text, nullable=False),
    sa.Column("figure", Text, nullable=False),
    sqlite_with_rowid=False,
)

attempt_days = sa.Table(
    "attempt_days",
    metadata,
    sa.Column("source_id", sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("day", Text, primary_key=True),
    sa.Column("state", Text, primary_key=True),
    sa.Column("status", sa.Integer, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("reason", Text),
    sqlite_with_rowid=False,
)

redactions = sa.Table(
    "redactions",
    metadata,
    sa.Column("update_id", sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("digest", Text, nullable=False),
    sa.Column("by", Text, nullable=False),
    sa.Column("why", Text, nullable=False),
    sa.Column("at", Text, nullable=False),
    sqlite_with_rowid=False,
)

seals = sa.Table(
    "seals",
    metadata,
    sa.Column("scope", Text, primary_key=True),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("digest", Text, nullable=False),
    sqlite_with_rowid=False,
)

numbers = sa.Table(
    "numbers",
    metadata,
    sa.Column("number", Text, primary_key=True),
    sa.Column("role", sa.Integer, primary_key=True),
    sa.Column("update_id", sa.Integer, primary_key=True),
    sa.Column("series_id", sa.Integer, primary_key=True),
    sa.Column("as_of", Text, primary_key=True),
    sqlite_with_rowid=False,
)

series_words = sa.Table(
    "series_words",
    metadata,
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True, autoincrement=False),
    sa.Column("words", Text, nullable=False),
)

quote_words = sa.Table(
    "quote_words",
    metadata,
    sa.Column("update_id", sa.Integer, sa.ForeignKey("updates.id"), primary_key=True, autoincrement=False),
    sa.Column("words", Text, nullable=False),
)

_revision = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic notes the newest migration."""

_WORDS_OF = {
    # The words come folded and parted by spaces (`search.words`), so that the plainest tokenizer does.
    "sqlite": (
        """CREATE VIRTUAL TABLE {table}_fts USING fts5(
            words, content='{table}', content_rowid='{key}', detail=none, columnsize=0, tokenize='ascii')""",
        """CREATE TRIGGER {table}_put AFTER INSERT ON {table} BEGIN
            INSERT INTO {table}_fts(rowid, words) VALUES (new.{key}, new.words); END""",
        """CREATE TRIGGER {table}_taken AFTER DELETE ON {table} BEGIN
            INSERT INTO {table}_fts({table}_fts, rowid, words) VALUES ('delete', old.{key}, old.words); END""",
        """CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN
            INSERT INTO {table}_fts({table}_fts, rowid, words) VALUES ('delete', old.{key}, old.words);
            INSERT INTO {table}_fts(rowid, words) VALUES (new.{key}, new.words); END""",
    ),
    "postgresql": (
        "CREATE INDEX ix_{table}_words ON {table} USING gin (array_to_tsvector(string_to_array(words, ' ')))",
    ),
}
"""How each database makes its own index of the words of a table, which no schema of both can say."""


def create(connection: sa.Connection) -> None:
    """Make all tables of an empty database at once, as the migrations would one after the other."""
    metadata.create_all(connection, checkfirst=False)
    for table in (series_words, quote_words):
        (key,) = table.primary_key.columns.keys()
        for statement in _WORDS_OF[connection.dialect.name]:
            connection.exec_driver_sql(statement.format(table=table.name, key=key))
    _revision.create(connection)
    connection.execute(_revision.insert().values(version_num=HEAD))
