"""The table of what is accepted, now or as of a time."""

from __future__ import annotations

from model import Instant, Observation
from storage.read.figures import moments_of, observation, with_texts
from storage.read.marked import ended, marked
from storage.read.names import source_id
from storage.read.queries import MOMENTS, table_query
from storage.read.room import LedgerReader


class AsOfReader(LedgerReader):
    """Questions about what was accepted at a time."""

    def table(
        self,
        source: str | None = None,
        *,
        known_at: Instant | None = None,
        recorded_by: Instant | None = None,
        quotes: bool = True,
    ) -> list[Observation]:
        """The accepted observations: now, as the world could know them at a time, or as we had recorded them by one.

        Of a list, what has ended by then is left out. A decision on a held value counts from when the world could read
        the value that it decides on. Raises `UsageError` for an unknown source. `quotes=False` leaves the archive
        unread.
        """
        with self.engine.connect() as connection:
            mine = source_id(connection, source, recorded_by) if source is not None else None
            horizon = None
            if known_at is not None:
                moments = moments_of(connection, MOMENTS, known_at)
                horizon = max((one["horizon"] for one in moments if mine in (None, one["source"])), default="")
            query = table_query(mine, known_at, recorded_by, horizon)
            breaks = marked(connection, known_at=known_at, recorded_by=recorded_by)
            over = ended(connection, known_at=known_at, recorded_by=recorded_by)
            texts = self.texts if quotes else None
            rows = [row for row in connection.execute(query).mappings() if row["series_id"] not in over]
            return [observation(texts, row, breaks) for row in with_texts(texts, rows, "")]
