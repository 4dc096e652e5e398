"""Opening the ledger's database: one engine, safe transactions, the newest schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from model import LedgerError, UsageError
from storage import schema

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON", "cache_size=-65536")


def open_engine(url: str) -> Engine:
    """Connect to a ledger and bring its schema up to date, creating an SQLite file and its folder where missing.

    Raises `UsageError` for an address that is none, `LedgerError` for a database that does not answer or that a
    newer Tallybook wrote.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise UsageError("TALLYBOOK_DATABASE_URL is no database address", "write sqlite:///path/to/file") from None
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed)
        _teach_sqlite(engine)
    else:
        engine = sa.create_engine(parsed)
    try:
        _upgrade(engine)
    except sa.exc.OperationalError as error:
        shown = parsed.render_as_string(hide_password=True)
        raise LedgerError(f"the ledger at {shown} does not open: {error.orig}") from None
    return engine


def _teach_sqlite(engine: Engine) -> None:
    # sqlite3's own transaction control begins late and only for some statements; ours begins when SQLAlchemy says so,
    # and a writer takes its lock at once instead of failing half-way (`begin_immediate` below).
    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "")
        connection.exec_driver_sql(f"BEGIN {mode}".strip())


def writer(engine: Engine) -> Engine:
    """The same engine, whose transactions take the write lock when they begin."""
    return engine.execution_options(sqlite_begin="IMMEDIATE")


def _upgrade(engine: Engine) -> None:
    if _revision(engine) == schema.HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    # Two processes may open a new ledger at once: the second waits for the lock and then finds the work done.
    with writer(engine).begin() as connection:
        found = _read_revision(connection)
        if found is not None and found not in known:
            raise LedgerError(f"the ledger has schema {found}, which this Tallybook does not know", "upgrade Tallybook")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return _read_revision(connection)


def _read_revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
