"""The pages of the review page, as they are sent: what changed, its proof, what is held, series, claims, sources."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient

from review import Office
from tests.review.made import CSV, PASSWORD, daily_file
from tests.sources.publisher import Publisher

EVIDENCE = "/updates/count/2/evidence?series=count%2Fkilled&as_of=2025-07-31"
HELD = "/held/daily/2?series=daily%2Ftanks&as_of=2025-07-31"
FORM = {"series": "daily/tanks", "as_of": "2025-07-31"}


def soup(client: TestClient, path: str, status: int = 200) -> BeautifulSoup:
    """The page at a path, parsed."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:500]
    return BeautifulSoup(answer.text, "lxml")


def words(found: BeautifulSoup, css: str = "main") -> str:
    """The text of the first element that matches, in one line."""
    element = found.select_one(css)
    assert element is not None, css
    return " ".join(element.get_text(" ").split())


def csrf(client: TestClient) -> str:
    """The token that the forms of whoever is logged in carry."""
    return str(soup(client, "/").select_one("input[name=csrf]")["value"])


def test_the_log_tells_newest_first_what_changed_and_whether_it_is_as_stated(client: TestClient) -> None:
    page = soup(client, "/")
    cards = [card["id"] for card in page.select("[data-update]")]
    assert cards[:2] == ["daily/2", "count/2"]
    told = words(page, "[id='count/2']")
    assert "2,353 more: 119,154 → 121,507" in told
    assert "+2,353 matches count/1" in told
    assert "counted" in told
    assert "over 5,300" in told


def test_a_card_offers_its_sentence_in_three_languages_with_who_says_it(client: TestClient) -> None:
    card = soup(client, "/updates/count/2")
    told = {dd["lang"]: dd.get_text().replace("\u00a0", " ") for dd in card.select(".cite dd[lang]")}
    assert told["en"] == (
        "2,353 more: 119,154 → 121,507, killed, as of 31 July 2025, The Ledger Project × Radio Meridian, counted, "
        "as the source states."
    )
    assert told["uk"].startswith("На 2 353 більше: 119 154 → 121 507, загиблі, станом на 31 липня 2025 року")
    assert told["ru"].startswith("На 2 353 больше: 119 154 → 121 507, погибшие, по состоянию на 31 июля 2025 года")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?source=count", {"count/1", "count/2"}),
        ("?kind=new", {"count/2", "daily/2"}),
        ("?warned=1", {"daily/2"}),
        ("?since=2025-08-02", {"count/2", "daily/2"}),
        ("?until=2025-08-01", {"count/1", "daily/1", "claims/1"}),
        ("?why=review", set()),
        ("?source=count&kind=first", {"count/1"}),
    ],
)
def test_the_log_is_filtered_by_source_kind_reason_and_date(client: TestClient, query: str, shown: set[str]) -> None:
    assert {card["id"] for card in soup(client, "/" + query).select("[data-update]")} == shown


@pytest.mark.parametrize(
    ("query", "status"),
    [("?kind=other", 404), ("?why=nobody", 404), ("?since=yesterday", 400), ("?source=nothing", 404)],
)
def test_a_filter_that_is_none_is_told_and_is_no_failure_of_ours(client: TestClient, query: str, status: int) -> None:
    assert words(soup(client, "/" + query, status))


def test_what_was_read_before_is_no_longer_unread(client: TestClient, publisher: Publisher) -> None:
    assert len(soup(client, "/").select(".unread")) == 5
    client.get("/seen?upto=999999", headers={"Sec-Fetch-Site": "same-origin"})
    page = soup(client, "/")
    assert page.select(".unread") == []
    assert "Nothing new since your last visit" in words(page)
    client.app.state.office.refresh("claims")
    publisher.page("/daily", daily_file(30, "2025-07-31,11093,31930"), headers=CSV)
    assert client.app.state.office.refresh("daily").update == "daily/3"
    assert [card["id"] for card in soup(client, "/").select(".unread")] == ["daily/3"]
    assert "Read before, below" in words(soup(client, "/"))


def test_another_site_cannot_mark_my_log_as_read(client: TestClient) -> None:
    client.get("/")
    client.get("/seen?upto=999999", headers={"Sec-Fetch-Site": "cross-site"})
    assert len(soup(client, "/").select(".unread")) == 5


def fresh_browser(client: TestClient) -> TestClient:
    """Another browser that Ann logs in with."""
    other = TestClient(client.app, base_url="http://127.0.0.1:8400", follow_redirects=False)
    assert other.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 303
    return other


