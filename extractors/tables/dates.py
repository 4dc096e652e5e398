"""As-of dates as reports print them, read into ISO days.

Without a format a date is ISO: a day, a datetime (its date), a month, quarter, ISO week or year; or the milliseconds
or seconds since 1970, thirteen or ten digits (ten that would lie after 2029 are a day and its hour where they can be
one: `2020041318`). With one it follows strptime; of several the one that fits. An instant
(since 1970, or in UTC) is a day in the source's time zone. A month, quarter, week or year is observed at its last day:
a week's is its Sunday, by `%U` its Saturday; `period` says another. Month names may be those of the source's language.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise
from operator import lt
from typing import Any
from zoneinfo import ZoneInfo

from extractors.patterns import find
from extractors.tables.cells import LEADING_NOTES, without_notes
from model import AsOf, Day, Period, Source, minute_of

_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ]\d[\w:.,+−/ ()-]*)?)?)?")
_PART = re.compile(r"(\d{4})[- ]?(?:([AHKMQSUVW])(\d\d?)(?:D(\d\d))?|D(\d{3}))")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\d\d){0,3}")
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+\.?")
_LONGEST = 80
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|[+-]00:?00| ?(?:UTC|GMT))")
_REMARK = re.compile(r"(?<!\s)\s*\([^\W\d][^()\d]{0,40}\)$")
_HOUR = re.compile("%[HIT]")
_AHEAD = dt.timedelta(days=7)


class Days(dict[Any, Day | None]):
    """The days that printed dates mean, each distinct text read once; None for a text that is no date.

    `published` gives the year where the rule says `year: published`; a date that would lie more than a week after
    publication belongs to the year before. An instant is a day in the source's calendar. Marks of notes beside a date
    are passed over, and an ISO day is read beside any format. `years` are texts such as `2010-11` that may be a year
    of two as well as a month.
    """

    def __init__(
        self,
        rule: AsOf,
        language: str | None = None,
        published: Day | None = None,
        zone: str | None = None,
        period: Period | None = None,
    ) -> None:
        super().__init__()
        self._rule, self._language, self._published = rule, language, published
        self._zone = ZoneInfo(zone) if zone else None
        self._unit, self._last = (period or "").split("-ending-") if period else ("", "")
        self._formats = rule.formats
        # The day inside of a field; without a field of its own a pattern dates the whole page.
        self._inside = rule.pattern if rule.path else None
        self.years: set[str] = set()
        self.months = 0

    @classmethod
    def of(cls, source: Source, published: Day | None = None) -> Days:
        """The days of a source's dates, as its definition reads them."""
        return cls(source.as_of or AsOf(), source.language, published, source.calendar, source.period)

    def __missing__(self, raw: Any) -> Day | None:
        text = raw.strip() if type(raw) is str else "" if raw is None else str(raw)
        text = _found_inside(self._inside, text) if self._inside else text
        day = self._read(text) or self._read(_unmarked(text)) if 0 < len(text) <= _LONGEST else None
        self[raw] = day
        return day

    @property
    def are_years(self) -> bool:
        """Whether what looks like months is years of two: `2012-13` is no month, nor are `2009-10` and `2010-11`."""
        return bool(self.years) and not self.months

    def read_swapped(self, raw: Any) -> Day | None:
        """The day that a text would mean if day and month changed their places."""
        text = _unmarked("" if raw is None else str(raw).strip())
        other = (swapped(form) for form in self._formats if "%d" in form and "%m" in form)
        return next((day for form in other if (day := _by_format(text, form, self._language, self._zone))), None)

    def _read(self, text: str) -> Day | None:
        if self._rule.grain == "minute":
            return self._minute(text)
        if self._unit == "year" and (year := _YEARS.fullmatch(text)) and _follows(year):
            return self._year_end(int(year[1]) + 1)
        day = self._printed(text)
        return self._period_end(day) if day and self._unit else day

    def _minute(self, text: str) -> Day | None:
        read = (_minute(text, form, self._language, self._zone) for form in (*self._formats, ""))
        found = {minute for minute in read if minute}
        return found.pop() if len(found) == 1 else None

    def _printed(self, text: str) -> Day | None:
        if not self._formats:
            return self._iso(text)
        if self._rule.year == "published":
            return next((day for form in self._formats if (day := self._in_published_year(text, form))), None)
        read = (_by_format(text, form, self._language, self._zone) for form in self._formats)
        found = {day for day in read if day}
        if len(found) > 1:
            return None  # two of the formats fit, and say two days
        return found.pop() if found else _iso_day(text)

    def _iso(self, text: str) -> Day | None:
        if (year := _YEARS.fullmatch(text)) and year[2] == "-":
            if _follows(year):
                self.years.add(text)
            else:
                self.months += 1
        return _iso(text, self._zone)

    def _year_end(self, year: int) -> Day:
        return _month_end(year, _MONTHS.index(self._last) + 1)

    def _period_end(self, day: Day) -> Day:
        date = dt.date.fromisoformat(day)
        if self._unit == "year":
            return self._year_end(date.year)
        ahead = (_WEEKDAYS.index(self._last) - date.weekday()) % 7
        return _day(date + dt.timedelta(days=ahead))

    def _in_published_year(self, text: str, form: str) -> Day | None:
        if self._published is None:
            return None
        published = dt.date.fromisoformat(self._published)
        for year in (published.year, published.year - 1):
            day = _by_format(f"{year} {text}", f"%Y {form}", self._language)
            if day is not None and dt.date.fromisoformat(day) <= published + _AHEAD:
                return day
        return None


