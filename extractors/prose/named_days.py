"""The days that a sentence names, "early July" and "18 July" alike: what a report says it counts from.

They are shown beside what the ledger finds and decide nothing, so a name that could be something else is left out.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

import msgspec
import yaml

from extractors.words import months
from model import Day

_PARTS = {"early": (1, 10), "middle": (11, 20), "late": (21, 31)}
_ISO = re.compile(r"(?<![\d-])((?:19|20)\d\d)-(\d\d)-(\d\d)(?![\d-])")
_CAPITAL = frozenset(("en", "de"))
"""Languages that write months with a capital: "may" is none in English."""


_NAMES = frozenset(("may", "mar", "jan", "june", "april", "august", "mai"))
"""Months that are people's names too: alone they are taken for none."""


class NamedDays(msgspec.Struct, frozen=True):
    """Days that a text names: its own words, and the first and the last of them."""

    words: str
    first: Day
    last: Day


def named_days(text: str, language: str, before: Day) -> list[NamedDays]:
    """The days that a text names in a language, in their order.

    A year that is left out is the newest one up to `before`. Never raises; a date that no calendar has is none.
    """
    found = [(match.start(), _of_month(match, language, before)) for match in _pattern(language).finditer(text)]
    found += [
        (match.start(), _span(match[0], int(match[1]), int(match[2]), int(match[3]))) for match in _ISO.finditer(text)
    ]
    return [named for _at, named in sorted(found, key=lambda one: one[0]) if named is not None]


@cache
def _parts(language: str) -> dict[str, str]:
    """What names a part of a month, case-folded, longest first, with the part."""
    text = resources.files("extractors.prose").joinpath("month_parts.yml").read_text(encoding="utf-8")
    given = yaml.safe_load(text).get(language, {})
    pairs = [(str(word), part) for part, words in given.items() for word in words]
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _pattern(language: str) -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, months(language)), key=len, reverse=True))
    parts = "|".join(map(re.escape, _parts(language))) or "(?!)"
    return re.compile(
        rf"(?<!\w)(?:(?P<part>{parts})[\s-]+)?"
        rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|-?го|-?е)?\s+(?:of\s+|de\s+)?)?"
        rf"(?P<month>{names})(?!\w)\.?"
        rf"(?:\s+(?P<behind>\d{{1,2}})(?:st|nd|rd|th)?(?![\w.,]?\d))?"
        rf"(?:,?\s+(?:de\s+)?(?P<year>(?:19|20)\d\d)(?!\w))?",
        re.IGNORECASE,
    )


def _of_month(match: re.Match[str], language: str, before: Day) -> NamedDays | None:
    if _may_be_a_name(match, language):
        return None
    month = months(language)[match["month"].casefold()]
    day = match["day"] or match["behind"]
    part = _parts(language).get((match["part"] or "").casefold(), "")
    years = [int(match["year"])] if match["year"] else [int(before[:4]), int(before[:4]) - 1]
    spans = (_span(match[0], year, month, int(day) if day else None, part) for year in years)
    return next((one for one in spans if one is not None and one.first <= before), None)


def _may_be_a_name(match: re.Match[str], language: str) -> bool:
    """Whether what looks like a month may well be none: "may", and May alone."""
    if language in _CAPITAL and not match["month"][0].isupper():
        return True
    alone = not any(match[group] for group in ("day", "behind", "part", "year"))
    return alone and match["month"].casefold() in _NAMES


def _span(words: str, year: int, month: int, day: int | None = None, part: str = "") -> NamedDays | None:
    try:
        last = calendar.monthrange(year, month)[1]
        first_day, last_day = (day, day) if day else _PARTS.get(part, (1, last))
        ends = (dt.date(year, month, one) for one in (first_day, min(last_day, last) if not day else last_day))
        first, end = (Day(one.isoformat()) for one in ends)
    except ValueError:
        return None
    return NamedDays(" ".join(words.split()).rstrip("."), first, end)


def fitting(named: list[NamedDays], day: Day) -> Iterator[NamedDays]:
    """Those of the named days that a day is among."""
    return (one for one in named if one.first <= day <= one.last)
