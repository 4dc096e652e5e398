"""Comparing, marking, setting against what is stated: what a release is told as where nothing else interferes."""

from __future__ import annotations

import pytest

from changes.baseline import resolve
from changes.facts import RecordedVersion
from changes.labels import identity_of
from changes.update import Evaluation
from model import CheckName, CheckResult, Day, Derived, FigureRule, Label
from tests.changes.memory import MemoryLedger, Row, figure, holds, source, told

D = [Day(f"2025-01-{day:02}") for day in range(1, 32)]


def tanks(*values: int | str, start: int = 0) -> list[Row]:
    return [("tanks", D[start + at], str(value)) for at, value in enumerate(values)]


def kinds(done: Evaluation) -> list[tuple[str, str, str | None, str | None]]:
    """(kind, as-of, old, new) of changes, by as-of."""
    changes = sorted(done.changes, key=lambda one: (one.as_of, one.series_id))
    return [(one.kind, one.as_of, one.old, one.content) for one in changes]


@pytest.fixture
def book() -> MemoryLedger:
    return MemoryLedger(source())


def undated(content: str, ref: str = "tanks") -> list[Row]:
    return [(ref, None, content)]


@pytest.fixture
def page() -> MemoryLedger:
    return MemoryLedger(source(coverage="latest"))


def test_an_undated_figure_is_observed_once_and_again_when_it_says_something_else(page: MemoryLedger) -> None:
    first = page.release("2025-01-02", undated("10"))
    assert kinds(first) == [("first", D[1], None, "10")]
    assert [one.basis for one in first.changes] == ["fetched"]
    assert not page.release("2025-01-03", undated("10")).changes
    assert not page.release("2025-01-03", undated("10")).changes
    assert kinds(page.release("2025-01-04", undated("12"))) == [("new", D[3], "10", "12")]
    again = page.release("2025-01-04", undated("13"))
    assert kinds(again) == [("new", D[3], "12", "13")]
    assert kinds(page.release("2025-01-04", undated("~13"))) == [("requalified", D[3], "13", "~13")]
    published = page.release("2025-01-09", undated("14"), published=D[6])
    assert [(one.as_of, one.basis) for one in published.changes] == [(D[6], "published")]
    assert kinds(page.release("2025-01-10", undated("15"), published=D[6])) == [("revised", D[6], "14", "15")]


def test_a_dated_figure_beside_an_undated_one_says_its_own_day(page: MemoryLedger) -> None:
    done = page.release("2025-01-05", [("tanks", None, "10"), ("guns", D[2], "7")])
    assert [(one.as_of, one.basis) for one in done.changes] == [(D[4], "fetched"), (D[2], "stated")]


def test_an_undated_figure_that_waits_joins_its_hold_on_later_days(page: MemoryLedger) -> None:
    page.release("2025-01-02", undated("10000"))
    held = page.release("2025-01-03", undated("9000"))
    assert holds(held) == {("new", D[2], "9000")}
    joined = page.release("2025-01-04", undated("9000"))
    assert not joined.changes
    assert not joined.settlements
    back = page.release("2025-01-05", undated("10001"))
    assert kinds(back) == [("new", D[4], "10000", "10001")]
    assert page.values() == {("tanks", D[1]): "10000", ("tanks", D[4]): "10001"}


def test_a_refused_undated_value_is_no_news_until_another_is_stated(page: MemoryLedger) -> None:
    page.release("2025-01-02", undated("10000"))
    page.release("2025-01-03", undated("9000"))
    page.decide(2, "reject")
    assert not page.release("2025-01-04", undated("9000")).changes
    page.release("2025-01-05", undated("10001"))
    assert holds(page.release("2025-01-06", undated("9000"))) == {("new", D[5], "9000")}


