"""The article of a news page: its text without menus, teasers, banners and comments.

Trafilatura says which lines of the laid-out page belong to the article; the lines themselves are the page's own, so
that numbers cut by tags, no-break spaces, list items and table rows stay as `extractors.page.ink` lays them out. Since
a figure must not get lost, what trafilatura leaves out inside the article's element stays too, unless it is marked as
something else or leads elsewhere by links. Where trafilatura finds next to nothing, or less than what lies outside
(bulletins, lists, pages of tables), the whole visible page is the text.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from typing import NamedTuple

from lxml import etree, html

from extractors.page.ink import RAISED, Ink, is_dropped, refuse_too_deep
from model import Day

READ_WITH = "2.3.1"
"""The trafilatura that finds articles. Another may find other lines: raise `prose_series.READING` with it."""

_MOST, _DEEPEST = 10_000, 120
"""Elements, and elements within elements, beyond which a page is no article and is not searched for one: there
trafilatura's time grows with the square of either."""
_LEAST = 60
_CORE = 0.9
_TEASING = 0.3
_LINK_WORDS = 3
_LEAD_WORDS = 5
_MOSTLY = 0.5
_SHORT, _LONG, _MENU = 12, 40, 120
_WINDOW = 4000
_CELL = re.compile(r"\t[ +(~-]*\d[^\t]{0,20}(?:\t|$)")
_LEADS = tuple(":-–—|»>•→")
_ASIDE = frozenset(("nav", "aside", "footer", "form", "button", "select", "dialog", "menu"))
_ASIDE_WORDS = """
    related recommend teaser promo newsletter subscri share social comment disqus cookie consent gdpr banner breadcrumb
    sidebar widget popular trending mostread most-read read-more readmore read-also readalso see-also footer navigation
    menu advert sponsor outbrain taboola paywall signup sign-up
"""
_MARKED = re.compile("|".join(_ASIDE_WORDS.split()) + r"|\b(?:nav|ads?|tags|also)\b", re.IGNORECASE)
_ISO_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_LINKED_DATA = re.compile(rf'"datePublished"\s*:\s*"({_ISO_DAY.pattern})')
_DAY_NAMES = frozenset(
    (
        *("article:published_time", "datepublished", "date", "pubdate", "publish-date", "publishdate", "dc.date"),
        *("dc.date.issued", "dcterms.date", "dcterms.created", "parsely-pub-date", "sailthru.date"),
    )
)


class _PageLine(NamedTuple):
    """One line of the laid-out page, with the element that its text begins in.

    `linked` counts characters in links, `teasing` those in links of some words; `teaser` says that it leads elsewhere.
    """

    text: str
    key: str
    element: etree._Element
    linked: int
    teasing: int
    teaser: bool

    @property
    def row(self) -> bool:
        """Whether it is a table's row with a number in a cell of its own, wherever its label leads."""
        return "\t" in self.text and _CELL.search(self.text) is not None

    @property
    def table(self) -> etree._Element:
        """The innermost table around it, or its own element."""
        return next(self.element.iterancestors("table"), self.element)

    @property
    def headline(self) -> bool:
        """Whether it is the page's own headline."""
        parent = self.element.getparent()
        return self.element.tag == "h1" or (parent is not None and parent.tag == "h1")


class Article:
    """The article of a page: its `text`, or that of the whole page where none is found, and when it is `dated`.

    Raises `UnreadableError` for markup that nests deeper than any page made for reading.
    """

    def __init__(self, markup: str) -> None:
        tree = parse(markup)
        self.text, self.dated = ("", None) if tree is None else (_text(tree), _dated(tree))


def dated(markup: str) -> Day | None:
    """The day that a page gives as its own publication, in its metadata or its first marked time."""
    tree = parse(markup)
    return None if tree is None else _dated(tree)


def parse(markup: str) -> html.HtmlElement | None:
    """The tree of a page; None where it holds no element at all."""
    refuse_too_deep(markup)
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    clean = markup.replace("\x00", "\ufffd").encode("utf-8", "replace")
    try:
        return html.document_fromstring(clean, parser=parser)
    except (etree.ParserError, ValueError):
        return None


def _text(tree: html.HtmlElement) -> str:
    layout = _Layout(tree)
    found = _found(tree) if layout.elements <= _MOST and layout.depth <= _DEEPEST else ""
    kept = _ArticleLines(tree, layout.lines(), found).lines() if found else []
    return "\n".join(line.text for line in kept) if kept else layout.text


