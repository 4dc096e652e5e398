"""The answers of each family of servers are read whole by its word, and `sources new` tells the family by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from flows.past.replay import replay_source
from flows.pipeline import refresh_source
from model import PRESETS
from sources import check
from tests.pipeline.desks import desk, lines, tallybook
from tests.sources.publisher import Publisher

FOLDER = Path(__file__).parent


class Family(NamedTuple):
    """A sample source: what its server answers to each further parameter, and the figures that a person read there."""

    answers: dict[str, str]
    read: dict[str, str]
    preset: str | None = None


ADMISSIONS = {
    "admissions/n1@2026-10-04": "31",
    "admissions/n1@2026-10-11": "29",
    "admissions/s1@2026-10-11": "1208.5",
}
FAMILIES = {
    "arcgis": Family(
        {"&resultOffset=0": "1.json", "&resultOffset=2": "2.json", "&resultOffset=3": "3.json"},
        {
            "dry/north@2026-10-01": "12",
            "dry/south@2026-10-01": "7",
            "dry/north@2026-10-02": "15",
            "dry/south@2026-10-02": "1207",
        },
        "arcgis",
    ),
    "ckan": Family(
        {"&offset=0": "1.json", "&offset=2": "2.json"},
        {"visits/harbour@2026-10-04": "31", "visits/harbour@2026-10-11": "40", "visits/mill@2026-10-11": "1208"},
        "ckan",
    ),
    "socrata": Family(
        {"&$offset=0": "1.json", "&$offset=2": "2.json", "&$offset=3": "3.json"},
        {"lamps_out/1@2026-10-01": "14", "lamps_out/2@2026-10-01": "9", "lamps_out/1@2026-10-02": "16"},
        "socrata",
    ),
    "sdmx_csv": Family(
        {"": "1.csv"},
        {
            "seekers/n1/f@2026-09-30": "1204",
            "seekers/n1/m@2026-09-30": "1377",
            "seekers/n1/f@2026-10-31": "1210",
        },
        "sdmx-csv",
    ),
    "json_stat": Family(
        {"": "1.json"},
        {
            "seekers/f@2026-08-31": "1204",
            "seekers/f@2026-09-30": "1210",
            "seekers/m@2026-08-31": "1377",
            "seekers/m@2026-09-30": "1381",
            "seekers/m@2026-10-31": "1390",
        },
        "json-stat",
    ),
    "json_stat_pxweb": Family(
        {"": "1.json"},
        {
            "population/01@2026-08-31": "20481",
            "population/01@2026-09-30": "20502",
            "population/03@2026-08-31": "9120",
            "population/03@2026-09-30": "9117",
            "live_births/01@2026-08-31": "31",
            "live_births/03@2026-08-31": "0",
            "live_births/03@2026-09-30": "12",
        },
        "json-stat",
    ),
    "pxweb": Family(
        {"": "1.json"},
        {
            "dwellings_completed/01@2026-03-31": "310",
            "dwellings_completed/01@2026-06-30": "288",
            "dwellings_completed/03@2026-03-31": "12",
            "average_rent/01@2026-03-31": "1204.5",
            "average_rent/01@2026-06-30": "1.234",
            "average_rent/03@2026-06-30": "987",
        },
        "pxweb",
    ),
    "sdmx_json": Family({"": "1.json"}, ADMISSIONS, "sdmx-json"),
    "sdmx_json_2": Family({"": "1.json"}, ADMISSIONS, "sdmx-json"),
    "xml_list": Family(
        {"": "1.xml"},
        {
            "customers/n1@2026-10-31": "1204",
            "customers/n1@2026-11-01": "988",
            "customers/s1@2026-11-01": "31",
            "crews/n1@2026-10-31": "7",
            "crews/n1@2026-11-01": "9",
            "crews/s1@2026-10-31": "0",
            "crews/s1@2026-11-01": "2",
        },
    ),
    "sdmx_generic": Family(
        {"": "1.xml"},
        {"admissions/n1@2026-08-31": "31", "admissions/n1@2026-09-30": "29.5", "admissions/s1@2026-09-30": "1208"},
    ),
    "sdmx_specific": Family(
        {"": "1.xml"},
        {"admissions/n1@2026-03-31": "31", "admissions/n1@2026-06-30": "29", "admissions/s1@2026-06-30": "1208"},
    ),
    "soap": Family(
        {"": "1.xml"},
        {
            "rate/eur@2026-10-30": "1.0873",
            "rate/sek@2026-10-30": "0.0951",
            "rate/eur@2026-10-31": "1.0902",
            "rate/sek@2026-10-31": "0.0948",
        },
    ),
    "json_lines": Family(
        {"": "1.jsonl"},
        {"beds/harbour-hall@2026-10-01": "40", "beds/mill@2026-10-01": "12", "beds/harbour-hall@2026-10-02": "43"},
    ),
    "geojson": Family(
        {"": "1.json"}, {"dry/north@2026-10-01": "12", "dry/south@2026-10-01": "7", "dry/north@2026-10-02": "15"}
    ),
}


FOLLOWED = {
    "json_stat_pxweb": ("population", "live_births"),
    "pxweb": ("dwellings_completed", "average_rent"),
    "xml_list": ("customers", "crews"),
}
"""Of samples with several figures: the offers to follow."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as made:
        yield made


