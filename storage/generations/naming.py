"""Which generation of a source is meant: the one in force, or one that was.

A source that was derived again has a row of `sources` for each of its generations. The one in force bears its key,
such as `mediazona`; those that were are `mediazona~1`, `mediazona~2`; one that is being derived is in no one's sight.
Updates are numbered on from one generation to the next, so a name such as `mediazona/42` means one update for good.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from model import Instant
from storage import schema

MARK = "~"
"""Between a source's key and the number of a generation that is not in force."""

_G, _O, _S, _U = schema.generations, schema.sources, schema.series, schema.updates


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """One generation of a source: under which name it is read, its updates' numbers, and when it was in force.

    `told` says what it came to when it was derived; the first has nothing of that.
    """

    source: str
    number: int
    first: int
    last: int
    since: Instant | None
    until: Instant | None
    told: dict[str, Any] = {}


def in_force(source_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether rows belong to a generation that is in force; of most sources there is no other."""
    return source_id.not_in(sa.select(_G.c.source_id).where(_G.c.until.is_not(None)))


def was_in_force(source_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether rows belong to a generation that is in force, or once was."""
    return source_id.not_in(sa.select(_G.c.source_id).where(_G.c.until == ""))


def in_force_at(source_id: sa.ColumnElement[int], at: Instant) -> sa.ColumnElement[bool]:
    """Whether rows belong to the generation that was in force at a time of our clock."""
    other = (_G.c.since > at) | (_G.c.until <= at)
    return source_id.not_in(sa.select(_G.c.source_id).where(other))


def generation_at(key: str, at: Instant) -> sa.Select[Any]:
    """The id of the generation of a source that was in force at a time; that of the source where none was yet."""
    mine = sa.or_(_O.c.key == key, _G.c.source == key)
    of = _O.outerjoin(_G, _G.c.source_id == _O.c.id)
    return sa.select(_O.c.id).select_from(of).where(mine, in_force_at(_O.c.id, at)).limit(1)


def update_named(source: str, number: int) -> sa.ColumnElement[bool]:
    """The update of a source with a number, in whichever of its generations it stands."""
    older = sa.select(_G.c.source_id).where(_G.c.source == source)
    mine = sa.select(_O.c.id).where(_O.c.key == source)
    among = _U.c.source_id.in_(mine) | _U.c.source_id.in_(older)
    return among & was_in_force(_U.c.source_id) & (_U.c.number == number)


def series_keyed(key: str) -> sa.ColumnElement[bool]:
    """The series with a key, in the generation that it names: `mediazona/killed`, `mediazona~1/killed`."""
    source, _, rest = key.partition("/")
    mine = sa.select(_O.c.id).where(_O.c.key == source).scalar_subquery()
    return (_S.c.key == f"{source.partition(MARK)[0]}/{rest}") & (_S.c.source_id == mine)


def generations_query(key: str) -> sa.Select[Any]:
    """The generations of a source, oldest first, with the last number of each."""
    last = sa.select(sa.func.max(_U.c.number)).where(_U.c.source_id == _G.c.source_id).scalar_subquery()
    columns = (_O.c.key, _G.c.number, _G.c.begins, last.label("last"), _G.c.since, _G.c.until, _G.c.told)
    of = _G.join(_O, _O.c.id == _G.c.source_id)
    mine = (_G.c.source == key) & was_in_force(_G.c.source_id)
    return sa.select(*columns).select_from(of).where(mine).order_by(_G.c.number)


def generation_of(row: Any) -> Generation:
    """A row of `generations_query`."""
    return Generation(
        source=row.key,
        number=row.number,
        first=row.begins + 1,
        last=row.last or row.begins,
        since=row.since or None,
        until=row.until,
        told=msgspec.json.decode(row.told) if row.told else {},
    )
