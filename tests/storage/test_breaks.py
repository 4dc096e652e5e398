"""A count that begins anew (a new year, a new method) is told as such, and nothing is compared across it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from model import Break, FigureRule
from publish.telling import tell
from publish.words import change_sentence
from storage import Ledger
from tests.storage.books import Book, Row, days, source

WHY = "a new year"


def rows(*values: int, first: int = 25) -> list[Row]:
    """A running total of 24 days, and what follows it."""
    return days(1, 24) + [("tanks", f"2025-02-{first - 24 + at:02}", str(value)) for at, value in enumerate(values)]


def yearly(**of: str) -> FigureRule:
    return FigureRule(id="tanks", column="tanks", unit="items", breaks=(Break(as_of="2025-02-01", why=WHY, **of),))


@pytest.fixture
def restarted(tmp_path: Path) -> Book:
    """A counter that stood at 146 in January, and states 3 on 1 February, 5 on the 2nd and 8 on the 3rd."""
    book = Book(tmp_path, source(coverage="full"))
    book.release("2025-01-25T06:00:00Z", days(1, 24))
    for day, values in ((1, (3,)), (2, (3, 5)), (3, (3, 5, 8))):
        book.release(f"2025-02-0{day}T06:00:00Z", rows(*values))
    return book


def test_a_fall_to_little_that_grows_again_is_held_and_proposed_as_a_new_count(restarted: Book) -> None:
    (check,) = (one for one in restarted.newest().checks if one.result == "hold")
    assert check.name == "fall"
    assert "since 2025-02-01 3 values in a row grow again" in check.message
    assert "counted anew from there" in check.message
    assert ("tanks", "2025-02-01") not in restarted.values()


def test_a_fall_by_a_dropped_digit_that_others_contradict_is_no_new_count(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="full"))
    book.release("2025-01-25T06:00:00Z", days(1, 24, start=1000))
    book.release("2025-02-01T06:00:00Z", rows(700))
    (check,) = (one for one in book.newest().checks if one.result == "hold")
    assert "counted anew" not in check.message


def test_accepting_a_break_accepts_what_goes_on_from_it_and_computes_no_difference(restarted: Book) -> None:
    name = restarted.ledger.decide(
        "book", "book/2", "break", who="Ann", why=WHY, series="book/tanks", as_of="2025-02-01"
    )
    update = restarted.ledger.views.update(name)
    first, second, third = sorted(update.changes, key=lambda one: one.as_of)
    assert [one.difference for one in (first, second, third)] == [None, None, None]
    assert (first.marks.series_break, first.old and first.old.value) == (WHY, Decimal(146))
    assert change_sentence(first).startswith(
        "series break: 3, as of 1 February 2025 (a new year); before, and not to be compared: 146"
    )
    assert all(group.net is None for group in update.groups)
    assert restarted.values()["tanks", "2025-02-03"] == "8"
    assert restarted.ledger.views.held() == []
    assert list(restarted.ledger.verify()) == []


def test_after_a_break_steps_are_judged_among_themselves(restarted: Book) -> None:
    restarted.ledger.decide("book", "book/2", "break", who="Ann", why=WHY, series="book/tanks", as_of="2025-02-01")
    restarted.release("2025-02-04T06:00:00Z", rows(3, 5, 8, 10))
    assert restarted.newest().status == "accepted"
    assert [change.difference for change in restarted.newest().changes] == [2]
    restarted.release("2025-02-05T06:00:00Z", rows(3, 5, 8, 10, 900))
    assert restarted.checks() == [("jump", "hold")]
    restarted.release("2025-02-06T06:00:00Z", rows(3, 5, 8, 10, 6))
    assert restarted.checks() == [("fall", "hold")]


def test_whoever_reads_the_series_finds_the_mark(restarted: Book) -> None:
    restarted.ledger.decide("book", "book/2", "break", who="Ann", why=WHY, series="book/tanks", as_of="2025-02-01")
    views = Ledger(restarted.url, restarted.archive).views
    assert {row.as_of for row in views.show("book/tanks") if row.series_break == WHY} == {"2025-02-01"}
    assert [(row.as_of, row.series_break) for row in views.table() if row.series_break] == [("2025-02-01", WHY)]
    (tanks,) = (one for one in views.series() if one.series == "book/tanks")
    assert [(one.as_of, one.why) for one in tanks.series_breaks] == [("2025-02-01", WHY)]


def test_a_break_marked_later_takes_the_difference_of_the_change_back_and_can_be_undone(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="full"))
    book.release("2025-01-25T06:00:00Z", days(1, 24))
    book.release("2025-02-01T06:00:00Z", rows(150))
    where = {"series": "book/tanks", "as_of": "2025-02-01"}
    assert book.newest().changes[0].difference == 4
    book.ledger.decide("book", "book/2", "break", who="Ann", why="counted otherwise", **where)
    assert book.ledger.views.update("book/2").changes[0].difference is None
    assert book.newest().changes_total == 0
    assert "counted anew from here on (Ann: counted otherwise)" in {one.message for one in book.newest().checks}
    book.ledger.decide("book", "book/2", "unbreak", who="Ben", why="it was not", **where)
    assert book.ledger.views.update("book/2").changes[0].difference == 4
    assert list(book.ledger.verify()) == []


def test_a_break_of_the_definition_holds_nothing_and_enters_the_ledger(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="full", figures=(yearly(),)))
    book.release("2025-01-25T06:00:00Z", days(1, 24))
    book.release("2025-02-02T06:00:00Z", rows(5, first=26), stated={"tanks": "2"})
    update = tell(book.newest())
    assert (update.status, update.changes[0].difference, update.changes[0].marks.series_break) == (
        "accepted",
        None,
        WHY,
    )
    assert update.changes[0].stated is not None
    assert update.changes[0].stated.verdict == "no_baseline"
    assert [row.as_of for row in book.ledger.views.table() if row.series_break] == ["2025-02-02"]
    book.release("2025-02-03T06:00:00Z", rows(5, 9, first=26))
    assert [(change.difference, change.marks.series_break) for change in book.newest().changes] == [(4, None)]
    assert list(book.ledger.verify()) == []


def test_a_definition_that_comes_to_know_of_a_break_marks_what_is_recorded(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="full"))
    book.release("2025-01-25T06:00:00Z", days(1, 24))
    book.release("2025-02-01T06:00:00Z", rows(150))
    book.source = source(coverage="full", figures=(yearly(),))
    book.release("2025-02-02T06:00:00Z", rows(150, 152))
    assert book.ledger.views.update("book/2").changes[0].marks.series_break == WHY
    assert list(book.ledger.verify()) == []


def test_a_break_of_every_year_needs_no_list_of_years(tmp_path: Path) -> None:
    rule = FigureRule(id="tanks", column="tanks", breaks=(Break(as_of="2023-10-01", why="season", every="year"),))
    book = Book(tmp_path, source(coverage="full", figures=(rule,)))
    months = [f"{year}-{month:02}-15" for year in (2023, 2024, 2025) for month in range(1, 13)]
    cells: list[Row] = [("tanks", day, str(100 + (int(day[5:7]) - 10) % 12 * 50)) for day in months]
    for at in range(12, 37, 6):
        book.release(f"{cells[at - 1][1]}T12:00:00Z", cells[:at])
        assert book.newest().status == "accepted"
    assert [row.as_of for row in book.ledger.views.table() if row.series_break] == [
        "2023-10-15",
        "2024-10-15",
        "2025-10-15",
    ]


def test_a_break_may_be_one_series_own(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="full", figures=(yearly(series="tanks/north"),)))
    for at, days_shown in (("2025-01-25", 24), ("2025-02-01", 25)):
        book.release(f"{at}T06:00:00Z", [
            (f"tanks\x1f{part}", day, content) for part in ("North", "South") for _, day, content in
            rows(*(150,) * (days_shown - 24))
        ])  # fmt: skip
    assert {row.series for row in book.ledger.views.table() if row.series_break} == {"book/tanks/north"}
