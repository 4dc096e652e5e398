"""Held values as a queue of questions: grouped, filtered, answered one by one or together, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient

from model import CheckResult, Day, FigureRule, Instant, Publisher, Source, series_ref
from review.app import create_app
from review.holds.lessons import Ruled, lesson
from review.holds.proposals import proposals, spark
from review.holds.queue import questions
from storage import HeldCell
from tests.publish.made import change, figure
from tests.review.made import CSV, PASSWORD, copied, daily_file, office
from tests.review.test_review_pages import FORM, csrf, soup, words
from tests.sources.publisher import Publisher as Server

TWO = ("2025-07-31,110930,31930", "2025-08-01,110960,31960")


def cell(update: str, series: str, label: str, as_of: str = "2025-05-01", **fields: Any) -> HeldCell:
    """A value that waits."""
    return HeldCell(
        update=update, source="s", title="S", known_at=Instant(f"2025-06-{int(update[2:]):02}T06:00:00Z"),
        series=series, ref=series_ref("n", (label,)), as_of=Day(as_of), renames=fields.get("renames", False),
    )  # fmt: skip


def hold(name: str, message: str, series: str | None = None, as_of: str | None = None) -> CheckResult:
    return CheckResult(name=name, result="hold", message=message, series=series, as_of=Day(as_of) if as_of else None)


def test_one_rename_is_one_question_however_many_values_and_updates_it_holds() -> None:
    gone = "'Radars' is not there and 'Radars And More' comes, with nearly the same label or figures"
    cells = [
        *(cell("s/1", f"s/n/{at}", label, renames=True) for at in "abc" for label in ("Radars", "Radars And More")),
        cell("s/2", "s/n/d", "Radars And More", renames=True),
        cell("s/2", "s/n/e", "Tanks"),
    ]  # fmt: skip
    holding = {
        "s/1": [hold("rename", gone, "s/n/a")],
        "s/2": [hold("rename", gone, "s/n/d"), hold("fall", "falls by 3", "s/n/e", "2025-05-01")],
    }
    assert sorted((one.check, len(one.cells)) for one in questions(cells, holding)) == [("fall", 1), ("rename", 7)]


def test_a_rewritten_past_is_one_question_and_another_update_s_another() -> None:
    cells = [cell(update, f"s/n/{at}", str(at)) for update in ("s/1", "s/2") for at in range(40)]
    holding = {name: [hold("rewritten", "40 of 80 known cells are revised")] for name in ("s/1", "s/2")}
    assert [(one.updates, len(one.cells)) for one in questions(cells, holding)] == [(["s/2"], 40), (["s/1"], 40)]


def test_slips_that_would_explain_a_value_are_proposed_nearest_first_and_the_last_value_closes() -> None:
    known = [(Day(f"2025-07-{day:02}"), Decimal(11_000 + 3 * day)) for day in range(1, 31)]
    found = proposals(change("new", 11_090, 110_930), known)
    assert (str(found[0].value), found[0].why) == ("11093", "one digit less")
    assert (str(found[-1].value), found[-1].why) == ("11090", "the last value")
    swapped = proposals(change("new", 11_090, 11_039), known)[0]
    assert (str(swapped.value), swapped.why) == ("11093", "two digits changed places")
    line = spark(known, Decimal(110_930))
    assert line is not None
    assert (line.line.count(","), line.words) == (30, "the last 30 values, from 11,003 to 11,090")


@pytest.mark.parametrize(
    ("action", "checks", "read", "counts", "line"),
    [
        ("accept", {"fall"}, 11_000, 11_000, "may_fall: true"),
        ("accept", {"jump"}, 11_000, 11_000, ""),
        ("reject", {"fall"}, -999, None, "missing:"),
        ("reject", {"fall"}, 110, None, ""),
        ("correct", {"jump"}, 11_093_000, 11_093, "decimal: ','"),
        ("correct", {"jump"}, 110_930, 11_093, "corrections:"),
    ],
)
def test_a_rule_is_offered_where_the_definition_has_a_setting(
    action: str, checks: set[str], read: int, counts: int | None, line: str
) -> None:
    source = Source(
        id="daily", title="T", publisher=Publisher(name="P"), method="m", basis="counted", extractor="csv",
        tried_live="never", figures=(FigureRule(id="tanks", column="tanks"),),
    )  # fmt: skip
    one = change("new", 11_090, figure(read, number_text=str(read)), series="daily/tanks")
    ruled = Ruled(one, frozenset(checks), action, None if counts is None else Decimal(counts), "why")
    learned = lesson(ruled, source)
    assert (learned.lines if learned else "").count(line) == 1 if line else learned is None


@pytest.fixture
def queue(built: Path, tmp_path: Path, publisher: Server) -> Iterator[TestClient]:
    """Ann, before two values that wait in two updates."""
    home = copied(built, tmp_path / "home")
    with (
        office(home) as found,
        TestClient(create_app(found), base_url="http://127.0.0.1:8400", follow_redirects=False) as one,
    ):
        publisher.page("/daily", daily_file(30, *TWO), headers=CSV)
        found.refresh("daily")
        one.post("/login", data={"name": "ann", "password": PASSWORD})
        yield one


def test_the_list_is_of_questions_filtered_by_source_and_check(queue: TestClient) -> None:
    page = soup(queue, "/held")
    assert "2 values wait for a decision" in words(page, "h1")
    assert [one["aria-label"] for one in page.select("[data-update]")] == ["tanks, held"]
    assert page.select_one("[data-decide]").get_text() == "Decide on 2 values"
    assert page.select_one("svg.spark") is not None
    assert "daily (1)" in words(page, "select[name=of_source]")
    assert soup(queue, "/held?of_source=count").select("[data-update]") == []


def test_several_values_are_answered_at_once_when_their_number_is_confirmed(queue: TestClient) -> None:
    page = soup(queue, str(soup(queue, "/held").select_one("[data-decide]")["href"]))
    picks = [one["value"] for one in page.select("[data-pick]")]
    form = {
        "csrf": csrf(queue),
        "q": page.select_one("main input[name=q]")["value"],
        "pick": picks,
        "why": "typed so twice",
    }
    wrong = queue.post("/held/several", data={**form, "action": "reject", "confirm": "3"})
    assert wrong.status_code == 400
    assert "2 values are chosen: confirm that number" in wrong.text
    assert "typed so twice" in wrong.text
    assert len(soup(queue, "/held").select("[data-update]")) == 1
    done = queue.post("/held/several", data={**form, "action": "reject", "confirm": "2"})
    assert done.status_code == 303
    assert "Nothing is held" in words(soup(queue, "/held"))


def test_a_decision_leads_to_the_next_question_with_a_button_that_undoes_it(queue: TestClient) -> None:
    form = {**FORM, "csrf": csrf(queue), "action": "reject", "why": "a slip"}
    to = queue.post("/held/daily/2/decide", data=form).headers["location"]
    assert to.startswith("/held/daily/3?")
    page = soup(queue, to)
    assert "rejected" in words(page, ".done-note")
    undo = page.select_one(".done-note form")
    fields = {one["name"]: one["value"] for one in undo.select("input")}
    assert queue.post(undo["action"], data=fields).headers["location"].endswith("?decided=1")
    assert "was held; accepted by ann" in words(soup(queue, "/updates/daily/2"), "article")


def test_a_proposed_value_is_taken_without_typing_it(queue: TestClient) -> None:
    page = soup(queue, "/held/daily/2?series=daily%2Ftanks&as_of=2025-07-31")
    assert "11,093 one digit less, +3" in words(page, ".proposals")
    form = {
        **FORM,
        "csrf": csrf(queue),
        "action": "correct",
        "why": "a digit too many",
        "value": "110930",
        "proposed": "11093",
    }
    assert queue.post("/held/daily/2/decide", data=form).status_code == 303
    assert "11,093" in words(soup(queue, "/series/daily/tanks"))


def test_a_correction_to_what_counts_already_is_told_like_any_other(queue: TestClient, publisher: Server) -> None:
    """It changes nothing, so that no change of its own update can be looked up."""
    rows = daily_file(30, *TWO).decode().replace("2025-07-30,11090,", "2025-07-30,110900,")
    publisher.page("/daily", rows.encode(), headers=CSV)
    app: Any = queue.app
    made = app.state.office.refresh("daily").update
    place = {"series": "daily/tanks", "as_of": "2025-07-30"}
    form = {**FORM, **place, "csrf": csrf(queue), "action": "correct", "value": "11090", "why": "a digit too many"}
    to = queue.post(f"/held/{made}/decide", data=form).headers["location"]
    assert "corrected" in words(soup(queue, to), ".done-note")


def test_who_was_logged_out_meanwhile_logs_in_on_the_spot_and_keeps_what_was_typed(queue: TestClient) -> None:
    token = csrf(queue)
    queue.cookies.clear()
    form = {
        **FORM,
        "csrf": token,
        "action": "correct",
        "why": "a digit & more",
        "value": "11093",
        "hedge": "approximately",
    }
    answer = queue.post("/held/daily/2/decide", data=form)
    assert answer.status_code == 401
    assert "Your session is over" in answer.text
    fields = soup_of(answer.text)
    back = queue.post("/login", data={**fields, "name": "ann", "password": PASSWORD}).headers["location"]
    page = soup(queue, back)
    assert page.select_one("textarea").get_text() == "a digit & more"
    assert page.select_one("#v")["value"] == "11093"
    assert page.select_one("select[name=hedge] option[selected]")["value"] == "approximately"


def soup_of(text: str) -> dict[str, str]:
    """The hidden fields of the form to log in with."""

    return {
        str(one["name"]): str(one["value"])
        for one in BeautifulSoup(text, "lxml").select("form.login input[type=hidden]")
    }
