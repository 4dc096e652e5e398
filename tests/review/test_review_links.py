"""No link of any page is dead: every page of a small ledger is followed to every other, also of what was never read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient

from review.app import create_app
from tests.pipeline.desks import DAILY
from tests.review.made import PASSWORD, copied, define, office

MOST = 120
"""So many kinds of pages are looked at, those that are fewest clicks away first."""
COUNTED = ("killed", "officers")
NAMING = ("source", "series")
"""What is asked for by these is another page each."""


@pytest.fixture(scope="module")
def visitors(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, TestClient]]:
    """A browser that nobody is logged in with, and an admin's; one source of the ledger was never read."""
    home = copied(built, tmp_path_factory.mktemp("links"))
    figures = [one | {"counts_as": f"count/{other}"} for one, other in zip(DAILY["figures"], COUNTED, strict=True)]
    define(home, "never", DAILY | {"title": "Never read", "figures": figures}, "https://never.example/daily.csv")
    with office(home) as found:
        app = create_app(found)
        browsers = {name: TestClient(app, base_url="http://127.0.0.1:8400") for name in ("nobody", "ann")}
        browsers["ann"].cookies.set("tallybook_session", str(found.store.log_in("ann", PASSWORD)))
        yield browsers


def shape(address: str) -> tuple[str, ...]:
    """What pages of one kind have in common: the path without numbers and digests, and what is asked."""
    parts = urlsplit(address)
    asked = sorted(
        name if name not in ("source", "series") else f"{name}={told}" for name, told in parse_qsl(parts.query)
    )
    return (re.sub(r"[0-9a-f]{64}|\d+", "#", parts.path), *asked)


def links(page: str, address: str) -> list[str]:
    """The addresses of ours that a page leads to."""
    found = BeautifulSoup(page, "lxml").select("a[href], link[href], script[src], img[src], iframe[src]")
    named = [str(one.get("href") or one.get("src")) for one in found]
    whole = [urldefrag(urljoin(f"http://here{address}", one))[0] for one in named]
    return [one.removeprefix("http://here") for one in whole if one.startswith("http://here/")]


@pytest.mark.parametrize("who", ["ann", pytest.param("nobody", marks=pytest.mark.long)])
def test_no_link_is_dead(visitors: dict[str, TestClient], who: str) -> None:
    client, seen, dead = visitors[who], set(), {}
    queue = [("/", ""), ("/log", ""), ("/sources/never", ""), ("/compare", ""), ("/api", "")]
    while queue and len(seen) < MOST:
        address, origin = queue.pop(0)
        if shape(address) in seen or address.startswith("/login"):
            continue
        seen.add(shape(address))
        answer = client.get(address)
        if answer.status_code != 200:
            dead[address] = (answer.status_code, origin)
        elif answer.headers["content-type"].startswith("text/html"):
            queue += [(one, address) for one in links(answer.text, address)]
    assert dead == {}
    assert len(seen) > 30


def test_the_api_is_told_to_people_with_examples_that_run(visitors: dict[str, TestClient]) -> None:
    page = BeautifulSoup(visitors["nobody"].get("/api").text, "lxml")
    examples = [str(one["href"]) for one in page.select("section a")]
    assert len(examples) > 10
    for one in examples:
        answer = visitors["nobody"].get(one)
        told = answer.headers["content-type"].partition(";")[0]
        assert (answer.status_code, told in ("application/json", "text/plain")) == (200, True), one
    assert len(examples) == len(page.select("section pre")), "each stands as a command too"


def test_a_source_that_was_never_read_has_an_empty_log_and_an_unknown_one_none(
    visitors: dict[str, TestClient],
) -> None:
    nobody = visitors["nobody"]
    assert nobody.get("/api/log?source=never").json() == {"items": [], "next": None}
    assert "Never read: what changed" in nobody.get("/sources/never/feed.atom").text
    assert [nobody.get(f"/{path}?source=nothing").status_code for path in ("log", "api/log")] == [404, 404]
