"""Updates are changes: a release that says nothing new is kept as a release, and doubts are told once."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from model import CheckResult, OlderReleaseError, Reader
from storage import Ledger, schema
from tests.storage.books import Book, days, source

READ = Reader("csv", 2, "options")
MISSING = CheckResult(name="column_missing", result="warn", message="no column guns", series="book/guns")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path, source())


def numbers(book: Book) -> list[str]:
    return [update.update for update in book.ledger.views.log(limit=20)]


def test_a_release_in_which_nothing_differs_is_a_release_and_no_update(book: Book) -> None:
    book.release("2025-02-01T06:00:00Z", days(1, 31))
    for hour in range(7, 12):
        done = book.release(f"2025-02-01T{hour:02}:00:00Z", days(1, 31), salt=str(hour))
        assert (done.state, done.update) == ("unchanged", None)
    assert numbers(book) == ["book/1"]
    newest = book.ledger.newest_release(book.source)
    assert newest is not None
    assert newest.snapshot.known_at == "2025-02-01T11:00:00Z"
    assert [past.snapshot.known_at[11:13] for past in book.ledger.releases(book.source)] == [
        "06", "07", "08", "09", "10", "11",
    ]  # fmt: skip
    assert list(book.ledger.verify()) == []


def test_what_is_older_than_a_quiet_release_is_refused(book: Book) -> None:
    book.release("2025-02-01T06:00:00Z", days(1, 31))
    book.release("2025-02-03T06:00:00Z", days(1, 31), salt="noise")
    with pytest.raises(OlderReleaseError, match="older than the newest"):
        book.release("2025-02-02T06:00:00Z", days(1, 30))


def test_another_process_knows_the_newest_release_though_no_update_was_made(book: Book) -> None:
    book.release("2025-02-01T06:00:00Z", days(1, 31))
    with Ledger(book.url, book.archive) as other:
        mine, book.ledger = book.ledger, other
        book.release("2025-02-03T06:00:00Z", days(1, 31), salt="noise")
        book.ledger = mine
    with pytest.raises(OlderReleaseError, match="older than the newest"):
        book.release("2025-02-02T06:00:00Z", days(1, 30))


def test_a_reader_that_reads_the_same_makes_no_update_and_reads_the_newest_only_once(book: Book) -> None:
    book.release("2025-02-01T06:00:00Z", days(1, 31))
    book.release("2025-02-01T06:00:00Z", days(1, 31), reader=READ, cause="replay", why="extraction")
    newest = book.ledger.newest_release(book.source)
    assert newest is not None
    assert (numbers(book), newest.reader) == (["book/1"], READ)
    assert len(book.ledger.releases(book.source)) == 1


def test_a_doubt_is_told_when_it_begins_and_when_it_ends(book: Book) -> None:
    told = []
    for day, checks in enumerate(((), (MISSING,), (MISSING,), (MISSING,), (), ()), start=1):
        book.release(f"2025-02-{day:02}T06:00:00Z", days(1, 28 + day // 3), checks=checks, salt=str(day))
        told.append(book.checks())
    warned = ("column_missing", "warn")
    assert told == [[], [warned], [], [], [("column_missing", "pass")], []]
    assert book.ledger.doubt(book.source).plain


def test_a_doubt_that_goes_on_is_still_known_of_a_source_that_is_quiet(book: Book) -> None:
    for day in (1, 2, 3):
        book.release(f"2025-02-0{day}T06:00:00Z", days(1, 31), checks=(MISSING,), salt=str(day))
    assert numbers(book) == ["book/1"]
    assert "no column guns" in book.ledger.doubt(book.source).message


def test_a_quiet_release_that_was_altered_is_found(book: Book) -> None:
    book.release("2025-02-01T06:00:00Z", days(1, 31))
    book.release("2025-02-02T06:00:00Z", days(1, 31), salt="noise")
    with book.ledger.engine.begin() as connection:
        connection.execute(sa.update(schema.quiet_releases).values(known_at="2025-02-09T06:00:00Z"))
    assert any("quiet_releases" in problem for problem in book.ledger.verify())
