"""Rows as the driver takes and gives them: for what is asked or written at every release, or reads many at once.

SQLAlchemy's own road to the driver costs more than most of these statements do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from storage.driver.failures import failure_of


def raw(connection: Connection, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement with `:names` as the driver hands them over."""
    cursor = run(connection, statement, values)
    with _told(connection, statement):  # SQLite reads a row, and finds a damaged page, only when it is asked for
        return list(cursor.fetchall())


def first(connection: Connection, statement: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row of a statement with `:names`; None where it has none."""
    cursor = run(connection, statement, values)
    with _told(connection, statement):
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def run(connection: Connection, statement: str, values: Mapping[str, Any]) -> DBAPICursor:
    """Run a statement with `:names` as it stands, in the connection's transaction; its rows come as they are asked."""
    spoken = _spoken(statement) if connection.dialect.name == "postgresql" else statement
    return _execute(connection, spoken, dict(values))


def _execute(connection: Connection, statement: str, values: Any) -> DBAPICursor:
    if not connection.in_transaction():
        connection.begin()
    cursor = connection.connection.cursor()
    with _told(connection, statement):
        (cursor.executemany if isinstance(values, list) else cursor.execute)(statement, values)
    return cursor


@contextmanager
def _told(connection: Connection, statement: str) -> Iterator[None]:
    """Let errors of the driver be told as they are wherever SQLAlchemy asks."""
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise failure_of(connection, statement, error) from error


@lru_cache(maxsize=256)
def _spoken(statement: str) -> str:
    return _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))


_PARAMETER = re.compile(r"(?<!:):([a-z_][a-z_0-9]*)")


def insert_rows(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], conflict: str = "") -> None:
    """Insert rows with the same columns; `conflict` says what becomes of those that are there."""
    if rows:
        _execute(connection, _insertion(table, tuple(rows[0]), connection.dialect.name) + conflict, list(rows))


def insert_one(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> int:
    """Insert a row and return its id."""
    statement = _insertion(table, tuple(values), connection.dialect.name) + " RETURNING id"
    ((row_id,),) = _execute(connection, statement, dict(values)).fetchall()
    return int(row_id)


@cache
def _insertion(table: sa.Table, names: tuple[str, ...], dialect: str) -> str:
    places = ", ".join(f"%({name})s" if dialect == "postgresql" else f":{name}" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})'  # the names are the schema's
