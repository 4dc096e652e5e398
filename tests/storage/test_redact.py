"""Removing bytes on purpose: they are gone for good, the figures stay, and the tombstone says who and why."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.archiving import redact
from cli.checking import verify
from model import ArchiveError, Instant, UsageError
from storage import Archive
from tests.storage.books import Book, database_url, source

AT = Instant("2025-03-01T00:00:00Z")


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    book = Book(tmp_path, source())
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10")])
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path))
    monkeypatch.setenv("TALLYBOOK_DATABASE_URL", database_url(tmp_path))
    return book


def snapshot(book: Book) -> str:
    found = book.newest().snapshot
    assert found is not None
    return found


def test_the_command_leaves_a_tombstone_that_verify_accepts_and_names(book: Book, tmp_path: Path) -> None:
    digest = snapshot(book)
    size = len(book.archive.get(digest))
    done = CliRunner().invoke(redact, [digest, "--why", "names a child", "--by", "Ann"], catch_exceptions=False)
    assert (done.exit_code, f"{size} bytes are gone" in done.stderr) == (0, True)
    assert [path.suffix for path in (tmp_path / "archive").rglob("*") if path.is_file()] == [".redacted"]
    told = json.loads((tmp_path / "archive" / digest[:2] / f"{digest}.redacted").read_text())
    assert told | {"at": ""} == {"sha256": digest, "size": size, "by": "Ann", "why": "names a child", "at": ""}
    done = CliRunner().invoke(verify, [], catch_exceptions=False)
    assert done.exit_code == 0
    assert f"{digest}: names a child" in done.stderr
    assert book.values() == {("tanks", "2025-01-01"): "10"}


def test_what_was_redacted_is_never_stored_or_read_again(book: Book) -> None:
    digest = snapshot(book)
    content = book.archive.get(digest)
    book.archive.redact(digest, by="Ann", why="w", at=AT)
    assert book.archive.put(content) == digest
    assert not book.archive.has(digest)
    with pytest.raises(ArchiveError, match="was redacted by Ann: w"):
        book.archive.get(digest)


def test_bytes_that_go_without_a_tombstone_are_missed(book: Book) -> None:
    digest = snapshot(book)
    (book.kept / digest[:2] / f"{digest}.zst").unlink()
    assert any("is missing from the archive" in problem for problem in book.ledger.verify())


@pytest.mark.parametrize("stone", ["", "{}", '{"sha256":"00","size":1,"by":"a","why":"b","at":"2025-01-01T00:00:00Z"}'])
def test_a_tombstone_that_does_not_say_who_and_why_is_found(book: Book, stone: str) -> None:
    digest = snapshot(book)
    path = book.kept / digest[:2] / digest
    path.with_suffix(".zst").unlink()
    path.with_suffix(".redacted").write_text(stone)
    assert any("tombstone" in problem for problem in book.ledger.verify())


def test_a_redaction_that_was_cut_off_hides_the_bytes_and_is_finished_by_asking_again(book: Book) -> None:
    digest = snapshot(book)
    path = book.kept / digest[:2] / f"{digest}.zst"
    stored = path.read_bytes()
    book.archive.redact(digest, by="Ann", why="w", at=AT)
    path.write_bytes(stored)
    assert not book.archive.has(digest)
    with pytest.raises(UsageError, match="was redacted on 2025-03-01T00:00:00Z by Ann"):
        book.archive.redact(digest, by="Ann", why="w", at=AT)
    assert not path.exists()


@pytest.mark.parametrize("digest", ["0" * 64, "../../../etc/passwd", "abc", ""])
def test_only_what_is_stored_can_be_redacted(book: Book, digest: str) -> None:
    with pytest.raises(UsageError, match=r"no content 0{64}|is no SHA-256"):
        book.archive.redact(digest, by="Ann", why="w", at=AT)


def test_a_text_that_was_derived_from_the_bytes_is_named_when_it_stays(tmp_path: Path) -> None:
    from model import Reader, Reading, Snapshot
    from storage import Ledger
    from storage.archive.redact import redact as redact_content

    archive = Archive(tmp_path / "archive")
    page, text = archive.put(b"<p>Ten</p>"), archive.put(b"Ten")
    found = Snapshot(
        sha256=page, text_sha256=text, size=10, media_type="text/html", known_at=Instant("2025-01-01T00:00:00Z")
    )
    with Ledger(database_url(tmp_path), archive) as ledger:
        ledger.record(source(), found, "Ten", Reading.of_figures([]), Reader("csv", 1, "o"))
        assert redact_content(ledger.engine, archive, page.upper(), by="A", why="w", at=AT)[1] == [text]
        assert redact_content(ledger.engine, archive, text, by="A", why="w", at=AT)[1] == []
        assert list(ledger.verify()) == []
    assert hashlib.sha256(b"Ten").hexdigest() == text
