"""Which series a question speaks of, by their names: all that it may be, and never the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from extractors.words import lexicon
from model import Series, Source
from publish.asking.question import QuestionWord, WordedQuestion
from publish.finding.words import Definitions, search_words
from publish.names import SEPARATOR, FollowRule, SeriesNames
from publish.vocabulary import LANGUAGES, said
from storage.search.find import SearchQuestion, SearchWord
from storage.search.words import terms

if TYPE_CHECKING:
    from storage import Views

LOOKED_AT = 400
"""So many series of a name are looked at."""

_STEM = 4

SHORTEST_NAME = 3
"""Shorter words of a name need not be said."""


class ChosenSeries(NamedTuple):
    """What a question may speak of: the series, words that no series has, words that were set aside, and near ones."""

    series: tuple[Series, ...]
    unknown: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    near: tuple[Series, ...] = ()


class _NamedSo(NamedTuple):
    """What a series is called itself, and what its source and whoever says it are called."""

    series: Series
    own: frozenset[str]
    around: frozenset[str]
    names: tuple[tuple[str, ...], ...]
    titles: tuple[tuple[str, ...], ...]


class Chooser:
    """Finds the series of questions, among those of sources that definitions name."""

    def __init__(self, views: Views, definitions: Definitions, names: SeriesNames) -> None:
        self._views, self._definitions, self._names = views, definitions, names

    def choose(self, question: WordedQuestion) -> ChosenSeries:
        """The series that a question may speak of."""
        hard = [word for word in question.words if not word.soft]
        found = self._called(hard) if hard else []
        if not found:
            return self._nothing(question.words, hard)
        kept, set_aside = _by_soft_words(found, [word for word in question.words if word.soft])
        kept = _said_whole(_plain(_by_own_words(kept, hard), hard), question.words)
        return ChosenSeries(tuple(one.series for one in self._origins(kept)), (), set_aside)

    def _nothing(self, words: Sequence[QuestionWord], hard: Sequence[QuestionWord]) -> ChosenSeries:
        """What is said where no series has all the words: those that none has, else what lacks one alone."""
        unknown = tuple(word.written for word in hard or words if not hard or not self._called([word]))
        return ChosenSeries((), unknown, near=() if unknown else self._near(hard))

    def _called(self, words: Sequence[QuestionWord]) -> list[_NamedSo]:
        """The series that are called by all the words, of sources that are defined."""
        question = SearchQuestion(words=tuple(self._search_words(words)))
        named = self._views.find_named(question, limit=LOOKED_AT, quotes=False)
        every = [self._called_so(one) for one in named if self._definitions.get(one.source) is not None]
        return [one for one in every if all(_has(one.own | one.around, word, one.series) for word in words)]

    def _search_words(self, words: Sequence[QuestionWord]) -> Iterable[SearchWord]:
        stems = [tuple(map(_stem, word.terms)) for word in words]
        for word, found in zip(words, search_words(self._definitions, stems), strict=True):
            others = tuple(tuple(map(_stem, one)) for one in word.meanings)
            measures = {*found.measures, *([word.measure] if word.measure else ())}
            yield msgspec.structs.replace(found, others=others, measures=tuple(sorted(measures)))

    def _called_so(self, series: Series) -> _NamedSo:
        """What a series is called; what a source's title says of figures is said of those that are called so."""
        titles = [self._names.in_language(series.series, language).text for language in LANGUAGES]
        own = (*titles, *_names_in_ledger(series))
        source = self._definitions.get(series.source)
        around = (series.source, series.title, *series.attributed_to, source.publisher.name if source else "")
        rules = _words(_rule_words(source) if source else ())
        apart = frozenset(one for one in _words(around) if not any(is_form(one, rule) for rule in rules))
        heads = tuple(tuple(terms(one.partition(SEPARATOR)[0])) for one in titles)
        return _NamedSo(series, _words(own), apart, tuple(tuple(terms(one)) for one in titles), heads)

    def _near(self, words: Sequence[QuestionWord]) -> tuple[Series, ...]:
        """The series that have all words but one, where each is known and none has all."""
        found = {
            one.series.series: one.series
            for at in range(len(words) if len(words) > 1 else 0)
            for one in self._called([*words[:at], *words[at + 1 :]])[:3]
        }
        return tuple(found.values())[:5]

    def _origins(self, found: list[_NamedSo]) -> list[_NamedSo]:
        """Of series that carry one count, the counter's own."""
        counts = {one.series.series: self._counted_as(one.series) for one in found}
        return [one for one in found if counts[one.series.series] not in counts or not counts[one.series.series]]

    def _counted_as(self, series: Series) -> str | None:
        source: Source | None = self._definitions.get(series.source)
        return source.counted_as(series.series) if source else None


