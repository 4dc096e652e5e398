"""The archive of snapshots and the ledger of versions: what was read, what changed, who decided, and the proof."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from changes.evaluate import ReadRelease
    from changes.replay import Reread
    from storage.archive import Archive
    from storage.fetchlog.attempts import Attempt, Standing
    from storage.fetchlog.rhythm import Rhythm
    from storage.generations.carrying import NotCarried
    from storage.generations.definitions import DefinitionVersion
    from storage.generations.events import SourceEvent
    from storage.generations.naming import Generation
    from storage.generations.next import NextGeneration
    from storage.ledger import Ledger
    from storage.outcome import Recorded
    from storage.proof.verify import checkpoint
    from storage.read.claims import ClaimsWanted, CountedThing, NewestClaim
    from storage.read.evidence import Proof, Shot
    from storage.read.holds import Decided, Deed, HeldCell
    from storage.read.log import CHANGES_SHOWN, URGENCIES, OldCopies, Placed, UnreadUpdate, Wanted
    from storage.read.series import SeriesHistory
    from storage.read.views import Views
    from storage.releases import KnownRelease, PastRelease, Release
    from storage.rewind import Rewound
    from storage.turns.book import Turns

_HOMES = {
    "Archive": "archive",
    "Attempt": "fetchlog.attempts",
    "CHANGES_SHOWN": "read.log",
    "ClaimsWanted": "read.claims",
    "CountedThing": "read.claims",
    "NewestClaim": "read.claims",
    "Decided": "read.holds",
    "Deed": "read.holds",
    "DefinitionVersion": "generations.definitions",
    "Generation": "generations.naming",
    "HeldCell": "read.holds",
    "KnownRelease": "releases",
    "Ledger": "ledger",
    "NextGeneration": "generations.next",
    "NotCarried": "generations.carrying",
    "PastRelease": "releases",
    "Placed": "read.log",
    "URGENCIES": "read.log",
    "OldCopies": "read.log",
    "UnreadUpdate": "read.log",
    "Proof": "read.evidence",
    "ReadRelease": "changes.evaluate",
    "Recorded": "outcome",
    "Release": "releases",
    "Reread": "changes.replay",
    "Rewound": "rewind",
    "Rhythm": "fetchlog.rhythm",
    "SeriesHistory": "read.series",
    "Shot": "read.evidence",
    "Turns": "turns.book",
    "SourceEvent": "generations.events",
    "Standing": "fetchlog.attempts",
    "Views": "read.views",
    "Wanted": "read.log",
    "checkpoint": "proof.verify",
}

__all__ = [
    "CHANGES_SHOWN",
    "URGENCIES",
    "Archive",
    "Attempt",
    "ClaimsWanted",
    "CountedThing",
    "Decided",
    "Deed",
    "DefinitionVersion",
    "Generation",
    "HeldCell",
    "KnownRelease",
    "Ledger",
    "NewestClaim",
    "NextGeneration",
    "NotCarried",
    "OldCopies",
    "PastRelease",
    "Placed",
    "Proof",
    "ReadRelease",
    "Recorded",
    "Release",
    "Reread",
    "Rewound",
    "Rhythm",
    "SeriesHistory",
    "Shot",
    "SourceEvent",
    "Standing",
    "Turns",
    "UnreadUpdate",
    "Views",
    "Wanted",
    "checkpoint",
]


def __getattr__(name: str) -> Any:
    # Reading commands want the views alone; what writes the ledger is imported when it is asked for.
    if name not in _HOMES:
        raise AttributeError(f"module 'storage' has no attribute {name!r}")
    home = _HOMES[name]
    return getattr(import_module(home if home.startswith("changes.") else f"storage.{home}"), name)
