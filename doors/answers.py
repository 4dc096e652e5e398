"""The answers themselves: a number stands in none of them without hedge, as-of, claimants, time of knowledge, proof."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from model import ChangeKind, Day, Instant, Why
from publish.asking.answer import AnsweredFigure, NamedSeries


class ToldValue(msgspec.Struct, frozen=True, kw_only=True):
    """A number as it is stated: `hedge` says in words what `qualifier` does, and is empty for an exact one."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    qualifier: str
    hedge: str
    as_of: Day
    number_text: str


class ToldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change: what was known, what is stated now, who says it, since when it is known, and where it is proved."""

    series: str
    name: str
    update: str
    kind: ChangeKind
    why: Why
    as_of: Day
    old: ToldValue | None
    new: ToldValue | None
    difference: Decimal | None
    stated: Decimal | None
    verdict: str | None
    claimants: tuple[str, ...]
    carrier: str
    basis: str
    known_at: Instant
    standing: str
    proof: str


class FoundThings(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: changes, series and sources; `withheld` changes are held or were decided against."""

    changes: tuple[ToldChange, ...]
    series: tuple[NamedSeries, ...]
    sources: tuple[str, ...]
    withheld: int
    more: tuple[str, ...]


class SeriesPage(msgspec.Struct, frozen=True, kw_only=True):
    """Series by their keys, without numbers; `next` is where the next page begins."""

    series: tuple[NamedSeries, ...]
    next: str | None


class UpdateTold(msgspec.Struct, frozen=True, kw_only=True):
    """One update: its changes but those that are held or were decided against, which are counted alone."""

    update: str
    source: str
    title: str
    basis: str
    cause: str
    known_at: Instant
    recorded_at: Instant
    changes_total: int
    withheld: int
    changes: tuple[ToldChange, ...]
    content_digest: str
    chain_digest: str
    snapshot_sha256: str | None


class ObservationTold(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a series; null, and why, where nothing counts there."""

    series: str
    found: bool
    why: str
    figure: AnsweredFigure | None


class ProofTold(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of one change: digests of the update and its chain, of the releases on both sides, and their places.

    `before` is the chain digest that `chain_digest` follows on; `verify` says how anybody proves it.
    """

    change: ToldChange
    open: tuple[str, ...]
    content_digest: str
    chain_digest: str
    before: str
    new_release: ReleaseTold | None
    old_release: ReleaseTold | None
    verify: str


class ReleaseTold(msgspec.Struct, frozen=True, kw_only=True):
    """An archived release, its text, and where in it the number stands (code points); its bytes are not told."""

    update: str
    url: str | None
    known_at: Instant
    sha256: str | None
    text_sha256: str | None
    spans: tuple[tuple[int, int, int, int], ...]
    quote: str
