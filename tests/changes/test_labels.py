"""Two labels are one series only where their text is; what is merely alike is asked about, under every coverage."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changes.decide import Action
from changes.labels import decoded, identity_of, name, unpadded, wordless
from model import Label, series_ref
from model.source import Coverage
from tests.changes.memory import MemoryLedger, messages
from tests.storage.books import Book, Row, source

APART = [
    ("District 1", "District 7"),
    ("<65", "65+"),
    ("Camp 3", "Camp 9"),
    ("T-72B", "T-72B3"),
    ("01001", "1001"),
    ("1001", "1001.0"),
    ("Región", "Region"),
    ("north", "North"),
    ("Trucks, Vehicles", "Trucks Vehicles"),
]
SAME = [
    ("R\u00e9gion", "Re\u0301gion"),
    ("Radars\n", "Radars"),
    ("Naval  Ships", "Naval Ships"),
    ("Naval\u00a0Ships", " Naval Ships "),
    ("North¹", "North"),
    ("North¹", "North²³"),
]
D = "2025-01-31"
COVERAGES = [one for one in get_args(Coverage) if one != "list"]  # the items of a list come and go


def test_a_raised_unit_is_no_mark_of_a_footnote() -> None:
    identity = identity_of(source())
    assert identity(series_ref("area", ("Area m²",))) != identity(series_ref("area", ("Area m³",)))


def place(label: str, day: int, value: int) -> Row:
    return series_ref("tanks", (label,)), f"2025-01-{day:02}", str(value)


def ledger(folder: Path, coverage: str, **options: object) -> Book:
    return Book(folder, source(rules=("tanks",), coverage=coverage, **options))


@pytest.mark.parametrize("coverage", COVERAGES)
@pytest.mark.parametrize(("one", "other"), APART)
def test_labels_that_differ_are_two_series_in_one_release(tmp_path: Path, coverage: str, one: str, other: str) -> None:
    book = ledger(tmp_path, coverage)
    book.release("2025-01-02T06:00:00Z", [place(one, 1, 100), place(other, 1, 700)])
    assert len(book.ledger.views.series()) == 2
    assert sorted(book.values().values()) == ["100", "700"]


@pytest.mark.parametrize("coverage", COVERAGES)
@pytest.mark.parametrize(("one", "other"), APART)
def test_what_is_merely_like_a_label_that_is_not_there_is_held_until_someone_answers(
    tmp_path: Path, coverage: str, one: str, other: str
) -> None:
    book = ledger(tmp_path, coverage)
    book.release("2025-01-02T06:00:00Z", [place(one, 1, 100), place("Lake County", 1, 5)])
    book.release("2025-01-03T06:00:00Z", [place(other, 2, 112), place("Lake County", 2, 6)])
    assert ("rename", "hold") in book.checks()
    assert [change.new and change.new.value for change in book.newest().changes if change.kind == "first"] == [112]
    assert not [one for one in book.newest().changes if one.kind == "new" and "lake" not in one.series]
    assert "112" not in book.values().values()
    book.release("2025-01-04T06:00:00Z", [place(other, 3, 113), place("Lake County", 3, 7)])
    assert not {"112", "113"} & set(book.values().values())


@pytest.mark.parametrize("coverage", COVERAGES)
@pytest.mark.parametrize(("answer", "count"), [("same", 2), ("accept", 3)])
def test_the_answer_decides_whether_it_is_one_series(tmp_path: Path, coverage: str, answer: Action, count: int) -> None:
    book = ledger(tmp_path, coverage)
    book.release("2025-01-02T06:00:00Z", [place("Camp 3", 1, 40), place("Lake County", 1, 5)])
    book.release("2025-01-03T06:00:00Z", [place("Camp 9", 2, 41), place("Lake County", 2, 6)])
    book.ledger.decide("book", "book/2", answer, who="Ann", why="as the ministry said")
    book.release("2025-01-04T06:00:00Z", [place("Camp 9", 3, 43), place("Lake County", 3, 7)])
    newest = {change.series: change.difference for change in book.newest().changes if change.kind == "new"}
    counted = "book/tanks/camp-3" if answer == "same" else "book/tanks/camp-9"
    assert newest[counted] == 2
    assert len({key for key, _ in book.values()} | {"tanks/camp-3"}) == count
    assert list(book.ledger.verify()) == []


@pytest.mark.parametrize(("one", "other"), SAME)
def test_another_normal_form_or_other_spaces_are_the_same_label(tmp_path: Path, one: str, other: str) -> None:
    book = ledger(tmp_path, "full")
    book.release("2025-01-02T06:00:00Z", [place(one, 1, 100)])
    book.release("2025-01-03T06:00:00Z", [place(other, 1, 100), place(other, 2, 101)])
    assert [kind for kind, _, _ in book.kinds()] == ["new"]


def test_numbers_alone_are_not_like_each_other_unless_they_are_padded_otherwise(tmp_path: Path) -> None:
    book = ledger(tmp_path, "window")
    book.release("2025-01-02T06:00:00Z", [place("2019", 1, 100)])
    book.release("2025-01-03T06:00:00Z", [place("2020", 2, 300)])
    assert book.checks() == []


def test_a_definition_says_which_part_of_a_label_is_its_identity(tmp_path: Path) -> None:
    book = ledger(tmp_path, "full", label=Label(pattern=r"^(.*?)(?: - [0-9]+, of which.*)?$"))
    book.release("2025-01-02T06:00:00Z", [place("All losses - 17594, of which: 5", 1, 10), place("Radars", 1, 3)])
    book.release("2025-01-03T06:00:00Z", [place("All losses - 17601, of which: 6", 1, 11), place("Radars", 1, 3)])
    assert book.kinds() == [("revised", "book/tanks/all-losses", "2025-01-01")]


def test_the_groups_of_a_pattern_are_joined_and_what_it_does_not_fit_counts_whole() -> None:
    identity = identity_of(source(label=Label(pattern=r"^(.*?)(?:,( and .*))?$")))
    assert identity(series_ref("a", ("Trucks, and Jeeps",))) == identity(series_ref("a", ("Trucks and Jeeps",)))
    unfit = identity_of(source(label=Label(pattern=r"^x(.*)$")))
    assert unfit(series_ref("a", ("Trucks",))) == series_ref("a", ("Trucks",))


@given(st.text(min_size=1), st.text(min_size=1))
def test_labels_with_other_text_never_have_one_identity(one: str, other: str) -> None:
    identity = identity_of(source())
    refs = [series_ref("a", (" ".join(label.replace("\x1f", "").split()),)) for label in (one, other)]
    normal = [identity(ref) for ref in refs]
    assert (normal[0] == normal[1]) == (identity(normal[0]) == identity(normal[1]))
    if refs[0].isascii() and refs[1].isascii():
        assert (normal[0] == normal[1]) == (refs[0] == refs[1])


def test_likeness_asks_and_names_keep_their_digits() -> None:
    assert unpadded(series_ref("a", ("01001",))) == unpadded(series_ref("a", ("1001.0",)))
    assert unpadded(series_ref("a", ("District 1",))) != unpadded(series_ref("a", ("District 7",)))
    assert wordless(series_ref("a", ("District 1",))) == wordless(series_ref("a", ("district 7",)))
    assert wordless(series_ref("a", ("2019",))) is None
    assert wordless("a") is None
    assert name(series_ref("deaths", ("District 1", "65+"))) == "deaths/district-1/65"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("ZÃ¼rich", "Zürich"), ("GenÃ¨ve", "Genève"), ("25Â°C", "25°C"), ("РљРёС—РІ", "Київ"), ("Ã\x81vila", "Ávila")],
)
def test_a_label_that_was_encoded_twice_is_held_and_like_the_one_that_it_was(written: str, meant: str) -> None:
    assert decoded(written) == meant
    for coverage in ("full", "latest", "window"):
        book = MemoryLedger(source(coverage=coverage))
        done = book.release("2025-02-01", [(f"tanks\x1f{written}", D, "7"), ("tanks\x1fLake", D, "9")])
        assert [one.kind for one in done.changes if one.held] == ["first"]
        assert messages(done, "encoded_twice")
        book = MemoryLedger(source(coverage=coverage))
        book.release("2025-02-01", [(f"tanks\x1f{meant}", D, "7"), ("tanks\x1fLake", D, "9")])
        done = book.release("2025-02-02", [(f"tanks\x1f{written}", D, "7"), ("tanks\x1fLake", D, "9")])
        assert messages(done, "rename")


def rows(*names: str) -> list[Row]:
    return [(f"tanks\x1f{name}", D, str(7 + at)) for at, name in enumerate(names)]


@pytest.mark.parametrize(
    ("old", "new"), [("South", "South*"), ("South*", "South"), ("Süd†", "Süd"), ("70756#", "70756")]
)
def test_a_label_that_gets_or_loses_the_mark_of_a_footnote_is_the_same(old: str, new: str) -> None:
    for coverage in get_args(Coverage):
        book = MemoryLedger(source(coverage=coverage))
        book.release("2025-02-01", rows(old, "Lake"))
        assert not book.release("2025-02-02", rows(new, "Lake")).changes
        assert not book.release("2025-02-03", rows(old, "Lake")).changes


def test_a_row_with_a_star_beside_one_without_is_another() -> None:
    book = MemoryLedger(source())
    book.release("2025-02-01", [*rows("Kyiv"), ("tanks\x1fKyiv*", D, "900")])
    assert len(book.accepted.series) == 2
    book.release("2025-02-02", [*rows("Kyiv"), ("tanks\x1fKyiv*", D, "900"), ("tanks\x1fKyiv†", D, "5000")])
    assert len(book.accepted.series) == 3
    book = MemoryLedger(source(coverage="latest"))
    book.release("2025-02-01", rows("Kyiv", "Lake"))
    book.release("2025-02-02", rows("Kyiv*", "Kyiv†", "Lake"))
    assert len(book.accepted.series) == 4


@pytest.mark.parametrize(
    "label",
    ["Zürich", "Рівне", "Рі", "São Paulo", "SÃO PAULO", "Škoda — Plzeň", "Київ", "東京", "Ñuñoa"],
)
def test_a_label_that_is_what_it_seems_is_left_alone(label: str) -> None:
    assert decoded(label) == label
