"""What an answer says: a figure with all that a reader must see beside it, or why there is none."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from model import Day, Instant, Qualifier
from publish.noting.markers import ToldMarker
from publish.printing.facts import Dispute, Open, ValueRef

AnswerVerdict = Literal["answered", "earlier", "several", "undated", "unclear", "nothing"]
"""A figure for what was asked; one for the newest day before it; several that may be meant; nothing for that day; a
question that can be read in two ways; nothing that is called so."""


class WaitingValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value that was recorded and waits for a person: it does not count, and its number is not told."""

    update: str
    as_of: Day
    known_at: Instant


class AnswerProof(msgspec.Struct, frozen=True, kw_only=True):
    """Where a figure is proved: its page, its update with content and chain digest, the release and text it stands in.

    `quote` is the source's own text.
    """

    address: str
    update: str
    content_digest: str
    chain_digest: str
    snapshot_sha256: str | None
    text_sha256: str | None
    url: str | None
    quote: str
    number_text: str


class AnsweredFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure as it is told: the value never without hedge, as-of, who says it, when it was known, and its proof.

    `open` is what a print check finds open about it; `now` is what counts at its day now, where that is another;
    `revisions` how many other values were stated for its day.
    """

    series: str
    name: str
    source: str
    title: str
    carrier: str
    claimants: tuple[str, ...]
    basis: str
    measure: str
    kind: str
    unit: str
    whom: str | None
    category: str | None
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    qualifier: Qualifier
    hedge: str
    as_of: Day
    known_at: Instant
    recorded_at: Instant
    sentence: str
    open: tuple[Open, ...]
    disputed: tuple[Dispute, ...]
    held: tuple[WaitingValue, ...]
    revisions: int
    now: ValueRef | None
    newer: ValueRef | None
    proof: AnswerProof
    markers: tuple[ToldMarker, ...] = ()


class NamedSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A series that may be meant, without a number."""

    series: str
    name: str
    source: str
    title: str
    claimants: tuple[str, ...]
    basis: str


class WordedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question in words.

    `figure` is there where one series is meant and states something; `choices` are all that may be meant, `near` what
    has all words but one and is no answer; `unknown` the words that no series has, `set_aside` those that no series
    that is meant has, `understood` those that were looked for in English too, and as what. `as_of_asked` and
    `known_asked` are the first and last of the days that were understood.
    """

    question: str
    language: str
    verdict: AnswerVerdict
    sentence: str
    figure: AnsweredFigure | None = None
    choices: tuple[NamedSeries, ...] = ()
    near: tuple[NamedSeries, ...] = ()
    unknown: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    understood: dict[str, str] = {}
    unclear: tuple[str, ...] = ()
    as_of_asked: tuple[Day, Day] | None = None
    known_asked: Instant | None = None
