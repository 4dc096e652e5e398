"""Logging in and out."""

from __future__ import annotations

from math import ceil
from typing import Annotated

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from review.guard import COOKIE, Asked, Own, anyone, own_path
from review.office import Office
from review.render import page
from review.store import SESSION_SECONDS, AccountStore

HASHES_AT_ONCE, MOST_WAITING = 2, 400

router = APIRouter(include_in_schema=False)


@router.get("/login")
def ask(request: Request, office: Asked, to: Annotated[str, "where to go on"] = "/") -> HTMLResponse:
    """The form to log in with."""
    return page(request, "login.html", to=own_path(to), wrong="", name="", users=bool(office.store.users()))


def _try(store: AccountStore, name: str, password: str, whose: str) -> tuple[float, str | None]:
    """How long a login must wait, or the token of the session that it begins."""
    wait = store.try_later(whose)
    return wait, None if wait else store.log_in(name, password, whose)


def _few(request: Request) -> CapacityLimiter:
    """Two passwords are hashed at once, whatever number is sent: one takes 64 MiB, and other pages need the threads."""
    state = request.app.state
    if not hasattr(state, "logins"):
        state.logins = CapacityLimiter(HASHES_AT_ONCE)
    limiter: CapacityLimiter = state.logins
    return limiter


@router.post("/login", dependencies=[Depends(anyone)])
async def log_in(
    request: Request,
    office: Asked,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    to: Annotated[str, Form(max_length=20_000)] = "/",
) -> Response:
    """Begin a session; after a few failures of a name from an address each further one must wait a while."""
    whose = f"{request.client.host if request.client else ''} {name.casefold()}"
    few = _few(request)
    if few.statistics().tasks_waiting >= MOST_WAITING:
        wrong = "Too many people log in at this moment: try again in a few seconds."
        return page(request, "login.html", status=503, to=own_path(to), wrong=wrong, name=name, users=True)
    wait, token = await run_sync(_try, office.store, name, password, whose, limiter=few)
    if wait:
        wrong = f"Too many failed logins: try again in {ceil(wait)} seconds."
        return page(request, "login.html", status=429, to=own_path(to), wrong=wrong, name=name, users=True)
    if token is None:
        wrong = "The name or the password is wrong."
        return page(request, "login.html", status=401, to=own_path(to), wrong=wrong, name=name, users=True)
    return with_session(office, token, to)


def with_session(office: Office, token: str, to: str) -> Response:
    """Go on to a path of ours, with the session that a token names."""
    answer = RedirectResponse(own_path(to), 303)
    answer.set_cookie(
        COOKIE, token, max_age=SESSION_SECONDS, httponly=True, samesite="lax", secure=office.secure, path="/"
    )
    return answer


@router.post("/logout")
def log_out(request: Request, office: Asked, _who: Own) -> Response:
    """End the session."""
    office.store.log_out(request.cookies[COOKIE])
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer
