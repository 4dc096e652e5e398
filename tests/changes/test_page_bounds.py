"""Checks of a release as a whole, of its days, its parts and its numbers: each bound with a value on either side."""

from __future__ import annotations

import msgspec
import pytest

from model import AsOf, CheckName, CheckResult, Day, Derived, Expect, FigureRule, Match, Schedule, SeriesRule
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
    assert found.message.endswith("copy of the table: it equals the release of 2025-02-01T12:00:00Z and lacks 2 cells")
    assert held_changes(done) == 2
    again = book.release("2025-02-04", tanks(10), text="A")
    assert [check.message for check in messages(again, "rollback")] == [
        "an older copy of the table: it equals the release of 2025-02-03T12:00:00Z and lacks 2 cells"
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
        ("%Y-%m", "2025-02-01", [("future_as_of", "hold")]),
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
        (FigureRule(id="tanks", column="t", unit="other"), "-5", ""),
        (FigureRule(id="tanks", column="t", unit="other", kind="share"), "101", ""),
        (FigureRule(id="tanks", column="t", unit="people"), "1" + "0" * 29, "1" + "0" * 29 + " is more"),
        (FigureRule(id="tanks", column="t", unit="people"), "1" + "0" * 30, "100000000000… (31 digits) is more"),
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
    ("99990", "7", False), ("2147483647", "7", True), ("65535", "40000", False), ("65535", "7", True),
    ("9223372036854775807", "7", True), ("2147483646", "7", False),
])  # fmt: skip
def test_four_nines_far_above_all_others_stand_for_an_unknown_value(value: str, others: str, held: bool) -> None:
    figures = (FigureRule(id="tanks", column="t", unit="people"), FigureRule(id="guns", column="g"))
    book = MemoryLedger(source(figures=figures))
    rows: list[Row] = [("tanks\x1fa", D[0], value), ("tanks\x1fb", D[0], others), ("tanks\x1fc", D[0], "9999")]
    done = book.release("2025-02-01", [*rows, ("guns", D[0], "90000")])
    assert (value in {content for _, _, content in holds(done)}) is held


@pytest.mark.parametrize(("value", "others", "held"), [
    ("-9999", "3.12", True), ("-999", "3.3", True), ("-999.9", "7", True), ("-99.9", "7", True),
    ("-99.9", "61.2", False), ("-61.2", "7", False), ("-99", "7", False), ("-999", "400", False),
])  # fmt: skip
def test_a_gauge_that_is_out_of_order_reads_minus_nines(value: str, others: str, held: bool) -> None:
    gauge = FigureRule(id="level", column="l", unit="m", kind="ratio")
    book = MemoryLedger(source(figures=(gauge,)))
    done = book.release("2025-02-01", [("level", D[0], others), ("level", D[1], value)])
    assert bool(holds(done)) is held
    book = MemoryLedger(source(figures=(gauge,), coverage="latest"))
    book.release("2025-02-01", [("level", D[0], others)])
    assert bool(messages(book.release("2025-02-02", [("level", D[1], value)]), "impossible")) is held


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
        ([("killed", D[0], "3"), ("officers", D[0], "5..9")], False),
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


DOUBT = CheckResult(name="scale", result="hold", message="in thousands?")


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


@pytest.mark.parametrize(("changed", "known", "held"), [(5, 10, False), (6, 10, True), (4, 5, False), (5, 9, True)])
@pytest.mark.parametrize("coverage", ["full", "window"])
def test_of_one_series_more_than_half_and_five_values_rewritten_wait(
    changed: int, known: int, held: bool, coverage: str
) -> None:
    other: list[Row] = [("guns", day, "7") for day in D[:12]]
    book = MemoryLedger(source(coverage=coverage))
    book.release("2025-02-01", [*tanks(*range(1000, 1000 + known)), *other])
    done = book.release(
        "2025-02-02", [*tanks(*(1000 + at + (at < changed) for at in range(known))), *other[1:], other[0]]
    )
    assert [check.message for check in messages(done, "rewritten")] == (
        [f"{changed} of {known} known cells are revised or withdrawn ({changed / known:.0%})"] if held else []
    )
    assert held_changes(done) == (changed if held else 0)


