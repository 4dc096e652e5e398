"""What the ledger knows of each source beside its figures."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from model import Day, Figure, Instant, State
from storage import schema
from storage.archive import Archive
from storage.fetchlog.days import days_of, last_changes
from storage.generations.definitions import DefinitionVersion, definition_of, definitions_of
from storage.generations.naming import Generation, generation_of, generations_query, in_force
from storage.read.names import source_id
from storage.read.room import LedgerReader

_U = schema.updates


class SourcesReader(LedgerReader):
    """Questions about sources."""

    def __init__(self, engine: Engine, archive: Archive) -> None:
        super().__init__(engine, archive)
        self._readers: dict[str, tuple[int, dict[tuple[str, int, str], Instant]]] = {}

    def sources(self) -> list[tuple[str, str, str]]:
        """Every recorded source: (id, title, basis)."""
        table = schema.sources
        with self.engine.connect() as connection:
            query = (
                sa.select(table.c.key, table.c.title, table.c.basis).where(in_force(table.c.id)).order_by(table.c.key)
            )
            return [(row.key, row.title, row.basis) for row in connection.execute(query)]

    def generations(self, source: str) -> list[Generation]:
        """The generations of a source, oldest first; none where its past was never added to."""
        with self.engine.connect() as connection:
            return [generation_of(row) for row in connection.execute(generations_query(source))]

    def definitions(self, source: str) -> list[DefinitionVersion]:
        """Every text that a source's definition had, newest first."""
        with self.engine.connect() as connection:
            return definitions_of(connection, source)

    def definition_of(self, update: str) -> DefinitionVersion | None:
        """The definition by which an update was recorded; None for one that is older than the history."""
        with self.engine.connect() as connection:
            return definition_of(connection, update)

    def days(self, sources: Sequence[str], since: Day) -> dict[str, dict[Day, State]]:
        """What the attempts of each of these sources came to, by day from `since` on."""
        with self.engine.connect() as connection:
            return days_of(connection, sources, since)

    def pulse(self) -> tuple[int, int]:
        """What moves on with every attempt and with every update, whoever records it."""
        newest = [sa.select(sa.func.max(table.c.id)).scalar_subquery() for table in (schema.fetches, _U)]
        with self.engine.connect() as connection:
            fetch, update = connection.execute(sa.select(*newest)).one()
        return fetch or 0, update or 0

    def last_changes(self, sources: Sequence[str]) -> dict[str, str]:
        """The newest update of each of these sources that a release made, by its name."""
        with self.engine.connect() as connection:
            return last_changes(connection, sources)

    def failures(self, source: str, *, limit: int = 5) -> list[tuple[Instant, str, int | None, str]]:
        """The newest attempts of a source that failed or were turned away: (at, state, HTTP status, reason)."""
        table, sources = schema.fetches, schema.sources
        query = (
            sa.select(table.c.at, table.c.state, table.c.status, table.c.reason)
            .select_from(table.join(sources))
            .where(sources.c.key == source, table.c.state.in_(("failed", "blocked")))
            .order_by(table.c.id.desc())
            .limit(limit)
        )
        with self.engine.connect() as connection:
            return [(row.at, row.state, row.status, row.reason or "") for row in connection.execute(query)]

    def readers(self, source: str) -> list[tuple[Instant, str, int]]:
        """When each way of reading a source began: (known at, extractor, version), oldest first."""
        with self.engine.connect() as connection:
            upto, found = self._readers.get(source, (0, {}))
            first, newest = sa.func.min(_U.c.known_at), sa.func.max(_U.c.number)
            query = (
                sa.select(first, _U.c.extractor, _U.c.reader_version, _U.c.options, newest)
                .where(_U.c.source_id == source_id(connection, source), _U.c.number > upto)
                .where(_U.c.extractor.is_not(None))
                .group_by(_U.c.extractor, _U.c.reader_version, _U.c.options)
            )
            rows = connection.execute(query).all()
        # Updates are never changed, so only those since the last look are looked at.
        fresh = {(row[1], row[2], row[3]): Instant(row[0]) for row in rows}
        found = {**fresh, **found}
        self._readers[source] = (max([upto, *(row[4] for row in rows)]), found)
        return sorted((at, extractor, version) for (extractor, version, _), at in found.items())

    def unfollowed(
        self, source: str | None = None, *, limit: int | None = None, offset: int | None = None
    ) -> list[tuple[str, str, Figure]]:
        """Figures that belong to no followed series or to two: (update, why, figure), newest first."""
        table, updates = schema.unfollowed, schema.updates
        sources, snapshots = schema.sources, schema.snapshots
        query = (
            sa.select(sources.c.key, updates.c.number, table.c.why, table.c.figure, snapshots.c.text_sha256)
            .select_from(table.join(updates).join(sources).outerjoin(snapshots))
            .order_by(updates.c.id.desc(), table.c.position)
            .limit(limit)
            .offset(offset)
        )
        with self.engine.connect() as connection:
            mine = sources.c.id == source_id(connection, source) if source is not None else in_force(sources.c.id)
            query = query.where(mine)
            return [
                (f"{key}/{number}", why, _in_words(self.texts(digest) if digest else None, figure))
                for key, number, why, figure, digest in connection.execute(query)
            ]


QUOTED = 200
"""Characters before and behind a number that nobody follows, within its line, that are quoted."""


def _in_words(text: str | None, stored: str) -> Figure:
    """A figure that nobody follows with its number and its line, as they stand in the archived text."""
    figure = msgspec.json.decode(stored, type=Figure)
    if figure.quote or not text or figure.end <= figure.start:
        return figure
    first = max(text.rfind("\n", 0, figure.start) + 1, figure.start - QUOTED)
    last = text.find("\n", figure.end)
    quote = text[first : min(last if last >= 0 else len(text), figure.end + QUOTED)]
    return msgspec.structs.replace(figure, quote=quote, number_text=text[figure.start : figure.end])