def _minute(text: str, form: str, language: str | None, zone: dt.tzinfo | None) -> Day | None:
    """The minute in UTC that a date with its time names; none where it has no time, or one that clocks had twice."""
    try:
        moment = _strptime(_ORDINAL.sub("", text), form, language) if form else _iso_moment(text)
        if moment.tzinfo is None:
            is_utc = text.endswith(("Z", "UTC", "GMT"))
            moment = moment.replace(tzinfo=dt.UTC if is_utc or zone is None else zone)
        twice = moment.replace(fold=1).utcoffset() != moment.utcoffset()
        return None if twice else minute_of(moment)
    except (ValueError, TypeError, OverflowError, re.error):
        return None


def _iso_moment(text: str) -> dt.datetime:
    if since := _EPOCH.fullmatch(text):
        return dt.datetime.fromtimestamp(int(since[1]), dt.UTC)
    if ":" not in text:
        raise ValueError("a date has no time")
    return dt.datetime.fromisoformat(text)


_YEARS = re.compile(r"(\d{4})([-/–])(\d\d|\d{4})")
_MONTHS = tuple(name.lower() for name in calendar.month_name)[1:]
_WEEKDAYS = tuple(name.lower() for name in calendar.day_name)


def misplaced(days: Sequence[Day]) -> list[Day]:
    """The one day without which all stand in order, or the few that do so a year later or earlier; else none.

    Order is earliest or latest first. Whoever types the old year in January does so more than once.
    """
    if len(days) < _SEQUENCE or len(set(days)) != len(days):
        return []
    order = days if sum(map(lt, days, days[1:])) * 2 > len(days) else [*reversed(days)]
    breaks = [at for at in range(1, len(order)) if order[at] < order[at - 1]]
    for at in (breaks[0], breaks[0] - 1) if len(breaks) == 1 else ():
        rest = [*order[:at], *order[at + 1 :]]
        if all(map(lt, rest, rest[1:])):
            return [order[at]]
    return _of_another_year(order, breaks)


def _of_another_year(order: Sequence[Day], breaks: Sequence[int]) -> list[Day]:
    """Neighbouring days, fewer than the others, that would be in order in the year after or before."""
    edges = [0, *breaks, len(order)]
    for first, last in pairwise(edges) if 0 < len(breaks) < _FEW_BREAKS else ():
        some = order[first:last]
        for years in (1, -1) if len(some) * 2 < len(order) else ():
            moved = [Day(f"{int(day[:4]) + years:04}{day[4:]}") for day in some]
            mended = [*order[:first], *moved, *order[last:]]
            if all(map(lt, mended, mended[1:])):
                return list(some)
    return []


_SEQUENCE = 6
"""So many dates make an order."""
_FEW_BREAKS = 3
"""A run of misplaced days breaks an order where it begins and where it ends."""


def _follows(years: re.Match[str]) -> bool:
    """Whether the second of two years is the one after the first."""
    return years[3] == str(int(years[1]) + 1)[-len(years[3]) :]


def _found_inside(pattern: str, text: str) -> str:
    """What a pattern finds in a field: its group `as_of`, or its whole; nothing where it does not fit."""
    found = find(pattern, text, (0, len(text)))
    return text[slice(*found.groups.get("as_of", found.place))] if found else ""


def _unmarked(text: str) -> str:
    """A date without the marks and remarks of notes beside it: `* 01.04.2020`, `02.04.2020¹`, `1 May (provisional)`."""
    return LEADING_NOTES.sub("", without_notes(_REMARK.sub("", text))).strip()


def swapped(form: str) -> str:
    """A format with day and month in one another's place."""
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _iso_day(text: str) -> Day | None:
    if len(text) == 10 and text[4] == text[7] == "-" and text[5] != "W":
        try:
            return _day(dt.date.fromisoformat(text))
        except ValueError:
            return None
    return None


def _iso(text: str, zone: dt.tzinfo | None) -> Day | None:
    if day := _iso_day(text) or _of_seconds(text, zone):
        return day
    if zone and (at := _INSTANT.fullmatch(text)):
        return _instant_day(at[1], zone)
    if part := _PART.fullmatch(text):
        return _part_of_year(int(part[1]), part[2] or "D", part[3] or part[5], part[4])
    return _iso_part(text) or _compact_day(text)


