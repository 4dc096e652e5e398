"""Random tables, against a model of a few lines: what counts, what each change is, and what reading again proves."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from changes.kinds import ProposedChange
from tests.changes.memory import MemoryLedger, Row, source

CELLS = st.tuples(
    st.sampled_from(["tanks\x1fa", "tanks\x1fb", "guns"]),
    st.sampled_from([f"2025-01-0{day}" for day in range(1, 5)]),
    st.sampled_from(["", "?", "10", "~10", "12", "1500", "7..9"]),
)
TABLES = st.lists(st.lists(CELLS, max_size=7), min_size=1, max_size=6)
Key = tuple[str, str]


def stated(table: Sequence[Row]) -> dict[Key, set[str]]:
    """What a table says of each observation; two values are none."""
    said: dict[Key, set[str]] = {}
    for ref, day, content in table:
        said.setdefault((ref, day or ""), set()).add(content)
    return said


def after(counts: dict[Key, str], table: Sequence[Row], coverage: str) -> dict[Key, str]:
    """What counts once a table is read: all that it states once, and what it does not take back."""
    said = stated(table)
    values = {key: found - {"", "?"} for key, found in said.items()}
    known = {key: one for key, found in values.items() if len(found) == 1 for one in found}
    if coverage != "full" or not any(values.values()):
        return counts | known
    unclear = {key for key, found in said.items() if len(values[key]) > 1 or (not values[key] and "?" in found)}
    # A value that is stated twice in two ways, alone on its page, is all that its page says: nothing is taken back.
    return {key: value for key, value in counts.items() if key in unclear} | known


def readable(book: MemoryLedger) -> dict[Key, str]:
    refs = book.accepted.first_ref
    return {(refs[of], day): content for of, live in book.accepted.live.items() for day, content in live.items()}


def kind(before: dict[Key, str], ever: set[Key], change: ProposedChange, ref: str) -> str:
    """The kind of a change, from what counted and what ever did."""
    key = (ref, change.as_of)
    days = [day for of, day in ever if of == ref]
    if change.content is None:
        return "withdrawn"
    if key in before:
        return "requalified" if before[key].lstrip("~") == change.content.lstrip("~") else "revised"
    if key in ever:
        return "restored"
    return "first" if not days else "new" if change.as_of > max(days) else "late"


@settings(max_examples=300, deadline=None)
@given(TABLES, st.sampled_from(["full", "latest", "window"]))
def test_what_counts_is_what_the_tables_said_last(tables: list[list[Row]], coverage: str) -> None:
    book, counts, ever = MemoryLedger(source(coverage=coverage)), dict[Key, str](), set[Key]()
    for at, table in enumerate(tables, 1):
        done = book.release(f"2025-02-{at:02}", table, hold=False)
        for change in done.changes:
            ref = book.accepted.first_ref[change.series_id]
            assert change.kind == kind(counts, ever, change, ref)
            assert change.old == counts.get((ref, change.as_of)) or change.kind in ("restored", "new")
        counts = after(counts, table, coverage)
        ever |= counts.keys()
        assert readable(book) == counts
        assert not book.release(f"2025-02-{at:02}", table, hold=False, text=f"again {at}").changes


@settings(max_examples=300, deadline=None)
@given(TABLES, TABLES, st.sampled_from(["full", "latest"]))
def test_reading_all_again_leads_where_the_new_reader_would_have_led(
    tables: list[list[Row]], others: list[list[Row]], coverage: str
) -> None:
    book = MemoryLedger(source(coverage=coverage))
    for at, table in enumerate(tables, 1):
        book.release(f"2025-02-{at:02}", table, hold=False)
    assert book.replay(tables) == []
    otherwise = [*others, *tables][: len(tables)]
    counts: dict[Key, str] = {}
    for table in otherwise:
        counts = after(counts, table, coverage)
    book.replay(otherwise)
    assert readable(book) == counts
    assert book.replay(otherwise) == []
