"""Bringing a ledger's schema up to date: all migrations in one transaction, then what they cannot work out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import Connection, Engine

from model import LedgerError
from storage import schema
from storage.archive.blobs import Archive
from storage.driver.schemas import revision, unread, writer
from storage.private import close_to_others

UNSEALED = "0002"
"""The schema of ledgers whose fetches, sources and snapshots have no seal: they are sealed as they stand."""

UNSEARCHED = "0006"
"""The newest schema of ledgers that keep nothing for a search: it is made of what they record."""


def upgrade(engine: Engine, archive: Archive | None) -> None:
    """Run the migrations that a database lacks; begins a ledger in an empty one. Raises `LedgerError`."""
    # Two processes may open a new ledger at once: the second waits for the lock and then finds the work done.
    with writer(engine).connect() as connection, _making_tables_anew(connection), connection.begin():
        found = revision(connection)
        if found is None:
            _fit_for_a_ledger(connection)
            schema.create(connection)
        elif found != schema.HEAD:
            migrated(connection, found)
            _complete(connection, found, archive)


def migrated(connection: Connection, found: str | None) -> None:
    """Bring a schema to the newest, one migration after the other.

    Raises `LedgerError` where the one that was `found` is none of ours.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise unread(found)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _complete(connection: Connection, found: str | None, archive: Archive | None) -> None:
    """Work out what the migrations cannot, of a ledger that had this schema before."""
    if found == UNSEALED:
        from storage.proof.seals import reseal

        reseal(connection)
        if connection.dialect.name == "sqlite" and connection.engine.url.database:
            close_to_others(Path(connection.engine.url.database))
    if found is not None and found <= UNSEARCHED:
        from storage.search.index import fill, text_of

        fill(connection, lambda digest: text_of(archive, digest) if archive is not None else None)


@contextmanager
def _making_tables_anew(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table and put another in its place: no reference is looked at, and none of them changes."""
    if connection.dialect.name != "sqlite":
        yield
        return
    held = connection.connection  # outside a transaction, where alone this setting is taken
    held.cursor().execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        held.cursor().execute("PRAGMA foreign_keys=ON")


def _fit_for_a_ledger(connection: Connection) -> None:
    """Refuse a PostgreSQL database that cannot hold every language's words."""
    if connection.dialect.name == "postgresql":
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            hint = "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
            raise LedgerError(f"the database's encoding is {encoding}; a ledger needs UTF8", hint)
