"""Reads releases in a process of its own, one after another, each within so much processor time and memory.

    python -m flows.reading.child SECONDS MEMORY

A request and its answer are a length of eight bytes and a pickle. A request is what to do, what it is done with, and
the most seconds that it may take, where those are fewer. The answer is what was read, or an error's message, hint and
reason. A release that takes more processor time ends the process.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

FRAME = 8

SECONDS, MEMORY = 9, 1024 * 2**20
"""Processor time and memory for reading one release; with the start of its process it stays below ten seconds."""

OUT_OF_TIME = -signal.SIGPROF
"""The code of a process whose processor time was used up."""


def main(seconds: int, memory: int) -> None:
    """Serve requests from standard input until it ends."""
    asked, answered = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    from flows.reading.opening import read_release, turn_page

    works = {"release": read_release, "listing": _find_releases, "page": turn_page, "call": _call}
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    while request := _received(asked):
        what, given, most = pickle.loads(request)
        del request  # a large release need not be there twice
        allow(min(seconds, most or seconds))
        _answer(answered, _read(works[what], given))


def _received(stream: BinaryIO) -> bytes:
    head = stream.read(FRAME)
    return stream.read(int.from_bytes(head)) if len(head) == FRAME else b""


def _answer(stream: BinaryIO, content: bytes) -> None:
    try:
        stream.write(len(content).to_bytes(FRAME))
        stream.write(content)
        stream.flush()
    except BrokenPipeError:
        os._exit(0)  # whoever asked was killed meanwhile, and nobody is left to be told


def allow(seconds: int) -> None:
    """End this process once it has used so much processor time from now on (a limit of resources: whole seconds)."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _find_releases(*given: Any) -> Any:
    from sources.listing import find_releases

    return find_releases(*given)


def _call(work: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    from flows.reading.opening import Made

    return Made(work(*given))


def _read(work: Callable[..., Any], given: tuple[Any, ...]) -> bytes:
    from model import UnreadableError

    try:
        return pickle.dumps(work(*given), 5)
    except UnreadableError as error:
        return pickle.dumps((error.message, error.hint, error.reason))
    except MemoryError:
        return pickle.dumps(("", None, "too_large"))
    except Exception as error:
        import traceback

        return pickle.dumps((f"{type(error).__name__}: {error}", traceback.format_exc(), ""))


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]))
