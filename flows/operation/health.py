"""Whether we can do our work, part by part, and how it stands, as numbers for a Prometheus."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from flows.desk import Desk
from flows.operation.marks import Chore, marked
from flows.settings import own_version
from flows.status import SourceStatus, missed_sources, statuses
from model import Instant, State, TallybookError, moment

if TYPE_CHECKING:
    from datetime import datetime


def wrong(desk: Desk) -> dict[str, str]:
    """What keeps us from recording anything, by part (ledger, schema, archive); nothing where we are ready."""
    found: dict[str, str] = {}
    try:
        desk.views.newest()
    except (TallybookError, OSError) as error:
        return {"ledger": str(error)}
    try:
        desk.ledger.require_newest()
    except (TallybookError, OSError) as error:
        found["schema"] = str(error)
    try:
        desk.archive.refuse_closed()
    except (TallybookError, OSError) as error:
        found["archive"] = str(error)
    return found


def metrics(desk: Desk) -> bytes:
    """How it stands, in the text form that a Prometheus reads; every number is looked up anew."""
    registry = CollectorRegistry()
    now = moment(desk.clock())
    known = statuses(desk)
    _Gauges(registry).tell("info", "The version that runs.", 1, version=own_version())
    _tell_sources(_Gauges(registry), known, now)
    _tell_house(_Gauges(registry), desk)
    return generate_latest(registry)


class _Gauges:
    """A registry of gauges, all named `tallybook_…`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._gauges: dict[str, Gauge] = {}

    def tell(self, name: str, about: str, value: float | None, **labels: str) -> None:
        """Tell a number; one that is not known is left out."""
        if value is None:
            return
        if name not in self._gauges:
            self._gauges[name] = Gauge(f"tallybook_{name}", about, list(labels), registry=self._registry)
        (self._gauges[name].labels(**labels) if labels else self._gauges[name]).set(value)


def _tell_sources(numbers: _Gauges, known: list[SourceStatus], now: datetime) -> None:
    states = Counter(one.state for one in known)
    for state in get_args(State):
        numbers.tell("sources", "Sources, by their state.", states[state], state=state)
    for silence in ("not_polled", "publisher_late"):
        late = sum(one.silence == silence for one in known)
        numbers.tell("sources_silent", "Sources that are late, by whose silence it is.", late, silence=silence)
    _tell_ages(numbers, known, now)


def _tell_ages(numbers: _Gauges, known: list[SourceStatus], now: datetime) -> None:
    numbers.tell("open_holds", "Values that wait for a person.", sum(one.open_holds for one in known))
    holds = [one.oldest_hold for one in known if one.oldest_hold]
    numbers.tell("oldest_hold_seconds", "How long the oldest of them waits.", _ago(min(holds, default=None), now) or 0)
    looks = [one.last_success for one in known if one.last_success]
    numbers.tell("last_success_seconds", "How long ago any source was read.", _ago(max(looks, default=None), now))


def _ago(at: Instant | None, now: datetime) -> float | None:
    return (now - moment(at)).total_seconds() if at else None


def _tell_house(numbers: _Gauges, desk: Desk) -> None:
    home = desk.settings.home
    missed = len(missed_sources(desk))
    numbers.tell("sources_missed", "Sources that were due and were not looked at.", missed)
    numbers.tell("updates", "Updates that were recorded.", desk.views.newest())
    numbers.tell("ready", "Whether anything can be recorded.", not wrong(desk))
    for done in get_args(Chore):
        about = "When this was done last and ended well, in seconds since 1970."
        numbers.tell("done_timestamp_seconds", about, marked(home, done), what=done)
    if home.is_dir():
        numbers.tell("disk_free_bytes", "What is free on the disk of the home.", shutil.disk_usage(home).free)
    numbers.tell("ledger_bytes", "The ledger's file.", _size(desk.settings.database_url))


def _size(url: str) -> float | None:
    path = Path(url.removeprefix("sqlite:///"))
    return path.stat().st_size if url.startswith("sqlite:///") and path.is_file() else None
