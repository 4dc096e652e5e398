"""As-of dates become ISO days, and a span its last day."""

from __future__ import annotations

import datetime as dt

import pytest

from extractors.tables.dates import Days, misplaced
from model import AsOf, Day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-07-31", "2025-07-31"),
        (" 2025-07-31 ", "2025-07-31"),
        ("2025-07-31T23:59:00Z", "2025-07-31"),
        ("2025-07-31 23:59", "2025-07-31"),
        ("20250731", "2025-07-31"),
        ("2024-02", "2024-02-29"),
        ("2024-W01", "2024-01-07"),
        ("2024W01", "2024-01-07"),
        ("2025-Q2", "2025-06-30"),
        ("2024", "2024-12-31"),
        (20250731, "2025-07-31"),
        (1755140000000, "2025-08-14"),
        ("1755140000", "2025-08-14"),
        ("2025-02-30", None),
        ("2025-W60", None),
        ("2025-13", None),
        ("31/07/2025", None),
        ("", None),
        (None, None),
        ("total", None),
    ],
)
def test_without_a_format_a_date_is_iso(text: object, day: str | None) -> None:
    assert Days(AsOf(column="date"))[text] == day


@pytest.mark.parametrize(
    ("form", "text", "language", "day"),
    [
        ("%Y-%m", "2023-09", "en", "2023-09-30"),
        ("%d %B %Y", "02 April 2020", "en", "2020-04-02"),
        ("%d %B %Y", "2nd April 2020", "en", "2020-04-02"),
        ("%B %d, %Y", "March 20, 2020", "en", "2020-03-20"),
        ("%d %b %Y", "5 Sept 2020", "en", "2020-09-05"),
        ("%B %Y", "February 2026", "en", "2026-02-28"),
        ("%d.%m.%Y", "14.11.2022", "uk", "2022-11-14"),
        ("%Y", "2021", "en", "2021-12-31"),
        ("%G-W%V", "2024-W01", "en", "2024-01-07"),
        ("%Y-%j", "2024-060", "en", "2024-02-29"),
        ("%d %B %Y", "31 April 2020", "en", None),
        ("%d %B %Y", "yesterday", "en", None),
    ],
)
def test_with_a_format_a_span_is_its_last_day(form: str, text: str, language: str, day: str | None) -> None:
    assert Days(AsOf(column="date", format=form), language)[text] == day


@pytest.mark.parametrize(
    ("text", "published", "day"),
    [
        ("August 12", "2025-08-13", "2025-08-12"),
        ("December 31", "2026-01-02", "2025-12-31"),
        ("February 29", "2024-03-01", "2024-02-29"),
        ("August 14", "2025-08-13", "2025-08-14"),
        ("August 12", None, None),
    ],
)
def test_a_date_without_its_year_takes_the_publications(text: str, published: str | None, day: str | None) -> None:
    days = Days(AsOf(css="p", format="%B %d", year="published"), "en", Day(published) if published else None)
    assert days[text] == day


def test_each_distinct_text_is_read_once() -> None:
    days = Days(AsOf(column="date", format="%d %B %Y"), "en")
    assert days["2 April 2020"] is days["2 April 2020"]
    assert len(days) == 1


def of_one_year(year: int, rows: int, *, wrong: int = 0) -> list[Day]:
    """Days from New Year on, newest first, the `wrong` newest with the old year."""
    days = [dt.date(year, 1, 2) - dt.timedelta(days=at) for at in range(rows)]
    return [Day(str(day.replace(year=day.year - 1) if at < wrong else day)) for at, day in enumerate(days)]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("days", "found"),
    [
        (of_one_year(2021, 12, wrong=2), ["2020-01-01", "2020-01-02"]),
        (of_one_year(2021, 12, wrong=1), ["2020-01-02"]),
        (of_one_year(2021, 12), []),
        (of_one_year(2021, 12) + of_one_year(2019, 12), []),
    ],
)
def test_the_old_year_typed_in_january_is_out_of_place(days: list[Day], found: list[str], turned: bool) -> None:
    assert sorted(misplaced(days[::-1] if turned else days)) == found


@pytest.mark.parametrize(("form", "text", "day"), [
    ("%d %B %Y", "Feb 1 2000", None), ("%d %B %Y", "1 Feb 2000", "2000-02-01"),
    ("%B %d %Y", "Feb 1 2000", "2000-02-01"),
    ("%B %d %Y", "1 Feb 2000", None), ("%d %b %Y", "lut 1 2000", None), ("%d-%b-%y", "3-Févr-21", None),
])  # fmt: skip
def test_a_month_that_is_written_out_is_never_read_as_a_day(form: str, text: str, day: str | None) -> None:
    """`Feb 1 2000` under `%d %B %Y` was the 2nd of January once its month was a number."""
    assert Days(AsOf(format=form), "en")[text] == day
    assert Days(AsOf(format=form), "pl")[text] in (day, None)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2020-03-01T22:00:00Z", None), ("2020-03-01 22:00:00 UTC", None), ("2020-03-01 22:00 GMT", None),
        ("2020-03-01T22:00:00+0000", None), ("1583100000000", None), ("2020-03-01T22:00:00Z", "%Y-%m-%dT%H:%M:%SZ"),
        ("Sun, 01 Mar 2020 22:00:00 GMT", "%a, %d %b %Y %H:%M:%S GMT"), ("01.03.2020 22:00 UTC", "%d.%m.%Y %H:%M %Z"),
        ("2020-03-01T22:00:00+00:00", "%Y-%m-%dT%H:%M:%S%z"),
    ],
)  # fmt: skip
def test_an_instant_is_a_day_of_the_publishers_zone_however_utc_is_written(text: str, form: str | None) -> None:
    rule = AsOf(format=form) if form else AsOf()
    assert Days(rule, "en", None, "Europe/Kyiv")[text] == "2020-03-02"
    assert Days(rule, "en", None, "America/New_York")[text] == "2020-03-01"
    assert Days(rule, "en")[text] == "2020-03-01"
