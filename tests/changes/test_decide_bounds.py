"""What people decide, and what a definition says of breaks: each answer, what it may be given on, and what follows."""

from __future__ import annotations

from typing import Literal

import pytest

from changes.decide import Action
from changes.marks.breaks import Breaks
from model import Break, Day, FigureRule, UsageError
from tests.changes.memory import MemoryLedger, Row, source
from tests.changes.test_compare_bounds import D, kinds, tanks


@pytest.fixture
def book() -> MemoryLedger:
    """10,000, then a fall to 9,000 that waits."""
    book = MemoryLedger(source())
    book.release("2025-02-01", tanks(10000))
    book.release("2025-02-02", tanks(10000, 9000))
    return book


def test_an_accepted_value_counts(book: MemoryLedger) -> None:
    done = book.decide(2, "accept")
    assert kinds(done) == [("new", D[1], "10000", "9000")]
    assert [(one.target_id, one.action, one.who, one.why) for one in done.settlements] == [
        (2, "accept", "Ann", "it is so")
    ]
    assert (done.cause, done.why, done.known_at) == ("review", "review", "2025-02-02T12:00:00Z")
    assert not book.release("2025-02-03", tanks(10000, 9000)).changes


def test_a_corrected_value_stands_beside_the_machine_s(book: MemoryLedger) -> None:
    done = book.decide(2, "correct", series="book/tanks", as_of=D[1], value=" 10002.50 ", qualifier="approximately")
    assert kinds(done) == [("new", D[1], "10000", "~10002.5")]
    assert not book.release("2025-02-03", tanks(10000, 9000)).changes
    kept = book.decide(1, "correct", series="book/tanks", as_of=D[0], value="10001")
    assert kinds(kept) == [("revised", D[0], "10000", "10001")]


@pytest.mark.parametrize("value", [None, "", "about 7", "1e5", "7,000", "1" * 25, "1." + "0" * 31, "--7"])
def test_a_value_must_be_a_plain_number(book: MemoryLedger, value: str | None) -> None:
    with pytest.raises(UsageError, match="is no number"):
        book.decide(2, "correct", series="book/tanks", as_of=D[1], value=value)


@pytest.mark.parametrize("value", ["1" * 24, "-7", "1." + "0" * 30, "0"])
def test_numbers_of_up_to_twenty_four_digits_are(book: MemoryLedger, value: str) -> None:
    assert book.decide(2, "correct", series="book/tanks", as_of=D[1], value=value).changes


def test_nothing_that_does_not_wait_is_decided(book: MemoryLedger) -> None:
    book.decide(2, "reject")
    actions: tuple[Action, ...] = ("accept", "reject", "same", "unbreak", "break")
    for action in actions:
        with pytest.raises(UsageError, match="nothing in book/2 waits for a decision"):
            book.decide(2, action)
    with pytest.raises(UsageError, match="nothing in book/1 book/tanks@2025-01-01 waits"):
        book.decide(1, "accept", series="book/tanks", as_of=D[0])


def test_what_was_refused_may_be_accepted_where_it_is_named(book: MemoryLedger) -> None:
    book.decide(2, "reject")
    with pytest.raises(UsageError):
        book.decide(2, "accept", as_of=D[1])
    assert kinds(book.decide(2, "accept", series="book/tanks", as_of=D[1])) == [("new", D[1], "10000", "9000")]


def test_what_was_refused_is_past_once_the_source_said_something_else(book: MemoryLedger) -> None:
    book.decide(2, "reject")
    book.release("2025-02-03", tanks(10000, 10005))
    with pytest.raises(UsageError):
        book.decide(2, "accept", series="book/tanks", as_of=D[1])


def test_what_counts_already_is_not_accepted_again(book: MemoryLedger) -> None:
    book.decide(2, "correct", series="book/tanks", as_of=D[1], value="9500")
    book.decide(2, "accept", series="book/tanks", as_of=D[1])
    with pytest.raises(UsageError):
        book.decide(2, "accept", series="book/tanks", as_of=D[1])


