"""Fetches and releases of many threads: stored together with those that wait, none at another's cost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from model import Instant, OlderReleaseError
from storage import Attempt
from storage.schema import fetches
from tests.storage.books import Book, source

AT = Instant("2025-01-02T06:00:00Z")
THREADS = 8


def _all_at_once(book: Book, calls: list[Callable[[], Any]]) -> tuple[list[BaseException], int]:
    """Start calls while the ledger is being written to; returns what they raised, and how often it was committed."""
    raised: list[BaseException] = []
    commits: list[Any] = []

    def commit(connection: Any) -> None:
        commits.append(connection)

    sa.event.listen(book.ledger._writer, "commit", commit)

    def run(call: Callable[[], Any]) -> None:
        try:
            call()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    with book.ledger._writing:
        for thread in threads:
            thread.start()
        while len(book.ledger._waiting) < len(threads):
            threading.Event().wait(0.01)
    for thread in threads:
        thread.join()
    sa.event.remove(book.ledger._writer, "commit", commit)
    return raised, len(commits)


def _rows(book: Book) -> int:
    with book.ledger.engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(fetches)).scalar_one())


def _unchanged(book: Book, at: Any = AT) -> Callable[[], Any]:
    return lambda: book.ledger.unchanged(book.source, Attempt(at=at, url=None, status=304, state="unchanged"))


def test_those_that_wait_are_stored_in_one_transaction(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "5")])
    assert _all_at_once(book, [_unchanged(book)] * THREADS) == ([], 1)
    assert _rows(book) == THREADS


def test_one_that_cannot_be_stored_takes_no_other_with_it(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "5")])
    raised, _ = _all_at_once(book, [_unchanged(book, None), *[_unchanged(book)] * (THREADS - 1)])
    assert len(raised) == 1
    assert _rows(book) == THREADS - 1
    book.release("2025-01-02T07:00:00Z", [("tanks", "2025-01-01", "5"), ("tanks", "2025-01-02", "8")])
    assert list(book.ledger.verify()) == []


def _two_books(folder: Path) -> tuple[Book, Book]:
    book, other = Book(folder, source()), Book(folder, source("other"))
    for one in (book, other):
        one.ledger = book.ledger
        one.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-01", "5")])
    return book, other


def _release(book: Book, at: str, content: str) -> Callable[[], Any]:
    return lambda: book.release(at, [("tanks", "2025-01-01", content)])


def test_releases_that_wait_are_recorded_in_one_transaction(tmp_path: Path) -> None:
    book, other = _two_books(tmp_path)
    calls = [_release(book, "2025-01-03T06:00:00Z", "6"), _release(other, "2025-01-03T06:00:00Z", "7")]
    assert _all_at_once(book, calls) == ([], 1)
    assert {update.update for update in book.ledger.views.log()} == {"other/2", "book/2", "other/1", "book/1"}
    assert list(book.ledger.verify()) == []


def test_an_older_release_among_those_that_wait_is_refused_alone(tmp_path: Path) -> None:
    book, other = _two_books(tmp_path)
    calls = [_release(book, "2025-01-01T06:00:00Z", "4"), _release(other, "2025-01-03T06:00:00Z", "7")]
    raised, _ = _all_at_once(book, calls)
    assert [type(error) for error in raised] == [OlderReleaseError]
    assert {update.update for update in book.ledger.views.log()} == {"other/2", "other/1", "book/1"}
    book.release(
        "2025-01-04T06:00:00Z", [("tanks", "2025-01-01", "9")]
    )  # what was accepted in memory is what is stored
    (change,) = book.ledger.views.log()[0].changes
    assert (change.kind, change.difference) == ("revised", 4)
    assert list(book.ledger.verify()) == []
