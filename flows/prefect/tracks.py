"""What a run of `serve` leaves in its home for others to find: its lock, Prefect's auth string, its server's process.

All files are private to the user (0600). Imports no Prefect.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from model import OutageError, UsageError
from storage.turns.processes import began

AUTH_FILE, PROCESS_FILE, LOCK_FILE = "auth", "server.pid", "serve.lock"
END_SECONDS = 10.0


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold a home for the length of a block; the lock goes with the process, however that ends.

    Raises `UsageError` where another `serve` holds it, `OutageError` where it cannot be written.
    """
    path = home / LOCK_FILE
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise OutageError(f"{path} cannot be written: {error.strerror}", "serve needs a home to write in") from None
    with open(opened, "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = lock.read(20).strip()
            raise UsageError(
                f"process {who} serves {home} already", "stop it first, or serve another TALLYBOOK_HOME"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def keep_auth(prefect_home: Path, given: str | None) -> str:
    """The auth string given, else a new random one; kept in a private file for `refresh --prefect` and its people."""
    found = given or f"tallybook:{secrets.token_urlsafe(32)}"
    _write(prefect_home / AUTH_FILE, found)
    return found


def known_auth(prefect_home: Path) -> str | None:
    """The auth string of the server that was started last; None where there is none, or it is not ours to read."""
    with contextlib.suppress(OSError):
        return (prefect_home / AUTH_FILE).read_text(encoding="utf-8").strip() or None
    return None


def forget(prefect_home: Path) -> None:
    """Remove what pointed to a server that has ended."""
    for name in (AUTH_FILE, PROCESS_FILE):
        (prefect_home / name).unlink(missing_ok=True)


def keep_process(prefect_home: Path, pid: int) -> None:
    """Write down which process the server is, with the time it began: a number alone is given to others later."""
    _write(prefect_home / PROCESS_FILE, f"{pid} {began(pid)}")


def end_orphan(prefect_home: Path) -> int | None:
    """End the server that a killed `serve` left behind; returns its process id, None where there is none."""
    try:
        number, _, then = (prefect_home / PROCESS_FILE).read_text(encoding="utf-8").partition(" ")
        pid = int(number)
    except (OSError, ValueError):
        return None
    if not then or began(pid) != then:
        return None
    for signal_, seconds in ((signal.SIGTERM, END_SECONDS), (signal.SIGKILL, END_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_)
        deadline = time.monotonic() + seconds
        while began(pid) == then and time.monotonic() < deadline:
            time.sleep(0.1)
    return pid


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    os.replace(draft, path)