def test_a_renamed_series_goes_on(book: MemoryLedger) -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", [("tanks", D[0], "400"), ("guns\x1fa", D[0], "10000")])
    book.release("2025-02-02", [("tanks", D[0], "400"), ("guns\x1fb", D[1], "10001")])
    done = book.decide(2, "same")
    assert [(one.kind, book.accepted.keys[one.series_id], one.content, one.rename) for one in done.changes] == [
        ("new", "book/guns/a", "10001", None)
    ]
    assert [one.action for one in done.settlements] == ["same", "same"]


# A count that begins anew.


@pytest.fixture
def restarted() -> MemoryLedger:
    """Twenty days of a total, then a new count, whose values wait: the third of them jumps."""
    book = MemoryLedger(source())
    total = tanks(*range(1000, 1200, 10))
    book.release("2025-02-01", total)
    for last in range(1, 5):
        book.release(f"2025-02-0{last + 1}", [*total, *tanks(*(5, 15, 9000, 25)[:last], start=20)])
    return book


def test_with_the_first_value_of_a_new_count_those_go_on_that_are_ordinary(restarted: MemoryLedger) -> None:
    waiting = {key[1] for key, held in restarted.accepted.held.items() if held.open}
    assert {D[20], D[21], D[23]} <= waiting
    done = restarted.decide(2, "break", series="book/tanks", as_of=D[20])
    accepted = [(one.as_of, one.old, one.content, one.base_as_of) for one in done.changes]
    assert accepted[0] == (D[20], "1190", "5", D[19])
    assert (D[21], None, "15", None) in accepted
    assert done.changes[0].series_break == "it is so"
    assert done.settlements[1].why == f"goes on from {D[20]}: it is so"
    assert done.settlements[1].action == "accept"
    assert done.known_at > "2025-02-02T12:00:00Z"
    assert [check.message for check in done.checks] == ["counted anew from here on (Ann: it is so)"]
    back = restarted.decide(len(restarted.updates), "unbreak", series="book/tanks", as_of=D[20])
    assert [check.message for check in back.checks] == ["counted on after all (Ann: it is so)"]
    assert not restarted.accepted.breaks


def test_what_counts_already_may_be_marked_as_the_first_of_a_new_count() -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", tanks(10, 12))
    done = book.decide(1, "break", series="book/tanks", as_of=D[1])
    assert not done.changes
    assert book.accepted.breaks == {1: {D[1]: "it is so"}}
    later = book.release("2025-02-02", tanks(10, 12, 3))
    assert [(one.series_break, one.held) for one in later.changes] == [(None, True)]


@pytest.mark.parametrize("action", ["reject", "accept"])
def test_a_whole_update_is_decided_at_once(action: Action) -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", [*tanks(10000), ("guns", D[0], "5000")])
    book.release("2025-02-02", [*tanks(10000, 9000), ("guns", D[0], "5000"), ("guns", D[1], "4000")])
    done = book.decide(2, action)
    assert len(done.settlements) == 2
    assert len(done.changes) == (2 if action == "accept" else 0)


def test_a_definition_marks_the_first_observation_of_each_new_count_once() -> None:
    figures = (FigureRule(id="tanks", column="t", breaks=(Break(as_of=D[2], why="a new year", every="year"),)),)
    book = MemoryLedger(source(figures=figures))
    first = book.release("2025-02-01", tanks(1000, 1010, 5, 15))
    assert [(one.target_id, one.as_of, one.action, one.who, one.why) for one in first.settlements] == [
        (-1, D[2], "break", "definition", "a new year")
    ]
    assert not book.release("2025-02-02", tanks(1000, 1010, 5, 15, 25)).settlements
    table: list[Row] = [*tanks(1000, 1010, 5, 15, 25), ("tanks", "2026-01-04", "2")]
    again = book.release("2026-02-02", table)
    assert [(one.target_id, one.as_of) for one in again.settlements] == [(-1, "2026-01-04")]
    assert [(one.series_break, one.held) for one in again.changes] == [("a new year", False)]


def test_a_value_that_waits_is_not_the_first_of_a_new_count() -> None:
    figures = (FigureRule(id="tanks", column="t", breaks=(Break(as_of="2025-03-01", why="a new year"),)),)
    book = MemoryLedger(source(figures=figures))
    book.release("2025-02-01", tanks(1000))
    ahead = book.release("2025-02-02", [*tanks(1000), ("tanks", "2025-03-05", "5")])
    assert ([one.held for one in ahead.changes], ahead.settlements) == ([True], [])


