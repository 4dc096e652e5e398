"""Finding changes by their numbers and by the words they quote, and series by what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Change, Instant, Series
from storage import schema
from storage.driver.rows import raw
from storage.read.evidence import Counting
from storage.read.figures import series_of
from storage.read.marked import ended, marked
from storage.read.names import source_id
from storage.read.queries import changes_at, changes_query, series_query, updates_query
from storage.read.room import LedgerReader
from storage.read.updates import context_of, read_change
from storage.search.index import plain_number
from storage.search.words import fits, terms

UPDATES_LOOKED_AT = 60
"""So many of the newest updates that have all the words are looked at for the figures that are quoted with them."""

NAMED_LOOKED_AT = 400
"""So many series of a name are put in the order of their newest days; of more, the first."""

QUOTES_OF_UPDATE = 200


class SearchWord(msgspec.Struct, frozen=True):
    """A word of a question: its terms, and what else it stands for in definitions, which the ledger does not have.

    `sources` are the keys of sources whose title or publisher has it, `rules` what is followed by such a name (source,
    figure id), `measures` what is measured so in any language, `others` its terms in another language.
    """

    terms: tuple[str, ...]
    sources: tuple[str, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    measures: tuple[str, ...] = ()
    others: tuple[tuple[str, ...], ...] = ()


class SearchQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: numbers, each with the ways it may be read, and words; all of them must be there."""

    numbers: tuple[tuple[str, ...], ...] = ()
    words: tuple[SearchWord, ...] = ()
    source: str | None = None


SearchPart = Literal["value", "stated", "difference", "hedged", "words"]
"""Where something may be found: in a value, in what a report states of its change, in the difference, in words."""


class FoundChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change that was found: of which update, what matched in it, and what counts at its place now.

    `matched` are `value`, `hedged` (a hedged value, or an end of a range), `stated`, `difference` or `words`.
    """

    update: str
    source: str
    title: str
    basis: str
    known_at: Instant
    recorded_at: Instant
    change: Change
    matched: tuple[SearchPart, ...]
    counts: Counting | None


class FoundPlace(NamedTuple):
    """Where a number stands."""

    series_id: int
    as_of: str
    update_id: int


class Clause(NamedTuple):
    """A condition in SQL and its parameters."""

    sql: str
    values: dict[str, Any]


class SearchReader(LedgerReader):
    """Questions in a reader's own words."""

    def find_numbers(self, question: SearchQuestion, role: int, *, limit: int) -> list[FoundChange]:
        """The changes in which the first number stands in a role (see `search.index`), newest recorded first."""
        with self.engine.connect() as connection:
            places = list(_places(connection, question, role, limit))
            return self._told(connection, places, question.numbers[0])

    def find_quoted(self, question: SearchQuestion, *, limit: int) -> list[FoundChange]:
        """The newest changes that are quoted with all the words, one for each quote."""
        with self.engine.connect() as connection:
            updates = _updates(connection, _quoting_updates(connection, question))
            if not updates:
                return []
            context = context_of(self.texts, connection, updates)
            wanted = {"ids": list(updates), "most": QUOTES_OF_UPDATE}
            rows = connection.execute(changes_query(limited=True), wanted).mappings().all()
            found: dict[tuple[int, str], tuple[Any, Change]] = {}
            for row in sorted(rows, key=lambda row: -row["update_id"]):
                if len(found) == limit:
                    break
                change = read_change(self.texts, connection, updates[row["update_id"]], row, context)
                if _is_quoted(change, question):
                    found.setdefault((row["update_id"], (change.new or change.old).quote), (row, change))  # type: ignore[union-attr]
            counting = _counting(connection, [row for row, _ in found.values()])
            return [
                _found(updates[row["update_id"]], change, ("words",), counting.get((row["series_id"], row["as_of"])))
                for row, change in found.values()
            ]

    def find_named(self, question: SearchQuestion, *, limit: int, quotes: bool = True) -> list[Series]:
        """Series whose names have all the words, those with the newest figures first; without quotes, none is read."""
        if not question.words:
            return []
        with self.engine.connect() as connection:
            clauses = [_named(connection, word, at) for at, word in enumerate(question.words)]
            where, values = _all_of([*clauses, *_of_source(connection, question)])
            ids = raw(connection, _NAMED.format(where), values | {"most": NAMED_LOOKED_AT, "limit": limit})
            found = series_query().where(schema.series.c.id.in_([row[0] for row in ids]))
            rows = {row["series_id"]: row for row in connection.execute(found).mappings()}
            breaks, over = marked(connection), ended(connection)
            return [series_of(self.texts if quotes else None, rows[row[0]], breaks, over) for row in ids]

    def _told(self, connection: Connection, places: Sequence[FoundPlace], numbers: Sequence[str]) -> list[FoundChange]:
        """The changes at places, in their order, with what the numbers are in each."""
        if not places:
            return []
        updates = _updates(connection, {place.update_id for place in places})
        context = context_of(self.texts, connection, updates)
        rows = {
            (row["series_id"], row["as_of"], row["update_id"]): row
            for row in connection.execute(changes_at(places)).mappings()
        }
        counting = _counting(connection, rows.values())
        told = (
            (place, read_change(self.texts, connection, updates[place[2]], rows[place], context))
            for place in places
            if place in rows
        )
        return [
            _found(updates[place[2]], change, _matched(change, numbers), counting.get(place[:2]))
            for place, change in told
        ]


