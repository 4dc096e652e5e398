"""Stated against computed: a report's own increment, and the version it counts from."""

from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from model import FigureRule, Match, SeriesRule, Stated
from tests.storage.books import Book, source


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path, source(coverage="latest"))


def stated(book: Book) -> Stated:
    found = book.newest().changes[0].stated
    assert found is not None
    return found


def test_a_stated_increment_that_the_ledger_gives_matches_and_names_its_baseline(book: Book) -> None:
    book.release("2025-07-18T06:00:00Z", [("tanks", "2025-07-18", "119154")])
    book.release("2025-08-02T06:00:00Z", [("tanks", "2025-08-02", "121507")], stated={"tanks": "2353"})
    found = stated(book)
    assert found.verdict == "matches"
    assert found.baseline is not None
    assert (found.baseline.update, found.baseline.as_of, found.baseline.value) == (
        "book/1",
        "2025-07-18",
        Decimal(119154),
    )
    assert (found.computed, found.baseline.versions_back) == (Decimal(2353), 1)


def test_the_value_decides_and_the_nearest_earlier_as_of_is_taken(book: Book) -> None:
    for day, value in ((1, "100"), (2, "100"), (3, "110")):
        book.release(f"2025-07-0{day}T06:00:00Z", [("tanks", f"2025-07-0{day}", value)])
    book.release("2025-07-04T06:00:00Z", [("tanks", "2025-07-04", "120")], stated={"tanks": "20"})
    baseline = stated(book).baseline
    assert baseline is not None
    assert (baseline.as_of, baseline.versions_back, stated(book).computed) == ("2025-07-02", 2, Decimal(10))


def test_a_superseded_version_may_be_what_the_report_counts_from(book: Book) -> None:
    book.release("2025-07-01T06:00:00Z", [("tanks", "2025-07-01", "100")])
    book.release("2025-07-01T09:00:00Z", [("tanks", "2025-07-01", "101")])
    book.release("2025-07-02T06:00:00Z", [("tanks", "2025-07-02", "120")], stated={"tanks": "20"})
    baseline = stated(book).baseline
    assert baseline is not None
    assert (baseline.update, stated(book).computed) == ("book/1", Decimal(19))


@pytest.mark.parametrize(
    ("value", "increment", "verdict"),
    [
        ("120", "15", "missed"),  # counts from 105, above the last 100: an update between was missed
        ("120", "25", "mismatch"),
        ("120", "~20", "approximately"),
        ("2500", "~2400", "approximately"),
        ("2500", ">2000", "approximately"),
    ],
)
def test_every_verdict_follows_from_the_numbers(book: Book, value: str, increment: str, verdict: str) -> None:
    book.release("2025-07-01T06:00:00Z", [("tanks", "2025-07-01", "100")])
    book.release("2025-07-02T06:00:00Z", [("tanks", "2025-07-02", value)], stated={"tanks": increment})
    assert stated(book).verdict == verdict


def test_a_mismatch_gives_both_numbers(book: Book) -> None:
    book.release("2025-07-01T06:00:00Z", [("tanks", "2025-07-01", "100")])
    book.release("2025-07-02T06:00:00Z", [("tanks", "2025-07-02", "120")], stated={"tanks": "25"})
    found = stated(book)
    assert (found.value, found.computed, found.implied_base, found.baseline) == (
        Decimal(25),
        Decimal(20),
        Decimal(95),
        None,
    )


def test_the_first_report_has_no_baseline(book: Book) -> None:
    book.release("2025-07-02T06:00:00Z", [("tanks", "2025-07-02", "120")], stated={"tanks": "25"})
    assert stated(book).verdict == "no_baseline"


def test_a_held_value_is_no_baseline(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    rows = [("tanks", f"2025-07-{day:02}", str(100 + day)) for day in range(1, 21)]
    book.release("2025-07-20T06:00:00Z", rows)
    book.release("2025-07-21T06:00:00Z", [*rows, ("tanks", "2025-07-21", "1210")])
    book.release("2025-07-22T06:00:00Z", [*rows, ("tanks", "2025-07-22", "1220")], stated={"tanks": "10"})
    change = next(one for one in book.newest().changes if one.as_of == "2025-07-22")
    assert change.stated is not None
    assert change.stated.verdict == "missed"


def test_a_carrier_is_compared_with_the_ledger_of_the_source_it_speaks_of(tmp_path: Path) -> None:
    book = Book(tmp_path, source("mediazona", coverage="latest"))
    book.release("2025-07-18T06:00:00Z", [("tanks", None, "119154")])
    book.release("2025-08-02T06:00:00Z", [("tanks", None, "121507")])
    rule = SeriesRule(id="killed", match=Match(kind="total"), counts_as="mediazona/tanks")
    book.source = replace(source("article", coverage="latest"), extractor="prose", figures=(), series=(rule,))
    book.release("2025-08-13T06:00:00Z", [("killed", "2025-07-31", "121507")], stated={"killed": "2353"})
    found = stated(book)
    assert found.baseline is not None
    assert (found.verdict, found.baseline.series, found.baseline.as_of) == ("matches", "mediazona/tanks", "2025-07-18")


@pytest.mark.parametrize(
    ("said", "verdict", "value"),
    [("12", "matches", -12), ("13", "mismatch", 13), ("~10", "approximately", -10), (">10", "approximately", -10)],
)
def test_a_fall_that_words_tell_is_set_against_the_fall(tmp_path: Path, said: str, verdict: str, value: int) -> None:
    book = Book(tmp_path, source("people", coverage="latest"))
    rule = SeriesRule(id="missing", match=Match(kind="total"), may_fall=True)
    book.source = replace(book.source, extractor="prose", figures=(), series=(rule,))
    book.release("2025-07-18T06:00:00Z", [("missing", "2025-07-18", "552")])
    book.release("2025-08-02T06:00:00Z", [("missing", "2025-08-02", "540")], stated={"missing": said})
    found = stated(book)
    assert (found.verdict, found.value) == (verdict, value)


def test_a_disagreement_warns_nobody_and_holds_nothing(book: Book) -> None:
    book.release("2025-07-01T06:00:00Z", [("tanks", "2025-07-01", "100")])
    done = book.release("2025-07-02T06:00:00Z", [("tanks", "2025-07-02", "102")], stated={"tanks": "25"})
    assert (done.state, done.held) == ("changed", 0)


def test_figures_rules_may_be_many_and_each_increment_finds_its_own(tmp_path: Path) -> None:
    figures = tuple(FigureRule(id=name, column=name) for name in ("a", "b"))
    book = Book(tmp_path, source(figures=figures, coverage="latest"))
    book.release("2025-07-01T06:00:00Z", [("a", "2025-07-01", "10"), ("b", "2025-07-01", "20")])
    book.release(
        "2025-07-02T06:00:00Z",
        [("a", "2025-07-02", "13"), ("b", "2025-07-02", "21")],
        stated={"a": "3", "b": "2"},
    )
    verdicts = {change.series: change.stated and change.stated.verdict for change in book.newest().changes}
    assert verdicts == {"book/a": "matches", "book/b": "mismatch"}
