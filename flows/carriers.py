"""One claim carried by many reports is one claim: who else states the value that a carrier quotes, told beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from changes.labels import identity_of, name
from flows.desk import Desk
from model import UNREADABLE, CheckResult, Day, Reading, Source, UsageError, Version, read_content

NAMED = 3
"""How many other carriers are named; of the rest the number is told."""

MOST_SERIES = 100
"""Of a table with more series than this no more are compared with those of the counter."""


def carried(desk: Desk, source: Source, reading: Reading) -> Iterator[CheckResult]:
    """Say of each value that speaks of another source's series (`counts_as`) where the same claim is recorded.

    The counter's own update is named where its ledger has the value, else what it stands at; then the other carriers.
    Where the counter has another value at the very as-of that is stated, the two are set against each other.
    """
    if not source.carries:
        return
    told: set[tuple[str, Decimal]] = set()
    for (series, as_of, content), counter in _newest(source, reading):
        number = read_content(content)
        if number.value is None or (series, number.value) in told:
            continue
        told.add((series, number.value))
        versions = _versions(desk, counter)
        differs = _differs(versions, counter, as_of, content)
        claims = [
            _beside_counter(versions, counter, number.value),
            _beside_carriers(desk, source, counter, number.value),
        ]
        if differs:
            yield CheckResult(name="witness_differs", result="warn", message=differs, series=series, as_of=as_of)
        elif message := "; ".join(claim for claim in claims if claim):
            yield CheckResult(name="carried", result="pass", message=message, series=series)


def _newest(source: Source, reading: Reading) -> Iterator[tuple[tuple[str, Day | None, str], str]]:
    """What is newest of each series that speaks of another: (series, as-of, content), and the other's key.

    Of prose, all that is stated of it.
    """
    identity = identity_of(source)
    found: dict[object, tuple[tuple[str, Day | None, str], str]] = {}
    for ref, as_of, content, handle in reading.cells:
        series = f"{source.id}/{name(identity(ref))}"
        counter = source.counted_as(series) if content not in ("", UNREADABLE) else None
        known = found.get(series)
        if counter and (known is None or source.prose or (as_of or "") >= (known[0][1] or "")):
            found[(series, handle) if source.prose else series] = (series, as_of, content), counter
    yield from list(found.values())[:MOST_SERIES]


def _differs(versions: Sequence[Version], counter: str, as_of: Day | None, content: str) -> str:
    """What the counter states at the same as-of, where that is another number and both are exact."""
    there = [
        version for version in versions if as_of is not None and version.as_of == as_of and version.value is not None
    ]
    values = {version.value for version in there if version.qualifier == "exact"}
    stated = read_content(content)
    if not values or stated.qualifier != "exact" or stated.value in values:
        return ""
    return f"{counter} has {there[-1].value:,} as of {as_of} ({there[-1].update}), not {stated.value:,}"


def _beside_counter(versions: Sequence[Version], counter: str, value: Decimal) -> str:
    same = next((version for version in reversed(versions) if version.value == value), None)
    if same is not None:
        return f"the claim of {counter} as of {same.as_of} ({same.update})"
    latest = next((version for version in reversed(versions) if version.value is not None), None)
    return f"{counter} has no {value:,}; it stands at {latest.value:,} as of {latest.as_of}" if latest else ""


def _beside_carriers(desk: Desk, source: Source, counter: str, value: Decimal) -> str:
    others = (desk.catalogue[name] for name in desk.catalogue if name != source.id)
    keys = (key for one in others for key in one.carriers_of(counter))
    found = [version.update for key in keys for version in _versions(desk, key) if version.value == value]
    names = list(dict.fromkeys(found))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"also carried by {', '.join(names[:NAMED])}{more}" if names else ""


def _versions(desk: Desk, series: str) -> list[Version]:
    try:
        return [version for version in desk.ledger.views.show(series) if not version.held]
    except UsageError:
        return []
