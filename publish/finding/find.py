"""Finding in a reader's own words: a typed number however it is written, words of quotes, names, claimants, sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from model import Change, Day, Instant, Series, UsageError
from publish.finding.question import parse
from publish.finding.words import Definitions, words_of
from publish.names import SeriesNames
from publish.words import change_sentence, series_label
from storage.search.find import FoundChange, SearchPart, SearchQuestion
from storage.search.index import DIFFERENCE, HEDGED, STATED, VALUE
from storage.search.words import fits, terms

if TYPE_CHECKING:
    from storage import Views

ValueStanding = Literal["counts", "replaced", "withdrawn", "held", "was_held", "rejected"]
"""How a value that was found stands now: it counts, another counts there, the source took it back, or a person must or
did decide against it."""

PARTS: dict[SearchPart, int] = {
    "value": VALUE,
    "stated": STATED,
    "difference": DIFFERENCE,
    "hedged": HEDGED,
    "words": 0,
}
"""Where something may be found, in the order in which it is told; with the roles of numbers."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One change that was found, with all that a reader must see beside its number.

    `name` is what the series is called, `carrier` who publishes the source; `replaced_by` the update that counts at its
    place now, where that is another. `change` has value, hedge, as-of and claimants; `proof` is its page's address.
    """

    matched: tuple[SearchPart, ...]
    update: str
    series: str
    name: str
    source: str
    title: str
    carrier: str
    basis: str
    as_of: Day
    known_at: Instant
    standing: ValueStanding
    replaced_by: str | None
    sentence: str
    change: Change
    proof: str


class FoundSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source that was found by its title, its key or who publishes it."""

    source: str
    title: str
    basis: str
    carrier: str


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: `numbers` as they were read (each in the ways it may be meant), and what there is, best first.

    `more` names the parts of which there is more than is told.
    """

    asked: str
    numbers: tuple[tuple[str, ...], ...]
    words: str
    hits: tuple[Hit, ...]
    series: tuple[Series, ...]
    sources: tuple[FoundSource, ...]
    more: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing was found."""
        return not (self.hits or self.series or self.sources)


class Search(NamedTuple):
    """What is looked for: a text as it was typed, of which source ("" for all), where, and at most how many of each."""

    text: str
    source: str = ""
    parts: tuple[SearchPart, ...] = tuple(PARTS)
    limit: int = 10


class Finder:
    """Finds in a ledger what readers ask for, by the definitions and the names of its series."""

    def __init__(self, views: Views, definitions: Definitions, names: SeriesNames) -> None:
        self._views, self._definitions, self._names = views, definitions, names

    def find(self, search: Search) -> SearchResult:
        """Exact values first, then stated changes, differences, hedged values, and quotes; the newest of each first.

        Raises `UsageError` for a question without a word or number, and for a source that is not in the ledger.
        """
        numbers, text = parse(search.text)
        words = tuple(words_of(self._definitions, text))
        if not (numbers or words):
            raise UsageError("that names nothing to look for", "type a number as it is printed, or words of a name")
        question = SearchQuestion(numbers=numbers, words=words, source=search.source or None)
        hits, more = self._hits(question, search)
        series = self._views.find_named(question, limit=search.limit + 1) if not numbers else []
        return SearchResult(
            asked=search.text,
            numbers=numbers,
            words=text,
            hits=hits,
            series=tuple(series[: search.limit]),
            sources=tuple(self._sources(question)) if not numbers else (),
            more=(*more, *(["series"] if len(series) > search.limit else [])),
        )

    def _hits(self, question: SearchQuestion, search: Search) -> tuple[tuple[Hit, ...], list[str]]:
        hits: dict[tuple[str, str, Day], Hit] = {}
        more: list[str] = []
        for part in search.parts:
            found = self._of_part(question, part, search.limit + 1)
            more += [part] if len(found) > search.limit else []
            for one in found[: search.limit]:
                if (hit := self._hit(one, part)) is not None:
                    hits.setdefault((hit.update, hit.series, hit.as_of), hit)
        return tuple(hits.values()), more

    def _of_part(self, question: SearchQuestion, part: SearchPart, limit: int) -> list[FoundChange]:
        if part == "words":
            return self._views.find_quoted(question, limit=limit) if not question.numbers else []
        return self._views.find_numbers(question, PARTS[part], limit=limit) if question.numbers else []

    def _hit(self, found: FoundChange, part: SearchPart) -> Hit | None:
        """A change as it is told; None where its difference is not told any more, since its series was counted anew."""
        change = found.change
        if part not in found.matched:
            return None
        definition = self._definitions.get(found.source)
        standing, by = standing_of(found)
        return Hit(
            matched=found.matched,
            update=found.update,
            series=change.series,
            name=series_label(change.series, self._names),
            source=found.source,
            title=found.title,
            carrier=definition.publisher.name if definition else found.title,
            basis=found.basis,
            as_of=change.as_of,
            known_at=found.known_at,
            standing=standing,
            replaced_by=by,
            sentence=change_sentence(change),
            change=change,
            proof=proof_address(found.update, change.series, change.as_of),
        )

    def _sources(self, question: SearchQuestion) -> Iterator[FoundSource]:
        """Recorded sources that all the words name."""
        for key, title, basis in self._views.sources():
            definition = self._definitions.get(key)
            carrier = definition.publisher.name if definition else title
            there = set(terms("\n".join((key, title, carrier))))
            if all(fits(word.terms, there) for word in question.words):
                yield FoundSource(source=key, title=title, basis=basis, carrier=carrier)


def standing_of(found: FoundChange) -> tuple[ValueStanding, str | None]:
    """How a value stands now, and the update that counts in its place."""
    change, counts = found.change, found.counts
    by = counts.update if counts else None
    if change.held and (settled := _of_held(change)) is not None:
        return settled, change.ended or (by if settled == "rejected" else None)
    if counts is None:
        return "rejected", None
    if counts.content is None or change.new is None:
        return "withdrawn", by
    return ("counts", None) if change.new.content == counts.content else ("replaced", by)


def _of_held(change: Change) -> ValueStanding | None:
    """How a held value stands; None where a person let it count."""
    if change.decision is None:
        return "was_held" if change.ended else "held"
    return "rejected" if change.decision.action in ("reject", "correct") else None


def proof_address(update: str, series: str, as_of: Day) -> str:
    """Where a change is proved on the review page."""
    source, _, number = update.rpartition("/")
    return f"/updates/{quote(source, safe='')}/{number}/evidence?{urlencode({'series': series, 'as_of': as_of})}"
