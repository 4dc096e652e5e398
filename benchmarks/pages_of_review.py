"""Is the review page quick on a large ledger? Its pages over a million observations, beside Datasette on the same file.

    python -m benchmarks.pages_of_review [--folder FOLDER] [--datasette PATH_OF_ITS_COMMAND]

The ledger has 100,000 updates of twenty sources: nineteen with fifty series of a thousand days each, one with a single
series of 50,000 days; some values are held. Its rows are put straight into the real tables, as in `benchmarks.large`.
Both servers are asked over loopback, one request after the other, by whoever has no login and then by Ann, who has not
seen the last 300 updates. Printed are the median and the slowest of the processor's time for one, which other work on
the machine does not lengthen much, the median wait, and the bytes sent, compressed where the page may be.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import http.client
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import yaml

from benchmarks.large import _into
from cli.commands.serve import office_of, store_of
from flows.desk import Desk
from flows.settings import Settings
from model import now
from review.guard import COOKIE
from review.server import PageServer
from review.store import Visit
from storage import Archive, Ledger
from tests.review.made import PASSWORD

SOURCES, SERIES, DAYS, AT_ONCE, LONG = 19, 50, 1000, 10, 50_000
BATCHES = SERIES // AT_ONCE
START, LONG_START = dt.date(2023, 1, 1), dt.date(1889, 1, 1)
MEASURES = ("killed", "wounded", "missing", "captured", "destroyed")
RUNS = 21


def main() -> None:
    """Build the ledger, ask for every page, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="where the ledger is built; it is removed afterwards")
    parser.add_argument("--datasette", help="the command of a Datasette to compare with")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        home = Path(folder)
        build(home)
        _table("the review page", _ours(home), PAGES)
        _table("with a login", _ours(home), OF_ANN, _logged_in(home))
        if given.datasette:
            _table("Datasette, the same rows", _datasette(home, given.datasette), _peers())


PAGES = {
    "log": "/",
    "log, one source": "/?source=s07",
    "log, its 1,000th page": "/?before=80000",
    "log, held and warned": "/?warned=1",
    "log, filtered by a rare kind": "/?kind=revised",
    "update": "/updates/s07/4990",
    "evidence": "/updates/s07/4990/evidence",
    "held": "/held",
    "series, 1,000 days": "/series/s07/n/group-07",
    "series, as known at a time": "/series/s07/n/group-07?known_at=2024-06-01",
    "series, 50,000 days": "/series/long/n",
    "every version of the long one": "/versions/long/n",
    "list of series": "/series",
    "series found by words": "/series?q=group+07",
    "compare": "/compare?measure=killed",
    "compare, as known at a time": "/compare?measure=killed&known_at=2024-06-01",
    "sources": "/sources",
    "one source": "/sources/s07",
    "find a number": "/find?q=27,941",
    "find words": "/find?q=group-07+s07",
    "feed": "/feed.atom",
    "feed of one source": "/sources/s07/feed.atom",
    "login": "/login",
    "api: log": "/api/log",
    "api: update": "/api/updates/s07/4990",
    "api: evidence": "/api/evidence?update=s07/4990&series=s07/n/group-40&as_of=2025-09-24",
    "api: print check": "/api/check-print?update=s07/4990&series=s07/n/group-40&as_of=2025-09-24",
    "api: find": "/api/find?q=27,941",
    "api: list of series": "/api/series",
    "api: one series": "/api/show?series=long/n",
    "api: claims": "/api/claims?measure=killed",
    "api: held": "/api/held",
    "api: status": "/api/status",
    "api: described": "/openapi.json",
}

OF_ANN = {
    "what is new": "/",
    "what is new, its last page": "/?page=12",
    "one chosen of what is new": "/beside/s07/4990",
    "log, with a login": "/log",
    "evidence, with a login": PAGES["evidence"],
    "held, with a login": "/held",
}

MOST_MS, MOST_BYTES, UNSEEN = 100, 60_000, 300


def _peers() -> dict[str, str]:
    """The rows that our log, series and compare pages are made of, as Datasette shows them."""
    log = """select u.id, o.key, u.number, u.known_at, v.as_of, s.key, b.content, v.content from updates u
      join sources o on o.id = u.source_id join versions v on v.update_id = u.id join series s on s.id = v.series_id
      left join versions b on b.series_id = v.series_id and b.as_of = v.base_as_of and b.update_id = v.base_update_id
      where u.id > (select max(id) from updates) - 20 order by u.id desc"""
    claims = """select s.key, c.as_of, c.content from series s join current c on c.series_id = s.id
      and c.as_of = (select max(x.as_of) from current x where x.series_id = s.id)
      where s.measure = 'killed' order by s.key limit 60"""
    long = {"series_id": 951, "_size": "max"}
    return {
        "log": f"/tallybook?{urlencode({'sql': log})}",
        "series, 1,000 days": f"/tallybook/versions?{urlencode({'series_id': 307, '_size': 'max'})}",
        "series, 50,000 days (1,000 rows of it)": f"/tallybook/versions?{urlencode(long)}",
        "compare": f"/tallybook?{urlencode({'sql': claims})}",
    }


