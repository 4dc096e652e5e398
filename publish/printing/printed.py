"""What was printed: each figure of a text, the series it speaks of, and whether it is what the ledger knew that day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from extractors.prose import read_figures
from extractors.words import detect
from model import Day, Figure, Series, UsageError
from publish.finding.find import proof_address
from publish.finding.question import places
from publish.finding.words import Definitions
from publish.names import SeriesNames
from publish.printing.check import PrintDesk, PrintPlace
from publish.printing.claimants import Claimants
from publish.printing.past import SeriesPast
from publish.printing.subjects import proper_names
from publish.printing.tying import PrintedReading, PrintedVerdict, Tie, best, content_of, is_known
from publish.vocabulary import LANGUAGES, Language
from publish.words import series_label

if TYPE_CHECKING:
    from storage import Views

NOT_A_DAY = 100
"""A number that is not read as a figure, and is smaller, may be a day or an age."""

_FIRST_YEAR, _LAST_YEAR = 1900, 2100

SERIES_OF_SOURCE = 2000
"""So many series of one source are looked at, and those that a text names."""

NAMES_LOOKED_UP = 20


class PrintedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a text: where it stands, the series it speaks of, the verdict with its reason, what would be right.

    `series` is empty where it speaks of none; `fits` names all that fit where they are several, and then no verdict is
    given but `unknown`. `update` and `as_of` say which recorded value it is (`content`), `since` what became of that
    after the day of the text: there is a `newer` value, or its source `corrected` it. `printed` is the number as it
    was read; what is `dated` is of a day that its sentence names. Both contents are canonical.
    """

    number_text: str
    start: int
    end: int
    quote: str
    verdict: PrintedVerdict
    reason: str
    series: str = ""
    name: str = ""
    fits: tuple[str, ...] = ()
    update: str = ""
    as_of: Day | None = None
    since: Literal["newer", "corrected"] | None = None
    sentence: str = ""
    proof: str = ""
    printed: str = ""
    content: str = ""
    dated: bool = False


