"""What a page leaves open: dates whose day and month could change places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from extractors.suggest.offer import Way
from extractors.tables.dates import Days, swapped
from model import AsOf, Day


def which_comes_first(texts: Sequence[str], rule: Mapping[str, str]) -> str:
    """The question whether days or months come first, where neither the dates nor their order say so; else nothing."""
    days, changed = (list(map(read.__getitem__, texts)) for read in _both_ways(rule))
    both = [(text, day, other) for text, day, other in zip(texts, days, changed, strict=True) if day and other]
    decided = len(both) < len(days) - days.count(None)
    if decided or steady([day for _, day, _ in both]) != steady([other for *_, other in both]):
        return ""
    return next((f"{text!r} may be {day} or {other}" for text, day, other in both if day != other), "")


def asked_of(way: Way, text: str) -> Way:
    """A way to read a page with the same question about the one day that its page states."""
    as_of = way.settings.get("as_of", {})
    form = as_of.get("format", "")
    if "pattern" not in as_of or "path" in as_of or form not in _OPEN or way.question:
        return way
    found = re.search(as_of["pattern"], text)
    question = which_comes_first([found["as_of"]], {"format": form}) if found else ""
    formats = (form, swapped(form)) if question else ()
    return msgspec.structs.replace(way, question=question, formats=formats)


_OPEN = frozenset(mark.join(("%d", "%m", year)) for mark in "/-" for year in ("%Y", "%y"))


def _both_ways(rule: Mapping[str, str]) -> Iterator[Days]:
    for form in (rule["format"], swapped(rule["format"])):
        yield Days(msgspec.convert({**rule, "path": "$", "format": form}, AsOf))


def steady(days: Sequence[Day]) -> int:
    """How many steps of dates go the way that most go: dates that were meant so run in order."""
    ups = sum(later > earlier for earlier, later in pairwise(days))
    return max(ups, len(days) - 1 - ups)
