"""Reading archived releases again: what is proved by which bytes, and what is left alone."""

from __future__ import annotations

from typing import Any

from model import CheckResult, Day, Figure, Reading
from tests.changes.memory import MemoryLedger, Row, reading, source
from tests.changes.test_compare_bounds import D, kinds, tanks


def book(*tables: list[Row], **options: object) -> MemoryLedger:
    found = MemoryLedger(source(**options))
    for at, table in enumerate(tables, 1):
        found.release(f"2025-02-{at:02}", table)
    return found


def test_what_is_read_as_before_proves_nothing() -> None:
    assert book(tanks(10), tanks(10, 12)).replay([tanks(10), tanks(10, 12)]) == []
    assert MemoryLedger(source()).replay([]) == []


def test_the_newest_release_that_states_an_observation_proves_it() -> None:
    ledger = book(tanks(10), tanks(10, 12), tanks(10, 12, 14))
    found = ledger.replay([tanks(11), tanks(11, 12), tanks(11, 13, 14)])
    assert [(kinds(one), one.snapshot and one.snapshot.known_at[:10]) for one in found] == [
        ([("revised", D[0], "10", "11")], "2025-02-01"),
        ([("revised", D[1], "12", "13")], "2025-02-03"),
    ]
    assert [(one.cause, one.why, one.reader and one.reader.version) for one in found] == [
        ("replay", "extraction", 2)
    ] * 2
    assert [figure.content for one in found for figure in one.figures.values()] == ["11", "13"]
    assert ledger.values() == {("tanks", D[0]): "11", ("tanks", D[1]): "13", ("tanks", D[2]): "14"}


def test_what_is_not_read_any_more_is_proved_by_the_newest_release() -> None:
    ledger = book(tanks(10), tanks(10, 12), tanks(10, 12))
    (found,) = ledger.replay([tanks(10), tanks(10), tanks(10)])
    assert kinds(found) == [("withdrawn", D[1], "12", None)]
    assert [one.how for one in found.changes] == ["row"]
    assert found.snapshot is not None
    assert found.snapshot.known_at.startswith("2025-02-03")
    assert not found.figures


def test_what_a_release_recorded_stays_that_cannot_be_read_any_more() -> None:
    ledger = book(tanks(10), tanks(11, 12), tanks(11, 12, 13))
    assert ledger.replay([tanks(10), None, tanks(11, 12, 13)]) == []
    assert ledger.replay([tanks(10), tanks(11, 12), None]) == []
    assert ledger.replay([tanks(10), None, None]) == []
    assert book(tanks(10)).replay([None]) == []
    # What was recorded of a release that is read says what that release does.
    (found,) = ledger.replay([tanks(10), tanks(11, 14), None])
    assert kinds(found) == [("revised", D[1], "12", "14")]


def test_a_quiet_release_that_cannot_be_read_takes_no_proof_from_the_one_before() -> None:
    ledger = book(tanks(10), tanks(10))
    _, snapshot, read = ledger.releases[1]
    ledger.releases[1] = (1, snapshot, read)
    (found,) = ledger.replay([tanks(11), None])
    assert kinds(found) == [("revised", D[0], "10", "11")]


def test_what_a_person_decided_stays() -> None:
    ledger = book(tanks(10), tanks(10, 12))
    assert ledger.replay([tanks(11), tanks(11, 12)], {(1, D[0])}) == []
    (found,) = ledger.replay([tanks(11), tanks(11, 13)], {(1, D[0])})
    assert kinds(found) == [("revised", D[1], "12", "13")]


def test_what_waits_or_was_refused_is_left_alone() -> None:
    ledger = book(tanks(10000), tanks(10000, 9000))
    assert ledger.replay([tanks(10000), tanks(10000, 9500)]) == []
    ledger.decide(2, "reject")
    assert ledger.replay([tanks(10000), tanks(10000, 9500)]) == []


def test_what_was_held_and_ended_is_read_again() -> None:
    ledger = book(tanks(10000), tanks(10000, 9000), tanks(10000, 10001))
    (found,) = ledger.replay([tanks(10000), tanks(10000, 9000), tanks(10000, 10002)])
    assert kinds(found) == [("revised", D[1], "10001", "10002")]


