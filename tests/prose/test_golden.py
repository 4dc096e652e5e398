"""No change of the reader moves a figure unseen, or without a new version: every text here is read as it was frozen."""

from tests.golden import differences, sealed
from tests.prose.golden import PROSE


def test_every_text_is_read_as_frozen() -> None:
    moved = differences(PROSE)
    assert moved == [], "look at each, raise VERSION in extractors/prose, then: python -m tests.golden prose --write"


def test_no_frozen_reading_was_changed_without_a_new_version() -> None:
    assert sealed(PROSE)
