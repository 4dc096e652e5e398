"""Answers of well-known families of servers, told by their shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from extractors.suggest.offer import Way
from model import PRESETS

_OF_LAYERS = frozenset(
    ("fields", "objectIdFieldName", "geometryType", "spatialReference", "exceededTransferLimit", "globalIdFieldName")
)
_SDMX = ("TIME_PERIOD", "OBS_VALUE")
_SOCRATA = re.compile(r"/(?:resource|id)/[a-z0-9]{4}-[a-z0-9]{4}(?:\.json|\.csv)?(?:\?|$)")


class PresetRows(NamedTuple):
    """The rows that a preset finds in an answer."""

    preset: str
    rows: list[dict[str, Any]]


def preset_rows(data: Any) -> PresetRows | None:
    """The rows of a JSON answer that is in the form of a preset."""
    if not isinstance(data, dict):
        return None
    if _OF_LAYERS.intersection(data) and (rows := _attributes(data.get("features"))):
        return PresetRows("arcgis", rows)
    result = data.get("result")
    if "success" in data and isinstance(result, dict) and "resource_id" in result:
        return PresetRows("ckan", _objects(result.get("records")))
    return None


def _attributes(features: Any) -> list[dict[str, Any]]:
    return _objects([one.get("attributes") for one in _objects(features)])


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def of_sdmx(way: Way, names: Iterable[str]) -> Way:
    """A way to read a delimited table, by the preset where its heading is that of SDMX-CSV."""
    if not set(_SDMX) <= set(names) or _column(way.settings.get("as_of")) != _SDMX[0]:
        return way
    offers = tuple(one for one in way.offers if one.rule.get("column") == _SDMX[1])
    settings = {name: value for name, value in way.settings.items() if name != "as_of"}
    return _named(msgspec.structs.replace(way, offers=offers, settings=settings), "sdmx-csv")


def _column(place: Any) -> Any:
    return place.get("column") if isinstance(place, Mapping) and len(place) == 1 else None


def of_address(way: Way, url: str) -> Way:
    """A way to read an answer, by the preset where its address is that of a Socrata data set."""
    known = way.extractor in PRESETS["socrata"].extractors and not {"rows", "preset"} & set(way.settings)
    return _named(way, "socrata") if known and _SOCRATA.search(url) else way


def _named(way: Way, preset: str) -> Way:
    title = f"{way.title}: {PRESETS[preset].title}"
    return msgspec.structs.replace(way, title=title, settings={"preset": preset, **way.settings})
