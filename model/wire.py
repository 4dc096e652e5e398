"""JSON in and out: decimals as exact plain numbers, keys always present, one line a value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted = msgspec.json.Encoder(decimal_format="number", order="sorted")


def plain(number: Decimal) -> str:
    """Write a decimal without exponent, exactly as it is worth."""
    return format(number, "f")


def dumps(value: Any) -> str:
    """Encode a value of the model, or plain containers of them, as one line of JSON."""
    return _encoder.encode(_spelled(msgspec.to_builtins(value, builtin_types=(Decimal,)))).decode()


def canonical(value: Any) -> bytes:
    """Encode for digests: sorted keys, plain decimals; equal values give equal bytes on every machine."""
    return _sorted.encode(_spelled(msgspec.to_builtins(value, builtin_types=(Decimal,))))


def loads(data: str | bytes, type: type[T]) -> T:
    """Decode JSON into a type of the model, checked; raises `msgspec.ValidationError` naming the place."""
    return msgspec.json.decode(data, type=type)


def _spelled(value: Any) -> Any:
    # msgspec writes str(Decimal), which takes an exponent for 1E+3 and 1E-7; the design promises plain numbers.
    if isinstance(value, Decimal):
        return msgspec.Raw(plain(value).encode())
    if isinstance(value, dict):
        return {key: _spelled(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(inner) for inner in value]
    return value
