"""JSON: where its rows are, and which of their fields are figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from extractors.document import Document
from extractors.suggest.columns import LOOKED_AT, judge
from extractors.suggest.offer import Way

_DEEPEST = 6
_WIDEST = 400
_FLATTENED = 3
_FEWEST_MEMBERS = 3
_MOST_READINGS = 8


class _ObjectRows(NamedTuple):
    path: str
    rows: list[dict[str, Any]]


def offers_of_json(document: Document) -> list[Way]:
    """The fields of each list, or object of objects, that could be rows; the one with most rows first."""
    try:
        data = _data(document.text)
    except (ValueError, RecursionError):
        return []
    merged: dict[str, list[dict[str, Any]]] = {}
    for found in _places(data, "$", {}, 0):
        merged.setdefault(found.path, []).extend(found.rows)
    readings = []
    for path, rows in sorted(merged.items(), key=lambda one: -len(one[1])):
        settings = {} if path == "$" else {"rows": path}
        title = f"{len(rows):,} rows at {path}" if len(rows) > 1 else f"the object at {path}"
        if reading := judge("json", title, rows[-LOOKED_AT:], document.published, settings):
            readings.append(reading)
    return readings[:_MOST_READINGS]


def _data(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except json.JSONDecodeError:
        return [json.loads(line, parse_float=str, parse_int=str) for line in text.splitlines() if line.strip()]


def _places(value: Any, path: str, outer: dict[str, Any], depth: int) -> Iterator[_ObjectRows]:
    """Where rows may be: lists of objects, objects of like objects, and single objects with numbers of their own."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        yield from _elements(value, path, outer, depth)
    elif isinstance(value, dict):
        yield from _members(value, path, outer, depth)


def _elements(value: list[Any], path: str, outer: dict[str, Any], depth: int) -> Iterator[_ObjectRows]:
    inner = [one for one in value if isinstance(one, dict)]
    if not inner:
        return
    yield _ObjectRows(path, [_fields(one) | outer for one in inner])
    for one in inner[-LOOKED_AT:]:
        yield from _inside(one, f"{path}[*]", outer, depth)


def _members(value: dict[str, Any], path: str, outer: dict[str, Any], depth: int) -> Iterator[_ObjectRows]:
    inner = {name: one for name, one in value.items() if isinstance(one, dict)}
    alike = len(inner) >= _FEWEST_MEMBERS and len(inner) == len(value)
    if alike and len({frozenset(one) for one in inner.values()}) <= max(1, len(inner) // 3):
        yield _ObjectRows(f"{path}.*", [{"@key": name} | _fields(one) | outer for name, one in inner.items()])
        return
    plain = {name: one for name, one in value.items() if not isinstance(one, dict | list)}
    if len(value) >= _FEWEST_MEMBERS and len(plain) == len(value) and len(value) > _DEEPEST and _one_kind(plain):
        yield _ObjectRows(f"{path}.*", [{"@key": name, "@value": one} | outer for name, one in plain.items()])
    # What an object holds is offered with the outermost one, whose fields are named by dotted paths.
    if (plain or inner) and depth % (_FLATTENED + 1) == 0:
        yield _ObjectRows(path, [_fields(value) | outer])
    for name, one in value.items():
        if isinstance(one, list | dict):
            yield from _places(one, path + _step(name), _passed_on(value, outer, in_rows=False), depth + 1)


def _inside(row: dict[str, Any], path: str, outer: dict[str, Any], depth: int) -> Iterator[_ObjectRows]:
    for name, one in row.items():
        if isinstance(one, list):
            yield from _places(one, path + _step(name), _passed_on(row, outer, in_rows=True), depth + 1)


def _passed_on(row: dict[str, Any], outer: dict[str, Any], *, in_rows: bool) -> dict[str, Any]:
    """What a nested row may say of the one around it; an object that is no row itself is not reached by `^`."""
    if not in_rows:
        return outer
    plain = {f"^.{name}": one for name, one in row.items() if not isinstance(one, dict | list)}
    return plain | {f"^.{name}": one for name, one in outer.items()}


def _fields(row: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in row.items():
        if isinstance(one, dict) and depth < _FLATTENED:
            found |= _fields(one, f"{before}{name}.", depth + 1)
        elif not isinstance(one, dict | list) and len(found) < _WIDEST:
            found[before + name] = one
    return found


def _one_kind(plain: dict[str, Any]) -> bool:
    return len({type(one) for one in plain.values()}) == 1


def _step(name: str) -> str:
    if not set(name) & set(".[]'"):
        return f".{name}"
    return f"['{name}']" if "'" not in name else f'["{name}"]'
