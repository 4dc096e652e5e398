"""Checks of a release as a whole, of its days, its parts and its numbers: each bound with a value on either side."""

from __future__ import annotations

import msgspec
import pytest

from model import AsOf, CheckName, CheckResult, Day, Expect, FigureRule, Schedule
from tests.changes.memory import MemoryLedger, Row, held_changes, holds, messages, source, told

D = [f"2025-01-{day:02}" for day in range(1, 32)]


def tanks(*values: int, start: int = 0) -> list[Row]:
    return [("tanks", D[start + at], str(value)) for at, value in enumerate(values)]


def test_a_release_without_a_figure_is_told_and_changes_nothing() -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", tanks(10))
    done = book.release("2025-02-02", [("tanks", D[0], "")])
    assert told(done) == [("nothing_extracted", "hold")]
    assert not done.changes
    assert book.values() == {("tanks", D[0]): "10"}


def test_a_release_with_two_values_alone_is_not_one_without_figures() -> None:
    book = MemoryLedger(source(expect=Expect(figures=(3, 9))))
    done = book.release("2025-02-02", [("tanks", D[0], "7"), ("tanks", D[0], "8")])
    assert told(done) == [("count_out_of_bounds", "hold"), ("duplicate_key", "hold")]


@pytest.mark.parametrize(("count", "held"), [(1, True), (2, False), (3, False), (4, True)])
def test_a_count_out_of_bounds_says_so_and_holds_all(count: int, held: bool) -> None:
    book = MemoryLedger(source(expect=Expect(figures=(2, 3))))
    done = book.release("2025-02-01", [*tanks(*range(10, 10 + count)), ("guns", D[9], ""), ("guns", D[8], "?")])
    assert [check.message for check in messages(done, "count_out_of_bounds")] == (
        [f"{count} figure{'' if count == 1 else 's'} found; the definition expects 2 to 3"] if held else []
    )
    assert held_changes(done) == (count if held else 0)


def test_two_different_values_count_neither_and_equal_ones_count() -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", tanks(10))
    done = book.release("2025-02-02", [*tanks(10, 12), *tanks(13, start=1), *tanks(13, start=1)])
    (found,) = messages(done, "duplicate_key")
    assert found.message == "stated twice with different values (12 and 13); neither counts"
    assert not done.changes
    done = book.release("2025-02-03", [*tanks(10, 12), *tanks(10, 12)])
    (found,) = messages(done, "duplicate_key")
    assert (found.result, found.message) == ("warn", "2 cells are stated twice with equal values")
    assert [change.kind for change in done.changes] == ["new"]


def test_what_must_be_stated_and_is_not_is_told() -> None:
    figures = (FigureRule(id="tanks", column="t", expected=True), FigureRule(id="guns", column="g"))
    book = MemoryLedger(source(figures=figures, expect=Expect(series=("guns",)), coverage="latest"))
    assert told(book.release("2025-02-01", tanks(10))) == [("expected_series_missing", "warn")]
    (found,) = messages(book.updates[-1], "expected_series_missing")
    assert found.series == "book/guns"
    assert told(book.release("2025-02-02", [*tanks(10), ("guns", D[0], "3")])) == []
    done = book.release("2025-02-03", [("guns", D[0], "3"), ("tanks", D[0], "1"), ("tanks", D[0], "2")])
    assert told(done) == [("duplicate_key", "hold")]


@pytest.mark.parametrize(
    ("extractor", "coverage", "missing"),
    [("selectors", "latest", True), ("table", "latest", True), ("csv", "latest", False), ("table", "full", False)],
)
def test_a_page_must_state_what_it_ever_stated(extractor: str, coverage: str, missing: bool) -> None:
    figures = tuple(FigureRule(id=name, column=name, css=name) for name in ("tanks", "guns"))
    book = MemoryLedger(msgspec.structs.replace(source(figures=figures, coverage=coverage), extractor=extractor))
    book.release("2025-02-01", [*tanks(10), ("guns", D[0], "3")])
    found = messages(book.release("2025-02-02", tanks(10, 12)), "expected_series_missing")
    assert bool(found) is missing


