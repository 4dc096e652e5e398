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
    told_: list[str] = []
    for snapshot in newest[:MOST_RELEASES]:
        if time.monotonic() - began > MOST_SECONDS:
            break
        try:
            content = desk.archive.get(snapshot.sha256)
        except ArchiveError:
            continue
        of += 1
        before, after = (_read(desk, one, snapshot, content) for one in (old, new))
        otherwise = list(_otherwise(before, after))
        same += not otherwise
        told_ += [f"Release of {known_day(snapshot.known_at)}: {one}" for one in otherwise]
    return DryRun(same, of, len(releases), tuple(told_[:MOST_TOLD]), max(0, len(told_) - MOST_TOLD))


def _read(desk: Desk, source: Source | None, snapshot: Snapshot, content: bytes) -> Reading | str:
    """What a source reads in a release; why it cannot, where it cannot."""
    if source is None:
        return "the definition in force is not sound"
    try:
        return desk.read(source, archived(source, snapshot, content), article=source.listing is not None).reading
    except UnreadableError as error:
        return str(error)


def _otherwise(old: Reading | str, new: Reading | str) -> Iterator[str]:
    if isinstance(new, str):
        if new != old:
            yield f"it could not be read: {new}"
        return
    if isinstance(old, str):
        yield f"{count_of(len(new.cells), 'figure')} would be read, where now none is: {old}"
        return
    before, after = _figures(old), _figures(new)
    for cell in [*before, *(one for one in after if one not in before)]:
        yield from _difference(cell, before.get(cell), after.get(cell))


def _figures(reading: Reading) -> dict[_Observed, tuple[str, int, Reading]]:
    return {_Observed(series, as_of): (content, handle, reading) for series, as_of, content, handle in reading.cells}


_InReading = tuple[str, int, Reading] | None


def _difference(cell: _Observed, old: _InReading, new: _InReading) -> Iterator[str]:
    if (old[0] if old else "") == (new[0] if new else ""):
        return
    name = cell.series.replace(PART, "/") + (f", {day(cell.as_of)}" if cell.as_of else "")
    was, now = (_told(one) for one in (old, new))
    if not was:
        yield f"{name}: {now} would be read, which is not now"
    elif not now:
        yield f"{name}: {was} would not be read any more"
    elif was == now:
        yield f"{name}: {was} would be read with another hedge or day"
    else:
        yield f"{name}: {now} would be read, where now {was} is"


def _told(found: _InReading) -> str:
    return told(found[2].figure(found[1])) if found and found[0] else ""
