"""The `json` extractor: objects or lists in a JSON document, or in one on each line, taken as rows.

`rows` says where they are: `$` is the document, `.name` or `['a name']` a member, `[*]` every element of a list, `.*`
every member of an object. A list that the path ends at gives its elements, an object is one row. So `$`, `$.data.rows`,
`$.days[*].regions[*]`, `$.data.*`.

Fields are named by `path` (or `column`): the whole name is tried first, as it stands (`field artillery`, `personnel*`),
then its parts between dots (`stats.tanks`; a number is a place in a list). `@key` is the name of the member that a row
of `.*` stands under, `@value` a row that is no object, and `^.name` a field of the row around a nested one (`^.^.name`
two out).

What names a row (its date, its dimensions, the conditions of `where`) is looked for in the rows around it where no row
has it itself: a region's name above its days, a page's date above all. A figure's own number never is.

A row without a field gives no cell; a field that is null, NaN or Infinity is a blank cell. An object that gives one
name two values is broken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from itertools import chain
from json import decoder as json_decoder
from typing import Any, NamedTuple

import msgspec

from extractors.document import Document
from extractors.paged import PageTurn, digest_of
from extractors.patterns import Place
from extractors.tables.cubes import CUBES, JsonPath, read_cube
from extractors.tables.rows import ColumnKey, Rows, read_rows, resolve, wanted_names
from extractors.tables.scales import is_unit_name
from model import CheckResult, Paging, Reading, Result, Source, UnreadableError

VERSION = 11

_STEP = re.compile(r"(\.\*|\[\*\])|\.([^.\[\]]+)|\['([^']*)'\]|\[\"([^\"]*)\"\]")
_PATH_MARKS = re.compile(r"[.@^]")
_SPACED_NAME = re.compile(r'"\s+:')
_GAP = re.compile(r"[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*")
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_pieces = msgspec.json.Decoder(list[msgspec.Raw])
_scan = json_decoder.JSONDecoder(parse_int=str, parse_float=str, strict=False).raw_decode
_scan_name: Any = vars(json_decoder)["scanstring"]


class _JsonRow(NamedTuple):
    """A value on the way to the rows; `outer` is the row around it, where it is not itself one (`is_row`)."""

    value: Any
    steps: JsonPath
    outer: _JsonRow | None = None
    is_row: bool = True

    @property
    def around(self) -> _JsonRow | None:
        """The nearest row that what lies inside this value belongs to."""
        return self if self.is_row else self.outer


def read(source: Source, document: Document) -> Reading:
    """Read rows of a JSON document.

    Raises `UnreadableError` naming the line where it is broken, or the path that is not there.
    """
    parsed = parse(document.text)
    return (_read_cube if source.preset in CUBES else _read_tree)(source, document, parsed)


def _read_tree(source: Source, document: Document, parsed: Any) -> Reading:
    text = document.text
    pages = [*_inside(_JsonRow(parsed, ()))] if document.in_pages else [_JsonRow(parsed, ())]
    found = [row for page in pages for row in _rows(page, source.rows)]
    first, last = pages[0].value, pages[-1].value
    if not found:
        _refuse_failed(last)
    _refuse_two_values(text, found)
    wanted = wanted_names(source)
    rows = _as_members(text, found)
    present = dict.fromkeys(chain.from_iterable(rows or ()))
    outward = _outward(source, found, present)
    fields = rows is None or bool(outward) or any(_PATH_MARKS.search(name) for name in wanted.difference(present))
    if rows is None or fields:
        rows = _as_fields(found, wanted, outward)
        present = dict.fromkeys(chain.from_iterable(rows))
    known = {name: resolve(name, present, wanted) for name in wanted}
    places = _JsonPlaces(text, lines=type(parsed) is list and text.lstrip()[:1] == "{")

    def place(row: int, key: ColumnKey) -> Place:
        return places.of(found[row], outward.get(str(key), key) if fields else (key,))

    def span(row: int) -> Place:
        return places.span(found[row].steps)

    names, beside, caption = partial(_names, found), partial(_around, first), partial(_title, first)
    table = Rows(text, rows, known.__getitem__, True, False, place, span, names, beside=beside, caption=caption)
    reading = read_rows(source, table, published=document.near)
    return msgspec.structs.replace(reading, checks=(*_pages(source, last, len(found)), *reading.checks))


def _read_cube(source: Source, document: Document, parsed: Any) -> Reading:
    try:
        cube = read_cube(source.preset or "", parsed)
    except UnreadableError:
        _refuse_failed(parsed)
        raise
    _refuse_repeated(document.text)
    wanted, places = wanted_names(source), _JsonPlaces(document.text)

    def keys(name: str) -> tuple[ColumnKey, ...]:
        return tuple(map(cube.names.index, resolve(name, cube.names, wanted)))

    def place(row: int, key: ColumnKey) -> Place:
        return places.inner(cube.way(row, key))

    def span(row: int) -> Place:
        return places.span(cube.ways[row])

    table = Rows(document.text, cube.rows, keys, False, True, place, span, lambda: cube.names)
    table = table._replace(beside=lambda: cube.beside, caption=lambda: next(iter(cube.beside), ""))
    return read_rows(source, table, published=document.near)


def turn(source: Source, document: Document) -> PageTurn:
    """What one page says of those that follow. Raises `UnreadableError` where it is broken, or says that it failed."""
    page = _JsonRow(parse(document.text), ())
    rows = [row.value for row in _rows(page, source.rows)]
    if not rows:
        _refuse_failed(page.value)
    rule = source.paging or Paging()
    more = None if rule.more is None else _said(page, rule.more) not in _NOTHING
    return PageTurn(len(rows), digest_of(rows), _following(page, rule), _total(page, rule), more)


def stand_at(value: Any, path: str) -> list[Any]:
    """The rows that a path leads to in a parsed document; none where it leads nowhere."""
    try:
        return [row.value for row in _rows(_JsonRow(value, ()), path)]
    except UnreadableError:
        return []


def _following(page: _JsonRow, rule: Paging) -> str | None:
    said = _said(page, rule.next)
    if said in _NOTHING:
        return None
    if not isinstance(said, str):
        raise UnreadableError(f"{rule.next} is no address of a next page: {str(said)[:80]}")
    return said


def _total(page: _JsonRow, rule: Paging) -> int | None:
    said = _said(page, rule.total)
    if said is not None and not _WHOLE.fullmatch(str(said)):
        raise UnreadableError(f"{rule.total} is no number of rows: {str(said)[:80]}")
    return None if said is None else int(said)


def _said(page: _JsonRow, path: str | None) -> Any:
    at = _field(page, path.removeprefix("$.")) if path and path.startswith("$") else None
    return None if at is None else at.value


_NOTHING = (None, "", False, 0, "false", "False")
_WHOLE = re.compile("[0-9]{1,15}")


_FAILED = ("error", "errors", "exception", "fault")


def _refuse_failed(parsed: Any) -> None:
    """Raise `UnreadableError` for a document without rows that says that something failed."""
    said = {str(name).casefold(): value for name, value in parsed.items()} if isinstance(parsed, dict) else {}
    failed = any(said.get(name) for name in _FAILED) or said.get("success") is False or said.get("ok") is False
    if failed or str(said.get("status", "")).casefold() in ("error", "fail", "failed", "failure"):
        words = next((value for name in ("message", *_FAILED, "status") if (value := said.get(name))), "success: false")
        raise UnreadableError(f"the answer has no rows, and says that it failed: {str(words)[:80]!r}", "fetch it again")


_TOTALS = ("total", "totalCount", "total_count", "totalRecords", "recordsTotal", "numberMatched", "count", "size")
_PAGED = (
    "limit",
    "offset",
    "page",
    "pageSize",
    "page_size",
    "per_page",
    "numberReturned",
    "skip",
    "start",
    "resultCount",
)
_NEXT = ("next", "nextLink", "@odata.nextLink", "next_page_url", "nextPageToken")


def _parts(parsed: Any) -> list[dict[str, Any]]:
    """A document that is an object, and the objects that are its members."""
    around = [parsed, *parsed.values()] if isinstance(parsed, dict) else []
    return [part for part in around if isinstance(part, dict)]


def _envelope(parsed: Any) -> list[dict[str, Any]]:
    """The parts that speak of the rows: where an object has many members, they are the rows themselves."""
    parts = _parts(parsed)
    return parts[:1] if parts and len(parsed) > _MEMBERS else parts


_MEMBERS = 20


def _pages(source: Source, parsed: Any, count: int) -> Iterator[CheckResult]:
    """A doubt where a document says that it is one page of many, or was cut at a limit of its server."""
    told = next(filter(None, (_says_more(part, count) for part in _parts(parsed))), "")
    if told:
        told += "" if source.paging else "; say in the definition how to go on, by paging:"
        result: Result = "hold" if source.coverage == "full" else "warn"
        yield CheckResult(name="part_of_many", result=result, message=f"one page of many was read ({told})")


def _says_more(part: dict[str, Any], count: int) -> str:
    """What a part of a document says of rows beyond those that it has; empty where it says nothing."""
    total = next((part[name] for name in _TOTALS if type(part.get(name)) is int), 0)
    if total > count and any(name in part for name in _PAGED):
        return f"{count:,} of {total:,} rows"
    if part.get("exceededTransferLimit") is True:
        return "exceededTransferLimit: there is more than the server gives at once"
    names = any(isinstance(part.get(name), str) and part[name] for name in _NEXT)
    return "it names a next page" if names else ""


_TITLES = ("title", "name", "caption", "indicator", "metric", "dataset", "measure", "subject", "region", "area", "unit")


def _title(parsed: Any) -> str:
    """What a document says in a few members beside its rows that they are."""
    said = (part.get(name) for part in _envelope(parsed) for name in _TITLES)
    return " · ".join(value for value in said if type(value) is str and len(value) <= _SHORT)


_SHORT = 90
"""So long may a title be; what is longer is a description."""


def _around(parsed: Any) -> Iterator[str]:
    """What a document says in words beside its rows: titles, notes, and units."""
    for name, value in chain.from_iterable(part.items() for part in _envelope(parsed)):
        if type(value) is str:
            yield f"({value})" if is_unit_name(name) else value


def _names(found: list[_JsonRow]) -> tuple[str, ...]:
    """The names of the members of all rows that are objects; of rows that are lists, the places that the first has."""
    members = dict.fromkeys(chain.from_iterable(row.value for row in found if type(row.value) is dict))
    if not members and found and isinstance(found[0].value, list):
        return tuple(f"[{place}]" for place in range(len(found[0].value)))
    return tuple(members)


def parse(text: str) -> Any:
    """A JSON document, or the list of those on each line. Raises `UnreadableError` naming the line that is broken."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass  # the slower parser knows NaN and lone surrogates, and names the line
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and (lines := _lines(text)):
            return lines
        raise UnreadableError(f"line {error.lineno} is no JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise UnreadableError("the JSON nests too deeply, or a number in it is too long") from None


def _lines(text: str) -> list[Any]:
    """The values of JSON lines: one on each line; nothing where a line is none."""
    try:
        return [_decoder.decode(line) for line in text.splitlines() if line.strip()]
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return []


def _refuse_two_values(text: str, found: list[_JsonRow]) -> None:
    # Parsers keep the last of two equal names in silence. As many colons as names were kept proves that there are none;
    # else a slower parse looks.
    names = text.count('":') + len(_SPACED_NAME.findall(text))
    if names != sum(len(row.value) for row in found if type(row.value) is dict):
        _refuse_repeated(text)


def _refuse_repeated(text: str) -> None:
    try:
        json.loads(text, object_pairs_hook=_unlike_names, parse_float=str, parse_int=str)
    except json.JSONDecodeError:
        for line in filter(str.strip, text.splitlines()):
            json.loads(line, object_pairs_hook=_unlike_names, parse_float=str, parse_int=str)
    except RecursionError:
        raise UnreadableError("the JSON nests too deeply") from None


def _unlike_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        for name, value in pairs:
            if members[name] != value:
                raise UnreadableError(f"one object gives {name!r} two values, {value!r:.40} and {members[name]!r:.40}")
    return members


def _rows(document: _JsonRow, path: str) -> list[_JsonRow]:
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


def _flattened(rows: list[_JsonRow]) -> list[_JsonRow]:
    """The elements of the lists that a path ends at; one that is no list is a row itself."""
    if len(rows) == 1 and not isinstance(rows[0].value, list):
        return rows
    return [inner for row in rows for inner in (_inside(row) if isinstance(row.value, list) else (row,))]


def _stepped(row: _JsonRow, step: re.Match[str]) -> Iterator[_JsonRow]:
    return _inside(row) if step[1] else _member(row, step[2] or step[3] or step[4])


def _none_at(path: str, outer: list[_JsonRow]) -> list[_JsonRow]:
    """No rows where the list of them is empty; else the path leads nowhere."""
    if path.endswith("[*]") and [] in [row.value for row in outer]:
        return []
    raise UnreadableError(f"nothing stands at {path!r} in this document")


def _inside(row: _JsonRow) -> Iterator[_JsonRow]:
    if isinstance(row.value, dict):
        yield from (_JsonRow(value, (*row.steps, name), row.around) for name, value in row.value.items())
    elif isinstance(row.value, list):
        yield from (_JsonRow(value, (*row.steps, place), row.around) for place, value in enumerate(row.value))


def _member(row: _JsonRow, name: str) -> Iterator[_JsonRow]:
    if isinstance(row.value, dict) and name in row.value:
        yield _JsonRow(row.value[name], (*row.steps, name), row.around, False)


def _as_members(text: str, found: list[_JsonRow]) -> list[dict[Any, Any]] | None:
    """The rows as they are, where all are objects."""
    rows = [row.value for row in found]
    if not all(type(row) is dict for row in rows):
        return None
    flat = text.count("{") == len(rows) and text.count("[") <= 1 and "true" not in text and "false" not in text
    return rows if flat else [{name: _tame(value) for name, value in row.items()} for row in rows]


def _outward(source: Source, found: list[_JsonRow], present: dict[Any, None]) -> dict[str, str]:
    """What names a row and stands in no row itself, with the way out to the row around that has it."""
    names = {*source.by.values(), *(name for rule in source.figures for name in rule.where)}
    if source.as_of and (day := source.as_of.path or source.as_of.column):
        names.add(day)
    ways: dict[str, str] = {}
    for name in sorted(names.difference(present)) if found else ():
        outer, way = found[0].outer, "^." + name
        if name.startswith(("^", "@")) or any(_field(row, name) is not None for row in found):
            continue
        while outer is not None and _field(outer, name) is None:
            outer, way = outer.outer, "^." + way
        if outer is not None:
            ways[name] = way
    return ways


def _as_fields(found: list[_JsonRow], wanted: set[str], outward: dict[str, str]) -> list[dict[Any, Any]]:
    """The rows as wanted name to value, each name followed as a path."""
    ways = [(name, outward.get(name, name)) for name in wanted]
    return [{name: _tame(at.value) for name, way in ways if (at := _field(row, way)) is not None} for row in found]


def _field(row: _JsonRow, name: str) -> _JsonRow | None:
    if isinstance(row.value, dict) and name in row.value:
        return _JsonRow(row.value[name], (*row.steps, name))
    if name.startswith("^."):
        return _field(row.outer, name[2:]) if row.outer else None
    if name == "@key":
        return _JsonRow(row.steps[-1], row.steps) if row.steps else None
    if name == "@value":
        return row if not isinstance(row.value, dict | list) else None
    return _below(row, name.split("."))


def _below(row: _JsonRow, parts: list[str]) -> _JsonRow | None:
    value, steps = row.value, row.steps
    for part in parts:
        step: str | int = int(part) if isinstance(value, list) and part.isdecimal() and len(part) < 9 else part
        if (isinstance(value, dict) and step in value) or (isinstance(step, int) and step < len(value)):
            value, steps = value[step], (*steps, step)
        else:
            return None
    return _JsonRow(value, steps)


def _tame(value: Any) -> Any:
    # Python takes true for 1, and a list for no key at all; as text both are simply no numbers.
    return json.dumps(value, default=str) if isinstance(value, bool | list | dict) else value


class _JsonPlaces:
    """Where values stand in a JSON text; each list and object on the way is scanned once, at the parser's own speed."""

    def __init__(self, text: str, *, lines: bool = False) -> None:
        self._text = text
        self._inside: dict[Place, dict[str | int, Place]] = {}
        if lines:
            spans = (found.span() for found in re.finditer(r"(?<![^\r\n])[^\S\r\n]*+\S[^\r\n]*", text))
            self._inside[self._whole()] = {number: self._trimmed(*span) for number, span in enumerate(spans)}

    def _trimmed(self, start: int, end: int) -> Place:
        inner = self._text[start:end]
        return start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())

    def _whole(self) -> Place:
        return (_GAP.match(self._text).end(), len(self._text.rstrip(" \t\n\r")))  # type: ignore[union-attr]

    def span(self, steps: JsonPath) -> Place:
        """Where the value that the steps lead to stands, with its brackets or quotes."""
        place = self._whole()
        for step in steps:
            if place not in self._inside:
                self._inside[place] = dict(self._scan(*place))
            place = self._inside[place][step]
        return place

    def of(self, row: _JsonRow, key: Any) -> Place:
        """Where a field's number or text stands, without quotes."""
        steps = (*row.steps, *key) if isinstance(key, tuple) else getattr(_field(row, key), "steps", row.steps)
        return self.inner(steps)

    def inner(self, steps: JsonPath) -> Place:
        """Where the value that the steps lead to stands, without quotes."""
        start, end = self.span(steps)
        return (start + 1, end - 1) if self._text[start] == '"' else (start, end)

    def _scan(self, start: int, end: int) -> Iterator[tuple[str | int, Place]]:
        if self._text[start] == "[" and self._text.isascii():
            return self._elements(start, end)
        return self._members(start)

    def _elements(self, start: int, end: int) -> Iterator[tuple[str | int, Place]]:
        try:
            pieces = _pieces.decode(self._text[start:end])
        except (msgspec.DecodeError, RecursionError):
            yield from self._members(start)
            return
        at = self._skip(start + 1)
        for number, piece in enumerate(pieces):
            after = at + len(memoryview(piece))
            yield number, (at, after)
            at = _COMMA.match(self._text, after).end()  # type: ignore[union-attr]

    def _members(self, start: int) -> Iterator[tuple[str | int, Place]]:
        text, number, at = self._text, 0, self._skip(start + 1)
        while text[at] not in "]}":
            key: str | int = number
            if text[start] == "{":
                key, at = _scan_name(text, at + 1, False)
                at = self._skip(self._skip(at) + 1)
            _, end = _scan(text, at)
            yield key, (at, end)
            at = _COMMA.match(text, end).end()  # type: ignore[union-attr]
            number += 1

    def _skip(self, at: int) -> int:
        found = _GAP.match(self._text, at)
        return found.end() if found else at
