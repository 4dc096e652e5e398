"""The review page: what changed and the proof, in one look; decisions, series, sources, and the same as an API."""

from __future__ import annotations

from review.office import Office, RefreshOutcome, SourceStanding
from review.store import AccountStore

__all__ = ["AccountStore", "Office", "RefreshOutcome", "SourceStanding"]
