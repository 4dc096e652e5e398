"""Connections that keep a deadline and reach public hosts only: what requests and urllib3 leave open.

A name is resolved once; every address found is judged, and the connection goes to an address so judged, so that a
second answer of the resolver (DNS rebinding) has no say. The peer of the connected socket is judged again before
anything is sent. Timeouts of urllib3 begin anew at every packet; the deadline here ends a fetch as a whole.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.connection import create_connection

from model import FetchError
from sources.web.addresses import address_problem

_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Within, this thread's connecting, waiting and reading together end after so many seconds."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float:
    """Seconds until the deadline, at least 0."""
    return max(_deadline.get() - time.monotonic(), 0.0)


def put_off(seconds: float) -> None:
    """Move the deadline: so long was waited for others, which is not the publisher's doing."""
    _deadline.set(_deadline.get() + seconds)


def resolve(host: str, port: int | None) -> list[str]:
    """The IP addresses of a host; raises `FetchError` `dns`. The system's resolver sets how long this may take."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        detail = getattr(error, "strerror", None) or "the name is malformed"
        raise FetchError("dns", f"{host} has no address ({detail})") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def refuse_private(host: str, addresses: list[str]) -> None:
    """Raise `FetchError` `private_address` where one of a host's addresses is not a public one."""
    for address in addresses:
        problem = address_problem(address)
        if problem:
            raise FetchError("private_address", f"{host} is not asked: {problem}")


class Adapter(HTTPAdapter):
    """A pool of connections that keep the deadline; `guarded`: to public hosts only (not through a proxy)."""

    def __init__(self, *, guarded: bool, **options: Any) -> None:
        self._guarded = guarded
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of the kind of connection that this adapter is for."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _GUARDED if self._guarded else _TIMED

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Make the pools of a proxy; the proxy itself may stand on a private address."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _TIMED
        return manager


class _TimedReads(io.RawIOBase):
    """A socket's bytes, each read bounded by the idle timeout and by the deadline of the whole fetch."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._idle = sock.gettimeout() or float("inf")
        self._deadline = _deadline.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = min(self._idle, self._deadline - time.monotonic())
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        self._sock.settimeout(left if left < float("inf") else None)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """An answer whose status line, headers and body keep the deadline, however slowly they drip."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_TimedReads(sock))


class _Http(HTTPConnection):
    response_class = _TimedResponse
    guarded = False

    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _Https(HTTPSConnection):
    response_class = _TimedResponse
    guarded = False

    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _GuardedHttp(_Http):
    guarded = True


class _GuardedHttps(_Https):
    guarded = True


def _connect(connection: _Http | _Https) -> socket.socket:
    host, port = connection.host, connection.port
    addresses = resolve(connection._dns_host, port)
    if connection.guarded:
        refuse_private(host, addresses)
    failure: OSError | None = None
    for address in addresses:
        try:
            sock = _connect_to(connection, address)
        except OSError as error:
            failure = error
            continue
        return sock
    if isinstance(failure, TimeoutError):
        raise FetchError("timeout", f"{host} did not take the connection in time")
    raise FetchError(
        "unreachable", f"{host}:{port} cannot be reached ({getattr(failure, 'strerror', None) or failure})"
    )


def _connect_to(connection: _Http | _Https, address: str) -> socket.socket:
    timeout = connection.timeout
    idle = float(timeout) if isinstance(timeout, int | float) else float("inf")
    left = min(idle, seconds_left())
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    sock = create_connection(
        (address, connection.port),
        left if left < float("inf") else None,
        source_address=connection.source_address,
        socket_options=connection.socket_options,
    )
    try:
        if connection.guarded:
            refuse_private(connection.host, [sock.getpeername()[0]])
    except BaseException:
        sock.close()
        raise
    return sock


def _pools(http_class: type[_Http], https_class: type[_Https]) -> dict[str, Any]:
    class Plain(HTTPConnectionPool):
        ConnectionCls = http_class

    class Secure(HTTPSConnectionPool):
        ConnectionCls = https_class

    return {"http": Plain, "https": Secure}


_TIMED = _pools(_Http, _Https)
_GUARDED = _pools(_GuardedHttp, _GuardedHttps)
