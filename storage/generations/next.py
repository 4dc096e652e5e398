"""A source's next generation: its updates derived again from all its releases, in the order they could be known.

It is built as a source of its own that nobody sees, one transaction a release, beside the one in force, which goes on
being read and written. It comes into force in one transaction: the two change names, and its updates are numbered on
from the last of the other. Whoever is killed before leaves the one in force as it was; what is left of the other is
removed when the next one is begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes.accepted import Accepted
from changes.evaluate import ReadRelease, way_of
from model import CheckResult, MovedOnError, Reader, Source, now
from storage import schema
from storage.archive import Archive
from storage.fetchlog.attempts import Attempt
from storage.generations.carrying import Carrier, NotCarried, Refusals
from storage.generations.events import EventCursor, SourceEvent, events_after, newest_rows
from storage.generations.naming import MARK
from storage.load import load
from storage.outcome import Recorded
from storage.proof import seals
from storage.read.names import source_id
from storage.recording import RecordingDesk, record, unchanged

_G, _O, _U = schema.generations, schema.sources, schema.updates

Write = Callable[[], AbstractContextManager[Connection]]


class NextGeneration:
    """A generation that is being derived; nothing of it is in force, or seen, until `put_in_force`."""

    def __init__(
        self, write: Write, archive: Archive, source: Source, attempt_days: int, states: dict[str, Accepted]
    ) -> None:
        self._write, self._archive, self._source, self._attempt_days = write, archive, source, attempt_days
        self._states = states
        self._cursor = EventCursor()
        self._updates: dict[int, int] = {}
        self.carried = 0
        self.not_carried: list[NotCarried] = []
        with write() as connection:
            self._old = source_id(connection, source.id)
            self.number, self._id = _begin(connection, source.id, self._old)
            self._refusals = Refusals(connection, self._old)
            self._state = load(connection, self._id)

    def news(self) -> list[SourceEvent]:
        """What happened to the source in force, oldest first, since this was asked last."""
        with self._mine() as connection:
            events = events_after(connection, self._old, self._cursor)
            self._cursor = newest_rows(connection, self._old)
        return events

    def repeats(self, text_sha256: str, reader: Reader, way: Iterable[CheckResult] = ()) -> bool:
        """Whether a release with this text, which came this way, is the newest one once more."""
        release = self._state.release
        same = release is not None and (release.text_sha256, release.reader) == (text_sha256, reader)
        return same and way_of(way) == way_of(self._state.standing)

    def record(self, read: ReadRelease, attempt: Attempt | None, of: int | None = None) -> Recorded:
        """Record a release; `of` is the update that it made in the generation in force."""
        with self._mine() as connection:
            done, update = record(self._desk(connection), self._source, self._state, read, attempt)
        if of is not None and update is not None:
            self._updates[of] = update
        return done

    def again(self, attempt: Attempt | None) -> None:
        """Append an attempt that found the newest release as it was."""
        with self._mine() as connection:
            unchanged(self._desk(connection), self._state, attempt)

    def attempt(self, attempt: Attempt) -> None:
        """Append an attempt that gave no release, as it is."""
        row = msgspec.structs.asdict(attempt) | {"update_id": None, "source_id": self._id}
        row["headers"] = msgspec.json.encode(attempt.headers).decode()
        with self._mine() as connection:
            seals.insert(connection, schema.fetches, row)

    def decide(self, decided: int) -> None:
        """Carry over what an update of the generation in force decided; what cannot be is kept to be told."""
        with self._mine() as connection:
            carrier = Carrier(connection, self._archive, self._id, self._updates)
            carried, lost = carrier.carry(decided)
            self._state = load(connection, self._id)
        self._refusals.carried(decided)
        self.carried += carried
        self.not_carried += lost

    def put_in_force(self, told: dict[str, Any]) -> bool:
        """Let this generation be the source from now on; False, with nothing done, where the source has moved on."""
        with self._mine() as connection:
            if newest_rows(connection, self._old) != self._cursor:
                return False
            _change_places(connection, self._source.id, (self._old, self._id), self.number, told)
        self._states.pop(self._source.id, None)
        return True

    @contextmanager
    def _mine(self) -> Iterator[Connection]:
        """A transaction, while nobody else derives the source. Raises `MovedOnError` where somebody does, or did."""
        with self._write() as connection:
            building = connection.execute(sa.select(_G.c.until).where(_G.c.source_id == self._id)).scalar()
            if building != "" or source_id(connection, self._source.id) != self._old:
                told = f"another backfill derives {self._source.id} again"
                raise MovedOnError(told, "let it end, then call tallybook backfill again")
            yield connection

    def _desk(self, connection: Connection) -> RecordingDesk:
        return RecordingDesk(
            connection, self._archive, self._attempt_days, lambda found: self._refusals.hold(self._state, found)
        )


def _begin(connection: Connection, key: str, old: int) -> tuple[int, int]:
    """Make an empty generation; returns its number and the id of its source."""
    for (left,) in connection.execute(sa.select(_G.c.source_id).where(_G.c.source == key, _G.c.until == "")).all():
        _remove(connection, left)
    before = connection.execute(sa.select(sa.func.max(_G.c.number)).where(_G.c.source == key)).scalar() or 1
    row = connection.execute(sa.select(_O).where(_O.c.id == old)).mappings().one()
    facts = {name: value for name, value in row.items() if name != "id"}
    new = seals.insert(connection, _O, facts | {"key": f"{key}{MARK}{before + 1}"})
    named = {"source_id": new, "source": key, "number": before + 1, "begins": 0, "since": "", "until": "", "told": ""}
    seals.insert(connection, _G, named)
    days = schema.attempt_days
    for day in connection.execute(sa.select(days).where(days.c.source_id == old)).mappings().all():
        seals.insert(connection, days, {**day, "source_id": new})
    return before + 1, new


def _remove(connection: Connection, left: int) -> None:
    """Take out a generation that never came into force, and all that hangs on it."""
    mine = sa.select(_U.c.id).where(_U.c.source_id == left)
    series = sa.select(schema.series.c.id).where(schema.series.c.source_id == left)
    # What refers to nothing, or by another name, goes first, while it can be told whose it is.
    connection.execute(sa.delete(schema.numbers).where(schema.numbers.c.update_id.in_(mine)))
    for table in (schema.current, schema.series_words):
        connection.execute(sa.delete(table).where(table.c.series_id.in_(series)))
    for table in reversed(schema.metadata.sorted_tables):
        if "source_id" in table.c and table is not _U:
            seals.delete(connection, table, table.c.source_id == left)
        elif "update_id" in table.c and table not in (schema.current, schema.numbers):
            seals.delete(connection, table, table.c.update_id.in_(mine))
        elif table is _U:
            connection.execute(sa.delete(_U).where(_U.c.source_id == left))
    seals.delete(connection, _O, _O.c.id == left)


def _change_places(connection: Connection, key: str, ids: tuple[int, int], number: int, told: dict[str, Any]) -> None:
    """Let the new generation bear the source's key, and the old one the number of its own."""
    (old, new), at = ids, now()
    last = connection.execute(sa.select(sa.func.max(_U.c.number)).where(_U.c.source_id == old)).scalar() or 0
    mine = _U.c.source_id == new
    connection.execute(sa.update(_U).where(mine).values(number=-(_U.c.number + last)))  # no number is met twice
    connection.execute(sa.update(_U).where(mine).values(number=-_U.c.number))
    before = connection.execute(sa.select(_G.c.id).where(_G.c.source_id == old)).scalar()
    if before is None:
        first = {"source_id": old, "source": key, "number": 1, "begins": 0, "since": "", "until": at, "told": ""}
        seals.insert(connection, _G, first)
    else:
        seals.update(connection, _G, before, {"until": at})
    seals.update(connection, _O, old, {"key": f"{key}{MARK}{number - 1}"})
    seals.update(connection, _O, new, {"key": key})
    mine_now = connection.execute(sa.select(_G.c.id).where(_G.c.source_id == new)).scalar_one()
    written = msgspec.json.encode(told).decode()
    seals.update(connection, _G, mine_now, {"begins": last, "since": at, "until": None, "told": written})
    for spoken in (schema.alerts, schema.rule_events):
        connection.execute(sa.update(spoken).where(spoken.c.source_id == old).values(source_id=new))
