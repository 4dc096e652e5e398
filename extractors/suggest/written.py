"""How the numbers of a table are written: what its cells show is stated in the definition, and holds from then on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from extractors.document import Document
from extractors.tables.numbers import DECIMAL_COMMA, ambiguous, evidence, is_blank
from extractors.words import detect

_SMALL = re.compile(r"\d{1,3}")


def written(rows: Sequence[Mapping[str, Any]], document: Document) -> dict[str, Any]:
    """The language or mark to read numbers by, where a comma parts the fraction, so that `1.204` is no decimal."""
    columns = [["" if (cell := row.get(name)) is None else str(cell).strip() for row in rows] for name in _names(rows)]
    texts = list(chain.from_iterable(columns))
    shown, undecided = set(map(evidence, texts)), list(filter(ambiguous, texts))
    if not undecided or "." in shown or "," in "".join(undecided):
        return {}
    code = detect(document.text)
    if code in DECIMAL_COMMA:
        return {"language": code}
    return {"numbers": {"decimal": ","}} if "," in shown or any(map(_groups, columns)) else {}


def shown_mark(texts: Iterable[str]) -> dict[str, Any]:
    """The decimal mark that numbers show, as a definition states it; nothing where they show none, or both."""
    shown = set(map(evidence, texts)) - {None}
    return {"numbers": {"decimal": shown.pop()}} if len(shown) == 1 else {}


def _names(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    return rows[0] if rows else ()


def _dotted(text: str) -> bool:
    """Whether a number may have thousands or three decimals behind its dot."""
    return "." in text and ambiguous(text)


def _groups(column: Sequence[str]) -> bool:
    """Whether the dots of a column part thousands: beside `1.204` stand only whole numbers below a thousand."""
    filled = [text for text in column if not is_blank(text)]
    dotted = sum(map(_dotted, filled))
    return 1 < dotted < len(filled) and all(_dotted(text) or _SMALL.fullmatch(text) for text in filled)
