"""What is new, a line an update: its order, what is done with and by whom, old copies, and what feeds leave out."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import yaml
from starlette.testclient import TestClient

from flows.desk import Desk
from flows.past.backfill import backfill_source
from review.app import create_app
from tests.pipeline.desks import settings
from tests.review.made import PASSWORD, copied, office
from tests.review.test_review_pages import csrf, fresh_browser, soup, words


def lines(client: TestClient, path: str = "/") -> list[str]:
    """The updates of the list, in its order."""
    return [str(one["data-line"]) for one in soup(client, path).select("[data-line]")]


def finish(client: TestClient, *updates: str, **fields: str) -> str:
    """Say that updates are done with; where that leads."""
    answer = client.post("/done", data={"csrf": csrf(client), "update": list(updates), **fields})
    assert answer.status_code == 303, answer.text[:300]
    return str(answer.headers["location"])


def test_what_needs_a_decision_comes_first_and_the_first_is_shown_beside(ann: TestClient) -> None:
    page = soup(ann, "/")
    assert lines(ann) == ["daily/2", "count/2", "daily/1", "count/1", "claims/1"]
    assert [one.get_text() for one in page.select(".lines h2")] == [
        "Held: needs a decision", "New, first seen or as stated",
    ]  # fmt: skip
    assert page.select_one(".beside article")["id"] == "daily/2"
    assert "111" not in words(page, ".mline.chosen time")
    line = words(page, "[data-line='count/2']")
    assert "119,154 → 121,507 +2,353" in line
    assert "as stated" in line
    assert soup(ann, "/?at=count%2F2").select_one(".beside article")["id"] == "count/2"
    assert "121,507" in words(soup(ann, "/?at=count%2F2"), ".beside .said")


def test_done_is_each_person_s_own_in_all_their_browsers_and_can_be_taken_back(ann: TestClient) -> None:
    to = finish(ann, "count/2", "count/1")
    assert lines(ann) == lines(fresh_browser(ann)) == ["daily/2", "daily/1", "claims/1"]
    store = ann.app.state.office.store
    store.add("bob", "four other words here")
    other = TestClient(ann.app, base_url="http://127.0.0.1:8400", follow_redirects=False)
    other.post("/login", data={"name": "bob", "password": "four other words here"})
    assert len(lines(other)) == 5
    note = soup(ann, to).select_one("form.done-note")
    assert "Done with 2 updates" in note.get_text()
    finish(ann, *[one["value"] for one in note.select("input[name=update]")], undo="1")
    assert len(lines(ann)) == 5


def test_with_nothing_left_the_log_is_there_again(ann: TestClient) -> None:
    finish(ann, *lines(ann))
    page = soup(ann, "/")
    assert page.select("[data-line]") == []
    assert page.select_one("[data-update]")["id"] == "daily/2"
    assert page.select(".unread") == []


def test_what_i_decided_myself_is_no_news_to_me(ann: TestClient) -> None:
    form = {"series": "daily/tanks", "as_of": "2025-07-31", "csrf": csrf(ann), "action": "accept", "why": "it is so"}
    ann.post("/held/daily/2/decide", data=form)
    assert "daily/3" not in lines(ann)
    ann.app.state.office.store.add("bob", "four other words here")
    other = TestClient(ann.app, base_url="http://127.0.0.1:8400", follow_redirects=False)
    other.post("/login", data={"name": "bob", "password": "four other words here"})
    assert "daily/3" in lines(other)


def test_old_copies_are_born_done_told_in_a_line_and_in_one_entry_of_the_feed(built: Path, tmp_path: Path) -> None:
    home = copied(built, tmp_path / "home")
    definition = yaml.safe_load((home / "sources" / "daily.yml").read_text())
    (home / "sources" / "old.yml").write_text(yaml.safe_dump(definition | {"title": "Old days"}))
    rows = []
    for day in range(1, 5):
        table = "".join(f"2024-01-0{n},{n},{n}\n" for n in range(1, day + 1))
        (tmp_path / f"{day}.csv").write_text("date,tanks,guns\n" + table)
        rows.append(json.dumps({"path": f"{day}.csv", "fetched_at": f"2024-01-0{day}T06:00:00Z"}))
    (tmp_path / "copies.jsonl").write_text("\n".join(rows) + "\n")
    with Desk(settings(home)) as desk:
        backfill_source(desk, desk.catalogue["old"], tmp_path / "copies.jsonl")
    with office(home) as found:
        ann = TestClient(create_app(found), base_url="http://127.0.0.1:8400", follow_redirects=False)
        ann.post("/login", data={"name": "ann", "password": PASSWORD})
        assert len(lines(ann)) == 5
        assert "Old days : 4 old copies, 1 to 4 January 2024" in words(soup(ann, "/"), ".lines")
        told = [one.text for one in ElementTree.fromstring(ann.get("/feed.atom").text).findall(".//{*}entry/{*}title")]
        (copies,) = [one for one in told if one and one.startswith("Old days: ")]
        assert copies.startswith("Old days: 4 old copies, 1 to 4 January 2024; the newest: ")
        assert "old/4" in [one["id"] for one in soup(ann, "/log").select("[data-update]")]


def test_sources_are_parted_by_their_tags(ann: TestClient, home: Path) -> None:
    path = home / "sources" / "count.yml"
    path.write_text(path.read_text() + "tags: [war, names]\n")
    ann.app.state.office._defined = None
    page = soup(ann, "/")
    assert [one.get_text(" ", strip=True) for one in page.select(".tabs a")] == ["all 5", "names 2", "other 3", "war 2"]
    assert lines(ann, "/?tag=war") == ["count/2", "count/1"]


def test_nobody_marks_for_another_and_nothing_without_the_form_s_token(ann: TestClient) -> None:
    assert ann.post("/done", data={"update": "count/2"}).status_code == 403
    nobody = TestClient(ann.app, base_url="http://127.0.0.1:8400", follow_redirects=False)
    assert nobody.post("/done", data={"update": "count/2", "csrf": "x"}).status_code == 401
    assert ann.post("/done", data={"update": "count/900", "csrf": csrf(ann)}).status_code == 400
    assert len(lines(ann)) == 5


def test_what_is_new_is_decided_one_after_another_and_leads_back_to_the_rest(ann: TestClient) -> None:
    """By links alone: the way in is the first one of the page, each answer leads on, the last one back."""
    page = soup(ann, "/")
    way = page.select_one("main a[data-decide-new]")
    assert way.get_text() == "one waits for a decision"
    assert page.select_one("main a") == way, "nobody tabs past the list to what waits"
    asked = ann.get(way["href"])
    assert asked.headers["location"].startswith("/held/daily/2?series=daily%2Ftanks&as_of=2025-07-31&of_since=")
    form = soup(ann, asked.headers["location"]).select_one("form#answer")
    kept = {one["name"]: one["value"] for one in form.select("input[type=hidden]")}
    answer = ann.post(form["action"], data={**kept, "action": "reject", "why": "a slip"})
    assert answer.headers["location"] == "/?done=daily%2F3"
    back = soup(ann, answer.headers["location"])
    assert "rejected" in words(back, ".done-note")
    assert (len(back.select("[data-line]")), back.select("a[data-decide-new]")) == (5, [])


def test_a_page_of_what_is_new_is_done_with_at_once(ann: TestClient) -> None:
    form = soup(ann, "/").select_one("form#lines")
    assert form.button.get_text() == "Done with these 5"
    sent = [(one["name"], one["value"]) for one in form.select("input")]
    names = [value for name, value in sent if name == "update"]
    assert names == lines(ann)
    finish(ann, *names)
    assert lines(ann) == []
