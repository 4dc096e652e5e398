"""What a print check says, as page, command and API have it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from extractors.prose.named_days import NamedDays
from model import Change, Day, Figure, Instant, Verdict

Open = Literal[
    "generation", "held", "rejected", "withdrawn", "replaced", "mismatch", "missed", "other_date", "newer", "disputed",
    "no_baseline", "unread", "text_gone",
]  # fmt: skip
"""What may be open about a figure."""

NOT_YET: frozenset[Open] = frozenset(("generation", "held", "rejected", "withdrawn", "replaced"))
"""What keeps a figure from being printed as what counts."""

NOTES: frozenset[Open] = frozenset(("newer", "no_baseline"))
"""What is said, and is no reason for care by itself."""


class PrintSentences(msgspec.Struct, frozen=True, kw_only=True):
    """What may be printed of a figure in one language; whatever is open about it stands in both sentences."""

    short: str
    long: str
    footnote: str


class ValueRef(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded value: of which update and day, since when it is known, and where it is proved."""

    update: str
    series: str
    as_of: Day
    known_at: Instant
    told: Figure
    proof: str


class InText(msgspec.Struct, frozen=True, kw_only=True):
    """How the number stands in the archived text.

    `reads` is True where what stands at its place reads as the value, False where it does not, None where that cannot
    be said: it is written in words or by a scale, or the text is gone (`there` is False).
    """

    there: bool
    number_text: str
    quote: str
    reads: bool | None
    url: str | None
    published: Day | None
    known_at: Instant
    sha256: str | None
    text_sha256: str | None


class CheckedIncrement(msgspec.Struct, frozen=True, kw_only=True):
    """What the report itself states as the change, against the ledger.

    `named` are the days that its sentence names, but for the figure's own; `other_date` those words of them that are
    another date than that of the baseline which fits, empty where one of them is or none is named.
    """

    value: Decimal | None
    verdict: Verdict
    baseline: ValueRef | None
    implied: Decimal | None
    computed: Decimal | None
    quote: str
    named: tuple[NamedDays, ...]
    other_date: str


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """Another source's value of the same count and day, which differs."""

    source: str
    title: str
    who: str
    value: ValueRef


class PrintCheck(msgspec.Struct, frozen=True, kw_only=True):
    """All that must be known before a figure is printed.

    `verdict` is `clear`, `care` (it may be printed with what is open beside it) or `not_yet` (it does not count). `old`
    is what `change.difference` is counted from; `newer` the newest value of the series where that is of a later day;
    `counts` the value that counts at this day now where it is another.
    """

    update: str
    series: str
    as_of: Day
    name: str
    source: str
    title: str
    carrier: str
    who: tuple[str, ...]
    basis: str
    known_at: Instant
    verdict: Literal["clear", "care", "not_yet"]
    open: tuple[Open, ...]
    change: Change
    in_text: InText | None
    new: ValueRef | None
    old: ValueRef | None
    increment: CheckedIncrement | None
    newer: ValueRef | None
    counts: ValueRef | None
    withdrawn_by: str | None
    disputes: tuple[Dispute, ...]
    sentences: dict[str, PrintSentences] = {}
    proof: str = ""
