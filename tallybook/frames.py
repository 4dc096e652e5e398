"""The ledger as pandas frames; values are floats there, exact decimals stay in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.desk import Desk
from model import parse_instant

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = ("value", "low", "high")
_DAYS = ("as_of", "period_start", "period_end")
_TIMES = ("known_at", "recorded_at")


def frame(source: str | None = None, *, known_at: str | None = None, recorded_by: str | None = None) -> pd.DataFrame:
    """The accepted observations, one a row: now, as the world could know them at a time, or as we had recorded them.

    Raises `UsageError` for an unknown source or a time that is none.
    """
    with Desk.open() as desk:
        rows = desk.views.table(
            source,
            known_at=parse_instant(known_at) if known_at else None,
            recorded_by=parse_instant(recorded_by) if recorded_by else None,
            quotes=False,
        )
    return _frame(
        rows, ("series", "as_of", *_NUMBERS, "qualifier", "unit", "measure", "kind", "update", *_TIMES, "series_break")
    )


def vintages(series: str) -> pd.DataFrame:
    """All recorded versions of one series: a row an as-of, a column an update, in the order they were known.

    A held version is left out; a withdrawn one is missing. Raises `UsageError` for an unknown series.
    """
    with Desk.open() as desk:
        rows = [row for row in desk.views.show(series) if not row.held]
    table = _frame(rows, ("as_of", "known_at", "value"))
    table["stated"] = table["value"].notna().astype(float)
    last = table.groupby(["as_of", "known_at"])[["value", "stated"]].last()
    values, stated = (last[name].unstack("known_at").sort_index(axis=1).ffill(axis="columns") for name in last.columns)
    return values.where(stated == 1)


def series(source: str | None = None) -> pd.DataFrame:
    """What is followed, one series a row, with how many observations it has and its newest as-of."""
    with Desk.open() as desk:
        rows = desk.views.series(source)
    return _frame(rows, ("series", "source", "measure", "kind", "unit", "whom", "category", "basis", "observations"))


def _frame(rows: list[Any], columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    made = pd.DataFrame([{name: getattr(row, name) for name in columns} for row in rows], columns=list(columns))
    for name in columns:
        if name in _NUMBERS:
            made[name] = pd.to_numeric(made[name].astype(object))
        elif name in _DAYS:
            # Minutes (`grain: minute`) and dates stand in one column: both without a zone, in UTC.
            made[name] = pd.to_datetime([day and day.removesuffix("Z") for day in made[name]], format="ISO8601")
        elif name in _TIMES:
            made[name] = pd.to_datetime(made[name], utc=True, format="ISO8601")
    return made
