"""Is a chart of very many observations quick and small? 20,000 days, rewritten by 500 releases.

    python -m benchmarks.charts [--folder FOLDER]

One series: each release brings forty days and rewrites twenty of the last four hundred, all values at random, so that
nothing can be left out unseen. The rows are put straight into the real tables. Asked over loopback, as in
`benchmarks.pages_of_review`: the processor's time of one answer and the bytes that are sent, against 100 ms and 60 kB.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.large import _into
from benchmarks.pages_of_review import _ours, _source, _table
from storage import Archive, Ledger

DAYS, RELEASES, REWRITTEN, REACH = 20_000, 500, 20, 400
EACH, START = DAYS // RELEASES, dt.date(1970, 1, 1)

KEY = "big/n"
CHARTS = {
    "SVG": f"/charts/svg/{KEY}",
    "SVG, earlier states of knowledge": f"/charts/svg/{KEY}?view=vintages",
    "SVG, first against latest": f"/charts/svg/{KEY}?view=first",
    "SVG, as known at a time": f"/charts/svg/{KEY}?known_at=2000-01-01",
    "SVG, a span of four years": f"/charts/svg/{KEY}?since=2010-01-01&until=2013-12-31",
    "to be framed": f"/embed/{KEY}",
    "page of the series": f"/series/{KEY}",
    "part of it that the slider asks for": f"/series/{KEY}?known_at=2000-01-01&only=known",
    "points for pointer and keys": f"/api/chart?series={KEY}",
    "PNG": f"/charts/png/{KEY}",
    "CSV, all of it": f"/charts/csv/{KEY}",
}


def main() -> None:
    """Build the ledger, ask for every form of its chart, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="where the ledger is built; it is removed afterwards")
    with tempfile.TemporaryDirectory(dir=parser.parse_args().folder) as folder:
        build(Path(folder))
        _table("a chart of 20,000 days", _ours(Path(folder)), CHARTS)


def build(home: Path) -> None:
    """Fill a ledger with one long series."""
    ledger = Ledger(f"sqlite:///{home / 'tallybook.sqlite'}", Archive(home / "archive"))
    with ledger.engine.begin() as connection:
        raw = connection.connection.cursor()
        _source(home, raw, 1, "big")
        raw.execute(_into("series", 10), (1, 1, KEY, "n", "killed", "total", "people", None, None, '["A ministry"]'))
        raw.executemany(_into("updates", 18), list(_updates()))
        raw.executemany(_into("versions", 13), list(_versions()))
        raw.execute("INSERT OR REPLACE INTO current SELECT series_id, as_of, update_id, content, 0 FROM versions")
    ledger.close()


def _day(at: int) -> str:
    return (START + dt.timedelta(days=at)).isoformat()


def _updates() -> Iterator[tuple[Any, ...]]:
    for at in range(1, RELEASES + 1):
        clock = f"{_day(at * EACH)}T06:00:00Z"
        yield (
            at, 1, at, "fetch", "source", clock, clock, None, None, "csv", 1, "benchmark", EACH, 0, None,
            _day(at * EACH - 1), "0" * 64, "0" * 64,
        )  # fmt: skip


def _versions() -> Iterator[tuple[Any, ...]]:
    chance = random.Random(3)
    for release in range(1, RELEASES + 1):
        newest = range((release - 1) * EACH, release * EACH)
        past = range(max(0, newest.start - REACH), newest.start)
        rewritten = chance.sample(past, min(REWRITTEN, len(past)))
        for kind, days in (("revised", sorted(rewritten)), ("new", newest)):
            for at in days:
                content = str(500 + chance.randrange(300) + at // 50)
                yield 1, _day(at), release, kind, content, 0, None, None, 0, 0, 0, 0, None


if __name__ == "__main__":
    main()
