"""The demo's publishers: one HTTP server on 127.0.0.1 that serves the pages of the day."""

from __future__ import annotations

import hashlib
import threading
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from types import TracebackType
from typing import Self

from cli.demo.days import clock
from model import moment

TYPES = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


class DemoPublisher:
    """Serves the demo's reports: `with DemoPublisher() as publisher: publisher.set_day(1)`.

    Days are places in `DAYS`; the first is set at the start. A report that was not released anew on a day is served as
    it was, with the same `ETag`, so that a conditional request is answered 304.
    """

    def __init__(self) -> None:
        self._day = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        """The address of the server, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def set_day(self, day: int) -> None:
        """Let a day begin: what is served from now on is what had been released by then."""
        clock(day)
        self._day = day

    def report(self, name: str) -> tuple[bytes, int] | None:
        """The newest release of a report by the present day, and the day of that release; None for an unknown name."""
        pages = resources.files("cli.demo").joinpath("pages")
        for day in range(self._day, -1, -1):
            page = pages.joinpath(str(day + 1), name)
            if page.is_file():
                return page.read_bytes(), day
        return None


def _handler(publisher: DemoPublisher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.strip("/")
            found = publisher.report(name) if name.partition(".")[2] in TYPES and "/" not in name else None
            if found is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            content, day = found
            etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
            same = self.headers.get("If-None-Match") == etag
            self.send_response(HTTPStatus.NOT_MODIFIED if same else HTTPStatus.OK)
            self.send_header("ETag", etag)
            self.send_header("Last-Modified", format_datetime(moment(clock(day)), usegmt=True))
            self.send_header("Content-Type", TYPES[name.partition(".")[2]])
            self.send_header("Content-Length", "0" if same else str(len(content)))
            self.end_headers()
            if not same:
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the demo's own lines are what is read."""

    return Handler
