"""Carrying people's decisions from one generation of a source to the next, where they speak of the same value.

A decision is on a value: a series, an as-of, and what was read there. In the generation that is derived it is looked
for in the update of the same snapshot first, else wherever it was stated last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from changes.accepted import Accepted
from changes.decide import Action, RecordedValue, Ruling
from changes.update import Evaluation
from model import CheckResult, Day, UsageError, read_content
from storage.append import append
from storage.archive import Archive
from storage.decisions import evaluate_values, recorded_values
from storage.driver.rows import raw
from storage.load import load, read_histories
from storage.read.names import update_name

REFUSED = "refused"
"""The name of the check that holds what a person refused in the generation before."""


class NotCarried(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that could not be carried over: what was decided on what, by whom and why, and why it cannot."""

    decision: str
    series: str
    as_of: Day
    action: str
    who: str
    why: str
    reason: str


class PastRuling(NamedTuple):
    """One value that a decision of an earlier generation speaks of: what was read there, and what was to count."""

    target: int
    action: Action
    who: str
    why: str
    series: str
    as_of: Day
    content: str | None
    counts: str | None


_GIVEN = """
    SELECT t.target_id, t.action, t.who, t.why, s.key, t.as_of, v.content, r.content
    FROM settlements t JOIN series s ON s.id = t.series_id
    JOIN versions v ON v.series_id = t.series_id AND v.as_of = t.as_of AND v.update_id = t.target_id
    LEFT JOIN versions r ON r.series_id = t.series_id AND r.as_of = t.as_of AND r.update_id = t.update_id
    WHERE t.update_id = :update ORDER BY t.target_id, t.action, t.series_id, t.as_of
"""
_REFUSED = """
    SELECT t.update_id, s.key, t.as_of, v.content, t.who, t.why
    FROM settlements t JOIN series s ON s.id = t.series_id JOIN updates u ON u.id = t.update_id
    JOIN versions v ON v.series_id = t.series_id AND v.as_of = t.as_of AND v.update_id = t.target_id
    WHERE u.source_id = :source AND t.action = 'reject' ORDER BY t.update_id
"""
_STATED = """
    SELECT v.update_id, v.content FROM versions v JOIN series s ON s.id = v.series_id
    WHERE s.source_id = :source AND s.key = :key AND v.as_of = :as_of
    ORDER BY CASE WHEN v.update_id = :update THEN 0 ELSE 1 END, v.update_id DESC
"""
"""Where a generation states an observation: in the update of the same snapshot first, then the newest first."""


class Refusals:
    """Values that people refused in the generation before: they wait again until that decision is carried over."""

    def __init__(self, connection: Connection, source_id: int) -> None:
        self._pending: dict[tuple[str, Day, str | None], list[tuple[int, str]]] = {}
        for update, key, as_of, content, who, why in raw(connection, _REFUSED, {"source": source_id}):
            self._pending.setdefault((key, as_of, content), []).append((update, f"{who}: {why}"))

    def carried(self, update: int) -> None:
        """A decision was come to: what it refused waits no longer for it."""
        left = {place: [one for one in some if one[0] != update] for place, some in self._pending.items()}
        self._pending = {place: some for place, some in left.items() if some}

    def hold(self, accepted: Accepted, evaluation: Evaluation) -> Evaluation:
        """The same, with those of its changes held that a person refused when they were met before."""
        keys = {one.id: one.key for one in evaluation.naming.opened}
        changes, checks = [], []
        for change in evaluation.changes:
            key = keys.get(change.series_id) or accepted.keys[change.series_id]
            refused = self._pending.get((key, change.as_of, change.content))
            if refused and not change.held:
                change = msgspec.structs.replace(change, held=True)
                told = f"it was refused before ({refused[0][1]})"
                checks.append(CheckResult(name=REFUSED, result="hold", message=told, series=key, as_of=change.as_of))
            changes.append(change)
        return replace(evaluation, changes=changes, checks=[*evaluation.checks, *checks]) if checks else evaluation


