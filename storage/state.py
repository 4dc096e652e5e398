"""What is accepted of one source, held in memory while updates are compared with it."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Day, Instant, Reader
from storage import labels
from storage.breaks import Marked, marked
from storage.read.queries import held_query

Contents = dict[Day, str]
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
    """The newest update that came from the publisher: its snapshot's row and text, its reader, when it was known."""

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
class State:
    """The accepted ledger of one source, as far as it was looked at.

    `live` and `gone` map a series' id to its as-ofs and canonical contents (accepted, and withdrawn with their last
    one); `origin` to the update that recorded that content; `days` lists a series' live as-ofs in order. Of a series
    that is not `whole`, only the newest live content is here, which is enough to see that a release says nothing new
    of it; `read_histories` reads the rest. `head` is the newest update's id, `number` its number, `chain` its chain
    digest, `horizon` the newest as-of ever accepted; `facts` are each series' measure and kind. `refs` are labels as
    printed; the two other ways to know a label again are made by `read_labels`, for the few releases that need them.
    `breaks` are the observations from which a series is counted anew.
    `lifted` are updates whose holds end with the release that is compared now.
    """

    source_id: int
    head: int = 0
    number: int = 0
    chain: str = ""
    horizon: str = ""
    release: NewestRelease | None = None
    facts: dict[int, tuple[str, str]] = field(default_factory=dict)
    refs: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, int] = field(default_factory=dict)
    by_strict: dict[str, int] = field(default_factory=dict)
    by_loose: dict[str, list[int]] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    first_ref: dict[int, str] = field(default_factory=dict)
    labelled: set[int] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)
    live: dict[int, Contents] = field(default_factory=dict)
    gone: dict[int, Contents] = field(default_factory=dict)
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

    def read_labels(self) -> None:
        """Make every series known under its label without case and punctuation, and without digits."""
        for series_id in sorted(self.first_ref.keys() - self.labelled):
            ref = self.first_ref[series_id]
            self.by_strict[labels.strict(ref)] = series_id
            self.by_loose.setdefault(labels.loose(ref), []).append(series_id)
            self.labelled.add(series_id)
        for ref, series_id in self.renamed.items():
            self.by_strict[labels.strict(ref)] = series_id
            self.by_loose[labels.loose(ref)] = [series_id]

    def resolve(self, refs: set[str]) -> set[str]:
        """Find the series of every reference of one release; returns those that belong to no series yet.

        A label is taken as printed, then without case and punctuation, and only for a series that no other label of
        the same release is, without its digits.
        """
        unknown = {ref for ref in refs if ref not in self.refs}
        if unknown:
            self.read_labels()
        for ref in sorted(unknown):
            if (known := self.by_strict.get(labels.strict(ref))) is not None:
                self.refs[ref] = known
        unknown = {ref for ref in unknown if ref not in self.refs}
        taken = {self.refs[ref] for ref in refs if ref in self.refs}
        for ref in sorted(unknown):
            alike = self.by_loose.get(labels.loose(ref), ())
            # Where two series differ by digits alone (age groups, "T-72B3"), digits are what tells them apart.
            if len(alike) == 1 and alike[0] not in taken and labels.has_words(ref):
                self.refs[ref] = alike[0]
                taken.add(alike[0])
        return {ref for ref in unknown if ref not in self.refs}

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


HEAD = sa.text("SELECT id, number, chain_digest FROM updates WHERE source_id = :source ORDER BY number DESC LIMIT 1")
"""A source's newest update: (id, number, chain digest)."""


def load(connection: Connection, source_id: int) -> State:
    """Read the accepted ledger of a source from the database, of each series the newest observation alone."""
    state = State(source_id)
    head = connection.execute(HEAD, {"source": source_id}).first()
    if head is None:
        return state
    state.head, state.number, state.chain = head
    state.horizon = connection.execute(_HORIZON, {"source": source_id}).scalar_one()
    state.release = _load_release(connection, source_id)
    rows = connection.execute(_SERIES, {"source": source_id}).all()
    for series_id, key, ref, measure, kind, as_of, content in rows:
        state.add_series(series_id, key, ref, measure, kind)
        state.live[series_id] = {as_of: content} if as_of else {}
    state.whole.clear()
    _load_held(connection, state)
    state.breaks = marked(connection, source_id=source_id)
    _load_renames(connection, state)
    return state


_HORIZON = sa.text("""
    SELECT MAX(horizon) FROM updates
    WHERE id = (SELECT id FROM updates WHERE source_id = :source AND why = 'source' ORDER BY number DESC LIMIT 1)
    OR id IN (SELECT id FROM updates WHERE source_id = :source AND why <> 'source')
""")

