"""Tables of PDFs are followed as those of pages are: from the address to the place of a cell on the evidence page."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from flows.past.replay import replay_source
from flows.pipeline import refresh_source
from review.app import create_app
from tests.extractors.pdfs import Figures, Layout, figures, made
from tests.pipeline.desks import desk, lines, tallybook
from tests.review.made import office
from tests.sources.publisher import Publisher

FOLDER = Path(__file__).parent / "pdf"
FIRST = Figures([("North", 1204, 31, Decimal("1.5")), ("South", 7, None, Decimal("0.2")), ("West Bank", 88, 2, None)])
SECOND = Figures([("North", 1311, 33, Decimal("1.5")), ("South", 9, 1, Decimal("0.3")), ("West Bank", 88, 2, None)])
RELEASES = {
    "1.pdf": (FIRST, Layout(rules="grid", notes=True)),
    "2.pdf": (SECOND, Layout(rules="books", order=(0, 3, 2, 1), group=" ")),
}
"""A table with lines and marks of notes, and the next one without, its columns in another order."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as one:
        yield one


def serve(publisher: Publisher, name: str) -> dict[str, Any]:
    definition: dict[str, Any] = yaml.safe_load((FOLDER / "source.yml").read_text(encoding="utf-8"))
    publisher.page(definition["url"], (FOLDER / name).read_bytes(), headers={"Content-Type": "application/pdf"})
    return definition | {"url": publisher.url(definition["url"])}


def table(home: Path) -> dict[str, str]:
    told = lines(tallybook(home, "table", "sample", "--json"))
    return {one["series"].removeprefix("sample/"): str(one["value"]) for one in told}


@pytest.mark.parametrize("name", RELEASES)
def test_the_samples_are_as_their_maker_makes_them(name: str) -> None:
    assert (FOLDER / name).read_bytes() == made(*RELEASES[name])


def test_two_releases_are_read_by_their_headings_whatever_their_order(tmp_path: Path, publisher: Publisher) -> None:
    definition = serve(publisher, "1.pdf")
    path = tmp_path / "sources" / "sample.yml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(definition, allow_unicode=True), encoding="utf-8")
    with desk(tmp_path) as opened:
        source = opened.catalogue["sample"]
        assert refresh_source(opened, source).state == "changed"
        assert table(tmp_path) == {
            "cases/north": "1204", "cases/south": "7", "cases/west-bank": "88", "deaths/north": "31",
            "deaths/west-bank": "2",
        }  # fmt: skip
        serve(publisher, "2.pdf")
        outcome = refresh_source(opened, source, force=True)
        assert outcome.state == "changed", outcome
        assert list(opened.ledger.verify()) == []
        assert replay_source(opened, source).unreadable == 0
    with office(tmp_path) as found, TestClient(create_app(found), base_url="http://127.0.0.1:8400") as client:
        shown = client.get("/updates/sample/2/evidence?series=sample/cases/north&as_of=2026-01-31").text
    assert "page 1, row 2, column Cases" in shown
    assert "left, top, right, bottom: 3" in shown
    assert table(tmp_path)["cases/north"] == "1311"
    assert table(tmp_path)["deaths/south"] == "1"


def test_sources_new_offers_the_tables_of_a_pdf_and_writes_a_definition_that_reads_it(
    tmp_path: Path, publisher: Publisher
) -> None:
    publisher.page("/bulletin.pdf", made(figures(random.Random(5)), Layout(second=True)))
    url, environment = publisher.url("/bulletin.pdf"), {"TALLYBOOK_SOURCES": "", "TALLYBOOK_HOME": str(tmp_path)}
    offered = lines(tallybook(tmp_path, "sources", "new", url, "--json", env=environment))
    columns = {one["rule"]["column"]: one for one in offered if one["extractor"] == "pdf"}
    assert list(columns) == ["Cases", "Deaths", "Rate", "Beds", "Free"]
    chosen = ("--id", "drafted", "--follow", str(columns["Cases"]["number"]), "--yes")
    done = tallybook(tmp_path, "sources", "new", url, *chosen, env=environment)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.rglob("drafted.yml")
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert (written["extractor"], written["by"]) == ("pdf", {"region": "Region"})
    assert written["as_of"]["format"] == "%d %B %Y"
    assert tallybook(tmp_path, "refresh", "drafted", env=environment).returncode == 0
