"""Stated against computed: which recorded version does a report's own increment count from?

Value first: among recorded versions that give exactly the difference, the one at the nearest earlier as-of, then its
latest version. A date that the report names decides nothing; in the press it was wrong twice in four.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Day, Figure, Verdict, read_content
from storage import schema

_EVER = Day("")


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict on one stated increment, with the version it counts from where there is one."""

    verdict: Verdict
    as_of: Day | None = None
    update_id: int | None = None
    versions_back: int | None = None
    implied: Decimal | None = None
    computed: Decimal | None = None


def resolve(
    connection: Connection,
    series_id: int,
    before: Day,
    value: Decimal | None,
    stated: Figure,
    *,
    since: Day = _EVER,
) -> Found:
    """Set a stated increment against the versions of a series recorded at as-ofs earlier than `before`.

    `value` is the total that the increment leads to, None when the report gives none that is a single number. `since`
    is the day from which the series is counted anew: nothing earlier is a baseline.
    """
    window = _window(stated)
    if value is None or window is None:
        return Found("no_baseline")
    low, high = window
    implied = value - stated.value if stated.value is not None else None
    latest: Decimal | None = None
    back, day = 0, None
    for as_of, update_id, number, accepted in _earlier(connection, series_id, since, before):
        if as_of != day:
            back, day = back + 1, as_of
        if accepted and latest is None:
            latest = number
        if low <= value - number <= high:
            verdict: Verdict = "matches" if low == high else "approximately"
            return Found(verdict, as_of, update_id, back, implied, None if latest is None else value - latest)
    if latest is None:
        return Found("no_baseline", implied=implied)
    verdict = "missed" if value - high > latest else "mismatch"
    return Found(verdict, implied=implied, computed=value - latest)


def _earlier(
    connection: Connection, series_id: int, since: Day, before: Day
) -> Iterator[tuple[Day, int, Decimal, bool]]:
    """Recorded numbers of a series, nearest earlier as-of first, its latest version first; held ones do not count."""
    versions, current = schema.versions, schema.current
    rows = connection.execute(
        sa.select(versions.c.as_of, versions.c.update_id, versions.c.content, current.c.update_id)
        .select_from(
            versions.outerjoin(
                current,
                (current.c.series_id == versions.c.series_id)
                & (current.c.as_of == versions.c.as_of)
                & (current.c.update_id == versions.c.update_id),
            )
        )
        .where(
            versions.c.series_id == series_id,
            versions.c.as_of >= since,
            versions.c.as_of < before,
            versions.c.held == 0,
            versions.c.content.is_not(None),
        )
        .order_by(versions.c.as_of.desc(), versions.c.update_id.desc())
        .execution_options(stream_results=True)
    )
    try:
        for as_of, update_id, content, accepted in rows:
            number = read_content(content).value
            if number is not None:
                yield as_of, update_id, number, accepted is not None
    finally:
        rows.close()


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
