"""A publisher on 127.0.0.1 that serves what a test tells it to, soundly or badly."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self


class Asked(NamedTuple):
    """One request as the publisher saw it, `at` a second of the monotonic clock; header names are in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    at: float = 0.0


class Publisher:
    """An HTTP server of one test: `with Publisher() as p: p.page("/x", b"…"); fetch(p.url("/x")); p.requests`.

    A path given anew is replaced. A page with `ETag` or `Last-Modified` answers 304 to a matching condition.
    With `tls` it speaks https. `connections` counts those that were made. Requests for /robots.txt are counted apart,
    in `robots_asked`; unless a test publishes one there is none. `busiest` says how many requests it answered at the
    same time at most, by the host that was asked for, and under "" by all of them together.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Asked] = []
        self.robots_asked = 0
        self.busiest: Counter[str] = Counter()
        self._busy: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._answers: dict[str, Callable[[_Handler], None]] = {}
        self._closing = threading.Event()
        self._server = _Server(self)
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def connections(self) -> int:
        """How many connections were made to it."""
        return self._server.connections

    def url(self, path: str = "/", *, host: str = "127.0.0.1", user: str = "", scheme: str = "") -> str:
        """The address of a path; `user` is put before the host as `name:password`."""
        return f"{scheme or self._scheme}://{user + '@' if user else ''}{host}:{self.port}{path}"

    def page(self, path: str, content: bytes, *, headers: Mapping[str, str] | None = None, status: int = 200) -> None:
        """Serve content at a path, with status and headers (Content-Type is HTML unless given)."""
        given = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
        self._answers[path] = lambda handler: handler.answer(status, given, content)

    def redirect(self, path: str, to: str, *, status: int = 302, headers: Mapping[str, str] | None = None) -> None:
        """Send whoever asks for a path elsewhere."""
        self.page(path, b"", status=status, headers={"Location": to, **(headers or {})})

    def gzipped(self, path: str, content: bytes, *, cut: int = 0) -> None:
        """Serve content compressed; `cut` bytes of it are missing at the end, and nothing else says so."""
        packed = gzip.compress(content, mtime=0)
        self.page(path, packed[: len(packed) - cut], headers={"Content-Encoding": "gzip"})

    def truncated(self, path: str, content: bytes, *, missing: int = 10) -> None:
        """Announce more bytes than come, then close."""
        length = f"Content-Length: {len(content) + missing}\r\n"
        self.raw(path, [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + length.encode() + b"\r\n" + content])

    def slow(self, path: str, content: bytes, *, seconds: float) -> None:
        """Answer only after some seconds (or when the publisher closes)."""

        def answer(handler: _Handler) -> None:
            self._closing.wait(seconds)
            handler.answer(200, {"Content-Type": "text/html"}, content)

        self._answers[path] = answer

    def endless(self, path: str, part: bytes = b"x" * 65536, *, pause: float = 0) -> None:
        """Send the same part for ever, in an answer without a length."""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
        self.raw(path, lambda: itertools.chain([head], itertools.repeat(part)), pause=pause)

    def reset(self, path: str, *, then: Callable[[], None] | None = None) -> None:
        """Break the connection off without a word (RST); then publish something else, where `then` does so."""

        def answer(handler: _Handler) -> None:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.shutdown(socket.SHUT_RD)
            if then:
                then()

        self._answers[path] = answer

    def withdraw(self, path: str) -> None:
        """Publish nothing at a path any more."""
        self._answers.pop(path, None)

    def raw(self, path: str, parts: Iterable[bytes] | Callable[[], Iterable[bytes]], *, pause: float = 0) -> None:
        """Send these bytes, status line and all, with a pause in seconds after each part; then close."""

        def answer(handler: _Handler) -> None:
            for part in parts() if callable(parts) else parts:
                handler.wfile.write(part)
                handler.wfile.flush()
                if self._closing.wait(pause):
                    return

        self._answers[path] = answer

    def _count(self, host: str, more: int) -> None:
        with self._counting:
            for name in {host, ""}:
                self._busy[name] += more
                self.busiest[name] = max(self.busiest[name], self._busy[name])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, publisher: Publisher) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.publisher = publisher
        self.connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: those who ask here often leave early."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write an answer; two wait 40 ms for each other
    server: _Server

    def do_GET(self) -> None:
        publisher = self.server.publisher
        asked_at = self.headers.get("Host", "")
        publisher._count(asked_at, 1)
        try:
            self._answer(publisher)
        finally:
            publisher._count(asked_at, -1)

    do_POST = do_GET  # noqa: N815, since http.server finds it by this name

    def _answer(self, publisher: Publisher) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        if self.path.endswith("/robots.txt"):
            publisher.robots_asked += 1
        else:
            publisher.requests.append(Asked(self.command, self.path, headers, body, time.monotonic()))
        answer = publisher._answers.get(self.path)
        self.answered = False
        try:
            if answer:
                answer(self)
            else:
                self.answer(404, {"Content-Type": "text/plain"}, b"nothing is published here")
        except OSError:
            self.answered = False  # whoever asked has gone
        self.close_connection = self.close_connection or not self.answered

    def answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        """Send a sound answer, or 304 where the asked conditions say that nothing changed."""
        self.answered = True
        asked = {"If-None-Match": headers.get("ETag"), "If-Modified-Since": headers.get("Last-Modified")}
        if status == 200 and any(value and self.headers.get(name) == value for name, value in asked.items()):
            status, content = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Nothing: tests read `Publisher.requests`."""
