"""The same as JSON: everything the pages show, described by OpenAPI; exact decimals, pages of bounded size."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response

from changes.news.record import PublisherRecord, record_of
from model import Figure, Observation, Series, Update, Version, dumps, parse_day, parse_instant
from publish.charts.places import ChartPlaces, places
from publish.charts.points import ChartAsked
from publish.finding.find import Search, SearchResult
from publish.names import SeriesNames
from publish.news.complete import ToldCompleteness
from publish.news.facts import ToldFact
from publish.noting.markers import ToldMarker, told_markers
from publish.printing.facts import PrintCheck
from publish.printing.printed import PrintedText
from publish.telling import SHOWN, tell
from review.answers import JSON, answered
from review.guard import Asked, UpdateName, outside, session_of
from review.pages.charts import framed_chart, shown_chart
from review.pages.compare import claims_wanted
from review.pages.evidence import checked, reading_shot, side
from review.pages.find import find_search, found_in
from review.pages.log import wanted_of
from review.pages.news import how_complete, told_facts
from review.pages.printed import PrintedQuestion, checked_text, printed_question, registered
from review.pages.series import SeriesSearch, series_search
from storage import ClaimsWanted, NewestClaim, Proof, Wanted

MOST = 200

router = APIRouter(tags=["ledger"])

Limit = Annotated[int, Query(ge=1, le=MOST, description="At most so many.")]
Changes = Annotated[int, Query(ge=0, le=1000, description="At most so many changes of each update.")]
BoundedNumber = Annotated[int, Query(ge=0, le=2**31 - 1)]
After = Annotated[str, Query(max_length=2000, description="As the link to the next page gives it.")]


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _shape(name: str, *, items: bool = False) -> dict[int | str, dict[str, Any]]:
    one = {"$ref": f"#/components/schemas/{name}"}
    page = _object(items={"type": "array", "items": one}, next={"type": ["string", "null"]})
    error = {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return {
        200: {"description": "What was asked for.", "content": {JSON: {"schema": page if items else one}}},
        304: {"description": "You have it already."},
        400: {"description": "A date or time in the address is none.", **error},
        404: {"description": "There is no such thing.", **error},
        422: {"description": "The address asks for what cannot be.", **error},
    }


def _json(request: Request, value: Any, link: str | None = None) -> Response:
    headers = {"Link": f'<{link}>; rel="next"'} if link else None
    return answered(request, dumps(value).encode(), JSON, headers)


def _page(request: Request, items: list[Any], more: dict[str, Any] | None) -> Response:
    kept = [(name, value) for name, value in request.query_params.multi_items() if more and name not in more]
    link = f"{request.url.path}?{urlencode([*kept, *more.items()])}" if more else None
    return _json(request, {"items": items, "next": link}, link)


@router.get("/healthz", tags=["server"])
def healthz(office: Asked) -> dict[str, Any]:
    """Whether the ledger answers, and how many updates it has."""
    return {"status": "ok", "newest": office.browser.newest()}


@router.get("/api/log", responses=_shape("Update", items=True))
def log(
    request: Request, office: Asked, wanted: Annotated[Wanted, Depends(wanted_of)], limit: Limit = 20,
    before: BoundedNumber | None = None, changes: Changes = 50,
) -> Response:  # fmt: skip
    """The diff log, newest first."""
    found = office.log_of(wanted, before=before, limit=limit + 1, changes=max(changes, SHOWN))
    more = {"before": found[limit - 1].place} if len(found) > limit else None
    names = office.names
    return _page(request, [_told(one.update, changes, names) for one in found[:limit]], more)


def _told(read: Update, changes: int, names: SeriesNames) -> Update:
    """An update with so many of its changes, under the headline of more of them: it is told of the whole."""
    told = tell(read, names)
    return msgspec.structs.replace(told, changes=told.changes[:changes])


@router.get("/api/updates/{source}/{number}", responses=_shape("Update"))
def update(request: Request, office: Asked, name: UpdateName, changes: Changes = 1000) -> Response:
    """One update."""
    return _json(request, _told(office.browser.update(name, changes=max(changes, SHOWN)), changes, office.names))


@router.get("/api/evidence", responses=_shape("Evidence"))
def evidence(request: Request, office: Asked, update: str, series: str, as_of: str) -> Response:
    """The proof of one change: releases with their digests, places, and the text around them."""
    proof = office.browser.proof(update, series, parse_day(as_of))
    rows = session_of(request) is not None
    sides = {"new": side(office, reading_shot(office, proof), rows=rows), "old": side(office, proof.old, rows=rows)}
    texts = {
        name: "\n".join("".join(piece.text for piece in line.pieces) for line in one.excerpt.lines)
        for name, one in sides.items()
        if one and one.excerpt
    }
    return _json(request, {"proof": proof, "excerpts": texts})


@router.get("/api/check-print", responses=_shape("PrintCheck"))
def check_print(request: Request, office: Asked, update: str, series: str, as_of: str = "") -> Response:
    """What is open about a figure before it is printed, and the sentences that say so."""
    return _json(request, checked(office, update, series, parse_day(as_of) if as_of.strip() else None))


@router.get("/api/facts", responses=_shape("ToldFact", items=True))
def facts(request: Request, office: Asked, update: str = "", series: str = "", limit: Limit = 100) -> Response:
    """What the news in an update's numbers is, or, newest first, in those of a series; each with what proves it."""
    return _page(request, told_facts(office, update, series)[:limit], None)


