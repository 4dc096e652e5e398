"""Pages that only a browser can draw: what a page asks for is fetched here, by the rules of every other fetch.

The browser runs in a process of its own (`sources.web.browser_child`) and has no way to any network. All that its page
wants comes through `BrowserFetch`: http and https alone, no private host that the definition does not name, redirects
judged one by one, robots.txt for pages and for what scripts ask for, so many requests and bytes. A secret of the
definition, and a login, are filled in on the way out: the browser never has them. One browser runs at a time.
"""

from __future__ import annotations

import contextvars
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
from requests.cookies import RequestsCookieJar

from model import Fetched, FetchError, Source, now
from sources.web.addresses import public_url, url_problem
from sources.web.browser_child import (
    GRACE,
    OUT_OF_MEMORY,
    OUT_OF_TIME,
    TOLD,
    Drawn,
    Errand,
    Failed,
    Order,
    Supplied,
    kill_below,
    receive,
    send,
)
from sources.web.client import KEEPS_METHOD, REDIRECTS, Client, FetchLimits, target
from sources.web.connection import deadline, put_off, seconds_left
from sources.web.robots import Robots
from sources.web.secrets import Secrets, own_hosts

log = logging.getLogger("tallybook")

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AT_ONCE = 6
"""Requests of one page that run side by side."""

_ONE = threading.BoundedSemaphore(1)
_JUDGED_BY_ROBOTS = frozenset(("document", "xhr", "fetch"))
_NOT_SENT = re.compile(r"host|user-agent|accept-encoding|content-length|connection|if-.*|sec-.*", re.IGNORECASE)
_NOT_GIVEN = re.compile(r"content-(?:encoding|length)|transfer-encoding|connection|keep-alive|alt-svc", re.IGNORECASE)
_PERSONAL = frozenset(("authorization", "cookie"))
_NAMED_IN_BROWSER = re.compile(r"\$%7B(\w+)%7D", re.IGNORECASE)
_LANG = re.compile(rb"""(?i)<html\b[^>]{0,400}?\blang\s*=\s*["']?([a-z]{2}(?:-[a-z]{2})?)\b""")
_ENVIRONMENT = ("PATH", "HOME", "PLAYWRIGHT_BROWSERS_PATH", "LD_LIBRARY_PATH")


class FirstPage(NamedTuple):
    """The page to be drawn as it was fetched: its whole address, with login and secrets, and the cookies for it."""

    url: str
    fetched: Fetched
    cookies: str


