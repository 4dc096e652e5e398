"""Holds: what does not count until a person decides, and what ends a hold without one."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from model import FigureRule, UsageError
from tests.storage.books import Book, Row, days, number, source

TYPO: list[Row] = [*days(1, 30), ("tanks", "2025-01-31", "1600")]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path, source())
    book.release("2025-01-30T06:00:00Z", days(1, 30))
    return book


def held(book: Book) -> Book:
    done = book.release("2025-01-31T06:00:00Z", TYPO)
    assert (done.state, done.held) == ("held", 1)
    return book


def test_a_digit_too_many_is_held_and_does_not_count(book: Book) -> None:
    held(book)
    update = book.newest()
    assert (update.status, update.changes[0].held) == ("held", True)
    assert book.checks() == [("jump", "hold")]
    assert ("tanks", "2025-01-31") not in book.values()


def test_an_ordinary_step_passes_without_a_check(book: Book) -> None:
    book.release("2025-01-31T06:00:00Z", days(1, 31))
    assert (book.checks(), book.newest().status) == ([], "accepted")


def test_a_running_total_that_falls_is_held_and_one_that_may_fall_is_not(tmp_path: Path) -> None:
    figures = (FigureRule(id="tanks", column="t"), FigureRule(id="stock", column="s", may_fall=True))
    book = Book(tmp_path, source(figures=figures))
    rows = [*days(1, 5), *days(1, 5, ref="stock")]
    book.release("2025-01-05T06:00:00Z", rows)
    book.release("2025-01-06T06:00:00Z", [*rows, ("tanks", "2025-01-06", "100"), ("stock", "2025-01-06", "100")])
    assert {change.series: change.held for change in book.newest().changes} == {
        "book/tanks": True,
        "book/stock": False,
    }


def test_a_change_that_mends_a_typo_is_not_held(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-30T06:00:00Z", [*days(1, 20), ("tanks", "2025-01-21", "1400"), *days(22, 30)], hold=False)
    book.release("2025-01-30T07:00:00Z", days(1, 30))
    assert (book.kinds(), book.checks()) == ([("revised", "book/tanks", "2025-01-21")], [])


def test_a_later_value_that_passes_supersedes_the_hold(book: Book) -> None:
    held(book)
    book.release("2025-01-31T09:00:00Z", days(1, 31))
    assert book.kinds() == [("new", "book/tanks", "2025-01-31")]
    assert book.ledger.views.update("book/2").status == "superseded"
    assert book.ledger.views.held() == []


def test_the_same_value_again_joins_the_hold_and_is_no_news(book: Book) -> None:
    held(book)
    book.release("2025-02-01T06:00:00Z", [*TYPO, ("tanks", "2025-02-01", "162")])
    assert book.kinds() == [("new", "book/tanks", "2025-02-01")]
    assert [update.update for update in book.ledger.views.held()] == ["book/2"]


def test_an_accepted_value_counts_by_a_decision_that_names_who_and_why(book: Book) -> None:
    held(book)
    name = book.ledger.decide("book", "book/2", "accept", who="Ann", why="the publisher confirmed it")
    update = book.ledger.views.update(name)
    assert (name, update.cause, update.changes[0].why) == ("book/3", "review", "review")
    assert book.values()["tanks", "2025-01-31"] == "1600"
    assert book.ledger.views.update("book/2").status == "accepted"


def test_a_rejected_value_never_counts_and_is_no_news_when_the_source_repeats_it(book: Book) -> None:
    held(book)
    book.ledger.decide("book", "book/2", "reject", who="Ann", why="a digit too many")
    assert book.ledger.views.update("book/2").status == "rejected"
    book.release("2025-01-31T09:00:00Z", TYPO, salt="again")
    assert (book.kinds(), book.checks()) == ([], [])
    assert ("tanks", "2025-01-31") not in book.values()


def test_a_corrected_value_counts_until_the_source_says_something_else(book: Book) -> None:
    held(book)
    book.ledger.decide(
        "book", "book/2", "correct", who="Ann", why="typo", series="book/tanks", as_of="2025-01-31", value="160"
    )
    assert book.values()["tanks", "2025-01-31"] == "160"
    book.release("2025-01-31T09:00:00Z", TYPO, salt="again")
    assert book.kinds() == []
    book.release("2025-01-31T12:00:00Z", [*days(1, 30), ("tanks", "2025-01-31", "161")])
    assert book.kinds() == [("revised", "book/tanks", "2025-01-31")]


def test_a_changed_source_reopens_a_decision(book: Book) -> None:
    held(book)
    book.ledger.decide("book", "book/2", "reject", who="Ann", why="a digit too many")
    book.release("2025-01-31T09:00:00Z", days(1, 31))
    book.release("2025-01-31T12:00:00Z", TYPO, salt="again")
    assert [(update.update, update.changes[0].kind) for update in book.ledger.views.held()] == [("book/5", "revised")]


def test_an_older_copy_that_returns_after_it_was_rejected_is_reported_again(book: Book) -> None:
    book.release("2025-01-31T06:00:00Z", days(1, 31))
    book.release("2025-01-31T07:00:00Z", days(1, 30))
    book.ledger.decide("book", "book/3", "reject", who="Ann", why="an older copy")
    book.release("2025-01-31T08:00:00Z", days(1, 31))
    book.release("2025-01-31T09:00:00Z", days(1, 30))
    assert ("rollback", "hold") in book.checks()


def test_the_machines_value_stays_beside_the_persons(book: Book) -> None:
    held(book)
    book.ledger.decide(
        "book", "book/2", "correct", who="Ann", why="typo", series="book/tanks", as_of="2025-01-31", value="160"
    )
    versions = [one for one in book.ledger.views.show("book/tanks") if one.as_of == "2025-01-31"]
    assert [(one.value, one.held, one.update) for one in versions] == [
        (Decimal(1600), True, "book/2"),
        (Decimal(160), False, "book/3"),
    ]


def test_a_correction_may_mend_a_value_that_was_accepted(book: Book) -> None:
    book.ledger.decide(
        "book", "book/1", "correct", who="Ann", why="misread", series="book/tanks", as_of="2025-01-30", value="159"
    )
    assert book.values()["tanks", "2025-01-30"] == "159"
    book.release("2025-01-30T09:00:00Z", days(1, 30), salt="again")
    assert book.kinds() == []


@pytest.mark.parametrize("value", ["", "many", "NaN", "1e"])
def test_a_correction_that_is_no_number_is_refused_and_writes_nothing(book: Book, value: str) -> None:
    held(book)
    with pytest.raises(UsageError, match="no number"):
        book.ledger.decide(
            "book", "book/2", "correct", who="A", why="w", series="book/tanks", as_of="2025-01-31", value=value
        )
    assert book.newest().update == "book/2"


def test_nothing_can_be_decided_twice(book: Book) -> None:
    held(book)
    book.ledger.decide("book", "book/2", "reject", who="Ann", why="typo")
    with pytest.raises(UsageError, match="nothing in book/2 waits"):
        book.ledger.decide("book", "book/2", "accept", who="Ann", why="after all")


def test_a_table_that_rewrites_much_of_its_past_is_held_whole_unless_that_is_its_habit(tmp_path: Path) -> None:
    for restates in (False, True):
        book = Book(tmp_path / str(restates), source(restates=restates))
        book.release("2025-01-30T06:00:00Z", days(1, 30))
        book.release("2025-01-31T06:00:00Z", [*days(1, 30, start=101), ("tanks", "2025-01-31", "161")])
        assert book.newest().status == ("accepted" if restates else "held")


def test_an_older_copy_of_the_table_is_held_and_closes_itself_when_the_accepted_one_returns(book: Book) -> None:
    book.release("2025-01-31T06:00:00Z", days(1, 31))
    book.release("2025-01-31T07:00:00Z", days(1, 30))
    assert ("rollback", "hold") in book.checks()
    assert ("tanks", "2025-01-31") in book.values()
    book.release("2025-01-31T08:00:00Z", days(1, 31))
    assert book.kinds() == []
    assert book.ledger.views.held() == []


def test_a_date_after_the_day_of_reading_is_held_by_the_publishers_calendar(tmp_path: Path) -> None:
    from model import Schedule

    book = Book(tmp_path, source(schedule=Schedule(cron="0 6 * * *", timezone="Europe/Kyiv")))
    book.release("2025-01-30T22:30:00Z", [*days(1, 31), ("tanks", "2025-02-01", "162")])
    assert {(c.as_of, c.held) for c in book.newest().changes if c.as_of > "2025-01-30"} == {
        ("2025-01-31", False),
        ("2025-02-01", True),
    }


def test_a_running_month_may_be_named_by_its_last_day(tmp_path: Path) -> None:
    from model import AsOf

    book = Book(tmp_path, source(as_of=AsOf(column="month", format="%Y-%m")))
    book.release("2025-01-15T06:00:00Z", [("tanks", "2025-01-31", "10"), ("tanks", "2025-02-28", "11")])
    assert {change.as_of: change.held for change in book.newest().changes} == {
        "2025-01-31": False,
        "2025-02-28": True,
    }


def test_a_page_that_states_a_figure_no_longer_keeps_its_last_value_and_says_so(tmp_path: Path) -> None:
    from msgspec.structs import replace

    book = Book(tmp_path, replace(source(coverage="latest"), extractor="selectors"))
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", "10"), ("guns", "2025-01-01", "5")])
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-02", "11")])
    assert book.checks() == [("expected_series_missing", "warn")]
    assert book.values()["guns", "2025-01-01"] == "5"


def test_a_part_above_its_whole_is_held(tmp_path: Path) -> None:
    figures = (FigureRule(id="all", column="a"), FigureRule(id="officers", column="o", category="officers"))
    book = Book(tmp_path, source(figures=figures, coverage="latest"))
    book.release("2025-01-01T06:00:00Z", [("all", "2025-01-01", "100"), ("officers", "2025-01-01", "540")])
    assert {change.series: change.held for change in book.newest().changes} == {
        "book/all": False,
        "book/officers": True,
    }


def test_an_undated_value_that_waits_is_held_once_however_many_days_it_stays(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="latest"))
    for day in range(1, 21):
        book.release(f"2025-01-{day:02}T06:00:00Z", [("tanks", None, str(1000 + day * 3))])
    book.release("2025-01-21T06:00:00Z", [("tanks", None, "10663")])
    book.release("2025-01-22T06:00:00Z", [("tanks", None, "10663")], salt="next day")
    assert len(book.ledger.views.held()) == 1
    book.release("2025-01-23T06:00:00Z", [("tanks", None, "1066")])
    assert (book.kinds(), book.ledger.views.held()) == ([("new", "book/tanks", "2025-01-23")], [])


def test_without_hold_a_backfill_only_warns(book: Book) -> None:
    book.release("2025-01-31T06:00:00Z", TYPO, hold=False, cause="backfill")
    assert (book.checks(), book.newest().status) == ([("jump", "warn")], "accepted")
    assert book.values()["tanks", "2025-01-31"] == "1600"


def test_an_undated_value_that_comes_back_after_its_hold_ended_is_judged_anew(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="latest"))
    for day in range(1, 21):
        book.release(f"2025-01-{day:02}T06:00:00Z", [("tanks", None, str(1000 + day * 3))])
    book.release("2025-01-21T06:00:00Z", [("tanks", None, "10663")])
    book.release("2025-01-22T06:00:00Z", [("tanks", None, "1066")])
    book.release("2025-01-23T06:00:00Z", [("tanks", None, "10663")])
    (change,) = book.newest().changes
    assert (change.kind, change.as_of, change.held) == ("new", "2025-01-23", True)


def test_who_decided_and_why_is_told_with_the_change_and_with_the_hold(book: Book) -> None:
    held(book)
    book.ledger.decide("book", "book/2", "accept", who="Ann", why="the publisher confirmed it")
    made, settled = book.ledger.views.update("book/3").changes[0], book.ledger.views.update("book/2").changes[0]
    for decision in (made.decision, settled.decision):
        assert decision is not None
        assert (decision.update, decision.action, decision.who, decision.why) == (
            "book/2",
            "accept",
            "Ann",
            "the publisher confirmed it",
        )


def decide(book: Book, update: str, action: str, value: str | None = None, **more: str) -> str:
    """Decide on the last day of January by name."""
    return book.ledger.decide(
        "book",
        update,
        action,
        who="Ann",
        why=f"{action} it",
        series="book/tanks",
        as_of="2025-01-31",
        value=value,
        **more,
    )


def test_a_rejection_is_undone_by_a_new_decision_and_both_stay_in_the_record(book: Book) -> None:
    held(book)
    decide(book, "book/2", "reject")
    assert decide(book, "book/2", "accept") == "book/4"
    assert book.values()["tanks", "2025-01-31"] == "1600"
    assert book.ledger.views.update("book/2").status == "accepted"
    assert book.ledger.views.update("book/2").changes[0].decision.action == "accept"
    assert book.ledger.views.held() == []
    with book.ledger.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT action, update_id FROM settlements ORDER BY update_id")).all()
    assert [tuple(row) for row in rows] == [("reject", 3), ("accept", 4)]
    assert list(book.ledger.verify()) == []


def test_a_rejected_value_may_be_corrected_after_all_and_the_source_repeating_it_is_no_news(book: Book) -> None:
    held(book)
    decide(book, "book/2", "reject")
    decide(book, "book/2", "correct", "160")
    assert book.values()["tanks", "2025-01-31"] == "160"
    assert book.ledger.views.update("book/2").status == "accepted"
    book.release("2025-01-31T09:00:00Z", TYPO, salt="again")
    assert book.kinds() == []


def test_a_correction_is_undone_by_accepting_what_the_machine_read(book: Book) -> None:
    held(book)
    decide(book, "book/2", "correct", "160")
    decide(book, "book/2", "accept")
    assert book.values()["tanks", "2025-01-31"] == "1600"
    assert book.newest().changes[0].old.value == number("160")


def test_a_correction_that_is_corrected_again_forgets_not_what_the_source_said(book: Book) -> None:
    held(book)
    decide(book, "book/2", "correct", "160")
    decide(book, "book/3", "correct", "161")
    assert [book.ledger.views.update(name).changes[0].decision.why for name in ("book/3", "book/4")] == [
        "correct it"
    ] * 2
    book.release("2025-01-31T09:00:00Z", TYPO, salt="again")
    assert (book.kinds(), book.values()["tanks", "2025-01-31"]) == ([], "161")


def test_a_rejection_is_not_undone_by_accepting_all_that_waits(book: Book) -> None:
    held(book)
    decide(book, "book/2", "reject")
    with pytest.raises(UsageError, match="waits for a decision"):
        book.ledger.decide("book", "book/2", "accept", who="Ann", why="all of it")
    with pytest.raises(UsageError, match="waits for a decision"):
        decide(book, "book/2", "reject")


def test_a_rejection_is_not_undone_once_the_source_has_said_something_else(book: Book) -> None:
    held(book)
    decide(book, "book/2", "reject")
    book.release("2025-01-31T09:00:00Z", days(1, 31))
    with pytest.raises(UsageError, match="waits for a decision"):
        decide(book, "book/2", "accept")


def test_a_correction_may_give_another_hedge(book: Book) -> None:
    held(book)
    decide(book, "book/2", "correct", "160", qualifier="more_than")
    assert book.values()["tanks", "2025-01-31"] == ">160"


SMEARED: dict[str, Callable[[int], int]] = {
    "flat": lambda _: 1040,
    "none": lambda _: 0,
    "tenfold": lambda value: 10 * value,
    "shifted": lambda value: value + 10,
}
"""Ways in which a past is lost: today's value over all days, zeros, another unit, the column beside."""


