"""What reports say of their own changes, set against the ledger: each stated increment with its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from changes import baseline
from changes.accepted import PROVISIONAL, Accepted
from changes.facts import Facts, RecordedVersion
from changes.kinds import Key, ProposedChange
from changes.marks import marking
from changes.update import StatedRow, locate
from model import Day, Increment, Source, plain, read_content

_SIGNS = ("+", "-", "−", "–")
"""With one of them an increment says itself which way it goes; words such as "24 fewer" leave it to the ledger."""


class Counter:
    """Sets the increments of one release against what its source recorded of each series."""

    def __init__(self, source: Source, accepted: Accepted, facts: Facts) -> None:
        self._source, self._accepted, self._facts = source, accepted, facts

    def rows(self, stated: Iterable[Increment], changes: Sequence[ProposedChange], text: str) -> list[StatedRow]:
        """Set the report's own increments against the ledger, for observations that this update brings."""
        brought = {change.key: change for change in changes if change.content is not None}
        rows: dict[Key, StatedRow] = {}
        for increment in stated:
            series_id = self._accepted.refs.get(increment.series)
            change = None if series_id is None else _change_of(brought, series_id, increment.as_of)
            if change is not None and change.key not in rows:
                rows[change.key] = self._row(change, increment, text)
        return list(rows.values())

    def _row(self, change: ProposedChange, increment: Increment, text: str) -> StatedRow:
        base_id = self._counted_series(change.series_id)
        value = read_content(change.content or "").value
        said = increment.figure
        found = baseline.resolve(self._earlier(base_id, change), value, said)
        if found.verdict == "mismatch" and self._source.prose and said.number_text[:1] not in _SIGNS:
            fallen = baseline.resolve(self._earlier(base_id, change), value, baseline.taken_away(said))
            if fallen.verdict in ("matches", "approximately"):
                said, found = baseline.taken_away(said), fallen
        return StatedRow(
            change.series_id,
            change.as_of,
            said.content,
            found.verdict,
            base_id if found.update_id else None,
            found.as_of,
            found.update_id,
            found.versions_back,
            None if found.implied is None else plain(found.implied),
            None if found.computed is None else plain(found.computed),
            locate(increment.figure, text),
        )

    def _earlier(self, base_id: int, change: ProposedChange) -> Iterable[RecordedVersion]:
        """What was recorded of the counted series before, from the day on since which it is counted anew."""
        if base_id >= PROVISIONAL:
            return ()
        anew = marking.breaks_of(self._source, self._accepted, change.series_id).last(change.as_of)
        return self._facts.earlier(base_id, anew[0] if anew else Day(""), change.as_of)

    def _counted_series(self, series_id: int) -> int:
        """The series whose ledger a figure is counted from: its own, or the one its definition says it speaks of."""
        # What a table or page counts on its own is counted from its own past; a report quotes somebody else's.
        other = self._source.counted_as(self._accepted.keys[series_id]) if self._source.prose else None
        found = self._facts.series_id(other) if other else None
        return series_id if found is None else found


def _change_of(brought: dict[Key, ProposedChange], series_id: int, as_of: Day | None) -> ProposedChange | None:
    """The observation that an increment leads to: at its own as-of, else the series' newest in this update."""
    if as_of is not None:
        return brought.get((series_id, as_of))
    days = [day for of_series, day in brought if of_series == series_id]
    return brought[series_id, max(days)] if days else None
