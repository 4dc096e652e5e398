"""What kind of change something is: the only place where one of the seven kinds is given.

A release, its reading again at the next one, `replay` and a person's decision all ask here, so that one event is told
alike whichever way it reached the ledger. The rules are those of docs/changes.md.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from changes.accepted import Accepted, Newest
from model import ChangeKind, Day, read_content

AsOfBasis = Literal["stated", "published", "fetched"]
How = Literal["row", "cell", "series"]
Key = tuple[int, Day]
"""An observation: a series' id and the as-of."""

_EVER = Day("9999-99-99")


class Before(NamedTuple):
    """What is accepted of a series before a change.

    `live` is the content at the same as-of, `gone` the last one where it was withdrawn, `latest` the newest as-of that
    the series ever had.
    """

    live: str | None = None
    gone: str | None = None
    latest: Day | None = None


def classify(before: Before, as_of: Day, content: str | None) -> ChangeKind | None:
    """The kind of a change to `content` at `as_of` (None: it is stated no longer); None where nothing changes."""
    if content is None:
        return None if before.live is None else "withdrawn"
    if before.live is not None:
        return _restated(before.live, content)
    if before.gone is not None:
        return "restored"
    if before.latest is None:
        return "first"
    return "new" if as_of > before.latest else "late"


def _restated(old: str, new: str) -> ChangeKind | None:
    """The kind of another content at the same as-of: another value, or the same one with another hedge."""
    if old == new:
        return None
    a, b = read_content(old), read_content(new)
    return "requalified" if (a.value, a.low, a.high) == (b.value, b.low, b.high) else "revised"


class ProposedChange(msgspec.Struct, frozen=True):
    """One change on its way into the ledger; `content` None withdraws."""

    series_id: int
    as_of: Day
    kind: ChangeKind
    content: str | None
    base_as_of: Day | None = None
    base_update: int | None = None
    old: str | None = None
    held: bool = False
    how: How | None = None
    reverts: int | None = None
    redated: Day | None = None
    basis: AsOfBasis = "stated"
    echo: bool = False
    rename: str | None = None
    series_break: str | None = None

    @property
    def key(self) -> Key:
        """The observation that changes."""
        return self.series_id, self.as_of


def propose(
    accepted: Accepted, series_id: int, as_of: Day, content: str | None, *, how: How | None = None
) -> ProposedChange | None:
    """The change that makes `content` count at `as_of`, with the version that it counts from; None where none does."""
    live, gone = accepted.live.get(series_id, {}), accepted.gone.get(series_id, {})
    before = Before(live.get(as_of), gone.get(as_of), accepted.latest.get(series_id))
    kind = classify(before, as_of, content)
    if kind is None:
        return None
    origin = accepted.origin.get(series_id, {})
    if kind == "new" and (base := accepted.latest_before(series_id, _EVER)) is not None:
        return ProposedChange(series_id, as_of, kind, content, base, origin[base], live[base], how=how)
    old = before.live if before.live is not None else before.gone
    return ProposedChange(series_id, as_of, kind, content, None, origin.get(as_of), old, how=how)


def propose_undated(series_id: int, day: Day, content: str, newest: Newest) -> ProposedChange:
    """The change of a figure that bears no date, observed later than its `newest` observation, if on the same day."""
    kind: ChangeKind = "restored" if newest.withdrawn else "new"
    return ProposedChange(
        series_id, day, kind, content, base_as_of=newest.as_of, base_update=newest.update_id, old=newest.content
    )
