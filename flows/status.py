"""How every source stands, seen from outside any run: silence, too, is told."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim

from flows.desk import Desk
from flows.outcomes import Outcome
from flows.past.clocks import lies_ahead, tell_ahead
from flows.prefect.schedules import is_on
from flows.silence import Silence, silence_of, tell_silence, tell_unread
from model import Instant, Schedule, Source, State, instant, moment
from storage import Rhythm, Standing

GRACE = dt.timedelta(minutes=15)
"""So long after its hour a scheduled run may still begin before its source counts as overdue."""


NO_GRACE = dt.timedelta()


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
    """The state of every source that is defined, well or badly, or recorded, by id."""
    standings = {standing.source: standing for standing in desk.ledger.standings()} if desk.has_ledger() else {}
    now = moment(desk.clock())
    defined = {name: desk.catalogue[name] for name in desk.catalogue}
    broken = {source_id: message for source_id, message in broken_definitions(desk) if source_id not in defined}
    names = sorted(defined.keys() | standings.keys() | broken.keys())
    return [
        _broken(name, standings.get(name), broken[name])
        if name in broken
        else _status(defined.get(name), standings.get(name), name, now)
        for name in names
    ]


def broken_definitions(desk: Desk) -> list[tuple[str, str]]:
    """The id and the first problem of every definition that is not sound: its source is not read."""
    found: dict[str, str] = {}
    for problem in desk.catalogue.problems:
        found.setdefault(problem.id, f"its definition is broken, so that it is not read: {problem}")
    return list(found.items())


def missed_sources(desk: Desk, grace: dt.timedelta = GRACE) -> list[str]:
    """The ids of the sources that should have been looked at by now, and were not, whatever kept us from it."""
    now = moment(desk.clock())
    timed = [source for source in map(desk.catalogue.__getitem__, desk.catalogue) if is_on(source)]
    looked = desk.ledger.looked_at() if timed else {}
    return [
        source.id
        for source in timed
        if source.schedule and _missed(source, source.schedule, looked.get(source.id), now, grace)
    ]


def is_due(desk: Desk, source: Source) -> bool:
    """Whether a source's time has come since it was looked at last."""
    last = desk.ledger.last_attempt(source)
    at = last.at if last else None
    now = moment(desk.clock())
    return bool(is_on(source) and source.schedule and _missed(source, source.schedule, at, now, NO_GRACE))


def lost_sources(desk: Desk) -> list[Outcome]:
    """An outcome for every source that cannot be read because its definition is broken."""
    return [Outcome(name, "failed", None, 0, 0, message) for name, message in broken_definitions(desk)]


class _StateToTell(NamedTuple):
    """A source's state, whose its silence is, and the sentence that says why."""

    state: State
    silence: Silence | None
    message: str


def _status(source: Source | None, standing: Standing | None, name: str, now: dt.datetime) -> SourceStatus:
    told = _told(source, standing, name, now)
    schedule = source.schedule if source and is_on(source) else None
    return _row(name, source.title if source else None, standing, told, _next(schedule, now) if schedule else None)


def _broken(name: str, standing: Standing | None, message: str) -> SourceStatus:
    return _row(name, None, standing, _StateToTell("failed", "not_polled", message), None)


def _row(
    name: str, title: str | None, standing: Standing | None, told: _StateToTell, next_run: Instant | None
) -> SourceStatus:
    return SourceStatus(
        source=name,
        title=title or (standing.title if standing else name),
        state=told.state,
        last_success=standing.last_success if standing else None,
        last_attempt=standing.last_attempt if standing else None,
        oldest_hold=standing.oldest_hold if standing else None,
        open_holds=standing.open_holds if standing else 0,
        next_run=next_run,
        message=told.message,
        silence=told.silence,
        rhythm=standing.rhythm if standing else None,
        answer=standing.answer if standing else None,
    )


