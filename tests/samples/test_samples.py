"""Each shipped definition reads its samples through the real pipeline, and gives the figures a person read in them.

A folder `tests/samples/<id>/` holds pages written by us in the publisher's markup and `expected.json`: the releases in
their order, each with the moment of the fetch, the file that is served at each address, and the figures that the
accepted table gains (`series@as-of` to canonical content). Every host of the definition is served from loopback.
"""

from __future__ import annotations

import json
import mimetypes
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import extractors
from flows.drafts.trying import try_live
from flows.pipeline import refresh_source
from model import Instant, write_content
from sources import Catalogue, load_definition
from sources.catalogue.folder import SHIPPED
from tests.pipeline.desks import desk
from tests.review.browsers import chromium
from tests.sources.publisher import Publisher

SAMPLES = Path(__file__).parent
BINARY = (".xls", ".xlsx", ".ods", ".zip", ".pdf")
ROOT = SAMPLES.parents[1]
IDS = sorted(folder.name for folder in SAMPLES.iterdir() if (folder / "expected.json").is_file())
# These follow files of a finished series, which the tests over their real versions read as a whole.
READ_ELSEWHERE = frozenset(
    (
        "mediazona_by_death_date",
        "mediazona_headline",
        "nics",
        "oryx_types",
        "scotland_govscot",
        "shasta",
        "uk_indicators",
        "wyoming",
    )
)


