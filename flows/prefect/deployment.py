"""The deployment `refresh/tallybook` on one machine: put in order at the start, then run until told to leave."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.prefect.reconciling import Duties, close_runs, make_up, reconcile, runs_of
from flows.prefect.refresh import refresh
from flows.prefect.schedules import Planned
from flows.server import end_hard

log = logging.getLogger("tallybook")

NAME = "tallybook"
RUNS_AT_ONCE = 2
LOOK_SECONDS = 10.0
"""So often the definitions are looked at."""

MAKE_UP_SECONDS = 900.0
"""So often it is looked whether the ledger misses a look that should have happened."""

STOP_SECONDS = 30.0
"""So long running sources may take to be cancelled."""


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
        await close_runs(client, deployment_id)
    await make_up(deployment_id, duties, at_once=True)
    beside = [
        asyncio.create_task(_register_anew(runner, duties)),
        asyncio.create_task(_reconcile_again(deployment_id, duties)),
    ]
    try:
        await _until_told_to_leave(runner, ready)
    finally:
        for task in beside:
            task.cancel()


async def deployment_of(planned: Sequence[Planned], pool: str | None = None) -> RunnerDeployment:
    """The deployment with the schedules that are planned, for the workers of a pool where one is named."""
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
    deployment_id = await runner.aadd_deployment(await deployment_of(planned))
    async with get_client() as client:
        await drop_old_schedules(client, deployment_id, {one.slug for one in planned})
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


async def drop_old_schedules(client: PrefectClient, deployment_id: UUID, wanted: set[str]) -> None:
    """Delete schedules that no definition asks for any more; registering only adds and changes."""
    for schedule in await client.read_deployment_schedules(deployment_id):
        if schedule.slug not in wanted:
            await client.delete_deployment_schedule(deployment_id, schedule.id)


async def _drop_late_runs(client: PrefectClient, deployment_id: UUID) -> None:
    """Delete the runs that were missed while nothing served: what is to be made up for is asked of the ledger."""
    now = datetime.now(UTC)
    for run in await runs_of(client, deployment_id, StateType.SCHEDULED):
        if run.auto_scheduled and run.expected_start_time is not None and run.expected_start_time <= now:
            await client.delete_flow_run(run.id)


async def _reconcile_again(deployment_id: UUID, duties: Duties) -> None:
    while True:
        await asyncio.sleep(MAKE_UP_SECONDS)
        try:
            await reconcile(deployment_id, duties)
        except Exception as error:  # its server may be busy, our ledger away; both are looked at again
            log.error("it could not be looked what was missed: %s", error)