def _by_own_words(found: list[_NamedSo], words: Sequence[QuestionWord]) -> list[_NamedSo]:
    """A word that parts the series of one source is that of the series, not of the source's title."""
    for word in words:
        parting = {one.series.source for one in found if _has(one.own, word, one.series)}
        found = [one for one in found if one.series.source not in parting or _has(one.own, word, one.series)]
    return found


def _by_soft_words(found: list[_NamedSo], words: Sequence[QuestionWord]) -> tuple[list[_NamedSo], tuple[str, ...]]:
    """Those that have the words of how it is counted, where any has; the words that none has are set aside."""
    set_aside = []
    for word in words:
        kept = [one for one in found if _has(one.own | one.around, word, one.series)]
        found = kept or found
        set_aside += [] if kept else [word.written]
    return found, tuple(set_aside)


def _plain(found: list[_NamedSo], words: Sequence[QuestionWord]) -> list[_NamedSo]:
    """Without subgroups that the question does not name, where the whole of them is there."""
    wholes = {(one.series.source, one.series.measure, one.series.whom) for one in found if not one.series.category}

    def is_named(one: _NamedSo) -> bool:
        return bool(one.series.category) and any(
            _has(_words([one.series.category or ""]), word, None) for word in words
        )

    named = [one for one in found if is_named(one)]
    return [
        one
        for one in found
        if not one.series.category
        or is_named(one)
        or (not named and (one.series.source, one.series.measure, one.series.whom) not in wholes)
    ]


def _said_whole(found: list[_NamedSo], words: Sequence[QuestionWord]) -> list[_NamedSo]:
    """Those whose whole name the question says, where there are such: not a name that goes on otherwise.

    Of several sources it is to be a name of words that stand together in the question: "tanks" may be anybody's.
    """
    spoken = [term for word in words for term in word.terms]
    found = list(filter(lambda one: _is_said(one, spoken), found)) or found
    whole = list(filter(lambda one: _is_covered(one, words), found))
    of_sources = {one.series.source for one in whole}
    return [one for one in found if one in whole or one.series.source not in of_sources]


def _is_said(one: _NamedSo, spoken: Sequence[str]) -> bool:
    return any(len(name) > 1 and _stands_in(name, spoken) for name in one.titles)


def _is_covered(one: _NamedSo, words: Sequence[QuestionWord]) -> bool:
    return any(name and _covers(words, name, one.series) for name in one.names)


def _stands_in(name: Sequence[str], spoken: Sequence[str]) -> bool:
    starts = range(len(spoken) - len(name) + 1)
    return any(all(map(is_form, name, spoken[at:])) for at in starts)


def _covers(words: Sequence[QuestionWord], name: Sequence[str], series: Series) -> bool:
    """Whether each word of a name is said in a question."""
    return all(
        len(part) < SHORTEST_NAME
        or any(_has(frozenset((part,)), word, None) for word in words)
        or any(word.measure == series.measure == _measure_of(part) for word in words)
        for part in name
    )


def _measure_of(word: str) -> str | None:
    """What a folded English word measures, as readers know it."""
    return lexicon("en").lookup(word).values.get("events")


def _names_in_ledger(series: Series) -> Iterable[str]:
    """What a series is called in the ledger, and its measure in every language."""
    key = series.series.partition("/")[2].replace("-", " ").replace("_", " ")
    measures = (said("measures", series.measure, language) for language in LANGUAGES)
    return (key, *measures, series.measure, series.whom or "", series.category or "")


def _rule_words(source: Source) -> Iterable[str]:
    rules: list[FollowRule] = [*source.figures, *source.series]
    for rule in rules:
        titles = rule.title.values() if isinstance(rule.title, dict) else (rule.title or "",)
        yield from (rule.id.replace("_", " "), *titles, getattr(rule, "measure", None) or "")


def _has(there: frozenset[str], word: QuestionWord, series: Series | None) -> bool:
    """Whether a word, or what it stands for, is among the words of something."""
    if word.measure and series is not None and word.measure == series.measure:
        return True
    ways = (word.terms, *word.meanings)
    return any(all(any(is_form(term, other) for other in there) for term in way) for way in ways)


def is_form(word: str, other: str) -> bool:
    """Whether two folded words are one in two forms: the same but for what a case or number puts at its end."""
    if word == other:
        return True
    common = _common(word, other)
    if common < 3 or word.isdigit() or other.isdigit():
        return False
    ends = max(len(word), len(other)) - common
    return ends <= (1 if common < _STEM else 2 if common < 6 else 3)


def _common(word: str, other: str) -> int:
    at = 0
    for one, two in zip(word, other, strict=False):
        if one != two:
            break
        at += 1
    return at


def _stem(term: str) -> str:
    """A term as it is searched for: the beginning that all its forms have."""
    if term.isdigit() or len(term) < 3:
        return term
    return f"{term[: max(3, len(term) - (1 if len(term) < 5 else 2 if len(term) < 8 else 3))]}*"


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(terms("\n".join(filter(None, texts))))
