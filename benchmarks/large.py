"""Do questions stay quick as a ledger grows? The same ones to ledgers of one million observations and of ten.

    python -m benchmarks.large [FOLDER]

The ledgers are made of valid rows put straight into the real tables, since recording ten million observations one
update at a time is not what is timed; `verify` would refuse them. `deep` has the same series with ten times the
history, `wide` ten sources instead of one. Prints milliseconds (medians), and how many times longer the larger takes.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from model import Cell, Day, Figure, FigureRule, Instant, Publisher, Reader, Reading, Snapshot, Source
from storage import Archive, Ledger, ReadRelease, schema

ROOT = Path(__file__).parents[1]
SERIES, PER_UPDATE, RUNS = 1000, 100, 7
START = dt.date(1900, 1, 1)
READER = Reader("csv", 1, "benchmark")


def main() -> None:
    """Build the ledgers one after the other, time the questions, and print a table."""
    folder = sys.argv[1] if len(sys.argv) > 1 else None
    taken: dict[str, dict[str, float]] = {}
    for name, sources, depth in (("one", 1, 1000), ("deep", 1, 10_000), ("wide", 10, 1000)):
        with tempfile.TemporaryDirectory(dir=folder) as home:
            build(Path(home), sources, depth)
            taken[name] = {what: _median(call) for what, call in questions(Path(home), depth)}
    print(f"{'ms':<44}{'1 million':>12}{'10, deep':>12}{'':>7}{'10, wide':>12}")
    for what, one in taken["one"].items():
        deep, wide = taken["deep"][what], taken["wide"][what]
        print(f"{what:<44}{one:>12.1f}{deep:>12.1f}{deep / one:>6.1f}x{wide:>12.1f}{wide / one:>6.1f}x")


def source(at: int) -> Source:
    """A source of one running total for each of a thousand groups."""
    return Source(
        id=f"s{at}", title="Benchmark", publisher=Publisher(name="P"), method="m", basis="counted", extractor="csv",
        tried_live="never", url="http://127.0.0.1/", coverage="latest",
        figures=(FigureRule(id="n", column="n", unit="people"),),
    )  # fmt: skip


def ref(group: int) -> str:
    """The label of one group as its source prints it."""
    return f"n\x1fgroup {group:04}"


def build(home: Path, sources: int, depth: int) -> None:
    """Fill a ledger: each source has a thousand series, of which every update brings a hundred to the next day."""
    ledger = Ledger(url(home), Archive(home / "archive"))
    cells: list[Cell] = [(ref(group), Day(START.isoformat()), "100", group) for group in range(SERIES)]
    for at in range(sources):
        record(ledger, source(at), "1900-01-01T06:00:00Z", cells)
    with ledger.engine.begin() as connection:
        raw = connection.connection.cursor()
        raw.execute("DROP INDEX ix_versions_update_id")
        days = [(START + dt.timedelta(days=day)).isoformat() for day in range(depth)]
        for at in range(sources):
            raw.executemany(_into("updates", 18), list(_updates(at, sources, days)))
            for group in range(SERIES):
                raw.executemany(_into("versions", 13), list(_versions(at, sources, days, group)))
        raw.execute("INSERT OR REPLACE INTO current SELECT series_id, as_of, update_id, content, 0 FROM versions")
        raw.execute("CREATE INDEX ix_versions_update_id ON versions (update_id, kind)")
    ledger.close()


BATCHES = SERIES // PER_UPDATE


def _into(table: str, columns: int) -> str:
    assert columns == len(schema.metadata.tables[table].columns)
    return f"INSERT INTO {table} VALUES ({','.join('?' * columns)})"


def _head(at: int, sources: int, day: int, batch: int) -> int:
    """The id of the update that brings a batch of series to a day; the first ids are those of the first releases."""
    return sources + 1 + ((day - 1) * sources + at) * BATCHES + batch


def _updates(at: int, sources: int, days: list[str]) -> Iterator[tuple[Any, ...]]:
    for day in range(1, len(days)):
        for batch in range(BATCHES):
            clock = f"{days[day]}T{6 + batch:02}:00:00Z"
            number = (day - 1) * BATCHES + batch + 2
            yield (
                _head(at, sources, day, batch), at + 1, number, "fetch", "source", clock, clock,
                None, at + 1, "csv", 1, "benchmark", PER_UPDATE, 0, None, days[day], "0" * 64, "0" * 64,
            )  # fmt: skip


def _versions(at: int, sources: int, days: list[str], group: int) -> Iterator[tuple[Any, ...]]:
    origin = at + 1
    for day in range(1, len(days)):
        head, before = _head(at, sources, day, group // PER_UPDATE), days[day - 1]
        series_id, content = at * SERIES + group + 1, str(100 + day)
        yield series_id, days[day], head, "new", content, 0, before, origin, 0, 0, 0, 0, None
        origin = head


def url(home: Path) -> str:
    """The ledger's address, where the commands look for it too."""
    return f"sqlite:///{home / 'tallybook.sqlite'}"


def record(ledger: Ledger, of: Source, at: str, cells: list[Cell]) -> None:
    """Record a small release by the usual way."""
    digest = f"{abs(hash((of.id, at))):064x}"
    snapshot = Snapshot(
        sha256=digest, text_sha256=digest, size=0, media_type="text/csv", known_at=Instant(at)
    )  # fmt: skip
    figure = Figure(unit="people", measure="other", kind="total")
    ledger.record(of, ReadRelease(snapshot, "", Reading(cells, lambda _handle: figure), READER))


def questions(home: Path, depth: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What people ask, each as a call."""
    middle = Instant(f"{START + dt.timedelta(days=depth // 2)}T23:00:00Z")
    early = Instant(f"{START + dt.timedelta(days=50)}T23:00:00Z")
    ledger = Ledger(url(home), Archive(home / "archive"))
    views = ledger.views
    yield "the last changes of one source", lambda: views.log("s0", limit=1, changes=None)
    yield "one series as known at a time in the middle", lambda: views.show("s0/n/group-0500", known_at=middle)
    yield "all values at that time, one source", lambda: views.table("s0", known_at=middle)
    yield "all values at an early time, one source", lambda: views.table("s0", known_at=early, quotes=False)
    yield "the diff log, 20 updates", lambda: views.log(limit=20)
    yield "the diff log of one source", lambda: views.log("s0", limit=20)
    yield "one series with its revisions", lambda: views.show("s0/n/group-0500")
    yield "tallybook log", lambda: _command(home, "log")
    yield "tallybook show", lambda: _command(home, "show", "s0/n/group-0500")
    clock = iter(range(1_000_000))

    def open_and_record() -> None:
        tick = next(clock)
        day = START + dt.timedelta(days=depth + 1 + tick)
        with Ledger(url(home), ledger.archive) as cold:
            record(cold, source(0), f"{day}T06:00:00Z", [(ref(7), Day(day.isoformat()), str(200_000 + tick), 0)])

    yield "opening the ledger and recording one change", open_and_record
    ledger.close()


def _command(home: Path, *arguments: str) -> None:
    environment = os.environ | {
        "TALLYBOOK_HOME": str(home),
        "TALLYBOOK_DATABASE_URL": url(home),
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments], env=environment, check=True, capture_output=True, cwd=home
    )


def _median(call: Callable[[], Any]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
