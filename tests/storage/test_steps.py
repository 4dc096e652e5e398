"""Steps: what is out of a series' own history, and what only looks so."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pytest

from model import FigureRule
from model.figure import Kind
from tests.storage.books import Book, Row, source

START = dt.date(2025, 1, 1)


def rows(values: Iterable[int], gaps: Iterable[int] = (), ref: str = "tanks") -> list[Row]:
    """A running total from 2025-01-01, a day apart unless `gaps` say otherwise."""
    found, day, apart = [], START, iter(gaps)
    for value in values:
        found.append((ref, day.isoformat(), str(value)))
        day += dt.timedelta(days=next(apart, 1))
    return found


def totals(steps: Iterable[int], start: int = 1000) -> list[int]:
    """Running totals of steps."""
    found = [start]
    for step in steps:
        found.append(found[-1] + step)
    return found


def judged(folder: Path, table: list[Row], **options: object) -> list[tuple[str, str]]:
    """The checks of the release that adds the last row of a table."""
    book = Book(folder, source(**options))
    book.release(f"{table[-2][1]}T12:00:00Z", table[:-1])
    book.release(f"{table[-1][1]}T12:00:00Z", table)
    return book.checks()


def test_a_step_twice_the_largest_and_far_beyond_the_spread_is_held(tmp_path: Path) -> None:
    assert judged(tmp_path, rows(totals([10] * 40 + [200]))) == [("jump", "hold")]


def test_an_early_release_that_carries_as_much_as_the_others_is_not_held(tmp_path: Path) -> None:
    table = rows(totals([500] * 30 + [490]), gaps=[14] * 30 + [2])
    assert judged(tmp_path, table) == []


def test_growth_by_a_share_of_itself_is_not_held_and_a_digit_too_many_in_it_is(tmp_path: Path) -> None:
    growing = [int(10 * 1.3**day) for day in range(20)]
    burst = growing[-1] + int(growing[-1] * 0.29 * 2.2)
    assert judged(tmp_path / "grown", rows([*growing, int(growing[-1] * 1.3)])) == []
    assert judged(tmp_path / "burst", rows([*growing, burst])) == [("jump", "hold")]
    assert judged(tmp_path / "digit", rows([*growing, growing[-1] * 13])) == [("jump", "hold")]


@pytest.mark.parametrize(("days_ago", "checks"), [(100, []), (400, [("jump", "hold")])])
def test_a_burst_has_a_precedent_within_the_year_and_none_before_it(
    tmp_path: Path, days_ago: int, checks: list[tuple[str, str]]
) -> None:
    steps = [4] * 30 + [90] + [4] * (days_ago - 1) + [100]
    assert judged(tmp_path, rows(totals(steps))) == checks


def test_the_opening_of_a_series_is_no_precedent(tmp_path: Path) -> None:
    assert judged(tmp_path, rows(totals([900, 900, *[4] * 80, 1000]))) == [("jump", "hold")]


@pytest.mark.parametrize(
    ("value", "checks"), [(1150, []), (1300, [("jump", "hold")]), (850, []), (700, [("fall", "hold")])]
)
def test_a_stock_is_held_for_a_large_step_either_way(tmp_path: Path, value: int, checks: list[tuple[str, str]]) -> None:
    figures = (FigureRule(id="stock", column="s", may_fall=True),)
    table = rows([*[1000, 1004] * 20, value], ref="stock")
    assert judged(tmp_path, table, figures=figures) == checks


def test_a_past_that_is_restated_as_a_whole_is_no_step(tmp_path: Path) -> None:
    book = Book(tmp_path, source(restates=True))
    book.release("2025-02-10T12:00:00Z", rows(totals([10] * 40)))
    book.release("2025-02-10T18:00:00Z", rows(totals([10] * 40, start=5000)))
    assert {result for _, result in book.checks()} == {"pass"}
    assert book.newest().status == "accepted"


def test_a_restated_newest_week_that_stands_above_the_rest_is_held(tmp_path: Path) -> None:
    book, values = Book(tmp_path, source(restates=True)), totals([10] * 40)
    book.release("2025-02-10T12:00:00Z", rows(values))
    book.release("2025-02-10T18:00:00Z", rows([*values[:-3], *(value + 4000 for value in values[-3:])]))
    assert ("jump", "hold") in book.checks()


def test_a_small_fall_is_warned_of_and_a_larger_one_held(tmp_path: Path) -> None:
    table = rows(totals([10] * 30, start=10_000))
    for value, result in ((10_280, "warn"), (10_250, "hold")):
        assert judged(tmp_path / result, [*table, ("tanks", "2025-02-01", str(value))]) == [("fall", result)]


def test_messages_give_numbers_as_people_read_them(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-31T12:00:00Z", rows(totals([10] * 30, start=10_000)))
    book.release("2025-02-01T12:00:00Z", [*rows(totals([10] * 30, start=10_000)), ("tanks", "2025-02-01", "113000")])
    (check,) = book.newest().checks
    assert check.message == (
        "rises by 102,700 from 10,300 to 113,000, 102,700 a day; the largest of the last 30 steps was 10 a day"
    )


@pytest.mark.parametrize(("coverage", "held"), [("latest", ["2025-02-03"]), ("full", ["2025-02-02", "2025-02-03"])])
def test_a_page_may_be_dated_a_day_ahead_and_a_row_of_a_table_may_not(
    tmp_path: Path, coverage: str, held: list[str]
) -> None:
    book = Book(tmp_path, source(coverage=coverage))
    book.release("2025-02-01T12:00:00Z", [("tanks", f"2025-02-0{day}", str(day)) for day in (1, 2, 3)])
    assert sorted(change.as_of for change in book.newest().changes if change.held) == held
    assert {name for name, _ in book.checks()} == {"future_as_of"}


def levels(values: Iterable[str]) -> list[Row]:
    """Numbers as printed, a day apart."""
    return [("tanks", (START + dt.timedelta(days=at)).isoformat(), value) for at, value in enumerate(values)]


RATE = ["5.3", "5.4", "5.2", "5.3", "5.1", "5.2"] * 5
CASES = ["900", "1010", "950", "870", "400", "310", "980"] * 5


@pytest.mark.parametrize(
    ("history", "newest", "checks"),
    [
        (RATE, "5.5", []),
        (RATE, "53", [("jump", "hold")]),
        (RATE, "0.5", [("fall", "hold")]),
        (CASES, "1300", []),
        (CASES, "9100", [("jump", "hold")]),
        (CASES, "120", []),
    ],
)
@pytest.mark.parametrize("kind", ["change", "share"])
def test_increments_and_shares_are_judged_by_their_own_steps_either_way(
    tmp_path: Path, kind: Kind, history: list[str], newest: str, checks: list[tuple[str, str]]
) -> None:
    rule = FigureRule(id="tanks", column="tanks", kind=kind)
    assert judged(tmp_path, levels([*history, newest]), figures=(rule,)) == checks


@pytest.mark.parametrize(("newest", "checks"), [("5.0", []), ("0.53", [("fall", "hold")]), ("53", [("jump", "hold")])])
def test_a_rate_that_its_definition_calls_a_total_is_judged_as_what_it_is(
    tmp_path: Path, newest: str, checks: list[tuple[str, str]]
) -> None:
    assert judged(tmp_path, levels([*RATE, newest])) == checks


@pytest.mark.parametrize(("fall", "checks"), [(70, []), (900, [("fall", "hold")])])
def test_a_counter_that_is_cleared_of_duplicates_each_week_may_fall_by_as_much_and_no_more(
    tmp_path: Path, fall: int, checks: list[tuple[str, str]]
) -> None:
    weekly = [20, 20, 20, 20, 20, 20, -60] * 6
    assert judged(tmp_path, rows(totals([*weekly, 20, -fall], start=5000))) == checks


def test_the_more_series_a_release_brings_the_farther_out_one_of_them_may_lie(tmp_path: Path) -> None:
    rule = FigureRule(id="tanks", column="tanks", kind="change")
    for count, value, checks in (
        (1, "3300", [("jump", "hold")]),
        (40, "3300", []),
        (40, "9900", [("jump", "hold")]),
        (120, "9900", [("jump", "warn")]),
    ):
        table = [
            (f"tanks\x1fpart {chr(97 + part // 12)}{chr(97 + part % 12)}", day, content)
            for part in range(count)
            for _, day, content in levels([*CASES, value if part == 0 else "950"])
        ]
        table.sort(key=lambda row: row[1] or "")
        book = Book(tmp_path / f"{count} {value}", source(figures=(rule,)))
        book.release(f"{table[-1 - count][1]}T12:00:00Z", table[:-count])
        book.release(f"{table[-1][1]}T12:00:00Z", table)
        assert book.checks() == checks
