"""The check of days that have not come yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from changes.checks.context import Check, Context, Finding, found
from model import Day, Source, day_of, minute_of, moment


def future_as_of(context: Context) -> Iterator[Finding]:
    """Hold what is dated after the day on which it was read; a running month or year may be named by its last day.

    A page that is dated a day ahead is warned of: what is known of an old copy is often the day in the fetcher's zone
    alone, and the one date of a page is seldom wrong.
    """
    source, known_at = context.source, context.snapshot.known_at
    if source.as_of and source.as_of.grain:
        today, tomorrow = minute_of(moment(known_at)), minute_of(moment(known_at) + dt.timedelta(days=1))
    else:
        today = _period_end(source, day_of(known_at, source.timezone))
        tomorrow = _day_after(today)
    if source.coverage != "latest":
        tomorrow = today
    for change in context.changes:
        if change.as_of > today and change.content is not None:
            ahead = change.as_of > tomorrow
            yield found(
                "future_as_of",
                "hold" if ahead else "warn",
                f"dated {change.as_of}, after the day it was published",
                at=(context.accepted.keys[change.series_id], change.as_of),
                holds=[change.key] if ahead else (),
            )


def _day_after(day: Day) -> Day:
    return Day((dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat())


def _period_end(source: Source, today: Day) -> Day:
    form = " ".join(source.as_of.formats) if source.as_of else ""
    if not form or any(code in form for code in ("%d", "%j", "%x", "%c", "%D", "%F")):
        return today
    date = dt.date.fromisoformat(today)
    if any(code in form for code in ("%V", "%U", "%W")):
        return Day((date + dt.timedelta(days=6 - date.weekday())).isoformat())
    month = date.month if any(code in form for code in ("%m", "%b", "%B")) else 12
    first_of_next = dt.date(date.year + month // 12, month % 12 + 1, 1)
    return Day((first_of_next - dt.timedelta(days=1)).isoformat())


CHECKS = (
    Check(
        "future_as_of",
        future_as_of,
        order=110,
        holds=(
            "the as-of is after the day of reading by the publisher's calendar; a running month or year may "
            "bear its last day"
        ),
        warns=(
            "a page (`coverage: latest`) is dated one day ahead: of an old copy often only the day in the "
            "fetcher's zone is known"
        ),
        of_changes=True,
    ),
)
