"""JSON-stat: data sets of version 2, and the one data set in a bundle of version 1 (Eurostat, PxWeb)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import chain, product
from typing import Any

import msgspec

from extractors.tables.cubes.rows import (
    Cube,
    Dimension,
    JsonPath,
    bound,
    converted,
    distinct,
    place_of,
    units,
    withholds,
)
from model import UnreadableError


class _Unit(msgspec.Struct):
    base: str = ""
    label: str = ""


class _Category(msgspec.Struct):
    index: list[str] | dict[str, int] = []
    label: dict[str, str] = {}
    unit: dict[str, _Unit] = {}

    @property
    def codes(self) -> list[str]:
        if isinstance(self.index, dict):
            return sorted(self.index, key=self.index.__getitem__)
        return self.index or [*self.label]


class _Member(msgspec.Struct):
    category: _Category
    label: str = ""


class _StatDataSet(msgspec.Struct):
    id: list[str]
    size: list[int]
    dimension: dict[str, _Member]
    value: list[Any] | dict[str, Any]
    status: list[Any] | dict[str, Any] | str | None = None
    role: dict[str, list[str]] = {}
    label: str = ""


def seems(parsed: dict[str, Any]) -> bool:
    """Whether a document is one of JSON-stat, by a few of its members."""
    stated = parsed.get("class") in ("dataset", "collection", "dimension") and "version" in parsed
    return stated or _inner(parsed) is not None


def read(parsed: Any) -> Cube:
    """The rows of a JSON-stat data set. Raises `UnreadableError` where its parts do not go together."""
    data, way = _data_set(parsed)
    dimensions = [_dimension(data, name, size) for name, size in zip(data.id, data.size, strict=True)]
    rows, ways = _observations(data, dimensions, way)
    figure, status = (name if name not in data.id else f"@{name}" for name in ("value", "status"))
    names = [*chain.from_iterable(one.names for one in dimensions), figure, status]
    beside = [*filter(None, (data.label,)), *_units(data), *units(dimensions)]
    days, kinds = (next(iter(data.role.get(name, ())), None) for name in ("time", "metric"))
    return Cube(names, rows, ways, {}, dimensions, {figure: data.label or figure}, days, kinds, beside)


def _data_set(parsed: Any) -> tuple[_StatDataSet, JsonPath]:
    """The data set of a document, and the way to it."""
    way = _inner(parsed)
    if way is None:
        kind = parsed.get("class", "") if isinstance(parsed, dict) else ""
        said = f"a {kind} of JSON-stat, and no data set" if kind else "no JSON-stat data set"
        raise UnreadableError(f"the answer is {said}: it has no dimensions with values")
    data = converted(_as_second(parsed[way[0]]) if way else parsed, _StatDataSet, "JSON-stat data set")
    if len(data.id) != len(data.size) or not set(data.id) <= set(data.dimension):
        raise UnreadableError("the JSON-stat data set does not say the size of each dimension, or one is missing")
    return data, way


def _inner(parsed: Any) -> JsonPath | None:
    """The way to the data set of a document: itself, or its only member in a bundle."""
    parts = parsed if isinstance(parsed, dict) else {}
    if isinstance(parts.get("dimension"), dict) and "value" in parts:
        return ()
    inner = [name for name, one in parts.items() if isinstance(one, dict) and {"dimension", "value"} <= set(one)]
    return (inner[0],) if len(inner) == 1 else None


def _as_second(data: dict[str, Any]) -> dict[str, Any]:
    """A data set of the first version, which keeps ids, sizes and roles among its dimensions, as one of the second."""
    members = data["dimension"]
    if not isinstance(members, dict) or "id" in data:
        return data
    moved = {name: members[name] for name in ("id", "size", "role") if name in members}
    rest = {name: one for name, one in members.items() if name not in moved}
    return {**data, **moved, "dimension": rest}


def _dimension(data: _StatDataSet, name: str, size: int) -> Dimension:
    member = data.dimension[name]
    codes, labels = member.category.codes, member.category.label
    if len(codes) != size:
        raise UnreadableError(f"the dimension {name!r} has {len(codes):,} categories where its size is {size:,}")
    distinct(codes, f"the dimension {name!r}")
    return Dimension(name, codes, [labels.get(code, code) for code in codes] if labels else None, member.label)


def _observations(
    data: _StatDataSet, dimensions: list[Dimension], way: JsonPath
) -> tuple[list[list[Any]], list[JsonPath]]:
    count = math.prod(data.size)
    values, flags = _by_place(data.value, count, "value"), _by_place(data.status, count, "status")
    rows: list[list[Any]] = []
    ways: list[JsonPath] = []
    nothing = None, ""
    for place, cells in _cells(dimensions, count, sorted({**values, **flags})):
        (value, key), (flag, flag_key) = values.get(place, nothing), flags.get(place, nothing)
        rows.append([*cells, None if withholds(flag) else value, flag])
        ways.append((*way, "value", key) if place in values else (*way, "status", flag_key))
    return rows, ways


def _by_place(said: Any, count: int, what: str) -> Mapping[int, tuple[Any, str | int]]:
    """What stands at each place of a cube, and under which key of the document."""
    if isinstance(said, dict):
        found = {place_of(key, count, what): (one, key) for key, one in said.items()}
        if len(found) != len(said):
            raise UnreadableError(f"{what!r} gives one place two values")
        return found
    if not isinstance(said, list):
        return {}  # one flag of all values says nothing of any one
    if len(said) != count:
        raise UnreadableError(f"the list {what!r} has {len(said):,} elements where its sizes make {count:,}")
    return {place: (one, place) for place, one in enumerate(said)}


def _cells(dimensions: list[Dimension], count: int, places: list[int]) -> Iterator[tuple[int, list[str]]]:
    """What the dimensions say of each of these places, the last one's turning fastest."""
    bound(len(places))
    cells = [one.cells for one in dimensions]
    if len(places) == count:
        for place, parts in enumerate(product(*cells)):
            yield place, [*chain.from_iterable(parts)]
        return
    strides = [math.prod(map(len, cells[at + 1 :])) for at in range(len(cells))]
    for place in places:
        parts = tuple(one[place // stride % len(one)] for one, stride in zip(cells, strides, strict=True))
        yield place, [*chain.from_iterable(parts)]


def _units(data: _StatDataSet) -> Iterator[str]:
    """The units that categories state of what they count."""
    for member in data.dimension.values():
        for unit in member.category.unit.values():
            yield from (f"({text})" for text in (unit.base, unit.label) if text)
