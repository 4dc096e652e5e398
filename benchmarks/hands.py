"""Several hands on one ledger, killed in turn: is each due source looked at, each release told once, each host spaced?

    python -m benchmarks.hands [--minutes 60] [--sources 500] [--hosts 50] [--hands 3] [--kills 30]

The bar of docs/operations.md. Publishers on loopback (127.0.1.x) whose tables get a new day every two minutes; hands
that run `tallybook refresh --due` again and again on a ledger on PostgreSQL. In turn a hand is killed, a process of the
database (which throws everybody out and recovers), or the archive is away for some seconds. At the end what the
publishers saw is set beside what the ledger holds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import psycopg

from flows.desk import Desk
from flows.settings import Settings
from storage.turns.book import LEASE
from tests.pipeline.desks import ROOT, define
from tests.storage import postgres

PERIOD = 120.0
"""Seconds between two releases, and between two looks that a definition asks for."""

BEGIN = dt.date(2000, 1, 1)
PORT = 8765


class _Publishers(BaseHTTPRequestHandler):
    """Tables that grow by a day every two minutes; `asked` has (host, path, began, ended, days served) of each."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str, float, float, int]]] = []

    def do_GET(self) -> None:
        began = time.time()
        days = int(began // PERIOD) % 9000
        rows = "".join(f"{BEGIN + dt.timedelta(day)},{day * 3},{day}\n" for day in range(days - 5, days))
        content = b"" if self.path == "/robots.txt" else f"date,tanks,guns\n{rows}".encode()
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        if content:
            host = self.headers["Host"].partition(":")[0]
            self.asked.append((host, self.path, began, time.time(), days))

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class Hands:
    """The hands, each a shell's loop of one command, and what is done to them."""

    def __init__(self, home: Path, url: str, count: int) -> None:
        self._environment = os.environ | {
            "TALLYBOOK_HOME": str(home),
            "TALLYBOOK_SOURCES": str(home / "sources"),
            "TALLYBOOK_DATABASE_URL": url,
            "PYTHONPATH": str(ROOT),
        }
        self._home, self._url = home, url
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._leave = threading.Event()
        self.told: list[str] = []
        self._threads = [threading.Thread(target=self._loop, args=(number,)) for number in range(count)]

    def start(self) -> None:
        """Let every hand begin."""
        for one in self._threads:
            one.start()

    def stop(self) -> None:
        """Let every hand end what it is at."""
        self._leave.set()
        for one in self._threads:
            one.join()

    def _loop(self, number: int) -> None:
        command = [sys.executable, "-m", "cli.main", "refresh", "--due"]
        while not self._leave.is_set():
            self._running[number] = subprocess.Popen(
                command, env=self._environment, cwd=self._home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            told = self._running[number].communicate()[1].decode()
            if "Traceback" in told:
                self.told.append(told.partition("Traceback")[2][-600:])
            self._leave.wait(5)

    def kill_a_hand(self, made: random.Random) -> None:
        """End one hand at once, whatever it is at."""
        made.choice(list(self._running.values())).send_signal(signal.SIGKILL)

    def kill_the_database(self, _made: random.Random) -> None:
        """End one process of the database, which then throws out all the others."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' LIMIT 1"
            found = connection.execute(query).fetchone()
        if found:
            os.kill(int(found[0]), signal.SIGKILL)

    def take_the_archive_away(self, made: random.Random) -> None:
        """Let the archive be away for some seconds."""
        archive = self._home / "archive"
        if archive.exists():
            archive.rename(self._home / "away")
            archive.write_text("no folder")
            time.sleep(made.uniform(1, 8))
            archive.unlink()
            (self._home / "away").rename(archive)


def main() -> None:
    """Run for so long and say what was found; exits with 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--hands", type=int, default=3)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    servers = [ThreadingHTTPServer((f"127.0.1.{host + 1}", PORT), _Publishers) for host in range(asked.hosts)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="tallybook-hands-") as folder, postgres.cluster() as address:
        home, url = Path(folder), postgres.create(address, "hands")
        for number in range(asked.sources):
            place = f"http://127.0.1.{number % asked.hosts + 1}:{PORT}/s{number}.csv"
            define(home, f"s{number}", place, schedule={"cron": "*/2 * * * *", "timezone": "UTC"}, coverage="window")
        hands = Hands(home, url, asked.hands)
        kills = _torment(hands, asked.minutes * 60, asked.kills, random.Random(asked.seed))
        sys.exit(_judge(home, url, hands, kills))


def _torment(hands: Hands, seconds: float, kills: int, made: random.Random) -> int:
    until, done = time.monotonic() + seconds, 0
    hands.start()
    ways = itertools.cycle((hands.kill_a_hand, hands.kill_the_database, hands.kill_a_hand, hands.take_the_archive_away))
    while time.monotonic() < until:
        time.sleep(min(seconds / (kills + 1) * made.uniform(0.5, 1.5), max(until - time.monotonic(), 0)))
        if done < kills and time.monotonic() < until - PERIOD / 2:
            next(ways)(made)
            done += 1
    hands.stop()
    return done


def _judge(home: Path, url: str, hands: Hands, kills: int) -> int:
    by_host: dict[str, list[tuple[float, float]]] = defaultdict(list)
    by_source: dict[str, list[float]] = defaultdict(list)
    for host, path, began, ended, _ in sorted(_Publishers.asked, key=lambda one: one[2]):
        by_host[host].append((began, ended))
        by_source[path].append(began)
    gaps = [later[0] - before[1] for row in by_host.values() for before, later in itertools.pairwise(row)]
    waits = [later - before for row in by_source.values() for before, later in itertools.pairwise(row)]
    settings = Settings(home=home, database_url=url, archive=home / "archive", sources=home / "sources")
    with Desk.open(settings) as desk:
        wrong = list(desk.ledger.verify())
        doubled, updates = _doubled(desk)
    found = {
        "requests": len(_Publishers.asked),
        "updates": updates,
        "kills": kills,
        "shortest pause of a host, s": round(min(gaps, default=0), 2),
        "longest wait of a source, s": round(max(waits, default=0)),
        "sources looked at": len(by_source),
        "doubled": doubled,
        "verify": wrong[:3],
        "traces": len(hands.told),
    }
    print(*(f"{name}: {value}" for name, value in found.items()), *hands.told[:2], sep="\n", flush=True)
    late = max(waits, default=0) > PERIOD + 2 * LEASE
    return int(bool(wrong) or bool(doubled) or late or min(gaps, default=1) < 0.99 or bool(hands.told))


def _doubled(desk: Desk) -> tuple[int, int]:
    """How many values of a day were recorded as new more than once, and how many updates there are."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    updates = 0
    for name in desk.catalogue:
        for update in desk.ledger.views.log(name, limit=None):
            updates += 1
            for change in update.changes:
                seen[change.series, change.as_of] += 1
    return sum(count > 1 for count in seen.values()), updates


if __name__ == "__main__":
    main()
