"""Telling a supervisor that we are up, alive or ending: systemd's protocol, words on a socket; without one, nothing."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType

log = logging.getLogger("tallybook")

LOOK_SECONDS = 15.0
"""So often it is looked whether all is well, unless the supervisor wants to hear of it more often."""

HUNG_SECONDS = 300.0
"""So long all may be unwell before it is given up, where no supervisor says otherwise."""


def notify(word: str) -> None:
    """Tell the supervisor that started us a word of its protocol (`READY=1`, `STOPPING=1`), where there is one."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.connect("\0" + address[1:] if address.startswith("@") else address)
        told.send(word.encode())


def watched_seconds() -> float | None:
    """Within so many seconds the supervisor wants to hear of us; None where it does not wait."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    told = os.environ.get("WATCHDOG_USEC", "")
    return int(told) / 1e6 if told.isdecimal() and int(told) else None


class Heart:
    """Looks again and again whether all is well, for the length of a block, and tells the supervisor while it is.

    What has been unwell for `hung_seconds` is given up: `give_up` is called, once, with what was seen.
    """

    def __init__(
        self,
        well: Callable[[], bool],
        give_up: Callable[[str], object],
        *,
        every: float | None = None,
        hung_seconds: float | None = None,
    ) -> None:
        self._well, self._give_up = well, give_up
        self._hung_seconds = hung_seconds or watched_seconds() or HUNG_SECONDS
        self._every = every or min(LOOK_SECONDS, (watched_seconds() or 4 * LOOK_SECONDS) / 4)
        self._ending = threading.Event()
        self.last = time.monotonic()

    def __enter__(self) -> Heart:
        threading.Thread(target=self._beat, name="heart", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        notify("STOPPING=1")

    def _beat(self) -> None:
        while not self._ending.wait(self._every):
            if self._well():
                self.last = time.monotonic()
                notify("WATCHDOG=1")
            elif (silent := time.monotonic() - self.last) > self._hung_seconds and not self._ending.is_set():
                self._give_up(f"the schedules have not answered for {silent:.0f} seconds")
                return
