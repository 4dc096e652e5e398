"""What a source writes is read by what it states or shows; where that leaves two readings, the release is held."""

from __future__ import annotations

from typing import Any

import pytest

from extractors import derive
from model import Source, UnreadableError
from tests.extractors.made import cells, checks, read, source


def _csv(**more: Any) -> Source:
    rule = {"id": "n", "column": "n", "unit": more.pop("unit", "people")}
    return source("csv", [rule], **({"as_of": {"column": "day"}} | more))


def _values(definition: Source, *printed: str) -> list[str]:
    lines = [f'2025-01-{day:02};"{text}"' for day, text in enumerate(printed, 1)]
    return [content for _, _, content in cells(read(definition, "day;n\n" + "\n".join(lines) + "\n"))]


def _days(definition: Source, *printed: str) -> list[str | None]:
    return [day for _, day, _ in cells(read(definition, "day,n\n" + "".join(f"{text},1\n" for text in printed)))]


def test_one_reading_holds_for_a_whole_column() -> None:
    assert _values(_csv(unit="ratio", language="en"), "0,987", "1,012") == ["0.987", "1.012"]
    assert _values(_csv(numbers={"decimal": ","}, unit="ratio"), "1,012", "1.012") == ["1.012", "1012"]


def test_two_readings_without_a_language_are_held_with_the_question() -> None:
    reading = read(_csv(unit="other"), 'day,n\n2025-01-01,"1,012"\n')
    assert [(check.name, check.result) for check in reading.checks] == [("number_format", "hold")]


def test_a_scale_is_counted_where_the_definition_says_it() -> None:
    assert _values(_csv(scale="thousands"), "6,865", "12") == ["6865000", "12000"]
    assert _values(_csv(missing=["-99"]), "-99", "7") == ["", "7"]


def test_an_instant_is_a_day_in_the_zone_of_the_source() -> None:
    assert _days(_csv(zone="Asia/Tokyo"), "1583074800000", "2020-03-02T15:00:00Z") == ["2020-03-02", "2020-03-03"]


def test_weeks_and_years_end_where_the_definition_says() -> None:
    assert _days(_csv(as_of={"column": "day", "format": "%Y-W%U"}), "2020-W51") == ["2020-12-26"]
    assert _days(_csv(period="week-ending-saturday"), "2021-01-04") == ["2021-01-09"]
    assert _days(_csv(period="year-ending-march"), "2010-11", "2011/12") == ["2011-03-31", "2012-03-31"]
    with pytest.raises(UnreadableError, match="years of two"):
        _days(_csv(), "2011-12", "2012-13")


def test_day_and_month_that_change_places_are_doubted() -> None:
    definition = _csv(as_of={"column": "day", "format": "%d/%m/%Y"})
    assert "date_order" in checks(read(definition, "day,n\n05/01/2021,1\n05/02/2021,2\n05/13/2021,3\n"))


def test_letters_of_an_undeclared_encoding_are_refused() -> None:
    with pytest.raises(UnreadableError, match="charset"):
        derive("day;Север".encode("windows-1251"), media_type="text/csv")


def test_no_pattern_ends_inside_a_number() -> None:
    definition = source("selectors", [{"id": "n", "pattern": r"(?P<value>\d+) cases", "unit": "people"}])
    assert cells(read(definition, "<p>1’004 cases</p>")) == [("n", None, "1004")]
    assert checks(read(definition, "<p>1 004 cases</p>")) == ["inside_a_number"]
