"""The manifests made of the real archives hold every version, in the order in which the world could read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import extractors
from tests.real.corpus import DEFINITIONS, SERIES, manifest, source, truth


@pytest.mark.parametrize(
    ("name", "count"), [("mediazona_by_death_date", 27), ("shasta", 119), ("mediazona_headline", 574)]
)
def test_a_manifest_names_every_version_in_order(name: str, count: int, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in manifest(name, tmp_path).read_text("utf-8").splitlines()]
    times = [line["fetched_at"] for line in lines]
    assert len(lines) == count
    assert times == sorted(times)
    assert all((tmp_path / line["path"]).is_file() for line in lines)


def test_a_broken_version_stands_before_the_sound_one_that_replaced_it(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in manifest("ua_personnel", tmp_path).read_text("utf-8").splitlines()]
    names = [line["path"] for line in lines]
    assert len(names) == len(truth("ua_personnel")) + 2
    for broken in (name for name in names if ".broken." in name):
        assert names[names.index(broken) + 1].startswith(broken[:4])


@pytest.mark.parametrize("name", SERIES)
def test_a_shipped_definition_can_be_read_and_names_its_reader(name: str) -> None:
    definition = source(name)
    assert (definition.id, definition.tried_live) == (name, "never")
    assert extractors.reader(definition).extractor == definition.extractor
    patterns = [rule.pattern for rule in definition.figures if rule.pattern]
    assert [extractors.check_pattern(pattern) for pattern in patterns] == [None] * len(patterns)


def test_every_real_series_tried_here_has_a_shipped_definition() -> None:
    assert {path.stem for path in DEFINITIONS.glob("*.yml")} >= set(SERIES)
