"""Drafts: pages that were looked at to be followed, kept a day in files until somebody enables one."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from extractors.suggest.proposal import WayView
from flows.reading.looking import Found
from model import UsageError

DRAFT_SECONDS = 24 * 3600
MOST_DRAFTS, MOST_BYTES = 50, 500 * 2**20
"""So many drafts are kept, and so much in all; the oldest go first."""

_KEY = re.compile(r"[A-Za-z0-9_-]{16}")


class PageDraft(msgspec.Struct, frozen=True):
    """A page that was looked at: what it offers, and how each way to read it is shown."""

    found: Found
    views: tuple[WayView, ...]


class Drafts:
    """The drafts of a home, in a folder of their own; whoever knows a draft's name may have it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, draft: PageDraft) -> str:
        """Keep a draft, and return its name. Raises `UsageError` where it cannot be written."""
        key, content = secrets.token_urlsafe(12), msgspec.msgpack.encode(draft)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room(len(content))
            (self.folder / key).write_bytes(content)
        except OSError as error:
            raise UsageError(f"{self.folder} cannot be written: {error.strerror}", "drafts are kept there") from None
        return key

    def get(self, key: str) -> PageDraft:
        """A draft by its name. Raises `UsageError` where it is gone."""
        try:
            if not _KEY.fullmatch(key):
                raise FileNotFoundError
            return msgspec.msgpack.decode((self.folder / key).read_bytes(), type=PageDraft)
        except (OSError, msgspec.DecodeError):
            raise UsageError("this draft is not kept any more", "look at the page again") from None

    def drop(self, key: str) -> None:
        """Forget a draft."""
        if _KEY.fullmatch(key):
            (self.folder / key).unlink(missing_ok=True)

    def _make_room(self, more: int) -> None:
        kept = sorted(self._kept(), reverse=True)
        size = more
        for place, (at, path, bytes_) in enumerate(kept):
            size += bytes_
            if place >= MOST_DRAFTS - 1 or size > MOST_BYTES or time.time() - at > DRAFT_SECONDS:
                path.unlink(missing_ok=True)

    def _kept(self) -> Iterator[tuple[float, Path, int]]:
        for path in self.folder.iterdir():
            if _KEY.fullmatch(path.name):
                told = path.stat()
                yield told.st_mtime, path, told.st_size
