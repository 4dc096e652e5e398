"""How long the page's server waits for a request, and for how many at once: nobody keeps others out by being slow.

uvicorn has no time-out for a request's head or body, and no bound on connections; its h11 protocol is given both here.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS, BODY_SECONDS = 10.0, 30.0
"""So long a request's head may take, and its body after that; the address line counts as the head."""

MOST_CONNECTIONS = 512


def most_connections() -> int:
    """How many connections are kept: fewer than half of the files that this process may open."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(8, min(MOST_CONNECTIONS, soft // 2))


class PatientProtocol(H11Protocol):
    """One connection: cut when its request does not come in time, or when newer ones need its place.

    Where there are too many the one goes that has waited longest for the rest of a request; one that is being
    answered goes only where all are.
    """

    _deadline: asyncio.TimerHandle | None = None
    _in_body = False

    def connection_made(self, transport: Any) -> None:
        """Make room, and begin to wait for a request."""
        if len(self.connections) >= most_connections():
            _make_room(self.connections)
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait for what is missing of the request."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """After an answer the server's own time for keeping a connection counts, until a request begins."""
        super().on_response_complete()
        self._look(idle=True)

    @property
    def unfinished(self) -> bool:
        """Whether the rest of a request is awaited."""
        return self._deadline is not None

    def _look(self, *, idle: bool = False) -> None:
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            if not self._in_body:
                self._stop_waiting()
                self._in_body = True
                self._wait(BODY_SECONDS)
            return
        self._in_body = False
        if state is not h11.IDLE or idle:
            self._stop_waiting()
        elif self._deadline is None:
            self._wait(HEAD_SECONDS)

    def _wait(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.abort()


def _make_room(connections: set[Any]) -> None:
    waiting = [one for one in connections if isinstance(one, PatientProtocol)]
    # A set knows no order: the deadline tells which began to wait first.
    unfinished = [one for one in waiting if one.unfinished and not one.transport.is_closing()]
    ordered = sorted(unfinished, key=lambda one: one._deadline.when() if one._deadline else 0.0)
    for one in (ordered or waiting)[:1]:
        one._stop_waiting()
        one.transport.abort()
