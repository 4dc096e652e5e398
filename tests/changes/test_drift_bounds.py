"""Another shape, another name: what holds, what warns, and what is let be; bounds with a value on either side."""

from __future__ import annotations

import pytest

from changes.checks.drift import look, moved
from changes.facts import KnownShape
from model import Shape, Trait
from tests.changes.memory import MemoryLedger, Row, held_changes, messages, source, told

D = [f"2025-01-{day:02}" for day in range(1, 32)]


def trait(words: str, *known: str, shown: str | None = None) -> Trait:
    return Trait(shown if shown is not None else words, tuple(words.split()), known)


def judged(name: str, old: Trait, new: Trait) -> list[bool]:
    return [doubtful for _, _, doubtful in moved({"a": {name: old}}, {"a": {name: new}})]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (trait("people died"), trait("people died"), []),
        (trait("people died"), trait("persons ill"), [True]),
        (trait("people died"), trait("people died today"), [True]),
        (trait("soldiers died in war"), trait("soldiers died in war today"), [False]),
        (trait("people have died"), trait("people have died today"), [True]),
        (trait("people died today"), trait("people died"), [False]),
        (trait("people died"), trait("people died today", "today"), [False]),
        (trait("people died", "today"), trait("people died today"), []),
        (trait("patients died in war"), trait("patients hurt in war"), [True]),
        (trait("patients died"), trait("patient died"), []),
        (trait("soldiers died"), trait("solders died"), [True]),
        (trait("men wounded"), trait("men woundings"), []),
    ],
)
def test_words_beside_a_number(old: Trait, new: Trait, found: list[bool]) -> None:
    assert judged("label", old, new) == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (trait("losses in donetsk"), trait("losses in luhansk"), [True]),
        (trait("losses in 2024"), trait("losses in 2025"), []),
        (trait("losses in 2024"), trait("losses in 2026"), [True]),
        (trait("losses"), trait("gains"), [True]),
        (trait("losses"), trait("losses today"), [False]),
        (trait("losses of the enemy"), trait("losses of the enemy today"), []),
        (trait("losses of the enemy"), trait("losses of the enemies"), []),
        (trait("one two three four"), trait("five six seven four"), []),
        (trait("one two three"), trait("five six seven"), [True]),
        (trait("one two three four"), trait("five six four"), []),
        (trait("one two three four"), trait("five six seven three four"), []),
        (trait("losses in 20241"), trait("losses in 20243"), [True]),
        (trait("losses in 2024"), trait("losses in 2024a"), [True]),
        (trait("losses in 2024a"), trait("losses in 2024"), [True]),
        (trait("one two three four"), trait("five six three four"), [True]),
        (trait("losses of tanks"), trait("losses of tankers"), []),
        (trait("losses of tank"), trait("losses of tanks"), []),
        (trait("losses of tank"), trait("losses of tankists"), [True]),
        (trait("losses of war"), trait("losses of wars"), [True]),
        (trait("losses of tanks"), trait("losses of trucks"), [True]),
    ],
)
def test_what_a_number_stands_under(old: Trait, new: Trait, found: list[bool]) -> None:
    assert judged("heading", old, new) == found


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("row", "deaths", "deaths", []),
        ("row", "deaths", "deaths total", [True]),
        ("row", "deaths total", "deaths", [True]),
        ("column", "killed", "wounded", [True]),
        ("form", "count", "percent", [True]),
        ("form", "count", "number", []),
        ("form", "number", "text", [True]),
        ("form", "percent", "count", [True]),
        ("other", "a", "b", []),
    ],
)
def test_names_and_forms(name: str, old: str, new: str, found: list[bool]) -> None:
    assert judged(name, trait(old), trait(new)) == found


@pytest.mark.parametrize(("old", "new", "found"), [("1", "2", [False]), ("2", "3", []), ("1", "1", [])])
def test_a_rule_that_fits_more_places_is_told(old: str, new: str, found: list[bool]) -> None:
    assert judged("count", trait(old), trait(new)) == found


