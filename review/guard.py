"""What stands before every page: whom we are called by, what a browser may do with us, who may change things."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated
from urllib.parse import quote, urlsplit

import msgspec
from anyio.to_thread import run_sync
from fastapi import Depends, Form, Path, Request
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, Response

from model import Figure
from review.answers import problem
from review.office import Office
from review.store import Session, UserRole

COOKIE = "tallybook_session"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""The pages run our own script and style alone; nothing comes from elsewhere, nobody frames them."""

ARCHIVED_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "form-action 'none'; base-uri 'none'"
)
"""An archived page runs nothing, loads nothing and leads nowhere; its own inline look is all it keeps."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-DNS-Prefetch-Control": "off",
}
UPLOAD = "multipart/form-data"
_UPLOADS = re.compile(r"/sources/[^/]+/upload")
FORM, LONGEST_FORM = "application/x-www-form-urlencoded", 64 * 1024
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?))(?::[0-9]{1,5})?")
SAFE = frozenset(("GET", "HEAD"))
DONE = 303
"""Every form of ours that did something leads on to a page."""

TOLD_ELSEWHERE = frozenset(
    (
        "decide",
        "decide_several",
        "undo",
        "done",
        "seen_by",
        "log_in",
        "log_out",
        "add_user",
        "give_role",
        "remove_user",
        "confirm",
        "refuse",
    )
)
"""Routes whose doing the ledger or the book of acts has itself, or that concern nobody else."""


class LoginNeededError(Exception):
    """Whoever asked is not logged in."""


class RoleNeededError(Exception):
    """Whoever asked is logged in, and may not do this; its words name the role that may."""


class RefusedError(Exception):
    """A change without the token of its form, or from another site."""


class Guard(BaseHTTPMiddleware):
    """Refuses names we are not called by and changes that come from other sites; sets the headers of every answer."""

    async def dispatch(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        office: Office = request.app.state.office
        if host_of(request.headers.get("host", "")) not in office.hosts:
            return _sealed(PlainTextResponse("This server is not called by that name.\n", 421))
        if "\0" in request.url.path or "%00" in request.url.query:
            return _sealed(problem(404, "an address holds no such character"))
        if request.method not in SAFE and (refused := _refused_body(request)) is not None:
            return _sealed(refused)
        if request.method not in SAFE and not _own(request):
            return _sealed(PlainTextResponse("Changes are made from this server's own pages alone.\n", 403))
        response = await call_next(request)
        if request.method not in SAFE and response.status_code == DONE:
            await run_sync(_write_down, request)
        return _sealed(response)


def _write_down(request: Request) -> None:
    """Keep who changed something with a form, by the name of its route; the ledger keeps decisions itself."""
    endpoint, session = request.scope.get("endpoint"), session_of(request)
    name = getattr(endpoint, "__name__", "")
    if session is None or name in TOLD_ELSEWHERE:
        return
    told = (getattr(endpoint, "__doc__", None) or name).strip().partition("\n")[0]
    office_of(request).acts.note(session.user, name, request.url.path, told)


def _sealed(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Cache-Control", "no-cache")
    return response


def host_of(given: str) -> str:
    """The name or address in a Host header, in lower case; empty where it is anything but name or address and port."""
    found = _HOST.fullmatch(given.lower())
    return (found[1] or found[2]) if found else ""


def _refused_body(request: Request) -> Response | None:
    """The refusal of a body that no form of ours sends; it is not read, and nobody need be logged in to be refused.

    Our forms are short and hold no files, so nothing is ever written to a disk to be parsed; but for a page that
    somebody saved, which is taken of who is logged in, at one kind of address, within bounds.
    """
    length = request.headers.get("content-length", "0")
    kind = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if "transfer-encoding" in request.headers or not length.isdecimal():
        status, told = 411, "A form says how long it is.\n"
    elif kind == UPLOAD and _UPLOADS.fullmatch(request.url.path) and session_of(request) is not None:
        most = office_of(request).upload_most
        if int(length) <= most + LONGEST_FORM:
            return None
        status, told = 413, f"No file longer than {most // 2**20} MiB is taken here.\n"
    elif int(length) > LONGEST_FORM:
        status, told = 413, "No form of this server is that long.\n"
    elif kind != FORM and int(length):
        status, told = 415, f"Forms are sent as {FORM}; files are not taken.\n"
    else:
        return None
    return PlainTextResponse(told, status, {"Connection": "close"})


def _own(request: Request) -> bool:
    """Whether a change comes from one of our own pages, by what the browser says of its origin."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        return False
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def office_of(request: Request) -> Office:
    """The office that this page works for."""
    office: Office = request.app.state.office
    return office


