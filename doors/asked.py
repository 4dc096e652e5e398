"""What a program may ask of a ledger: six questions, read only, of sources that are defined and not private."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from doors.answers import (
    FoundThings,
    ObservationTold,
    ProofTold,
    ReleaseTold,
    SeriesPage,
    ToldChange,
    ToldValue,
    UpdateTold,
)
from model import Change, Day, Figure, Instant, Series, Update, UsageError, parse_day, parse_instant
from publish.asking.answer import WordedAnswer
from publish.asking.ask import AskedLedger, ask, named_series
from publish.asking.telling import FigureAsked, FigureTeller
from publish.finding.find import Finder, Hit, Search, proof_address
from publish.finding.words import Definitions
from publish.names import SeriesNames
from publish.numbers import hedge
from publish.printing.check import PrintDesk
from publish.public import PublicDefinitions
from publish.safe import web_address
from publish.vocabulary import LANGUAGES
from publish.words import series_label

if TYPE_CHECKING:
    from storage import Shot, Views

MOST = 50
VERIFY = "tallybook pack UPDATE SERIES OUT.zip makes a pack that proves itself; tallybook verify proves the ledger"
HELD = ("held", "was_held", "rejected")
"""Standings of values that do not count: they are counted, not told."""


class OpenBooks(NamedTuple):
    """A ledger to read: its answers, the definitions as they are now, the names of its series, and today's date."""

    views: Views
    definitions: Callable[[], Definitions]
    names: Callable[[], SeriesNames]
    today: Callable[[], Day]


class LedgerDoor:
    """Answers what programs ask. Raises `UsageError` for what is not there; of what is private, in the same words."""

    def __init__(self, books: OpenBooks) -> None:
        self._views, self._books = books.views, books

    def ask(self, question: str, language: str = "") -> WordedAnswer:
        """Answer a question in words."""
        spoken = next((one for one in LANGUAGES if one == language), None)
        return ask(self._ledger(), question, today=self._books.today(), language=spoken)

    def find(self, words: str, source: str = "", limit: int = 10) -> FoundThings:
        """Find figures as they are typed, and series and sources by their words."""
        ledger = self._ledger()
        self._open_source(ledger, source)
        found = Finder(*ledger).find(Search(words, source, limit=min(limit, MOST)))
        is_open = ledger.definitions.get
        hits = [hit for hit in found.hits if is_open(hit.source)]
        counting = [hit for hit in hits if hit.standing not in HELD]
        return FoundThings(
            changes=tuple(_of_hit(hit) for hit in counting),
            series=tuple(named_series(ledger, one) for one in found.series if is_open(one.source)),
            sources=tuple(one.source for one in found.sources if is_open(one.source)),
            withheld=len(hits) - len(counting),
            more=found.more,
        )

    def series(self, words: str = "", source: str = "", after: str = "", limit: int = MOST) -> SeriesPage:
        """Series whose keys have all the words, by key."""
        ledger, most = self._ledger(), min(limit, MOST)
        self._open_source(ledger, source)
        page = self._views.find_series(words, source=source or None, after=after, limit=most + 1)
        named = [one for one in page[:most] if ledger.definitions.get(one.source) is not None]
        return SeriesPage(
            series=tuple(named_series(ledger, one) for one in named),
            next=page[most - 1].series if len(page) > most else None,
        )

    def observation(self, series: str, as_of: str = "", known_at: str = "") -> ObservationTold:
        """One figure: of a day, or the newest, as known at a time, or now."""
        ledger = self._ledger()
        one, teller = self._open_series(ledger, series), FigureTeller(*ledger)
        day = parse_day(as_of) if as_of.strip() else None
        at = _end_of(known_at) if known_at.strip() else None
        found = teller.find(one, FigureAsked((day, day) if day else None, at))
        if found is None or found[1] == "earlier":
            why = "no value of this series counts there"
            if found is not None:
                why = f"no value for {day}; the newest before it is as of {found[0].as_of}: ask for that day"
            return ObservationTold(series=series, found=False, why=why, figure=None)
        return ObservationTold(series=series, found=True, why="", figure=teller.tell(one, found[0]))

    def changes(self, update: str, limit: int = MOST) -> UpdateTold:
        """What an update changed, but for what is held or was decided against."""
        ledger = self._ledger()
        self._open_source(ledger, update.rpartition("/")[0])
        one = self._views.update(update, changes=min(limit, 200))
        counting = [change for change in one.changes if _counts(change)]
        return UpdateTold(
            update=one.update, source=one.source, title=one.title, basis=one.basis, cause=one.cause,
            known_at=one.known_at, recorded_at=one.recorded_at, changes_total=one.changes_total,
            withheld=len(one.changes) - len(counting),
            changes=tuple(_of_change(ledger, one, change) for change in counting),
            content_digest=one.content_digest, chain_digest=one.chain_digest, snapshot_sha256=one.snapshot,
        )  # fmt: skip

    def proof(self, update: str, series: str, as_of: str) -> ProofTold:
        """The proof of one change."""
        ledger = self._ledger()
        self._open_series(ledger, series)
        self._open_source(ledger, update.rpartition("/")[0])
        proof = self._views.proof(update, series, parse_day(as_of))
        if not _counts(proof.change):
            raise UsageError(f"what {update} states of {series} for {as_of} is held, or was decided against")
        check = PrintDesk(*ledger).of(proof)
        return ProofTold(
            change=_of_change(ledger, proof.update, proof.change),
            open=check.open,
            content_digest=proof.update.content_digest,
            chain_digest=proof.update.chain_digest,
            before=proof.before,
            new_release=_release(proof.new, proof.change.new),
            old_release=_release(proof.old, proof.change.old),
            verify=VERIFY,
        )

    def _ledger(self) -> AskedLedger:
        """The ledger with the definitions of now, without those of private sources."""
        return AskedLedger(self._views, PublicDefinitions(self._books.definitions()), self._books.names())

    def _open_source(self, ledger: AskedLedger, source: str) -> None:
        if source and ledger.definitions.get(source.partition("~")[0]) is None:
            raise UsageError(f"there is no source {source!r}")

    def _open_series(self, ledger: AskedLedger, series: str) -> Series:
        if ledger.definitions.get(series.partition("/")[0]) is None:
            raise UsageError(f"there is no series {series!r}")
        return self._views.one_series(series)


