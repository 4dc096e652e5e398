"""What facts and records are read from, on both databases: a known book gives each number of its record."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

from changes.news.past import state_now
from changes.news.record import record_of
from changes.news.told import all_facts
from publish.news.record import NOT_ENOUGH, lines, record_csv
from tests.storage.books import Book, days, source


def told(folder: Path) -> Book:
    """Daily releases of January, each of the day before: one was left out, the next restates the 2nd, the 9th slips."""
    book = Book(folder, source(restates=True))
    for day in (2, 3, 4, 5, 6):
        book.release(f"2025-01-{day + 1:02}T06:00:00Z", days(1, day), stated={"tanks": "2"})
    rows = days(1, 8)
    rows[1] = ("tanks", "2025-01-02", "101")
    book.release("2025-01-09T06:00:00Z", rows, stated={"tanks": "5"})
    slip = [*rows, ("tanks", "2025-01-09", "11600")]
    book.release("2025-01-10T06:00:00Z", slip)
    book.release("2025-01-11T06:00:00Z", [*rows, ("tanks", "2025-01-09", "116")])
    return book


def test_a_record_has_each_number_of_a_book_beside_what_it_rests_upon(tmp_path: Path) -> None:
    book = told(tmp_path)
    record = record_of(book.ledger.views.record_rows("book"))
    found = {one.name: (one.value, one.of) for one in record.numbers}
    assert (found["releases"], found["gap_usual"], found["gap_longest"]) == ((8, 8), (1, 7), (2, 7))
    assert (found["lag_usual"], found["restated"]) == ((1, 7), (Decimal(11), 9))
    assert found["restated_up"] == (None, 1)  # one restatement is not enough to say which way
    assert found["stated_wrong"] == (Decimal(20), 5)
    assert (found["held"], found["slips"]) == ((1, 9), (1, 1))
    assert found["final_usual"] == (None, 0)  # no day was watched for a month
    words = {one.asked: one for one in lines(record)}
    assert words["Upwards"].answer == NOT_ENOUGH
    assert words["Upwards"].rests_on == "1 restatement"
    table = {row["name"]: row for row in csv.DictReader(io.StringIO(record_csv(record)))}
    assert (table["restated_up"]["value"], table["gap_longest"]["value"], table["slips"]["rests_on"]) == ("", "2", "1")


def test_the_past_of_a_series_is_what_was_recorded_and_held_values_make_no_fact(tmp_path: Path) -> None:
    book = told(tmp_path)
    (past,) = book.ledger.views.pasts(["book/tanks"], restates=True)
    state = state_now(past)
    assert {(one, str(state[one].span.value)) for one in state.days} == {
        (day, value) for (_, day), value in book.values().items()
    }
    assert [one.content for one in past.versions if one.held] == ["11600"]
    assert all(one.number < 1000 for one in all_facts(past))
    assert book.ledger.views.news_of("book/2").series == ["book/tanks"]
    assert book.ledger.views.key_of("book/tanks", "guns") is None
