"""The sources at a glance: parts, tags, order, pages, thirty days, several at once; and the very first visit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient

from cli.commands.serve import office_of
from flows.desk import Desk
from model import Day, Instant, State
from publish.telling import joined, story
from review import Office, render
from review.app import create_app
from review.control import listing
from review.control.listing import strip_of
from storage import Attempt
from tests.pipeline.desks import DAILY, settings
from tests.review.made import PASSWORD, copied, daily_file
from tests.review.test_review_pages import csrf, soup
from tests.sources.publisher import Publisher


@pytest.fixture(scope="module")
def office(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home = copied(built, tmp_path_factory.mktemp("glance"))
    for number, tag in enumerate(("sea", "land", "land")):
        more = {"title": f"Never {number}", "url": "https://example.org/x.csv", "tags": [tag], "tried_live": "never"}
        (home / "sources" / f"never{number}.yml").write_text(yaml.safe_dump(DAILY | more))
    with Desk(settings(home)) as desk:
        yield office_of(desk)


@pytest.fixture(scope="module")
def ann(office: Office) -> Iterator[TestClient]:
    with TestClient(create_app(office), base_url="http://127.0.0.1:8400", follow_redirects=False) as client:
        client.post("/login", data={"name": "ann", "password": PASSWORD})
        yield client


def shown(client: TestClient, path: str) -> list[str]:
    """The ids that a list shows, in its order."""
    return [one.text for one in soup(client, path).select("td small.key")]


def test_parts_tags_orders_and_pages_show_what_they_say(ann: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    every = shown(ann, "/sources")
    assert every == ["daily", "claims", "never0", "never1", "never2", "count"]
    assert shown(ann, "/sources?show=off") == ["never0", "never1", "never2"]
    assert shown(ann, "/sources?show=off&tag=land") == ["never1", "never2"]
    assert shown(ann, "/sources?sort=most+urgent")[0] == "daily", "something of it is held"
    assert shown(ann, "/sources?show=nonsense&sort=nonsense&page=9") == every
    monkeypatch.setattr(listing, "AT_ONCE", 4)
    assert shown(ann, "/sources?page=2") == every[4:]
    assert "5 to 6 of 6 sources" in ann.get("/sources?page=2").text


def test_the_last_change_is_told_with_its_numbers(ann: TestClient) -> None:
    row = next(one for one in soup(ann, "/sources").select("tbody tr") if one.select_one("small.key").text == "count")
    assert re.search(r"№ 2.*2,353 more: 119,154 → 121,507", " ".join(row.text.split()))


def test_thirty_days_are_told_by_the_worst_of_each_as_marks_and_in_words(office: Office) -> None:
    source = office.catalogue["count"]
    states: tuple[tuple[str, State], ...] = (
        ("2025-08-10T06:00:00Z", "failed"),
        ("2025-08-10T07:00:00Z", "changed"),
        ("2025-08-11T06:00:00Z", "unchanged"),
    )
    for at, state in states:
        office.ledger.attempt(source, Attempt(at=Instant(at), url=None, status=None, state=state))
    days = [Day(f"2025-08-{day:02}") for day in range(1, 31)]
    strip = strip_of(days, office.browser.days(["count"], days[0])["count"])
    assert strip.marks == {"changed": [0, 1], "failed": [9], "unchanged": [10]}
    assert strip.words == (
        "changed on 2 days, failed on 1 day, unchanged on 1 day, last failed 10 August 2025"
    )  # fmt: skip


def test_several_are_paused_and_go_on_and_what_cannot_be_done_is_told(ann: TestClient, office: Office) -> None:
    form = {"csrf": csrf(ann), "id": ["claims", "nobody"], "why": "the press rests"}
    assert ann.post("/sources", data={"csrf": csrf(ann), "action": "pause"}).status_code == 400
    answer = ann.post("/sources", data=form | {"action": "pause"})
    assert (answer.status_code, "Done for 1 of 2" in answer.text, "nobody" in answer.text) == (400, True, True)
    assert not office.catalogue["claims"].is_on
    assert ann.post("/sources", data=form | {"id": ["claims"], "action": "resume"}).status_code == 303
    assert office.catalogue["claims"].is_on


def test_the_first_visit_makes_one_user_for_who_has_the_code_and_switches_a_source_on(
    tmp_path: Path, publisher: Publisher
) -> None:
    (tmp_path / "sources").mkdir()
    publisher.page("/first.csv", b"date,tanks,guns\n2025-01-01,1,2\n", headers={"Content-Type": "text/csv"})
    more = {
        "url": publisher.url("/first.csv"),
        "tried_live": "never",
        "schedule": {"cron": "0 6 * * *", "timezone": "UTC"},
    }
    (tmp_path / "sources" / "first.yml").write_text(yaml.safe_dump(DAILY | more))
    with Desk(settings(tmp_path, page_private=True)) as desk:
        office = office_of(desk)
        with TestClient(create_app(office), base_url="http://127.0.0.1:8400", follow_redirects=False) as client:
            assert "Make the first user" in client.get("/").text
            given = {"name": "ann", "password": PASSWORD}
            assert client.post("/first", data=given | {"code": "guessed"}).status_code == 400
            assert office.store.users() == []
            assert client.post("/first", data=given | {"code": office.first_code}).headers["location"] == "/"
            assert [one[0] for one in office.store.users()] == ["ann"]
            other = given | {"name": "eve", "code": office.first_code}
            assert client.post("/first", data=other).status_code == 403
            assert "A daily file" in client.get("/").text
            token = str(soup(client, "/welcome").select_one("input[name=csrf]")["value"])
            assert client.post("/sources/first/enable", data={"csrf": token}).status_code == 303
            assert office.catalogue["first"].is_on
            assert [one.by for one in office.browser.definitions("first")] == ["ann"]


def test_the_last_change_of_a_source_is_told_as_the_log_tells_it(office: Office, ann: TestClient) -> None:
    rewritten = daily_file(30).decode().split("\n")
    for row in range(12, 17):
        day, tanks, guns = rewritten[row].split(",")
        rewritten[row] = f"{day},{int(tanks) + 1},{guns}"
    fields = {"csrf": csrf(ann), "url": "https://example.org/daily.csv", "at": "2025-08-04T06:00:00Z"}
    sent = {"file": ("daily.csv", "\n".join(rewritten).encode())}
    assert ann.post("/sources/daily/upload", data=fields, files=sent).status_code == 303
    last = office.browser.last_changes(["daily", "claims", "count"])
    told = {
        one.source: joined(story(one, office.names).headline)
        for one in office.browser.updates(list(last.values()), changes=None)
    }
    cells = {
        row.select_one("small.key").text: row.select("td")[3].text for row in soup(ann, "/sources").select("tbody tr")
    }
    assert len(told) == 3
    assert {
        source for source, line in told.items() if " ".join(line.split()) not in " ".join(cells[source].split())
    } == set()


def test_a_message_calls_a_series_by_its_name(client: TestClient) -> None:
    assert client.get("/sources").status_code == 200
    label = client.app.state.office.label("daily/tanks")
    render._NAMES.set(client.app.state.office.names)
    told = str(render.bidi("1 value held: daily/tanks, “daily/tanks”; see daily/none, and/or 1/2."))
    assert told == f"1 value held: “<bdi>{label}</bdi>”, “<bdi>{label}</bdi>”; see daily/none, and/or 1/2."
    assert "daily/tanks" not in label
