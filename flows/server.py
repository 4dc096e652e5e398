"""Prefect's own server as a child process: started, waited for, watched, and stopped with us. Imports no Prefect."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from model import TallybookError, UsageError

AUTH = "PREFECT_SERVER_API_AUTH_STRING"
START_SECONDS = 180.0
STOP_SECONDS = 20.0
SERVER = {
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P3D",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": '["events", "flow_runs"]',
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "1209600",
}
"""Environment defaults of the server: events are kept three days, runs two weeks (one setting takes no seconds)."""


def refuse_open_address(host: str) -> None:
    """Raise `UsageError` for an address that others can reach, unless the server asks them for its auth string.

    Prefect's API has no login of its own accord and lets whoever reaches it run code.
    """
    if not (host == "localhost" or _is_loopback(host)) and not os.environ.get(AUTH):
        raise UsageError(
            f"{host} can be reached from outside, and Prefect's API lets whoever reaches it run code",
            f"serve on 127.0.0.1, or set {AUTH} to a long user:password first",
        )


def api_address(host: str, port: int) -> str:
    """The address at which a client on this machine finds the API of a server bound to `host`."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{here}]:{port}/api" if ":" in here else f"http://{here}:{port}/api"


def is_healthy(api: str) -> bool:
    """Whether a Prefect server answers at this API address and is well."""
    parts = urlsplit(api)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", f"{parts.path}/health")
        answer = connection.getresponse()
        return answer.status == 200 and answer.read(100).strip() == b"true"
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


class PrefectServer:
    """A running Prefect server for the length of a `with` block.

    Raises `UsageError` when the port is taken, `TallybookError` when the server does not come up or stops by itself;
    in the latter case this process is sent SIGTERM, so that whatever runs in the block ends too.
    """

    def __init__(self, host: str, port: int, home: Path, *, start_seconds: float = START_SECONDS) -> None:
        self.host, self.port = host, port
        self.api = api_address(host, port)
        self.log = home.absolute() / "prefect" / "server.log"
        self._start_seconds = start_seconds
        self._leaving = self._died = False

    def __enter__(self) -> PrefectServer:
        self._refuse_taken_port()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        bound = {"PREFECT_SERVER_API_HOST": self.host, "PREFECT_SERVER_API_PORT": str(self.port)}
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C must reach the runs first, which still have states to report to the server.
            self._child = subprocess.Popen(
                [sys.executable, "-m", "prefect", "server", "start"],
                env={**SERVER, **os.environ, **bound},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self._stop()
            raise
        threading.Thread(target=self._watch, name="prefect-server-watch", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        if self._died:
            raise TallybookError("Prefect's server stopped by itself", f"its last words are in {self.log}")

    def _refuse_taken_port(self) -> None:
        address = urlsplit(self.api)
        try:
            socket.create_connection((address.hostname or "", self.port), timeout=2).close()
        except OSError:
            return
        who = "a Prefect server" if is_healthy(self.api) else "another program"
        raise UsageError(f"{who} already answers on port {self.port}", "stop it, or serve with another --prefect-port")

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + self._start_seconds
        while not is_healthy(self.api):
            if self._child.poll() is not None:
                raise TallybookError("Prefect's server did not start", f"its last words are in {self.log}")
            if time.monotonic() > deadline:
                raise TallybookError(
                    f"Prefect's server was not up after {self._start_seconds:.0f} seconds", f"see {self.log}"
                )
            time.sleep(0.2)

    def _watch(self) -> None:
        self._child.wait()
        if not self._leaving:
            self._died = True
            os.kill(os.getpid(), signal.SIGTERM)

    def _stop(self) -> None:
        self._leaving = True
        self._child.terminate()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
