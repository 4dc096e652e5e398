"""Lists: rows that each tell of one thing, which happened once (a quake, a notice) or goes on (an outage, a fire)."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import msgspec

from extractors.suggest.offer import Offer

_FEW, _FEW_OF_SERIES = 3, 5
_MOSTLY = 0.8
_DAYS_OF_ITEMS = 1 / 3
"""So many of the rows of a list, at least, have a day of their own; a list of places has one day for all."""

_BEGINS = re.compile(
    r"(?i)start|beg[aiu]n|since|onset|opened|discover|declar|detect|first|created|issued|beginn|seit|début|desde|inicio|"
    r"початок|начало|začátek|początek"
)
_ENDS = re.compile(r"(?i)end|until|restor|expir|expect|estimat|effective|due|closed?|valid|ende|bis|fin\b|кінець|конец")
_THING = re.compile(
    r"(?i)(?:.*[_ .])?(?:id|uid|uuid|key|ref|number|no)|(?-i:.*[a-z]I[Dd])|"
    r".*(?:event|incident|outage|alert|fire|storm|quake|notice|warning|ticket|case.?n|employer|company|vessel|flight).*"
)
_NAME = re.compile(r"[^\W\d_]{2}")
_ASIDE = re.compile(
    r"(?i)note|comment|remark|source|link|url|refer|detail|descri|status|reason|type|report|bulletin|issue|version|update|"
    r"week|month|quarter|year|period|day|date"
)
_UPDATED = re.compile(r"(?i)updat|modif|last|seen|report")


class Things:
    """The rows of a table as things: its columns with days for dates, and as they are printed; the date; the labels."""

    def __init__(
        self,
        by_day: Mapping[str, Sequence[Any]],
        columns: Mapping[str, Sequence[Any]],
        dated: str | None,
        parts: Sequence[str],
    ) -> None:
        self._by_day, self._columns, self._dated, self._parts = by_day, columns, dated, parts

    @cached_property
    def _names(self) -> list[tuple[str, ...]]:
        return list(zip(*(map(_text, self._columns[name]) for name in self._parts), strict=True))

    @property
    def tell_apart(self) -> bool:
        """Whether the labels alone tell all rows apart, whatever their days."""
        return len(self._names) >= _FEW and len(set(self._names)) == len(self._names)

    @property
    def happened(self) -> bool:
        """Whether each row tells of something that happened once: its own name, and days that go on from row to row."""
        if self._dated is None or len(self._names) < _FEW or len(set(self._names)) < _MOSTLY * len(self._names):
            return False
        days = list(map(_text, self._by_day[self._dated]))
        if len(set(days)) >= max(_FEW, _DAYS_OF_ITEMS * len(days)):
            return _in_order(days)  # in a list of places each has the day that it was told of
        moments = list(map(_text, self._columns[self._dated]))
        own = are_things(self._parts) and not _UPDATED.search(self._dated)
        return own and len(set(moments)) >= _MOSTLY * len(moments) and _in_order(moments)


def begins(name: str) -> bool:
    """Whether a column of dates says when something began."""
    return _BEGINS.search(name) is not None


def ends(name: str) -> bool:
    """Whether a column of dates says when something ended, or will."""
    return _ENDS.search(name) is not None


def are_things(parts: Sequence[str]) -> bool:
    """Whether rows are called by a number or name of their own, not by a place or a kind."""
    return any(map(_THING.fullmatch, parts))


def of_item(offer: Offer) -> Offer:
    """A figure of a thing in a list, which goes either way."""
    rule = {name: value for name, value in offer.rule.items() if name != "may_fall"}
    return msgspec.structs.replace(offer, rule={**rule, "kind": offer.rule.get("kind", "change")})


def naming(columns: Mapping[str, Sequence[Any]], dated: str | None, labels: Sequence[str]) -> list[str]:
    """The first column that calls every row something else, such as the employers of a list of notices.

    Such rows are no series in time, though no two of them be of one day.
    """
    if dated is None or len(columns[dated]) < _FEW or is_regular(columns[dated]):
        return []
    for name in labels:
        texts = [_text(cell) for cell in columns[name]]
        if len(set(texts)) == len(texts) and all(map(_NAME.search, texts)) and not _ASIDE.search(name):
            return [name]
    return []


def is_regular(days: Sequence[Any]) -> bool:
    """Whether rows have days at even steps: a series in time, whatever else each row is called."""
    try:
        found = [dt.date.fromisoformat(_text(day)) for day in days]
    except ValueError:
        return False
    steps = Counter(abs((after - before).days) // 28 or (after - before).days for before, after in pairwise(found))
    return len(found) >= _FEW_OF_SERIES and steps.most_common(1)[0][1] >= _MOSTLY * (len(found) - 1) and steps[0] == 0


def _in_order(days: Sequence[str]) -> bool:
    """Whether days run forwards or backwards for the most part."""
    ups = sum(a < b for a, b in pairwise(days))
    downs = sum(a > b for a, b in pairwise(days))
    return max(ups, downs) >= _MOSTLY * (ups + downs)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
