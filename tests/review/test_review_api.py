"""The API: the same as the pages, exact, in bounded pages, kept by ETag, told by feeds, as its description says."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import feedparser
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from model import Update, loads
from review import Office
from review.app import create_app
from tests.review.test_review_pages import csrf

OURS = {"Host": "127.0.0.1"}


def test_the_log_is_read_page_by_page_to_its_end(client: TestClient) -> None:
    found, path = [], "/api/log?limit=2"
    while path:
        answer = client.get(path).json()
        found += [one["update"] for one in answer["items"]]
        path = answer["next"]
    assert sorted(found) == ["claims/1", "count/1", "count/2", "daily/1", "daily/2"]
    assert found[0] == "daily/2"


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/api/log?", 7), ("/api/show?series=daily/tanks&", 31), ("/api/series?", 5), ("/api/held?", 1),
        ("/api/claims?measure=destroyed&", 2), ("/api/unmatched?", 1), ("/api/decisions?source=daily&", 2),
    ],
)  # fmt: skip
def test_every_list_is_read_by_its_links_to_the_same_end(ann: TestClient, path: str, count: int) -> None:
    form = {"csrf": csrf(ann), "series": "daily/guns", "as_of": "2025-07-30", "action": "correct", "why": "by phone"}
    for at, value in enumerate(("31901", "31902")):
        ann.post(f"/held/daily/{1 if not at else 3}/decide", data=form | {"value": value})
    whole = ann.get(f"{path}limit=200").json()["items"]
    found: list[Any] = []
    link: str | None = f"{path}limit=1"
    while link:
        answer = ann.get(link)
        found += answer.json()["items"]
        link = answer.links.get("next", {}).get("url")
        assert link == answer.json()["next"]
    assert found == whole
    assert len(found) == count


def test_an_update_has_the_fields_of_the_model_and_its_sentences(client: TestClient) -> None:
    answer = client.get("/api/updates/count/2")
    update = loads(answer.content, Update)
    killed = next(change for change in update.changes if change.series == "count/killed")
    assert killed.difference == 2353
    assert killed.sentence == "killed, 2,353 more: 119,154 → 121,507, as of 31 July 2025"
    assert json.loads(answer.content, parse_float=Decimal)["changes"][0]["new"]["value"] in (121507, 5400)


def test_the_evidence_gives_digests_places_and_the_text_around_them(client: TestClient) -> None:
    answer = client.get("/api/evidence?update=count/2&series=count/killed&as_of=2025-07-31").json()
    assert answer["proof"]["new"]["spans"][0][1] > 0
    assert len(answer["proof"]["old"]["sha256"]) == 64
    assert "121,507" in answer["excerpts"]["new"]


@pytest.mark.parametrize(
    "path", ["/api/log", "/api/status", "/feed.atom", "/openapi.json", "/api/show?series=count/killed"]
)
def test_what_a_client_has_already_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_versions_held_claims_and_unmatched_are_told(client: TestClient) -> None:
    assert [one["value"] for one in client.get("/api/show?series=count/killed").json()["items"]] == [119154, 121507]
    [held] = client.get("/api/held").json()["items"]
    assert [change["new"]["value"] for change in held["changes"]] == [110930]
    values = {one["observation"]["value"] for one in client.get("/api/claims?measure=killed").json()["items"]}
    assert values == {121507}
    [unmatched] = client.get("/api/unmatched?source=claims").json()["items"]
    assert unmatched["figure"]["value"] == 500
    assert {unmatched["figure"][name] or "" for name in ("quote", "whom", "category")} == {""}


def test_the_words_of_what_nobody_follows_are_told_to_whoever_is_logged_in(ann: TestClient) -> None:
    [unmatched] = ann.get("/api/unmatched?source=claims").json()["items"]
    assert "500" in unmatched["figure"]["quote"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/log?limit=0", 422), ("/api/log?limit=100000", 422), ("/api/updates/count/99", 404),
        ("/api/show?series=none", 404), ("/api/log?kind=guess", 404), ("/api/evidence", 422),
    ],
)  # fmt: skip
def test_an_error_is_json_that_says_what_is_wrong(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.json()["detail"]


@pytest.mark.parametrize(("path", "entries"), [("/feed.atom", 5), ("/sources/count/feed.atom", 2)])
def test_feeds_are_sound_atom_with_permalinks(client: TestClient, path: str, entries: int) -> None:
    feed = feedparser.parse(client.get(path).content)
    assert (feed.bozo, feed.version, len(feed.entries)) == (False, "atom10", entries)
    newest = next(one for one in feed.entries if one.link.endswith("/updates/count/2"))
    assert "2,353 more: 119,154 → 121,507" in newest.title
    assert client.get(newest.link.removeprefix("http://127.0.0.1:8400")).status_code == 200


def test_the_api_does_what_its_description_says_whatever_it_is_asked(desk_office: Office) -> None:
    app = create_app(desk_office)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=OURS)
    asked = 0

    for operation in schema.get_all_operations():

        @settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.ok().as_strategy())
        def ask(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            answer = case.call(headers=OURS)
            # No schema knows that 31 February is no day: what is refused as none says so.
            if answer.status_code == 400:
                assert re.search(" is no (date|time)", answer.json()["detail"])
                case.validate_response(answer, excluded_checks=[positive_data_acceptance])
            else:
                case.validate_response(answer)

        ask()
    assert asked > 50


@pytest.mark.parametrize("key", ["count/killed", "a/../b", "%2e%2e/x", "x?y#z", "нема/такого", "‮/x"])
def test_a_series_key_of_any_letters_is_asked_for_without_harm(client: TestClient, key: str) -> None:
    assert client.get(f"/series/{quote(key)}").status_code in (200, 404)
