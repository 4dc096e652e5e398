"""What things are called in the ledger, and their ids there."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Instant, UsageError
from storage import schema
from storage.generations.naming import generation_at, in_force, series_keyed, update_named


def source_id(connection: Connection, key: str, recorded_by: Instant | None = None) -> int:
    """A source's id in the ledger, in the generation that was in force at a time of our clock, or is now.

    Raises `UsageError` when nothing was recorded of it.
    """
    sources = schema.sources
    query = sa.select(sources.c.id).where(sources.c.key == key)
    found = connection.execute(generation_at(key, recorded_by) if recorded_by is not None else query).scalar()
    if found is None:
        every = sa.select(sources.c.key).where(in_force(sources.c.id)).order_by(sources.c.key)
        known = connection.execute(every).scalars().all()
        hint = f"recorded are {', '.join(known[:12])}" if known else "nothing is recorded yet: run tallybook refresh"
        raise UsageError(f"the ledger has nothing of a source {key!r}", hint)
    return int(found)


def update_id(connection: Connection, name: str) -> int:
    """An update's id by its name. Raises `UsageError` when there is none."""
    key, _, digits = name.rpartition("/")
    number = int(digits) if digits.isdecimal() and len(digits) < 10 else -1
    found = connection.execute(sa.select(schema.updates.c.id).where(update_named(key, number))).scalar()
    if found is None:
        raise UsageError(f"there is no update {name!r}", "an update is named like mediazona/42; see tallybook log")
    return int(found)


def series_id_of(connection: Connection, key: str) -> int:
    """A series' id by its key. Raises `UsageError` when there is none, naming near ones."""
    found = connection.execute(sa.select(schema.series.c.id).where(series_keyed(key))).scalar()
    if found is None:
        import difflib

        every = sa.select(schema.series.c.key).where(in_force(schema.series.c.source_id))
        keys = connection.execute(every).scalars().all()
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
