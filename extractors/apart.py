"""Files whose reader may use more than it should are read by a process of its own, which ends when it does.

What a PDF or a workbook asks of its reader is not bounded by its size. A process that runs out of what it may use ends,
and with it the reading; nothing else is harmed.
"""

from __future__ import annotations

import logging
import resource
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from model import UnreadableError

HINT = "it is kept as evidence; figures that a person reads in it are recorded with tallybook manual"
ENCRYPTED, BROKEN, NO_MEMORY, TOO_LONG = 3, 4, 5, 6
"""What a child ends with where it did not read."""

_PATIENCE = 4
_OUT_OF_MEMORY = (NO_MEMORY, -6)
"""What a child ends with that wants more memory: by its own word, or aborted by what it calls."""


class Limits(NamedTuple):
    """What a child may use: bytes of memory, and processor seconds; by the clock it may be a few times more.

    `child` is its file, where it is not named for what it reads.
    """

    memory: int
    seconds: int
    child: Path | None = None


def read_apart(what: str, content: bytes, limits: Limits, asked: tuple[object, ...], says: Mapping[int, str]) -> bytes:
    """What the child for `what` (`pdf_child.py` for a PDF) writes of `content`; `asked` are its further arguments.

    `says` ends the sentence for each of its exit codes. Raises `UnreadableError` with that sentence.
    """
    path = limits.child or Path(__file__).with_name(f"{what.lower()}_child.py")
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", str(path), *map(str, (limits.memory, limits.seconds, *asked))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        cwd="/",
        close_fds=True,
    )
    watch = threading.Timer(_PATIENCE * limits.seconds, process.kill)
    watch.start()
    try:
        told, _ = process.communicate(content)
    finally:
        watch.cancel()
        process.kill()
        process.wait()
    if not process.returncode:
        return told
    if process.returncode in _OUT_OF_MEMORY:
        end = f"needs more than {limits.memory // 2**20} MiB of memory to be read"
        raise UnreadableError(f"the release is a {what} that {end}", HINT, reason="too_large")
    end = says.get(process.returncode, f"was not read within {limits.seconds} s")
    raise UnreadableError(f"the release is a {what} that {end}", HINT)


def bound(memory: int, seconds: int) -> None:
    """Let a child take so many bytes of memory and seconds of the processor, write no file and log nothing.

    To be called behind its imports, which may open files.
    """
    logging.disable()
    limits = {resource.RLIMIT_AS: memory, resource.RLIMIT_CPU: seconds, resource.RLIMIT_FSIZE: 0}
    for limit, most in (limits | {resource.RLIMIT_CORE: 0}).items():
        resource.setrlimit(limit, (most, most))
