"""Dates and clocks in a heading are no part of what it says, in whatever language they are."""

from __future__ import annotations

import datetime as dt

import pytest
from babel.dates import format_date, format_time

from extractors.tables.shape import telling

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
