"""The history of definitions: which text was in force, by whom, for which update; without passwords, under a seal."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from storage import schema
from tests.storage.books import Book, source
from tests.storage.test_pictures import drawn

FIRST = "title: One\nurl: https://ann:secret@example.org/x?api_key=1234567890abcdef\n"
SECOND = FIRST.replace("One", "Two")


def test_each_update_names_the_text_that_it_was_recorded_by(tmp_path: Path) -> None:
    book = Book(tmp_path, source(rules=("tanks",)))
    drawn(book, "2025-03-01T00:00:00Z", "100", b"a")
    book.ledger.note_definition("book", FIRST, by="ann", why="followed")
    book.ledger.note_definition("book", FIRST, by="", why="")
    drawn(book, "2025-03-02T00:00:00Z", "101", b"a")
    book.ledger.note_definition("book", SECOND, by="", why="")
    drawn(book, "2025-03-03T00:00:00Z", "102", b"a")
    book.ledger.note_definition("book", FIRST, by="bob", why="as it was")
    views = book.ledger.views
    assert [(one.number, one.by) for one in views.definitions("book")] == [(3, "bob"), (2, ""), (1, "ann")]
    named = [views.definition_of(f"book/{number}") for number in (1, 2, 3)]
    assert [one and one.number for one in named] == [None, 1, 2]
    assert not any("secret" in one.text or "1234567890abcdef" in one.text for one in views.definitions("book"))
    assert list(book.ledger.verify()) == []
    with book.ledger.engine.begin() as connection:
        connection.execute(sa.update(schema.definitions).values(by="eve"))
    assert any("definitions: a row was altered" in one for one in book.ledger.verify())