def _matched(change: Change, numbers: Sequence[str]) -> tuple[SearchPart, ...]:
    """What numbers, as they are looked up, are in a change as it is told."""
    there: dict[SearchPart, tuple[Decimal | None, ...]] = {
        "value": (),
        "stated": (),
        "difference": (change.difference,),
        "hedged": (),
    }
    if change.new is not None:
        name: SearchPart = "value" if change.new.qualifier == "exact" else "hedged"
        there[name] = (change.new.value, change.new.low, change.new.high)
    if change.stated is not None:
        there["stated"] = (change.stated.value,)
    return tuple(
        name for name, found in there.items() if any(one is not None and plain_number(one) in numbers for one in found)
    )


_NUMBERS = """
    SELECT n.series_id, n.as_of, n.update_id FROM numbers n JOIN series s ON s.id = n.series_id
    WHERE n.number = :number AND n.role = :role {} ORDER BY n.update_id DESC, n.as_of DESC LIMIT :limit
"""
_ALSO = """EXISTS (SELECT 1 FROM numbers m WHERE m.number IN ({}) AND m.update_id = n.update_id
    AND m.series_id = n.series_id AND m.as_of = n.as_of)"""
_NAMED = """
    SELECT f.id FROM (SELECT s.id FROM series s WHERE {} LIMIT :most) f ORDER BY (
        SELECT MAX(c.as_of) FROM current c WHERE c.series_id = f.id AND c.withdrawn = 0) DESC, f.id LIMIT :limit
"""


def _places(connection: Connection, question: SearchQuestion, role: int, limit: int) -> Iterator[FoundPlace]:
    """Where the first number stands in a role, each way it may be read, and all the others and the words too."""
    first, *others = question.numbers
    clauses = [_also(readings, at) for at, readings in enumerate(others)]
    clauses += [_named(connection, word, at, quoted=True) for at, word in enumerate(question.words)]
    where, values = _all_of([*clauses, *_of_source(connection, question)])
    seen: set[tuple[Any, ...]] = set()
    for number in first:
        asked = values | {"number": number, "role": role, "limit": limit}
        for row in raw(connection, _NUMBERS.format(f"AND {where}" if where else ""), asked):
            if row[:3] not in seen and len(seen) < limit:
                seen.add(row[:3])
                yield FoundPlace(*row)


def _also(readings: Sequence[str], at: int) -> Clause:
    names = {f"also_{at}_{place}": reading for place, reading in enumerate(readings)}
    return Clause(_ALSO.format(", ".join(f":{name}" for name in names)), names)


def _all_of(clauses: Iterable[Clause]) -> Clause:
    values: dict[str, Any] = {}
    parts = []
    for sql, given in clauses:
        parts.append(f"({sql})")
        values |= given
    return Clause(" AND ".join(parts), values)


def _of_source(connection: Connection, question: SearchQuestion, table: str = "s") -> list[Clause]:
    """That a row is of the source which is asked for, else of a generation that is in force.

    Raises `UsageError` for an unknown source.
    """
    if question.source is None:
        return [Clause(f"{table}.source_id NOT IN (SELECT source_id FROM generations WHERE until IS NOT NULL)", {})]
    return [Clause(f"{table}.source_id = :source", {"source": source_id(connection, question.source)})]


def _named(connection: Connection, word: SearchWord, at: int, *, quoted: bool = False) -> Clause:
    """That a series `s` is called by a word, or its number `n` quoted with it."""
    prefix = f"w{at}"
    match = {f"{prefix}_match": _matching(connection, word.terms, *word.others)}
    parts = [f"s.id IN ({_words_with(connection, 'series_words', 'series_id', f'{prefix}_match')})"]
    if quoted:
        parts.append(f"n.update_id IN ({_words_with(connection, 'quote_words', 'update_id', f'{prefix}_match')})")
    sources = {f"{prefix}_source_{place}": key for place, key in enumerate(word.sources)}
    measures = {f"{prefix}_measure_{place}": name for place, name in enumerate(word.measures)}
    if sources:
        parts.append(f"s.source_id IN (SELECT id FROM sources WHERE key IN ({_listed(sources)}))")
    if measures:
        parts.append(f"s.measure IN ({_listed(measures)})")
    rules: dict[str, str] = {}
    for place, (source, figure_id) in enumerate(word.rules):
        name = f"{prefix}_rule_{place}"
        # A reference is the rule's id, alone or with what parts it from labels behind it.
        rules |= {
            f"{name}_of": source,
            name: figure_id,
            f"{name}_from": f"{figure_id}\x1f",
            f"{name}_to": f"{figure_id} ",
        }
        parts.append(
            f"s.source_id = (SELECT id FROM sources WHERE key = :{name}_of) "
            f"AND (s.ref = :{name} OR (s.ref >= :{name}_from AND s.ref < :{name}_to))"
        )
    return Clause(" OR ".join(parts), {**match, **sources, **measures, **rules})


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f":{name}" for name in names)


