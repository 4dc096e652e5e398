"""What the words around a table say of its numbers' scale is asked about, in whatever words and wherever they stand."""

from __future__ import annotations

import json

import msgspec
import pytest

from changes.checks.drift import moved
from extractors.tables.scales import said_scale, scale_of_unit
from model import Reading
from tests.extractors.made import read, source

THOUSANDS = """
Displaced people (in thousands)|All figures in thousands.|Population, thousands|Unit: Thousand persons
Einheit: 1 000 Personen|Beschäftigte (1.000)|Employed ('000)
Jobs (000s)|Employment, 000s|Value x1000|Население, тыс. чел.|в тысячах|單位：千人
Населення (тис. осіб)|単位：千人|단위: 천명|(단위：천 명)|Nüfus (bin kişi)|miles de personas|En miles
Unité : milliers|in 1000|in 1 000|tis. osob|(tis. osob)
Thousands|Χιλιάδες|Persons (thousands)|Figures in '000s|ezer fő|(tuhatta)|ribu orang
nghìn người|بالآلاف|Figures in thousands unless otherwise stated|displaced_thousands|Deaths thousand|(THS_PER)
"""
PLAIN = """
Deaths per 1,000 inhabitants|(per 1000)|rate per 100,000|Deaths|Cases in Thuringia|New cases, total|in total|(total)
2000|Year 2000|(2000)|over 1,000 people fled|Total deaths: 1,204|Cases: 1000
1,000 people were displaced in March 2024|Tisno
pour 1 000 habitants|je 1000 Einwohner|10000|Persons|Updated 10.000|at 10:000|Fire No. 1000|in miletus|millet (t)|tison
Deaths per thousand|Deaths per million|Maths score
"""


@pytest.mark.parametrize("text", THOUSANDS.strip().replace("\n", "|").split("|"))
def test_words_for_thousands_are_understood(text: str) -> None:
    found = said_scale([text])
    assert found is not None
    assert found[1] == "thousands"


@pytest.mark.parametrize("text", PLAIN.strip().replace("\n", "|").split("|"))
def test_rates_years_and_names_are_no_scale(text: str) -> None:
    assert said_scale([text]) is None


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("単位：百万円", "millions"), ("单位：万人", "ten-thousands"), ("(億円)", "hundred-millions"),
        ("(mln osób)", "millions"), ("Mrd. Euro", "billions"), ("(in lakh)", "hundred-thousands"),
        ("Rs crore (in crore)", "ten-millions"), ("Value x 1,000,000", "millions"),
    ],
)  # fmt: skip
def test_other_scales_are_told_apart(text: str, scale: str) -> None:
    assert (said_scale([text]) or ("", ""))[1] == scale


def test_a_column_of_units_says_a_scale_as_words_or_as_a_power() -> None:
    assert scale_of_unit("UNIT_MULT", ["3"]) == ("UNIT_MULT 3", "thousands")
    assert scale_of_unit("Unit", ["Persons", "Thousand persons"]) == ("Unit Thousand persons", "thousands")
    assert scale_of_unit("UNIT_MULT", ["0"]) is None
    assert scale_of_unit("unit", ["persons", "3"]) is None


def asked(reading: Reading) -> bool:
    return any(check.name == "scale" and check.result == "hold" for check in reading.checks)


def test_the_question_is_asked_for_every_form() -> None:
    figures = [{"id": "n", "column": "n", "unit": "people"}]
    table = "<table><tr><th>n<tr><td>7</table>"
    assert asked(read(source("csv", figures), "Unit,n\nThousands,7\n"))
    assert not asked(read(source("csv", figures), "Unit,n\nPersons,7\n"))
    assert not asked(read(source("csv", figures, by={"unit": "Unit"}), "Unit,n\nThousands,7\n"))
    assert asked(read(source("json", figures, rows="$.rows"), json.dumps({"unit": "thousands", "rows": [{"n": 7}]})))
    assert not asked(read(source("json", figures, rows="$.rows"), json.dumps({"unit": "people", "rows": [{"n": 7}]})))
    assert asked(read(source("table", figures), f"<p>Figures in thousands.</p><p>2024</p>{table}"))
    assert asked(read(source("table", figures), f"{table}<p>In thousands.</p>"))
    assert not asked(read(source("table", figures, scale="one"), f"<p>In thousands.</p>{table}"))


