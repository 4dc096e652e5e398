"""What a source writes is read by what it states or shows; where that leaves two readings, the release is held."""

from __future__ import annotations

import json
from typing import Any

import pytest

from changes.checks.drift import moved
from extractors import derive
from model import Shape, Source, UnreadableError
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


def test_a_column_that_shows_another_mark_than_the_definition_says_is_asked_about() -> None:
    def doubts(*values: str) -> list[str]:
        text = "n\n" + "".join(f'"{value}"\n' for value in values)
        reading = read(source("csv", [{"id": "n", "column": "n"}], numbers={"decimal": ",", "group": "."}), text)
        return [check.result for check in reading.checks if check.name == "number_format"]

    assert doubts("11.75", "12.5", "13.125") == ["hold"]
    assert doubts("11,75", "12,5", "13.125") == []
    assert doubts("n/a", "13.125") == []


def test_another_caption_or_heading_over_a_table_puts_it_in_doubt() -> None:
    def moves(one: str, other: str) -> list[bool]:
        shapes = [read(source("table", [{"id": "n", "column": "n"}]), text).shape() for text in (one, other)]
        return [held for _, _, held in moved(*shapes)]

    def table(caption: str, heading: str = "Situation") -> str:
        return f"<h2>{heading}</h2><table><caption>{caption}</caption><tr><th>n<th>m<tr><td>7<td>8</table>"

    assert moves(table("Confirmed deaths"), table("Suspected deaths")) == [True]
    assert moves(table("Deaths"), table("Deaths among children")) == [True]
    assert moves(table("Deaths on 3 May 2024"), table("Deaths on 4 May 2024")) == []
    assert moves(table("Deaths", "Region North"), table("Deaths", "Region South")) == [True]
    assert moves(table("Deaths", "Storm hits coast of the north"), table("Deaths", "Storm moves on to the east")) == []
    assert moves(table("Deaths"), table("Deaths")) == []
    other = "<table><caption>{}</caption><tr><th>a<th>b<tr><td>1<td>2<tr><td>1<td>2</table><p>x</p><p>y</p><p>z</p>"
    own = "<table><tr><th>n<th>m<tr><td>7<td>8</table>"
    assert moves(other.format("Money") + own, other.format("Cost") + own) == []


def test_the_line_above_a_csv_and_the_title_beside_json_rows_are_captions() -> None:
    def shape(kind: str, text: str, **more: object) -> Shape:
        return read(source(kind, [{"id": "n", "column": "n"}], **more), text).shape()

    csv = "{}\n\nday,n\na,7\nb,8\n"
    held = [held for _, _, held in moved(shape("csv", csv.format("Deaths")), shape("csv", csv.format("Cases")))]
    assert held == [True]
    texts = [json.dumps({"title": title, "rows": [{"n": 7}]}) for title in ("Deaths by day", "Cases by day")]
    assert [held for _, _, held in moved(*(shape("json", text, rows="$.rows") for text in texts))] == [True]


def test_the_mark_of_a_note_behind_numbers_makes_no_text_of_them() -> None:
    def shape(*printed: str) -> Shape:
        return read(
            _csv(), "day,n\n" + "".join(f"2025-01-0{at},{text}\n" for at, text in enumerate(printed, 1))
        ).shape()

    for flagged in ("121 p", "121 e", "121*", "121 [1]"):
        assert list(moved(shape("120", "121"), shape(flagged, "125 p"))) == []
    assert [held for _, _, held in moved(shape("120", "121"), shape("some", "many"))] == [True]
