"""What a search looks in: the rows that an update brings, those of a ledger that has none yet, and their proof.

All of it follows from versions, stated increments, series and archived texts. Nothing is kept of what a page would not
show without a login: of quotes the words of followed figures, nothing of the text around them, of cells nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import EXTRACTORS, ArchiveError, write_content
from storage import schema
from storage.archive.blobs import Archive
from storage.driver.rows import insert_rows, raw, run
from storage.groups import DIFFERING, difference
from storage.search.words import kept

VALUE, HEDGED, STATED, DIFFERENCE = 1, 2, 3, 4
"""What a number is at its place: an exact value, a hedged one or an end of a range, a stated change, a difference."""

HEDGES = "~<>"
"""What canonical content begins with where the number is hedged."""

UPDATES_AT_ONCE, SERIES_AT_ONCE, WORDS_AT_ONCE = 200, 5_000, 250

TextOf = Callable[[str], str | None]
"""Archived texts by digest; None where one is gone."""


class Counted(NamedTuple):
    """What the numbers of a version are made of; `counted` is the series' kind, contents are canonical."""

    update_id: int
    series_id: int
    as_of: str
    kind: str
    counted: str
    held: int
    content: str | None
    base_as_of: str | None
    base: str | None


IndexRow = dict[str, Any]


def number_rows(versions: Iterable[Counted], stated: Iterable[tuple[int, str, str]]) -> list[IndexRow]:
    """The numbers of one update: what its versions state, what they differ by, and (series, as-of, content) stated."""
    found = {
        (number, role, series_id, as_of)
        for series_id, as_of, noted in chain(_of_versions(versions), _of_statements(stated))
        for number, role in noted
    }
    return [
        {"number": number, "role": role, "series_id": series_id, "as_of": as_of}
        for number, role, series_id, as_of in found
    ]


NumbersThere = tuple[int, str, list[tuple[str, int]]]
"""A place (series, as-of), and the numbers there with what each is."""


def _of_versions(versions: Iterable[Counted]) -> Iterator[NumbersThere]:
    before: Counted | None = None
    for one in sorted(versions, key=_PLACE):
        if before is not None and before.series_id != one.series_id:
            before = None
        step = _step(one, _base(one, before))
        yield one.series_id, one.as_of, _numbers_in(one.content or "") + ([(step, DIFFERENCE)] if step else [])
        if one.content is not None and not one.held:
            before = one


def _of_statements(stated: Iterable[tuple[int, str, str]]) -> Iterator[NumbersThere]:
    for series_id, as_of, content in stated:
        yield series_id, as_of, [(number, STATED) for number, _role in _numbers_in(content)]


_PLACE = attrgetter("series_id", "as_of")


def plain_number(number: Decimal) -> str:
    """A number as it is looked up: its amount, without sign, in one form."""
    return write_content(abs(number))


def _numbers_in(content: str) -> list[tuple[str, int]]:
    """The numbers of a canonical content, each as it is looked up, with what it is."""
    if ".." in content:
        return [(end.lstrip("-"), HEDGED) for end in content.split("..") if end]
    hedged = content[:1] in HEDGES
    return [(content[hedged:].lstrip("-"), HEDGED if hedged else VALUE)] if content else []


def _step(one: Counted, base: str | None) -> str | None:
    """By how much a version differs from what it is counted from, as it is looked up; None for not at all."""
    if one.kind not in DIFFERING or not base or not one.content:
        return None
    if base.isdigit() and one.content.isdigit() and one.counted in ("total", "change"):
        step = abs(int(one.content) - int(base))  # as nearly all are, and quicker
        return str(step) if step else None
    found = difference(one.kind, one.counted, base, one.content)
    return plain_number(found) if found else None


def _base(one: Counted, before: Counted | None) -> str | None:
    """What a version is counted from: for a new day the day before it in the same update, as it is told."""
    if one.kind == "new" and before is not None and one.base_as_of is not None and before.as_of >= one.base_as_of:
        return before.content
    return one.base


