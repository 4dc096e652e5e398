"""The text of a PDF, read by a process of its own that may use so much memory and time and no more.

What a PDF asks of its reader is not bounded by its size. A process that runs out of what it may use ends, and with it
the reading; nothing else is harmed.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from model import UnreadableError

SECONDS = 30
"""For reading one PDF, by the clock; processor time is bounded by the same."""

MEMORY = 768 * 2**20
MOST_TEXT = 16 * 2**20
"""Bytes of the text, in UTF-8."""

MOST_PAGES = 2000

_CHILD = Path(__file__).with_name("pdf_child.py")
_HINT = "it is kept as evidence; figures that a person reads in it are recorded with tallybook manual"
_SAYS = {
    3: "is encrypted",
    4: "is broken",
    5: f"needs more than {MEMORY // 2**20} MiB of memory to be read",
    6: f"holds more than {MOST_TEXT // 2**20} MiB of text, or more than {MOST_PAGES:,} pages",
}


def pdf_text(content: bytes) -> str:
    """The text of a PDF, its pages apart by an empty line; raises `UnreadableError` where it gives none."""
    limits = [str(number) for number in (MEMORY, SECONDS, MOST_TEXT, MOST_PAGES)]
    child = subprocess.Popen(
        [sys.executable, "-I", "-B", str(_CHILD), *limits],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        cwd="/",
        close_fds=True,
    )
    watch = threading.Timer(SECONDS, child.kill)
    watch.start()
    try:
        told, _ = child.communicate(content)
    finally:
        watch.cancel()
        child.kill()
        child.wait()
    if child.returncode:
        says = _SAYS.get(child.returncode, f"was not read within {SECONDS} s")
        raise UnreadableError(f"the release is a PDF that {says}", _HINT)
    text = told.decode("utf-8", "replace")
    if not text.strip():
        raise UnreadableError("the release is a PDF that holds no text, perhaps a scan", _HINT, reason="picture")
    return text
