"""A source's next generation: all its archived releases read again, with older copies among them.

Replay shares the reading of archived releases and nothing else. It appends to the one chain what only our reading makes
different; a release that lies between two others changes what each later one was compared with, which no update that
is appended can say.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from heapq import merge
from typing import Any, NamedTuple

import msgspec

import extractors
from flows.carriers import carried
from flows.desk import Desk
from flows.fetching.attempts import attempt_of
from flows.fetching.ways import way_checks
from flows.outcomes import BackfillOutcome
from flows.past.manifest import Copy
from flows.reading.opening import Read, archived
from model import ArchiveError, Instant, Reading, Snapshot, Source, UnreadableError, UsageError
from storage import Attempt, NextGeneration, ReadRelease, Recorded, SourceEvent

log = logging.getLogger("tallybook")

TOGETHER = 1.0
"""So many seconds' releases are recorded in one transaction; other writers wait so long."""

AHEAD = 4
"""So many releases are read ahead, and held in memory."""

TOLD = 3
"""So many releases that cannot be read again are named."""


CopyOrder = Mapping[tuple[Instant, str], int]
"""CopyOrder of copies by when they were known and their SHA-256."""


class OpenedEvent(NamedTuple):
    """What happened or was found later, and what gives what is read in it."""

    event: SourceEvent | Copy
    read: Callable[[], Read]


