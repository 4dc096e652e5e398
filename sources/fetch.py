"""Fetching: one conditional GET of one address, bounded in time and bytes, ending in bytes or in a named error."""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar
from requests.utils import select_proxy

from model import BlockedError, Fetched, FetchError, Source, UsageError, now
from sources.addresses import public_url, url_problem
from sources.blocked import blocked_reason
from sources.body import CHUNK, plain_parts, read_body
from sources.connection import Adapter, deadline, refuse_private, resolve, seconds_left

KEPT_HEADERS = ("ETag", "Last-Modified", "Content-Type", "Date", "Content-Length", "Retry-After")

_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
_ANSWERS = frozenset({200, 203})
_LONGEST_HEADER = 1024
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:+-]{1,40})""", re.IGNORECASE)
_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


class Fetcher:
    """Fetches reports; one is shared by all threads and keeps connections, but no cookies, between fetches.

    `timeout` is the longest silence and `total_timeout` the longest fetch, in seconds, redirects included;
    `max_bytes` counts after decompression. Environment, `.netrc` and proxy variables have no say; `proxies` maps
    `http` and `https` to a proxy's address. Through a proxy, it is the proxy that resolves names: hosts known here
    as private are refused, and the rest is the proxy's to refuse.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        timeout: float = 30,
        total_timeout: float = 120,
        max_bytes: int = 64 * 2**20,
        max_redirects: int = 5,
        proxies: dict[str, str] | None = None,
    ) -> None:
        if not (user_agent.isascii() and user_agent.isprintable() and user_agent.strip()):
            raise UsageError(f"the user agent {user_agent!r} cannot be sent", "write it in plain ASCII")
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        self._timeout, self._total_timeout = timeout, total_timeout
        self._max_bytes, self._max_redirects = max_bytes, max_redirects
        self._proxies = dict(proxies or {})
        # A connection to a private host, made for a source that may, must never serve one that may not.
        self._public = Adapter(guarded=True, pool_connections=64, pool_maxsize=8)
        self._any = Adapter(guarded=False, pool_connections=64, pool_maxsize=8)

    def fetch(
        self,
        source: Source,
        url: str | None = None,
        validators: Mapping[str, str] | None = None,
        *,
        post: str | None = None,
    ) -> Fetched:
        """Fetch an address of a source (its own by default); `content` is None where nothing changed (HTTP 304).

        `post` is the JSON that a search endpoint is asked with, by POST; where it redirects, a GET follows.

        `validators` are the `ETag` and `Last-Modified` of the newest answer that was kept. Raises `BlockedError`
        where the publisher turns us away (see `blocked_reason`), else `FetchError`: `bad_url`, `scheme`, `dns`,
        `private_address`, `connection`, `tls`, `timeout`, `redirects`, `http_status`, `too_large`, `truncated`,
        `encoding`.
        """
        asked = url or source.url
        if asked is None:
            raise FetchError("bad_url", f"{source.id} has no address of its own; name one of its releases")
        headers = self._headers | _conditions(validators or {})
        with deadline(self._total_timeout):
            response, url = self._follow(source, asked, headers, post)
            with closing(response):
                return self._answer(response, url, conditional=len(headers) > len(self._headers))

    def close(self) -> None:
        """Close all connections that are kept."""
        self._public.close()
        self._any.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _follow(
        self, source: Source, url: str, headers: dict[str, str], post: str | None
    ) -> tuple[requests.Response, str]:
        adapter = self._any if source.allow_private_addresses else self._public
        cookies = RequestsCookieJar()
        asked = url
        for _ in range(self._max_redirects + 1):
            response = self._ask(adapter, url, headers, cookies, post)
            if response.status_code not in _REDIRECTS:
                return response, url
            with closing(response):
                extract_cookies_to_jar(cookies, response.request, response.raw)  # type: ignore[no-untyped-call]
                url, post = _target(response, url), post if response.status_code in _KEEPS_METHOD else None
        raise FetchError("redirects", f"{public_url(asked)} redirects more than {self._max_redirects} times")

    def _ask(
        self, adapter: Adapter, url: str, headers: dict[str, str], cookies: RequestsCookieJar, post: str | None
    ) -> requests.Response:
        problem = url_problem(url)
        if problem:
            raise FetchError(*problem)
        try:
            request = requests.Request("GET", url, headers=headers, cookies=cookies)
            if post is not None:
                request.method, request.data = "POST", post.encode()
                request.headers = headers | {"Content-Type": "application/json"}
            prepared = request.prepare()
        except (requests.RequestException, ValueError):
            # The causes quote the address with its password.
            raise FetchError("bad_url", f"{public_url(url)} is no address that can be asked") from None
        if adapter is self._public:
            self._refuse_behind_proxy(url)
        idle = min(self._timeout, seconds_left())
        try:
            if idle <= 0:
                raise TimeoutError("the deadline has passed")
            return adapter.send(prepared, stream=True, timeout=idle, proxies=self._proxies)
        except _FAILURES as error:
            raise self._named(error, url, "connection") from None

    def _refuse_behind_proxy(self, url: str) -> None:
        if self._proxies and select_proxy(url, self._proxies):
            parts = urlsplit(url)
            addresses: list[str] = []
            with suppress(FetchError):  # a network behind a proxy often resolves no outside names
                addresses = resolve(parts.hostname or "", parts.port)
            refuse_private(parts.hostname or "", addresses)

    def _answer(self, response: requests.Response, url: str, *, conditional: bool) -> Fetched:
        at, status, shown = now(), response.status_code, public_url(url)
        headers = {name: value for name in KEPT_HEADERS if (value := _kept(response, name)) is not None}
        if status == HTTPStatus.NOT_MODIFIED and conditional:
            return Fetched(url=shown, at=at, status=status, content=None, headers=headers)
        content = self._content(response, url) if status in _ANSWERS else self._beginning(response)
        blocked = blocked_reason(status, response.headers, content)
        if blocked:
            raise BlockedError(blocked, f"{shown} turns us away: {_told(response, blocked)}", status=status)
        if status not in _ANSWERS:
            raise FetchError("http_status", f"{shown} answered {_told(response)}", status=status)
        media_type, charset = _content_type(headers.get("Content-Type", ""))
        return Fetched(
            url=shown, at=at, status=status, content=content, media_type=media_type, charset=charset, headers=headers
        )

    def _content(self, response: requests.Response, url: str) -> bytes:
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

    def _beginning(self, response: requests.Response) -> bytes:
        content = b""
        with suppress(FetchError, *_FAILURES):
            for part in plain_parts(_chunks(response), response.headers.get("Content-Encoding", "")):
                content += part
                if len(content) >= CHUNK:
                    break
        return content

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


