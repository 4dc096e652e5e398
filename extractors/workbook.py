"""One sheet of a workbook (XLSX, XLSM, XLSB, XLS, ODS) as lines of text, and as the cells themselves.

A line is a row that holds anything: its number in the sheet, a tab, and its cells with tabs between. Numbers are the
shortest that mean the double in the file, dates are ISO days; how the sheet would show them (a currency, percent) is
not read. A process of its own reads the file and may use so much memory and time and no more.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import msgspec

from extractors.apart import BROKEN, ENCRYPTED, TOO_LONG, Limits, read_apart
from model import UnreadableError

SECONDS = 60
MEMORY = 1536 * 2**20
MOST_CELLS = 20_000_000

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_SAYS = {ENCRYPTED: "is encrypted", BROKEN: "is broken", TOO_LONG: f"has more than {MOST_CELLS:,} cells"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_MANY = 12

SheetCell: TypeAlias = str | int | float
_decoder = msgspec.msgpack.Decoder(tuple[list[str], str, list[list[Any]] | None])


class Sheet(NamedTuple):
    """A sheet's text, and its rows of texts and numbers; a blank cell is an empty text."""

    text: str
    rows: list[list[SheetCell]]


def is_workbook(content: bytes) -> bool:
    """Whether bytes are a workbook, by what they hold."""
    if content.startswith(_OLE):
        return "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content
    return content.startswith(_ZIP) and (
        b"xl/workbook." in content or b"application/vnd.oasis.opendocument.spreadsheet" in content[:200]
    )


def read_sheet(content: bytes, sheet: str | None = None) -> Sheet:
    """The sheet that a name or pattern (`Week *`) chooses, else the only one that shows anything.

    Raises `UnreadableError` where none or several fit, and where the file is broken, locked or too large.
    """
    names, text, rows = _asked(content, sheet or "")
    if rows is None:
        several = ", ".join(map(repr, names[:_MANY]))
        told = f"the workbook has several sheets that fit: {several}" if names else f"no sheet fits {sheet!r}"
        raise UnreadableError(told, "say which with sheet: and its name, or a pattern such as 'Week *'")
    if not rows:
        raise UnreadableError(f"the sheet {names[0]!r} is empty")
    return Sheet(text, rows)


def sheets(content: bytes) -> list[str]:
    """The names of the sheets that show anything."""
    return _asked(content, "")[0]


def _asked(content: bytes, sheet: str) -> tuple[list[str], str, list[list[Any]] | None]:
    told = read_apart("workbook", content, Limits(MEMORY, SECONDS), (sheet, MOST_CELLS), _SAYS)
    return _decoder.decode(told)
