"""Rows as the driver takes and gives them: for what is written at every release, or reads many at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def raw(connection: Connection, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement with `:names` as the driver hands them over: for what reads many rows at once."""
    return list(run(connection, statement, values).cursor.fetchall())


# SQLAlchemy builds and compiles a statement anew for each engine, which costs a command more than running it.
def run(connection: Connection, statement: str, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
    """Run a statement with `:names` as it stands, for what every command or release asks."""
    spoken = _PARAMETER.sub(r"%(\1)s", statement) if connection.dialect.name == "postgresql" else statement
    return connection.exec_driver_sql(spoken, dict(values))


_PARAMETER = re.compile(r"(?<!:):([a-z_][a-z_0-9]*)")


def insert_rows(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], conflict: str = "") -> None:
    """Insert rows with the same columns; `conflict` says what becomes of those that are there."""
    if rows:
        connection.exec_driver_sql(_insertion(table, tuple(rows[0]), connection.dialect.name) + conflict, list(rows))


def insert_one(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> int:
    """Insert a row and return its id."""
    statement = _insertion(table, tuple(values), connection.dialect.name) + " RETURNING id"
    return int(connection.exec_driver_sql(statement, dict(values)).scalar_one())


@cache
def _insertion(table: sa.Table, names: tuple[str, ...], dialect: str) -> str:
    places = ", ".join(f"%({name})s" if dialect == "postgresql" else f":{name}" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})'  # the names are the schema's
