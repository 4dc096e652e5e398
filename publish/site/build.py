"""Making a site from a ledger, and making it anew where something changed: only that is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from model import Instant, Series, Source
from publish.charts.plate import plate_of
from publish.charts.points import ChartAsked
from publish.finding.words import Definitions
from publish.names import SeriesNames
from publish.noting.markers import ToldMarker, told_markers
from publish.numbers import day, known_day, signed
from publish.public import PublicDefinitions
from publish.site.addresses import folder, frozen
from publish.site.choice import SiteChoice, choose
from publish.site.data import croissant, sdmx_csv, versions_csv
from publish.site.folder import SiteFolder, anchors, recover
from publish.site.pages import (
    ListedSeries,
    LoggedChange,
    embedded,
    index_page,
    log_page,
    series_page,
    style,
    tombstone,
    year_pages,
)
from publish.site.state import NAME, SeriesState, SiteState, maker, read_state
from publish.site.told import Digests, SiteSeries, address_of, difference, facts_of, rows_of

if TYPE_CHECKING:
    from storage import Views

EVERY = 10**9
"""More versions than any series has: nothing is left out."""

LOGGED, LOGGED_OF_SERIES = 200, 20
"""So many changes stand in the log, so many of one series at most."""


class SiteLedger(NamedTuple):
    """What a site is made from: the ledger's answers, the definitions as they are now, the names of its series."""

    views: Views
    definitions: Definitions
    names: SeriesNames


class SiteMade(NamedTuple):
    """What became of a site: how many series were written and how many stayed, and how many pages were taken down."""

    written: int
    kept: int
    taken_down: int


def make_site(ledger: SiteLedger, out: Path, wanted: Sequence[str] = ()) -> SiteMade:
    """Make a site of the series that are named, or bring it up to date; a run that is ended leaves the old one whole.

    Raises `UsageError` for a series that is not there or is private, and for a folder that is no site.
    """
    recover(out)
    open_ledger = ledger._replace(definitions=PublicDefinitions(ledger.definitions))
    return _SiteMaker(open_ledger, out, choose(ledger.views, open_ledger.definitions, wanted)).make()


