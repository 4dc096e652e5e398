"""A release that brings a part of what is known: nothing goes, and it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from model import PART, FigureRule
from tests.storage.books import Book, Row, source


def table(day: int, places: range) -> list[Row]:
    return [(f"cases{PART}Camp {place}", f"2025-01-{day:02}", str(100 + 10 * place + day)) for place in places]


def book_of(folder: Path, coverage: str) -> Book:
    return Book(folder, source(figures=(FigureRule(id="cases", column="c"),), coverage=coverage))


@pytest.mark.parametrize(("known", "left"), [(19, 1), (15, 3), (19, 12), (4, 1), (40, 31), (300, 20)])
def test_rows_that_are_gone_from_a_whole_table_stay_until_a_person_decides(
    tmp_path: Path, known: int, left: int
) -> None:
    book = book_of(tmp_path, "full")
    book.release("2025-01-01T06:00:00Z", table(1, range(known)))
    before = book.values()
    book.release("2025-01-02T06:00:00Z", table(1, range(left)))
    assert book.values() == before
    assert {result for _, result in book.checks()} == {"hold"}
    book.release("2025-01-03T06:00:00Z", table(1, range(known)))
    assert (book.values(), book.ledger.views.held()) == (before, [])


@pytest.mark.parametrize(("known", "left"), [(19, 17), (5, 3), (40, 38)])
def test_a_row_or_two_that_are_taken_out_are_withdrawn(tmp_path: Path, known: int, left: int) -> None:
    book = book_of(tmp_path, "full")
    book.release("2025-01-01T06:00:00Z", table(1, range(known)))
    book.release("2025-01-02T06:00:00Z", table(1, range(left)))
    assert (len(book.values()), book.checks()) == (left, [])


@pytest.mark.parametrize("coverage", ["window", "latest"])
@pytest.mark.parametrize(("left", "told"), [(3, True), (9, True), (10, False), (15, False)])
def test_a_table_that_may_leave_rows_out_says_so_where_it_leaves_out_many(
    tmp_path: Path, coverage: str, left: int, told: bool
) -> None:
    book = book_of(tmp_path, coverage)
    book.release("2025-01-01T06:00:00Z", table(1, range(15)))
    book.release("2025-01-02T06:00:00Z", [*table(1, range(left)), *table(2, range(left))])
    assert book.checks() == ([("partial", "warn")] if told else [])
    assert len(book.values()) == 15 + left
    assert ("book/cases/camp-1" in str(book.newest().checks)) is told


def test_places_that_have_ended_are_not_missed_for_ever(tmp_path: Path) -> None:
    book = book_of(tmp_path, "latest")
    book.release("2025-01-01T06:00:00Z", table(1, range(15)))
    for day, told in ((2, [("partial", "warn")]), (3, [("partial", "pass")]), (4, [])):
        book.release(f"2025-01-{day:02}T06:00:00Z", table(day, range(5)))
        assert book.checks() == told