def test_sentences_say_what_was_and_what_is() -> None:
    def told_of(name: str, old: Trait, new: Trait) -> str:
        ((_, sentence, _),) = moved({"a": {name: old}}, {"a": {name: new}})
        return sentence

    assert told_of("label", trait("died"), trait("ill")) == (
        "the words beside the number were “died” and are now “ill”"
    )  # fmt: skip
    assert told_of("row", trait("died"), trait("ill")) == "its row was called “died” and is now called “ill”"
    assert told_of("column", trait("died", shown="D"), trait("ill", shown="D")) == (
        "its column was headed “died” and is now headed “ill”"
    )
    assert told_of("heading", trait("gains", shown="G"), trait("losses", shown="G")) == (
        "it stood under “gains” and stands now under “losses”"
    )
    assert told_of("form", trait("count", shown="7"), trait("percent", shown="7 %")) == (
        "it was given in counts, such as 7, and is now given in percentages, such as 7 %"
    )


def columns(*names: str) -> Shape:
    return {"": {"names": Trait(str(len(names)), names)}}


def test_a_followed_column_that_is_gone_while_others_came_may_be_renamed() -> None:
    followed: Shape = {"a": {"column": trait("killed")}, "b": {"row": trait("x")}}
    old, new = columns("day", "killed") | followed, columns("day", "dead")
    assert list(moved(old, new)) == [("a", "its column “killed” is gone, and “dead” came: was it renamed?", True)]
    assert list(moved(old, columns("day"))) == []
    assert list(moved(old, {})) == []
    ((_, sentence, _),) = moved(old, columns("p", "q", "r", "s"))
    assert "“p” and “q” and “r” came" in sentence


def test_a_table_without_headings_has_as_many_columns_as_before() -> None:
    two, three = columns("[1]", "[2]"), columns("[1]", "[2]", "[3]")
    assert list(moved(two, three)) == [("", "its rows have 3 values and no headings; they had 2", True)]
    assert list(moved(two, two)) == []
    assert list(moved(two, columns("[1]", "b"))) == []
    assert list(moved(columns("a", "b"), three)) == []
    assert list(moved(two, {})) == []


def test_the_first_shape_is_taken_and_an_empty_one_is_none() -> None:
    shape = {"a": {"label": trait("died")}}
    assert look(KnownShape(), shape).shape == shape
    assert look(KnownShape(), {}).shape is None
    assert look(KnownShape(shape), shape).shape is None
    assert look(KnownShape(shape), {"a": {"label": trait("died", shown="DIED")}}).shape is None


def test_what_is_remembered_of_a_shape() -> None:
    old = {"a": {"label": trait("died", "ever")}, "b": {"label": trait("ill")}}
    kept = look(KnownShape(old), {"a": {"label": trait("died today")}}).shape
    assert kept == {"a": {"label": trait("died today", "died", "ever")}, "b": {"label": trait("ill")}}
    table = columns("x")
    assert look(KnownShape(old), {"a": {"label": trait("dead")}} | table).shape == (
        {"a": {"label": trait("dead", "died", "ever")}} | table
    )
    heading = {"a": {"heading": trait("x")}}
    assert look(KnownShape(heading), {"a": {"heading": trait("y")}}).shape == {"a": {"heading": trait("y")}}
    assert look(KnownShape(heading), {"a": {"label": trait("died")}}).shape == {
        "a": {"heading": trait("x"), "label": trait("died")}
    }


def page(*values: int) -> list[Row]:
    return [("tanks", D[at], str(value)) for at, value in enumerate(values)]


DIED, ILL = {"tanks": {"label": trait("died")}}, {"tanks": {"label": trait("ill")}}


@pytest.fixture
def book() -> MemoryLedger:
    book = MemoryLedger(source(coverage="latest"))
    book.release("2025-02-01", page(10), shape=DIED)
    return book


