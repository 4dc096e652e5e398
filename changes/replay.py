"""Reading archived releases again: what today's reader makes of them, against what is accepted.

The releases are folded in their order into a scratch state by the same rules as ever; where that ends up elsewhere than
the accepted ledger, the difference is our own reading's, and is recorded with the release whose bytes prove it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

import msgspec

from changes.accepted import PROVISIONAL, Accepted, Naming
from changes.compare import Seen, Setting, StatedRows, compare, gather
from changes.facts import Facts
from changes.kinds import Key, ProposedChange, propose
from changes.marks import marking
from changes.naming import name_labels, new_series
from changes.update import Evaluation
from model import Day, Figure, Reader, Reading, Snapshot, Source, day_of


@dataclass(frozen=True, slots=True)
class Reread:
    """One archived release read again; `reading` is None where today's reader cannot read it."""

    update_id: int
    snapshot_id: int
    snapshot: Snapshot
    text: str
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class Difference:
    """The extraction changes that one release's bytes prove, each with its figure where it states a value.

    `labels` has the labels of all series, of those too that only today's reader finds.
    """

    release: Reread
    changes: Sequence[tuple[ProposedChange, Figure | None]]
    labels: Mapping[int, str]


@dataclass(slots=True)
class _Folded:
    """What today's reader makes of all releases: what would be accepted, and which release proves each observation.

    `doubted` are observations whose newest release this very reader would hold: reading it again settles nothing. What
    updates recorded whose releases cannot be read any more (`unread`) nothing speaks against.
    """

    accepted: Accepted
    releases: list[Reread] = field(default_factory=list)
    proofs: dict[Key, tuple[int, Figure | None]] = field(default_factory=dict)
    newest: Seen = field(default_factory=Seen)
    doubted: set[Key] = field(default_factory=set)
    unread: set[int] = field(default_factory=set)


def differences(source: Source, state: Accepted, releases: Iterable[Reread], decided: set[Key]) -> Iterator[Difference]:
    """Fold releases, oldest first, and yield what differs from `state`; `decided` cells are people's and stay."""
    folded = _Folded(_scratch(state))
    for release in releases:
        if release.reading is not None:
            _fold(source, folded, release, release.reading)
        else:
            folded.unread.add(release.update_id)
    folded.unread.difference_update(release.update_id for release in folded.releases)
    changes = list(_against(state, folded, decided)) if folded.releases else []
    found: dict[int, list[tuple[ProposedChange, Figure | None]]] = {}
    newest = len(folded.releases) - 1
    for change in marking.mark_redated(folded.accepted, changes):
        proof = (newest, None) if change.content is None else folded.proofs[change.key]
        found.setdefault(proof[0], []).append((change, proof[1]))
    for at in sorted(found):
        yield Difference(folded.releases[at], found[at], folded.accepted.first_ref)


def evaluate_reread(source: Source, accepted: Accepted, found: Difference, reader: Reader, facts: Facts) -> Evaluation:
    """What the update of a release read again would append to the ledger as the updates before it have left it."""
    ids, naming = _named(source, accepted, found)
    known = accepted.knowing(naming)
    changes, figures = [], {}
    for change, figure in found.changes:
        series_id = ids.get(change.series_id, change.series_id)
        # The updates before this one have moved the ledger on: what it is a change of is asked of today's.
        now = propose(known, series_id, change.as_of, change.content, how=change.how)
        assert now is not None  # a replay ends where the source moved on meanwhile
        changes.append(msgspec.structs.replace(now, redated=change.redated))
        if figure is not None:
            figures[now.key] = figure
    return Evaluation(
        cause="replay",
        why="extraction",
        known_at=found.release.snapshot.known_at,
        snapshot=found.release.snapshot,
        reader=reader,
        text=found.release.text,
        naming=naming,
        changes=marking.mark_reverts(facts, marking.mark_breaks(source, known, changes)),
        figures=figures,
    )


def _named(source: Source, accepted: Accepted, found: Difference) -> tuple[dict[int, int], Naming]:
    """The series that only today's reader finds, by the ids that they have now; those to be opened."""
    first: dict[int, Figure] = {}
    for change, figure in found.changes:
        if change.series_id >= PROVISIONAL and figure is not None:
            first.setdefault(change.series_id, figure)
    refs = {series_id: found.labels[series_id] for series_id in first}
    fresh = [(refs[one], figure) for one, figure in first.items() if refs[one] not in accepted.refs]
    opened = new_series(source, accepted, fresh)
    naming = Naming(opened, {one.ref: one.id for one in opened})
    return {one: accepted.refs.get(ref) or naming.refs[ref] for one, ref in refs.items()}, naming


def _scratch(state: Accepted) -> Accepted:
    """An empty accepted state that knows the same series, and what is held or refused of them."""
    scratch = copy(state)
    scratch.series = {series_id: (*row[:5], None) for series_id, row in state.series.items()}
    scratch.live, scratch.gone, scratch.origin, scratch.latest, scratch.days = {}, {}, {}, {}, {}
    return scratch


def _fold(source: Source, folded: _Folded, release: Reread, reading: Reading) -> None:
    folded.releases.append(release)
    scratch = folded.accepted = folded.accepted.knowing(name_labels(source, folded.accepted, reading))
    day = release.snapshot.published or day_of(release.snapshot.known_at, source.timezone)
    folded.newest = gather(reading, scratch.refs, scratch, day)
    handles = {(scratch.refs[ref], as_of or day): handle for ref, as_of, _content, handle in reading.cells}
    folded.doubted -= handles.keys()
    folded.doubted |= {key for key in handles if _doubts(reading, key[1])}
    for change in compare(source, scratch, folded.newest, Setting(day)).changes:
        scratch.accept(change.series_id, change.as_of, change.content, release.update_id)
        figure = None if change.content is None else reading.figure(handles[change.key])
        folded.proofs[change.key] = (len(folded.releases) - 1, figure)


def _doubts(reading: Reading, as_of: Day) -> bool:
    """Whether the reader itself would hold what a release states for an as-of."""
    return any(check.result == "hold" and check.as_of in (None, as_of) for check in reading.checks)


def _against(state: Accepted, folded: _Folded, decided: set[Key]) -> Iterator[ProposedChange]:
    """What must change for the accepted ledger to be what today's reader reads."""
    rows = StatedRows(folded.accepted, folded.newest)
    for series_id in sorted(state.live.keys() | folded.accepted.live.keys()):
        live, read = state.live.get(series_id, {}), folded.accepted.live.get(series_id, {})
        if live == read:
            continue
        for as_of in sorted(live.keys() | read.keys()):
            if (series_id, as_of) in decided or not _is_proved(state, folded, (series_id, as_of)):
                continue
            content = read.get(as_of)
            how = rows.how_missing(series_id, as_of) if content is None else None
            if (change := propose(state, series_id, as_of, content, how=how)) is not None:
                yield change


def _is_proved(state: Accepted, folded: _Folded, key: Key) -> bool:
    """Whether what was read again settles an observation: nobody is asked about it, and its release was among it."""
    series_id, as_of = key
    origin = state.origin.get(series_id, {}).get(as_of)
    return key not in folded.doubted and origin not in folded.unread and not _waits(state, series_id, as_of)


def _waits(state: Accepted, series_id: int, as_of: Day) -> bool:
    held = state.held.get((series_id, as_of))
    return held is not None and (held.open or held.refused)
