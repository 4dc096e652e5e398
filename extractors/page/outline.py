"""A page parsed once and quickly: its elements in their order, each with its place in the text laid out from it.

The parser tells of the same elements, in the same order, as it tells Beautiful Soup, so that the two can be paired. The
selectors that most definitions use (names, ids, classes, one within another) are followed here; soupsieve reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

from lxml import etree

from extractors.page.ink import BLOCKS, RAISED, Ink, is_concealed, is_dropped, raised
from extractors.page.stylesheet import DisplayRule, rules
from extractors.patterns import Place

if TYPE_CHECKING:
    from soupsieve.css_types import Selector, SelectorList


_WORD = re.compile(r"\S+")
_STEPS = (" ", ">")
_CELLS = ("td", "th")
_TABLED = frozenset((*_CELLS, "tr"))


class Element:
    """One element; `hidden` where it and all in it is never shown, and then its place is empty."""

    __slots__ = ("attributes", "hidden", "name", "parent", "place")

    def __init__(self, name: str, attributes: Mapping[str, str], parent: Element | None, hidden: bool) -> None:
        self.name, self.attributes, self.parent, self.hidden = name, attributes, parent, hidden
        self.place: Place = (0, 0)

    def above(self, name: str) -> Element | None:
        """The nearest element of a name around this one."""
        element = self.parent
        while element is not None and element.name != name:
            element = element.parent
        return element


class Outline:
    """The elements of a page in their order, and its text; what the parser tells of it is taken by `_Drawing`."""

    def __init__(self, markup: str) -> None:
        hiding = rules(markup, _compiled)
        drawing = _drawn(markup, frozenset(), hiding)
        if drawing.tabs:
            drawing = _drawn(markup, frozenset(drawing.tabs), hiding)
        self.elements = drawing.elements
        self.text = drawing.ink.text()

    @cached_property
    def tables(self) -> dict[Element, list[tuple[Element, list[Element]]]]:
        """The shown rows of each table with their shown cells; those of a table within another are its own."""
        cells: dict[Element, list[Element]] = {}
        tables: dict[Element, list[tuple[Element, list[Element]]]] = {}
        for element in self.elements:
            if element.hidden:
                continue
            if element.name == "tr" and (table := element.above("table")) is not None:
                cells[element] = []
                tables.setdefault(table, []).append((element, cells[element]))
            elif element.name in _CELLS and element.parent in cells:
                cells[element.parent].append(element)
        return tables

    def find(self, selectors: SelectorList) -> list[Element] | None:
        """The shown elements that fit a selector, in their order; None where it asks for more than is known."""
        plain = _plain(selectors)
        if plain is None:
            return None
        names = {_name(one) for one in plain}
        shown = (one for one in self.elements if not one.hidden and (one.name in names or "" in names))
        return [element for element in shown if any(_fits(element, one) for one in plain)]


def _drawn(markup: str, tabs: frozenset[int], hiding: Sequence[DisplayRule]) -> _Drawing:
    drawing = _Drawing(tabs, hiding)
    parser = etree.HTMLParser(target=drawing, recover=True)
    try:
        parser.feed(markup)
        parser.close()
    except etree.ParserError:
        pass  # of an empty page, which has no elements
    drawing.finish()
    return drawing


class _Drawing:
    """What the parser calls: every element opened and closed, and the text between, laid out at once.

    What a page hides is left out, but for blocks with tables in them, which are tabs that a reader opens: `tabs` are
    the numbers of those that were found, and given back to be drawn.
    """

    def __init__(self, shown: frozenset[int], rules: Sequence[DisplayRule]) -> None:
        self._shown_tabs, self.tabs, self._hiding, self._rules = shown, list[int](), -1, rules
        self.ink = Ink()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self._said: list[str] = []
        self._pre = self._raised = self._above = self._dropped = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._write()
        parent = self._open[-1] if self._open else None
        element = Element(name, attributes, parent, self._dropped > 0)
        element.hidden = element.hidden or self._hides(element)
        self.elements.append(element)
        if element.hidden:
            self._dropped += 1
            if name == "table" and self._hiding >= 0 and self._hiding not in self.tabs:
                self.tabs.append(self._hiding)
        else:
            self._hiding = -1
            self._pre += name == "pre"
            self._raised += name in RAISED
            self._above += name == "sup"
            self.ink.open(name)
            element.place = (self.ink.length, self.ink.length)
        self._open.append(element)

    def _hides(self, element: Element) -> bool:
        name, attributes, number = element.name, element.attributes, len(self.elements)
        if is_dropped(name, attributes.get("style")):
            return True
        if number in self._shown_tabs or not (is_concealed(attributes) or self._is_ruled_out(element)):
            return False
        if name in BLOCKS and name not in _TABLED:
            self._hiding = number
        return True

    def _is_ruled_out(self, element: Element) -> bool:
        """Whether the weightiest rule of the page's style sheets that fits an element hides it."""
        fitting = [rule for rule in self._rules if _fits(element, rule.selector)]
        return bool(fitting) and max(fitting, key=lambda rule: rule.weight).hides

    def end(self, name: str) -> None:
        self._write()
        # An end that fits no element still open is passed over, as Beautiful Soup does.
        if self._open and self._open[-1].name == name:
            self._close()
        elif any(element.name == name for element in reversed(self._open)):
            while self._close() != name:
                pass

    def data(self, text: str) -> None:
        self._said.append(text)

    def comment(self, _text: str) -> None:
        self._write()

    def pi(self, _target: str, _data: str | None = None) -> None:
        self._write()

    def doctype(self, *_names: str | None) -> None:
        self._write()

    def close(self) -> None:
        self._write()

    def finish(self) -> None:
        """Close what the page left open."""
        self._write()
        while self._open:
            self._close()

    def _close(self) -> str:
        element = self._open.pop()
        if self._dropped:
            self._dropped -= 1
        else:
            self._pre -= element.name == "pre"
            self._raised -= element.name in RAISED
            self._above -= element.name == "sup"
            self.ink.close(element.name)
            element.place = (element.place[0], self.ink.length)
        return element.name

    def _write(self) -> None:
        if self._said:
            if not self._dropped:
                said = "".join(self._said)
                text = raised(said) if self._above else said
                self.ink.write(text, self._raised > 0 and text == said, self._pre > 0)
            self._said.clear()


