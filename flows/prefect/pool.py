"""The deployment of several machines: for the workers of a pool, kept true by `reconcile`, which one of them runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from prefect import flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import State
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Cron
from prefect.states import Completed, Failed
from prefect.types.entrypoint import EntrypointType

from flows.operation.logs import begin
from flows.prefect.deployment import NAME, deployment_of, drop_old_schedules
from flows.prefect.plans import Plans, tell_plan
from flows.prefect.reconciling import reconcile as set_right
from flows.prefect.schedules import Planned
from flows.settings import Settings

EVERY = "*/15 * * * *"


async def register_for_pool(planned: Sequence[Planned], pool: str) -> None:
    """Let the workers of a pool run what is planned, and keep it true; the pool is made where there is none."""
    async with get_client() as client:
        try:
            await client.read_work_pool(pool)
        except ObjectNotFound:
            await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        await _register(client, planned, pool)
        await (await _reconciling(pool)).aapply()


async def _register(client: PrefectClient, planned: Sequence[Planned], pool: str) -> Any:
    deployment_id = await (await deployment_of(planned, pool)).aapply()
    await drop_old_schedules(client, deployment_id, {one.slug for one in planned})
    return deployment_id


async def _reconciling(pool: str) -> RunnerDeployment:
    return await reconcile.ato_deployment(
        NAME,
        schedules=[Cron(EVERY, timezone="UTC", slug="reconcile")],
        parameters={"pool": pool},
        entrypoint_type=EntrypointType.MODULE_PATH,
        work_pool_name=pool,
        description="Follows the definitions, closes runs whose worker is gone, and makes up for what was missed.",
    )


@flow(name="reconcile", persist_result=False)
async def reconcile(pool: str) -> State[Any]:
    """Register the schedules anew, close the runs whose process is gone, and make up for what was missed."""
    settings = Settings.load()
    begin("json" if settings.log == "json" else None)
    plans = Plans(settings)
    planned = await asyncio.to_thread(plans.look)
    if planned is None:
        return Failed(message="the definitions could not be looked at; the schedules stay what they are")
    async with get_client() as client:
        deployment_id = await _register(client, planned, pool)
    await set_right(deployment_id, plans)
    return Completed(message=tell_plan(planned))
