"""What is counted up from rows is what a plain loop over the rows gives, or is said not to be counted up."""

from __future__ import annotations

import datetime as dt
import json
import pickle
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Reading, Source
from tests.extractors.made import cells, checks, read, source

COUNTIES = ("Ada", "Boise", "Elmore")


def outages(*rules: dict[str, Any], **more: Any) -> Source:
    """Outages of a utility, each followed, and what is counted up of them."""
    figures = [{"id": "customers", "path": "out", "unit": "items", "kind": "change"}, *rules]
    given = {"rows": "$.outages", "coverage": "list", "by": {"outage": "id", "county": "county"}} | more
    return source("json", figures, **given)


COUNT = {"id": "outages", "aggregate": {"count_of": "customers"}}
SUM = {"id": "out", "aggregate": {"sum_of": "customers", "by": ["county"]}}
LARGEST = {"id": "largest", "aggregate": {"max_of": "customers"}}


def published(*rows: tuple[str, str, object]) -> str:
    return json.dumps({"outages": [{"id": name, "county": county, "out": out} for name, county, out in rows]})


def counted(reading: Reading) -> dict[str, str]:
    return {ref: content for ref, _, content in cells(reading) if not ref.startswith("customers")}


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.integers(1, 99), st.tuples(st.sampled_from(COUNTIES), st.integers(0, 9999)), max_size=30))
def test_what_rows_come_to_is_what_a_plain_loop_gives(rows: dict[int, tuple[str, int]]) -> None:
    text = published(*((f"n{name}", county, out) for name, (county, out) in rows.items()))
    by_county: dict[str, int] = defaultdict(int)
    for county, out in rows.values():
        by_county[county] += out
    expected = {"outages": str(len(rows))} | {f"out|{county}": str(out) for county, out in by_county.items()}
    expected |= {"largest": str(max(out for _, out in rows.values()))} if rows else {}
    assert counted(read(outages(COUNT, SUM, LARGEST), text)) == expected


def test_an_empty_list_counts_none_and_adds_up_to_nothing() -> None:
    total = {"id": "all", "aggregate": {"sum_of": "customers"}}
    assert counted(read(outages(COUNT, total, LARGEST), published())) == {"outages": "0", "all": "0"}


@pytest.mark.parametrize(
    ("values", "total", "largest"),
    [
        ((5, 7), "12", "7"),
        (("about 5", 7), "~12", ">7"),
        (("5+", 7), ">12", ">7"),
        (("<5", 7), "<12", "7"),
        (("<5", "9+"), "~14", ">9"),
        ((None, 7), ">7", ">7"),
        (("1-4", 7), "8..11", "?"),
        (("1-4", "about 7"), "?", "?"),
        (("four", 7), "?", "?"),
        (("1,000.5", "0.25"), "1000.75", "1000.5"),
    ],
)
def test_what_is_uncertain_of_a_row_is_so_of_what_rows_come_to(
    values: tuple[object, object], total: str, largest: str
) -> None:
    rules = {"id": "all", "aggregate": {"sum_of": "customers"}}, LARGEST
    follows = outages(*rules, language="en", numbers={"decimal": "."})
    reading = read(follows, published(*((f"n{at}", "Ada", value) for at, value in enumerate(values))))
    assert counted(reading) == {"all": total, "largest": largest}
    assert ("not_counted_up" in checks(reading)) == ("?" in (total, largest))


def test_one_row_is_counted_once_and_two_values_for_it_are_not_added_up() -> None:
    follows = outages(COUNT, {"id": "all", "aggregate": {"sum_of": "customers"}})
    assert counted(read(follows, published(("a", "Ada", 5), ("a", "Ada", 5)))) == {"outages": "1", "all": "5"}
    reading = read(follows, published(("a", "Ada", 5), ("a", "Ada", 6), ("b", "Ada", 1)))
    assert counted(reading) == {"outages": "2", "all": "?"}
    assert "not_counted_up" in checks(reading)


def test_a_part_of_a_list_is_not_added_up() -> None:
    rows = json.loads(published(("a", "Ada", 5)))
    reading = read(outages(COUNT), json.dumps({**rows, "total": 40, "limit": 1, "offset": 0}))
    assert counted(reading) == {"outages": "?"}


NOTICES = [("2025-08-04", "a", 10), ("2025-08-10", "b", 20), ("2025-08-11", "c", 1), ("2025-08-18", "d", 2)]


@pytest.mark.parametrize(
    ("each", "coverage", "today", "weeks"),
    [
        ("week", "full", "2025-08-24", {"2025-08-10": "30", "2025-08-17": "1"}),
        ("week", "full", "2025-08-25", {"2025-08-10": "30", "2025-08-17": "1", "2025-08-24": "2"}),
        ("week", "list", "2025-08-24", {"2025-08-17": "1"}),
        ("month", "full", "2025-08-31", {}),
        ("month", "full", "2025-09-01", {"2025-08-31": "33"}),
        ("year", "full", "2026-01-01", {"2025-12-31": "33"}),
        (None, "full", "2025-08-18", {day: str(value) for day, _, value in NOTICES}),
    ],
)
def test_a_week_month_or_year_is_counted_up_once_it_is_over_and_whole(
    each: str | None, coverage: str, today: str, weeks: dict[str, str]
) -> None:
    laid_off = {"id": "laid_off", "kind": "change", "aggregate": {"sum_of": "workers", "each": each}}
    figures = [{"id": "workers", "column": "workers", "kind": "change"}, laid_off]
    by, day = {"company": "company"}, {"column": "date"}
    follows = source("csv", figures, coverage=coverage, by=by, as_of=day)
    text = "\n".join(["date,company,workers", *(f"{day},{name},{value}" for day, name, value in NOTICES)])
    found = read(follows, text, published=today)
    assert {day: content for ref, day, content in cells(found) if ref == "laid_off"} == weeks


@given(st.dates(dt.date(1999, 1, 1), dt.date(2030, 1, 1)), st.sampled_from(["week", "month", "year"]))
def test_a_day_lies_in_one_time_whose_last_day_is_its_own_last_day(day: dt.date, each: Any) -> None:
    from model import Day, last_day_of

    last = last_day_of(each, Day(day.isoformat()))
    assert last >= day.isoformat()
    assert last_day_of(each, last) == last
    after = Day((dt.date.fromisoformat(last) + dt.timedelta(days=1)).isoformat())
    assert last_day_of(each, after) > last


def test_its_figure_says_of_how_many_rows_and_stands_where_they_do_in_another_process_too() -> None:
    text = published(("a", "Ada", 5), ("b", "Boise", 60), ("c", "Ada", 7))
    reading = read(outages(COUNT, SUM), text)
    handles = {ref: handle for ref, _, _, handle in reading.cells}
    for one in (reading, pickle.loads(pickle.dumps(reading))):
        figure = one.figure(handles["out\x1fAda"])
        assert (figure.value, figure.number_text, figure.kind) == (12, "sum of 2 rows", "total")
        assert text[figure.start : figure.end].startswith("5")
        assert text[figure.start : figure.end].endswith("7")
        assert one.figure(handles["outages"]).number_text == "count of 3 rows"
        assert one.figure(handles["customers\x1fb\x1fBoise"]).number_text == "60"
