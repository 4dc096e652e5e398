"""What each day of a source came to, and when its figures changed last: for all who look at many sources at once."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Day, State
from storage import schema

WORST: tuple[State, ...] = ("failed", "blocked", "held", "changed", "unchanged")
"""Of several attempts of a day the one that matters most is told."""


def days_of(connection: Connection, sources: Sequence[str], since: Day) -> dict[str, dict[Day, State]]:
    """What the attempts of each of these sources came to, by day from `since` on."""
    table, attempts, summed = schema.sources, schema.fetches, schema.attempt_days
    day = sa.func.substr(attempts.c.at, 1, 10)
    kept = sa.select(table.c.key, day, attempts.c.state).select_from(attempts.join(table))
    older = sa.select(table.c.key, summed.c.day, summed.c.state).select_from(summed.join(table))
    found: dict[str, dict[Day, State]] = {}
    for query in (
        kept.where(table.c.key.in_(sources), attempts.c.at >= since).group_by(table.c.key, day, attempts.c.state),
        older.where(table.c.key.in_(sources), summed.c.day >= since),
    ):
        for key, of_day, state in connection.execute(query):
            days = found.setdefault(key, {})
            days[of_day] = min(days.get(of_day, state), state, key=WORST.index)
    return found


def last_changes(connection: Connection, sources: Sequence[str]) -> dict[str, str]:
    """The newest update of each of these sources that a release made, by its name, where there is one."""
    table, updates = schema.sources, schema.updates
    newest = (
        sa.select(updates.c.number)
        .where(updates.c.source_id == table.c.id, updates.c.changes > 0, updates.c.cause != "review")
        .order_by(updates.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(sa.select(table.c.key, newest).where(table.c.key.in_(sources)))
    return {key: f"{key}/{number}" for key, number in rows if number is not None}
