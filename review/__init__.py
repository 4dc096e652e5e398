"""The review page: what changed and the proof, in one look; decisions, series, sources, and the same as an API."""

from __future__ import annotations

from review.office import Office, Outcome, Standing
from review.store import Store

__all__ = ["Office", "Outcome", "Standing", "Store"]
