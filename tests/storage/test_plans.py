"""Questions that are asked at every refresh look nothing up by passing over the history."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage import Views, Wanted, load
from storage.read import queries
from tests.storage.books import Book, days, source

THEN = {"series": "book/tanks", "source": 1, "known_at": "2025-01-20", "head": 1, "horizon": "2025-01-20"}


# PostgreSQL plans by the size of its tables: a small one there tells nothing.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "values"),
    [
        (queries.held_query(), {}),
        (queries.held_query(1), {}),
        (queries.MOMENTS, THEN),
        (queries.WHERE_THEN.bindparams(ids=[1], **{name: THEN[name] for name in THEN if name != "series"}), THEN),
        (queries.NEWEST_NOW.bindparams(ids=[1]), THEN),
        (queries.SUMMED.bindparams(ids=[1, 2]), {}),
        (queries.changes_query(limited=True).params(ids=[1, 2], most=50), {}),
        (sa.text(load._SERIES), THEN),
        (sa.text(load._HORIZON), THEN),
        (sa.text(load._RENAMES), THEN),
    ],
)
def test_no_question_of_every_refresh_reads_all_versions_or_all_updates(
    tmp_path: Path, query: Any, values: Mapping[str, Any]
) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", days(1, 20))
    plan = plan_of(book, query, values)
    assert plan
    assert not [line for line in plan if line.startswith("SCAN") and line.split()[1] in NAMES], plan


def plan_of(book: Book, query: Any, values: Mapping[str, Any]) -> list[str]:
    """How SQLite goes about a query, a line a step."""
    asked: list[tuple[str, Any]] = []
    with book.ledger.engine.connect() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        connection.execute(query, dict(values))
        statement, arguments = asked[-1]
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", arguments).all()]


NAMES = {"versions", "current", "updates", "v", "x", "u", "h", "c"}
"""Tables that grow with the history, and what the questions call them."""


# The index of PostgreSQL is the same; which one it takes depends on how large its tables are.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kinds", [("revised",), ("first", "withdrawn")])
def test_a_log_filtered_by_kind_is_sought_in_an_index_alone(tmp_path: Path, kinds: Any) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", days(1, 20))
    asked: list[tuple[str, Any]] = []
    sa.event.listen(book.ledger.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    found = Views(book.ledger.engine, book.archive).page(Wanted(kinds=kinds))
    assert len(found) == ("first" in kinds)
    statement, arguments = next(one for one in asked if "EXISTS" in one[0])
    with book.ledger.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", arguments).all()]
    sought = "USING COVERING INDEX ix_versions_update_id (update_id=? AND kind=?)"
    assert [line for line in plan if line.startswith("SEARCH versions") and line.endswith(sought)], plan


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("of", [None, 1])
def test_what_settled_a_value_is_sought_by_the_value_though_its_update_has_thousands(tmp_path: Path, of: Any) -> None:
    book = Book(tmp_path, source())
    plan = plan_of(book, queries.held_query(of), {})
    sought = "USING INDEX ix_settlements_target_id (target_id=? AND series_id=? AND as_of=?) LEFT-JOIN"
    assert f"SEARCH settlements {sought}" in plan, plan
