"""PxWeb's own JSON: columns of keys (`d`), times (`t`) and contents (`c`), and rows of keys and values."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from extractors.tables.cubes.rows import Cube, Dimension, bound, converted, distinct, withholds
from model import UnreadableError


class _PxColumn(msgspec.Struct):
    code: str
    text: str = ""
    type: Literal["d", "t", "c"] = "d"


class _KeyedRow(msgspec.Struct):
    key: list[str]
    values: list[Any]


class _About(msgspec.Struct):
    label: str = ""


class _PxTable(msgspec.Struct):
    columns: list[_PxColumn]
    data: list[_KeyedRow]
    metadata: list[_About] = []


def seems(parsed: dict[str, Any]) -> bool:
    """Whether a document is such a table, by a few of its members."""
    data = parsed.get("data")
    first = data[0] if isinstance(data, list) and data else None
    return "columns" in parsed and isinstance(first, dict) and {"key", "values"} <= set(first)


def read(parsed: Any) -> Cube:
    """The rows of a table. Raises `UnreadableError` where its parts do not go together."""
    table = converted(parsed, _PxTable, "PxWeb table")
    distinct([one.code for one in table.columns], "the PxWeb table")
    bound(len(table.data))
    keys, contents = _of_type(table, "dt"), _of_type(table, "c")
    for number, row in enumerate(table.data, start=1):
        _check_sizes(row, number, (len(keys), len(contents)))
    rows, codes = _cells(table.data), [one.code for one in keys]
    return Cube(
        names=[*codes, *(one.code for one in contents)],
        rows=rows,
        ways=[("data", number) for number in range(len(rows))],
        below={len(keys) + number: ("values", number) for number in range(len(contents))},
        dimensions=[Dimension(code, [*dict.fromkeys(row[at] for row in rows)]) for at, code in enumerate(codes)],
        figures={one.code: one.text for one in contents},
        days=next((one.code for one in _of_type(table, "t")), None),
        beside=[one.label for one in table.metadata],
    )


def _of_type(table: _PxTable, types: str) -> list[_PxColumn]:
    return [one for one in table.columns if one.type in types]


def _check_sizes(row: _KeyedRow, number: int, sizes: tuple[int, int]) -> None:
    if (len(row.key), len(row.values)) != sizes:
        said = f"{sizes[0]} keys and {sizes[1]} values, as the columns say"
        raise UnreadableError(f"row {number:,} does not have {said}")


def _cells(rows: list[_KeyedRow]) -> list[list[Any]]:
    return [[*row.key, *(None if withholds(one) else one for one in row.values)] for row in rows]
