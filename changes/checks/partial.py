"""Does a release bring as much as is known, or is it a part of one?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from changes.checks.context import Check, Context, Finding, found
from model import Day

LOST_AT_LEAST = 3
LOST_SHARE, MISSED_SHARE = 1 / 5, 1 / 3
"""Of a table that is whole, of which nothing goes unless it was taken out; and of one that may leave rows out."""


def partial(context: Context) -> Iterator[Finding]:
    """Hold what would go where a good part of a table is gone; tell what is left out of one that may leave rows out."""
    if context.source.coverage == "full":
        yield from _lost(context)
    elif context.source.coverage != "list" and context.source.reads_with.tabular:
        yield from _missed(context)


def _lost(context: Context) -> Iterator[Finding]:
    """Hold what goes where a good part is not there, with what was kept before and is not there again."""
    gone = {one.key for one in context.changes if one.kind == "withdrawn" and not one.echo} - context.held
    missing = sum(one.kind == "withdrawn" and not one.echo for one in context.comparison.raw)
    known = sum(len(live) for live in context.accepted.live.values())
    if gone and missing >= LOST_AT_LEAST and missing > LOST_SHARE * known:
        message = f"{missing:,} of {known:,} known cells are not in the table any more"
        yield found("partial", "hold", message, holds=gone)


def _missed(context: Context) -> Iterator[Finding]:
    """Of the series of a rule that were current together, those that this release leaves out."""
    seen = context.seen
    stated = seen.contents.keys() | {series_id for series_id, _ in (*seen.conflicts, *seen.unread)}
    if len(context.accepted.live.keys() - stated) < LOST_AT_LEAST:
        return
    for rule, current in _current(context).items():
        missed = sorted(current - stated)
        if len(missed) >= LOST_AT_LEAST and len(current) > len(missed) > MISSED_SHARE * len(current):
            first = context.accepted.keys[missed[0]]
            message = (
                f"{len(missed):,} of {len(current):,} series of {rule} are not stated, {first} among them; their last "
                "values stay, and are not taken for new"
            )
            yield found("partial", "warn", message, at=(f"{context.source.id}/{rule}", None))


def _current(context: Context) -> dict[str, set[int]]:
    """By rule, the series whose newest observation is the rule's newest."""
    newest: dict[str, dict[int, Day]] = defaultdict(dict)
    for series_id, live in context.accepted.live.items():
        if live:
            newest[context.figure_id(series_id)][series_id] = max(live)
    return {
        rule: {series_id for series_id, day in days.items() if day == max(days.values())}
        for rule, days in newest.items()
    }


CHECKS = (
    Check(
        "partial",
        partial,
        order=90,
        holds=(
            "more than a fifth of the cells known of a whole table, and 3 at least, are not there any more: they stay"
        ),
        warns=(
            "of 3 series at least, and more than a third of those of a rule that were current together, a "
            "table that may leave rows out states nothing"
        ),
        repeated=True,
    ),
)
