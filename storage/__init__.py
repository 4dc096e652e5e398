"""The archive of snapshots and the ledger of versions: what was read, what changed, who decided, and the proof."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.archive import Archive
    from storage.attempts import Attempt, Standing
    from storage.browsing import Browser, Claim, Decided, Placed, Proof, Sampled, Shot, Wanted
    from storage.ledger import Ledger, Recorded
    from storage.releases import PastRelease, Release
    from storage.replay import Reread
    from storage.rhythm import Rhythm
    from storage.verify import checkpoint
    from storage.views import CHANGES_SHOWN, Views

_HOMES = {
    "Archive": "archive",
    "Attempt": "attempts",
    "Browser": "browsing",
    "CHANGES_SHOWN": "views",
    "Claim": "browsing",
    "Decided": "browsing",
    "Ledger": "ledger",
    "PastRelease": "releases",
    "Placed": "browsing",
    "Proof": "browsing",
    "Recorded": "ledger",
    "Release": "releases",
    "Reread": "replay",
    "Rhythm": "rhythm",
    "Sampled": "browsing",
    "Shot": "browsing",
    "Standing": "attempts",
    "Views": "views",
    "Wanted": "browsing",
    "checkpoint": "verify",
}

__all__ = [
    "CHANGES_SHOWN",
    "Archive",
    "Attempt",
    "Browser",
    "Claim",
    "Decided",
    "Ledger",
    "PastRelease",
    "Placed",
    "Proof",
    "Recorded",
    "Release",
    "Reread",
    "Rhythm",
    "Sampled",
    "Shot",
    "Standing",
    "Views",
    "Wanted",
    "checkpoint",
]


def __getattr__(name: str) -> Any:
    # Reading commands want the views alone; what writes the ledger is imported when it is asked for.
    if name not in _HOMES:
        raise AttributeError(f"module 'storage' has no attribute {name!r}")
    return getattr(import_module(f"storage.{_HOMES[name]}"), name)
