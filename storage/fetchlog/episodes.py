"""Which episodes of a source a person was told of: each once, whichever process meets it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Instant, moment
from storage import schema

LEASE = dt.timedelta(minutes=10)
"""A claim holds so long; one whose process was killed before it told anybody is void then."""

_CLAIM = "claimed: "


def claim(connection: Connection, source_id: int | None, episode: str, at: Instant) -> bool:
    """Whether the episode is the caller's to tell: nobody has told it, and no other process is about to.

    The connection must hold the ledger's write lock, so that of two processes one finds the other's claim.
    """
    if source_id is None or _at(connection, source_id, episode) is not None:
        return False
    other = _at(connection, source_id, _CLAIM + episode)
    if other is not None and abs(moment(at) - moment(other)) < LEASE:
        return False
    _remove(connection, source_id, _CLAIM + episode)
    _insert(connection, source_id, _CLAIM + episode, at)
    return True


def settle(connection: Connection, source_id: int | None, episode: str, at: Instant, *, told: bool) -> None:
    """Give a claim up; an episode that was `told` is never told again."""
    if source_id is None:
        return
    _remove(connection, source_id, _CLAIM + episode)
    if told and _at(connection, source_id, episode) is None:
        _insert(connection, source_id, episode, at)


def _at(connection: Connection, source_id: int, episode: str) -> Instant | None:
    table = schema.alerts
    return connection.execute(
        sa.select(table.c.at).where(table.c.source_id == source_id, table.c.episode == episode)
    ).scalar()


def _insert(connection: Connection, source_id: int, episode: str, at: Instant) -> None:
    connection.execute(sa.insert(schema.alerts).values(source_id=source_id, episode=episode, at=at))


def _remove(connection: Connection, source_id: int, episode: str) -> None:
    table = schema.alerts
    connection.execute(sa.delete(table).where(table.c.source_id == source_id, table.c.episode == episode))