def _iso_part(text: str) -> Day | None:
    """The last day of what an ISO date names: a day, a month or a year."""
    found = _ISO.fullmatch(text)
    year, month, day_of_month = found.groups() if found else ("0", "0", None)
    try:
        if day_of_month:
            return _day(dt.date(int(year), int(month or 0), int(day_of_month)))
        return _month_end(int(year), int(month or 12))
    except ValueError:
        return None


def _part_of_year(year: int, letter: str, which: str, day_of_month: str | None) -> Day | None:
    """The last day of a part of a year, as SDMX and the offices of Europe write it: `2024M01`, `2024-Q1`, `2024S1`.

    A letter that means two things (`2024T1` is a third of a year, or a quarter) is not read.
    """
    try:
        if day_of_month:
            return _day(dt.date(year, int(which), int(day_of_month))) if letter == "M" else None
        return _days_of_year(year, letter, int(which)) if letter in _BY_DAYS else _months(year, letter, int(which))
    except (ValueError, OverflowError):
        return None


def _days_of_year(year: int, letter: str, number: int) -> Day | None:
    if letter != "D":
        return _day(dt.date.fromisocalendar(year, number, 7))
    day = _day(dt.date(year, 1, 1) + dt.timedelta(days=number - 1))
    return day if number and int(day[:4]) == year else None


def _months(year: int, letter: str, number: int) -> Day | None:
    months = _MONTHS_OF[letter] * number
    return _month_end(year, months) if 0 < months <= len(_MONTHS) else None


_BY_DAYS = "DWUV"
"""Day of the year; week, uke or uge, vecka."""
_MONTHS_OF = {"M": 1, "Q": 3, "K": 3, "H": 6, "S": 6, "A": 12}
"""Month, quarter (kvartal), half-year or semester, annual: of how many months it is."""


def _of_seconds(text: str, zone: dt.tzinfo | None) -> Day | None:
    since = _EPOCH.fullmatch(text)
    if since is None or (text >= _LATE and _compact_day(text)):
        return None
    return _day(dt.datetime.fromtimestamp(int(since[1]), zone or dt.UTC).date())


_LATE = "19"
"""Seconds since 1970 that begin so lie after 2029."""


def _compact_day(text: str) -> Day | None:
    found = _COMPACT.fullmatch(text)
    try:
        return _day(dt.date(*map(int, found.groups()))) if found else None
    except ValueError:
        return None


def _instant_day(text: str, zone: dt.tzinfo) -> Day | None:
    """The day of an instant that is written in UTC; one with another offset is written in its publisher's own zone."""
    try:
        return _day(dt.datetime.fromisoformat(f"{text}+00:00").astimezone(zone).date())
    except (ValueError, OverflowError):
        return None


def _by_format(text: str, form: str, language: str | None, zone: dt.tzinfo | None = None) -> Day | None:
    form, weekday = _with_weekday(form)
    text = _ORDINAL.sub("", text) + (f" {weekday}" if weekday else "")
    try:
        moment = _in_zone(_strptime(text, form, language), text, form, zone)
    except (ValueError, TypeError, OverflowError, re.error):
        return None
    if weekday or any(mark in form for mark in ("%d", "%j", "%x", "%c", "%D")):
        return _day(moment.date())
    return _month_end(moment.year, moment.month if re.search("%[mbB]", form) else 12)


def _in_zone(moment: dt.datetime, text: str, form: str, zone: dt.tzinfo | None) -> dt.datetime:
    """A moment that is written in UTC, by its offset or the letters behind its clock, in a zone; others as they are."""
    if moment.tzinfo is not None:
        is_utc = not moment.utcoffset()
    else:
        is_utc = _HOUR.search(form) is not None and text.endswith(("Z", "UTC", "GMT"))
    return moment.replace(tzinfo=dt.UTC).astimezone(zone) if zone and is_utc else moment


def _with_weekday(form: str) -> tuple[str, str]:
    """A format of weeks with the day that ends them: Saturday where they begin on Sunday, else Sunday."""
    if not re.search("%[VWU]", form) or re.search("%[uwaA]", form):
        return form, ""
    return form + " %u", "6" if "%U" in form else "7"


def _strptime(text: str, form: str, language: str | None) -> dt.datetime:
    try:
        return dt.datetime.strptime(text, form)
    except ValueError:
        named = re.search("%[bB]", form)
        if not named:
            raise
        # Marked, so that a month written out is never read as a day: `Feb 1 2000` is no `%d %B %Y`.
        return dt.datetime.strptime(_months_as_numbers(text, language or "en"), form.replace(named[0], "@%m"))


def _months_as_numbers(text: str, language: str) -> str:
    from extractors.words import months

    names = months(language)

    def number(word: re.Match[str]) -> str:
        month = names.get(word[0].casefold()) or names.get(word[0].casefold().rstrip("."))
        return word[0] if month is None else f"@{month:02}"

    return _WORD.sub(number, text)


def _month_end(year: int, month: int) -> Day:
    return _day(dt.date(year, month, calendar.monthrange(year, month)[1]))


def _day(date: dt.date) -> Day:
    return Day(date.isoformat())
