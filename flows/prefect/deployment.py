"""The deployment `refresh/tallybook` on one machine: put in order at the start, then run until told to leave."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType

from flows.prefect.refresh import refresh
from flows.prefect.schedules import Planned
from flows.server import end_hard

log = logging.getLogger("tallybook")

NAME = "tallybook"
RUNS_AT_ONCE = 2
PAGE = 200
LOOK_SECONDS = 10.0
"""So often the definitions are looked at."""

MAKE_UP_SECONDS = 900.0
"""So often it is looked whether the ledger misses a look that should have happened."""

STOP_SECONDS = 30.0
"""So long running sources may take to be cancelled."""


class Duties(Protocol):
    """What is to run: by the definitions, and by the ledger."""

    @property
    def planned(self) -> Sequence[Planned]:
        """The schedules that there are to be."""

    def look(self) -> Sequence[Planned] | None:
        """The schedules that there are to be, where that changed since it was called last."""

    def missed(self, *, at_once: bool) -> Sequence[str]:
        """The sources that were due and were not looked at; `at_once` says that none is excused for being late."""


async def run(duties: Duties, ready: Callable[[], None]) -> None:
    """Register the schedules and start their runs, two at once, until SIGTERM or SIGINT; running ones are cancelled.

    `ready` is called once runs can be triggered. What the ledger misses is made up for, at the start and again and
    again: what a run that crashed, was cancelled or never began did not look at.
    """
    # Without a limit a backlog starts every run at once; schedules that are paused on shutdown stay paused after it.
    runner = Runner(name=NAME, limit=RUNS_AT_ONCE, pause_on_shutdown=False)
    deployment_id = await _register(runner, duties.planned)
    async with get_client() as client:
        await _drop_late_runs(client, deployment_id)
        await _close_lost_runs(client, deployment_id)
    await _make_up(deployment_id, duties, at_once=True)
    beside = [
        asyncio.create_task(_register_anew(runner, duties)),
        asyncio.create_task(_make_up_again(deployment_id, duties)),
    ]
    try:
        await _until_told_to_leave(runner, ready)
    finally:
        for task in beside:
            task.cancel()


async def register_for_pool(planned: Sequence[Planned], pool: str) -> None:
    """Let the workers of a pool run what is planned; the pool is made where there is none, of processes."""
    async with get_client() as client:
        try:
            await client.read_work_pool(pool)
        except ObjectNotFound:
            await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        deployment_id = await (await _deployment(planned, pool)).aapply()
        await _drop_old_schedules(client, deployment_id, {one.slug for one in planned})


async def _deployment(planned: Sequence[Planned], pool: str | None = None) -> RunnerDeployment:
    return await refresh.ato_deployment(
        NAME,
        schedules=[
            Cron(one.cron, timezone=one.timezone, slug=one.slug, parameters={"sources": list(one.sources)})
            for one in planned
        ],
        entrypoint_type=EntrypointType.MODULE_PATH,
        work_pool_name=pool,
        description="Fetches sources and records what changed. The schedules follow from the definitions.",
    )


async def _register(runner: Runner, planned: Sequence[Planned]) -> UUID:
    """Make the deployment's schedules those that are planned."""
    deployment_id = await runner.aadd_deployment(await _deployment(planned))
    async with get_client() as client:
        await _drop_old_schedules(client, deployment_id, {one.slug for one in planned})
    return deployment_id


async def _register_anew(runner: Runner, duties: Duties) -> None:
    """Look at the definitions again and again, and register what they ask for now."""
    wanted: Sequence[Planned] | None = None
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            found = await asyncio.to_thread(duties.look)
            wanted = found if found is not None else wanted
            if wanted is not None:
                await _register(runner, wanted)
                wanted = None
        except Exception as error:  # its server may be busy; the schedules stay what they are until the next look
            log.error("the schedules could not be brought up to date: %s", error)


async def _until_told_to_leave(runner: Runner, ready: Callable[[], None]) -> None:
    leave = asyncio.Event()
    running = asyncio.create_task(runner.start())
    while not runner.started and not running.done():
        await asyncio.sleep(0.05)
    # After the start, since the runner's own handler of SIGTERM leaves its runs alone and the page shows them running.
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leave.set)
    if runner.started:
        ready()
    told = asyncio.create_task(leave.wait())
    await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
    if told.done():
        # What Prefect waits for while it stops may never come: its server, above all.
        last = threading.Timer(STOP_SECONDS, end_hard, [f"the runs did not end within {STOP_SECONDS:.0f} seconds"])
        last.daemon = True
        last.start()
        await runner.astop()
        last.cancel()
    told.cancel()
    await running


async def _drop_old_schedules(client: PrefectClient, deployment_id: UUID, wanted: set[str]) -> None:
    """Delete schedules that no definition asks for any more; registering only adds and changes."""
    for schedule in await client.read_deployment_schedules(deployment_id):
        if schedule.slug not in wanted:
            await client.delete_deployment_schedule(deployment_id, schedule.id)


async def _drop_late_runs(client: PrefectClient, deployment_id: UUID) -> None:
    """Delete the runs that were missed while nothing served: what is to be made up for is asked of the ledger."""
    now = datetime.now(UTC)
    for run in await _runs(client, deployment_id, StateType.SCHEDULED):
        if run.auto_scheduled and run.expected_start_time is not None and run.expected_start_time <= now:
            await client.delete_flow_run(run.id)


async def _make_up_again(deployment_id: UUID, duties: Duties) -> None:
    while True:
        await asyncio.sleep(MAKE_UP_SECONDS)
        try:
            await _make_up(deployment_id, duties)
        except Exception as error:  # its server may be busy, our ledger away; both are looked at again
            log.error("it could not be looked what was missed: %s", error)


async def _make_up(deployment_id: UUID, duties: Duties, *, at_once: bool = False) -> None:
    """Let one run look at all sources that were due and were not looked at, but for those that a run has in hand."""
    missed = await asyncio.to_thread(duties.missed, at_once=at_once)
    if not missed:
        return
    async with get_client() as client:
        under_way = await _runs(client, deployment_id, *_UNDER_WAY)
        now = datetime.now(UTC)
        taken = [run.parameters.get("sources") for run in under_way if _has_begun(run, now)]
        if None in taken:  # all sources
            return
        left = sorted(set(missed) - {name for names in taken for name in names or ()})
        if left:
            log.warning("%d sources were not looked at when they should have been; one run makes up for it", len(left))
            await client.create_flow_run_from_deployment(deployment_id, parameters={"sources": left}, tags=[MADE_UP])


_UNDER_WAY = (StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING)
MADE_UP = "made-up"
"""The tag of a run that makes up for what was missed."""


def _has_begun(run: FlowRun, now: datetime) -> bool:
    """Whether a run is under way, or about to be."""
    ahead = run.expected_start_time is not None and run.expected_start_time > now
    return not (ahead and run.state_type is StateType.SCHEDULED)


async def _close_lost_runs(client: PrefectClient, deployment_id: UUID) -> None:
    """Runs that were under way when an earlier `serve` was killed have no process any more; say so."""
    for run in await _runs(client, deployment_id, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING):
        state: State[Any] = Crashed(
            message="tallybook serve ended before this run did; the ledger is as the last update left it"
        )
        await client.set_flow_run_state(run.id, state, force=True)


async def _runs(client: PrefectClient, deployment_id: UUID, *states: StateType) -> list[FlowRun]:
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