def test_of_an_undated_table_the_newest_observation_alone_is_there_to_go() -> None:
    book = MemoryLedger(source())
    book.release("2025-01-02", [*undated("10"), *undated("7", "guns")])
    book.release("2025-01-03", [*undated("11"), *undated("7", "guns")])
    gone = book.release("2025-01-04", undated("7", "guns"))
    assert kinds(gone) == [("withdrawn", D[2], "11", None)]
    assert not book.release("2025-01-05", undated("7", "guns")).changes
    assert kinds(book.release("2025-01-06", [*undated("11"), *undated("7", "guns")])) == [
        ("restored", D[5], "11", "11")
    ]


def test_an_undated_cell_that_is_blank_is_gone_and_one_that_cannot_be_read_is_not() -> None:
    for content, changes in (("", 1), ("?", 0)):
        book = MemoryLedger(source())
        book.release("2025-01-02", [*undated("10"), *undated("7", "guns")])
        assert len(book.release("2025-01-03", [*undated(content), *undated("7", "guns")]).changes) == changes


def test_of_a_dated_series_that_went_every_day_is_withdrawn(book: MemoryLedger) -> None:
    book.release("2025-02-01", [*tanks(10, 12), ("guns", D[0], "7")])
    gone = book.release("2025-02-02", [("guns", D[0], "7")])
    assert kinds(gone) == [("withdrawn", D[0], "10", None), ("withdrawn", D[1], "12", None)]
    assert {one.how for one in gone.changes} == {"series"}


def test_a_cell_that_cannot_be_read_is_neither_a_value_nor_gone(book: MemoryLedger) -> None:
    book.release("2025-02-01", tanks(10, 12))
    assert not book.release("2025-02-02", tanks(10, "?")).changes


def test_an_empty_table_and_a_page_withdraw_nothing(book: MemoryLedger, page: MemoryLedger) -> None:
    book.release("2025-02-01", tanks(10, 12))
    assert not book.release("2025-02-02", []).changes
    page.release("2025-02-01", tanks(10, 12))
    assert not page.release("2025-02-02", tanks(10)).changes


def test_a_hold_ends_when_the_source_says_something_else_or_nothing(book: MemoryLedger) -> None:
    book.release("2025-02-01", tanks(10000, 10001))
    book.release("2025-02-02", tanks(10000, 10001, 9000))
    assert not book.release("2025-02-03", tanks(10000, 10001, 9000)).settlements
    gone = book.release("2025-02-04", tanks(10000, 10001))
    assert [(one.action, one.why) for one in gone.settlements] == [("supersede", "the source no longer states it")]
    book.release("2025-02-05", tanks(10000, 10001, 9000))
    other = book.release("2025-02-06", tanks(10000, 10001, 10002))
    assert [(one.target_id, one.who, one.why) for one in other.settlements] == [
        (5, "tallybook", "another value stands there now")
    ]
    assert kinds(other) == [("new", D[2], "10001", "10002")]


def test_a_hold_of_a_page_ends_at_its_day_or_a_later_one(page: MemoryLedger) -> None:
    page.release("2025-02-01", tanks(10000, 10001))
    page.release("2025-02-02", tanks(9000, start=3))
    assert not page.release("2025-02-03", tanks(10001, start=2)).settlements
    assert [one.action for one in page.release("2025-02-04", tanks(10002, start=4)).settlements] == ["supersede"]


def test_an_empty_table_ends_no_hold(book: MemoryLedger) -> None:
    book.release("2025-02-01", tanks(10000, 10001))
    book.release("2025-02-02", tanks(10000, 10001, 9000))
    assert not book.release("2025-02-03", []).settlements


def test_a_refused_value_is_no_news_until_the_source_has_said_something_else(book: MemoryLedger) -> None:
    book.release("2025-02-01", tanks(10000))
    book.release("2025-02-02", tanks(10000, 9000))
    book.decide(2, "reject")
    assert not book.release("2025-02-03", tanks(10000, 9000)).changes
    book.release("2025-02-04", tanks(10000, 10005))
    assert holds(book.release("2025-02-05", tanks(10000, 9000))) == {("revised", D[1], "9000")}