def build(home: Path) -> None:
    """Fill a ledger, with a text behind every update and a definition of every source."""
    archive = Archive(home / "archive")
    ledger = Ledger(f"sqlite:///{home / 'tallybook.sqlite'}", archive)
    with ledger.engine.begin() as connection:
        raw = connection.connection.cursor()
        raw.execute("DROP INDEX ix_versions_update_id")
        raw.execute("DROP INDEX ix_updates_known_at")
        for at in range(SOURCES):
            _source(home, raw, at + 1, f"s{at:02}")
            raw.executemany(_into("series", 10), list(_series(at)))
        _source(home, raw, SOURCES + 1, "long")
        raw.execute(
            _into("series", 10),
            (SOURCES * SERIES + 1, SOURCES + 1, "long/n", "n", "killed", "total", "people", None, None, "[]"),
        )
        raw.executemany(_into("snapshots", 6), list(_snapshots(archive)))
        raw.executemany(_into("updates", 18), list(_updates()))
        for at in range(SOURCES * SERIES):
            raw.executemany(_into("versions", 13), list(_versions(at)))
        raw.executemany(_into("versions", 13), list(_long()))
        raw.execute(
            "INSERT INTO fetches (id, source_id, at, url, status, state, sha256, snapshot_id, update_id) SELECT u.id, "
            "u.source_id, u.known_at, 'http://127.0.0.1/', 200, 'changed', s.sha256, s.id, u.id FROM updates u "
            "JOIN snapshots s ON s.id = u.snapshot_id"
        )
        raw.execute(
            "INSERT INTO checks SELECT id, 0, 'jump', 'warn', 'out of its history', NULL, NULL FROM updates "
            "WHERE id % 100 = 0"
        )
        raw.execute(
            "UPDATE versions SET held = 1 WHERE update_id > 90000 AND update_id % 50 = 0 AND series_id % 10 = 0"
        )
        raw.execute("UPDATE versions SET kind = 'revised' WHERE update_id % 20000 = 7")
        raw.execute(
            "INSERT OR REPLACE INTO current SELECT series_id, as_of, update_id, content, 0 FROM versions WHERE held = 0"
        )
        raw.execute("CREATE INDEX ix_versions_update_id ON versions (update_id, kind)")
        raw.execute("CREATE INDEX ix_updates_known_at ON updates (source_id, known_at, number)")
    ledger.close()


def _source(home: Path, raw: Any, source_id: int, name: str) -> None:
    raw.execute(_into("sources", 5), (source_id, name, f"Benchmark {name}", "counted", "http://127.0.0.1/"))
    definition = {
        "title": f"Benchmark {name}", "publisher": {"name": "P"}, "method": "Counted.", "basis": "counted",
        "url": "http://127.0.0.1/", "tried_live": "2025-01-01", "extractor": "csv", "as_of": {"column": "day"},
        "schedule": {"cron": "0 6 * * *", "timezone": "UTC"},
        "figures": [{"id": "n", "column": "n", "unit": "people"}],
    }  # fmt: skip
    (home / "sources").mkdir(exist_ok=True)
    (home / "sources" / f"{name}.yml").write_text(yaml.safe_dump(definition), encoding="utf-8")


def _series(at: int) -> Iterator[tuple[Any, ...]]:
    for group in range(SERIES):
        key, measure = f"s{at:02}/n/group-{group:02}", MEASURES[group % len(MEASURES)]
        yield (
            at * SERIES + group + 1, at + 1, key, f"n\x1fgroup {group:02}", measure, "total", "people",
            f"group {group:02}", None, '["A ministry"]',
        )  # fmt: skip


TEXTS, QUOTE = 200, "The ministry said that 123,456 are counted so far."


def _snapshots(archive: Archive) -> Iterator[tuple[Any, ...]]:
    for at in range(TEXTS):
        text = (
            f"Release {at}. " + "Words around it, as reports have them. " * 40 + QUOTE + " More words." * 100
        ).encode()
        archive.put(text)
        digest = hashlib.sha256(text).hexdigest()
        yield at + 1, digest, digest, len(text), "text/html", "utf-8"


PLACE = tuple(
    len("Release 100. ") + 39 * 40 + start for start in (QUOTE.index("123"), QUOTE.index(" are"), 0, len(QUOTE))
)


def _updates() -> Iterator[tuple[Any, ...]]:
    """Every day each source brings its series to the day, ten in one update; among them the long series' updates."""
    head = 0
    numbers = [0] * (SOURCES + 1)
    for day in range(DAYS):
        of_day = [(at, AT_ONCE, START + dt.timedelta(days=day)) for at in range(SOURCES) for _ in range(BATCHES)]
        of_day += [(SOURCES, 10, LONG_START + dt.timedelta(days=(day * 5 + batch) * 10 + 9)) for batch in range(5)]
        for place, (at, changes, newest) in enumerate(of_day):
            head += 1
            numbers[at] += 1
            clock = f"{START + dt.timedelta(days=day)}T{6 + place // 60:02}:{place % 60:02}:00Z"
            yield (
                head, at + 1, numbers[at], "fetch", "source", clock, clock, None, head % TEXTS + 1, "csv", 1,
                "benchmark", changes, 0, None, newest.isoformat(), "0" * 64, "0" * 64,
            )  # fmt: skip


