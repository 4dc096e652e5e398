"""What reports say of their own changes, set against the ledger: each stated increment with its verdict."""

from __future__ import annotations

from changes import baseline, marking
from changes.accepted import Accepted
from changes.compare import Comparison
from changes.facts import Facts
from changes.kinds import ProposedChange
from changes.update import StatedRow, locate
from model import Day, Reading, SeriesRef, Source, plain, read_content


def stated_rows(
    facts: Facts,
    source: Source,
    state: Accepted,
    reading: Reading,
    comparison: Comparison,
    text: str,
) -> list[StatedRow]:
    """Set the report's own increments against the ledger, for observations that this update brings."""
    brought = {(draft.series_id, draft.as_of): draft for draft in comparison.drafts if draft.content is not None}
    rows: dict[tuple[int, Day], StatedRow] = {}
    for increment in reading.stated:
        series_id = state.refs.get(increment.series)
        if series_id is None:
            continue
        draft = _draft_of(brought, series_id, increment.as_of)
        if draft is None or (series_id, draft.as_of) in rows:
            continue
        base_id = _counted_series(facts, source, state, series_id)
        value = read_content(draft.content or "").value
        anew = marking.breaks_of(source, state, series_id).last(draft.as_of)
        found = baseline.resolve(
            facts, base_id, draft.as_of, value, increment.figure, since=anew[0] if anew else Day("")
        )
        rows[series_id, draft.as_of] = StatedRow(
            series_id,
            draft.as_of,
            increment.figure.content,
            found.verdict,
            base_id if found.update_id else None,
            found.as_of,
            found.update_id,
            found.versions_back,
            None if found.implied is None else plain(found.implied),
            None if found.computed is None else plain(found.computed),
            locate(increment.figure, text),
        )
    return list(rows.values())


def _draft_of(
    brought: dict[tuple[int, Day], ProposedChange], series_id: int, as_of: Day | None
) -> ProposedChange | None:
    """The observation that an increment leads to: at its own as-of, else the series' newest in this update."""
    if as_of is not None and (series_id, as_of) in brought:
        return brought[series_id, as_of]
    days = [day for of_series, day in brought if of_series == series_id]
    return brought[series_id, max(days)] if days and as_of is None else None


def _counted_series(facts: Facts, source: Source, state: Accepted, series_id: int) -> int:
    """The series whose ledger a figure is counted from: its own, or the one its definition says it speaks of."""
    rule = source.rule(SeriesRef.parse(state.first_ref[series_id]).figure_id)
    counts_as = getattr(rule, "counts_as", None)
    if counts_as:
        found = facts.series_id(counts_as)
        if found is not None:
            return found
    return series_id