@pytest.mark.parametrize("coverage", ["full", "window", "latest"])
@pytest.mark.parametrize("way", SMEARED)
@pytest.mark.parametrize("length", [8, 15, 60])
def test_a_past_that_is_written_over_is_held_at_any_size_and_coverage_and_its_neighbour_goes_on(
    tmp_path: Path, coverage: str, way: str, length: int
) -> None:
    book = Book(tmp_path, source(coverage=coverage))
    rows = [*run("tanks", 1000, length), *run("guns", 500, length)]
    book.release("2025-03-15T06:00:00Z", rows)
    before = book.values()
    over = [(ref, day, str(SMEARED[way](int(value)))) for ref, day, value in run("tanks", 1000, length)]
    book.release("2025-03-16T06:00:00Z", [*over, *run("guns", 500, length + 1)])
    assert ("rewritten", "hold") in book.checks()
    assert {key: value for key, value in book.values().items() if key in before} == before
    if length < 20 or coverage != "full":
        assert len(book.values()) == len(before) + 1


def test_two_corrected_days_and_a_source_that_restates_are_no_such_past(tmp_path: Path) -> None:
    rows = run("tanks", 1000, 15)
    book = Book(tmp_path / "few", source())
    book.release("2025-03-15T06:00:00Z", rows)
    corrected = [(ref, day, str(int(value) + 1)) for ref, day, value in rows[6:8]]
    book.release("2025-03-16T06:00:00Z", [*rows[:6], *corrected, *rows[8:]])
    assert book.checks() == []
    habit = Book(tmp_path / "habit", source(restates=True))
    habit.release("2025-03-15T06:00:00Z", rows)
    habit.release("2025-03-16T06:00:00Z", [(ref, day, f"{int(value) + 1}") for ref, day, value in rows])
    assert (habit.checks(), habit.newest().status) == ([("rewritten", "pass")], "accepted")


