"""Answers of well-known families of servers, told by what the table of presets says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from extractors.suggest.offer import Way
from extractors.tables.forms.tree import stand_at
from model import PRESETS, Paging, Preset
from model.source import PresetName


class PresetRows(NamedTuple):
    """The rows that a preset finds in the pages of an answer."""

    preset: PresetName
    rows: list[dict[str, Any]]


def preset_rows(pages: Sequence[Any]) -> PresetRows | None:
    """The rows of a JSON answer in which all stands where a preset says that it does."""
    for name, preset in PRESETS.items():
        rows = [row for page in pages for row in _rows_of(preset, page)]
        if rows and all(isinstance(row, dict) for row in rows):
            return PresetRows(name, rows)
    return None


def _rows_of(preset: Preset, page: Any) -> list[Any]:
    paging = preset.keys.get("paging", Paging())
    if "rows" not in preset.keys or (paging.total and not stand_at(page, paging.total)):
        return []
    return stand_at(page, preset.keys["rows"])


def of_columns(way: Way, names: Iterable[str]) -> Way:
    """A way to read a delimited table, by a preset where it has the columns of one."""
    for name, preset in PRESETS.items():
        day = preset.keys.get("as_of")
        if (
            day is None
            or not {day.column, preset.value} <= set(names)
            or way.settings.get("as_of") != {"column": day.column}
        ):
            continue
        offers = tuple(one for one in way.offers if one.rule.get("column") == preset.value)
        return _named(msgspec.structs.replace(way, offers=offers), name)
    return way


def of_address(way: Way, url: str) -> Way:
    """A way to read an answer, by the preset whose servers have such addresses."""
    for name, preset in PRESETS.items():
        known = way.extractor in preset.extractors and not {"rows", "preset"} & set(way.settings)
        if known and preset.address and re.search(preset.address, url):
            return _named(way, name)
    return way


def _named(way: Way, preset: PresetName) -> Way:
    title = f"{way.title}: {PRESETS[preset].title}"
    return msgspec.structs.replace(way, title=title, settings={"preset": preset, **way.settings})