def test_an_older_copy_is_recognised_only_where_something_is_missing() -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", tanks(10), text="A")
    book.release("2025-02-02", tanks(10, 12, 14), text="B")
    done = book.release("2025-02-03", tanks(10), text="A")
    (found,) = messages(done, "rollback")
    assert found.message == "an older copy of the table: it equals book/1 and lacks 2 cells"
    assert held_changes(done) == 2
    again = book.release("2025-02-04", tanks(10), text="A")
    assert [check.message for check in messages(again, "rollback")] == [
        "an older copy of the table: it equals book/3 and lacks 2 cells"
    ]
    assert not again.changes
    back = book.release("2025-02-05", tanks(10, 12, 14), text="B")
    assert not back.changes
    assert [one.action for one in back.settlements] == ["supersede", "supersede"]
    assert book.values() == {("tanks", D[0]): "10", ("tanks", D[1]): "12", ("tanks", D[2]): "14"}


def test_a_copy_that_lacks_nothing_and_a_reading_again_are_no_rollback() -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", tanks(10, 12), text="A")
    book.release("2025-02-02", tanks(10, 13), text="B")
    assert messages(book.release("2025-02-03", tanks(10, 12), text="A"), "rollback") == []
    again = book.release("2025-02-03", tanks(10), text="A", cause="replay", why="extraction")
    assert messages(again, "rollback") == []


@pytest.mark.parametrize(("changed", "known", "held"), [(19, 100, False), (20, 100, True), (20, 400, False),
                                                        (21, 400, True)])  # fmt: skip
def test_a_past_rewritten_beyond_a_twentieth_and_twenty_cells_waits(changed: int, known: int, held: bool) -> None:
    book = MemoryLedger(source(rules=("tanks",)))
    names = [f"tanks\x1f{at}" for at in range(known)]
    book.release("2025-02-01", [(name, D[0], "1000") for name in names])
    rewritten = [(name, D[0], "1001" if at < changed else "1000") for at, name in enumerate(names)]
    done = book.release("2025-02-02", rewritten)
    assert [(check.name, check.result) for check in messages(done, "rewritten")] == (
        [("rewritten", "hold")] if held else []
    )
    assert held_changes(done) == (changed if held else 0)


def test_a_source_that_restates_passes_with_the_share_and_others_may_rewrite_a_window() -> None:
    names = [f"tanks\x1f{at}" for at in range(100)]
    table = [(name, D[0], "1000") for name in names]
    other = [(name, D[0], "1001") for name in names]
    habit = MemoryLedger(source(restates=True))
    habit.release("2025-02-01", table)
    (found,) = messages(habit.release("2025-02-02", other), "rewritten")
    assert (found.result, found.message) == (
        "pass", "100 of 100 known cells are revised or withdrawn (100%), which is this source's habit",
    )  # fmt: skip
    window = MemoryLedger(source(coverage="window"))
    window.release("2025-02-01", table)
    assert messages(window.release("2025-02-02", other), "rewritten") == []


@pytest.mark.parametrize(
    ("form", "as_of", "checks"),
    [
        ("%Y-%m-%d", "2025-01-15", []),
        ("%Y-%m-%d", "2025-01-16", [("future_as_of", "hold")]),
        ("%Y-%m", "2025-01-31", []),
        ("%Y-%m", "2025-02-28", [("future_as_of", "hold")]),
        ("%b %Y", "2025-01-31", []),
        ("%Y", "2025-12-31", []),
        ("%Y", "2026-12-31", [("future_as_of", "hold")]),
        ("%G-W%V-%u", "2025-01-19", []),
        ("%G-W%V-%u", "2025-01-20", [("future_as_of", "hold")]),
    ],
)
def test_a_day_that_has_not_come_waits_and_a_running_period_may_bear_its_last_day(
    form: str, as_of: str, checks: list[tuple[str, str]]
) -> None:
    book = MemoryLedger(source(as_of=AsOf(column="d", format=form)))
    done = book.release("2025-01-15", [("tanks", as_of, "10")])
    assert told(done) == checks
    assert bool(holds(done)) is bool(checks)


