"""The same series as data: CSV of every version, SDMX-CSV of what counts, and Croissant, which says what each is."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from model import plain
from publish.safe import safe
from publish.site.addresses import cited
from publish.site.told import SiteRow, SiteSeries

COLUMNS = (
    "series", "as_of", "value", "low", "high", "qualifier", "known_at", "update", "replaced_by", "cite",
    "content_digest", "release_sha256",
)  # fmt: skip
SDMX = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION", "SERIES", "TIME_PERIOD", "OBS_VALUE", "LOW", "HIGH", "QUALIFIER",
    "UNIT_MEASURE", "OBS_STATUS", "KNOWN_AT", "UPDATE",
)  # fmt: skip
STRUCTURE = ("dataflow", "TALLYBOOK:OBSERVATIONS(1.0)", "I")

_MEANINGS = {
    "series": ("Text", "The series' key; it never changes."),
    "as_of": ("Date", "The day, or the minute in UTC, for which the value holds."),
    "value": ("Float", "The number; empty for a range and for a withdrawn day."),
    "low": ("Float", "The lower end of a range."),
    "high": ("Float", "The upper end of a range."),
    "qualifier": ("Text", "The hedge: exact, approximately, more_than, less_than, range."),
    "known_at": ("Text", "When the world could read it, in UTC."),
    "update": ("Text", "The update of the ledger that states it."),
    "replaced_by": ("Text", "The update that states another value for the same day; empty for what counts."),
    "cite": ("Text", "Its address in the site, which never changes."),
    "content_digest": ("Text", "SHA-256 over all that the update states."),
    "release_sha256": ("Text", "SHA-256 of the archived release."),
}


def versions_csv(told: SiteSeries) -> str:
    """Every version that counts or counted, a line each."""
    key, source, digests = safe(told.series.series, "csv"), told.series.source, told.digests
    none = ("", "", None)
    return _lines(COLUMNS, (
        (
            key, row.as_of, *_numbers(row), row.known_at, f"{source}/{row.number}",
            f"{source}/{row.replaced_by}" if row.replaced_by else "", cited(row.as_of, row.known_at),
            digests.get(row.number, none)[1], digests.get(row.number, none)[2] or "",
        )
        for row in told.rows
    ))  # fmt: skip


def sdmx_csv(told: SiteSeries) -> str:
    """What counts now as SDMX-CSV 2.0: one observation a day."""
    key, unit = safe(told.series.series, "csv"), safe(told.series.unit, "csv")
    source = told.series.source
    return _lines(SDMX, (
        (
            *STRUCTURE, key, row.as_of, *numbers, unit, "A" if numbers[3] == "exact" else "E", row.known_at,
            f"{source}/{row.number}",
        )
        for row in told.rows
        if row.replaced_by is None and row.content is not None
        for numbers in (_numbers(row),)
    ))  # fmt: skip


def _numbers(row: SiteRow) -> tuple[str, str, str, str]:
    content = row.content
    if content is None:
        return "", "", "", "withdrawn"
    low, high = ("" if one is None else plain(one) for one in (content.low, content.high))
    return "" if content.value is None else plain(content.value), low, high, content.qualifier


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def croissant(told: SiteSeries, data: str) -> bytes:
    """What the CSV is, as Croissant 1.0 (JSON-LD): its file with its digest, and every column."""
    facts, source = told.facts, told.source
    return _json({
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": safe(facts.title, "terminal"),
        "description": safe(f"{facts.whose}. {source.method} {source.caveats or ''}".strip(), "terminal"),
        "identifier": told.series.series,
        "creator": {"@type": "sc:Organization", "name": safe(facts.claimants, "terminal")},
        "publisher": {"@type": "sc:Organization", "name": safe(facts.publisher, "terminal")},
        "isLiveDataset": True,
        "distribution": [{
            "@type": "cr:FileObject", "@id": "data.csv", "name": "data.csv", "contentUrl": "data.csv",
            "encodingFormat": "text/csv", "sha256": hashlib.sha256(data.encode()).hexdigest(),
        }],
        "recordSet": [{
            "@type": "cr:RecordSet", "@id": "versions", "name": "versions",
            "field": [_field(name) for name in COLUMNS],
        }],
    })  # fmt: skip


def _field(name: str) -> dict[str, Any]:
    kind, meaning = _MEANINGS[name]
    place = {"fileObject": {"@id": "data.csv"}, "extract": {"column": name}}
    made = {"@type": "cr:Field", "@id": f"versions/{name}", "name": name, "description": meaning}
    return {**made, "dataType": f"sc:{kind}", "source": place}


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo", "column": "cr:column", "extract": "cr:extract", "field": "cr:field",
    "fileObject": "cr:fileObject", "isLiveDataset": "cr:isLiveDataset", "recordSet": "cr:recordSet",
    "source": "cr:source", "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
}  # fmt: skip
