"""Trees of objects and lists, as JSON and XML are, walked to their rows and to the fields of each row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from extractors.tables.cubes import JsonPath
from model import Source, UnreadableError


class XmlElement(dict[str, Any]):
    """An element of XML: its attributes (`@name`), its text (`#text`) and the elements within by their names.

    `at` is where its tag begins in the bytes, and `close` where its last tag does.
    """

    __slots__ = ("at", "close")
    at: int
    close: int

    @property
    def is_leaf(self) -> bool:
        """Whether there are no elements within."""
        return not any(isinstance(one, dict | list) for one in self.values())

    @property
    def text(self) -> str:
        """Its text; that of one with elements within is all of it as JSON, which is no number."""
        return str(self.get("#text", "")) if self.is_leaf else json.dumps(self)


class Siblings(list[XmlElement]):
    """Several elements of one name within another."""


class TreeRow(NamedTuple):
    """A value on the way to the rows; `outer` is the row around it, where it is not itself one (`is_row`)."""

    value: Any
    steps: JsonPath
    outer: TreeRow | None = None
    is_row: bool = True

    @property
    def around(self) -> TreeRow | None:
        """The nearest row that what lies inside this value belongs to."""
        return self if self.is_row else self.outer


_STEP = re.compile(r"(\.\*|\[\*\])|\.([^.\[\]]+)|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def rows_at(document: TreeRow, path: str) -> list[TreeRow]:
    """The rows that a path leads to. Raises `UnreadableError` where it is no path, or leads nowhere."""
    rows = [document]
    at, ends_wild = 1, False
    while at < len(path):
        step = _STEP.match(path, at)
        if not path.startswith("$") or step is None:
            raise UnreadableError(f"rows: {path!r} is no path", "write it like $.data[*].rows")
        at, ends_wild, outer = step.end(), bool(step[1]), rows
        rows = list(chain.from_iterable(_stepped(row, step) for row in outer))
        if not rows:
            return _none_at(path[:at], outer)
    return rows if ends_wild else _flattened(rows)


def _flattened(rows: list[TreeRow]) -> list[TreeRow]:
    """The elements of the lists that a path ends at; one that is no list is a row itself."""
    if len(rows) == 1 and not isinstance(rows[0].value, list):
        return rows
    return [inner for row in rows for inner in (inside(row) if isinstance(row.value, list) else (row,))]


def _stepped(row: TreeRow, step: re.Match[str]) -> Iterator[TreeRow]:
    if isinstance(row.value, XmlElement) and step[1]:
        return iter((row,)) if step[1] == "[*]" else _children(row)
    return inside(row) if step[1] else _member(row, step[2] or step[3] or step[4])


def _children(row: TreeRow) -> Iterator[TreeRow]:
    """The elements within an element, whatever they are called."""
    for name, value in row.value.items():
        if isinstance(value, XmlElement | Siblings):
            yield from _each(TreeRow(value, (*row.steps, name), row.around, is_row=False))


def _each(row: TreeRow) -> Iterator[TreeRow]:
    """Each of the elements of one name, where there are several."""
    return inside(row) if isinstance(row.value, Siblings) else iter((row._replace(is_row=True),))


def _none_at(path: str, outer: list[TreeRow]) -> list[TreeRow]:
    """No rows where the list of them is empty; else the path leads nowhere."""
    if path.endswith("[*]") and [] in [row.value for row in outer]:
        return []
    raise UnreadableError(f"nothing stands at {path!r} in this document")


def inside(row: TreeRow) -> Iterator[TreeRow]:
    """What a list or object holds."""
    if isinstance(row.value, dict):
        yield from (TreeRow(value, (*row.steps, name), row.around) for name, value in row.value.items())
    elif isinstance(row.value, list):
        yield from (TreeRow(value, (*row.steps, place), row.around) for place, value in enumerate(row.value))


def _member(row: TreeRow, name: str) -> Iterator[TreeRow]:
    if isinstance(row.value, Siblings):
        yield from (found for one in inside(row) for found in _member(one, name))
    elif isinstance(row.value, dict) and name in row.value:
        value = row.value[name]
        yield TreeRow(value, (*row.steps, name), row.around, isinstance(value, XmlElement))


def ways_out(source: Source, found: list[TreeRow], present: dict[Any, None]) -> dict[str, str]:
    """What names a row and stands in no row itself, with the way out to the row around that has it."""
    names = {*source.by.values(), *(name for rule in source.figures for name in rule.where)}
    if source.as_of and (day := source.as_of.path or source.as_of.column):
        names.add(day)
    ways: dict[str, str] = {}
    for name in sorted(names.difference(present)) if found else ():
        outer, way = found[0].outer, "^." + name
        if name.startswith(("^", "@")) or any(field(row, name) is not None for row in found):
            continue
        while outer is not None and field(outer, name) is None:
            outer, way = outer.outer, "^." + way
        if outer is not None:
            ways[name] = way
    return ways


def as_fields(found: list[TreeRow], wanted: set[str], outward: dict[str, str]) -> list[dict[Any, Any]]:
    """The rows as wanted name to value, each name followed as a path."""
    ways = [(name, outward.get(name, name)) for name in wanted]
    return [{name: tame(at.value) for name, way in ways if (at := field(row, way)) is not None} for row in found]


def field(row: TreeRow, name: str) -> TreeRow | None:
    """What a name means in a row; None where nothing stands there."""
    if isinstance(row.value, dict) and name in row.value:
        return TreeRow(row.value[name], (*row.steps, name))
    if name.startswith("^."):
        return field(row.outer, name[2:]) if row.outer else None
    if name == "@key":
        return TreeRow(row.steps[-1], row.steps) if row.steps else None
    if name == "@value":
        return row if not isinstance(row.value, dict | list) else None
    return _below(row, _PARTS.findall(name))


_PARTS = re.compile(r"(?:[^.\[]|\[[^\[\]]*\]|\[)+")
_CHOSEN = re.compile(r"([^\[]+)\[([^\]=]+)=([^\]]*)\]")


def _below(row: TreeRow, parts: list[str]) -> TreeRow | None:
    found: TreeRow | None = row
    for part in parts:
        chosen = _CHOSEN.fullmatch(part)
        found = _part(found, chosen[1] if chosen else part) if found else None
        found = _choice(found, chosen[2], chosen[3]) if found and chosen else found
    return found


def _part(row: TreeRow, part: str) -> TreeRow | None:
    value = row.value
    step: str | int = int(part) if isinstance(value, list) and part.isdecimal() and len(part) < 9 else part
    if (isinstance(value, dict) and step in value) or (isinstance(step, int) and step < len(value)):
        return TreeRow(value[step], (*row.steps, step))
    return None


def _choice(row: TreeRow, name: str, wanted: str) -> TreeRow | None:
    """The one of several that says this under a name; None where none or several do."""
    several = inside(row) if isinstance(row.value, list) else (row,)
    fitting = [one for one in several if isinstance(one.value, dict) and str(one.value.get(name)) == wanted]
    return fitting[0] if len(fitting) == 1 else None


def tame(value: Any) -> Any:
    """A value as the cell of a row."""
    if isinstance(value, XmlElement):
        return value.text
    # Python takes true for 1, and a list for no key at all; as text both are simply no numbers.
    return json.dumps(value, default=str) if isinstance(value, bool | list | dict) else value


def stand_at(value: Any, path: str) -> list[Any]:
    """The rows that a path leads to in a parsed document; none where it leads nowhere."""
    try:
        return [row.value for row in rows_at(TreeRow(value, ()), path)]
    except UnreadableError:
        return []
