"""What goes over the wire: compressed, no secret twice in the same signs, and heads alone where asked."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from review.guard import COOKIE
from tests.review.test_review_pages import EVIDENCE, soup, words

ZIPPED = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize("path", ["/", "/log", "/held", "/sources", "/api/log", "/feed.atom", EVIDENCE])
def test_every_page_answers_head_with_what_get_would_say(client: TestClient, path: str) -> None:
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-security-policy"] == whole.headers["content-security-policy"]


def test_pages_are_compressed_for_who_takes_it(client: TestClient) -> None:
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


def test_a_form_s_token_is_written_otherwise_in_each_answer_and_taken_from_each(ann: TestClient) -> None:
    """The length of compressed answers tells a secret to who has words of their own put beside it, if it stays."""
    answers = [ann.get("/log", headers=ZIPPED) for _ in range(3)]
    assert {one.headers["content-encoding"] for one in answers} == {"gzip"}
    tokens = [re.findall('name="csrf" value="([^"]+)"', one.text) for one in answers]
    assert len({token for found in tokens for token in found}) == len(answers)
    assert len({one.headers["etag"] for one in answers}) == 1, "it is the same page"
    kept = ann.app.state.office.store.session(ann.cookies[COOKIE]).csrf
    assert all(kept not in one.text for one in answers)
    posted = [ann.post("/seen", data={"csrf": found[0], "upto": "0"}).status_code for found in tokens]
    assert posted == [303, 303, 303]
    forged = [tokens[0][0][:-2] + "00", tokens[0][0][:-1], kept, "é", ""]
    assert [ann.post("/seen", data={"csrf": one, "upto": "0"}).status_code for one in forged] == [403] * 5


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
