"""What the news in a number is, where a page or the API tells it."""

from __future__ import annotations

from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import Response

from changes.news.complete import DayToCome
from changes.news.record import record_of
from model import Day, Instant, UsageError
from publish.charts.points import ChartAsked, Point
from publish.news.complete import ToldCompleteness, in_short, told_completeness
from publish.news.facts import NewsDesk, ToldFact
from publish.news.record import lines, record_csv
from review.guard import Asked
from review.office import Office
from review.render import page

router = APIRouter(include_in_schema=False)

LONG_PAST = 20_000
"""Versions of a series in which facts are found while somebody waits."""

MANY_SERIES = 100
"""Series with news in one update of which facts are found while somebody waits."""


def news_in(office: Office, update: str, series: str) -> list[ToldFact]:
    """What the news in an update's numbers of a series is; none is looked for in a past too long for a page."""
    if office.browser.count_versions(series) > LONG_PAST:
        return []
    return _desk(office).of_update(update, series)


def told_facts(office: Office, update: str, series: str) -> list[ToldFact]:
    """The facts of an update, of one series in it, or of a series. Raises `UsageError` where it is too much."""
    if series and office.browser.count_versions(series) > LONG_PAST:
        raise UsageError(f"the past of {series} is too long to look through here", "ask: tallybook facts")
    if not update:
        return _desk(office).of_series(series)
    if not series and len(office.browser.news_of(update).series) > MANY_SERIES:
        raise UsageError(f"{update} brings news of very many series", "name one of them, or ask: tallybook facts")
    return _desk(office).of_update(update, series or None)


def still_to_come(
    office: Office, key: str, asked: ChartAsked, versions: int
) -> tuple[tuple[Point, ...], tuple[str, ...]]:
    """The bands of what is still to come, as a chart shows them, and what is said of them."""
    if versions > LONG_PAST:
        return (), (f"The past of this series is too long to look through here: tallybook complete {key}.",)
    told = told_completeness(office.browser, office.names, key, asked.known_at)
    found = [one for one in told.days if one.day.state == "open" and _is_within(one.day.as_of, asked)]
    newest = tuple(one.sentences["en"] for one in found[:1])
    return tuple(_band(one.day) for one in found[::-1]), (in_short(told.of), *newest)


def _is_within(day: Day, asked: ChartAsked) -> bool:
    return (asked.since or "") <= day <= (asked.until or "9999")


def _band(day: DayToCome) -> Point:
    return Point(day.as_of, None, day.low, day.high, "range", "")


def how_complete(office: Office, key: str, known_at: Instant | None) -> ToldCompleteness:
    """How complete the newest of a series is. Raises `UsageError` where its past is too long to look through here."""
    if office.browser.count_versions(key) > LONG_PAST:
        raise UsageError(f"the past of {key} is too long to look through here", "ask: tallybook complete")
    return told_completeness(office.browser, office.names, key, known_at)


@router.get("/sources/{source}/record")
def record(request: Request, office: Asked, source: str, form: str = "") -> Response:
    """How a publisher behaves, as the ledger has it, as a page or as CSV. Raises `UsageError` for an unknown source."""
    found = record_of(office.browser.record_rows(source))
    if form == "csv":
        named = {"Content-Disposition": f'attachment; filename="{letters_of(source)}-record.csv"'}
        return Response(record_csv(found), media_type="text/csv; charset=utf-8", headers=named)
    if form:
        raise UsageError(f"{form!r} is no form of a record", "write csv, or leave it out")
    definition = office.source(source)
    title = next((title for key, title, _ in office.browser.sources() if key == source), source)
    parts = [(part, list(told)) for part, told in groupby(lines(found), key=lambda one: one.part)]
    return page(request, "record.html", record=found, title=title, definition=definition, parts=parts)


def letters_of(key: str) -> str:
    """What a file may be called, in letters that every system takes."""
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in key)[:120]


def _desk(office: Office) -> NewsDesk:
    return NewsDesk(office.browser, office.catalogue, office.names)