class PrintedText(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was checked: of which day, in which language, and its figures in their order."""

    on: Day
    language: str
    numbers: tuple[PrintedNumber, ...]


class PrintedDesk:
    """Checks printed texts against a ledger, by the definitions and the names of its series."""

    def __init__(self, views: Views, definitions: Definitions, names: SeriesNames) -> None:
        self._views, self._definitions, self._names = views, definitions, names
        self._claimants = Claimants(definitions)
        self._print = PrintDesk(views, definitions, names)

    def check(self, text: str, *, on: Day, language: str | None = None) -> PrintedText:
        """Check every figure of a text as of a day."""
        language = language or detect(text)
        reading = PrintedReading(self._series(text), self._past(on), self._claimants, (on, language, text))
        figures = [_hedged(text, one, language) for one in read_figures(text, language=language, published=on)]
        every = sorted([*figures, *_not_read(text, figures)], key=lambda one: one.start)
        tied = [(figure, reading.ties(figure)) for figure in every]
        tied += [(one, ties) for one in _beside(text, every) if (ties := best(reading.known_again(one)))]
        numbers = [self._told(reading, ties, figure, language) for figure, ties in _led(reading, tied)]
        return PrintedText(on=on, language=language, numbers=tuple(sorted(numbers, key=lambda one: one.start)))

    @cached_property
    def _first_series(self) -> dict[str, list[Series]]:
        """The series of the ledger by source; of sources with very many, the first."""
        sources = [key for key, _, _ in self._views.sources()]
        return {key: self._views.find_series(source=key, limit=SERIES_OF_SOURCE) for key in sources}

    def _series(self, text: str) -> list[Series]:
        """The series that a text may speak of: of sources with very many, those besides whose keys have its names."""
        found = {one.series: one for series in self._first_series.values() for one in series}
        names = dict.fromkeys(proper_names(text))
        for key in (key for key, series in self._first_series.items() if len(series) == SERIES_OF_SOURCE):
            for name in [*names][:NAMES_LOOKED_UP]:
                every = self._views.find_series(name.replace(" ", "-"), source=key, limit=SERIES_OF_SOURCE)
                found |= {one.series: one for one in every}
        return list(found.values())

    def _past(self, on: Day) -> Callable[[str], SeriesPast]:
        known: dict[str, SeriesPast] = {}

        def of(series: str) -> SeriesPast:
            if series not in known:
                known[series] = SeriesPast(self._views.show(series), on)
            return known[series]

        return of

    def _told(self, reading: PrintedReading, ties: Sequence[Tie], figure: Figure, language: str) -> PrintedNumber:
        tie = ties[0] if ties else None
        fits = tuple(one.series.series for one in ties) if len(ties) > 1 else ()
        plain = PrintedNumber(
            number_text=figure.number_text, start=figure.start, end=figure.end, quote=figure.quote, verdict="unknown",
            reason="no series of this ledger states it", fits=fits,
        )  # fmt: skip
        if fits:
            named = " and ".join(series_label(one, self._names) for one in fits[:3])
            return msgspec.structs.replace(plain, reason=f"{len(fits)} series fit: {named}")
        if tie is None:
            return plain
        series = tie.series.series
        tied = msgspec.structs.replace(
            plain, verdict=tie.verdict, reason=tie.reason, series=series, name=series_label(series, self._names),
            sentence=self._sentence(tie, language),
        )  # fmt: skip
        if (meant := tie.meant) is None:
            return tied
        return msgspec.structs.replace(
            tied, update=meant.update, as_of=meant.as_of, since=reading.since(series, meant),
            proof=proof_address(meant.update, series, meant.as_of), printed=figure.content,
            content=content_of(meant), dated=reading.is_dated(figure, series, meant),
        )  # fmt: skip

    def _sentence(self, tie: Tie, language: str) -> str:
        """The sentence that would be right; of what is right as it stands, none."""
        if tie.verdict == "right" or tie.right is None:
            return ""
        spoken: Language = language if language in LANGUAGES else "en"
        try:
            found = self._print.check(PrintPlace(tie.right.update, tie.series.series, tie.right.as_of))
        except UsageError:
            return ""  # what was carried over from an earlier generation has no page of its own
        sentences = found.sentences[spoken]
        return sentences.long if tie.verdict == "wrong_baseline" else sentences.short


def _hedged(text: str, figure: Figure, language: str) -> Figure:
    """A figure with its hedge where one short word stands between them: "оценивает примерно в 100 000"."""
    before = text[max(0, figure.start - _LEAD) : figure.start]
    between = _SHORT_WORD.search(before)
    if figure.qualifier != "exact" or between is None:
        return figure
    lead = before[: between.start()]
    again = read_figures(f"{lead} {text[figure.start : figure.end + _LEAD]}", language=language)
    near = [one for one in again if one.value == figure.value and one.qualifier != "exact"]
    return msgspec.structs.replace(figure, qualifier=near[0].qualifier) if near else figure


_SHORT_WORD = re.compile(r"\s[^\W\d_]{1,2}\s\Z")
_LEAD = 40


def _not_read(text: str, figures: Sequence[Figure]) -> Iterator[Figure]:
    """The numbers that stand in the sentence of a figure and were not read as figures themselves: perhaps increases.

    What may be a day or a year is none.
    """
    for start, end, readings in places(text):
        value = Decimal(readings[0])
        beside = [one for one in figures if one.start < start and _is_within(text, one.quote, start, end)]
        if beside and _is_apart(figures, start, end) and _is_no_date(value):
            said = {"value": value, "number_text": text[start:end], "start": start, "end": end, **_INCREASE}
            yield msgspec.structs.replace(beside[-1], **said)


_INCREASE: dict[str, Any] = {"kind": "change", "low": None, "high": None, "qualifier": "exact", "former": False}


def _led(reading: PrintedReading, tied: list[Tied]) -> Iterator[Tied]:
    """The same, with the increases found that stand before the count to which they lead."""
    for at, (figure, ties) in enumerate(tied):
        behind = [one for one in tied[at + 1 :] if one[0].quote == figure.quote and is_known(one[1])]
        if behind and not ties:
            yield figure, reading.led(figure, figure.quote, behind[0][1][0])
        else:
            yield figure, ties


Tied = tuple[Figure, list[Tie]]
"""A figure of a text and what it speaks of."""


def _beside(text: str, figures: Sequence[Figure]) -> Iterator[Figure]:
    """The long numbers of a text that were not read as figures of anything, each with its sentence."""
    for start, end, readings in places(text):
        value = Decimal(readings[0])
        if value >= LONG and _is_apart(figures, start, end):
            yield Figure(
                value=value, number_text=text[start:end], start=start, end=end, quote=_sentence_at(text, start, end)
            )


LONG = 10_000
_BOUND = re.compile(r"(?<=[.!?…])[\"”»“']*\s+(?=[\W\d]*[A-ZÀ-ÞА-ЯЄІЇҐ])|\n+")


def _sentence_at(text: str, start: int, end: int) -> str:
    """The sentence in which a number stands."""
    bounds = [0, *(found.end() for found in _BOUND.finditer(text)), len(text)]
    return text[max(one for one in bounds if one <= start) : min(one for one in bounds if one >= end)]


def _is_no_date(value: Decimal) -> bool:
    return value >= NOT_A_DAY and not _FIRST_YEAR <= value <= _LAST_YEAR


def _is_apart(figures: Sequence[Figure], start: int, end: int) -> bool:
    """Whether a place is within no figure."""
    return all(end <= one.start or one.end <= start for one in figures)


def _is_within(text: str, quote: str, start: int, end: int) -> bool:
    """Whether a place lies within a sentence of a text."""
    at = text.find(quote)
    return at <= start and end <= at + len(quote)
