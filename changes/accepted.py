"""What is accepted of one source, held in memory while updates are compared with it."""

from __future__ import annotations

import bisect
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple

from changes.labels import Identity
from changes.marks.breaks import Marked
from model import CheckResult, Day, Figure, Instant, Reader, Snapshot

ContentsByDay = dict[Day, str]
Places = dict[Day, int]


@dataclass(frozen=True, slots=True)
class Held:
    """A value that was recorded and does not count: still open, or decided against by update `settled_by`."""

    update_id: int
    content: str | None
    open: bool
    refused: bool
    settled_by: int = 0


class NewestRelease(NamedTuple):
    """The newest release that came from the publisher: its snapshot's row and text, its reader, when it was known."""

    snapshot_id: int
    text_sha256: str
    reader: Reader
    known_at: Instant

    def is_of(self, snapshot: Snapshot, reader: Reader) -> bool:
        """Whether it has this text, read by this reader."""
        return (self.text_sha256, self.reader) == (snapshot.text_sha256, reader)


class Newest(NamedTuple):
    """A series' newest observation: its as-of, content, the update that recorded it, and whether it is withdrawn."""

    as_of: Day
    content: str
    update_id: int
    withdrawn: bool


_DAY, _MINUTE = len("2025-11-05"), len("2025-11-05T02:31Z")

PROVISIONAL = 1 << 62
"""Ids from here on stand for series that are not opened yet; they come after all others, in their order."""


class NewSeries(NamedTuple):
    """A series to be opened: the id that stands for it until then, its key, its label as printed, its first figure."""

    id: int
    key: str
    ref: str
    figure: Figure


class Naming(NamedTuple):
    """The labels of a release that are not known as they are printed: the series to be opened, and whose each is."""

    opened: Sequence[NewSeries] = ()
    refs: Mapping[str, int] = {}

    def of(self, shown: Collection[int]) -> Naming:
        """The same without new series of which an update shows nothing: blank, or stated twice with two values."""
        unseen = {one.id for one in self.opened}.difference(shown)
        if not unseen:
            return self
        opened = [one for one in self.opened if one.id not in unseen]
        return Naming(opened, {ref: of for ref, of in self.refs.items() if of not in unseen})


KnownSeries = tuple[int, str, str, str, str, str | None]
"""A series as the ledger has it: id, key, label as first printed, measure, kind, and its newest live observation.

That is as-of and content in one text: enough to see that a release says nothing new of it.
"""


