"""What is to run: by the definitions, which are looked at again and again, and by what the ledger misses."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.alerts import alert_lost
from flows.desk import Desk
from flows.operation.health import wrong
from flows.operation.marks import mark
from flows.operation.ping import ping
from flows.prefect.schedules import Planned, plan
from flows.settings import Settings
from flows.status import NO_GRACE, lost_sources, missed_sources
from model import TallybookError
from publish.safe import safe

if TYPE_CHECKING:
    from sources import Catalogue

log = logging.getLogger("tallybook")

SHOWN = 10
IDLE_SECONDS = 120.0
"""After so long without a look at the definitions the schedules count as stuck."""


class Plans:
    """The schedules that follow from the definitions, looked at again and again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._watching = Desk(settings)
        self._seen: Catalogue | None = None
        self.planned: tuple[Planned, ...] = ()
        self._looked = time.monotonic()
        self._lost: set[tuple[str, str]] = set()

    def look(self) -> tuple[Planned, ...] | None:
        """The schedules, where a definition was written, changed or removed since the last look; else None.

        Definitions that broke are told, here and by an alert.
        """
        self._looked = time.monotonic()
        try:
            catalogue = self._watching.newest_catalogue()
            if catalogue is self._seen:
                return None
            self.planned = plan(catalogue.require(catalogue.ids()))
        except (TallybookError, OSError) as error:
            log.error("the definitions could not be looked at: %s", error)
            return None
        first, self._seen = self._seen is None, catalogue
        self._tell_lost()
        if not first:
            say(f"the definitions changed: {tell_plan(self.planned)}")
        return self.planned

    def is_looking(self) -> bool:
        """Whether the definitions are looked at as they should be: whoever does it runs the schedules, too."""
        return time.monotonic() - self._looked < IDLE_SECONDS

    def missed(self, *, at_once: bool) -> Sequence[str]:
        """The sources that were due and were not looked at; `at_once` says that none is excused for being late."""
        try:
            with Desk.open(self._settings) as desk:
                if at_once:
                    return missed_sources(desk, NO_GRACE)
                missed = missed_sources(desk)
                self._end_pass(desk, missed)
                return missed
        except (TallybookError, OSError) as error:
            log.error("it could not be looked what was missed: %s", error)
            ping(self._settings.ping_url, f"it could not be looked what was missed: {error}")
            return ()

    def runs_in_hand(self) -> Sequence[str]:
        """The ids of the runs whose process lives. Raises `OutageError` where that cannot be asked."""
        with Desk.open(self._settings) as desk:
            return desk.turns.in_hand("run")

    def _end_pass(self, desk: Desk, missed: Sequence[str]) -> None:
        """Say that all is well, or what is not: of us, not of those who publish."""
        told = [f"{part}: {why}" for part, why in wrong(desk).items()] + [message for _, message in sorted(self._lost)]
        if missed:
            told.append(f"{len(missed)} sources were due and were not looked at: {', '.join(missed[:SHOWN])}")
        if not told:
            mark(self._settings.home, "pass")
        ping(self._settings.ping_url, "; ".join(told))

    def _tell_lost(self) -> None:
        with Desk.open(self._settings) as desk:
            lost = lost_sources(desk)
            alert_lost(desk, lost)
        for one in lost:
            if (one.source, one.message) not in self._lost:
                say(safe(f"{one.source}: {one.message}", "terminal"))
        self._lost = {(one.source, one.message) for one in lost}


def tell_plan(planned: Sequence[Planned]) -> str:
    """How many sources there are on how many schedules, in words."""
    sources = {name for one in planned for name in one.sources}
    if not sources:
        return "no source is on: `tallybook sources try ID --enable` turns one on"
    return f"{len(sources)} sources on {len(planned)} schedules"


def say(line: str) -> None:
    """Tell whoever started us."""
    print(f"tallybook: {line}", file=sys.stderr, flush=True)
