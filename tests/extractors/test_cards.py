"""A card is a short line; no longer one reaches the patterns, whose time would grow faster than the line."""

from __future__ import annotations

import pytest

from extractors.page import cards


def test_a_number_alone_on_its_line_is_a_card_and_a_long_line_is_none() -> None:
    assert cards.is_bare("1,206")
    assert not cards.is_bare("5" + " " * 500)


@pytest.mark.parametrize("part", [" ", "1", "a ", "1 ", "[1"])
def test_no_long_line_reaches_a_pattern(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    class Watched:
        def fullmatch(self, line: str) -> None:
            seen.append(len(line))

    monkeypatch.setattr(cards, "BARE", Watched())
    monkeypatch.setattr(cards, "_LABEL", Watched())
    text = f"Deaths\n44\n{part * 50_000}\n45\n"
    cards.side_of_label(text, (7, 9))
    cards.is_bare(part * 50_000)
    assert seen
    assert max(seen) <= 120
