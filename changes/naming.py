"""Naming the series of a release: which labels are known, which are other words for one, and which are new."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from changes import labels
from changes.accepted import PROVISIONAL, Accepted, Naming, NewSeries
from model import Figure, Reading, Source

_ALL_KNOWN = Naming()


def name_labels(source: Source, accepted: Accepted, reading: Reading) -> Naming:
    """Find the series of each label that is not known as a release prints it; one that has none is given a new one."""
    unknown = {cell[0] for cell in reading.cells} - accepted.refs.keys()
    if not unknown:
        return _ALL_KNOWN
    identity = labels.identity_of(source)
    known = accepted.identities(identity)
    refs = {ref: known[mark] for ref in sorted(unknown) if (mark := identity(ref)) in known}
    refs |= _footnoted(accepted, reading, known, {ref: identity(ref) for ref in sorted(unknown - refs.keys())}, refs)
    fresh: dict[str, list[str]] = {}
    for ref in sorted(unknown - refs.keys()):
        fresh.setdefault(identity(ref), []).append(ref)
    handles = _first_handles(reading, {same[0] for same in fresh.values()})
    opened = new_series(source, accepted, ((same[0], reading.figure(handles[same[0]])) for same in fresh.values()))
    for one, same in zip(opened, fresh.values(), strict=True):
        refs.update(dict.fromkeys(same, one.id))
    return Naming(opened, refs)


def _footnoted(
    accepted: Accepted, reading: Reading, known: Mapping[str, int], unknown: Mapping[str, str], named: Mapping[str, int]
) -> dict[str, int]:
    """The labels that got or lost a footnote's mark: `South*` is South where the release has no South of its own."""
    bare = {labels.unmarked(mark): of for mark, of in known.items()}
    candidates = {ref: bare[one] for ref, mark in unknown.items() if (one := labels.unmarked(mark)) in bare}
    if not candidates:
        return {}
    stated = {accepted.refs.get(cell[0], named.get(cell[0])) for cell in reading.cells}
    taken = Counter(candidates.values())
    return {ref: of for ref, of in candidates.items() if of not in stated and taken[of] == 1}


def _first_handles(reading: Reading, refs: set[str]) -> dict[str, int]:
    """Where each label has its first value, or its first cell where it has none."""
    first: dict[str, tuple[str, int]] = {}
    for ref, _as_of, content, handle in reading.cells:
        if ref in refs and (ref not in first or (content and not first[ref][0])):
            first[ref] = (content, handle)
    return {ref: handle for ref, (_, handle) in first.items()}


def new_series(source: Source, accepted: Accepted, labelled: Iterable[tuple[str, Figure]]) -> Sequence[NewSeries]:
    """Give labels a series each, with a free key and what its first figure says of it."""
    identity, taken = labels.identity_of(source), set(accepted.keys.values())
    opened = []
    for number, (ref, figure) in enumerate(labelled, len(accepted.series)):
        key = _free_key(f"{source.id}/{labels.name(identity(ref))}", taken)
        taken.add(key)
        opened.append(NewSeries(PROVISIONAL + number, key, ref, figure))
    return opened


def _free_key(key: str, taken: set[str]) -> str:
    numbered = (f"{key}-{number}" for number in itertools.count(2))
    return next(one for one in itertools.chain((key,), numbered) if one not in taken)
