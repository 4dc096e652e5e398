"""Facts as they are told: found for a series or an update, in sentences that people may copy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from changes.news.fact import NewsFact
from changes.news.parts import whole_of
from changes.news.past import NewsPast
from changes.news.told import all_facts, share_of
from model import Figure, SeriesRef, Source, series_ref
from publish.finding.words import Definitions
from publish.names import SeriesNames
from publish.sentences import day_in, number_in, told_in, what_is_counted
from publish.vocabulary import LANGUAGES, Language, said
from publish.words import series_label

if TYPE_CHECKING:
    from storage import Views

_UPDATE = re.compile(r"[^/]+/[0-9]+")

_MARK = "~"
"""In the name of a source's generation that is not in force any more."""


class ToldFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact with what it is told as: `phrase` alone in each language, and a whole sentence to copy.

    What does not stand any more has no sentence.
    """

    fact: NewsFact
    label: str
    phrases: dict[str, str]
    sentences: dict[str, str]


class NewsDesk:
    """Finds what the news in a number is, by the definitions and the names of series."""

    def __init__(self, views: Views, definitions: Definitions, names: SeriesNames) -> None:
        self._views, self._definitions, self._names = views, definitions, names
        self._pasts: dict[str, NewsPast] = {}

    def of(self, target: str) -> list[ToldFact]:
        """The facts of an update or a series, by its name. Raises `UsageError` for what is neither."""
        return self.of_update(target) if _UPDATE.fullmatch(target) else self.of_series(target)

    def of_series(self, key: str) -> list[ToldFact]:
        """The facts of a series, newest update first. Raises `UsageError` for an unknown one."""
        past = self._past(key)
        by_update = [list(found) for _, found in groupby(all_facts(past), key=lambda fact: fact.update)]
        return [self._told(past, one) for found in reversed(by_update) for one in found]

    def of_update(self, update: str, series: str | None = None) -> list[ToldFact]:
        """What is news in an update, of one series where it is named, the most important first."""
        news = self._views.news_of(update)
        found: list[tuple[NewsPast, NewsFact]] = []
        for key in news.series:
            if series in (None, key):
                past = self._past(key)
                facts = [*all_facts(past, news.update_id), *self._share(past, news.update_id)]
                found += ((past, one) for one in facts)
        return [self._told(past, one) for past, one in sorted(found, key=lambda pair: pair[1].rank)]

    def _past(self, key: str) -> NewsPast:
        if key not in self._pasts:
            definition = self._definition(key)
            (self._pasts[key],) = self._views.pasts([key], restates=definition is not None and definition.restates)
        return self._pasts[key]

    def _share(self, past: NewsPast, update: int) -> Iterator[NewsFact]:
        definition = self._definition(past.series)
        whole = whole_of(definition, SeriesRef.parse(self._views.ref_of(past.series))) if definition else None
        key = self._views.key_of(past.series, series_ref(whole.figure_id, whole.labels)) if whole else None
        if key is not None:
            found = share_of(past, self._past(key), update)
            yield from () if found is None else (found,)

    def _definition(self, series: str) -> Source | None:
        return self._definitions.get(series.partition("/")[0].partition(_MARK)[0])

    def _told(self, past: NewsPast, fact: NewsFact) -> ToldFact:
        definition = self._definition(past.series)
        who = " × ".join(past.who) or (definition.publisher.name if definition else "")
        phrases = {language: self.phrase(fact, language) for language in LANGUAGES}
        told = {language: self._what(past, fact, language, who) for language in LANGUAGES} if fact.stands else {}
        return ToldFact(
            fact=fact, label=series_label(past.series, self._names),
            phrases={str(language): told for language, told in phrases.items()},
            sentences={language: f"{what}: {phrases[language]}." for language, what in told.items()},
        )  # fmt: skip

    def _what(self, past: NewsPast, fact: NewsFact, language: Language, who: str) -> str:
        """The number that is the news: its value, what it counts, its day, and who says it."""
        newest = fact.proof[0]
        figure = Figure(value=newest.value, qualifier=newest.qualifier, unit=past.unit, measure=past.measure)
        what = what_is_counted(figure, self._names.in_language(past.series, language), language)
        as_of = said("forms", "as_of", language).format(day=day_in(fact.as_of, language))
        return ", ".join(filter(None, (f"{told_in(figure, language)} {what}", as_of, who)))

    def phrase(self, fact: NewsFact, language: Language) -> str:
        """A fact in a few words: `157 a day since 18 July 2025, 187 a day before that`."""
        other = number_in(fact.other, language) if fact.other is not None else ""
        number = number_in(abs(fact.number), language)
        if fact.name in ("period_before", "year_before"):
            when = said("news", f"{fact.name}_{fact.period}", language)
            step = "more" if fact.number > 0 else "fewer"
            return said("news", step, language).format(number=number, when=when, other=other)
        whole = self._names.in_language(fact.proof[-1].series, language).text
        told = said("news", fact.name, language).format(
            number=number, reach=_reach(fact, language), other=other, whole=whole
        )
        then = said("news", "then", language).format(other=other) if other and fact.name in _COMPARED else ""
        return " ".join(filter(None, (told, then)))


_COMPARED = frozenset(("first_fall", "largest_rise", "largest_fall", "smallest_rise", "highest", "lowest"))
"""Facts beside which the number of the day is told up to which nothing was like it."""


def _reach(fact: NewsFact, language: Language) -> str:
    """Since when nothing was like it."""
    if fact.begins is not None:
        return said("news", "of_record", language).format(day=day_in(fact.begins, language))
    return said("news", "since", language).format(day=day_in(fact.since, language)) if fact.since else ""


def by_update(facts: Sequence[ToldFact]) -> Iterator[tuple[str, list[ToldFact]]]:
    """Facts that are told together: those of one update."""
    for update, found in groupby(facts, key=lambda one: one.fact.update):
        yield update, list(found)
