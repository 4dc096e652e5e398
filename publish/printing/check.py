"""The print check: what a figure rests on, what is open about it, and the sentences to print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from extractors.prose.named_days import NamedDays, fitting, named_days
from extractors.words import detect
from model import Baseline, Change, Content, Day, Figure, Instant, Source, UsageError, Version, read_content
from publish.finding.find import proof_address
from publish.finding.question import parse
from publish.finding.words import Definitions
from publish.names import SeriesNames
from publish.printing.facts import NOT_YET, NOTES, CheckedIncrement, Dispute, InText, Open, PrintCheck, ValueRef
from publish.printing.wording import word_it
from publish.vocabulary import LANGUAGES
from publish.words import series_label

if TYPE_CHECKING:
    from storage import Proof, Shot, Views

NEWER_LOOKED_AT = 20

_MARK = "~"
"""In the name of a source's generation that is not in force any more."""


class PrintPlace(NamedTuple):
    """Which change is checked: of an update, a series, and an as-of (None: the newest that the update brings)."""

    update: str
    series: str
    as_of: Day | None = None


class PrintDesk:
    """Checks figures of a ledger before they are printed, by the definitions and the names of its series."""

    def __init__(self, views: Views, definitions: Definitions, names: SeriesNames) -> None:
        self._views, self._definitions, self._names = views, definitions, names

    def check(self, place: PrintPlace) -> PrintCheck:
        """Check one figure. Raises `UsageError` where the update has no such change."""
        as_of = place.as_of or self._views.newest_day(place.update, place.series)
        return self.of(self._views.proof(place.update, place.series, as_of))

    def of(self, proof: Proof) -> PrintCheck:
        """Check the change that a proof is of."""
        made = self._made(proof)
        found = tuple(_open(made, proof))
        verdict = "not_yet" if NOT_YET & set(found) else "care" if set(found) - NOTES else "clear"
        return self._worded(msgspec.structs.replace(made, open=found, verdict=verdict))

    def _worded(self, whole: PrintCheck) -> PrintCheck:
        labels = {language: self._names.in_language(whole.series, language) for language in LANGUAGES}
        return msgspec.structs.replace(whole, sentences=word_it(whole, labels))

    def alone(self, place: PrintPlace) -> PrintCheck:
        """Check one figure, and say it without the step that led to it: beside another number that would be misread."""
        whole = self.check(place)
        change = msgspec.structs.replace(whole.change, difference=None, stated=None)
        return self._worded(msgspec.structs.replace(whole, change=change))

    def _made(self, proof: Proof) -> PrintCheck:
        """The check without what follows from it."""
        change, update = proof.change, proof.update
        definition = self._definitions.get(update.source.partition(_MARK)[0])
        shot = self._reading_shot(proof)
        told = change.new or change.old
        return PrintCheck(
            update=update.update,
            series=change.series,
            as_of=change.as_of,
            name=series_label(change.series, self._names),
            source=update.source,
            title=update.title,
            carrier=definition.publisher.name if definition else update.title,
            who=told.attributed_to if told else (),
            basis=update.basis,
            known_at=update.known_at,
            verdict="clear",
            open=(),
            change=change,
            in_text=self._in_text(change, shot) if shot is not None else None,
            new=_value(update.update, change, change.new, update.known_at, change.as_of),
            old=_old(proof),
            increment=self._increment(proof, definition),
            newer=self._newer(change),
            counts=self._counting(proof),
            withdrawn_by=self._withdrawn_by(proof),
            disputes=tuple(self._disputes(change)),
            proof=proof_address(update.update, change.series, change.as_of),
        )

    def _reading_shot(self, proof: Proof) -> Shot | None:
        """The release that the change speaks of; a decision's is that of the value it decides on."""
        decision = proof.change.decision
        if proof.new is not None and proof.new.sha256 is None and decision and decision.update != proof.update.update:
            return self._views.proof(decision.update, proof.change.series, proof.change.as_of).new
        return proof.new

    def _in_text(self, change: Change, shot: Shot) -> InText:
        figure = change.new or change.old
        text = self._views.text(shot.text_sha256) if shot.text_sha256 else None
        written = figure.number_text if figure else ""
        return InText(
            there=bool(text),
            number_text=written,
            quote=figure.quote if figure else "",
            reads=_reads(written, change.new) if text and change.why != "review" else None,
            url=shot.url,
            published=shot.published,
            known_at=shot.known_at,
            sha256=shot.sha256,
            text_sha256=shot.text_sha256,
        )

    def _increment(self, proof: Proof, definition: Source | None) -> CheckedIncrement | None:
        change, stated = proof.change, proof.change.stated
        if stated is None:
            return None
        base = stated.baseline
        until = change.as_of[:10] if change.as_of <= proof.update.known_at[:10] else proof.update.known_at[:10]
        language = (definition.language if definition else None) or detect(stated.quote)
        named = [one for one in named_days(stated.quote, language, Day(until)) if not _is_own(one, proof)]
        return CheckedIncrement(
            value=stated.value,
            verdict=stated.verdict,
            baseline=_baseline(base) if base else None,
            implied=stated.implied_base,
            computed=stated.computed,
            quote=stated.quote,
            named=tuple(named),
            other_date=_other_date(named, base) if base else "",
        )

    def _newer(self, change: Change) -> ValueRef | None:
        """The newest value that counts, where it is of a later day."""
        series = self._views.one_series(change.series)
        if series.latest_as_of is None or series.latest_as_of <= change.as_of:
            return None
        return self._value_at(change.series, series.latest_as_of)

    def _value_at(self, series: str, day: Day) -> ValueRef | None:
        """What counts of a series at a day now."""
        versions = [one for one in self._views.window(series, since=day, limit=NEWER_LOOKED_AT) if one.as_of == day]
        counting = [one for one in versions if not one.held]
        return _version(counting[-1]) if counting and counting[-1].value is not None else None

    def _counting(self, proof: Proof) -> ValueRef | None:
        """The value that counts at the figure's own day, where it is another."""
        counts, change = proof.counts, proof.change
        if counts is None or counts.content is None or (change.new and change.new.content == counts.content):
            return None
        return self._value_at(change.series, change.as_of)

    def _withdrawn_by(self, proof: Proof) -> str | None:
        """The update with which the source took the value back."""
        change = proof.change
        if proof.counts is None or proof.counts.content is not None:
            return proof.update.update if change.new is None and not change.held else None
        versions = self._views.window(change.series, since=change.as_of, limit=NEWER_LOOKED_AT)
        gone = [one for one in versions if one.as_of == change.as_of and one.kind == "withdrawn" and not one.held]
        return gone[-1].update if gone else None

    def _disputes(self, change: Change) -> Iterator[Dispute]:
        """What other sources state for the day of the same count, by their definitions, where it differs."""
        if change.new is None or change.new.value is None:
            return
        for key, source in self._same_count(change.series):
            value = self._value_if_recorded(key, change.as_of)
            if value is not None and value.told.content != change.new.content:
                who = " × ".join(value.told.attributed_to) or source.publisher.name
                yield Dispute(source=source.id, title=source.title, who=who, value=value)

    def _value_if_recorded(self, series: str, day: Day) -> ValueRef | None:
        try:
            return self._value_at(series, day)
        except UsageError:
            return None  # its source is defined, and nothing of the series recorded yet

    def _same_count(self, series: str) -> Iterator[tuple[str, Source]]:
        """The series of other sources that speak of the same count."""
        every = [one for one in map(self._definitions.get, self._definitions) if one is not None]
        own = self._definitions.get(series.partition("/")[0])
        origin = (own.counted_as(series) if own else None) or series
        found = {key: one for one in every for key in one.carriers_of(origin)}
        counter = self._definitions.get(origin.partition("/")[0])
        found |= {origin: counter} if counter is not None else {}
        yield from ((key, one) for key, one in found.items() if key != series)


