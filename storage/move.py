"""Moving a ledger to another database: every row, in one transaction, and its digests computed again before it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from model import LedgerError, UsageError
from storage import schema
from storage.database import open_engine, shown
from storage.driver.schemas import tables, writer
from storage.proof.checkpoint import Checkpoint
from storage.proof.verify import accepted, chains, heads

ROWS_AT_ONCE = 2_000

MoveProgress = Callable[[int, int], None]


class Moved(NamedTuple):
    """What was copied: rows of all tables, updates, and the checkpoint that both ledgers now answer to."""

    rows: int
    updates: int
    checkpoint: str


def move(engine: Engine, url: str, progress: MoveProgress | None = None) -> Moved:
    """Copy a whole ledger to the empty database at `url`; the one it comes from stays as it is.

    `progress` is called with rows copied and rows in all. Nothing is left behind in the new database when it fails.
    Raises `UsageError` when the address is none or the database there is not empty, `LedgerError` when it does not
    answer, when the ledger does not verify, or when somebody writes to it meanwhile.
    """
    return _copied(engine, url, progress, partial(_refuse_news, engine))


def copy(engine: Engine, url: str) -> Moved:
    """Copy a ledger as it stands at one moment to the empty database at `url`, whoever writes to it meanwhile.

    Raises what `move` raises, but for what is written.
    """
    return _copied(engine, url, None, lambda _: None)


def _copied(engine: Engine, url: str, progress: MoveProgress | None, at_last: Callable[[Connection], None]) -> Moved:
    target = open_engine(url)
    try:
        with engine.connect() as old, writer(target).begin() as new:
            _refuse_what_is_there(new, shown(url))
            total = sum(_count(old, table) for table in tables(old))
            rows = _copy(old, new, lambda done: progress(done, total) if progress else None)
            _go_on_counting(new)
            kept = _prove(old, new)
            at_last(old)
            return Moved(rows, sum(head.number for head in kept.heads), kept.line())
    finally:
        target.dispose()


def _refuse_what_is_there(new: Connection, name: str) -> None:
    if any(_count(new, table) for table in schema.metadata.sorted_tables):
        raise UsageError(f"{name} holds a ledger already", "name an empty database")


def _count(connection: Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _copy(old: Connection, new: Connection, told: Callable[[int], None]) -> int:
    done = 0
    for table in tables(old):
        for batch in _batches(old, table):
            new.execute(sa.insert(table), batch)
            done += len(batch)
            told(done)
    return done


def _batches(connection: Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    query = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS_AT_ONCE)
    for part in connection.execute(query).mappings().partitions():
        yield [dict(row) for row in part]


def _go_on_counting(new: Connection) -> None:
    """PostgreSQL's sequences know nothing of ids that were given; let them go on after the largest."""
    if new.dialect.name != "postgresql":
        return
    for table in schema.metadata.sorted_tables:
        if table.autoincrement_column is not None and table.autoincrement_column.name == "id":
            sequence = sa.func.pg_get_serial_sequence(table.name, "id")
            largest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
            new.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(largest, 1), largest.is_not(None))))


def _prove(old: Connection, new: Connection) -> Checkpoint:
    """The copy must verify by itself and end where the ledger it comes from ends."""
    for problem in chains(new):
        raise LedgerError(f"the ledger does not verify, so it was not moved: {problem}", "run tallybook verify")
    for problem in accepted(new):
        raise LedgerError(f"the ledger does not verify, so it was not moved: {problem}", "run tallybook verify")
    kept = Checkpoint(heads(new))
    if kept.heads != heads(old):
        raise LedgerError("the copy does not end where the ledger ends, so it was not moved")
    return kept


def _refuse_news(engine: Engine, old: Connection) -> None:
    """What is written while the copy is made would be lost."""
    newest = sa.select(sa.func.count(), sa.func.max(schema.fetches.c.id))
    updates = sa.select(sa.func.max(schema.updates.c.id))
    with engine.connect() as now:
        if any(old.execute(query).all() != now.execute(query).all() for query in (newest, updates)):
            raise LedgerError("the ledger was written to meanwhile", "stop the refreshing, then move again")
