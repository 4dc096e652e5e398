"""What a search looks in follows from what is recorded: by the update, in an older ledger, after a redaction."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from model import Instant, now
from storage import Ledger, schema
from storage.archive.redact import redact
from storage.search import index
from storage.search.words import asked, fits, fold, kept, terms
from tests.storage.books import Book, days, source

TABLES = (schema.numbers, schema.series_words, schema.quote_words)


def rows(ledger: Ledger) -> dict[str, list[Any]]:
    """All that a search looks in."""
    with ledger.engine.connect() as connection:
        return {
            table.name: connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all()
            for table in TABLES
        }


def numbers(ledger: Ledger, update: int) -> set[tuple[str, str, int]]:
    """(number, as-of, role) of an update."""
    return {(row.number, row.as_of, row.role) for row in rows(ledger)["numbers"] if row.update_id == update}


def test_an_update_is_found_by_its_values_its_differences_and_what_is_stated(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-01", "119154"), ("guns", "2025-01-01", "~20")])
    book.release(
        "2025-02-02T06:00:00Z",
        [("tanks", "2025-01-01", "119154"), ("tanks", "2025-01-15", "121507"), ("tanks", "2025-02-01", "121500.5"),
         ("guns", "2025-01-01", "18..22")],
        stated={"tanks": "-6.5"},
    )  # fmt: skip
    assert numbers(book.ledger, 1) == {("119154", "2025-01-01", index.VALUE), ("20", "2025-01-01", index.HEDGED)}
    assert numbers(book.ledger, 2) == {
        ("121507", "2025-01-15", index.VALUE), ("2353", "2025-01-15", index.DIFFERENCE),
        ("121500.5", "2025-02-01", index.VALUE), ("6.5", "2025-02-01", index.DIFFERENCE),
        ("6.5", "2025-02-01", index.STATED),
        ("18", "2025-01-01", index.HEDGED), ("22", "2025-01-01", index.HEDGED),
    }  # fmt: skip


def test_an_older_ledger_is_filled_with_what_recording_would_have_kept(tmp_path: Path) -> None:
    book, chance = Book(tmp_path, source(coverage="latest")), random.Random(5)
    for month in range(1, 7):
        values = [(ref, f"2025-{month:02}-{day:02}", str(chance.randrange(100, 200)))
                  for ref in ("tanks", "guns") for day in sorted(chance.sample(range(1, 28), 3))]  # fmt: skip
        book.release(
            f"2025-{month:02}-28T06:00:00Z", values, stated={"tanks": str(chance.randrange(1, 90))}, hold=False
        )
    before = rows(book.ledger)
    assert len(before["numbers"]) > 50
    with book.ledger.engine.begin() as connection:
        for table in TABLES:
            connection.execute(sa.delete(table))
        assert len(list(index.out_of_step(connection, lambda digest: index.text_of(book.archive, digest)))) == 8
        index.fill(connection, lambda digest: index.text_of(book.archive, digest))
    assert rows(book.ledger) == before
    assert list(book.ledger.verify()) == []


def test_what_was_redacted_is_no_longer_among_the_words(tmp_path: Path) -> None:
    from tests.storage.test_search import PROSE, say

    book = Book(tmp_path, PROSE)
    digest = say(book, "2025-01-02T06:00:00Z", "The ministry said that Vasyl and 1,234 others are missing.", "1,234")
    (kept_words,) = rows(book.ledger)["quote_words"]
    assert "vasyl" in kept_words.words.split()
    redact(book.ledger.engine, book.archive, digest, by="Ann", why="a name", at=Instant("2025-01-03T06:00:00Z"))
    assert "vasyl" not in str(rows(book.ledger)["quote_words"])
    assert list(book.ledger.verify()) == []


def test_a_source_that_is_rewound_leaves_nothing_to_find(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-02T06:00:00Z", days(1, 2))
    first = rows(book.ledger)
    book.release("2025-01-03T06:00:00Z", [*days(1, 3), ("guns", "2025-01-03", "77")])
    with book.ledger.engine.begin() as connection:
        connection.execute(sa.update(schema.updates).where(schema.updates.c.id == 2).values(known_at="2999-01-01"))
    book.ledger.rewind("book", now(), who="Ann", why="the clock ran ahead")
    assert rows(book.ledger) == first


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Das Gesundheitsministerium in ZÜRICH", "zurich gesundheits"),
        ("Підтверджено загибель 121 507 військових", "ЗАГИБЕЛЬ військов"),
        ("قُتِل ٢٣٥٣ شخصًا في المدينة", "قتل 2353 المدينة"),
        ("東京で12人が死亡した", "死亡 東京"),
        ("東京で12人が死亡した", "京"),
        ("ผู้เสียชีวิตในกรุงเทพ", "กรุงเทพ"),
        ("मृतकों की संख्या", "मृतकों"),
        ("Ｎｏｒｌａｎｄ's “dead”", "norland dead"),
    ],
)  # fmt: skip
def test_a_word_of_any_script_is_found_as_it_is_typed(text: str, question: str) -> None:
    there = set(terms(text))
    assert all(fits(word, there) for word in asked(question)), (there, asked(question))
    assert not any(fits(word, there) for word in asked("elsewhere 城市 інше مكان"))
    assert fold(fold(text)) == fold(text)
    assert set(kept([text, text]).split(" ")) == there
