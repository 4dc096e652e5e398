"""Refreshing a source now: in a thread of its own, one run a source, told while it lasts."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import msgspec

from model import Instant, now
from review.office import Office

Stage = Literal["waiting", "running", "done"]
AT_ONCE = 2


class RefreshRun(msgspec.Struct, kw_only=True):
    """One refresh that was asked for: by whom, how far it is, and what it came to."""

    id: int
    source: str
    who: str
    asked_at: Instant
    stage: Stage = "waiting"
    seconds: float = 0.0
    state: str | None = None
    update: str | None = None
    changes: int = 0
    held: int = 0
    message: str = ""


class Runs:
    """The runs of this process; the newest of each source is remembered."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="refresh")
        self._guard = threading.Lock()
        self._newest: dict[str, RefreshRun] = {}
        self._count = 0

    def start(self, source: str, who: str) -> RefreshRun:
        """Refresh a source now, or join the run that is under way."""
        with self._guard:
            run = self._newest.get(source)
            if run is not None and run.stage != "done":
                return run
            self._count += 1
            run = self._newest[source] = RefreshRun(id=self._count, source=source, who=who, asked_at=now())
        self._pool.submit(self._walk, run)
        return run

    def of(self, source: str) -> RefreshRun | None:
        """The newest run of a source, if this process has had one."""
        return self._newest.get(source)

    def _walk(self, run: RefreshRun) -> None:
        with self._office.writing(run.source):
            began = time.monotonic()
            run.stage = "running"
            try:
                outcome = self._office.refresh(run.source)
                run.state, run.update, run.message = outcome.state, outcome.update, outcome.told
                run.changes, run.held = outcome.changes, outcome.held
            except Exception as error:  # whoever asked must see it; nothing else waits for this thread
                run.state, run.message = "failed", str(error)
            run.seconds = round(time.monotonic() - began, 2)
            self._office.forget()
            run.stage = "done"
