"""What a printed number counts, and where: the measure, the people or things, and the place that a series names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from model import Figure, Series
from publish.printing.claimants import folded
from publish.printing.speakers import nation_of

_LOST = {"lost": frozenset(("destroyed", "casualties"))}
"""What "lost" is read as: of things destroyed, of people killed or wounded."""

_STEM = 4


class Subjects:
    """One text: what its figures count, set against what series count."""

    def __init__(self, series: Sequence[Series], text: str, language: str) -> None:
        self._text, self._language = text, language
        self._places = {one.series: places_of(one) for one in series}
        self._known = frozenset(place for places in self._places.values() for place in places)

    def counts(self, series: Series, figure: Figure) -> bool:
        """Whether a series counts what a figure counts, as a total or as an increase alike."""
        return series.kind == figure.kind and self.measures(series, figure)

    def measures(self, series: Series, figure: Figure) -> bool:
        """The same measure of the same people or things, at the place that the series is of."""
        same = figure.measure in (series.measure, *_LOST.get(series.measure, ()))
        return (same or self._is_worded(series, figure)) and self.is_of(series, figure)

    def _is_worded(self, series: Series, figure: Figure) -> bool:
        """Whether a sentence says what a series counts in the words of its definition, where the reader knows none."""
        if figure.measure != "other" or series.measure in ("", "other"):
            return False
        return _has_words(figure.quote, series.measure) and self.is_placed(series, figure)

    def is_of(self, series: Series, figure: Figure) -> bool:
        """Whether both are of the same people or things, as far as each says: the nation, or one within the other."""
        if figure.unit != series.unit and "other" not in (figure.unit, series.unit) and not self._places[series.series]:
            return False
        if self._places[series.series]:
            return self.is_placed(series, figure) and _is_general(series, figure)
        return _of_the_same(series, figure)

    def is_placed(self, series: Series, figure: Figure) -> bool:
        """Whether a sentence names the place of a series; where it names none, what stands before it does."""
        own = self._places[series.series]
        if not own:
            return True
        if _named(figure.quote, self._known):
            return _named(figure.quote, own)
        return _named(self._text[: figure.start], own)

    def is_at_odds(self, series: Series, figure: Figure) -> bool:
        """Whether a figure is of another nation than a series."""
        return _at_odds(series, figure)


def _at_odds(series: Series, figure: Figure) -> bool:
    nations = {found for whom in (series.whom, figure.whom) if (found := nation_of(whom or "", "en"))}
    return len(nations) > 1


def _of_the_same(series: Series, figure: Figure) -> bool:
    if not figure.whom or not series.whom:
        return True
    one, other = series.whom.casefold().split(), figure.whom.casefold().split()
    same = set(one) <= set(other) or set(other) <= set(one)
    return same or (one[0] == other[0] and (series.unit == "people" or _share_a_thing(one[1:], other[1:])))


_NO_THINGS = frozenset(("systems", "vehicles", "equipment"))
"""What so many things are called that it tells none from another."""


def _share_a_thing(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names of things have a word in common that is one thing's."""
    return any(word == each for word in one for each in other if word not in _NO_THINGS)


_THEN = re.compile(
    r"\b(?:previous|earlier|(?:a|one) (?:day|week|fortnight|month|year) (?:ago|before)|попередн|раніше|ранее|предыдущ"
    r"|(?:день|тиждень|місяць|рік) тому|(?:день|неделю|месяц|год) назад|zuvor|précédent|anterior)",
    re.IGNORECASE,
)


def tells_of_then(text: str) -> bool:
    """Whether a sentence says that it tells of what was before: "a month ago", "the previous update"."""
    return bool(_THEN.search(text))


def _is_general(series: Series, figure: Figure) -> bool:
    """Whether a figure is of no other things than a series at a place: of its category where that has one."""
    said = set((figure.whom or "").casefold().split())
    if series.category is not None and series.unit != "people":
        return set(series.category.casefold().split()) <= said
    return not _at_odds(series, figure)


def places_of(series: Series) -> frozenset[str]:
    """The place that a series is of: as its people, or its source's title, name it."""
    return _places(series.whom or "", "" if series.attributed_to else series.title)


@lru_cache(maxsize=4000)
def _places(whom: str, title: str) -> frozenset[str]:
    if _PROPER.fullmatch(whom):
        return frozenset((folded(whom),))
    return frozenset(map(folded, _IN.findall(whom) or _IN.findall(title)))


_PROPER = re.compile(r"[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)*")
_IN = re.compile(rf"\b(?:in|of) (?:the )?({_PROPER.pattern})")


def proper_names(text: str) -> list[str]:
    """The names of a text that are written with a capital, folded."""
    return [folded(one) for one in _PROPER.findall(text)]


def _named(text: str, places: Iterable[str]) -> bool:
    words = f" {folded(text)} "
    return any(f" {place} " in words for place in places) or _same_nation(words, places)


def _same_nation(text: str, places: Iterable[str]) -> bool:
    """Whether a text names a nation by another word than a place does: "Russian" beside "Russia"."""
    named = nation_of(text, "en")
    return any(nation_of(place, "en") & named for place in places) if named else False


def _has_words(text: str, wanted: str) -> bool:
    """Whether a text has all words of a measure, in whatever forms."""
    said = folded(text).split()
    return all(any(_is_form(word, one) for one in said) for word in folded(wanted).split())


def _is_form(word: str, other: str) -> bool:
    size = max(_STEM, min(len(word), len(other)) - 2)
    return word == other or word[:size] == other[:size] != ""