@pytest.mark.parametrize(
    ("first", "second", "where", "doubted"),
    [
        ("3", "0", {}, True), ("3", "6", {}, True), ("3", "3", {}, False), ("3", "0", {"k": "a"}, False),
        ("3", "", {}, False),
    ],
)  # fmt: skip
def test_rows_in_different_scales_are_asked_about_whatever_scale_is_stated(
    first: str, second: str, where: dict[str, str], doubted: bool
) -> None:
    figures = [{"id": "n", "column": "n", "unit": "people", "where": where}]
    text = f"k,UNIT_MULT,n\na,{first},7\nb,{second},8\n"
    assert asked(read(source("csv", figures, scale="thousands", by={} if where else {"k": "k"}), text)) is doubted


def test_rows_that_are_members_of_an_object_are_not_what_stands_beside_them() -> None:
    figures = [{"id": "n", "path": "n", "unit": "people"}]
    rows = {f"Area {at}": {"n": 7, "note": "in thousands"} for at in range(30)}
    assert not asked(read(source("json", figures, rows="$.*", by={"whom": "@key"}), json.dumps(rows)))


def test_the_caption_of_another_table_is_not_asked_about() -> None:
    figures = [{"id": "n", "column": "n", "unit": "people"}]
    other = "<table><caption>Money (in thousands)</caption><tr><th>a<th>b<tr><td>1<td>2</table>"
    own = "<table><caption>People</caption><tr><th>n<th>c<tr><td>7<td>x</table>"
    assert not asked(read(source("table", figures), other + own))
    assert not asked(read(source("table", figures), own + other.replace("<caption>", "<p>Other</p><caption>")))


@pytest.mark.parametrize(
    ("said", "again"), [("in thousands", "in millions"), ("in thousands", ""), ("", "in thousands")]
)
def test_a_scale_that_the_definition_knows_is_asked_about_when_the_words_change(said: str, again: str) -> None:
    figures = [{"id": "n", "column": "n", "unit": "people"}]

    def of(words: str) -> Reading:
        return read(source("table", figures, scale="thousands"), f"<p>All {words}</p><table><tr><th>n<tr><td>7</table>")

    assert not asked(of("in thousands"))
    assert asked(of("in millions"))
    assert [held for _, _, held in moved(of(said).shape(), of(again).shape())] == [True]
    assert list(moved(of(said).shape(), of(said).shape())) == []


def numbers(reading: Reading) -> list[str]:
    return [content for _, _, content, _ in reading.cells if content]


@pytest.mark.parametrize(
    ("printed", "language", "value"),
    [
        ("6,865 thousand", "en", "6865000"), ("6.865 million", "en", "6865000"), ("6.9 million", "en", "6900000"),
        ("6.865 Tsd.", "de", "6865000"), ("6,865 Mio.", "de", "6865000"), ("6 865 тис.", "uk", "6865000"),
        ("7.133M", "en", "7133000"),
    ],
)  # fmt: skip
def test_the_mark_before_a_scale_is_that_of_the_language(printed: str, language: str, value: str) -> None:
    figures = [{"id": "n", "column": "n", "unit": "people"}]
    found = read(source("table", figures, language=language), f"<table><tr><th>n<th>c<tr><td>{printed}<td>x</table>")
    assert numbers(found) == [value]


