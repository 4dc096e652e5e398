"""What one release changes: compared with what is accepted, checked, and marked, before anything is written."""

from __future__ import annotations

import msgspec

from changes import marking
from changes.accepted import Accepted
from changes.checks import drift
from changes.checks import steps as checks
from changes.checks.drift import Drift
from changes.checks.possible import possible_checks
from changes.checks.renames import propose
from changes.compare import Comparison, Seen, compare, duplicate_checks, gather
from changes.facts import Facts
from changes.update import AUTOMATIC, PendingUpdate, Settlement
from model import CheckResult, Day, Reading, Snapshot, Source, day_of


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
    results = [*_doubted(reading, comparison), *_judge(source, accepted, comparison, step, snapshot, facts)]
    waiting = any(held.open and held.update_id in found.pending for held in accepted.held.values())
    results += drift.judge(source, found, comparison.drafts, open_holds=waiting)
    if found.shape is not None and (comparison.drafts or not hold or not found.held):
        step.shape = found.shape, hold and bool(found.held)
    if not hold:
        results = [_only_warn(result) for result in results]
        for draft in comparison.drafts:
            draft.held = False
    step.drafts, step.checks = comparison.drafts, results
    step.settlements = [*_superseded(accepted, comparison, step), *marking.settle(source, accepted, comparison.drafts)]
    step.unfollowed = [("unmatched", one) for one in reading.unmatched]
    step.unfollowed += [("ambiguous", one) for one in reading.ambiguous]
    return comparison


def _day(source: Source, snapshot: Snapshot) -> Day:
    return snapshot.published or day_of(snapshot.known_at, source.timezone)


def _doubted(reading: Reading, comparison: Comparison) -> list[CheckResult]:
    """The findings of the reader; a doubt holds all that is new, or what is new at its as-of, and else only warns."""
    results = []
    for result in reading.checks:
        touched = [draft for draft in comparison.drafts if result.as_of in (None, draft.as_of)]
        if result.result == "hold":
            for draft in touched:
                draft.held = True
        idle = result.result == "hold" and not touched
        if idle and result.as_of is not None:
            continue  # it is known already, and was told when it came
        results.append(_only_warn(result) if idle else result)
    return results


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


def _judge(
    source: Source,
    state: Accepted,
    comparison: Comparison,
    step: PendingUpdate,
    snapshot: Snapshot,
    facts: Facts,
) -> list[CheckResult]:
    """What the checks find in the changes; those that it holds are marked."""
    seen, drafts = comparison.seen, comparison.drafts
    gone = comparison.joined or any(draft.kind == "withdrawn" for draft in drafts)
    older = gone and step.cause != "replay"
    copy = facts.copy_of(snapshot.text_sha256) if older else None
    results = [*checks.page_checks(source, state, seen), *duplicate_checks(seen, state)]
    results += checks.rollback_check(comparison, copy)
    proposals = list(propose(source, state, seen, comparison.raw))
    results += proposals if any(draft.rename for draft in drafts) else []
    if any(result.name == "count_out_of_bounds" for result in results):
        for draft in drafts:
            draft.held = True
    results += checks.rewritten_check(source, state, comparison)
    results += possible_checks(source, state, seen, drafts)
    results += checks.future_checks(source, drafts, state.keys, snapshot.known_at)
    results += checks.step_checks(source, state, drafts)
    results += checks.parts_checks(source, state, seen, drafts)
    return results


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
