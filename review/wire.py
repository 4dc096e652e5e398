"""How answers go over the wire: HEAD for every page, and compressed but for what is so already."""

from __future__ import annotations

import brotli
from starlette.middleware.gzip import GZipMiddleware, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST, LEVEL, QUALITY = 1000, 5, 5
PACKED = ("/archive/", "/charts/png/")
"""What is mostly compressed already. The token of a page's forms is another at each answer (`guard.masked`), so that
the length of a compressed page tells nothing of it beside words that somebody else chose."""


class _BrotliResponder(IdentityResponder):
    """Sends one answer in Brotli, a part at a time where it comes in parts."""

    content_encoding = "br"

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, SMALLEST)
        self._compressor = brotli.Compressor(quality=QUALITY)

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        parts: list[bytes] = [self._compressor.process(body)]
        parts.append(self._compressor.flush() if more_body else self._compressor.finish())
        return b"".join(parts)


class Wire:
    """Answers HEAD as GET without a body, and compresses."""

    def __init__(self, app: ASGIApp) -> None:
        self.plain = app
        self.zipped = GZipMiddleware(app, minimum_size=SMALLEST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.plain(scope, receive, send)
            return
        app = self.plain if str(scope["path"]).startswith(PACKED) else self._packed(scope)
        if scope["method"] != "HEAD":
            await app(scope, receive, send)
            return

        async def head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await app({**scope, "method": "GET"}, receive, head)

    def _packed(self, scope: Scope) -> ASGIApp:
        """What compresses an answer as whoever asks takes it."""
        return _BrotliResponder(self.plain) if _asks_for_brotli(scope) else self.zipped


def _asks_for_brotli(scope: Scope) -> bool:
    """Whether Brotli is taken; browsers say so where they come by https, or from this machine."""
    taken = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding").decode("latin-1")
    return "br" in {one.partition(";")[0].strip().lower() for one in taken.split(",") if "q=0" not in one}
