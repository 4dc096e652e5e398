"""What is accepted of one source, held in memory while updates are compared with it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import NamedTuple

from changes.breaks import Marked
from changes.labels import Identity
from model import CheckResult, Day, Instant, Reader

ContentsByDay = dict[Day, str]
Places = dict[Day, int]


@dataclass(slots=True)
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


class Newest(NamedTuple):
    """A series' newest observation: its as-of, content, the update that recorded it, and whether it is withdrawn."""

    as_of: Day
    content: str
    update_id: int
    withdrawn: bool


@dataclass(slots=True)
class Accepted:
    """The accepted ledger of one source, as far as it was looked at.

    `live` and `gone` map a series' id to its as-ofs and canonical contents (accepted, and withdrawn with their last
    one); `origin` to the update that recorded that content; `days` lists a series' live as-ofs in order. Of a series
    that is not `whole`, only the newest live content is here, which is enough to see that a release says nothing new
    of it. `head` is the newest update's id, `number` its number, `chain` its chain
    digest, `quiet` the newest release that changed nothing, `standing` what is doubtful about the newest release,
    `horizon` the newest as-of ever accepted; `facts` are each series' measure and kind. `refs` are labels as
    printed; `by_identity`, the other way to know a label again, is made for the few releases that need it.
    `breaks` are the observations from which a series is counted anew.
    `lifted` are updates whose holds end with the release that is compared now.
    """

    source_id: int
    head: int = 0
    number: int = 0
    chain: str = ""
    horizon: str = ""
    release: NewestRelease | None = None
    quiet: int = 0
    standing: frozenset[CheckResult] = frozenset()
    facts: dict[int, tuple[str, str]] = field(default_factory=dict)
    refs: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, int] = field(default_factory=dict)
    by_identity: dict[str, int] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    first_ref: dict[int, str] = field(default_factory=dict)
    labelled: set[int] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)
    live: dict[int, ContentsByDay] = field(default_factory=dict)
    gone: dict[int, ContentsByDay] = field(default_factory=dict)
    origin: dict[int, Places] = field(default_factory=dict)
    latest: dict[int, Day] = field(default_factory=dict)
    days: dict[int, list[Day]] = field(default_factory=dict)
    held: dict[tuple[int, Day], Held] = field(default_factory=dict)
    breaks: Marked = field(default_factory=dict)
    lifted: set[int] = field(default_factory=set)

    def add_series(self, series_id: int, key: str, ref: str, measure: str, kind: str) -> None:
        """Make a series that has no observations yet known under its key and the label that it was first seen by."""
        self.keys[series_id] = key
        self.facts[series_id] = (measure, kind)
        self.first_ref[series_id] = ref
        self.refs[ref] = series_id
        self.whole.add(series_id)

    def read_labels(self, identity: Identity) -> None:
        """Make every series known under what makes its label one with another; a rename's newest answer counts."""
        for series_id in sorted(self.first_ref.keys() - self.labelled):
            self.by_identity.setdefault(identity(self.first_ref[series_id]), series_id)
            self.labelled.add(series_id)
        self.by_identity.update((identity(ref), series_id) for ref, series_id in self.renamed.items())

    def resolve(self, refs: set[str], identity: Identity) -> dict[str, list[str]]:
        """Find the series of every reference of one release; returns those that belong to none yet, by identity."""
        unknown = sorted(ref for ref in refs if ref not in self.refs)
        fresh: dict[str, list[str]] = {}
        if unknown:
            self.read_labels(identity)
        for ref in unknown:
            known = self.by_identity.get(identity(ref))
            if known is None:
                fresh.setdefault(identity(ref), []).append(ref)
            else:
                self.refs[ref] = known
        return fresh

    def accept(self, series_id: int, as_of: Day, content: str | None, update_id: int) -> None:
        """Let a version count: a content of None withdraws the observation."""
        live = self.live.setdefault(series_id, {})
        gone = self.gone.setdefault(series_id, {})
        if content is None:
            gone[as_of] = live.pop(as_of)
            self.days[series_id].remove(as_of)
            return
        days = self.days.setdefault(series_id, [])
        if as_of not in live:
            if days and as_of < days[-1]:
                bisect.insort(days, as_of)
            else:
                days.append(as_of)
        live[as_of] = content
        gone.pop(as_of, None)
        self.origin.setdefault(series_id, {})[as_of] = update_id
        if as_of > self.latest.get(series_id, Day("")):
            self.latest[series_id] = as_of

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

    def stands(self, series_id: int, as_of: Day, content: str | None) -> bool:
        """Whether a value waits, or was decided against and the source has said nothing else since."""
        held = self.held.get((series_id, as_of))
        if held is None or held.content != content or (held.open and held.update_id in self.lifted):
            return False
        said_since = self.origin.get(series_id, {}).get(as_of, 0) > held.settled_by
        return held.open or (held.refused and not said_since)

    def latest_before(self, series_id: int, as_of: Day) -> Day | None:
        """The newest accepted as-of of a series that is earlier than `as_of`."""
        days = self.days.get(series_id, [])
        place = bisect.bisect_left(days, as_of)
        return days[place - 1] if place else None