class _SiteMaker:
    """Makes one site once."""

    def __init__(self, ledger: SiteLedger, out: Path, choice: SiteChoice) -> None:
        self._views, self._definitions, self._names = ledger
        self._out, self._choice, self._old = out, choice, read_state(out)
        self._heads, self._noted = self._views.heads(), self._views.markers()
        self._digests: dict[str, Digests] = {}

    def make(self) -> SiteMade:
        """Write what is to be written, and let the folders change places."""
        chosen, stale = self._choice.series, self._stale
        if not stale and chosen.keys() == self._old.series.keys():
            return SiteMade(0, len(chosen), 0)
        site, old = SiteFolder(self._out), self._old.series
        series = {key: self._write(site, self._told(one)) if key in stale else old[key] for key, one in chosen.items()}
        taken_down = self._take_down(site, series)
        self._finish(site, series, taken_down)
        return SiteMade(len(stale), len(chosen) - len(stale), len(taken_down) - len(self._old.taken_down))

    @cached_property
    def _sources(self) -> dict[str, str]:
        """A digest of what the definition of each source says."""
        keys = {one.source for one in self._choice.series.values()}
        told = {key: msgspec.json.encode(self._definition(key), order="deterministic") for key in keys}
        return {key: hashlib.sha256(text).hexdigest()[:16] for key, text in told.items()}

    @cached_property
    def _stale(self) -> set[str]:
        """The series that are not as the site has them."""
        old = self._old
        found = {key for key in self._choice.series if self._is_other(key)}
        if old.made_by != maker():
            return set(self._choice.series)
        for source, digest in self._sources.items():
            mine = {key for key, one in self._choice.series.items() if one.source == source}
            found |= mine if old.sources.get(source) != digest else mine & self._changed(source)
        return found

    def _is_other(self, key: str) -> bool:
        known, noted = self._old.series.get(key), str([one.number for one in self._markers(key)])
        return known is None or (known.frozen, known.beside) != (self._choice.frozen.get(key, ()), noted)

    def _markers(self, key: str) -> tuple[ToldMarker, ...]:
        return told_markers([one for one in self._noted if one.is_about(key)])

    def _changed(self, source: str) -> set[str]:
        """The series that a source changed since; all of them where its chain is no longer the one that it was."""
        head, known = self._heads[source], self._old.heads.get(source)
        if known is not None and tuple(known) == head:
            return set()
        if known is None or self._digests_of(source).get(known[0], ("",))[0] != known[1]:
            return {key for key, one in self._choice.series.items() if one.source == source}
        return self._views.touched(source, known[0])

    def _digests_of(self, source: str) -> Digests:
        if source not in self._digests:
            self._digests[source] = self._views.digests(source)
        return self._digests[source]

    def _definition(self, source: str) -> Source:
        found = self._definitions.get(source)
        assert found is not None, "what has no definition is not chosen"
        return found

    def _told(self, series: Series) -> SiteSeries:
        source, history = self._definition(series.source), self._views.history(series.series, most=EVERY)
        return SiteSeries(
            series, source, facts_of(series, source, self._names), history, rows_of(history, series.unit),
            self._digests_of(series.source), self._choice.frozen.get(series.series, ()),
            self._markers(series.series),
        )  # fmt: skip

    def _write(self, site: SiteFolder, told: SiteSeries) -> SeriesState:
        """Write the files of a series; its frozen charts once, and never again."""
        at = folder(told.series.series)
        files = [f"{at}/{name}" for name in self._files(site, told, at)]
        for known_at in told.frozen:
            name = f"{at}/{frozen(known_at)}"
            if not (self._out / name).is_file() or name in self._old.taken_down:
                asked = ChartAsked(known_at=known_at, held=False, frozen=True)
                site.write(name, embedded(told, told.drawn(asked)).encode())
            files.append(name)
        kept = self._old.series.get(told.series.series, SeriesState()).files
        return SeriesState(
            files=tuple(dict.fromkeys([*files, *kept])), frozen=told.frozen,
            listed=_listed(told, at), logged=tuple(_logged(told, at)),
            beside=str([one.number for one in told.markers]),
        )  # fmt: skip

    def _files(self, site: SiteFolder, told: SiteSeries, at: str) -> Iterator[str]:
        drawn, data = told.drawn(ChartAsked(held=False)), versions_csv(told)
        earlier = {
            page.stem: tuple(anchors(page)) for page in (self._out / at).glob("[0-9]*.html") if self._out.exists()
        }
        made = {
            "index.html": series_page(told, drawn), "live.html": embedded(told, drawn), "data.csv": data,
            "sdmx.csv": sdmx_csv(told), "chart.svg": plate_of(drawn.marks, drawn.shown, told.facts),
            **dict(year_pages(told, earlier)),
        }  # fmt: skip
        for name, text in made.items():
            site.write(f"{at}/{name}", text.encode())
            yield name
        site.write(f"{at}/croissant.json", croissant(told, data))
        yield "croissant.json"

    def _take_down(self, site: SiteFolder, series: Mapping[str, SeriesState]) -> tuple[str, ...]:
        """Put a stone where a page was; an address that is used again is none."""
        used = {path for state in series.values() for path in state.files}
        before = {path for state in self._old.series.values() for path in state.files} | set(self._old.taken_down)
        for path in sorted(before - used - set(self._old.taken_down)):
            site.write(path, tombstone(path))
        return tuple(sorted(before - used))

    def _finish(self, site: SiteFolder, series: dict[str, SeriesState], taken_down: tuple[str, ...]) -> None:
        logged = [LoggedChange(*one) for state in series.values() for one in state.logged]
        newest = sorted(logged, key=lambda one: (one.known_at, one.as_of, one.folder), reverse=True)[:LOGGED]
        site.write("index.html", index_page(ListedSeries(*state.listed) for state in series.values()).encode())
        site.write("log.html", log_page(newest).encode())
        site.write("style.css", style().encode())
        heads = {source: self._heads[source] for source in self._sources}
        state = SiteState(made_by=maker(), heads=heads, sources=self._sources, series=series, taken_down=taken_down)
        site.write(NAME, msgspec.json.encode(state, order="sorted") + b"\n")
        site.finish()


def _listed(told: SiteSeries, at: str) -> tuple[str, ...]:
    newest, facts = told.newest, told.facts
    value = (newest.text, day(newest.as_of), known_day(newest.known_at)) if newest else ("none", "", "")
    return ListedSeries(at, facts.title, facts.whose, told.series.title, *value)


def _logged(told: SiteSeries, at: str) -> Iterator[tuple[str, ...]]:
    """The newest versions of a series, as lines of the log."""
    newest = sorted(told.rows, key=lambda row: (row.known_at, row.as_of))[-LOGGED_OF_SERIES:]
    before = dict(zip(told.rows, (None, *told.rows), strict=False))
    counting = [row for row in told.rows if row.replaced_by is None]
    earlier = dict(zip(counting, (None, *counting), strict=False))
    for row in newest:
        former = before[row]
        restated = former if former is not None and former.as_of == row.as_of else None
        again = f", {restated.text} before" if restated else ""
        step = difference(told.series, row, restated or earlier.get(row))
        yield LoggedChange(
            Instant(row.known_at), at, told.facts.title, row.as_of, row.text + again, address_of(row),
            signed(step) if step is not None else "",
        )  # fmt: skip
