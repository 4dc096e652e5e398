"""What people decide about held values: accept, correct, reject, each an update of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes import marking
from changes.accepted import Accepted
from changes.breaks import Breaks
from changes.checks.steps import Steps
from changes.kinds import ProposedChange, propose
from changes.update import PendingUpdate, Settlement
from model import CheckName, CheckResult, Day, Instant, Qualifier, UsageError, now, read_content, write_content
from storage import record, schema
from storage.facts import LedgerFacts
from storage.load import read_histories
from storage.read.names import update_id

Action = Literal["accept", "reject", "correct", "same", "break", "unbreak"]

_V, _S = schema.versions, schema.settlements


def decide(
    connection: Connection,
    state: Accepted,
    name: str,
    action: Action,
    *,
    who: str,
    why: str,
    series: str | None = None,
    as_of: Day | None = None,
    value: str | None = None,
    qualifier: Qualifier | None = None,
) -> int:
    """Append a decision on the held changes of an update, on one series' of it, or on one observation's.

    `correct` needs series, as-of and value, may give another hedge, and may also mend a value that was accepted. What a
    person decided against (rejected, or corrected) may be accepted or corrected after all, where it is named by series
    and as-of and the source has said nothing else since: the newest decision counts, all stay. `same` answers a
    proposed rename: the new label is the old series from then on. `break` accepts a value, where it was held, as the
    first of a count that began anew, and with it those held values of the series that go on from there; `unbreak`
    takes the mark back. Raises `UsageError` when nothing there can be decided.
    """
    target = update_id(connection, name)
    rows = _targets(connection, target, state, action, series, as_of)
    if action == "same":
        rows = [row for row in rows if "rename" in _details(row)]
    if action == "unbreak":
        rows = [row for row in rows if row.as_of in state.breaks.get(row.series_id, {})]
    where = f"{name} {series or ''}{'@' + as_of if as_of else ''}".strip()
    if not rows:
        raise UsageError(f"nothing in {where} waits for a decision", "tallybook review list shows what does")
    step = PendingUpdate("review", "review", _known_at(connection, target), now())
    for row in rows:
        step.settlements.append(Settlement(target, row.series_id, row.as_of, action, who, why))
        if action == "same":
            step.drafts += _continued(connection, state, row)
        elif action in ("accept", "correct") or (action == "break" and row.held):
            step.drafts += _proposed(state, row, _content(action, row, value, qualifier))
    if action in ("accept", "correct") and not step.drafts and not any(_waits(state, row) for row in rows):
        raise UsageError(f"nothing in {where} waits for a decision", "that value counts already")
    if action in ("break", "unbreak"):
        _tell_breaks(step, state, action, who, why)
    if action == "break":
        _go_on(connection, step, state, who, why)
    _mark(step, state)
    marking.mark_redated(state, step.drafts)
    marking.mark_reverts(LedgerFacts(connection, state.source_id), step.drafts)
    return record.append(connection, state, step, "", lambda _draft: None)


def _tell_breaks(step: PendingUpdate, state: Accepted, action: Action, who: str, why: str) -> None:
    """Say in the update itself what was marked: it may change no value."""
    told = f"counted anew from here on ({who}: {why})" if action == "break" else f"counted on after all ({who}: {why})"
    for one in step.settlements:
        key = state.keys[one.series_id]
        step.checks.append(
            CheckResult(name=CheckName.BREAK.value, result="pass", message=told, series=key, as_of=Day(one.as_of))
        )


def _go_on(connection: Connection, step: PendingUpdate, state: Accepted, who: str, why: str) -> None:
    """Accept with the first value of a new count the later ones that wait and are ordinary beside it."""
    for first in [one for one in step.settlements if one.action == "break"]:
        began = [draft for draft in step.drafts if draft.series_id == first.series_id]
        known = Breaks(state.breaks.get(first.series_id, {}) | {Day(first.as_of): why})
        later = _stepwise(connection, state, first.series_id, Day(first.as_of))
        for row, draft in _in_line(state, first.series_id, began, later, known):
            going_on = f"goes on from {first.as_of}: {why}"
            step.settlements.append(Settlement(row.update_id, row.series_id, row.as_of, "accept", who, going_on))
            step.known_at = max(step.known_at, _known_at(connection, row.update_id))
            # It counts from a value that this update accepts too, so no recorded version is its base.
            draft.base_as_of, draft.base_update, draft.old = None, None, None
            step.drafts.append(draft)


def _in_line(
    state: Accepted, series_id: int, began: list[ProposedChange], later: list[Any], known: Breaks
) -> list[tuple[Any, ProposedChange]]:
    """Those of the later values whose steps, from where a new count began, no check would hold."""
    proposed = [(row, propose(state, row.series_id, row.as_of, row.content)) for row in later]
    changes = [(row, change) for row, change in proposed if change is not None]
    if not changes:
        return []
    together = [*began, *(change for _, change in changes)]
    findings = Steps(state, series_id, together, may_fall=False, breaks=known).judge(Day(""))
    held = {key for finding in findings for key in finding.holds}
    return [(row, change) for row, change in changes if change.key not in held]


def _known_at(connection: Connection, update: int) -> Instant:
    """When the world could read what an update recorded."""
    query = sa.select(schema.updates.c.known_at).where(schema.updates.c.id == update)
    return Instant(connection.execute(query).scalar_one())


def _stepwise(connection: Connection, state: Accepted, series_id: int, after: Day) -> list[Any]:
    """A series' later values that wait, and that are held as steps alone, oldest first."""
    waiting = {(held.update_id, day): held for (of, day), held in state.held.items() if of == series_id and day > after}
    found = []
    for (update, day), held in sorted(waiting.items(), key=lambda one: one[0][1]):
        reasons = connection.execute(
            sa.select(schema.checks.c.name).where(
                schema.checks.c.update_id == update,
                schema.checks.c.result == "hold",
                sa.or_(schema.checks.c.series.is_(None), schema.checks.c.series == state.keys[series_id]),
                sa.or_(schema.checks.c.as_of.is_(None), schema.checks.c.as_of == day),
            )
        ).scalars()
        if held.open and held.content is not None and set(reasons) <= {CheckName.FALL, CheckName.JUMP}:
            found.append(_Waiting(update, series_id, day, held.content))
    return found


