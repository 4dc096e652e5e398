"""Rules on the page: rehearsed before they are saved, by editors alone; an address is never shown."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

RISE = {"id": "leap", "when": "rises", "by": "1000", "source": "count", "series": "killed", "to": "anna"}


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_rule_is_rehearsed_saved_and_removed(ann: TestClient) -> None:
    page = ann.get("/rules", params=RISE).text
    assert "Would have told you on 1 day" in page
    assert "119,154" in page
    sent = {**RISE, "csrf": csrf(page)}
    assert ann.post("/rules", data=sent).status_code == 303
    listed = ann.get("/rules").text
    assert "anna (no address is set)" in listed
    assert "rises by at least 1000" in listed
    assert ann.post("/rules", data={**sent, "by": "much"}).status_code == 400
    assert ann.post("/rules/remove", data={"name": "leap", "csrf": sent["csrf"]}).status_code == 303
    assert "anna (no address" not in ann.get("/rules").text


def test_nobody_else_sees_or_saves_rules(client: TestClient) -> None:
    assert client.get("/rules").status_code == 303
    assert client.post("/rules", data=RISE).status_code in (401, 403)
