"""A definition that is not written yet, tried on archived releases: what it would read otherwise than today's does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from flows.desk import Desk
from flows.reading.opening import archived
from model import ArchiveError, Day, Reading, Snapshot, Source, UnreadableError
from model.reading import PART
from publish.numbers import count_of, day, known_day, told
from sources.catalogue.written import DryRun

MOST_RELEASES, MOST_SECONDS = 40, 25.0
"""So many of the newest releases are read again, and no further one after so long."""

MOST_TOLD = 60


class _ReadOtherwise(NamedTuple):
    """One way in which a series, or a whole release (of no series), is read otherwise."""

    series: str
    what: str


class _Observed(NamedTuple):
    """An observation that both readings are looked at for."""

    series: str
    as_of: Day | None


def compare_readings(desk: Desk, old: Source | None, new: Source) -> DryRun:
    """Read the newest archived releases by the definition in force and by another, and tell every difference.

    Nothing is written. Releases whose bytes are gone are passed over.
    """
    releases = {past.snapshot.sha256: past.snapshot for past in desk.ledger.releases(new)}
    newest = sorted(releases.values(), key=lambda one: one.known_at, reverse=True)
    began, same, of = time.monotonic(), 0, 0
    found: dict[_ReadOtherwise, list[str]] = {}
    for snapshot in newest[:MOST_RELEASES]:
        if time.monotonic() - began > MOST_SECONDS:
            break
        try:
            content = desk.archive.get(snapshot.sha256)
        except ArchiveError:
            continue
        of += 1
        otherwise = list(_otherwise(*(_read(desk, one, snapshot, content) for one in (old, new))))
        same += not otherwise
        for kind, example in otherwise:
            found.setdefault(kind, []).append(f"{example} in the release of {known_day(snapshot.known_at)}")
    told_ = [_sentence(kind, examples) for kind, examples in found.items()]
    return DryRun(same, of, len(releases), tuple(told_[:MOST_TOLD]), max(0, len(told_) - MOST_TOLD))


def _sentence(kind: _ReadOtherwise, examples: list[str]) -> str:
    """What is read otherwise of a series in one way: how often, and the newest of them."""
    much = f" ({count_of(len(examples), 'figure')} so)" if len(examples) > 1 else ""
    return f"{kind.series}{':' if kind.series else 'A release'} {kind.what}{much}, such as {examples[0]}".strip()


def _read(desk: Desk, source: Source | None, snapshot: Snapshot, content: bytes) -> Reading | str:
    """What a source reads in a release; why it cannot, where it cannot."""
    if source is None:
        return "the definition in force is not sound"
    try:
        return desk.read(source, archived(source, snapshot, content), article=source.listing is not None).reading
    except UnreadableError as error:
        return str(error)


def _otherwise(old: Reading | str, new: Reading | str) -> Iterator[tuple[_ReadOtherwise, str]]:
    """Every difference between two readings of a release: of which kind, and the figures."""
    if isinstance(new, str):
        if new != old:
            yield _ReadOtherwise("", f"could not be read: {new}"), "all of it"
        return
    if isinstance(old, str):
        yield _ReadOtherwise("", f"would be read, where now it is not: {old}"), count_of(len(new.cells), "figure")
        return
    before, after = _figures(old), _figures(new)
    for cell in [*before, *(one for one in after if one not in before)]:
        yield from _difference(cell, before.get(cell), after.get(cell))


def _figures(reading: Reading) -> dict[_Observed, tuple[str, int, Reading]]:
    return {_Observed(series, as_of): (content, handle, reading) for series, as_of, content, handle in reading.cells}


_InReading = tuple[str, int, Reading] | None


def _difference(cell: _Observed, old: _InReading, new: _InReading) -> Iterator[tuple[_ReadOtherwise, str]]:
    if (old[0] if old else "") == (new[0] if new else ""):
        return
    name, of = cell.series.replace(PART, "/"), f" of {day(cell.as_of)}" if cell.as_of else ""
    was, now = (_told(one) for one in (old, new))
    if not was:
        yield _ReadOtherwise(name, "would be read, and is not now"), f"{now}{of}"
    elif not now:
        yield _ReadOtherwise(name, "would not be read any more"), f"{was}{of}"
    elif was == now:
        yield _ReadOtherwise(name, "would be read with another hedge"), f"{was}{of}"
    else:
        yield _ReadOtherwise(name, "would be read otherwise"), f"{now}, where now {was} is read,{of}"


def _told(found: _InReading) -> str:
    return told(found[2].figure(found[1])) if found and found[0] else ""
