"""What reports say of their own changes, set against the ledger: each stated increment with its verdict."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Day, Reading, SeriesRef, Source, plain, read_content
from storage import baseline, marking, record, schema
from storage.compare import Comparison, Draft
from storage.record import StatedRow
from storage.state import State


def stated_rows(
    connection: Connection,
    source: Source,
    state: State,
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
        base_id = _counted_series(connection, source, state, series_id)
        value = read_content(draft.content or "").value
        anew = marking.breaks_of(source, state, series_id).last(draft.as_of)
        found = baseline.resolve(
            connection, base_id, draft.as_of, value, increment.figure, since=anew[0] if anew else Day("")
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
            record.locate(increment.figure, text),
        )
    return list(rows.values())


def _draft_of(brought: dict[tuple[int, Day], Draft], series_id: int, as_of: Day | None) -> Draft | None:
    """The observation that an increment leads to: at its own as-of, else the series' newest in this update."""
    if as_of is not None and (series_id, as_of) in brought:
        return brought[series_id, as_of]
    days = [day for of_series, day in brought if of_series == series_id]
    return brought[series_id, max(days)] if days and as_of is None else None


def _counted_series(connection: Connection, source: Source, state: State, series_id: int) -> int:
    """The series whose ledger a figure is counted from: its own, or the one its definition says it speaks of."""
    rule = source.rule(SeriesRef.parse(state.first_ref[series_id]).figure_id)
    counts_as = getattr(rule, "counts_as", None)
    if counts_as:
        found = connection.execute(sa.select(schema.series.c.id).where(schema.series.c.key == counts_as)).scalar()
        if found is not None:
            return int(found)
    return series_id
