"""A fault between two sound releases, through the real refresh: what was told, and was anything lost or made up?"""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec

from flows.desk import Desk
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Instant, instant
from sources import Fetcher, FetchLimits, Manners
from tests.pipeline.desks import define, settings
from tests.sources.faults import CSV, HTML, JSON, Fault, Stage
from tests.sources.publisher import Publisher

BEGIN = dt.datetime(2025, 1, 1, 6, tzinfo=dt.UTC)
PATH = "/report"
HEADERS = {"csv": CSV, "page": HTML, "json": JSON}
DEFINITIONS: dict[str, dict[str, Any]] = {
    "csv": {"figures": [{"id": "tanks", "column": "tanks", "unit": "items"}]},
    "json": {
        "extractor": "json",
        "figures": [{"id": "tanks", "path": "tanks", "unit": "items"}],
        "as_of": {"path": "date"},
    },
    "page": {
        "extractor": "selectors",
        "coverage": "latest",
        "as_of": None,
        "figures": [{"id": "tanks", "css": "p", "pattern": r"Танків: (?P<value>\d+)", "unit": "items"}],
    },
}


class Played(NamedTuple):
    """What came of the runs of a fault: how it was told (state, recorded reason, message), and what went wrong."""

    told: list[tuple[str, str, str]]
    problems: list[str]


def release(form: str, days: int) -> bytes:
    """A sound release of the day so many days after the first: a running total of 100 and three a day."""
    rows = [((BEGIN + dt.timedelta(days=day)).date().isoformat(), 100 + 3 * day) for day in range(days + 1)]
    if form == "csv":
        return "\n".join(["date,tanks", *(f"{day},{tanks}" for day, tanks in rows), ""]).encode()
    if form == "json":
        return msgspec.json.encode([{"date": day, "tanks": tanks} for day, tanks in rows])
    return f"<html><body><h1>Щоденне зведення</h1><p>Танків: {rows[-1][1]}</p></body></html>".encode()


def play(home: Path, fault: Fault, runs: int = 1) -> Played:
    """Play a fault so many times, a sound release before and after each."""
    told: list[tuple[str, str, str]] = []
    problems: list[str] = []
    with Publisher() as publisher, _Theatre(home, fault, publisher) as theatre:
        for run in range(runs):
            problems += theatre.sound(2 * run)
            before = theatre.ledger()
            told.append(theatre.fault(2 * run + 1))
            if fault.state != "changed" and theatre.ledger() != before:
                problems.append(f"run {run}: the ledger changed: {before} → {theatre.ledger()}")
        problems += theatre.sound(2 * runs)
        problems += theatre.check(2 * runs)
    return Played(told, problems)


class _Theatre:
    def __init__(self, home: Path, fault: Fault, publisher: Publisher) -> None:
        self.home, self.fault_, self.publisher = home, fault, publisher
        self.url = publisher.url(PATH)
        self.day = 0
        self.desk = Desk(settings(home), lambda: self.at(self.day))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.desk.close()

    def sound(self, day: int) -> list[str]:
        """Publish and refresh a sound release; says where it was not recorded as a change."""
        for path in (PATH, "/robots.txt", "/moved"):
            self.publisher.withdraw(path)
        self.stage(day).serve(release(self.fault_.form, day))
        outcome = self.refresh(day, self.url, retries=0, private=True)
        # What was held because the page is in doubt is followed by a release that is well.
        return [] if outcome.state in ("changed", "held") and outcome.update else [f"day {day}: {outcome}"]

    def stage(self, day: int) -> Stage:
        form = self.fault_.form
        return Stage(self.publisher, PATH, self.home, release(form, day), HEADERS[form])

    def fault(self, day: int) -> tuple[str, str, str]:
        stage, fault = self.stage(day), self.fault_
        url = fault.play(stage) or self.url
        with ExitStack() as stack:
            if fault.during:
                url = stack.enter_context(fault.during(stage)) or url
            outcome = self.refresh(day, url, retries=fault.retries, private=fault.private)
        last = self.desk.ledger.last_attempt(self.desk.catalogue["daily"])
        assert last is not None
        return last.state, (last.reason or "").partition(": ")[0], outcome.message

    def refresh(self, day: int, url: str, *, retries: int, private: bool) -> Outcome:
        define(self.home, "daily", url, **DEFINITIONS[self.fault_.form] | {"allow_private_addresses": private})
        manners = Manners(spacing=0, retries=retries, backoff=0.01, patience=1)
        self.day = day
        self.desk.__dict__.pop("catalogue", None)
        # A busy machine must not make a fault look like silence.
        timeout, total = (0.25, 0.6) if self.fault_.reason == "timeout" else (5, 20)
        with Fetcher(
            user_agent="Tallybook/test",
            limits=FetchLimits(timeout=timeout, total_timeout=total, max_bytes=200_000),
            manners=manners,
        ) as fetcher:
            self.desk.__dict__["fetcher"] = fetcher
            return refresh_source(self.desk, self.desk.catalogue["daily"])

    @staticmethod
    def at(day: int) -> Instant:
        return instant(BEGIN + dt.timedelta(days=day))

    def ledger(self) -> list[tuple[str, str | None, str | None]]:
        """All that counts: series, as-of, value."""
        table = self.desk.ledger.views.table(quotes=False)
        return [(one.series, one.as_of, str(one.value)) for one in table]

    def check(self, last: int) -> list[str]:
        """What is wrong at the end: values that nobody published, releases that were lost, proofs that fail."""
        truth = {((BEGIN + dt.timedelta(days=day)).date().isoformat(), str(100 + 3 * day)) for day in range(last + 1)}
        found = {(str(as_of), str(value)) for _, as_of, value in self.ledger()}
        problems = [f"made up: {one}" for one in sorted(found - truth)]
        newest = (self.at(last)[:10], str(100 + 3 * last))
        problems += [] if newest in found else [f"lost: {newest}"]
        return problems + list(self.desk.ledger.verify())