def serve(publisher: Publisher, name: str) -> dict[str, Any]:
    """The definition of a family's sample, whose answers are published."""
    made: dict[str, Any] = yaml.safe_load((FOLDER / name / "source.yml").read_text(encoding="utf-8"))
    for parameter, file in FAMILIES[name].answers.items():
        kind = "text/csv" if file.endswith("csv") else "application/json"
        publisher.page(made["url"] + parameter, (FOLDER / name / file).read_bytes(), headers={"Content-Type": kind})
    first = FOLDER / name / next(iter(FAMILIES[name].answers.values()))
    publisher.page(made["url"], first.read_bytes(), headers={"Content-Type": "application/octet-stream"})
    return made | {"url": publisher.url(made["url"])}


def define(home: Path, definition: dict[str, Any]) -> Path:
    path = home / "sources" / "sample.yml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(definition, allow_unicode=True), encoding="utf-8")
    return path


def table(home: Path, source: str) -> dict[str, str]:
    told = lines(tallybook(home, "table", source, "--json"))
    return {f"{one['series'].removeprefix(f'{source}/')}@{one['as_of']}": str(one["value"]) for one in told}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_definition_of_few_words_reads_all_pages_of_a_family(tmp_path: Path, publisher: Publisher, name: str) -> None:
    define(tmp_path, serve(publisher, name))
    with desk(tmp_path) as opened:
        source = opened.catalogue["sample"]
        outcome = refresh_source(opened, source)
        assert outcome.state == "changed", outcome
        newest = opened.ledger.newest_release(source)
        assert newest is not None
        assert list(opened.ledger.verify()) == []
        assert replay_source(opened, source).unreadable == 0
    assert table(tmp_path, "sample") == FAMILIES[name].read
    log = lines(tallybook(tmp_path, "log", "sample", "--json"))
    assert "part_of_many" not in [check["name"] for one in log for check in one["checks"]]


QUICK = ("ckan", "sdmx_generic")
"""The others are found in the same way, and are among the long tests."""


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in FAMILIES]
)
def test_sources_new_tells_a_family_by_its_answer_and_writes_its_word(
    tmp_path: Path, publisher: Publisher, name: str
) -> None:
    sample = serve(publisher, name)
    home = tmp_path / "home"
    environment = {"TALLYBOOK_SOURCES": "", "TALLYBOOK_HOME": str(home)}
    offered = lines(tallybook(home, "sources", "new", sample["url"], "--json", env=environment))
    numbers = [str(one["number"]) for one in offered if one["id"] in FOLLOWED.get(name, ())] or ["1"]
    chosen = ("--id", "drafted", "--follow", ",".join(numbers), "--yes")
    done = tallybook(home, "sources", "new", sample["url"], *chosen, env=environment)
    assert done.returncode == 0, done.stderr
    (path,) = home.rglob("drafted.yml")
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    family = FAMILIES[name]
    assert written.get("preset") == family.preset
    assert not family.preset or not {"rows", "paging"} & set(written)
    assert tallybook(home, "refresh", "drafted", env=environment).returncode == 0
    values = sorted(table_values(home, environment))
    assert values == sorted(FAMILIES[name].read.values())


def table_values(home: Path, environment: dict[str, str]) -> list[str]:
    return [str(one["value"]) for one in lines(tallybook(home, "table", "drafted", "--json", env=environment))]


def test_every_preset_has_a_sample_that_is_read() -> None:
    assert {family.preset for family in FAMILIES.values()} == {None, *PRESETS}


