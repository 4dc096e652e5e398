"""Dates and clocks in a heading are no part of what it says, in whatever language they are."""

from __future__ import annotations

import datetime as dt

import pytest
from babel.dates import format_date, format_time

from changes.checks.drift import moved
from extractors.tables.titles import telling, title
from tests.extractors.made import read, source

DAYS = [dt.datetime(2024, 5, 2, 15, 0, tzinfo=dt.UTC), dt.datetime(2023, 11, 14, 9, 0, tzinfo=dt.UTC)]


@pytest.mark.parametrize("language", ["ja", "zh", "ko", "tr", "el", "hu", "ro", "sv", "fi", "he", "hi", "id", "bg"])
def test_another_day_of_the_week_month_or_hour_is_the_same_heading(language: str) -> None:
    words = {
        telling(
            f"{format_date(day, form, locale=language)} {format_time(day, 'short', locale=language)} (42)", language
        )
        for day in DAYS
        for form in ("full", "long", "medium")
    }
    assert words <= {()}


def test_the_language_of_a_script_is_known_where_nobody_says_it() -> None:
    assert (
        telling("令和6年5月2日（木曜日）午後3時現在", None)
        == telling("令和6年5月7日（火）午前9時現在", None)
        == ("現在",)
    )
    assert telling("感染者数", None) != telling("死亡者数", None)


OTHER = """
Deaths, aged 65 and over|Deaths, aged 80 and over
Deaths, 0-17 years|Deaths, 18–64 years
Deaths within 28 days|Deaths within 60 days
Смерті за 7 днів|Смерті за 14 днів
Menores de 5 años|Menores de 12 años
District 1|District 7
Округ № 3|Округ № 9
Deaths since 2022|Deaths since 2023
Austria|Germany
Deaths 2022-2023|Deaths 2019-2020
"""
SAME = """
Situation report 12|Situation report 13
Deaths in week 44|Deaths in week 45
Weeks 44-45|Weeks 45-46
Table 3. Deaths|Table 4. Deaths
Total 1,234 deaths|Total 1,321 deaths
Deaths, 2 November 2024|Deaths, 4 November 2024
Deaths 2023|Deaths 2024
Deaths 2022-2023|Deaths 2023-2024
Northern District|NORTHERN DISTRICT
35 killed on Monday|12 killed on Friday
"""


def pairs(text: str) -> list[tuple[str, str]]:
    return [(one, other) for line in text.strip().splitlines() for one, _, other in [line.partition("|")]]


def is_held(before: str, after: str) -> bool:
    shapes = ({"n": {"heading": title(text, None)}} for text in (before, after))
    return [held for _, _, held in moved(*shapes)] == [True]


@pytest.mark.parametrize(("before", "after"), pairs(OTHER))
def test_a_heading_that_says_of_whom_or_how_long_otherwise_is_another(before: str, after: str) -> None:
    assert is_held(before, after)


@pytest.mark.parametrize(("before", "after"), pairs(SAME))
def test_days_counts_and_numbers_of_reports_move_by_themselves(before: str, after: str) -> None:
    assert not is_held(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<h1>Austria</h1><h2>Deaths</h2>", "<h1>Germany</h1><h2>Deaths</h2>"),
        ("<p><strong>Austria</strong></p>", "<p><strong>Germany</strong></p>"),
        ("<h1>COVID</h1><h2>Men</h2>", "<h1>COVID</h1><h2>Women</h2>"),
    ],
)
def test_what_stands_over_a_number_is_every_heading_above_it(before: str, after: str) -> None:
    rules = [{"id": "n", "css": "#n", "unit": "people"}]
    shapes = [read(source("selectors", rules), f"{above}<div id=n>1,204</div>").shape() for above in (before, after)]
    assert [held for _, _, held in moved(*shapes)] == [True]
    table = "<table><tr><th>n<th>m<tr><td>7<td>8</table>"
    columns = [{"id": "n", "column": "n", "unit": "people"}]
    shapes = [read(source("table", columns), above + table).shape() for above in (before, after)]
    assert [held for _, _, held in moved(*shapes)] == [True]


def test_bold_words_in_a_sentence_are_no_heading() -> None:
    rules = [{"id": "n", "css": "#n", "unit": "people"}]
    shapes = [
        read(source("selectors", rules), f"<p>News from <b>{place}</b> today.</p><div id=n>1,204</div>").shape()
        for place in ("Austria", "Germany")
    ]
    assert list(moved(*shapes)) == []
