"""What a person typed beside an image or a document that holds no text: who read which evidence where, and what.

It is archived as JSON beside the evidence itself, so that it can be read again like any page, and checked by eyes. The
derived text is the statement in words, a line a figure.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from model import Day, Instant, UnreadableError

TYPED = "application/vnd.tallybook.typed+json"


class ManualEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One typed figure: `series` is a rule's id with its labels after slashes, `value` is as printed, hedge and all."""

    series: str
    value: str
    as_of: Day | None = None
    quote: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person read where; `evidence` is the SHA-256 of the archived image or document, `media_type` its form."""

    by: str
    url: str
    evidence: str
    media_type: str
    figures: tuple[ManualEntry, ...]


def write_statement(statement: Statement) -> bytes:
    """The statement as bytes to archive."""
    return msgspec.json.format(msgspec.json.encode(statement), indent=1) + b"\n"


def read_statement(text: str) -> Statement:
    """Read what `write_statement` wrote. Raises `UnreadableError` for anything else."""
    try:
        return msgspec.json.decode(text, type=Statement)
    except msgspec.MsgspecError as error:
        raise UnreadableError(f"the typed figures cannot be read: {error}") from None


def lay_out(statement: Statement) -> str:
    """The statement in words, a line a figure after the one that says who, where and from what."""
    head = f"Typed by {statement.by} from {statement.media_type} at {statement.url} (SHA-256 {statement.evidence})"
    return "\n".join([head, *(line_of(entry) for entry in statement.figures)]) + "\n"


def line_of(entry: ManualEntry) -> str:
    """The line of a typed figure in the text of its statement."""
    day = f", as of {entry.as_of}" if entry.as_of else ""
    quote = f": {' '.join(entry.quote.split())}" if entry.quote.strip() else ""
    return f"{' '.join(entry.value.split())} {entry.series}{day}{quote}"


class HandedIn(NamedTuple):
    """A file that a person saved: who, from which address and when, and the figures that they typed beside it.

    `typed` are written `ID=VALUE` or `ID=VALUE@DAY`; `quote` is what stands around them.
    """

    content: bytes
    name: str
    url: str
    who: str
    at: Instant
    published: Day | None = None
    typed: tuple[str, ...] = ()
    quote: str = ""
