"""The review page as a server beside whatever else runs: it starts in a second and ends with its block."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from types import TracebackType

import uvicorn

from model import TallybookError, UsageError
from review.app import create_app
from review.office import Office
from review.patience import PatientProtocol

START_SECONDS = 30.0
BACKLOG = 64
"""So many connections are accepted in one go, and then room is made for them; more wait in the system's queue."""


def refuse_open_page(host: str, *, users: bool) -> None:
    """Raise `UsageError` for an address that others can reach while nobody could log in."""
    if not is_loopback(host) and not users:
        raise UsageError(
            f"{host} can be reached from outside, and there are no users", "first add one: tallybook users add NAME"
        )


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class PageServer:
    """Serves the review page from a thread for the length of a `with` block.

    Raises `UsageError` when the port is taken, `TallybookError` when the server does not come up.
    """

    def __init__(self, office: Office, host: str, port: int) -> None:
        self.host, self.port = host, port
        config = uvicorn.Config(
            create_app(office), log_level="error", access_log=False, server_header=False,
            proxy_headers=bool(office.proxies), forwarded_allow_ips=list(office.proxies), lifespan="off",
            timeout_graceful_shutdown=5, http=PatientProtocol, ws="none", backlog=BACKLOG,
        )  # fmt: skip
        self._server = uvicorn.Server(config)

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the page."""
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{here}]:{self.port}/" if ":" in here else f"http://{here}:{self.port}/"

    def __enter__(self) -> PageServer:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            self._socket = socket.create_server((self.host, self.port), family=family)
        except OSError as error:
            hint = "stop what uses the port, or serve with another --port"
            raise UsageError(f"{self.host} port {self.port} cannot be had: {error.strerror}", hint) from None
        self.port = self._socket.getsockname()[1]
        run = {"sockets": [self._socket]}
        self._thread = threading.Thread(target=self._server.run, kwargs=run, name="review-page", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise TallybookError("the review page did not start")
            time.sleep(0.02)
        return self

    def is_alive(self) -> bool:
        """Whether it serves still."""
        return self._thread.is_alive()

    def wait(self) -> None:
        """Serve until the process is told to leave."""
        while self._thread.is_alive():
            self._thread.join(1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(15)
        self._socket.close()
