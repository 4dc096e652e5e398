"""The past of a series as facts are found in it, out of what is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, cast

import msgspec
from sqlalchemy.engine import Connection

from changes.news.past import NewsPast, PastUpdate, PastVersion
from model import Day, Kind, UsageError
from storage.driver.rows import first, raw
from storage.read.names import series_id_of, update_id
from storage.read.room import LedgerReader
from storage.rules.reading import ACCEPTS, is_fresh


class NewsOf(NamedTuple):
    """What an update brings that may be news: its id, and the series with a new day, in the order of the source."""

    update_id: int
    series: Sequence[str]


class PastReader(LedgerReader):
    """Questions about the past of series."""

    def pasts(self, keys: Iterable[str], *, restates: bool = False) -> list[NewsPast]:
        """The whole past of each of these series. Raises `UsageError` for an unknown one."""
        with self.engine.connect() as connection:
            return [_past(connection, key, restates) for key in keys]

    def news_of(self, update: str) -> NewsOf:
        """Of which series an update brings a new day. Raises `UsageError` where there is no such update."""
        with self.engine.connect() as connection:
            found = update_id(connection, update)
            return NewsOf(found, [row[0] for row in raw(connection, _NEW, {"update": found})])

    def ref_of(self, key: str) -> str:
        """The reference of a series. Raises `UsageError` for an unknown one."""
        with self.engine.connect() as connection:
            row = first(connection, "SELECT ref FROM series WHERE id = :id", {"id": series_id_of(connection, key)})
            assert row is not None
            return str(row[0])

    def key_of(self, beside: str, ref: str) -> str | None:
        """The key of the series with a reference in the source of another; None where nothing of it is recorded."""
        with self.engine.connect() as connection:
            asked = {"id": series_id_of(connection, beside), "ref": ref}
            row = first(connection, _BESIDE, asked)
            return str(row[0]) if row else None


def _past(connection: Connection, key: str, restates: bool) -> NewsPast:
    asked = {"series": series_id_of(connection, key)}
    row = first(connection, "SELECT kind, unit, measure, attributed_to FROM series WHERE id = :series", asked)
    if row is None:
        raise UsageError(f"there is no series {key!r}")
    updates = {one[0]: _update(one) for one in raw(connection, _UPDATES, asked)}
    versions = [
        PastVersion(update, day, kind, content or "", bool(held), '"echo":true' in (detail or ""))
        for update, day, kind, content, held, detail in raw(connection, _VERSIONS, asked)
    ]
    marks = [
        (update, Day(day), why if action == "break" else None)
        for update, day, action, why in raw(connection, _MARKS, asked)
    ]
    return NewsPast(
        series=key, counted=cast(Kind, row[0]), unit=row[1], measure=row[2], who=tuple(msgspec.json.decode(row[3])),
        versions=versions, updates=updates, marks=marks, restates=restates,
    )  # fmt: skip


def _update(row: tuple[Any, ...]) -> PastUpdate:
    _, source, number, known_at, cause, why, accepts = row
    return PastUpdate(f"{source}/{number}", known_at, is_fresh(cause, why, accepts))


_VERSIONS = """
    SELECT update_id, as_of, kind, content, held, detail FROM versions WHERE series_id = :series
    ORDER BY update_id, as_of
"""
_UPDATES = f"""
    SELECT u.id, o.key, u.number, u.known_at, u.cause, u.why, {ACCEPTS}
    FROM updates u JOIN sources o ON o.id = u.source_id
    WHERE u.id IN (SELECT v.update_id FROM versions v WHERE v.series_id = :series)
"""
_MARKS = """
    SELECT update_id, as_of, action, why FROM settlements
    WHERE series_id = :series AND action IN ('break', 'unbreak') ORDER BY update_id
"""
_NEW = """
    SELECT DISTINCT s.key, s.id FROM versions v JOIN series s ON s.id = v.series_id
    WHERE v.update_id = :update AND v.kind = 'new' AND v.held = 0 ORDER BY s.id
"""
_BESIDE = """
    SELECT s.key FROM series s JOIN series t ON t.source_id = s.source_id WHERE t.id = :id AND s.ref = :ref
"""