def expected(source_id: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((SAMPLES / source_id / "expected.json").read_text(encoding="utf-8"))
    return told


def on_loopback(text: str, publisher: Publisher) -> str:
    """Every https address of a text as one of the publisher on this machine, its host as the first part of the path."""
    return text.replace("https://", publisher.url("/")).replace("https:\\/\\/", publisher.url("/").replace("/", "\\/"))


def define(home: Path, source_id: str, publisher: Publisher) -> None:
    made = yaml.safe_load((SHIPPED / f"{source_id}.yml").read_text(encoding="utf-8"))
    made["allow_private_addresses"] = True
    if "url" in made:
        made["url"] = on_loopback(made["url"], publisher)
    for key in ("url", "links", "address"):
        if key in made.get("listing", {}):
            made["listing"][key] = on_loopback(made["listing"][key], publisher)
    (home / "sources").mkdir(parents=True, exist_ok=True)
    (home / "sources" / f"{source_id}.yml").write_text(yaml.safe_dump(made, allow_unicode=True), encoding="utf-8")


def serve(publisher: Publisher, source_id: str, pages: dict[str, str]) -> None:
    for address, name in pages.items():
        path = address.removeprefix("https:/")
        host = path.split("/")[1]
        content = (SAMPLES / source_id / name).read_bytes()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if not name.endswith(BINARY):
            text = on_loopback(content.decode(), publisher)
            content = re.sub(r'(href|src)="/(?!/)', rf'\1="/{host}/', text).encode()
            kind += "; charset=utf-8"
        publisher.page(path, content, headers={"Content-Type": kind})


@pytest.mark.parametrize("source_id", IDS)
def test_a_definition_gives_the_figures_that_a_person_read_in_its_samples(source_id: str, tmp_path: Path) -> None:
    if load_definition(SHIPPED / f"{source_id}.yml").fetch == "browser":
        chromium()
    figures: dict[str, str] = {}
    with Publisher() as publisher:
        define(tmp_path, source_id, publisher)
        for release in expected(source_id)["releases"]:
            serve(publisher, source_id, release["pages"])
            with desk(tmp_path, Instant(release["at"])) as opened:
                assert not opened.catalogue.problems
                outcome = refresh_source(opened, opened.catalogue[source_id])
                assert (outcome.state, outcome.message) == (release.get("state", "changed"), release.get("message", ""))
                figures |= release["figures"]
                table = {
                    f"{row.series.split('/', 1)[1]}@{row.as_of}": write_content(
                        row.value, row.low, row.high, row.qualifier
                    )
                    for row in opened.ledger.views.table()
                }
                assert table == figures
                updates = [opened.ledger.views.update(name) for name in outcome.updates]
                changes = [change for update in updates for change in update.changes]
                stated = {
                    f"{change.series.split('/', 1)[1]}@{change.as_of}": change.stated.verdict
                    for change in changes
                    if change.stated and change.stated.verdict != "no_baseline"
                }
                assert stated == release.get("stated", {})
                warned = {check.name for update in updates for check in update.checks if check.result != "pass"}
                assert warned == set(release.get("warned", []))


@pytest.mark.parametrize("source_id", ["general_staff_en", "mediazona", "meduza", "minfin", "russianwarship"])
def test_trying_live_reads_the_newest_release_and_records_nothing(source_id: str, tmp_path: Path) -> None:
    release = expected(source_id)["releases"][0]
    with Publisher() as publisher:
        define(tmp_path, source_id, publisher)
        serve(publisher, source_id, release["pages"])
        with desk(tmp_path, Instant(release["at"])) as opened:
            tried = try_live(opened, opened.catalogue[source_id])
            assert tried.problems == []
            found = {write_content(one.value, one.low, one.high, one.qualifier) for one in tried.figures}
            assert found == set(release["figures"].values())
            assert opened.ledger.standings() == []


def test_trying_a_listing_that_leads_nowhere_says_so(tmp_path: Path) -> None:
    with Publisher() as publisher:
        define(tmp_path, "meduza", publisher)
        publisher.page("/meduza.io/rss/en/all", b"<html><body>Moved.</body></html>")
        with desk(tmp_path) as opened:
            tried = try_live(opened, opened.catalogue["meduza"])
            assert tried.figures == []
            assert "has no link" in tried.problems[0]


@pytest.mark.parametrize("source_id", IDS)
def test_every_sample_page_is_read_by_somebody_and_there_is_a_second_release(source_id: str) -> None:
    releases = expected(source_id)["releases"]
    named = {name for release in releases for name in release["pages"].values()}
    there = {path.name for path in (SAMPLES / source_id).iterdir()} - {"expected.json"}
    assert named == there
    assert len(releases) >= 2
    assert all(release["figures"] for release in releases)


def test_every_definition_has_samples_a_page_of_its_own_and_passes_check() -> None:
    catalogue = Catalogue.load(check_pattern=extractors.check_pattern)
    assert catalogue.problems == ()
    assert set(catalogue.ids()) - READ_ELSEWHERE == set(IDS)
    pages = {path.stem for path in (ROOT / "docs" / "sources").glob("*.md")} - {"README"}
    assert pages == set(catalogue.ids())


@pytest.mark.parametrize("source_id", Catalogue.load().ids())
def test_the_page_of_a_source_says_what_only_a_person_knows_and_repeats_no_definition(source_id: str) -> None:
    source = load_definition(SHIPPED / f"{source_id}.yml")
    text = " ".join((ROOT / "docs" / "sources" / f"{source_id}.md").read_text(encoding="utf-8").split())
    known = dict(re.findall(r"\*\*([A-Z][a-z ]+)\*\* (.{3,}?)(?= \*\*[A-Z]|$)", text))
    assert f"definitions/{source_id}.yml" in text
    assert {"Rhythm", "Quirks"} <= set(known), known
    assert [fact for fact in (source.method, source.caveats) if fact and " ".join(fact.split()) in text] == []
    # Whoever saw it read live says what they saw, in place of why nobody has.
    assert ("Not tried live" in known) == (source.tried_live == "never")
    assert ("Seen live" in known) == (source.tried_live != "never")


def test_counts_as_names_a_series_that_some_definition_follows() -> None:
    catalogue = Catalogue.load()
    for source_id in catalogue:
        for rule in catalogue[source_id].series:
            if rule.counts_as:
                of, _, series = rule.counts_as.partition("/")
                assert catalogue[of].rule(series.split("/")[0]) is not None, rule.counts_as
