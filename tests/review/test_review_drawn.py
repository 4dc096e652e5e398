"""A page that a browser drew: from the first look to the evidence page, where its picture stands beside its words."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from cli.commands.extract import extract
from cli.commands.serve import store_of
from cli.commands.sources import sources
from flows.desk import Desk
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import settings
from tests.review.browsers import Walk, chromium, launched
from tests.review.made import CLAIMS, PASSWORD, define, served
from tests.sources.publisher import Publisher

COUNTY: dict[str, Any] = {
    "title": "Cases by county",
    "publisher": {"name": "Health Office"},
    "method": "Laboratories report each day.",
    "basis": "counted",
    "tried_live": "2025-01-01",
    "coverage": "latest",
    "fetch": "browser",
    "wait_for": "tbody tr",
    "extractor": "table",
    "as_of": {"column": "Day"},
    "by": {"whom": "County"},
    "figures": [{"id": "cases", "column": "Cases", "measure": "cases", "unit": "people"}],
    "allow_private_addresses": True,
}
PAGE = b"""<!doctype html><html lang="en"><head><title>Cases</title><style>
body { font: 16px sans-serif } td, th { padding: 6px 20px; border-bottom: 1px solid } .spare { display: none }
</style></head><body><h1>Cases by county</h1><p id="clock"></p><table>
<thead><tr><th>County</th><th>Day</th><th>Cases</th></tr></thead><tbody></tbody></table><p>Source: laboratories.</p>
<script nonce="5e1f">
fetch("/cases.json").then(answer => answer.json()).then(found => {
  document.querySelector("#clock").textContent = found.clock;
  document.querySelector("h1").style.color = found.color;
  document.querySelector("tbody").innerHTML = found.rows.map(row => `<tr data-id="${Math.random()}">
    <td>${row.county}</td><td>${row.day}</td><td>${row.cases.toLocaleString()}</td></tr>`).join("")
    + '<tr class="spare"><td>Lviv</td><td>2025-08-01</td><td>999,999</td></tr>';
});
</script></body></html>"""


def publish(publisher: Publisher, day: str, kyiv: int, clock: str = "", color: str = "black") -> None:
    rows = [{"county": "Kyiv", "day": day, "cases": kyiv}, {"county": "Lviv", "day": day, "cases": 119154}]
    told = {"clock": clock, "color": color, "rows": rows}
    publisher.page("/cases.json", json.dumps(told).encode(), headers={"Content-Type": "application/json"})


def look(home: Path, at: str) -> Outcome:
    with Desk(settings(home), lambda: Instant(at)) as desk:
        assert not desk.catalogue.problems
        return refresh_source(desk, desk.catalogue["county"])


@pytest.fixture(autouse=True)
def _browser() -> None:
    chromium()


def test_a_drawn_page_is_read_told_apart_by_its_words_and_shown_with_its_picture(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.page("/county", PAGE, headers={"ETag": '"same"', "Content-Type": "text/html"})
    define(tmp_path, "county", COUNTY, publisher.url("/county"))
    publish(publisher, "2025-08-01", 121507)
    assert look(tmp_path, "2025-08-01T06:00:00Z").state == "changed"
    publish(publisher, "2025-08-01", 121507, color="red")
    assert look(tmp_path, "2025-08-02T06:00:00Z").updates == ()
    publish(publisher, "2025-08-01", 121507, clock="It is 12:31:07")
    assert look(tmp_path, "2025-08-03T06:00:00Z").updates == ()
    publish(publisher, "2025-08-04", 121999)
    assert look(tmp_path, "2025-08-04T06:00:00Z").updates == ("county/2",)
    publisher.page("/cases.json", b"[]", headers={"Content-Type": "application/json"})
    store_of(settings(tmp_path)).add("ann", PASSWORD)
    with Desk(settings(tmp_path)) as desk:
        assert list(desk.ledger.verify()) == []
        table = {(row.series, row.as_of): row.value for row in desk.views.table()}
        assert table[("county/cases/kyiv", "2025-08-04")] == 121999
        assert 999999 not in table.values()
        pictures = [path for path in (tmp_path / "archive").rglob("*.zst") if _is_png(desk, path)]
        assert len(pictures) == 2
    with served(tmp_path) as server, launched() as browser:
        walk = Walk(browser, server.address)
        address = "/updates/county/2/evidence?series=county/cases/kyiv&as_of=2025-08-04"
        page = walk.go(address)
        assert page.locator(".drawn").count() == 0
        told = page.locator("[data-side=new]").inner_text()
        assert any(path.stem in told for path in pictures)
        alone = page.request.get(f"{server.address.rstrip('/')}/archive/{pictures[0].stem}/picture")
        assert "/login" in alone.url
        walk.log_in()
        page = walk.go(address)
        picture = page.locator("[data-side=new] .drawn img")
        picture.scroll_into_view_if_needed()
        page.wait_for_function("() => [...document.querySelectorAll('.drawn img')].every(one => one.naturalWidth)")
        assert picture.evaluate("one => one.naturalWidth") == 1280
        assert page.locator("[data-side=new] mark.num-mark").first.inner_text() == "121,999"
        if folder := os.environ.get("TALLYBOOK_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/drawn.png", full_page=True)
        answer = page.request.get(server.address.rstrip("/") + str(picture.get_attribute("src")))
        assert answer.headers["content-type"] == "image/png"
        assert hashlib.sha256(answer.body()).hexdigest() in told
        markup = str(page.locator("[data-side=new] dd a").first.get_attribute("href"))
        assert page.request.get(f"{server.address.rstrip('/')}{markup}/picture").status == 404
        assert (walk.complaints, walk.foreign) == ([], [])


def _is_png(desk: Desk, path: Path) -> bool:
    return desk.archive.get(path.stem).startswith(b"\x89PNG")


def test_a_page_that_is_not_drawn_is_recorded_as_a_failure_with_what_was_there(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.page("/county", PAGE)
    publisher.withdraw("/cases.json")
    define(tmp_path, "county", COUNTY, publisher.url("/county"))
    with Desk(settings(tmp_path, fetch_seconds=12)) as desk:
        outcome = refresh_source(desk, desk.catalogue["county"])
        last = desk.ledger.last_attempt(desk.catalogue["county"])
        assert (outcome.state, outcome.reason) == ("failed", "not_drawn")
        assert last is not None
        assert b"Cases by county" in desk.archive.get(last.sha256 or "")
        assert desk.ledger.views.log() == []


def test_sources_new_offers_what_a_browser_draws_and_never_starts_one_by_itself(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path))
    monkeypatch.setenv("TALLYBOOK_HOST_SPACING", "0")
    publisher.page("/county", PAGE)
    publish(publisher, "2025-08-01", 121507)
    before = len(publisher.requests)
    done = CliRunner().invoke(sources, ["new", publisher.url("/county"), "--follow", "1", "--yes"])
    assert done.exit_code
    assert "--browser" in str(done.exception)
    assert [one.path for one in publisher.requests[before:]] == ["/county"]
    asked = ["new", publisher.url("/county"), "--browser", "--id", "county", "--follow", "1", "--yes"]
    done = CliRunner().invoke(sources, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    written = (tmp_path / "sources" / "county.yml").read_text("utf-8")
    assert "fetch: browser" in written
    assert "Cases" in written
    with Desk.open() as desk:
        assert refresh_source(desk, desk.catalogue["county"]).state == "changed"


def test_a_listing_that_scripts_draw_leads_to_releases_that_they_draw_too(publisher: Publisher, tmp_path: Path) -> None:
    article = "On 1 August 2025 the ministry said that 1,234 soldiers are missing."
    publisher.page(
        "/news",
        b"""<!doctype html><html><body><h1>News of the ministry</h1><script>
        document.body.insertAdjacentHTML("beforeend", '<a class="report" href="/news/1">Losses</a>')
        </script></body></html>""",
    )
    publisher.page("/news/1", f"""<!doctype html><html lang="en"><body><main></main><script>
        document.querySelector("main").innerHTML = "<h1>Losses</h1><p>{article}</p>"
        </script></body></html>""".encode())  # fmt: skip
    listing = {"url": publisher.url("/news"), "links": "a.report"}
    made = {key: value for key, value in CLAIMS.items() if key != "url"} | {"fetch": "browser", "listing": listing}
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "county.yml").write_text(yaml.safe_dump(made), encoding="utf-8")
    assert look(tmp_path, "2025-08-02T06:00:00Z").updates == ("county/1",)
    with Desk(settings(tmp_path)) as desk:
        assert [row.value for row in desk.views.table()] == [1234]


def test_extract_reads_an_address_as_a_source_that_is_drawn(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path))
    monkeypatch.setenv("TALLYBOOK_HOST_SPACING", "0")
    publisher.page("/county", PAGE)
    publish(publisher, "2025-08-01", 121507)
    define(tmp_path, "county", COUNTY, publisher.url("/county"))
    done = CliRunner().invoke(extract, [publisher.url("/county"), "--source", "county", "--json"])
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["value"] for line in done.stdout.splitlines()] == [121507, 119154]


def test_sources_check_says_early_that_there_is_no_browser(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path))
    define(tmp_path, "county", COUNTY, publisher.url("/county"))
    file = str(tmp_path / "sources" / "county.yml")
    done = CliRunner().invoke(sources, ["check", file])
    assert (done.exit_code, "browser" in done.stderr) == (0, False)
    monkeypatch.setenv("TALLYBOOK_CHROMIUM", "/nowhere/chromium")
    done = CliRunner().invoke(sources, ["check", file])
    assert done.exit_code == 0
    assert "county: TALLYBOOK_CHROMIUM names /nowhere/chromium" in done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fetch": "plain"}, "add fetch: browser"),
        ({"extractor": "csv"}, "csv reads none"),
        ({"wait_for": "table[["}, "is no CSS selector"),
        ({"wait_for": "text= "}, "the text is missing"),
        ({"fetch": "firefox"}, "is not one of browser, plain"),
    ],
)
def test_a_definition_that_can_draw_nothing_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    define(tmp_path, "county", COUNTY | changes, "https://example.org/county")
    done = CliRunner().invoke(sources, ["check", str(tmp_path / "sources" / "county.yml")])
    assert done.exit_code == 2
    assert said in done.stdout
