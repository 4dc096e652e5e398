"""Which schema a ledger has, and who may write to it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from model import LedgerError
from storage import schema

BEFORE_RELEASE = "0001"
"""The schema of ledgers that were made before the first release; its digests cover less, so none is carried over."""


def writer(engine: Engine) -> Engine:
    """The same engine, whose transactions take the ledger's write lock when they begin and wait for it."""
    if engine.dialect.name == "postgresql":
        # A statement that runs after the lock was waited for must see what the writer before has committed.
        return engine.execution_options(takes_writer_lock=True, isolation_level="READ COMMITTED")
    return engine.execution_options(takes_writer_lock=True)


def require_newest(engine: Engine) -> None:
    """Refuse to write to a ledger whose schema is not the newest. Raises `LedgerError`."""
    with engine.connect() as connection:
        found = revision(connection)
    if found != schema.HEAD:
        raise unread(found)


def unread(found: str | None) -> LedgerError:
    """What is said of a ledger that this version cannot write to, or not read at all."""
    if found is not None and BEFORE_RELEASE < found < schema.HEAD:
        return LedgerError(
            f"the ledger has schema {found}, and this Tallybook writes {schema.HEAD}",
            "make a backup, stop what writes to it, then run tallybook migrate",
        )
    hint = "record it anew with backfill" if found == BEFORE_RELEASE else "upgrade Tallybook"
    return LedgerError(f"the ledger has schema {found}, which this Tallybook does not know", hint)


_HAS_REVISION = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'",
    "postgresql": "SELECT to_regclass('alembic_version')",
}


def revision(connection: Connection) -> str | None:
    """The schema that a database says it has; None where it holds no ledger."""
    if connection.exec_driver_sql(_HAS_REVISION[connection.dialect.name]).scalar() is None:
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def tables(connection: Connection) -> list[sa.Table]:
    """The tables of a ledger, in the order of their references; one of the schema before lacks what came since."""
    return there(connection, schema.metadata.sorted_tables)


def there(connection: Connection, wanted: Sequence[sa.Table]) -> list[sa.Table]:
    """Those of some tables that a ledger has."""
    if revision(connection) == schema.HEAD:
        return list(wanted)
    names = set(sa.inspect(connection).get_table_names())
    return [table for table in wanted if table.name in names]
