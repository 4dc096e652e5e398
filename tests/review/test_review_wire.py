"""What goes over the wire: compressed where nothing secret is in it, nothing twice, and heads alone where asked."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.review.test_review_pages import EVIDENCE, soup, words

ZIPPED = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize("path", ["/", "/log", "/held", "/sources", "/api/log", "/feed.atom", EVIDENCE])
def test_every_page_answers_head_with_what_get_would_say(client: TestClient, path: str) -> None:
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-security-policy"] == whole.headers["content-security-policy"]


def test_pages_are_compressed_without_a_login_and_data_always(client: TestClient) -> None:
    plain = client.get("/log", headers={"Accept-Encoding": "identity"})
    zipped = client.get("/log", headers=ZIPPED)
    assert zipped.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in zipped.headers["vary"]
    assert zipped.text.count("data-update") == plain.text.count("data-update")
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("path", ["/log", "/versions/daily/tanks?form=csv"])
def test_who_takes_brotli_gets_it_and_nothing_else_than_others(client: TestClient, path: str) -> None:
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert (packed.headers["content-encoding"], packed.text) == ("br", plain.text)
    assert client.get(path, headers={"Accept-Encoding": "gzip, br;q=0"}).headers["content-encoding"] == "gzip"


def test_a_page_with_a_form_s_token_is_not_compressed(ann: TestClient) -> None:
    assert "content-encoding" not in ann.get("/log", headers=ZIPPED).headers
    assert ann.get("/api/log", headers=ZIPPED).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/held", "/sources", EVIDENCE, "/api/log"])
def test_what_a_browser_has_already_is_not_sent_again(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_page_says_what_it_is_where_it_is_shared(client: TestClient) -> None:
    page = soup(client, EVIDENCE)
    told = {one["property"]: one["content"] for one in page.select("meta[property]")}
    assert told["og:title"].startswith("Proof: killed, 31 July 2025")
    assert told["og:description"].startswith("119,154 → 121,507, 2,353 more")
    assert page.select_one("time[data-at]")["datetime"].endswith("Z")


def test_sources_are_parted_by_what_they_need(client: TestClient) -> None:
    assert words(soup(client, "/sources"), ".tabs").startswith("all 3 needs you 1 held 1 ")
    assert [one.get_text() for one in soup(client, "/sources?show=held").select("td .key")] == ["daily"]
    assert "No source is like that" in words(soup(client, "/sources?show=off"))