def browser_problem(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Why no page can be drawn here, and what to do about it; None where one can."""
    if find_spec("playwright") is None:
        return "fetch: browser needs Playwright, which is not installed", "pip install 'tallybook[browser]'"
    named = environment.get("TALLYBOOK_CHROMIUM")
    if named and shutil.which(named) is None:
        return f"TALLYBOOK_CHROMIUM names {named}, which is no program", "give the path of Chromium"
    if chromium(environment) is None and not any(_own_browsers(environment).glob("chromium*")):
        hint = "install chromium, name it as TALLYBOOK_CHROMIUM, or run playwright install chromium"
        return "fetch: browser finds no Chromium", hint
    return None


def chromium(environment: Mapping[str, str]) -> str | None:
    """Where Chromium lies: as it is named, else on the path; None leaves it to Playwright to find its own."""
    return environment.get("TALLYBOOK_CHROMIUM") or next((path for path in map(shutil.which, NAMES) if path), None)


def _own_browsers(environment: Mapping[str, str]) -> Path:
    cache = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path(environment.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / cache / "ms-playwright")


class BrowserFetch:
    """One page that is drawn, and what it asks for meanwhile."""

    def __init__(self, client: Client, robots: Robots, source: Source, secrets: Secrets, limits: FetchLimits) -> None:
        self._client, self._robots, self._source, self._secrets, self._limits = client, robots, source, secrets, limits
        self._lock = threading.Lock()
        self._requests = self._bytes = self._pages = 0
        self._refused: list[str] = []

    def draw(self, first: FirstPage, environment: Mapping[str, str]) -> Fetched:
        """Draw a page that was fetched: its markup as a browser has it in the end, and a picture.

        Raises `FetchError`: `no_browser`, `browser`, `not_drawn`, `timeout`, `too_large`, `too_many_requests`, and what
        a further page that it leads to is refused for.
        """
        if (problem := browser_problem(environment)) is not None:
            raise FetchError("no_browser", problem[0], hint=problem[1])
        if os.geteuid() == 0:
            log.warning("%s: the browser runs without its sandbox, since this is root", self._source.id)
        limits = self._limits.drawing
        with deadline(min(limits.seconds, seconds_left())), _folder() as folder:
            order = Order(
                url=self._shown(first.url), wait_for=self._source.wait_for, chromium=chromium(environment),
                folder=folder, seconds=seconds_left(), most_bytes=limits.page, memory=limits.memory,
                locale=_language_of(first.fetched.content or b""), timezone=self._source.calendar or "UTC",
            )  # fmt: skip
            told = _ordered(order, environment, lambda errand: self._answer(errand, first))
        if isinstance(told, Failed):
            also = f"; it was refused this: {self._refused[0]}" if self._refused else ""
            message = f"{first.fetched.url} {told.message}{also}"
            raise FetchError(told.reason, message, status=first.fetched.status, content=told.markup)
        url = first.fetched.url if self._pages == 1 else public_url(self._secrets.hidden(self._whole(told.url, first)))
        headers = {name: first.fetched.headers[name] for name in ("Date",) if name in first.fetched.headers}
        return Fetched(
            url=url, at=first.fetched.at, status=first.fetched.status, content=told.markup, media_type="text/html",
            charset="utf-8", headers=headers, picture=told.picture,
        )  # fmt: skip

    def _shown(self, url: str) -> str:
        """An address as the browser has it: without login, its secrets as they are named."""
        parts = urlsplit(self._secrets.hidden(url))
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    def _whole(self, url: str, first: FirstPage) -> str:
        """An address as it is asked: with the login and the secrets of the definition, on its own hosts alone."""
        url = self._secrets.address(_NAMED_IN_BROWSER.sub(r"${\1}", url))
        mine, asked = urlsplit(first.url), urlsplit(url)
        if "@" in mine.netloc and mine.netloc.rpartition("@")[2] == asked.netloc:
            return asked._replace(netloc=mine.netloc).geturl()
        return url

    def _answer(self, errand: Errand, first: FirstPage) -> Supplied:
        """The answer to a request of the page. Raises `FetchError` where the look is to end for it."""
        self._count(errand, first.fetched.url)
        if errand.main and self._pages == 1:
            charset = f"; charset={first.fetched.charset}" if first.fetched.charset else ""
            headers = {"Content-Type": f"text/html{charset}", "Set-Cookie": first.cookies.replace("; ", "\n")}
            return Supplied(number=errand.number, status=200, headers=headers, body=first.fetched.content or b"")
        try:
            return self._fetched(errand, self._whole(errand.url, first))
        except FetchError as error:
            self._secrets.hide(error)
            if errand.main or error.reason == "too_large":
                raise
            self._refused.append(error.message)
            return Supplied(number=errand.number, status=0)

    def _count(self, errand: Errand, shown: str) -> None:
        with self._lock:
            self._requests += 1
            self._pages += errand.main
            if self._requests > self._limits.drawing.requests:
                told = f"{shown} asks for more than {self._limits.drawing.requests} things"
                raise FetchError("too_many_requests", told)
            if self._pages > self._limits.max_redirects + 1:
                raise FetchError("redirects", f"{shown} leads on more than {self._limits.max_redirects} times")

    def _fetched(self, errand: Errand, url: str) -> Supplied:
        """Fetch what the page asks for; redirects are followed here, but those of the page itself by the browser."""
        question = _Question.of(errand, url)
        for _ in range(self._limits.max_redirects + 1):
            with closing(self._ask(errand.kind, question)) as response:
                if response.status_code not in REDIRECTS:
                    return self._supplied(errand.number, response, question.url)
                to = target(response, question.url)
            if errand.main:
                leads = f'<meta http-equiv="refresh" content="0; url={escape(self._shown(to))}">'.encode()
                return Supplied(number=errand.number, status=200, headers={"Content-Type": "text/html"}, body=leads)
            question = question.led_to(to, response.status_code)
        raise FetchError("redirects", f"{public_url(url)} redirects more than {self._limits.max_redirects} times")

    def _ask(self, kind: str, question: _Question) -> requests.Response:
        url, headers, post = question
        private = self._source.allow_private_addresses and urlsplit(url).hostname in own_hosts(self._source)
        if self._source.ignore_robots is None and kind in _JUDGED_BY_ROBOTS and url_problem(url) is None:
            self._robots.check(url, private=private)
        return self._client.ask(url, headers, RequestsCookieJar(), private=private, post=post)

    def _supplied(self, number: int, response: requests.Response, url: str) -> Supplied:
        content = self._client.content(response, url)
        with self._lock:
            self._bytes += len(content)
            if self._bytes > self._limits.max_bytes:
                raise FetchError("too_large", f"what the page asks for has more than {self._limits.max_bytes} bytes")
        headers = {name: value for name, value in response.headers.items() if not _NOT_GIVEN.fullmatch(name)}
        headers["Set-Cookie"] = "\n".join(response.raw.headers.getlist("Set-Cookie"))
        answer = Fetched(url=url, at=now(), status=response.status_code, content=content, headers=headers)
        answer = self._secrets.kept_out(answer)
        return Supplied(number=number, status=answer.status, headers=answer.headers, body=answer.content or b"")


class _Question(NamedTuple):
    """What is asked of a host for a page."""

    url: str
    headers: dict[str, str]
    post: bytes | None

    @classmethod
    def of(cls, errand: Errand, url: str) -> _Question:
        """What an errand is to ask; raises `FetchError` for a method that may change things."""
        if errand.method not in ("GET", "POST"):
            raise FetchError("scheme", f"{public_url(url)} is not asked by {errand.method}")
        headers = {name: value for name, value in errand.headers.items() if not _NOT_SENT.fullmatch(name)}
        return cls(url, headers, (errand.body or b"") if errand.method == "POST" else None)

    def led_to(self, url: str, status: int) -> _Question:
        """The same asked where a redirect leads; another host is not told who asks."""
        same = urlsplit(url).netloc == urlsplit(self.url).netloc
        headers = {name: value for name, value in self.headers.items() if same or name not in _PERSONAL}
        return _Question(url, headers, self.post if status in KEEPS_METHOD else None)


def _language_of(markup: bytes) -> str:
    """The language that a page says it is in, in which its scripts are to write numbers and days."""
    found = _LANG.search(markup[:65536])
    return found[1].decode() if found else "en-US"


@contextmanager
def browser_turn() -> Iterator[None]:
    """Wait for the one browser of this process, which is not the publisher's doing."""
    began = time.monotonic()
    with _ONE:
        put_off(time.monotonic() - began)
        yield


@contextmanager
def _folder() -> Iterator[str]:
    """A folder for all that a browser writes, which nobody keeps."""
    folder = tempfile.mkdtemp(prefix="tallybook-browser-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ordered(order: Order, environment: Mapping[str, str], answer: Callable[[Errand], Supplied]) -> Drawn | Failed:
    """Let a process of its own draw, and answer what it asks. Raises what answering raises."""
    known = {name: environment[name] for name in _ENVIRONMENT if name in environment}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "sources.web.browser_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=known | {"LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"},
        start_new_session=True,
    )
    pool, watch = ThreadPoolExecutor(AT_ONCE), threading.Timer(order.seconds + 2 * GRACE, _end, (child,))
    watch.start()
    try:
        return _talk(child, order, pool, answer)
    finally:
        watch.cancel()
        _end(child)
        pool.shutdown(wait=False, cancel_futures=True)
        for stream in filter(None, (child.stdin, child.stdout)):
            with suppress(OSError):
                stream.close()


def _talk(
    child: subprocess.Popen[bytes], order: Order, pool: ThreadPoolExecutor, answer: Callable[[Errand], Supplied]
) -> Drawn | Failed:
    assert child.stdin is not None
    assert child.stdout is not None
    to, lock, ended = child.stdin, threading.Lock(), list[BaseException]()

    def run(errand: Errand) -> None:
        try:
            supplied = answer(errand)
        except BaseException as error:  # told by whoever waits for the page
            ended.append(error)
            _end(child)
            return
        with lock, suppress(OSError, ValueError):
            send(to, supplied)

    with suppress(OSError):
        send(to, order)
    while isinstance(told := receive(child.stdout, TOLD), Errand):
        pool.submit(contextvars.copy_context().run, run, told)
    if ended:
        raise ended[0]
    if told is None:
        code = child.wait()
        why = {
            OUT_OF_MEMORY: ("too_heavy", f"needs more than {order.memory // 2**20} MiB to be drawn"),
            OUT_OF_TIME: ("timeout", f"was not drawn within {order.seconds:.0f} s"),
        }
        reason, message = why.get(code, ("browser", f"could not be drawn: the browser's process ended with {code}"))
        return Failed(reason=reason, message=message)
    return told


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a browser's process and all below it."""
    child.terminate()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        kill_below(child.pid)
        child.kill()
        child.wait()