def test_a_running_december_ends_with_the_year() -> None:
    book = MemoryLedger(source(as_of=AsOf(column="d", format="%Y-%m")))
    assert told(book.release("2025-12-15", [("tanks", "2025-12-31", "10")])) == []
    assert told(book.release("2025-12-16", [("tanks", "2026-01-31", "10")])) == [("future_as_of", "hold")]


@pytest.mark.parametrize(("as_of", "checks"), [("2025-01-16", [("future_as_of", "warn")]),
                                               ("2025-01-17", [("future_as_of", "hold")])])  # fmt: skip
def test_a_page_may_be_dated_a_day_ahead(as_of: str, checks: list[tuple[str, str]]) -> None:
    book = MemoryLedger(source(coverage="latest"))
    done = book.release("2025-01-15", [("tanks", as_of, "10")])
    assert told(done) == checks
    assert bool(holds(done)) is (checks[0][1] == "hold")
    assert messages(done, "future_as_of")[0].message == f"dated {as_of}, after the day it was published"


def test_the_day_is_that_of_the_publisher() -> None:
    book = MemoryLedger(source(schedule=Schedule(cron="0 6 * * *", timezone="Pacific/Auckland")))
    assert told(book.release("2025-01-15T20:00:00Z", [("tanks", "2025-01-16", "10")])) == []


@pytest.mark.parametrize(
    ("rule", "content", "held"),
    [
        (FigureRule(id="tanks", column="t", unit="people"), "-1", "-1 is less than none and may stand for"),
        (FigureRule(id="tanks", column="t", unit="people"), "-2", "-2 is less than none; counts"),
        (FigureRule(id="tanks", column="t", unit="people"), "-99", "-99 is less than none and may"),
        (FigureRule(id="tanks", column="t", unit="people", kind="change"), "-5", "-5 is less than none; counts"),
        (FigureRule(id="tanks", column="t", unit="items", kind="change"), "-5", ""),
        (FigureRule(id="tanks", column="t", unit="items"), "-5", "-5 is less than none"),
        (FigureRule(id="tanks", column="t", unit="people"), "0", ""),
        (FigureRule(id="tanks", column="t", unit="people"), "100000000000", ""),
        (FigureRule(id="tanks", column="t", unit="people"), "100000000001", "is more than there are people"),
        (FigureRule(id="tanks", column="t", unit="items"), "100000000001", ""),
        (FigureRule(id="tanks", column="t", unit="percent", kind="share"), "101", "101 is no share of a whole"),
        (FigureRule(id="tanks", column="t", unit="percent", kind="share"), "100", ""),
        (FigureRule(id="tanks", column="t", unit="percent", kind="share"), "0", ""),
        (FigureRule(id="tanks", column="t", unit="percent", kind="share"), "-1", "-1 is no share of a whole"),
        (FigureRule(id="tanks", column="t", unit="percent"), "101", ""),
        (FigureRule(id="tanks", column="t", unit="other", kind="ratio"), "-7", ""),
        (FigureRule(id="tanks", column="t", unit="other"), "1" + "0" * 29, ""),
        (FigureRule(id="tanks", column="t", unit="other"), "1" + "0" * 30, "has more digits than any count"),
        (FigureRule(id="tanks", column="t", unit="people"), "-5..7", "-5 is less than none"),
    ],
)
def test_what_cannot_be_counted_waits(rule: FigureRule, content: str, held: str) -> None:
    book = MemoryLedger(source(figures=(rule,)))
    done = book.release("2025-02-01", [("tanks", D[0], content)])
    found = messages(done, "impossible")
    assert bool(found) is bool(held) is bool(holds(done))
    assert all(held in check.message for check in found)


