"""Shows a reporter why each figure of a text says what it says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from extractors.prose.explaining import Reason, stated
from model import Figure
from publish.numbers import number
from publish.safe import safe

if TYPE_CHECKING:
    from rich.console import Console

_LABELS = {"attributed_to": "who says it", "whom": "of whom", "qualifier": "hedge"}


def print_explained(told: Iterable[tuple[Figure, dict[str, Reason]]], console: Console) -> None:
    """Print each figure with its sentence, and under it every field, what it says, and the words or rule behind it."""
    from rich.table import Table
    from rich.text import Text

    for figure, why in told:
        console.print(Text(_clean(figure.number_text), style="bold"), Text(_clean(figure.quote), style="dim"))
        grid = Table.grid(padding=(0, 2, 0, 2))
        for field, reason in why.items():
            behind = f"“{_clean(reason.words)}”" if reason.words else reason.rule or ""
            behind += f", which heads the {reason.scope}" if reason.scope else ""
            style = "" if reason.words else "dim"
            label = _LABELS.get(field, field)
            grid.add_row(Text(label, style="dim"), Text(_spelled(stated(figure, field))), Text(behind, style=style))
        console.print(grid)
        console.print()


def _clean(text: str) -> str:
    return safe(" ".join(text.split()), "terminal")


def _spelled(value: Any) -> str:
    if isinstance(value, dict):
        parts = [f"{name.replace('_', ' ')} {_spelled(one)}" for name, one in value.items()]
        return ", ".join(parts)
    if isinstance(value, tuple):
        return ", ".join(_clean(one) for one in value)
    if isinstance(value, bool):
        return "yes"
    return _clean(value) if isinstance(value, str) else number(value)
