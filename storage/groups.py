"""Summaries of many changes: by kind and series, or by kind and measure where that would be too many lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from model import CHANGE_KINDS, Day, Group, read_content

if TYPE_CHECKING:
    from storage.compare import Draft

GROUPS_BY_SERIES = 20
"""Above this many groups an update is summarised by measure instead of by series."""

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


def summarise(
    drafts: Sequence[Draft], keys: Mapping[int, str], facts: Mapping[int, tuple[str, str]]
) -> tuple[Group, ...]:
    """Group drafts; `facts` gives each series' measure and kind. Echoes of derived series are left out."""
    listed = [draft for draft in drafts if not draft.echo]
    by_series: dict[tuple[str, int], list[Draft]] = {}
    for draft in listed:
        by_series.setdefault((draft.kind, draft.series_id), []).append(draft)
    if len(by_series) <= GROUPS_BY_SERIES:
        made = [_group(kind, rows, facts, series=keys[sid]) for (kind, sid), rows in by_series.items()]
    else:
        by_measure: dict[tuple[str, str], list[Draft]] = {}
        for (kind, series_id), rows in by_series.items():
            by_measure.setdefault((kind, facts[series_id][0]), []).extend(rows)
        made = [_group(kind, rows, facts, measure=measure) for (kind, measure), rows in by_measure.items()]
    return tuple(sorted(made, key=lambda one: (CHANGE_KINDS.index(one.kind), one.series or "", one.measure or "")))


def _group(
    kind: str,
    rows: Sequence[Draft],
    facts: Mapping[int, tuple[str, str]],
    *,
    series: str | None = None,
    measure: str | None = None,
) -> Group:
    steps = [difference(kind, facts[row.series_id][1], row.old, row.content) for row in rows]
    known = [step for step in steps if step is not None]
    days = [row.as_of for row in rows]
    return Group(
        kind=kind,  # type: ignore[arg-type]  # a draft's kind is one of CHANGE_KINDS
        series=series,
        measure=measure,
        count=len(rows),
        as_of_first=Day(min(days)),
        as_of_last=Day(max(days)),
        net=sum(known, Decimal(0)) if known else None,
        up=sum(step > 0 for step in known),
        down=sum(step < 0 for step in known),
        largest=max(known, key=abs) if known else None,
    )