def test_an_echo_is_marked_and_what_it_echoes_is_not() -> None:
    figures = (
        FigureRule(id="tanks", column="t"),
        FigureRule(id="sum", column="s", derived=Derived(running_sum_of="tanks")),
    )
    book = MemoryLedger(source(figures=figures))
    done = book.release("2025-02-01", [*tanks(10), ("sum", D[0], "10")])
    assert [(one.series_id, one.echo) for one in done.changes] == [(2, False), (1, True)]


def test_a_single_value_that_moved_is_told_only_where_it_has_four_digits(book: MemoryLedger) -> None:
    for value, moved in (("999", None), ("1000", D[1])):
        book = MemoryLedger(source())
        book.release("2025-02-01", [("tanks", D[0], "5"), ("tanks", D[2], value)])
        done = book.release("2025-02-02", [("tanks", D[0], "5"), ("tanks", D[1], value)])
        assert [one.redated for one in sorted(done.changes, key=lambda one: one.as_of)] == [
            D[2] if moved else None,
            moved,
        ]


def test_a_value_that_left_two_days_did_not_move(book: MemoryLedger) -> None:
    book.release("2025-02-01", [("tanks", D[0], "5"), ("tanks", D[3], "1000"), ("tanks", D[5], "1000")])
    done = book.release("2025-02-02", [("tanks", D[0], "5"), ("tanks", D[1], "1000")])
    assert {one.redated for one in done.changes} == {None}


def test_a_value_of_another_row_did_not_move(book: MemoryLedger) -> None:
    book.release("2025-02-01", [("tanks\x1fa", D[0], "5"), ("tanks\x1fb", D[3], "1000"), ("tanks\x1fb", D[0], "4")])
    done = book.release(
        "2025-02-02", [("tanks\x1fa", D[0], "5"), ("tanks\x1fa", D[1], "1000"), ("tanks\x1fb", D[0], "4")]
    )
    assert {one.redated for one in done.changes} == {None}


def test_a_row_moves_onto_a_day_whose_own_value_changed(book: MemoryLedger) -> None:
    book.release("2025-02-01", tanks(1000, 1500))
    done = book.release("2025-02-02", [("tanks", D[1], "1600"), ("tanks", D[0], "1000"), ("tanks", D[2], "1700")])
    assert {one.redated for one in done.changes} == {None}


def test_a_return_names_the_newest_update_that_had_the_value(book: MemoryLedger) -> None:
    for day, value in enumerate((10, 11, 10, 12, 10)):
        done = book.release(f"2025-02-0{day + 1}", tanks(value, 50))
    assert [(one.kind, one.reverts) for one in done.changes] == [("revised", 3)]
    done = book.release("2025-02-06", tanks("~10", 50))
    assert [(one.kind, one.reverts) for one in done.changes] == [("requalified", None)]


@pytest.mark.parametrize(
    ("stated", "verdict", "back", "implied", "computed"),
    [
        ("30", "matches", 1, "170", "30"),
        ("50", "matches", 2, "150", "30"),
        ("45", "matches", 2, "155", "30"),
        ("20", "missed", None, "180", "30"),
        ("40", "mismatch", None, "160", "30"),
        ("~30", "approximately", 1, "170", "30"),
        ("~36", "mismatch", None, "164", "30"),
        (">20", "approximately", 1, "180", "30"),
        (">19", "missed", None, "181", "30"),
        ("<30", "approximately", 1, "170", "30"),
        ("<40", "approximately", 1, "160", "30"),
        ("25..35", "approximately", 1, None, "30"),
        ("31..39", "mismatch", None, None, "30"),
    ],
)
def test_an_increment_counts_from_the_nearest_version_that_fits(
    stated: str, verdict: str, back: int | None, implied: str | None, computed: str
) -> None:
    earlier = [
        RecordedVersion(D[3], 4, "160..170", True),
        RecordedVersion(D[2], 3, "170", True),
        RecordedVersion(D[1], 2, "155", False),
        RecordedVersion(D[1], 1, "150", True),
    ]
    found = resolve(earlier, figure("200").value, figure(stated))
    shown = [None if one is None else str(one) for one in (found.implied, found.computed)]
    assert (found.verdict, found.versions_back, *shown) == (verdict, back, implied, computed)
    assert (found.update_id is None) is (back is None)


