"""The news in a number on its evidence page and in the API, with a sentence to copy and what proves it."""

from __future__ import annotations

import json
from pathlib import Path

from bs4 import BeautifulSoup
from starlette.testclient import TestClient

from flows.desk import Desk
from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import settings
from tests.review.made import CSV, daily_file
from tests.sources.publisher import Publisher

SENTENCE = (
    "31,970 guns, as of 1 August 2025, A publisher: the largest rise (40) on record, which begins on 1 July 2025."
)


def test_the_evidence_page_tells_the_facts_that_the_api_has_with_a_sentence_to_copy(
    client: TestClient, home: Path, publisher: Publisher
) -> None:
    publisher.page("/daily", daily_file(30, "2025-07-31,110930,31930", "2025-08-01,110960,31970"), headers=CSV)
    with Desk(settings(home), lambda: Instant("2025-08-03T06:00:00Z")) as desk:
        update = refresh_source(desk, desk.catalogue["daily"]).update
    facts = json.loads(client.get(f"/api/facts?update={update}&series=daily/guns").content)["items"]
    assert [(one["fact"]["name"], one["fact"]["fresh"]) for one in facts] == [("largest_rise", True)]
    assert facts[0]["sentences"]["en"] == SENTENCE
    assert {one["update"] for one in facts[0]["fact"]["proof"]} == {update, "daily/1", "daily/2"}
    page = BeautifulSoup(client.get(f"/updates/{update}/evidence?series=daily/guns&as_of=2025-08-01").text, "lxml")
    news = page.select_one("#news")
    assert news is not None
    assert [one["phrases"]["en"] in news.text for one in facts] == [True]
    assert SENTENCE in news.text
    assert client.get("/api/facts?series=daily/tanks").json()["items"] == []  # 110,930 is held: no fact
    assert client.get("/api/facts?series=daily/nothing").status_code == 404


def test_a_thin_history_gives_no_band_and_says_so(client: TestClient) -> None:
    found = client.get("/api/complete?series=daily/guns").json()
    assert (found["of"]["ahead"], found["days"]) == (None, [])
    chart = BeautifulSoup(client.get("/series/daily/guns?view=complete").text, "lxml").select_one("#chart")
    assert chart is not None
    assert "Too few releases to say how complete the newest days are." in chart.text


def test_the_record_of_a_publisher_is_linked_from_its_source_and_taken_away_as_csv(client: TestClient) -> None:
    source = BeautifulSoup(client.get("/sources/count").text, "lxml")
    links = [str(one["href"]) for one in source.select("a.button")]
    assert "/sources/count/record" in links
    rows = BeautifulSoup(client.get("/sources/count/record").text, "lxml").select("tbody tr")
    told = {cells[0].text: [one.text for one in cells[1:]] for row in rows if (cells := row.select("td"))}
    assert told["Releases that changed a figure"] == ["2", "2 releases"]
    assert told["Usual time between two of them"] == ["not enough to say", "1 gap"]
    table = client.get("/sources/count/record?form=csv")
    assert table.text.splitlines()[1].startswith(
        "count,releases,How often: Releases that changed a figure,2,2,releases,"
    )
    assert client.get("/api/record?source=count").json()["numbers"][0]["value"] == 2
    assert client.get("/sources/nobody/record").status_code == 404