def _conditions(validators: Mapping[str, str]) -> dict[str, str]:
    found = {_CONDITIONS[name.lower()]: value for name, value in validators.items() if name.lower() in _CONDITIONS}
    return {name: value for name, value in found.items() if value.isascii() and value.isprintable() and value.strip()}


def _target(response: requests.Response, url: str) -> str:
    location = response.headers.get("Location", "")
    if not location.strip():
        message = f"{public_url(url)} answered {_told(response)} without saying where to"
        raise FetchError("redirects", message, status=response.status_code)
    with suppress(UnicodeError):  # http.client reads headers as Latin-1; addresses there are UTF-8
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url, location.strip())
    except ValueError:
        raise FetchError("bad_url", f"{public_url(url)} redirects to an address that cannot be read") from None


def _chunks(response: requests.Response) -> Iterator[bytes]:
    chunks: Iterator[bytes] = response.raw.stream(CHUNK, decode_content=False)
    return chunks


def _kept(response: requests.Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value if value is not None and len(value) <= _LONGEST_HEADER and value.isprintable() else None


def _content_type(header: str) -> tuple[str, str | None]:
    media_type = header.partition(";")[0].strip().lower()
    charset = _CHARSET.search(header)
    return media_type or "application/octet-stream", charset[1].lower() if charset else None


def _told(response: requests.Response, blocked: str | None = None) -> str:
    try:
        phrase = f"{response.status_code} {HTTPStatus(response.status_code).phrase}"
    except ValueError:
        phrase = str(response.status_code)
    return f"{phrase} ({blocked.replace('_', ' ')})" if blocked else phrase