def _dated(tree: html.HtmlElement) -> Day | None:
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("itemprop") or tag.get("name") or ""
        if name.lower() in _DAY_NAMES and (found := _ISO_DAY.match((tag.get("content") or "").strip())):
            return Day(found[0])
    for tag in tree.iter("time"):
        marked = tag.get("itemprop") == "datePublished" or "pubdate" in tag.attrib
        found = _ISO_DAY.match(tag.get("datetime", "").strip())
        if found and (marked or next(tag.iterancestors("article"), None) is not None):
            return Day(found[0])
    scripts = (tag.text or "" for tag in tree.iter("script") if tag.get("type") == "application/ld+json")
    told = _LINKED_DATA.search("\n".join(scripts))
    return Day(told[1]) if told else None


def _found(tree: html.HtmlElement) -> str:
    """What trafilatura takes for the article, as text; empty where it finds none."""
    for name in ("trafilatura", "htmldate", "justext", "readability"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    from trafilatura.core import bare_extraction

    try:
        # its own copy, since it prunes what it is given
        document = bare_extraction(deepcopy(tree), include_comments=False, include_tables=True)
    except Exception:  # whatever a strange page does to it, the visible page can still be read
        return ""
    return str(getattr(document, "text", None) or "")


class _ArticleLines:
    """Which lines of a page are its article's."""

    def __init__(self, tree: html.HtmlElement, lines: list[_PageLine], found: str) -> None:
        self._order = [element for element in tree.iter() if isinstance(element.tag, str)]
        self._known = list(zip(lines, _matches(lines, found), strict=True))
        self._share = self._shares()
        self._inside = set(self._core(tree).iter())
        self._islands = self._unfound()
        self._weights = self._weigh()

    def lines(self) -> list[_PageLine]:
        """The article's lines; none where they say less than what would be left out."""
        kept: list[_PageLine] = []
        left = 0
        seen: set[str] = set()
        for line, wanted in self._wanted():
            if not wanted:
                left += len(line.key) * self._stays(line)
            elif len(line.key) < _LONG or line.key not in seen:
                kept.append(line)
                seen.add(line.key)
        size = sum(len(line.key) for line in kept)
        matched = any(known for _, known in self._known)
        return kept if matched and size >= max(_LEAST, left) else []

    def _wanted(self) -> Iterator[tuple[_PageLine, bool]]:
        whole = sum(len(line.key) for line, known in self._known if known)
        teasing = sum(len(line.key) for line, known in self._known if known and line.teaser)
        listing = teasing > _MOSTLY * whole
        for line, known in self._known:
            if known:
                yield line, listing or not line.teaser or line.headline
            else:
                yield line, (line.headline or line.element in self._inside) and self._stays(line)

    def _shares(self) -> dict[etree._Element, int]:
        """How many found characters each element holds."""
        share = dict.fromkeys(self._order, 0)
        for line, known in self._known:
            share[line.element] += len(line.key) if known else 0
        for element in reversed(self._order[1:]):
            share[element.getparent()] += share[element]
        return share

    def _core(self, tree: html.HtmlElement) -> etree._Element:
        """The smallest element with nearly all that was found, or the article or main part around it."""
        core, least = tree, max(_CORE * self._share[tree], 1)
        while (inner := next((child for child in core if self._share.get(child, 0) >= least), None)) is not None:
            core = inner
        around = [core, *core.iterancestors()]
        return next((outer for name in ("article", "main") for outer in around if outer.tag == name), core)

    def _unfound(self) -> dict[etree._Element, etree._Element | None]:
        """The largest element around each one in which nothing was found; None where something was."""
        islands: dict[etree._Element, etree._Element | None] = {}
        for element in self._order:
            outer = islands.get(element.getparent())
            islands[element] = None if self._share[element] else element if outer is None else outer
        return islands

    def _weigh(self) -> dict[etree._Element, tuple[int, int, int]]:
        """Of each element in which nothing was found: its characters, those in links, those in links of some words."""
        weights: dict[etree._Element, tuple[int, int, int]] = {}
        for line, _ in self._known:
            island = self._islands[line.element]
            if island is not None:
                size, linked, teasing = weights.get(island, (0, 0, 0))
                weights[island] = (size + len(line.text), linked + line.linked, teasing + line.teasing)
        return weights

    def _stays(self, line: _PageLine) -> bool:
        """Whether a line that was not found may still be the article's: neither marked as aside nor full of links."""
        island = self._islands[line.element]
        if island is None:
            return not line.teaser
        size, linked, teasing = self._weights[island]
        if not line.row and (teasing > _TEASING * size or (linked > _MOSTLY * size and linked > _MENU)):
            return False
        element = line.table if line.row else line.element
        while element is not None and not _is_aside(element):
            if element is island:
                return True
            element = element.getparent()
        return element is None


def _is_aside(element: etree._Element) -> bool:
    if element.tag in _ASIDE or element.get("role") in ("navigation", "complementary", "contentinfo", "search"):
        return True
    marks = f"{element.get('class', '')} {element.get('id', '')}"
    return len(marks) > 1 and element.tag != "body" and _MARKED.search(marks) is not None


def _matches(lines: list[_PageLine], found: str) -> list[bool]:
    """Whether each line stands in the text that was found, or a stretch of it where blocks were run together."""
    found = found.replace("|", " ")  # trafilatura draws tables with it
    whole = {_key(line) for line in found.splitlines()}
    run, place = _key(found), 0
    known = []
    for line in lines:
        at = run.find(line.key, place, place + len(line.key) + _WINDOW) if len(line.key) >= _SHORT else -1
        place = at + len(line.key) if at >= 0 else place
        known.append(bool(line.key) and (at >= 0 or line.key in whole))
    return known


def _key(text: str) -> str:
    """A text without its spaces, its case, a list's mark and what nobody sees, all of which trafilatura may change."""
    key = "".join(text.casefold().split()).lstrip("-•")
    if key.isascii():
        return key
    return unicodedata.normalize("NFC", key if key.isprintable() else "".join(filter(str.isprintable, key)))


class _TextRun(NamedTuple):
    """One piece of text as it was written down: the place of its end, and the link it stands in, if any."""

    end: int
    size: int
    element: etree._Element
    link: etree._Element | None


class _Layout:
    """A tree written down: its text, where each piece of it came from, its elements and how deep they nest."""

    def __init__(self, tree: html.HtmlElement) -> None:
        self._ink = Ink(parting=True)
        self._runs: list[_TextRun] = []
        self._links: list[etree._Element] = []
        self._words: dict[etree._Element | None, int] = {}
        self._pre = self._raised = 0
        self.elements = self.depth = 0
        self._walk(tree)

    @property
    def text(self) -> str:
        """All that the page shows."""
        return self._ink.text()

    def lines(self) -> list[_PageLine]:
        """The lines of the text, each with the element that it begins in."""
        made: list[_PageLine] = []
        start = place = 0
        for text in self.text.split("\n"):
            end, first = start + len(text), place
            while place < len(self._runs) and self._runs[place].end <= end:
                place += 1
            inside = self._runs[first:place] or self._runs[first : first + 1]
            if inside:
                made.append(self._line(text, inside))
            start = end + 1
        return made

    def _line(self, text: str, runs: list[_TextRun]) -> _PageLine:
        linked = teasing = lead = 0
        for run in runs:
            if run.link is not None:
                linked += run.size
                teasing += run.size if self._words[run.link] >= _LINK_WORDS else 0
            elif not teasing:
                lead += run.size
        before = text[:lead].split()
        led = not before or (len(before) <= _LEAD_WORDS and before[-1].endswith(_LEADS))
        teaser = bool(teasing) and led and runs[-1].link is not None
        return _PageLine(text, _key(text), runs[0].element, linked, teasing, teaser)

    def _walk(self, tree: html.HtmlElement) -> None:
        """Comments and what nobody sees are passed over, but not the text behind them."""
        depth = 0
        walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event == "start":
                depth += 1
                if is_dropped(element.tag, element.get("style")):
                    walk.skip_subtree()
                    continue
                self.depth = max(self.depth, depth)
                self._open(element)
                self._write(element.text, element)
                continue
            if event == "end":
                depth -= 1
                if not is_dropped(element.tag, element.get("style")):
                    self._close(element)
            if element.tail:
                self._write(element.tail, element.getparent())

    def _open(self, element: etree._Element) -> None:
        self.elements += 1
        self._ink.open(element.tag)
        self._pre += element.tag == "pre"
        self._raised += element.tag in RAISED
        if element.tag == "a":
            self._links.append(element)

    def _close(self, element: etree._Element) -> None:
        self._ink.close(element.tag)
        self._pre -= element.tag == "pre"
        self._raised -= element.tag in RAISED
        if element.tag == "a":
            self._links.pop()

    def _write(self, text: str | None, element: etree._Element) -> None:
        if not text or element is None:
            return
        before = self._ink.length
        self._ink.write(text, self._raised > 0, self._pre > 0)
        if self._ink.length > before:
            link = self._links[-1] if self._links else None
            self._runs.append(_TextRun(self._ink.length, self._ink.length - before, element, link))
            if link is not None:
                self._words[link] = self._words.get(link, 0) + len(text.split())
