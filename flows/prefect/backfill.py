"""The Prefect flow `backfill`: old copies of one source, recorded in the order in which the world could read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.desk import Desk
from flows.past.backfill import Wishes, backfill_source
from flows.settings import Settings

EVERY = 50


@flow(name="backfill", persist_result=False)
async def backfill(source: str, manifest: str, hold: bool = False) -> State[Any]:
    """Record the copies that `manifest` (JSON lines on this machine) lists; one run, since each copy needs the last."""
    logger = get_run_logger()

    def progress(done: int, total: int) -> None:
        if done % EVERY == 0 or done == total:
            logger.info("%d of %d copies", done, total)

    with Desk.open(Settings.load()) as desk:
        wishes = Wishes(hold=hold)
        outcome = backfill_source(desk, desk.catalogue[source], Path(manifest), wishes=wishes, progress=progress)
    return Completed(
        message=f"{outcome.updates} updates, {outcome.changes} changes, {outcome.failed} copies failed, "
        f"{outcome.held} held"
    )
