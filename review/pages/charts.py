"""The chart of a series: on its page, as SVG, PNG and CSV to take away, and on a page that others may frame."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from model import Day, Instant, Series, parse_day, parse_instant
from publish.charts.draw import draw, told
from publish.charts.picture import Picture, moments, picture
from publish.charts.plate import SAMPLES, plate, png
from publish.charts.points import ChartAsked, ChartView
from publish.charts.table import table
from publish.charts.words import ChartFacts, contrast_words, keys, knowledge, notes
from publish.noting.markers import ToldMarker, on_chart, told_markers
from review.answers import answered
from review.guard import POLICY, Asked
from review.office import Office
from review.pages.news import letters_of, still_to_come
from review.render import page

router = APIRouter(include_in_schema=False)

VIEWS: dict[ChartView, str] = {
    "known": "As known", "vintages": "Earlier states of knowledge", "first": "First against latest",
    "complete": "Still to come",
}  # fmt: skip
EVERY = 10**9
"""More versions than any series has: nothing is left out."""
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""A picture opened by itself runs nothing and loads nothing; its looks are attributes."""


class ShownChart(NamedTuple):
    """A chart with what stands around it: whose it is, its picture, and when something of the series became known."""

    series: Series
    facts: ChartFacts
    shown: Picture
    moments: list[Instant]
    versions: int
    still: tuple[str, ...] = ()


def chart_asked(known_at: str = "", since: str = "", until: str = "", view: ChartView = "known") -> ChartAsked:
    """The chart that an address asks for. Raises `MalformedError` for what is no time or date."""
    at = parse_instant(known_at) if known_at.strip() else None
    first, last = (parse_day(one) if one.strip() else None for one in (since, until))
    return ChartAsked(at, first, last, view)


WantedChart = Annotated[ChartAsked, Depends(chart_asked)]


def framed_chart(asked: WantedChart, held: bool = True, frozen: bool = False) -> ChartAsked:
    """The same, also as others may frame it: without what is held, or what became known later."""
    return asked._replace(held=held, frozen=frozen)


def shown_chart(request: Request, office: Office, key: str, asked: ChartAsked) -> ShownChart:
    """The chart of a series. Raises `UsageError` for an unknown one."""
    series = office.browser.one_series(key)
    most = {"most": EVERY} if asked.whole else {}
    history = office.browser.history(key, since=asked.since, until=asked.until, **most)
    readers = office.browser.readers(series.source)
    methods = tuple((Day(at[:10]), f"read with {name} {version} from here") for at, name, version in readers[1:])
    methods += on_chart(markers_of(office, key, asked))
    breaks = tuple((one.as_of, one.why) for one in series.series_breaks)
    shown, count = picture(history, asked, methods, breaks), office.browser.count_versions(key)
    coming, still = still_to_come(office, key, asked, count) if asked.view == "complete" else ((), ())
    facts = facts_of(request, office, series, asked)
    return ShownChart(series, facts, shown._replace(coming=coming), moments(history), count, still)


def markers_of(office: Office, key: str, asked: ChartAsked) -> tuple[ToldMarker, ...]:
    """The notes on a series; of a frozen chart those that were written by its time."""
    found = told_markers(office.browser.markers(key))
    return tuple(one for one in found if not (asked.frozen and asked.known_at) or one.at <= asked.known_at)


def facts_of(request: Request, office: Office, series: Series, asked: ChartAsked) -> ChartFacts:
    """Whose chart it is, and the address at which it is proved."""
    definition, label = office.source(series.source), office.label(series.series)
    parts = [label, *(one for one in (series.whom, series.category) if one and one.casefold() not in label.casefold())]
    publisher = definition.publisher.name if definition else series.title
    base = str(request.base_url.replace(scheme="https" if office.secure else request.url.scheme)).rstrip("/")
    return ChartFacts(
        series=series.series, title=", ".join(parts), claimants=" × ".join(series.attributed_to) or publisher,
        publisher=publisher, basis=series.basis, unit=series.unit, proof=f"{base}{chart_url(series.series, asked)}",
    )  # fmt: skip


def chart_url(key: str, asked: ChartAsked, path: str = "/series/") -> str:
    """An address of a series under which the same chart is shown."""
    given = query_of(asked)
    return f"{path}{quote(key, safe='/')}" + (f"?{urlencode(given, safe=':')}" if given else "")


def query_of(asked: ChartAsked) -> dict[str, str]:
    """What of an address says which chart is asked for."""
    given = {"known_at": asked.known_at, "since": asked.since, "until": asked.until}
    view = {"view": asked.view} if asked.view != "known" else {}
    return {name: str(value) for name, value in given.items() if value} | view


def chart_context(chart: ShownChart) -> dict[str, Any]:
    """What the template of a chart needs."""
    shown, facts, asked = chart.shown, chart.facts, chart.shown.asked
    key = chart.series.series
    return {
        "svg": draw(shown, title=told(shown, facts.title)), "shown": shown, "facts": facts, "key": key, "wanted": asked,
        "keys": [(SAMPLES[name], name, words) for name, words in keys(shown)], "notes": [*notes(shown), *chart.still],
        "knowledge": knowledge(shown), "contrast": contrast_words(shown),
        "views": [(words, name, chart_url(key, asked._replace(view=name))) for name, words in VIEWS.items()],
        "points_url": f"/api/chart?{urlencode({'series': key, **query_of(asked), **_left_out(asked)})}",
        "files": [(form.upper(), chart_url(key, asked, f"/charts/{form}/")) for form in ("svg", "png", "csv")],
        "embed_url": chart_url(key, asked, "/embed/"),
    }  # fmt: skip


def _left_out(asked: ChartAsked) -> dict[str, str]:
    """What the script of a page that others frame must not ask for either."""
    return ({} if asked.held else {"held": "false"}) | ({"frozen": "true"} if asked.frozen else {})


@router.get("/charts/{form}/{key:path}")
def chart_file(
    request: Request, office: Asked, form: Literal["svg", "png", "csv"], key: str, asked: WantedChart
) -> Response:
    """The chart as shown, to take away: the same span, the same time of knowledge."""
    chart = shown_chart(request, office, key, asked._replace(whole=form == "csv"))
    named = {"Content-Disposition": f'attachment; filename="{file_name(key, asked)}.{form}"'}
    if form == "csv":
        return StreamingResponse(table(chart.shown, chart.facts), media_type="text/csv; charset=utf-8", headers=named)
    svg, named["Content-Security-Policy"] = plate(chart.shown, chart.facts), FILE_POLICY
    if form == "png":
        return answered(request, png(svg), "image/png", named)
    return answered(request, svg.encode(), "image/svg+xml", named)


def file_name(key: str, asked: ChartAsked) -> str:
    """A name for a file of a series, in letters that every system takes."""
    return letters_of("-".join([key, *query_of(asked).values()]))


@router.get("/embed/{key:path}")
def embed(request: Request, office: Asked, key: str, asked: WantedChart) -> HTMLResponse:
    """The chart on a page of its own, for the addresses that the settings name to frame: live, or frozen at a time.

    What is held is none of it, nor, where it is frozen, what became known later.
    """
    asked = asked._replace(held=False, frozen=asked.known_at is not None)
    context = chart_context(shown_chart(request, office, key, asked))
    answer = page(request, "embed.html", **context)
    framers = " ".join(office.framers) or "'none'"
    answer.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {framers}")
    return answer
