"""Processes that read: no text, however it is made, can stop the page, another source or the end of the program.

They are started when the first release is read, and kept; as many as there are processors. One that takes too much
processor time or memory ends alone, and another takes its place for the next release.
"""

from __future__ import annotations

import io
import os
import pickle
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from extractors.paged import PageTurn
from flows.reading.child import FRAME, MEMORY, OUT_OF_TIME, SECONDS
from flows.reading.opening import Made, Read
from model import Fetched, Listing, Source, UnreadableError
from sources.listing import ListingPage

_PATIENCE = 20
"""So many times its processor time a release may take by the clock, on a machine that is busy."""

_PLAIN = ("model.", "extractors.", "msgspec.", "flows.reading.opening", "flows.reading.looking", "sources.listing")
_PLAIN_TOO = frozenset(("array", "decimal", "_decimal", "builtins"))
_PLAIN_BUILTINS = frozenset(("set", "frozenset", "bytearray", "complex", "range", "slice"))


class _GoneError(Exception):
    """The process ended before it answered."""


class BrokenReaderError(Exception):
    """Reading met an error that is ours; its trace is a note."""


class _Plain(pickle.Unpickler):
    """Takes values of the model and of the extractors, and nothing that could run."""

    def find_class(self, module: str, name: str) -> Any:
        known = module.startswith(_PLAIN) or module in _PLAIN_TOO
        if known and "." not in name and (module != "builtins" or name in _PLAIN_BUILTINS):
            found = super().find_class(module, name)
            # What a module imported for itself is nothing of its own: `sources.listing.io` opens files.
            if getattr(found, "__module__", module) in (module, "decimal", "array", "builtins"):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no plain data")


class Readers:
    """Reads releases in processes of their own; `read` may be called from many threads."""

    def __init__(self, *, seconds: int = SECONDS, memory: int = MEMORY, most: int | None = None) -> None:
        self._limits = seconds, memory
        self._free = threading.Semaphore(most or min(os.cpu_count() or 1, 8))
        self._idle: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    def read(self, source: Source, fetched: Fetched, *, article: bool = False, seconds: int | None = None) -> Read:
        """Open and read a release, within `seconds` of processor time where those are fewer than ours.

        Raises `UnreadableError` where it is no report, and with the reason `too_slow` or `too_large` where reading it
        takes more time or memory than any report does.
        """
        answer = self._done("release", (source, fetched, article), seconds)
        assert isinstance(answer, Read)
        return answer

    def turn(self, source: Source, fetched: Fetched) -> PageTurn:
        """What one page says of those that follow; see `extractors.paged`. Raises as `read` does."""
        answer = self._done("page", (source, fetched))
        assert isinstance(answer, PageTurn)
        return answer

    def find_releases(self, listing: Listing, fetched: Fetched, timezone: str) -> ListingPage:
        """What a listing's bytes lead to; see `sources.listing`. Raises as `read` does."""
        answer = self._done("listing", (listing, fetched, timezone))
        assert isinstance(answer, ListingPage)
        return answer

    def called(self, work: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        """What a function of `flows.reading.looking` comes to. Raises as `read` does."""
        return self._done("call", (work, given)).made

    def _done(self, what: str, given: tuple[Any, ...], seconds: int | None = None) -> Any:
        request = pickle.dumps((what, given, seconds), 5)
        with self._free:
            answer = self._asked(request, min(seconds or self._limits[0], self._limits[0]))
        if isinstance(answer, Read | ListingPage | PageTurn | Made):
            return answer
        message, hint, reason = answer
        if reason == "too_large" and not message:
            message = f"reading the release takes more than {self._limits[1] // 2**20} MiB of memory"
        if not reason:
            broken = BrokenReaderError(message)
            broken.add_note(hint or "")
            raise broken
        raise UnreadableError(message, hint, reason=reason)

    def _asked(self, request: bytes, seconds: int) -> Any:
        with self._lock:
            child = self._idle.pop() if self._idle else None
        for again in (True, False):
            child = child or self._start()
            began = time.monotonic()
            try:
                answer = self._exchange(child, request)
            except (_GoneError, OSError):
                code = _end(child)
                child = None
                # One that was ended from outside while it waited had read nothing.
                if again and time.monotonic() - began < 1 and code != OUT_OF_TIME:
                    continue
                return self._refusal(code, seconds)
            with self._lock:
                self._idle.append(child)
            return answer
        raise AssertionError("either answer or refusal")

    def _refusal(self, code: int, seconds: int) -> tuple[str, str, str]:
        memory = self._limits[1]
        if code in (OUT_OF_TIME, -9):  # SIGKILL by ourselves, or for memory
            return f"reading the release takes more than {seconds} s of processor time", _HINT, "too_slow"
        return f"reading the release ended with {code}, perhaps for want of {memory // 2**20} MiB", _HINT, "too_large"

    def _start(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(one for one in sys.path if one)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "flows.reading.child", *(str(limit) for limit in self._limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={"LANG": "C.UTF-8", "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
            start_new_session=True,
        )

    def _exchange(self, child: subprocess.Popen[bytes], request: bytes) -> Any:
        assert child.stdin is not None
        assert child.stdout is not None
        until = time.monotonic() + self._limits[0] * _PATIENCE
        for part in (len(request).to_bytes(FRAME), request):  # one after the other: a release may be large
            left = memoryview(part)
            while left:
                left = left[child.stdin.write(left) :]
        size = int.from_bytes(_got(child.stdout.fileno(), FRAME, until))
        return _Plain(io.BytesIO(_got(child.stdout.fileno(), size, until))).load()

    def close(self) -> None:
        """End the processes that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            _end(child)


_HINT = "it is kept; look at what the publisher sends"


@lru_cache(maxsize=4)
def shared_readers(seconds: int = SECONDS, memory: int = MEMORY) -> Readers:
    """The readers of this process."""
    import atexit

    readers = Readers(seconds=seconds, memory=memory)
    atexit.register(readers.close)
    return readers


def _got(descriptor: int, size: int, until: float) -> bytes:
    parts = bytearray()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while len(parts) < size:
        if not poll.poll(max(until - time.monotonic(), 0) * 1000):
            raise _GoneError
        part = os.read(descriptor, min(size - len(parts), 2**20))
        if not part:
            raise _GoneError
        parts += part
    return bytes(parts)


def _end(child: subprocess.Popen[bytes]) -> int:
    """End a process and give its code, which says of one that ended itself why."""
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            stream.close()
    try:
        return child.wait(0.2)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
