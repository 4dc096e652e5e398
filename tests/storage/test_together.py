"""What is recorded within one block is stored when it ends, all or nothing, and seen by who records it meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.archive import stores
from tests.storage.books import Book, days, source


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path, source())


class FailingError(Exception):
    """What a test raises in a block."""


def fail_in_block(book: Book, work: Callable[[], object] = lambda: None) -> None:
    with book.ledger.together():
        book.release("2025-02-04T06:00:00Z", days(1, 4))
        work()
        raise FailingError


def log(book: Book) -> list[tuple[str, str]]:
    return [(update.update, update.content_digest) for update in book.ledger.views.log(limit=50)]


def test_releases_of_one_block_are_as_those_that_are_recorded_one_by_one(book: Book, tmp_path: Path) -> None:
    other = Book(tmp_path / "other", source())
    with book.ledger.together():
        for day in range(3, 9):
            book.release(f"2025-02-{day:02}T06:00:00Z", days(1, day))
            newest = book.ledger.newest_release(book.source)
            assert newest is not None
            assert newest.snapshot.known_at == f"2025-02-{day:02}T06:00:00Z"
    for day in range(3, 9):
        other.release(f"2025-02-{day:02}T06:00:00Z", days(1, day))
    assert log(book) == log(other)
    assert list(book.ledger.verify()) == []


def test_nothing_of_a_block_that_fails_is_recorded_and_it_can_be_said_again(book: Book) -> None:
    book.release("2025-02-03T06:00:00Z", days(1, 3))
    before = log(book)
    with pytest.raises(FailingError):
        fail_in_block(book)
    assert log(book) == before
    assert book.release("2025-02-04T06:00:00Z", days(1, 4)).update == "book/2"
    assert list(book.ledger.verify()) == []


def test_another_thread_waits_for_a_block_and_is_no_part_of_it(book: Book) -> None:
    began, told = threading.Event(), []

    def beside() -> None:
        began.set()
        told.append(book.release("2025-02-05T06:00:00Z", days(1, 5)).update)

    thread = threading.Thread(target=beside)
    with pytest.raises(FailingError):
        fail_in_block(book, lambda: thread.start() or began.wait(10))
    thread.join(30)
    assert told == ["book/1"]
    assert [one for one, _ in log(book)] == ["book/1"]


def test_all_that_a_block_archived_is_on_the_disk_before_rows_name_it(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[Path] = []
    real = stores.outlast
    monkeypatch.setattr(stores, "outlast", lambda path: (settled.append(path), real(path)))
    with book.ledger.together():
        for day in (3, 4):
            book.release(f"2025-02-{day:02}T06:00:00Z", days(1, day))
        assert [path for path in settled if path.is_file()] == []
        rows = log(book)
    files = {path for path in book.kept.rglob("*") if path.is_file()}
    assert rows == []
    assert files <= set(settled)
    assert {path.parent for path in files} <= set(settled)
