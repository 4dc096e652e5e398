"""A real count that a desk prints: found by typing its difference, proved, and its sentence copied, in few steps."""

from __future__ import annotations

from pathlib import Path

from flows.desk import Desk
from flows.past.backfill import backfill_source
from model import now
from tests.pipeline.desks import settings
from tests.real.corpus import DEFINITIONS, manifest, need
from tests.review.browsers import FEWEST, Walk, find_prove_copy, launched
from tests.review.made import served

SOURCE = "mediazona_headline"
FROM, TO = 520, 550
"""The versions between which the count rose from 119,154 to 121,507."""


def test_the_real_difference_is_found_proved_and_printed_in_few_steps(tmp_path: Path) -> None:
    need(SOURCE)
    (tmp_path / "versions").mkdir()
    listed = manifest(SOURCE, tmp_path / "versions", lambda place, _count: FROM <= place <= TO)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / f"{SOURCE}.yml").write_bytes((DEFINITIONS / f"{SOURCE}.yml").read_bytes())
    with Desk(settings(tmp_path), now) as desk:
        backfill_source(desk, desk.catalogue[SOURCE], listed)
    with launched() as browser, served(tmp_path) as server:
        walk = Walk(browser, server.address, permissions=["clipboard-read", "clipboard-write"])
        walk.go("/")
        steps, copied = find_prove_copy(walk, "2,353")
        assert steps <= FEWEST
        assert copied.startswith("121,507 confirmed dead, as of 2 August 2025, Mediazona × BBC, 2,353 more")
        proof = walk.page.locator("#print").inner_text()
        assert "121,507 less 119,154: +2,353" in proof
        assert "Nothing is open." in proof
        assert walk.complaints == []
