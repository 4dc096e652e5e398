"""What the record of a publisher is computed from, out of what is recorded."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy.engine import Connection

from changes.news.record import FirstStated, RecordRows, Restated
from model import Day, Instant
from storage.driver.rows import raw
from storage.read.names import source_id
from storage.read.queries import held_query
from storage.read.room import LedgerReader


class RecordReader(LedgerReader):
    """Questions about how a publisher behaves."""

    def record_rows(self, source: str) -> RecordRows:
        """What a source's record is computed from. Raises `UsageError` where nothing was recorded of it."""
        with self.engine.connect() as connection:
            found = source_id(connection, source)
            asked = {"source": found}
            first = [
                FirstStated(Day(day), at, not undated, not anew, count)
                for day, at, undated, anew, count in raw(connection, _FIRST, asked)
            ]
            ((cells,),), ((withdrawn,),) = (raw(connection, one, asked) for one in (_CELLS, _WITHDRAWN))
            restated = [Restated._make((*row[:5], bool(row[5]))) for row in raw(connection, _RESTATED, asked)]
            return RecordRows(
                source=source, releases=[Instant(one) for (one,) in raw(connection, _RELEASES, asked)],
                stated_first=first, restated=restated,
                cells=cells, withdrawn=withdrawn, verdicts=_counted(connection, _VERDICTS, asked),
                holds=_became(connection, found), looks=_counted(connection, _LOOKS, asked),
            )  # fmt: skip


def _counted(connection: Connection, statement: str, asked: dict[str, Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in raw(connection, statement, asked):
        found[name] += int(count)
    return found


def _became(connection: Connection, source: int) -> Counter[str | None]:
    """How many values were held, by what settled them last; those that are open by None."""
    last: dict[tuple[int, str, int], str | None] = {}
    for series_id, as_of, update_id, _, action, _ in connection.execute(held_query(source)):
        last[series_id, as_of, update_id] = action
    return Counter(last.values())


_OF_SOURCE = """
    FROM versions v JOIN updates u ON u.id = v.update_id
    WHERE u.source_id = :source AND v.held = 0 AND (v.detail IS NULL OR v.detail NOT LIKE '%"echo"_true%')
"""
_RELEASES = """
    SELECT known_at FROM updates WHERE source_id = :source AND why = 'source' AND changes > 0 ORDER BY known_at, number
"""
_UNDATED = "CASE WHEN v.detail LIKE '%\"basis\"%' THEN 1 ELSE 0 END"
_ANEW = """
    CASE WHEN EXISTS (
        SELECT 1 FROM versions r JOIN updates w ON w.id = r.update_id
        WHERE r.series_id = v.series_id AND r.as_of = v.as_of AND r.kind = 'revised' AND r.held = 0 AND w.why = 'source'
    ) THEN 1 ELSE 0 END
"""
_FIRST = f"""
    SELECT as_of, known_at, undated, anew, COUNT(*) FROM (
        SELECT v.as_of, u.known_at, {_UNDATED} AS undated, {_ANEW} AS anew
        {_OF_SOURCE} AND u.why = 'source' AND v.kind IN ('new', 'late')
    ) AS stated GROUP BY as_of, known_at, undated, anew ORDER BY as_of, known_at, undated, anew
"""
_CELLS = f"SELECT COUNT(*) FROM (SELECT DISTINCT v.series_id, v.as_of {_OF_SOURCE}) AS cells"
_WITHDRAWN = f"""
    SELECT COUNT(*) FROM (
        SELECT DISTINCT v.series_id, v.as_of {_OF_SOURCE} AND u.why = 'source' AND v.kind = 'withdrawn'
    ) AS cells
"""
_RESTATED = """
    SELECT v.series_id, v.as_of, u.known_at, COALESCE(b.content, ''), COALESCE(v.content, ''),
        (v.detail IS NULL OR v.detail NOT LIKE '%"basis"%') AND NOT EXISTS (
            SELECT 1 FROM versions f WHERE f.series_id = v.series_id AND f.as_of = v.as_of AND f.kind = 'first')
    FROM versions v JOIN updates u ON u.id = v.update_id
    LEFT JOIN versions b ON b.series_id = v.series_id AND b.as_of = COALESCE(v.base_as_of, v.as_of)
        AND b.update_id = v.base_update_id
    WHERE u.source_id = :source AND u.why = 'source' AND v.kind = 'revised' AND v.held = 0
        AND (v.detail IS NULL OR v.detail NOT LIKE '%"echo"_true%')
    ORDER BY v.update_id, v.series_id, v.as_of
"""
_VERDICTS = """
    SELECT t.verdict, COUNT(*) FROM stated t JOIN updates u ON u.id = t.update_id
    WHERE u.source_id = :source GROUP BY t.verdict
"""
_LOOKS = """
    SELECT state, COUNT(*) FROM fetches WHERE source_id = :source GROUP BY state
    UNION ALL SELECT state, SUM(count) FROM attempt_days WHERE source_id = :source GROUP BY state
"""
