"""Following a page from the page: marked, tried without a trace, and then the source that the terminal would make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from cli.commands.serve import office_of, store_of
from flows.desk import Desk
from flows.drafts import kept
from flows.drafts.drafting import draft, look, text_of
from review.app import create_app
from tests.cli.test_sources_new import CSV, FIRST, HTML
from tests.pipeline.desks import settings
from tests.review.made import PASSWORD
from tests.review.test_review_pages import csrf
from tests.sources.publisher import Publisher


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("follow")
    (home / "sources").mkdir()
    store_of(settings(home)).add("ann", PASSWORD)
    with Desk(msgspec.structs.replace(settings(home), page_private=True)) as found:
        yield found


@pytest.fixture(scope="module")
def ann(desk: Desk) -> Iterator[TestClient]:
    with TestClient(create_app(office_of(desk)), base_url="http://127.0.0.1:8400", follow_redirects=False) as client:
        client.post("/login", data={"name": "ann", "password": PASSWORD})
        yield client


def proposed(ann: TestClient, url: str) -> str:
    """The path of the draft that an address leads to."""
    answer = ann.post("/follow", data={"csrf": csrf(ann), "url": url})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_page_is_marked_tried_without_a_trace_and_becomes_the_source_that_the_terminal_makes(
    ann: TestClient, desk: Desk, publisher: Publisher
) -> None:
    publisher.page("/flood", FIRST, headers=HTML)
    url = publisher.url("/flood")
    path = proposed(ann, url)
    marked = re.findall(r'<mark class="num-mark">([^<]*)</mark>', ann.get(path).text)
    assert {"48", "1,204", "30", "18"} <= set(marked)
    offers = re.findall(r'name="n" value="(\d+)".*?<bdi>([^<]*)</bdi>', ann.get(path).text)
    number = next(number for number, sample in offers if sample == "18")
    form = {"csrf": csrf(ann), "n": number, "id": "flood", "action": "try"}
    tried = ann.post(path, data=form).text
    assert "deaths/North: first seen: 30, as of 12 August 2025" in tried
    assert (list((desk.settings.home / "sources").iterdir()), desk.has_ledger()) == ([], True)
    assert desk.ledger.standings() == []
    assert ann.post(path, data=form | {"action": "enable"}).headers["location"] == "/sources/flood#refresh"
    as_new = text_of(draft(look(desk, url), [int(number)]))
    assert (desk.settings.home / "sources" / "flood.yml").read_text() == as_new
    assert ann.get(path).status_code == 404, "the draft is done with"


def test_what_is_left_open_or_not_ticked_is_asked_with_what_was_typed(ann: TestClient, publisher: Publisher) -> None:
    publisher.page("/days.csv", b"date,ill\n03/04/2025,5\n04/04/2025,9\n", headers={"Content-Type": "text/csv"})
    path = proposed(ann, publisher.url("/days.csv"))
    form = {"csrf": csrf(ann), "id": "days", "title": "Ill by day", "action": "try"}
    none = ann.post(path, data=form)
    assert (none.status_code, "Nothing is ticked" in none.text, 'value="Ill by day"' in none.text) == (400, True, True)
    asked = ann.post(path, data=form | {"n": "1"})
    assert (asked.status_code, "may be 2025-04-03 or 2025-03-04" in asked.text) == (400, True)
    answered = ann.post(path, data=form | {"n": "1", "format": "%m/%d/%Y", "measure1": "cases"}).text
    assert "as of 4 March 2025" in answered
    assert "measure: cases" in answered
    taken = ann.post(path, data=form | {"n": "1", "format": "%m/%d/%Y", "id": "Days"})
    assert (taken.status_code, "id" in taken.text) == (400, True)


def test_what_no_page_is_asked_for_is_refused_and_a_private_host_where_the_settings_do_not_name_it(
    ann: TestClient, desk: Desk, publisher: Publisher
) -> None:
    publisher.page("/cases.csv", CSV, headers={"Content-Type": "text/csv"})
    desk.settings = msgspec.structs.replace(desk.settings, page_private=False)
    for url, says in (
        ("file:///etc/passwd", "no address of a page"),
        ("https://example.org/?k=${HOME}", "a secret is not asked"),
        ("http://169.254.169.254/latest", "is not asked"),
        (publisher.url("/cases.csv"), "is not asked"),
    ):
        answer = ann.post("/follow", data={"csrf": csrf(ann), "url": url})
        assert (answer.status_code, says in answer.text) == (400, True), answer.text
    desk.settings = msgspec.structs.replace(desk.settings, page_private=True)


def test_how_often_a_followed_page_is_read_is_chosen_when_it_is_followed(
    ann: TestClient, desk: Desk, publisher: Publisher
) -> None:
    publisher.page("/flood", FIRST, headers=HTML)
    path = proposed(ann, publisher.url("/flood"))
    form = {"csrf": csrf(ann), "n": "1", "id": "often"}
    assert '<option value="daily" selected>' in ann.post(path, data=form | {"action": "try"}).text
    wrong = ann.post(path, data=form | {"action": "enable", "often": "never"})
    assert (wrong.status_code, "is not how often a source is read" in wrong.text) == (400, True)
    assert ann.post(path, data=form | {"action": "enable", "often": "weekly"}).status_code == 303
    written = (desk.settings.home / "sources" / "often.yml").read_text()
    assert "0 6 * * 1" in written


def test_no_name_of_a_draft_leads_out_of_its_folder(ann: TestClient, desk: Desk) -> None:
    (desk.settings.home / "secret").write_text("x")
    for key in ("..%2Fsecret", "%2e%2e%2fsecret", "abcdefghijklmnop", "x"):
        assert ann.get(f"/follow/{key}").status_code == 404


def test_an_expired_session_keeps_what_was_ticked(ann: TestClient, publisher: Publisher) -> None:
    publisher.page("/cases.csv", CSV, headers={"Content-Type": "text/csv"})
    path = proposed(ann, publisher.url("/cases.csv"))
    ann.cookies.clear()
    answer = ann.post(path, data={"n": "1", "id": "cases_daily", "action": "try"})
    assert (answer.status_code, "id=cases_daily" in answer.text, "n=1" in answer.text) == (401, True, True)


def test_old_drafts_make_room(tmp_path: Path) -> None:
    drafts = kept.Drafts(tmp_path / "drafts")
    drafts.folder.mkdir()
    for number in range(kept.MOST_DRAFTS + 5):
        (drafts.folder / f"{number:016}").write_bytes(b"x")
    drafts._make_room(1)
    assert len(list(drafts.folder.iterdir())) == kept.MOST_DRAFTS - 1
