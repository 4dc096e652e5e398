"""What things are called in the ledger, and their ids there."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import UsageError
from storage import schema


def source_id(connection: Connection, key: str) -> int:
    """A source's id in the ledger. Raises `UsageError` when nothing was recorded of it."""
    found = connection.execute(sa.select(schema.sources.c.id).where(schema.sources.c.key == key)).scalar()
    if found is None:
        known = connection.execute(sa.select(schema.sources.c.key).order_by(schema.sources.c.key)).scalars().all()
        hint = f"recorded are {', '.join(known[:12])}" if known else "nothing is recorded yet: run tallybook refresh"
        raise UsageError(f"the ledger has nothing of a source {key!r}", hint)
    return int(found)


def update_id(connection: Connection, name: str) -> int:
    """An update's id by its name. Raises `UsageError` when there is none."""
    key, _, digits = name.rpartition("/")
    number = int(digits) if digits.isdecimal() and len(digits) < 10 else -1
    query = (
        sa.select(schema.updates.c.id)
        .select_from(schema.updates.join(schema.sources))
        .where(
            schema.sources.c.key == key,
            schema.updates.c.number == number,
        )
    )
    found = connection.execute(query).scalar()
    if found is None:
        raise UsageError(f"there is no update {name!r}", "an update is named like mediazona/42; see tallybook log")
    return int(found)


def series_id_of(connection: Connection, key: str) -> int:
    """A series' id by its key. Raises `UsageError` when there is none, naming near ones."""
    found = connection.execute(sa.select(schema.series.c.id).where(schema.series.c.key == key)).scalar()
    if found is None:
        import difflib

        keys = connection.execute(sa.select(schema.series.c.key)).scalars().all()
        near = difflib.get_close_matches(key, keys, n=3, cutoff=0.4)
        hint = f"near: {', '.join(near)}" if near else "tallybook series lists them"
        raise UsageError(f"there is no series {key!r}", hint)
    return int(found)


def update_name(connection: Connection, update: int) -> str:
    """An update's name by its id."""
    query = (
        sa.select(schema.sources.c.key, schema.updates.c.number)
        .select_from(schema.updates.join(schema.sources))
        .where(schema.updates.c.id == update)
    )
    key, number = connection.execute(query).one()
    return f"{key}/{number}"
