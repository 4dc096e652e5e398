"""Fetching: one conditional GET of one address, bounded in time and bytes, ending in bytes or in a named error."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from types import TracebackType
from typing import NoReturn, Self
from urllib.parse import urlsplit

import msgspec
import requests
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header

from model import BlockedError, Fetched, FetchError, Source, now
from sources.advice import ADVICE
from sources.blocked import BLOCKED, blocked_reason, is_html
from sources.forms import true_charset
from sources.web.addresses import public_url, url_problem
from sources.web.client import KEEPS_METHOD, PERMANENT, REDIRECTS, USUAL_LIMITS, Client, FetchLimits, target, told
from sources.web.connection import deadline, put_off, seconds_left
from sources.web.hosts import Hosts, Manners, SharedTurns
from sources.web.retryafter import retry_after
from sources.web.robots import MOST_BYTES, Robots
from sources.web.secrets import Secrets, own_hosts

KEPT_HEADERS = ("ETag", "Last-Modified", "Content-Type", "Date", "Content-Length", "Retry-After", "Memento-Datetime")

_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_ANSWERS = frozenset({200, 203})
_GONE = frozenset({404, 410})
_PASSING = frozenset({429, 500, 502, 503, 504})
_PASSING_REASONS = frozenset({"unreachable", "connection", "truncated"})
_OF_THE_HOST = frozenset({"dns", "unreachable", "tls", "timeout", "rate_limited"})
_LONGEST_HEADER = 1024
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:+-]{1,40})""", re.IGNORECASE)
_SAYS = {
    "maintenance": "says that it is being maintained",
    "not_found": "says that the page is not there",
    "server_error": "says that its server fails",
    "error_answer": "is an error message",
    "script_shell": "is empty until scripts fill it",
}


