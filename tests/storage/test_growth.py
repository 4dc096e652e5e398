"""The ledger does not outgrow what it reads: attempts, headers and figures that nobody follows are bounded."""

from __future__ import annotations

import hashlib
from collections import namedtuple
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from model import ArchiveError, Day, Figure, Instant, LedgerError, Reader, Reading, Snapshot, State
from storage import Archive, Attempt, Ledger, ReadRelease, database
from storage.append import UNFOLLOWED_KEPT
from storage.fetchlog.attempts import HEADER_CHARACTERS
from tests.storage.books import Book, database_url, days, source


def attempt(at: str, state: State = "unchanged", reason: str | None = None) -> Attempt:
    when = Instant(at)
    return Attempt(
        at=when, url="http://127.0.0.1/", status=200, state=state, reason=reason, headers={"Date": at}
    )  # fmt: skip


def test_old_attempts_are_summed_up_by_day_and_what_is_still_asked_for_stays(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    ledger = book.ledger
    handed_in = Attempt(at=Instant("2024-01-01T00:00:00Z"), url="a.csv", status=200, state="unchanged", sha256="0" * 64)
    ledger.attempt(book.source, handed_in)
    for hour in range(10):
        ledger.attempt(book.source, attempt(f"2025-01-01T{hour:02}:00:00Z"))
        ledger.attempt(book.source, attempt(f"2025-01-01T{hour:02}:30:00Z", "failed", reason="HTTP 500"))
    ledger.attempt(book.source, attempt("2025-04-02T00:00:00Z"))
    ledger.attempt(book.source, attempt("2025-04-02T01:00:00Z"))
    with ledger.engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT at FROM fetches ORDER BY id")).scalars().all()
        query = "SELECT day, state, status, count, reason FROM attempt_days ORDER BY state"
        days_ = [tuple(row) for row in connection.execute(sa.text(query))]
    newest_failure = "2025-01-01T09:30:00Z"
    assert kept == ["2024-01-01T00:00:00Z", newest_failure, "2025-04-02T00:00:00Z", "2025-04-02T01:00:00Z"]
    assert days_ == [("2025-01-01", "failed", 200, 9, "HTTP 500"), ("2025-01-01", "unchanged", 200, 10, None)]
    assert ledger.not_yet(book.source, [(Instant("2024-01-01T00:00:00Z"), "0" * 64)]) == []
    assert list(ledger.verify()) == []


def test_a_header_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    headers = {"ETag": '"a"', "Last-Modified": "x" * (HEADER_CHARACTERS + 1)} | {f"X-{n}": "y" for n in range(100)}
    found = Attempt(at=Instant("2025-01-01T00:00:00Z"), url=None, status=200, state="unchanged", headers=headers)
    book.ledger.attempt(book.source, found)
    kept = book.ledger.last_attempt(book.source)
    assert kept is not None
    assert kept.headers["ETag"] == '"a"'
    assert "Last-Modified" not in kept.headers
    assert len(kept.headers) <= 20


def test_figures_that_nobody_follows_cost_the_ledger_less_than_the_archive_and_are_told_in_their_words(
    tmp_path: Path,
) -> None:
    lines = [f"About {n + 2000:,} civilians were wounded in district {n}, officials said." for n in range(2000)]
    text = "\n".join(lines)
    places, at = [], 0
    for n, line in enumerate(lines):
        number = f"{n + 2000:,}"
        start = at + line.index(number)
        places.append(
            Figure(value=Decimal(n + 2000), quote=line, number_text=number, start=start, end=start + len(number))
        )
        at += len(line) + 1
    archive = Archive(tmp_path / "archive")
    digest = archive.put(text.encode())
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    found = Snapshot(
        sha256=digest,
        text_sha256=digest,
        size=len(text),
        media_type="text/plain",
        known_at=Instant("2025-01-01T00:00:00Z"),
    )
    with Ledger(database_url(tmp_path), archive) as ledger:
        reading = Reading([("tanks", Day("2025-01-01"), "7", 0)], lambda _: places[0], unmatched=tuple(places))
        ledger.record(source(), ReadRelease(found, text, reading, Reader("prose", 1, "o")))
        with ledger.engine.connect() as connection:
            stored = connection.execute(sa.text("SELECT sum(length(figure)) FROM unfollowed")).scalar_one()
        told = ledger.views.unfollowed()
        assert list(ledger.verify()) == []
    assert len(told) == UNFOLLOWED_KEPT
    assert (told[5][2].quote, told[5][2].number_text) == (lines[5], "2,005")
    assert stored < 120 * UNFOLLOWED_KEPT  # what a figure does not say is not written either


def test_the_limit_holds_for_the_ledger_too(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", days(1, 20))
    book.archive.limit = 50_000  # an empty ledger is larger
    with pytest.raises(ArchiveError, match="with the ledger it holds"):
        book.release("2025-01-21T06:00:00Z", days(1, 21))
    assert len(book.ledger.views.log()) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_nearly_full_disk_stops_updates_before_the_database_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Book(tmp_path, source())
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(database.shutil, "disk_usage", lambda _path: usage(10**12, 10**12 - 2**20, 2**20))
    monkeypatch.setattr(book.archive, "put", lambda _content: "")
    with pytest.raises(LedgerError, match=r"the disk of the ledger at .* is nearly full"):
        book.release("2025-01-21T06:00:00Z", days(1, 21))
