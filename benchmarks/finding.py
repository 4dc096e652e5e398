"""Is a number or a word found quickly among a million observations, and what does being findable cost?

    python -m benchmarks.finding [--folder FOLDER]

The ledger is that of `benchmarks.pages_of_review`; a quarter of its updates are read by another extractor here, so
that their sentences are quoted. All of these say the same words, which is the worst that a search can meet. Printed
are the bytes of what a search looks in, how long an older ledger takes to be filled with it, the processor's
milliseconds of each question (median and slowest), and, of appending, how much of the processor's time is spent on
keeping it (the quickest of five runs).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import storage.append
from benchmarks.__main__ import _load
from benchmarks.ledger_adapter import Warm
from benchmarks.pages_of_review import _ours, _table, build
from publish.finding.find import Finder, Search
from publish.names import SeriesNames
from sources import Catalogue
from storage import Archive, Ledger
from storage.search import index

RUNS = 21
QUESTIONS = {
    "a number that stands once": "27,941",
    "a number that stands in nearly every update": "3",
    "the same, with a word of one series": "3 group-07",
    "a number with a word that all quote": "1,003 counted",
    "a name that a thousandth of the series have": "group-07 s07",
    "a word that every series has": "group",
    "a measure in another language": "загиблі",
    "words that a quarter of the updates quote": "ministry said counted",
    "a source": "benchmark s07",
    "nothing": "zzzz",
}


def main() -> None:
    """Build the ledger, fill it, ask, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="where the ledger is built; it is removed afterwards")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        home = Path(folder)
        build(home)
        _fill(home)
        _ask(home)
        _table("the page", _ours(home), {what: f"/find?q={asked}" for what, asked in QUESTIONS.items()})
    _appending()


def _fill(home: Path) -> None:
    path, archive = home / "tallybook.sqlite", Archive(home / "archive")
    ledger = Ledger(f"sqlite:///{path}", archive)
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE updates SET extractor = 'selectors' WHERE source_id <= 5")
    _checkpoint(ledger)
    before, began = path.stat().st_size, time.process_time()
    with ledger.engine.begin() as connection:
        texts: dict[str, str | None] = {}
        index.fill(connection, lambda digest: texts.setdefault(digest, index.text_of(archive, digest)))
    took = time.process_time() - began
    _checkpoint(ledger)
    grown = path.stat().st_size - before
    print(f"filled in {took:.0f} s of processor time; {before:,} bytes before, {grown:,} more ({grown / before:.0%})")
    ledger.close()


def _checkpoint(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")


def _ask(home: Path) -> None:
    with Ledger(f"sqlite:///{home / 'tallybook.sqlite'}", Archive(home / "archive")) as ledger:
        catalogue = Catalogue.load(home / "sources")
        finder = Finder(ledger.views, catalogue, SeriesNames(ledger.views.refs(), catalogue.get))
        print(f"{'':<48}{'median':>9}{'slowest':>9}")
        for what, asked in QUESTIONS.items():
            taken = _timed(lambda: finder.find(Search(asked)))  # noqa: B023 - called at once
            print(f"{what:<48}{statistics.median(taken):>6.1f} ms{max(taken):>6.0f} ms", flush=True)


def _timed(call: Callable[[], object], runs: int = RUNS) -> list[float]:
    taken = []
    for _ in range(runs):
        began = time.process_time()
        call()
        taken.append((time.process_time() - began) * 1000)
    return taken


def _appending() -> None:
    for series, updates in ((200, 60), (2000, 40)):
        first, later = min((_recorded(series, updates) for _ in range(5)), key=lambda shares: sum(shares[1]))
        for what, (kept, whole) in (("the first, all new", first), ("one update", later)):
            print(f"{series:,} series, {what}: {kept:.2f} ms of {whole:.1f} ms ({kept / (whole - kept):.1%} more)")


def _recorded(series: int, updates: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """(milliseconds of keeping, of all), of the first update and in the middle of the others."""
    kept: list[float] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as watched:
        for module, name in ((storage.append, "_keep_for_search"), (index, "put_series")):
            watched.enter_context(mock.patch.object(module, name, _watched(getattr(module, name), kept)))
        ledger, load = Warm(folder), list(_load(series, updates))
        taken = []
        for day, rows in load:
            kept.append(0)
            began = time.process_time()
            ledger.apply(day, rows)
            taken.append((time.process_time() - began) * 1000)
        ledger.ledger.close()
    return (kept[0], taken[0]), (statistics.median(kept[1:]), statistics.median(taken[1:]))


def _watched(call: Callable[..., None], kept: list[float]) -> Callable[..., None]:
    def watched(*given: object) -> None:
        began = time.process_time()
        call(*given)
        kept[-1] += (time.process_time() - began) * 1000

    return watched


if __name__ == "__main__":
    main()
