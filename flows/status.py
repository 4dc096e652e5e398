"""How every source stands, seen from outside any run: silence, too, is told."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim

from flows.desk import Desk
from flows.schedules import is_on
from flows.silence import Silence, silence_of, tell_silence
from model import Instant, Schedule, Source, State, instant, moment
from storage import Rhythm, Standing

GRACE = dt.timedelta(minutes=15)
"""So long after its hour a scheduled run may still begin before its source counts as overdue."""


class SourceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One source's state, as `tallybook status` tells it; `message` says why, or what to do.

    `rhythm` is how often it speaks, in seconds, None where too little is known; `silence` is set once it is late.
    `answer` is the SHA-256 of what was answered in place of a report, for `tallybook archive show`.
    """

    source: str
    title: str
    state: State
    last_success: Instant | None
    last_attempt: Instant | None
    oldest_hold: Instant | None
    open_holds: int
    next_run: Instant | None
    message: str
    silence: Silence | None = None
    rhythm: Rhythm | None = None
    answer: str | None = None


def statuses(desk: Desk) -> list[SourceStatus]:
    """The state of every source that is defined or recorded, by id."""
    standings = {standing.source: standing for standing in desk.ledger.standings()}
    now = moment(desk.clock())
    defined = {name: desk.catalogue[name] for name in desk.catalogue}
    names = sorted(defined.keys() | standings.keys())
    return [_status(defined.get(name), standings.get(name), name, now) for name in names]


def _status(source: Source | None, standing: Standing | None, name: str, now: dt.datetime) -> SourceStatus:
    on = source is not None and is_on(source)
    schedule = source.schedule if source and on else None
    state: State = standing.state if standing and standing.last_attempt else "unchanged" if on else "off"
    message = standing.message if standing else ""
    silence = silence_of(standing, now) if on else None
    if schedule and (missed := _missed(schedule, standing, now)):
        state, silence = "overdue", "we are blind"
        message = f"we are blind: nothing has run since {missed}, when it should have: is tallybook serve running?"
    elif silence and standing and standing.rhythm:
        state = "overdue" if silence == "source silent" else state
        message = tell_silence(silence, standing.rhythm, standing.last_success, message)
    elif source is None:
        message = message or "recorded, but no definition names it any more"
    elif state == "off":
        why = "never tried live" if source.schedule else "no schedule"
        message = f"{why}; tallybook refresh {name} reads it by hand"
    return SourceStatus(
        source=name,
        title=source.title if source else standing.title if standing else name,
        state=state,
        last_success=standing.last_success if standing else None,
        last_attempt=standing.last_attempt if standing else None,
        oldest_hold=standing.oldest_hold if standing else None,
        open_holds=standing.open_holds if standing else 0,
        next_run=_next(schedule, now) if schedule else None,
        message=message,
        silence=silence,
        rhythm=standing.rhythm if standing else None,
        answer=standing.answer if standing else None,
    )


def _missed(schedule: Schedule, standing: Standing | None, now: dt.datetime) -> Instant | None:
    """The newest scheduled time that passed without an attempt."""
    local = (now - GRACE).astimezone(ZoneInfo(schedule.timezone))
    due = next(CronSim(schedule.cron, local, reverse=True))
    last = moment(standing.last_attempt) if standing and standing.last_attempt else None
    return instant(due) if last is None or last < due else None


def _next(schedule: Schedule, now: dt.datetime) -> Instant:
    return instant(next(CronSim(schedule.cron, now.astimezone(ZoneInfo(schedule.timezone)))))
