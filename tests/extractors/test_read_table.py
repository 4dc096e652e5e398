"""The table extractor reads the tables of a page that have the followed columns, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from extractors import read as read_document
from model import Source, UnreadableError
from tests.extractors.made import cells, checks, document, read, source

PAGE = """<h1>Losses</h1><p>As of 5 March 2025</p>
<table id="menu"><tr><td>Home</td><td>About</td></tr></table>
<table class="losses"><thead><tr><th>Date</th><th>Who</th><th>Dead</th></tr></thead>
<tr><td>2025-01-01</td><td>North</td><td><p>1,206</p></td></tr>
<tr><td rowspan="2">2025-01-02</td><td>North</td><td>1,210</td></tr>
<tr><td>South</td><td>-</td></tr></table>"""


def _table(figures: list[dict[str, Any]] | None = None, **more: Any) -> Source:
    rules = figures or [{"id": "dead", "column": "Dead"}]
    return source("table", rules, **({"as_of": {"column": "Date"}, "by": {"whom": "Who"}} | more))


def test_the_table_with_the_columns_is_read_and_spans_count_in_each_row() -> None:
    definition = _table()
    text = document(definition, PAGE)
    reading = read_document(definition, text)
    assert cells(reading) == [
        ("dead|North", "2025-01-01", "1206"),
        ("dead|North", "2025-01-02", "1210"),
        ("dead|South", "2025-01-02", ""),
    ]
    figure = reading.figure(reading.cells[0][3])
    assert figure.number_text == text.text[figure.start : figure.end] == "1,206"
    assert figure.quote == "2025-01-01\tNorth\t1,206"


def test_a_table_dated_above_takes_the_pages_date() -> None:
    as_of = {"css": "p", "pattern": "As of (?P<as_of>.*)", "format": "%d %B %Y"}
    page = "<p>As of 5 March 2025</p><table><tr><th>Who<th>Dead<tr><td>North<td>5</table>"
    assert cells(read(_table(as_of=as_of), page)) == [("dead|North", "2025-03-05", "5")]


def test_a_date_that_the_page_should_give_and_does_not_is_told() -> None:
    as_of = {"css": "p", "pattern": "As of (?P<as_of>.*)", "format": "%d %B %Y"}
    reading = read(_table(as_of=as_of), "<table><tr><th>Who<th>Dead<tr><td>North<td>5</table>")
    assert cells(reading) == [("dead|North", None, "5")]
    assert checks(reading) == ["as_of_missing"]


def test_headings_above_one_another_are_joined() -> None:
    page = """<table><tr><th rowspan=2>Date<th colspan=2>Dead</tr><tr><th>new<th>total</tr>
    <tr><td>2025-01-01<td>5<td>50</tr></table>"""
    definition = _table([{"id": "new", "column": "Dead new"}, {"id": "total", "column": "Dead total"}], by={})
    assert cells(read(definition, page)) == [("new", "2025-01-01", "5"), ("total", "2025-01-01", "50")]


def test_rows_may_choose_among_like_tables() -> None:
    one = "<table class=a><tr><th>Date<th>Dead<tr><td>2025-01-01<td>{}</table>"
    page = one.format(5) + one.replace("class=a", "class=b").format(6)
    assert [cell[2] for cell in cells(read(_table(by={}), page))] == ["5", "6"]
    assert [cell[2] for cell in cells(read(_table(by={}, rows="table.b"), page))] == ["6"]


def test_a_table_in_markdown_is_read_too() -> None:
    text = "# Losses\n\n| Date | Dead |\n|------|-----:|\n| 2025-01-01 | 1,206 |\n| 2025-01-02 | |\n\nEnd.\n"
    reading = read(_table(by={}), text, media_type="text/markdown")
    assert cells(reading)[0] == ("dead", "2025-01-01", "1206")
    assert reading.figure(reading.cells[0][3]).number_text == "1,206"


def test_a_followed_column_that_is_missing_is_told() -> None:
    reading = read(_table([{"id": "dead", "column": "Dead"}, {"id": "hurt", "column": "Hurt"}], language="en"), PAGE)
    assert checks(reading) == ["column_missing"]


@pytest.mark.parametrize("page", ["<p>no table</p>", "<table></table>", "<table><tr><th>Date<th>Who<th>Dead</table>"])
def test_a_page_without_the_table_is_refused(page: str) -> None:
    with pytest.raises(UnreadableError):
        read(_table(), page)


def test_the_marks_of_footnotes_are_part_of_no_heading_and_no_number() -> None:
    page = (
        "<table><tr><th>Date</th><th>Lost[a]</th><th>Damaged [note 2]</th></tr>"
        "<tr><td>2024-03-01</td><td>1,204[1][b]</td><td>[3]</td></tr></table>"
    )
    figures = [{"id": "lost", "column": "Lost"}, {"id": "damaged", "column": "Damaged"}]
    reading = read(source("table", figures, as_of={"column": "Date"}), page)
    assert cells(reading)[0] == ("lost", "2024-03-01", "1204")
    assert all(content in ("", "?") for name, _, content in cells(reading) if name == "damaged")


def test_dates_may_run_across_a_table() -> None:
    definition = source("table", [{"id": "dead", "column": "@value"}], as_of={"column": "@key"}, by={"whom": "Region"})
    reading = read(definition, "<table><tr><th>Region<th>2025-07-27<th>2025-08-03<tr><th>North<td>5<td>7</table>")
    assert cells(reading) == [("dead|North", "2025-07-27", "5"), ("dead|North", "2025-08-03", "7")]
    assert reading.figure(reading.cells[1][3]).number_text == "7"


def deaths_of(style: str, rows: str) -> list[object]:
    definition = source("table", [{"id": "dead", "column": "dead"}], by={"whom": "area"})
    return cells(read(definition, f"<head><style>{style}</style></head><table><tr><th>area<th>dead{rows}</table>"))


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        (".tpl { display: none }", False),
        ("/* .tpl */ tr.tpl, .x { color: red; display:none !important }", False),
        ("table .tpl { visibility: hidden }", False),
        ("@import url(x.css); .tpl { display: none }", False),
        (".tpl { display: none } tr.tpl { display: table-row }", True),
        ("tr.tpl { display: none } .tpl { display: table-row }", False),
        ("@media print { .tpl { display: none } }", True),
        (".js .tpl { display: none }", True),
        (".tpl:not(.y) { display: none }", True),
        (".tpl { color: none }", True),
        (".tpl { display: none", True),
    ],
)
def test_what_a_pages_own_style_sheet_hides_is_not_read(style: str, shown: bool) -> None:
    found = deaths_of(style, "<tr class='tpl'><td>T<td>900<tr><td>N<td>5")
    assert found == [*([("dead|T", None, "900")] if shown else []), ("dead|N", None, "5")]


@pytest.mark.parametrize("struck", ["<s>50</s>5", "<del>1,024</del> 5", "<strike>7</strike>5"])
def test_struck_text_is_not_stated(struck: str) -> None:
    assert deaths_of("", f"<tr><td>N<td>{struck}") == [("dead|N", None, "5")]


def test_a_sort_key_that_its_style_hides_is_not_read_and_a_hidden_tab_is() -> None:
    definition = source("table", [{"id": "dead", "column": "dead"}], by={"whom": "area"})
    table = "<table><tr><th>area<th>dead<tr><td>N<td><span style='display: none'>7000</span>1,100+</table>"
    assert cells(read(definition, f"<div style='display:none'>{table}</div>")) == [("dead|N", None, ">1100")]
