"""The words of a question, with what each stands for in definitions, which the ledger itself does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from model import Source
from publish.names import FollowRule
from publish.vocabulary import LANGUAGES, named
from storage.search.find import SearchWord
from storage.search.words import asked, fits, terms

_Key = TypeVar("_Key")

MOST_RULES = 60
"""A word names so many rules at most; what more have it is found by its key."""


class Definitions(Protocol):
    """The definitions of sources, by id."""

    def __iter__(self) -> Iterator[str]: ...

    def get(self, key: str, /) -> Source | None:
        """A source's definition."""


def words_of(definitions: Definitions, text: str) -> Iterator[SearchWord]:
    """The words of a text."""
    return search_words(definitions, asked(text))


def search_words(definitions: Definitions, words: Iterable[tuple[str, ...]]) -> Iterator[SearchWord]:
    """Words, each by its terms, with what they stand for in definitions."""
    sources = [one for one in (definitions.get(key) for key in definitions) if one is not None]
    titles = {one.id: set(terms("\n".join((one.id, one.title, one.publisher.name)))) for one in sources}
    rules = {(one.id, rule.id): _called(rule) for one in sources for rule in _rules(one)}
    measures = _measures()
    for word in words:
        yield SearchWord(word, _fitting(word, titles), _fitting(word, rules)[:MOST_RULES], _fitting(word, measures))


def _fitting(word: tuple[str, ...], named_so: dict[_Key, set[str]]) -> tuple[_Key, ...]:
    return tuple(key for key, there in named_so.items() if fits(word, there))


def _measures() -> dict[str, set[str]]:
    """What is measured, by its words in every language."""
    found: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for measure, said in named("measures", language).items():
            found.setdefault(measure, set()).update(terms(said))
    return found


def _rules(source: Source) -> list[FollowRule]:
    return [*source.figures, *source.series]


def _called(rule: FollowRule) -> set[str]:
    title = rule.title
    titles: Iterable[str] = title.values() if isinstance(title, dict) else (title or "",)
    return set(terms("\n".join((*titles, getattr(rule, "column", None) or ""))))
