"""Logging in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from review.guard import COOKIE, Asked, Editor, own_path
from review.render import page
from review.store import SESSION_SECONDS

router = APIRouter(include_in_schema=False)


@router.get("/login")
def ask(request: Request, office: Asked, to: Annotated[str, "where to go on"] = "/") -> HTMLResponse:
    """The form to log in with."""
    return page(request, "login.html", to=own_path(to), wrong="", name="", users=bool(office.store.users()))


@router.post("/login")
def log_in(
    request: Request,
    office: Asked,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    to: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Begin a session; after a few failures nobody of that name or address may try for a while."""
    whose = (f"name:{name.casefold()}", f"address:{request.client.host if request.client else ''}")
    if not office.store.may_try(*whose):
        wrong = "Too many failed logins: wait a quarter of an hour."
        return page(request, "login.html", status=429, to=own_path(to), wrong=wrong, name=name, users=True)
    token = office.store.log_in(name, password, *whose)
    if token is None:
        wrong = "The name or the password is wrong."
        return page(request, "login.html", status=401, to=own_path(to), wrong=wrong, name=name, users=True)
    answer = RedirectResponse(own_path(to), 303)
    answer.set_cookie(
        COOKIE, token, max_age=SESSION_SECONDS, httponly=True, samesite="lax", secure=office.secure, path="/"
    )
    return answer


@router.post("/logout")
def log_out(request: Request, office: Asked, _who: Editor) -> Response:
    """End the session."""
    office.store.log_out(request.cookies[COOKIE])
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer
