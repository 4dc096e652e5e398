"""The tables and lines of pages, and the tables that go on from one page to the next."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from extractors.pdf_tables.gaps import parted_by_gaps
from extractors.pdf_tables.headings import PageBlock, TablePart, TextAt
from extractors.pdf_tables.lattice import lattices
from extractors.pdf_tables.words import PageInk, Word, is_number, middle, words_of


def blocks_of(drawn: PageInk) -> list[PageBlock]:
    """The tables and the other lines of a page, from its top to its foot."""
    words, doubts = words_of(drawn)
    ruled, words = _ruled(drawn, words)
    found: list[PageBlock] = [*ruled, *parted_by_gaps(words, drawn.across)]
    return sorted((_doubted(one, doubts) for one in found), key=lambda one: one.top)


def _ruled(drawn: PageInk, words: list[Word]) -> tuple[list[TablePart], list[Word]]:
    """The tables whose columns drawn lines part, and the words that stand in none."""
    found: list[TablePart] = []
    for lattice in lattices(drawn):
        inside = [word for word in words if lattice.holds(word)]
        table = lattice.table(inside) if inside else None
        if table is not None:
            found.append(table)
            words = [word for word in words if not lattice.holds(word)]
    return found, words


def _doubted(block: PageBlock, doubts: Sequence[tuple[float, str]]) -> PageBlock:
    """A block with the doubts about text that lies over text in it."""
    if not isinstance(block, TablePart):
        return block
    inside = [told for base, told in doubts if block.top <= base <= block.bottom + 2]
    return block._replace(doubts=[*block.doubts, *inside])


def joined(pages: list[list[PageBlock]]) -> list[list[PageBlock]]:
    """The pages with tables that go on from one to the next marked so, and what may be lost between them doubted."""
    counted = Counter(told for blocks in pages for told in {_plain(one) for one in blocks if isinstance(one, TextAt)})
    running = {told for told, count in counted.items() if count > 1}
    last = _LastTable(None, [], [])
    out: list[list[PageBlock]] = []
    for blocks in pages:
        out.append(_after(last, blocks, running))
        last = _last_of(last, out[-1], running)
    return out


class _LastTable(NamedTuple):
    """The last table so far, and the lines above and below it."""

    part: TablePart | None
    above: list[str]
    below: list[str]


def _plain(line: TextAt) -> str:
    return re.sub(r"\d+", "#", line.text)


def _after(last: _LastTable, blocks: list[PageBlock], running: set[str]) -> list[PageBlock]:
    """The blocks of a page, below the last table of those before."""
    shown: list[PageBlock] = []
    above: list[str] | None = []
    for block in blocks:
        if isinstance(block, TablePart):
            block = _again_headed(block if above is None else _continued(last, block, above))
            above = None
        elif above is not None and _plain(block) not in running:
            above.append(block.text)
        shown.append(block)
    return shown


def _last_of(last: _LastTable, blocks: list[PageBlock], running: set[str]) -> _LastTable:
    """The last table that is there after a page, with the lines around it that are not of every page."""
    own = [one for one in blocks if isinstance(one, TablePart) or _plain(one) not in running]
    for block in own:
        if isinstance(block, TextAt):
            last = last._replace(below=[*last.below, block.text])
        elif block.goes_on and last.part is not None:
            last = _LastTable(last.part._replace(rows=[*last.part.rows, *block.rows]), last.above, [])
        else:
            last = _LastTable(block if block.heads else None, last.below, [])
    return last


def _names(part: TablePart) -> list[tuple[str, ...]]:
    return [tuple(box.text for box in row) for row in part.rows[: part.heads]]


def _continued(last: _LastTable, part: TablePart, above: list[str]) -> TablePart:
    """A table at the head of a page: the one before goes on where its headings are repeated, or its columns are.

    Other words above it than above the one before begin another table.
    """
    before = last.part
    if before is not None and _goes_on(before, part) and (not above or _begins_alike(above, last.above)):
        return part._replace(goes_on=True, doubts=[*part.doubts, *_broken(before, part)])
    doubt = [] if part.heads else ["it has no heading, and may go on from the page before"]
    unsure = before is not None and not above and not last.below
    return part._replace(doubts=[*part.doubts, *doubt], may_go_on=unsure or not part.heads)


def _goes_on(before: TablePart, part: TablePart) -> bool:
    if len(before.rows[0]) != len(part.rows[0]):
        return False
    return _names(before) == _names(part) if part.heads else _is_below(before, part)


def _begins_alike(above: list[str], before: list[str]) -> bool:
    """Whether a line above a table begins as one above the table before: `Table 4 (continued)`."""
    return any(one.split()[:2] == other.split()[:2] for one in above for other in before)


def _broken(before: TablePart, part: TablePart) -> Iterator[str]:
    """A doubt where a row may be broken by the end of a page: what is left of it has no number."""
    for row in (*before.rows[-1:], *part.rows[part.heads : part.heads + 1]):
        if not any(is_number(box.text) for box in row):
            yield f"{' '.join(box.text for box in row if box.text)[:60]!r} at the end of a page may go with another row"


def _is_below(before: TablePart, part: TablePart) -> bool:
    """Whether each column stands where the same one of the table before does."""
    for at in range(len(part.rows[0])):
        places = [middle(row[at]) for row in part.rows if row[at].text]
        if places and bisect_right(before.edges[1:], median(places)) != at:
            return False
    return True


def _again_headed(part: TablePart) -> TablePart:
    """The rows without a heading that is repeated among them."""
    names = _names(part)
    rows = [row for row in part.rows[part.heads :] if tuple(box.text for box in row) not in names]
    return part._replace(rows=[*part.rows[: part.heads], *rows])
