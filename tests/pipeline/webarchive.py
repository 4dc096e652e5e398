"""A web archive of a test: a CDX list and mementos on loopback, which also answers as badly as archives do."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import threading
from collections.abc import Callable
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")


class Held(NamedTuple):
    """One capture that the archive holds."""

    timestamp: str
    original: str
    content: bytes
    status: str = "200"
    media_type: str = "text/csv"

    @property
    def row(self) -> list[str]:
        digest = base64.b32encode(hashlib.sha1(self.content).digest()).decode()
        kind = "warc/revisit" if self.status == "-" else self.media_type
        return [self.timestamp, self.original, kind, self.status, digest]


Bad = Callable[["_Handler", Held], None]


class WebArchive:
    """`with WebArchive() as archive: archive.hold("20250101060000", url, b"…")`; `asked` are the timestamps asked for.

    `badly` gives answers in the place of captures, by timestamp, each used once; `list_with` stands for the list.
    """

    def __init__(self) -> None:
        self.captures: list[Held] = []
        self.asked: list[str] = []
        self.lists: list[dict[str, list[str]]] = []
        self.badly: dict[str, list[Bad]] = {}
        self.list_with: bytes | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def url(self) -> str:
        """Its address, as the setting names it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def hold(self, timestamp: str, original: str, content: bytes, status: str = "200") -> None:
        """Hold one more capture."""
        self.captures.append(Held(timestamp, original, content, status))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, archive: WebArchive, *connection: Any) -> None:
        self.archive = archive  # first: the base class answers while it is made
        super().__init__(*connection)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/cdx/search/cdx":
            self._list(parse_qs(parts.query))
        elif parts.path.startswith("/web/"):
            self._capture(parts.path.removeprefix("/web/")[:14])
        else:
            self.answer(404, b"", {})

    def _list(self, asked: dict[str, list[str]]) -> None:
        self.archive.lists.append(asked)
        held = [one for one in self.archive.captures if asked["url"] == [one.original] and one.status[0] not in "345"]
        first, last = asked.get("from", ["0"])[0], asked.get("to", ["9"])[0]
        rows = [one.row for one in held if first <= one.timestamp and one.timestamp[: len(last)] <= last]
        body = json.dumps([list(FIELDS), *rows] if rows else []).encode()
        self.answer(200, self.archive.list_with if self.archive.list_with is not None else body, {})

    def _capture(self, timestamp: str) -> None:
        self.archive.asked.append(timestamp)
        held = next(one for one in self.archive.captures if one.timestamp == timestamp)
        bad = self.archive.badly.get(timestamp)
        if bad:
            bad.pop(0)(self, held)
            return
        self.give(held)

    def give(self, held: Held) -> None:
        """Answer with a capture, as it was archived."""
        at = dt.datetime.strptime(held.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
        headers = {"Memento-Datetime": format_datetime(at, usegmt=True), "Content-Type": held.media_type}
        self.answer(200, held.content, headers)

    def answer(self, status: int, body: bytes, headers: dict[str, str], length: int | None = None) -> None:
        """Answer; a `length` that is more than the body has is a truncated answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def status(code: int, **headers: str) -> Bad:
    """An answer with a status, and headers (`retry_after`) beside it."""
    given = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return lambda handler, _held: handler.answer(code, b"busy", given)


def truncated(handler: _Handler, held: Held) -> None:
    """Half of a capture."""
    handler.answer(200, held.content[:10], {"Content-Type": "text/csv"}, length=len(held.content))


def empty(handler: _Handler, _held: Held) -> None:
    """Nothing at all."""
    handler.answer(200, b"", {"Content-Type": "text/csv"})


def redirect(timestamp: str) -> Bad:
    """Another capture, to which the archive sends."""
    return lambda handler, held: handler.answer(302, b"", {"Location": f"/web/{timestamp}id_/{held.original}"})


def instead(timestamp: str) -> Bad:
    """Another capture, without a word."""
    return lambda handler, _held: handler.give(
        next(one for one in handler.archive.captures if one.timestamp == timestamp)
    )


def challenge(handler: _Handler, _held: Held) -> None:
    """A page that turned the archive's visitor away."""
    page = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
    handler.answer(200, page, {"Content-Type": "text/html"})
