"""A release that looks otherwise around its figures is held, named, and answered, before its numbers count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from changes.checks.drift import moved
from flows.outcomes import Outcome
from flows.past.backfill import backfill_source
from flows.pipeline import refresh_source
from model import Instant, Trait
from tests.pipeline.desks import define, desk
from tests.sources.publisher import Publisher

PAGE = {"extractor": "selectors", "coverage": "latest", "as_of": None}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def follow(home: Path, publisher: Publisher, *figures: dict[str, Any], **changes: Any) -> None:
    """Define the source at /page."""
    define(home, "daily", publisher.url("/page"), figures=list(figures), **{**PAGE, **changes})


def rule(figure_id: str, css: str, pattern: str | None = None) -> dict[str, Any]:
    return {"id": figure_id, "css": css, "unit": "people"} | ({"pattern": pattern} if pattern else {})


def look(home: Path, publisher: Publisher, day: int, body: str, kind: str = "text/html") -> Outcome:
    """Publish a body and refresh on a day of January 2025."""
    content = f"<html><body>{body}</body></html>" if kind == "text/html" else body
    publisher.page("/page", content.encode(), headers={"Content-Type": kind})
    with desk(home, Instant(f"2025-01-{day:02}T06:00:00Z")) as opened:
        return refresh_source(opened, opened.catalogue["daily"])


def counts(home: Path) -> dict[str, str]:
    """The newest accepted value of every series."""
    with desk(home) as opened:
        return {line.series.partition("/")[2]: str(line.value) for line in opened.ledger.views.table()}


def decide(home: Path, outcome: Outcome, action: Any) -> None:
    with desk(home) as opened:
        opened.ledger.decide("daily", outcome.update or "", action, who="a desk", why="asked the publisher")


DIED = rule("dead", "p", r"(?P<value>[\d,]+) (?:people|patients)")
DEATHS = rule("deaths", "tr", r"^Deaths[^\d]*(?P<value>[\d,]+)")
CELL = rule("deaths", "table tr:nth-of-type(2) td:nth-of-type(2)")
SHARE = rule("ill", "p", r"(?P<value>[\d,.]+)")


@pytest.mark.parametrize(
    ("figure", "before", "after", "says"),
    [
        (
            DEATHS,
            "<table><tr><td>Deaths</td><td>1,204</td></tr></table>",
            "<table><tr><td>Deaths and suspected deaths</td><td>1,950</td></tr></table>",
            "its row was called “Deaths” and is now called “Deaths and suspected deaths”",
        ),
        (
            CELL,
            "<table><tr><th>Cases</th><th>Deaths</th></tr><tr><td>5,300</td><td>120</td></tr></table>",
            "<table><tr><th>Deaths</th><th>Cases</th></tr><tr><td>121</td><td>5,340</td></tr></table>",
            "its column was headed “Deaths” and is now headed “Cases”",
        ),
        (
            DIED,
            "<p>So far 120 people died in hospital.</p>",
            "<p>So far 121 people recovered in hospital.</p>",
            "the words beside the number were “So far # people died in hospital” and are now "
            "“So far # people recovered in hospital”",
        ),
        (
            SHARE,
            "<p>Ill: 12,400</p>",
            "<p>Ill: 13 thousand</p>",
            "the words beside the number were “Ill: #” and are now “Ill: # thousand”",
        ),
        (
            SHARE,
            "<p>Ill: 12</p>",
            "<p>Ill: 13 %</p>",
            "the words beside the number were “Ill: #” and are now “Ill: # %”",
        ),
        (
            DIED,
            "<h2>Deaths</h2><p>So far 120 people.</p>",
            "<h2>Recoveries</h2><p>So far 121 people.</p>",
            "it stood under “Deaths” and stands now under “Recoveries”",
        ),
    ],
    ids=["row renamed", "columns swapped", "recovered", "thousand", "percent", "section"],
)
def test_a_page_whose_number_counts_something_else_is_held(
    tmp_path: Path, publisher: Publisher, figure: dict[str, Any], before: str, after: str, says: str
) -> None:
    follow(tmp_path, publisher, figure)
    assert look(tmp_path, publisher, 3, before).state == "changed"
    accepted = counts(tmp_path)
    outcome = look(tmp_path, publisher, 4, after)
    assert outcome.state == "held"
    assert f"daily/{figure['id']}: {says}" in outcome.message
    assert counts(tmp_path) == accepted


ROWS = {"extractor": "json", "as_of": {"path": "date"}, "coverage": "full"}
JSON_FIGURES = ({"id": "tanks", "path": "tanks"}, {"id": "guns", "path": "guns"})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"tanks": "see note"}, "it was given in counts, such as 310, and is now given in text, such as see note"),
        ({"tanks": "12.5%"}, "it was given in counts, such as 310, and is now given in percentages, such as 12.5%"),
        ({"tanks": 12.5}, "it was given in counts, such as 310, and is now given in fractions, such as 12.5"),
    ],
    ids=["text", "percent", "fraction"],
)
def test_a_field_that_turns_into_something_else_holds_the_release(
    tmp_path: Path, publisher: Publisher, changed: dict[str, Any], says: str
) -> None:
    follow(tmp_path, publisher, *JSON_FIGURES, **ROWS)
    rows = [{"date": f"2025-01-{day:02}", "tanks": 300 + 10 * day, "guns": 50 + day} for day in range(1, 4)]
    look(tmp_path, publisher, 3, json.dumps(rows), "application/json")
    accepted = counts(tmp_path)
    other = [{"date": row["date"], "guns": 62, **changed} for row in [*rows, {"date": "2025-01-04"}]]
    outcome = look(tmp_path, publisher, 4, json.dumps(other), "application/json")
    assert outcome.state == "held"
    assert f"daily/tanks: {says}" in outcome.message
    assert counts(tmp_path) == accepted


def test_a_heading_of_a_file_that_is_renamed_withdraws_nothing_and_the_other_columns_go_on(
    tmp_path: Path, publisher: Publisher
) -> None:
    figures = ({"id": "cases", "column": "Cases"}, {"id": "deaths", "column": "Deaths"})
    follow(tmp_path, publisher, *figures, extractor="csv", as_of={"column": "Date"}, coverage="full")
    look(tmp_path, publisher, 3, "Date,Cases,Deaths\n2025-01-02,500,10\n", "text/csv")
    renamed = "Date,Cases,Deaths and suspected deaths\n2025-01-02,500,30\n2025-01-03,520,33\n"
    outcome = look(tmp_path, publisher, 4, renamed, "text/csv")
    assert outcome.state == "held"
    assert "its column “Deaths” is gone, and “Deaths and suspected deaths” came: was it renamed?" in outcome.message
    assert counts(tmp_path) == {"cases": "520", "deaths": "10"}
    look(tmp_path, publisher, 5, renamed + "2025-01-04,530,36\n", "text/csv")
    assert counts(tmp_path) == {"cases": "530", "deaths": "10"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([["2025-01-02", 500, 10]], [["2025-01-02", "north", 500, 10], ["2025-01-03", "north", 520, 11]]),
    ],
)
def test_rows_without_headings_that_get_another_width_are_held(
    tmp_path: Path, publisher: Publisher, before: list[Any], after: list[Any]
) -> None:
    follow(tmp_path, publisher, {"id": "deaths", "path": "2"}, extractor="json", as_of={"path": "0"}, coverage="full")
    look(tmp_path, publisher, 3, json.dumps(before), "application/json")
    outcome = look(tmp_path, publisher, 4, json.dumps(after), "application/json")
    assert outcome.state == "held"
    assert "its rows have 4 values and no headings; they had 3" in outcome.message


SCRIPT = "<div id=board></div><script>show({dead: 121})</script>"
AROUND = f"<p>{'The board keeps the figures of all districts, and is brought up to date at noon. ' * 20}</p>"


@pytest.mark.parametrize(
    ("body", "says"),
    [(SCRIPT, "it is empty until scripts fill it"), (AROUND + SCRIPT, "no followed figure was found on the page")],
    ids=["nothing else", "among other text"],
)
def test_a_page_that_moved_into_a_script_is_failed_on_that_day(
    tmp_path: Path, publisher: Publisher, body: str, says: str
) -> None:
    follow(tmp_path, publisher, DIED)
    look(tmp_path, publisher, 3, "<p>So far 120 people died.</p>")
    outcome = look(tmp_path, publisher, 4, body)
    assert outcome.state == "failed"
    assert says in outcome.message
    assert counts(tmp_path) == {"dead": "120"}


@pytest.mark.parametrize(
    "after",
    [
        "<h2>News</h2><p>Masks are free.</p><h2>Deaths</h2><p>By 4 May 2025, 121 people died in hospital.</p>",
        "<h2>Deaths</h2><p>On Sunday, 121 people had died in the hospital.</p><p>7 schools closed.</p>",
        "<h2>Deaths, May 4</h2><p>By 4 May 2025, 121 people died in hospital (an increase of 1 on Monday).</p>",
    ],
    ids=["a section before it", "a date and grammar", "an aside"],
)
def test_what_comes_beside_a_figure_is_let_be(tmp_path: Path, publisher: Publisher, after: str) -> None:
    follow(tmp_path, publisher, DIED)
    look(tmp_path, publisher, 3, "<h2>Deaths</h2><p>By 3 May 2025, 120 people died in hospital.</p>")
    outcome = look(tmp_path, publisher, 4, after)
    assert (outcome.state, outcome.message) == ("changed", "")


def test_a_word_that_is_left_out_is_told_once_and_may_come_back(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, DIED)
    look(tmp_path, publisher, 3, "<p>120 patients with confirmed illness died.</p>")
    shorter = look(tmp_path, publisher, 4, "<p>121 patients died.</p>")
    assert shorter.state == "changed"
    assert shorter.message.startswith("dead: the words beside the number were “# patients with confirmed illness died”")
    assert look(tmp_path, publisher, 5, "<p>122 patients died.</p>").message == ""
    longer = look(tmp_path, publisher, 6, "<p>123 patients with confirmed illness died.</p>")
    assert (longer.state, longer.message) == ("changed", "")


def drift(home: Path, publisher: Publisher) -> Outcome:
    follow(home, publisher, DIED)
    look(home, publisher, 3, "<p>120 people died.</p>")
    return look(home, publisher, 4, "<p>121 people recovered.</p>")


def test_another_shape_is_held_until_a_person_accepts_it(tmp_path: Path, publisher: Publisher) -> None:
    first = drift(tmp_path, publisher)
    second = look(tmp_path, publisher, 5, "<p>125 people recovered.</p>")
    assert (first.state, second.state) == ("held", "held")
    assert look(tmp_path, publisher, 6, "<p>125 people recovered.</p>").state == "held"
    assert counts(tmp_path) == {"dead": "120"}
    decide(tmp_path, second, "accept")
    assert look(tmp_path, publisher, 7, "<p>130 people recovered.</p>").state == "changed"
    assert counts(tmp_path) == {"dead": "130"}


def test_another_shape_that_was_rejected_is_held_again(tmp_path: Path, publisher: Publisher) -> None:
    decide(tmp_path, drift(tmp_path, publisher), "reject")
    assert look(tmp_path, publisher, 5, "<p>125 people recovered.</p>").state == "held"
    assert counts(tmp_path) == {"dead": "120"}


@pytest.mark.parametrize("value", [121, 122], ids=["the held number itself", "another number"])
def test_going_back_to_the_old_shape_ends_the_hold(tmp_path: Path, publisher: Publisher, value: int) -> None:
    drift(tmp_path, publisher)
    outcome = look(tmp_path, publisher, 5, f"<p>{value} people died.</p>")
    assert (outcome.state, outcome.held) == ("changed", 0)
    assert counts(tmp_path) == {"dead": str(value)}
    with desk(tmp_path) as opened:
        assert opened.ledger.standings()[0].open_holds == 0
        assert list(opened.ledger.verify()) == []


def test_another_shape_that_changes_no_figure_is_told_and_the_next_that_does_is_held(
    tmp_path: Path, publisher: Publisher
) -> None:
    follow(tmp_path, publisher, DIED)
    look(tmp_path, publisher, 3, "<p>120 people died.</p>")
    same = look(tmp_path, publisher, 4, "<p>120 people recovered.</p>")
    assert same.state == "unchanged"
    assert "are now “# people recovered”" in same.message
    assert look(tmp_path, publisher, 5, "<p>124 people recovered.</p>").state == "held"


def test_a_backfill_tells_of_another_shape_and_holds_nothing(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, DIED)
    texts = ["120 people died", "121 people recovered", "122 people recovered"]
    for day, text in enumerate(texts, start=1):
        (tmp_path / f"{day}.html").write_text(f"<html><body><p>{text}.</p></body></html>", encoding="utf-8")
    lines = [{"path": f"{day}.html", "fetched_at": f"2025-01-0{day}T06:00:00Z"} for day in (1, 2, 3)]
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with desk(tmp_path) as opened:
        done = backfill_source(opened, opened.catalogue["daily"], tmp_path / "manifest.jsonl")
        checks = [opened.ledger.views.update(f"daily/{number}").checks for number in (1, 2, 3)]
    assert (done.updates, done.held) == (3, 0)
    assert [[(check.name, check.result) for check in found] for found in checks] == [[], [("shape_drift", "warn")], []]
    assert counts(tmp_path) == {"dead": "122"}


def test_a_definition_that_was_mended_is_no_drift(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, DIED)
    body = "<p>120 people died.</p><p>90 patients are ill.</p>"
    look(tmp_path, publisher, 3, body)
    follow(tmp_path, publisher, rule("dead", "p", r"(?P<value>[\d,]+) patients"))
    outcome = look(tmp_path, publisher, 4, body.replace("90", "95"))
    assert outcome.state == "changed"
    with desk(tmp_path) as opened:
        assert "shape_drift" not in {check.name for check in opened.ledger.views.update("daily/3").checks}


def test_what_looks_alike_and_reads_otherwise_is_told_by_its_words() -> None:
    shown = "a label that is cut off before it differs…"
    told = list(moved({"n": {"label": Trait(shown, ("dead",))}}, {"n": {"label": Trait(shown, ("wounded",))}}))
    assert told == [("n", "the words beside the number were “dead” and are now “wounded”", True)]