def test_an_increment_without_a_number_or_a_past_has_no_baseline() -> None:
    assert resolve([RecordedVersion(D[2], 3, "170", True)], None, figure("30")).verdict == "no_baseline"
    assert resolve([RecordedVersion(D[2], 3, "170", True)], figure("200").value, figure("")).verdict == "no_baseline"
    none = resolve([], figure("200").value, figure("30"))
    assert (none.verdict, str(none.implied), none.computed) == ("no_baseline", "170", None)
    refused = resolve([RecordedVersion(D[2], 3, "170", False)], figure("200").value, figure("30"))
    assert (refused.verdict, refused.computed) == ("matches", None)


def test_an_increment_belongs_to_its_own_day_or_the_newest_that_came(book: MemoryLedger) -> None:
    book.release("2025-02-01", tanks(100, 110))
    done = book.release("2025-02-02", tanks(100, 110, 130, 160), stated=[("tanks", None, "30")])
    assert [(one.as_of, one.verdict, one.base_as_of, one.versions_back) for one in done.stated] == [
        (D[3], "missed", None, None)
    ]
    done = book.release(
        "2025-02-03", tanks(100, 110, 130, 160, 190), stated=[("tanks", D[4], "30"), ("tanks", None, "80")]
    )
    assert [(one.as_of, one.verdict, one.base_update_id, one.versions_back) for one in done.stated] == [
        (D[4], "matches", 2, 1)
    ]
    none = book.release(
        "2025-02-04", tanks(100, 110, 130, 160, 190), stated=[("tanks", D[4], "30"), ("guns", None, "1")]
    )
    assert not none.stated
    late = book.release("2025-02-05", tanks(100, 110, 130, 160, 190, 200), stated=[("tanks", D[4], "30")])
    assert not late.stated


def test_labels_of_one_identity_are_one_series_and_new_ones_get_free_keys() -> None:
    book = MemoryLedger(source(label=Label(pattern=r"^[^0-9]+")))
    done = book.release("2025-02-01", [("tanks\x1fT-72 of 1", D[0], "5"), ("tanks\x1fBMP", D[0], "6")])
    assert [one.key for one in done.naming.opened] == ["book/tanks/bmp", "book/tanks/t"]
    assert identity_of(book.source)("tanks\x1fT-72 of 1") == "tanks\x1fT-"
    more = book.release(
        "2025-02-02", [("tanks\x1fT-90 of 2", D[0], "7"), ("tanks\x1fBMP", D[0], "6"), ("tanks\x1ft", D[0], "9")]
    )
    assert [one.key for one in more.naming.opened] == ["book/tanks/t-2"]
    assert dict(more.naming.refs) == {"tanks\x1fT-90 of 2": 2, "tanks\x1ft": 3}
    assert [(one.kind, one.content) for one in more.changes if not one.held and one.series_id == 2] == [
        ("revised", "7")
    ]


def test_a_label_without_a_value_that_counts_or_waits_opens_no_series(book: MemoryLedger) -> None:
    table: list[Row] = [*tanks(10), ("guns\x1fa", D[0], ""), ("guns\x1fb", D[0], "7"), ("guns\x1fb", D[0], "8")]
    done = book.release("2025-02-01", table)
    assert [one.key for one in done.naming.opened] == ["book/tanks"]
    assert dict(done.naming.refs) == {"tanks": 1}
    later = book.release("2025-02-02", [*tanks(10), ("guns\x1fa", D[0], "3")])
    assert [one.key for one in later.naming.opened] == ["book/guns/a"]


