"""Finding on the page and by its API: what is typed leads to the figure, its standing and its proof."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient


def found(client: TestClient, **asked: str) -> list[tuple[str, str, str, str]]:
    """(update, series, first match, standing) of what the API finds."""
    answer = client.get("/api/find", params=asked)
    assert answer.status_code == 200, answer.text
    return [(one["update"], one["series"], one["matched"][0], one["standing"]) for one in answer.json()["hits"]]


@pytest.mark.parametrize("written", ["2,353", "2353", "2 353", "2\u00a0353", "+2,353", "2’353", "٢٣٥٣", "2.353"])
def test_a_number_is_found_however_it_is_typed(client: TestClient, written: str) -> None:
    assert found(client, q=written) == [("count/2", "count/killed", "stated", "counts")]
    page = client.get("/find", params={"q": written}).text
    assert "/updates/count/2/evidence?series=count%2Fkilled" in page
    assert "stated as the change" in page
    assert ("both were looked for" in page) is (written in ("2,353", "+2,353", "2.353"))


def test_what_is_held_says_so_and_what_was_replaced_too(client: TestClient) -> None:
    assert found(client, q="110930") == [("daily/2", "daily/tanks", "value", "held")]
    assert "held, does not count" in client.get("/find?q=110,930").text
    assert found(client, q="119154 killed") == [("count/1", "count/killed", "value", "counts")]


def test_words_of_names_claimants_sources_and_quotes_are_found(client: TestClient) -> None:
    answer = client.get("/api/find", params={"q": "meridian"}).json()
    assert [one["series"] for one in answer["series"]] == ["count/killed"]
    assert [one["update"] for one in answer["hits"]] == ["count/2", "count/1"]
    assert [one["source"] for one in client.get("/api/find?q=courier").json()["sources"]] == ["claims"]
    assert found(client, q="ministry soldiers") == [("claims/1", "claims/missing", "words", "counts")]
    assert [one["series"] for one in client.get("/api/find", params={"q": "загиблі"}).json()["series"]] != []


def test_what_nobody_follows_or_may_see_is_not_found(client: TestClient, ann: TestClient) -> None:
    for browser in (client, ann):
        assert found(browser, q="500") == []
        assert found(browser, q="captured July") == []
        assert found(browser, q="minister also") == []


def test_what_cannot_be_asked_is_told(client: TestClient) -> None:
    assert client.get("/find").status_code == 200
    assert "nothing to look for" in client.get("/find", params={"q": "…"}).text
    assert "Nothing was found" in client.get("/find?q=zzzz").text
    assert client.get("/api/find?q=1&in=nowhere").status_code == 422
    assert client.get("/api/find", params={"q": "x" * 300}).status_code == 422
    assert client.get("/find?q=1&source=nobody").status_code == 200
    assert "nothing of a source" in client.get("/find?q=1&source=nobody").text
    hostile = client.get("/find", params={"q": "<script>alert(1)</script>"})
    assert not re.search("<script>alert", hostile.text)


def test_a_place_to_look_in_may_be_chosen(client: TestClient) -> None:
    assert found(client, q="2353", **{"in": "difference"}) == [("count/2", "count/killed", "stated", "counts")]
    assert found(client, q="2353", **{"in": "value"}) == []
    assert found(client, q="2353", source="daily") == []


def test_the_api_checks_a_figure_before_it_is_printed(client: TestClient) -> None:
    check = client.get("/api/check-print", params={"update": "count/2", "series": "count/killed"}).json()
    assert (check["verdict"], check["open"], check["increment"]["baseline"]["update"]) == ("clear", [], "count/1")
    assert set(check["sentences"]) == {"en", "uk", "ru", "de", "fr", "es"}
    held = client.get("/api/check-print?update=daily/2&series=daily/tanks&as_of=2025-07-31").json()
    assert (held["verdict"], held["open"]) == ("not_yet", ["held"])
    assert client.get("/api/check-print?update=daily/2&series=daily/ships").status_code == 404
    page = client.get(held["proof"]).text
    assert "held: it does not count until someone decides" in page
    assert held["sentences"]["fr"]["short"] in page.replace("\u202f", "\u202f")
