"""A source's rhythm: how long it usually is between two releases, learned from those that were recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Instant, instant, moment
from storage import schema

REMEMBERED = 60
"""So many gaps are looked at: a source that changed its habit is soon judged by the new one."""

FEWEST = 5
"""Fewer gaps than this are no rhythm."""

PATIENCE = 2
"""A source is late when it is silent for so many times the gap that 19 of 20 stay within."""

_SPOKEN = ("fetch", "backfill", "manual")


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """How often a source speaks, in seconds: the median gap, the gap that 19 of 20 stay within; when it is late."""

    usual: int
    longest: int
    last: Instant
    due: Instant


def rhythm(connection: Connection, source_id: int) -> Rhythm | None:
    """The rhythm of a source by the newest of its releases that changed a figure; None where they are too few to tell.

    A page whose clock or advertisement changes does not speak.
    """
    updates = schema.updates
    newest = (
        sa.select(updates.c.known_at)
        .where(updates.c.source_id == source_id, updates.c.cause.in_(_SPOKEN), updates.c.changes > 0)
        .order_by(updates.c.number.desc())
        .limit(REMEMBERED + 1)
    )
    return learn([moment(Instant(known)) for known in reversed(connection.execute(newest).scalars().all())])


def learn(spoken: Sequence[dt.datetime]) -> Rhythm | None:
    """The rhythm of releases that were known at these times, oldest first; None where they are too few to tell."""
    gaps = sorted(round((later - earlier).total_seconds()) for earlier, later in pairwise(spoken))
    if len(gaps) < FEWEST:
        return None
    longest = gaps[min(len(gaps) - 1, len(gaps) * 19 // 20)]
    due = spoken[-1] + dt.timedelta(seconds=PATIENCE * longest)
    return Rhythm(usual=round(median(gaps)), longest=longest, last=instant(spoken[-1]), due=instant(due))
