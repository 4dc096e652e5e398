"""The selectors extractor picks stated figures from a page, and gives nothing for what the page does not state."""

from __future__ import annotations

from typing import Any

import pytest

from extractors import check_pattern
from extractors import read as read_document
from model import Source, UnreadableError
from tests.extractors.made import cells, checks, document, read, source

PAGE = """<main><h2>As it was on 5 March 2025</h2><ul><li>1,206 people have died (+18)</li>
<li>about 300 are missing</li><li>between 1,000 and 1,500 were hurt</li></ul></main>
<aside><li>9 people have died</li></aside>"""
AS_OF = {"css": "h2", "pattern": "on (?P<as_of>.*)", "format": "%d %B %Y"}
DEAD = {
    "id": "dead",
    "css": "main li",
    "pattern": r"(?P<value>[\d,]+) people have died(?: \((?P<change>[+-]?\d+)\))?",
    "measure": "killed",
    "unit": "people",
}


def _page(figures: list[dict[str, Any]], **more: Any) -> Source:
    return source("selectors", figures, **({"as_of": AS_OF, "language": "en"} | more))


def test_a_figure_is_read_where_its_rule_finds_it() -> None:
    definition = _page([DEAD])
    text = document(definition, PAGE)
    reading = read_document(definition, text)
    assert cells(reading) == [("dead", "2025-03-05", "1206")]
    figure = reading.figure(0)
    assert figure.quote == "1,206 people have died (+18)"
    assert figure.number_text == text.text[figure.start : figure.end] == "1,206"
    assert (figure.measure, figure.unit, figure.as_of) == ("killed", "people", "2025-03-05")


def test_the_increment_beside_it_is_what_the_page_itself_states() -> None:
    definition = _page([DEAD])
    text = document(definition, PAGE)
    (stated,) = read_document(definition, text).stated
    assert (stated.series, stated.as_of, str(stated.figure.value)) == ("dead", "2025-03-05", "18")
    assert (stated.figure.kind, stated.figure.measure) == ("change", "killed")
    assert text.text[stated.figure.start : stated.figure.end] == stated.figure.number_text == "+18"


def test_a_hedge_and_a_range_are_kept() -> None:
    rules = [
        {"id": "missing", "css": "li", "pattern": r"^(?P<qualifier>\pL+) (?P<value>\d+) are missing"},
        {"id": "hurt", "pattern": r"between (?P<low>[\d,]+) and (?P<high>[\d,]+) were hurt"},
    ]
    reading = read(_page(rules), PAGE)
    assert [cell[2] for cell in cells(reading)] == ["~300", "1000..1500"]
    assert [reading.figure(place).number_text for place in (0, 1)] == ["about 300", "1,000 and 1,500"]
    assert reading.figure(1).qualifier == "range"


def test_what_the_page_does_not_state_gives_no_cell() -> None:
    reading = read(_page([DEAD, {"id": "born", "css": "li", "pattern": r"(\d+) were born"}]), PAGE)
    assert [cell[0] for cell in reading.cells] == ["dead"]


def test_without_a_pattern_the_elements_text_is_the_number() -> None:
    rules = [{"id": "n", "css": "span.n"}]
    assert cells(read(_page(rules, as_of=None), "<p>dead: <span class=n>1 206</span></p>")) == [("n", None, "1206")]


def test_an_element_that_is_blank_gives_nothing_and_one_that_is_no_number_is_named() -> None:
    rules = [{"id": "a", "css": ".a"}, {"id": "b", "css": ".b"}]
    reading = read(_page(rules, as_of=None), "<p class=a>-</p><p class=b>loading…</p>")
    assert reading.cells == []
    assert checks(reading) == ["unreadable_value"]
    assert "loading" in reading.checks[0].message


def test_a_page_without_its_date_is_undated_and_says_what_was_looked_for() -> None:
    reading = read(_page([DEAD]), "<main><li>5 people have died</li></main>")
    assert cells(reading) == [("dead", None, "5")]
    (check,) = reading.checks
    assert (check.name, check.result) == ("as_of_missing", "warn")
    assert "h2" in check.message


