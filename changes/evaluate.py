"""What one release changes: compared with what is accepted, checked, and marked, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from changes.accepted import PROVISIONAL, Accepted, Naming
from changes.checks import CHECKS, drift
from changes.checks.context import Context, Drift, lay_holds, run_all
from changes.compare import Comparison, Seen, Setting, compare, gather
from changes.facts import Facts
from changes.kinds import AsOfBasis, Key, ProposedChange
from changes.marks import lists, marking
from changes.naming import name_labels
from changes.standing import standing
from changes.stated import Counter
from changes.update import AUTOMATIC, Evaluation, Settlement
from model import Cause, CheckName, CheckResult, Day, Figure, Reader, Reading, Shape, Snapshot, Source, Why, day_of


@dataclass(frozen=True, slots=True)
class ReadRelease:
    """One release as it was read: its snapshot and text, what was read in it and by whom, and why it is looked at.

    Without `hold` nothing in it waits for a person: what would be held is told as a warning. `picture` is how a browser
    drew it, which is kept where it makes an update.
    """

    snapshot: Snapshot
    text: str
    reading: Reading
    reader: Reader
    cause: Cause = "fetch"
    why: Why = "source"
    hold: bool = True
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class SortedRelease:
    """A release with its cells sorted by series, its new labels named, and the series whose whole histories it needs.

    `day` is when an undated figure is observed: published, else fetched.
    """

    read: ReadRelease
    day: Day
    naming: Naming
    seen: Seen
    touched: frozenset[int]


def on_its_way(accepted: Accepted, read: ReadRelease) -> ReadRelease:
    """A release with what stands of the way to its address: bytes that did not come from there say nothing of it."""
    if read.cause == "fetch":
        return read
    return replace(read, reading=read.reading.with_checks(way_of(accepted.standing)))


def repeats(accepted: Accepted, read: ReadRelease) -> bool:
    """Whether a release is the newest one again, read by the same reader and come the same way."""
    newest = accepted.release
    same = newest is not None and newest.is_of(read.snapshot, read.reader)
    return same and way_of(read.reading.checks) == way_of(accepted.standing)


def way_of(checks: Iterable[CheckResult]) -> frozenset[CheckResult]:
    """What checks say of the way that a release came."""
    return frozenset(check for check in checks if check.name == CheckName.REDIRECTED)


def sort_release(source: Source, accepted: Accepted, read: ReadRelease) -> SortedRelease:
    """Sort what a release states by series: of those that are known, the newest observations are enough for it."""
    day = read.snapshot.published or day_of(read.snapshot.known_at, source.timezone)
    try:
        naming, seen = Naming(), gather(read.reading, accepted.refs, accepted, day)
    except KeyError:  # most releases have no label that is not known
        naming = name_labels(source, accepted, read.reading)
        seen = gather(read.reading, {**accepted.refs, **naming.refs}, accepted, day)
    return SortedRelease(read, day, naming, seen, _touched(source, accepted, seen))


def _touched(source: Source, accepted: Accepted, seen: Seen) -> frozenset[int]:
    """The series of which a release says something new; all, where it may withdraw; those that know of breaks."""
    if source.coverage == "full":
        return frozenset(accepted.series)
    news = {series_id for series_id, _ in seen.news if series_id < PROVISIONAL}
    return frozenset(news.union(marking.followed(source, accepted)))


def evaluate(source: Source, accepted: Accepted, release: SortedRelease, facts: Facts) -> Evaluation:
    """Compare one release with the accepted ledger, check it, and say all that its update would append."""
    read = release.read
    known = accepted.knowing(release.naming)
    found = Drift() if lists.is_empty_list(source, read.reading) else _drift(facts, read)
    comparison = _compared(source, known, release, facts, found)
    context = Context(source, known, read.snapshot, read.cause, read.reading, comparison, facts, found)
    findings = list(run_all(CHECKS, context))
    changes = lay_holds(comparison.changes, findings) if read.hold else comparison.changes
    moves = lists.follow(source, known, read.reading, release.seen)
    results = [*(finding.result for finding in findings), *lists.tell(known, moves)]
    checks = results if read.hold else [_only_warn(result) for result in results]
    return Evaluation(
        cause=read.cause,
        why=read.why,
        known_at=read.snapshot.known_at,
        snapshot=read.snapshot,
        reader=read.reader,
        text=read.text,
        naming=release.naming.of({change.series_id for change in changes}),
        changes=changes,
        figures=_figures(read.reading, release.seen, changes),
        checks=checks,
        standing=standing(checks),
        stated=Counter(source, known, facts).rows(read.reading.stated, changes, read.text),
        settlements=[*_superseded(known, comparison), *marking.settle(source, known, changes), *moves],
        unfollowed=_unfollowed(read.reading),
        shape=_kept_shape(found, read.hold, bool(changes)),
    )


def _compared(source: Source, accepted: Accepted, release: SortedRelease, facts: Facts, found: Drift) -> Comparison:
    """What changed, and what each change counts from, returns to or begins anew."""
    basis: AsOfBasis = "published" if release.read.snapshot.published else "fetched"
    comparison = compare(source, accepted, release.seen, Setting(release.day, basis, found.lifted))
    return comparison.with_changes(marking.mark(source, accepted, facts, comparison.changes))


def _figures(reading: Reading, seen: Seen, changes: Sequence[ProposedChange]) -> dict[Key, Figure]:
    """The figures of the changes that state a value."""
    stated = (change.key for change in changes if change.content is not None)
    return {key: reading.figure(seen.news[key]) for key in stated if key in seen.news}


def _unfollowed(reading: Reading) -> list[tuple[str, Figure]]:
    return [("unmatched", one) for one in reading.unmatched] + [("ambiguous", one) for one in reading.ambiguous]


def _drift(facts: Facts, read: ReadRelease) -> Drift:
    """How the release's shape lies to the accepted one; a release read again by another reader sets it anew."""
    found = drift.look(facts.shape(read.reader), read.reading.shape())
    if read.cause == "replay":
        return Drift(shape=None if found.pending else read.reading.shape() or None)
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


def _superseded(accepted: Accepted, comparison: Comparison) -> list[Settlement]:
    """Holds that end because the source says something else now."""
    again = {change.key for change in comparison.changes}
    rows = []
    for key in sorted(comparison.ended):
        why = "another value stands there now" if key in again else "the source no longer states it"
        rows.append(Settlement(accepted.held[key].update_id, *key, "supersede", AUTOMATIC, why))
    return rows
