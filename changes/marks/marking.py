"""Marking changes: rows that moved, values that were there before, and what is not to be compared across a break."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from changes.accepted import Accepted
from changes.facts import Facts
from changes.kinds import Key, ProposedChange
from changes.marks.breaks import NONE, Breaks
from changes.update import OWN, Settlement
from model import Break, Day, FigureRule, SeriesRef, SeriesRule, Source, figure_id_of

DEFINITION = "definition"
"""Who marks what the definition says."""


def breaks_of(source: Source, accepted: Accepted, series_id: int) -> Breaks:
    """What is known of a series' breaks, from its definition and from people."""
    defined = _defined(source, accepted, series_id)
    marked = accepted.breaks.get(series_id)
    return Breaks(marked or {}, defined) if marked or defined else NONE


def _defined(source: Source, accepted: Accepted, series_id: int) -> tuple[Break, ...]:
    rule = source.rule(figure_id_of(accepted.first_ref[series_id]))
    if rule is None or not rule.breaks:
        return ()
    key = accepted.keys[series_id].partition("/")[2]
    return tuple(one for one in rule.breaks if one.series in (None, key))


def mark(
    source: Source, accepted: Accepted, facts: Facts, changes: Sequence[ProposedChange]
) -> Sequence[ProposedChange]:
    """Say of changes which moved, what they return to, and which are not to be compared with what was before."""
    moved = mark_redated(accepted, changes)
    return mark_reverts(facts, mark_breaks(source, accepted, moved))


def mark_breaks(source: Source, accepted: Accepted, changes: Sequence[ProposedChange]) -> Sequence[ProposedChange]:
    """Say of each change that counts on from before a break why it is counted anew."""
    if not accepted.breaks and not _knowing(source):
        return changes
    return [mark_break(change, breaks_of(source, accepted, change.series_id)) for change in changes]


def mark_break(change: ProposedChange, breaks: Breaks) -> ProposedChange:
    """The change, with the reason of a break that lies between it and what it counts from."""
    if change.base_as_of is None:
        return change
    why = breaks.between(change.base_as_of, change.as_of)
    return change if why is None else msgspec.structs.replace(change, series_break=why)


RowAt = tuple[tuple[str, ...], Day]
"""A row of a table: its labels, and its as-of."""

ChangedRows = dict[RowAt, dict[str, ProposedChange]]
"""Changes by the rows that they stand in, and by the figure there."""


def mark_redated(accepted: Accepted, changes: Sequence[ProposedChange]) -> Sequence[ProposedChange]:
    """A whole row whose values stand at another as-of now moved there; both sides say so.

    Single small numbers coincide by chance, so a row counts when two of its values agree or one has four digits.
    """
    came = _rows(accepted, (change for change in changes if change.kind in ("late", "restored")))
    left = _rows(accepted, (change for change in changes if _leaves(change)))
    if not came or not left:
        return changes
    moved = dict(_moves(came, left))
    return [
        msgspec.structs.replace(change, redated=moved[change.key]) if change.key in moved else change
        for change in changes
    ]


def _moves(came: ChangedRows, left: ChangedRows) -> Iterator[tuple[Key, Day]]:
    """The observations of rows that moved, each with the day on the other side."""
    by_values: dict[tuple[object, ...], list[RowAt]] = {}
    for (labels, as_of), row in left.items():
        by_values.setdefault((labels, *_values(row, "old")), []).append((labels, as_of))
    for (labels, as_of), row in came.items():
        values = _values(row, "content")
        found = by_values.get((labels, *values), ()) if _is_telling(values) else ()
        if len(found) == 1:
            yield from ((change.key, found[0][1]) for change in row.values())
            yield from ((change.key, as_of) for change in left[found[0]].values())


def _leaves(change: ProposedChange) -> bool:
    """Whether a change takes a value from its as-of: it is withdrawn, or another stands there."""
    return change.kind not in ("late", "restored") and bool(change.old) and not change.base_as_of


def _rows(accepted: Accepted, changes: Iterable[ProposedChange]) -> ChangedRows:
    rows: ChangedRows = {}
    for change in changes:
        ref = SeriesRef.parse(accepted.first_ref[change.series_id])
        rows.setdefault((ref.labels, change.as_of), {})[ref.figure_id] = change
    return rows


def _values(row: dict[str, ProposedChange], side: Literal["old", "content"]) -> list[tuple[str, str]]:
    return sorted((figure_id, getattr(change, side) or "") for figure_id, change in row.items())


def _is_telling(values: Sequence[tuple[str, str]]) -> bool:
    return len(values) > 1 or any(sum(c.isdigit() for c in value) >= 4 for _, value in values)


def mark_reverts(facts: Facts, changes: Sequence[ProposedChange]) -> Sequence[ProposedChange]:
    """Say which earlier update had the value that a revision returns to."""
    by_series: dict[int, dict[Day, ProposedChange]] = {}
    for change in changes:
        if change.kind in ("revised", "requalified"):
            by_series.setdefault(change.series_id, {})[change.as_of] = change
    reverts: dict[Key, int] = {}
    for series_id, changed in by_series.items():
        for as_of, update_id, content in facts.recorded_at(series_id, sorted(changed)):
            if content == changed[as_of].content:
                reverts[series_id, as_of] = update_id
    if not reverts:
        return changes
    return [
        msgspec.structs.replace(change, reverts=reverts[change.key]) if change.key in reverts else change
        for change in changes
    ]


def _knowing(source: Source) -> set[str]:
    """The rules that know of breaks."""
    rules: tuple[FigureRule | SeriesRule, ...] = (*source.figures, *source.series)
    return {rule.id for rule in rules if rule.breaks}


def followed(source: Source, accepted: Accepted) -> list[int]:
    """The series whose definition knows of breaks; to say which observations they are takes their whole histories."""
    knowing = _knowing(source)
    return [one for one, ref in accepted.first_ref.items() if figure_id_of(ref) in knowing] if knowing else []


def settle(source: Source, accepted: Accepted, changes: Sequence[ProposedChange]) -> Iterator[Settlement]:
    """Put into the ledger what the definition says: each first observation from a break on, once."""
    known_of = followed(source, accepted)
    if not known_of:
        return
    fresh: dict[int, set[Day]] = {}
    for change in changes:
        if not change.held:
            fresh.setdefault(change.series_id, set()).add(change.as_of)
    for series_id in sorted(known_of):
        if defined := _defined(source, accepted, series_id):
            yield from _settle_series(accepted, series_id, Breaks({}, defined), fresh.get(series_id, set()))


def _settle_series(accepted: Accepted, series_id: int, known: Breaks, fresh: set[Day]) -> Iterator[Settlement]:
    marked = accepted.breaks.get(series_id, {})
    days = sorted(accepted.live.get(series_id, {}).keys() | fresh)
    for at in _first_after(known, days):
        if at not in marked:
            target = OWN if at in fresh else accepted.origin[series_id][at]
            yield Settlement(target, series_id, at, "break", DEFINITION, known.between(Day(""), at) or "")


def _first_after(known: Breaks, days: Sequence[Day]) -> Iterator[Day]:
    """The first day from each break on that has days before it, newest first."""
    place = len(days)
    while place:
        found = known.last(days[place - 1])
        if found is None:
            return
        place = bisect.bisect_left(days, found[0], 0, place)
        if place:
            yield days[place]
