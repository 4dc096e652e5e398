"""One request of one address: sent over a guarded connection, answered or failed by a named error."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from contextlib import closing, suppress
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from requests.cookies import RequestsCookieJar
from requests.utils import select_proxy

from model import FetchError, UsageError
from sources.web.addresses import public_url, url_problem
from sources.web.body import ACCEPTED, CHUNK, plain_parts, read_body
from sources.web.connection import Adapter, refuse_private, resolve, seconds_left

REDIRECTS = frozenset({301, 302, 303, 307, 308})

PERMANENT = frozenset({301, 308})
"""The redirects that say that an address has moved for good."""

_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


KEEPS_METHOD = frozenset({307, 308})


class DrawLimits(NamedTuple):
    """What drawing one page in a browser may cost: seconds, requests, bytes of the drawn page and of memory."""

    seconds: float = 60
    requests: int = 300
    page: int = 16 * 2**20
    memory: int = 1536 * 2**20


class FetchLimits(NamedTuple):
    """What one fetch may cost.

    `timeout` is the longest silence and `total_timeout` the longest fetch, in seconds, redirects and further tries
    included, waiting for the host's turn not; `max_bytes` counts after decompression.
    """

    timeout: float = 30
    total_timeout: float = 120
    max_bytes: int = 64 * 2**20
    max_redirects: int = 5
    drawing: DrawLimits = DrawLimits()


USUAL_LIMITS = FetchLimits()


class Client:
    """Sends requests; shared by all threads, it keeps connections but nothing else between two of them."""

    def __init__(self, *, user_agent: str, limits: FetchLimits, proxies: dict[str, str]) -> None:
        if not (user_agent.isascii() and user_agent.isprintable() and user_agent.strip()):
            raise UsageError(f"the user agent {user_agent!r} cannot be sent", "write it in plain ASCII")
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED}
        self._timeout, self._total_timeout, self._max_bytes = limits.timeout, limits.total_timeout, limits.max_bytes
        self._proxies = proxies
        # A connection to a private host, made for a source that may, must never serve one that may not.
        self._public = Adapter(guarded=True, pool_connections=64, pool_maxsize=8)
        self._any = Adapter(guarded=False, pool_connections=64, pool_maxsize=8)

    def close(self) -> None:
        """Close all connections that are kept."""
        self._public.close()
        self._any.close()

    def ask(
        self,
        url: str,
        headers: dict[str, str],
        cookies: RequestsCookieJar,
        *,
        private: bool,
        post: bytes | None = None,
    ) -> requests.Response:
        """Send one request; the answer's body is still to be read.

        `private`: hosts of private networks may be asked. `post`: what is sent by POST; JSON unless the
        headers say otherwise.
        """
        problem = url_problem(url)
        if problem:
            raise FetchError(*problem)
        try:
            request = requests.Request("GET", url, headers=self._headers | headers, cookies=cookies)
            if post is not None:
                request.method, request.data = "POST", post
                request.headers = self._headers | {"Content-Type": "application/json"} | headers
            prepared = request.prepare()
        except (requests.RequestException, ValueError):
            # The causes quote the address with its password.
            raise FetchError("bad_url", f"{public_url(url)} is no address that can be asked") from None
        if not private:
            self._refuse_behind_proxy(url)
        idle = min(self._timeout, seconds_left())
        try:
            if idle <= 0:
                raise TimeoutError("the deadline has passed")
            adapter = self._any if private else self._public
            return adapter.send(prepared, stream=True, timeout=idle, proxies=self._proxies)
        except _FAILURES as error:
            raise self._named(error, url, "connection") from None

    def content(self, response: requests.Response, url: str) -> bytes:
        """The whole body, decompressed; raises `FetchError` where it is too long, cut short or broken."""
        length = response.headers.get("Content-Length", "")
        shown = public_url(url)
        if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > self._max_bytes:
            raise FetchError("too_large", f"{shown}: the answer is longer than {self._max_bytes} bytes ({length})")
        try:
            return read_body(_chunks(response), response.headers.get("Content-Encoding", ""), self._max_bytes)
        except FetchError as error:
            raise FetchError(error.reason, f"{shown}: {error.message}", status=response.status_code) from None
        except _FAILURES as error:
            raise self._named(error, url, "truncated", response.status_code) from None

    def beginning(self, response: requests.Response, size: int = CHUNK) -> bytes:
        """So many bytes of the body at most, or what of them could be had."""
        content = b""
        with suppress(FetchError, *_FAILURES):
            for part in plain_parts(_chunks(response), response.headers.get("Content-Encoding", "")):
                content += part
                if len(content) >= size:
                    break
        return content[:size]

    def small(self, url: str, *, private: bool, size: int, redirects: int = 5) -> tuple[int, bytes]:
        """Ask for something small, redirects followed: (status, the beginning of its body).

        More redirects than that count as 404. A host that may be private is that of `url` alone.
        """
        first = urlsplit(url).hostname
        for _ in range(redirects + 1):
            with closing(self.ask(url, {}, RequestsCookieJar(), private=private)) as response:
                if response.status_code not in REDIRECTS:
                    return response.status_code, self.beginning(response, size)
                url = target(response, url)
                private = private and urlsplit(url).hostname == first
        return HTTPStatus.NOT_FOUND, b""

    def _refuse_behind_proxy(self, url: str) -> None:
        if self._proxies and select_proxy(url, self._proxies):
            parts = urlsplit(url)
            addresses: list[str] = []
            with suppress(FetchError):  # a network behind a proxy often resolves no outside names
                addresses = resolve(parts.hostname or "", parts.port)
            refuse_private(parts.hostname or "", addresses)

    def _named(self, error: Exception, url: str, otherwise: str, status: int | None = None) -> FetchError:
        causes = list(_causes(error))
        found = (name for kinds, name in _REASONS if any(isinstance(cause, kinds) for cause in causes))
        reason = next(found, otherwise)
        sentence = _SENTENCES[reason].format(detail=_detail(causes[-1]))
        if reason == "timeout" and not seconds_left():
            sentence = f"took longer than {self._total_timeout:g} s in all"
        elif reason == "timeout":
            sentence = f"was silent for {self._timeout:g} s"
        return FetchError(reason, f"{public_url(url)} {sentence}", status=status)


def target(response: requests.Response, url: str) -> str:
    """The address that a redirect leads to; raises `FetchError` where it names none."""
    location = response.headers.get("Location", "")
    if not location.strip():
        message = f"{public_url(url)} answered {told(response.status_code)} without saying where to"
        raise FetchError("redirects", message, status=response.status_code)
    with suppress(UnicodeError):  # http.client reads headers as Latin-1; addresses there are UTF-8
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url, location.strip())
    except ValueError:
        raise FetchError("bad_url", f"{public_url(url)} redirects to an address that cannot be read") from None


def told(status: int, blocked: str | None = None) -> str:
    """An answer's status in words, such as `403 Forbidden (challenge)`."""
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    return f"{phrase} ({blocked.replace('_', ' ')})" if blocked else phrase


