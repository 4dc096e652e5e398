"""Bytes made readable: the derived text that every figure's place points into.

CSV, JSON, Markdown and plain text are the decoded text itself, without a byte order mark; Markdown's `&eacute;` is é.
HTML is its visible text, laid out by `extractors.page.layout`; where prose is to be read, the article in it
(`extractors.page.article`). A PDF is the text of its pages. The same bytes always give the same text.
"""

from __future__ import annotations

import codecs
import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, cast

from extractors.lookalikes import CYRILLIC, mended
from extractors.packed import unpacked
from extractors.paged import one_text, parted
from extractors.statement import TYPED, Statement, lay_out, read_statement
from extractors.workbook import MEDIA_TYPE as WORKBOOK
from extractors.workbook import SheetCell, is_workbook, read_sheet
from model import EXTRACTORS, WHOLE, Day, Portion, TextRule, UnreadableError

if TYPE_CHECKING:
    from extractors.page.layout import Page
    from extractors.pdf_tables import PdfTable

HTML = "text/html"
MARKDOWN = "text/markdown"
PDF = "application/pdf"
JSON = "application/json"
XML = "application/xml"
_HTML_TYPES = frozenset((HTML, "application/xhtml+xml"))
_XML_TYPES = frozenset((XML, "text/xml"))
_BY_ENDING = {
    "csv": "text/csv",
    "htm": HTML,
    "html": HTML,
    "geojson": "application/json",
    "json": "application/json",
    "jsonl": "application/json",
    "ndjson": "application/json",
    "markdown": MARKDOWN,
    "md": MARKDOWN,
    "tab": "text/tab-separated-values",
    "tsv": "text/tab-separated-values",
    "txt": "text/plain",
    "xhtml": HTML,
}
_BINARY = {
    b"%PDF-": PDF,
    b"PK\x03\x04": "application/zip",
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Browsers read these labels as windows-1252, which covers them; the others are no encodings of published text.
_MEANT = {"iso8859-1": "windows-1252", "ascii": "windows-1252", "latin-1": "windows-1252"}
_SINGLE_BYTE = ("cp12", "windows-", "iso8859", "latin", "koi8", "mac", "cp8", "cp4", "cp7")
"""Charsets of one byte a letter."""
_NO_CHARSETS = frozenset(("unicode_escape", "unicode-escape", "raw_unicode_escape", "raw-unicode-escape", "utf-7"))
_META = re.compile(
    rb"<(?:meta[^>]{0,300}?charset|\?xml[^>]{0,300}?encoding)\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w:.-]{2,40})", re.IGNORECASE
)
_TAGS = re.compile(r"<(?:!doctype\s+html|html|head|body|table|div|p|article|main|meta|title)[\s>/]", re.IGNORECASE)
_HEADING = re.compile(r"(?m)^#{1,6} \S|^\|? ?:?-{3,}|\]\(https?://")


class Document:
    """A release made readable: its text, and for HTML the places of its elements in that text.

    `published` is the day the publisher gives, where known. The attributes are the whole public surface; `page` is for
    the extractors that follow CSS selectors or read tables, and None where the bytes were no HTML or the text is an
    article's; `dated` is the day from which relative dates in the text count: as the publisher gives it, else as the
    page does. A page that is republished at one address keeps its first date, so this dates no figure by itself.
    `near` is the day near which a date without a year lies: that of publication, else of the fetch, where known.
    `in_pages` says that the text is a list of JSON pages, or delimited lines of several.
    `statement` is what a person typed, None where nobody did. `cells` are those of a workbook's sheet, row by row;
    `tables` are those of a PDF.
    """

    def __init__(
        self,
        text: str,
        *,
        media_type: str,
        published: Day | None = None,
        page: Page | None = None,
        statement: Statement | None = None,
        dated: Day | Callable[[], Day | None] | None = None,
    ) -> None:
        self.text = text
        self.statement = statement
        self.media_type = media_type
        self.published = self.near = published
        self.page = page
        self.cells: list[list[SheetCell]] | None = None
        self.tables: list[PdfTable] = []
        self.in_pages = False
        self._dated = dated

    @cached_property
    def dated(self) -> Day | None:
        """The day from which relative dates count; a page is searched for its own when it is first asked for."""
        return self.published or (self._dated() if callable(self._dated) else self._dated)

    @property
    def language(self) -> str | None:
        """The language that a page says it is in."""
        return self.page.language if self.page else None

    def searched(self, language: str | None) -> str:
        """The text in which patterns look for words, as long as `text`: see `extractors.lookalikes`."""
        if (language or "").split("-")[0] not in CYRILLIC:
            return self.text
        return self._mended

    @cached_property
    def _mended(self) -> str:
        return mended(self.text)

    @cached_property
    def is_blank(self) -> bool:
        """Whether nothing is to be read here."""
        return not self.text or self.text.isspace()


def derive(
    content: bytes,
    *,
    media_type: str,
    charset: str | None = None,
    published: Day | None = None,
    piece: Portion = WHOLE,
    text: TextRule | None = None,
) -> Document:
    """Make bytes readable.

    `media_type` may carry parameters; `charset` is what the publisher declared; `piece` chooses a file of a ZIP, a
    sheet of a workbook, or JSON inside of a page (see `extractors.page.embedded`), whose text is then the document's.
    `text` says that prose is to be read, and where it stands in a page (`Source.prose`); without it a page is all that
    it shows. A gzip file is unpacked. Bad bytes become U+FFFD. Raises `UnreadableError` for no bytes at all, for media
    that hold no text, and where no piece fits or the rule's selector chooses nothing. Pages of one look
    (`extractors.paged`) are one text.
    """
    if pages := parted(content):
        one = partial(derive, media_type=media_type, charset=charset, published=published, piece=piece)
        return _of_pages([one(page.content) for page in pages], published)
    content = unpacked(content, piece.member)
    if not content:
        raise UnreadableError("the release has no bytes", "fetch it again later; nothing was concluded from it")
    kind = media_type.partition(";")[0].strip().lower()
    if (told := _of_binary(content, kind, piece, published)) is not None:
        return told
    if kind == TYPED:
        return _typed(_decode(content, "utf-8", meta=False), published)
    if piece.embedded is not None:
        from extractors.page.embedded import embedded_json

        inner = embedded_json(_decode(content, charset, meta=True), piece.embedded)
        return Document(inner, media_type="application/json", published=published)
    if kind not in _HTML_TYPES:
        plain = _plain(_decode(content, charset, meta=kind in _XML_TYPES), kind)
        return Document(plain, media_type=kind, published=published)
    return _of_page(_decode(content, charset, meta=True), text, published)


def _of_pages(pages: list[Document], published: Day | None) -> Document:
    kind = pages[0].media_type
    text = one_text([page.text for page in pages], is_json=kind == JSON)
    document = Document(text, media_type=kind, published=published)
    document.in_pages = True
    return document


def _plain(text: str, kind: str) -> str:
    return html.unescape(text) if kind == MARKDOWN else text


def _of_page(markup: str, text: TextRule | None, published: Day | None) -> Document:
    from extractors.page.article import Article, dated

    if text and not text.css:
        article = Article(markup)
        return Document(article.text, media_type=HTML, published=published, dated=article.dated)
    from extractors.page.layout import Page

    page, day = Page(markup), partial(dated, markup)
    if text and text.css:
        return Document(page.chosen(text.css), media_type=HTML, published=published, dated=day)
    return Document(page.text, media_type=HTML, published=published, page=page, dated=day)


def _of_binary(content: bytes, kind: str, piece: Portion, published: Day | None) -> Document | None:
    """The document of bytes that are no text themselves. Raises `UnreadableError` for media that hold none."""
    own = next((one for one in EXTRACTORS.values() if one.derives and kind in one.forms), None)
    if own is not None:
        return cast(Document, import_module(f"extractors.{own.module}").derive(content, published))
    if is_workbook(content):
        sheet = read_sheet(content, piece.sheet)
        document = Document(sheet.text, media_type=WORKBOOK, published=published)
        document.cells = sheet.rows
        return document
    binary = next((name for magic, name in _BINARY.items() if content.startswith(magic)), None)
    if binary == PDF:
        from extractors.pdf import pdf_text

        return Document(pdf_text(content), media_type=PDF, published=published)
    if binary:
        raise UnreadableError(f"the release is {binary}, which holds no readable text", "give a page, CSV or JSON")
    return None


def _typed(text: str, published: Day | None) -> Document:
    statement = read_statement(text)
    return Document(lay_out(statement), media_type=TYPED, published=published, statement=statement)


def sniff(content: bytes, name_or_url: str) -> str:
    """Tell the media type from the ending of a file name or address, else from the bytes themselves."""
    path = re.split("[?#]", name_or_url, maxsplit=1)[0]
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    if is_workbook(content):
        return WORKBOOK
    for magic, name in _BINARY.items():
        if content.startswith(magic):
            return name
    return _sniff_text(_decode(content[:65536], None, meta=True), whole=len(content) <= 65536)


def _sniff_text(text: str, whole: bool) -> str:
    start = text.lstrip()
    if start[:1] in ("{", "[") and _looks_like_json(start, whole):
        return "application/json"
    if (root := _ROOT.match(start[:4096])) and _is_xml(root, start):
        return XML
    if start.startswith("<") or _TAGS.search(start[:2048]):
        return HTML
    lines = [line for line in start.splitlines()[:20] if line.strip()]
    for mark, name in ((",", "text/csv"), (";", "text/csv"), ("\t", "text/tab-separated-values")):
        counts = {line.count(mark) for line in lines[:-1] or lines}
        if len(lines) > 1 and counts != {0} and len(counts) == 1:
            return name
    return MARKDOWN if _HEADING.search(text) else "text/plain"


_ROOT = re.compile(
    r"(?P<told><\?xml\b[^>]{0,300}>)?\s*(?:<!--(?:[^-]|-(?!->))*-->\s*)*(?:<!DOCTYPE\s+|<)(?P<root>[A-Za-z_][\w:.-]*)"
    r"(?P<more>[^>]*)"
)
_FEEDS = ("rss", "feed", "rdf:rdf")


def _is_xml(root: re.Match[str], text: str) -> bool:
    """Whether a document whose first element is known is XML, and no page."""
    name = root["root"].lower()
    if name == "html" or "xhtml" in root["more"].lower():
        return False
    if root["told"] or "xmlns" in root["more"] or name in _FEEDS:
        return True
    return not _TAGS.search(text[:2048]) and text.rstrip().endswith(f"</{root['root']}>")


def _looks_like_json(text: str, whole: bool) -> bool:
    if not whole:
        return re.match(r'\{\s*"|\[\s*[\[{"\d-]', text) is not None
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.msg == "Extra data" and all(_is_object(line) for line in text.splitlines() if line.strip())
    except (ValueError, RecursionError):
        return False
    return True


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _decode(content: bytes, charset: str | None, *, meta: bool) -> str:
    for bom, name in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(name, "replace")
    known = _declared(content, charset, meta=meta)
    # Letters in another charset are hardly ever valid UTF-8, whatever a page says that it is in.
    for name in ("utf-8", *known) if _is_single_byte(known) else (*known, "utf-8"):
        try:
            return content.decode(name)
        except (UnicodeError, ValueError):
            continue
    return content.decode(known[0], "replace") if known else _undeclared(content)


def _declared(content: bytes, charset: str | None, *, meta: bool) -> list[str]:
    declared = [_codec(charset)]
    if meta and (found := _META.search(content[:4096])):
        declared.append(_codec(found[1].decode("ascii", "replace")))
    return [name for name in declared if name]


def _is_single_byte(declared: Sequence[str]) -> bool:
    return bool(declared) and declared[0].startswith(_SINGLE_BYTE)


def _undeclared(content: bytes) -> str:
    """Text of an encoding that nobody declares: never a guess at letters, which would become names of series."""
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(not char.isascii() for char in text) > _SOUND * broken:
        return text  # UTF-8 with a few bytes spoilt
    if not set(content) & _DISPUTED and not _FOREIGN.search(content):
        return content.decode("windows-1252", "replace")
    guess = _likely(content)
    seems = f"; it looks like {guess}" if guess else ""
    raise UnreadableError(
        f"the bytes are no UTF-8, and nothing declares their charset{seems}",
        f"state it in the definition, such as charset: {guess or 'windows-1252'}",
    )


def _likely(content: bytes) -> str | None:
    """The encoding that the statistics of the letters speak for."""
    from charset_normalizer import from_bytes

    best = from_bytes(content[:_OPENING], cp_isolation=list(_PUBLISHED)).best()
    return best.encoding.replace("_", "-") if best else None


def _disputed() -> Iterator[int]:
    """The bytes that Latin encodings of text read as different characters."""
    for byte in range(128, 256):
        read = {bytes([byte]).decode(name, "replace") for name in ("cp1252", "cp1250", "cp1254")}
        read |= {bytes([byte]).decode("iso8859-2")} if byte >= 0xA0 else set()
        if len(read) > 1:
            yield byte


_PUBLISHED = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2", "iso8859_5", "koi8_r",
    "koi8_u", "cp866", "shift_jis", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp874",
)  # fmt: skip
_SOUND = 11
"""So many letters beyond ASCII to a broken one, and a text is UTF-8 all the same."""
_OPENING = 65536
_DISPUTED = frozenset(_disputed())
_FOREIGN = re.compile(rb"[\xc0-\xff]{3}")
"""So many letters beyond ASCII in a row are of no Latin script."""


def decode_page(content: bytes, charset: str | None) -> str:
    """The markup of a page, as `derive` decodes it."""
    return _decode(content, charset, meta=True)


def _codec(charset: str | None) -> str | None:
    try:
        name = codecs.lookup((charset or "").strip().strip("\"'")).name
        b"a".decode(name)
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if name in _NO_CHARSETS else _MEANT.get(name, name)