def session_of(request: Request) -> Session | None:
    """Who is logged in, if anybody; looked up once a request."""
    if not hasattr(request.state, "session"):
        request.state.session = office_of(request).store.session(request.cookies.get(COOKIE))
    session: Session | None = request.state.session
    return session


def logged_in(request: Request) -> Session:
    """The session of whoever asks. Raises `LoginNeededError` where there is none."""
    session = session_of(request)
    if session is None:
        raise LoginNeededError
    return session


def held_by(request: Request, role: UserRole, csrf: str | None = None) -> Session:
    """The session of whoever may do what needs a role, and the one place where that is looked at.

    Raises `LoginNeededError` without a session, `RoleNeededError` for another role, and `RefusedError` where a form of
    ours (`csrf` is not None) came without the session's token.
    """
    session = logged_in(request)
    if csrf is not None and not hmac.compare_digest(unmasked(csrf), session.csrf.encode()):
        raise RefusedError
    if not session.may(role):
        raise RoleNeededError(role)
    return session


def masked(token: str) -> str:
    """A session's token as one page has it: other signs at each answer, so that no length of answers tells it."""
    mask = secrets.token_bytes(len(token))
    return (mask + _mixed(mask, token.encode())).hex()


def unmasked(given: str) -> bytes:
    """The token that a page's form was sent with; nothing where it is none of ours."""
    try:
        both = bytes.fromhex(given)
    except ValueError:
        return b""
    half = len(both) // 2
    return _mixed(both[:half], both[half:]) if len(both) % 2 == 0 else b""


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


FormToken = Annotated[str, Form()]
"""The token of the session, in a form of ours."""


def anyone() -> None:
    """Said of what changes nothing of anybody else's: whoever asks may."""


def reading(request: Request) -> Session:
    """The session of whoever may see what is private."""
    return held_by(request, "reader")


def overseeing(request: Request) -> Session:
    """The session of whoever may see what people did."""
    return held_by(request, "editor")


def managing(request: Request) -> Session:
    """The session of whoever may see who may do what."""
    return held_by(request, "admin")


def own_change(request: Request, csrf: FormToken = "") -> Session:
    """The session of whoever changes what is theirs alone."""
    return held_by(request, "reader", csrf)


def changing(request: Request, csrf: FormToken = "") -> Session:
    """The session of whoever changes what all see."""
    return held_by(request, "editor", csrf)


def may_change(request: Request, csrf: FormToken = "") -> Session | None:
    """The same; None where the session is over, so that a form may keep what it was filled with."""
    return held_by(request, "editor", csrf) if session_of(request) is not None else None


def ruling(request: Request, csrf: FormToken = "") -> Session:
    """The session of whoever changes what others may do."""
    return held_by(request, "admin", csrf)


DECLARED: dict[Callable[..., object], UserRole | None] = {
    anyone: None, reading: "reader", overseeing: "editor", managing: "admin", own_change: "reader",
    changing: "editor", may_change: "editor", ruling: "admin",
}  # fmt: skip
"""How a route says which role it needs: by one of these."""


Unfollowed = tuple[str, str, Figure]
"""A figure that nobody follows: its update, why it is not followed, and the figure."""


def outside(request: Request, unfollowed: Sequence[Unfollowed]) -> list[Unfollowed]:
    """Figures that nobody follows, as whoever asks may see them: without a login by number alone."""
    if session_of(request) is not None:
        return list(unfollowed)
    bare = {"quote": "", "whom": None, "category": None, "attributed_to": ()}
    return [(update, why, msgspec.structs.replace(figure, **bare)) for update, why, figure in unfollowed]


def own_path(given: str) -> str:
    """A path of ours to go on to; anything else leads to the log."""
    parts = urlsplit(given)
    sound = given.startswith("/") and not given.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return quote(given, safe="/?&=%@:,.-_~+#") if sound and "\\" not in given else "/"


UpdateNumber = Annotated[int, Path(ge=0, le=2**31 - 1)]
"""An update's number in an address."""


def _update_name(source: str, number: UpdateNumber) -> str:
    return f"{source}/{number}"


UpdateName = Annotated[str, Depends(_update_name)]
"""An update by its source and number in the address."""

Asked = Annotated[Office, Depends(office_of)]
Someone = Annotated[Session, Depends(reading)]
Overseer = Annotated[Session, Depends(overseeing)]
Manager = Annotated[Session, Depends(managing)]
Own = Annotated[Session, Depends(own_change)]
Admin = Annotated[Session, Depends(ruling)]
Editor = Annotated[Session, Depends(changing)]
MayEdit = Annotated[Session | None, Depends(may_change)]