_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((TimeoutError, urllib3.exceptions.TimeoutError), "timeout"),
    ((ssl.SSLError, urllib3.exceptions.SSLError), "tls"),
    ((http.client.IncompleteRead, urllib3.exceptions.InvalidChunkLength), "truncated"),
    ((ConnectionError, http.client.HTTPException), "connection"),
    ((requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, UnicodeError), "bad_url"),
    ((urllib3.exceptions.LocationValueError,), "bad_url"),
)


_SENTENCES = {
    "timeout": "",
    "tls": "offers no trusted connection ({detail})",
    "truncated": "answered, and the answer ends too early",
    "connection": "broke the connection ({detail})",
    "bad_url": "is no address that can be asked",
}


def _causes(error: BaseException) -> Iterator[BaseException]:
    # requests and urllib3 wrap one another; what happened is at the bottom, as an argument or a `reason`.
    for _ in range(10):
        yield error
        inner = [getattr(error, "reason", None), *reversed(error.args), error.__cause__, error.__context__]
        deeper = next((each for each in inner if isinstance(each, BaseException)), None)
        if deeper is None:
            return
        error = deeper


def _detail(error: BaseException) -> str:
    text = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or str(error)
    return " ".join(str(text or type(error).__name__).split())[:200]


def _chunks(response: requests.Response) -> Iterator[bytes]:
    chunks: Iterator[bytes] = response.raw.stream(CHUNK, decode_content=False)
    return chunks
