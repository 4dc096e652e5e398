"""The archive of snapshots and the ledger of versions: what was read, what changed, who decided, and the proof."""

from storage.archive import Archive
from storage.attempts import Attempt, Standing
from storage.ledger import Ledger, PastRelease, Recorded, Release
from storage.replay import Reread
from storage.verify import checkpoint
from storage.views import CHANGES_SHOWN, Views

__all__ = [
    "CHANGES_SHOWN",
    "Archive",
    "Attempt",
    "Ledger",
    "PastRelease",
    "Recorded",
    "Release",
    "Reread",
    "Standing",
    "Views",
    "checkpoint",
]
