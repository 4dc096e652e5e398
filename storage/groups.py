"""Summaries of many changes: by kind and series, or by kind and measure where that would be too many lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from model import CHANGE_KINDS, Day, Group, dumps, read_content

GROUPS_BY_SERIES = 20
"""Above this many groups an update is summarised by measure instead of by series."""

STORED_ABOVE = 200
"""An update with more changes than this keeps its summary; that of fewer is made whenever it is told."""

DIFFERING = ("new", "revised", "requalified", "restored")
"""Kinds of change that have an old and a new value to subtract."""


def difference(kind: str, counted: str, old: str | None, new: str | None) -> Decimal | None:
    """New less old, both canonical contents; None for ranges, shares, ratios, and where one side is missing.

    `kind` is the change's, `counted` the series' (`total`, `change`, `share`, `ratio`).
    """
    if kind not in DIFFERING or counted not in ("total", "change") or not old or not new:
        return None
    a, b = read_content(old).value, read_content(new).value
    return None if a is None or b is None else b - a


class Summed(NamedTuple):
    """What a summary needs of a change; `counted` is the series' kind, `old` and `new` are canonical contents."""

    kind: str
    series: str
    measure: str
    counted: str
    as_of: Day
    old: str | None
    new: str | None


def summarise(changes: Iterable[Summed]) -> tuple[Group, ...]:
    """Group the changes of one update; those of derived series that echo another's are not among them."""
    by_series: dict[tuple[str, str], list[Summed]] = {}
    for change in changes:
        by_series.setdefault((change.kind, change.series), []).append(change)
    if len(by_series) <= GROUPS_BY_SERIES:
        made = [_group(kind, rows, series=series) for (kind, series), rows in by_series.items()]
    else:
        by_measure: dict[tuple[str, str], list[Summed]] = {}
        for (kind, _series), rows in by_series.items():
            by_measure.setdefault((kind, rows[0].measure), []).extend(rows)
        made = [_group(kind, rows, measure=measure) for (kind, measure), rows in by_measure.items()]
    return tuple(sorted(made, key=lambda one: (CHANGE_KINDS.index(one.kind), one.series or "", one.measure or "")))


def _group(kind: str, rows: Sequence[Summed], *, series: str | None = None, measure: str | None = None) -> Group:
    steps = [difference(kind, row.counted, row.old, row.new) for row in rows]
    known = [step for step in steps if step is not None]
    days = [row.as_of for row in rows]
    return Group(
        kind=kind,  # type: ignore[arg-type]  # a change's kind is one of CHANGE_KINDS
        series=series,
        measure=measure,
        count=len(rows),
        as_of_first=min(days),
        as_of_last=max(days),
        net=sum(known, Decimal(0)) if known else None,
        up=sum(step > 0 for step in known),
        down=sum(step < 0 for step in known),
        largest=max(known, key=abs) if known else None,
    )


class _Packed(Group, frozen=True, kw_only=True, array_like=True):
    """A group as a JSON row without names."""


def write_groups(groups: Sequence[Group]) -> str:
    """Groups as JSON rows without names, as the ledger keeps them."""
    return dumps([_Packed(**msgspec.structs.asdict(group)) for group in groups])


def read_groups(stored: str) -> tuple[Group, ...]:
    """Read groups back; the inverse of `write_groups`."""
    rows = msgspec.json.decode(stored, type=list[_Packed])
    return tuple(Group(**msgspec.structs.asdict(row)) for row in rows)
