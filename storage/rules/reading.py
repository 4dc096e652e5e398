"""A source's updates as rules see them, and the past that they may ask for; all of it out of what is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from changes.marks.breaks import Breaks, Marked, note
from changes.rules.steps import RecordedNews, Step
from model import Day, read_content
from storage.driver.rows import first, raw

UPDATES_AT_ONCE = 200

ACCEPTS = """
    (SELECT MIN(CASE WHEN t.action IN ('accept', 'same', 'break') AND x.cause <> 'backfill' THEN 1 ELSE 0 END)
        FROM settlements t JOIN updates x ON x.id = t.target_id WHERE t.update_id = u.id)
"""
"""Whether an update `u` is a person's, who let nothing but what a release stated count; NULL where it is nobody's."""

_UPDATES = f"""
    SELECT u.id, u.number, u.known_at, u.cause, u.why,
        EXISTS (SELECT 1 FROM versions v WHERE v.update_id = u.id AND v.held = 0 AND v.content IS NOT NULL),
        {ACCEPTS}
    FROM updates u WHERE u.source_id = :source AND u.id > :after ORDER BY u.id LIMIT :most
"""
# `_` stands for the colon, which would name a parameter.
_STEPS = r"""
    SELECT v.update_id, v.series_id, s.key, s.measure, s.kind, v.kind, v.as_of, COALESCE(v.base_as_of, v.as_of),
        b.content, v.content
    FROM versions v JOIN series s ON s.id = v.series_id
    LEFT JOIN versions b ON b.series_id = v.series_id AND b.as_of = COALESCE(v.base_as_of, v.as_of)
        AND b.update_id = v.base_update_id
    WHERE v.update_id IN ({ids}) AND v.held = 0 AND (v.detail IS NULL OR v.detail NOT LIKE '%"echo"_true%') {firsts}
    ORDER BY v.update_id, v.series_id, v.as_of
"""
_STATED = """
    SELECT t.update_id, t.series_id, s.key, s.measure, s.kind, NULL, t.as_of, NULL, NULL, NULL, t.verdict
    FROM stated t JOIN series s ON s.id = t.series_id WHERE t.update_id IN ({ids}) AND NOT EXISTS (
        SELECT 1 FROM versions v WHERE v.series_id = t.series_id AND v.as_of = t.as_of AND v.update_id = t.update_id
        AND v.held = 1)
    ORDER BY t.update_id, t.series_id, t.as_of
"""
_ENDED = """
    SELECT t.update_id, s.key FROM settlements t JOIN series s ON s.id = t.series_id
    WHERE t.update_id IN ({ids}) AND t.action = 'end'
"""


class LedgerEndAt(NamedTuple):
    """How far rules have read: an update's id, and its chain digest, which says that it is still the same."""

    update_id: int = 0
    chain: str = ""


def end_of(connection: Connection, source_id: int) -> LedgerEndAt:
    """Where a source's ledger ends in the order of recording."""
    found = first(connection, "SELECT id, chain_digest FROM updates WHERE source_id = :source ORDER BY id DESC LIMIT 1",
                  {"source": source_id})  # fmt: skip
    return LedgerEndAt(*found) if found else LedgerEndAt()


def stands(connection: Connection, source_id: int, end: LedgerEndAt) -> bool:
    """Whether an update that was read is still there as it was; one may have been taken back."""
    if not end.update_id:
        return True
    query = "SELECT chain_digest FROM updates WHERE id = :id AND source_id = :source"
    return first(connection, query, {"id": end.update_id, "source": source_id}) == (end.chain,)


def news_of(
    connection: Connection, source: tuple[int, str], after: int, *, firsts: bool = True
) -> Iterator[RecordedNews]:
    """The updates of a source (its row's id, its key) after one, oldest first; without `firsts`, no first values."""
    source_id, key = source
    while True:
        asked = {"source": source_id, "after": after, "most": UPDATES_AT_ONCE}
        rows = raw(connection, _UPDATES, asked)
        if not rows:
            return
        steps, ended = _steps(connection, [row[0] for row in rows], firsts=firsts)
        for update_id, number, known_at, cause, why, counts, accepts in rows:
            yield RecordedNews(
                update_id, f"{key}/{number}", known_at, is_fresh(cause, why, accepts), bool(counts),
                steps.get(update_id, ()), ended.get(update_id, ()),
            )  # fmt: skip
        after = rows[-1][0]


def is_fresh(cause: str, why: str, accepts: int | None) -> bool:
    """Whether an update was news when it was recorded: what a source said then, or a person let count of that."""
    return (cause in ("fetch", "manual") and why == "source") or (why == "review" and accepts == 1)


