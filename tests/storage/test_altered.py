"""Whatever is altered beside the versions themselves is found too: what a series is, summaries, sizes, strays."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.storage.books import Book, days, source


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", [*days(1, 20), *days(1, 3, ref="guns")])
    book.release("2025-01-21T06:00:00Z", [*days(1, 21), *days(1, 2, ref="guns")], hold=False)
    book.release("2025-01-22T06:00:00Z", [*days(1, 21, start=101), *days(1, 2, ref="guns")], hold=False)
    assert list(book.ledger.verify()) == []
    return book


def alter(url: str, statement: str) -> int:
    """Change rows behind the ledger's back, where no foreign key stands in the way; returns how many."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            count = file.execute(statement).rowcount
            file.commit()
            return count
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        return connection.execute(statement.encode()).rowcount


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("UPDATE series SET unit = 'people' WHERE key = 'book/guns'", "book/1: what it records"),
        ("UPDATE series SET kind = 'change' WHERE key = 'book/guns'", "book/1: what it records"),
        ("UPDATE series SET whom = 'soldiers'", "book/1: what it records"),
        ("UPDATE series SET attributed_to = '[\"a ministry\"]'", "book/1: what it records"),
        ("UPDATE series SET key = 'book/other' WHERE key = 'book/guns'", "book/1: what it records"),
        ("UPDATE updates SET groups = '[]' WHERE number = 3", "book/3: what it records"),
        ("UPDATE updates SET horizon = '' WHERE number = 3", "book/3: what it records"),
        ("UPDATE updates SET changes = 1 WHERE number = 3", "book/3: what it records"),
        ("UPDATE updates SET echoes = 1 WHERE number = 3", "book/3: what it records"),
        ("UPDATE updates SET snapshot_id = 1 WHERE number = 3", "book/3: what it records"),
        ("UPDATE snapshots SET size = size + 1", "not the"),
        ("UPDATE current SET update_id = 1", "book/tanks@2025-01-01: the accepted value"),
        ("UPDATE current SET withdrawn = 0", "book/guns@2025-01-03: the accepted value"),
        ("UPDATE current SET content = '1' WHERE withdrawn = 1", "book/guns@2025-01-03: the accepted value"),
        ("INSERT INTO current VALUES (1, '1999-01-01', 1, '5', 0)", "1999-01-01: it is accepted"),
        ("INSERT INTO current VALUES (2, '2099-01-01', 1, '5', 0)", "2099-01-01: it is accepted"),
        (
            "INSERT INTO versions (series_id, as_of, update_id, kind, content, held) "
            "VALUES (1, '1999-01-01', 99, 'late', '5', 1)",
            "versions: 1 rows belong to no update",
        ),
        (
            "INSERT INTO checks (update_id, position, name, result, message) VALUES (99, 0, 'a', 'pass', 'm')",
            "checks: 1 rows belong to no update",
        ),
    ],
)
def test_any_altered_row_is_found_and_named(book: Book, tampering: str, told: str) -> None:
    assert alter(book.url, tampering) > 0
    problems = list(book.ledger.verify())
    assert any(told in problem for problem in problems), problems


def test_one_alteration_does_not_hide_the_next(book: Book) -> None:
    with book.ledger.engine.begin() as connection:
        connection.execute(sa.text("UPDATE versions SET content = '9' WHERE update_id IN (1, 3)"))
    named = {problem.partition(":")[0] for problem in book.ledger.verify()}
    assert {"book/1", "book/3"} <= named
