"""Everything on one machine: Prefect's server, the schedules of the definitions, and runs triggered by hand."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import msgspec

from flows.desk import Desk
from flows.operation.logs import begin
from flows.operation.notify import Heart, notify
from flows.prefect import tracks
from flows.prefect.plans import Plans, say, tell_plan
from flows.prefect.quiet import point_prefect_at
from flows.prefect.schedules import Planned, plan
from flows.prefect.tracks import AUTH_FILE
from flows.server import PrefectServer, end_hard, is_healthy, refuse_open_address
from flows.settings import Settings
from model import TallybookError

log = logging.getLogger("tallybook")

DEPLOYMENT = "refresh/tallybook"
POLL_SECONDS = 0.5
UNAUTHORIZED = 401


class Triggered(msgspec.Struct, frozen=True):
    """A run that was asked for and has ended: its name and id in Prefect, its last state and that state's message."""

    name: str
    id: str
    state: str
    message: str

    @property
    def completed(self) -> bool:
        """Whether the run ended well."""
        return self.state == "Completed"


def serve(settings: Settings, host: str = "127.0.0.1", port: int = 4200) -> None:
    """Run Prefect's server and the schedules of all sources that are on, until SIGTERM or Ctrl-C.

    Definitions that are written, changed or broken meanwhile are noticed within a minute. Raises `UsageError` for an
    address that others can reach without an auth string, for a port that is taken and a home that another serves,
    `TallybookError` when the server does not come up or stops.
    """
    refuse_open_address(host)
    with tracks.alone(settings.home):
        _serve(settings, host, port)


def _serve(settings: Settings, host: str, port: int) -> None:
    begin("json" if settings.log == "json" else None)  # else lines are as Prefect writes them
    os.umask(0o077)  # what Prefect writes may name people, as the ledger does
    plans = Plans(settings)
    plans.look()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    server = PrefectServer(host, port, settings.home)
    point_prefect_at(server.api, settings.home)
    # Prefect lays the folder that it is started in on the import path of its runs, before everything of ours.
    settings.settle_in(server.folder / "runs")
    say("starting Prefect's server, which takes up to half a minute the first time")
    try:
        with server:
            if server.ended is not None:
                say(f"ended process {server.ended}, Prefect's server of a serve that was killed")
            from flows.prefect import deployment

            page = (
                f"Prefect's page is {server.api.removesuffix('/api')}, its password is in {server.folder / AUTH_FILE}"
            )
            with Heart(lambda: plans.is_looking() and is_healthy(server.api), end_hard):
                asyncio.run(deployment.run(plans, lambda: _ready(f"{tell_plan(plans.planned)}; {page}")))
    except KeyboardInterrupt:
        pass
    except TallybookError:
        raise
    except Exception as error:  # what Prefect raises when its server does not answer is of a dozen kinds
        log.error("the schedules ended", exc_info=error)
        raise TallybookError(f"the schedules ended: {type(error).__name__}", f"see {server.log}") from None
    say("stopped")


def trigger(
    settings: Settings,
    sources: Sequence[str] | None = None,
    force: bool = False,
    *,
    timeout: float = 900.0,
    on_state: Callable[[str], None] = lambda _: None,
) -> Triggered:
    """Start a run of the deployment, tell each state it enters, and return once it has ended.

    Raises `TallybookError` when no server answers (any more), it has no such deployment, or the run has not ended
    after `timeout` seconds (it goes on all the same).
    """
    parameters = {"sources": list(sources) if sources else None, "force": force}
    with _server(settings):
        return asyncio.run(_follow(parameters, time.monotonic() + timeout, on_state))


@contextmanager
def _server(settings: Settings) -> Iterator[None]:
    """Talk to the Prefect server that the settings name; what it does wrong is told in a sentence."""
    point_prefect_at(settings.prefect_api, settings.home)
    if not is_healthy(settings.prefect_api):
        raise TallybookError(f"no Prefect server answers at {settings.prefect_api}", "start `tallybook serve`")
    from httpx import TransportError
    from prefect.exceptions import PrefectHTTPStatusError
    from prefect.settings import PREFECT_API_URL, temporary_settings

    try:
        with temporary_settings({PREFECT_API_URL: settings.prefect_api}):
            yield
    except TransportError:
        raise TallybookError(f"the Prefect server at {settings.prefect_api} stopped answering") from None
    except PrefectHTTPStatusError as error:
        hint = "set PREFECT_API_AUTH_STRING to its auth string" if error.response.status_code == UNAUTHORIZED else None
        told = f"answers {error.response.status_code}"
        raise TallybookError(f"the Prefect server at {settings.prefect_api} {told}", hint) from None


def deploy(settings: Settings, pool: str) -> tuple[Planned, ...]:
    """Name the schedules of the definitions to the Prefect server that the settings name, for the workers of a pool.

    Returns them. Raises `TallybookError` when no server answers.
    """
    with Desk.open(settings) as desk:
        planned = plan(desk.catalogue.require(desk.catalogue.ids()))
    with _server(settings):
        from flows.prefect import pool as workers

        asyncio.run(workers.register_for_pool(planned, pool))
    return planned


async def _follow(parameters: dict[str, Any], deadline: float, on_state: Callable[[str], None]) -> Triggered:
    from prefect.client.orchestration import get_client
    from prefect.deployments.flow_runs import arun_deployment
    from prefect.exceptions import ObjectNotFound

    told = None
    async with get_client() as client:
        try:
            run = await arun_deployment(DEPLOYMENT, client, parameters, timeout=0, as_subflow=False)
        except ObjectNotFound:
            hint = "start `tallybook serve`"
            raise TallybookError(f"the Prefect server has no deployment {DEPLOYMENT}", hint) from None
        while True:
            state = run.state
            if state and state.name != told:
                told = state.name
                on_state(f"{run.name}: {told}")
            if state and state.is_final():
                return Triggered(run.name, str(run.id), state.name or state.type.value, state.message or "")
            if time.monotonic() > deadline:
                raise TallybookError(f"run {run.name} is still {told}", "is `tallybook serve`, or a worker, running?")
            await asyncio.sleep(POLL_SECONDS)
            run = await client.read_flow_run(run.id)


def _ready(line: str) -> None:
    say(line)
    notify("READY=1")


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
