"""Contents as numbers, and numbers as a check tells them."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from model import read_content


@lru_cache(maxsize=1 << 16)
def number_of(content: str | None) -> Decimal | None:
    """The single number of a content; None for a range and for none."""
    return read_content(content).value if content else None


def shown(number: Decimal) -> str:
    """A number as a person reads it: thousands separated, below ten to a tenth, without a point where it is whole."""
    rounded = number.quantize(Decimal("1") if abs(number) >= 10 else Decimal("0.1"))
    return f"{rounded:,f}".removesuffix(".0")
