"""A list of what goes on now: items come, change, end and come back; none of that is a rename or a withdrawal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model import Aggregate, CheckResult, Day, FigureRule, Instant, series_ref
from storage import Ledger
from tests.storage.books import Book, Row, source

DAYS = [f"2025-01-0{day}T06:00:00Z" for day in range(1, 9)]


def rows(**items: int) -> list[Row]:
    return [(series_ref("tanks", (name,)), None, str(value)) for name, value in items.items()]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path, source(coverage="list"))
    book.release(DAYS[0], rows(a=1, b=1, c=40))
    book.release(DAYS[1], rows(b=1, c=40, d=1))
    return book


def on_the_list(book: Book, **when: str) -> set[str]:
    known = {name: Instant(value) for name, value in when.items()}
    return {row.series.rpartition("/")[2] for row in book.ledger.views.table("book", **known)}


def told(book: Book) -> list[str]:
    return [check.message for check in book.ledger.views.log("book", limit=1)[0].checks if check.name == "ended"]


def test_an_item_that_is_gone_has_ended_and_keeps_its_past(book: Book) -> None:
    assert [kind for kind, _, _ in book.kinds()] == ["first"]
    assert told(book) == ["no longer on the list: tanks/a"]
    assert on_the_list(book) == {"b", "c", "d"}
    assert on_the_list(book, known_at="2025-01-01T12:00:00Z") == {"a", "b", "c"}
    ended = {one.series: (one.ended, one.latest and one.latest.value) for one in book.ledger.views.series()}
    assert ended["book/tanks/a"] == (True, 1)
    assert ended["book/tanks/b"] == (False, 1)
    assert list(book.ledger.verify()) == []


def test_an_item_that_comes_back_goes_on_whether_or_not_its_value_is_another(book: Book) -> None:
    book.release(DAYS[2], rows(a=1, b=1, c=40, d=1))
    assert told(book) == ["on the list again: tanks/a"]
    assert on_the_list(book) == {"a", "b", "c", "d"}
    book.release(DAYS[3], rows(b=1, c=40))
    book.release(DAYS[4], rows(a=7, b=1, c=40))
    assert [kind for kind, _, _ in book.kinds()] == ["new"]
    assert on_the_list(book) == {"a", "b", "c"}
    assert list(book.ledger.verify()) == []


def test_an_empty_list_is_one_and_the_same_list_again_is_no_update(book: Book) -> None:
    book.release(DAYS[2], rows())
    assert on_the_list(book) == set()
    assert book.checks() == [("ended", "pass")]
    count = len(book.ledger.views.log("book", limit=100))
    book.release(DAYS[3], rows())
    assert len(book.ledger.views.log("book", limit=100)) == count
    book.release(DAYS[4], rows(e=3))
    assert on_the_list(book) == {"e"}


def test_of_a_list_that_was_read_in_doubt_nothing_ends(book: Book) -> None:
    doubt = CheckResult(name="part_of_many", result="warn", message="one page of many was read")
    book.release(DAYS[2], rows(b=1), checks=[doubt])
    assert on_the_list(book) == {"b", "c", "d"}
    book.release(DAYS[3], rows(b=1), salt="whole")
    assert on_the_list(book) == {"b"}


def test_what_has_ended_is_known_to_a_ledger_that_is_opened_anew(book: Book) -> None:
    book.ledger.close()
    book.ledger = Ledger(book.url, book.archive)
    book.release(DAYS[2], rows(b=2, c=40, d=1))
    assert told(book) == []
    assert on_the_list(book) == {"b", "c", "d"}


def counting(folder: Path, **by: Any) -> Book:
    """A list of things with a number each, and their sum and count."""
    figures = (
        FigureRule(id="tanks", column="tanks", kind="change"),
        FigureRule(id="all", aggregate=Aggregate(sum_of="tanks", **by)),
        FigureRule(id="count", aggregate=Aggregate(count_of="tanks", **by)),
    )
    return Book(folder, source(coverage="list", by={"place": "place"}, figures=figures))


def test_what_is_counted_up_of_things_that_come_and_go_has_a_history_and_holds_nobody_up(tmp_path: Path) -> None:
    book = counting(tmp_path)
    for day, items in zip(DAYS, ({"a": 500, "b": 4}, {"b": 4}, {}, {"c": 40, "d": 5}), strict=False):
        counted = [("all", None, str(sum(items.values()))), ("count", None, str(len(items)))]
        book.release(day, [*rows(**items), *counted])
    values = book.values()
    assert [values["all", day[:10]] for day in DAYS[:4]] == ["504", "4", "0", "45"]
    assert [values["count", day[:10]] for day in DAYS[:4]] == ["2", "1", "0", "2"]
    assert list(book.ledger.verify()) == []


def test_a_sum_with_a_held_value_in_it_waits_with_it_and_a_count_does_not(tmp_path: Path) -> None:
    book = counting(tmp_path, each="week")
    days = [("2025-01-06", "5"), ("2025-01-07", "9000")]
    listed: list[Row] = [(series_ref("tanks", (name,)), day, n) for name, (day, n) in zip("ab", days, strict=True)]
    doubt = CheckResult(name="number_format", result="hold", message="9.000", as_of=Day("2025-01-07"))
    book.release("2025-01-13T06:00:00Z", [*listed, ("all", "2025-01-12", "9005"), ("count", "2025-01-12", "2")],
                 checks=[doubt])  # fmt: skip
    assert book.values() == {("tanks/a", "2025-01-06"): "5", ("count", "2025-01-12"): "2"}
    assert [one.message for one in book.newest().checks if one.name == "counted_of_held"] == [
        "counts up book/tanks/b, which waits"
    ]
    again: list[Row] = [*listed, (series_ref("tanks", ("c",)), "2025-01-08", "1")]
    book.release("2025-01-14T06:00:00Z", [*again, ("all", "2025-01-12", "9006"), ("count", "2025-01-12", "3")])
    assert ("all", "2025-01-12") not in book.values()
    assert book.values()["count", "2025-01-12"] == "3"
