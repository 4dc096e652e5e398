"""Where the `tallybook` command begins: Ctrl-C ends it without a word from here on, while it is still being loaded."""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130


def start() -> None:
    """Load the command and run it; while no part of it runs, Ctrl-C ends the process at once, with exit code 130."""
    listening = signal.getsignal(signal.SIGINT)
    if listening == signal.SIG_IGN:  # started in the background: Ctrl-C is somebody else's
        _run()
        return
    signal.signal(signal.SIGINT, _leave)
    try:
        _run(listening)
    finally:
        signal.signal(signal.SIGINT, _leave)


def _run(listening: signal._HANDLER | None = None) -> None:
    from cli.main import main

    if listening is not None:
        signal.signal(signal.SIGINT, listening)
    main()


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    start()
