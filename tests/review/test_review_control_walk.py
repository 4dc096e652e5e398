"""The room of the sources walked in a browser: from an address to a source, an edit, an upload, a pause; by axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from cli.commands.serve import office_of
from flows.desk import Desk
from review.server import PageServer
from tests.cli.test_sources_new import FIRST, HTML
from tests.pipeline.desks import settings
from tests.review.browsers import Walk, launched
from tests.review.made import copied, daily_file
from tests.sources.publisher import Publisher

pytestmark = pytest.mark.long

PAGES = (
    "/sources", "/sources?show=off", "/sources/daily", "/sources/daily/edit", "/sources/daily/history", "/follow",
    "/welcome",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def server(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    home = copied(built, tmp_path_factory.mktemp("control"))
    with Desk(settings(home, page_private=True)) as desk, PageServer(office_of(desk), "127.0.0.1", 0) as page:
        yield page


@pytest.mark.parametrize("script", [True, False])
def test_an_address_becomes_a_source_with_and_without_a_script(
    browser: Browser, server: PageServer, publisher: Publisher, script: bool
) -> None:
    publisher.page("/flood", FIRST, headers=HTML)
    walk = Walk(browser, server.address, java_script_enabled=script)
    walk.log_in()
    page = walk.go("/sources")
    page.click("text=Follow a page")
    page.fill("main input[name=url]", publisher.url("/flood"))
    page.click("main button.main")
    page.wait_for_url("**/follow/*")
    way = page.locator("details.way").nth(1)
    way.locator("summary h2").click()
    assert way.locator("mark.num-mark").all_inner_texts() == ["30", "18"]
    way.locator("input[name=n]").first.check()
    way.locator("input[name=id]").fill(f"floods_{script}".lower())
    way.locator("button.main").click()
    assert "deaths/North: first seen: 30, as of 12 August 2025" in page.locator("main").inner_text()
    page.click("main button.main")
    page.wait_for_url(f"**/sources/floods_{script}**".lower())
    assert "Flood in Norland" in page.locator("h1").inner_text()
    assert (walk.complaints, walk.foreign) == ([], [])


def test_a_definition_is_edited_a_page_uploaded_and_a_source_paused(
    browser: Browser, server: PageServer, tmp_path: Path
) -> None:
    walk = Walk(browser, server.address)
    walk.log_in()
    page = walk.go("/sources/daily/edit")
    text = page.input_value("textarea.code")
    page.fill("textarea.code", text.replace("basis: claimed", "basis: estimated"))
    page.click("text=Try it on the archived releases")
    assert "Reads the same in 2 of 2" in page.locator("main").inner_text()
    page.fill("input[name=why]", "they estimate")
    page.click("button[value=save]")
    page.wait_for_url("**/history")
    assert page.locator(".plus").inner_text().strip().endswith("basis: estimated")
    (tmp_path / "daily.csv").write_bytes(daily_file(30, "2025-07-31,11093,31930", "2025-08-01,11096,31960"))
    page = walk.go("/sources/daily#upload")
    page.click("#upload summary")
    page.set_input_files("#upload input[type=file]", str(tmp_path / "daily.csv"))
    page.fill("#upload input[name=at]", "2025-08-03T06:00:00Z")
    page.click("#upload button")
    page.wait_for_url("**/updates/daily/3")
    page = walk.go("/sources")
    page.check("input[value=count]")
    page.fill("input[name=why]", "they move")
    page.click("button[value=pause]")
    page.wait_for_url("**/sources")
    assert "paused: they move (ann" in page.locator("main").inner_text()
    assert (walk.complaints, walk.foreign) == ([], [])


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390), ("light", 768)])
def test_nothing_of_it_keeps_anyone_from_reading(browser: Browser, server: PageServer, scheme: str, width: int) -> None:
    walk = Walk(browser, server.address, color_scheme=scheme, viewport={"width": width, "height": 900})
    walk.log_in()
    for path in PAGES:
        page = walk.go(path)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
