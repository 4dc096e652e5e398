"""Notes on series and days: each is a row under a seal; who takes one back adds a row that says so, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Day, Grade, Marker, MarkerKind, UsageError, now
from storage import schema
from storage.driver.schemas import there
from storage.generations.naming import series_keyed
from storage.proof import seals
from storage.read.room import LedgerReader

_M = schema.markers

MOST_SIGNS = 500
"""A note has so many signs at most."""


class NewMarker(NamedTuple):
    """A note to write down: about a series or a source, of which kind, of which days."""

    about: str
    kind: MarkerKind
    text: str
    first: Day | None = None
    last: Day | None = None
    grade: Grade | None = None


class MarkerReader(LedgerReader):
    """Questions about notes."""

    def markers(self, series: str | None = None) -> list[Marker]:
        """The notes that stand, in the order of their days, of one series where one is given."""
        with self.engine.connect() as connection:
            found = list(_standing(connection))
        mine = [one for one in found if series is None or one.is_about(series)]
        return sorted(mine, key=lambda one: (one.first or "", one.number))

    def marker_history(self, about: str) -> list[dict[str, Any]]:
        """Every row about a series or source, those that take one back too, as they were written."""
        with self.engine.connect() as connection:
            if not there(connection, [_M]):
                return []
            return [dict(row) for row in connection.execute(_rows().where(_M.c.about == about)).mappings()]


def add_marker(connection: Connection, new: NewMarker, by: str) -> int:
    """Write a note down; returns its number. Raises `UsageError` for an unknown series or source, and for no words."""
    text = " ".join(new.text.split())
    if not (text and by.strip()) or len(text) > MOST_SIGNS:
        raise UsageError(f"a note needs words, {MOST_SIGNS} signs at most, and who writes it", "say it in a sentence")
    if (new.kind == "grade") != (new.grade is not None):
        raise UsageError("a grade has a letter from A to D, and a reason", "write --grade B and why")
    if new.last is not None and (new.first is None or new.last < new.first):
        raise UsageError("the last day lies before the first", "write SERIES@FIRST..LAST")
    _require(connection, new.about)
    values = {
        "about": new.about, "kind": new.kind, "text": text, "first": new.first, "last": new.last,
        "grade": new.grade, "by": by.strip(), "at": now(), "ends": None,
    }  # fmt: skip
    return seals.insert(connection, _M, values)


def end_marker(connection: Connection, number: int, why: str, by: str) -> int:
    """Take a note back; the row stays. Raises `UsageError` where no such note stands."""
    found = next((one for one in _standing(connection) if one.number == number), None)
    if found is None:
        raise UsageError(f"no note {number} stands", "tallybook mark --list SERIES lists them")
    if not (why.strip() and by.strip()):
        raise UsageError("who takes a note back says who and why")
    values = {
        "about": found.about, "kind": found.kind, "text": " ".join(why.split())[:MOST_SIGNS], "first": None,
        "last": None, "grade": None, "by": by.strip(), "at": now(), "ends": number,
    }  # fmt: skip
    return seals.insert(connection, _M, values)


def _require(connection: Connection, about: str) -> None:
    if "/" in about:
        query = sa.select(schema.series.c.id).where(series_keyed(about))
    else:
        query = sa.select(schema.sources.c.id).where(schema.sources.c.key == about)
    if connection.execute(query).first() is None:
        raise UsageError(f"the ledger has nothing of {about!r}", "tallybook series lists what it has")


def _rows() -> sa.Select[Any]:
    return sa.select(_M).order_by(_M.c.id)


def _standing(connection: Connection) -> Sequence[Marker]:
    if not there(connection, [_M]):
        return ()
    rows = connection.execute(_rows()).mappings().all()
    ended = {row["ends"] for row in rows}
    return [_marker(row) for row in rows if row["ends"] is None and row["id"] not in ended]


def _marker(row: Any) -> Marker:
    names = ("about", "kind", "text", "by", "at", "first", "last", "grade")
    return Marker(number=row["id"], **{name: row[name] for name in names})
