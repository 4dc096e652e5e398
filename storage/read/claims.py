"""Claims side by side: the newest figures of one measure, whoever states them."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes.mirrors import LARGE, Mirror, Stating, mirrors
from model import Day, Instant, Observation, read_content
from storage import schema
from storage.generations.naming import in_force
from storage.read.figures import moments_of, observation, with_texts
from storage.read.marked import marked
from storage.read.queries import (
    FIRST_NOW,
    MOMENTS,
    NEWEST_NOW,
    WHERE_THEN,
    V,
    literal,
    observations_query,
    picked,
    table_query,
)
from storage.read.room import LedgerReader

_S, _U, _V, _C = schema.series, schema.updates, schema.versions, schema.current


class NewestClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A series' newest accepted figure, who carries it and how they count (`basis`); `first` is its earliest as-of."""

    observation: Observation
    source: str
    title: str
    basis: str
    first: Day | None = None


class ClaimsWanted(NamedTuple):
    """Which claims are asked for: of a measure, of whom or what, by words, with subgroups, as known at a time."""

    measure: str = ""
    whom: str = ""
    words: str = ""
    subgroups: bool = False
    known_at: Instant | None = None


class CountedThing(NamedTuple):
    """What a source counts: of whom or what, as which measure, in how many series, how many of them no subgroup."""

    whom: str
    measure: str
    source: str
    series: int
    whole: int


class ClaimsReader(LedgerReader):
    """Questions about what several sources state of one measure."""

    def claims(self, wanted: ClaimsWanted, *, after: str = "", limit: int = 60) -> tuple[list[NewestClaim], str]:
        """The newest accepted figure of each of at most `limit` series that are wanted, by key, those after one.

        With it the key after which there are more; empty where there are none.
        """
        with self.engine.connect() as connection:
            conditions = (*_conditions(wanted), _S.c.key > after)
            query = sa.select(_S.c.id, _S.c.key).where(*conditions).order_by(_S.c.key).limit(limit + 1)
            found = connection.execute(query).all()
            more = found[limit - 1].key if len(found) > limit else ""
            ids = [row.id for row in found[:limit]]
            newest = _newest(connection, ids, wanted.known_at)
            first = _first(connection, ids) if wanted.known_at is None else {}
            facts = _facts_of_sources(connection)
            breaks = marked(connection, known_at=wanted.known_at)
            claims = [
                NewestClaim(
                    observation=observation(self.texts, row, breaks),
                    source=row["source"],
                    title=facts[row["source"]][0],
                    basis=facts[row["source"]][1],
                    first=first.get(row["series_id"]),
                )
                for row in with_texts(self.texts, newest, "")
            ]
            return claims, more

    def counted_things(self, words: str = "") -> list[CountedThing]:
        """What is counted, by whom or what, measure and source; of a series that names none, by its measure alone."""
        whom, whole = sa.func.coalesce(_S.c.whom, ""), sa.func.sum(sa.case((_S.c.category.is_(None), 1), else_=0))
        query = (
            sa.select(whom, _S.c.measure, schema.sources.c.key, sa.func.count(), whole)
            .join_from(_S, schema.sources)
            .where(in_force(_S.c.source_id), *_with_words(words))
            .group_by(whom, _S.c.measure, schema.sources.c.key)
        )
        with self.engine.connect() as connection:
            return sorted(CountedThing(*row) for row in connection.execute(query))

    def mirrors(self) -> list[Mirror]:
        """Pairs of series that state the same numbers and may be one witness, the likeliest first."""
        counts = sa.and_(_C.c.series_id == _V.c.series_id, _C.c.as_of == _V.c.as_of)
        joined = _V.join(_S).join(_U, _U.c.id == _V.c.update_id).outerjoin(_C, counts)
        said = sa.select(_S.c.key, _V.c.as_of, _V.c.content, _U.c.known_at, _C.c.content.label("counts"))
        large = sa.func.length(_V.c.content) >= len(str(LARGE))
        with self.engine.connect() as connection:
            rows = connection.execute(said.select_from(joined).where(in_force(_S.c.source_id), large)).all()
        return mirrors(
            Stating(row.key, value, row.as_of, row.known_at, row.counts != row.content)
            for row in rows
            if (value := read_content(row.content).value) is not None
        )


def _conditions(wanted: ClaimsWanted) -> list[Any]:
    conditions: list[Any] = [in_force(_S.c.source_id), *_with_words(wanted.words)]
    if wanted.measure:
        conditions.append(_S.c.measure == wanted.measure)
    if wanted.whom:
        conditions.append(_S.c.whom == wanted.whom)
    if not wanted.subgroups:
        conditions.append(_S.c.category.is_(None))
    return conditions


def _with_words(words: str) -> list[Any]:
    """That each of the words stands in a series' key, or in what it is of."""
    told = sa.func.coalesce(_S.c.whom, "").concat(" ").concat(sa.func.coalesce(_S.c.category, "")).concat(" ")
    return [told.concat(_S.c.key).ilike(f"%{literal(word)}%", escape="\\") for word in words.split()]


def _first(connection: Connection, ids: list[int]) -> dict[int, Day]:
    """The earliest accepted as-of of each of these series."""
    return {series: Day(as_of) for series, as_of in connection.execute(FIRST_NOW, {"ids": ids}) if as_of}


def _newest(connection: Connection, ids: list[int], known_at: Instant | None) -> list[Any]:
    """The newest accepted observation of each of these series, now or as known at a time, by key."""
    if known_at is None:
        places = connection.execute(NEWEST_NOW, {"ids": ids}).all()
    else:
        moments = list(moments_of(connection, MOMENTS, known_at))
        places = [row for one in moments for row in connection.execute(WHERE_THEN, one | {"ids": ids})]
    chosen = [(series, *packed.split(" ")) for series, packed in places if packed]
    found = list(connection.execute(observations_query(V).where(picked(chosen))).mappings()) if chosen else []
    if known_at is not None and len(found) < len(chosen):
        # The newest day of some was withdrawn by then: their newest is looked for among all their days.
        there = {row["series_id"] for row in found}
        gone = [series for series, _, _ in chosen if series not in there]
        query = table_query(None, known_at, None).where(_S.c.id.in_(gone))
        found += {row["series_id"]: row for row in connection.execute(query).mappings()}.values()
    return sorted(found, key=lambda row: row["series"])


def _facts_of_sources(connection: Connection) -> dict[str, tuple[str, str]]:
    table = schema.sources
    rows = connection.execute(sa.select(table.c.key, table.c.title, table.c.basis))
    return {row.key: (row.title, row.basis) for row in rows}
