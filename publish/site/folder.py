"""The folder of a site, changed in one step: whoever ends the run at any point leaves the old site whole.

Beside the folder a new one is made, of what was written and hard links to what stays; then the two change places. Files
are never written in place. What others keep in the folder (a `.git`, a `CNAME`) stays.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

_EXCHANGE, _HERE = 2, -100
_ROW = re.compile('<tr[^>]* id="([^"]+)"')


class SiteFolder:
    """A folder in the making, beside the one that it replaces."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.made = out.with_name(f".{out.name}.tallybook-new")
        self._written: set[str] = set()
        shutil.rmtree(self.made, ignore_errors=True)
        self.made.mkdir(parents=True)

    def write(self, path: str, content: bytes) -> None:
        """Write a file of the new folder."""
        target = self.made / path
        if path not in self._written:
            target.parent.mkdir(parents=True, exist_ok=True)
        self._written.add(path)
        target.write_bytes(content)

    def finish(self) -> None:
        """Link what stays, and let the folders change places."""
        if not self.out.exists():
            os.rename(self.made, self.out)
            return
        self._link_the_rest()
        _exchange(self.made, self.out)
        shutil.rmtree(self.made, ignore_errors=True)

    def _link_the_rest(self) -> None:
        for folder, _, files in os.walk(self.out):
            inside = os.path.relpath(folder, self.out)
            target = self.made if inside == "." else self.made / inside
            target.mkdir(exist_ok=True)
            for name in files:
                path = name if inside == "." else f"{inside}/{name}"
                if path not in self._written:
                    os.link(os.path.join(folder, name), target / name, follow_symlinks=False)


def _exchange(new: Path, old: Path) -> None:
    """Let two folders change places in one step; where the system cannot, in two, of which the first can be undone."""
    libc = ctypes.CDLL(None, use_errno=True)
    swap = getattr(libc, "renameat2", None)
    if swap is not None and swap(_HERE, os.fsencode(new), _HERE, os.fsencode(old), _EXCHANGE) == 0:
        return
    aside = old.with_name(f".{old.name}.tallybook-old")
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(old, aside)
    os.rename(new, old)
    os.rename(aside, new)


def recover(out: Path) -> None:
    """Bring back a folder that was put aside by a run which was ended between the two steps."""
    aside = out.with_name(f".{out.name}.tallybook-old")
    if aside.exists() and not out.exists():
        with contextlib.suppress(OSError):
            os.rename(aside, out)


def anchors(path: Path) -> Iterable[str]:
    """The addresses of rows that a page has already."""
    if not path.is_file():
        return ()
    return _ROW.findall(path.read_text(encoding="utf-8"))
