"""The chart of a series to look at, to take away, and to be framed: what is in it is what the ledger answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from lxml import etree
from starlette.testclient import TestClient

from flows.settings import Settings
from model import UsageError, parse_instant, plain
from review import Office
from review.app import create_app
from tests.review.made import copied, office

THEN = "2025-08-01T12:00:00Z"


@pytest.fixture(scope="module")
def reading(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(copied(built, tmp_path_factory.mktemp("charts"))) as found:
        yield found


@pytest.fixture(scope="module")
def client(reading: Office) -> Iterator[TestClient]:
    """A browser that only reads."""
    with TestClient(create_app(reading), base_url="http://127.0.0.1:8400", follow_redirects=False) as found:
        yield found


def rows(client: TestClient, series: str, **asked: str) -> list[dict[str, str]]:
    answer = client.get(f"/charts/csv/{series}?{urlencode(asked)}")
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_table_of_a_chart_is_what_the_ledger_answers(client: TestClient, reading: Office) -> None:
    for series, known_at in product(("count/killed", "count/officers", "daily/tanks"), (None, THEN, "2025-01-01")):
        at = parse_instant(known_at) if known_at else None
        expected = [
            (one.as_of, plain(one.value), one.qualifier, one.update, at or "")
            for one in reading.ledger.views.table(series.partition("/")[0], known_at=at)
            if one.series == series and one.value is not None
        ]
        told = [one for one in rows(client, series, known_at=known_at or "") if one["line"] == "counts"]
        names = ("as_of", "value", "qualifier", "update", "shown_as_known_at")
        assert [tuple(one[name] for name in names) for one in told] == expected
        assert {one["basis"] for one in told} <= {reading.browser.one_series(series).basis}


def test_a_span_narrows_page_picture_and_table_alike(client: TestClient) -> None:
    asked = {"since": "2025-07-10", "until": "2025-07-12"}
    assert [one["as_of"] for one in rows(client, "daily/tanks", **asked)] == ["2025-07-10", "2025-07-11", "2025-07-12"]
    page = client.get(f"/series/daily/tanks?{urlencode(asked)}").text
    assert "since=2025-07-10&amp;until=2025-07-12" in page
    svg = client.get(f"/charts/svg/daily/tanks?{urlencode(asked)}")
    assert "As of 10 to 12 July 2025" in svg.text
    assert svg.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_typed_time_says_what_was_known_then_and_what_is_known_now(client: TestClient) -> None:
    page = BeautifulSoup(client.get(f"/series/count/killed?known_at={THEN}").text, "lxml")
    assert [field["value"] for field in page.select("input[name=known_at]")] == [THEN]
    told = page.select_one(".contrast")
    assert told is not None
    assert told.get_text() == (
        "119,154 known then, as of 18 July 2025: unchanged since; newest now 121,507, as of 31 July 2025"
    )
    assert client.get("/series/count/killed?known_at=soon").status_code == 400


def test_a_picture_says_whose_numbers_it_shows_and_where_they_are_proved(client: TestClient) -> None:
    svg = etree.fromstring(client.get(f"/charts/svg/count/killed?known_at={THEN}").content)
    words = " ".join(" ".join(svg.itertext()).split())
    for said in (
        "The Ledger Project × Radio Meridian", "counted; people", "as known at 1 August 2025, 12:00 UTC",
        "http://127.0.0.1:8400/series/count/killed?known_at=2025-08-01T12:00:00Z", "119,154",
    ):  # fmt: skip
        assert said in words


def test_nobody_frames_a_chart_unless_the_settings_name_them(
    client: TestClient, reading: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = client.get("/embed/count/killed").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    monkeypatch.setattr(reading, "framers", ("https://news.example.org",))
    policy = client.get("/embed/count/killed").headers["content-security-policy"]
    assert "frame-ancestors https://news.example.org;" in policy
    assert "script-src 'self'" in policy
    for path in ("/series/count/killed", "/", "/charts/svg/count/killed", "/embed/none"):
        assert "news.example.org" not in client.get(path).headers["content-security-policy"], path


def test_what_is_held_or_came_later_does_not_leak_into_what_others_frame(client: TestClient) -> None:
    assert "110,930" in client.get("/series/daily/tanks").text
    page = client.get("/embed/daily/tanks").text
    assert "110,930" not in page
    points = BeautifulSoup(page, "lxml").select_one("[data-chart]")
    assert points is not None
    assert "110,930" not in client.get(str(points["data-chart"])).text
    frozen = client.get(f"/embed/count/killed?known_at={THEN}").text
    assert "119,154" in frozen
    assert "121,507" not in frozen
    points = BeautifulSoup(frozen, "lxml").select_one("[data-chart]")
    assert points is not None
    assert "121,507" not in client.get(str(points["data-chart"])).text
    assert "http://127.0.0.1:8400/series/count/killed" in frozen


def test_the_points_of_a_chart_have_their_evidence(client: TestClient) -> None:
    found = client.get("/api/chart?series=daily/tanks").json()
    assert [point[1] for point in found["points"][:2]] == ["2025-07-01", "2025-07-02"]
    held = found["points"][-1]
    assert (found["lines"][held[0]], held[2]) == ("held, does not count", "110,930")
    for line, as_of, _, update, *_ in (found["points"][0], held):
        address = f"/updates/{found['source']}/{update}/evidence?series={found['series']}&as_of={as_of}"
        assert client.get(address).status_code == 200, (line, address)


@pytest.mark.parametrize(
    "named", ["example.org", "https://a.org; script-src *", "'self'", "*", "https://*", "javascript:x", "https://a/b"]
)
def test_an_address_that_a_browser_would_read_otherwise_may_not_be_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TALLYBOOK_EMBED_ORIGINS", "https://news.example.org, https://*.example.net:8443")
    assert Settings.load().embed_origins == ("https://news.example.org", "https://*.example.net:8443")
    monkeypatch.setenv("TALLYBOOK_EMBED_ORIGINS", named)
    with pytest.raises(UsageError, match="TALLYBOOK_EMBED_ORIGINS"):
        Settings.load()
