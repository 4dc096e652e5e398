"""One claim carried by many reports is one claim with many carriers, and each says where else it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import PAPER, desk
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
