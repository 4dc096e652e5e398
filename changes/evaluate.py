"""What one release changes: compared with what is accepted, checked, and marked, before anything is written."""

from __future__ import annotations

import msgspec

from changes import marking
from changes.accepted import Accepted
from changes.checks import CHECKS, READING, drift
from changes.checks.context import Context, Drift, lay_holds, run_all
from changes.compare import Comparison, Seen, compare, gather
from changes.facts import Facts
from changes.update import AUTOMATIC, PendingUpdate, Settlement
from model import CheckResult, Day, Reading, Shape, Snapshot, Source, day_of


def sort_cells(source: Source, accepted: Accepted, snapshot: Snapshot, reading: Reading) -> Seen:
    """Sort what a release states by the series that are known; see `touched` for whose histories it then bears on."""
    return gather(reading, accepted, _day(source, snapshot))


def touched(source: Source, accepted: Accepted, seen: Seen) -> set[int]:
    """The series whose whole histories an evaluation needs: those of which a release says something new.

    All, where it may withdraw; and those whose definition knows of breaks.
    """
    if source.coverage == "full":
        return set(accepted.keys)
    return {series_id for series_id, _ in seen.news} | set(marking.followed(source, accepted))


def evaluate(
    source: Source,
    accepted: Accepted,
    snapshot: Snapshot,
    reading: Reading,
    seen: Seen,
    step: PendingUpdate,
    facts: Facts,
    hold: bool,
) -> Comparison:
    """Compare one release with the accepted ledger, and put its changes, checks and settlements into the step.

    Without `hold` nothing waits: what would be held is told as a warning.
    """
    found = _drift(facts, accepted, reading, step)
    comparison = _compared(source, accepted, snapshot, seen, facts)
    context = Context(source, accepted, snapshot, step.cause, reading, comparison, facts, found)
    findings = list(run_all((READING, *CHECKS), context))
    step.shape = _kept_shape(found, hold, bool(comparison.drafts))
    results = [finding.result for finding in findings]
    if hold:
        comparison.drafts = lay_holds(comparison.drafts, findings)
    else:
        results = [_only_warn(result) for result in results]
    step.drafts, step.checks = comparison.drafts, results
    step.settlements = [*_superseded(accepted, comparison, step), *marking.settle(source, accepted, comparison.drafts)]
    step.unfollowed = [("unmatched", one) for one in reading.unmatched]
    step.unfollowed += [("ambiguous", one) for one in reading.ambiguous]
    return comparison


def _day(source: Source, snapshot: Snapshot) -> Day:
    return snapshot.published or day_of(snapshot.known_at, source.timezone)


def _compared(source: Source, accepted: Accepted, snapshot: Snapshot, seen: Seen, facts: Facts) -> Comparison:
    """What changed, and what each change counts from, returns to or begins anew."""
    comparison = compare(source, accepted, seen, _day(source, snapshot))
    if snapshot.published:
        for draft in comparison.drafts:
            draft.basis = "published" if draft.basis == "fetched" else draft.basis
    marking.mark_redated(accepted, comparison.drafts)
    marking.mark_breaks(source, accepted, comparison.drafts)
    marking.mark_reverts(facts, comparison.drafts)
    return comparison


def _drift(facts: Facts, state: Accepted, reading: Reading, step: PendingUpdate) -> Drift:
    """How the release's shape lies to the accepted one; a release read again by another reader sets it anew."""
    assert step.reader is not None
    found = drift.look(facts.shape(step.reader), reading.shape())
    if step.cause == "replay":
        found = Drift(shape=None if found.pending else reading.shape() or None)
    state.lifted = set() if found.held else set(found.pending)
    return found


def _kept_shape(found: Drift, hold: bool, changed: bool) -> tuple[Shape, bool] | None:
    """The shape to be kept, and whether it waits; one that is in doubt is kept only with what waits for it."""
    if found.shape is None or not (changed or not hold or not found.held):
        return None
    return found.shape, hold and bool(found.held)


def _only_warn(result: CheckResult) -> CheckResult:
    if result.result != "hold":
        return result
    return msgspec.structs.replace(result, result="warn", message=f"would be held: {result.message}")


def _superseded(state: Accepted, comparison: Comparison, step: PendingUpdate) -> list[Settlement]:
    """Holds that end because the source says something else now."""
    again = {(draft.series_id, draft.as_of) for draft in step.drafts}
    rows = []
    for key in sorted(comparison.ended):
        why = "another value stands there now" if key in again else "the source no longer states it"
        rows.append(Settlement(state.held[key].update_id, key[0], key[1], "supersede", AUTOMATIC, why))
    return rows