class SeriesColumn(Mapping[int, str]):
    """One column of all series, by id; there may be many series, so nothing is copied out of their rows."""

    __slots__ = ("_at", "_rows")

    def __init__(self, rows: dict[int, KnownSeries], at: int) -> None:
        self._rows, self._at = rows, at

    def __getitem__(self, series_id: int) -> str:
        return str(self._rows[series_id][self._at])

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(slots=True)
class Accepted:
    """The accepted ledger of one source, as far as it was looked at.

    Of series that are `whole`, `live` and `gone` map the id to as-ofs and canonical contents (accepted, and withdrawn
    with their last one), `origin` to the update that recorded that content, and `days` lists the live as-ofs in order.
    `series` has the rows of all, whole or not. `head` is the newest update's id, `number` its number (a generation's
    numbers begin after `begins`), `chain` its chain digest, `quiet` the newest release that changed nothing, `standing`
    what is doubtful about the newest release, `horizon` the newest as-of ever accepted. `refs` are labels as printed;
    `by_identity`, the other way to know a label again, is made for the few releases that need it. `breaks` are the
    observations from which a series is counted anew, `ended` the items that a list has no longer.

    Whoever evaluates reads it alone; an update that was appended moves it on (`changes.update.advance`).
    """

    source_id: int
    head: int = 0
    number: int = 0
    begins: int = 0
    chain: str = ""
    horizon: str = ""
    release: NewestRelease | None = None
    quiet: int = 0
    standing: frozenset[CheckResult] = frozenset()
    series: dict[int, KnownSeries] = field(default_factory=dict)
    refs: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, int] = field(default_factory=dict)
    by_identity: dict[str, int] = field(default_factory=dict)
    labelled: set[int] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)
    live: dict[int, ContentsByDay] = field(default_factory=dict)
    gone: dict[int, ContentsByDay] = field(default_factory=dict)
    origin: dict[int, Places] = field(default_factory=dict)
    latest: dict[int, Day] = field(default_factory=dict)
    days: dict[int, list[Day]] = field(default_factory=dict)
    held: dict[tuple[int, Day], Held] = field(default_factory=dict)
    breaks: Marked = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)

    @property
    def keys(self) -> SeriesColumn:
        """The series' keys."""
        return SeriesColumn(self.series, 1)

    @property
    def first_ref(self) -> SeriesColumn:
        """The labels under which the series were first seen."""
        return SeriesColumn(self.series, 2)

    def facts(self, series_id: int) -> tuple[str, str]:
        """What a series counts: its measure and kind."""
        return self.series[series_id][3:5]

    def states(self, series_id: int, as_of: Day, content: str) -> bool:
        """Whether an observation is accepted as it is; of a series that is not whole, only the newest is known."""
        if (live := self.live.get(series_id)) is not None:
            return live.get(as_of) == content
        return series_id in self.series and self.series[series_id][5] == as_of + content

    def known_contents(self, series_id: int) -> ContentsByDay:
        """What is known of a series' live observations: all where it is whole, else the newest."""
        if (live := self.live.get(series_id)) is not None:
            return live
        newest = self.series[series_id][5] or ""
        at = _MINUTE if newest[10:11] == "T" else _DAY
        return {Day(newest[:at]): newest[at:]} if newest else {}

    def valued(self) -> Iterator[int]:
        """The series that have a live observation."""
        for series_id, row in self.series.items():
            if self.live[series_id] if series_id in self.live else row[5] is not None:
                yield series_id

    def add(self, naming: Naming) -> None:
        """Make series that have no observations yet known under their keys and labels, and other labels as theirs."""
        for one in naming.opened:
            self.series[one.id] = (one.id, one.key, one.ref, one.figure.measure, one.figure.kind, None)
            self.whole.add(one.id)
        self.refs.update(naming.refs)

    def knowing(self, naming: Naming) -> Accepted:
        """The same ledger, which knows new series and labels too."""
        if not naming.refs:
            return self
        known = copy(self)
        for name in ("series", "refs", "whole", "by_identity", "labelled"):
            setattr(known, name, getattr(self, name).copy())
        known.add(naming)
        return known

    def identities(self, identity: Identity) -> Mapping[str, int]:
        """Every series by what makes its label one with another; a rename's newest answer counts."""
        for series_id in sorted(self.first_ref.keys() - self.labelled):
            self.by_identity.setdefault(identity(self.first_ref[series_id]), series_id)
            self.labelled.add(series_id)
        self.by_identity.update((identity(ref), series_id) for ref, series_id in self.renamed.items())
        return self.by_identity

    def accept(self, series_id: int, as_of: Day, content: str | None, update_id: int) -> None:
        """Let a version count: a content of None withdraws the observation."""
        live = self.live.setdefault(series_id, {})
        gone = self.gone.setdefault(series_id, {})
        days = self.days.setdefault(series_id, [])
        if content is None:
            gone[as_of] = live.pop(as_of)
            days.remove(as_of)
        else:
            if as_of not in live:
                bisect.insort(days, as_of)
            live[as_of] = content
            gone.pop(as_of, None)
            self.origin.setdefault(series_id, {})[as_of] = update_id
            self.latest[series_id] = max(as_of, self.latest.get(series_id, as_of))
        newest = days[-1] + live[days[-1]] if days else None
        self.series[series_id] = (*self.series[series_id][:5], newest)

    def newest(self, series_id: int, day: Day) -> Newest | None:
        """The newest observation of a series up to a day, live or withdrawn."""
        live, gone = self.live.get(series_id, {}), self.gone.get(series_id, {})
        days = self.days.get(series_id, [])
        place = bisect.bisect_right(days, day)
        known = [one for one in gone if one <= day]
        if place:
            known.append(days[place - 1])
        if not known:
            return None
        as_of = max(known)
        content = live[as_of] if as_of in live else gone[as_of]
        return Newest(as_of, content, self.origin[series_id][as_of], as_of in gone)

    def stands(self, key: tuple[int, Day], content: str | None, lifted: Collection[int] = ()) -> bool:
        """Whether a value waits, or was decided against and the source has said nothing else since.

        `lifted` are updates whose holds end now.
        """
        series_id, as_of = key
        held = self.held.get(key)
        if held is None or held.content != content or (held.open and held.update_id in lifted):
            return False
        said_since = self.origin.get(series_id, {}).get(as_of, 0) > held.settled_by
        return held.open or (held.refused and not said_since)

    def latest_before(self, series_id: int, as_of: Day) -> Day | None:
        """The newest accepted as-of of a series that is earlier than `as_of`."""
        days = self.days.get(series_id, [])
        place = bisect.bisect_left(days, as_of)
        return days[place - 1] if place else None
