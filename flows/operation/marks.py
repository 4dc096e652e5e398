"""When something was done last that no ledger tells: a backup, a verification. An empty file each, for its time."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Literal

FOLDER = "marks"
Chore = Literal["backup", "drill", "verify", "pass"]


def mark(home: Path, done: Chore) -> None:
    """Remember that this was done just now; a home that cannot be written remembers nothing."""
    with contextlib.suppress(OSError):
        (home / FOLDER).mkdir(parents=True, exist_ok=True, mode=0o700)
        (home / FOLDER / done).touch(mode=0o600)


def marked(home: Path, done: Chore) -> float | None:
    """When this was done last, in seconds since 1970; None where it is not known."""
    with contextlib.suppress(OSError):
        return (home / FOLDER / done).stat().st_mtime
    return None