def test_a_date_in_another_form_is_told_with_what_stood_there() -> None:
    reading = read(_page([DEAD]), "<h2>on a Tuesday</h2><main><li>5 people have died</li></main>")
    assert "a Tuesday" in reading.checks[0].message
    assert cells(reading) == [("dead", None, "5")]


def test_a_figures_own_date_wins_over_the_pages() -> None:
    rule = {"id": "n", "css": "li", "pattern": r"by (?P<as_of>\d+ \w+ \d{4}): (?P<value>\d+)"}
    page = "<h2>on 5 March 2025</h2><li>by 28 February 2025: 7</li>"
    assert cells(read(_page([rule]), page)) == [("n", "2025-02-28", "7")]


def test_a_year_that_the_page_leaves_out_is_the_publications() -> None:
    as_of = {"css": "h2", "pattern": "on (.*)", "format": "%d %B", "year": "published"}
    page = PAGE.replace(" 2025", "")
    assert cells(read(_page([DEAD], as_of=as_of), page, published="2025-03-06"))[0][1] == "2025-03-05"


def test_month_names_may_be_in_the_language_of_the_source() -> None:
    page = "<h2>станом на 5 березня 2025</h2><li>загинули 7</li>"
    rule = {"id": "n", "css": "li", "pattern": r"загинули (?P<value>\d+)"}
    as_of = {"css": "h2", "pattern": "на (.*)", "format": "%d %B %Y"}
    assert cells(read(_page([rule], as_of=as_of, language="uk"), page)) == [("n", "2025-03-05", "7")]


def test_patterns_follow_any_text_but_selectors_only_a_page() -> None:
    rule = {"id": "n", "pattern": r"\*\*(?P<value>\d+)\*\* confirmed"}
    text = "# Losses\n\nThere are **121507** confirmed deaths.\n"
    assert cells(read(_page([rule], as_of=None), text, media_type="text/markdown")) == [("n", None, "121507")]
    with pytest.raises(UnreadableError, match="needs an HTML page"):
        read(_page([{"id": "n", "css": "p"}], as_of=None), text, media_type="text/markdown")


def test_places_count_code_points_behind_letters_of_many_bytes() -> None:
    definition = _page([{"id": "n", "css": "p", "pattern": r"(?P<value>\d+) осіб"}], as_of=None)
    text = document(definition, "<p>𝔘краї́на — загинули</p><p>близько 1206 осіб</p>")
    figure = read_document(definition, text).figure(0)
    assert text.text[figure.start : figure.end] == "1206"


def test_a_correction_mends_a_page_too() -> None:
    mended = [{"as_of": "2025-03-05", "raw": "1,206", "value": "1260", "why": "digits swapped"}]
    reading = read(_page([DEAD], corrections=mended), PAGE)
    assert cells(reading) == [("dead", "2025-03-05", "1260")]
    assert checks(reading) == ["corrected"]


def test_a_pattern_is_checked_in_words_and_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    assert check_pattern(r"(?P<value>\d+)") is None
    assert "(?<=" in (check_pattern(r"(?<=a)\d+") or "")
    assert check_pattern("(") is not None
    assert capfd.readouterr() == ("", "")


def test_a_pattern_that_would_ruin_a_backtracking_engine_is_quick() -> None:
    rule = {"id": "n", "pattern": r"(?P<value>(?:\d+)*)x"}
    assert read(_page([rule], as_of=None), "<p>" + "1" * 20_000 + "</p>").cells == []


def test_a_figure_s_own_date_that_is_none_is_told() -> None:
    figures = [{"id": "homes", "css": "p", "pattern": r"(?P<value>\d+) homes, (?P<as_of>[\d/]+)"}]
    page = "<p>12 homes, 01/02/2024</p>"
    assert checks(read(source("selectors", figures), page, published="2024-02-03")) == ["as_of_missing"]
    dated = source("selectors", figures, as_of={"css": "p", "pattern": r"(?P<as_of>\d+/\d+/\d+)", "format": "%d/%m/%Y"})
    assert cells(read(dated, page)) == [("homes", "2024-02-01", "12")]
