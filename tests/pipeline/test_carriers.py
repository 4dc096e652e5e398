"""One claim carried by many reports is one claim with many carriers, and each says where else it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import PAPER, define, desk, lines, tallybook
from tests.sources.publisher import Publisher

CARRIER = PAPER | {
    "series": [
        {"id": "killed", "match": {"measure": "killed", "whom": ["Russian"]}, "counts_as": "counter/killed"},
    ],
}
COUNTER = CARRIER | {
    "extractor": "selectors",
    "series": None,
    "figures": [{"id": "killed", "css": "b", "measure": "killed", "unit": "people"}],
}
SENTENCE = "<p>Mediazona has confirmed the names of {} Russian soldiers killed in the war.</p>"


def read(home: Path, publisher: Publisher, name: str, page: str, day: int) -> list[str]:
    """Refresh one source and return what its newest update says of carrying."""
    publisher.page(f"/{name}", page.encode())
    folder = home / "sources"
    folder.mkdir(exist_ok=True)
    made = {key: value for key, value in (COUNTER if name == "counter" else CARRIER).items() if value is not None}
    (folder / f"{name}.yml").write_text(yaml.safe_dump(made | {"url": publisher.url(f"/{name}")}))
    with desk(home, Instant(f"2025-08-{day:02}T09:00:00Z")) as opened:
        outcome = refresh_source(opened, opened.catalogue[name])
        assert (outcome.state, outcome.message) == ("changed", "")
        checks = opened.ledger.views.update(str(outcome.update)).checks
        return [check.message for check in checks if check.name == "carried"]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def test_a_carrier_names_the_counters_update_and_the_other_carriers(tmp_path: Path, publisher: Publisher) -> None:
    assert read(tmp_path, publisher, "counter", "<b>121,507</b>", 1) == []
    own = "the claim of counter/killed as of 2025-08-01 (counter/1)"
    assert read(tmp_path, publisher, "first", SENTENCE.format("121,507"), 2) == [own]
    assert read(tmp_path, publisher, "second", SENTENCE.format("121,507"), 3) == [f"{own}; also carried by first/1"]


def test_carriers_find_each_other_without_the_counter(tmp_path: Path, publisher: Publisher) -> None:
    assert read(tmp_path, publisher, "first", SENTENCE.format("121,507"), 2) == []
    assert read(tmp_path, publisher, "second", SENTENCE.format("121,507"), 3) == ["also carried by first/1"]


def test_a_value_that_the_counter_never_had_is_told_beside_what_it_has(tmp_path: Path, publisher: Publisher) -> None:
    read(tmp_path, publisher, "counter", "<b>121,507</b>", 1)
    told = read(tmp_path, publisher, "first", SENTENCE.format("122,000"), 2)
    assert told == ["counter/killed has no 122,000; it stands at 121,507 as of 2025-08-01"]


EDITION = COUNTER | {"as_of": {"css": "i", "format": "%d %B %Y"}}


def edition(home: Path, publisher: Publisher, name: str, value: str, day: int) -> list[tuple[str, str]]:
    """Refresh one edition of a bulletin and return what its newest update says of the other."""
    publisher.page(f"/{name}", f"<i>{day} August 2025</i> <b>{value}</b>".encode())
    folder = home / "sources"
    folder.mkdir(exist_ok=True)
    rule = dict(COUNTER["figures"][0]) | ({} if name == "first" else {"counts_as": "first/killed"})
    made = {key: value for key, value in (EDITION | {"figures": [rule]}).items() if value is not None}
    (folder / f"{name}.yml").write_text(yaml.safe_dump(made | {"url": publisher.url(f"/{name}")}))
    with desk(home, Instant(f"2025-08-{day + 1:02}T09:00:00Z")) as opened:
        outcome = refresh_source(opened, opened.catalogue[name])
        told = opened.ledger.views.update(str(outcome.update)).checks
        return [(check.name, check.message) for check in told if check.name in ("carried", "witness_differs")]


def test_editions_of_one_bulletin_are_set_against_each_other(tmp_path: Path, publisher: Publisher) -> None:
    assert edition(tmp_path, publisher, "first", "121,507", 1) == []
    same = ("carried", "the claim of first/killed as of 2025-08-01 (first/1)")
    assert edition(tmp_path, publisher, "second", "121,507", 1) == [same]
    assert edition(tmp_path, publisher, "first", "122,607", 2) == []
    other = ("witness_differs", "first/killed has 122,607 as of 2025-08-02 (first/2), not 122,067")
    assert edition(tmp_path, publisher, "second", "122,067", 2) == [other]
    behind = ("carried", "first/killed has no 123,000; it stands at 122,607 as of 2025-08-02")
    over = ("witness_differs", f"no longer: {other[1]}")
    assert edition(tmp_path, publisher, "second", "123,000", 3) == [behind, over]


def test_a_copy_is_proposed_until_its_definition_says_so(tmp_path: Path, publisher: Publisher) -> None:
    table = "date,tanks,guns\n" + "".join(f"2025-01-{day:02},{9_000 + day * day},{day}\n" for day in range(1, 21))
    publisher.page("/table.csv", table.encode(), headers={"Content-Type": "text/csv"})
    for name in ("ministry", "paper"):
        define(tmp_path, name, publisher.url("/table.csv"))
        assert tallybook(tmp_path, "refresh", name).returncode == 0
    (found,) = lines(tallybook(tmp_path, "sources", "mirrors", "--json"))
    pair = {found["series"], found["of"]}
    assert (pair, found["equal"], found["stated"]) == ({"ministry/tanks", "paper/tanks"}, 20, 20)
    told = tallybook(tmp_path, "sources", "mirrors")
    assert f"its definition says: counts_as: {found['of']}" in told.stdout
    rule = {"id": "tanks", "column": "tanks", "counts_as": "ministry/tanks"}
    define(tmp_path, "paper", publisher.url("/table.csv"), figures=[rule])
    told = tallybook(tmp_path, "sources", "mirrors")
    assert (told.stdout, told.stderr) == ("", "no series states the numbers of another source's\n")
