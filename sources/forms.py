"""What bytes are, against what they are said to be: charsets that lie, pages where a table is due, pictures."""

from __future__ import annotations

import codecs

from model import Source, UnreadableError
from sources.advice import ADVICE
from sources.blocked import is_html

_MULTIBYTE = frozenset({"gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "iso2022_jp", "utf-8"})
_PICTURES = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}
GARBLED_SHARE, GARBLED_AT_LEAST = 0.002, 3


def true_charset(content: bytes, declared: str | None) -> str | None:
    """The charset that bytes are in: UTF-8 where they are that beyond doubt, whatever was declared.

    Letters of another alphabet in a single-byte charset are hardly ever valid UTF-8; declared so, they would be read
    as rubbish without an error.
    """
    if declared is None or content.isascii() or content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return declared
    try:
        if codecs.lookup(declared).name in _MULTIBYTE:
            return declared
        content.decode("utf-8")
    except (LookupError, UnicodeError, ValueError):
        return declared
    return "utf-8"


def refuse_wrong_form(source: Source, content: bytes) -> None:
    """Raise `UnreadableError` where bytes cannot be the kind of report that a definition is written for."""
    picture = next((name for magic, name in _PICTURES.items() if content.startswith(magic)), None)
    picture = "WebP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else picture
    if picture and (picture != "BMP" or content[6:10] == b"\0\0\0\0"):
        raise UnreadableError(f"the release is a picture ({picture})", ADVICE["picture"], reason="picture")
    if source.reads_with.form is None or source.embedded:
        return
    if wrong := _wrong_form(source, content):
        message = f"the release is {wrong} where {source.extractor.upper()} is due"
        raise UnreadableError(message, ADVICE["wrong_type"], reason="wrong_type")


def _wrong_form(source: Source, content: bytes) -> str | None:
    if is_html(content[:4096]):
        return "a web page"
    return "a PDF" if content.startswith(b"%PDF-") and source.extractor != "pdf" else None


def refuse_garbled(text: str, charset: str | None) -> None:
    """Raise `UnreadableError` for a text full of characters that could not be read."""
    count = text.count("�")
    if count >= GARBLED_AT_LEAST and count > GARBLED_SHARE * len(text):
        declared = f"the charset {charset}, which it declares" if charset else "any charset that it declares"
        message = f"{count} characters of the release are not in {declared}"
        raise UnreadableError(message, ADVICE["charset"], reason="charset")