@pytest.mark.parametrize("printed", ["6,865 thousand", "6.865 million", "7.133M", "6,865k"])
def test_where_no_language_says_what_the_mark_is_the_column_or_a_person_does(printed: str) -> None:
    figures = [{"id": "n", "column": "n", "unit": "people"}]
    alone = f"<table><tr><th>n<th>c<tr><td>{printed}<td>x</table>"
    assert [check.name for check in read(source("table", figures), alone).checks if check.result == "hold"] == [
        "number_format"
    ]
    beside = alone.replace("</table>", "<tr><td>1,234,567.5<td>y</table>")
    # A letter beside numbers without any is a scale or the mark of a note: then it is told, and nothing of it counts.
    told = [(check.name, check.result) for check in read(source("table", figures), beside).checks]
    assert told == ([("unreadable_value", "warn")] if printed.endswith("k") else [])


def test_a_line_of_units_and_a_note_among_the_rows_are_asked_about() -> None:
    figures = [{"id": "n", "column": "n", "unit": "people"}]
    definition = source("csv", figures, as_of={"column": "d"})
    assert asked(read(definition, "d,n\n,thousands\n2024-01-01,7\n"))
    assert asked(read(definition, "d,n\n2024-01-01,7\nFigures in thousands,\n"))
    assert not asked(read(definition, "d,n\n,persons\n2024-01-01,7\n"))


@pytest.mark.parametrize(
    "page",
    [
        "<p>Displaced people 7,133 thousand</p>",
        "<p>Displaced people 7,133 тис. осіб</p>",
        "<p>Displaced people 7,133 (thousands)</p>",
        "<h2>People, in thousands</h2><p>Displaced people 7,133</p>",
        "<p>Displaced people (thousands): 7,133</p>",
        "<div>Displaced people (thousands)</div><div>7,133</div>",
        "<table><tr><th>Who<th>Thousands<tr><td>Displaced people<td>7,133</table>",
    ],
)
def test_the_words_beside_a_number_that_a_rule_picks_are_asked_about(page: str) -> None:
    figures = [{"id": "n", "pattern": r"Displaced people\D*(?P<value>[\d,]+)", "unit": "people"}]
    assert asked(read(source("selectors", figures), page))
    assert not asked(read(source("selectors", figures, scale="one"), page))
    assert not asked(read(source("selectors", [{**figures[0], "unit": "percent"}]), page))


def test_scales_of_other_numbers_of_a_page_are_not_asked_about() -> None:
    figures = [{"id": "n", "pattern": r"Displaced people\D*(?P<value>[\d,]+)", "unit": "people"}]
    page = "<p>A budget of 12 million. Displaced people: 7,133,000. Thousands fled, a million more may.</p>"
    assert not asked(read(source("selectors", figures), page))
    assert not asked(read(source("selectors", figures), f"<div>Budget, in thousands 12</div>{page}"))


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Displaced people: 6,865 (thousands).", True), ("Displaced people, in thousands: 6,865.", True),
        ("(Figures in thousands) Displaced people: 6,865", True),
        ("Figures in thousands\n\nDisplaced people: 6,865", True),
        ("6,865 thousand people were displaced.", False),
        ("Some 6,865 people were displaced in thousands of homes.", False),
        ("Some 6,865 people were displaced (a thousand homes burnt).", False), ("6,865 people were displaced.", False),
    ],
)  # fmt: skip
def test_a_scale_beside_the_figures_of_a_text_is_asked_about(text: str, held: bool) -> None:
    definition = source("prose", [], series=[{"id": "n", "match": {"measure": "displaced"}}], language="en")
    found = read(definition, text, "text/plain")
    assert numbers(found)
    assert asked(found) is held
    assert not asked(read(msgspec.structs.replace(definition, scale="one"), text, "text/plain"))


@pytest.mark.parametrize(("row", "path"), [({"n": 5}, "n"), ({"stats": {"n": 5}}, "stats.n")])
def test_a_field_of_units_that_nobody_follows_is_asked_about_wherever_the_figure_stands(
    row: dict[str, object], path: str
) -> None:
    made = source("json", [{"id": "n", "path": path}], as_of={"path": "day"}, coverage="full")
    reading = read(made, json.dumps([{"day": "2026-01-01", "unit": "thousand", **row}]))
    assert [check.name for check in reading.checks] == ["scale"]
