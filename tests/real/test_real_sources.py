"""Real pages of sources that ship are read by their definitions as they are, foreign letters and all."""

from __future__ import annotations

import gzip
import html
import json
import re
from pathlib import Path

import pytest

import extractors
from model import Reading
from sources import load_definition
from sources.catalogue.folder import SHIPPED

PAGES = Path(__file__).parents[3] / "shared" / "data" / "html"

pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason=f"the real pages are not at {PAGES}")

COUNTS = re.compile(r"(\D*?) ?[(-] ?(\d+), of which")


def read(source_id: str, page: bytes) -> Reading:
    source = load_definition(SHIPPED / f"{source_id}.yml")
    return extractors.read(source, extractors.derive(page, media_type="text/html"))


def values(reading: Reading) -> dict[str, str]:
    return {ref: content for ref, _, content, _ in reading.cells}


MINFIN = {
    "personnel": "~81370", "tank": "2848", "apc": "5748", "field_artillery": "1839", "mrl": "393",
    "anti_aircraft_warfare": "206", "aircraft": "278", "helicopter": "261", "drone": "1509", "cruise_missiles": "399",
    "naval_ship": "16", "vehicles_and_fuel_tanks": "4316", "special_equipment": "160",
}  # fmt: skip
INCREMENTS = {"personnel": "510", "tank": "8", "apc": "6", "field_artillery": "2", "drone": "2"}


def test_minfins_page_is_read_whole() -> None:
    reading = read("minfin", (PAGES / "minfin_2022-11-14.html").read_bytes())
    assert values(reading) == MINFIN
    stated = {one.series: one.figure.content for one in reading.stated}
    assert stated == INCREMENTS | {"vehicles_and_fuel_tanks": "21"}


def test_minfins_words_are_read_although_they_hold_foreign_letters() -> None:
    lines = (PAGES / "minfin_2022-11-14_homoglyphs.txt").read_text(encoding="utf-8").splitlines()
    page = "".join(f"<li>{html.escape(line)}</li>" for line in lines if line.strip())
    reading = read("minfin", f"<html><body><ul>{page}</ul></body></html>".encode())
    assert values(reading) == MINFIN
    assert any("PC3B" in reading.figure(cell[3]).quote for cell in reading.cells)


@pytest.mark.parametrize(
    ("source_id", "name", "heading", "rules"),
    [("oryx_ukraine", "ukraine", "all", 33), ("oryx_aircraft", "aircraft", "russia", 14)],
)
def test_oryx_headings_are_read_whole(source_id: str, name: str, heading: str, rules: int) -> None:
    reading = read(source_id, gzip.decompress((PAGES / f"oryx_{name}.html.gz").read_bytes()))
    headings = json.loads((PAGES / "oryx_headings.json").read_text(encoding="utf-8"))[name]
    stated = sorted(int(found[2]) for line in headings if (found := COUNTS.match(line)))
    totals = [reading.figure(cell[3]) for cell in reading.cells]
    counted = sorted(int(figure.value or 0) for figure in totals if figure.measure == "lost")
    assert len(reading.cells) == rules
    assert values(reading)[heading] == str(stated[-1])
    assert set(counted) <= set(stated)
    assert name != "ukraine" or counted == stated
