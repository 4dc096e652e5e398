"""What the ledger knows beside the accepted state, looked up in the caller's transaction; see `changes.facts`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes.facts import KnownShape, RecordedVersion
from model import Day, Instant, Reader, Shape
from storage import schema
from storage.driver.rows import raw, run
from storage.generations.naming import series_keyed
from storage.releases import known_copy

_SHAPES = """
    SELECT h.update_id, h.shape, h.held, u.extractor, u.options, (
        SELECT COUNT(*) FROM settlements t
        WHERE t.target_id = h.update_id AND t.action IN ('accept', 'correct', 'same')) AS accepted, 0 AS quiet
    FROM shapes h JOIN updates u ON u.id = h.update_id WHERE h.source_id = :source
    UNION ALL
    SELECT q.update_id, q.shape, 0, q.extractor, q.options, 0, q.id
    FROM quiet_releases q WHERE q.source_id = :source AND q.shape IS NOT NULL
    ORDER BY 1 DESC, 7 DESC
"""
_decode = msgspec.json.Decoder(Shape).decode


_VERSIONS_AT = """
    SELECT as_of, update_id, content FROM versions
    WHERE series_id = :series AND as_of IN ({}) AND held = 0 ORDER BY update_id
"""
_DAYS_AT_ONCE = 500


class LedgerFacts:
    """The recorded past of one source, read from the database when it is asked for."""

    def __init__(self, connection: Connection, source_id: int) -> None:
        self._connection = connection
        self._source_id = source_id

    def shape(self, reader: Reader) -> KnownShape:
        """The shape that this reader's releases had last."""
        pending: list[int] = []
        with closing(run(self._connection, _SHAPES, {"source": self._source_id})) as rows:
            for update_id, shape, held, extractor, options, accepted, _ in iter(rows.fetchone, None):
                if (extractor, options) != (reader.extractor, reader.options):
                    break
                if not held or accepted:
                    return KnownShape(_decode(shape), pending)
                pending.insert(0, update_id)
        return KnownShape(None, pending)

    def copy_of(self, text_sha256: str) -> Instant | None:
        """When the newest release with the same text was known, None where there is none."""
        return known_copy(self._connection, self._source_id, text_sha256)

    def recorded_at(self, series_id: int, days: Sequence[Day]) -> Iterator[tuple[Day, int, str | None]]:
        """All that counted at these as-ofs, oldest first: (as-of, update, content)."""
        for at in range(0, len(days), _DAYS_AT_ONCE):
            asked = {f"day_{number}": day for number, day in enumerate(days[at : at + _DAYS_AT_ONCE])}
            statement = _VERSIONS_AT.format(", ".join(f":{name}" for name in asked))
            yield from raw(self._connection, statement, {"series": series_id, **asked})

    def earlier(self, series_id: int, since: Day, before: Day) -> Iterator[RecordedVersion]:
        """What counted at as-ofs from `since` up to `before`, nearest as-of first, its latest version first."""
        versions, current = schema.versions, schema.current
        same = [versions.c[name] == current.c[name] for name in ("series_id", "as_of", "update_id")]
        rows = self._connection.execute(
            sa.select(versions.c.as_of, versions.c.update_id, versions.c.content, current.c.update_id)
            .select_from(versions.outerjoin(current, sa.and_(*same)))
            .where(
                versions.c.series_id == series_id,
                versions.c.as_of >= since,
                versions.c.as_of < before,
                versions.c.held == 0,
                versions.c.content.is_not(None),
            )
            .order_by(versions.c.as_of.desc(), versions.c.update_id.desc())
            .execution_options(stream_results=True)
        )
        with rows:
            for as_of, update_id, content, accepted in rows:
                yield RecordedVersion(as_of, update_id, content, accepted is not None)

    def series_id(self, key: str) -> int | None:
        """The series with this key, of any source; of the own one in its own generation."""
        mine = (schema.series.c.key == key) & (schema.series.c.source_id == self._source_id)
        found = self._connection.execute(sa.select(schema.series.c.id).where(mine)).scalar()
        return found or self._connection.execute(sa.select(schema.series.c.id).where(series_keyed(key))).scalar()

    def known_at(self, update_id: int) -> Instant:
        """When the world could read what an update recorded."""
        query = sa.select(schema.updates.c.known_at).where(schema.updates.c.id == update_id)
        return Instant(self._connection.execute(query).scalar_one())

    def held_by(self, update_id: int, series: str, as_of: Day) -> frozenset[str]:
        """The checks that hold an observation of an update, by itself or with its series or the whole of it."""
        checks = schema.checks
        query = sa.select(checks.c.name).where(
            checks.c.update_id == update_id,
            checks.c.result == "hold",
            sa.or_(checks.c.series.is_(None), checks.c.series == series),
            sa.or_(checks.c.as_of.is_(None), checks.c.as_of == as_of),
        )
        return frozenset(self._connection.execute(query).scalars())
