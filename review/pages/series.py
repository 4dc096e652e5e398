"""A series: values by as-of as known at a time, every version, what is counted and how; and the list of all series."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, zip_longest
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from model import Day, Instant, Series, UsageError, Version, plain, read_content
from publish.charts.points import ChartAsked
from publish.noting.markers import marker_words
from publish.safe import safe
from review.guard import Asked
from review.office import Office
from review.pages.charts import ShownChart, WantedChart, chart_context, chart_url, file_name, markers_of, shown_chart
from review.render import page, part

LISTED = 100
ROWS, MOST_ROWS, SHOWN = 120, 2000, 2000
CSV_ROWS = 2000
"""So many versions are read at once for a CSV file."""
STEPS = 400
"""The slider has at most so many steps."""

router = APIRouter(include_in_schema=False)


class SeriesRow(NamedTuple):
    """One line of the table: a version that counted then, or one that came later."""

    version: Version
    difference: Decimal | None
    verdict: str
    stated: Decimal | None
    versions: int
    later: bool


class SeriesSearch(NamedTuple):
    """Which series are asked for: by words of their keys, and of which source; "" for all."""

    words: str
    source: str


def series_search(q: Annotated[str, Query(max_length=200)] = "", source: str = "") -> SeriesSearch:
    """The series that an address asks for."""
    return SeriesSearch(q, source)


class Shown(NamedTuple):
    """How a series is asked for: which chart, at a step of the slider, so many rows, whole or in part."""

    chart: ChartAsked
    step: int | None
    rows: int
    only: str


def _shown(
    chart: WantedChart, step: Annotated[int | None, Query(ge=0)] = None,
    rows: Annotated[int, Query(ge=1, le=MOST_ROWS)] = ROWS, only: str = "",
) -> Shown:  # fmt: skip
    return Shown(chart, step, rows, only)


@router.get("/series")
def every(request: Request, office: Asked, search: Annotated[SeriesSearch, Depends(series_search)]) -> HTMLResponse:
    """Series by their words."""
    q, source = search
    found = office.browser.find_series(q, source=source or None, limit=LISTED + 1)
    hits = [one for one in office.browser.sources() if q and q.casefold() in f"{one[0]} {one[1]}".casefold()]
    return page(
        request, "series_list.html", found=found[:LISTED], more=len(found) > LISTED, q=q, source=source,
        hits=hits, sources=office.browser.sources(),
    )  # fmt: skip


@router.get("/series/{key:path}")
def one(request: Request, office: Asked, key: str, asked: Annotated[Shown, Depends(_shown)]) -> Response:
    """One series, now or as the world could know it at a time."""
    asked_chart, step, rows, only = asked
    chart = shown_chart(request, office, key, asked_chart)
    steps = _steps(chart.moments)
    if step is not None:
        at = steps[min(step, len(steps) - 1)] if steps else None
        return RedirectResponse(chart_url(key, asked_chart._replace(known_at=at)), 303)
    context = _context(office, chart, rows)
    if only == "known":
        return part(office.names, "series_known.html", **context)
    return page(request, "series.html", steps=steps, step=_step_of(steps, asked_chart.known_at), **context)


def _context(office: Office, chart: ShownChart, rows: int) -> dict[str, Any]:
    series, at = chart.series, chart.shown.asked.known_at
    listed = _rows(office, series.series, office.browser.newest_days(series.series, rows + 1), at, rows)
    days = series.observations + len(chart.shown.withdrawn)
    return {
        **chart_context(chart), "series": series, "label": office.label(series.series), "at": at, "rows": listed,
        "hidden": max(0, days - rows), "total": chart.versions, "further": min(MOST_ROWS, rows + 1000),
        "noted": [(one, marker_words(one)) for one in markers_of(office, series.series, chart.shown.asked)],
        "definition": office.source(series.source), "siblings": _siblings(office, series), "framed": office.framers,
    }  # fmt: skip


def _siblings(office: Office, series: Series) -> list[Series]:
    found = office.browser.find_series(source=series.source, limit=13)
    return [one for one in found if one.series != series.series][:12]


def _steps(known: list[Instant]) -> list[Instant]:
    """The times at which something of the series became known, thinned where they are very many."""
    every = -(-len(known) // STEPS) or 1
    return known if every == 1 else [*known[:-1:every], known[-1]]


def _step_of(steps: list[Instant], at: Instant | None) -> int:
    return len(steps) - 1 if at is None else max(0, sum(one <= at for one in steps) - 1)


def _rows(office: Office, key: str, versions: list[Version], at: Instant | None, most: int) -> list[SeriesRow]:
    """The table, newest as-of first: what counted then, and what was recorded later."""
    chosen = _chosen(versions, at)[: -most - 2 : -1]
    stated = office.browser.stated_of(key, {one.update for one, _, _ in chosen})
    befores = [one for one, _, _ in chosen[1:]]
    found = []
    for (version, count, later), before in list(zip_longest(chosen, befores))[:most]:
        verdict, content = stated.get((version.update, version.as_of), ("", ""))
        value = read_content(content).value if content else None
        found.append(SeriesRow(version, _difference(version, before), verdict, value, count, later))
    return found


def _chosen(versions: list[Version], at: Instant | None) -> list[tuple[Version, int, bool]]:
    """Of each as-of what counted then, of how many versions, and whether all of them were recorded later."""
    by_day: dict[Day, list[Version]] = {}
    for one in versions:
        by_day.setdefault(one.as_of, []).append(one)
    chosen: list[tuple[Version, int, bool]] = []
    for of_day in by_day.values():
        then = [one for one in of_day if at is None or one.known_at <= at]
        counted = [one for one in then if not one.held]
        after = [one for one in of_day if one not in then]
        if then:
            chosen.append(((counted or then)[-1], len(then), False))
        elif after:
            chosen.append((after[-1], len(after), True))
    return chosen


def _difference(version: Version, before: Version | None) -> Decimal | None:
    if (
        before is None
        or version.value is None
        or before.value is None
        or version.held
        or before.held
        or version.series_break
    ):
        return None
    return version.value - before.value


@router.get("/versions/{key:path}")
def every_version(request: Request, office: Asked, key: str, form: str = "") -> Response:
    """Every recorded version of a series, as a page or as CSV."""
    if form == "csv":
        named = {"Content-Disposition": f'attachment; filename="{file_name(key, ChartAsked())}.csv"'}
        return StreamingResponse(_csv(office, key), media_type="text/csv; charset=utf-8", headers=named)
    if form:
        raise UsageError(f"{form!r} is no form of a series", "write csv, or leave it out")
    return page(
        request,
        "versions.html",
        key=key,
        label=office.label(key),
        total=office.browser.count_versions(key),
        versions=office.browser.window(key, limit=SHOWN)[::-1],
    )


_COLUMNS = (
    "series", "as_of", "value", "low", "high", "qualifier", "known_at", "recorded_at", "update", "superseded_by",
    "kind", "held",
)  # fmt: skip


def _csv(office: Office, key: str) -> Iterator[str]:
    """The versions as CSV, a page at a time: a series of any length costs no memory. Raises before the first line."""
    versions, after = office.browser.versions_page(key, limit=CSV_ROWS)
    return chain([_lines([_COLUMNS])], _csv_parts(office, key, versions, after))


def _csv_parts(office: Office, key: str, versions: Sequence[Version], after: str) -> Iterator[str]:
    yield _lines([_cell(getattr(one, name)) for name in _COLUMNS] for one in versions)
    while after:
        versions, after = office.browser.versions_page(key, after=after, limit=CSV_ROWS)
        yield _lines([_cell(getattr(one, name)) for name in _COLUMNS] for one in versions)


def _lines(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else safe(str(value), "csv")
