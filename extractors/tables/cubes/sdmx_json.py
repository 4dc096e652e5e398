"""SDMX-JSON data messages of versions 1.0 and 2.0: observations keyed by places on dimensions, such as `0:1:3`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple, TypeAlias

import msgspec

from extractors.tables.cubes.rows import Cube, Dimension, JsonPath, bound, converted, distinct, units, withholds
from model import UnreadableError

_WHAT = "SDMX-JSON data message"
_MarkCells: TypeAlias = tuple[Any, ...]


class _Value(msgspec.Struct):
    id: str | int | None = None
    value: Any = None
    name: str | None = None

    @property
    def code(self) -> str:
        return next((str(one) for one in (self.id, self.value, self.name) if one is not None), "")


class _Component(msgspec.Struct):
    id: str
    name: str = ""
    values: list[_Value | str] = []
    default: Any = None
    role: str | list[str] | None = None
    roles: list[str] | None = None

    @property
    def codes(self) -> list[str]:
        return [one if isinstance(one, str) else one.code for one in self.values]

    @property
    def is_time(self) -> bool:
        return self.id == "TIME_PERIOD" or "time" in str((self.role, self.roles)).casefold()


class _Levels(msgspec.Struct, rename="camel"):
    data_set: list[_Component] = []
    dimension_group: list[_Component] = []
    series: list[_Component] = []
    observation: list[_Component] = []


class _Structure(msgspec.Struct):
    dimensions: _Levels
    name: str = ""
    attributes: _Levels = msgspec.field(default_factory=_Levels)
    measures: _Levels = msgspec.field(default_factory=_Levels)


class _KeyedSeries(msgspec.Struct):
    observations: dict[str, list[Any]] = {}
    attributes: list[Any] = []


class _SdmxDataSet(msgspec.Struct, rename="camel"):
    action: str = ""
    structure: int = 0
    attributes: list[Any] = []
    dimension_group_attributes: dict[str, list[Any]] = {}
    series: dict[str, _KeyedSeries] | None = None
    observations: dict[str, list[Any]] = {}


class _DataMessage(msgspec.Struct, rename="camel"):
    data_sets: list[_SdmxDataSet]
    structure: _Structure | None = None
    structures: list[_Structure] = []


def seems(parsed: dict[str, Any]) -> bool:
    """Whether a document is such a message, by a few of its members."""
    inner = parsed.get("data")
    return "dataSets" in parsed or (isinstance(inner, dict) and "dataSets" in inner)


def read(parsed: Any) -> Cube:
    """The rows of a message. Raises `UnreadableError` where its parts do not go together, or it deletes."""
    way: JsonPath = ("data",) if isinstance(parsed, dict) and isinstance(parsed.get("data"), dict) else ()
    message = converted(_stated(parsed["data"] if way else parsed), _DataMessage, _WHAT)
    structures = [_Columns.of(one) for one in message.structures or filter(None, (message.structure,))]
    if len({tuple(one.names) for one in structures}) != 1:
        raise UnreadableError("the message has no structure, or several that are different", "ask for one dataflow")
    rows: list[list[Any]] = []
    ways: list[JsonPath] = []
    for place, data in enumerate(message.data_sets):
        for found, row in _columns_of(data, structures).rows(data):
            rows.append(row)
            ways.append((*way, "dataSets", place, *found))
            bound(len(rows))
    return structures[0].cube(rows, ways)


def _stated(value: Any) -> Any:
    """A document without members that are null, which are the same as those that are absent."""
    if isinstance(value, dict):
        return {name: _stated(one) for name, one in value.items() if one is not None}
    return [*map(_stated, value)] if isinstance(value, list) and value and isinstance(value[0], dict) else value


def _columns_of(data: _SdmxDataSet, structures: Sequence[_Columns]) -> _Columns:
    if data.action.casefold() == "delete":
        raise UnreadableError("a data set of the message deletes observations; only what stands is read")
    if not 0 <= data.structure < len(structures):
        raise UnreadableError("a data set of the message has no structure")
    return structures[data.structure]


class _Columns(NamedTuple):
    """The columns that a structure makes: dimensions by level, measures, attributes by level."""

    structure: _Structure
    levels: list[list[Dimension]]
    measures: list[str]
    marks: list[str]
    names: list[str]

    @classmethod
    def of(cls, structure: _Structure) -> _Columns:
        said = structure.dimensions
        levels = [[*map(_dimension, one)] for one in (said.data_set, said.series, said.observation)]
        measures = [one.id for one in structure.measures.observation] or ["OBS_VALUE"]
        attributes = structure.attributes
        order = (attributes.data_set, attributes.dimension_group, attributes.series, attributes.observation)
        marks = [one.id for one in chain.from_iterable(order)]
        dimensions = chain.from_iterable(levels)
        names = [*chain.from_iterable(one.names for one in dimensions), *measures, *marks]
        distinct(names, f"the structure of the {_WHAT}")
        return cls(structure, levels, measures, marks, names)

    @property
    def dimensions(self) -> list[Dimension]:
        return [*chain.from_iterable(self.levels)]

    def rows(self, data: _SdmxDataSet) -> Iterator[tuple[JsonPath, list[Any]]]:
        """Each observation of a data set: the way to it from there, and its row."""
        attributes, cells = self.structure.attributes, [one.cells for one in self.dimensions]
        groups = _Groups(self, data)
        of_all = _attributes(attributes.data_set, data.attributes)
        for way, places, one in self._series(data):
            of_series = _attributes(attributes.series, one.attributes)
            for key, said in one.observations.items():
                at = [*places, *_places(key, self.levels[2])]
                measured, marked = self._parted(said)
                marks = (*of_all, *groups.marks(at), *of_series, *_attributes(attributes.observation, marked))
                parts = chain.from_iterable(one[place] for one, place in zip(cells, at, strict=True))
                yield (*way, "observations", key), [*parts, *self._unless_withheld(measured, marks), *marks]

    def _unless_withheld(self, measured: list[Any], marks: _MarkCells) -> list[Any]:
        status = (mark for name, mark in zip(self.marks, marks, strict=True) if name.upper() == "OBS_STATUS")
        return [None] * len(measured) if any(map(withholds, status)) else measured

    def _series(self, data: _SdmxDataSet) -> Iterator[tuple[JsonPath, list[int], _KeyedSeries]]:
        """Each series: the way to it, the places that it has on the dimensions of the whole and its own."""
        fixed = [one.place("0") for one in self.levels[0]]
        if data.series is None:
            yield (), [*fixed, *_places("", self.levels[1])], _KeyedSeries(data.observations)
        for key, series in (data.series or {}).items():
            yield ("series", key), [*fixed, *_places(key, self.levels[1])], series

    def _parted(self, said: Sequence[Any]) -> tuple[list[Any], Sequence[Any]]:
        """The values of all measures, and what stands behind them."""
        count = len(self.measures)
        return [*said[:count], *repeat(None, count - len(said))], said[count:]

    def cube(self, rows: list[list[Any]], ways: list[JsonPath]) -> Cube:
        """These rows as a cube."""
        first = len(self.names) - len(self.marks) - len(self.measures)
        said = self.structure.dimensions
        times = [one.id for one in chain(said.data_set, said.series, said.observation) if one.is_time]
        titles = [one.name for one in self.structure.measures.observation] if len(self.measures) > 1 else []
        return Cube(
            names=self.names,
            rows=rows,
            ways=ways,
            below={first + number: (number,) for number in range(len(self.measures))},
            dimensions=self.dimensions,
            figures=dict(zip(self.measures, titles or [self.structure.name], strict=True)),
            days=next(iter(times), None),
            beside=[*filter(None, (self.structure.name,)), *units(self.dimensions)],
        )


class _Groups:
    """The attributes of groups of observations, by the places of the dimensions that make the group."""

    def __init__(self, columns: _Columns, data: _SdmxDataSet) -> None:
        self._nothing: _MarkCells = (None,) * len(columns.structure.attributes.dimension_group)
        self._groups: dict[tuple[int, ...], dict[tuple[str, ...], _MarkCells]] = {}
        for key, cells in data.dimension_group_attributes.items():
            parts = key.split(":")
            first = len(columns.dimensions) - len(parts)
            if first not in (0, len(columns.levels[0])):
                raise UnreadableError(f"the key {key[:40]!r} of a group has {len(parts)} parts")
            given = tuple(first + at for at, part in enumerate(parts) if part)
            own = _attributes(columns.structure.attributes.dimension_group, cells)
            self._groups.setdefault(given, {})[tuple(filter(None, parts))] = own

    def marks(self, places: Sequence[int]) -> _MarkCells:
        """What the groups say that an observation at these places belongs to."""
        marks = self._nothing
        for given, found in self._groups.items():
            own = found.get(tuple(str(places[at]) for at in given), self._nothing)
            marks = tuple(old if new is None else new for new, old in zip(own, marks, strict=True))
        return marks


def _dimension(said: _Component) -> Dimension:
    codes = said.codes
    distinct(codes, f"the dimension {said.id!r}")
    named = [one.name if isinstance(one, _Value) else None for one in said.values]
    labels = [name or code for name, code in zip(named, codes, strict=True)]
    return Dimension(said.id, codes, labels if any(named) else None, said.name)


def _places(key: str, dimensions: Sequence[Dimension]) -> list[int]:
    """The places on these dimensions that a key such as `0:1:3` says."""
    parts = key.split(":") if key else []
    if len(parts) != len(dimensions):
        raise UnreadableError(
            f"the key {key[:40]!r} has {len(parts)} parts, and there are {len(dimensions)} dimensions"
        )
    return [one.place(part) for part, one in zip(parts, dimensions, strict=True)]


def _attributes(components: Sequence[_Component], cells: Sequence[Any]) -> _MarkCells:
    """What the attributes say: by their place among the values, in the open, or as they do by default."""
    return tuple(_attribute(one, cell) for one, cell in zip(components, chain(cells, repeat(None)), strict=False))


def _attribute(component: _Component, cell: Any) -> Any:
    if cell is None:
        return component.default
    if type(cell) is not int or not component.values:
        return cell if isinstance(cell, str | int) else str(cell)
    if not 0 <= cell < len(component.values):
        raise UnreadableError(f"the attribute {component.id!r} has no value {cell}")
    return component.codes[cell]
