"""The tables of the ledger: one schema for SQLite and PostgreSQL, grown only through the migrations beside it.

`updates` and all that hang on them are never changed or deleted. `current` is an index of what is accepted now; it
follows from `versions` and is rebuilt from them by `verify`. Contents are canonical text (`model.write_content`);
quotes are not stored twice: a version names its place in the archived text.
"""

from __future__ import annotations

import sqlalchemy as sa

HEAD = "0001"
"""The newest migration; a database that names another is upgraded when it is opened."""

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
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
)

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("text_sha256", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("charset", sa.Text),
    sa.UniqueConstraint("sha256", "text_sha256"),
)

fetches = sa.Table(
    "fetches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("status", sa.Integer),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("headers", sa.Text),
    sa.Column("sha256", sa.Text),
    sa.Column("snapshot_id", sa.ForeignKey("snapshots.id")),
    sa.Column("update_id", sa.ForeignKey("updates.id")),
    sa.Index("ix_fetches_source_id", "source_id", "id"),
)

series = sa.Table(
    "series",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("ref", sa.Text, nullable=False),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("whom", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("attributed_to", sa.Text, nullable=False),
    sa.Index("ix_series_source_id", "source_id"),
)

updates = sa.Table(
    "updates",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("known_at", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Text, nullable=False),
    sa.Column("published", sa.Text),
    sa.Column("snapshot_id", sa.ForeignKey("snapshots.id")),
    sa.Column("extractor", sa.Text),
    sa.Column("reader_version", sa.Integer),
    sa.Column("options", sa.Text),
    sa.Column("changes", sa.Integer, nullable=False),
    sa.Column("echoes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("groups", sa.Text, nullable=False, server_default="[]"),
    sa.Column("content_digest", sa.Text, nullable=False),
    sa.Column("chain_digest", sa.Text, nullable=False),
    sa.UniqueConstraint("source_id", "number"),
    sa.Index("ix_updates_known_at", "known_at"),
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
    sa.Column("as_of", sa.Text, primary_key=True),
    sa.Column("update_id", sa.Integer, sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("content", sa.Text),
    sa.Column("held", sa.Integer, nullable=False, server_default="0"),
    sa.Column("base_as_of", sa.Text),
    sa.Column("base_update_id", sa.Integer),
    sa.Column("start", sa.Integer),
    sa.Column("end", sa.Integer),
    sa.Column("quote_start", sa.Integer),
    sa.Column("quote_end", sa.Integer),
    sa.Column("detail", sa.Text),
    sa.Index("ix_versions_update_id", "update_id"),
    sa.Index("ix_versions_held", "held", sqlite_where=sa.text("held = 1"), postgresql_where=sa.text("held = 1")),
    sqlite_with_rowid=False,
)

current = sa.Table(
    "current",
    metadata,
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
    sa.Column("as_of", sa.Text, primary_key=True),
    sa.Column("update_id", sa.Integer, sa.ForeignKey("updates.id"), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("withdrawn", sa.Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)

checks = sa.Table(
    "checks",
    metadata,
    sa.Column("update_id", sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("series", sa.Text),
    sa.Column("as_of", sa.Text),
    sqlite_with_rowid=False,
)

stated = sa.Table(
    "stated",
    metadata,
    sa.Column("update_id", sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("series_id", sa.ForeignKey("series.id"), primary_key=True),
    sa.Column("as_of", sa.Text, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("base_series_id", sa.Integer),
    sa.Column("base_as_of", sa.Text),
    sa.Column("base_update_id", sa.Integer),
    sa.Column("versions_back", sa.Integer),
    sa.Column("implied", sa.Text),
    sa.Column("computed", sa.Text),
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
    sa.Column("as_of", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Index("ix_settlements_target_id", "target_id"),
    sqlite_with_rowid=False,
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("source_id", sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("episode", sa.Text, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

unfollowed = sa.Table(
    "unfollowed",
    metadata,
    sa.Column("update_id", sa.ForeignKey("updates.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("figure", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
