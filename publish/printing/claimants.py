"""Who is meant by a name in a text: the aliases by which definitions know whoever counts, in every language."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from model import Series, Source
from publish.finding.words import Definitions


class Claimants:
    """The names of whoever counts each series: those on record, and all that definitions say of the same count."""

    def __init__(self, definitions: Definitions) -> None:
        sources = [one for one in map(definitions.get, definitions) if one is not None]
        self._parties = _joined(names for one in sources for names in _parties(one))
        self._sources = {one.id: one for one in sources}

    def of(self, series: Series) -> frozenset[str]:
        """The names, folded, by which a text may attribute a number of a series."""
        own = {folded(name) for name in series.attributed_to} | {f"={series.series}"}
        if (source := self._sources.get(series.source)) is not None:
            own |= {folded(source.publisher.name), f"={source.counted_as(series.series)}"}
        same = [party for party in self._parties if _common(party, own)]
        return frozenset(name for name in own.union(*same) if not name.startswith("="))

    def are_known(self, names: Iterable[str]) -> bool:
        """Whether any of the names is somebody whom a definition knows to count."""
        named = {folded(name) for name in names}
        return any(_common(named, party) for party in self._parties)

    def is_counting(self, nation: str, nations: Callable[[str], Iterable[str]]) -> bool:
        """Whether a body of a nation counts anything, by the names on record."""
        every = (name for one in self._sources.values() for rule in one.figures for name in rule.attributed_to)
        return any(nation in nations(name) for name in every)


def names_whom(claimants: Iterable[str], aliases: frozenset[str]) -> bool:
    """Whether any of the claimants that a text names is one of these."""
    return _common({folded(name) for name in claimants}, set(aliases))


def _common(party: set[str], own: set[str]) -> bool:
    return any(_same(one, other) for one in party for other in own)


def _parties(source: Source) -> Iterable[set[str]]:
    """Who is one, by each rule of a source: its aliases, and the series of another source that it speaks of."""
    for rule in source.series:
        if rule.match.claimant:
            yield {*map(folded, rule.match.claimant), *([f"={rule.counts_as}"] if rule.counts_as else ())}


def _joined(parties: Iterable[set[str]]) -> list[set[str]]:
    """The parties, those that share a name joined."""
    found: list[set[str]] = []
    for party in parties:
        apart = [one for one in found if not one & party]
        found = [*apart, party.union(*(one for one in found if one & party))]
    return found


def _same(one: str, other: str) -> bool:
    if one.startswith("=") or other.startswith("="):
        return one == other
    shorter, longer = sorted((one.split(), other.split()), key=len)
    starts = range(len(longer) - len(shorter) + 1) if shorter else ()
    return any(all(map(_is_form, shorter, longer[at:])) for at in starts)


def _is_form(word: str, other: str) -> bool:
    """Whether two words are one in two cases: the same but for what a case may put at its end."""
    stem = max(len(word), len(other)) - _ENDING
    return word == other or (stem >= _STEM and word[:stem] == other[:stem])


_ENDING, _STEM = 2, 5


def folded(name: str) -> str:
    """A name as it is compared: its words in small letters, without marks."""
    plain = "".join(sign if sign.isalnum() else " " for sign in name.casefold())
    return " ".join(plain.split())