@router.get("/api/complete", responses=_shape("ToldCompleteness"))
def complete(request: Request, office: Asked, series: str, known_at: str = "") -> Response:
    """How much of the newest days of a series is still to come, with bands that four in five should end within."""
    return _json(request, how_complete(office, series, parse_instant(known_at) if known_at.strip() else None))


@router.get("/api/record", responses=_shape("PublisherRecord"))
def record(request: Request, office: Asked, source: str) -> Response:
    """How a publisher behaves, as the ledger has it: each number with how many things it rests upon."""
    return _json(request, record_of(office.browser.record_rows(source)))


@router.get("/api/series", responses=_shape("Series", items=True))
def series(
    request: Request, office: Asked, search: Annotated[SeriesSearch, Depends(series_search)], after: After = "",
    limit: Limit = 100,
) -> Response:  # fmt: skip
    """Series whose key has all the words, by key."""
    found = office.browser.find_series(search.words, source=search.source or None, after=after, limit=limit + 1)
    return _page(request, found[:limit], {"after": found[limit - 1].series} if len(found) > limit else None)


@router.get("/api/find", responses=_shape("SearchResult"))
def find(request: Request, office: Asked, search: Annotated[Search, Depends(find_search)]) -> Response:
    """Figures as they are typed, words of quotes, names, claimants and sources: exact values first, newest first."""
    return _json(request, found_in(office, search))


@router.get("/api/check", responses=_shape("PrintedText"))
def check(request: Request, office: Asked, asked: Annotated[PrintedQuestion, Depends(printed_question)]) -> Response:
    """Each figure of a printed text: the series it speaks of, and whether it is what was known on a day."""
    return _json(request, checked_text(office, asked))


@router.get("/api/printed", responses=_shape("PrintRegistered"))
def printed(request: Request, office: Asked) -> Response:
    """The articles that are watched, and which of their numbers are true no longer, the newest first."""
    return _json(request, registered(office))