def _steps(
    connection: Connection, ids: Sequence[int], *, firsts: bool
) -> tuple[dict[int, list[Step]], dict[int, list[str]]]:
    listed = ", ".join(map(str, ids))
    chosen = "" if firsts else "AND v.kind <> 'first'"
    found: dict[int, list[Step]] = {}
    rows = raw(connection, _STEPS.format(ids=listed, firsts=chosen), {})
    for update_id, part in groupby(rows, key=itemgetter(0)):
        found[update_id] = list(_from_day_to_day([Step(*row[1:]) for row in part]))
    for row in raw(connection, _STATED.format(ids=listed), {}):
        found.setdefault(row[0], []).append(Step(*row[1:]))
    for steps in found.values():
        steps.sort(key=lambda one: (one.series, one.as_of))
    ended: dict[int, list[str]] = {}
    for update_id, series in raw(connection, _ENDED.format(ids=listed), {}):
        ended.setdefault(update_id, []).append(series)
    return found, ended


def _from_day_to_day(steps: Sequence[Step]) -> Iterator[Step]:
    """Steps in which each new day is counted from the day before it, of this update where that states it."""
    before: Step | None = None
    for step in steps:
        near = before is not None and before.series_id == step.series_id and before.as_of >= (step.base or "")
        if step.kind == "new" and near and before is not None:
            yield step._replace(base=before.as_of, old=before.new)
        else:
            yield step
        if step.new is not None:
            before = step


class RecordedPast:
    """What rules ask of the past of one source; answers of one update are kept while it is judged."""

    def __init__(self, connection: Connection, source_id: int) -> None:
        self._connection = connection
        self._marks: list[tuple[Any, ...]] = raw(connection, _MARKS, {"source": source_id})
        self._newest: dict[tuple[int, int], Day | None] = {}

    def observations(self, series_id: int, before: int) -> int:
        """How many days of a series counted before an update."""
        return int(self._one(_OBSERVATIONS, series_id, before) or 0)

    def newest_day(self, series_id: int, before: int) -> Day | None:
        """The newest as-of of a series that counted before an update."""
        asked = (series_id, before)
        if asked not in self._newest:
            self._newest[asked] = self._one(_NEWEST_DAY, *asked)
        return self._newest[asked]

    def begins(self, series_id: int, until: int) -> Day | None:
        """The first as-of of a series, as recorded up to an update."""
        found: Day | None = self._one(_BEGINS, series_id, until)
        return found

    def last_fall(self, series_id: int, until: int, before: Day, since: Day) -> Day | None:
        """The newest as-of from `since` up to `before` on which a series fell, as recorded up to an update."""
        asked = {"series": series_id, "until": until, "before": before, "since": since}
        values = [
            (as_of, read_content(content or "").value) for as_of, content in raw(self._connection, _VALUES, asked)
        ]
        latest = dict(values)  # the newest version of each day
        known = [(day, value) for day, value in latest.items() if value is not None]
        falls = [day for (_, old), (day, new) in pairwise(known) if new < old]
        return falls[-1] if falls else None

    def broken(self, series_id: int, until: int, days: tuple[Day, Day]) -> bool:
        """Whether a series is counted anew between two as-ofs, as recorded up to an update."""
        marked: Marked = {}
        for update_id, marked_series, as_of, action, why in self._marks:
            if marked_series == series_id and update_id <= until:
                note(marked, series_id, as_of, why if action == "break" else None)
        return bool(Breaks(marked.get(series_id, {})).between(*days))

    def _one(self, statement: str, series_id: int, update_id: int) -> Any:
        found = first(self._connection, statement, {"series": series_id, "update": update_id})
        return found[0] if found else None


_MARKS = """
    SELECT t.update_id, t.series_id, t.as_of, t.action, t.why FROM settlements t JOIN updates u ON u.id = t.update_id
    WHERE u.source_id = :source AND t.action IN ('break', 'unbreak') ORDER BY t.update_id
"""
_COUNTED = "series_id = :series AND held = 0 AND content IS NOT NULL"
_OBSERVATIONS = f"SELECT COUNT(DISTINCT as_of) FROM versions WHERE {_COUNTED} AND update_id < :update"
_NEWEST_DAY = f"""
    SELECT as_of FROM versions WHERE {_COUNTED} AND update_id < :update ORDER BY as_of DESC LIMIT 1
"""
_BEGINS = f"SELECT as_of FROM versions WHERE {_COUNTED} AND update_id <= :update ORDER BY as_of LIMIT 1"
_VALUES = """
    SELECT as_of, content FROM versions
    WHERE series_id = :series AND held = 0 AND update_id <= :until AND as_of >= :since AND as_of < :before
    ORDER BY as_of, update_id
"""