def _end_of(known_at: str) -> Instant:
    """A time of knowledge; of a date its end, as a reader means it."""
    at = parse_instant(known_at)
    return Instant(f"{at[:10]}T23:59:59Z") if len(known_at.strip()) == len("2025-08-02") else at


def _counts(change: Change) -> bool:
    """Whether a change is not held, or was let count by a person."""
    allowed = change.decision is not None and change.decision.action not in ("reject", "correct")
    return not change.held or allowed


def _value(figure: Figure | None, as_of: Day) -> ToldValue | None:
    if figure is None:
        return None
    return ToldValue(
        value=figure.value, low=figure.low, high=figure.high, qualifier=figure.qualifier, hedge=hedge(figure),
        as_of=figure.as_of or as_of, number_text=figure.number_text,
    )  # fmt: skip


def _of_change(ledger: AskedLedger, update: Update, change: Change) -> ToldChange:
    figure, source = change.new or change.old, ledger.definitions.get(update.source.partition("~")[0])
    carrier = source.publisher.name if source else update.title
    return ToldChange(
        series=change.series, name=series_label(change.series, ledger.names), update=update.update, kind=change.kind,
        why=change.why, as_of=change.as_of, old=_value(change.old, change.as_of), new=_value(change.new, change.as_of),
        difference=change.difference, stated=change.stated.value if change.stated else None,
        verdict=change.stated.verdict if change.stated else None,
        claimants=(figure.attributed_to if figure else ()) or (carrier,), carrier=carrier, basis=update.basis,
        known_at=update.known_at, standing="counted when it was recorded",
        proof=proof_address(update.update, change.series, change.as_of),
    )  # fmt: skip


def _of_hit(hit: Hit) -> ToldChange:
    change = hit.change
    figure = change.new or change.old
    return ToldChange(
        series=hit.series, name=hit.name, update=hit.update, kind=change.kind, why=change.why, as_of=hit.as_of,
        old=_value(change.old, hit.as_of), new=_value(change.new, hit.as_of), difference=change.difference,
        stated=change.stated.value if change.stated else None,
        verdict=change.stated.verdict if change.stated else None,
        claimants=(figure.attributed_to if figure else ()) or (hit.carrier,), carrier=hit.carrier, basis=hit.basis,
        known_at=hit.known_at, standing=hit.standing, proof=hit.proof,
    )  # fmt: skip


def _release(shot: Shot | None, figure: Figure | None) -> ReleaseTold | None:
    if shot is None:
        return None
    return ReleaseTold(
        update=shot.update, url=web_address(shot.url), known_at=shot.known_at, sha256=shot.sha256,
        text_sha256=shot.text_sha256, spans=shot.spans, quote=figure.quote if figure else "",
    )  # fmt: skip
