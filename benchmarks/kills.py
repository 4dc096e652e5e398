"""kill -9 at random moments of appending: is anything lost that was acknowledged, is anything half there?

    python -m benchmarks.kills 1000

A writer appends releases as fast as it can and tells each one that the ledger has acknowledged; it is killed after a
random time, and the ledger must verify whole, hold every acknowledged update, and at most one more. On SQLite and on
PostgreSQL, in turns, so many times each. A new ledger is begun now and then, since verifying grows with the ledger.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from storage import Archive, Ledger
from tests.storage import books, postgres
from tests.storage.books import Book, database_url, source

KILLS_A_LEDGER = 50
LONGEST = 0.1
"""Seconds that a writer lives at most after its first append, or, one time in ten, after it has opened its ledger."""


def main() -> None:
    """Kill as often as asked and say what was found; exits with 1 when a ledger was not whole."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("kills", type=int, nargs="?", default=1000, help="how often, on each database")
    parser.add_argument("--on", choices=["sqlite", "postgresql"], action="append", help="on this database alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=None, help="stop after so long")
    asked = parser.parse_args()
    until = time.monotonic() + asked.minutes * 60 if asked.minutes else None
    failed = False
    for kind in asked.on or ["sqlite", "postgresql"]:
        made = random.Random(asked.seed)
        with _database(kind):
            failed |= _report(kind, _kill(asked.kills, made, until))
    sys.exit(failed)


@contextmanager
def _database(kind: str) -> Iterator[None]:
    os.environ.pop(books.SERVER, None)
    with ExitStack() as stack:
        if kind == "postgresql":
            os.environ[books.SERVER] = stack.enter_context(postgres.cluster(safe=True))
        yield


def _report(kind: str, results: Iterator[tuple[int, list[str]]]) -> bool:
    kills, updates, problems, begun = 0, 0, 0, time.monotonic()
    for acknowledged, found in results:
        kills, updates, problems = kills + 1, updates + acknowledged, problems + len(found)
        for problem in found:
            print(f"{kind}: kill {kills}: {problem}", flush=True)
    seconds = time.monotonic() - begun
    print(f"{kind}: {kills} kills, {updates} updates acknowledged, {problems} problems, {seconds:.0f} s", flush=True)
    return problems > 0


def _kill(times: int, made: random.Random, until: float | None) -> Iterator[tuple[int, list[str]]]:
    """For each kill: how many updates were acknowledged since the last one, and what was wrong afterwards."""
    for at in range(times):
        if until is not None and time.monotonic() > until:
            return
        if at % KILLS_A_LEDGER == 0:
            folder = Path(tempfile.mkdtemp(prefix="tallybook-kills-"))
            before = 0
        acknowledged = _write_and_kill(folder, before, 1 if at % 10 == 0 else 2, made.uniform(0, LONGEST))
        newest, problems = _look(folder)
        if not max(acknowledged, before) <= newest <= max(acknowledged, before) + 1:
            problems.append(f"update {acknowledged} was acknowledged, and the newest is {newest}")
        yield max(0, acknowledged - before), problems
        before = newest
        if (at + 1) % KILLS_A_LEDGER == 0 or at + 1 == times:
            shutil.rmtree(folder)


def _look(folder: Path) -> tuple[int, list[str]]:
    with Ledger(database_url(folder), Archive(folder / "archive")) as ledger:
        newest = ledger.views.log(limit=1, changes=0)
        return int(newest[0].update.partition("/")[2]) if newest else 0, list(ledger.verify())


def _write_and_kill(folder: Path, before: int, lines: int, after: float) -> int:
    """Let a forked writer tell so many lines, then kill it after a time; returns the last update that it told."""
    told, telling = os.pipe()
    writer = os.fork()
    if not writer:
        os.close(told)
        _write(folder, before, telling)
    os.close(telling)
    with os.fdopen(told, "rb") as pipe:
        heard = [pipe.readline() for _ in range(lines)]
        time.sleep(after)
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        heard += pipe.read().splitlines()
    return int(heard[-1])


def _write(folder: Path, before: int, telling: int) -> None:
    book = Book(folder, source())
    os.write(telling, b"%d\n" % before)
    for number in itertools.count(before + 1):
        rows: list[books.Row] = [
            ("tanks", f"2025-{1 + at // 28:02}-{1 + at % 28:02}", str(at + number % 7)) for at in range(40)
        ]
        rows += [("guns", "2025-01-01", str(number)), ("guns", "2025-01-02", "90000" if number % 5 == 0 else "9")]
        book.release(f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z", rows)
        os.write(telling, b"%d\n" % number)


if __name__ == "__main__":
    main()