def test_a_release_of_another_shape_waits_whole_until_it_is_accepted(book: MemoryLedger) -> None:
    held = book.release("2025-02-02", page(10, 12), shape=ILL)
    assert (told(held), held_changes(held)) == ([("shape_drift", "hold")], 1)
    (check,) = messages(held, "shape_drift")
    assert (check.series, check.message) == ("book/tanks", "the words beside the number were “died” and are now “ill”")
    again = book.release("2025-02-03", page(10, 12), shape=ILL)
    assert told(again) == [("shape_drift", "hold")]
    assert again.shape is None
    book.decide(2, "accept")
    after = book.release("2025-02-04", page(10, 12, 13), shape=ILL)
    assert (told(after), held_changes(after)) == ([], 0)


def test_going_back_to_the_old_shape_ends_the_hold(book: MemoryLedger) -> None:
    book.release("2025-02-02", page(10, 12), shape=ILL)
    back = book.release("2025-02-03", page(10, 12), shape=DIED)
    assert told(back) == []
    assert [(one.target_id, one.action) for one in back.settlements] == [(2, "supersede")]
    assert [(one.content, one.held) for one in back.changes] == [("12", False)]


def test_another_shape_without_another_figure_is_warned_of(book: MemoryLedger) -> None:
    warned = book.release("2025-02-02", page(10), shape=ILL)
    assert [(check.result, check.message) for check in warned.checks] == [
        ("warn", "tanks: the words beside the number were “died” and are now “ill”")
    ]
    assert warned.shape is None


def test_another_shape_that_was_refused_or_beside_another_hold_is_warned_of(book: MemoryLedger) -> None:
    book.release("2025-02-02", page(10, 12), shape=ILL)
    book.decide(2, "reject")
    assert told(book.release("2025-02-03", page(10, 12), shape=ILL)) == [("shape_drift", "warn")]
    other = MemoryLedger(source(coverage="latest"))
    other.release("2025-02-01", page(10000), shape=DIED)
    other.release("2025-02-02", page(10000, 9000), shape=DIED)
    assert told(other.release("2025-02-03", page(10000, 9000), shape=ILL)) == [("shape_drift", "warn")]


def test_what_is_of_a_whole_table_is_told_of_no_series() -> None:
    table = MemoryLedger(source())
    table.release("2025-02-01", page(10), shape=columns("[1]", "[2]"))
    (found,) = table.release("2025-02-02", page(10), shape=columns("[1]", "[2]", "[3]")).checks
    sentence = "its rows have 3 values and no headings; they had 2"
    assert (found.result, found.series, found.message) == ("warn", None, sentence)


def test_a_word_less_is_warned_of_and_remembered(book: MemoryLedger) -> None:
    book.release("2025-02-02", page(10, 12), shape={"tanks": {"label": trait("died soon", "soon")}})
    fewer = book.release("2025-02-03", page(10, 12, 14), shape=DIED)
    assert (told(fewer), held_changes(fewer)) == ([("shape_drift", "warn")], 0)


def test_five_are_told_one_by_one_and_the_rest_are_counted() -> None:
    def shape(word: str, count: int) -> Shape:
        return {f"r{at}": {"label": trait(word)} for at in range(count)}

    for count, told_of in ((5, 5), (6, 6), (8, 6)):
        book = MemoryLedger(source(coverage="latest"))
        book.release("2025-02-01", page(10), shape=shape("died", count))
        found = messages(book.release("2025-02-02", page(10, 12), shape=shape("ill", count)), "shape_drift")
        assert len(found) == told_of
        if count > 5:
            assert found[-1].message == f"the same is so of {count - 5} more figures or headings"


@pytest.mark.parametrize(("coverage", "result", "held"), [("full", "hold", ["tanks"]), ("latest", "warn", [])])
def test_a_column_that_is_gone_holds_what_would_go_of_it_alone(coverage: str, result: str, held: list[str]) -> None:
    guns: Shape = {"guns": {"column": trait("hurt")}}
    book = MemoryLedger(source(coverage=coverage))
    table = [*page(10), ("guns", D[0], "7")]
    book.release("2025-02-01", table, shape=columns("killed", "hurt") | guns | {"tanks": {"column": trait("killed")}})
    done = book.release("2025-02-02", [*table[1:], ("guns", D[1], "8")], shape=columns("dead", "hurt") | guns)
    assert told(done) == [("shape_drift", result)]
    assert [book.accepted.first_ref[one.series_id] for one in done.changes if one.held] == held


