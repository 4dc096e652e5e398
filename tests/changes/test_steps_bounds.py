"""Where a step begins to be too large, or a fall: each bound with a value on either side of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from model import Break, Derived, FigureRule, Match, SeriesRule
from tests.changes.memory import MemoryLedger, Row, holds, messages, source, told

START = dt.date(2025, 1, 1)
JUMP, FALL, JUMP_YOUNG = [("jump", "hold")], [("fall", "hold")], [("jump", "warn")]


def rows(values: Sequence[int | str], gap: int = 1, ref: str = "tanks") -> list[Row]:
    """A series from 2025-01-01."""
    return [(ref, (START + dt.timedelta(days=gap * at)).isoformat(), str(value)) for at, value in enumerate(values)]


def totals(steps: Sequence[int], start: int = 1000) -> list[int]:
    found = [start]
    for step in steps:
        found.append(found[-1] + step)
    return found


def judged(table: Sequence[Row], more: int = 1, **options: object) -> list[tuple[str, str]]:
    """What is told of the release that adds the last rows of a table."""
    book = MemoryLedger(source(**options))
    book.release("2027-01-01", table[:-more])
    return told(book.release("2027-01-02", table))


def stock(**options: Any) -> dict[str, object]:
    return {"figures": (FigureRule(id="tanks", column="s", may_fall=True, **options),)}


@pytest.mark.parametrize(
    ("old", "new", "checks"),
    [
        (10000, 9969, FALL),
        (10000, 9970, [("fall", "warn")]),
        (10000, 9999, [("fall", "warn")]),
        (100, 98, [("fall", "warn")]),
        (100, 97, FALL),
        (10000, 10000, []),
    ],
)
def test_a_total_that_falls_by_more_than_three_in_a_thousand_and_two_is_held(
    old: int, new: int, checks: list[tuple[str, str]]
) -> None:
    assert judged(rows([old, new])) == checks


def test_a_fall_without_a_usual_step_is_small_by_its_share_and_its_last_place() -> None:
    assert judged(rows(["100.5", "100.2"])) == [("fall", "warn")]
    assert judged(rows(["100.5", "99.6"])) == FALL


def test_a_fall_from_nothing_is_warned_of() -> None:
    figures = (FigureRule(id="tanks", column="s", unit="other"),)
    assert judged(rows([0, -5]), figures=figures) == [("fall", "warn")]


def test_a_fall_says_from_what_to_what() -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", rows([12000]))
    (found,) = messages(book.release("2025-02-02", rows([12000, 11000])), "fall")
    assert found.message == "falls by 1,000 from 12,000 to 11,000; a running total does not"
    assert (found.series, found.as_of) == ("book/tanks", "2025-01-02")


@pytest.mark.parametrize(
    ("old", "new", "checks"),
    [(100, 120, []), (100, 121, JUMP), (24, 19, FALL), (20, 16, []), (25, 20, []), (100, 79, FALL), (100, 80, [])],
)
def test_a_stock_moves_by_a_fifth_and_by_five_before_anyone_is_asked(
    old: int, new: int, checks: list[tuple[str, str]]
) -> None:
    assert judged(rows([old] * 20 + [new]), **stock()) == checks


def test_five_of_the_last_place_are_few_where_numbers_have_decimals() -> None:
    assert judged(rows(["1.0"] * 20 + ["0.6"]), **stock()) == []
    assert judged(rows(["1.0"] * 20 + ["0.5"]), **stock()) == FALL
    assert judged(rows(["1.0"] * 20 + ["3.0"]), **stock()) == []
    assert judged(rows(["1.0"] * 20 + ["3.1"]), **stock()) == JUMP


@pytest.mark.parametrize(
    ("old", "new", "checks"),
    [
        (400, 501, [("jump", "warn")]),
        (400, 500, []),
        (399, 499, [("jump", "warn")]),
        (200, 299, []),
        (0, 500, []),
    ],
)
def test_a_young_series_is_warned_of_above_a_quarter_and_a_hundred(
    old: int, new: int, checks: list[tuple[str, str]]
) -> None:
    assert judged(rows([old, new])) == checks


def test_a_series_is_young_up_to_its_fourteenth_step() -> None:
    assert judged(rows(totals([10] * 13 + [4000]))) == JUMP_YOUNG
    assert judged(rows(totals([10] * 14 + [4000]))) == JUMP


@pytest.mark.parametrize(
    ("old", "new", "gap", "checks"),
    [
        (200, 1000, 1, JUMP_YOUNG),
        (200, 1001, 1, JUMP),
        (200, 1001, 2, JUMP_YOUNG),
        (20, 119, 1, []),
        (20, 120, 1, JUMP),
    ],
)
def test_a_young_total_that_is_five_times_as_much_the_next_day_is_held(
    old: int, new: int, gap: int, checks: list[tuple[str, str]]
) -> None:
    assert judged(rows([old, new], gap=gap)) == checks


@pytest.mark.parametrize(("step", "checks"), [(20, []), (35, []), (36, JUMP)])
def test_a_step_is_held_beyond_ten_spreads_and_twice_the_largest(step: int, checks: list[tuple[str, str]]) -> None:
    # The spread of equal steps of 10 is a quarter of their median, 2.5: ten of them above it are 35.
    assert judged(rows(totals([10] * 30 + [step]))) == checks


@pytest.mark.parametrize(("step", "checks"), [(60, []), (61, JUMP)])
def test_a_step_within_twice_the_largest_is_ordinary_whatever_the_spread(
    step: int, checks: list[tuple[str, str]]
) -> None:
    assert judged(rows(totals([10] * 20 + [30] + [10] * 10 + [step]))) == checks


def test_the_largest_is_looked_for_in_the_last_sixty_steps() -> None:
    assert judged(rows(totals([400] + [10] * 59 + [700], 10**6))) == []
    held = judged(rows(totals([400] + [10] * 60 + [700], 10**6)))
    assert held == JUMP


def test_a_step_over_days_without_a_release_is_told_by_the_day() -> None:
    table = [*rows(totals([10] * 30)), ("tanks", "2025-02-10", str(1000 + 300 + 200))]
    assert judged(table) == []
    book = MemoryLedger(source())
    table = [*rows(totals([10] * 30)), ("tanks", "2025-02-02", str(1000 + 300 + 200))]
    book.release("2027-01-01", table[:-1])
    (found,) = messages(book.release("2027-01-02", table), "jump")
    assert found.message == "rises by 200 from 1,300 to 1,500, 100 a day; the largest of the last 30 steps was 10 a day"


def test_a_repair_is_not_held_and_what_got_worse_is() -> None:
    book = MemoryLedger(source())
    broken = totals([10] * 40)
    broken[20] += 500
    book.release("2027-01-01", rows(broken))
    repaired = totals([10] * 40)
    assert told(book.release("2027-01-02", rows(repaired))) == []
    worse = [*repaired]
    worse[20] += 600
    assert set(told(book.release("2027-01-03", rows(worse)))) == {("fall", "hold"), ("jump", "hold")}


def test_a_held_change_leaves_the_baseline_before_its_neighbour_is_judged() -> None:
    values = totals([10] * 30)
    book = MemoryLedger(source())
    book.release("2027-01-01", rows(values))
    done = book.release("2027-01-02", rows([*values, 9310, 1320]))
    assert holds(done) == {("new", "2025-02-01", "9310")}


def test_of_two_changed_neighbours_the_step_between_is_judged_once() -> None:
    values = totals([10] * 30)
    book = MemoryLedger(source())
    book.release("2027-01-01", rows(values))
    done = book.release("2027-01-02", rows([*values, 1310, 1200]))
    assert [check.name for check in done.checks] == ["fall"]


def test_a_source_that_restates_is_judged_for_its_last_week_alone() -> None:
    values = totals([10] * 40)
    for back, checks in ((7, [("fall", "hold"), ("jump", "hold")]), (8, [])):
        book = MemoryLedger(source(restates=True))
        book.release("2027-01-01", rows(values))
        changed = [*values]
        changed[-1 - back] += 5000
        found = told(book.release("2027-01-02", rows(changed)))
        assert [one for one in found if one[0] != "rewritten"] == checks


def test_a_level_is_judged_by_its_largest_step_either_way() -> None:
    figures = (FigureRule(id="tanks", column="s", kind="share", unit="other"),)
    values = [100 + (at % 2) * 10 for at in range(40)]
    assert judged(rows([*values, values[-1] + 20]), figures=figures) == []
    assert judged(rows([*values, values[-1] - 20]), figures=figures) == []
    assert judged(rows([*values, values[-1] + 300]), figures=figures) == JUMP
    assert judged(rows([*values, values[-1] - 300]), figures=figures) == FALL


def test_a_level_needs_fourteen_steps_to_be_judged() -> None:
    figures = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    assert judged(rows([100, 110] * 7 + [900]), figures=figures) == []
    assert judged(rows([100, 110] * 7 + [100, 900]), figures=figures) == JUMP


def test_a_total_that_falls_as_often_as_one_step_in_four_is_a_level() -> None:
    habit = [1000 + 10 * at - (40 if at % 4 == 3 else 0) for at in range(40)]
    assert judged(rows([*habit, habit[-1] - 60])) == []
    rare = totals([10] * 36 + [-40, 10, 10, -40])
    assert judged(rows([*rare, rare[-1] - 300])) == FALL


@pytest.mark.parametrize(("falls", "down", "held"), [(3, 30, False), (2, 30, True), (3, 21, False), (3, 400, True)])
def test_what_three_series_of_a_rule_were_accepted_to_do_the_others_may_do(falls: int, down: int, held: bool) -> None:
    figures = (FigureRule(id="beds", column="beds"),)
    book = MemoryLedger(source(figures=figures, by={"place": "place"}, coverage="latest"))
    first = [(f"beds\x1f{place}", "2025-01-01", "1000") for place in "abcdefgh"]
    second = [
        (ref, "2025-01-02", "980" if at < falls else "1010" if at < 6 else "1000") for at, (ref, *_) in enumerate(first)
    ]
    book.release("2025-01-01", first)
    book.release("2025-01-02", second)
    book.decide(2, "accept")
    done = book.release("2025-01-03", [("beds\x1fh", "2025-01-03", str(1000 - down))])
    assert [change.held for change in done.changes] == [held]


def test_a_counter_that_is_cleared_now_and_then_may_fall_by_twice_as_much() -> None:
    cleared = totals(([100] * 9 + [-50]) * 4, 1000)
    assert judged(rows([*cleared, cleared[-1] + 100, cleared[-1]])) == []
    assert judged(rows([*cleared, cleared[-1] - 101])) == FALL
    twice = totals(([100] * 8 + [0, -50]) * 2, 1000)
    assert judged(rows([*twice, twice[-1] - 60])) == FALL


def test_a_derived_column_and_a_first_value_are_not_judged() -> None:
    figures = (
        FigureRule(id="tanks", column="s"),
        FigureRule(id="sum", column="t", derived=Derived(running_sum_of="tanks")),
    )
    both = [*rows([1000]), *rows([90000], ref="sum")]
    fell = [*both, ("sum", "2025-01-02", "5")]
    assert judged(fell, figures=figures) == []
    book = MemoryLedger(source())
    assert told(book.release("2025-02-01", rows([90000, 5]))) == []


def test_nothing_is_compared_across_a_break() -> None:
    broken = (FigureRule(id="tanks", column="s", breaks=(Break(as_of="2025-02-10", why="a new year"),)),)
    plain = rows(totals([10] * 39))
    restart = [*plain, ("tanks", "2025-02-11", "7")]
    assert judged(restart, figures=broken) == []
    assert judged(restart) == FALL
    assert judged([*restart, ("tanks", "2025-02-12", "17")], figures=broken) == []
    assert judged([*restart, ("tanks", "2025-02-12", "900")], figures=broken) == JUMP


def test_a_fall_to_little_is_told_with_a_way_to_say_that_it_is_counted_anew() -> None:
    book = MemoryLedger(source())
    values = totals([10] * 20)
    book.release("2027-01-01", rows(values))
    done = book.release("2027-01-02", rows([*values, 12]))
    (found,) = messages(done, "fall")
    assert found.message.endswith("; is it counted anew (a new year or method)?")
    done = book.release("2027-01-03", rows([*values, 12, 25]))
    told_again = [check.message for check in messages(done, "fall")]
    assert any("since 2025-01-22 2 values in a row grow again" in one for one in told_again)
    assert any("counted anew from there" in one for one in told_again)


@pytest.mark.parametrize(("value", "asked"), [(60, True), (62, False)])
def test_what_is_little_is_a_twentieth(value: int, asked: bool) -> None:
    book = MemoryLedger(source())
    values = totals([10] * 20, 1000)
    book.release("2027-01-01", rows(values))
    (found,) = messages(book.release("2027-01-02", rows([*values, value])), "fall")
    assert ("counted anew" in found.message) is asked


def test_many_series_at_once_are_told_and_not_held() -> None:
    figures = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    names = [f"tanks\x1f{at}" for at in range(120)]
    before = [row for name in names for row in rows([100, 110] * 10, ref=name)]
    book = MemoryLedger(source(figures=figures))
    book.release("2027-01-01", before)
    new = [(name, "2025-01-21", "115" if at else "5000") for at, name in enumerate(names)]
    assert told(book.release("2027-01-02", [*before, *new])) == [("jump", "warn")]


def test_a_value_put_between_two_is_a_step_of_those_that_were_there() -> None:
    # From 1,000 to 1,500 it went before: what is put between them makes neither step larger.
    two = [("tanks", "2025-01-02", "1000"), ("tanks", "2025-01-04", "1500")]
    for day, value, checks in (
        ("2025-01-03", "1010", []),
        ("2025-01-03", "1490", []),
        ("2025-01-03", "1700", [("fall", "hold"), ("jump", "warn")]),
        ("2025-01-01", "500", [("jump", "warn")]),
        ("2025-01-05", "2000", [("jump", "warn")]),
    ):
        assert judged([*two, ("tanks", day, value)]) == checks


def test_a_revision_is_compared_with_its_own_step_before() -> None:
    # The step of 350 to 1,500 was believed: one of 437 is as before, one of 438 is not.
    for old, new, warned in ((1400, 1150, True), (1150, 1063, False), (1150, 1062, True), (1100, 1150, False)):
        book = MemoryLedger(source())
        book.release("2027-01-01", rows([1000, old, 1500]))
        assert told(book.release("2027-01-02", rows([1000, new, 1500]))) == ([("jump", "warn")] if warned else [])
    book = MemoryLedger(source())
    book.release("2027-01-01", rows([1000, 1100, 1500, 1510]))
    assert told(book.release("2027-01-02", rows([1000, 1150, 1651, 1661]))) == [("jump", "warn")]


def test_growth_within_a_day_that_a_person_believed_is_not_asked_about_batch_by_batch() -> None:
    book = MemoryLedger(source(coverage="latest"))
    book.release("2025-01-01T23:00:00Z", [("tanks", "2025-01-01", "100")])
    assert told(book.release("2025-01-02T00:00:00Z", [("tanks", "2025-01-02", "100000")])) == [("jump", "hold")]
    book.decide(2, "accept")
    for hour, votes in ((1, 120_000), (2, 140_000), (3, 160_000)):
        assert told(book.release(f"2025-01-02T{hour:02}:00:00Z", [("tanks", "2025-01-02", str(votes))])) == []
    typed = book.release("2025-01-02T04:00:00Z", [("tanks", "2025-01-02", "1610000")])
    assert told(typed) == [("jump", "hold")]


def test_the_step_behind_a_change_is_judged_too() -> None:
    book = MemoryLedger(source())
    values = totals([10] * 20, 10000)
    book.release("2027-01-01", rows(values))
    values[-2] -= 40
    assert told(book.release("2027-01-02", rows(values))) == [("fall", "warn"), ("jump", "hold")]


def test_numbers_with_decimals_are_judged_by_their_last_place() -> None:
    cents = [f"{10 + at / 100:.2f}" for at in range(21)]
    assert judged(rows([*cents, "10.41"])) == []
    assert judged(rows([*cents, "10.42"])) == JUMP


def test_a_step_behind_a_break_is_not_ordinary_for_it() -> None:
    figures = (FigureRule(id="tanks", column="s", breaks=(Break(as_of="2025-01-22", why="counted anew"),)),)
    values = [*totals([10] * 20), 6200]
    assert judged(rows([*values, 6210]), figures=figures) == []
    assert judged(rows([*values, 11000]), figures=figures) == JUMP


@pytest.mark.parametrize(("step", "checks"), [(70, []), (71, JUMP)])
def test_what_comes_early_may_carry_as_much_as_others(step: int, checks: list[tuple[str, str]]) -> None:
    weekly = rows(totals([70] * 20), gap=7)
    assert judged([*weekly, ("tanks", "2025-05-22", str(1000 + 70 * 20 + step))]) == checks


@pytest.mark.parametrize(("unit", "places"), [(1, 0), (100, 0), (Decimal("0.01"), 2)])
@pytest.mark.parametrize(("quiet", "times", "checks"), [(20, 3, []), (27, 3, []), (28, 3, JUMP), (20, 4, JUMP)])
def test_what_grew_by_a_share_of_itself_may_do_so_again(
    quiet: int, times: int, checks: list[tuple[str, str]], unit: Decimal, places: int
) -> None:
    """It grew threefold once, within the last 28 steps."""
    values = [1, 4, *range(5, 5 + quiet)]
    grown = [f"{value * unit:.{places}f}" for value in [*values, values[-1] * (1 + times)]]
    assert judged(rows(grown)) == checks


def test_growth_from_nothing_is_no_share() -> None:
    assert judged(rows(totals([10] * 15 + [5000], 0))) == JUMP
    assert judged(rows([*range(10, 210, 10), 0, 5000])) == JUMP


@pytest.mark.parametrize(("opening", "since", "step", "checks"), [
    (28, 100, 1000, []), (28, 100, 1001, JUMP), (27, 100, 1000, JUMP), (28, 364, 1000, []), (28, 365, 1000, JUMP),
])  # fmt: skip
def test_a_burst_may_come_again_within_a_year_but_an_opening_is_no_measure(
    opening: int, since: int, step: int, checks: list[tuple[str, str]]
) -> None:
    assert judged(rows(totals([10] * opening + [500] + [10] * since + [step], 10**6))) == checks


def test_a_burst_is_told_by_the_day_and_not_across_a_break() -> None:
    broken = (FigureRule(id="tanks", column="s", breaks=(Break(as_of="2025-01-30", why="counted anew"),)),)
    burst = rows(totals([10] * 28 + [500] + [10] * 100 + [1000], 10**6))
    assert judged(burst, figures=broken) == JUMP
    late: list[Row] = [(ref, f"2024{(day or '')[4:]}" if at < 29 else day, value) for at, (ref, day, value) in
                       enumerate(burst)]  # fmt: skip
    assert judged(late) == JUMP


def test_a_fall_below_nothing_is_no_new_count() -> None:
    figures = (FigureRule(id="tanks", column="s", unit="other"),)
    for value, asked in ((-5, False), (0, True), (1, True)):
        book = MemoryLedger(source(figures=figures))
        book.release("2027-01-01", rows(totals([10] * 20)))
        (found,) = messages(book.release("2027-01-02", rows([*totals([10] * 20), value])), "fall")
        assert found.message.endswith(
            "is it counted anew (a new year or method)?" if asked else f"1,200 to {value}; a running total does not"
        )


LEVEL = [10, 10, 10, -2]


@pytest.mark.parametrize(("steps", "down", "checks"), [
    (LEVEL * 4, 20, []), ([10, *LEVEL * 4], 20, FALL),
    (LEVEL * 3, 500, []), ([10, *LEVEL * 3], 500, FALL), (LEVEL * 2, 500, FALL),
    ([0] * 20, 15, FALL), ([-1, *[10] * 20], 15, FALL),
])  # fmt: skip
def test_three_falls_and_one_in_four_make_a_level_that_moves_either_way(
    steps: list[int], down: int, checks: list[tuple[str, str]]
) -> None:
    values = totals(steps)
    assert judged(rows([*values, values[-1] - down])) == checks


def test_a_level_that_is_called_a_total_rises_by_its_own_steps() -> None:
    values = totals(LEVEL * 4)
    assert judged(rows([*values, values[-1] + 35])) == []
    book = MemoryLedger(source())
    book.release("2027-01-01", rows(values))
    (found,) = messages(book.release("2027-01-02", rows([*values, values[-1] + 400])), "jump")
    assert found.message.endswith("the largest of the last 16 steps was 10")


def test_a_series_whose_rule_is_gone_is_not_judged() -> None:
    book = MemoryLedger(source())
    book.release("2027-01-01", [*rows([1000]), ("guns", "2025-01-01", "7")])
    book.source = source(rules=("tanks",))
    assert told(book.release("2027-01-02", rows([1000, 1010]))) == []


def test_a_step_is_ordinary_beside_the_one_before_by_the_day() -> None:
    level = totals([-2, 10, 10, 10] * 4)
    for step, checks in ((40, []), (42, JUMP)):
        assert judged([*rows(level), ("tanks", "2025-01-19", str(level[-1] + step))]) == checks


@pytest.mark.parametrize(("step", "checks"), [(35, []), (36, JUMP), (-35, []), (-36, FALL)])
def test_a_level_that_moves_steadily_is_judged_by_its_spread(step: int, checks: list[tuple[str, str]]) -> None:
    figures = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    values = totals([10] * 20)
    assert judged(rows([*values, values[-1] + step]), figures=figures) == checks


def test_a_level_with_decimals_is_judged_by_its_last_place() -> None:
    figures = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    cents = [f"{10 + at / 100:.2f}" for at in range(21)]
    assert judged(rows([*cents, "10.41"]), figures=figures) == []
    assert judged(rows([*cents, "10.42"]), figures=figures) == JUMP


@pytest.mark.parametrize(("since", "step", "checks"), [(100, 1000, []), (100, 1001, JUMP), (365, 1000, JUMP)])
def test_a_level_may_come_near_the_largest_step_of_its_year(
    since: int, step: int, checks: list[tuple[str, str]]
) -> None:
    figures = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    values = totals([10] * 28 + [-500] + [10] * since, 10**6)
    assert judged(rows([*values, values[-1] + step]), figures=figures) == checks


def test_what_an_article_tells_of_each_day_is_a_level_and_what_it_does_not_say_a_total() -> None:
    values = [100, 110] * 10
    for kind, checks in (("change", []), ("total", FALL), (None, FALL)):
        series = (SeriesRule(id="tanks", match=Match(kind=kind)),)
        assert judged(rows([*values[:1], *[110] * 15, 100]), series=series, figures=()) == checks


def test_how_many_series_come_at_once_widens_what_a_level_may_do() -> None:
    figures = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    for many, last, checks in ((9, 105, []), (9, 106, JUMP), (10, 106, []), (10, 120, []), (10, 121, JUMP)):
        names = [f"tanks\x1f{at}" for at in range(many)]
        before = [row for name in names for row in rows([100, 130] * 10, ref=name)]
        book = MemoryLedger(source(figures=figures))
        book.release("2027-01-01", before)
        new = [(name, "2025-01-21", "135" if at else str(130 + last)) for at, name in enumerate(names)]
        assert told(book.release("2027-01-02", [*before, *new])) == checks, (many, last)


def test_a_change_far_back_is_judged_in_its_own_place_beside_a_new_one() -> None:
    book = MemoryLedger(source())
    values = totals([10] * 200)
    book.release("2027-01-01", rows(values))
    values[5] += 2000
    assert told(book.release("2027-01-02", rows([*values, values[-1] + 10]))) == [*FALL, *JUMP_YOUNG]


def test_what_waits_between_grows_again_and_not_what_waits_on_the_day_itself_or_later() -> None:
    book = MemoryLedger(source(coverage="latest"))
    book.release("2027-01-01", rows(totals([10] * 20)))
    waits = (("23", 5, 0), ("22", 3, 0), ("22", 4, 0), ("24", 7, 3), ("25", 7, 4), ("26", 6, 0))
    for day, value, since in waits:
        done = book.release("2027-01-02", [("tanks", f"2025-01-{day}", str(value))])
        (found,) = messages(done, "fall")
        assert ("since" in found.message) is bool(since)
        assert f"since 2025-01-22 {since} values in a row" in found.message or not since


def test_a_step_that_is_as_it_was_is_not_judged_again() -> None:
    level = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    for figures, values in (
        (None, [1000, 1100, 1500, 1510]), (None, [2000, 2100, 1900, 1950]), (level, [*[100, 110] * 10, 900, 905]),
    ):  # fmt: skip
        book = MemoryLedger(source(figures=figures) if figures else source())
        book.release("2027-01-01", rows(values))
        moved = [*values[:-3], *(value + 1 for value in values[-3:])]
        assert told(book.release("2027-01-02", rows(moved))) == []


def test_what_waits_between_makes_no_ordinary_step_of_a_stock_large() -> None:
    book = MemoryLedger(source(coverage="latest", **stock()))
    book.release("2027-01-01", rows([100] * 20))
    assert told(book.release("2027-01-02", [("tanks", "2025-01-21", "50")])) == FALL
    assert told(book.release("2027-01-03", [("tanks", "2025-01-22", "95")])) == []


@pytest.mark.parametrize(("old", "new", "checks"), [(0, 30, []), (1, 30, JUMP), (1, 21, [])])
def test_a_stock_that_was_nothing_may_begin(old: int, new: int, checks: list[tuple[str, str]]) -> None:
    assert judged(rows([old] * 20 + [new]), **stock()) == checks


@pytest.mark.parametrize(("steps", "down", "result"), [
    ([10] * 5, 10, "warn"), ([10] * 4, 10, "hold"), ([10] * 5, 11, "hold"),
    ([50] * 5, 12, "warn"), ([50] * 5, 13, "hold"),
])  # fmt: skip
def test_a_fall_by_a_usual_step_and_a_hundredth_is_a_correction(steps: list[int], down: int, result: str) -> None:
    values = totals(steps)
    assert judged(rows([*values, values[-1] - down])) == [("fall", result)]


@pytest.mark.parametrize(("gap", "value", "asked"), [(1, 200, True), (1, 201, False), (2, 400, True), (2, 401, False)])
def test_a_new_count_begins_with_no_more_than_two_of_the_largest_steps_a_day(gap: int, value: int, asked: bool) -> None:
    book = MemoryLedger(source())
    values = rows(totals([100] * 20))
    book.release("2027-01-01", values)
    done = book.release("2027-01-02", [*values, ("tanks", f"2025-01-{21 + gap}", str(value))])
    assert ("counted anew" in messages(done, "fall")[0].message) is asked


def test_without_a_history_a_new_count_begins_with_a_twentieth() -> None:
    for old, new, asked in ((10, 1, False), (100, 5, True)):
        book = MemoryLedger(source())
        book.release("2027-01-01", rows([old]))
        (found,) = messages(book.release("2027-01-02", rows([old, new])), "fall")
        assert ("counted anew" in found.message) is asked


def test_a_range_is_no_step_and_what_is_withdrawn_is_stepped_over() -> None:
    assert judged([*rows([1000]), ("tanks", "2025-01-02", "5..7")]) == []
    book = MemoryLedger(source())
    book.release("2027-01-01", rows([1000, 1400]))
    assert told(book.release("2027-01-02", [*rows([1000]), ("tanks", "2025-01-03", "1500")])) == JUMP_YOUNG


@pytest.mark.parametrize(("steps", "step", "checks"), [
    ([10, 20] * 15, 89, []), ([10, 20] * 15, 90, JUMP), ([0] * 20, 20, []), ([0] * 20, 21, JUMP),
])  # fmt: skip
def test_the_spread_is_that_of_the_steps_or_two_of_the_last_place(
    steps: list[int], step: int, checks: list[tuple[str, str]]
) -> None:
    level = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    assert judged(rows(totals([*steps, step]))) == checks
    assert judged(rows(totals([*steps, step])), figures=level) == checks


def test_a_level_of_one_series_may_step_twice_its_largest() -> None:
    level = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    for step, checks in ((60, []), (61, JUMP)):
        assert judged(rows(totals([*[2] * 10, 30, *[2] * 10, step])), figures=level) == checks


@pytest.mark.parametrize(("step", "checks"), [(1000, []), (1001, JUMP)])
def test_a_burst_over_days_without_a_release_is_told_by_the_day(step: int, checks: list[tuple[str, str]]) -> None:
    values = totals([10] * 28 + [500, 500] + [10] * 100 + [step], 10**6)
    table = rows(values)
    assert judged([*table[:29], *table[30:]]) == checks


def test_a_fall_that_waits_for_its_day_is_not_told_twice() -> None:
    book = MemoryLedger(source())
    book.release("2025-01-15", rows([10000]))
    done = book.release("2025-01-16", [*rows([10000]), ("tanks", "2025-03-01", "9000")])
    assert told(done) == [("future_as_of", "hold")]


def test_what_was_refused_does_not_grow_again() -> None:
    book = MemoryLedger(source(coverage="latest"))
    book.release("2027-01-01", rows(totals([10] * 20)))
    book.release("2027-01-02", [("tanks", "2025-01-22", "5")])
    book.decide(2, "reject")
    (found,) = messages(book.release("2027-01-03", [("tanks", "2025-01-23", "7")]), "fall")
    assert "since" not in found.message


def test_a_stock_that_goes_up_and_down_is_told_by_the_day_none_the_less() -> None:
    book = MemoryLedger(source(**stock()))
    values = [100, 90] * 10
    book.release("2027-01-01", rows(values))
    (found,) = messages(book.release("2027-01-02", rows([*values, 290])), "jump")
    assert found.message == "rises by 200 from 90 to 290, 200 a day; the largest of the last 19 steps was 10 a day"


def test_a_level_that_moves_less_than_it_did_is_not_judged_again_whichever_way() -> None:
    level = (FigureRule(id="tanks", column="s", kind="change", unit="other"),)
    book = MemoryLedger(source(figures=level))
    book.release("2027-01-01", rows([*[1000, 1010] * 10, 1810]))
    assert told(book.release("2027-01-02", rows([*[1000, 1010] * 10, 710]))) == []
    assert told(book.release("2027-01-03", rows([*[1000, 1010] * 10, 709]))) == FALL