@pytest.mark.parametrize(("value", "others", "held"), [
    ("9999", "3333", True), ("9999", "3334", False), ("999", "3", False), ("9999.0", "7", True), ("99999", "7", True),
    ("99990", "7", False),
])  # fmt: skip
def test_four_nines_far_above_all_others_stand_for_an_unknown_value(value: str, others: str, held: bool) -> None:
    figures = (FigureRule(id="tanks", column="t", unit="people"), FigureRule(id="guns", column="g"))
    book = MemoryLedger(source(figures=figures))
    rows: list[Row] = [("tanks\x1fa", D[0], value), ("tanks\x1fb", D[0], others), ("tanks\x1fc", D[0], "9999")]
    done = book.release("2025-02-01", [*rows, ("guns", D[0], "90000")])
    assert (value in {content for _, _, content in holds(done)}) is held


def test_nines_alone_on_their_page_are_a_number_as_good_as_another() -> None:
    book = MemoryLedger(source())
    assert told(book.release("2025-02-01", tanks(9999))) == []


PARTS = (
    FigureRule(id="killed", column="k", measure="killed", unit="people", whom="soldiers"),
    FigureRule(id="officers", column="o", measure="killed", unit="people", whom="soldiers", category="officers"),
    FigureRule(id="hurt", column="h", measure="wounded", unit="people", whom="soldiers"),
)


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        ([("killed", D[0], "10"), ("officers", D[0], "10")], False),
        ([("killed", D[0], "10"), ("officers", D[0], "11")], True),
        ([("killed", D[1], "10"), ("officers", D[0], "11")], False),
        ([("hurt", D[0], "10"), ("officers", D[0], "11")], False),
        ([("officers", D[0], "11")], False),
        ([("killed", D[0], "5..9"), ("officers", D[0], "11")], False),
        ([("killed", D[0], "10"), ("officers\x1fnorth", D[0], "11")], False),
    ],
)
def test_a_part_is_not_larger_than_its_whole(rows: list[Row], held: bool) -> None:
    book = MemoryLedger(source(figures=PARTS))
    done = book.release("2025-02-01", rows)
    assert holds(done) == ({("first", D[0], "11")} if held else set())
    assert [check.message for check in messages(done, "part_above_total")] == (
        ["11 is more than the whole of 10"] if held else []
    )


DOUBT = CheckResult(name=CheckName.SCALE.value, result="hold", message="in thousands?")


def test_a_doubt_of_the_reader_holds_what_is_new_and_only_warns_of_what_is_known() -> None:
    book = MemoryLedger(source())
    done = book.release("2025-02-01", tanks(10, 12), checks=[DOUBT])
    assert held_changes(done) == 2
    book = MemoryLedger(source())
    book.release("2025-02-01", tanks(10, 12))
    done = book.release("2025-02-02", tanks(10, 12), checks=[DOUBT])
    assert [(check.result, check.message) for check in done.checks] == [("warn", "would be held: in thousands?")]


def test_a_doubt_of_the_reader_about_one_day_holds_that_day() -> None:
    doubt = CheckResult(name="scale", result="hold", message="odd", as_of=Day(D[1]))
    book = MemoryLedger(source())
    book.release("2025-02-01", tanks(10))
    done = book.release("2025-02-02", tanks(10, 12, 14), checks=[doubt])
    assert holds(done) == {("new", D[1], "12")}
    assert not book.release("2025-02-03", tanks(10, 12, 14), checks=[doubt]).checks


def test_without_holds_nothing_waits_and_all_is_told_as_a_warning() -> None:
    book = MemoryLedger(source(expect=Expect(figures=(2, 3))))
    done = book.release("2025-02-01", tanks(10), hold=False)
    assert not holds(done)
    assert [(check.result, check.message) for check in done.checks] == [
        ("warn", "would be held: 1 figure found; the definition expects 2 to 3")
    ]