def test_without_holds_another_shape_counts_at_once(book: MemoryLedger) -> None:
    done = book.release("2025-02-02", page(10, 12), shape=ILL, hold=False)
    assert (told(done), done.shape and done.shape[1]) == ([("shape_drift", "warn")], False)
    assert told(book.release("2025-02-03", page(10, 12, 13), shape=ILL)) == []


def test_another_reader_sets_the_shape_anew(book: MemoryLedger) -> None:
    done = book.release("2025-02-02", page(10, 12), shape=ILL, cause="replay", why="extraction")
    assert told(done) == []
    assert done.shape == (ILL, False)


# Renames: rows of one undated day.


def rows(*labels: str, size: int = 400, ref: str = "tanks") -> list[Row]:
    return [(f"{ref}\x1f{label}", D[0], str(size * place)) for place, label in enumerate(labels, 1)]


def renamed(old: list[Row], new: list[Row], **options: object) -> list[str]:
    book = MemoryLedger(source(**options))
    book.release("2025-02-01", old)
    done = book.release("2025-02-02", new)
    assert held_changes(done) == sum(1 for one in done.changes if one.rename)
    return [check.message.partition(":")[0] for check in messages(done, "rename")]


def test_a_row_whose_label_is_like_one_that_went_is_asked_about_under_every_coverage() -> None:
    asked = ["'North 1' is not there and 'north-1' comes, with nearly the same label or figures"]
    for coverage in ("full", "latest", "window"):
        assert renamed(rows("North 1", "South"), rows("north-1", "South"), coverage=coverage) == asked
    assert renamed(rows("North 1", "South"), rows("north 2", "South"), coverage="latest")
    assert not renamed(rows("North", "South"), rows("Nord", "South"), coverage="latest")
    assert not renamed(rows("North", "South"), rows("North", "South", "north"), coverage="latest")


def test_numbers_alone_are_not_like_one_another() -> None:
    assert not renamed(rows("17", "South"), rows("18", "South"), coverage="latest")
    assert renamed(rows("017", "South"), rows("17", "South"), coverage="latest")


def changed(value: int, of: int = 400) -> list[str]:
    old: list[Row] = [("tanks\x1fNorth", D[0], str(of)), ("tanks\x1fSouth", D[0], "9")]
    new: list[Row] = [("tanks\x1fNord", D[0], str(value)), ("tanks\x1fSouth", D[0], "9")]
    return renamed(old, new)


def test_in_a_whole_table_a_row_comes_for_another_when_its_figures_are_nearly_the_same() -> None:
    assert changed(400)
    assert changed(420)
    assert not changed(421)
    assert changed(380)
    assert not changed(379)
    assert changed(15, of=10)
    assert not changed(16, of=10)


def test_of_several_the_likeliest_label_is_taken_and_each_once() -> None:
    old, new = rows("Rocket Launchers", "South"), rows("Rocket Artillery", "South")
    extra: list[Row] = [("tanks\x1fUnmanned", D[0], "390")]
    assert renamed(old, [*new, *extra]) == [
        "'Rocket Launchers' is not there and 'Rocket Artillery' comes, with nearly the same label or figures"
    ]


def coming_and_going(*values: int, gone: int = 1, come: int = 1) -> list[str]:
    """A numbered list of which the first `gone` end and others begin with the same values."""
    stays: list[Row] = [(f"tanks\x1f{at}", D[0], str(value)) for at, value in enumerate(values) if at >= gone]
    old: list[Row] = [(f"tanks\x1f{at}", D[0], str(value)) for at, value in enumerate(values)]
    new: list[Row] = [(f"tanks\x1f{100 + at}", D[0], str(values[at % gone])) for at in range(come)]
    return renamed(old, [*stays, *new])


