"""As-of dates as reports print them, read into ISO days.

Without a format a date is ISO: a day, a datetime (its date), a month, quarter, ISO week or year; or the milliseconds or
seconds since 1970, thirteen or ten digits (its date in UTC). With one it follows strptime. A month, quarter, week or
year is observed at its last day (a week's is its Sunday). Month names may be those of the source's language.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any

from model import AsOf, Day

_ISO = re.compile(r"(\d{4})(?:-?W(\d\d)|-?Q([1-4])|-(\d\d)(?:-(\d\d)(?:[T ]\d.*)?)?)?", re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+\.?")
_LONGEST = 80
_AHEAD = dt.timedelta(days=7)


class Days(dict[Any, Day | None]):
    """The days that printed dates mean, each distinct text read once; None for a text that is no date.

    `published` gives the year where the rule says `year: published`; a date that would lie more than a week after
    publication belongs to the year before.
    """

    def __init__(self, rule: AsOf, language: str | None = None, published: Day | None = None) -> None:
        super().__init__()
        self._rule, self._language, self._published = rule, language, published

    def __missing__(self, raw: Any) -> Day | None:
        text = raw.strip() if type(raw) is str else "" if raw is None else str(raw)
        day = self._read(text) if 0 < len(text) <= _LONGEST else None
        self[raw] = day
        return day

    def _read(self, text: str) -> Day | None:
        if self._rule.format is None:
            return _iso(text)
        if self._rule.year == "published":
            return self._in_published_year(text, self._rule.format)
        return _by_format(text, self._rule.format, self._language)

    def _in_published_year(self, text: str, form: str) -> Day | None:
        if self._published is None:
            return None
        published = dt.date.fromisoformat(self._published)
        for year in (published.year, published.year - 1):
            day = _by_format(f"{year} {text}", f"%Y {form}", self._language)
            if day is not None and dt.date.fromisoformat(day) <= published + _AHEAD:
                return day
        return None


def _iso(text: str) -> Day | None:
    if len(text) == 10 and text[4] == text[7] == "-" and text[5] != "W":
        try:
            return _day(dt.date.fromisoformat(text))
        except ValueError:
            return None
    if since := _EPOCH.fullmatch(text):
        return _day(dt.datetime.fromtimestamp(int(since[1]), dt.UTC).date())
    found = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return None
    try:
        if found.re is _COMPACT:
            return _day(dt.date(*map(int, found.groups())))
        year, week, quarter, month, day = (int(part) if part else None for part in found.groups())
        assert year is not None
        if week:
            return _day(dt.date.fromisocalendar(year, week, 7))
        if day:
            return _day(dt.date(year, month or 0, day))
        return _month_end(year, quarter * 3 if quarter else 12 if month is None else month)
    except ValueError:
        return None


def _by_format(text: str, form: str, language: str | None) -> Day | None:
    form, weekly = _with_weekday(form)
    text = _ORDINAL.sub("", text) + (" 7" if weekly else "")
    try:
        moment = _strptime(text, form, language)
    except (ValueError, TypeError, OverflowError, re.error):
        return None
    if weekly or "%d" in form or "%j" in form or "%x" in form or "%c" in form or "%D" in form:
        return _day(moment.date())
    return _month_end(moment.year, moment.month if re.search("%[mbB]", form) else 12)


def _with_weekday(form: str) -> tuple[str, bool]:
    weekly = bool(re.search("%[VWU]", form)) and not re.search("%[uwaA]", form)
    return (form + " %u", True) if weekly else (form, False)


def _strptime(text: str, form: str, language: str | None) -> dt.datetime:
    try:
        return dt.datetime.strptime(text, form)
    except ValueError:
        named = re.search("%[bB]", form)
        if not named:
            raise
        return dt.datetime.strptime(_months_as_numbers(text, language or "en"), form.replace(named[0], "%m"))


def _months_as_numbers(text: str, language: str) -> str:
    from extractors.words import months

    names = months(language)

    def number(word: re.Match[str]) -> str:
        month = names.get(word[0].casefold()) or names.get(word[0].casefold().rstrip("."))
        return word[0] if month is None else f"{month:02}"

    return _WORD.sub(number, text)


def _month_end(year: int, month: int) -> Day:
    return _day(dt.date(year, month, calendar.monthrange(year, month)[1]))


def _day(date: dt.date) -> Day:
    return Day(date.isoformat())
