"""Backfill: old copies of one source, recorded in the order in which the world could read them."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from flows.alerts import SOUND
from flows.desk import Desk
from flows.outcomes import BackfillOutcome
from flows.past.generation import CopyOrder, Derivation
from flows.past.manifest import Copy, read_manifest
from flows.pipeline import take
from flows.reading.opening import Read
from flows.stages import Intake
from model import Fetched, Source, UnreadableError
from storage import Recorded

log = logging.getLogger("tallybook")

Progress = Callable[[int, int], None]

TOGETHER = 1.0
"""So many seconds' copies are recorded in one transaction; other writers wait so long."""

AHEAD = 4
"""So many copies are read ahead, and held in memory."""


class OpenedCopy(NamedTuple):
    """An old copy, its bytes as if they had been fetched, and what is read in them where that was begun already."""

    copy: Copy
    fetched: Callable[[], Fetched]
    read: Callable[[], Read] | None = None


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How old copies are recorded: with `hold` what the checks would hold waits for a person.

    `without_unreadable` lets a generation do without releases that cannot be read again.
    """

    hold: bool = False
    without_unreadable: bool = False


PLAIN = Wishes()


def backfill_source(
    desk: Desk, source: Source, manifest: Path, *, wishes: Wishes = PLAIN, progress: Progress | None = None
) -> BackfillOutcome:
    """Record old copies of a source's reports in the order the world could read them.

    The manifest is checked whole before anything is written. Copies that were recorded by an earlier run are passed
    over, so a backfill that was cut off is finished by calling it again. Raises `UsageError` for a bad manifest.
    """
    return backfill_copies(desk, source, read_manifest(manifest), wishes=wishes, progress=progress)


def backfill_copies(
    desk: Desk, source: Source, copies: Sequence[Copy], *, wishes: Wishes = PLAIN, progress: Progress | None = None
) -> BackfillOutcome:
    """Record old copies, which are in the order the world could read them; see `backfill_source`.

    Where one is older than what was seen of the source last, changed or not, the source is derived again with all of
    them: see `flows.past.generation`.
    """
    named = [(copy.fetched_at, copy.sha256) for copy in copies]
    waiting = [copies[place] for place in desk.ledger.not_yet(source, named)]
    skipped = len(copies) - len(waiting)
    if waiting and waiting[0].fetched_at < _seen_last(desk, source):
        derivation = Derivation(desk, source, hold=wishes.hold, without_unreadable=wishes.without_unreadable)
        derived = _derived(derivation, waiting, {one: place for place, one in enumerate(named)}, progress)
        return msgspec.structs.replace(derived, skipped=skipped)
    total = BackfillOutcome(0, 0, 0, 0, skipped)
    for at, done in enumerate(_recorded(desk, source, waiting, hold=wishes.hold), start=1):
        total = total.and_one(done)
        if progress:
            progress(at, len(waiting))
    return total


def _seen_last(desk: Desk, source: Source) -> str:
    """When a release of a source was seen last, whether it was new or not; empty before the first."""
    newest, seen = desk.ledger.newest_known(source, *SOUND)
    return max(newest.snapshot.known_at, seen.at if seen else "") if newest else ""


def _derived(
    derivation: Derivation, copies: Sequence[Copy], order: CopyOrder, progress: Progress | None
) -> BackfillOutcome:
    for done in derivation.derive(copies, order):
        if progress:
            progress(done, derivation.total)
    return derivation.outcome


def _recorded(desk: Desk, source: Source, copies: Sequence[Copy], *, hold: bool) -> Iterator[Recorded | None]:
    """Record copies in their order, a good many in one transaction: what each costs is mostly to wait for the disk."""
    with closing(read_ahead(desk, source, copies)) as opened:
        for first in opened:
            until = time.monotonic() + TOGETHER
            with desk.ledger.together():
                done = [_one(desk, source, first, hold=hold)]
                while time.monotonic() < until and (further := next(opened, None)):
                    done.append(_one(desk, source, further, hold=hold))
            yield from done


def read_ahead(desk: Desk, source: Source, copies: Sequence[Copy]) -> Generator[OpenedCopy, None, None]:
    """Copies in their order, each with what is read in it; those that follow are read while the caller records."""
    with ThreadPoolExecutor(AHEAD, thread_name_prefix="read-ahead") as threads:
        waiting: deque[OpenedCopy] = deque()
        for copy in copies:
            waiting.append(_opened(desk, source, copy, threads))
            if len(waiting) > AHEAD:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()


def _opened(desk: Desk, source: Source, copy: Copy, threads: ThreadPoolExecutor) -> OpenedCopy:
    fetched = threads.submit(lambda: copy.fetched(copy.read()))
    read = threads.submit(lambda: desk.read(source, fetched.result(), article=copy.article))
    return OpenedCopy(copy, fetched.result, read.result)


def backfill_one(desk: Desk, source: Source, copy: Copy, *, hold: bool) -> Recorded | None:
    """Record one old copy; None, with a warning in the log, where it is no report."""
    return _one(desk, source, OpenedCopy(copy, lambda: copy.fetched(copy.read())), hold=hold)


def _one(desk: Desk, source: Source, opened: OpenedCopy, *, hold: bool) -> Recorded | None:
    try:
        intake = Intake(cause="backfill", hold=hold, article=opened.copy.article, ahead=opened.read)
        return take(desk, source, opened.fetched(), intake)
    except UnreadableError as error:
        log.warning("%s: %s: %s", source.id, opened.copy.name, error)
        return None
