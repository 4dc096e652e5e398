"""The runs of the deployment, set right by what is true: those that were missed, and those whose process is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Crashed

from flows.prefect.schedules import Planned

log = logging.getLogger("tallybook")

PAGE = 200
MADE_UP = "made-up"
"""The tag of a run that makes up for what was missed."""

BEGUN = timedelta(minutes=3)
"""So long a run may go on before it has said that it has itself in hand."""

STARTED = timedelta(minutes=15)
"""So long the process of a run may take to start."""

_UNDER_WAY = (StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING)
_HAS_PROCESS = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


class Duties(Protocol):
    """What is to run: by the definitions, and by the ledger."""

    @property
    def planned(self) -> Sequence[Planned]:
        """The schedules that there are to be."""

    def look(self) -> Sequence[Planned] | None:
        """The schedules that there are to be, where that changed since it was called last."""

    def missed(self, *, at_once: bool) -> Sequence[str]:
        """The sources that were due and were not looked at; `at_once` says that none is excused for being late."""

    def runs_in_hand(self) -> Sequence[str]:
        """The ids of the runs whose process lives."""


async def reconcile(deployment_id: UUID, duties: Duties) -> None:
    """Close the runs whose process is gone, then let one run make up for what was missed."""
    async with get_client() as client:
        await close_gone(client, deployment_id, duties)
    await make_up(deployment_id, duties)


async def make_up(deployment_id: UUID, duties: Duties, *, at_once: bool = False) -> None:
    """Let one run look at all sources that were due and were not looked at, but for those that a run has in hand."""
    missed = await asyncio.to_thread(duties.missed, at_once=at_once)
    if not missed:
        return
    async with get_client() as client:
        under_way = await runs_of(client, deployment_id, *_UNDER_WAY)
        now = datetime.now(UTC)
        taken = [run.parameters.get("sources") for run in under_way if _has_begun(run, now)]
        if None in taken:  # all sources
            return
        left = sorted(set(missed) - {name for names in taken for name in names or ()})
        if left:
            log.warning("%d sources were not looked at when they should have been; one run makes up for it", len(left))
            await client.create_flow_run_from_deployment(deployment_id, parameters={"sources": left}, tags=[MADE_UP])


def _has_begun(run: FlowRun, now: datetime) -> bool:
    """Whether a run is under way, or about to be."""
    ahead = run.expected_start_time is not None and run.expected_start_time > now
    return not (ahead and run.state_type is StateType.SCHEDULED)


async def close_runs(client: PrefectClient, deployment_id: UUID) -> None:
    """Runs that were under way when an earlier `serve` was killed have no process any more; say so."""
    for run in await runs_of(client, deployment_id, *_HAS_PROCESS):
        await _crash(client, run, "tallybook serve ended before this run did")


async def close_gone(client: PrefectClient, deployment_id: UUID, duties: Duties) -> None:
    """Runs whose process let go of them without a word are over, wherever it was; say so."""
    under_way = await runs_of(client, deployment_id, *_HAS_PROCESS)
    if not under_way:
        return
    in_hand = set(await asyncio.to_thread(duties.runs_in_hand))
    now = datetime.now(UTC)
    for run in under_way:
        if str(run.id) not in in_hand and _is_old(run, now):
            log.warning("run %s has no process any more; it is closed", run.name)
            await _crash(client, run, "its process ended without a word")


async def _crash(client: PrefectClient, run: FlowRun, why: str) -> None:
    state: State[Any] = Crashed(message=f"{why}; the ledger is as the last update left it")
    await client.set_flow_run_state(run.id, state, force=True)


def _is_old(run: FlowRun, now: datetime) -> bool:
    """Whether a run has been in its state for so long that a living process would have said so."""
    since = run.state.timestamp if run.state else None
    return since is not None and now - since > (STARTED if run.state_type is StateType.PENDING else BEGUN)


async def runs_of(client: PrefectClient, deployment_id: UUID, *states: StateType) -> list[FlowRun]:
    """All runs of the deployment in one of these states, newest first."""
    found: list[FlowRun] = []
    while True:
        page = await client.read_flow_runs(
            deployment_filter=DeploymentFilter.model_validate({"id": {"any_": [deployment_id]}}),
            flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": list(states)}}}),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=PAGE,
            offset=len(found),
        )
        found += page
        if len(page) < PAGE:
            return found
