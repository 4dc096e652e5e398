"""Renames: a row that goes while one comes with nearly the same figures waits for an answer: same, or another count."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from model import FigureRule, series_ref
from tests.storage.books import Book, Row, source

FIGURES = (FigureRule(id="lost", column="lost"), FigureRule(id="taken", column="taken", may_fall=True))


def rows(labels: Sequence[str], lost: int = 400, taken: int = 60) -> list[Row]:
    """One day's undated table: a row a label, each with its own size."""
    table: list[Row] = []
    for place, label in enumerate(labels, start=1):
        table.append((series_ref("lost", ("Russia", label)), None, str(lost * place)))
        table.append((series_ref("taken", ("Russia", label)), None, str(taken * place)))
    return table


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path, source(figures=FIGURES))
    book.release("2025-01-01T06:00:00Z", rows(["Tanks", "Multiple Rocket Launchers", "Radars"]))
    book.release("2025-01-02T06:00:00Z", rows(["Tanks", "Rocket and Missile Artillery", "Radars"], lost=401))
    return book


def test_a_row_under_another_name_is_held_with_both_sides_and_says_what_to_answer(book: Book) -> None:
    assert ("rename", "hold") in book.checks()
    waiting = {(change.kind, change.series) for update in book.ledger.views.held() for change in update.changes}
    assert waiting == {
        (kind, f"book/{figure}/russia/{label}")
        for kind, label in (("withdrawn", "multiple-rocket-launchers"), ("first", "rocket-and-missile-artillery"))
        for figure in ("lost", "taken")
    }
    assert ("lost/russia/multiple-rocket-launchers", "2025-01-01") in book.values()


def test_called_the_same_the_series_goes_on_as_new_under_its_old_key(book: Book) -> None:
    book.ledger.decide("book", "book/2", "same", who="Ann", why="the heading was reworded")
    assert book.kinds() == [
        ("new", "book/lost/russia/multiple-rocket-launchers", "2025-01-02"),
        ("new", "book/taken/russia/multiple-rocket-launchers", "2025-01-02"),
    ]
    book.release("2025-01-03T06:00:00Z", rows(["Tanks", "Rocket and Missile Artillery", "Radars"], lost=402))
    assert ("new", "book/lost/russia/multiple-rocket-launchers", "2025-01-03") in book.kinds()
    assert book.ledger.views.held() == []
    assert list(book.ledger.verify()) == []


def test_accepted_as_another_count_the_old_row_is_withdrawn_and_the_new_one_is_first(book: Book) -> None:
    book.ledger.decide("book", "book/2", "accept", who="Ann", why="two headings were merged")
    assert [kind for kind, _, _ in book.kinds()] == ["first", "first", "withdrawn", "withdrawn"]
    values = {key for key, _ in book.values()}
    assert "lost/russia/rocket-and-missile-artillery" in values


def test_while_it_waits_the_question_is_asked_once(book: Book) -> None:
    book.release("2025-01-03T06:00:00Z", rows(["Tanks", "Rocket and Missile Artillery", "Radars"], lost=401), salt="x")
    assert "rename" not in [name for name, _ in book.checks()]
    assert [update.update for update in book.ledger.views.held()] == ["book/2"]


def test_a_row_with_other_figures_is_no_rename(tmp_path: Path) -> None:
    book = Book(tmp_path, source(figures=FIGURES))
    book.release("2025-01-01T06:00:00Z", rows(["Tanks", "Launchers"]))
    book.release("2025-01-02T06:00:00Z", [*rows(["Tanks"]), *rows(["Drones"], lost=5000, taken=7)])
    assert book.checks() == []
    assert {kind for kind, _, _ in book.kinds()} == {"first", "withdrawn"}


def test_of_two_rows_that_fit_the_likelier_name_is_taken(tmp_path: Path) -> None:
    book = Book(tmp_path, source(figures=FIGURES))
    book.release("2025-01-01T06:00:00Z", rows(["Radars"]))
    book.release("2025-01-02T06:00:00Z", [*rows(["Boats"]), *rows(["Radars And Communications Equipment"])])
    proposed = [change for update in book.ledger.views.held() for change in update.changes if change.kind == "first"]
    assert {change.series.rpartition("/")[2] for change in proposed} == {"radars-and-communications-equipment"}


def test_without_hold_a_rename_is_only_a_warning(tmp_path: Path) -> None:
    book = Book(tmp_path, source(figures=FIGURES))
    book.release("2025-01-01T06:00:00Z", rows(["Launchers"]), hold=False)
    book.release("2025-01-02T06:00:00Z", rows(["Rocket Launchers"]), hold=False)
    assert book.checks() == [("rename", "warn")]
    assert {kind for kind, _, _ in book.kinds()} == {"first", "withdrawn"}
