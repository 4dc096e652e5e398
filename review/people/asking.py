"""The API for people: what can be asked, with examples that run on this very ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from review.api import description_of
from review.guard import Asked
from review.office import Office
from review.render import page
from storage import Wanted

router = APIRouter(include_in_schema=False)

EXAMPLES: dict[str, tuple[str, ...]] = {
    "/api/log": ("source", "limit"), "/api/evidence": ("update", "series", "as_of"),
    "/api/check-print": ("update", "series"), "/api/facts": ("update", "series"), "/api/complete": ("series",),
    "/api/record": ("source",),
    "/api/series": ("source", "limit"), "/api/find": ("q",),
    "/api/show": ("series", "limit"), "/api/claims": ("measure", "limit"), "/api/decisions": ("source",),
    "/api/held": ("limit",), "/api/unmatched": ("limit",),
}  # fmt: skip
"""What an example asks with, where that is more than the address itself."""


class ApiQuestion(NamedTuple):
    """One thing that can be asked: its address, what it answers, its parameters, and an example."""

    path: str
    answers: str
    parameters: tuple[tuple[str, str], ...]
    example: str


@router.get("/api")
def asking(request: Request, office: Asked) -> HTMLResponse:
    """What the API can be asked."""
    known = _known(office)
    found = description_of(request.app)["paths"]
    questions = [_question(path, one["get"], known) for path, one in found.items() if "get" in one]
    return page(request, "api.html", questions=questions, base=f"{request.url.scheme}://{request.url.netloc}")


def _known(office: Office) -> dict[str, str]:
    """Something that the ledger has, to ask for; empty where it has nothing."""
    newest = (one.update for one in office.browser.page(Wanted(), limit=20, changes=1) if one.update.changes)
    update = next(newest, None)
    if update is None:
        return {}
    change = update.changes[0]
    figure = change.new or change.old
    source, _, number = update.update.rpartition("/")
    return {
        "source": source, "number": number, "update": update.update, "series": change.series, "as_of": change.as_of,
        "measure": figure.measure if figure else "other", "q": source, "limit": "2",
    }  # fmt: skip


def _question(path: str, told: Mapping[str, Any], known: Mapping[str, str]) -> ApiQuestion:
    named = tuple((one["name"], _of(one)) for one in told.get("parameters", ()))
    words = str(told.get("description") or told.get("summary", "")).strip()
    wanted = [one["name"] for one in told.get("parameters", ()) if one.get("required") and one["in"] == "query"]
    return ApiQuestion(path, words, named, _example(path, (*wanted, *EXAMPLES.get(path, ())), known))


def _of(parameter: Mapping[str, Any]) -> str:
    said = parameter.get("description", "")
    return " ".join(filter(None, ("required." if parameter.get("required") else "", said)))


def _example(path: str, asked: tuple[str, ...], known: Mapping[str, str]) -> str:
    """An address that answers; empty where nothing is known to ask for."""
    if ("{" in path and not known) or set(asked) - known.keys():
        return ""
    place = path.format_map(known)
    return f"{place}?{urlencode({name: known[name] for name in asked})}" if asked else place
