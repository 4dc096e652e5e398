"""No change of the reader moves a figure unseen: every text of these tests is read as it was frozen."""

from tests.prose.golden import differences


def test_every_text_is_read_as_frozen() -> None:
    moved = differences()
    assert moved == [], "look at each, then freeze: python -m tests.prose.golden --write"