def _words_with(connection: Connection, table: str, key: str, parameter: str) -> str:
    """The rows whose words match a parameter, as SQL."""
    if connection.dialect.name == "sqlite":
        return f"SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH :{parameter}"
    return f"SELECT {key} FROM {table} WHERE {_VECTOR} @@ CAST(:{parameter} AS tsquery)"


_VECTOR = "array_to_tsvector(string_to_array(words, ' '))"


def _matching(connection: Connection, *ways: Iterable[str]) -> str:
    """Terms that must all be there in one way or another, as the index of words is asked; letters and digits alone."""
    if connection.dialect.name == "sqlite":
        terms_of = [[f'"{term.rstrip("*")}"{"*" * term.endswith("*")}' for term in way] for way in ways]
        return " OR ".join(f"({' AND '.join(one)})" for one in terms_of)
    terms_of = [[f"'{term.rstrip('*')}'{':*' * term.endswith('*')}" for term in way] for way in ways]
    return " | ".join(f"({' & '.join(one)})" for one in terms_of)


def _quoting_updates(connection: Connection, question: SearchQuestion) -> list[int]:
    """The newest updates that quote the words; a word that a source's title has may stand there alone."""
    free = [term for word in question.words if not word.sources for term in word.terms]
    if not free:
        return []
    clauses = [Clause(f"q.id IN ({_words_with(connection, 'quote_words', 'update_id', 'free')})", {})]
    values: dict[str, Any] = {"free": _matching(connection, free), "most": UPDATES_LOOKED_AT}
    for at, word in enumerate(word for word in question.words if word.sources):
        keys = {f"t{at}_{place}": key for place, key in enumerate(word.sources)}
        there = _words_with(connection, "quote_words", "update_id", f"t{at}")
        of_titles = f"q.source_id IN (SELECT id FROM sources WHERE key IN ({_listed(keys)}))"
        clauses.append(
            Clause(f"q.id IN ({there}) OR {of_titles}", {f"t{at}": _matching(connection, word.terms), **keys})
        )
    where, given = _all_of([*clauses, *_of_source(connection, question, "q")])
    query = f"SELECT q.id FROM updates q WHERE {where} ORDER BY q.id DESC LIMIT :most"
    return [row[0] for row in raw(connection, query, values | given)]


def _is_quoted(change: Change, question: SearchQuestion) -> bool:
    """Whether the words stand in the change's own quote, its names, or those of who says it."""
    figure = change.new or change.old
    if figure is None or not figure.quote:
        return False
    quote = set(terms("\n".join((figure.quote, *figure.attributed_to, figure.whom or ""))))
    names = quote | set(terms(change.series.replace("-", " ")))
    source = change.series.partition("/")[0]
    there = all(fits(word.terms, names) or source in word.sources for word in question.words)
    return there and any(fits(word.terms, quote) for word in question.words)


def _updates(connection: Connection, ids: Iterable[int]) -> Mapping[int, Any]:
    query = updates_query().where(schema.updates.c.id.in_(list(ids)))
    return {row["id"]: row for row in connection.execute(query).mappings()}


def _counting(connection: Connection, rows: Iterable[Any]) -> dict[tuple[int, str], Counting]:
    """What counts now at the places of changes."""
    table, updates, sources = schema.current, schema.updates, schema.sources
    places = [(row["series_id"], row["as_of"]) for row in rows]
    query = (
        sa.select(table.c.series_id, table.c.as_of, sources.c.key, updates.c.number, table.c.content, table.c.withdrawn)
        .select_from(table.join(updates, updates.c.id == table.c.update_id).join(sources))
        .where(
            table.c.series_id.in_({place[0] for place in places}),
            table.c.as_of.in_({place[1] for place in places}),
        )
    )
    wanted = set(places)
    return {
        (row.series_id, row.as_of): Counting(
            update=f"{row.key}/{row.number}", content=None if row.withdrawn else row.content
        )
        for row in connection.execute(query)
        if (row.series_id, row.as_of) in wanted
    }


def _found(update: Any, change: Change, matched: tuple[SearchPart, ...], counts: Counting | None) -> FoundChange:
    return FoundChange(
        update=f"{update['key']}/{update['number']}",
        source=update["key"],
        title=update["title"],
        basis=update["basis"],
        known_at=update["known_at"],
        recorded_at=update["recorded_at"],
        change=change,
        matched=matched,
        counts=counts,
    )