_SERIES = sa.text("""
    SELECT s.id, s.key, s.ref, s.measure, s.kind, c.as_of, c.content
    FROM series s LEFT JOIN current c ON c.series_id = s.id AND c.as_of = (
        SELECT x.as_of FROM current x WHERE x.series_id = s.id AND x.withdrawn = 0 ORDER BY x.as_of DESC LIMIT 1)
    WHERE s.source_id = :source ORDER BY s.id
""")

_HISTORIES = sa.text("""
    SELECT series_id, as_of, update_id, content, withdrawn FROM current
    WHERE series_id IN :ids ORDER BY series_id, as_of
""").bindparams(sa.bindparam("ids", expanding=True))


def read_histories(connection: Connection, state: State, wanted: Iterable[int] | None = None) -> None:
    """Read all that is accepted of these series, or of every series of the source, where it is not here yet."""
    missing = sorted((state.keys.keys() if wanted is None else set(wanted)) - state.whole)
    for at in range(0, len(missing), _SERIES_AT_ONCE):
        rows = connection.execute(_HISTORIES, {"ids": missing[at : at + _SERIES_AT_ONCE]})
        for series_id, history in groupby(rows.all(), key=itemgetter(0)):
            live: Contents = {}
            gone: Contents = {}
            origin: Places = {}
            for _, as_of, update_id, content, withdrawn in history:
                (gone if withdrawn else live)[as_of] = content
                origin[as_of] = update_id
            state.live[series_id], state.gone[series_id], state.origin[series_id] = live, gone, origin
            state.days[series_id], state.latest[series_id] = list(live), as_of
    state.whole.update(missing)


_SERIES_AT_ONCE = 1000


def _load_renames(connection: Connection, state: State) -> None:
    """Let the labels that people called the same lead to the series they renamed, newest answer last."""
    ids = {key: series_id for series_id, key in state.keys.items()}
    for series_id, detail in connection.execute(_RENAMES, {"source": state.source_id}):
        ref = state.first_ref[series_id]
        state.refs[ref] = state.renamed[ref] = ids[msgspec.json.decode(detail)["rename"]]


_RENAMES = sa.text("""
    SELECT v.series_id, v.detail FROM settlements t
    CROSS JOIN versions v JOIN series s ON s.id = v.series_id
    WHERE v.series_id = t.series_id AND v.as_of = t.as_of AND v.update_id = t.target_id
    AND s.source_id = :source AND t.action = 'same' AND v.kind = 'first'
    ORDER BY t.update_id
""")


def _load_release(connection: Connection, source_id: int) -> NewestRelease | None:
    row = newest_release(connection, source_id)
    if row is None:
        return None
    reader = Reader(row.extractor, row.reader_version, row.options)
    return NewestRelease(row.snapshot_id, row.text_sha256, reader, row.known_at)


_NEWEST = """
    SELECT u.*, s.sha256, s.text_sha256, s.size, s.media_type, s.charset
    FROM updates u JOIN snapshots s ON s.id = u.snapshot_id
    WHERE u.source_id = {source}
    ORDER BY u.known_at DESC, u.number DESC LIMIT 1
"""
_NEWEST_RELEASE = sa.text(_NEWEST.format(source=":source"))
_NEWEST_RELEASE_OF = sa.text(_NEWEST.format(source="(SELECT id FROM sources WHERE key = :key)"))


def newest_release(connection: Connection, source_id: int) -> sa.Row[Any] | None:
    """The newest update that came from the publisher, with its snapshot's row and its reader."""
    return connection.execute(_NEWEST_RELEASE, {"source": source_id}).first()


def newest_release_of(connection: Connection, key: str) -> sa.Row[Any] | None:
    """As `newest_release`, of the source with this key; None where nothing was recorded of it."""
    return connection.execute(_NEWEST_RELEASE_OF, {"key": key}).first()


_HELD = held_query(sa.bindparam("source", type_=sa.Integer))


def _load_held(connection: Connection, state: State) -> None:
    decided: set[tuple[int, str]] = set()
    for row in connection.execute(_HELD, {"source": state.source_id}):
        key = (row.series_id, row.as_of)
        before = state.held.get(key)
        # What a person had let count is nothing that the source said: when it is decided on again, the source's own
        # value stays the one that is no news when it is repeated.
        again = before is not None and before.settled_by == row.update_id and key in decided
        said = before if again and before is not None else row
        if row.action not in (None, "supersede"):
            decided.add(key)
        else:
            decided.discard(key)
        state.held[key] = Held(
            said.update_id,
            said.content,
            open=row.action is None,
            refused=row.action in ("reject", "correct"),
            settled_by=row.settled_by or 0,
        )
