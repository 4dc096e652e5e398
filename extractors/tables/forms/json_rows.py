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
from typing import Any

import msgspec

from extractors.document import Document
from extractors.paged import PageTurn, digest_of
from extractors.patterns import Place
from extractors.tables.cubes import CUBES, JsonPath, read_cube
from extractors.tables.forms.tree import TreeRow, as_fields, field, inside, rows_at, tame, ways_out
from extractors.tables.rows import ColumnKey, Rows, read_rows, resolve, wanted_names
from extractors.tables.scales import is_unit_name
from model import CheckResult, Paging, Reading, Result, Source, UnreadableError

VERSION = 11

_PATH_MARKS = re.compile(r"[.@^]")
_SPACED_NAME = re.compile(r'"\s+:')
_GAP = re.compile(r"[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*")
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_pieces = msgspec.json.Decoder(list[msgspec.Raw])
_scan = json_decoder.JSONDecoder(parse_int=str, parse_float=str, strict=False).raw_decode
_scan_name: Any = vars(json_decoder)["scanstring"]


def read(source: Source, document: Document) -> Reading:
    """Read rows of a JSON document.

    Raises `UnreadableError` naming the line where it is broken, or the path that is not there.
    """
    parsed = parse(document.text)
    return (_read_cube if source.preset in CUBES else _read_tree)(source, document, parsed)


def _read_tree(source: Source, document: Document, parsed: Any) -> Reading:
    text = document.text
    pages = [*inside(TreeRow(parsed, ()))] if document.in_pages else [TreeRow(parsed, ())]
    found = [row for page in pages for row in rows_at(page, source.rows)]
    first, last = pages[0].value, pages[-1].value
    if not found:
        _refuse_failed(last)
    _refuse_two_values(text, found)
    wanted = wanted_names(source) | set(filter(is_unit_name, _names(found)))
    rows = _as_members(text, found)
    present = dict.fromkeys(chain.from_iterable(rows or ()))
    outward = ways_out(source, found, present)
    fields = rows is None or bool(outward) or any(_PATH_MARKS.search(name) for name in wanted.difference(present))
    if rows is None or fields:
        rows = as_fields(found, wanted, outward)
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
    page = TreeRow(parse(document.text), ())
    rows = [row.value for row in rows_at(page, source.rows)]
    if not rows:
        _refuse_failed(page.value)
    rule = source.paging or Paging()
    more = None if rule.more is None else _said(page, rule.more) not in _NOTHING
    return PageTurn(len(rows), digest_of(rows), _following(page, rule), _total(page, rule), more)


def _following(page: TreeRow, rule: Paging) -> str | None:
    said = _said(page, rule.next)
    if said in _NOTHING:
        return None
    if not isinstance(said, str):
        raise UnreadableError(f"{rule.next} is no address of a next page: {str(said)[:80]}")
    return said


def _total(page: TreeRow, rule: Paging) -> int | None:
    said = _said(page, rule.total)
    if said is not None and not _WHOLE.fullmatch(str(said)):
        raise UnreadableError(f"{rule.total} is no number of rows: {str(said)[:80]}")
    return None if said is None else int(said)


def _said(page: TreeRow, path: str | None) -> Any:
    at = field(page, path.removeprefix("$.")) if path and path.startswith("$") else None
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


def _names(found: list[TreeRow]) -> tuple[str, ...]:
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


def _refuse_two_values(text: str, found: list[TreeRow]) -> None:
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


def _as_members(text: str, found: list[TreeRow]) -> list[dict[Any, Any]] | None:
    """The rows as they are, where all are objects."""
    rows = [row.value for row in found]
    if not all(type(row) is dict for row in rows):
        return None
    flat = text.count("{") == len(rows) and text.count("[") <= 1 and "true" not in text and "false" not in text
    return rows if flat else [{name: tame(value) for name, value in row.items()} for row in rows]


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

    def of(self, row: TreeRow, key: Any) -> Place:
        """Where a field's number or text stands, without quotes."""
        steps = (*row.steps, *key) if isinstance(key, tuple) else getattr(field(row, key), "steps", row.steps)
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
