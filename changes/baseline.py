"""Stated against computed: which recorded version does a report's own increment count from?

Value first: among recorded versions that give exactly the difference, the one at the nearest earlier as-of, then its
latest version. A date that the report names decides nothing; in the press it was wrong twice in four.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from changes.facts import RecordedVersion
from model import Day, Figure, Qualifier, Verdict, read_content


@dataclass(frozen=True, slots=True)
class BaselineFound:
    """The verdict on one stated increment, with the version it counts from where there is one."""

    verdict: Verdict
    as_of: Day | None = None
    update_id: int | None = None
    versions_back: int | None = None
    implied: Decimal | None = None
    computed: Decimal | None = None


class _Numbered(NamedTuple):
    """A recorded version that is one number, and how many as-ofs it lies back."""

    version: RecordedVersion
    number: Decimal
    back: int


def resolve(earlier: Iterable[RecordedVersion], value: Decimal | None, stated: Figure) -> BaselineFound:
    """Set a stated increment against the versions recorded at earlier as-ofs, nearest first, its latest version first.

    `value` is the total that the increment leads to, None when the report gives none that is a single number.
    """
    window = _window(stated)
    if value is None or window is None:
        return BaselineFound("no_baseline")
    implied = value - stated.value if stated.value is not None else None
    latest: Decimal | None = None
    for one in _numbered(earlier):
        if one.version.accepted and latest is None:
            latest = one.number
        if window[0] <= value - one.number <= window[1]:
            computed = None if latest is None else value - latest
            verdict: Verdict = "matches" if window[0] == window[1] else "approximately"
            as_of, update_id = one.version.as_of, one.version.update_id
            return BaselineFound(verdict, as_of, update_id, one.back, implied, computed)
    return _unmatched(value, window[1], latest, implied)


def taken_away(stated: Figure) -> Figure:
    """An increment as a fall: "24 fewer", "down 24"."""
    low, high = (None if one is None else -one for one in (stated.high, stated.low))
    turned: dict[Qualifier, Qualifier] = {"more_than": "less_than", "less_than": "more_than"}
    return replace(
        stated, value=None if stated.value is None else -stated.value, low=low, high=high,
        qualifier=turned.get(stated.qualifier, stated.qualifier),
    )  # fmt: skip


def _unmatched(value: Decimal, high: Decimal, latest: Decimal | None, implied: Decimal | None) -> BaselineFound:
    """The verdict on an increment that leads from no recorded version: above the latest, an update was missed."""
    if latest is None:
        return BaselineFound("no_baseline", implied=implied)
    return BaselineFound("missed" if value - high > latest else "mismatch", implied=implied, computed=value - latest)


def _numbered(earlier: Iterable[RecordedVersion]) -> Iterator[_Numbered]:
    back, day = 0, None
    for version in earlier:
        number = read_content(version.content).value
        if number is not None:
            back, day = back + (version.as_of != day), version.as_of
            yield _Numbered(version, number, back)


def _window(stated: Figure) -> tuple[Decimal, Decimal] | None:
    """The differences that a stated increment allows: one for an exact number, an interval for a rounded one."""
    if stated.value is None:
        return (stated.low, stated.high) if stated.low is not None and stated.high is not None else None
    value = stated.value
    if stated.qualifier == "exact":
        return value, value
    step = Decimal(1).scaleb(trailing_zeros(value))
    if stated.qualifier == "more_than":
        return value, value + step
    if stated.qualifier == "less_than":
        return value - step, value
    return value - step / 2, value + step / 2


def trailing_zeros(value: Decimal) -> int:
    """The power of ten of the last digit that is not zero: 2,400 is rounded to hundreds."""
    exponent = value.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