class Derivation:
    """The derivation of one source's next generation."""

    def __init__(self, desk: Desk, source: Source, *, hold: bool, without_unreadable: bool = False) -> None:
        self.desk, self.source, self.hold, self.without_unreadable = desk, source, hold, without_unreadable
        self.generation: NextGeneration = desk.ledger.next_generation(source)
        self.reader = extractors.reader(source)
        self.outcome = BackfillOutcome(0, 0, 0, 0)
        self.total = 0
        self.unreadable: list[str] = []

    def derive(self, copies: Sequence[Copy], places: CopyOrder | None = None) -> Iterator[int]:
        """Derive the generation, and put it in force; yields how many releases were taken, some at a time.

        `places` are those of all copies that were handed in, of those too that are recorded: of what was known at one
        time theirs is the order.
        Raises `UsageError` where releases cannot be read again that could be before, and it was not said that the
        generation may do without them: the one in force stays.
        """
        done = 0
        waiting = copies
        while True:  # until nothing has happened meanwhile
            events = self.generation.news()
            self.total += len(events) + len(waiting)
            with closing(self._ahead(_in_order(events, waiting, places or {}))) as opened:
                for some in self._together(opened):
                    done += some
                    yield done
            waiting = ()
            self._refuse_missing()
            if self.generation.put_in_force(self._told(len(copies))):
                self._sum_up()
                return

    def _together(self, events: Iterator[OpenedEvent]) -> Iterator[int]:
        """Take events in their order, a good many in one transaction; yields how many."""
        for first in events:
            count, until = 1, time.monotonic() + TOGETHER
            with self.desk.ledger.together():
                self._take(*first)
                while time.monotonic() < until and (further := next(events, None)) is not None:
                    self._take(*further)
                    count += 1
            yield count

    def _ahead(self, events: Iterator[SourceEvent | Copy]) -> Generator[OpenedEvent, None, None]:
        """Events with what is read in each; those that follow are read while the caller records.

        A release with the text of the one before it is not: it needs no reading, or gets it when it does.
        """
        before = ""
        with ThreadPoolExecutor(AHEAD, thread_name_prefix="read-ahead") as threads:
            waiting: deque[OpenedEvent] = deque()
            for one in events:
                text = None if isinstance(one, Copy) else one.snapshot.text_sha256 if one.snapshot else before
                read = threads.submit(self._read, one).result if text != before else partial(self._read, one)
                waiting.append(OpenedEvent(one, read))
                before = text or ""
                if len(waiting) > AHEAD:
                    yield waiting.popleft()
            while waiting:
                yield waiting.popleft()

    def _read(self, one: SourceEvent | Copy) -> Read:
        """What is read in a release. Raises `UnreadableError`, and `ArchiveError` where its bytes are gone."""
        if isinstance(one, Copy):
            return self.desk.read(self.source, one.fetched(one.read()), article=one.article)
        assert one.snapshot is not None
        content = self.desk.archive.get(one.snapshot.sha256)
        return self.desk.read(self.source, archived(self.source, one.snapshot, content))

    def _take(self, one: SourceEvent | Copy, read: Callable[[], Read]) -> None:
        if isinstance(one, Copy):
            self.outcome = self.outcome.and_one(self._found(one, read))
        elif one.decided is not None:
            self.generation.decide(one.decided)
        elif one.snapshot is not None:
            self._again(one, read)
        elif one.attempt is not None:
            self.generation.attempt(one.attempt)

    def _again(self, event: SourceEvent, opened: Callable[[], Read]) -> None:
        """A release that was recorded before; what today's reader cannot read is kept to be told."""
        snapshot, attempt = event.snapshot, event.attempt
        assert snapshot is not None
        way = way_checks(attempt.headers) if attempt is not None and event.cause == "fetch" else ()
        if self.generation.repeats(snapshot.text_sha256, self.reader, way):
            if attempt is not None:
                self.generation.again(_bare(attempt))
            return
        try:
            read = opened()
        except (ArchiveError, UnreadableError) as error:
            self.unreadable.append(f"{event.at}: {error}")
            if attempt is not None:
                self.generation.attempt(msgspec.structs.replace(attempt, state="failed", reason=str(error)))
            return
        hold = self.hold if event.hold is None else event.hold
        fresh = msgspec.structs.replace(snapshot, text_sha256=self.desk.archive.put(read.text.encode()))
        reading = self._with_carriers(read).with_checks(way)
        release = ReadRelease(fresh, read.text, reading, self.reader, event.cause, hold=hold)
        done = self.generation.record(release, _bare(attempt) if attempt is not None else None, event.update)
        known = msgspec.structs.replace(done, state="unchanged", left_out=False)  # what it lacks was told before
        self.outcome = self.outcome.and_one(known)

    def _found(self, copy: Copy, opened: Callable[[], Read]) -> Recorded | None:
        """A copy that was found later: archived, then read; None, with a row that says why, where it is no report."""
        content = copy.read()
        fetched = copy.fetched(content)
        attempt = attempt_of(fetched, "unchanged", self.desk.archive.put(content))
        try:
            read = opened()
        except UnreadableError as error:
            log.warning("%s: %s: %s", self.source.id, copy.name, error)
            reason = f"{error.reason}: {error}"
            self.generation.attempt(msgspec.structs.replace(attempt, state="failed", reason=reason))
            return None
        snapshot = Snapshot(
            sha256=hashlib.sha256(content).hexdigest(),
            text_sha256=self.desk.archive.put(read.text.encode()),
            size=len(content),
            media_type=read.media_type,
            charset=fetched.charset,
            known_at=copy.fetched_at,
            published=read.published,
            url=fetched.url,
        )
        reading = self._with_carriers(read)
        release = ReadRelease(snapshot, read.text, reading, self.reader, "backfill", hold=self.hold)
        return self.generation.record(release, attempt)

    def _with_carriers(self, read: Read) -> Reading:
        return read.reading.with_checks(carried(self.desk, self.source, read.reading))

    def _sum_up(self) -> None:
        standing = self.desk.ledger.standing(self.source)
        self.outcome = msgspec.structs.replace(
            self.outcome,
            held=standing.open_holds if standing else 0,
            generation=self.generation.number,
            carried=self.generation.carried,
            not_carried=tuple(self.generation.not_carried),
        )

    def _refuse_missing(self) -> None:
        if not self.unreadable or self.without_unreadable:
            return
        named = "; ".join(self.unreadable[:TOLD])
        many = "release" if len(self.unreadable) == 1 else "releases"
        raise UsageError(
            f"{self.source.id}: {len(self.unreadable)} {many} cannot be read again, and what they stated would be "
            f"missing ({named}); nothing was changed",
            "mend the definition, or say --without-unreadable: they stay in the generation before",
        )

    def _told(self, copies: int) -> dict[str, Any]:
        """What the generation keeps of how it came to be."""
        return {
            "copies": copies,
            "unreadable": self.unreadable,
            "carried": self.generation.carried,
            "not_carried": msgspec.to_builtins(self.generation.not_carried),
        }


_InTime = tuple[str, int, SourceEvent | Copy]
"""Something with its time, and its place among what has the same time."""


def _in_order(events: Sequence[SourceEvent], copies: Sequence[Copy], places: CopyOrder) -> Iterator[SourceEvent | Copy]:
    """What happened and what was found later, in the order in which the world could know it."""
    last = len(places)
    found: Iterator[_InTime] = ((one.fetched_at, places.get((one.fetched_at, one.sha256), last), one) for one in copies)
    return (one for _, _, one in merge(_placed(events, places), found, key=lambda placed: placed[:2]))


def _placed(events: Sequence[SourceEvent], places: CopyOrder) -> Iterator[_InTime]:
    """Events with their places; what was not handed in stands with what happened before it."""
    time_before, place = "", -1
    for one in events:
        mine = places.get((one.at, one.attempt.sha256 or ""), -1) if one.attempt is not None else -1
        place = max(mine, place if one.at == time_before else -1)
        time_before = one.at
        yield one.at, place, one


def _bare(attempt: Attempt) -> Attempt:
    """An attempt as it was made, before anything was concluded from it."""
    return msgspec.structs.replace(attempt, state="unchanged", reason=None, snapshot_id=None, update_id=None)
