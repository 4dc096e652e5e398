"""Notes on the page of a series: an editor writes one and takes it back; both stand in the audit; others only read."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.review.test_review_pages import csrf

PAGE = "/series/count/killed"


def test_an_editor_notes_something_and_takes_it_back(ann: TestClient) -> None:
    token = csrf(ann)
    given = {
        "csrf": token,
        "series": "count/killed",
        "kind": "scope",
        "text": "a <b>new</b> list",
        "first": "2025-07-18",
    }
    assert ann.post("/notes", data=given).status_code == 303
    page = ann.get(PAGE).text
    assert "another scope (18 July 2025): a &lt;b&gt;new&lt;/b&gt; list" in page
    assert ann.get("/api/markers?series=count/killed").json()["items"][0]["kind"] == "scope"
    assert "ann" not in ann.get("/api/markers").text
    assert ann.post("/notes", data=given | {"csrf": "x"}).status_code == 403
    number = ann.get("/api/markers").json()["items"][0]["number"]
    ended = {"csrf": csrf(ann), "series": "count/killed", "number": number, "why": "it was the old one"}
    assert ann.post("/notes/end", data=ended).status_code == 303
    assert "new&lt;/b&gt; list" not in ann.get(PAGE).text
    assert "took note" in ann.get("/audit").text
    ann.cookies.clear()
    assert 'action="/notes"' not in ann.get(PAGE).text
    assert ann.post("/notes", data=given).status_code in (303, 401, 403)
    assert ann.get("/api/markers").json()["items"] == []
