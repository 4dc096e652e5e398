"""The first visit: what this is, the first user, the demonstration, and three sources to switch on."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from model import Source, UsageError
from review.access import with_session
from review.guard import Asked, Editor, LoginNeededError, RefusedError, anyone, session_of
from review.office import Office
from review.render import page, source_url, told_error
from review.runs import Runs

OFFERED = 3

router = APIRouter(include_in_schema=False)


@router.get("/welcome")
def welcome(request: Request, office: Asked) -> HTMLResponse:
    """What there is to do before anything is recorded."""
    return page(
        request, "welcome.html", users=bool(office.store.users()), offered=offered(office),
        ready=[one for name in office.catalogue if (one := office.catalogue[name]).is_on],
    )  # fmt: skip


def offered(office: Office) -> list[Source]:
    """A few sources to begin with: off yet, one table at one open address each, of different publishers."""
    found: dict[str, Source] = {}
    for name in office.catalogue:
        source = office.catalogue[name]
        open_ = source.url and "${" not in source.url and source.fetch == "plain" and not source.is_on
        if open_ and source.schedule and source.extractor in ("csv", "json", "table", "workbook"):
            found.setdefault(source.publisher.name, source)
    return list(found.values())[:OFFERED]


@router.get("/first")
def ask(request: Request, office: Asked, code: str = "") -> Response:
    """The form that makes the first user, for who has the code that the terminal shows."""
    if office.store.users():
        return RedirectResponse("/login", 303)
    return page(request, "first.html", code=code[:100], name="", wrong="")


@router.post("/first", dependencies=[Depends(anyone)])
def make(
    request: Request,
    office: Asked,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    code: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Make the first user, who is logged in then; once there is one, nobody is made here."""
    with office.writing("/first"):
        if office.store.users():
            raise LoginNeededError if session_of(request) is None else RefusedError
        if not hmac.compare_digest(code.encode(), office.first_code.encode()):
            return _again(request, code, name, "The code is another one: the terminal that runs this page shows it.")
        try:
            office.store.add(name, password)
        except UsageError as error:
            return _again(request, code, name, told_error(error))
    return with_session(office, office.store.log_in(name, password) or "", "/")


def _again(request: Request, code: str, name: str, wrong: str) -> HTMLResponse:
    return page(request, "first.html", status=400, code=code, name=name, wrong=wrong)


@router.post("/sources/{source}/enable")
def enable(request: Request, office: Asked, who: Editor, source: str) -> Response:
    """Read a source's live page once, switch it on where it reads, and record it."""
    with office.writing(source):
        office.workshop.switch_on(source, who=who.user)
    office.forget()
    runs: Runs = request.app.state.runs
    runs.start(source, who.user)
    return RedirectResponse(f"{source_url(source)}#refresh", 303)