def test_figures_that_many_rows_have_are_no_evidence_of_a_rename() -> None:
    assert not coming_and_going(1, 1, 1, 2, 1, 3)
    assert not coming_and_going(1, 2, 900, 40, gone=2, come=3)
    assert coming_and_going(12_345, 1, 1, 2, 1, 3)
    assert not coming_and_going(12_345, 12_344, 12_345, 12_346, 12_345)


def test_of_several_numbered_rows_that_go_and_come_no_two_are_paired_by_their_words() -> None:
    assert renamed(rows("Camp 3", "South"), rows("Camp 9", "South"))
    old, new = rows("Camp 3", "Camp 4", "South"), rows("Camp 8", "Camp 9", "South")
    assert not renamed(old, [(ref, day, "7" if "Camp" in ref else value) for ref, day, value in new])
    assert not renamed(old, [(ref, day, "7" if "Camp" in ref else value) for ref, day, value in new], coverage="latest")


def test_what_counts_another_thing_or_differs_in_two_labels_is_no_rename() -> None:
    old: list[Row] = [("tanks\x1fA\x1fNorth", D[0], "400"), ("tanks\x1fA\x1fSouth", D[0], "9")]
    kept: Row = ("tanks\x1fA\x1fSouth", D[0], "9")
    assert renamed(old, [("tanks\x1fA\x1fNord", D[0], "400"), kept])
    assert not renamed(old, [("tanks\x1fB\x1fNord", D[0], "400"), kept])
    assert not renamed(old, [("guns\x1fA\x1fNorth", D[0], "400"), kept])
    assert not renamed(old, [("tanks\x1fA", D[0], "400"), kept])


def test_a_column_may_be_renamed_too() -> None:
    assert renamed([("tanks", D[0], "400")], [("guns", D[0], "401")]) == [
        "'tanks' is not there and 'guns' comes, with nearly the same label or figures"
    ]
    assert not renamed([("tanks", D[0], "400")], [("guns", D[0], "401"), ("tanks", D[0], "400")])


def test_shared_days_are_compared_and_else_the_newest() -> None:
    old: list[Row] = [("tanks", D[0], "400"), ("tanks", D[1], "900")]
    assert renamed(old, [("guns", D[0], "400"), ("guns", D[2], "1")])
    assert not renamed(old, [("guns", D[0], "300"), ("guns", D[1], "900")])
    assert renamed(old, [("guns", D[2], "901")])
    assert not renamed(old, [("guns", D[2], "401")])


def test_both_sides_name_one_another() -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", rows("North", "South"))
    done = book.release("2025-02-02", rows("Nord", "South"))
    assert {(one.kind, one.rename) for one in done.changes} == {
        ("withdrawn", "book/tanks/nord"), ("first", "book/tanks/north"),
    }  # fmt: skip
    assert messages(done, "rename")[0].series == "book/tanks/north"
    again = book.release("2025-02-03", rows("Nord", "South"))
    assert not again.changes


def test_of_rows_that_are_alike_the_likeliest_is_asked_about() -> None:
    for old in (("Camp 1", "Camp 21"), ("Camp 21", "Camp 3")):
        asked = renamed(rows(*old, "Lake"), rows("Camp 22", "Lake"), coverage="latest")
        assert asked == ["'Camp 21' is not there and 'Camp 22' comes, with nearly the same label or figures"]


def test_of_two_that_fit_in_part_the_one_with_more_words_and_then_letters_is_taken() -> None:
    def of(*labels: str) -> list[Row]:
        return [(f"tanks\x1f{label}", D[0], "400") for label in labels]

    for old, new, likeliest in (
        (("Rocket Launchers",), ("Rocketlauncher", "Launchers (all of them, with vehicles)"), 1),
        (("Rocket Launchers",), ("Rocket Vans", "Rocket Launcher"), 1),
        (("Rocket Launchers", "Rocket"), ("Rocket",), 0),
        (("ROCKET A",), ("Sockets", "rocket b"), 1),
        (("Multiple Rocket Launchers",), ("Rocket Launchers Ships", "Rocket"), 1),
    ):
        asked = renamed([*of(*old), ("guns", D[0], "9")], [*of(*new), ("guns", D[0], "9")])
        assert [one for one in asked if f"{new[likeliest]!r} comes" in one] == asked[:1]


