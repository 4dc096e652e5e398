"""One series as a site tells it: its versions that count or counted, its chart, and what is said of whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from model import Content, Day, Figure, Instant, Series, Source, read_content
from publish.charts.draw import ChartDrawing, drawing
from publish.charts.picture import Picture, picture
from publish.charts.points import ChartAsked
from publish.charts.words import ChartFacts
from publish.names import SeriesNames
from publish.noting.markers import ToldMarker, on_chart
from publish.numbers import told
from publish.site.addresses import cited
from publish.words import series_label
from storage import SeriesHistory

Digests = Mapping[int, tuple[str, str, str | None]]
"""Of each update, by its number: chain digest, content digest, SHA-256 of its release."""


class SiteRow(NamedTuple):
    """A version that counts, or counted once: nothing that was held is one."""

    as_of: Day
    known_at: Instant
    number: int
    content: Content | None
    text: str
    replaced_by: int | None


class DrawnChart(NamedTuple):
    """A chart of a series: what it shows, and its marks."""

    shown: Picture
    marks: ChartDrawing | None


class SiteSeries(NamedTuple):
    """All that a site has of one series."""

    series: Series
    source: Source
    facts: ChartFacts
    history: SeriesHistory
    rows: tuple[SiteRow, ...]
    digests: Digests
    frozen: tuple[Instant, ...]
    markers: tuple[ToldMarker, ...] = ()

    @property
    def newest(self) -> SiteRow | None:
        """What counts at the newest day that is not withdrawn."""
        return next((row for row in reversed(self.rows) if row.content and row.replaced_by is None), None)

    def drawn(self, asked: ChartAsked) -> DrawnChart:
        """A chart of it, drawn once for all that show it."""
        breaks = tuple((one.as_of, one.why) for one in self.series.series_breaks)
        at = asked.known_at
        notes = on_chart(one for one in self.markers if not asked.frozen or at is None or one.at <= at)
        shown = picture(self.history, asked, notes, breaks)
        return DrawnChart(shown, drawing(shown))


def rows_of(history: SeriesHistory, unit: str) -> tuple[SiteRow, ...]:
    """The versions of a history without what was held, by as-of and time of knowledge."""
    said: dict[str, tuple[Content | None, str]] = {}
    found: list[SiteRow] = []
    for as_of, update, written, held in history.rows:
        if held:
            continue
        if written not in said:
            said[written] = _said(written, unit)
        number, known_at = history.known[update]
        found.append(SiteRow(as_of, known_at, number, *said[written], None))
    return tuple(_with_successors(found))


def _said(written: str, unit: str) -> tuple[Content | None, str]:
    if not written:
        return None, "withdrawn"
    content = read_content(written)
    figure = Figure(
        value=content.value, low=content.low, high=content.high, qualifier=content.qualifier, unit=unit
    )  # fmt: skip
    return content, told(figure)


def _with_successors(rows: list[SiteRow]) -> Iterator[SiteRow]:
    """Each row with the update that replaced it, which is the next of the same day."""
    ordered = [*rows[1:], None]
    for row, following in zip(rows, ordered, strict=True):
        same = following is not None and following.as_of == row.as_of
        yield row._replace(replaced_by=following.number) if same and following else row


def facts_of(series: Series, source: Source, names: SeriesNames) -> ChartFacts:
    """Whose series it is."""
    label = series_label(series.series, names)
    also = [one for one in (series.whom, series.category) if one and one.casefold() not in label.casefold()]
    return ChartFacts(
        series=series.series, title=", ".join((label, *also)),
        claimants=" × ".join(series.attributed_to) or source.publisher.name, publisher=source.publisher.name,
        basis=series.basis, unit=series.unit, proof=f"{series.series} in the ledger",
    )  # fmt: skip


def difference(series: Series, row: SiteRow, before: SiteRow | None) -> Decimal | None:
    """By how much a value differs from one before it; None where the two are not to be compared."""
    ends = (row.content, before.content if before else None)
    if before is None or ends[0] is None or ends[1] is None or series.kind not in ("total", "change"):
        return None
    if any(before.as_of < one.as_of <= row.as_of for one in series.series_breaks):
        return None
    return None if ends[0].value is None or ends[1].value is None else ends[0].value - ends[1].value


def address_of(row: SiteRow) -> str:
    """Where a row is cited, within its series' folder."""
    return cited(row.as_of, row.known_at)
