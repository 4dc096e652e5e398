"""Seals: one digest over all rows of a table that no update's digest covers, brought up to date with each row.

A seal is the sum of its rows' SHA-256 modulo 2^256, beside their number: it needs no order, so that a row can be added,
changed or taken out by whoever writes, and it does not agree any more when anyone else does. Rows of fetches and
of releases that changed nothing have a seal a source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import schema
from storage.driver.rows import insert_one, insert_rows, raw, run
from storage.driver.schemas import there

SEALED = (
    schema.sources, schema.generations, schema.snapshots, schema.pictures, schema.redactions, schema.definitions,
    schema.print_texts, schema.markers,
)  # fmt: skip
"""Tables with one seal over all their rows."""

BY_SOURCE = (schema.fetches, schema.attempt_days, schema.quiet_releases)
"""Tables with a seal for the rows of each source."""

_MODULUS = 2**256
_READ = "SELECT row_count, digest FROM seals WHERE scope = :scope"
_MOVE = "UPDATE seals SET row_count = :rows, digest = :digest WHERE scope = :scope"


def scope_of(table: sa.Table, row: Any) -> str:
    """Which seal covers a row."""
    return f"{table.name}/{row['source_id']}" if table in BY_SOURCE else table.name


def insert(connection: Connection, table: sa.Table, values: dict[str, Any]) -> int:
    """Insert a row under its seal and return its id."""
    row = dict.fromkeys(table.columns.keys()) | values
    if "id" in table.columns:
        row["id"] = insert_one(connection, table, values)
    else:
        insert_rows(connection, table, [values])
    move(connection, scope_of(table, row), add=[digest_row(table, row)])
    return int(row.get("id") or 0)


def update(connection: Connection, table: sa.Table, row_id: int, values: dict[str, Any]) -> None:
    """Change a row under its seal."""
    old = connection.execute(sa.select(table).where(table.c.id == row_id)).mappings().one()
    connection.execute(sa.update(table).where(table.c.id == row_id).values(values))
    fresh = {**old, **values}
    move(connection, scope_of(table, fresh), add=[digest_row(table, fresh)], take=[digest_row(table, old)])


def delete(connection: Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> None:
    """Take rows out, under their seals where the table has any."""
    gone: dict[str, list[int]] = {}
    if table in (*SEALED, *BY_SOURCE):
        for row in connection.execute(sa.select(table).where(condition)).mappings():
            gone.setdefault(scope_of(table, row), []).append(digest_row(table, row))
    connection.execute(sa.delete(table).where(condition))
    for scope, digests in gone.items():
        move(connection, scope, take=digests)


def digest_row(table: sa.Table, row: Any) -> int:
    """A row's digest as a number: all its columns in their order."""
    stated = msgspec.json.encode([str(table.name), *(row[column.name] for column in table.columns)])
    return int.from_bytes(hashlib.sha256(stated).digest())


def move(connection: Connection, scope: str, *, add: Sequence[int] = (), take: Sequence[int] = ()) -> None:
    """Bring a seal up to rows that were added and taken out."""
    found = raw(connection, _READ, {"scope": scope})
    rows, digest = (found[0][0], int(found[0][1], 16)) if found else (0, 0)
    rows, digest = rows + len(add) - len(take), (digest + sum(add) - sum(take)) % _MODULUS
    values = {"scope": scope, "rows": rows, "digest": f"{digest:064x}"}
    if found:
        run(connection, _MOVE, values)
    else:
        connection.execute(sa.insert(schema.seals), values | {"row_count": rows})


def reseal(connection: Connection) -> None:
    """Seal everything as it stands, as a migration does with rows that have no seal yet."""
    connection.execute(sa.delete(schema.seals))
    for scope, digests in _stored(connection):
        move(connection, scope, add=digests)


def broken(connection: Connection) -> Iterator[str]:
    """Yield a sentence for every seal that does not agree with its rows."""
    kept = {row.scope: (row.row_count, row.digest) for row in connection.execute(sa.select(schema.seals))}
    for scope, digests in _stored(connection):
        rows, digest = kept.pop(scope, (0, "0" * 64))
        found = f"{sum(digests) % _MODULUS:064x}"
        if len(digests) != rows:
            yield f"{scope}: it has {len(digests)} rows, and {rows} were written"
        elif found != digest:
            yield f"{scope}: a row was altered after it was written"
    for scope, (rows, _digest) in kept.items():
        if rows:
            yield f"{scope}: its {rows} rows are missing"


def _stored(connection: Connection) -> Iterator[tuple[str, list[int]]]:
    for table in there(connection, SEALED):
        rows = connection.execute(sa.select(table).execution_options(yield_per=10_000)).mappings()
        yield table.name, [digest_row(table, row) for row in rows]
    for table in BY_SOURCE:
        query = sa.select(table).order_by(table.c.source_id).execution_options(yield_per=10_000)
        scope, digests = "", list[int]()
        for row in connection.execute(query).mappings():
            if (mine := scope_of(table, row)) != scope and scope:
                yield scope, digests
                digests = []
            scope = mine
            digests.append(digest_row(table, row))
        if scope:
            yield scope, digests


_ONE = {"sources": "source", "series": "series", "updates": "update", "snapshots": "snapshot"}


def orphans(connection: Connection, tables: Iterable[sa.Table]) -> Iterator[str]:
    """Yield a sentence for every table with rows that name what is not there."""
    for table in tables:
        for column in table.columns:
            for key in column.foreign_keys:
                there = sa.exists().where(key.column == column)
                lost = sa.select(sa.func.count()).select_from(table).where(column.is_not(None), ~there)
                if count := connection.execute(lost).scalar():
                    yield f"{table.name}: {count} rows belong to no {_ONE[key.column.table.name]}"
