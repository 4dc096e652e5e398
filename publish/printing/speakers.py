"""Who speaks in a text: the names on record, a nation's officials for its own count, or nobody in particular."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from extractors.words import BIT, lexicon
from model import Series
from publish.printing.claimants import Claimants, folded, names_whom

_NOBODY = BIT["sources"] | BIT["generic"] | BIT["determiners"] | BIT["of"]
"""What words may be that name no body of their own: officials, military, media, data."""

_SIDES = frozenset(("side", "media", "military", "army", "сторона", "стороны", "влада", "медиа", "росмедиа"))


class Speakers:
    """Whether a text gives a number to whoever counts a series, as its language names people."""

    def __init__(self, claimants: Claimants, language: str) -> None:
        self._claimants, self._language = claimants, language
        self._nations: dict[str, frozenset[str]] = {}

    def are(self, names: Iterable[str], series: Series) -> bool:
        """Whether any of the names is one of those who count a series."""
        named = tuple(names)
        aliases = self._claimants.of(series)
        return names_whom(named, aliases) or any(self._stands_for(one, series) for one in named)

    def are_others(self, names: Iterable[str], series: Series) -> bool:
        """Whether a number is given to somebody else: not to whoever counts, and not to nobody in particular."""
        named = [one for one in names if not self._is_nobody(one)]
        if not named or self.are(named, series):
            return False
        return bool(series.attributed_to) or self._claimants.are_known(named)

    def stand_in(self, text: str, series: Series) -> bool:
        """Whether a text has a name of whoever counts a series, anywhere in it."""
        return names_whom([text], self._own(series))

    def _own(self, series: Series) -> frozenset[str]:
        """The names that are names: what is only a word for somebody who counts is none."""
        return frozenset(one for one in self._claimants.of(series) if not set(one.split()) <= _COMMON)

    def _stands_for(self, name: str, series: Series) -> bool:
        """Whether a name is of a nation, and a series is counted by a body of that nation that may be meant.

        It may be where the name is of people in office, of a part of the body's name, or in a language of which the
        names on record are not.
        """
        words, mine = folded(name), self._of_nation(series)
        if not mine & set(_nations(words, self._language)):
            return False
        if self._language not in _RECORDED or _office(words, self._language):
            return True
        said = _own_words(words, self._language)
        return any(said <= _own_words(folded(one), "en") for one in series.attributed_to)

    def _of_nation(self, series: Series) -> frozenset[str]:
        if series.series not in self._nations:
            found = {one for name in series.attributed_to for one in _nations(folded(name), "en")}
            self._nations[series.series] = frozenset(found)
        return self._nations[series.series]

    def _is_nobody(self, name: str) -> bool:
        """Whether a name is nobody in particular: "officials", "Russian media"; a nation's office counts for itself."""
        words, nation = folded(name), _office(folded(name), self._language)
        if nation is not None:
            return not self._claimants.is_counting(nation, lambda one: _nations(folded(one), "en"))
        return all(_is_plain(word, self._language) for word in words.split())


_RECORDED = frozenset(("en", "uk", "ru"))
"""The languages of the names by which definitions know who counts."""


def _own_words(name: str, language: str) -> set[str]:
    """The words of a name that are of no nation, and no articles."""
    return {word for word in name.split() if len(word) > 1 and not _nation(word, language)} - {"of", "the"}


_COMMON = frozenset(("journalists", "count", "list"))


@lru_cache(maxsize=2000)
def _office(name: str, language: str) -> str | None:
    """The one nation of whose people in office a name is, where it names no body: "Ukraine's military", "Kyiv"."""
    nations = set(_nations(name, language))
    others = [word for word in name.split() if not _nation(word, language)]
    plain = all(_is_plain(word, language) for word in others)
    return nations.pop() if len(nations) == 1 and plain else None


def _is_plain(word: str, language: str) -> bool:
    return len(word) < 2 or word in _SIDES or bool(lexicon(language).lookup(word).roles & _NOBODY)


def _nations(name: str, language: str) -> Iterator[str]:
    yield from filter(None, (_nation(word, language) for word in name.split()))


def _nation(word: str, language: str) -> str | None:
    found = lexicon(language).lookup(word).values.get("nations")
    return str(found) if found else None


def nation_of(text: str, language: str) -> frozenset[str]:
    """The nations that a text names."""
    return frozenset(_nations(folded(text), language))
