"""Summaries of many changes: by kind and series, or by kind and measure where that would be too many lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from model import CHANGE_KINDS, Day, Group, dumps, read_content
from model.figure import Kind

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
    """What a summary needs of a change; `counted` is the series' kind, `old` and `new` are canonical contents.

    `old` is None where the series is counted anew since, and its values are not to be compared; `base` is its day.
    """

    kind: str
    series: str
    measure: str
    counted: str
    as_of: Day
    old: str | None
    new: str | None
    held: bool = False
    base: Day | None = None


def summarise(changes: Iterable[Summed]) -> tuple[Group, ...]:
    """Group the changes of one update; those of derived series that echo another's are not among them."""
    by_series: dict[tuple[str, str], list[Summed]] = {}
    for change in _from_what_counts(list(changes)):
        by_series.setdefault((change.kind, change.series), []).append(change)
    if len(by_series) <= GROUPS_BY_SERIES:
        made = [_of_series(kind, series, rows) for (kind, series), rows in by_series.items()]
    else:
        by_measure: dict[tuple[str, str], list[list[Summed]]] = {}
        for (kind, _series), rows in by_series.items():
            by_measure.setdefault((kind, rows[0].measure), []).append(rows)
        made = [_of_measure(kind, measure, parts) for (kind, measure), parts in by_measure.items()]
    return tuple(sorted(made, key=lambda one: (CHANGE_KINDS.index(one.kind), one.series or "", one.measure or "")))


def _from_what_counts(changes: Sequence[Summed]) -> Iterator[Summed]:
    """New days go on from the day before as the same update leaves it, should it rewrite that day too.

    An undated figure that grew within its day goes on from itself, as it was before this update.
    """
    left = {(one.series, one.as_of): one.new for one in changes if not one.held and one.new is not None}
    for one in changes:
        base = one.base if one.kind == "new" and one.old is not None and one.base != one.as_of else None
        again = left.get((one.series, base)) if base else None
        yield one._replace(old=again) if again is not None else one


SeriesMove = tuple[Decimal, str]
"""By how much one change moved its series, and which series."""


def _of_series(kind: str, series: str, rows: Sequence[Summed]) -> Group:
    ordered = sorted(rows, key=lambda row: row.as_of)
    counting = [row for row in ordered if not row.held]
    group = _group(kind, ordered, _steps(ordered))
    if not counting:
        return msgspec.structs.replace(group, series=series, counted=counting_kind(ordered))
    first, last = counting[0], counting[-1]
    new = kind == "new"
    return msgspec.structs.replace(
        group,
        series=series,
        counted=counting_kind(ordered),
        net=_net(kind, counting),
        old=read_content(first.old) if new and first.old and last.new else None,
        new=read_content(last.new) if new and last.new else None,
    )


def counting_kind(rows: Sequence[Summed]) -> Kind:
    """What kind of figure a series states."""
    return rows[0].counted  # type: ignore[return-value]  # a series' kind is one of KINDS


def _of_measure(kind: str, measure: str, parts: Sequence[Sequence[Summed]]) -> Group:
    """Many series told together: how many changes, and which way each went; never a sum of them."""
    rows = [row for part in parts for row in part]
    steps = [step for part in parts for step in _steps(sorted(part, key=lambda row: row.as_of))]
    return msgspec.structs.replace(_group(kind, rows, steps), measure=measure, series_count=len(parts))


def _group(kind: str, rows: Sequence[Summed], steps: Sequence[SeriesMove]) -> Group:
    days = [row.as_of for row in rows]
    largest, of = max(steps, key=lambda step: abs(step[0]), default=(None, None))
    return Group(
        kind=kind,  # type: ignore[arg-type]  # a change's kind is one of CHANGE_KINDS
        count=len(rows),
        as_of_first=min(days),
        as_of_last=max(days),
        up=sum(step > 0 for step, _ in steps),
        down=sum(step < 0 for step, _ in steps),
        largest=largest,
        largest_series=of,
        held=sum(row.held for row in rows),
    )


def _steps(ordered: Sequence[Summed]) -> list[SeriesMove]:
    """By how much each change of one series and kind moved it, oldest first: a new day from the day before."""
    found, before = [], None
    for row in ordered:
        old = before if row.kind == "new" and before is not None and row.old is not None else row.old
        step = difference(row.kind, row.counted, old, row.new)
        if step is not None and not row.held:
            found.append((step, row.series))
        if row.kind == "new" and not row.held:
            before = row.new
    return found


def _net(kind: str, counting: Sequence[Summed]) -> Decimal | None:
    """What one series' changes come to: newest less last known, the increments' own sum, or what a past moved by.

    Days of a total do not add up, so what several of them moved by is no number.
    """
    first, last = counting[0], counting[-1]
    if first.counted == "change":
        return _added(kind, counting)
    if kind == "new":
        compared = all(row.old is not None for row in counting)
        return difference(kind, last.counted, first.old, last.new) if compared else None
    return difference(kind, first.counted, first.old, first.new) if first is last else None


def _added(kind: str, counting: Sequence[Summed]) -> Decimal | None:
    """What increments come to: new ones their own sum, rewritten ones what they moved by."""
    if kind == "new":
        return _sum(read_content(row.new).value if row.new else None for row in counting)
    return _sum(difference(kind, row.counted, row.old, row.new) for row in counting)


def _sum(numbers: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None where one is not known."""
    found = list(numbers)
    known = [number for number in found if number is not None]
    return sum(known, Decimal(0)) if len(known) == len(found) else None


FORM = 4
"""Summaries of an older form summed over series, nested differences or days of a total, or hid growth within a day:
they are made anew."""


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    form: int
    groups: tuple[Group, ...]


def write_groups(groups: Sequence[Group]) -> str:
    """Groups as JSON, as the ledger keeps them."""
    return dumps(_Stored(form=FORM, groups=tuple(groups)))


def read_groups(stored: str) -> tuple[Group, ...] | None:
    """Read groups back; the inverse of `write_groups`. None where they are of an older form."""
    if not stored.startswith("{"):
        return None
    found = msgspec.json.decode(stored, type=_Stored)
    return found.groups if found.form == FORM else None
