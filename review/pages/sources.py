"""Sources: how each stands, what it is defined as, what went wrong, what it states that nobody follows; refresh now."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from extractors.prose_series import match_of
from model import Figure, Source, UsageError, public_text, public_url
from review.guard import Asked, Editor, outside
from review.office import Office, SourceStanding
from review.render import page, source_url
from review.runs import Runs

UNMATCHED, LISTED = 30, 60

ADVICE = {
    "timeout": "The publisher answers slowly. It is tried again by itself; if that stays so, open its address.",
    "blocked": "The publisher turned us away. Save the page in a browser, and record it here (or: tallybook manual).",
    "too_large": "The report is larger than we take. Point the definition at a smaller file.",
    "status": "The address answered with an error. It may have moved: open it in a browser, and mend `url`.",
    "unreadable": "The report has another form than its definition says. `tallybook extract` shows what is read.",
}
_SIGNS = (
    ("timed out", "timeout"), ("timeout", "timeout"), ("too large", "too_large"), ("403", "blocked"),
    ("challenge", "blocked"), ("login", "blocked"), ("404", "status"), ("answered", "status"),
)  # fmt: skip

router = APIRouter(include_in_schema=False)


def advice(state: str, reason: str) -> str:
    """What to do about a failure."""
    if state == "blocked":
        return ADVICE["blocked"]
    found = next((name for sign, name in _SIGNS if sign in reason.lower()), "unreadable")
    return ADVICE[found]


@router.get("/sources/{source}")
def source(request: Request, office: Asked, source: str) -> HTMLResponse:
    """One source: state, definition, last errors, and figures that nobody follows."""
    standing = _standing(office, source)
    definition = office.source(source)
    recorded = source in {key for key, _, _ in office.browser.sources()}
    unmatched = outside(request, office.browser.unfollowed(source, limit=UNMATCHED)) if recorded else []
    failures = office.browser.failures(source) if recorded else []
    series = office.browser.find_series(source=source, limit=LISTED + 1) if recorded else []
    return page(
        request, "source.html",
        standing=standing, definition=definition, written=_written(definition), run=_runs(request).of(source),
        failures=[(*one, advice(one[1], one[3])) for one in failures],
        series=series[:LISTED], more=len(series) > LISTED,
        unmatched=[(update, why, figure, _offer(figure)) for update, why, figure in unmatched],
        decisions=office.browser.decisions(source) if recorded else [], upload_most=office.upload_most,
        public_address=public_url(definition.url) if definition and definition.url else "",
    )  # fmt: skip


@router.post("/sources/{source}/refresh")
def refresh(request: Request, office: Asked, who: Editor, source: str) -> Response:
    """Refresh a source now; its page shows how far it is."""
    definition = office.catalogue[source]
    _runs(request).start(definition.id, who.user)
    return RedirectResponse(f"{source_url(source)}#refresh", 303)


@router.get("/sources/{source}/progress")
def progress(request: Request, source: str) -> Response:
    """How far the newest refresh of a source is, as JSON for our own script."""
    run = _runs(request).of(source)
    content = msgspec.json.encode(run) if run else b"null"
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})


def _runs(request: Request) -> Runs:
    runs: Runs = request.app.state.runs
    return runs


def _standing(office: Office, source: str) -> SourceStanding:
    found = next((one for one in office.standings() if one.source == source), None)
    if found is None:
        raise UsageError(f"there is no source {source!r}", "the page of all sources lists them")
    return found


def _written(definition: Source | None) -> str:
    """The definition as YAML, without what is left at its default."""
    if definition is None:
        return ""
    given = {name: value for name, value in _plain(definition).items() if name != "id"}
    return yaml.safe_dump(given, allow_unicode=True, sort_keys=False, width=100)


def _plain(part: Any) -> Any:
    if isinstance(part, msgspec.Struct):
        part = _told_fields(part)
    if isinstance(part, dict):
        return {key: _plain(value) for key, value in part.items()}
    if isinstance(part, str):
        return public_text(part)
    return [_plain(one) for one in part] if isinstance(part, list | tuple) else part


def _told_fields(part: msgspec.Struct) -> dict[str, Any]:
    """The fields that a definition sets, those left as they are by default not."""
    given = part.__struct_defaults__
    defaults = dict(zip(part.__struct_fields__[-len(given) :], map(_default, given), strict=True)) if given else {}
    values = {name: getattr(part, name) for name in part.__struct_fields__}
    return {name: value for name, value in values.items() if name not in defaults or value != defaults[name]}


def _default(given: Any) -> Any:
    return given.factory() if hasattr(given, "factory") else given


def _offer(figure: Figure) -> str:
    """A series rule that would follow this figure, to paste into the definition."""
    name = "_".join(filter(None, (figure.measure, *(figure.category or "").split()))).lower()
    rule = [{"id": name, "match": match_of(figure)}]
    return yaml.safe_dump(rule, allow_unicode=True, sort_keys=False, default_flow_style=None, width=200).strip()
