"""Stated against computed: which recorded version does a report's own increment count from?

Value first: among recorded versions that give exactly the difference, the one at the nearest earlier as-of, then its
latest version. A date that the report names decides nothing; in the press it was wrong twice in four.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from changes.facts import Facts
from model import Day, Figure, Verdict, read_content

_EVER = Day("")


@dataclass(frozen=True, slots=True)
class BaselineFound:
    """The verdict on one stated increment, with the version it counts from where there is one."""

    verdict: Verdict
    as_of: Day | None = None
    update_id: int | None = None
    versions_back: int | None = None
    implied: Decimal | None = None
    computed: Decimal | None = None


def resolve(
    facts: Facts,
    series_id: int,
    before: Day,
    value: Decimal | None,
    stated: Figure,
    *,
    since: Day = _EVER,
) -> BaselineFound:
    """Set a stated increment against the versions of a series recorded at as-ofs earlier than `before`.

    `value` is the total that the increment leads to, None when the report gives none that is a single number. `since`
    is the day from which the series is counted anew: nothing earlier is a baseline.
    """
    window = _window(stated)
    if value is None or window is None:
        return BaselineFound("no_baseline")
    low, high = window
    implied = value - stated.value if stated.value is not None else None
    latest: Decimal | None = None
    back, day = 0, None
    for as_of, update_id, content, accepted in facts.earlier(series_id, since, before):
        number = read_content(content).value
        if number is None:
            continue
        if as_of != day:
            back, day = back + 1, as_of
        if accepted and latest is None:
            latest = number
        if low <= value - number <= high:
            verdict: Verdict = "matches" if low == high else "approximately"
            return BaselineFound(verdict, as_of, update_id, back, implied, None if latest is None else value - latest)
    if latest is None:
        return BaselineFound("no_baseline", implied=implied)
    verdict = "missed" if value - high > latest else "mismatch"
    return BaselineFound(verdict, implied=implied, computed=value - latest)


def _window(stated: Figure) -> tuple[Decimal, Decimal] | None:
    """The differences that a stated increment allows: one for an exact number, an interval for a rounded one."""
    if stated.value is None:
        return (stated.low, stated.high) if stated.low is not None and stated.high is not None else None
    value = stated.value
    if stated.qualifier == "exact":
        return value, value
    step = Decimal(1).scaleb(_trailing_zeros(value))
    if stated.qualifier == "more_than":
        return value, value + step
    if stated.qualifier == "less_than":
        return value - step, value
    return value - step / 2, value + step / 2


def _trailing_zeros(value: Decimal) -> int:
    """The power of ten of the last digit that is not zero: 2,400 is rounded to hundreds."""
    exponent = value.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
