"""XML: which elements are rows, and which of their attributes and texts are figures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from extractors.document import Document
from extractors.suggest.columns import LOOKED_AT, judge
from extractors.suggest.offer import Way
from extractors.tables.forms.tree import Siblings, XmlElement
from extractors.tables.forms.xml_rows import parse

_MOST_READINGS = 8
_FLATTENED = 3
_FEWEST = 2
"""So many elements of one path are rows, where they are more than those around them; else each may be one."""
_TELLING = ("@id", "@concept", "@name", "@code", "@key", "@type")
"""The attributes by which several elements of one name are told apart."""


class _FoundElement(NamedTuple):
    """An element with those around it, the nearest first, each with the name that leads inward."""

    element: XmlElement
    around: tuple[tuple[XmlElement, str], ...]


def offers_of_xml(document: Document) -> list[Way]:
    """The attributes and texts of the elements of each path that could be rows; the one with most rows first.

    Raises `UnreadableError` where the document is no XML that is read.
    """
    paths: dict[str, deque[_FoundElement]] = {}
    counts: dict[str, int] = {}
    for path, found in _elements(parse(document.text.encode("utf-8", "replace"))):
        paths.setdefault(path, deque(maxlen=LOOKED_AT)).append(found)
        counts[path] = counts.get(path, 0) + 1
    several = [path for path in paths if counts[path] >= max(_FEWEST, counts.get(path.rpartition(".")[0], 0) + 1)]
    several = several or [path for path, found in paths.items() if not found[0].element.is_leaf]
    ways = []
    for path in sorted(several, key=lambda one: -counts[one]):
        title = f"{counts[path]:,} elements at {path}"
        if way := judge("xml", title, [_fields_of(one) for one in paths[path]], document.published, {"rows": path}):
            ways.append(way)
    return [*filter(None, map(_own, ways))][:_MOST_READINGS]


def _own(way: Way) -> Way | None:
    """A way with the figures of the rows themselves: what stands around them is said once, and no figure of each."""
    offers = tuple(offer for offer in way.offers if not offer.rule["path"].startswith("^."))
    return msgspec.structs.replace(way, offers=offers) if offers else None


def _elements(root: XmlElement) -> Iterator[tuple[str, _FoundElement]]:
    """Every element below the document, with its path."""
    left: list[tuple[str, _FoundElement]] = [("$", _FoundElement(root, ()))]
    while left:
        path, (element, around) = left.pop()
        for name, value in reversed(element.items()):
            inner = reversed(value) if isinstance(value, Siblings) else (value,)
            way = ((element, name), *around)
            left += [(f"{path}.{name}", _FoundElement(one, way)) for one in inner if isinstance(one, XmlElement)]
        if path != "$":
            yield path, _FoundElement(element, around)


def _fields_of(found: _FoundElement) -> dict[str, Any]:
    fields, way = dict(_fields(found.element)), ""
    for element, inward in found.around:
        way += "^."
        fields |= {way + name: text for name, text in _fields(element, without=inward)}
    return fields


def _fields(element: XmlElement, before: str = "", depth: int = 0, without: str = "") -> Iterator[tuple[str, str]]:
    """The attributes and texts of an element, and those of elements within that stand alone or are told apart."""
    for name, value in element.items():
        if isinstance(value, str):
            yield before + name, value
        elif name != without and depth < _FLATTENED:
            for step, one in _apart(name, value):
                yield from _inner(one, before + step, depth + 1)


def _inner(element: XmlElement, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if element.is_leaf and "#text" in element:
        yield name, element.text
    yield from ((field, text) for field, text in _fields(element, f"{name}.", depth) if field != f"{name}.#text")


def _apart(name: str, value: XmlElement | Siblings) -> list[tuple[str, XmlElement]]:
    """The elements of a name, each by the step that leads to it alone; none where nothing tells them apart."""
    if isinstance(value, XmlElement):
        told = next((one for one in _TELLING if set(value) == {one, "@value"}), None)
        return [(f"{name}[{told}={value[told]}]" if told else name, value)]
    for attribute in _TELLING:
        said = [one.get(attribute) for one in value]
        if all(said) and len(set(said)) == len(said):
            return [(f"{name}[{attribute}={text}]", one) for text, one in zip(said, value, strict=True)]
    return []
