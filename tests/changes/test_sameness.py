"""One name written in another way is asked about, under every coverage: no second series in silence, and no merging."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from changes.checks.renames import _is_spelled
from changes.labels import noteless, unpadded
from model import series_ref
from model.source import Coverage
from tests.changes.memory import MemoryLedger, messages
from tests.storage.books import Row, source

COVERAGES = [one for one in get_args(Coverage) if one != "list"]  # the items of a list come and go
STAYING = [("Lake", 3), ("Aarau", 88), ("Thun", 1_950), ("Zug", 310), ("Chur", 45_000), ("Biel", 23), ("Wil", 7_700)]

letters = st.sampled_from("abcdefghiklmnoprstuvz" + "абвгдеклмнопрст")
words = st.text(letters, min_size=6, max_size=12).map(str.capitalize)
names = st.lists(words, min_size=1, max_size=2).map(" ".join)


def turned(name: str, at: int) -> str:
    """A name with two neighbours turned, or one letter left out."""
    at = 1 + at % (len(name) - 2)
    if name[at] != name[at + 1] and " " not in name[at : at + 2]:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + name[at + 1 :]


def release(name: str, day: int, value: int) -> list[Row]:
    return [(series_ref("tanks", (one,)), f"2025-01-{day:02}", str(of)) for one, of in [*STAYING, (name, value)]]


def counted(book: MemoryLedger) -> dict[str, set[str]]:
    """The accepted values of each series that is none of those that stay."""
    return {
        book.accepted.first_ref[one]: set(contents.values())
        for one, contents in book.accepted.live.items()
        if contents and book.accepted.first_ref[one].partition("\x1f")[2] not in dict(STAYING)
    }


def ask(coverage: str, name: str, other: str, value: int = 12_345, now: int = 12_361) -> None:
    """What a person is asked when a name gives way to another: nothing counts until it is answered."""
    book = MemoryLedger(source(rules=("tanks",), coverage=coverage))
    book.release("2025-01-02", release(name, 1, value))
    done = book.release("2025-01-03", release(other, 2, now))
    assert messages(done, "rename"), (coverage, name, other)
    assert counted(book) == {series_ref("tanks", (name,)): {str(value)}}
    again = book.release("2025-01-04", release(other, 3, now + 4))
    assert counted(book) == {series_ref("tanks", (name,)): {str(value)}}, again


@pytest.mark.parametrize("coverage", COVERAGES)
@settings(max_examples=25, deadline=None)
@given(name=names, note=st.sampled_from(["(revised)", "[a]", "1)", "(1) [2]", "(попередньо)"]), noted=st.booleans())
def test_a_note_behind_a_name_is_asked_about(coverage: str, name: str, note: str, noted: bool) -> None:
    pair = (name, f"{name} {note}")
    ask(coverage, *(pair if noted else pair[::-1]), now=99)


@pytest.mark.parametrize("coverage", COVERAGES)
@settings(max_examples=25, deadline=None)
@given(number=st.integers(1, 999), zeros=st.integers(1, 3), word=st.sampled_from(["", "District ", "Район "]))
def test_padding_is_asked_about(coverage: str, number: int, zeros: int, word: str) -> None:
    ask(coverage, f"{word}{number}", f"{word}{'0' * zeros}{number}", now=99)
    ask(coverage, f"{word}{'0' * zeros}{number}", f"{word}{number}", now=99)


@pytest.mark.parametrize("coverage", COVERAGES)
@settings(max_examples=40, deadline=None)
@given(name=names, at=st.integers(0, 30))
def test_a_name_that_is_spelled_otherwise_and_counts_nearly_the_same_is_asked_about(
    coverage: str, name: str, at: int
) -> None:
    assume(turned(name, at).casefold() != name.casefold())
    ask(coverage, name, turned(name, at))


@pytest.mark.parametrize("coverage", COVERAGES)
@pytest.mark.parametrize(
    ("one", "other"), [("Saint-Gall", "St. Gallen"), ("Kiev Oblast", "Kyiv Oblast"), ("Marylin", "Marilyn")]
)
def test_known_spellings_are_asked_about(coverage: str, one: str, other: str) -> None:
    ask(coverage, one, other)
    ask(coverage, other, one)


@pytest.mark.parametrize("coverage", ["window", "latest"])
@settings(max_examples=40, deadline=None)
@given(name=names, other=names)
def test_other_names_are_other_series_and_nobody_is_asked(coverage: str, name: str, other: str) -> None:
    old, new = ("row", name), ("row", other)
    assume(not _is_spelled(old, new) and name != other)
    book = MemoryLedger(source(rules=("tanks",), coverage=coverage))
    book.release("2025-01-02", release(name, 1, 12_345))
    assert not messages(book.release("2025-01-03", release(other, 2, 12_361)), "rename")
    assert len(counted(book)) == 2


@pytest.mark.parametrize("coverage", ["window", "latest"])
def test_rows_that_come_and_go_with_common_figures_are_no_question(coverage: str) -> None:
    book = MemoryLedger(source(rules=("tanks",), coverage=coverage))
    small = [
        (series_ref("tanks", (f"Place {one}",)), "2025-01-01", str(1 + at % 3)) for at, one in enumerate("abcdefghij")
    ]
    book.release("2025-01-02", [*small, (series_ref("tanks", ("Alton",)), "2025-01-01", "2")])
    done = book.release("2025-01-03", [*small, (series_ref("tanks", ("Aston",)), "2025-01-02", "2")])
    assert not messages(done, "rename")


def test_of_two_labels_with_notes_the_notes_may_be_what_differs() -> None:
    brazzaville, kinshasa = (series_ref("a", (f"Congo ({one})",)) for one in ("Brazzaville", "Kinshasa"))
    assert noteless(brazzaville) == noteless(kinshasa) == unpadded(series_ref("a", ("Congo",)))
    book = MemoryLedger(source(rules=("tanks",), coverage="window"))
    book.release("2025-01-02", release("Congo (Brazzaville)", 1, 400))
    assert not messages(book.release("2025-01-03", release("Congo (Kinshasa)", 2, 90_000)), "rename")
