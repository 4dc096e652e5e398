"""From rows to figures, observations, series and versions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes.marks.breaks import Marked
from model import EXTRACTORS, Day, Figure, Instant, Observation, Series, SeriesBreak, Version, read_content
from storage.read.marked import marked
from storage.read.room import KEPT, Texts

SEPARATOR = "\x1f"
"""Between the parts of a series' reference: what is counted, and the labels of its row."""


def figure(texts: Texts | None, row: Any, prefix: str, as_of: Day) -> Figure:
    """A stored version as a figure; `prefix` names the columns. Without `texts` it has no quote."""
    detail = detail_of(row[prefix + "detail"])
    content = read_content(row[prefix + "content"])
    place = (row[prefix + "start"], row[prefix + "end"], row[prefix + "quote_start"], row[prefix + "quote_end"])
    digest = row[prefix + "text_sha256"]
    text = texts(digest) if texts is not None and digest and place[0] is not None else None
    period = detail.get("period") or (None, None)
    number_text = detail.get("number_text") or (text[place[0] : place[1]] if text else "")
    quote = detail.get("quote") or (text[place[2] : place[3]] if text else "")
    if is_tabular(row[prefix + "extractor"]):
        quote = cell_quote(row["ref"], as_of, number_text)
    return Figure(
        value=content.value,
        low=content.low,
        high=content.high,
        qualifier=content.qualifier,
        unit=row["unit"],
        measure=row["measure"],
        whom=detail.get("whom") or row["whom"],
        category=row["category"],
        kind=row["series_kind"],
        attributed_to=tuple(detail.get("by") or msgspec.json.decode(row["attributed_to"])),
        period_start=period[0],
        period_end=period[1],
        as_of=as_of,
        quote=quote,
        number_text=number_text,
        start=place[0] or 0,
        end=place[1] or 0,
    )


def with_texts(texts: Texts | None, rows: Sequence[Any], *prefixes: str) -> Iterator[Any]:
    """Rows of stored versions, for the figures of some of which (`prefixes`) texts are read, many together."""
    few = KEPT // max(len(prefixes), 1)
    for at in range(0, len(rows), few):
        part = rows[at : at + few]
        if texts is not None:
            texts.ahead(row[f"{p}text_sha256"] for row in part for p in prefixes if row[f"{p}start"] is not None)
        yield from part


def is_tabular(extractor: str | None) -> bool:
    """Whether an extractor reads rows and columns, most of which nobody follows."""
    return extractor in EXTRACTORS and EXTRACTORS[extractor].tabular


def cell_quote(ref: str, as_of: Day, number_text: str) -> str:
    """What is quoted of a table: one cell with its labels, since the rest of its row may name people."""
    return f"{', '.join([*filter(None, ref.split(SEPARATOR)), as_of])}: {number_text}" if number_text else ""


def series_of(texts: Texts | None, row: Any, breaks: Marked, over: Collection[int] = ()) -> Series:
    """A row of `series_query` as a series with its newest figure."""
    latest = figure(texts, row, "", row["as_of"]) if row["content"] else None
    return Series(
        series=row["series"],
        source=row["source"],
        title=row["title"],
        measure=row["measure"],
        kind=row["series_kind"],
        unit=row["unit"],
        whom=row["whom"],
        category=row["category"],
        attributed_to=tuple(msgspec.json.decode(row["attributed_to"])),
        basis=row["basis"],
        observations=row["observations"],
        latest_as_of=row["as_of"],
        latest=latest,
        series_breaks=tuple(
            SeriesBreak(as_of=day, why=why) for day, why in sorted(breaks.get(row["series_id"], {}).items())
        ),
        ended=row["series_id"] in over,
    )


def observation(texts: Texts | None, row: Any, breaks: Marked) -> Observation:
    """A row of `observations_query` as an observation."""
    told = figure(texts, row, "", row["as_of"])
    return Observation(
        series=row["series"],
        as_of_basis=detail_of(row["detail"]).get("basis", "stated"),
        update=f"{row['source']}/{row['number']}",
        known_at=row["known_at"],
        recorded_at=row["recorded_at"],
        series_break=breaks.get(row["series_id"], {}).get(row["as_of"]),
        **{name: value for name, value in msgspec.structs.asdict(told).items() if name not in ("former", "unsure")},
    )


def told_versions(
    connection: Connection, series: str, series_id: int, rows: Iterable[Any], known_at: Instant | None = None
) -> list[Version]:
    """The versions of a series that a query found, in the order of as-of and recording."""
    anew = marked(connection, known_at=known_at).get(series_id, {})
    return _with_successors([_version(series, row, anew) for row in rows])


def _with_successors(versions: Sequence[Version]) -> list[Version]:
    """Name for each version the next one that counts at the same as-of."""
    told: list[Version] = []
    following: Version | None = None
    for version in reversed(versions):
        same = following is not None and following.as_of == version.as_of
        told.append(msgspec.structs.replace(version, superseded_by=following.update if same and following else None))
        if not version.held:
            following = version
    return told[::-1]


def _version(series: str, row: Any, anew: Mapping[Day, str]) -> Version:
    content = read_content(row["content"] or "")
    return Version(
        series=series,
        as_of=row["as_of"],
        value=content.value,
        low=content.low,
        high=content.high,
        qualifier=content.qualifier,
        known_at=row["known_at"],
        recorded_at=row["recorded_at"],
        update=f"{row['source']}/{row['number']}",
        superseded_by=None,
        kind=row["kind"],
        held=bool(row["held"]),
        series_break=anew.get(row["as_of"]),
    )


def moments_of(connection: Connection, query: sa.TextClause, known_at: Instant, **of: str) -> Iterator[dict[str, Any]]:
    """How far sources were known at a time, as the parameters of a search for what they stated then."""
    for source, head, horizon, late in connection.execute(query, {"known_at": known_at, **of}).all():
        yield {"source": source, "head": head, "horizon": max(horizon, late or ""), "known_at": known_at}


def detail_of(detail: str | None) -> dict[str, Any]:
    """What a version's `detail` says."""
    return msgspec.json.decode(detail) if detail else {}