class _FetchPath:
    """Where a fetch leads: the hosts and the address that were asked last, and the cookies that were set.

    `moved` is the address to which permanent redirects alone have led.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.moved: str | None = None
        self._for_good = True
        self.hosts: list[str] = []
        self.cookies = RequestsCookieJar()

    def redirected(self, status: int, there: str) -> None:
        """Remember a redirect; what follows one that is not permanent says nothing of where the address moved."""
        self._for_good = self._for_good and status in PERMANENT
        self.moved = there if self._for_good else self.moved


class Fetcher:
    """Fetches reports; one is shared by all threads and keeps connections, but no cookies, between fetches.

    `limits` say what one fetch may cost, `manners` how hosts are treated; each host's robots.txt is obeyed.
    Environment, `.netrc` and proxy variables have no say; `proxies` maps `http` and `https` to a proxy's address.
    Through a proxy, it is the proxy that resolves names: hosts known here as private are refused, and the rest is the
    proxy's to refuse. `environment` holds the secrets that addresses name.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        limits: FetchLimits = USUAL_LIMITS,
        proxies: dict[str, str] | None = None,
        manners: Manners | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._environment = environment
        self._client = Client(user_agent=user_agent, limits=limits, proxies=dict(proxies or {}))
        self._limits = limits
        self._hosts = Hosts(manners or Manners())
        self._robots = Robots(lambda url, private: self._client.small(url, private=private, size=MOST_BYTES))

    def fetch(
        self,
        source: Source,
        url: str | None = None,
        validators: Mapping[str, str] | None = None,
        *,
        post: str | None = None,
    ) -> Fetched:
        """Fetch an address of a source (its own by default); `content` is None where nothing changed (HTTP 304).

        `post` is the JSON that a search endpoint is asked with, by POST; where it redirects, a GET follows. Where the
        definition says so, a page is drawn by a browser (see `sources.web.browser`), whatever its validators.

        `validators` are the `ETag` and `Last-Modified` of the newest answer that was kept. What may pass is tried
        again within the time. Raises `BlockedError` where the publisher turns us away (words in `sources.blocked`,
        and `robots`), else `FetchError`: `bad_url`, `scheme`, `dns`, `private_address`, `unreachable`, `connection`,
        `tls`, `timeout`, `redirects`, `gone`, `http_status`, `too_large`, `truncated`, `encoding`, `host_down`,
        `robots_unreachable`, `maintenance`, `not_found`, `server_error`, `error_answer`, `script_shell`, `no_secret`,
        and for drawn pages those of `BrowserFetch.draw`.
        """
        named = url or source.url
        if named is None:
            raise FetchError("bad_url", f"{source.id} has no address of its own; name one of its releases")
        secrets = Secrets(source, self._environment)
        asked, post = secrets.address(named), secrets.posted(post)
        conditions = _conditions(validators or {}) if source.fetch == "plain" else {}
        with deadline(self._limits.total_timeout):
            for attempt in range(self._hosts.manners.retries + 1):
                path = _FetchPath(asked)
                try:
                    found = self._follow(source, path, conditions, post)
                    found = self._drawn(source, found, path, secrets) if source.fetch == "browser" else found
                    return secrets.kept_out(msgspec.structs.replace(found, moved=path.moved))
                except FetchError as error:
                    secrets.hide(error)
                    host = path.hosts[-1] if path.hosts else ""
                    if not self._may_pass(error, host, attempt):
                        self._count(error, host)
                        raise
        raise AssertionError("the last attempt raises")

    def share(self, turns: SharedTurns) -> None:
        """Ask hosts in turns with other processes."""
        self._hosts.share(turns)

    def close(self) -> None:
        """Close all connections that are kept."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _may_pass(self, error: FetchError, host: str, attempt: int) -> bool:
        """Pause after a failure that may pass; False where it is no such, or there were tries enough."""
        manners = self._hosts.manners
        if attempt >= manners.retries or not (error.status in _PASSING or error.reason in _PASSING_REASONS):
            return False
        pause = self._hosts.pause(attempt)
        if error.reason == "robots_unreachable" or pause >= seconds_left():
            return False
        if self._hosts.resting(host) > manners.patience:
            return False
        time.sleep(pause)
        return True

    def _count(self, error: FetchError, host: str) -> None:
        """Give a failure its advice, and let its host answer for what is not the page's fault alone."""
        error.hint = error.hint or ADVICE.get(error.reason)
        if error.reason in _OF_THE_HOST:
            self._hosts.failed(host, error.message)

    def _follow(self, source: Source, path: _FetchPath, conditions: dict[str, str], post: str | None) -> Fetched:
        """Ask, and follow redirects, which `path` remembers."""
        asked = path.url
        for _ in range(self._limits.max_redirects + 1):
            problem = url_problem(path.url)
            if problem:
                raise FetchError(*problem)
            host = urlsplit(path.url).hostname or ""
            follows = path.hosts[-1:] == [host]
            path.hosts.append(host)
            with self._hosts.turn(host, follows=follows) as waited:
                put_off(waited)
                found = self._once(source, path, conditions, post)
            if isinstance(found, Fetched):
                return found
            path.url, post = found
        raise FetchError("redirects", f"{public_url(asked)} redirects more than {self._limits.max_redirects} times")

    def _drawn(self, source: Source, page: Fetched, path: _FetchPath, secrets: Secrets) -> Fetched:
        """A page as a browser draws it, while its host has no other turn; what is no page stays as it came."""
        from sources.web.browser import (  # asyncio and more, which few sources need
            BrowserFetch,
            FirstPage,
            browser_turn,
        )

        if not is_html((page.content or b"")[:4096], page.media_type):
            return page
        request = requests.Request("GET", path.url).prepare()
        # The stubs of requests leave both functions of cookies untyped.
        cookies = get_cookie_header(path.cookies, request) or ""  # type: ignore[no-untyped-call]
        drawing = BrowserFetch(self._client, self._robots, source, secrets, self._limits)
        with browser_turn(), self._hosts.turn(path.hosts[-1], follows=True) as waited:
            put_off(waited)
            found = drawing.draw(FirstPage(path.url, page, cookies), self._environment)
        if (reason := blocked_reason(page.status, {"Content-Type": "text/html"}, found.content or b"")) is not None:
            _refuse(page.status, found.url, reason, found.content or b"")
        return found

    def _once(
        self, source: Source, path: _FetchPath, conditions: dict[str, str], post: str | None
    ) -> Fetched | tuple[str, str | None]:
        """Ask one host, whose turn it is: its report, or the address that it sends us to and what to post there."""
        url = path.url
        host = urlsplit(url).hostname or ""
        private = source.allow_private_addresses and host in own_hosts(source)
        if source.ignore_robots is None:
            delay = self._robots.check(url, private=private)
            self._hosts.slow_down(host, delay or 0)
        content = post.encode() if post is not None else None
        with closing(self._client.ask(url, conditions, path.cookies, private=private, post=content)) as response:
            extract_cookies_to_jar(path.cookies, response.request, response.raw)  # type: ignore[no-untyped-call]
            if response.status_code in REDIRECTS:
                there = target(response, url)
                path.redirected(response.status_code, there)
                return there, post if response.status_code in KEEPS_METHOD else None
            found = self._answer(response, url, source, conditional=bool(conditions))
        self._hosts.answered(host)
        return found

    def _answer(self, response: requests.Response, url: str, source: Source, *, conditional: bool) -> Fetched:
        at, status, shown = now(), response.status_code, public_url(url)
        headers = _headers(response, source)
        if status == HTTPStatus.NOT_MODIFIED and conditional:
            response.raw.drain_conn()  # it has no body, and the connection serves the host's next source
            return Fetched(url=shown, at=at, status=status, content=None, headers=headers)
        read = self._client.content if status in _ANSWERS else lambda *_: self._client.beginning(response)
        content = read(response, url)
        reason = blocked_reason(status, response.headers, content)
        reason = None if reason == "script_shell" and _in_scripts(source) else reason
        if reason or status not in _ANSWERS:
            self._heed(url, headers.get("Retry-After", ""))
            _refuse(status, shown, reason, content)
        media_type, charset = _content_type(headers.get("Content-Type", ""))
        charset = true_charset(content, charset)
        return Fetched(
            url=shown, at=at, status=status, content=content, media_type=media_type, charset=charset, headers=headers
        )

    def _heed(self, url: str, header: str) -> None:
        """Leave a host alone for as long as it asks."""
        seconds = retry_after(header)
        if seconds:
            self._hosts.leave_alone(urlsplit(url).hostname or "", seconds, "it asked for that (Retry-After)")


