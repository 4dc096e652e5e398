"""The checks on real series, with holds decided from later versions; docs/checks.md has the table."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from benchmarks.holds import Tally, measure
from tests.real.corpus import manifest, need

LEAST_HITS = {"ua_personnel": 15, "ua_equipment": 34, "uk_indicators": 4, "oryx_types": 5, "mediazona_headline": 1}
MOST_FALSE_PER_200 = {"ua_equipment": 1, "uk_indicators": 2, "oryx_types": 3, "scotland_govscot": 2}
TYPOS = {
    "mediazona_headline": [("total", "0")],
    "uk_indicators": [("confirmed_cases/scotland", "8865")],
    "ua_personnel": [("personnel", "~31500")],
    "ua_equipment": [
        ("tank", "655"),
        ("tank", "1119"),
        ("apc", "1600"),
        ("apc", "32516"),
        ("drone", "241085"),
        ("vehicles_and_fuel_tanks", "11257"),
    ],
    "oryx_types": [
        ("destroyed/russia/all-types", "100"),
        ("destroyed/russia/armoured-personnel-carriers", "25"),
        ("destroyed/ukraine/towed-artillery", "11"),
        ("destroyed/ukraine/reconnaissance-unmanned-aerial-vehicles", "1847"),
    ],
}
"""Values that the publishers took back, each by its series and as it stood."""

SERIES = [
    "mediazona_headline",
    *(
        pytest.param(name, marks=pytest.mark.long)
        for name in (
            "shasta",
            "scotland_govscot",
            "wyoming",
            "mediazona_by_death_date",
            "oryx_types",
            "uk_indicators",
            "ua_personnel",
            "ua_equipment",
            "nics",
        )
    ),
]


@cache
def _tally(name: str, folder: Path) -> Tally:
    return measure(name, manifest(name, folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("holds")


@pytest.mark.parametrize("name", SERIES)
def test_real_typos_are_held_and_real_news_is_not(name: str, folder: Path) -> None:
    need(name)
    tally = _tally(name, folder)
    held = {(key.partition("/")[2], content) for hold in tally.holds for key, _, content, _ in hold.values}
    assert [typo for typo in TYPOS.get(name, []) if typo not in held] == []
    hits = sum(hold.hit for hold in tally.holds)
    assert hits >= LEAST_HITS.get(name, 0)
    assert (len(tally.holds) - hits) * 200 <= MOST_FALSE_PER_200.get(name, 0.2) * tally.releases


@pytest.mark.long
@pytest.mark.parametrize("name", ["ua_personnel", "ua_equipment"])
def test_dates_ahead_and_last_years_dates_are_held(name: str, folder: Path) -> None:
    need(name)
    reasons = [(hold.known_at, " ".join(hold.reasons)) for hold in _tally(name, folder).holds]
    assert sum("future_as_of" in reason for _, reason in reasons) == 6
    january = [known_at for known_at, reason in reasons if "@2024-01-0" in reason and "duplicate_key" in reason]
    assert [known_at[:7] for known_at in january] == ["2025-01"] * 3
