"""Cubes whose parts do not go together are refused by name, in bounded time; flags are never figures."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest

import extractors
from extractors.suggest import offers
from extractors.tables.cubes import rows
from extractors.tables.cubes.rows import withholds
from extractors.tables.dates import Days
from model import AsOf, UnreadableError
from tests.extractors.made import source

FOLDER = Path(__file__).parent


def sample(name: str) -> Any:
    return json.loads((FOLDER / name / "1.json").read_text(encoding="utf-8"))


def read(data: Any, preset: str, **more: Any) -> dict[str, str]:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    document = extractors.derive(text.encode(), media_type="application/json")
    made = source(extractor="json", preset=preset, coverage="full", **more)
    reading = extractors.read(made, document)
    figures = [(cell, reading.figure(cell[3])) for cell in reading.cells]
    assert all(document.text[figure.start : figure.end] == figure.number_text for _, figure in figures)
    return {f"{cell[0].replace(chr(31), '/')}@{cell[1]}": figure.number_text for cell, figure in figures if cell[2]}


SEEKERS: dict[str, Any] = {
    "as_of": {"path": "time"},
    "by": {"sex": "sex"},
    "figures": [{"id": "seekers", "path": "value"}],
}
ADMISSIONS: dict[str, Any] = {
    "as_of": {"path": "TIME_PERIOD"},
    "by": {"where": "REF_AREA"},
    "figures": [{"id": "in", "path": "OBS_VALUE"}],
}
RENTS: dict[str, Any] = {
    "as_of": {"path": "Tid"},
    "by": {"region": "Region"},
    "figures": [{"id": "rent", "path": "BO0102"}],
}


def altered(name: str, *way: Any, to: Any) -> Any:
    data = copy.deepcopy(sample(name))
    at = data
    for step in way[:-1]:
        at = at[step]
    at[way[-1]] = to
    return data


BROKEN: dict[str, tuple[Any, str, dict[str, Any], str]] = {
    "a list shorter than its sizes": (
        altered("json_stat", "value", to=[1, 2, 3]), "json-stat", SEEKERS, "'value' has 3 elements .* sizes make 6",
    ),
    "sizes whose product is huge": (
        altered("json_stat", "size", to=[10**9] * 5), "json-stat", SEEKERS, "'freq' has 1 categories .* 1,000,000,000",
    ),
    "a place that is none": (
        altered("json_stat", "value", to={"6": 1}), "json-stat", SEEKERS, "something at '6', and places from 0 to 5",
    ),
    "a place below none": (altered("json_stat", "value", to={"-1": 1}), "json-stat", SEEKERS, "something at '-1'"),
    "a place twice": (altered("json_stat", "value", to={"1": 1, "01": 2}), "json-stat", SEEKERS, "one place two"),
    "a flag at no place": (altered("json_stat", "status", to={"9" * 30: "p"}), "json-stat", SEEKERS, "'status' has"),
    "a size that is no number": (
        altered("json_stat", "size", to=[1, 1, "2", 1, 3]), "json-stat", SEEKERS, "Expected `int`, got `str`.*size",
    ),
    "a dimension that is missing": (
        altered("json_stat", "dimension", "sex", to=None), "json-stat", SEEKERS, r"Expected `object`, got `null`",
    ),
    "two codes for one place": (
        altered("json_stat", "dimension", "sex", "category", "index", to=["F", "F"]), "json-stat", SEEKERS, "'sex' has",
    ),
    "a collection": (
        {"version": "2.0", "class": "collection", "link": {"item": []}}, "json-stat", SEEKERS, "a collection of JSON",
    ),
    "an error in place of data": (
        {"error": [{"status": 400, "label": "Bad query"}]}, "json-stat", SEEKERS, "says that it failed.*Bad query",
    ),
    "a value twice": (
        json.dumps(sample("json_stat")).replace('"1": 1210', '"1": 1210, "1": 1211'), "json-stat", SEEKERS, "'1' two",
    ),
    "a key beyond its values": (
        altered("sdmx_json", "dataSets", 0, "series", "0:1", "observations", "7", to=[1]),
        "sdmx-json", ADMISSIONS, "'TIME_PERIOD' has something at '7', and places from 0 to 1",
    ),
    "a key of too few parts": (
        altered("sdmx_json", "dataSets", 0, "series", "1", to={"observations": {"0": [1]}}),
        "sdmx-json", ADMISSIONS, "'1' has 1 parts, and there are 2 dimensions",
    ),
    "an attribute beyond its values": (
        altered("sdmx_json", "dataSets", 0, "series", "0:1", "observations", "0", to=[1, 9]),
        "sdmx-json", ADMISSIONS, "'OBS_STATUS' has no value 9",
    ),
    "a message that deletes": (
        altered("sdmx_json", "dataSets", 0, "action", to="Delete"), "sdmx-json", ADMISSIONS, "deletes observations",
    ),
    "a structure that is missing": (
        altered("sdmx_json_2", "data", "dataSets", 0, "structure", to=3), "sdmx-json", ADMISSIONS, "has no structure",
    ),
    "a row of too few values": (
        altered("pxweb", "data", 1, "values", to=["288"]), "pxweb", RENTS, "row 2 does not have 2 keys and 2 values",
    ),
    "columns of one code": (
        altered("pxweb", "columns", 1, "code", to="Region"), "pxweb", RENTS, "two of one code",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_cube_whose_parts_do_not_go_together_is_refused_by_name(name: str) -> None:
    data, preset, rules, message = BROKEN[name]
    with pytest.raises(UnreadableError, match=message):
        read(data, preset, **rules)


def test_a_sparse_cube_takes_the_room_of_its_values_and_not_of_its_sizes() -> None:
    many = [f"c{number}" for number in range(3000)]
    wide = {"category": {"index": many}}
    ids = ["a", "b", "c", "time"]
    data = {
        "version": "2.0", "class": "dataset", "id": ids, "size": [3000, 3000, 3000, 1],
        "dimension": {**dict.fromkeys(ids[:3], wide), "time": {"category": {"index": ["2026"]}}},
        "value": {"0": 1, str(3000**3 - 1): 7},
    }  # fmt: skip
    rules = SEEKERS | {"by": {"a": "a", "b": "b", "c": "c"}}
    assert read(data, "json-stat", **rules) == {
        "seekers/c0/c0/c0@2026-12-31": "1",
        "seekers/c2999/c2999/c2999@2026-12-31": "7",
    }


def test_more_observations_than_one_release_may_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_OBSERVATIONS", 1_000)
    data = {
        "version": "2.0", "class": "dataset", "id": ["time"], "size": [1], "value": [1],
        "dimension": {"time": {"category": {"index": ["2026"]}}},
    }  # fmt: skip
    assert read(data, "json-stat", as_of={"path": "time"}, figures=[{"id": "n", "path": "value"}]) == {
        "n@2026-12-31": "1"
    }
    px = altered("pxweb", "data", to=[{"key": ["1", "2026"], "values": ["1", "2"]}] * 1_001)
    with pytest.raises(UnreadableError, match="more than 1,000 observations"):
        read(px, "pxweb", **RENTS)


def test_a_flag_that_withholds_makes_a_blank_of_whatever_number_stands_beside_it() -> None:
    data = altered("json_stat", "status", to={"0": "c", "1": ":", "3": "bp", "4": "u", "5": ": c"})
    assert read(data, "json-stat", **SEEKERS) == {"seekers/M@2026-08-31": "1377", "seekers/M@2026-09-30": "1381"}
    told = [
        flag for flag in ("p", "e", "b", "bp", "A", "E", "pro", "est", "rev", "-", "", None, "low") if withholds(flag)
    ]
    assert told == []
    hidden = (":", ": c", "c", "bc", "z", "..", "…", ".", "M", "L", "Q")
    assert [flag for flag in hidden if not withholds(flag)] == []


def test_a_scale_that_an_attribute_of_a_group_says_is_asked_about_and_proposed() -> None:
    data = altered("sdmx_json_2", "data", "structures", 0, "attributes", "dimensionGroup", 0, "values", 0, "id", to="3")
    document = extractors.derive(json.dumps(data).encode(), media_type="application/json")
    rules = ADMISSIONS | {"figures": [{"id": "in", "path": "OBS_VALUE", "unit": "people"}]}
    made = source(extractor="json", preset="sdmx-json", coverage="full", **rules)
    (asked,) = [one for one in extractors.read(made, document).checks if one.result == "hold"]
    assert "UNIT_MULT 3" in asked.message
    (way,) = offers(document)
    assert way.offers[0].rule["scale"] == "thousands"


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("2024M01", "2024-01-31"), ("2024-M02", "2024-02-29"), ("2024-Q1", "2024-03-31"), ("2024K4", "2024-12-31"),
        ("2024 Q2", "2024-06-30"), ("2024W05", "2024-02-04"), ("2024-W53", None), ("2020W53", "2021-01-03"),
        ("2024U05", "2024-02-04"), ("2024S1", "2024-06-30"), ("2024-S2", "2024-12-31"), ("2024H1", "2024-06-30"),
        ("2024-A1", "2024-12-31"), ("2024-D060", "2024-02-29"), ("2023-D366", None), ("2024M01D05", "2024-01-05"),
        ("2024M13", None), ("2024M00", None), ("2024Q5", None), ("2024T1", None), ("2024A2", None), ("2024D06", None),
        ("2024K1D05", None),
    ],
)  # fmt: skip
def test_periods_as_offices_write_them_are_their_last_days_and_doubtful_ones_are_not_read(
    printed: str, day: str | None
) -> None:
    assert Days(AsOf())[printed] == day


def test_a_large_cube_is_read_within_what_reading_may_take() -> None:
    """300,000 observations; the limit that holds is that of the process that reads (9 s)."""
    regions, months = (
        [f"r{number}" for number in range(2500)],
        [f"{y}M{m:02}" for y in range(2014, 2024) for m in range(1, 13)],
    )
    data = {
        "version": "2.0", "class": "dataset", "id": ["region", "time"], "size": [2500, 120],
        "dimension": {"region": {"category": {"index": regions}}, "time": {"category": {"index": months}}},
        "value": [*range(300_000)],
    }  # fmt: skip
    document = extractors.derive(json.dumps(data).encode(), media_type="application/json")
    rules = SEEKERS | {"by": {"region": "region"}}
    before = time.process_time()
    reading = extractors.read(source(extractor="json", preset="json-stat", coverage="full", **rules), document)
    last = reading.figure(reading.cells[-1][3])
    print(f"{time.process_time() - before:.1f} s")
    assert (len(reading.cells), last.number_text, last.as_of) == (300_000, "299999", "2023-12-31")