def _reads(written: str, figure: Figure | None) -> bool | None:
    """Whether the words of a number read as its value; None where they are no plain number."""
    numbers = parse(written[:200]).numbers
    if figure is None or not numbers or any(sign.isalpha() for sign in _without_hedge(written)):
        return None
    wanted = {f"{abs(one):f}" for one in (figure.value, figure.low, figure.high) if one is not None}
    return all(wanted & set(readings) for readings in numbers)


def _without_hedge(written: str) -> str:
    """What stands from the first digit of a number on."""
    return next((written[at:] for at, sign in enumerate(written) if sign.isdecimal()), "")


def _is_own(named: NamedDays, proof: Proof) -> bool:
    """Whether days that a sentence names are those of the figure or of its release: no baseline lies there."""
    own = {proof.change.as_of[:10], proof.update.known_at[:10]}
    if proof.new is not None and proof.new.published:
        own.add(proof.new.published)
    return named.first == named.last and named.first in own


def _other_date(named: list[NamedDays], base: Baseline) -> str:
    """The days that are named where none of them is that of the baseline which fits, nor that on which it was known."""
    days = (Day(base.as_of[:10]), Day(base.known_at[:10]))
    if not named or any(True for day in days for _ in fitting(named, day)):
        return ""
    return ", ".join(one.words for one in named)


