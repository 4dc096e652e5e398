"""What a decision is about, read for `changes.decide`: the versions of an update, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes.accepted import Accepted
from changes.decide import RecordedValue, Ruling, decide
from changes.update import Evaluation
from model import UsageError
from storage import schema
from storage.facts import LedgerFacts
from storage.load import read_histories
from storage.read.names import update_id

_V, _S = schema.versions, schema.settlements


def evaluate_decision(connection: Connection, accepted: Accepted, answer: Ruling) -> Evaluation:
    """Work out what a person's answer changes; see `storage.ledger.Ledger.decide`.

    Raises `UsageError` for an update of a generation that is not in force any more.
    """
    target = update_id(connection, answer.update)
    of = connection.execute(sa.select(schema.updates.c.source_id).where(schema.updates.c.id == target)).scalar_one()
    if of != accepted.source_id:
        told = f"{answer.update} stands in a generation of its source that is not in force any more"
        raise UsageError(told, "decide on what tallybook review list shows")
    return evaluate_values(connection, accepted, answer, recorded_values(connection, target, answer))


def evaluate_values(
    connection: Connection, accepted: Accepted, answer: Ruling, values: Sequence[RecordedValue]
) -> Evaluation:
    """Work out what an answer on these recorded values changes."""
    facts = LedgerFacts(connection, accepted.source_id)
    renamed = {facts.series_id(value.detail["rename"]) for value in values if "rename" in value.detail}
    read_histories(connection, accepted, {value.series_id for value in values} | {one for one in renamed if one})
    return decide(accepted, answer, values, facts)


def recorded_values(connection: Connection, target: int, answer: Ruling) -> Sequence[RecordedValue]:
    """The versions of an update, or those of the series and as-of that an answer names."""
    query = sa.select(_V).select_from(_V.join(schema.series)).where(_V.c.update_id == target)
    if answer.series is not None:
        query = query.where(schema.series.c.key == answer.series)
    if answer.as_of is not None:
        query = query.where(_V.c.as_of == answer.as_of)
    settled = _settled(connection, target)
    return [
        RecordedValue(
            row.update_id,
            row.series_id,
            row.as_of,
            row.kind,
            row.content,
            bool(row.held),
            msgspec.json.decode(row.detail) if row.detail else {},
            *settled.get((row.series_id, row.as_of), (None, 0)),
        )
        for row in connection.execute(query.order_by(_V.c.series_id, _V.c.as_of))
    ]


def _settled(connection: Connection, target: int) -> dict[tuple[int, str], tuple[str, int]]:
    """What became of an update's values: by series and as-of, the newest (action, update that settled it)."""
    query = sa.select(_S.c.series_id, _S.c.as_of, _S.c.action, _S.c.update_id).order_by(_S.c.update_id)
    rows = connection.execute(query.where(_S.c.target_id == target, _S.c.action.not_in(("break", "unbreak"))))
    return {(row.series_id, row.as_of): (row.action, row.update_id) for row in rows}