A_DAY = SOURCES * BATCHES + 5


def _versions(at: int) -> Iterator[tuple[Any, ...]]:
    source, group = divmod(at, SERIES)
    before, origin = None, None
    for day in range(DAYS):
        head = day * A_DAY + source * BATCHES + group // AT_ONCE + 1
        as_of = (START + dt.timedelta(days=day)).isoformat()
        kind = "new" if day else "first"
        yield at + 1, as_of, head, kind, str(1000 + group * 500 + 3 * day), 0, before, origin, *PLACE, None
        before, origin = as_of, head


def _long() -> Iterator[tuple[Any, ...]]:
    before, origin = None, None
    for place in range(LONG):
        batch = place // 10
        head = batch // 5 * A_DAY + SOURCES * BATCHES + batch % 5 + 1
        as_of = (LONG_START + dt.timedelta(days=place)).isoformat()
        kind = "new" if place else "first"
        yield SOURCES * SERIES + 1, as_of, head, kind, str(1000 + 2 * place), 0, before, origin, *PLACE, None
        before, origin = as_of, head


def _settings(home: Path) -> Settings:
    database = f"sqlite:///{home / 'tallybook.sqlite'}"
    return Settings(home=home, database_url=database, archive=home / "archive", sources=home / "sources")


def _logged_in(home: Path) -> dict[str, str]:
    """The header that Ann's browser sends; who has seen all but the newest updates."""
    store = store_of(_settings(home))
    store.add("ann", PASSWORD)
    session = store.log_in("ann", PASSWORD)
    assert session is not None
    newest = DAYS * A_DAY
    store.visited("ann", Visit(newest - UNSEEN, newest, int(time.time())))
    return {"Cookie": f"{COOKIE}={session}"}


@contextmanager
def _ours(home: Path) -> Iterator[tuple[int, int]]:
    with Desk(_settings(home), now) as desk, PageServer(office_of(desk), "127.0.0.1", 0) as page:
        yield page.port, os.getpid()


@contextmanager
def _datasette(home: Path, command: str) -> Iterator[tuple[int, int]]:
    port = 8977
    run = [command, str(home / "tallybook.sqlite"), "-p", str(port), "--setting", "sql_time_limit_ms", "20000"]
    run += ["--setting", "max_returned_rows", "1000"]
    with subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await(port)
            yield port, process.pid
        finally:
            process.terminate()


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _table(title: str, served: Any, pages: dict[str, str], headers: Mapping[str, str] = {}) -> None:
    print(f"\n{title:<40}{'processor':>12}{'slowest':>10}{'wait':>10}{'bytes sent':>12}")
    with served as (port, process):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        sent = {"Accept-Encoding": "gzip", **headers}
        for what, path in pages.items():
            _ask(connection, process, (path, sent), 2)
            found = _ask(connection, process, (path, sent), RUNS)
            spent, wait = statistics.median(found.spent), statistics.median(found.wait)
            over = "  over" if spent > MOST_MS or found.size > MOST_BYTES else ""
            told = f"{spent:>9.1f} ms{max(found.spent):>7.0f} ms{wait:>7.0f} ms{found.size:>12,}{over}"
            print(f"{what:<40}{told}", flush=True)


def _processor(process: int) -> float:
    """Milliseconds of processor time that a server has taken so far; of our own process, all but who asks."""
    if process == os.getpid():
        return (time.process_time() - time.thread_time()) * 1000
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(one.read_text().split()[0]) for one in tasks) / 1e6


class Answers(NamedTuple):
    """What asking for one page came to: milliseconds of the server's processor and of waiting, and bytes sent."""

    spent: list[float]
    wait: list[float]
    size: int


def _ask(connection: http.client.HTTPConnection, process: int, asked: tuple[str, dict[str, str]], runs: int) -> Answers:
    """Ask for a page so many times, at most 20 s long; redirects are followed."""
    found, (path, headers) = Answers([], [], 0), asked
    while len(found.wait) < runs and sum(found.wait) < 20_000:
        began, start = _processor(process), time.perf_counter()
        connection.request("GET", quote(path, safe="/?&=%+:,.()'<>-_*"), headers=headers)
        answer = connection.getresponse()
        found = found._replace(size=len(answer.read()))
        if answer.status in (302, 303, 307):
            return _ask(connection, process, (str(answer.headers["location"]), headers), runs)
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")
        found.wait.append((time.perf_counter() - start) * 1000)
        found.spent.append(_processor(process) - began)
    return found


if __name__ == "__main__":
    main()
