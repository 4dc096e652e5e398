"""How long does a site of a large ledger take, and its next version?

    python -m benchmarks.site [FOLDER]

A ledger of a million observations (a thousand series of a thousand days, as `benchmarks.large` builds it); one more
release; nothing at all. Wall and processor seconds, once each: the whole takes minutes on a busy machine.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.large import START, build, record, ref, source, url
from model import Day, Source
from publish.names import SeriesNames
from publish.site.build import SiteLedger, SiteMade, make_site
from storage import Archive, Ledger

DEPTH = 1000


class _One:
    """The definitions of a ledger with one source."""

    def __iter__(self) -> Iterator[str]:
        return iter(("s0",))

    def get(self, key: str, /) -> Source | None:
        """Its only source."""
        return source(0) if key == "s0" else None


def main() -> None:
    """Build the ledger, make its site, record a release that changes seven series, and make the site again."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        home = Path(folder)
        build(home, 1, DEPTH)
        print(f"{'':<28}{'wall s':>10}{'processor s':>14}{'written':>10}{'files':>10}")
        _timed("whole", home)
        with Ledger(url(home), Archive(home / "archive")) as ledger:
            day = Day((START + dt.timedelta(days=DEPTH + 1)).isoformat())
            record(ledger, source(0), f"{day}T06:00:00Z", [(ref(group), day, "200000", 0) for group in range(7)])
        _timed("seven series changed", home)
        _timed("nothing changed", home)


def _timed(what: str, home: Path) -> None:
    wall, spent = time.perf_counter(), sum(os.times()[:4])
    made = _make(home)
    wall, spent = time.perf_counter() - wall, sum(os.times()[:4]) - spent
    files = sum(len(names) for _, _, names in os.walk(home / "site"))
    print(f"{what:<28}{wall:>10.2f}{spent:>14.2f}{made.written:>10}{files:>10}", flush=True)


def _make(home: Path) -> SiteMade:
    with Ledger(url(home), Archive(home / "archive")) as ledger:
        names = SeriesNames(ledger.views.refs(), _One().get)
        return make_site(SiteLedger(ledger.views, _One(), names), home / "site")


if __name__ == "__main__":
    main()
