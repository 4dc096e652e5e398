"""Who has what in hand: sources, runs and hosts, over all processes and machines that share a ledger.

A turn is held by one at a time, for a lease that is renewed while its process lives; what a killed one held is free
when its lease ends, on the same machine at once. A host that is given back rests until its spacing has passed. None of
it is part of the ledger: it may be thrown away, and is in no copy of it. Beside a ledger on PostgreSQL it is a table of
the same database, whose clock counts; beside one in a file it is a small file of its own, so that no look waits for a
record.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from model import OutageError
from storage.database import open_beside
from storage.turns.processes import is_gone, this_process

TurnKind = Literal["source", "list", "run", "host"]

LEASE = 60.0
"""Seconds for which a turn is held without a sign of life."""

RENEWED = 15.0
"""Seconds between two signs of life."""

FILE = "turns.sqlite"

_METADATA = sa.MetaData()
_TURNS = sa.Table(
    "turns",
    _METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)
_NUMBERS = itertools.count(1)

_CLOCK = {
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
}
# What was written by a clock that has been set back since says nothing of now.
_HOLDS = "turns.until > {clock} AND turns.since <= {clock} + 1"
_ASK = (
    "SELECT turns.holder, turns.until - {clock} AS left FROM turns"
    f" WHERE turns.kind = :kind AND turns.name = :name AND {_HOLDS}"
)
_TAKE = (
    "INSERT INTO turns (kind, name, holder, since, until) VALUES (:kind, :name, :holder, {clock}, {clock} + :seconds)"
    " ON CONFLICT (kind, name) DO UPDATE SET holder = excluded.holder, since = excluded.since, until = excluded.until"
    f" WHERE NOT ({_HOLDS}) OR turns.holder = :gone RETURNING 1"
)
_OURS = " WHERE kind = :kind AND name = :name AND holder = :holder"
_GIVE_BACK = "UPDATE turns SET holder = '', since = {clock}, until = {clock} + :rest" + _OURS
_RENEW = "UPDATE turns SET since = {clock}, until = {clock} + :seconds" + _OURS
_FORGET = "DELETE FROM turns WHERE until <= {clock} - :seconds"
_LIVE = f"SELECT name, holder FROM turns WHERE kind = :kind AND holder <> '' AND {_HOLDS}"
_KEPT = 86400.0
"""Seconds after which what nobody took again is forgotten."""


class Turns:
    """The turns beside one ledger, taken and given back by the threads of this process.

    Opened when first asked for. Raises `OutageError` where the database does not answer.
    """

    def __init__(self, url: str, home: Path) -> None:
        self._address = (url, home / FILE)
        self._holder = f"{this_process()}|{next(_NUMBERS)}"
        self._guard = threading.Lock()
        self._engine: Engine | None = None
        self._held: set[tuple[str, str]] = set()
        self._end = threading.Event()

    def take(self, kind: TurnKind, name: str, seconds: float = LEASE, *, rest: float = 0.0) -> float:
        """Take a turn where it is free: 0 where it is ours now, else the seconds for which it is certainly not.

        What a process of this machine held that has ended is free; `rest` seconds later where that is said.
        """
        place: dict[str, Any] = {"kind": kind, "name": name}
        with self._connected() as connection:
            found = self._run(connection, _ASK, place).one_or_none()
            holder, left = (found.holder, float(found.left)) if found is not None else ("", 0.0)
            gone = holder if holder and is_gone(holder) else None
            if gone is not None and rest:
                self._run(connection, _GIVE_BACK, place | {"holder": gone, "rest": rest})
                return rest
            if left > 0 and gone is None:
                return left
            given = place | {"holder": self._holder, "seconds": seconds, "gone": gone}
            if self._run(connection, _TAKE, given).scalar() is None:
                return min(seconds, RENEWED)
        with self._guard:
            self._held.add((kind, name))
        return 0.0

    def give_back(self, kind: TurnKind, name: str, rest: float = 0.0) -> None:
        """Let go of a turn of ours, which nobody may take for so many seconds yet."""
        with self._guard:
            self._held.discard((kind, name))
        with self._connected() as connection:
            self._run(connection, _GIVE_BACK, self._ours(kind, name) | {"rest": rest})

    @contextmanager
    def of(self, kind: TurnKind, name: str, *, wait: bool = True) -> Iterator[bool]:
        """Hold a turn for a block, after waiting for it; False where it is not waited for and another has it."""
        while left := self.take(kind, name):
            if not wait:
                yield False
                return
            time.sleep(min(left, 0.2))
        try:
            yield True
        finally:
            with suppress(OutageError):  # it is free when its lease ends
                self.give_back(kind, name)

    def in_hand(self, kind: TurnKind) -> list[str]:
        """What of a kind somebody has in hand who lives, by name."""
        with self._connected() as connection:
            rows = self._run(connection, _LIVE, {"kind": kind}).all()
        return sorted(row.name for row in rows if not is_gone(row.holder))

    def close(self) -> None:
        """Let go of everything."""
        self._end.set()
        with self._guard:
            held, self._held = self._held, set()
            engine, self._engine = self._engine, None
        if engine is None:
            return
        with suppress(sa.exc.DBAPIError, OutageError):
            if held:
                with engine.connect() as connection:
                    self._run(connection, _GIVE_BACK, [self._ours(*one) | {"rest": 0.0} for one in held])
        engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._guard:
            if self._engine is None:
                self._engine = open_beside(*self._address)
                self._begin(self._engine)
                self._end = threading.Event()
                threading.Thread(target=self._renew, args=(self._end,), name="turns", daemon=True).start()
            engine = self._engine
        with engine.connect() as connection:
            yield connection

    def _begin(self, engine: Engine) -> None:
        """Make the table where it is not there; of two that do so at once one finds the work done."""
        with suppress(sa.exc.DBAPIError, OutageError):
            _METADATA.create_all(engine)
        _METADATA.create_all(engine)
        with engine.connect() as connection:
            self._run(connection, _FORGET, {"seconds": _KEPT})

    def _renew(self, end: threading.Event) -> None:
        """Give a sign of life again and again; a database that is away for a while is asked again."""
        while not end.wait(RENEWED):
            with self._guard:
                held, engine = list(self._held), self._engine
            if held and engine is not None:
                with suppress(sa.exc.DBAPIError, OutageError), engine.connect() as connection:
                    self._run(connection, _RENEW, [self._ours(*one) | {"seconds": LEASE} for one in held])

    def _ours(self, kind: str, name: str) -> dict[str, Any]:
        return {"kind": kind, "name": name, "holder": self._holder}

    @staticmethod
    def _run(
        connection: Connection, statement: str, values: dict[str, Any] | list[dict[str, Any]]
    ) -> sa.CursorResult[Any]:
        return connection.execute(_put(statement, connection.dialect.name), values)


@cache
def _put(statement: str, dialect: str) -> sa.TextClause:
    return sa.text(statement.format(clock=_CLOCK[dialect]))
