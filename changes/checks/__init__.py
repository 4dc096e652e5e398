"""The checks between comparing and believing, in the order in which they are run.

A new check is a function from a `Context` to findings, and a line here; docs/checks.md takes its table from it.
"""

from __future__ import annotations

from changes.checks import dates, drift, names, page, partial, parts, possible, reading, renames, steps
from changes.checks.context import Check
from model import CheckName

CHECKS = (
    Check(
        CheckName.NOTHING_EXTRACTED,
        "no followed figure was found on the page: a failed release, nothing changes",
        "",
        page.nothing_extracted,
    ),
    Check(
        CheckName.COUNT_OUT_OF_BOUNDS,
        "the page has fewer or more figures than `expect.figures` allows; everything in it waits",
        "",
        page.count_out_of_bounds,
    ),
    Check(
        CheckName.EXPECTED_SERIES_MISSING,
        "",
        "a page states no longer what it stated, or what `expected` or `expect.series` names",
        page.expected_series_missing,
    ),
    Check(
        CheckName.DUPLICATE_KEY,
        "two rows with one key differ: neither counts, the last accepted value stays",
        "they agree",
        page.duplicate_key,
    ),
    Check(
        CheckName.ROLLBACK,
        "the table equals a recorded release that is not the last, and rows are missing; the hold closes itself when "
        "the accepted table returns",
        "",
        page.rollback,
    ),
    Check(
        CheckName.RENAME,
        "a row or series comes while one is not there any more whose label differs by digits, signs, marks, case or "
        "padding alone, or, in a whole table, whose figures are nearly the same: one series or two?",
        "",
        renames.rename,
    ),
    Check(
        CheckName.ENCODED_TWICE,
        "a new series' label is text that was encoded twice (`ZÃ¼rich`)",
        "",
        names.encoded_twice,
    ),
    Check(
        CheckName.REWRITTEN,
        "more than 5 % of a whole table's known cells, and 20 at least, are revised or withdrawn; or, under every "
        "coverage, more than half of one series' past, and 5 values at least: its changes alone wait (`restates: true` "
        "passes, with the share)",
        "",
        page.rewritten,
    ),
    Check(
        CheckName.PARTIAL,
        "more than a fifth of the cells known of a whole table, and 3 at least, are not there any more: they stay",
        "of 3 series at least, and more than a third of those of a rule that were current together, a table that may "
        "leave rows out states nothing",
        partial.partial,
    ),
    Check(
        CheckName.IMPOSSIBLE,
        "a value cannot be what is counted (people below none, a share above the whole, too many digits), or stands "
        "for an unknown one (9999)",
        "",
        possible.impossible,
    ),
    Check(
        CheckName.FUTURE_AS_OF,
        "the as-of is after the day of reading by the publisher's calendar; a running month or year may bear its last "
        "day",
        "a page (`coverage: latest`) is dated one day ahead: of an old copy often only the day in the fetcher's zone "
        "is known",
        dates.future_as_of,
    ),
    Check(
        CheckName.FALL,
        "a running total falls by more than 0.3 %, and by more than corrections do (two, or its usual step up to 1 %)",
        "it falls by less",
        steps.fall_and_jump,
    ),
    Check(CheckName.JUMP, "see below", "a series with fewer than 14 steps rises by more than 25 % and 100"),
    Check(
        CheckName.PART_ABOVE_TOTAL,
        "a subgroup is larger than the whole that the same release states",
        "",
        parts.part_above_total,
    ),
    Check(
        CheckName.SHAPE_DRIFT,
        "what says what a number is counts is another (below); everything in the release waits",
        "it lost a word, or its rule fits more places; or nothing that is followed changed with it",
        drift.shape_drift,
    ),
    Check(CheckName.NUMBER_FORMAT, "numbers of a column can be read in two ways (1.234), and nothing decides", ""),
    Check(CheckName.SCALE, 'a heading or caption says "in thousands" and the definition does not', ""),
    Check(CheckName.DATE_ORDER, "days of a column can be read in two ways (03/04), and nothing decides", ""),
    Check(CheckName.DATES_UNREADABLE, "half of a table's days, or more, cannot be read", ""),
    Check(CheckName.DATE_OUT_OF_PLACE, "a day stands out of the order of all others of its table", ""),
    Check(CheckName.HEADING_TWICE, "a followed heading stands over two columns", ""),
    Check(CheckName.ROW_TOO_WIDE, "a row has more cells than there are headings", ""),
    Check(CheckName.PART_OF_MANY, "an answer is one page of many", ""),
    Check(CheckName.UNREADABLE_ROW, "", "a row has more or fewer cells than the table; nothing is taken for gone"),
    Check(CheckName.UNREADABLE_VALUE, "", "a cell or place is there, and no number can be read in it"),
    Check(CheckName.COLUMN_MISSING, "", "a column that the definition follows is not in the table"),
    Check(CheckName.AS_OF_MISSING, "", "the day that a page speaks of is not where the definition looks for it"),
    Check(CheckName.UNKNOWN_HEDGE, "", "the words of a hedge are none that is known; the value counts without it"),
    Check(CheckName.CORRECTED, "", "passes, and says which mistake of the publisher's the definition mended"),
    Check(CheckName.SAID_AGAIN, "", "passes, and says which words of an article were taken for one count"),
    Check(CheckName.UNFOLLOWED, "", "passes, and says how many figures that nobody follows were left out"),
    Check(CheckName.CARRIED, "", "passes, and says which value another source carried before"),
    Check(CheckName.BREAK, "", "passes, and says from which observation on a person had a series counted anew"),
    Check(CheckName.ENDED, "", "passes, and says which items a list (`coverage: list`) has no longer, or has again"),
)
"""Every check, in the order of their running; those that are found while reading, or by people, come last."""

READING = Check(CheckName.UNREADABLE_ROW, "", "", reading.found_while_reading)
"""What is run first: the findings of the reader, whatever their names."""

LEFT_OUT = frozenset((CheckName.UNREADABLE_ROW, CheckName.UNREADABLE_VALUE))
"""Checks that say that a row, or a cell, was not read."""

REPEATED = LEFT_OUT | {
    CheckName.SHAPE_DRIFT,
    CheckName.EXPECTED_SERIES_MISSING,
    CheckName.COLUMN_MISSING,
    CheckName.PARTIAL,
}
"""Warnings that are told again whenever a look finds the newest release unchanged."""


def table() -> str:
    """The checks as a table of Markdown."""
    rows = (f"|`{check.name.value}`|{check.holds}|{check.warns}|" for check in CHECKS)
    return "\n".join(("|check|holds when|warns when|", "|---|---|---|", *rows)) + "\n"