def test_a_break_before_all_days_marks_nothing_and_a_revision_is_compared() -> None:
    for as_of, marked in ((D[0], []), ("2024-06-01", []), (D[1], [D[1]])):
        figures = (FigureRule(id="tanks", column="t", breaks=(Break(as_of=as_of, why="counted anew"),)),)
        book = MemoryLedger(source(figures=figures))
        done = book.release("2025-02-01", tanks(1000, 1010, 1020))
        assert [one.as_of for one in done.settlements] == marked
        revised = book.release("2025-02-02", tanks(1000, 1011, 1020))
        assert [(one.old, one.series_break) for one in revised.changes] == [("1010", None)]
        assert not book.release("2025-02-03", tanks(1000, 1020)[:1]).changes[0].series_break


def test_the_first_value_behind_a_defined_break_is_told_as_counted_anew() -> None:
    figures = (FigureRule(id="tanks", column="t", breaks=(Break(as_of=D[2], why="a new year"),)),)
    book = MemoryLedger(source(figures=figures))
    book.release("2025-02-01", tanks(1000, 1010))
    done = book.release("2025-02-02", tanks(1000, 1010, 5))
    assert [(one.series_break, one.held) for one in done.changes] == [("a new year", False)]


def test_a_break_that_is_defined_later_marks_what_is_there() -> None:
    plain = MemoryLedger(source(rules=("tanks",)))
    plain.release("2025-02-01", tanks(1000, 1010, 1020))
    figures = (FigureRule(id="tanks", column="t", unit="items", breaks=(Break(as_of=D[1], why="counted anew"),)),)
    plain.source = source(figures=figures)
    done = plain.release("2025-02-02", tanks(1000, 1010, 1020, 1030))
    assert [(one.target_id, one.as_of) for one in done.settlements] == [(1, D[1])]


def test_a_break_may_be_of_one_series_alone() -> None:
    of_one = Break(as_of=D[1], why="counted anew", series="tanks/a")
    book = MemoryLedger(source(figures=(FigureRule(id="tanks", column="t", breaks=(of_one,)),)))
    table: list[Row] = [(f"tanks\x1f{name}", day, "5") for name in "ab" for day in D[:3]]
    done = book.release("2025-02-01", table)
    assert [(book.accepted.keys[one.series_id], one.as_of) for one in done.settlements] == [("book/tanks/a", D[1])]


@pytest.mark.parametrize(
    ("every", "day", "last"),
    [
        (None, "2024-03-01", "2024-02-29"),
        (None, "2024-02-28", None),
        ("year", "2025-02-27", "2024-02-29"),
        ("year", "2025-02-28", "2025-02-28"),
        ("month", "2024-03-28", "2024-02-29"),
        ("month", "2024-03-29", "2024-03-29"),
        ("month", "2025-01-15", "2024-12-29"),
        ("month", "2025-02-28", "2025-02-28"),
    ],
)
def test_the_last_day_of_a_rule(every: Literal["year", "month"] | None, day: Day, last: Day | None) -> None:
    rule = Break(as_of="2024-02-29", why="w", every=every)
    found = Breaks({}, [rule]).last(day)
    assert (found[0] if found else None) == last


def test_breaks_lie_between_days() -> None:
    marked = Breaks({D[3]: "one", D[5]: "two"})
    assert marked.between(D[3], D[4]) is None
    assert marked.between(D[2], D[3]) == "one"
    assert marked.between(D[2], D[9]) == "two"
    assert marked.between(D[0], D[2]) is None
    assert not Breaks({})
    assert Breaks({}).between(D[0], D[9]) is None


def test_a_later_value_that_falls_in_the_new_count_waits_on() -> None:
    book = MemoryLedger(source())
    total = tanks(*range(1000, 1200, 10))
    book.release("2025-02-01", total)
    for last in range(1, 4):
        book.release(f"2025-02-0{last + 1}", [*total, *tanks(*(100, 95, 104)[:last], start=20)])
    done = book.decide(2, "break", series="book/tanks", as_of=D[20])
    assert [one.content for one in done.changes] == ["100", "104"]
