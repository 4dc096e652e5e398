"""Opening series: a label that no series has yet, and that carries a value, is given one and a key of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes import labels
from changes.accepted import Accepted
from model import Figure, Reading, Source
from storage import schema


def make_series(connection: Connection, source: Source, state: Accepted, reading: Reading) -> None:
    """Open a series for every label that belongs to none yet and carries a value."""
    refs = {cell[0] for cell in reading.cells}
    if refs <= state.refs.keys():
        return
    fresh = state.resolve(refs)
    first: dict[str, tuple[str, int]] = {}
    for ref, _as_of, content, handle in reading.cells:
        if ref in fresh and (ref not in first or (content and not first[ref][0])):
            first[ref] = (content, handle)
    alike = Counter(labels.loose(ref) for ref in fresh)
    opened = []
    for ref in sorted(fresh):
        if labels.strict(ref) in state.by_strict:
            state.refs[ref] = state.by_strict[labels.strict(ref)]
            continue
        # Known under a number of no row until all rows are inserted at once: labels of one release may be the same.
        state.by_strict[labels.strict(ref)] = _UNBORN
        opened.append((ref, reading.figure(first[ref][1]), alike[labels.loose(ref)] > 1))
    open_series(connection, source, state, opened)
    state.read_labels()
    for ref in fresh:
        state.refs[ref] = state.by_strict[labels.strict(ref)]


_UNBORN = 0


def open_series(
    connection: Connection, source: Source, state: Accepted, opened: Sequence[tuple[str, Figure, bool]]
) -> None:
    """Give labels a series each, with what its first figure says of it; a flag keeps a label's digits in the key."""
    taken = set(state.keys.values())
    rows: list[dict[str, Any]] = []
    for ref, figure, digits in opened:
        key = _free_key(source, taken, ref, digits=digits)
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


def _free_key(source: Source, taken: set[str], ref: str, *, digits: bool) -> str:
    for candidate in (labels.name(ref, digits=digits), labels.name(ref, digits=True)):
        if f"{source.id}/{candidate}" not in taken:
            return f"{source.id}/{candidate}"
    number = 2
    while f"{source.id}/{candidate}-{number}" in taken:
        number += 1
    return f"{source.id}/{candidate}-{number}"
