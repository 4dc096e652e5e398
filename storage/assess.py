"""What one release changes: compared with what is accepted, checked, and marked, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import CheckResult, Day, Reading, Snapshot, Source, day_of
from storage import checks, drift, marking
from storage.compare import Comparison, Draft, Seen, compare, duplicate_checks, gather
from storage.drift import Drift
from storage.opening import make_series
from storage.record import AUTOMATIC, Settlement, Step
from storage.releases import known_copy
from storage.renames import propose
from storage.state import State, read_histories


def assess(
    connection: Connection,
    source: Source,
    state: State,
    snapshot: Snapshot,
    reading: Reading,
    step: Step,
    hold: bool,
) -> Comparison:
    """Compare one release with the accepted ledger, and put its changes, checks and settlements into the step.

    Without `hold` nothing waits: what would be held is told as a warning.
    """
    make_series(connection, source, state, reading)
    found = _drift(connection, state, reading, step)
    comparison = _compared(connection, source, state, snapshot, reading)
    results = [*reading.checks, *_judge(connection, source, state, comparison, step, snapshot)]
    waiting = any(held.open and held.update_id in found.pending for held in state.held.values())
    results += drift.judge(source, found, comparison.drafts, open_holds=waiting)
    if found.shape is not None and (comparison.drafts or not hold or not found.held):
        step.shape = found.shape, hold and bool(found.held)
    if not hold:
        results = [_only_warn(result) for result in results]
        for draft in comparison.drafts:
            draft.held = False
    step.drafts, step.checks = comparison.drafts, results
    read_histories(connection, state, marking.followed(source, state))
    step.settlements = [*_superseded(state, comparison, step), *marking.settle(source, state, comparison.drafts)]
    step.unfollowed = [("unmatched", one) for one in reading.unmatched]
    step.unfollowed += [("ambiguous", one) for one in reading.ambiguous]
    return comparison


def _compared(connection: Connection, source: Source, state: State, snapshot: Snapshot, reading: Reading) -> Comparison:
    """What changed, and what each change counts from, returns to or begins anew."""
    day = snapshot.published or day_of(snapshot.known_at, source.timezone)
    seen = gather(reading, state, day)
    read_histories(connection, state, _touched(source, state, seen))
    comparison = compare(source, state, seen, day)
    if snapshot.published:
        for draft in comparison.drafts:
            draft.basis = "published" if draft.basis == "fetched" else draft.basis
    marking.mark(source, state, comparison.drafts)
    _mark_reverts(connection, comparison.drafts)
    return comparison


def _drift(connection: Connection, state: State, reading: Reading, step: Step) -> Drift:
    """How the release's shape lies to the accepted one; a release read again by another reader sets it anew."""
    assert step.reader is not None
    found = drift.look(connection, state.source_id, reading.shape(), step.reader)
    if step.cause == "replay":
        found = Drift(shape=None if found.pending else reading.shape() or None)
    state.lifted = set() if found.held else set(found.pending)
    return found


def _judge(
    connection: Connection, source: Source, state: State, comparison: Comparison, step: Step, snapshot: Snapshot
) -> list[CheckResult]:
    """What the checks find in the changes; those that it holds are marked."""
    seen, drafts = comparison.seen, comparison.drafts
    gone = comparison.joined or any(draft.kind == "withdrawn" for draft in drafts)
    older = gone and step.cause != "replay"
    copy = known_copy(connection, state.source_id, snapshot.text_sha256) if older else None
    results = [*checks.page_checks(source, state, seen), *duplicate_checks(seen, state)]
    results += checks.rollback_check(comparison, copy)
    if source.coverage == "full":
        proposals = list(propose(state, comparison.raw))
        results += proposals if any(draft.rename for draft in drafts) else []
    if any(result.name == "count_out_of_bounds" for result in results):
        for draft in drafts:
            draft.held = True
    results += checks.rewritten_check(source, state, comparison)
    results += checks.future_checks(source, drafts, state.keys, snapshot.known_at)
    results += checks.step_checks(source, state, drafts)
    results += checks.parts_checks(source, state, seen, drafts)
    return results


def _touched(source: Source, state: State, seen: Seen) -> Iterable[int]:
    """The series whose history bears on a release: those of which it says something new; all, where it may withdraw."""
    return state.keys if source.coverage == "full" else {series_id for series_id, _ in seen.news}


def _only_warn(result: CheckResult) -> CheckResult:
    if result.result != "hold":
        return result
    return msgspec.structs.replace(result, result="warn", message=f"would be held: {result.message}")


def _superseded(state: State, comparison: Comparison, step: Step) -> list[Settlement]:
    """Holds that end because the source says something else now."""
    again = {(draft.series_id, draft.as_of) for draft in step.drafts}
    rows = []
    for key in sorted(comparison.ended):
        why = "another value stands there now" if key in again else "the source no longer states it"
        rows.append(Settlement(state.held[key].update_id, key[0], key[1], "supersede", AUTOMATIC, why))
    return rows


def _mark_reverts(connection: Connection, drafts: Sequence[Draft]) -> None:
    """Say which earlier update had the value that a revision returns to."""
    by_series: dict[int, dict[Day, Draft]] = {}
    for draft in drafts:
        if draft.kind in ("revised", "requalified"):
            by_series.setdefault(draft.series_id, {})[draft.as_of] = draft
    for series_id, changed in by_series.items():
        days = sorted(changed)
        for at in range(0, len(days), 500):
            rows = connection.execute(_VERSIONS_AT, {"series": series_id, "days": days[at : at + 500]})
            for as_of, update_id, content in rows:
                if content == changed[as_of].content:
                    changed[as_of].reverts = update_id


_VERSIONS_AT = sa.text("""
    SELECT as_of, update_id, content FROM versions
    WHERE series_id = :series AND as_of IN :days AND held = 0 ORDER BY update_id
""").bindparams(sa.bindparam("days", expanding=True))
