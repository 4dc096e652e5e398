"""JSON: where its rows are, and which of their fields are figures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from extractors.document import Document
from extractors.suggest.columns import LOOKED_AT, judge
from extractors.suggest.cubes import offers_of_cube
from extractors.suggest.dated import DATES
from extractors.suggest.offer import Way
from extractors.suggest.presets import preset_rows
from extractors.tables.cubes import form_of
from extractors.tables.forms.json_rows import parse
from model import PRESETS

_DEEPEST = 6
_WIDEST = 400
_FLATTENED = 3
_FEWEST_MEMBERS, _FEWEST_PLACES = 3, 2
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
    pages = data if document.in_pages else [data]
    return _known(pages, document) or _found(pages, document)


def _found(pages: Sequence[Any], document: Document) -> list[Way]:
    """The ways to read an answer, by the lists and objects in it."""
    merged: dict[str, list[dict[str, Any]]] = {}
    for page in pages:
        for found in _places(page, "$", _day_of_all(page), 0):
            merged.setdefault(found.path, []).extend(found.rows)
    readings, paging = [], _paging(pages[0])
    for path, rows in sorted(merged.items(), key=lambda one: -len(one[1])):
        settings = paging if path == "$" else {"rows": path, **paging}
        title = f"{len(rows):,} rows at {path}" if len(rows) > 1 else f"the object at {path}"
        if reading := judge("json", title, rows[-LOOKED_AT:], document.published, settings):
            readings.append(reading)
    return readings[:_MOST_READINGS]


def _known(pages: Sequence[Any], document: Document) -> list[Way]:
    """The way to read an answer whose form is that of a family of servers, or a cube; none where it is neither."""
    if not document.in_pages and (form := form_of(pages[0])) is not None:
        return offers_of_cube(form, parse(document.text), document)
    if (found := preset_rows(pages)) is None:
        return []
    title = f"{len(found.rows):,} rows: {PRESETS[found.preset].title}"
    way = judge("json", title, found.rows[-LOOKED_AT:], document.published, {"preset": found.preset})
    return [way] if way else []


def _paging(page: Any) -> dict[str, Any]:
    """How a page names the address of the next one, where it does."""
    fields = _fields(page) if isinstance(page, dict) else {}
    named = (name for name, value in fields.items() if _NEXT.search(name) and str(value).startswith(_ADDRESS))
    return next(({"paging": {"next": f"$.{name}"}} for name in named), {})


_NEXT = re.compile(r"(?:^|\.)(?:next(?:\.href)?|next_?(?:link|url|page_?url)|@odata\.nextLink)$", re.IGNORECASE)
_ADDRESS = ("https://", "http://", "/", "?")


def _day_of_all(data: Any) -> dict[str, Any]:
    """The one day that a document states of all its rows, by the way out to it; of several the one that says so."""
    days = _days_stated(data) if isinstance(data, dict) else {}
    told = {name: day for name, day in days.items() if _OF_ALL.search(name)} or days
    one_day = len({str(day)[:10] for day in told.values()}) == 1
    return told if one_day else {}


def _days_stated(data: dict[str, Any]) -> dict[str, Any]:
    fields = {name: one for name, one in _fields(data).items() if isinstance(one, str) and len(one) <= _LONGEST_DAY}
    return {f"^.{name}": one for name, one in fields.items() if _states_day(name, one)}


def _states_day(name: str, text: str) -> bool:
    if _OTHER_DAY.search(name):
        return False
    if text.isdigit():
        return _OF_ALL.search(name) is not None and _FIGURES_OF_DAY.fullmatch(text) is not None
    return _EITHER_WAY.search(text) is not None or any(form.search(text) for form, _ in DATES)


_LONGEST_DAY = 60
_EITHER_WAY = re.compile(r"(?<!\d)\d{1,2}([/-])\d{1,2}\1\d{2,4}(?!\d)")
_FIGURES_OF_DAY = re.compile(r"(?:19|20)\d{6}|1\d{9}(?:\d{3})?")
_DAY = re.compile(
    r"(?:\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{2,4})(?!\d)|\d\d? [^\W\d]+ \d{4}|[^\W\d]+ \d\d?, \d{4}"
)
_OF_ALL = re.compile(r"(?i)as.?of|updat|date|day|stand|stamp|time|станом|дата|datum|fecha")
_OTHER_DAY = re.compile(
    r"(?i)next|valid|expir|until|expect|due|start|begin|since|from|first|end|release|publi|creat|copy|version"
)
"""What is no day that a document speaks of: the next one, the first of a span, that of a licence."""


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
    found = (form(value, path, outer) for form in (_days_of_places, _rows_of_places, _like_objects))
    if (rows := next(filter(None, found), None)) is not None:
        yield rows
        return
    if len(value) > _DEEPEST and not any(map(_holds_more, value.values())) and _one_kind(value):
        yield _ObjectRows(f"{path}.*", [{"@key": name, "@value": one} | outer for name, one in value.items()])
    # What an object holds is offered with the outermost one, whose fields are named by dotted paths.
    if depth % (_FLATTENED + 1) == 0 and not all(isinstance(one, list) for one in value.values()):
        yield _ObjectRows(path, [_fields(value) | (outer if depth else {})])
    for name, one in filter(lambda member: _holds_more(member[1]), value.items()):
        yield from _places(one, path + _step(name), _passed_on(value, outer, in_rows=False), depth + 1)


def _holds_more(value: Any) -> bool:
    return isinstance(value, list | dict)


def _days_of_places(value: dict[str, Any], path: str, outer: dict[str, Any]) -> _ObjectRows | None:
    """Below names of places the value of each day."""
    if len(value) < _FEWEST_PLACES or not all(map(_by_day, value.values())):
        return None
    days = ((name, day, one) for name, inner in value.items() for day, one in inner.items())
    rows = [{"@key": day, "@value": one, **_below(name, outer)} for name, day, one in days]
    return _ObjectRows(f"{path}.*.*", rows)


def _rows_of_places(value: dict[str, Any], path: str, outer: dict[str, Any]) -> _ObjectRows | None:
    """Below names of places a list of objects for each."""
    if len(value) < _FEWEST_PLACES or not all(map(_is_list_of_objects, value.values())):
        return None
    named = [(name, one) for name, inner in value.items() for one in inner]
    rows = [_fields(one) | _below(name, outer) for name, one in named]
    return _ObjectRows(f"{path}.*[*]", rows) if _few_forms(one for _, one in named) else None


def _like_objects(value: dict[str, Any], path: str, outer: dict[str, Any]) -> _ObjectRows | None:
    """An object of like objects, each a row that its name tells apart."""
    inner = list(value.values())
    if len(inner) < _FEWEST_MEMBERS or not all(isinstance(one, dict) for one in inner) or not _few_forms(inner):
        return None
    return _ObjectRows(f"{path}.*", [{"@key": name} | _fields(one) | outer for name, one in value.items()])


def _below(name: str, outer: dict[str, Any]) -> dict[str, Any]:
    return {"^.@key": name} | {f"^.{other}": one for other, one in outer.items()}


def _few_forms(objects: Iterable[dict[str, Any]]) -> bool:
    """Whether objects have the same members for the most part."""
    forms = [frozenset(one) for one in objects]
    return len(set(forms)) <= max(1, len(forms) // 3)


def _by_day(value: Any) -> bool:
    """Whether a value is an object that has a plain value for each of its days."""
    if not isinstance(value, dict) or len(value) < _FEWEST_MEMBERS or not all(map(_DAY.match, value)):
        return False
    return not any(isinstance(one, dict | list) for one in value.values())


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


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