def _told(source: Source | None, standing: Standing | None, name: str, now: dt.datetime) -> _StateToTell:
    on = source is not None and source.is_on
    attempted = standing is not None and standing.last_attempt is not None
    state: State = standing.state if standing and attempted else _unread(source)
    message = standing.message if standing else ""
    if clock := _clock(standing, name, now):
        return clock
    if source is None or source.paused is not None:
        return _resting(source, state, message)
    if on and (unread := _not_polled(source, standing, now)) is not None:
        return unread
    if on and standing and standing.rhythm and (silence := silence_of(standing, now)):
        state = "overdue" if silence == "publisher_late" else state
        return _StateToTell(state, silence, tell_silence(silence, standing.rhythm, standing.last_success, message))
    if state == "off":
        why = "never tried live" if source.schedule else "no schedule"
        message = f"{why}; tallybook refresh {name} reads it by hand"
    return _StateToTell(state, None, message)


def _resting(source: Source | None, state: State, message: str) -> _StateToTell:
    """What is told of a source that nobody defines any more, or that is paused."""
    if source is None:
        return _StateToTell(state, None, message or "recorded, but no definition names it any more")
    return _StateToTell("off", None, f"paused: {source.paused}")


def _unread(source: Source | None) -> State:
    """The state of what was never read: it waits for its time, or for a person."""
    return "unchanged" if source is not None and is_on(source) else "off"


def _clock(standing: Standing | None, name: str, now: dt.datetime) -> _StateToTell | None:
    """What is wrong where something was recorded of a time that has not come yet."""
    here = instant(now)
    newest = max(filter(None, (standing.last_attempt, standing.last_success)), default=None) if standing else None
    if newest is None or not lies_ahead(newest, here):
        return None
    return _StateToTell("failed", "not_polled", tell_ahead(newest, here, name))


def _not_polled(source: Source, standing: Standing | None, now: dt.datetime) -> _StateToTell | None:
    """Why a source that is on was not read: no run, or a failure since it last succeeded."""
    looked = standing.last_attempt if standing else None
    if source.schedule and (missed := _missed(source, source.schedule, looked, now)):
        since = f"since {looked}" if looked else "yet"
        told = f"No run {since} (was due {missed}). Is `tallybook serve` running?"
        return _StateToTell("overdue", "not_polled", told)
    if standing and standing.state in ("failed", "blocked"):
        told = f"{tell_unread(standing.last_success)}: {standing.message}"
        if standing.rhythm and silence_of(standing, now) == "not_polled":
            told = tell_silence("not_polled", standing.rhythm, standing.last_success, standing.message)
        return _StateToTell(standing.state, "not_polled", told)
    return None


def _missed(
    source: Source, schedule: Schedule, looked: Instant | None, now: dt.datetime, grace: dt.timedelta = GRACE
) -> Instant | None:
    """The newest scheduled time that passed without a look (`looked` is the last), since the source was switched on."""
    zone = ZoneInfo(schedule.timezone)
    due = next(CronSim(schedule.cron, (now - grace).astimezone(zone), reverse=True))
    last = moment(looked) if looked else None
    # A definition tells the day on which it was switched on, not the hour: what was due on that day may be excused.
    enabled = dt.datetime.combine(dt.date.fromisoformat(source.tried_live), dt.time.max, zone)
    return instant(due) if due > enabled and (last is None or last < due.astimezone(dt.UTC) - _leeway(due)) else None


def _leeway(due: dt.datetime) -> dt.timedelta:
    """How far those who plan may differ on a day when clocks are changed: 02:30 is not there, or is there twice."""
    around = [(due.astimezone(dt.UTC) + dt.timedelta(hours=hours)).astimezone(due.tzinfo) for hours in (-3, 3)]
    before, after = (moment.utcoffset() or dt.timedelta() for moment in around)
    return abs(after - before)


def _next(schedule: Schedule, now: dt.datetime) -> Instant:
    return instant(next(CronSim(schedule.cron, now.astimezone(ZoneInfo(schedule.timezone)))))
