"""What was found while reading: a doubt of the reader holds what the release brings."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from changes.checks.context import Check, Context, Finding
from model import CheckName


def found_while_reading(context: Context) -> Iterator[Finding]:
    """The findings of the reader; a doubt holds all that is new, or what is new at its as-of, and else only warns."""
    for result in context.reading.checks:
        if result.result != "hold":
            yield Finding(result)
            continue
        touched = frozenset(change.key for change in context.changes if result.as_of in (None, change.as_of))
        if touched:
            yield Finding(result, touched)
        elif result.as_of is None:  # one of a day that is known already was told when it came
            yield Finding(msgspec.structs.replace(result, result="warn", message=f"would be held: {result.message}"))


CHECKS = (
    Check(
        CheckName.UNREADABLE_ROW,
        found_while_reading,  # whatever the names of what it found
        order=0,
        warns="a row has more or fewer cells than the table; nothing is taken for gone",
        repeated=True,
    ),
    Check(
        "number_format",
        holds="numbers of a column can be read in two ways (1.234), and nothing decides",
    ),
    Check(
        "scale",
        holds='a heading or caption says "in thousands" and the definition does not',
    ),
    Check(
        "date_order",
        holds="days of a column can be read in two ways (03/04), and nothing decides",
    ),
    Check(
        "dates_unreadable",
        holds="half of a table's days, or more, cannot be read",
    ),
    Check(
        "date_out_of_place",
        holds="a day stands out of the order of all others of its table",
    ),
    Check(
        "heading_twice",
        holds="a followed heading stands over two columns",
    ),
    Check(
        "row_too_wide",
        holds="a row has more cells than there are headings",
    ),
    Check(
        "pdf_unclear",
        holds="cells or rows of a PDF's table cannot be parted, or a page may hide some",
    ),
    Check(
        "part_of_many",
        holds="an answer is one page of many",
    ),
    Check(
        CheckName.UNREADABLE_VALUE,
        warns="a cell or place is there, and no number can be read in it",
        repeated=True,
    ),
    Check(
        "not_counted_up",
        warns="what rows come to (`aggregate:`) is not stated, since one of them is in doubt or may be missing",
        repeated=True,
    ),
    Check(
        "column_missing",
        warns="a column that the definition follows is not in the table",
        repeated=True,
    ),
    Check(
        "as_of_missing",
        warns="the day that a page speaks of is not where the definition looks for it",
    ),
    Check(
        "unknown_hedge",
        warns="the words of a hedge are none that is known; the value counts without it",
    ),
    Check(
        "corrected",
        warns="passes, and says which mistake of the publisher's the definition mended",
    ),
    Check(
        "said_again",
        warns="passes, and says which words of an article were taken for one count",
    ),
    Check(
        CheckName.REDIRECTED,
        warns="the address is answered from another host or path; where it has moved for good, what to write as `url`",
        repeated=True,
    ),
    Check(
        "unfollowed",
        warns="passes, and says how many figures that nobody follows were left out",
    ),
    Check(
        "carried",
        warns="passes, and says which value another source carried before",
    ),
    Check(
        "witness_differs",
        warns="what a figure speaks of (`counts_as`) has another number at the same as-of where it is counted",
        repeated=True,
    ),
    Check(
        CheckName.BREAK,
        warns="passes, and says from which observation on a person had a series counted anew",
        of_changes=True,
    ),
    Check(
        CheckName.ENDED,
        warns="passes, and says which items a list (`coverage: list`) has no longer, or has again",
    ),
)