@router.get("/api/show", responses=_shape("Version", items=True))
def show(
    request: Request, office: Asked, series: str, known_at: str = "", after: After = "",
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> Response:  # fmt: skip
    """Every recorded version of one series, by as-of and then as they were recorded."""
    at = parse_instant(known_at) if known_at else None
    found, more = office.browser.versions_page(series, after=after, known_at=at, limit=limit)
    return _page(request, list(found), {"after": more} if more else None)


@router.get("/api/chart", responses=_shape("ChartPlaces"))
def chart(
    request: Request, office: Asked, series: str, asked: Annotated[ChartAsked, Depends(framed_chart)]
) -> Response:
    """The points of a series' chart as they are drawn, with their places on the drawing.

    Without what is `held`, or what became known after `known_at` (`frozen`), if so asked.
    """
    found = shown_chart(request, office, series, asked)
    return _json(request, places(found.shown, series)._asdict())


@router.get("/api/markers", responses=_shape("ToldMarker", items=True))
def markers(request: Request, office: Asked, series: str = "") -> Response:
    """What people noted of series and days: leaks, another scope, grades; of one series, or of all."""
    return _page(request, list(told_markers(office.browser.markers(series or None))), None)


@router.get("/api/claims", responses=_shape("NewestClaim", items=True))
def claims(
    request: Request, office: Asked, wanted: Annotated[ClaimsWanted, Depends(claims_wanted)], after: After = "",
    limit: Limit = 60,
) -> Response:  # fmt: skip
    """The newest figure of each series of a measure, or of a thing (`what`): who says what. Pages may be short."""
    found, more = office.browser.claims(wanted, after=after, limit=limit)
    return _page(request, list(found), {"after": more} if more else None)


@router.get("/api/held", responses=_shape("Update", items=True))
def held(request: Request, office: Asked, limit: Limit = 100, offset: BoundedNumber = 0) -> Response:
    """Updates with the changes that wait for a person, oldest first, at most so many changes."""
    found = office.browser.held_page(limit, offset=offset)
    full = sum(len(one.changes) for one in found) == limit and office.browser.waiting() > offset + limit
    names = office.names
    return _page(request, [tell(one, names) for one in found], {"offset": offset + limit} if full else None)


@router.get("/api/decisions", responses=_shape("Decided", items=True))
def decisions(request: Request, office: Asked, source: str, limit: Limit = 50, offset: BoundedNumber = 0) -> Response:
    """What people decided about a source, newest first."""
    found = office.browser.decisions(source, limit=limit + 1, offset=offset)
    return _page(request, found[:limit], {"offset": offset + limit} if len(found) > limit else None)


@router.get("/api/status", responses=_shape("Standing", items=True))
def status(request: Request, office: Asked) -> Response:
    """How every source stands."""
    return _page(request, list(office.standings()), None)


@router.get("/api/unmatched", responses=_shape("Unmatched", items=True))
def unmatched(
    request: Request, office: Asked, source: str = "", limit: Limit = 50, offset: BoundedNumber = 0
) -> Response:  # fmt: skip
    """Figures that belong to no followed series, or to two, newest first; without a login, without their words."""
    found = outside(request, office.browser.unfollowed(source or None, limit=limit + 1, offset=offset))
    items = [{"update": name, "why": why, "figure": figure} for name, why, figure in found[:limit]]
    return _page(request, items, {"offset": offset + limit} if len(found) > limit else None)


@router.get("/openapi.json", include_in_schema=False)
def description(request: Request) -> Response:
    """What this API can be asked."""
    return answered(request, msgspec.json.encode(description_of(request.app)), JSON)


def description_of(app: Any) -> dict[str, Any]:
    """The API as OpenAPI describes it."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="Tallybook", version="1", description="A ledger of figures: read only.", routes=app.routes
        )
        made.setdefault("components", {}).setdefault("schemas", {}).update(_schemas())
        app.openapi_schema = made
    schema: dict[str, Any] = app.openapi_schema
    return schema


@cache
def _schemas() -> dict[str, Any]:
    """The nouns as JSON Schema; decimals are exact numbers here, as `model.wire` writes them."""
    from storage import Decided

    nouns = (
        Update,
        Series,
        Version,
        NewestClaim,
        Observation,
        Figure,
        Proof,
        Decided,
        SearchResult,
        PrintCheck,
        PrintedText,
        ChartPlaces,
        ToldMarker,
        ToldFact,
        ToldCompleteness,
        PublisherRecord,
    )
    _, found = msgspec.json.schema_components(nouns, ref_template="#/components/schemas/{name}")
    made: dict[str, Any] = _numbers(found)
    made["Problem"] = _object(status={"type": "integer"}, detail={"type": "string"})
    made["Evidence"] = _object(proof={"$ref": "#/components/schemas/Proof"}, excerpts={"type": "object"})
    made["Unmatched"] = _object(
        update={"type": "string"}, why={"type": "string"}, figure={"$ref": "#/components/schemas/Figure"}
    )
    made["Standing"] = _object(source={"type": "string"}, state={"type": "string"})
    return made


def _numbers(schema: Any) -> Any:
    if isinstance(schema, dict):
        if schema.get("format") == "decimal":
            return {"type": "number"}
        return {key: _numbers(value) for key, value in schema.items()}
    return [_numbers(one) for one in schema] if isinstance(schema, list) else schema
