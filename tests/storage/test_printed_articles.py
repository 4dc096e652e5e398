"""The register of printed articles, on both databases: texts stay, numbers are of the newest, findings stand once."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from model import Day, Instant, UsageError
from storage.printed.book import PrintArticle, PrintFinding, WatchedNumber
from tests.storage.books import Book, days, source


def test_texts_stay_numbers_are_of_the_newest_and_findings_stand_once(tmp_path: Path) -> None:
    of = source("a_b")
    book = Book(tmp_path, of)
    book.release("2025-01-20T06:00:00Z", days(1, 20))
    register, now = book.ledger.printed, Instant("2025-01-20T07:00:00Z")
    texts = [book.archive.put(text) for text in (b"one", b"two")]
    article = PrintArticle(address="x", language="en", printed_on="2025-01-20", added_at=now, read_at=now)
    number = WatchedNumber(
        address="x", language="en", number_text="1", quote="one", start_at=0, end_at=1, series="a_b/tanks",
        update_name="a_b/1", as_of=Day("2025-01-20"), content="138", printed="138", dated=True,
        after=register.newest_update(),
    )  # fmt: skip
    for text in (*texts, texts[0], texts[0]):
        register.keep(replace(article, sha256=text, text_sha256=text), [number, replace(number, series="aXb/tanks")])
    assert [(one.text_sha256, one.numbers) for one in register.articles()] == [(texts[0], 2)]
    with book.ledger.rules.of("a_b") as found:
        assert found is not None
        [mine] = found.printed()
        kept = found.kept
    assert (mine.dated, mine.after, mine.told) == (True, register.newest_update(), ())
    finding = PrintFinding(
        number_id=mine.id, kind="corrected", update="a_b/2", series="a_b/tanks", as_of=mine.as_of, at=now, line="No."
    )  # fmt: skip
    assert book.ledger.rules.keep(of, kept, (), [finding, finding])
    assert not book.ledger.rules.keep(of, kept, (), [replace(finding, update="a_b/3")])
    assert [(one.update, one.line, one.address) for one in register.findings()] == [("a_b/2", "No.", "x")]
    assert list(book.ledger.verify()) == []
    register.remove("x")
    with pytest.raises(UsageError, match="not registered"):
        register.remove("x")
    assert (register.articles(), register.findings()) == ([], [])
    book.ledger.close()