def test_two_labels_of_one_identity_in_a_first_release_are_one_series() -> None:
    book = MemoryLedger(source(label=Label(pattern=r"^[A-Z]+")))
    done = book.release("2025-02-01", [("tanks\x1fT 1", D[0], ""), ("tanks\x1fT 2", D[1], "7")])
    assert [(one.key, one.ref, one.figure.value) for one in done.naming.opened] == [
        ("book/tanks/t", "tanks\x1fT 1", None)
    ]
    assert kinds(done) == [("first", D[1], None, "7")]
    assert told(done) == []


def redated(done: Evaluation) -> list[tuple[str, Day | None]]:
    """(as-of, the day on the other side) of changes, by as-of."""
    return [(one.as_of, one.redated) for one in sorted(done.changes, key=lambda one: (one.as_of, one.series_id))]


def test_a_row_moves_off_a_day_on_which_another_figure_came(book: MemoryLedger) -> None:
    book.release("2025-02-01", [("tanks", D[0], "1000"), ("tanks", D[2], "1500")])
    done = book.release("2025-02-02", [("tanks", D[0], "1200"), ("tanks", D[1], "1000"), ("tanks", D[2], "1500"),
                                       ("guns", D[0], "7")])  # fmt: skip
    assert redated(done) == [(D[0], D[1]), (D[0], None), (D[1], D[0])]


def test_two_small_values_that_moved_together_are_told(book: MemoryLedger) -> None:
    def of(day: Day) -> list[Row]:
        return [("tanks", D[0], "2"), ("tanks", day, "5"), ("guns", D[0], "3"), ("guns", day, "7")]

    book.release("2025-02-01", of(D[3]))
    done = book.release("2025-02-02", of(D[2]))
    assert redated(done) == [(D[2], D[3]), (D[2], D[3]), (D[3], D[2]), (D[3], D[2])]


def test_what_comes_back_or_counts_from_a_value_takes_it_from_no_day(book: MemoryLedger) -> None:
    book.release("2025-02-01", [("tanks", D[0], "1000"), ("tanks", D[4], "1500")])
    table: list[Row] = [("tanks", D[0], "1000"), ("tanks", D[4], "1500")]
    done = book.release("2025-02-02", [*table, ("tanks", D[2], "1500"), ("tanks", D[8], "1600")])
    assert redated(done) == [(D[2], None), (D[8], None)]
    again: list[Row] = [("tanks", D[0], "1000"), ("tanks", D[2], "1500"), ("tanks", D[8], "1600")]
    book.release("2025-02-03", again)
    back = book.release("2025-02-04", [*again, ("tanks", D[4], "1550"), ("tanks", D[3], "1500")])
    assert redated(back) == [(D[3], None), (D[4], None)]


def test_what_is_missing_is_told_as_the_cell_the_row_or_the_series(book: MemoryLedger) -> None:
    table = [*tanks(10, 12, 14), ("guns", D[0], "7"), ("guns", D[1], "8"), ("ships", D[0], "3")]
    for left, how in (
        ([*tanks(10), *table[2:]], {D[1]: "cell"}),
        ([*tanks(10, 12), *table[3:]], {D[2]: "row"}),
        (table[:5], {D[0]: "series"}),
        ([*table[:2], ("tanks", D[2], ""), *table[3:]], {D[2]: "cell"}),
        ([("guns", D[1], ""), *table[:4], table[5]], {D[1]: "cell"}),
    ):
        book = MemoryLedger(source(rules=("tanks", "guns", "ships")))
        book.release("2025-02-01", table)
        assert {one.as_of: one.how for one in book.release("2025-02-02", left).changes} == how


def test_a_series_with_blank_cells_alone_is_there(book: MemoryLedger) -> None:
    book.release("2025-02-01", [*tanks(10, 12), ("guns", D[0], "7")])
    done = book.release("2025-02-02", [("tanks", D[0], ""), ("guns", D[0], "7")])
    assert [(one.as_of, one.how) for one in sorted(done.changes, key=lambda one: one.as_of)] == [
        (D[0], "cell"), (D[1], "row"),
    ]  # fmt: skip


