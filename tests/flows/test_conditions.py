"""A publisher's word that nothing changed is believed for a week at most."""

from __future__ import annotations

import pytest

from flows.fetching.conditions import remembered, validators
from model import Fetched, Instant
from storage import Attempt


def answer(at: str, status: int, headers: dict[str, str]) -> Attempt:
    return Attempt(at=Instant(at), url=None, status=status, state="unchanged", headers=headers)


@pytest.mark.parametrize(("now", "asked"), [("2026-01-07T06:00:00Z", True), ("2026-01-08T06:00:00Z", False)])
def test_the_week_counts_from_the_bytes_through_every_304(now: str, asked: bool) -> None:
    last = answer("2026-01-01T06:00:00Z", 200, {"ETag": '"same"'})
    told = Fetched(url="https://e.example/", at=Instant("2026-01-05T06:00:00Z"), status=304, content=None)
    between = answer("2026-01-05T06:00:00Z", 304, remembered(last, told).headers)
    assert validators(between, Instant(now)) == ({"ETag": '"same"'} if asked else None)