class _Waiting(NamedTuple):
    """A held value that waits: the update that recorded it, its series, as-of and content."""

    update_id: int
    series_id: int
    as_of: Day
    content: str


def _mark(step: PendingUpdate, state: Accepted) -> None:
    """Say of each accepted value that counts on from before a break why it is counted anew."""
    fresh = {(one.series_id, Day(one.as_of)): one.why for one in step.settlements if one.action == "break"}
    for draft in step.drafts:
        known = dict(state.breaks.get(draft.series_id, {}))
        known |= {day: why for (series_id, day), why in fresh.items() if series_id == draft.series_id}
        if draft.base_as_of is not None and known:
            draft.series_break = Breaks(known).between(draft.base_as_of, draft.as_of)


def _targets(
    connection: Connection, target: int, state: Accepted, action: Action, series: str | None, as_of: Day | None
) -> Sequence[Any]:
    """The held versions of an update that wait; of one observation that is named, also what may be decided again."""
    query = (
        sa.select(_V, schema.series.c.key)
        .select_from(_V.join(schema.series))
        .where(_V.c.update_id == target)
        .order_by(_V.c.series_id, _V.c.as_of)
    )
    if series is not None:
        query = query.where(schema.series.c.key == series)
    if as_of is not None:
        query = query.where(_V.c.as_of == as_of)
    rows, settled = connection.execute(query).all(), _settled(connection, target)
    read_histories(connection, state, {row.series_id for row in rows})
    named = series is not None and as_of is not None
    return [
        row
        for row in rows
        if ((row.series_id, row.as_of) not in settled and _waits(state, row))
        or (as_of is not None and action in ("correct", "break", "unbreak") and _origin(state, row) == target)
        or (named and action in ("accept", "correct") and _undoable(state, row, settled))
    ]


def _settled(connection: Connection, target: int) -> dict[tuple[int, str], tuple[str, int]]:
    """What became of an update's values: by series and as-of, the newest (action, update that settled it)."""
    query = sa.select(_S.c.series_id, _S.c.as_of, _S.c.action, _S.c.update_id).order_by(_S.c.update_id)
    rows = connection.execute(query.where(_S.c.target_id == target, _S.c.action.not_in(("break", "unbreak"))))
    return {(row.series_id, row.as_of): (row.action, row.update_id) for row in rows}


def _waits(state: Accepted, row: Any) -> bool:
    held = state.held.get((row.series_id, row.as_of))
    return bool(row.held) and (held is None or held.update_id != row.update_id or held.open)


def _origin(state: Accepted, row: Any) -> int:
    return state.origin.get(row.series_id, {}).get(row.as_of, 0)


def _undoable(state: Accepted, row: Any, settled: Mapping[tuple[int, str], tuple[str, int]]) -> bool:
    """Whether a person decided against a value, and neither the source nor anybody has said something else since."""
    action, settled_by = settled.get((row.series_id, row.as_of), ("", 0))
    return action in ("reject", "correct") and _origin(state, row) <= settled_by


_PLAIN = re.compile(r"-?\d{1,24}(?:\.\d+)?")
_LONGEST = 32
"""A number is no longer than 30 digits with sign and point: more breaks whatever computes with it, for good."""


def _content(action: Action, row: Any, value: str | None, qualifier: Qualifier | None) -> str | None:
    if action != "correct":
        return None if row.content is None else str(row.content)
    written = (value or "").strip()
    if not _PLAIN.fullmatch(written) or len(written) > _LONGEST:
        raise UsageError(f"{written[:60]!r} is no number", "write it plainly, such as 11138; 24 digits at most")
    number = Decimal(written)
    hedge = qualifier or read_content(row.content or "").qualifier
    return write_content(number, qualifier="exact" if hedge == "range" else hedge)


def _details(row: Any) -> dict[str, Any]:
    return dict(msgspec.json.decode(row.detail)) if row.detail else {}


def _continued(connection: Connection, state: Accepted, row: Any) -> list[ProposedChange]:
    """What the new label states, as observations of the series that it is now said to be."""
    if row.kind != "first":
        return []
    renamed = sa.select(schema.series.c.id).where(schema.series.c.key == _details(row)["rename"])
    series_id = int(connection.execute(renamed).scalar_one())
    read_histories(connection, state, [series_id])
    return _proposed(state, row, row.content, series_id)


def _proposed(state: Accepted, row: Any, content: str | None, series_id: int | None = None) -> list[ProposedChange]:
    """The change that a decision makes, against what is accepted today; none where that value counts already."""
    marks = _details(row) if content == row.content else {}
    change = propose(state, series_id or row.series_id, row.as_of, content, how=marks.get("how"))
    if change is None:
        return []
    change.redated = marks.get("redated")
    return [change]
