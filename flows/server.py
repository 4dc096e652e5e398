"""Prefect's own server as a child process: started, waited for, watched, and stopped with us. Imports no Prefect."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from flows.prefect import tracks
from model import TallybookError, UsageError

AUTH = "PREFECT_SERVER_API_AUTH_STRING"
START_SECONDS = 180.0
STOP_SECONDS = 20.0
LEAVE_SECONDS = 15.0
"""So long what runs has, once the server died by itself, before it is ended the hard way."""

LOG_BYTES, LOGS = 5 * 2**20, 3
SERVER = {
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P3D",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": '["events", "flow_runs"]',
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "1209600",
}
"""Environment defaults of the server: events are kept three days, runs two weeks (one setting takes no seconds), and
no page of it that asks other people's servers."""


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
    """A running Prefect server for the length of a `with` block, one that answers to its auth string alone.

    Raises `UsageError` when the port is taken, `TallybookError` when the server does not come up or stops by itself;
    in the latter case this process is sent SIGTERM, so that whatever runs in the block ends too, and where that has
    not ended the block in time, the process and its runs are ended all the same.
    """

    def __init__(
        self,
        host: str,
        port: int,
        home: Path,
        *,
        start_seconds: float = START_SECONDS,
        leave_seconds: float = LEAVE_SECONDS,
    ) -> None:
        self.host, self.port = host, port
        self.api = api_address(host, port)
        self.folder = home.absolute() / "prefect"
        self.log = self.folder / "server.log"
        self._start_seconds, self._leave_seconds = start_seconds, leave_seconds
        self.ended: int | None = None
        self._leaving = self._died = False
        self._left = threading.Event()

    def __enter__(self) -> PrefectServer:
        self.ended = tracks.end_orphan(self.folder)
        self._refuse_taken_port()
        os.environ[AUTH] = os.environ["PREFECT_API_AUTH_STRING"] = tracks.keep_auth(self.folder, os.environ.get(AUTH))
        # A session of its own: Ctrl-C must reach the runs first, which still have states to report to the server.
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "flows.prefect.entrance", self.host, str(self.port)],
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self._keep_log, name="prefect-server-log", daemon=True).start()
        try:
            tracks.keep_process(self.folder, self._child.pid)
            self._wait_until_healthy()
        except BaseException:
            self._stop()
            raise
        threading.Thread(target=self._watch, name="prefect-server-watch", daemon=True).start()
        return self

    def _environment(self) -> dict[str, str]:
        page = self.api.removesuffix("/api")
        bound = {
            "PREFECT_SERVER_API_HOST": self.host,
            "PREFECT_SERVER_API_PORT": str(self.port),
            "PREFECT_UI_API_URL": self.api,
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": page,
        }
        return {**SERVER, **os.environ, **bound}

    def _keep_log(self) -> None:
        """Write what the server says into its log, with the time, and begin another file before one grows too long."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = RotatingFileHandler(self.log, maxBytes=LOG_BYTES, backupCount=LOGS, encoding="utf-8")
        kept.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        assert self._child.stdout is not None
        for line in self._child.stdout:
            text = line.decode(errors="replace").rstrip()
            kept.emit(logging.LogRecord("prefect", logging.INFO, "", 0, text, None, None))
        kept.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
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
            if not self._left.wait(self._leave_seconds):
                end_hard(f"Prefect's server stopped by itself; its last words are in {self.log}")

    def _stop(self) -> None:
        self._leaving = True
        self._child.terminate()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        tracks.forget(self.folder)


def end_hard(why: str) -> None:
    """End this process and the runs it started, whatever they wait for; the exit code is 1.

    The ledger is whole at any moment: an update is one transaction.
    """
    print(f"tallybook: {why}; what was running is ended", file=sys.stderr, flush=True)
    for pid in _children():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    os._exit(1)


def _children() -> list[int]:
    """The processes that this one started, whichever of its threads did."""
    listed = Path("/proc/self/task").glob("*/children")
    try:
        return [int(pid) for path in listed for pid in path.read_text().split()]
    except OSError:
        return []


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
