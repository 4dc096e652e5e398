"""Proof: whatever is altered in the database or the archive is found, and a kill leaves nothing half written."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import Archive, Ledger
from tests.storage.books import Book, database_url, days, source


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", days(1, 20))
    book.release("2025-01-21T06:00:00Z", [*days(1, 20), ("tanks", "2025-01-21", "1420")], stated={"tanks": "2"})
    book.ledger.decide(
        "book", "book/2", "correct", who="A", why="w", series="book/tanks", as_of="2025-01-21", value="142"
    )
    return book


def problems(book: Book) -> list[str]:
    return list(book.ledger.verify())


def test_an_untouched_ledger_verifies(book: Book) -> None:
    assert problems(book) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE versions SET content = '143' WHERE update_id = 3",
        "UPDATE versions SET held = 0 WHERE update_id = 2",
        "UPDATE versions SET kind = 'late' WHERE update_id = 2",
        "UPDATE versions SET as_of = '2025-01-22' WHERE update_id = 3",
        "UPDATE versions SET start = start + 1 WHERE update_id = 1",
        "DELETE FROM versions WHERE update_id = 1 AND as_of = '2025-01-05'",
        "UPDATE checks SET message = 'fine'",
        "DELETE FROM checks",
        "UPDATE stated SET verdict = 'matches'",
        "UPDATE settlements SET who = 'B'",
        "UPDATE updates SET known_at = '2025-01-19T06:00:00Z' WHERE number = 1",
        "UPDATE updates SET recorded_at = '2025-01-19T06:00:00Z' WHERE number = 1",
        "UPDATE updates SET number = 5 WHERE number = 3",
        "UPDATE current SET content = '141' WHERE as_of = '2025-01-21'",
        "DELETE FROM current WHERE as_of = '2025-01-21'",
        "UPDATE snapshots SET sha256 = text_sha256 || 'x'",
    ],
)
def test_any_altered_row_is_found(book: Book, tampering: str) -> None:
    with book.ledger.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no foreign keys
        assert connection.execute(sa.text(tampering)).rowcount > 0
    assert problems(book)


def test_altered_and_missing_bytes_are_found(book: Book) -> None:
    stored = sorted(book.kept.rglob("*.zst"))
    other = stored[1].read_bytes()
    stored[0].write_bytes(other)
    assert any("not what its digest says" in problem for problem in problems(book))
    stored[0].unlink()
    assert any("missing" in problem for problem in problems(book))


def test_a_chain_does_not_depend_on_the_order_in_which_sources_are_recorded(tmp_path: Path) -> None:
    digests = []
    for order in (("one", "two"), ("two", "one")):
        books = {name: Book(tmp_path / order[0], source(name)) for name in order}
        for name in order:
            books[name].release("2025-01-20T06:00:00Z", days(1, 20))
        digests.append({one.update: one.content_digest for one in books["one"].ledger.views.log(limit=None)})
    assert digests[0] == digests[1]


WRITER = """
import sys
from pathlib import Path
from tests.storage.books import Book, days, source
book = Book(Path(sys.argv[1]), source())
done = book.ledger.views.log(limit=1)
start = int(done[0].update.partition("/")[2]) + 1 if done else 1
print("ready", flush=True)
for number in range(start, 10_000):
    rows = [("tanks", f"2025-{1 + at // 28 % 12:02}-{1 + at % 28:02}", str(at + number)) for at in range(40)]
    rows += [("guns", "2025-01-01", str(number))]
    book.release(f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z", rows, hold=False)
    print(number, flush=True)
"""


def test_a_writer_killed_at_any_moment_loses_nothing_it_acknowledged_and_leaves_nothing_half(tmp_path: Path) -> None:
    random.seed(3)
    for _ in range(8):
        acknowledged = _write_and_kill(tmp_path, random.uniform(0.0, 0.25))
        with Ledger(database_url(tmp_path), Archive(tmp_path / "archive")) as ledger:
            assert list(ledger.verify()) == []
            newest = ledger.views.log(limit=1)
            assert (int(newest[0].update.partition("/")[2]) if newest else 0) >= acknowledged


def _write_and_kill(folder: Path, after: float) -> int:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    time.sleep(after)
    os.kill(writer.pid, signal.SIGKILL)
    numbers = [line for line in writer.stdout.read().split("\n")[:-1] if line.isdigit()]
    writer.wait()
    writer.stdout.close()
    return int(numbers[-1]) if numbers else 0


def test_two_writers_at_once_make_one_truth(tmp_path: Path) -> None:
    one, two = Book(tmp_path, source()), Book(tmp_path, source())
    for hour, book in enumerate([one, two, one, one, two, two, one]):
        book.release(f"2025-01-20T{hour:02}:00:00Z", days(1, 5, start=100 + hour), hold=False)
    assert [update.update for update in one.ledger.views.log()] == [f"book/{n}" for n in range(7, 0, -1)]
    assert list(two.ledger.verify()) == []
