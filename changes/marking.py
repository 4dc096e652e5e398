"""Marking changes: rows that moved, values that were there before, and what is not to be compared across a break."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence

from changes.accepted import Accepted
from changes.breaks import NONE, Breaks
from changes.facts import Facts
from changes.kinds import ProposedChange
from changes.update import OWN, Settlement
from model import Break, Day, FigureRule, SeriesRef, SeriesRule, Source, figure_id_of

DEFINITION = "definition"
"""Who marks what the definition says."""


def breaks_of(source: Source, state: Accepted, series_id: int) -> Breaks:
    """What is known of a series' breaks, from its definition and from people."""
    defined = _defined(source, state, series_id)
    marked = state.breaks.get(series_id)
    return Breaks(marked or {}, defined) if marked or defined else NONE


def _defined(source: Source, state: Accepted, series_id: int) -> tuple[Break, ...]:
    rule = source.rule(figure_id_of(state.first_ref[series_id]))
    if rule is None or not rule.breaks:
        return ()
    key = state.keys[series_id].partition("/")[2]
    return tuple(one for one in rule.breaks if one.series in (None, key))


def mark_breaks(source: Source, state: Accepted, drafts: Sequence[ProposedChange]) -> None:
    """Say of each change that counts on from before a break why it is counted anew."""
    if not state.breaks and not _knowing(source):
        return
    for draft in drafts:
        if draft.base_as_of is not None and draft.content is not None:
            draft.series_break = breaks_of(source, state, draft.series_id).between(draft.base_as_of, draft.as_of)


def mark_redated(state: Accepted, drafts: list[ProposedChange]) -> None:
    """A whole row whose values stand at another as-of now moved there; both sides say so.

    Single small numbers coincide by chance, so a row counts when two of its values agree or one has four digits.
    """
    late: dict[tuple[tuple[str, ...], Day], dict[str, ProposedChange]] = {}
    left: dict[tuple[tuple[str, ...], Day], dict[str, ProposedChange]] = {}
    for draft in drafts:
        side = late if draft.kind in ("late", "restored") else left if draft.old and not draft.base_as_of else None
        if side is not None:
            ref = SeriesRef.parse(state.first_ref[draft.series_id])
            side.setdefault((ref.labels, draft.as_of), {})[ref.figure_id] = draft
    if not late or not left:
        return
    by_values: dict[tuple[object, ...], list[tuple[Day, dict[str, ProposedChange]]]] = {}
    for (labels, as_of), row in left.items():
        values = {figure_id: draft.old or "" for figure_id, draft in row.items()}
        by_values.setdefault((labels, *sorted(values.items())), []).append((as_of, row))
    for (labels, as_of), row in late.items():
        values = {figure_id: draft.content or "" for figure_id, draft in row.items()}
        telling = len(values) > 1 or any(sum(c.isdigit() for c in value) >= 4 for value in values.values())
        found = by_values.get((labels, *sorted(values.items())), []) if telling else []
        if len(found) == 1:
            other_day, other = found[0]
            for draft in row.values():
                draft.redated = other_day
            for draft in other.values():
                draft.redated = as_of


def mark_reverts(facts: Facts, drafts: Sequence[ProposedChange]) -> None:
    """Say which earlier update had the value that a revision returns to."""
    by_series: dict[int, dict[Day, ProposedChange]] = {}
    for draft in drafts:
        if draft.kind in ("revised", "requalified"):
            by_series.setdefault(draft.series_id, {})[draft.as_of] = draft
    for series_id, changed in by_series.items():
        for as_of, update_id, content in facts.recorded_at(series_id, sorted(changed)):
            if content == changed[as_of].content:
                changed[as_of].reverts = update_id


def _knowing(source: Source) -> set[str]:
    """The rules that know of breaks."""
    rules: tuple[FigureRule | SeriesRule, ...] = (*source.figures, *source.series)
    return {rule.id for rule in rules if rule.breaks}


def followed(source: Source, state: Accepted) -> list[int]:
    """The series whose definition knows of breaks; to say which observations they are takes their whole histories."""
    knowing = _knowing(source)
    return [one for one, ref in state.first_ref.items() if figure_id_of(ref) in knowing] if knowing else []


def settle(source: Source, state: Accepted, drafts: Sequence[ProposedChange]) -> Iterator[Settlement]:
    """Put into the ledger what the definition says: each first observation from a break on, once."""
    known_of = followed(source, state)
    if not known_of:
        return
    fresh: dict[int, dict[Day, ProposedChange]] = {}
    for draft in drafts:
        if draft.content is not None and not draft.held:
            fresh.setdefault(draft.series_id, {})[draft.as_of] = draft
    for series_id in sorted(known_of):
        if not (defined := _defined(source, state, series_id)):
            continue
        known, marked = Breaks({}, defined), state.breaks.get(series_id, {})
        days = sorted(state.live.get(series_id, {}).keys() | fresh.get(series_id, {}).keys())
        for at in _first_after(known, days):
            if at not in marked:
                own = at in fresh.get(series_id, {})
                target = OWN if own else state.origin[series_id][at]
                why = known.between(Day(""), at) or ""
                yield Settlement(target, series_id, at, "break", DEFINITION, why)


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
