"""Words written from right to left: they turn nothing else, names keep to their column, quotes to their own side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator

from flows.desk import Desk
from flows.pipeline import refresh_source
from model import Instant
from review.render import bidi
from tests.pipeline.desks import settings
from tests.review.browsers import Walk, launched
from tests.review.made import define, served
from tests.sources.publisher import Publisher

TITLE, WHO = "وزارة الصحة: حصيلة القتلى", "وزارة الصحة"
DEFINITION: dict[str, Any] = {
    "title": TITLE, "publisher": {"name": WHO}, "method": "تُحصى الأسماء من سجلات المستشفيات.", "basis": "claimed",
    "tried_live": "2025-01-01", "language": "ar", "extractor": "selectors", "allow_private_addresses": True,
    "as_of": {"css": ".as-of", "pattern": r"(?P<as_of>\d+-\d+-\d+)"},
    "figures": [{
        "id": "killed", "css": ".total", "pattern": r"بلغ (?P<value>[\d,]+)(?:.* بزيادة (?P<change>[٠-٩]+))?",
        "measure": "killed", "unit": "people", "whom": "سكان المدينة", "attributed_to": [WHO],
    }],
}  # fmt: skip
PAGE = """<!doctype html><html lang="ar" dir="rtl"><body><p class="as-of">{day}</p>
<p class="total">أعلنت الوزارة أن عدد القتلى بلغ {count}{more}، في البيان رقم 12/2025.</p></body></html>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture
def arabic(home: Path, publisher: Publisher) -> Path:
    """A home in which an Arabic count rises from 58,000 to 58,950, by the 950 that it states in its own digits."""
    define(home, "health", DEFINITION, publisher.url("/health"))
    releases = (("2025-08-05", "58,000", ""), ("2025-08-08", "58,950", "، بزيادة ٩٥٠ عن السابق"))
    for day, count, more in releases:
        publisher.page("/health", PAGE.format(day=day, count=count, more=more).encode())
        with Desk(settings(home), lambda day=day: Instant(f"{day}T07:00:00Z")) as desk:
            refresh_source(desk, desk.catalogue["health"])
    return home


def box(found: Locator) -> dict[str, float]:
    """Where an element's text lies on the page."""
    return dict(found.evaluate(
        "one => { const range = document.createRange(); range.selectNodeContents(one);"
        " const found = range.getBoundingClientRect(); return {left: found.left, right: found.right} }"
    ))  # fmt: skip


@pytest.mark.parametrize("width", [1440, 390])
def test_arabic_names_and_quotes_stand_where_they_belong(browser: Browser, arabic: Path, width: int) -> None:
    with served(arabic) as server:
        walk = Walk(browser, server.address, viewport={"width": width, "height": 900})
        card = walk.go("/").locator("[id='health/2']")
        quote = card.locator("blockquote").first
        assert quote.locator("b").all_inner_texts() == ["58,950", "٩٥٠"]
        sides = quote.evaluate(
            "one => { const s = getComputedStyle(one); return [s.direction, s.borderRightWidth, s.borderLeftWidth] }"
        )
        assert sides == ["rtl", "2px", "0px"]
        assert "58,000 → 58,950" in card.locator(".headline").inner_text()

        page = walk.go("/updates/health/2/evidence?series=health%2Fkilled&as_of=2025-08-08")
        crumb = page.locator(".crumbs a").nth(1)
        assert box(crumb.locator("bdi"))["left"] == pytest.approx(box(crumb)["left"], abs=1)
        who = page.locator(".facts dd").first
        assert box(who)["left"] == pytest.approx(box(page.locator(".facts dt").first)["left"], abs=1)
        said = page.locator("[data-side=new] .said p", has=page.locator("mark")).first
        marks = said.locator("mark.num-mark")
        assert marks.all_inner_texts() == ["58,950", "٩٥٠"]
        if width == 1440:
            assert box(marks.first)["left"] > box(marks.nth(1))["right"]

        page = walk.go("/compare?measure=killed")
        name = page.locator(".claims b", has_text=WHO)
        assert box(name)["left"] == pytest.approx(box(page.locator(".claims b").first)["left"], abs=1)
        page = walk.go("/sources/health")
        lines = page.locator("pre.def")
        assert (
            lines.evaluate("one => getComputedStyle(one).direction + getComputedStyle(one).unicodeBidi") == "ltrisolate"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("plain <b>", "plain &lt;b&gt;"),
        ("was “أ”, is “ب <i>”", "was “<bdi>أ</bdi>”, is “<bdi>ب &lt;i&gt;</bdi>”"),
        ("was “أ “x” ب” now", "was “<bdi>أ “x” ب</bdi>” now"),
        ("an open “أ", "an open “أ"),
        ("a shut أ” b", "a shut أ” b"),
    ],
)
def test_what_a_sentence_cites_is_set_apart(text: str, made: str) -> None:
    assert bidi(text) == made
