"""What people decide about held values: accept, correct, reject, each an update of its own."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Change, Day, UsageError, now, read_content, write_content
from storage import record, schema
from storage.compare import Draft
from storage.record import Settlement, Step
from storage.state import State, read_histories
from storage.views import update_id

Action = Literal["accept", "reject", "correct", "same"]

_V, _S = schema.versions, schema.settlements


class OpenHold(msgspec.Struct, frozen=True, kw_only=True):
    """One held change that waits for a person, with the checks that held it."""

    update: str
    change: Change
    reasons: tuple[str, ...]


def decide(
    connection: Connection,
    state: State,
    name: str,
    action: Action,
    *,
    who: str,
    why: str,
    series: str | None = None,
    as_of: Day | None = None,
    value: str | None = None,
) -> int:
    """Append a decision on the held changes of an update, on one series' of it, or on one observation's.

    `correct` needs series, as-of and value, and may also mend a value that was accepted. `same` answers a proposed
    rename: the new label is the old series from then on. Raises `UsageError` when nothing there can be decided.
    """
    target = update_id(connection, name)
    rows = _targets(connection, target, state, series, as_of, correcting=action == "correct")
    if action == "same":
        rows = [row for row in rows if "rename" in _details(row)]
    if not rows:
        where = f"{name} {series or ''}{'@' + as_of if as_of else ''}".strip()
        raise UsageError(f"nothing in {where} waits for a decision", "tallybook review list shows what does")
    known_at = connection.execute(
        sa.select(schema.updates.c.known_at).where(schema.updates.c.id == target)
    ).scalar_one()
    step = Step("review", "review", known_at, now())
    for row in rows:
        step.settlements.append(Settlement(target, row.series_id, row.as_of, action, who, why))
        if action == "same":
            step.drafts += _continued(connection, state, row)
        elif action != "reject":
            step.drafts.append(_draft(state, row.series_id, row.as_of, _content(action, row, value)))
    step.drafts = [draft for draft in step.drafts if draft.kind != "same"]
    return record.append(connection, state, step, "", lambda _draft: None)


def _targets(
    connection: Connection, target: int, state: State, series: str | None, as_of: Day | None, *, correcting: bool
) -> Sequence[Any]:
    """The undecided held versions of an update; for a correction also one that counts now."""
    settled = (_S.c.target_id == _V.c.update_id) & (_S.c.series_id == _V.c.series_id) & (_S.c.as_of == _V.c.as_of)
    query = (
        sa.select(_V, schema.series.c.key)
        .select_from(_V.join(schema.series).outerjoin(_S, settled))
        .where(_V.c.update_id == target, _S.c.action.is_(None))
        .order_by(_V.c.series_id, _V.c.as_of)
    )
    if series is not None:
        query = query.where(schema.series.c.key == series)
    if as_of is not None:
        query = query.where(_V.c.as_of == as_of)
    rows = connection.execute(query).all()
    read_histories(connection, state, {row.series_id for row in rows})
    counts = [row for row in rows if state.origin.get(row.series_id, {}).get(row.as_of) == target]
    return [row for row in rows if row.held or (correcting and as_of is not None and row in counts)]


def _content(action: Action, row: Any, value: str | None) -> str | None:
    if action != "correct":
        return None if row.content is None else str(row.content)
    try:
        number = Decimal((value or "").replace(",", "").strip())
        if not number.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise UsageError(f"{value!r} is no number", "write it plainly, such as 11138") from None
    qualifier = read_content(row.content or "").qualifier
    return write_content(number, qualifier="exact" if qualifier == "range" else qualifier)


def _details(row: Any) -> dict[str, Any]:
    return dict(msgspec.json.decode(row.detail)) if row.detail else {}


def _continued(connection: Connection, state: State, row: Any) -> list[Draft]:
    """What the new label states, as observations of the series that it is now said to be."""
    if row.kind != "first":
        return []
    renamed = sa.select(schema.series.c.id).where(schema.series.c.key == _details(row)["rename"])
    series_id = int(connection.execute(renamed).scalar_one())
    read_histories(connection, state, [series_id])
    return [_draft(state, series_id, row.as_of, row.content)]


def _draft(state: State, series_id: int, as_of: Day, content: str | None) -> Draft:
    """The change that a decision makes, against what is accepted today."""
    live = state.live.get(series_id, {})
    base = state.origin.get(series_id, {}).get(as_of)
    draft = Draft(series_id, as_of, "new", content, base_update=base)
    latest = state.latest.get(series_id)
    if as_of in live:
        draft.old = live[as_of]
        draft.kind = "same" if draft.old == content else "withdrawn" if content is None else "revised"
    elif content is None:
        draft.kind = "same"
    elif as_of in state.gone.get(series_id, {}):
        draft.kind, draft.old = "restored", state.gone[series_id][as_of]
    elif latest is None:
        draft.kind = "first"
    elif as_of < latest:
        draft.kind = "late"
    elif (before := state.latest_before(series_id, as_of)) is not None:
        draft.base_as_of, draft.old = before, live[before]
        draft.base_update = state.origin[series_id][before]
    return draft
