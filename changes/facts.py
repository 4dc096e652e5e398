"""What the ledger knows beside the accepted state, and a release may have to be set against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from model import Day, Instant, Reader, Shape


class KnownShape(NamedTuple):
    """The shape accepted last from one reader, None before the first; `pending` are updates that wait with another."""

    accepted: Shape | None = None
    pending: Sequence[int] = ()


class RecordedVersion(NamedTuple):
    """A version that counts or once counted: its as-of, its update, its content, and whether it still counts."""

    as_of: Day
    update_id: int
    content: str
    accepted: bool


class Facts(Protocol):
    """Questions about one source's recorded past; asked only where an answer bears on the release at hand."""

    def shape(self, reader: Reader) -> KnownShape:
        """The shape that this reader's releases had last."""
        ...

    def copy_of(self, text_sha256: str) -> Instant | None:
        """When the newest release with the same text was known, None where there is none."""
        ...

    def recorded_at(self, series_id: int, days: Sequence[Day]) -> Iterable[tuple[Day, int, str | None]]:
        """All that counted at these as-ofs, oldest first: (as-of, update, content)."""
        ...

    def earlier(self, series_id: int, since: Day, before: Day) -> Iterator[RecordedVersion]:
        """What counted at as-ofs from `since` up to `before`, nearest as-of first, its latest version first."""
        ...

    def series_id(self, key: str) -> int | None:
        """The series with this key, of any source."""
        ...

    def known_at(self, update_id: int) -> Instant:
        """When the world could read what an update recorded."""
        ...

    def held_by(self, update_id: int, series: str, as_of: Day) -> frozenset[str]:
        """The checks that hold an observation of an update, by itself or with its series or the whole of it."""
        ...
