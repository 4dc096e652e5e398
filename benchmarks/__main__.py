"""`make bench`: what this machine takes for the things that people wait for. Prints medians; compare within one run."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.ledger_adapter import MEASURES, Cold, Warm

ROOT = Path(__file__).parents[1]
RUNS = 10
ARTICLE = (
    "At least 48 people were killed and more than 1,200 injured when a magnitude 6.8 earthquake struck on Monday, the "
    "Interior Ministry said. Officials said 3,400 families were displaced, 210 more than a day earlier. "
) * 6


def main() -> None:
    """Time the commands, the ledger and the prose extractor, one line each."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _command(home, "demo", "--folder", str(home / "demo"))
        for arguments in (("log",), ("show", "demo_table/tanks"), ("series",), ("extract", _article(home))):
            seconds = _median(lambda: _command(home / "demo", *arguments))  # noqa: B023 - called at once
            _say(f"tallybook {arguments[0]}", f"{seconds * 1000:.0f} ms")
    for peer in (Warm, Cold):
        first, last = _ledger(peer)
        _say(f"ledger, {peer.__name__.lower()}, 2,000 series", f"{first:.1f} ms an update, the last tenth {last:.1f}")
    _prose()


def _article(home: Path) -> str:
    path = home / "article.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    return str(path)


def _command(home: Path, *arguments: str) -> None:
    environment = os.environ | {"TALLYBOOK_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli.main", *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True)


def _median(call: Callable[[], Any]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _ledger(peer: type[Warm], series: int = 2000, updates: int = 60) -> tuple[float, float]:
    """Milliseconds an update: the median of all, and of the last tenth."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        ledger = peer(folder)
        for day, rows in _load(series, updates):
            start = time.perf_counter()
            ledger.apply(day, rows)
            times.append((time.perf_counter() - start) * 1000)
        ledger.ledger.close()
    return statistics.median(times[1:]), statistics.median(times[-updates // 10 :])


def _load(series: int, updates: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A table re-published whole: 3 % of the series move on, 0.1 % are corrected."""
    chance = random.Random(7)
    rows: list[dict[str, Any]] = [
        {
            "id": str(at),
            "source": "s",
            "measure": MEASURES[at % 8],
            "category": f"group-{at:04d}",
            "as_of": "2012-01-01",
            "value": chance.randrange(10, 500_000),
        }
        for at in range(series)
    ]
    for update in range(updates):
        day = f"2012-{1 + update // 28:02}-{1 + update % 28:02}"
        for at in chance.sample(range(series), series * 31 // 1000) if update else ():
            rows[at]["value"] += chance.randrange(1, 400)
            if chance.random() < 0.97:
                rows[at]["as_of"] = day
        yield day, [dict(row) for row in rows]


def _prose() -> None:
    from extractors.prose import read_figures

    read_figures(ARTICLE, language="en")
    seconds = _median(lambda: read_figures(ARTICLE, language="en"))
    _say("prose, an article of 1,200 characters", f"{seconds * 1000:.2f} ms ({len(ARTICLE) / seconds / 1e6:.2f} MB/s)")


def _say(what: str, result: str) -> None:
    print(f"{what:<44}{result}", flush=True)


if __name__ == "__main__":
    main()
