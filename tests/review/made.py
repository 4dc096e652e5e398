"""A ledger to look at: a count that states its increase, a daily file with a digit too many, an article's claims."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from cli.commands.serve import office_of, store_of
from flows.desk import Desk
from flows.pipeline import refresh_source
from model import Instant, now
from review import Office
from review.server import PageServer
from tests.pipeline.desks import DAILY, settings
from tests.sources.publisher import Publisher

PASSWORD = "four plain words here"
DAYS = (Instant("2025-08-01T06:00:00Z"), Instant("2025-08-02T06:00:00Z"))
CSV = {"Content-Type": "text/csv; charset=utf-8"}

COUNT: dict[str, Any] = {
    "title": "The count by name",
    "publisher": {"name": "The Ledger Project"},
    "method": "Each name is confirmed by an obituary.",
    "basis": "counted",
    "tried_live": "2025-01-01",
    "extractor": "selectors",
    "as_of": {"css": ".as-of", "pattern": r"(?P<as_of>\d+ \w+ \d+)", "format": "%d %B %Y"},
    "figures": [
        {
            "id": "killed",
            "css": ".total",
            "pattern": r"names of (?P<value>[\d,]+) soldiers(?: .* (?P<change>[\d,]+) more)?",
            "measure": "killed",
            "unit": "people",
            "whom": "Norlandic soldiers",
            "attributed_to": ["The Ledger Project", "Radio Meridian"],
        },
        {
            "id": "officers",
            "css": ".officers",
            "pattern": r"(?P<qualifier>over) (?P<value>[\d,]+) officers",
            "measure": "killed",
            "unit": "people",
            "category": "officers",
        },
    ],
    "allow_private_addresses": True,
}
CLAIMS: dict[str, Any] = {
    "title": "Claims in an article",
    "publisher": {"name": "The Courier"},
    "method": "Quotes what officials say.",
    "basis": "claimed",
    "tried_live": "2025-01-01",
    "language": "en",
    "extractor": "prose",
    "series": [{"id": "missing", "match": {"measure": "missing", "kind": "total"}}],
    "allow_private_addresses": True,
}
ARTICLE = """<html><body><main><p>On 1 August 2025 the ministry said that 1,234 soldiers are missing.</p>
<p>The minister also said that 500 soldiers were captured in July 2025.</p></main></body></html>"""


def count_page(total: str, day: str, more: str = "", officers: str = "5,300") -> bytes:
    """One release of the count by name."""
    tail = f", {more} more since the last update" if more else ""
    return f"""<!doctype html><html><head><script>document.title = "run"</script></head><body>
<h1>The names of the dead</h1><p class="as-of">Complete as of {day}.</p>
<p class="total">The names of {total} soldiers are confirmed{tail}.</p>
<p class="officers">Among them are over {officers} officers.</p></body></html>""".encode()


def daily_file(days: int, *extra: str) -> bytes:
    """A file of running totals for the days of July 2025, and further lines."""
    rows = [f"2025-07-{day:02},{11000 + 3 * day},{31000 + 30 * day}" for day in range(1, days + 1)]
    return "\n".join(["date,tanks,guns", *rows, *extra, ""]).encode()


def define(home: Path, name: str, definition: dict[str, Any], url: str) -> None:
    """Write a definition."""
    (home / "sources").mkdir(parents=True, exist_ok=True)
    (home / "sources" / f"{name}.yml").write_text(yaml.safe_dump(definition | {"url": url}), encoding="utf-8")


def build(home: Path, publisher: Publisher) -> None:
    """Two days of three sources, and a user: `count/2` rises by the 2,353 it states, `daily/2` is held in part."""
    for name, definition in (("count", COUNT), ("claims", CLAIMS), ("daily", DAILY | {"coverage": "full"})):
        define(home, name, definition, publisher.url(f"/{name}"))
    publisher.page("/claims", ARTICLE.encode())
    for at, count, daily in (
        (DAYS[0], count_page("119,154", "18 July 2025"), daily_file(30)),
        (
            DAYS[1],
            count_page("121,507", "31 July 2025", "2,353", "5,400"),
            daily_file(30, "2025-07-31,110930,31930"),
        ),
    ):
        publisher.page("/count", count)
        publisher.page("/daily", daily, headers=CSV)
        with Desk(settings(home), lambda at=at: at) as desk:
            for name in desk.catalogue:
                refresh_source(desk, desk.catalogue[name])
    store_of(settings(home)).add("ann", PASSWORD)


@contextmanager
def office(home: Path) -> Iterator[Office]:
    """The office over a home, as `serve` makes it."""
    with Desk(settings(home), now) as desk:
        yield office_of(desk)


@contextmanager
def served(home: Path) -> Iterator[PageServer]:
    """The review page over a home, on a free port."""
    with office(home) as found, PageServer(found, "127.0.0.1", 0) as page:
        yield page


def copied(home: Path, to: Path) -> Path:
    """A copy of a home to change."""
    shutil.copytree(home, to, dirs_exist_ok=True)
    return to