def test_a_table_that_is_dated_may_state_the_day_on_which_it_is_read(book: MemoryLedger) -> None:
    book.release("2025-01-03", tanks(10, 12))
    assert kinds(book.release("2025-01-05", tanks(10, 12, 14, 16, 18))) == [
        ("new", D[2], "12", "14"), ("new", D[3], "12", "16"), ("new", D[4], "12", "18"),
    ]  # fmt: skip


def test_a_hold_of_a_dated_page_is_not_joined_by_the_same_value_on_another_day(page: MemoryLedger) -> None:
    page.release("2025-01-02", tanks(10000))
    page.release("2025-01-03", tanks(9000, start=1))
    done = page.release("2025-01-04", tanks(9500, 9000, start=1))
    assert [(one.target_id, one.as_of) for one in done.settlements] == [(2, D[1])]


def test_a_hold_ends_where_a_person_let_its_value_count_elsewhere(page: MemoryLedger) -> None:
    page.release("2025-01-02", undated("10000"))
    page.release("2025-01-03", undated("9000"))
    page.decide(1, "correct", series="book/tanks", as_of=D[1], value="9000")
    done = page.release("2025-01-04", undated("9000"))
    assert (done.changes, [(one.target_id, one.action) for one in done.settlements]) == ([], [(2, "supersede")])


def test_two_values_under_one_key_and_what_was_refused_end_no_hold(book: MemoryLedger) -> None:
    book.release("2025-02-01", tanks(10000, 10001))
    book.release("2025-02-02", tanks(10000, 10001, 9000))
    twice = book.release("2025-02-03", [*tanks(10000, 10001, 9100), ("tanks", D[2], "9200")])
    assert not twice.settlements
    book.decide(2, "reject")
    assert not book.release("2025-02-04", tanks(10000, 10001, 10002)).settlements


def test_a_value_counts_on_across_a_break_that_a_person_marked(book: MemoryLedger) -> None:
    book.release("2025-02-01", tanks(10, 12))
    book.decide(1, "break", series="book/tanks", as_of=D[1])
    book.release("2025-02-02", tanks(10))
    done = book.release("2025-02-03", [*tanks(10), ("tanks", D[2], "14")])
    assert [(one.base_as_of, one.series_break) for one in done.changes] == [(D[0], "it is so")]


def test_an_older_release_joins_no_hold_of_a_later_day(page: MemoryLedger) -> None:
    page.release("2025-01-02", undated("10000"))
    page.release("2025-01-04", undated("9000"))
    assert holds(page.release("2025-01-03", undated("9000"))) == {("new", D[2], "9000")}


def test_an_undated_cell_that_stands_twice_and_is_blank_once_is_there() -> None:
    book = MemoryLedger(source())
    book.release("2025-01-02", [*undated("10"), *undated("7", "guns")])
    assert not book.release("2025-01-03", [*undated("10"), *undated(""), *undated("7", "guns")]).changes


def test_a_value_that_waits_on_the_newest_day_is_joined_on_later_ones(page: MemoryLedger) -> None:
    page.release("2025-01-02", undated("10000"))
    page.release("2025-01-03", undated("10001"))
    assert holds(page.release("2025-01-03", undated("9000"))) == {("new", D[2], "9000")}
    assert not page.release("2025-01-04", undated("9000")).changes


def test_where_rows_could_not_be_read_no_row_goes_and_a_blank_cell_does(book: MemoryLedger) -> None:
    for name, gone in ((CheckName.UNREADABLE_ROW, [D[1]]), (CheckName.UNREADABLE_VALUE, [D[1], D[2]])):
        book = MemoryLedger(source())
        book.release("2025-02-01", tanks(10, 12, 14))
        warning = CheckResult(name=name.value, result="warn", message="a row, or a cell")
        done = book.release("2025-02-02", [*tanks(10), ("tanks", D[1], "")], checks=[warning])
        assert [day for _, day, _, _ in kinds(done)] == gone
