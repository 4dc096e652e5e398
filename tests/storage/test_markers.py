"""Notes on series: written, read by series and source, taken back by a further row, sealed, and older ledgers read."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from model import Day, UsageError
from publish.noting.markers import marker_words, on_chart, told_markers
from storage import schema
from storage.marking.book import NewMarker
from tests.storage.books import Book, source
from tests.storage.test_pictures import drawn

DAY = Day("2025-03-01")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    found = Book(tmp_path, source(rules=("tanks", "guns")))
    drawn(found, "2025-03-01T00:00:00Z", "100", b"a")
    return found


def test_a_note_is_added_read_taken_back_and_sealed(book: Book) -> None:
    ledger, views = book.ledger, book.ledger.views
    first = ledger.mark(NewMarker("book/tanks", "scope", "another  scope", DAY), by="ann")
    ledger.mark(NewMarker("book", "grade", "copied by hand", grade="C"), by="bob")
    better = ledger.mark(NewMarker("book", "grade", "checked twice", grade="B"), by="ann")
    assert [(one.about, one.text) for one in views.markers("book/guns")] == [
        ("book", "copied by hand"), ("book", "checked twice"),
    ]  # fmt: skip
    told = told_markers(views.markers("book/tanks"))
    assert [(one.kind, one.grade, one.number) for one in told] == [("grade", "B", better), ("scope", None, first)]
    assert "ann" not in repr(told)
    assert marker_words(told[1]).startswith("another scope (1 March 2025): another scope (noted ")
    assert on_chart(told) == ((DAY, "another scope: another scope"),)
    ledger.unmark(first, why="it was the other table", by="bob")
    assert first not in [one.number for one in views.markers("book/tanks")]
    rows = views.marker_history("book/tanks")
    assert [(row["text"], row["by"], row["ends"]) for row in rows] == [
        ("another scope", "ann", None), ("it was the other table", "bob", first),
    ]  # fmt: skip
    assert list(ledger.verify()) == []
    with ledger.engine.begin() as connection:
        connection.execute(sa.update(schema.markers).where(schema.markers.c.id == first).values(text="nothing"))
    assert any("markers: a row was altered" in one for one in ledger.verify())


@pytest.mark.parametrize(
    "new",
    [
        NewMarker("book/planes", "note", "there is no such series"),
        NewMarker("paper", "note", "there is no such source"),
        NewMarker("book/tanks", "note", "  "),
        NewMarker("book/tanks", "note", "x" * 501),
        NewMarker("book/tanks", "grade", "without a letter"),
        NewMarker("book/tanks", "note", "a letter without a grade", grade="A"),
        NewMarker("book/tanks", "note", "backwards", DAY, Day("2025-02-01")),
    ],
)
def test_a_note_that_says_nothing_of_what_is_there_is_refused(book: Book, new: NewMarker) -> None:
    with pytest.raises(UsageError):
        book.ledger.mark(new, by="ann")
    with pytest.raises(UsageError):
        book.ledger.unmark(1, why="none stands", by="ann")
    assert book.ledger.views.markers() == []
