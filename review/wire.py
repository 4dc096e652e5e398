"""How answers go over the wire: HEAD for every page, and compressed where no form's token is in them."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from review.guard import COOKIE

SMALLEST, LEVEL = 1000, 5
OPEN = ("/static/", "/api/", "/feed.atom", "/openapi.json")
"""What holds no form, so that its length tells nothing of a token beside words that somebody else chose."""


class Wire:
    """Answers HEAD as GET without a body, and compresses what has no token in it."""

    def __init__(self, app: ASGIApp) -> None:
        self.plain = app
        self.zipped = GZipMiddleware(app, minimum_size=SMALLEST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.plain(scope, receive, send)
            return
        app = self.zipped if _has_no_token(scope) else self.plain
        if scope["method"] != "HEAD":
            await app(scope, receive, send)
            return

        async def head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await app({**scope, "method": "GET"}, receive, head)


def _has_no_token(scope: Scope) -> bool:
    cookies = b"".join(value for name, value in scope["headers"] if name == b"cookie")
    return COOKIE.encode() not in cookies or str(scope["path"]).startswith(OPEN)
