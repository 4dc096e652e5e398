"""Schedules out of definitions: sources with the same cron line and zone go together, so a schedule stands once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from itertools import groupby

import msgspec

from model import Source

NEVER = "never"


class Planned(msgspec.Struct, frozen=True, order=True):
    """One schedule of the deployment: a cron line in an IANA time zone, and the ids of the sources it refreshes.

    `slug` follows from cron and zone alone, so that a source that joins or leaves changes the schedule in place.
    """

    cron: str
    timezone: str
    slug: str
    sources: tuple[str, ...]


def is_on(source: Source) -> bool:
    """Whether the source is refreshed on its schedule: it has one, was tried live, and is not paused."""
    return source.schedule is not None and source.is_on


def plan(sources: Iterable[Source]) -> tuple[Planned, ...]:
    """The schedules of all sources that are on, ordered by cron line and zone, their sources by id."""
    timed = sorted((*_when(source), source.id) for source in sources if is_on(source))
    return tuple(
        Planned(cron, timezone, slug(cron, timezone), tuple(name for _, _, name in together))
        for (cron, timezone), together in groupby(timed, key=lambda row: row[:2])
    )


def slug(cron: str, timezone: str) -> str:
    """A name for a schedule that is the same on every machine: readable, and distinct by a short digest."""
    words = re.sub(r"[^a-z0-9]+", "-", f"{cron} {timezone}".lower().replace("*", "x")).strip("-")
    return f"{words}-{hashlib.sha256(f'{cron}|{timezone}'.encode()).hexdigest()[:6]}"


def _when(source: Source) -> tuple[str, str]:
    assert source.schedule is not None
    return " ".join(source.schedule.cron.split()), source.schedule.timezone
