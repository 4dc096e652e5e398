"""robots.txt, asked once a host and run and obeyed as RFC 9309 says: what is refused, and how slowly to ask.

No robots.txt (a status of 4xx) allows everything. One that cannot be had just now (5xx, or no answer) forbids
everything until it can; so does 429, which asks for patience rather than saying that there is none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from model import BlockedError, FetchError

TOKEN = "Tallybook"
"""The name under which a robots.txt may speak of us, whatever else the user agent says."""

MOST_BYTES = 512 * 1024
KEPT_SECONDS, KEPT_FAILED_SECONDS = 24 * 3600.0, 60.0


class Rules(NamedTuple):
    """What a host's robots.txt says to us; `delay` is in seconds, None where it names none."""

    may_ask: Callable[[str], bool]
    delay: float | None


class _Kept:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rules: Rules | None = None
        self.error: FetchError | None = None
        self.until = 0.0


class Robots:
    """The rules of all hosts of a run. `get` asks for an address and returns (status, beginning of the body)."""

    def __init__(
        self, get: Callable[[str, bool], tuple[int, bytes]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._get, self._clock = get, clock
        self._hosts: dict[tuple[str, bool], _Kept] = {}
        self._lock = threading.Lock()

    def check(self, url: str, *, private: bool) -> float | None:
        """Raise `BlockedError` `robots` where the host's robots.txt refuses an address; else its crawl delay, if any.

        `private` says whether hosts of private networks may be asked. Raises the `FetchError` with which asking for
        the robots.txt ended, or `robots_unreachable`.
        """
        rules = self._rules(_robots_url(url), private)
        if not rules.may_ask(url):
            raise BlockedError("robots", f"{_robots_url(url)} asks that {urlsplit(url).path or '/'} be left alone")
        return rules.delay

    def _rules(self, url: str, private: bool) -> Rules:
        with self._lock:
            kept = self._hosts.setdefault((url, private), _Kept())
        with kept.lock:
            if self._clock() >= kept.until:
                self._ask(url, private, kept)
            if kept.rules is not None:
                return kept.rules
            assert kept.error is not None
            raise FetchError(kept.error.reason, kept.error.message, status=kept.error.status)

    def _ask(self, url: str, private: bool, kept: _Kept) -> None:
        try:
            status, body = self._get(url, private)
            if status >= 500 or status == 429:
                message = f"{url} answered {status}, and what it allows is not known"
                raise FetchError("robots_unreachable", message, status=status)
            kept.rules, kept.error = (read_rules(body) if status < 300 else _EVERYTHING), None
            kept.until = self._clock() + KEPT_SECONDS
        except FetchError as error:
            # Rules that were had before stay good while no newer ones can be had. A host that does not answer is asked
            # again at once: whether it is left alone is not for the rules to say.
            passing = error.reason == "robots_unreachable" or kept.rules is not None
            kept.error, kept.until = error, self._clock() + (KEPT_FAILED_SECONDS if passing else 0.0)


def read_rules(body: bytes) -> Rules:
    """Read a robots.txt; what cannot be read in it says nothing."""
    from protego import Protego

    found = Protego.parse(body[:MOST_BYTES].decode("utf-8-sig", "replace").replace("\0", ""))
    delay = found.crawl_delay(TOKEN)
    rate = found.request_rate(TOKEN)
    if delay is None and rate is not None and rate.requests:
        delay = rate.seconds / rate.requests
    return Rules(lambda url: bool(found.can_fetch(url, TOKEN)), None if delay is None else float(delay))


_EVERYTHING = Rules(lambda _: True, None)


def _robots_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"
