"""Manners towards hosts: how many requests at once, how close together, and when a host that fails is left alone."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import msgspec

from model import BlockedError, FetchError

LONGEST_DELAY = 300.0
"""Seconds between two requests that a robots.txt can ask for at most."""

LONGEST_REST = 3600.0
"""Seconds for which a host that asked for it (Retry-After), or keeps failing, is left alone at most."""


POLL = 0.2
"""Seconds between two looks whether another process has let go of a host."""

ASKED_OTHERS = "another run was asked to (Retry-After)"


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """How hosts are treated, times in seconds.

    `spacing` lies between the end of one report and the next request, of which at most `connections` run at once.
    What may pass is tried `retries` times more, after pauses that begin at `backoff` and double; a host that asks for
    up to `patience` is waited for. After `failures` fetches in a row that did not reach a host it is left alone for
    `rest`, which doubles each time.
    """

    spacing: float = 1.0
    connections: int = 1
    retries: int = 2
    backoff: float = 1.0
    patience: float = 30.0
    failures: int = 3
    rest: float = 15.0


class _Host:
    """What is known of one host; times are those of the monotonic clock."""

    def __init__(self, manners: Manners) -> None:
        self.slots = threading.BoundedSemaphore(manners.connections)
        self.lock = threading.Lock()
        self.spacing = manners.spacing
        self.free_at = 0.0
        self.failures = 0
        self.openings = 0
        self.closed_until = 0.0
        self.why, self.is_down = "", False


class SharedTurns(Protocol):
    """Whose turn it is with each host, over all processes that share a ledger; times in seconds."""

    def take(self, host: str, spacing: float) -> float:
        """Take a host's turn: 0 where it is ours now, else for how long it is certainly not.

        Where whoever held it was stopped, its last request may be no older than now: `spacing` is waited for.
        """

    def give_back(self, host: str, rest: float) -> None:
        """Let go of a host, which nobody may ask for so long yet."""


class Hosts:
    """Whose turn it is with each host; shared by all threads of a run, and with other processes where `share` says how.

    `clock`, `sleep` and `chance` (a number between two others) stand for the machine's own.
    """

    def __init__(
        self,
        manners: Manners,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.manners = manners
        self._shared: SharedTurns | None = None
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def share(self, turns: SharedTurns) -> None:
        """Take turns with other processes; where a host may have several connections each process has its own."""
        self._shared = turns if self.manners.connections == 1 else None

    @contextmanager
    def turn(self, name: str, *, follows: bool = False) -> Iterator[float]:
        """Wait for this host's turn and hold it; gives the seconds waited.

        `follows` says that the host itself sent us here just now, which needs no spacing. Where the host is to be left
        alone raises `FetchError` `host_down`, or `BlockedError` `rate_limited` beyond our patience.
        """
        host, begun = self._of(name), self._clock()
        with host.slots:
            with host.lock:
                rest = self._rest_of(name, host)
                now = self._clock()
                start = max(now + rest, now if follows else host.free_at)
                host.free_at = start + host.spacing
            if start > now:
                self._sleep(start - now)
            if not follows:
                self._wait_for_others(name, host)
            try:
                yield self._clock() - begun
            finally:
                self._give_back(name, host, shared=not follows)

    def _wait_for_others(self, name: str, host: _Host) -> None:
        """Take a host's turn from the other processes. Raises `BlockedError` where one was told to leave it alone."""
        while self._shared and (left := self._shared.take(name, host.spacing)):
            if left > LONGEST_DELAY:
                raise BlockedError("rate_limited", f"{name} is left alone for {left:.0f} s more: {ASKED_OTHERS}")
            self._sleep(min(left, POLL))

    def _give_back(self, name: str, host: _Host, *, shared: bool) -> None:
        with host.lock:
            now = self._clock()
            host.free_at = max(host.free_at, now + host.spacing)
            asked = 0.0 if host.is_down else host.closed_until - now
            rest = max(host.spacing, asked)
        if self._shared and shared:
            self._shared.give_back(name, rest)

    def slow_down(self, name: str, seconds: float) -> None:
        """Let at least so many seconds lie between two requests to a host, five minutes at most."""
        host = self._of(name)
        with host.lock:
            host.spacing = max(self.manners.spacing, min(seconds, LONGEST_DELAY))

    def leave_alone(self, name: str, seconds: float, why: str) -> None:
        """Ask a host for nothing for so many seconds, an hour at most: it said so."""
        host = self._of(name)
        with host.lock:
            host.closed_until = max(host.closed_until, self._clock() + min(seconds, LONGEST_REST))
            host.why, host.is_down = why, False

    def answered(self, name: str) -> None:
        """A host was reached: what failed before is forgotten."""
        host = self._of(name)
        with host.lock:
            host.failures = host.openings = 0

    def failed(self, name: str, why: str) -> None:
        """A host could not be reached; after a few times in a row it is left alone for a while."""
        host = self._of(name)
        with host.lock:
            host.failures += 1
            if host.failures < self.manners.failures:
                return
            rest = min(self.manners.rest * 2**host.openings, LONGEST_REST) * self._chance(0.75, 1.25)
            host.openings += 1
            host.closed_until = self._clock() + rest
            host.why, host.is_down = f"it failed {host.failures} times in a row, the last time so: {why}", True

    def resting(self, name: str) -> float:
        """Seconds for which a host is still to be left alone."""
        host = self._of(name)
        with host.lock:
            return max(host.closed_until - self._clock(), 0.0)

    def pause(self, attempt: int) -> float:
        """Seconds to wait after a failed attempt (0 is the first): twice as long each time, give or take a half."""
        return self.manners.backoff * 2.0**attempt * self._chance(0.5, 1.5)

    def _rest_of(self, name: str, host: _Host) -> float:
        """Seconds that a host still rests; raises where that is longer than it is waited for."""
        left = host.closed_until - self._clock()
        if left <= 0:
            return 0.0
        if not host.is_down and left <= self.manners.patience:
            return left
        message = f"{name} is left alone for {left:.0f} s more: {host.why}"
        if host.is_down:
            raise FetchError("host_down", message)
        raise BlockedError("rate_limited", message)

    def _of(self, name: str) -> _Host:
        with self._lock:
            if name not in self._hosts:
                self._hosts[name] = _Host(self.manners)
            return self._hosts[name]
