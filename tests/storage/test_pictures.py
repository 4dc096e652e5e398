"""How a browser drew a page: one picture a content, proved with the rest, removed with it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from model import Day, Instant, Reading, Snapshot, UsageError
from storage import ReadRelease, Recorded
from storage.archive.redact import redact
from tests.storage.books import READER, Book, figure, source

AT = Instant("2025-03-01T00:00:00Z")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def drawn(book: Book, known_at: str, value: str, picture: bytes, salt: str = "") -> Recorded:
    """Record a page that states one number, as a browser drew it."""
    text = json.dumps([value, salt])
    content = f"<p>{text}</p>".encode()
    snapshot = Snapshot(
        sha256=book.archive.put(content), text_sha256=book.archive.put(text.encode()), size=len(content),
        media_type="text/html", known_at=Instant(known_at), picture=digest(picture),
    )  # fmt: skip
    reading = Reading([("tanks", Day("2025-01-01"), value, 0)], lambda _: figure(value))
    return book.ledger.record(book.source, ReadRelease(snapshot, text, reading, READER, picture=picture))


@pytest.fixture
def book(tmp_path: Path) -> Book:
    found = Book(tmp_path, source())
    drawn(found, "2025-01-01T06:00:00Z", "10", b"PNG one")
    return found


def shown(book: Book, update: str = "book/1") -> str | None:
    shot = book.ledger.views.proof(update, "book/tanks", Day("2025-01-01")).new
    return shot.picture if shot else None


def test_a_picture_is_kept_named_and_proved(book: Book) -> None:
    assert shown(book) == digest(b"PNG one")
    assert book.archive.get(digest(b"PNG one")) == b"PNG one"
    assert list(book.ledger.verify()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM pictures",
        "UPDATE pictures SET picture = sha256",
        "UPDATE pictures SET sha256 = picture",
        "INSERT INTO pictures (sha256, picture) SELECT text_sha256, text_sha256 FROM snapshots",
    ],
)
def test_a_picture_that_is_changed_is_found_by_its_seal_and_by_the_chain(book: Book, statement: str) -> None:
    with book.ledger.engine.begin() as connection:
        connection.execute(sa.text(statement))
    told = "\n".join(book.ledger.verify())
    assert "pictures: " in told
    assert ("book/1: what it records is not what its content digest says" in told) == ("INSERT" not in statement)


def test_a_picture_that_is_missing_or_another_is_found(book: Book) -> None:
    at = book.kept / digest(b"PNG one")[:2] / f"{digest(b'PNG one')}.zst"
    at.unlink()
    assert [problem for problem in book.ledger.verify() if "picture" in problem and "missing" in problem]


def test_another_picture_of_the_same_page_is_no_release_and_changes_nothing(book: Book) -> None:
    done = drawn(book, "2025-01-02T06:00:00Z", "10", b"PNG two")
    assert (done.state, done.update) == ("unchanged", None)
    assert not book.archive.has(digest(b"PNG two"))


def test_a_clock_in_the_page_brings_no_picture_a_look(book: Book) -> None:
    done = drawn(book, "2025-01-02T06:00:00Z", "10", b"PNG two", salt="12:31")
    assert (done.state, done.update) == ("unchanged", None)
    assert not book.archive.has(digest(b"PNG two"))
    assert list(book.ledger.verify()) == []


def test_a_page_that_comes_back_has_the_picture_of_its_first_look(book: Book) -> None:
    drawn(book, "2025-01-02T06:00:00Z", "11", b"PNG two")
    drawn(book, "2025-01-03T06:00:00Z", "10", b"PNG three")
    assert [shown(book, f"book/{number}") for number in (1, 2, 3)] == [
        digest(b"PNG one"), digest(b"PNG two"), digest(b"PNG one")
    ]  # fmt: skip
    assert list(book.ledger.verify()) == []


def test_a_redacted_page_takes_its_picture_along_and_a_redacted_picture_nothing_else(book: Book) -> None:
    drawn(book, "2025-01-02T06:00:00Z", "11", b"PNG two")
    redact(book.ledger.engine, book.archive, digest(b"PNG two"), by="Ann", why="names a child", at=AT)
    assert (shown(book, "book/2"), book.archive.has(digest(b"PNG two"))) == (digest(b"PNG two"), False)
    assert book.values() == {("tanks", "2025-01-01"): "11"}
    assert list(book.ledger.verify()) == []
    page = book.ledger.views.update("book/1").snapshot or ""
    _, gone = redact(book.ledger.engine, book.archive, page, by="Ann", why="names a child", at=AT)
    assert digest(b"PNG one") in gone
    assert not book.archive.has(digest(b"PNG one"))
    with pytest.raises(UsageError, match="was redacted"):
        redact(book.ledger.engine, book.archive, digest(b"PNG one"), by="Ann", why="again", at=AT)
    assert list(book.ledger.verify()) == []
