"""Pages of a ledger: what is asked for by keys is what the whole table says."""

from pathlib import Path

import pytest

from model import Day, UsageError, read_content
from storage import ClaimsWanted, Views
from tests.storage.books import Book, days, source


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path, source())
    book.release("2025-01-10T06:00:00Z", [*days(1, 10), *days(1, 9, ref="guns")])
    book.release("2025-01-20T06:00:00Z", [*days(1, 20), *days(1, 8, ref="guns")])
    book.release("2025-01-21T06:00:00Z", [*days(1, 20, start=101), *days(1, 8, ref="guns")], hold=False)
    return book


def browser(book: Book) -> Views:
    return Views(book.ledger.engine, book.archive)


@pytest.mark.parametrize("known_at", [None, "2025-01-10T12:00:00Z", "2025-01-20T12:00:00Z"])
def test_claims_are_the_newest_of_each_series_in_the_table_also_where_the_newest_was_withdrawn(
    book: Book, known_at: str | None
) -> None:
    newest = {one.series: (one.as_of, one.value) for one in book.ledger.views.table(known_at=known_at)}
    claims = [one.observation for one in browser(book).claims(ClaimsWanted("other", known_at=known_at))[0]]
    assert {one.series: (one.as_of, one.value) for one in claims} == newest
    assert len(newest) == 2


def test_a_series_is_read_to_draw_as_it_is_told(book: Book) -> None:
    whole = book.ledger.views.show("book/tanks")
    found = browser(book).history("book/tanks")
    told = [(day, f"book/{found.known[update][0]}", found.known[update][1]) for day, update, _, _ in found.rows]
    assert told == [(one.as_of, one.update, one.known_at) for one in whole]
    assert [read_content(content).value for _, _, content, _ in found.rows] == [one.value for one in whole]
    assert (found.total, found.thinned) == (len(whole), False)
    span = browser(book).history("book/tanks", since=Day("2025-01-03"), until=Day("2025-01-18"))
    assert span.rows == [row for row in found.rows if "2025-01-03" <= row[0] <= "2025-01-18"]


def test_of_a_series_too_long_to_read_some_days_are_drawn_with_all_their_versions(book: Book) -> None:
    whole = browser(book).history("book/tanks")
    some = browser(book).history("book/tanks", most=20)
    assert some.thinned
    taken = {row[0] for row in some.rows}
    assert some.rows == [row for row in whole.rows if row[0] in taken]
    assert {"2025-01-01", "2025-01-20"} <= taken


def test_the_newest_days_are_told_whole(book: Book) -> None:
    whole = book.ledger.views.show("book/tanks")
    newest = browser(book).newest_days("book/tanks", 3)
    assert newest == [one for one in whole if one.as_of >= "2025-01-18"]
    assert browser(book).newest_days("book/tanks", 1000) == whole


def test_a_window_gives_the_versions_before_a_day_or_since_one(book: Book) -> None:
    whole = book.ledger.views.show("book/tanks")
    before = [one for one in whole if one.as_of < "2025-01-15"]
    assert browser(book).window("book/tanks", before="2025-01-15", limit=4) == before[-4:]
    since = [one for one in whole if one.as_of >= "2025-01-15"]
    assert browser(book).window("book/tanks", since="2025-01-15", limit=4) == since[:4]


@pytest.mark.parametrize("known_at", [None, "2025-01-20T12:00:00Z"])
@pytest.mark.parametrize("limit", [1, 2, 7, 40, 1000])
def test_versions_are_told_page_by_page_as_they_are_told_whole(book: Book, known_at: str | None, limit: int) -> None:
    whole = book.ledger.views.show("book/tanks", known_at=known_at)
    assert any(one.superseded_by for one in book.ledger.views.show("book/tanks"))
    found, after, pages = [], "", 0
    while after or not pages:
        told, after = browser(book).versions_page("book/tanks", after=after, known_at=known_at, limit=limit)
        assert len(told) <= limit
        found, pages = found + told, pages + 1
    assert (found, pages) == (whole, -(-len(whole) // limit))


@pytest.mark.parametrize("after", ["x", "2025-01-05", "2025-01-05.x", "2025-01-05.1.1", "2025-01-05.99999999999"])
def test_what_is_no_place_in_a_series_is_refused(book: Book, after: str) -> None:
    with pytest.raises(UsageError, match="no place in a series"):
        browser(book).versions_page("book/tanks", after=after)


def test_series_and_claims_go_on_after_a_key(book: Book) -> None:
    assert [one.series for one in browser(book).find_series(after="book/guns")] == ["book/tanks"]
    first, more = browser(book).claims(ClaimsWanted("other"), limit=1)
    rest, end = browser(book).claims(ClaimsWanted("other"), after=more, limit=1)
    assert [one.observation.series for one in (*first, *rest)] == ["book/guns", "book/tanks"]
    assert (more, end) == ("book/guns", "")


def test_held_values_are_told_a_page_at_a_time_as_they_are_told_whole(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-10T06:00:00Z", days(1, 30))
    book.release("2025-01-31T06:00:00Z", [*days(1, 30), ("tanks", "2025-01-31", "1600")])
    assert browser(book).held_page(50) == book.ledger.views.held() != []