def words_of_series(row: Mapping[str, Any]) -> str:
    """The words of a series: its key, its labels as they are printed, what is counted, and who says it."""
    by = msgspec.json.decode(row["attributed_to"])
    names = (row[name] for name in ("key", "ref", "measure", "whom", "category"))
    return kept(name.replace("-", " ") for name in (*names, *by) if name)


def words_of_update(
    source: str, extractor: str | None, text: str, versions: Iterable[Mapping[str, Any]], stated: Iterable[Any]
) -> str:
    """The words that an update quotes, with its source's key and who says them; none of a table's."""
    if extractor in EXTRACTORS and EXTRACTORS[extractor].tabular:
        return ""
    found: set[str] = set()
    for row in versions:
        detail = msgspec.json.decode(row["detail"]) if row["detail"] else {}
        found |= {*detail.get("by", ()), detail.get("whom") or "", detail.get("quote") or _quoted(row, text)}
    found |= {_quoted(row, text) for row in stated}
    found.discard("")
    return kept((source, *found)) if found else ""


def _quoted(row: Mapping[str, Any], text: str) -> str:
    return text[row["quote_start"] : row["quote_end"]] if row["quote_start"] is not None else ""


def put_series(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep the words of series, given as rows with their ids."""
    found = [(row["id"], words_of_series(row)) for row in rows]
    # Many in one statement: SQLite opens and closes its index of words for each statement anew.
    for at in range(0, len(found), WORDS_AT_ONCE):
        part = found[at : at + WORDS_AT_ONCE]
        values = {f"{name}_{place}": one for place, row in enumerate(part) for name, one in zip("iw", row, strict=True)}
        rows_of_values = ", ".join(f"(:i_{place}, :w_{place})" for place in range(len(part)))
        run(connection, f"INSERT INTO series_words (series_id, words) VALUES {rows_of_values}", values)


def put_update(connection: Connection, update_id: int, numbers: Iterable[IndexRow], words: str) -> None:
    """Keep what an update brings to look in."""
    insert_rows(connection, schema.numbers, [{**row, "update_id": update_id} for row in numbers])
    insert_rows(connection, schema.quote_words, [{"update_id": update_id, "words": words}] if words else [])


class Searchable(NamedTuple):
    """What follows for one update from what is recorded; `words` None where its text is missing, which is no proof."""

    update_id: int
    numbers: list[IndexRow]
    words: str | None


def text_of(archive: Archive, digest: str) -> str | None:
    """An archived text: nothing where it was redacted, None where it is missing."""
    try:
        return archive.get(digest).decode(errors="replace") if archive.tombstone(digest) is None else ""
    except ArchiveError:
        return None


def fill(connection: Connection, texts: TextOf) -> None:
    """Fill the empty tables of a search from what is recorded."""
    for rows in _series_rows(connection):
        put_series(connection, rows)
    for one in derived(connection, texts):
        put_update(connection, one.update_id, one.numbers, one.words or "")


def derived(connection: Connection, texts: TextOf, only: int | None = None) -> Iterator[Searchable]:
    """What follows for each update, or one of them, oldest first."""
    condition = "" if only is None else "WHERE u.id = :only"
    heads = raw(connection, _HEADS.format(condition), {} if only is None else {"only": only})
    for at in range(0, len(heads), UPDATES_AT_ONCE):
        yield from _derived(connection, texts, heads[at : at + UPDATES_AT_ONCE])


_HEADS = """
    SELECT u.id, COALESCE(g.source, o.key), u.extractor, p.text_sha256 FROM updates u
    JOIN sources o ON o.id = u.source_id LEFT JOIN generations g ON g.source_id = o.id
    LEFT JOIN snapshots p ON p.id = u.snapshot_id {} ORDER BY u.id
"""
_VERSIONS = r"""
    SELECT v.update_id, v.series_id, v.as_of, v.kind, s.kind, v.held, v.content, v.base_as_of, b.content,
        v.quote_start, v.quote_end, v.detail
    FROM versions v JOIN series s ON s.id = v.series_id
    LEFT JOIN versions b
      ON b.series_id = v.series_id AND b.as_of = COALESCE(v.base_as_of, v.as_of) AND b.update_id = v.base_update_id
    WHERE v.update_id BETWEEN :first AND :last
"""
_STATED = """
    SELECT update_id, series_id, as_of, content, quote_start, quote_end, NULL FROM stated
    WHERE update_id BETWEEN :first AND :last
"""


def _derived(connection: Connection, texts: TextOf, heads: Sequence[tuple[Any, ...]]) -> Iterator[Searchable]:
    span = {"first": heads[0][0], "last": heads[-1][0]}
    versions, stated = _by_update(raw(connection, _VERSIONS, span)), _by_update(raw(connection, _STATED, span))
    for update_id, source, extractor, digest in heads:
        mine, said = versions.get(update_id, []), stated.get(update_id, [])
        text = texts(digest) if digest and (mine or said) else ""
        yield Searchable(
            update_id,
            number_rows((Counted(*row[:9]) for row in mine if not _is_echo(row)), [row[1:4] for row in said]),
            None if text is None else words_of_update(source, extractor, text, _quoting(mine), _quoting(said)),
        )


def _is_echo(row: tuple[Any, ...]) -> bool:
    return '"echo":true' in (row[-1] or "")


def _quoting(rows: Iterable[tuple[Any, ...]]) -> list[Mapping[str, Any]]:
    """What rows of versions or of stated increments quote."""
    return [dict(zip(("quote_start", "quote_end", "detail"), row[-3:], strict=True)) for row in rows]


def _by_update(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _series_rows(connection: Connection) -> Iterator[Sequence[Mapping[str, Any]]]:
    query = sa.select(schema.series).order_by(schema.series.c.id).execution_options(yield_per=SERIES_AT_ONCE)
    for part in connection.execute(query).mappings().partitions():
        yield [dict(row) for row in part]


def forget_quotes(connection: Connection, update_id: int) -> None:
    """Take the words of a text that was redacted out of what is looked in; who says it and of whom stay."""
    connection.execute(sa.delete(schema.quote_words).where(schema.quote_words.c.update_id == update_id))
    for one in derived(connection, lambda _digest: "", update_id):
        put_update(connection, update_id, (), one.words or "")


def out_of_step(connection: Connection, texts: TextOf) -> Iterator[str]:
    """Yield a sentence for every update and series of which a search would not find what is recorded."""
    words = schema.series_words
    kept_words = dict(connection.execute(sa.select(words.c.series_id, words.c.words)).all())
    for rows in _series_rows(connection):
        for row in rows:
            if kept_words.pop(row["id"], None) != words_of_series(row):
                yield f"{row['key']}: a search looks for it by other words than its own"
    if kept_words:
        yield f"series_words: {len(kept_words)} rows belong to no series"
    yield from _updates_out_of_step(connection, texts)


def _updates_out_of_step(connection: Connection, texts: TextOf) -> Iterator[str]:
    quotes = schema.quote_words
    words = dict(connection.execute(sa.select(quotes.c.update_id, quotes.c.words)).all())
    # Each update's numbers are summed up by their hashes: they lie in the order of the numbers, not of the updates.
    numbers: dict[int, int] = {}
    for row in connection.execute(sa.select(schema.numbers).execution_options(yield_per=10_000)):
        numbers[row.update_id] = numbers.get(row.update_id, 0) + hash(tuple(row))
    for one in derived(connection, texts):
        expected = sum(
            hash(tuple((row | {"update_id": one.update_id})[name] for name in _NAMES)) for row in one.numbers
        )
        quoted = words.pop(one.update_id, "")
        if numbers.pop(one.update_id, 0) != expected or one.words not in (None, quoted):
            yield f"update {one.update_id}: a search does not find it by what it records"
    for table, left in (("numbers", numbers), ("quote_words", words)):
        if left:
            yield f"{table}: what a search looks in belongs to {len(left)} updates that are not there"


_NAMES = schema.numbers.columns.keys()
