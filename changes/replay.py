"""Reading archived releases again: what today's reader makes of them, against what is accepted.

The releases are folded in their order into a scratch state by the same rules as ever; where that ends up elsewhere than
the accepted ledger, the difference is our own reading's, and is recorded with the release whose bytes prove it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field

from changes.accepted import Accepted
from changes.compare import ProposedChange, compare, gather
from changes.update import FigureOf
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
    """The extraction changes that one release's bytes prove."""

    release: Reread
    drafts: list[ProposedChange] = field(default_factory=list)
    figures: dict[int, Figure] = field(default_factory=dict)

    def figure_of(self) -> FigureOf:
        """Find a draft's figure among those read again."""
        return lambda draft: self.figures.get(id(draft))


def differences(
    source: Source, state: Accepted, releases: Iterable[Reread], decided: set[tuple[int, Day]]
) -> Iterator[Difference]:
    """Fold releases, oldest first, and yield what differs from `state`; `decided` cells are people's and stay.

    Series that only today's reader finds are given negative ids in `state`; `first_ref` has their labels.
    """
    scratch = _scratch(state)
    proofs: dict[tuple[int, Day], tuple[int, Figure | None]] = {}
    kept: list[Reread] = []
    for release in releases:
        if release.reading is not None:
            kept.append(release)
            _fold(source, scratch, release, len(kept) - 1, proofs)
    found: dict[int, Difference] = {}
    for draft in _against(state, scratch, decided):
        at, figure = proofs.get((draft.series_id, draft.as_of), (len(kept) - 1, None))
        if draft.content is None:
            at, figure = len(kept) - 1, None
        one = found.setdefault(at, Difference(kept[at]))
        one.drafts.append(draft)
        if figure is not None:
            one.figures[id(draft)] = figure
    yield from (found[at] for at in sorted(found))


def _scratch(state: Accepted) -> Accepted:
    """An empty accepted state that knows the same series, and what is held or refused of them."""
    scratch = copy(state)
    scratch.live, scratch.gone, scratch.origin, scratch.latest, scratch.days = {}, {}, {}, {}, {}
    return scratch


def _fold(
    source: Source,
    scratch: Accepted,
    release: Reread,
    at: int,
    proofs: dict[tuple[int, Day], tuple[int, Figure | None]],
) -> None:
    reading, snapshot = release.reading, release.snapshot
    assert reading is not None
    _name_fresh(scratch, reading)
    day = snapshot.published or day_of(snapshot.known_at, source.timezone)
    drafts = compare(source, scratch, gather(reading, scratch, day), day).drafts
    handles = {(scratch.refs[ref], as_of or day): handle for ref, as_of, _content, handle in reading.cells}
    for draft in drafts:
        scratch.accept(draft.series_id, draft.as_of, draft.content, release.update_id)
        handle = handles.get((draft.series_id, draft.as_of))
        figure = reading.figure(handle) if handle is not None and draft.content is not None else None
        proofs[draft.series_id, draft.as_of] = (at, figure)


def _name_fresh(scratch: Accepted, reading: Reading) -> None:
    handles = {ref: handle for ref, _as_of, content, handle in reversed(reading.cells) if content}
    for ref in sorted(scratch.resolve({cell[0] for cell in reading.cells})):
        figure = reading.figure(handles[ref]) if ref in handles else Figure()
        scratch.add_series(-1 - len(scratch.keys), "", ref, figure.measure, figure.kind)


def _against(state: Accepted, scratch: Accepted, decided: set[tuple[int, Day]]) -> Iterator[ProposedChange]:
    """What must change for the accepted ledger to be what today's reader reads."""
    for series_id in sorted(state.live.keys() | scratch.live.keys()):
        live, read = state.live.get(series_id, {}), scratch.live.get(series_id, {})
        if live == read:
            continue
        latest = state.latest.get(series_id)
        for as_of in sorted(live.keys() | read.keys()):
            old, new = live.get(as_of), read.get(as_of)
            if old == new or (series_id, as_of) in decided or _waits(state, series_id, as_of):
                continue
            draft = ProposedChange(series_id, as_of, "revised", new, old=old)
            draft.base_update = state.origin.get(series_id, {}).get(as_of)
            if new is None:
                draft.kind, draft.how = "withdrawn", "cell"
            elif old is None and as_of in state.gone.get(series_id, {}):
                draft.kind, draft.old = "restored", state.gone[series_id][as_of]
            elif old is None:
                draft.kind = "first" if latest is None else "new" if as_of > latest else "late"
            yield draft


def _waits(state: Accepted, series_id: int, as_of: Day) -> bool:
    held = state.held.get((series_id, as_of))
    return held is not None and (held.open or held.refused)
