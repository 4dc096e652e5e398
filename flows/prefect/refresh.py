"""The Prefect flow `refresh`: the pipeline's path for many sources, with retries, a run history and artifacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from prefect import flow, task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import wait
from prefect.runtime import flow_run, task_run
from prefect.states import Completed, Failed
from prefect.tasks import exponential_backoff

from flows.alerts import alert_lost, ready
from flows.batches import Batch, cut
from flows.desk import Desk
from flows.operation.logs import about, begin
from flows.operation.turns import list_name
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from flows.settings import Settings
from flows.status import lost_sources
from model import Source, UsageError
from publish.markdown import log_markdown, log_table
from publish.safe import safe
from publish.telling import tell

RETRIES = 2
CHANGES_SHOWN = 50
MARKDOWN_KEY, TABLE_KEY = "diff-log", "diff-log-table"


class StillFailingError(Exception):
    """Sources of a batch could not be read; raised so that Prefect shows the task as failed.

    It tries again where any of that may pass.
    """

    def __init__(self, failing: Sequence[Outcome]) -> None:
        super().__init__("; ".join(_line(outcome) for outcome in failing))
        self.may_pass = any(outcome.may_pass for outcome in failing)


async def _may_pass(_task: object, _run: object, state: State[Any]) -> bool:
    """Whether a task that ended so is worth another try."""
    error = await state.aresult(raise_on_failure=False)
    return not isinstance(error, StillFailingError) or error.may_pass


@task(
    task_run_name="{batch.name}",
    retries=RETRIES,
    retry_delay_seconds=exponential_backoff(5),
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_pass,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def read(desk: Desk, batch: Batch, force: bool) -> None:
    """Refresh the batch's sources; only those that failed in a way that may pass are tried again."""
    again = int(task_run.run_count or 1) <= RETRIES
    failing = batch.attempt(lambda source: refresh_source(desk, source, force=force, retried=again))
    if failing:
        raise StillFailingError(failing)


def _line(outcome: Outcome) -> str:
    return safe(f"{outcome.source}: {outcome.state} {outcome.told}".rstrip(), "terminal")


@flow(name="refresh", persist_result=False)
async def refresh(sources: list[str] | None = None, force: bool = False) -> State[Any]:
    """Fetch and record the named sources, or all that are on.

    The run is failed only when not one source could be read: a source's own failure is a row of the ledger, a failed
    task and an alert, and must not hide that the others are well. Asynchronous because a synchronous flow sleeps a
    second at its end. Where a run of the same sources is still under way, on any machine, this one leaves it to it.
    """
    settings = Settings.load()
    begin("json" if settings.log == "json" else None)
    with (
        about(run=flow_run.name),
        Desk.open(settings) as desk,
        ready(desk),
        desk.turns.of("run", str(flow_run.id)),
        desk.turns.of("list", list_name(sources), wait=False) as free,
    ):
        if not free:
            return Completed(message="skipped: an earlier run of the same sources is still under way")
        return await _refresh(desk, sources, force)


async def _refresh(desk: Desk, sources: list[str] | None, force: bool) -> State[Any]:
    chosen, lost = choose(desk, sources)
    alert_lost(desk, lost)
    batches = cut(chosen, desk.settings.hosts_at_once)
    _ = desk.fetcher, desk.alarms  # opened on first use, which must not be two threads' at once
    wait([read.submit(desk, batch, force) for batch in batches])
    outcomes = lost + [outcome for batch in batches for outcome in batch.outcomes.values()]
    await show_log(desk, outcomes)
    return verdict(outcomes)


def choose(desk: Desk, names: list[str] | None) -> tuple[list[Source], list[Outcome]]:
    """The named sources, or all that were tried live; and an outcome for each name that has no sound definition.

    A definition that broke since the schedules were made must not keep the others from being read.
    """
    if names is None:
        every = desk.catalogue.require(desk.catalogue.ids())
        return [source for source in every if source.is_on], lost_sources(desk)
    lost = []
    for name in set(names) - set(desk.catalogue):
        try:
            desk.catalogue[name]
        except UsageError as error:
            lost.append(Outcome(name, "failed", None, 0, 0, str(error)))
    return desk.catalogue.require([name for name in dict.fromkeys(names) if name in desk.catalogue]), lost


async def show_log(desk: Desk, outcomes: list[Outcome]) -> None:
    """Make the run's part of the diff log a Markdown and a table artifact, where anything changed or is held."""
    made = [name for outcome in outcomes if outcome.changes or outcome.held for name in outcome.updates]
    if not made:
        return
    names = desk.names()
    updates = [tell(desk.ledger.views.update(name, changes=CHANGES_SHOWN), names) for name in made]
    told = "What the newest run with changes recorded"
    await acreate_markdown_artifact(markdown=log_markdown(updates, titles=names), key=MARKDOWN_KEY, description=told)
    await acreate_table_artifact(table=log_table(updates, titles=names), key=TABLE_KEY, description=told)


def verdict(outcomes: list[Outcome]) -> State[Any]:
    """The state in which the run ends, with its summary: failed when there were sources and none could be read."""
    counts = Counter(outcome.state for outcome in outcomes)
    changes = sum(outcome.changes for outcome in outcomes)
    told = ", ".join(f"{count} {state}" for state, count in counts.most_common()) or "no source is on"
    message = f"{told}; {changes} changes recorded"
    unread = counts["failed"] + counts["blocked"]
    return Failed(message=message) if outcomes and unread == len(outcomes) else Completed(message=message)
