"""The day that a question speaks of, and the day as of whose knowledge it asks."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import NamedTuple

from extractors.prose.named_days import NamedDays, named_days
from model import Day
from publish.asking.phrasing import leading
from publish.vocabulary import Language

_LAST = Day("9999-12-31")
_DOTTED = re.compile(r"(?<![\d./])(\d{1,2})([./])(\d{1,2})\2((?:19|20)\d\d)(?![\d./])")
_YEAR = re.compile(r"(?<![\w.,-])((?:19|20)\d\d)(?![\w-]|[.,]\d)")


class AskedDays(NamedTuple):
    """The days of a question (None: the newest), the day of knowledge (None: now), and the words beside them.

    `unclear` are days that may be read in two ways, or of which there is more than one.
    """

    days: NamedDays | None
    known: NamedDays | None
    rest: str
    unclear: tuple[str, ...] = ()


def days_of(text: str, language: Language, today: Day) -> AskedDays:
    """Take the days out of a question."""
    plain = " ".join(text.split())
    lead = leading("known", language).search(plain)
    known, behind = None, ""
    if lead is not None:
        found, behind, _ = _taken(plain[lead.end() :], language, today)
        known = found[0] if found else None
    front = plain[: lead.start()] if known is not None and lead is not None else plain
    found, rest, unclear = _taken(front if known is None else f"{front} , {behind}", language, today)
    if len(found) > 1:
        unclear = (*unclear, *(one.words for one in found))
    return AskedDays(found[0] if found else None, known, rest, unclear)


def _taken(text: str, language: Language, today: Day) -> tuple[list[NamedDays], str, tuple[str, ...]]:
    """The days that a text names, the text without them, and those that can be read in two ways."""
    found: list[NamedDays] = []
    unclear: list[str] = []
    for match in _DOTTED.finditer(text):
        ways = _ways(match, language)
        found += ways if len(ways) == 1 else []
        unclear += [match[0]] if len(ways) != 1 else []
    text = _DOTTED.sub(" ", text)
    for before in (today, _LAST):
        named = [one for one in named_days(text, language, before) if before == today or one.words[-4:].isdigit()]
        for one in named:
            text = text.replace(one.words, " ", 1)
        found += named
    for match in _YEAR.finditer(text):
        found.append(NamedDays(match[0], Day(f"{match[0]}-01-01"), Day(f"{match[0]}-12-31")))
    return _once(found), _YEAR.sub(" ", text), tuple(unclear)


def _once(found: list[NamedDays]) -> list[NamedDays]:
    return list({(one.first, one.last): one for one in found}.values())


def _ways(match: re.Match[str], language: Language) -> list[NamedDays]:
    """The days that a date in numbers may mean: 1/2/2025 is two in English, one elsewhere."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    orders = [(first, second)] if match[2] == "." or language != "en" else [(first, second), (second, first)]
    ways = {(day, month) for day, month in orders if _is_day(year, month, day)}
    days = [Day(dt.date(year, month, day).isoformat()) for day, month in sorted(ways)]
    return [NamedDays(match[0], one, one) for one in days]


def _is_day(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
