"""Reading archived releases again: what today's reader makes of them, against what is accepted.

The releases are folded in their order into a scratch state by the same rules as ever; where that ends up elsewhere than
the accepted ledger, the difference is our own reading's, and is recorded with the release whose bytes prove it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field

from changes import labels, marking
from changes.accepted import Accepted
from changes.compare import Seen, StatedRows, compare, gather
from changes.kinds import Key, ProposedChange, propose
from model import Day, Figure, Reading, Snapshot, Source, day_of


@dataclass(slots=True)
class Reread:
    """One archived release read again; `reading` is None where today's reader cannot read it."""

    update_id: int
    snapshot_id: int
    snapshot: Snapshot
    text: str
    reading: Reading | None


@dataclass(slots=True)
class Difference:
    """The extraction changes that one release's bytes prove, each with its figure where it states a value."""

    release: Reread
    changes: list[tuple[ProposedChange, Figure | None]] = field(default_factory=list)


@dataclass(slots=True)
class _Folded:
    """What today's reader makes of all releases: what would be accepted, and which release proves each observation.

    `doubted` are observations whose newest release this very reader would hold: reading it again settles nothing.
    """

    accepted: Accepted
    releases: list[Reread] = field(default_factory=list)
    proofs: dict[Key, tuple[int, Figure | None]] = field(default_factory=dict)
    newest: Seen = field(default_factory=Seen)
    doubted: set[Key] = field(default_factory=set)


def differences(source: Source, state: Accepted, releases: Iterable[Reread], decided: set[Key]) -> Iterator[Difference]:
    """Fold releases, oldest first, and yield what differs from `state`; `decided` cells are people's and stay.

    Series that only today's reader finds are given negative ids in `state`; `first_ref` has their labels.
    """
    folded = _Folded(_scratch(state))
    for release in releases:
        if release.reading is not None:
            _fold(source, folded, release)
    changes = list(_against(state, folded, decided)) if folded.releases else []
    marking.mark_redated(state, changes)
    found: dict[int, Difference] = {}
    newest = len(folded.releases) - 1
    for change in changes:
        proof = (newest, None) if change.content is None else folded.proofs[change.series_id, change.as_of]
        one = found.setdefault(proof[0], Difference(folded.releases[proof[0]]))
        one.changes.append((change, proof[1]))
    yield from (found[at] for at in sorted(found))


def _scratch(state: Accepted) -> Accepted:
    """An empty accepted state that knows the same series, and what is held or refused of them."""
    scratch = copy(state)
    scratch.live, scratch.gone, scratch.origin, scratch.latest, scratch.days = {}, {}, {}, {}, {}
    return scratch


def _fold(source: Source, folded: _Folded, release: Reread) -> None:
    reading, snapshot, scratch = release.reading, release.snapshot, folded.accepted
    assert reading is not None
    folded.releases.append(release)
    _name_fresh(source, scratch, reading)
    day = snapshot.published or day_of(snapshot.known_at, source.timezone)
    folded.newest = gather(reading, scratch, day)
    handles = {(scratch.refs[ref], as_of or day): handle for ref, as_of, _content, handle in reading.cells}
    folded.doubted -= handles.keys()
    folded.doubted |= {key for key in handles if _doubts(reading, key[1])}
    for change in compare(source, scratch, folded.newest, day).drafts:
        scratch.accept(change.series_id, change.as_of, change.content, release.update_id)
        handle = handles.get((change.series_id, change.as_of))
        figure = reading.figure(handle) if handle is not None and change.content is not None else None
        folded.proofs[change.series_id, change.as_of] = (len(folded.releases) - 1, figure)


def _doubts(reading: Reading, as_of: Day) -> bool:
    """Whether the reader itself would hold what a release states for an as-of."""
    return any(check.result == "hold" and check.as_of in (None, as_of) for check in reading.checks)


def _name_fresh(source: Source, scratch: Accepted, reading: Reading) -> None:
    handles = {ref: handle for ref, _as_of, content, handle in reversed(reading.cells) if content}
    for same in scratch.resolve({cell[0] for cell in reading.cells}, labels.identity_of(source)).values():
        figure = reading.figure(handles[same[0]]) if same[0] in handles else Figure()
        scratch.add_series(-1 - len(scratch.keys), "", same[0], figure.measure, figure.kind)
        scratch.refs.update(dict.fromkeys(same, scratch.refs[same[0]]))


def _against(state: Accepted, folded: _Folded, decided: set[Key]) -> Iterator[ProposedChange]:
    """What must change for the accepted ledger to be what today's reader reads."""
    rows = StatedRows(folded.accepted, folded.newest)
    for series_id in sorted(state.live.keys() | folded.accepted.live.keys()):
        live, read = state.live.get(series_id, {}), folded.accepted.live.get(series_id, {})
        if live == read:
            continue
        for as_of in sorted(live.keys() | read.keys()):
            key = (series_id, as_of)
            if key in decided or key in folded.doubted or _waits(state, series_id, as_of):
                continue
            content = read.get(as_of)
            how = rows.how_missing(series_id, as_of) if content is None else None
            if (change := propose(state, series_id, as_of, content, how=how)) is not None:
                yield change


def _waits(state: Accepted, series_id: int, as_of: Day) -> bool:
    held = state.held.get((series_id, as_of))
    return held is not None and (held.open or held.refused)
