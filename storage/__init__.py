"""The archive of snapshots and the ledger of versions: what was read, what changed, who decided, and the proof."""

from storage.archive import Archive
from storage.attempts import Attempt, Standing
from storage.ledger import Ledger, Recorded, Release
from storage.verify import checkpoint
from storage.views import CHANGES_SHOWN, Views

__all__ = ["CHANGES_SHOWN", "Archive", "Attempt", "Ledger", "Recorded", "Release", "Standing", "Views", "checkpoint"]