def test_a_past_that_is_rewritten_in_two_series_is_told_once_and_what_is_new_beside_it_counts() -> None:
    book = MemoryLedger(source(rules=("tanks", "guns", "ships"), coverage="window"))

    def rows_of(more: int) -> list[Row]:
        return [(name, day, str(1000 + more)) for name in ("tanks", "guns") for day in D[:6]]

    book.release("2025-02-01", rows_of(0))
    done = book.release("2025-02-02", [*rows_of(1), ("ships", D[0], "5")])
    assert [check.message for check in messages(done, "rewritten")] == [
        "12 of 12 known cells are revised or withdrawn (100%)"
    ]
    assert held_changes(done) == 12


def test_a_page_without_figures_is_told_once() -> None:
    book = MemoryLedger(source(expect=Expect(figures=(2, 3))))
    assert told(book.release("2025-02-01", [("tanks", D[0], "")])) == [("nothing_extracted", "hold")]


def test_what_the_reader_only_warns_of_holds_nothing() -> None:
    warning = CheckResult(name=CheckName.UNREADABLE_VALUE.value, result="warn", message="a cell has no number")
    book = MemoryLedger(source())
    done = book.release("2025-02-01", tanks(10), checks=[warning])
    assert (told(done), held_changes(done)) == ([("unreadable_value", "warn")], 0)


def test_a_running_november_ends_with_its_own_last_day() -> None:
    book = MemoryLedger(source(as_of=AsOf(column="d", format="%Y-%m")))
    assert told(book.release("2025-11-15", [("tanks", "2025-11-30", "10")])) == []
    assert told(book.release("2025-11-16", [("tanks", "2025-12-31", "10")])) == [("future_as_of", "hold")]
    book = MemoryLedger(source(as_of=AsOf(column="d", format="%Y")))
    assert told(book.release("2025-11-15", [("tanks", "2026-01-31", "10")])) == [("future_as_of", "hold")]


def test_the_last_of_two_wholes_in_the_definition_is_the_whole_and_increments_have_none() -> None:
    other = msgspec.structs.replace(PARTS[0], id="confirmed")
    rows: list[Row] = [("killed", D[0], "12"), ("confirmed", D[0], "10"), ("officers", D[0], "11")]
    for figures, held in (((*PARTS, other), True), ((other, *PARTS), False)):
        book = MemoryLedger(source(figures=figures))
        assert bool(messages(book.release("2025-02-01", rows), "part_above_total")) is held
    daily = tuple(msgspec.structs.replace(one, kind="change") for one in PARTS)
    book = MemoryLedger(source(figures=daily))
    assert not messages(book.release("2025-02-01", [("killed", D[0], "10"), rows[2]]), "part_above_total")


def test_a_part_is_judged_once_and_a_whole_that_waits_is_one_none_the_less() -> None:
    book = MemoryLedger(source(figures=PARTS))
    book.release("2025-02-01", [("killed", D[0], "1000"), ("officers", D[0], "900")])
    done = book.release("2025-02-02", [("killed", D[0], "1000"), ("killed", D[1], "700"),
                                       ("officers", D[0], "900"), ("officers", D[1], "800")])  # fmt: skip
    assert told(done) == [("fall", "hold"), ("fall", "hold")]
    done = book.release("2025-02-03", [("killed", D[0], "1000"), ("killed", D[2], "700"),
                                       ("officers", D[0], "900"), ("officers", D[2], "901")])  # fmt: skip
    assert ("part_above_total", "hold") in told(done)


# A part of a table.


def camps(count: int, start: int = 0, at: int = 0) -> list[Row]:
    return [
        (f"tanks\x1fCamp {chr(65 + place)}{'x' * place}", D[at], str(100 + 10 * place)) for place in range(start, count)
    ]


