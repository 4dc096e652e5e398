"""A bound on what a call may cost, far beyond any sound cost: it catches what never ends, not what is slow."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ends(within: float = 60) -> Iterator[None]:
    """Fail a test when what it does takes more than this many seconds of its own processor time.

    The inputs that are given to it are so large that a cost which grows with the square of their length would take
    many times as long; how fast it is, benchmarks say.
    """

    def fail(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"this has not ended after {within} s of processor time")

    before = signal.signal(signal.SIGPROF, fail)
    signal.setitimer(signal.ITIMER_PROF, within)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
