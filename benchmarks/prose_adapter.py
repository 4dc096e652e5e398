"""The prose extractor as one more peer of a benchmark that reads figures in text: run(text, lang)."""

from __future__ import annotations

from typing import Any

import msgspec

from extractors.prose import read_figures


class Prose:
    """Reads a text's figures; each comes as a dict with its place, value and all other fields."""

    def run(self, text: str, lang: str | None = None) -> list[dict[str, Any]]:
        """The figures of one text, numbers as floats."""
        return [_plain(msgspec.structs.asdict(figure)) for figure in read_figures(text, language=lang)]


def _plain(figure: dict[str, Any]) -> dict[str, Any]:
    for name in ("value", "low", "high"):
        if figure[name] is not None:
            figure[name] = float(figure[name])
    return figure
