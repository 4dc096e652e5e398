"""What rules remember of each source, and the outbox: what is to be told to whom, written down before anybody is told.

What a rule concludes and how far it has read are stored in one transaction, so that nothing is concluded twice and
nothing is lost; who is told is a row of its own for each address, so that nobody is told twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from changes.rules.steps import RecordedNews, RuleState
from model import Instant, Source, instant, moment
from storage import schema
from storage.fetchlog.episodes import LEASE
from storage.printed.book import PrintFinding, WatchedNumber, put_findings, watched
from storage.releases import source_of, source_row
from storage.rules.reading import LedgerEndAt, RecordedPast, end_of, news_of, stands

OutboxState = Literal["waiting", "sending", "told", "nobody"]

_E = schema.rule_events


class KeptRules(msgspec.Struct, omit_defaults=True):
    """What the rules of one source remember, and up to which update; `revision` counts how often it was written."""

    end: LedgerEndAt = LedgerEndAt()
    rules: dict[str, RuleState] = {}
    revision: int = 0


class RuleMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell to one address, by its name; `told` is the sentence. What nobody is told stands here, too."""

    rule: str
    episode: str
    phase: str
    series: str
    update: str
    at: Instant
    address: str
    told: str
    state: OutboxState = "waiting"
    again: bool = False
    """Whether it may have been told before: who took it to tell it was stopped."""
    id: int = 0
    source: str = ""


class SourceRules:
    """The updates of one source as rules see them, in one read transaction, and what its rules remember."""

    def __init__(self, connection: Connection, source_id: int, key: str) -> None:
        self._connection, self._source = connection, (source_id, key)
        self.end = end_of(connection, source_id)
        self.kept = _kept(connection, source_id)
        if not stands(connection, source_id, self.kept.end):
            self.kept = KeptRules(revision=self.kept.revision)
        self.facts = RecordedPast(connection, source_id)

    def printed(self) -> list[WatchedNumber]:
        """The numbers of registered articles that are of the source's series."""
        return watched(self._connection, self._source[1])

    def news(self, after: int = 0, *, firsts: bool = True) -> Iterator[RecordedNews]:
        """The updates after one, oldest first."""
        yield from news_of(self._connection, self._source, after, firsts=firsts)


class RuleBook:
    """Rules in the ledger's database; `write` gives a transaction with the ledger's write lock."""

    def __init__(self, engine: Engine, write: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._engine, self._write = engine, write

    @contextmanager
    def of(self, source: str) -> Iterator[SourceRules | None]:
        """One source, to read; None where nothing of it is written down."""
        with self._engine.connect() as connection:
            found = source_of(connection, source)
            yield SourceRules(connection, found, source) if found is not None else None

    def keep(
        self, source: Source, kept: KeptRules, messages: Sequence[RuleMessage], printed: Sequence[PrintFinding] = ()
    ) -> bool:
        """Store what was concluded and what is to be told of it; False where another process was there before."""
        table = schema.rule_states
        with self._write() as connection:
            source_id = source_row(connection, source)
            if _kept(connection, source_id).revision != kept.revision or not stands(connection, source_id, kept.end):
                return False
            text = msgspec.json.encode(msgspec.structs.replace(kept, revision=0)).decode()
            connection.execute(sa.delete(table).where(table.c.source_id == source_id))
            values = {"source_id": source_id, "revision": kept.revision + 1, "kept": text}
            connection.execute(sa.insert(table).values(values))
            for one in messages:
                _put(connection, source_id, one)
            put_findings(connection, printed)
        return True

    def claim(self, at: Instant) -> list[RuleMessage]:
        """Take all that waits to be told; what another took and did not settle in time is taken again, and says so."""
        late = _E.c.state_at < _earlier(at)
        with self._write() as connection:
            waits = sa.or_(_E.c.state == "waiting", (_E.c.state == "sending") & late)
            rows = connection.execute(_messages().where(waits).order_by(_E.c.id)).mappings().all()
            ids = [row["id"] for row in rows]
            connection.execute(sa.update(_E).where(_E.c.id.in_(ids)).values(state="sending", state_at=at))
        return [_message(row) for row in rows]

    def waits(self, at: Instant) -> bool:
        """Whether anything waits to be told."""
        late = (_E.c.state == "sending") & (_E.c.state_at < _earlier(at))
        with self._engine.connect() as connection:
            query = sa.select(_E.c.id).where(sa.or_(_E.c.state == "waiting", late)).limit(1)
            return connection.execute(query).scalar() is not None

    def settle(self, messages: Sequence[RuleMessage], at: Instant, *, told: bool) -> None:
        """Write down that messages were told, or wait again."""
        ids = [one.id for one in messages]
        state = "told" if told else "waiting"
        with self._write() as connection:
            connection.execute(sa.update(_E).where(_E.c.id.in_(ids)).values(state=state, state_at=at))

    def messages(self, *, limit: int = 100) -> list[RuleMessage]:
        """What was concluded, the newest first, and whether it was told."""
        with self._engine.connect() as connection:
            query = _messages().order_by(_E.c.id.desc()).limit(limit)
            return [_message(row) for row in connection.execute(query).mappings()]


def _kept(connection: Connection, source_id: int) -> KeptRules:
    table = schema.rule_states
    row = connection.execute(sa.select(table).where(table.c.source_id == source_id)).one_or_none()
    if row is None:
        return KeptRules()
    return msgspec.structs.replace(msgspec.json.decode(row.kept, type=KeptRules), revision=row.revision)


def _put(connection: Connection, source_id: int, one: RuleMessage) -> None:
    """Write a message down, unless it was before: a source may have been read again from its beginning."""
    place = {"source_id": source_id, "rule": one.rule, "episode": one.episode, "phase": one.phase}
    place |= {"address": one.address}
    same = sa.and_(*(_E.c[name] == value for name, value in place.items()))
    if connection.execute(sa.select(_E.c.id).where(same)).scalar() is None:
        rest = {"series": one.series, "update_name": one.update, "at": one.at, "told": one.told}
        connection.execute(sa.insert(_E).values(**place, **rest, state=one.state, state_at=one.at))


def _messages() -> sa.Select[Any]:
    return sa.select(_E, schema.sources.c.key).join(schema.sources, schema.sources.c.id == _E.c.source_id)


def _message(row: Any) -> RuleMessage:
    return RuleMessage(
        rule=row["rule"], episode=row["episode"], phase=row["phase"], series=row["series"], update=row["update_name"],
        at=row["at"], address=row["address"], told=row["told"], state=row["state"],
        again=row["state"] == "sending", id=row["id"], source=row["key"],
    )  # fmt: skip


def _earlier(at: Instant) -> str:
    return instant(moment(at) - LEASE)
