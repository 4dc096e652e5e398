"""A source that was derived again, on the pages and in the API: which generation is read where."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from flows.desk import Desk
from flows.past.generation import Derivation
from flows.past.manifest import Copy
from model import Instant
from review import Office
from tests.review.made import settings


@pytest.fixture
def derived(home: Path, desk_office: Office) -> dict[str, str]:
    """What the log said before an older copy came in, by the update's name."""
    views = desk_office.browser
    source = views.log()[0].source
    before = {update.update: update.content_digest for update in views.log(source, limit=None)}
    with Desk(settings(home)) as opened:
        content = opened.archive.get(views.log(source, limit=None)[-1].snapshot or "")
        copy = Copy(
            name="older", fetched_at=Instant("2001-01-01T06:00:00Z"), published=None, sha256="", read=lambda: content
        )
        assert list(Derivation(opened, opened.catalogue[source], hold=True).derive([copy]))
    return before


def test_pages_and_api_read_the_generation_in_force_and_the_one_before_by_its_name(
    client: TestClient, desk_office: Office, derived: dict[str, str]
) -> None:
    (old, digest), *_ = derived.items()
    source, _, number = old.partition("/")
    newest = desk_office.browser.log(source)[0]
    for path in (
        "/", f"/sources/{source}", f"/updates/{newest.update}", f"/updates/{old}", f"/updates/{source}~1/{number}",
        "/series", "/held", "/feed.atom", "/api/status",
    ):  # fmt: skip
        assert client.get(path).status_code == 200, path
    assert client.get(f"/api/updates/{old}").json()["content_digest"] == digest
    told = client.get("/api/log", params={"source": source, "limit": 50}).text
    assert newest.update in told
    assert f'"{old}"' not in told
    assert "~1" not in client.get("/series").text
