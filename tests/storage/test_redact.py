"""Removing bytes on purpose: they are gone for good, the figures stay, and the tombstone says who and why."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
import zstandard
from click.testing import CliRunner

from cli.commands.archive import redact
from cli.commands.verify import verify
from model import ArchiveError, Day, Figure, Instant, Reader, Reading, Snapshot, Trait, UsageError
from storage import Archive, Ledger, ReadRelease, schema
from storage.archive.redact import redact as redact_content
from tests.storage.books import Book, database_url, figure, source

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


def prose_release(ledger: Ledger, known_at: str, salt: str = "") -> tuple[str, str]:
    """Record a page that names a child, of which a figure that nobody follows and a cell keep words."""
    page, text = f"<p>Ten, said Ann Lee.</p>{salt}".encode(), "Ten, said Ann Lee."
    digests = ledger.archive.put(page), ledger.archive.put(text.encode())
    found = Snapshot(
        sha256=digests[0], text_sha256=digests[1], size=len(page), media_type="text/html", known_at=Instant(known_at)
    )
    words = Figure(value=Decimal(10), unit="items", quote="Ten, said ANN LEE", number_text="Ten", start=0, end=3)
    reading = Reading(
        [("tanks", Day(known_at[:10]), "10", 0)],
        lambda _handle: words,
        unmatched=(words,),
        shape=lambda: {"tanks": {"label": Trait(shown="said Ann Lee", words=("ann", "lee"), known=())}},
    )
    ledger.record(source(), ReadRelease(found, text, reading, Reader("prose", 1, "o")))
    return digests


def everything_in(url: str, folder: Path) -> str:
    """All rows of the ledger and all contents of its archive, as one text."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        rows = [str(connection.execute(sa.select(table)).all()) for table in schema.metadata.sorted_tables]
    engine.dispose()
    files = list(folder.rglob("*.zst"))
    return " ".join(rows + [zstandard.ZstdDecompressor().decompress(path.read_bytes()).decode() for path in files])


def test_what_is_redacted_is_gone_from_every_place_and_stays_gone(tmp_path: Path) -> None:
    url, archive = database_url(tmp_path), Archive(tmp_path / "archive")
    with Ledger(url, archive) as ledger:
        page, text = prose_release(ledger, "2025-01-01T00:00:00Z")
        assert "ann lee" in everything_in(url, tmp_path).lower()
        assert redact_content(ledger.engine, archive, page.upper(), by="A", why="w", at=AT)[1] == [text]
        assert "ann lee" not in everything_in(url, tmp_path).lower()
        assert list(ledger.verify()) == []
        book_like = Snapshot(
            sha256="0" * 64, text_sha256="0" * 64, size=0, media_type="text/plain",
            known_at=Instant("2025-01-02T00:00:00Z"),
        )  # fmt: skip
        archive.put(b"other")
        between = Reading([("tanks", Day("2025-01-02"), "11", 0)], lambda _handle: figure("11"))
        other = hashlib.sha256(b"other").hexdigest()
        between_snapshot = msgspec.structs.replace(book_like, sha256=other, text_sha256=other, size=5)
        ledger.record(source(), ReadRelease(between_snapshot, "other", between, Reader("prose", 1, "o")))
        prose_release(ledger, "2025-01-03T00:00:00Z")
        assert len(ledger.views.log(limit=None)) == 3
        assert "ann lee" not in everything_in(url, tmp_path).lower()
        assert list(ledger.verify()) == []


def test_an_update_that_was_scrubbed_still_proves_what_is_left_of_it(tmp_path: Path) -> None:
    url, archive = database_url(tmp_path), Archive(tmp_path / "archive")
    with Ledger(url, archive) as ledger:
        page, _text = prose_release(ledger, "2025-01-01T00:00:00Z")
        redact_content(ledger.engine, archive, page, by="A", why="w", at=AT)
        with ledger.engine.begin() as connection:
            connection.execute(sa.text("UPDATE versions SET content = '99'"))
        assert any("book/1: what it records" in problem for problem in ledger.verify())
