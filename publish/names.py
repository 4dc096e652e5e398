"""SeriesNames that people say: what a series is called, from its definition and from what its source prints itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from changes.labels import identity_of
from model import FigureRule, SeriesRef, SeriesRule, Source, series_ref
from publish.vocabulary import Language

SEPARATOR = " · "

FollowRule: TypeAlias = FigureRule | SeriesRule


class SeriesName(NamedTuple):
    """What a series is called, and the language of it where that is the source's own and not English."""

    text: str
    language: str | None = None


class SeriesNames(Mapping[str, str]):
    """The names of series by their keys; `in_language` has those that a definition gives in another language."""

    def __init__(self, refs: Mapping[str, str], source_of: Callable[[str], Source | None]) -> None:
        self._refs, self._source_of = refs, source_of
        self._known: dict[str, SeriesName] = {}

    def __getitem__(self, series: str) -> str:
        return self.name(series).text

    def __iter__(self) -> Iterator[str]:
        return iter(self._refs)

    def __len__(self) -> int:
        return len(self._refs)

    def name(self, series: str) -> SeriesName:
        """A series' name. Raises `KeyError` for what is no series of the ledger."""
        if series not in self._known:
            self._known[series] = self._named(series)
        return self._known[series]

    def language_of(self, series: str) -> str | None:
        """The language of a name that is the source's own and not English; None for every other."""
        return self.name(series).language if series in self._refs else None

    def in_language(self, series: str, language: Language) -> SeriesName:
        """The name that a definition gives in a language, else the name that there is."""
        rule, labels = self._rule(series)
        given = self._given(rule, language)
        if given:
            return SeriesName(SEPARATOR.join(_once((given, *labels))), language)
        return self.name(series) if series in self._refs else SeriesName(in_words(series.partition("/")[2]))

    def _named(self, series: str) -> SeriesName:
        rule, labels = self._rule(series)
        source = self._source_of(series.partition("/")[0])
        title = self._given(rule, "en")
        printed = "" if title else _heading(source, rule)
        name = title or printed or in_words(SeriesRef.parse(self._refs[series]).figure_id)
        own = source.language if source and (printed or labels) else None
        return SeriesName(SEPARATOR.join(_once((name, *labels))), own if own != "en" else None)

    def _rule(self, series: str) -> tuple[FollowRule | None, tuple[str, ...]]:
        """The rule that a series is followed by, and the labels of its dimensions."""
        source = self._source_of(series.partition("/")[0])
        ref = SeriesRef.parse(self._refs.get(series, series.partition("/")[2]))
        labels = ref.labels
        if source is not None and source.label is not None:  # what is no part of the label's identity names nothing
            labels = SeriesRef.parse(identity_of(source)(series_ref(ref.figure_id, labels))).labels
        return (source.rule(ref.figure_id) if source else None), labels

    def _given(self, rule: FollowRule | None, language: Language) -> str:
        """A rule's title in a language, else the title of the series that its claim speaks of."""
        title = _title(rule, language)
        other = rule.counts_as if rule and not title else None
        return _title(self._rule(other)[0], language) if other else title


def in_words(key: str) -> str:
    """A key, or a part of one, in words."""
    return SEPARATOR.join(_once(part.replace("_", " ").replace("-", " ") for part in key.split("/")))


def _title(rule: FollowRule | None, language: Language) -> str:
    title = rule.title if rule else None
    if isinstance(title, dict):
        return title.get(language, "")
    return title or "" if language == "en" else ""


def _heading(source: Source | None, rule: FollowRule | None) -> str:
    """The heading of the column, or the name in JSON, that is the figure's alone.

    Nothing where there is none, or where it is a program's own word (`cases_7d`) rather than one that is read.
    """
    if source is None or not isinstance(rule, FigureRule):
        return ""
    place = _place(rule)
    read = place and place[0] not in "@$*" and place[-1] != "]" and "_" not in place
    return place if read and [_place(other) for other in source.figures].count(place) == 1 else ""


def _place(rule: FigureRule) -> str:
    return rule.column or (rule.path or "").rpartition(".")[2]


def _once(parts: Iterable[str]) -> list[str]:
    """Parts of a name, each once however it is written."""
    found: dict[str, str] = {}
    for part in filter(None, (" ".join(part.split()) for part in parts)):
        found.setdefault(part.casefold(), part)
    return list(found.values())
