"""The json extractor reads rows wherever they stand, and refuses what is torn or contradicts itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import read as read_document
from model import Source, UnreadableError
from tests.extractors.made import cells, checks, document, read, source

TANKS = [{"id": "tanks", "path": "tanks"}]


def _rows(figures: list[dict[str, Any]] = TANKS, **more: Any) -> Source:
    return source("json", figures, **({"as_of": {"path": "date"}} | more))


def test_a_list_of_objects_gives_a_cell_a_row_and_rule() -> None:
    text = '[{"date": "2025-01-01", "tanks": 5}, {"date": "2025-01-02", "tanks": 6.50, "x": null}]'
    assert cells(read(_rows(), text)) == [("tanks", "2025-01-01", "5"), ("tanks", "2025-01-02", "6.5")]


def test_a_row_without_the_key_gives_no_cell_and_a_null_one_a_blank() -> None:
    text = '[{"date": "2025-01-01"}, {"date": "2025-01-02", "tanks": null}, {"date": "2025-01-03", "tanks": NaN}]'
    assert cells(read(_rows(), text)) == [("tanks", "2025-01-02", ""), ("tanks", "2025-01-03", "")]


def test_infinity_is_a_blank_and_no_number() -> None:
    assert cells(read(_rows(), '[{"date": "2025-01-01", "tanks": -Infinity}]')) == [("tanks", "2025-01-01", "")]


@pytest.mark.parametrize("value", ["true", "false", "[1]", '{"a": 1}', '"five"'])
def test_what_is_no_number_is_neither_a_value_nor_a_blank_and_is_named(value: str) -> None:
    text = '[{"date": "2025-01-01", "tanks": 1}, {"date": "2025-01-02", "tanks": VALUE}]'.replace("VALUE", value)
    reading = read(_rows(), text)
    assert cells(reading) == [("tanks", "2025-01-01", "1"), ("tanks", "2025-01-02", "?")]
    assert checks(reading) == ["unreadable_value"]


def test_numbers_in_text_count_too() -> None:
    text = '[{"date": "2025-01-01", "tanks": "1,206"}, {"date": "2025-01-02", "tanks": "<5"}]'
    assert [cell[2] for cell in cells(read(_rows(), text))] == ["1206", "<5"]


def test_a_great_number_stays_exact() -> None:
    for number in ("12345678901234567890123", "0.1234567890123456789"):
        text = f'[{{"date": "2025-01-01", "tanks": {number}}}]'
        assert cells(read(_rows(), text)) == [("tanks", "2025-01-01", number)]


def test_the_word_beside_the_number_is_its_hedge() -> None:
    figures = [{"id": "men", "path": "men", "qualifier": {"path": "men*"}}]
    rows = [{"men": 5, "men*": "about"}, {"men": 6}, {"men": 7, "*men": "more"}]
    text = json.dumps([{"date": "2025-01-01", **row} for row in rows])
    assert [cell[2] for cell in cells(read(_rows(figures, language="en"), text))] == ["~5", "6", ">7"]


def test_two_spellings_of_one_name_are_one_series() -> None:
    figures = [{"id": "robots", "path": "ground robots"}]
    text = '[{"date": "2025-01-01", "ground robots": 5}, {"date": "2025-01-02", "groun d robots": 6}]'
    assert cells(read(_rows(figures), text)) == [("robots", "2025-01-01", "5"), ("robots", "2025-01-02", "6")]


@pytest.mark.parametrize(
    ("text", "rows", "as_of", "path"),
    [
        ('{"data": {"date": "2025-01-01", "stats": {"tanks": 5}}}', "$.data", "date", "stats.tanks"),
        ('{"a": {"b c": [{"d": "2025-01-01", "n": 5}]}}', "$.a['b c']", "d", "n"),
        ('{"data": {"2025-01-01": {"tanks": 5}}}', "$.data.*", "@key", "tanks"),
        ('{"2025-01-01": 5}', "$.*", "@key", "@value"),
        ('[["2025-01-01", 5]]', "$", "0", "1"),
        ('{"days": [{"date": "2025-01-01", "regions": [{"n": 5}]}]}', "$.days[*].regions[*]", "^.date", "n"),
        ('{"days": {"2025-01-01": {"r": {"x": 5}}}}', "$.days.*.r.*", "^.@key", "@value"),
        ('[{"date": "2025-01-01", "v1.0": 5}]', "$", "date", "v1.0"),
        ('{"date": "2025-01-01", "n": 5}', "$", "date", "n"),
        ('{"n": "5", "date": "2025-01-01T06:00:00Z"}', "$", "date", "n"),
    ],
)
def test_rows_and_fields_are_found_by_their_paths(text: str, rows: str, as_of: str, path: str) -> None:
    definition = _rows([{"id": "n", "path": path}], rows=rows, as_of={"path": as_of})
    readable = document(definition, text)
    reading = read_document(definition, readable)
    assert cells(reading) == [("n", "2025-01-01", "5")]
    figure = reading.figure(reading.cells[0][3])
    assert (figure.number_text, readable.text[figure.start : figure.end]) == ("5", "5")


def test_nested_rows_take_their_label_from_the_inside_and_their_date_from_the_outside() -> None:
    text = json.dumps({"days": [{"date": "2025-01-01", "regions": [{"name": "N", "n": 5}, {"name": "S", "n": 6}]}]})
    definition = _rows(
        [{"id": "n", "path": "n"}], rows="$.days[*].regions[*]", as_of={"path": "^.date"}, by={"whom": "name"}
    )
    assert cells(read(definition, text)) == [("n|N", "2025-01-01", "5"), ("n|S", "2025-01-01", "6")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"date": "2025-01-01",\n "tanks": 5},\n]', "line 3"),
        ('[{"date": "2025-01-01", "tanks": 5', "line 1"),
        ("<html>Service unavailable</html>", "line 1"),
        ("[]", "no rows|nothing|missing"),
        ('{"data": []}', "missing|no rows"),
        ('[{"day": "2025-01-01", "tanks": 5}]', "'date'"),
        ('[{"date": "2025-01-01", "planes": 5}]', "tanks"),
        ('[{"date": "2025-01-01", "tanks": 5, "tanks": 6}]', "two values"),
        ("[" * 100_000, "nests"),
        ("9" * 5000, "number|missing"),
    ],
)
def test_a_torn_or_contradictory_document_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(UnreadableError, match=says):
        read(_rows(), text)


def test_a_name_given_twice_with_one_value_is_read() -> None:
    assert cells(read(_rows(), '[{"date": "2025-01-01", "tanks": 5, "tanks": 5}]')) == [("tanks", "2025-01-01", "5")]


@pytest.mark.parametrize("rows", ["data", "$.nowhere", "$.date[*]", "$..", "$[0]"])
def test_a_path_that_leads_nowhere_is_told(rows: str) -> None:
    with pytest.raises(UnreadableError, match=r"path|stands at"):
        read(_rows(rows=rows), '[{"date": "2025-01-01", "tanks": 5}]')


LABEL = st.text(max_size=10)


@given(
    st.lists(st.tuples(LABEL, st.integers(-(10**12), 10**12), LABEL), min_size=1, max_size=6),
    st.sampled_from([None, 2]),
    st.booleans(),
    st.booleans(),
)
def test_every_figure_stands_where_it_says_whatever_surrounds_it(
    rows: list[tuple[str, int, str]], indent: int | None, plain: bool, nested: bool
) -> None:
    data = [{"note": note, "tanks": number, "date": "2025-01-01", "other": [other]} for note, number, other in rows]
    text = json.dumps({"x": data} if nested else data, indent=indent, ensure_ascii=plain)
    definition = _rows(rows="$.x" if nested else "$")
    if not _storable(text):
        return
    readable = document(definition, text)
    reading = read_document(definition, readable)
    assert [cell[2] for cell in reading.cells] == [str(number) for _, number, _ in rows]
    for (_, number, _), cell in zip(rows, reading.cells, strict=True):
        figure = reading.figure(cell[3])
        assert figure.number_text == str(number) == readable.text[figure.start : figure.end]
        assert figure.quote in readable.text


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeError:
        return False
    return True


def test_a_label_with_a_lone_surrogate_can_still_be_stored() -> None:
    definition = _rows(by={"whom": "who"})
    reading = read(definition, '[{"date": "2025-01-01", "tanks": 5, "who": "\\ud800x"}]')
    assert cells(reading) == [("tanks|?x", "2025-01-01", "5")]


def test_an_increment_that_a_row_states_beside_its_figure_is_set_against_the_ledger() -> None:
    rule = {"id": "tanks", "path": "stats.tanks", "change": {"path": "increase.tanks"}}
    text = '[{"date": "2025-01-02", "stats": {"tanks": 11138}, "increase": {"tanks": 31}}, {"date": "2025-01-03"}]'
    reading = read(_rows([rule]), text)
    assert cells(reading) == [("tanks", "2025-01-02", "11138")]
    [stated] = reading.stated
    assert (stated.series, stated.as_of, stated.figure.content, stated.figure.kind) == (
        "tanks", "2025-01-02", "31", "change",
    )  # fmt: skip
    assert text[stated.figure.start : stated.figure.end] == "31"


NESTED = """{"updated": "2024-05-12", "regions": [
  {"name": "North", "total": 900, "days": [{"on": "2024-05-01", "dead": 3}, {"on": "2024-05-02", "dead": 4}]},
  {"name": "South", "total": 800, "days": [{"on": "2024-05-01", "dead": 5}, {"on": "2024-05-02"}]}]}"""


def test_what_names_a_row_is_found_in_the_rows_around_it() -> None:
    figures = [{"id": "dead", "path": "dead"}]
    nested = source("json", figures, rows="$.regions[*].days[*]", by={"whom": "name"}, as_of={"path": "on"})
    assert cells(read(nested, NESTED)) == [
        ("dead|North", "2024-05-01", "3"),
        ("dead|North", "2024-05-02", "4"),
        ("dead|South", "2024-05-01", "5"),
    ]
    flat = source("json", [{"id": "total", "path": "total"}], rows="$.regions", by={"whom": "name"},
                  as_of={"path": "updated"})  # fmt: skip
    assert cells(read(flat, NESTED)) == [("total|North", "2024-05-12", "900"), ("total|South", "2024-05-12", "800")]


def test_a_figure_s_number_is_never_taken_from_the_row_around() -> None:
    figures = [{"id": "dead", "path": "dead"}, {"id": "total", "path": "total"}]
    nested = source("json", figures, rows="$.regions[*].days[*]", by={"whom": "name"}, as_of={"path": "on"})
    assert {name for name, _, _ in cells(read(nested, NESTED))} == {"dead|North", "dead|South"}


def test_one_object_on_each_line_is_read_with_the_place_of_each_number() -> None:
    text = '{"date": "2025-01-01", "tanks": 1}\n\n{"date": "2025-01-02", "tanks": "1,002"}\n'
    reading = read(_rows(), text)
    assert cells(reading) == [("tanks", "2025-01-01", "1"), ("tanks", "2025-01-02", "1002")]
    figures = [reading.figure(cell[3]) for cell in reading.cells]
    assert [text[figure.start : figure.end] for figure in figures] == ["1", "1,002"]


def test_lines_of_which_one_is_cut_are_refused() -> None:
    with pytest.raises(UnreadableError, match="is no JSON"):
        read(_rows(), '{"date": "2025-01-01", "tanks": 1}\n{"date": "2025-0')


@pytest.mark.parametrize("beside", [{"at": [1.5, 2.5]}, {"rates": {"a": 0.5}}, {"deep": [{"x": [1.25]}]}])
def test_fractions_beside_a_figure_do_no_harm(beside: dict[str, object]) -> None:
    flat = source("json", [{"id": "n", "path": "n"}], by={"whom": "name"})
    assert cells(read(flat, json.dumps([{"name": "A", "n": 7, **beside}]))) == [("n|A", None, "7")]
    nested = source("json", [{"id": "n", "path": "properties.n"}], rows="$.features")
    row = {"type": "Feature", "geometry": {"coordinates": [1.5, 2.5]}, "properties": {"n": 7, **beside}}
    assert cells(read(nested, json.dumps({"features": [row]}))) == [("n", None, "7")]


@pytest.mark.parametrize(
    "said",
    [{"status": "error", "message": "timeout"}, {"error": "no"}, {"success": False}, {"errors": [{"code": 1}]}],
)
def test_an_answer_without_rows_that_says_it_failed_is_refused_and_an_empty_list_is_one(
    said: dict[str, object],
) -> None:
    follows = source("json", [{"id": "n", "path": "n"}], rows="$.fires", coverage="list")
    assert cells(read(follows, json.dumps({"status": "ok", "errors": [], "fires": []}))) == []
    with pytest.raises(UnreadableError, match="says that it failed"):
        read(follows, json.dumps({**said, "fires": []}))
