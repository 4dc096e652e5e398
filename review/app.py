"""The review page as an application: every page behind one guard, every error a sentence."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from model import MalformedError, TallybookError, UsageError
from review import access, api, feeds
from review.answers import problem
from review.assets import Assets
from review.control import editing, first, follow, listing
from review.guard import SAFE, Guard, LoginNeededError, RefusedError, RoleNeededError
from review.machines import health
from review.office import Office
from review.pages import charts, compare, evidence, find, held, log, morning, news, printed, series, several, sources
from review.people import asking, audit, notes, proposals, rules, users
from review.render import FOLDER, refusal, told_error
from review.runs import Runs
from review.wire import Wire

_SOURCES = (listing, sources, editing, follow)
_PEOPLE = (access, users, rules, notes, proposals, audit)
_PAGES = (first, morning, log, evidence, find, printed, several, held, series, charts, compare, news)
ROUTERS = tuple(one.router for one in (*_PAGES, *_SOURCES, *_PEOPLE, feeds, health, api, asking))
"""All that can be asked, in the order of asking."""


def create_app(office: Office) -> FastAPI:
    """Make the application over one ledger; it opens nothing by itself."""
    app = FastAPI(title="Tallybook", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.office = office
    app.state.runs = Runs(office)
    app.add_middleware(Guard)
    app.add_middleware(Wire)
    app.mount("/static", Assets(directory=FOLDER / "static"))
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(UsageError, _unknown)
    app.add_exception_handler(TallybookError, _failed)
    app.add_exception_handler(LoginNeededError, _log_in)
    app.add_exception_handler(RoleNeededError, _not_yours)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _other)
    return app


def _answer(request: Request, status: int, title: str, message: str) -> Response:
    if request.url.path.startswith("/api/"):
        return problem(status, message)
    return refusal(request, status, title, message)


def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, UsageError)
    status = 404 if request.method in SAFE and not isinstance(error, MalformedError) else 400
    return _answer(request, status, "There is no such thing here" if status == 404 else "Not done", told_error(error))


def _failed(request: Request, error: Exception) -> Response:
    return _answer(request, 503, "This could not be done now", str(error))


def _log_in(request: Request, _error: Exception) -> Response:
    if request.method not in SAFE or request.url.path.startswith("/api/"):
        return _answer(request, 401, "Log in first", "Only people who are logged in may do this.")
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?{urlencode({'to': back})}", 303)


def _not_yours(request: Request, error: Exception) -> Response:
    told = f"This needs the role of {'an' if str(error) != 'reader' else 'a'} {error}; an admin gives roles (/users)."
    return _answer(request, 403, "You may not do this", told)


def _refused(request: Request, _error: Exception) -> Response:
    return _answer(request, 403, "Not done", "The form was too old or not ours: load its page again, and repeat.")


def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = "; ".join(f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors()[:5])
    return _answer(request, 422, "This address asks for what cannot be", told)


def _other(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    titles = {404: "There is no such page", 405: "That cannot be done here"}
    answer = _answer(request, error.status_code, titles.get(error.status_code, "Not done"), str(error.detail))
    answer.headers.update(error.headers or {})
    return answer