@pytest.mark.parametrize(("known", "left", "held"), [(10, 7, 3), (15, 12, 0), (14, 11, 3), (9, 7, 0), (20, 16, 0),
                                                     (20, 15, 5)])  # fmt: skip
def test_where_more_than_a_fifth_of_a_table_and_three_cells_are_gone_nothing_goes(
    known: int, left: int, held: int
) -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", camps(known))
    done = book.release("2025-02-02", camps(left))
    assert [check.message for check in messages(done, "partial")] == (
        [f"{held} of {known} known cells are not in the table any more"] if held else []
    )
    assert (len(done.changes), held_changes(done)) == (known - left, held)


def test_cells_that_echo_others_are_not_counted_among_those_that_went() -> None:
    figures = (
        FigureRule(id="tanks", column="t"),
        FigureRule(id="sum", column="s", derived=Derived(running_sum_of="tanks")),
    )
    book = MemoryLedger(source(figures=figures))
    table = [(ref, day, str(1000 + at)) for at, day in enumerate(D[:6]) for ref in ("tanks", "sum")]
    book.release("2025-02-01", table)
    assert not messages(book.release("2025-02-02", table[:-4]), "partial")
    assert messages(book.release("2025-02-03", table[:-10]), "partial")


@pytest.mark.parametrize(("known", "left", "missed"), [(10, 6, 4), (9, 6, 0), (8, 5, 3), (4, 2, 0), (5, 2, 3)])
@pytest.mark.parametrize("coverage", ["latest", "window"])
def test_a_table_that_leaves_out_three_series_and_a_third_of_them_says_so(
    known: int, left: int, missed: int, coverage: str
) -> None:
    book = MemoryLedger(source(coverage=coverage))
    book.release("2025-02-01", camps(known))
    done = book.release("2025-02-02", camps(left))
    first = book.accepted.keys[left + 1]
    assert [(check.series, check.message) for check in messages(done, "partial")] == (
        [("book/tanks", f"{missed} of {known} series of tanks are not stated, {first} among them; their last "
          "values stay, and are not taken for new")] if missed else []
    )  # fmt: skip
    assert not held_changes(done)


def test_a_rule_of_which_nothing_is_stated_and_what_was_not_current_are_not_missed() -> None:
    book = MemoryLedger(source(coverage="latest"))
    book.release("2025-02-01", [*camps(9), ("guns", D[0], "7")])
    assert not messages(book.release("2025-02-02", [("guns", D[0], "7")]), "partial")
    book.release("2025-02-03", camps(3, at=1))
    assert not messages(book.release("2025-02-04", camps(3, at=2)), "partial")


def test_what_is_stated_but_not_clear_is_not_missed() -> None:
    book = MemoryLedger(source(coverage="latest"))
    book.release("2025-02-01", camps(8))
    unclear: list[Row] = [row for ref, _, _ in camps(8, 5) for row in ((ref, D[1], "7"), (ref, D[1], "8"))]
    assert not messages(book.release("2025-02-02", [*camps(5, at=1), *unclear]), "partial")
    unread: list[Row] = [(ref, D[2], "?") for ref, _, _ in camps(8, 5)]
    assert not messages(book.release("2025-02-03", [*camps(5, at=2), *unread]), "partial")
    blank: list[Row] = [(ref, D[1], "") for ref, _, _ in camps(8, 5)]
    book = MemoryLedger(source(coverage="latest"))
    book.release("2025-02-01", camps(8))
    assert messages(book.release("2025-02-04", [*camps(5, at=1), *blank]), "partial")


def test_an_article_that_leaves_figures_out_is_no_part_of_a_table() -> None:
    book = MemoryLedger(msgspec.structs.replace(source(coverage="latest"), extractor="prose"))
    book.release("2025-02-01", camps(8))
    assert not messages(book.release("2025-02-02", camps(2)), "partial")


def test_what_waits_already_is_not_told_to_be_impossible_too() -> None:
    figures = (FigureRule(id="tanks", column="t", unit="people"),)
    book = MemoryLedger(source(figures=figures, expect=Expect(figures=(2, 3))))
    assert told(book.release("2025-02-01", [("tanks", D[0], "-5")])) == [("count_out_of_bounds", "hold")]


def test_nines_that_are_more_than_there_are_people_are_told_as_that() -> None:
    book = MemoryLedger(source(figures=(FigureRule(id="tanks", column="t", unit="people"),)))
    done = book.release("2025-02-01", [("tanks\x1fa", D[0], "9" * 12), ("tanks\x1fb", D[0], "7")])
    assert [check.message for check in messages(done, "impossible")] == ["999999999999 is more than there are people"]


def test_what_an_article_says_may_be_less_than_none_but_no_longer_than_any_count() -> None:
    series = (SeriesRule(id="tanks", match=Match()),)
    for content, doubted in (("-5", False), ("1" + "0" * 30, True)):
        book = MemoryLedger(source(figures=(), series=series))
        assert bool(messages(book.release("2025-02-01", [("tanks", D[0], content)]), "impossible")) is doubted


def test_a_past_that_is_lost_again_is_held_again_with_what_was_kept_before() -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", tanks(*range(100, 130)))
    book.release("2025-02-02", tanks(*range(110, 130), start=10))
    book.decide(2, "reject")
    book.release("2025-02-03", tanks(*range(100, 130)))
    done = book.release("2025-02-04", tanks(*range(112, 130), start=12))
    (found,) = messages(done, "partial")
    assert found.message == "12 of 30 known cells are not in the table any more"
    assert [change.held for change in done.changes] == [True, True]


def _two(tanks_: list[int], guns: list[int], start: int = 0) -> list[Row]:
    return [
        *tanks(*tanks_, start=start),
        *(("guns", day, str(value)) for day, value in zip(D[start:], guns, strict=False)),
    ]


@pytest.mark.parametrize(
    ("tanks_now", "guns_now", "told_of"),
    [
        ([300, 310, 320], [20, 21, 22], True),
        ([300, 310, 22], [20, 21, 320], True),
        ([300, 11, 12], [20, 31, 42], False),
        ([21, 22, 23], [300, 310, 320], False),
    ],
)
def test_columns_that_state_each_others_past_are_held(tanks_now: list[int], guns_now: list[int], told_of: bool) -> None:
    figures = tuple(FigureRule(id=name, column=name, may_fall=True) for name in ("tanks", "guns"))
    book = MemoryLedger(source(figures=figures))
    book.release("2025-02-01", _two([20, 21, 22], [300, 310, 320]))
    done = book.release("2025-02-02", _two(tanks_now, guns_now))
    assert bool(messages(done, "exchanged")) is told_of
    if told_of:
        assert all(change.held for change in done.changes)


@pytest.mark.parametrize(
    ("tanks_next", "guns_next", "told_of"),
    [(302, 22, True), (302, 300, False), (22, 302, False), (330, 22, False)],
)
def test_columns_whose_next_values_are_each_others_are_held(tanks_next: int, guns_next: int, told_of: bool) -> None:
    figures = tuple(FigureRule(id=name, column=name, may_fall=True) for name in ("tanks", "guns"))
    book = MemoryLedger(source(figures=figures, coverage="latest"))
    book.release("2025-02-01", _two([21], [300]))
    done = book.release("2025-02-02", _two([tanks_next], [guns_next], start=1))
    assert bool(messages(done, "exchanged")) is told_of


def test_small_numbers_change_places_by_chance() -> None:
    figures = tuple(FigureRule(id=name, column=name) for name in ("tanks", "guns"))
    book = MemoryLedger(source(figures=figures))
    book.release("2025-02-01", _two([3], [4]))
    assert not messages(book.release("2025-02-02", _two([4], [3])), "exchanged")
