"""Reads one sheet of a workbook from standard input and writes its cells, within the limits that it is called with.

    python -I workbook_child.py MEMORY SECONDS SHEET MOST_CELLS

SHEET is a name or a pattern such as `Week *`; empty, it is the one visible sheet that holds anything. The answer is
MessagePack: the names that fit and, where one alone does, the text and the rows of that sheet. Run as a file in a
process of its own. Exit: 0 read, 3 encrypted, 4 broken, 5 out of memory, 6 too long.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from extractors.apart import BROKEN, ENCRYPTED, NO_MEMORY, TOO_LONG, bound

_LARGEST = 2**53


def main(memory: int, seconds: int, sheet: str, most_cells: int) -> int:
    """Read one sheet; returns the exit code."""
    content = sys.stdin.buffer.read()
    import msgspec
    from python_calamine import CalamineWorkbook, PasswordError

    bound(memory, seconds)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        del content
        names = _fitting(workbook, sheet)
        text, rows = "", None
        if len(names) == 1:
            found = workbook.get_sheet_by_name(names[0])
            if (found.total_height + 1) * (found.total_width + 1) > most_cells:
                return TOO_LONG
            text, rows = _written(found)
        sys.stdout.buffer.write(msgspec.msgpack.encode((names, text, rows)))
    except MemoryError:
        return NO_MEMORY
    except PasswordError:
        return ENCRYPTED
    except BaseException:  # whatever is wrong with it, a workbook that cannot be read is a broken one
        return BROKEN
    return 0


def _fitting(workbook: Any, sheet: str) -> list[str]:
    """The names of the sheets that fit; hidden ones must be named."""
    if not sheet:
        return _shown(workbook)
    names = list(workbook.sheet_names)
    return [sheet] if sheet in names else [name for name in names if fnmatchcase(name.strip(), sheet)]


def _shown(workbook: Any) -> list[str]:
    """The visible sheets; where there are several, those that hold anything."""
    names = [one.name for one in workbook.sheets_metadata if _is_shown(one)]
    filled = [name for name in names if len(names) > 1 and workbook.get_sheet_by_name(name).start]
    return filled or names[:1]


def _is_shown(sheet: Any) -> bool:
    return str(sheet.visible).endswith(".Visible") and str(sheet.typ).endswith(".WorkSheet")


def _written(sheet: Any) -> tuple[str, list[list[Any]]]:
    """The rows that hold anything, as lines that begin with their numbers in the sheet, and as their cells."""
    lines, rows = io.StringIO(), []
    writer = csv.writer(lines, delimiter="\t", lineterminator="\n")
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_plain(cell) for cell in row]
        if any(cell != "" for cell in cells):
            writer.writerow((number, *cells))
            rows.append(cells)
    return lines.getvalue(), rows


def _plain(cell: Any) -> Any:
    make = _MADE_PLAIN.get(type(cell))
    return make(cell) if make else cell


def _number(cell: float) -> int | float:
    return int(cell) if cell.is_integer() and abs(cell) < _LARGEST else cell


def _moment(cell: dt.datetime) -> str:
    return cell.isoformat(" ", "seconds") if cell.time() != dt.time() else cell.date().isoformat()


_MADE_PLAIN: dict[type, Callable[[Any], Any]] = {
    float: _number,
    dt.datetime: _moment,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: str,
    bool: lambda cell: "TRUE" if cell else "FALSE",
}


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