def _compiled(css: str) -> list[Selector] | None:
    import soupsieve

    try:
        return _plain(soupsieve.compile(css).selectors)
    except (soupsieve.SelectorSyntaxError, NotImplementedError):
        return None


def _plain(selectors: SelectorList) -> list[Selector] | None:
    """The alternatives of a selector, where all of them are plain."""
    from soupsieve.css_types import Selector

    plain = [one for one in selectors if isinstance(one, Selector) and _is_plain(one)]
    return plain if len(plain) == len(selectors) else None


def _is_plain(one: Selector) -> bool:
    """Whether a selector asks only for names, ids and classes, and for those around."""
    more = (one.attributes, one.nth, one.selectors, one.contains, one.lang, one.flags)
    return (
        not any(more)
        and (one.tag is None or (one.tag.prefix is None and one.tag.name.isascii()))
        # Beautiful Soup takes the page itself, too, for an element of any name.
        and (_name(one) != "" or bool(one.ids or one.classes))
        and (one.rel_type is None or one.rel_type in _STEPS)
        and _plain(one.relation) is not None
    )


def _name(one: Selector) -> str:
    return "" if one.tag is None or one.tag.name == "*" else one.tag.name.lower()


def _fits(element: Element, one: Selector) -> bool:
    name = _name(one)
    if name and name != element.name:
        return False
    if one.ids and any(wanted != element.attributes.get("id", "") for wanted in one.ids):
        return False
    if one.classes and not set(one.classes).issubset(_WORD.findall(element.attributes.get("class", ""))):
        return False
    return all(_around(element, outer) for outer in cast("Iterable[Selector]", one.relation))


def _around(element: Element, outer: Selector) -> bool:
    parent = element.parent
    if outer.rel_type == ">":
        return parent is not None and _fits(parent, outer)
    while parent is not None and not _fits(parent, outer):
        parent = parent.parent
    return parent is not None
