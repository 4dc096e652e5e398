"""A question in words, answered from the ledger: the series, the day and the version that it speaks of.

No language model: names are those of the ledger and the definitions, and what a word stands for is known by the word
lists of readers. Several series that may be meant are a list, none is said to be none, and the nearest is no answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from model import Day, Instant, Series
from publish.asking.answer import AnswerVerdict, NamedSeries, WordedAnswer
from publish.asking.choosing import Chooser, ChosenSeries
from publish.asking.days import AskedDays
from publish.asking.phrasing import phrase
from publish.asking.question import WordedQuestion, question_of
from publish.asking.telling import FigureAsked, FigureTeller
from publish.finding.words import Definitions
from publish.names import SeriesNames
from publish.sentences import day_in
from publish.vocabulary import Language
from publish.words import series_label

if TYPE_CHECKING:
    from storage import Views

MOST_CHOICES = 20


class AskedLedger(NamedTuple):
    """What questions are put to: the ledger, the definitions of the sources that may be told of, and all names."""

    views: Views
    definitions: Definitions
    names: SeriesNames


def ask(ledger: AskedLedger, text: str, *, today: Day, language: Language | None = None) -> WordedAnswer:
    """Answer a question; it depends on the ledger, the definitions and `today` alone, and changes nothing.

    Raises `UsageError` for a question that is too long.
    """
    question = question_of(text, today, language)
    if question.asked.unclear:
        return _no_figure(question, "unclear")
    chosen = Chooser(*ledger).choose(question)
    if len(chosen.series) != 1:
        return _several_or_none(ledger, question, chosen)
    return _of_series(ledger, question, chosen)


def _of_series(ledger: AskedLedger, question: WordedQuestion, chosen: ChosenSeries) -> WordedAnswer:
    (series,) = chosen.series
    teller, asked, language = FigureTeller(*ledger), _figure_asked(question), question.language
    found = teller.find(series, asked)
    if found is None:
        named = (named_series(ledger, series),)
        return msgspec.structs.replace(_no_figure(question, "undated"), near=named, set_aside=chosen.set_aside)
    version, fit = found
    figure = teller.tell(series, version, language)
    earlier = phrase("earlier", language, asked=_days_in(question)) if fit == "earlier" else ""
    sentence = f"{figure.sentence.removesuffix('.')}; {earlier}." if earlier else figure.sentence
    return WordedAnswer(
        question=question.text, language=language, verdict=fit, sentence=sentence, figure=figure,
        set_aside=chosen.set_aside, as_of_asked=asked.days, known_asked=asked.known_at,
        understood=_understood(question),
    )  # fmt: skip


def _several_or_none(ledger: AskedLedger, question: WordedQuestion, chosen: ChosenSeries) -> WordedAnswer:
    choices = tuple(named_series(ledger, one) for one in chosen.series[:MOST_CHOICES])
    near = tuple(named_series(ledger, one) for one in chosen.near)
    made = _no_figure(question, "several" if choices else "nothing", count=len(chosen.series))
    return msgspec.structs.replace(made, choices=choices, near=near, unknown=chosen.unknown, set_aside=chosen.set_aside)


def _no_figure(question: WordedQuestion, verdict: AnswerVerdict, count: int = 0) -> WordedAnswer:
    asked, language = _figure_asked(question), question.language
    name = "nothing" if verdict == "undated" and not asked.days else verdict
    return WordedAnswer(
        question=question.text, language=language, verdict=verdict, unclear=question.asked.unclear,
        sentence=phrase(name, language, count=count, asked=_days_in(question)),
        as_of_asked=asked.days, known_asked=asked.known_at, understood=_understood(question),
    )  # fmt: skip


def _understood(question: WordedQuestion) -> dict[str, str]:
    """The words that were looked for in English too, as what."""
    foreign = [word for word in question.words if word.meanings and question.language != "en"]
    return {word.written: " ".join(" ".join(one) for one in word.meanings) for word in foreign}


def _figure_asked(question: WordedQuestion) -> FigureAsked:
    asked: AskedDays = question.asked
    days = (asked.days.first, asked.days.last) if asked.days else None
    known = Instant(f"{asked.known.last}T23:59:59Z") if asked.known else None
    return FigureAsked(days, known, question.first)


def _days_in(question: WordedQuestion) -> str:
    """The days that are asked for, as the reader's language writes them."""
    days, language = question.asked.days, question.language
    if days is None:
        return ""
    ends = [day_in(one, language) for one in dict.fromkeys((days.first, days.last))]
    return " – ".join(ends)


def named_series(ledger: AskedLedger, series: Series) -> NamedSeries:
    """A series as it may be meant, without a number."""
    source = ledger.definitions.get(series.source)
    return NamedSeries(
        series=series.series,
        name=series_label(series.series, ledger.names),
        source=series.source,
        title=series.title,
        claimants=series.attributed_to or (source.publisher.name if source else series.title,),
        basis=series.basis,
    )
