"""Instants are UTC text with `Z`; days are ISO dates, or minutes in UTC. All sort as they are written."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Literal, NewType, TypeAlias
from zoneinfo import ZoneInfo

from model.errors import MalformedError, UsageError

Day = NewType("Day", str)
"""An ISO date such as `2025-07-31`; of sources with `grain: minute` a minute in UTC, `2025-11-05T02:31Z`."""

Instant = NewType("Instant", str)
"""A UTC time such as `2025-08-02T06:00:00Z`, in whole seconds, so that it sorts as it is written."""

LongerThanDay: TypeAlias = Literal["week", "month", "year"]
"""A time longer than a day: a week from Monday to Sunday, a month or a year."""


def instant(moment: dt.datetime) -> Instant:
    """Write a moment as UTC with `Z`, to the whole second it lies in; a moment without a zone is refused.

    Raises `UsageError` for a naive datetime.
    """
    if moment.tzinfo is None:
        raise UsageError(f"{moment.isoformat()} has no time zone", "write it with Z or an offset")
    try:
        utc = moment.astimezone(dt.UTC)
    except OverflowError:
        raise MalformedError(f"{moment.isoformat()} lies outside of the calendar", "years go from 1 to 9999") from None
    return Instant(utc.isoformat(timespec="seconds").replace("+00:00", "Z"))


def parse_instant(text: str) -> Instant:
    """Read an ISO time, or a date, which means its midnight in UTC.

    Raises `UsageError` when it is neither.
    """
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise MalformedError(f"{text!r} is no time", "write 2025-08-02T06:00:00Z or 2025-08-02") from None
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))


def parse_day(text: str) -> Day:
    """Read an ISO date, or a minute in UTC. Raises `UsageError` when it is none."""
    try:
        if _MINUTE.fullmatch(text.strip()):
            return minute_of(dt.datetime.fromisoformat(text.strip()))
        return Day(dt.date.fromisoformat(text.strip()).isoformat())
    except ValueError:
        raise MalformedError(f"{text!r} is no date", "write 2025-08-02") from None


def moment(at: Instant) -> dt.datetime:
    """The instant as an aware datetime in UTC."""
    return dt.datetime.fromisoformat(at)


def day_of(at: Instant, timezone: str) -> Day:
    """The calendar day of an instant in a time zone (IANA name)."""
    return Day(moment(at).astimezone(ZoneInfo(timezone)).date().isoformat())


def now() -> Instant:
    """The present instant by this machine's clock, in whole seconds."""
    return instant(dt.datetime.now(dt.UTC))


_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ")


def minute_of(moment: dt.datetime) -> Day:
    """The minute in UTC in which an aware moment lies."""
    return Day(f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}")


def is_minute(day: Day) -> bool:
    """Whether an as-of is a minute, not a date."""
    return len(day) > len("2025-07-31")


def date_of(day: Day) -> dt.date:
    """The date of an as-of, in UTC where it is a minute."""
    return dt.date.fromisoformat(day[:10])


def days_between(earlier: Day, later: Day) -> int:
    """Whole days from one date to another; negative when the order is reversed."""
    return (date_of(later) - date_of(earlier)).days


def last_day_of(span: LongerThanDay | None, day: Day) -> Day:
    """The last day of the week, month or year that a day lies in; the day itself where there is none."""
    if span is None:
        return day
    date = date_of(day)
    if span == "week":
        date += dt.timedelta(days=6 - date.weekday())
    elif span == "month":
        date = date.replace(day=calendar.monthrange(date.year, date.month)[1])
    elif span == "year":
        date = date.replace(month=12, day=31)
    return Day(date.isoformat())
