"""Opening series: a label that no series has yet, and that carries a value, is given one and a key of its own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes import labels
from changes.accepted import Accepted
from model import Figure, Reading, Source
from storage import schema


def make_series(connection: Connection, source: Source, state: Accepted, reading: Reading) -> None:
    """Open a series for every label that belongs to none yet."""
    if all(map(state.refs.__contains__, map(itemgetter(0), reading.cells))):
        return
    refs = {cell[0] for cell in reading.cells}
    fresh = state.resolve(refs, labels.identity_of(source))
    first: dict[str, tuple[str, int]] = {}
    for ref, _as_of, content, handle in reading.cells:
        if ref not in state.refs and (ref not in first or (content and not first[ref][0])):
            first[ref] = (content, handle)
    open_series(connection, source, state, [(same[0], reading.figure(first[same[0]][1])) for same in fresh.values()])
    for same in fresh.values():
        state.refs.update(dict.fromkeys(same, state.refs[same[0]]))


def open_series(connection: Connection, source: Source, state: Accepted, opened: Sequence[tuple[str, Figure]]) -> None:
    """Give labels a series each, with what its first figure says of it."""
    identity, taken = labels.identity_of(source), set(state.keys.values())
    rows: list[dict[str, Any]] = []
    for ref, figure in opened:
        key = _free_key(f"{source.id}/{labels.name(identity(ref))}", taken)
        taken.add(key)
        rows.append(
            {
                "source_id": state.source_id,
                "key": key,
                "ref": ref,
                "measure": figure.measure,
                "kind": figure.kind,
                "unit": figure.unit,
                "whom": figure.whom,
                "category": figure.category,
                "attributed_to": msgspec.json.encode(figure.attributed_to).decode(),
            }
        )
    if rows:
        table = schema.series
        statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        for made, row in zip(connection.execute(statement, rows).scalars(), rows, strict=True):
            state.add_series(made, row["key"], row["ref"], row["measure"], row["kind"])


_UNSHOWN = """
    source_id = :source AND id > :before AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.series_id = series.id)
    AND NOT EXISTS (SELECT 1 FROM stated t WHERE t.series_id = series.id OR t.base_series_id = series.id)
"""
_FIND_UNSHOWN = sa.text(f"SELECT id FROM series WHERE {_UNSHOWN} LIMIT 1")
_DROP_UNSHOWN = sa.text(f"DELETE FROM series WHERE {_UNSHOWN}")


def drop_unshown(connection: Connection, source_id: int, before: int) -> bool:
    """Take back series above the id `before` that no version shows: a cell that is no number makes none.

    Returns whether there were any; what was loaded of the source is no longer so then.
    """
    place = {"source": source_id, "before": before}
    if connection.execute(_FIND_UNSHOWN, place).first() is None:
        return False
    connection.execute(_DROP_UNSHOWN, place)
    return True


def _free_key(key: str, taken: set[str]) -> str:
    numbered = (f"{key}-{number}" for number in itertools.count(2))
    return next(one for one in itertools.chain((key,), numbered) if one not in taken)