def test_what_the_reader_itself_doubts_is_not_settled_by_reading_it_again() -> None:
    ledger = book(tanks(10), tanks(10, 12))
    doubt = CheckResult(name="scale", result="hold", message="in thousands?", as_of=D[1])
    warn = CheckResult(name="scale", result="warn", message="in thousands?", as_of=D[0])
    doubted = [reading(tanks(10)), reading(tanks(11, 13), checks=(doubt, warn))]
    (found,) = ledger.replay(doubted)
    assert kinds(found) == [("revised", D[0], "10", "11")]
    whole = CheckResult(name="scale", result="hold", message="in thousands?")
    assert ledger.replay([reading(tanks(10)), reading(tanks(12, 13), checks=(whole,))]) == []


def test_a_later_release_without_the_doubt_settles_it() -> None:
    ledger = book(tanks(10), tanks(10, 12))
    whole = CheckResult(name="scale", result="hold", message="in thousands?")
    (found,) = ledger.replay([reading(tanks(99), checks=(whole,)), reading(tanks(11, 12))])
    assert kinds(found) == [("revised", D[0], "10", "11")]


def test_a_series_that_only_todays_reader_finds_is_opened_once() -> None:
    ledger = book(tanks(10), tanks(10, 12))
    guns: list[Row] = [("guns\x1fx", D[0], "7")]
    more: list[Row] = [("guns\x1fx", D[1], "8"), ("guns\x1fy", D[1], "9")]
    found = ledger.replay([[*tanks(10), *guns], [*tanks(10, 12), *guns, *more]])
    assert [kinds(one) for one in found] == [
        [("first", D[0], None, "7")],
        [("new", D[1], "7", "8"), ("first", D[1], None, "9")],
    ]
    assert [[one.key for one in update.naming.opened] for update in found] == [["book/guns/x"], ["book/guns/y"]]
    assert [str(one.figure.value) for update in found for one in update.naming.opened] == ["7", "9"]
    assert ledger.values()[("guns/x", D[1])] == "8"


def test_an_undated_figure_is_read_again_on_its_own_day() -> None:
    ledger = MemoryLedger(source(coverage="latest"))
    ledger.release("2025-02-01", [("tanks", None, "10")])
    ledger.release("2025-02-03", [("tanks", None, "12")], published=Day("2025-02-02"))
    (found,) = ledger.replay([[("tanks", None, "10")], [("tanks", None, "13")]])
    assert kinds(found) == [("revised", "2025-02-02", "12", "13")]


def test_a_row_that_moved_is_told_as_moved() -> None:
    ledger = book([*tanks(1000), *tanks(1500, start=2)])
    (found,) = ledger.replay([tanks(1000, 1500)])
    assert [(one.kind, one.redated) for one in sorted(found.changes, key=lambda one: one.as_of)] == [
        ("late", D[2]),
        ("withdrawn", D[1]),
    ]


def test_no_figure_is_asked_of_a_blank_cell() -> None:
    ledger = book([*tanks(10, 12), ("guns", D[0], "7")])
    blank: list[Row] = [("tanks", D[0], "10"), ("tanks", D[1], ""), ("guns", D[0], "7")]
    once = reading(blank)

    def asked(handle: Any) -> Figure:
        assert blank[handle][2]
        return once.figure(handle)

    (found,) = ledger.replay([Reading(once.cells, asked)])
    assert [(one.kind, one.how) for one in found.changes] == [("withdrawn", "cell")]


def test_a_return_is_told_as_one() -> None:
    ledger = book(tanks(10), tanks(11))
    (found,) = ledger.replay([tanks(10), tanks(10)])
    assert [(one.kind, one.reverts) for one in found.changes] == [("revised", 1)]


def test_two_updates_of_one_replay_count_from_one_another() -> None:
    ledger = book(tanks(10), [*tanks(10), ("guns", D[0], "7")])
    found = ledger.replay([tanks(10, 12), [*tanks(10, 12, 15), ("guns", D[0], "7")]])
    assert [kinds(one) for one in found] == [[("new", D[1], "10", "12")], [("new", D[2], "12", "15")]]