def test_of_many_rows_that_are_alike_fifty_are_asked_about() -> None:
    for known, taken in ((49, True), (50, False)):
        old = rows(*(f"Camp {at:02}" for at in range(known)), "Camp 991", "Lake")
        asked = renamed(old, rows("Camp 992", "Lake"), coverage="latest")
        assert ("'Camp 991'" in asked[0]) is taken


def test_columns_whose_names_differ_by_digits_are_not_alike() -> None:
    names = ("camp-1", "camp-2")
    for coverage in ("latest", "window"):
        assert not renamed([(names[0], D[0], "400")], [(names[1], D[0], "400")], coverage=coverage, rules=names)


def test_a_row_that_went_before_is_not_asked_about() -> None:
    def at_once(*rows_now: tuple[str, str]) -> list[Row]:
        return [(f"tanks\x1f{label}", None, value) for label, value in rows_now]

    book = MemoryLedger(source())
    book.release("2025-02-01", at_once(("North", "400"), ("South", "9")))
    book.release("2025-02-02", at_once(("North", "401"), ("South", "9")))
    book.release("2025-02-03", at_once(("South", "9")))
    assert not messages(book.release("2025-02-04", at_once(("north", "401"), ("South", "9"))), "rename")


def test_a_row_that_is_blank_or_unclear_is_there() -> None:
    for there in ([("tanks\x1fNorth", D[1], "")], [("tanks\x1fNorth", D[1], "?")],
                  [("tanks\x1fNorth", D[1], "5"), ("tanks\x1fNorth", D[1], "6")]):  # fmt: skip
        new: list[Row] = [*there, ("tanks\x1fnorth", D[1], "400"), ("tanks\x1fSouth", D[1], "800")]
        assert not renamed(rows("North", "South"), new, coverage="latest")


def test_a_column_that_goes_and_a_row_that_comes_are_two() -> None:
    old: list[Row] = [("tanks", D[0], "400"), ("guns\x1fx", D[0], "9")]
    assert not renamed(old, [("guns\x1fx", D[0], "9"), ("guns\x1ftanks", D[0], "400")])


def test_what_counts_another_thing_and_what_has_no_single_number_are_not_nearly_the_same() -> None:
    for content, measure, asked in (("400", "other", True), ("400", "wounded", False), ("399..401", "other", False)):
        book = MemoryLedger(source())
        book.release("2025-02-01", [("tanks", D[0], content)])
        row = book.accepted.series[1]
        book.accepted.series[1] = (*row[:3], measure, *row[4:])
        done = book.release("2025-02-02", [("guns", D[0], content)])
        assert bool(messages(done, "rename")) is asked, (content, row)


def test_what_differs_in_one_figure_of_two_is_no_rename() -> None:
    def of(label: str, tanks: int, guns: int) -> list[Row]:
        return [(f"tanks\x1f{label}", D[0], str(tanks)), (f"guns\x1f{label}", D[0], str(guns))]

    kept: Row = ("tanks\x1fLake", D[0], "9")
    assert len(renamed([*of("North", 400, 900), kept], [*of("Nord", 401, 901), kept])) == 1
    assert not renamed([*of("North", 400, 900), kept], [*of("Nord", 401, 700), kept])
    # A figure that one of the two rows has not is compared with nothing.
    book = MemoryLedger(source())
    book.release("2025-02-01", [*of("North", 400, 900), kept])
    assert messages(book.release("2025-02-02", [of("Nord", 401, 0)[0], kept]), "rename")


def test_a_release_without_a_new_row_asks_about_none_and_a_row_once() -> None:
    assert not renamed(rows("North", "South"), rows("South"))
    old, new = rows("North", "Lake", size=400), [("tanks\x1fNorth 2", D[0], "400"), ("tanks\x1fnorth", D[0], "400")]
    kept: Row = ("tanks\x1fLake", D[0], "800")
    assert renamed(old, [*new, kept]) == [
        "'North' is not there and 'north' comes, with nearly the same label or figures"
    ]
