"""Walks through the review page in a real browser: what a person sees, presses and gets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from review.server import PageServer
from tests.review.browsers import FEWEST, Walk, find_prove_copy, launched
from tests.review.made import CSV, copied, daily_file, served
from tests.review.test_review_pages import EVIDENCE, HELD
from tests.sources.publisher import Publisher

PAGES = ("/", "/log", EVIDENCE, "/held", HELD, "/series/count/killed", "/compare?what=Norlandic%20soldiers", "/sources",
         "/compare", "/users", "/audit", "/proposals", "/api",
         "/sources/claims", "/updates/daily/2", "/login", "/series", "/versions/count/killed", "/find?q=2353",
         "/find?q=meridian", "/embed/count/killed")  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def reading(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    """A page for tests that only read."""
    with served(copied(built, tmp_path_factory.mktemp("reading"))) as page:
        yield page


def shoot(walk: Walk, name: str) -> None:
    """Keep a picture of what is seen, where a folder for pictures is named."""
    folder = os.environ.get("TALLYBOOK_SCREENSHOTS")
    if folder:
        walk.page.screenshot(path=f"{folder}/{name}.png")


def test_from_the_first_visit_to_a_correction_in_the_log(browser: Browser, home: Path) -> None:
    with served(home) as server:
        walk = Walk(browser, server.address)
        page = walk.go("/")
        assert page.locator(".update.unread").first.is_visible()
        shoot(walk, "log")
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.locator(".update.here").get_attribute("id") == "count/2"
        page.keyboard.press("Enter")
        page.wait_for_url("**/evidence**")
        assert page.locator("[data-side=new] mark.num-mark").all_inner_texts() == ["121,507", "2,353"]
        shoot(walk, "evidence")
        page.click(".crumbs a >> nth=-1")
        slider = page.locator("input[type=range]")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_selector("svg .cut", state="attached")
        assert "119,154" in (page.locator(".chart .t-acc.halo").text_content() or "")
        assert "known_at=2025-08-01T06" in page.url
        shoot(walk, "series")
        walk.log_in()
        page = walk.go("/held")
        page.click("[data-decide]")
        page.fill("#v", "11093")
        assert page.locator("[data-diff]").inner_text() == "+3"
        page.fill("textarea[name=why]", "a digit too many")
        shoot(walk, "held")
        page.click("button[value=correct]")
        page.wait_for_url("**/updates/daily/3**")
        assert "ann" in page.locator("main").inner_text()
        assert walk.go("/log").locator("[id='daily/3']").inner_text().count("11,093") >= 1
        assert (walk.complaints, walk.foreign) == ([], [])


def test_refresh_now_shows_how_far_it_is_and_ends_in_a_new_card(
    browser: Browser, home: Path, publisher: Publisher
) -> None:
    publisher.page("/daily", daily_file(30, "2025-07-31,11093,31930", "2025-08-01,11096,31960"), headers=CSV)
    with served(home) as server:
        walk = Walk(browser, server.address)
        walk.log_in()
        page = walk.go("/sources/daily")
        page.click("text=Refresh now")
        page.wait_for_selector("[data-run-link] a")
        assert page.locator("[data-run-link] a").inner_text().startswith("daily/3")
        shoot(walk, "refresh")
        page.click("[data-run-link] a")
        assert "11,096" in page.locator("main").inner_text()
        assert walk.go("/log").locator("[data-update]").first.get_attribute("id") == "daily/3"
        assert (walk.complaints, walk.foreign) == ([], [])


def test_keys_lead_from_a_held_card_to_its_decision(browser: Browser, home: Path) -> None:
    with served(home) as server:
        walk = Walk(browser, server.address)
        walk.log_in()
        page = walk.go("/log")
        page.keyboard.press("j")
        page.keyboard.press("r")
        page.wait_for_url("**/held/daily/2**")
        assert page.evaluate("document.activeElement.name") == "why"
        page.keyboard.type("not so")
        page.click("button[value=reject]")
        page.wait_for_url("**/updates/daily/3**")
        assert page.locator("nav .n.hold").count() == 0


def test_who_comes_back_goes_on_there_and_what_was_typed_is_not_lost_at_a_key(
    browser: Browser, reading: PageServer
) -> None:
    walk = Walk(browser, reading.address, timezone_id="Asia/Tokyo")
    walk.log_in()
    page = walk.go("/log")
    for _ in range(2):
        page.keyboard.press("j")
    second = page.locator(".update.here").get_attribute("id")
    page.keyboard.press("Enter")
    page.wait_for_url("**/evidence**")
    assert page.locator(".candidates").evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
    page.go_back()
    assert page.locator(".update.here").get_attribute("id") == second
    page = walk.go(HELD)
    at = page.locator("time[data-at]").first
    assert ("UTC" in at.inner_text(), at.get_attribute("title")) == (False, "2 August 2025, 06:00 UTC")
    assert at.inner_text() == "2 August 2025, 15:00"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert at.inner_text() == "2 August 2025, 06:00 UTC"
    page.fill(".decide textarea", "a digit too many")
    page.locator("h1").click()
    page.keyboard.press("Escape")
    assert "/held/" in page.url
    assert page.locator(".decide textarea").input_value() == "a digit too many"
    assert walk.complaints == []


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 1440),
        ("dark", 390),
        pytest.param("dark", 1440, marks=pytest.mark.long),
        pytest.param("light", 390, marks=pytest.mark.long),
    ],
)
def test_nothing_serious_keeps_anyone_from_reading(
    browser: Browser, reading: PageServer, scheme: str, width: int
) -> None:
    walk = Walk(browser, reading.address, color_scheme=scheme, viewport={"width": width, "height": 900})
    walk.log_in()
    for path in PAGES:
        page = walk.go(path)
        found = Axe().run(page).response["violations"]
        told = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
        assert told == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if path == "/" and (scheme, width) != ("light", 1440):
            shoot(walk, f"log-{scheme}-{width}")
        if path.startswith("/compare") and (scheme, width) == ("light", 1440):
            shoot(walk, "compare")
    assert (walk.complaints, walk.foreign) == ([], [])


def test_the_theme_is_switched_and_remembered(browser: Browser, reading: PageServer) -> None:
    walk = Walk(browser, reading.address, color_scheme="light")
    page = walk.go("/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("[data-theme-switch]")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    assert walk.go("/held").locator("html").get_attribute("data-theme") == "dark"


def test_the_pages_are_whole_without_a_script(browser: Browser, reading: PageServer) -> None:
    walk = Walk(browser, reading.address, java_script_enabled=False)
    page = walk.go("/log")
    page.check("input[value=revised]")
    page.click("text=Filter")
    assert "kind=revised" in page.url
    assert walk.go("/series/count/killed").locator(".chart svg path.line").count() == 1


def test_an_archived_page_is_framed_and_runs_nothing(browser: Browser, reading: PageServer) -> None:
    walk = Walk(browser, reading.address)
    walk.log_in()
    page = walk.go(EVIDENCE)
    page.click("[data-side=new] >> text=the page as it was")
    frame = page.frame_locator("iframe")
    assert "121,507" in frame.locator("body").inner_text()
    assert page.frames[-1].title() == ""
    assert walk.foreign == []


def test_a_typed_number_is_found_proved_and_its_sentence_copied_in_few_steps(
    browser: Browser, reading: PageServer
) -> None:
    walk = Walk(browser, reading.address, permissions=["clipboard-read", "clipboard-write"])
    walk.go("/sources")
    steps, copied_text = find_prove_copy(walk, "2,353")
    assert steps <= FEWEST
    assert copied_text == ("121,507 killed, as of 31 July 2025, The Ledger Project × Radio Meridian, 2,353 more.")
    assert walk.page.locator("[data-side=new] mark.num-mark").all_inner_texts() == ["121,507", "2,353"]
    assert (walk.complaints, walk.foreign) == ([], [])


@pytest.mark.parametrize("width", [390, 768, 1024])
def test_the_box_is_there_on_every_width_and_without_a_script(
    browser: Browser, reading: PageServer, width: int
) -> None:
    walk = Walk(browser, reading.address, viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = walk.go("/")
    box = page.locator(".top [data-find]")
    assert box.is_visible()
    box.fill("110930")
    box.press("Enter")
    page.wait_for_url("**/find?q=110930")
    assert "held, does not count" in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_arrow_keys_read_the_values_of_a_chart_and_enter_proves_one(browser: Browser, reading: PageServer) -> None:
    walk = Walk(browser, reading.address)
    page = walk.go("/series/count/killed")
    page.locator("[data-chart]").focus()
    page.keyboard.press("ArrowLeft")
    read = page.locator("[data-read]")
    read.wait_for(state="visible")
    assert read.inner_text() == "121,507, as of 31 July 2025, known 2 August 2025: its evidence"
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('[data-read]').textContent.startsWith('119,154')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/updates/count/1/evidence**")
    assert (walk.complaints, walk.foreign) == ([], [])


@pytest.mark.long
def test_pointer_and_keys_reach_every_value_of_every_chart_also_where_it_is_framed(
    browser: Browser, reading: PageServer
) -> None:
    walk = Walk(browser, reading.address)
    for path in ("/series/daily/tanks", "/series/daily/guns", "/embed/daily/tanks", "/series/count/officers"):
        page = walk.go(path)
        chart = page.locator("[data-chart]")
        found = page.request.get(f"{reading.address.rstrip('/')}{chart.get_attribute('data-chart')}").json()
        chart.focus()
        page.keyboard.press("Home")
        page.locator("[data-read]").wait_for(state="visible")
        read = []
        for _ in found["points"]:
            read.append(page.locator("[data-read] b").inner_text())
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(20)
        assert read == [point[2] for point in found["points"]], path
        page.keyboard.press("Escape")
        assert not page.locator("[data-read]").is_visible()
        box = page.locator("[data-chart] svg").bounding_box()
        assert box is not None
        last = next(point for point in reversed(found["points"]) if point[0] == 0)
        page.mouse.move(box["x"] + last[4] * box["width"] / 900, box["y"] + last[5] * box["width"] / 900)
        page.wait_for_function(f"document.querySelector('[data-read] b')?.textContent === '{last[2]}'")
        if path.startswith("/embed"):
            assert page.locator("[data-read] a").get_attribute("target") == "_blank"
    assert (walk.complaints, walk.foreign) == ([], [])
