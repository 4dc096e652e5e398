"""Updates made by hand, such as a ledger would give them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from model import (
    Baseline,
    Change,
    ChangeKind,
    CheckResult,
    Day,
    Figure,
    Group,
    Instant,
    Marks,
    Result,
    Stated,
    Update,
    Verdict,
    Why,
)

JULY_18, AUGUST_2, AUGUST_3 = "2025-07-18T06:00:00Z", "2025-08-02T06:00:00Z", "2025-08-03T06:00:00Z"


def figure(value: str | int | None = None, **fields: Any) -> Figure:
    """A figure of people with the given number."""
    numbers = {name: Decimal(str(fields.pop(name))) for name in ("low", "high") if name in fields}
    number = None if value is None else Decimal(str(value))
    return Figure(value=number, **numbers, **{"unit": "people", **fields})


def change(
    kind: ChangeKind = "new",
    old: Figure | str | int | None = None,
    new: Figure | str | int | None = None,
    *,
    as_of: str = "2025-07-31",
    series: str = "demo_count/killed",
    why: Why = "source",
    held: bool = False,
    stated: Stated | None = None,
    **marks: Any,
) -> Change:
    """A change whose difference is that of its two values, where both are single numbers."""
    before = old if isinstance(old, Figure) or old is None else figure(old)
    after = new if isinstance(new, Figure) or new is None else figure(new)
    difference = None
    if before and after and before.value is not None and after.value is not None:
        difference = after.value - before.value
    return Change(
        kind=kind,
        why=why,
        series=series,
        as_of=Day(as_of),
        old=before,
        new=after,
        difference=difference,
        held=held,
        marks=Marks(**marks),
        stated=stated,
    )


def baseline(value: int = 119_154, versions_back: int = 1) -> Baseline:
    """The version of 18 July that the stated increase counts from."""
    return Baseline(
        update="mediazona/12",
        series="demo_count/killed",
        as_of=Day("2025-07-18"),
        known_at=Instant(JULY_18),
        value=Decimal(value),
        versions_back=versions_back,
    )


def stated(verdict: Verdict, value: int | None = 2_353, **fields: Any) -> Stated:
    """A stated increase with its verdict."""
    numbers = {name: Decimal(fields.pop(name)) for name in ("implied_base", "computed") if name in fields}
    return Stated(
        value=None if value is None else Decimal(value),
        verdict=verdict,
        baseline=fields.pop("baseline", None),
        **numbers,
        **fields,
    )


def group(kind: ChangeKind, count: int, *, up: int = 0, down: int = 0, net: int | None = None, **fields: Any) -> Group:
    """A group of changes in one series, from February 2022 to 10 January 2024 where no span is given."""
    return Group(
        kind=kind,
        count=count,
        as_of_first=Day(fields.pop("first", "2022-02-24")),
        as_of_last=Day(fields.pop("last", "2024-01-10")),
        net=None if net is None else Decimal(net),
        up=up,
        down=down,
        largest=None,
        **({"series": "demo_table/tanks"} | fields),
    )


def check(result: Result, message: str, name: str = "jump", series: str | None = None) -> CheckResult:
    """A named check's result."""
    return CheckResult(name=name, result=result, message=message, series=series)


def update(*changes: Change, number: int = 2, known_at: str = AUGUST_2, **fields: Any) -> Update:
    """An accepted update of the counter's ledger with the given changes."""
    source = fields.pop("source", "demo_count")
    defaults: dict[str, Any] = {
        "cause": "fetch",
        "status": "accepted",
        "snapshot": "ab" * 32,
        "changes_total": len(changes),
        "groups": (),
        "checks": (),
        "title": "The count by name",
        "basis": "counted",
        "url": "https://counter.example/count",
        "content_digest": "cd" * 32,
        "chain_digest": "ef" * 32,
    }
    return Update(
        update=f"{source}/{number}",
        source=source,
        known_at=Instant(known_at),
        recorded_at=Instant(known_at),
        changes=changes,
        **(defaults | fields),
    )
