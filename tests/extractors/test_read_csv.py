"""The csv extractor reads tables exactly, and refuses what is cut or torn."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import read as read_document
from model import Source, UnreadableError
from tests.extractors.made import cells, checks, document, read, source

DEAD = [{"id": "dead", "column": "dead", "measure": "killed", "unit": "people"}]


def _table(**more: object) -> Source:
    return source("csv", DEAD, **({"as_of": {"column": "date"}} | more))


def test_a_table_gives_a_cell_a_row_and_rule() -> None:
    reading = read(_table(), 'date,dead,hurt\n2025-01-01,5,7\n2025-01-02,"1,206",8\n')
    assert cells(reading) == [("dead", "2025-01-01", "5"), ("dead", "2025-01-02", "1206")]
    assert reading.checks == ()


def test_dimensions_join_the_reference_as_printed_in_the_order_of_by() -> None:
    definition = _table(by={"whom": "state", "category": "kind"})
    reading = read(definition, "kind,date,state,dead\nrifle,2025-01-01, New York ,5\n")
    assert cells(reading) == [("dead|New York|rifle", "2025-01-01", "5")]
    figure = reading.figure(reading.cells[0][3])
    assert (figure.whom, figure.category, figure.measure, figure.unit) == ("New York", "rifle", "killed", "people")


def test_a_tidy_table_gives_each_row_to_the_rule_whose_where_holds() -> None:
    figures = [
        {"id": "tests", "where": {"Indicator": "Tests"}, "column": "Value"},
        {"id": "cases", "where": {"Indicator": "Cases"}, "column": "Value", "qualifier": "approximately"},
    ]
    definition = source("csv", figures, as_of={"column": "Date"}, by={"whom": "Country"})
    text = (
        "Date,Country,Indicator,Value\n2020-03-01,Wales,Tests,9\n2020-03-01,Wales,Cases,3\n2020-03-01,Wales,Other,1\n"
    )
    assert cells(read(definition, text)) == [("tests|Wales", "2020-03-01", "9"), ("cases|Wales", "2020-03-01", "~3")]


def test_a_column_of_hedges_qualifies_each_row_by_its_own_word() -> None:
    figures = [{"id": "dead", "column": "dead", "qualifier": {"column": "hedge"}}]
    rows = ("1,5,about", "2,6,", "3,7,more than", "4,8,gazillion", "5,,about")
    text = "date,dead,hedge\n" + "".join(f"2025-01-0{row}\n" for row in rows)
    reading = read(source("csv", figures, as_of={"column": "date"}, language="en"), text)
    assert [cell[2] for cell in cells(reading)] == ["~5", "6", ">7", "8", ""]
    assert [(check.name, "gazillion" in check.message) for check in reading.checks] == [("unknown_hedge", True)]


@pytest.mark.parametrize("order", [("hedged", "sure"), ("sure", "hedged")])
def test_every_cell_of_a_row_of_several_hedges_finds_its_own_figure_here_and_in_another_process(
    order: tuple[str, str],
) -> None:
    rules = {
        "hedged": {"id": "hedged", "column": "a", "qualifier": {"column": "hedge"}},
        "sure": {"id": "sure", "column": "b"},
    }
    definition = source("csv", [rules[name] for name in order], as_of={"column": "date"}, language="en")
    text = "date,a,hedge,b\n" + "".join(f"2025-01-0{day},{day}1,about,{day}2\n" for day in range(1, 6))
    reading = read(definition, text)
    assert [cell[0] for cell in reading.cells] == list(order) * 5
    for one in (reading, pickle.loads(pickle.dumps(reading))):
        for ref, day, content, handle in one.cells:
            figure = one.figure(handle)
            assert (figure.content, figure.as_of) == (content, day)
            assert figure.number_text == text.split("\n")[int(day[-1])].split(",")[1 if ref == "hedged" else 3]


def test_a_blank_cell_is_a_cell_without_content() -> None:
    text = "date,dead\n" + "".join(
        f"2025-01-0{day + 1},{blank}\n" for day, blank in enumerate(("", "NA", "-", "*", "null"))
    )
    assert [cell[2] for cell in cells(read(_table(), text))] == [""] * 5


def test_a_value_that_is_no_number_is_neither_a_value_nor_a_blank_and_is_named() -> None:
    reading = read(_table(), "date,dead\n2025-01-01,5\n2025-01-02,five\n2025-01-03,6\n2025-01-04,six\n")
    contents = {as_of: content for _, as_of, content in cells(reading)}
    assert contents == {"2025-01-01": "5", "2025-01-02": "?", "2025-01-03": "6", "2025-01-04": "?"}
    (check,) = reading.checks
    assert (check.name, check.result, check.as_of) == ("unreadable_value", "warn", "2025-01-02")
    assert "'dead'" in check.message
    assert "'five'" in check.message
    assert "2 such" in check.message


def test_a_row_without_a_readable_date_is_left_out_and_named() -> None:
    reading = read(_table(), "date,dead\n2025-01-01,5\nTotal,11\n")
    assert cells(reading) == [("dead", "2025-01-01", "5")]
    assert checks(reading) == ["unreadable_row"]
    assert "'Total'" in reading.checks[0].message


def test_a_table_of_which_no_date_can_be_read_is_refused() -> None:
    with pytest.raises(UnreadableError, match="no row has a date"):
        read(_table(), "date,dead\n01/02/2025,5\n")


def test_equal_keys_are_both_handed_on() -> None:
    reading = read(_table(), "date,dead\n2025-01-01,5\n2025-01-01,6\n")
    assert cells(reading) == [("dead", "2025-01-01", "5"), ("dead", "2025-01-01", "6")]


def test_a_missing_column_is_a_warning_while_others_are_there() -> None:
    figures = [*DEAD, {"id": "hurt", "column": "hurt"}]
    reading = read(source("csv", figures, as_of={"column": "date"}), "date,dead\n2025-01-01,5\n")
    assert cells(reading) == [("dead", "2025-01-01", "5")]
    assert [(check.name, check.result) for check in reading.checks] == [("column_missing", "warn")]
    assert "hurt" in reading.checks[0].message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("day,dead\n2025-01-01,5\n", "'date'"),
        ("date,deaths\n2025-01-01,5\n", "followed columns"),
        ("date,dead\n", "no rows"),
        ("date,dead\n2025-01-01,5\n2025-01-02\n", "line 3"),
        ("date,dead\n2025-01-01,5,6\n", "line 2"),
        ('date,dead\n2025-01-01,"5\n', "line 2"),
        ("   \n", "no text"),
    ],
)
def test_a_torn_table_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(UnreadableError, match=says):
        read(_table(), text)


def test_an_error_page_in_place_of_the_table_is_refused() -> None:
    with pytest.raises(UnreadableError, match="HTML"):
        read(_table(), "<p>date,dead</p>", media_type="text/html")


def test_a_missing_dimension_is_refused() -> None:
    with pytest.raises(UnreadableError, match="'state'"):
        read(_table(by={"whom": "state"}), "date,dead\n2025-01-01,5\n")


def test_a_column_that_differs_only_in_spelling_is_the_same_column() -> None:
    figures = [{"id": "robots", "column": "ground robotic systems"}]
    reading = read(source("csv", figures, as_of={"column": "date"}), "Date,Groun d Robotic-Systems\n2025-01-01,5\n")
    assert cells(reading) == [("robots", "2025-01-01", "5")]


def test_a_column_that_the_definition_names_is_never_taken_for_another() -> None:
    figures = [{"id": "dead", "column": "dead"}, {"id": "marked", "column": "dead*"}]
    reading = read(source("csv", figures, as_of={"column": "date"}), "date,dead\n2025-01-01,5\n")
    assert cells(reading) == [("dead", "2025-01-01", "5")]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_heading(mark: str) -> None:
    text = "date,dead,hurt\n2025-01-01,5,6\n".replace(",", mark)
    assert cells(read(_table(), text)) == [("dead", "2025-01-01", "5")]


def test_without_a_date_rule_cells_are_undated() -> None:
    reading = read(source("csv", DEAD, by={"whom": "who"}), "who,dead\nThey,5\n")
    assert cells(reading) == [("dead|They", None, "5")]


def test_a_correction_mends_its_cell_alone_and_keeps_what_was_printed() -> None:
    mended = [{"as_of": "2025-01-02", "raw": "655", "value": "6555", "why": "a digit was lost"}]
    text = "date,dead\n2025-01-01,655\n2025-01-02,655\n2025-01-03,700\n"
    reading = read(_table(corrections=mended), text)
    assert [cell[2] for cell in cells(reading)] == ["655", "6555", "700"]
    figure = reading.figure(reading.cells[1][3])
    assert (str(figure.value), figure.number_text) == ("6555", "655")
    assert [(check.name, check.result) for check in reading.checks] == [("corrected", "pass")]


def test_a_correction_may_name_one_series() -> None:
    mended = [{"as_of": "2025-01-31", "raw": "5", "value": "50", "why": "typo", "series": "made/dead/new_york"}]
    definition = _table(as_of={"column": "m", "format": "%Y-%m"}, by={"whom": "state"}, corrections=mended)
    reading = read(definition, "m,state,dead\n2025-01,New York,5\n2025-01,Ohio,5\n")
    assert [cell[2] for cell in cells(reading)] == ["50", "5"]


FIELD = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\x00"), max_size=12),
    st.sampled_from(['say "x"', "a,b", "two\nlines", '""', " pad ", "é"]),
)


@given(st.lists(st.tuples(FIELD, st.integers(0, 10**7), st.booleans()), min_size=1, max_size=8))
def test_every_figure_stands_where_it_says_whatever_the_other_fields_hold(
    rows: list[tuple[str, int, bool]],
) -> None:
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["note", "dead", "date"])
    for note, number, grouped in rows:
        writer.writerow([note, f"{number:,}" if grouped else str(number), "2025-01-01"])
    definition = _table()
    text = document(definition, out.getvalue())
    reading = read_document(definition, text)
    assert [cell[2] for cell in reading.cells] == [str(number) for _, number, _ in rows]
    for (_, number, grouped), cell in zip(rows, reading.cells, strict=True):
        figure = reading.figure(cell[3])
        assert text.text[figure.start : figure.end] == figure.number_text
        assert figure.number_text == (f"{number:,}" if grouped else str(number))
        assert figure.quote in text.text


ABOVE = """State Department of Labor,,
"Run: 8/14/25, 6:00",,
,,
date,dead,note
2025-01-01,5,
2025-01-02,6*,mended
"""


def test_what_stands_above_the_heading_and_below_the_table_is_passed_over() -> None:
    definition = _table()
    text = ABOVE + ",,\n* mended by the employer,,\n"
    reading = read(definition, text)
    assert cells(reading) == [("dead", "2025-01-01", "5"), ("dead", "2025-01-02", "6")]
    assert reading.checks == ()
    figure = reading.figure(reading.cells[1][3])
    assert (text[figure.start : figure.end], figure.quote) == ("6*", "2025-01-02,6*,mended")


def test_notes_of_one_field_stand_behind_a_blank_line_else_the_file_is_cut() -> None:
    rows = "date,dead\n2025-01-01,5\n"
    assert cells(read(_table(), rows + "\nSource: the ministry\n")) == [("dead", "2025-01-01", "5")]
    with pytest.raises(UnreadableError, match="line 3 has 1 fields"):
        read(_table(), rows + "2025-0")


def test_dates_may_run_across() -> None:
    definition = source(
        "csv", [{"id": "dead", "column": "@value"}], as_of={"column": "@key", "format": "%m/%d/%y"}, by={"whom": "Area"}
    )
    text = 'Area,Lat,8/10/25,8/11/25\nNorth,1.5,5,\nSouth,2.5,7,"1,008"\n'
    reading = read(definition, text)
    assert cells(reading) == [
        ("dead|North", "2025-08-10", "5"), ("dead|North", "2025-08-11", ""),
        ("dead|South", "2025-08-10", "7"), ("dead|South", "2025-08-11", "1008"),
    ]  # fmt: skip
    figure = reading.figure(reading.cells[3][3])
    assert (text[figure.start : figure.end], figure.as_of, figure.whom) == ("1,008", "2025-08-11", "South")
