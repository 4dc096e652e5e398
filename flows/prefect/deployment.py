"""The deployment `refresh/tallybook` on one machine: put in order at the start, then run until told to leave."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
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

STOP_SECONDS = 30.0
"""So long running sources may take to be cancelled."""


Look: TypeAlias = Callable[[], Sequence[Planned] | None]
"""Says which schedules there are to be, where that changed since it was called last."""


async def run(planned: Sequence[Planned], ready: Callable[[], None], look: Look) -> None:
    """Register the schedules and start their runs, two at once, until SIGTERM or SIGINT; running ones are cancelled.

    `ready` is called once runs can be triggered, `look` again and again.
    """
    # Without a limit a backlog starts every run at once; schedules that are paused on shutdown stay paused after it.
    runner = Runner(name=NAME, limit=RUNS_AT_ONCE, pause_on_shutdown=False)
    deployment_id = await _register(runner, planned)
    async with get_client() as client:
        await _drop_missed_runs(client, deployment_id)
        await _close_lost_runs(client, deployment_id)
    looking = asyncio.create_task(_register_anew(runner, look))
    try:
        await _until_told_to_leave(runner, ready)
    finally:
        looking.cancel()


async def _register(runner: Runner, planned: Sequence[Planned]) -> UUID:
    """Make the deployment's schedules those that are planned."""
    deployment = await refresh.ato_deployment(
        NAME,
        schedules=[
            Cron(one.cron, timezone=one.timezone, slug=one.slug, parameters={"sources": list(one.sources)})
            for one in planned
        ],
        entrypoint_type=EntrypointType.MODULE_PATH,
        description="Fetches sources and records what changed. The schedules follow from the definitions.",
    )
    deployment_id = await runner.aadd_deployment(deployment)
    async with get_client() as client:
        await _drop_old_schedules(client, deployment_id, {one.slug for one in planned})
    return deployment_id


async def _register_anew(runner: Runner, look: Look) -> None:
    """Look at the definitions again and again, and register what they ask for now."""
    wanted: Sequence[Planned] | None = None
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            found = await asyncio.to_thread(look)
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


async def _drop_missed_runs(client: PrefectClient, deployment_id: UUID) -> None:
    """Of the runs that were missed while nothing served, keep the newest of each schedule: one makes up for all."""
    seen: set[str] = set()
    now = datetime.now(UTC)
    for run in await _runs(client, deployment_id, StateType.SCHEDULED):
        if not run.auto_scheduled or run.expected_start_time is None or run.expected_start_time > now:
            continue
        if str(run.parameters) in seen:
            await client.delete_flow_run(run.id)
        seen.add(str(run.parameters))


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
