"""The shipped definitions read real pages, day after day, as the truth tables have them."""

from __future__ import annotations

import csv
import functools

import pytest

import extractors
from extractors.tables.dates import Days
from model import AsOf, Day, Reading, UnreadableError
from tests.real.corpus import DATA, copies, media_type, source, truth

COLUMNS = {
    "scotland_govscot": ("tested", "positive", "deaths"),
    "wyoming": ("confirmed", "probable", "deaths"),
    "shasta": ("confirmed", "deaths"),
}
DATES = {"scotland_govscot": "%d %B %Y", "shasta": "%B %d, %Y"}


@functools.cache
def _readings(name: str, every: int = 8) -> dict[str, tuple[extractors.Document, Reading]]:
    """The readings of one page day in `every`, by day; days whose page is empty are left out."""
    definition, found = source(name), {}
    for copy in copies(name, lambda place, _: place % every == 0):
        if copy.content:
            document = extractors.derive(copy.content, media_type=media_type(copy))
            found[copy.name.partition(".")[0]] = (document, extractors.read(definition, document))
    return found


def _untrue(name: str, readings: dict[str, tuple[extractors.Document, Reading]]) -> list[object]:
    lines = {line["fetched"]: line for line in truth(name)}
    wrong: list[object] = []
    for fetched, (_, reading) in readings.items():
        line = lines[fetched]
        stated = {column: line[column] for column in COLUMNS[name] if line[column]}
        days = {_day(name, line.get("asof", ""))} if stated else set()
        if {cell[0]: cell[2] for cell in reading.cells} != stated or {cell[1] for cell in reading.cells} != days:
            wrong.append((fetched, reading.cells, stated))
    return wrong


@pytest.mark.parametrize("name", COLUMNS)
def test_a_page_day_states_what_the_truth_table_has_and_nothing_else(name: str) -> None:
    readings = _readings(name)
    assert _untrue(name, readings) == []
    assert {bool(reading.cells) for _, reading in readings.values()} == {True, False}


@pytest.mark.long
@pytest.mark.parametrize("name", COLUMNS)
def test_every_page_day_states_what_the_truth_table_has_and_nothing_else(name: str) -> None:
    readings = _readings(name, every=1)
    assert _untrue(name, readings) == []
    assert len(readings) == sum(line["state"] != "empty" for line in truth(name))


def _day(name: str, printed: str) -> Day | None:
    return Days(AsOf(css="p", format=DATES[name]))[printed] if name in DATES else None


@pytest.mark.parametrize("name", COLUMNS)
def test_a_figure_of_a_real_page_stands_where_it_says(name: str) -> None:
    for document, reading in _readings(name).values():
        for _, _, content, handle in reading.cells:
            figure = reading.figure(handle)
            assert document.text[figure.start : figure.end] == figure.number_text
            assert figure.number_text.replace(",", "") == content
            assert figure.number_text in figure.quote
            assert figure.quote in document.text


@pytest.mark.parametrize("name", ["scotland_govscot", "shasta"])
def test_a_page_without_its_date_says_so(name: str) -> None:
    silent = [reading for _, reading in _readings(name).values() if not reading.cells]
    assert silent
    assert all([check.name for check in reading.checks] == ["as_of_missing"] for reading in silent)


def test_an_empty_page_is_refused() -> None:
    (empty,) = (copy for copy in copies("shasta") if not copy.content)
    with pytest.raises(UnreadableError, match="no bytes"):
        extractors.derive(empty.content, media_type="text/html")


def test_the_county_page_states_its_own_increments() -> None:
    stated = [one for _, reading in _readings("shasta").values() for one in reading.stated]
    assert stated
    for one in stated:
        assert (one.series, one.figure.kind, one.as_of) == ("confirmed", "change", one.figure.as_of)
        assert f"({one.figure.value} today)" in one.figure.quote


def test_the_scraped_headline_reads_as_its_observations_have_it() -> None:
    definition = source("mediazona_headline")
    with (DATA / "vintages" / "mediazona_headline.observations.csv").open(encoding="utf-8") as lines:
        wanted = {line["commit"][:8]: line for line in csv.DictReader(lines)}
    read = 0
    for copy in copies("mediazona_headline"):
        reading = extractors.read(definition, extractors.derive(copy.content, media_type=media_type(copy)))
        line = wanted.get(copy.name.partition("_")[2].partition(".")[0], {})
        stated = {"total": line.get("total_confirmed"), "dated": line.get("with_known_date")}
        assert {cell[0]: cell[2] for cell in reading.cells} == {name: value for name, value in stated.items() if value}
        assert all(cell[1] is None for cell in reading.cells)
        read += bool(reading.cells)
    assert read == len(wanted) == 571
