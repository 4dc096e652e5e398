"""Finding in a reader's own words: a typed number however it is written, words of quotes, names, claimants, sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import quote, urlencode

import msgspec

from model import Change, Day, Instant, Series, Source, UsageError
from publish.finding.question import parse
from publish.names import FollowRule, SeriesNames
from publish.vocabulary import LANGUAGES, named
from publish.words import change_sentence, series_label
from storage.search.find import FoundChange, Question, Word
from storage.search.index import DIFFERENCE, HEDGED, STATED, VALUE
from storage.search.words import asked, fits, terms

if TYPE_CHECKING:
    from storage import Views

Standing = Literal["counts", "replaced", "withdrawn", "held", "was_held", "rejected"]
"""How a value that was found stands now: it counts, another counts there, the source took it back, or a person must or
did decide against it."""

Part = Literal["value", "stated", "difference", "hedged", "words"]
PARTS: dict[Part, int] = {"value": VALUE, "stated": STATED, "difference": DIFFERENCE, "hedged": HEDGED, "words": 0}
"""Where something may be found, in the order in which it is told; with the roles of numbers."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One change that was found, with all that a reader must see beside its number.

    `name` is what the series is called, `carrier` who publishes the source; `replaced_by` the update that counts at its
    place now, where that is another. `change` has value, hedge, as-of and claimants; `proof` is its page's address.
    """

    matched: tuple[Part, ...]
    update: str
    series: str
    name: str
    source: str
    title: str
    carrier: str
    basis: str
    as_of: Day
    known_at: Instant
    standing: Standing
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


class Finding(msgspec.Struct, frozen=True, kw_only=True):
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


class Definitions(Protocol):
    """The definitions of sources, by id."""

    def __iter__(self) -> Iterator[str]: ...
    def get(self, key: str, /) -> Source | None: ...


def find(
    views: Views, definitions: Definitions, names: SeriesNames, text: str, *,
    source: str | None = None, parts: Iterable[Part] = tuple(PARTS), limit: int = 10,
) -> Finding:  # fmt: skip
    """Find what a reader asks for: exact values first, then stated changes, differences, hedged values, and quotes.

    Of each part at most `limit`, newest recorded first. Raises `UsageError` for a question without a word or number.
    """
    numbers, words = parse(text)
    question = Question(numbers=numbers, words=tuple(_words(definitions, words)), source=source)
    if not (question.numbers or question.words):
        raise UsageError(
            "that names nothing to look for", "type a number as it is printed, or words of a name or quote"
        )
    hits: dict[tuple[str, str, Day], Hit] = {}
    more: list[str] = []
    for part in parts:
        found = _of_part(views, question, part, limit + 1)
        more += [part] if len(found) > limit else []
        for one in found[:limit]:
            if (hit := _hit(one, part, definitions, names)) is not None:
                hits.setdefault((hit.update, hit.series, hit.as_of), hit)
    series = views.find_named(question, limit=limit + 1) if not question.numbers else []
    return Finding(
        asked=text, numbers=numbers, words=words, hits=tuple(hits.values()), series=tuple(series[:limit]),
        sources=tuple(_sources(views, definitions, question)) if not question.numbers else (),
        more=(*more, *(["series"] if len(series) > limit else [])),
    )  # fmt: skip


def _of_part(views: Views, question: Question, part: Part, limit: int) -> list[FoundChange]:
    if part == "words":
        return views.find_quoted(question, limit=limit) if question.words and not question.numbers else []
    return views.find_numbers(question, PARTS[part], limit=limit) if question.numbers else []


def _words(definitions: Definitions, text: str) -> Iterator[Word]:
    """The words of a question, each with what it stands for in the definitions."""
    every = [one for one in (definitions.get(key) for key in definitions) if one is not None]
    of_sources = [(one.id, set(terms("\n".join((one.id, one.title, one.publisher.name))))) for one in every]
    rules = [(key, rule.id, _called(rule)) for key, rule in _rules(every)]
    measures = [
        (measure, set(terms(said))) for language in LANGUAGES for measure, said in named("measures", language).items()
    ]
    for word in asked(text):
        yield Word(
            word,
            tuple(key for key, there in of_sources if fits(word, there)),
            tuple((key, rule) for key, rule, there in rules if fits(word, there))[:60],
            tuple(dict.fromkeys(measure for measure, there in measures if fits(word, there))),
        )


def _rules(sources: Iterable[Source]) -> Iterator[tuple[str, FollowRule]]:
    for one in sources:
        yield from ((one.id, rule) for rule in one.figures)
        yield from ((one.id, rule) for rule in one.series)


def _called(rule: FollowRule) -> set[str]:
    title = rule.title
    titles = title.values() if isinstance(title, dict) else (title or "",)
    return set(terms("\n".join((*titles, getattr(rule, "column", None) or ""))))


def _hit(found: FoundChange, part: Part, definitions: Definitions, names: SeriesNames) -> Hit | None:
    """A change as it is told; None where its difference is not told any more, since its series was counted anew."""
    change = found.change
    matched = tuple(name for name in found.matched if name != "difference" or change.difference is not None)
    if part == "difference" and "difference" not in matched:
        return None
    definition = definitions.get(found.source)
    standing, by = standing_of(found)
    return Hit(
        matched=matched,  # type: ignore[arg-type]  # names of roles are names of parts
        update=found.update,
        series=change.series,
        name=series_label(change.series, names),
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
        proof=proof_address(found.update, change),
    )


def standing_of(found: FoundChange) -> tuple[Standing, str | None]:
    """How a value stands now, and the update that counts in its place."""
    change, counts = found.change, found.counts
    if change.held and change.decision is None:
        return ("was_held", change.ended) if change.ended else ("held", None)
    if change.held and change.decision is not None and change.decision.action in ("reject", "correct"):
        return "rejected", counts.update if counts else None
    if counts is None:
        return "rejected", None
    if counts.content is None or change.new is None:
        return "withdrawn", counts.update
    if change.new.content == counts.content:
        return "counts", None
    return "replaced", counts.update


def proof_address(update: str, change: Change) -> str:
    """Where a change is proved on the review page."""
    source, _, number = update.rpartition("/")
    asked_for = urlencode({"series": change.series, "as_of": change.as_of})
    return f"/updates/{quote(source, safe='')}/{number}/evidence?{asked_for}"


def _sources(views: Views, definitions: Definitions, question: Question) -> Iterator[FoundSource]:
    """Recorded sources that all the words name."""
    for key, title, basis in views.sources():
        definition = definitions.get(key)
        there = set(terms("\n".join((key, title, definition.publisher.name if definition else ""))))
        if question.words and all(fits(word.terms, there) for word in question.words):
            yield FoundSource(
                source=key, title=title, basis=basis, carrier=definition.publisher.name if definition else title
            )
