"""Checks of a release as a whole: did it state anything, as much as it should, once, and as a new release does?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set

from changes.checks.context import Check, Context, Finding, found
from changes.compare import told
from changes.kinds import Key, ProposedChange
from changes.marks.lists import is_empty_list
from model import CheckName, FigureRule, SeriesRule

REWRITTEN_SHARE, REWRITTEN_AT_LEAST = 0.05, 20
OVERWRITTEN_SHARE, OVERWRITTEN_AT_LEAST = 0.5, 5
"""Of one series' own past, whatever the size of its table and its coverage."""


def nothing_extracted(context: Context) -> Iterator[Finding]:
    """Tell a release that states nothing that is followed."""
    if not context.seen.contents and not context.seen.conflicts and not is_empty_list(context.source, context.reading):
        yield found(CheckName.NOTHING_EXTRACTED, "hold", "no followed figure was found on the page")


def count_out_of_bounds(context: Context) -> Iterator[Finding]:
    """Hold a release with fewer or more figures than its definition expects."""
    bounds, count = context.source.expect.figures, context.seen.count
    if bounds is None or not (context.seen.contents or context.seen.conflicts) or bounds[0] <= count <= bounds[1]:
        return
    message = f"{_cells(count, 'figure')} found; the definition expects {bounds[0]:,} to {bounds[1]:,}"
    yield found("count_out_of_bounds", "hold", message, holds=context.everything)


def expected_series_missing(context: Context) -> Iterator[Finding]:
    """Warn of what a release must state and does not."""
    seen = context.seen
    if not seen.contents and not seen.conflicts:
        return
    expected = _expected(context)
    if not expected:
        return
    stated = {context.figure_id(series_id) for series_id in (*seen.contents, *(key[0] for key in seen.conflicts))}
    for figure_id in expected:
        if figure_id not in stated:
            yield found(
                "expected_series_missing",
                "warn",
                f"{figure_id} is not stated in this release; its last value stays, and is not taken for new",
                at=(f"{context.source.id}/{figure_id}", None),
            )


def _expected(context: Context) -> list[str]:
    """The series that a release must state: those the definition says, and on a page all that it ever stated."""
    source = context.source
    rules: tuple[FigureRule | SeriesRule, ...] = (*source.figures, *source.series)
    wanted = {rule.id for rule in rules if rule.expected} | set(source.expect.series)
    if source.extractor in ("selectors", "table") and source.coverage == "latest":
        wanted |= {context.figure_id(series_id) for series_id in context.accepted.valued()}
    return [rule.id for rule in rules if rule.id in wanted]


def duplicate_key(context: Context) -> Iterator[Finding]:
    """Tell what one release states twice under one key: two values count neither, equal ones only warn."""
    seen, keys = context.seen, context.accepted.keys
    for (series_id, as_of), values in sorted(seen.conflicts.items()):
        message = f"stated twice with different values ({' and '.join(map(told, values))}); neither counts"
        yield found("duplicate_key", "hold", message, at=(keys[series_id], as_of))
    if seen.repeated:
        series_id, as_of = min(seen.repeated)
        message = f"{len(seen.repeated)} cells are stated twice with equal values"
        yield found("duplicate_key", "warn", message, at=(keys[series_id], as_of))


def rollback(context: Context) -> Iterator[Finding]:
    """Recognise an older copy of the table: it equals a recorded release that is not the last, and rows are missing."""
    stated = context.seen.contents
    missing = sum(change.kind == "withdrawn" for change in context.changes)
    # What is missing for the second time joins the hold of the first, and is an older copy none the less.
    again = sum(as_of not in stated.get(series_id, {}) for series_id, as_of in context.comparison.joined)
    if not (missing or again) or context.cause == "replay":
        return
    copy = context.facts.copy_of(context.snapshot.text_sha256)
    if copy is not None:
        message = f"an older copy of the table: it equals the release of {copy} and lacks {_cells(missing + again)}"
        yield found("rollback", "hold", message, holds=context.everything)


def rewritten(context: Context) -> Iterator[Finding]:
    """Hold a release that rewrites more of the past than corrections do, unless that is this source's habit.

    What was refused before and is stated again counts with it; without that only what is rewritten now waits.
    """
    now = frozenset(_rewriting(context.changes))
    touched = Counter(series_id for series_id, _ in _rewriting(context.comparison.raw) if now)
    known = Counter({one: len(of_series) for one, of_series in context.accepted.live.items()})
    if context.source.coverage == "full" and _is_bulk(touched.total(), known.total()):
        holds = context.everything if len(now) >= OVERWRITTEN_AT_LEAST else now
        yield _rewritten(context, touched.total(), known.total(), holds)
    else:
        yield from _overwritten(context, {one for one, _ in now if _is_overwritten(touched[one], known[one])}, touched)


def _overwritten(context: Context, series: Set[int], touched: Mapping[int, int]) -> Iterator[Finding]:
    if series:
        holds = frozenset(change.key for change in context.changes if change.series_id in series)
        known = sum(len(context.accepted.live[one]) for one in series)
        yield _rewritten(context, sum(touched[one] for one in series), known, holds)


def _rewriting(changes: Iterable[ProposedChange]) -> Iterator[Key]:
    return (one.key for one in changes if one.kind in ("revised", "withdrawn") and not one.echo)


def _is_bulk(count: int, known: int) -> bool:
    return count >= REWRITTEN_AT_LEAST and count > REWRITTEN_SHARE * known


def _is_overwritten(count: int, known: int) -> bool:
    return count >= OVERWRITTEN_AT_LEAST and count > OVERWRITTEN_SHARE * known


def _rewritten(context: Context, touched: int, known: int, holds: Iterable[Key]) -> Finding:
    share = f"{touched:,} of {known:,} known cells are revised or withdrawn ({touched / known:.0%})"
    if context.source.restates:
        return found("rewritten", "pass", f"{share}, which is this source's habit")
    return found("rewritten", "hold", share, holds=holds)


def _cells(count: int, noun: str = "cell") -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


CHECKS = (
    Check(
        CheckName.NOTHING_EXTRACTED,
        nothing_extracted,
        order=10,
        holds="no followed figure was found on the page: a failed release, nothing changes",
    ),
    Check(
        "count_out_of_bounds",
        count_out_of_bounds,
        order=20,
        holds="the page has fewer or more figures than `expect.figures` allows; everything in it waits",
    ),
    Check(
        "expected_series_missing",
        expected_series_missing,
        order=30,
        warns="a page states no longer what it stated, or what `expected` or `expect.series` names",
        repeated=True,
    ),
    Check(
        "duplicate_key",
        duplicate_key,
        order=40,
        holds="two rows with one key differ: neither counts, the last accepted value stays",
        warns="they agree",
    ),
    Check(
        "rollback",
        rollback,
        order=50,
        holds=(
            "the table equals a recorded release that is not the last, and rows are missing; the hold closes "
            "itself when the accepted table returns"
        ),
        of_changes=True,
    ),
    Check(
        "rewritten",
        rewritten,
        order=80,
        holds=(
            "more than 5 % of a whole table's known cells, and 20 at least, are revised or withdrawn; or, "
            "under every coverage, more than half of one series' past, and 5 values at least: its changes "
            "alone wait (`restates: true` passes, with the share)"
        ),
        of_changes=True,
    ),
)
