"""Names as long as they may be, five hundred places, and names from right to left: no page is wider than its window."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
import yaml
from playwright.sync_api import Browser

from extractors.tables.rows import LONGEST_LABEL
from flows.desk import Desk
from flows.pipeline import take
from model import Fetched, Instant
from review.server import PageServer
from tests.pipeline.desks import settings
from tests.review.browsers import Walk, launched
from tests.review.made import served

NAME = "Department of Statistics and Coordination of the Regional Administration for Civil Registration "
LONG = (NAME * 4)[:300].strip()
LABELS = {
    "long": [f"{number} {LONG}"[:LONGEST_LABEL] for number in range(3)],
    "places": [f"Place {number}" for number in range(500)],
    "arabic": ["القاهرة", "الإسكندرية"],
}
TITLES = {"long": LONG, "places": "Five hundred places", "arabic": "عدد المفقودين حسب المدينة"}
WHY = "asked by telephone, and the office said that the figure stands as it was printed in August " * 3
PAGES = ("/", "/updates/long/2", "/updates/places/2", "/updates/arabic/2", "/sources", "/series", "/compare",
         "/versions/long/missing/0", "/held")  # fmt: skip


def table(labels: list[str], days: int) -> bytes:
    """Five hundred in August: the second release restates the first day by a digit too many."""
    rows = [
        f'2025-08-{day:02d},"{label}",{1_000_000 + 1000 * at + day}'
        for day, (at, label) in product(range(1, days + 1), enumerate(labels))
    ]
    return "\n".join(["date,who,n", *rows]).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    home = tmp_path_factory.mktemp("long")
    (home / "sources").mkdir()
    for name, title in TITLES.items():
        definition = {
            "title": title, "publisher": {"name": title[:200]}, "method": "Typed in.", "basis": "claimed",
            "tried_live": "2025-01-01", "coverage": "full", "extractor": "csv", "as_of": {"column": "date"},
            "url": f"https://example.org/{name}.csv", "by": {"whom": "who"},
            "figures": [{"id": "missing", "column": "n", "unit": "people", "measure": "missing"}],
        }  # fmt: skip
        (home / "sources" / f"{name}.yml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    with Desk(settings(home)) as desk:
        for name, labels in LABELS.items():
            for days in (2, 3):
                content = table(labels, days)
                if (name, days) == ("long", 3):
                    content = content.replace(b"1000003", b"10000030")
                at = Instant(f"2025-08-{days:02d}T06:00:00Z")
                source = desk.catalogue[name]
                take(
                    desk,
                    source,
                    Fetched(url=str(source.url), at=at, status=200, content=content, media_type="text/csv"),
                )
        (held,) = {change.series for one in desk.views.held() for change in one.changes}
        desk.ledger.decide("long", "long/2", "accept", series=held, who="ann", why=WHY)
    with served(home) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_no_page_is_wider_than_its_window(browser: Browser, server: PageServer, width: int) -> None:
    walk = Walk(browser, server.address, viewport={"width": width, "height": 900})
    for path in PAGES:
        page = walk.go(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        over = page.evaluate(
            """() => [...document.querySelectorAll("table td, table th")].filter(cell => {
                const table = cell.closest("table").getBoundingClientRect(), own = cell.getBoundingClientRect();
                return own.width && (own.right > table.right + 1 || own.left < table.left - 1);
            }).map(cell => cell.textContent.slice(0, 60))"""
        )
        assert over == [], path


def test_a_name_from_right_to_left_leaves_day_and_number_in_their_order(browser: Browser, server: PageServer) -> None:
    page = Walk(browser, server.address).go("/updates/arabic/2")
    quote = page.locator("mark", has_text="missing").first
    number, name = quote.locator("b").bounding_box(), quote.locator("bdi").bounding_box()
    assert number is not None
    assert name is not None
    assert number["x"] > name["x"] + name["width"]
