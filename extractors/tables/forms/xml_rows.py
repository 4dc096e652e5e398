"""The `xml` extractor: elements of an XML document taken as rows, walked as JSON is.

`rows` is a path of names from the outermost element, `$.rss.channel.item`; each step takes all elements of that name.
Fields are named from the row: `pubDate` is the text of that element within, `@status` an attribute, `area.@code` an
attribute of an element within, `Value[@id=AGE].@value` one of several that are told apart by an attribute, `^.@geo` an
attribute of the element around the row, `#text` the row's own text.

Names are local ones, without the prefix of their namespace; where a document has one local name under several prefixes,
the prefixed ones keep theirs (`media:title` beside `title`). A document type is refused, and so are its entities. The
places of figures are those in the text as it was published.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set
from functools import cached_property, partial
from itertools import accumulate, chain
from typing import Any, NoReturn
from xml.parsers import expat

from extractors.document import Document
from extractors.patterns import Place
from extractors.tables.forms.tree import Siblings, TreeRow, XmlElement, as_fields, field, rows_at, ways_out
from extractors.tables.rows import ColumnKey, Rows, read_rows, resolve, wanted_names
from extractors.tables.scales import is_unit_name
from model import Reading, Source, UnreadableError

VERSION = 1

MOST_ELEMENTS, DEEPEST = 1_000_000, 100

_TAG = re.compile(rb"<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>")
_ATTRIBUTE = re.compile(rb"\s([^\s=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_CDATA = re.compile(rb"<!\[CDATA\[(.*)\]\]>", re.DOTALL)
_CONTINUED = bytes(range(0x80, 0xC0))
_BLOCK = 4096


def read(source: Source, document: Document) -> Reading:
    """Read elements of an XML document.

    Raises `UnreadableError` naming the line where it is broken, or the path that is not there.
    """
    content = document.text.encode("utf-8", "replace")
    found = rows_at(TreeRow(parse(content), ()), source.rows)
    wanted = wanted_names(source) | set(filter(is_unit_name, _names(found)))
    outward = ways_out(source, found, {})
    rows = as_fields(found, wanted, outward)
    present = dict.fromkeys(chain.from_iterable(rows))
    known = {name: resolve(name, present, wanted) for name in wanted}
    places = _XmlPlaces(content)

    def place(row: int, key: ColumnKey) -> Place:
        return places.of(found[row], outward.get(str(key), str(key)))

    def span(row: int) -> Place:
        return places.whole(found[row])

    names, beside = partial(_names, found), partial(_beside, found)
    table = Rows(document.text, rows, known.__getitem__, True, False, place, span, names, beside=beside)
    return read_rows(source, table, published=document.near)


def parse(content: bytes) -> XmlElement:
    """A document (UTF-8, whatever it declares) as an object whose one member is its outermost element.

    Raises `UnreadableError` where it is no XML, has a document type, nests too deeply or has too many elements.
    """
    builder = _walk(content, _Builder(frozenset()))
    return (_walk(content, _Builder(shared)) if (shared := builder.names.shared) else builder).root


def _walk(content: bytes, listener: _Builder) -> _Builder:
    parser = listener.parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = listener.begin, listener.end
    parser.CharacterDataHandler = listener.say
    parser.StartDoctypeDeclHandler = _refuse_type
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UnreadableError(f"line {error.lineno} is no XML: {expat.errors.messages[error.code]}") from None
    return listener


def _refuse_type(name: str, *_rest: object) -> NoReturn:
    raise UnreadableError(
        f"the XML declares a document type (<!DOCTYPE {name[:40]}>), which may define entities, and is not read",
        "look for the same data in another form",
    )


class _XmlNames(dict[str, str]):
    """The names of elements and attributes (`@name`) by those in the document: local ones, but for those shared."""

    def __init__(self, shared: Set[str]) -> None:
        super().__init__()
        self._shared = shared

    def __missing__(self, spelled: str) -> str:
        local = _local(spelled)
        self[spelled] = spelled if local in self._shared else local
        return self[spelled]

    @property
    def shared(self) -> set[str]:
        """The local names that stand under several prefixes, or under one and none."""
        return {local for local, count in Counter(map(_local, self)).items() if count > 1}


def _local(spelled: str) -> str:
    return "@" * spelled.startswith("@") + spelled.removeprefix("@").rpartition(":")[2]


class _Builder:
    """The tree of a document, as it is parsed."""

    def __init__(self, shared: Set[str]) -> None:
        self.parser: Any = None
        self.root = XmlElement()
        self.names = _XmlNames(shared)
        self._open = [self.root]
        self._texts: list[list[str]] = [[]]
        self._count = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        element, names = XmlElement(), self.names
        element.at = self.parser.CurrentByteIndex
        if attributes:
            element.update({names[f"@{one}"]: said for one, said in attributes.items() if not one.startswith("xmlns")})
        around, name = self._open[-1], names[name]
        before = around.setdefault(name, element)
        if before is not element:
            if isinstance(before, Siblings):
                before.append(element)
            else:
                around[name] = Siblings((before, element))
        self._open.append(element)
        self._texts.append([])
        self._count += 1
        self._bound()

    def say(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, _name: str) -> None:
        element, texts = self._open.pop(), self._texts.pop()
        element.close = self.parser.CurrentByteIndex
        if texts and (text := "".join(texts).strip()):
            element["#text"] = text

    def _bound(self) -> None:
        if len(self._open) > DEEPEST + 1:
            raise UnreadableError(f"the XML nests deeper than {DEEPEST} elements")
        if self._count > MOST_ELEMENTS:
            raise UnreadableError(f"the XML has more than {MOST_ELEMENTS:,} elements", reason="too_large")


def _names(found: list[TreeRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in found for name in (row.value if isinstance(row.value, dict) else ())))


def _beside(found: list[TreeRow]) -> Iterator[str]:
    """What the elements around the rows say in their attributes."""
    outer = found[0].outer if found else None
    while outer is not None:
        yield from (f"({one})" for one in outer.value.values() if isinstance(one, str))
        outer = outer.outer


class _XmlPlaces:
    """Where elements and attributes stand in a text, by where they stand in its bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def of(self, row: TreeRow, name: str) -> Place:
        """Where a field's text or value stands, without quotes; the row's own tag where there is none."""
        found = field(row, name)
        if found is not None and isinstance(found.value, XmlElement):
            return self._text(found.value)
        around, _, last = name.rpartition(".")
        holder = field(row, around) if around not in ("", "^") else row.outer if around else row
        if holder is None or not isinstance(holder.value, XmlElement):
            return self.whole(row)
        return self._text(holder.value) if last == "#text" else self._attribute(holder.value, last)

    def whole(self, row: TreeRow) -> Place:
        """Where an element stands, with its tags."""
        element = row.value
        if not isinstance(element, XmlElement):
            return 0, 0
        end = self._content.find(b">", element.close) + 1 if element.close > element.at else self._tag(element).end()
        return self._place(element.at, end)

    def _tag(self, element: XmlElement) -> re.Match[bytes]:
        found = _TAG.match(self._content, element.at)
        assert found is not None
        return found

    def _text(self, element: XmlElement) -> Place:
        start, end = self._tag(element).end(), element.close
        if end < start:
            return self._place(element.at, start)
        said = self._content[start:end]
        inner = said.strip()
        start += len(said) - len(said.lstrip())
        if cdata := _CDATA.fullmatch(inner):
            start, inner = start + cdata.start(1) + len(cdata[1]) - len(cdata[1].lstrip()), cdata[1].strip()
        return self._place(start, start + len(inner))

    def _attribute(self, element: XmlElement, name: str) -> Place:
        tag = self._tag(element)
        for found in _ATTRIBUTE.finditer(tag[0]):
            if name.removeprefix("@") in (found[1].decode(), found[1].decode().rpartition(":")[2]):
                start, end = found.span(2) if found[2] is not None else found.span(3)
                return self._place(tag.start() + start, tag.start() + end)
        return self._place(*tag.span())

    def _place(self, start: int, end: int) -> Place:
        return self._point(start), self._point(end)

    def _point(self, at: int) -> int:
        """The code point of a byte."""
        if self._is_ascii:
            return at
        block = at // _BLOCK
        return self._points[block] + len(self._content[block * _BLOCK : at].translate(None, _CONTINUED))

    @cached_property
    def _is_ascii(self) -> bool:
        return self._content.isascii()

    @cached_property
    def _points(self) -> list[int]:
        """How many code points begin before each block of bytes."""
        blocks = (self._content[at : at + _BLOCK] for at in range(0, len(self._content), _BLOCK))
        return [0, *accumulate(len(block.translate(None, _CONTINUED)) for block in blocks)]
