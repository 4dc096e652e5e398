"""The record of a publisher, as a ledger has it: each number with how many things it rests upon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from operator import attrgetter
from statistics import median
from typing import Literal, NamedTuple, get_args

import msgspec

from changes.news.fact import rounded
from changes.news.past import span_of
from model import Day, Instant, days_between, moment

RecordName = Literal[
    "releases",
    "gap_usual",
    "gap_within",
    "gaps_late",
    "gap_longest",
    "looks_new",
    "looks_same",
    "looks_failed",
    "lag_usual",
    "lag_within",
    "restated",
    "restated_up",
    "restated_by",
    "restated_most",
    "withdrawn",
    "final_usual",
    "final_within",
    "stated_wrong",
    "stated_missed",
    "held",
    "slips",
]
"""What is told of a publisher, in this order."""

RECORD_NAMES: tuple[RecordName, ...] = get_args(RecordName)

FEWEST = 5
"""Fewer things than this are not enough to say."""

LATE = 2
"""A release is late after so many times the usual gap."""

WATCHED = 30
"""A day's value may be called final once the day was watched for so many days."""


class RecordNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a record; None where `of`, how many things it rests upon, are not enough to say."""

    name: RecordName
    value: Decimal | None
    of: int


class PublisherRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger says of the publisher of one source, from its first release on record to its newest."""

    source: str
    first: Instant | None
    last: Instant | None
    numbers: tuple[RecordNumber, ...]


class FirstStated(NamedTuple):
    """So many values of one day that were stated first at one time, and `kept` or stated anew since.

    They are `dated` where the report says of which day they are.
    """

    as_of: Day
    known_at: Instant
    dated: bool
    kept: bool
    cells: int


class Restated(NamedTuple):
    """One value that was stated anew: of which series and day, known when, from what to what.

    What is dated and was stated first in sight is `in_sight`; else it was part of the past that came with its series.
    """

    series_id: int
    as_of: Day
    known_at: Instant
    old: str
    new: str
    in_sight: bool


class RecordRows(NamedTuple):
    """What a record is computed from; held values, echoes, our own readings and decisions are in none but `holds`.

    `holds` counts held values by what became of them last (None: open), `looks` attempts by their state, `cells` the
    values of days on record.
    """

    source: str
    releases: Sequence[Instant]
    stated_first: Sequence[FirstStated]
    restated: Sequence[Restated]
    cells: int
    withdrawn: int
    verdicts: Mapping[str, int]
    holds: Mapping[str | None, int]
    looks: Mapping[str, int]


def record_of(rows: RecordRows) -> PublisherRecord:
    """The record that rows give."""
    found: dict[RecordName, tuple[Decimal | None, int]] = {
        **_gaps(rows.releases), **_looks(rows.looks), **_lags(rows.stated_first), **_restated(rows),
        **_final(rows), **_stated(rows.verdicts), **_holds(rows),
    }  # fmt: skip
    return PublisherRecord(
        source=rows.source,
        first=rows.releases[0] if rows.releases else None,
        last=rows.releases[-1] if rows.releases else None,
        numbers=tuple(RecordNumber(name=name, value=found[name][0], of=found[name][1]) for name in RECORD_NAMES),
    )


RecordValues = dict[RecordName, tuple[Decimal | None, int]]


def _gaps(releases: Sequence[Instant]) -> RecordValues:
    gaps = sorted(Decimal(int((moment(b) - moment(a)).total_seconds())) / 86400 for a, b in pairwise(releases) if b > a)
    usual = median(gaps) if len(gaps) >= FEWEST else None
    late = sum(one > LATE * usual for one in gaps) if usual is not None else 0
    return {
        "releases": (Decimal(len(releases)), len(releases)),
        "gap_usual": (None if usual is None else fine(usual), len(gaps)),
        "gap_within": (_within(gaps, 19, 20), len(gaps)),
        "gaps_late": (None if usual is None else Decimal(late), len(gaps)),
        "gap_longest": (None if usual is None else fine(gaps[-1]), len(gaps)),
    }


