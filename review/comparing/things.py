"""What is counted at all: things by whom or what, those that several sources count first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from storage import CountedThing

SHARED, OF_ONE = 200, 40
"""So many things are listed that several sources count, and so many of each source that nobody else does."""


class Thing(NamedTuple):
    """Something that is counted: as which measures, by which sources, in how many series."""

    whom: str
    measures: tuple[str, ...]
    sources: tuple[str, ...]
    series: int


class CountedThings(NamedTuple):
    """All that is counted: what several sources count, and by source what it alone does; `more` were left off."""

    shared: list[Thing]
    alone: list[tuple[str, list[Thing], int]]
    more: int


def things(found: Sequence[CountedThing]) -> CountedThings:
    """The things of a ledger (its rows come sorted), those first that most sources count."""
    every = [_thing(whom, list(rows)) for whom, rows in groupby(found, key=lambda one: one.whom) if whom]
    shared = sorted((one for one in every if len(one.sources) > 1), key=lambda one: (-len(one.sources), one.whom))
    alone: dict[str, list[Thing]] = {}
    for one in every:
        if len(one.sources) == 1:
            alone.setdefault(one.sources[0], []).append(one)
    cut = [(source, of[:OF_ONE], max(0, len(of) - OF_ONE)) for source, of in sorted(alone.items())]
    return CountedThings(shared[:SHARED], cut, max(0, len(shared) - SHARED))


def measures_of(found: Sequence[CountedThing], whom: str) -> list[str]:
    """The measures of one thing (of all where none is named), those that most sources state first."""
    of = [one for one in found if whom in ("", one.whom)]
    return sorted({one.measure for one in of}, key=lambda name: (-sum(one.measure == name for one in of), name))


def _thing(whom: str, rows: Sequence[CountedThing]) -> Thing:
    measures, sources = dict.fromkeys(one.measure for one in rows), dict.fromkeys(one.source for one in rows)
    return Thing(whom, tuple(measures), tuple(sources), sum(one.series for one in rows))