def _value(update: str, change: Change, figure: Figure | None, known_at: Instant, as_of: Day) -> ValueRef | None:
    if figure is None:
        return None
    return ValueRef(
        update=update, series=change.series, as_of=as_of, known_at=known_at, told=figure,
        proof=proof_address(update, change.series, as_of),
    )  # fmt: skip


def _old(proof: Proof) -> ValueRef | None:
    old = proof.change.old
    if old is None or proof.old is None:
        return None
    day = old.as_of or proof.change.as_of
    return _value(proof.old.update, proof.change, old, proof.old.known_at, day)


def _baseline(base: Baseline) -> ValueRef:
    return _referred(base.update, base.series, base.as_of, base.known_at, Content(base.value, None, None, "exact"))


def _version(one: Version) -> ValueRef:
    return _referred(
        one.update, one.series, one.as_of, one.known_at, Content(one.value, one.low, one.high, one.qualifier)
    )


def _referred(update: str, series: str, as_of: Day, known_at: Instant, content: Content) -> ValueRef:
    figure = Figure(value=content.value, low=content.low, high=content.high, qualifier=content.qualifier, as_of=as_of)
    address = proof_address(update, series, as_of)
    return ValueRef(update=update, series=series, as_of=as_of, known_at=known_at, told=figure, proof=address)


def _open(check: PrintCheck, proof: Proof) -> Iterator[Open]:
    """What is open about a figure, what keeps it from being printed first."""
    yield from _of_standing(proof)
    yield from _of_increment(check.increment)
    if check.newer is not None:
        yield "newer"
    if check.disputes:
        yield "disputed"
    yield from _of_text(check.in_text)


def _of_increment(increment: CheckedIncrement | None) -> Iterator[Open]:
    if increment is None:
        return
    if increment.verdict in ("mismatch", "missed", "no_baseline"):
        yield increment.verdict
    if increment.other_date:
        yield "other_date"


def _of_text(found: InText | None) -> Iterator[Open]:
    if found is not None and found.text_sha256 and not found.there:
        yield "text_gone"
    if found is not None and found.reads is False:
        yield "unread"


def _of_standing(proof: Proof) -> Iterator[Open]:
    change, counts = proof.change, proof.counts
    if _MARK in proof.update.source:
        yield "generation"
    elif change.held and not (change.decision and change.decision.action in ("accept", "break", "same")):
        yield "rejected" if change.decision else "held"
    elif change.new is None or counts is None or counts.content is None:
        yield "withdrawn"
    elif read_content(counts.content) != read_content(change.new.content):
        yield "replaced"