@pytest.mark.parametrize(
    ("last", "held"), [(1139, False), (1138, False), (1130, False), (1128, True), (1100, True), (114, True)]
)
def test_a_total_taken_down_by_no_more_than_corrections_do_is_warned_of_and_counts(
    tmp_path: Path, last: int, held: bool
) -> None:
    book = Book(tmp_path, source())
    rows = run("tanks", 1000, 15)
    book.release("2025-03-15T06:00:00Z", rows)
    book.release("2025-03-16T06:00:00Z", [*rows, ("tanks", "2025-01-16", str(last))])
    assert book.checks() == [("fall", "hold" if held else "warn")]
    assert (("tanks", "2025-01-16") in book.values()) is not held


def test_a_small_count_may_lose_two_and_not_three(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    rows: list[Row] = [("tanks", f"2025-01-0{day}", str(day)) for day in range(1, 8)]
    both: list[Row] = [*rows, *(("guns", day, value) for _, day, value in rows)]
    book.release("2025-01-07T06:00:00Z", both)
    book.release("2025-01-08T06:00:00Z", [*both, ("tanks", "2025-01-08", "5"), ("guns", "2025-01-08", "4")])
    assert {change.series: change.held for change in book.newest().changes} == {
        "book/tanks": False,
        "book/guns": True,
    }


@pytest.mark.parametrize(("detour", "counts"), [(None, True), ("1250", False), ("9", False)])
def test_a_series_that_is_found_to_fall_goes_on_from_where_it_waited(
    tmp_path: Path, detour: str | None, counts: bool
) -> None:
    rule = FigureRule(id="tanks", column="t")
    book = Book(tmp_path, source(figures=(rule,)))
    fallen = ["118", "111", "104", "98", detour or "94"]
    rows = [*run("tanks", 100, 3), *(("tanks", f"2025-01-0{at + 4}", value) for at, value in enumerate(fallen))]
    for end in range(3, len(rows) + 1):
        book.release(f"2025-01-{end + 1:02}T06:00:00Z", rows[:end])
    book.source = source(figures=(FigureRule(id="tanks", column="t", may_fall=True),))
    book.release("2025-01-20T06:00:00Z", [*rows, ("tanks", "2025-01-09", "90")])
    assert (("tanks", "2025-01-09") in book.values()) is counts


def run(ref: str, start: int, length: int) -> list[Row]:
    """A total that rises by ten a day."""
    first = date(2025, 1, 1)
    return [(ref, str(first + timedelta(day)), str(start + 10 * day)) for day in range(length)]