class Carrier:
    """Decides in a generation what people decided in the one before; `updates` are that one's by its own."""

    def __init__(self, connection: Connection, archive: Archive, source_id: int, updates: Mapping[int, int]) -> None:
        self.connection, self.archive, self.source_id, self.updates = connection, archive, source_id, updates

    def carry(self, decided: int) -> tuple[int, list[NotCarried]]:
        """Carry over an update's decisions: on how many values it could be, and those on which it could not."""
        given = [PastRuling(*row) for row in raw(self.connection, _GIVEN, {"update": decided})]
        if any(one.action == "break" for one in given):
            given = [one for one in given if one.action == "break"]  # what goes on from there is found again
        lost = list[NotCarried]()
        for _, some in groupby(given, key=lambda one: (one.action, one.who, one.why)):
            lost += self._carry_alike(decided, list(some))
        return len(given) - len(lost), lost

    def _carry_alike(self, decided: int, given: Sequence[PastRuling]) -> Iterator[NotCarried]:
        """Carry what was decided alike: together what waits for it, the rest one by one."""
        together = self._together(given) if given[0].action in ("accept", "reject") else set[int]()
        for at, one in enumerate(given):
            if at not in together and (reason := self._alone(one)):
                yield _not_carried(self.connection, decided, one, reason)

    def _together(self, given: Sequence[PastRuling]) -> set[int]:
        """Decide at once on all values that wait; returns the places of those."""
        state = self._state(given)
        found = {at: self._stated(state, one) for at, one in enumerate(given)}
        waiting = {at: value for at, value in found.items() if value is not None and _waits(state, value)}
        if waiting:
            self._decide(state, given[0], list(waiting.values()))
        return set(waiting)

    def _alone(self, one: PastRuling) -> str:
        """Carry one value's decision; returns why that cannot be, empty where it is done or holds already."""
        state = self._state([one])
        value = self._stated(state, one)
        if value is None:
            return "no release states that value there any more"
        counts = one.content if one.action == "accept" else one.counts
        live = state.live.get(value.series_id, {}).get(value.as_of)
        if one.action in ("accept", "correct") and live == counts and not _waits(state, value):
            return ""
        try:
            self._decide(state, one, [value], named=True)
        except UsageError as error:
            return error.message
        return ""

    def _state(self, given: Sequence[PastRuling]) -> Accepted:
        state = load(self.connection, self.source_id)
        ids = {key: series_id for series_id, key in state.keys.items()}
        read_histories(self.connection, state, {ids[one.series] for one in given if one.series in ids})
        return state

    def _stated(self, state: Accepted, one: PastRuling) -> RecordedValue | None:
        """The value in this generation: one that waits, else that of the same snapshot, else the newest."""
        asked = {"source": self.source_id, "key": one.series, "as_of": one.as_of}
        rows = raw(self.connection, _STATED, asked | {"update": self.updates.get(one.target, 0)})
        same = [update for update, content in rows if content == one.content]
        ruling = Ruling(update="", action=one.action, who=one.who, why=one.why, series=one.series, as_of=one.as_of)
        values = [value for update in same for value in recorded_values(self.connection, update, ruling)]
        return next((value for value in values if _waits(state, value)), values[0] if values else None)

    def _decide(
        self, state: Accepted, one: PastRuling, values: Sequence[RecordedValue], *, named: bool = False
    ) -> None:
        content = read_content(one.counts or "") if one.action == "correct" else None
        ruling = Ruling(
            update=f"the decision on {one.series}",
            action=one.action,
            who=one.who,
            why=one.why,
            series=one.series if named else None,
            as_of=one.as_of if named else None,
            value=format(content.value, "f") if content is not None and content.value is not None else None,
            qualifier=content.qualifier if content is not None else None,
        )
        append(self.connection, self.archive, state, evaluate_values(self.connection, state, ruling, values))


def _waits(state: Accepted, value: RecordedValue) -> bool:
    held = state.held.get(value.key)
    return value.held and held is not None and held.open and held.update_id == value.update_id


def _not_carried(connection: Connection, decided: int, one: PastRuling, reason: str) -> NotCarried:
    return NotCarried(
        decision=update_name(connection, decided),
        series=one.series,
        as_of=one.as_of,
        action=one.action,
        who=one.who,
        why=one.why,
        reason=reason,
    )
