"""A printed text on the page and by the API: each figure with its verdict, and nothing of it taken for markup."""

from __future__ import annotations

from starlette.testclient import TestClient

TEXT = "Meridian has confirmed the deaths of 119,154 soldiers, <b>1,000</b> more."


def test_a_text_is_told_figure_by_figure_as_the_api_has_it(client: TestClient) -> None:
    asked = {"text": TEXT, "on": "2030-01-01", "language": "en"}
    [first, *_] = client.get("/api/check", params=asked).json()["numbers"]
    assert (first["number_text"], first["verdict"], first["series"]) == ("119,154", "outdated", "count/killed")
    page = client.get("/printed", params=asked).text
    assert f"<mark>{first['number_text']}</mark>" in page
    assert first["proof"].replace("&", "&amp;") in page
    assert "<b>1,000" not in page


def test_what_cannot_be_asked_is_told(client: TestClient) -> None:
    assert "What did we print?" in client.get("/printed").text
    assert "No figure is read" in client.get("/printed?text=Nothing+here").text
    assert client.get("/printed?text=5+killed&on=soon").status_code == 200
    assert client.get("/api/check?text=5+killed&on=soon").status_code == 400
    assert client.get("/api/check", params={"text": "x" * 7000}).status_code == 422


def test_the_register_is_on_the_page_and_only_editors_change_it(client: TestClient) -> None:
    assert client.get("/api/printed").json() == {"articles": [], "findings": []}
    assert "Watched articles" in client.get("/printed").text
    sent = client.post("/printed/add", data={"address": "https://example.org/a"}, follow_redirects=False)
    assert sent.status_code in (303, 401, 403)
    assert client.get("/api/printed").json()["articles"] == []
