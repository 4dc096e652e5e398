"""One claim carried by many reports is one claim: who else states the value that a carrier quotes, told beside it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flows.desk import Desk
from model import UNREADABLE, CheckResult, Reading, SeriesRef, Source, UsageError, Version, read_content

NAMED = 3
"""How many other carriers are named; of the rest the number is told."""


def carried(desk: Desk, source: Source, reading: Reading) -> Iterator[CheckResult]:
    """Say of each value that speaks of another source's series (`counts_as`) where the same claim is recorded.

    The counter's own update is named where its ledger has the value, else what it stands at; then the other carriers.
    """
    counted = {rule.id: rule.counts_as for rule in source.series if rule.counts_as}
    if not counted:
        return
    told: set[tuple[str, Decimal]] = set()
    for ref, _, content, _ in reading.cells:
        figure_id = SeriesRef.parse(ref).figure_id
        counter, value = (
            counted.get(figure_id),
            read_content(content).value if content not in ("", UNREADABLE) else None,
        )
        if counter is None or value is None or (figure_id, value) in told:
            continue
        told.add((figure_id, value))
        claims = [_beside_counter(desk, counter, value), _beside_carriers(desk, source, counter, value)]
        message = "; ".join(claim for claim in claims if claim)
        if message:
            yield CheckResult(name="carried", result="pass", message=message, series=f"{source.id}/{figure_id}")


def _beside_counter(desk: Desk, counter: str, value: Decimal) -> str:
    versions = _versions(desk, counter)
    same = next((version for version in reversed(versions) if version.value == value), None)
    if same is not None:
        return f"the claim of {counter} as of {same.as_of} ({same.update})"
    latest = next((version for version in reversed(versions) if version.value is not None), None)
    return f"{counter} has no {value:,}; it stands at {latest.value:,} as of {latest.as_of}" if latest else ""


def _beside_carriers(desk: Desk, source: Source, counter: str, value: Decimal) -> str:
    carriers = (desk.catalogue[name] for name in desk.catalogue if name != source.id)
    keys = (f"{one.id}/{rule.id}" for one in carriers for rule in one.series if rule.counts_as == counter)
    found = [version.update for key in keys for version in _versions(desk, key) if version.value == value]
    names = list(dict.fromkeys(found))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"also carried by {', '.join(names[:NAMED])}{more}" if names else ""


def _versions(desk: Desk, series: str) -> list[Version]:
    try:
        return [version for version in desk.ledger.views.show(series) if not version.held]
    except UsageError:
        return []