def _within(ordered: Sequence[Decimal], part: int, of: int) -> Decimal | None:
    """The number within which so many of so many lie."""
    return fine(ordered[min(len(ordered) - 1, len(ordered) * part // of)]) if len(ordered) >= FEWEST else None


def _looks(looks: Mapping[str, int]) -> RecordValues:
    every = sum(looks.values())
    failed = sum(count for state, count in looks.items() if state not in ("changed", "unchanged"))
    counts = {"looks_new": looks.get("changed", 0), "looks_same": looks.get("unchanged", 0), "looks_failed": failed}
    return {name: (Decimal(counts[name]), every) for name in RECORD_NAMES if name in counts}


def _lags(stated_first: Sequence[FirstStated]) -> RecordValues:
    """How many days after its day a value is stated; of dated reports alone."""
    dated = (one for one in stated_first if one.dated)
    lags = _spread([(_age(one), one.cells) for one in dated])
    return {"lag_usual": (_middle(lags), len(lags)), "lag_within": (_within(lags, 9, 10), len(lags))}


def _spread(counted: Sequence[tuple[int, int]]) -> list[Decimal]:
    return sorted(Decimal(days) for days, count in counted for _ in range(count))


def _middle(ordered: Sequence[Decimal]) -> Decimal | None:
    return fine(Decimal(median(ordered))) if len(ordered) >= FEWEST else None


def _restated(rows: RecordRows) -> RecordValues:
    """How much of the past was stated anew, which way, and by how much."""
    moved = [_moved(one) for one in rows.restated]
    known = [one for one in moved if one is not None]
    sizes = sorted(abs(one) for one in known)
    cells = len({(one.series_id, one.as_of) for one in rows.restated})
    return {
        "restated": (_share(cells, rows.cells), rows.cells),
        "restated_up": (_share(sum(one > 0 for one in known), len(known)), len(known)),
        "restated_by": (_middle(sizes), len(sizes)),
        "restated_most": (fine(sizes[-1]) if len(sizes) >= FEWEST else None, len(sizes)),
        "withdrawn": (Decimal(rows.withdrawn), rows.cells),
    }


def _share(part: int, of: int) -> Decimal | None:
    return fine(Decimal(part) * 100 / of) if of >= FEWEST else None


def fine(value: Decimal) -> Decimal:
    """A number as it is told, with two digits of one below 1, so that a little is not nothing."""
    if value == value.to_integral_value():
        return value.quantize(Decimal(1))
    if abs(value) >= 1:
        return rounded(value)
    return value.quantize(Decimal(1).scaleb(value.adjusted() - 1), ROUND_HALF_EVEN)


def _moved(one: Restated) -> Decimal | None:
    """By how many per cent of what it was a value was stated anew; None of hedged ones, and from zero."""
    old, new = span_of(one.old), span_of(one.new)
    if not (old.exact and new.exact and old.low):
        return None
    return (new.low - old.low) * 100 / abs(old.low)


def _final(rows: RecordRows) -> RecordValues:
    """After how many days a value did not change any more; of days first stated in sight, and watched long enough."""
    if not rows.releases:
        return {"final_usual": (None, 0), "final_within": (None, 0)}
    last = Day(rows.releases[-1][:10])
    seen = filter(attrgetter("in_sight"), rows.restated)
    changed = {(one.series_id, one.as_of): one for one in seen}  # the last restatement of each stays
    kept = [one for one in rows.stated_first if one.dated and one.kept]
    found: list[tuple[FirstStated | Restated, int]] = [(one, 1) for one in changed.values()]
    found += ((one, one.cells) for one in kept)
    watched = [(_age(one), cells) for one, cells in found if days_between(one.as_of, last) >= WATCHED]
    ages = _spread(watched)
    return {"final_usual": (_middle(ages), len(ages)), "final_within": (_within(ages, 9, 10), len(ages))}


def _age(one: FirstStated | Restated) -> int:
    """How many days old a day was when something of it became known."""
    return days_between(one.as_of, Day(one.known_at[:10]))


def _stated(verdicts: Mapping[str, int]) -> RecordValues:
    """How often a report's own increase was not what the ledger gives."""
    compared = sum(verdicts.get(one, 0) for one in ("matches", "approximately", "mismatch"))
    missed = verdicts.get("missed", 0)
    return {
        "stated_wrong": (_share(verdicts.get("mismatch", 0), compared), compared),
        "stated_missed": (Decimal(missed), compared + missed),
    }


def _holds(rows: RecordRows) -> RecordValues:
    """How many values were held, and how many of those were slips: the source, or a person, put another in place."""
    settled = {action: count for action, count in rows.holds.items() if action is not None}
    slips = sum(settled.get(one, 0) for one in ("supersede", "reject", "correct"))
    every = sum(rows.holds.values())
    return {"held": (Decimal(every), rows.cells), "slips": (Decimal(slips), sum(settled.values()))}
