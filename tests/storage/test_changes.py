"""What changed: each kind of change, told from what was accepted before."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from model import Day, FigureRule, LedgerError, Reader
from storage import schema
from storage.groups import Summed, summarise
from tests.storage.books import Book, days, source


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path, source())


def test_the_first_release_shows_every_observation_for_the_first_time(book: Book) -> None:
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-01", "10"), ("tanks", "2025-01-02", "12")])
    assert [kind for kind, _, _ in book.kinds()] == ["first", "first"]


def test_a_later_as_of_is_new_and_its_difference_is_against_the_latest_earlier_one(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "119154")])
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-01", "119154"), ("tanks", "2025-01-02", "121507")])
    (change,) = book.newest().changes
    assert (change.kind, change.difference) == ("new", Decimal(2353))
    assert change.old is not None
    assert (change.old.value, change.old.as_of) == (Decimal(119154), "2025-01-01")


def test_a_new_observation_with_the_same_value_is_new_with_difference_zero(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "23")])
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-01", "23"), ("tanks", "2025-01-02", "23")])
    (change,) = book.newest().changes
    assert (change.kind, change.difference) == ("new", Decimal(0))


def test_an_as_of_never_recorded_that_is_not_later_is_late(book: Book) -> None:
    book.release("2025-01-03T06:00:00Z", [("tanks", "2025-01-01", "10"), ("tanks", "2025-01-03", "14")])
    book.release("2025-01-04T06:00:00Z", days(1, 3, start=10))
    assert book.kinds() == [("late", "book/tanks", "2025-01-02")]


def test_a_blank_that_is_filled_is_late_and_not_restored(book: Book) -> None:
    book.release("2025-01-03T06:00:00Z", [("tanks", "2025-01-02", ""), ("tanks", "2025-01-03", "14")])
    book.release("2025-01-04T06:00:00Z", [("tanks", "2025-01-02", "12"), ("tanks", "2025-01-03", "14")])
    assert book.kinds() == [("late", "book/tanks", "2025-01-02")]


def test_the_same_as_of_with_another_value_is_revised_and_names_the_update_it_reverts_to(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10")])
    book.release("2025-01-01T07:00:00Z", [("tanks", "2025-01-01", "11")])
    assert book.newest().changes[0].marks.reverts is None
    book.release("2025-01-01T08:00:00Z", [("tanks", "2025-01-01", "10")], salt="again")
    (change,) = book.newest().changes
    assert (change.kind, change.difference, change.marks.reverts) == ("revised", Decimal(-1), "book/1")


def test_the_same_value_with_another_hedge_is_requalified(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10")])
    book.release("2025-01-01T07:00:00Z", [("tanks", "2025-01-01", "~10")])
    (change,) = book.newest().changes
    assert (change.kind, change.difference) == ("requalified", Decimal(0))


@pytest.mark.parametrize(
    ("rows", "how"),
    [
        ([("tanks", "2025-01-01", ""), ("guns", "2025-01-01", "5"), ("tanks", "2025-01-02", "12")], "cell"),
        ([("guns", "2025-01-01", "5"), ("tanks", "2025-01-02", "12")], "cell"),
        ([("tanks", "2025-01-02", "12"), ("guns", "2025-01-02", "6")], "row"),
    ],
)
def test_a_full_table_that_states_a_cell_no_longer_withdraws_it(
    book: Book, rows: list[tuple[str, str, str]], how: str
) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10"), ("tanks", "2025-01-02", "12")])
    book.release("2025-01-02T06:00:00Z", rows)
    withdrawn = [change for change in book.newest().changes if change.kind == "withdrawn"]
    assert [(change.as_of, change.new, change.marks.how) for change in withdrawn] == [("2025-01-01", None, how)]
    assert ("tanks", "2025-01-01") not in book.values()


def test_a_column_that_is_gone_withdraws_its_series(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10"), ("guns", "2025-01-01", "5")])
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-01", "10")])
    assert [change.marks.how for change in book.newest().changes] == ["series"]


def test_a_withdrawn_value_stated_again_is_restored_and_its_old_is_the_last_value(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10"), ("guns", "2025-01-01", "5")])
    book.release("2025-01-02T06:00:00Z", [("guns", "2025-01-01", "5")])
    book.release("2025-01-03T06:00:00Z", [("tanks", "2025-01-01", "11"), ("guns", "2025-01-01", "5")])
    (change,) = book.newest().changes
    assert (change.kind, change.old and change.old.value, change.difference) == ("restored", Decimal(10), Decimal(1))


@pytest.mark.parametrize("coverage", ["latest", "window"])
def test_only_full_coverage_withdraws(tmp_path: Path, coverage: str) -> None:
    book = Book(tmp_path, source(coverage=coverage))
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10"), ("guns", "2025-01-01", "5")])
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-02", "12")])
    assert book.kinds() == [("new", "book/tanks", "2025-01-02")]


def test_a_release_that_states_nothing_withdraws_nothing(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10")])
    done = book.release("2025-01-02T06:00:00Z", [])
    assert (done.state, done.changes) == ("failed", 0)
    assert book.values() == {("tanks", "2025-01-01"): "10"}


def test_a_cell_that_cannot_be_read_is_neither_a_value_nor_withdrawn(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10"), ("guns", "2025-01-01", "5")])
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-01", "?"), ("guns", "2025-01-01", "5")])
    assert book.kinds() == []
    assert book.values()["tanks", "2025-01-01"] == "10"


def test_a_key_stated_once_readably_and_once_not_has_the_readable_value(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "?"), ("tanks", "2025-01-01", "10")])
    assert book.values() == {("tanks", "2025-01-01"): "10"}


def test_a_row_that_moves_to_another_day_is_marked_on_both_sides(book: Book) -> None:
    wrong = [("tanks", "2025-01-01", "265000"), ("tanks", "2025-01-03", "265680")]
    book.release("2025-01-05T06:00:00Z", wrong)
    book.release("2025-01-05T07:00:00Z", [("tanks", "2025-01-01", "265000"), ("tanks", "2025-01-02", "265680")])
    marks = {change.kind: (change.as_of, change.marks.redated) for change in book.newest().changes}
    assert marks == {"withdrawn": ("2025-01-03", "2025-01-02"), "late": ("2025-01-02", "2025-01-03")}


def test_one_small_number_that_comes_back_elsewhere_is_no_redated_row(book: Book) -> None:
    book.release("2025-01-05T06:00:00Z", [("tanks", "2025-01-01", "5"), ("tanks", "2025-01-03", "7")])
    book.release("2025-01-05T07:00:00Z", [("tanks", "2025-01-01", "5"), ("tanks", "2025-01-02", "7")])
    assert {change.marks.redated for change in book.newest().changes} == {None}


def test_a_key_stated_twice_with_two_values_counts_neither_and_one_with_equal_values_only_warns(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10"), ("guns", "2025-01-01", "5")])
    book.release(
        "2025-01-02T06:00:00Z",
        [("tanks", "2025-01-01", "11"), ("tanks", "2025-01-01", "12"), ("guns", "2025-01-01", "5")] * 2,
    )
    assert book.kinds() == []
    assert book.values()["tanks", "2025-01-01"] == "10"
    assert book.checks() == [("duplicate_key", "hold"), ("duplicate_key", "warn")]


def test_the_same_undated_figure_is_no_new_observation_and_another_fetched_on_the_same_day_is_new(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path, source(coverage="latest"))
    book.release("2025-07-18T06:00:00Z", [("tanks", None, "119154")])
    assert book.release("2025-07-19T06:00:00Z", [("tanks", None, "119154")], salt="noise").changes == 0
    book.release("2025-08-02T06:00:00Z", [("tanks", None, "121507")])
    (change,) = book.newest().changes
    assert (change.kind, change.as_of, change.difference) == ("new", "2025-08-02", Decimal(2353))
    assert change.old is not None
    assert change.old.as_of == "2025-07-18"
    book.release("2025-08-02T09:00:00Z", [("tanks", None, "121508")])
    (change,) = book.newest().changes
    assert (change.kind, change.as_of, change.difference) == ("new", "2025-08-02", Decimal(1))
    assert book.values() == {("tanks", "2025-07-18"): "119154", ("tanks", "2025-08-02"): "121508"}
    assert list(book.ledger.verify()) == []
    assert {row.as_of_basis for row in book.ledger.views.table()} == {"fetched"}


def test_an_undated_table_that_drops_a_row_withdraws_its_newest_observation_and_restores_it_when_it_returns(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-01T06:00:00Z", [("tanks", None, "10"), ("guns", None, "5")])
    book.release("2025-01-02T06:00:00Z", [("tanks", None, "11"), ("guns", None, "5")])
    book.release("2025-01-03T06:00:00Z", [("guns", None, "5")])
    assert book.kinds() == [("withdrawn", "book/tanks", "2025-01-02")]
    book.release("2025-01-04T06:00:00Z", [("tanks", None, "11"), ("guns", None, "5")])
    assert book.kinds() == [("restored", "book/tanks", "2025-01-04")]


def test_a_publication_date_dates_what_the_report_does_not(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="latest"))
    book.release("2025-08-02T06:00:00Z", [("tanks", None, "5")], published="2025-07-30")
    (row,) = book.ledger.views.table()
    assert (row.as_of, row.as_of_basis) == ("2025-07-30", "published")


def test_a_derived_column_is_stored_and_its_echoes_are_not_listed(tmp_path: Path) -> None:
    from model import Derived

    figures = (
        FigureRule(id="change", column="change", kind="change"),
        FigureRule(id="total", column="total", derived=Derived(running_sum_of="change")),
    )
    book = Book(tmp_path, source(figures=figures))
    book.release("2025-01-01T06:00:00Z", [("change", "2025-01-01", "3"), ("total", "2025-01-01", "3")])
    book.release("2025-01-02T06:00:00Z", [("change", "2025-01-01", "4"), ("total", "2025-01-01", "4")])
    update = book.newest()
    assert [change.series for change in update.changes] == ["book/change"]
    assert (update.changes_total, update.echoes) == (1, 1)
    assert book.values()["total", "2025-01-01"] == "4"


def test_the_same_text_read_by_the_same_reader_makes_no_update_and_a_b_a_makes_three(book: Book) -> None:
    a, b = [("tanks", "2025-01-01", "10")], [("tanks", "2025-01-01", "11")]
    names = [
        book.release(f"2025-01-01T0{hour}:00:00Z", rows).update for hour, rows in enumerate([a, a, b, b, a], start=1)
    ]
    assert names == ["book/1", None, "book/2", None, "book/3"]


def test_another_reader_reads_again_and_its_differences_are_our_own(book: Book) -> None:
    rows = [("tanks", "2025-01-01", "10")]
    book.release("2025-01-01T06:00:00Z", rows)
    book.release("2025-01-01T06:00:00Z", rows, reader=Reader("csv", 2, "options"), cause="replay", why="extraction")
    assert book.kinds() == []
    book.release(
        "2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "100")], reader=Reader("csv", 3, "options"),
        cause="replay", why="extraction",
    )  # fmt: skip
    assert [(change.kind, change.why) for change in book.newest().changes] == [("revised", "extraction")]


def test_a_release_older_than_the_newest_is_refused(book: Book) -> None:
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-01", "10")])
    with pytest.raises(LedgerError, match="older than the newest"):
        book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "9")])


def test_differences_of_ranges_shares_and_ratios_are_null(tmp_path: Path) -> None:
    figures = (FigureRule(id="share", column="share", kind="share"), FigureRule(id="total", column="total"))
    book = Book(tmp_path, source(figures=figures))
    book.release("2025-01-01T06:00:00Z", [("total", "2025-01-01", "10..20")])
    book.release("2025-01-02T06:00:00Z", [("total", "2025-01-01", "10..25")])
    (change,) = book.newest().changes
    assert (change.kind, change.difference) == ("revised", None)
    assert change.new is not None
    assert (change.new.low, change.new.high, change.new.value) == (Decimal(10), Decimal(25), None)


def test_many_changes_are_summarised_by_kind_and_series(book: Book) -> None:
    book.release("2025-01-20T06:00:00Z", days(1, 20))
    revised = [(ref, day, str(int(value) + (5 if day < "2025-01-04" else -1))) for ref, day, value in days(1, 9)]
    book.release("2025-01-21T06:00:00Z", [*revised, *days(10, 21)])
    groups = {group.kind: group for group in book.newest().groups}
    past = groups["revised"]
    assert (past.count, past.up, past.down, past.net, past.largest) == (9, 3, 5, None, Decimal(5))
    assert past.held == 1  # a fall, which does not count
    assert (past.as_of_first, past.as_of_last, past.series) == ("2025-01-01", "2025-01-09", "book/tanks")
    assert groups["new"].count == 1


def test_several_new_days_each_go_on_from_the_day_before(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "100")])
    book.release("2025-01-04T06:00:00Z", [("tanks", f"2025-01-0{day}", str(100 + 10 * day)) for day in (1, 2, 3, 4)])
    update = book.newest()
    told = {change.as_of: change for change in update.changes if change.kind == "new"}
    assert [told[Day(f"2025-01-0{day}")].difference for day in (2, 3, 4)] == [10, 10, 10]
    assert [change.old.value for _, change in sorted(told.items()) if change.old] == [110, 120, 130]
    (group,) = (one for one in update.groups if one.kind == "new")
    assert group.net == 30  # from 110, as the same update leaves the day before; that it was 100 is a revision
    assert group.old is not None
    assert group.new is not None
    assert (group.old.value, group.new.value) == (110, 140)


def test_new_increments_come_to_their_own_sum() -> None:
    days = [("2025-01-02", "30"), ("2025-01-03", "20")]
    (group,) = summarise(Summed("new", "a/cases", "other", "change", Day(day), "50", value) for day, value in days)
    assert (group.net, group.counted) == (50, "change")


def test_nothing_is_summed_over_series(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(25)]
    book = Book(tmp_path, source(figures=tuple(FigureRule(id=name, column=name) for name in names), coverage="latest"))
    for day in (1, 2):
        book.release(f"2025-01-0{day}T06:00:00Z", [(name, f"2025-01-0{day}", str(100 * day)) for name in names])
    (group,) = book.newest().groups
    assert (group.series, group.net, group.count, group.series_count, group.up) == (None, None, 25, 25, 25)
    assert group.largest_series in {f"book/{name}" for name in names}
    assert b'"net"' not in msgspec.json.encode(group)


def test_what_grew_within_a_day_moved_its_series() -> None:
    """Found by the law of telling over oryx_types: an undated table grows twice in a day, and its groups denied it."""
    again = Summed("new", "s/tanks", "destroyed", "total", Day("2025-01-01"), "100", "103", base=Day("2025-01-01"))
    (group,) = summarise([again])
    assert (group.net, group.up, group.largest) == (3, 1, 3)
    assert group.old is not None
    assert group.old.value == 100


def test_a_summary_of_an_older_form_is_made_anew(book: Book) -> None:
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "100")])
    book.release("2025-01-03T06:00:00Z", [("tanks", f"2025-01-0{day}", f"1{day - 1}0") for day in (1, 2, 3)])
    nested = '[["new","book/tanks",null,2,"2025-01-02","2025-01-03",30,2,0,20]]'
    with book.ledger.engine.begin() as connection:
        connection.execute(schema.updates.update().where(schema.updates.c.number == 2).values(groups=nested))
    (group,) = book.newest().groups
    assert group.net == 20