def test_what_a_user_has_read_is_known_in_their_other_browsers(ann: TestClient, publisher: Publisher) -> None:
    assert len(soup(fresh_browser(ann), "/log").select(".unread")) == 5
    answer = ann.post("/seen", data={"csrf": csrf(ann), "upto": "999999"})
    assert answer.headers["location"] == "/"
    other = fresh_browser(ann)
    assert soup(other, "/log").select(".unread") == []
    publisher.page("/daily", daily_file(30, "2025-07-31,11093,31930"), headers=CSV)
    ann.app.state.office.refresh("daily")
    for one in (ann, other, fresh_browser(ann)):
        assert [card["id"] for card in soup(one, "/log").select(".unread")] == ["daily/3"]
    nobody = TestClient(ann.app, base_url="http://127.0.0.1:8400")
    assert len(soup(nobody, "/").select(".unread")) == 6


def test_time_alone_reads_nothing_for_who_is_logged_in(ann: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    for later in (0, 1700, 5300, 90_000):
        monkeypatch.setattr("review.pages.log.time.time", lambda later=later: now + later)
        assert len(soup(ann, "/log").select(".unread")) == 5


def test_a_visit_without_a_login_ends_after_half_an_hour(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    soup(client, "/")
    monkeypatch.setattr("review.pages.log.time.time", lambda: now + 1700)
    assert len(soup(client, "/").select(".unread")) == 5
    monkeypatch.setattr("review.pages.log.time.time", lambda: now + 3600)
    assert soup(client, "/").select(".unread") == []


def test_a_visitor_of_a_ledger_that_was_recorded_anew_has_read_nothing_of_it(client: TestClient) -> None:
    client.cookies.set("tallybook_seen", "900.900.1")
    assert len(soup(client, "/").select(".unread")) == 5


def test_the_evidence_marks_number_and_sentence_at_their_place_in_both_texts(client: TestClient) -> None:
    page = soup(client, EVIDENCE)
    sides = {side["data-side"]: side for side in page.select("[data-side]")}
    assert [mark.get_text() for mark in sides["old"].select("mark.num-mark")] == ["119,154"]
    assert [mark.get_text() for mark in sides["new"].select("mark.num-mark")] == ["121,507", "2,353"]
    marked = "".join(mark.get_text() for mark in sides["new"].select("mark"))
    assert marked == "The names of 121,507 soldiers are confirmed, 2,353 more since the last update."
    assert re.fullmatch("[0-9a-f]{64}", sides["new"].select_one("dd.hash").get_text())
    assert "gives it" in words(page)


def test_an_update_without_a_named_change_leads_to_the_proof_of_its_leading_one(client: TestClient) -> None:
    assert client.get("/updates/count/2/evidence").headers["location"] == EVIDENCE


def test_the_archived_page_is_for_people_who_are_logged_in(client: TestClient) -> None:
    digest = soup(client, EVIDENCE).select("[data-side=new] dd.hash")[0].get_text()
    for tail in ("", "/page", "/bytes"):
        assert client.get(f"/archive/{digest}{tail}").headers["location"].startswith("/login?to=")
    assert client.get(f"/texts/{'0' * 64}").status_code == 303


def test_an_archived_page_runs_and_loads_nothing(ann: TestClient) -> None:
    digest = soup(ann, EVIDENCE).select("[data-side=new] dd.hash")[0].get_text()
    answer = ann.get(f"/archive/{digest}/page")
    assert "sandbox;" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "121,507" in answer.text
    assert ann.get(f"/archive/{digest}/bytes").headers["content-disposition"].startswith("attachment")
    assert "sandbox" in soup(ann, f"/archive/{digest}").select_one("iframe").attrs


def test_a_held_change_shows_the_reason_the_machines_value_and_the_text(ann: TestClient) -> None:
    assert "1 value waits" in words(soup(ann, "/held"))
    page = soup(ann, HELD)
    assert "110,930" in words(page, ".fig")
    assert "jump" in words(page, ".why")
    assert [mark.get_text() for mark in page.select("mark.num-mark")] == ["110930"]


def test_a_correction_counts_says_who_and_why_and_can_be_corrected_again(ann: TestClient) -> None:
    token = csrf(ann)
    form = {"csrf": token, "series": "daily/tanks", "as_of": "2025-07-31", "action": "correct", "value": "11093"}
    asked = ann.post("/held/daily/2/decide", data=form | {"value": "11,093", "why": "a digit too many"})
    assert asked.status_code == 400
    assert "11093 to some and 11.093 to others" in asked.text
    assert "a digit too many" in asked.text
    shown = ann.post("/held/daily/2/decide", data=form | {"value": "11 093", "why": "a digit too many"})
    assert "11 093 is read as 11093" in words(BeautifulSoup(shown.text, "lxml"))
    assert 'value="11093"' in shown.text
    answer = ann.post("/held/daily/2/decide", data=form | {"why": "a digit too many"})
    assert answer.headers["location"] == "/updates/daily/3?decided=1"
    told = words(soup(ann, "/updates/daily/3"))
    assert "ann: “a digit too many”" in told
    assert "11,093" in told
    assert "Nothing is held" in words(soup(ann, "/held"))
    again = ann.post("/held/daily/3/decide", data=form | {"value": "11094", "why": "looked again"})
    assert again.headers["location"] == "/updates/daily/4?decided=1"
    assert "11,094" in words(soup(ann, "/series/daily/tanks"))


def test_a_rejection_is_undone_by_deciding_again_with_another_hedge(ann: TestClient) -> None:
    form = {"series": "daily/tanks", "as_of": "2025-07-31", "csrf": csrf(ann)}
    ann.post("/held/daily/2/decide", data=form | {"action": "reject", "why": "a typo"})
    shown = ann.get(HELD).text
    assert "You may decide again" in shown
    assert ('value="accept"' in shown, 'value="reject"' in shown) == (True, False)
    again = form | {"action": "correct", "value": "11093", "hedge": "more_than", "why": "they said so by phone"}
    assert ann.post("/held/daily/2/decide", data=again).headers["location"] == "/updates/daily/4?decided=1"
    log = ann.get("/updates/daily/4").text
    assert all(one in log for one in ("more than", "11,093", "they said so by phone"))
    assert "a typo" in ann.get("/sources/daily").text


def say_otherwise(client: TestClient, publisher: Publisher) -> None:
    """Let the source mend its own typo, in `daily/3` or later."""
    publisher.page("/daily", daily_file(30, "2025-07-31,11093,31930"), headers=CSV)
    client.app.state.office.refresh("daily")
    client.app.state.office.forget()


def test_a_hold_that_the_source_ended_says_what_became_of_it_and_asks_nothing(
    ann: TestClient, publisher: Publisher
) -> None:
    assert soup(ann, HELD).select("button[value=accept]")
    say_otherwise(ann, publisher)
    page = soup(ann, HELD)
    assert page.select("form.decide button, form.decide textarea") == []
    told = words(page, ".decide")
    assert "since daily/3 the source states something else here, and that ended the hold" in told
    assert "11,093 counts as of 31 July 2025, by daily/3" in told
    correct = page.select_one(".decide a[href^='/held/daily/3?']")["href"]
    assert soup(ann, correct).select("button[value=correct]")
    card = soup(ann, "/updates/daily/2")
    assert "was held, until daily/3" in words(card, "article")
    assert card.select("a[href^='/held/daily/2'][href*=tanks]") == []
    assert "What became of it" in words(soup(ann, "/updates/daily/2/evidence?series=daily%2Ftanks&as_of=2025-07-31"))


def test_a_rejection_that_the_source_has_overtaken_is_not_offered_for_undoing(
    ann: TestClient, publisher: Publisher
) -> None:
    ann.post("/held/daily/2/decide", data=FORM | {"csrf": csrf(ann), "action": "reject", "why": "a typo"})
    assert soup(ann, HELD).select("button[value=accept]")
    say_otherwise(ann, publisher)
    page = soup(ann, HELD)
    assert page.select("form.decide button") == []
    assert "a typo" in words(page, ".decide")
    assert "11,093 counts as of 31 July 2025, by daily/4" in words(page, ".decide")


def test_a_value_that_counts_no_longer_is_not_offered_for_correction(ann: TestClient) -> None:
    old = "/held/count/1?series=count%2Fkilled&as_of=2025-07-18"
    form = {"series": "count/killed", "as_of": "2025-07-18", "csrf": csrf(ann), "action": "correct", "why": "by phone"}
    assert soup(ann, old).select("button[value=correct]")
    ann.post("/held/count/1/decide", data=form | {"value": "119155"})
    page = soup(ann, old)
    assert page.select("form.decide button") == []
    assert "119,155 counts as of 18 July 2025, by count/3" in words(page, ".decide")


@pytest.mark.parametrize(("action", "counts"), [("accept", True), ("reject", False)])
def test_a_held_value_is_accepted_or_rejected(ann: TestClient, action: str, counts: bool) -> None:
    form = {"csrf": csrf(ann), "series": "daily/tanks", "as_of": "2025-07-31", "action": action, "why": "looked"}
    assert ann.post("/held/daily/2/decide", data=form).status_code == 303
    items = ann.get("/api/claims?measure=destroyed").json()["items"]
    newest = {one["observation"]["series"]: one["observation"]["value"] for one in items}
    assert (newest["daily/tanks"] == 110930) is counts


@pytest.mark.parametrize("changes", [{"why": " "}, {"value": "many"}, {"action": "guess"}, {"as_of": "soon"}])
def test_a_decision_that_cannot_be_is_refused_and_nothing_is_recorded(ann: TestClient, changes: dict[str, str]) -> None:
    form = {"csrf": csrf(ann), "series": "daily/tanks", "as_of": "2025-07-31", "action": "correct", "value": "1"}
    newest = ann.get("/healthz").json()["newest"]
    assert ann.post("/held/daily/2/decide", data=form | {"why": "so"} | changes).status_code in (400, 422)
    assert ann.get("/healthz").json()["newest"] == newest


def test_a_series_is_shown_as_known_at_a_time_with_what_came_later(client: TestClient) -> None:
    then = soup(client, "/series/count/killed?known_at=2025-08-01T12:00:00Z")
    rows = [" ".join(row.get_text(" ").split()) for row in then.select("table.dates tbody tr")]
    assert rows[0].startswith("31 July 2025 121,507")
    assert "recorded later" in rows[0]
    assert rows[1].startswith("18 July 2025 119,154")
    assert then.select_one("svg .cut") is not None
    assert then.select_one("input[type=range]")["max"] == "1"
    now = soup(client, "/series/count/killed")
    assert "+2,353 matches" in words(now, "table.dates")


def test_the_slider_works_without_a_script(client: TestClient) -> None:
    assert client.get("/series/count/killed?step=0").headers["location"].endswith("known_at=2025-08-01T06:00:00Z")


def test_a_held_value_is_in_the_chart_and_does_not_bend_its_scale(client: TestClient) -> None:
    chart = str(soup(client, "/series/daily/tanks").select_one(".chart svg"))
    assert "held: 110,930" in chart
    assert "11,000" in chart
    assert "100,000" not in chart


def test_no_line_leads_across_a_new_count_and_its_marker_says_why(client: TestClient, publisher: Publisher) -> None:
    why = "the register was opened anew, and every entry of before was left out of it"
    publisher.page("/daily", daily_file(30, "2025-07-31,5,31930", "2025-08-01,9,31940"), headers=CSV)
    office = client.app.state.office
    assert office.refresh("daily").update == "daily/3"
    assert soup(client, "/series/daily/tanks").select_one("svg .break") is None
    office.ledger.decide("daily", "daily/3", "break", who="ann", why=why, series="daily/tanks", as_of="2025-07-31")
    page = soup(client, "/series/daily/tanks")
    line = page.select_one(".chart path.line")["d"]
    before, after = line.split("M")[1:]
    assert (before.count("h"), after.count("h")) == (29, 1)
    marker = page.select_one(".chart path.break")
    assert marker.get_text() == f"series break on 31 July 2025: {why}"
    assert float(marker["d"][1:].split()[0]) == float(after.split()[0])
    assert any(text.get_text().startswith("series break: the register") for text in page.select(".chart text"))
    assert f"series break: {why}" in words(page, "table.dates")


def test_a_held_value_is_said_to_begin_a_new_count_and_stands_alone_in_the_chart(ann: TestClient) -> None:
    assert soup(ann, HELD).select("button[value=break]")
    answer = ann.post("/held/daily/2/decide", data=FORM | {"csrf": csrf(ann), "action": "break", "why": "a new list"})
    assert answer.headers["location"] == "/updates/daily/3?decided=1"
    chart = soup(ann, "/series/daily/tanks").select_one(".chart svg")
    assert chart.select_one("path.line")["d"].count("M") == 1
    x = chart.select_one("path.break")["d"][1:].split()[0]
    assert [one["cx"] for one in chart.select("circle.pt[r='2.6']")].count(x) == 2


def test_every_version_can_be_taken_along_as_csv(client: TestClient) -> None:
    lines = client.get("/versions/count/killed?form=csv").text.splitlines()
    assert lines[0].startswith("series,as_of,value,low,high,qualifier")
    assert lines[1].startswith("count/killed,2025-07-18,119154,")
    assert client.get("/versions/count/killed?form=exe").status_code == 404


def test_a_long_csv_is_sent_in_parts_and_reads_no_series_whole(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = client.get("/versions/daily/tanks?form=csv").text
    asked = []
    browser = client.app.state.office.browser
    page_ = browser.versions_page
    monkeypatch.setattr("review.pages.series.CSV_ROWS", 7)
    monkeypatch.setattr(browser, "versions_page", lambda *key, **of: asked.append(of["limit"]) or page_(*key, **of))
    with client.stream("GET", "/versions/daily/tanks?form=csv") as answer:
        assert "content-length" not in answer.headers
        assert "".join(answer.iter_text()) == whole
    assert asked == [7] * 5
    assert client.get("/versions/daily/none?form=csv").status_code == 404


def test_claims_stand_side_by_side_and_subgroups_only_when_asked(client: TestClient) -> None:
    told = words(soup(client, "/compare?measure=killed"))
    assert "The Ledger Project × Radio Meridian" in told
    assert "over 5,400" not in told
    assert "over 5,400" in words(soup(client, "/compare?measure=killed&subgroups=1"))
    assert "119,154" in words(soup(client, "/compare?measure=killed&known_at=2025-08-02"))


def test_a_source_shows_its_definition_and_the_numbers_that_nobody_follows(client: TestClient) -> None:
    assert "extractor: prose" in words(soup(client, "/sources/claims"))
    told = words(soup(client, "/sources/claims"), "#unmatched")
    assert "500 captured" in told
    assert "soldiers" not in told


def test_what_stands_around_a_quote_is_shown_to_whoever_is_logged_in_alone(client: TestClient) -> None:
    """It may name people whom nobody follows, beside a sentence as in a row of a table."""
    change = client.get("/api/log?source=claims").json()["items"][0]["changes"][0]
    asked = urlencode({"update": "claims/1", "series": change["series"], "as_of": change["as_of"]})
    paths = (f"/updates/claims/1/evidence?{asked}", f"/api/evidence?{asked}")
    for path in paths:
        told = client.get(path).text
        assert ("are missing" in told, "The minister" in told) == (True, False)
    client.post("/login", data={"name": "ann", "password": PASSWORD})
    assert all("The minister" in client.get(path).text for path in paths)


def test_whoever_is_logged_in_sees_a_rule_for_what_nobody_follows(ann: TestClient) -> None:
    assert "measure: captured" in words(soup(ann, "/sources/claims"), "#unmatched")


def test_a_failure_is_told_with_what_to_do(client: TestClient, publisher: Publisher) -> None:
    publisher.page("/count", b"no", status=403)
    client.app.state.office.refresh("count")
    client.app.state.office.forget()
    told = words(soup(client, "/sources/count"))
    assert "blocked (403)" in told
    assert "Save the page in a browser" in told


def test_series_are_found_by_their_words(client: TestClient) -> None:
    found = [row.get_text() for row in soup(client, "/series?q=tank").select("small.key")]
    assert found == ["daily/tanks"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/updates/count/99", "/updates/none/1", "/series/none", "/sources/none", "/archive/x"]
)
def test_what_is_not_there_is_told_as_a_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (303, 404)
    assert "Traceback" not in answer.text


def test_a_definition_that_is_changed_is_shown_anew(
    client: TestClient, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.office.DEFINED_SECONDS", 0.0)
    assert "Each name is confirmed twice." not in client.get("/series/count/killed").text
    path = home / "sources" / "count.yml"
    written = path.read_text(encoding="utf-8").replace("confirmed by an obituary", "confirmed twice")
    path.write_text(written, encoding="utf-8")
    assert "Each name is confirmed twice." in client.get("/series/count/killed").text


def test_a_correction_to_the_value_that_was_read_is_refused(ann: TestClient, desk_office: Office) -> None:
    place = {"series": "daily/tanks", "as_of": "2025-07-31"}
    form = soup(ann, "/held/daily/2?series=daily/tanks&as_of=2025-07-31").select_one("form.decide")
    assert form is not None
    assert form.select_one("button.main") is None  # nothing primary that keeps the slip
    token = form.select_one("input[name=csrf]")
    assert token is not None
    data = {**place, "csrf": token["value"], "action": "correct", "value": "110930", "why": "typo"}
    answer = ann.post("/held/daily/2/decide", data=data)
    assert answer.status_code == 400
    assert "nothing would be corrected" in answer.text
    assert desk_office.browser.waiting() == 1