def _refuse(status: int, shown: str, reason: str | None, content: bytes) -> NoReturn:
    if reason in BLOCKED:
        message = f"{shown} turns us away: {told(status, reason)}"
        raise BlockedError(reason, message, status=status, content=content)
    if reason is not None:
        message = f"{shown} answered {told(status)}, but it {_SAYS[reason]}"
        raise FetchError(reason, message, status=status, content=content)
    reason = "gone" if status in _GONE else "http_status"
    raise FetchError(reason, f"{shown} answered {told(status)}", status=status, content=content)


def _conditions(validators: Mapping[str, str]) -> dict[str, str]:
    found = {_CONDITIONS[name.lower()]: value for name, value in validators.items() if name.lower() in _CONDITIONS}
    return {name: value for name, value in found.items() if value.isascii() and value.isprintable() and value.strip()}


def _in_scripts(source: Source) -> bool:
    """Whether what is read stands in the script itself, or its address does, or the script is to be run first."""
    return bool(source.embedded or source.listing or source.fetch == "browser")


def _headers(response: requests.Response, source: Source) -> dict[str, str]:
    """The headers that matter; where an answer comes in pages, also that of the next one, however long it is."""
    headers = {name: value for name in KEPT_HEADERS if (value := _kept(response, name)) is not None}
    if source.paging and (link := response.headers.get("Link")):
        headers["Link"] = "".join(sign if sign.isprintable() else "�" for sign in link)
    return headers


def _kept(response: requests.Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value if value is not None and len(value) <= _LONGEST_HEADER and value.isprintable() else None


def _content_type(header: str) -> tuple[str, str | None]:
    media_type = header.partition(";")[0].strip().lower()
    charset = _CHARSET.search(header)
    return media_type or "application/octet-stream", charset[1].lower() if charset else None