def test_what_a_definition_states_itself_wins(tmp_path: Path, publisher: Publisher) -> None:
    sample = serve(publisher, "arcgis")
    sample["paging"] = {"offset": "resultOffset", "more": "$.exceededTransferLimit", "most_pages": 2}
    define(tmp_path, sample)
    with desk(tmp_path) as opened:
        assert "more than 2 pages" in refresh_source(opened, opened.catalogue["sample"]).message


def test_a_preset_that_another_extractor_reads_is_refused(tmp_path: Path, publisher: Publisher) -> None:
    path = define(tmp_path, serve(publisher, "sdmx_csv") | {"extractor": "json"})
    assert "preset" in [problem.key for problem in check(path)]


def test_an_answer_that_is_cut_between_its_pages_counts_for_nothing(tmp_path: Path, publisher: Publisher) -> None:
    """An ArcGIS server says that it failed with status 200, in the middle of a layer."""
    sample = serve(publisher, "arcgis")
    failing = json.dumps({"error": {"code": 500, "message": "Error performing query operation", "details": []}})
    path = sample["url"].removeprefix(publisher.url("")) + "&resultOffset=3"
    publisher.page(path, failing.encode(), headers={"Content-Type": "application/json"})
    define(tmp_path, sample)
    with desk(tmp_path) as opened:
        assert refresh_source(opened, opened.catalogue["sample"]).state == "failed"
        assert opened.ledger.newest_release(opened.catalogue["sample"]) is None


def test_an_answer_that_is_not_what_the_preset_names_says_what_such_an_answer_is(
    tmp_path: Path, publisher: Publisher
) -> None:
    sample = serve(publisher, "arcgis") | {"preset": "ckan"}
    for path in ("offset=0", "offset=2"):
        publisher.page(
            sample["url"].removeprefix(publisher.url("")) + f"&{path}", (FOLDER / "arcgis/1.json").read_bytes()
        )
    define(tmp_path, sample)
    with desk(tmp_path) as opened:
        message = refresh_source(opened, opened.catalogue["sample"]).message
    assert "$.result" in message
    assert "preset: ckan reads the records of a CKAN datastore, such as https://" in message


def new(home: Path, url: str, *more: str) -> Any:
    return tallybook(home, "sources", "new", url, *more, env={"TALLYBOOK_SOURCES": "", "TALLYBOOK_HOME": str(home)})


def test_sources_new_follows_next_addresses_and_writes_where_they_stand(tmp_path: Path, publisher: Publisher) -> None:
    """The first page has one ward alone: only the second shows what tells the rows of one day apart."""
    wards = ("North", "South End")
    rows = [
        {"day": f"2026-10-0{day}", "ward": ward, "lamps": 10 * day + len(ward)} for ward in wards for day in (1, 2, 3)
    ]
    for number, (part, following) in enumerate(((rows[:3], "/lamps?page=2"), (rows[3:], None)), start=1):
        page = {"links": {"next": following}, "items": part}
        path = "/lamps" if number == 1 else f"/lamps?page={number}"
        publisher.page(path, json.dumps(page).encode(), headers={"Content-Type": "application/json"})
    done = new(tmp_path, publisher.url("/lamps"), "--id", "drafted", "--follow", "1", "--yes")
    assert done.returncode == 0, done.stderr
    written = yaml.safe_load((tmp_path / "sources" / "drafted.yml").read_text(encoding="utf-8"))
    assert (written["paging"], written["by"]) == ({"next": "$.links.next"}, {"ward": "ward"})
    assert "reads 6 values" in done.stderr


def test_sources_new_looks_at_so_many_pages_and_no_more(tmp_path: Path, publisher: Publisher) -> None:
    for number in range(1, 60):
        page = {
            "next": f"/endless?page={number + 1}",
            "items": [{"day": f"2025-{number % 12 + 1:02}-{number // 12 + 1:02}", "lamps": number}],
        }
        path = "/endless" if number == 1 else f"/endless?page={number}"
        publisher.page(path, json.dumps(page).encode(), headers={"Content-Type": "application/json"})
    done = new(tmp_path, publisher.url("/endless"), "--id", "drafted", "--follow", "1", "--yes")
    assert done.returncode == 0, done.stderr
    assert "reads 20 values" in done.stderr
    assert len(publisher.requests) == 21
