"""Statistical cubes in JSON as rows, one for each observation: JSON-stat, SDMX-JSON and PxWeb's own JSON.

A column is called by the id of its dimension and holds codes; `ID.label` holds their names, where they have any.
Figures stand in `value` (JSON-stat), `OBS_VALUE` or the ids of the measures (SDMX-JSON), or the codes of the contents
(PxWeb). Flags stand beside them, in `status` or the attribute's own id: a figure whose flag says that it is missing,
confidential or not applicable is a blank, whatever number stands there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from extractors.tables.cubes import json_stat, pxweb, sdmx_json
from extractors.tables.cubes.rows import LABEL, Cube, Dimension, JsonPath
from model.source import PresetName

__all__ = ["CUBES", "LABEL", "Cube", "Dimension", "JsonPath", "form_of", "read_cube"]

CUBES: dict[str, Callable[[Any], Cube]] = {
    "json-stat": json_stat.read,
    "pxweb": pxweb.read,
    "sdmx-json": sdmx_json.read,
}
"""What makes rows of each form, by its preset."""

_SEEMS: tuple[tuple[PresetName, Callable[[Any], bool]], ...] = (
    ("json-stat", json_stat.seems),
    ("pxweb", pxweb.seems),
    ("sdmx-json", sdmx_json.seems),
)


def read_cube(preset: str, parsed: Any) -> Cube:
    """The rows of a parsed document in the form of a preset. Raises `UnreadableError` where it is not in that form."""
    return CUBES[preset](parsed)


def form_of(parsed: Any) -> PresetName | None:
    """The form of cube that a parsed document seems to be in."""
    return next((form for form, seems in _SEEMS if isinstance(parsed, dict) and seems(parsed)), None)
