"""Guards that could be taken out unseen: each test fails when its guard is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from model import CheckName, CheckResult, Day, Expect
from tests.changes.test_kinds import Shelf, guns, tanks
from tests.storage.books import Book, Row, days, source

UNREADABLE_ROW = CheckResult(name=CheckName.UNREADABLE_ROW.value, result="warn", message="a row has one cell too few")


@pytest.mark.parametrize(("figures", "held"), [(1, True), (2, False), (3, False), (4, True)])
def test_a_release_with_fewer_or_more_figures_than_expected_waits_whole(
    tmp_path: Path, figures: int, held: bool
) -> None:
    book = Book(tmp_path, source(expect=Expect(figures=(2, 3))))
    book.release("2025-02-01T06:00:00Z", days(1, figures))
    assert (("count_out_of_bounds", "hold") in book.checks()) is held
    assert all(change.held is held for change in book.newest().changes)
    assert len(book.values()) == (0 if held else figures)


def test_a_row_that_cannot_be_read_withdraws_no_row_but_a_blank_cell_is_still_gone(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    table: list[Row] = [*days(1, 3), ("guns", "2025-01-01", "7")]
    book.release("2025-02-01T06:00:00Z", table)
    less: list[Row] = [*days(1, 2), ("guns", "2025-01-01", "")]
    book.release("2025-02-02T06:00:00Z", less, checks=[UNREADABLE_ROW])
    assert book.kinds() == [("withdrawn", "book/guns", "2025-01-01")]
    book.release("2025-02-03T06:00:00Z", less, salt="all rows are legible")
    assert book.kinds() == [("withdrawn", "book/tanks", "2025-01-03")]


def test_two_values_under_one_key_end_no_hold(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-03T06:00:00Z", days(1, 2))
    ahead: Row = ("tanks", "2025-03-01", "150")
    book.release("2025-01-04T06:00:00Z", [*days(1, 2), ahead])
    assert [update.update for update in book.ledger.views.held()] == ["book/2"]
    twice: list[Row] = [("tanks", "2025-03-01", "160"), ("tanks", "2025-03-01", "170")]
    book.release("2025-01-05T06:00:00Z", [*days(1, 2), *twice])
    assert ("duplicate_key", "hold") in book.checks()
    assert "book/2" in [update.update for update in book.ledger.views.held()]


def test_a_blank_cell_is_told_as_a_cell_even_where_its_row_has_nothing_else(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-02-01T06:00:00Z", [("tanks", "2025-01-01", "10"), ("guns", "2025-01-02", "7")])
    book.release("2025-02-02T06:00:00Z", [("tanks", "2025-01-01", ""), ("guns", "2025-01-02", "7")])
    assert [(one.kind, one.marks.how) for one in book.newest().changes] == [("withdrawn", "cell")]


def test_a_replay_leaves_values_alone_that_wait_for_a_person(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Expect(figures=(0, 3)))
    one = tanks((Day("2025-01-01"), "10"))
    more = tanks(*((Day(f"2025-01-0{day}"), str(9 + day)) for day in range(1, 5)))
    shelf.release(one)
    shelf.release([*more, *GUN])
    before = shelf.book.values()
    assert [update.update for update in shelf.book.ledger.views.held()] == ["book/2"]
    shelf.replay([one, [*tanks((Day("2025-01-01"), "10"), (Day("2025-01-02"), "99")), *GUN]])
    assert shelf.book.newest().update == "book/2"
    assert shelf.book.values() == before
    assert [update.update for update in shelf.book.ledger.views.held()] == ["book/2"]


GUN = guns((Day("2025-01-01"), "7"))
