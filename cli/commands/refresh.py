"""The command that makes the pipeline run now."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from cli.output import CORRECTED, console, note
from flows.alerts import alert_lost, ready
from flows.batches import refresh_all
from flows.desk import Desk
from flows.operation.logs import begin
from flows.operation.ping import ping
from flows.outcomes import OUTAGE_REASON, Outcome
from flows.status import NO_GRACE, lost_sources, missed_sources
from model import Source, Update, UsageError
from publish.safe import safe
from publish.telling import tell

UPDATES_TOLD = 100


@click.command(epilog="Example: tallybook refresh ua_personnel")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--force", is_flag=True, help="Fetch although the publisher says that nothing changed.")
@click.option("--due", is_flag=True, help="Only what is due by its schedule, and what no other process has in hand.")
@click.option("--prefect", "through_prefect", is_flag=True, help="Run the deployment of a serving Tallybook instead.")
def refresh(names: tuple[str, ...], force: bool, due: bool, through_prefect: bool) -> None:
    """Fetch and record now; the changes come at the end.

    Without names: every source that is on. With --due, asked for each minute by cron on as many machines as you like,
    it needs no server of schedules.
    """
    if due and (names or through_prefect):
        raise UsageError("--due finds by itself what is to be read", "leave out the names, and --prefect")
    with Desk.open() as desk:
        begin(desk.settings.log)
        if through_prefect:
            sys.exit(_through_prefect(desk, names, force))
        lost = [] if names else lost_sources(desk)
        alert_lost(desk, lost)
        sources = what_is_due(desk) if due else chosen(desk, names, lost)
        with ready(desk), _working(len(sources)) as tell:
            for outcome in lost:
                tell(outcome)
            outcomes = lost + refresh_all(desk, sources, force=force, due=due, tell=tell)
        _tell_changes(desk, outcomes)
        if not names:
            ping(desk.settings.ping_url, _trouble(lost, outcomes))
    sys.exit(exit_code(outcomes))


def _trouble(lost: list[Outcome], outcomes: list[Outcome]) -> str:
    """What kept a pass over all sources from ending well; what their publishers do is told by alerts."""
    ours = lost + [outcome for outcome in outcomes if outcome.reason == OUTAGE_REASON]
    return "; ".join(f"{outcome.source}: {outcome.told}" for outcome in ours[:UPDATES_TOLD])


def _through_prefect(desk: Desk, names: tuple[str, ...], force: bool) -> int:
    from flows.serve import trigger

    named = [source.id for source in desk.catalogue.require(names)] if names else None
    run = trigger(desk.settings, named, force, on_state=note)
    note(f"{run.name}: {run.message or run.state}")
    return 0 if run.completed else 1


def what_is_due(desk: Desk) -> list[Source]:
    """The sources whose time has come, without those that another process has in hand."""
    with ready(desk):
        in_hand = set(desk.turns.in_hand("source"))
        return desk.catalogue.require([name for name in missed_sources(desk, NO_GRACE) if name not in in_hand])


def chosen(desk: Desk, names: tuple[str, ...], lost: list[Outcome]) -> list[Source]:
    """The sources named, else all that are on. Raises `UsageError` where there is none, and none was lost."""
    if names:
        return desk.catalogue.require(names)
    found = switched_on(desk)
    if not (found or lost):
        raise UsageError(
            "no source is on", "name one to refresh it by hand; tallybook sources list shows what is defined"
        )
    return found


def switched_on(desk: Desk) -> list[Source]:
    """Every source that is on."""
    return [desk.catalogue[one] for one in desk.catalogue if desk.catalogue[one].is_on]


def exit_code(outcomes: list[Outcome]) -> int:
    """0 done, 1 something failed or is blocked, 3 something is held, or could not be read and was left out.

    4 where all is done and what was recorded earlier was read wrongly: our own reading was corrected.
    """
    states = {outcome.state for outcome in outcomes}
    doubtful = "held" in states or any(outcome.left_out for outcome in outcomes)
    if states & {"failed", "blocked"}:
        return 1
    return 3 if doubtful else CORRECTED if any(outcome.corrected for outcome in outcomes) else 0


def _tell(outcome: Outcome) -> None:
    detail = f": {outcome.told}" if outcome.told else ""
    note(safe(f"{outcome.source}: {outcome.state}{detail}", "terminal"))


@contextmanager
def _working(count: int) -> Iterator[Callable[[Outcome], None]]:
    """Tell each outcome, and on a terminal how many are still awaited."""
    if not sys.stderr.isatty():
        yield _tell
        return
    with console(stderr=True).status(f"fetching {count} …") as status:
        left = count

        def tell(outcome: Outcome) -> None:
            nonlocal left
            left -= 1
            _tell(outcome)
            status.update(f"fetching {left} …")

        yield tell


def _tell_changes(desk: Desk, outcomes: list[Outcome]) -> None:
    from publish.text import render_log

    made = [name for outcome in outcomes for name in outcome.updates]
    names = desk.names() if made else {}
    updates: list[Update] = [tell(desk.ledger.views.update(name, changes=50), names) for name in made[:UPDATES_TOLD]]
    if updates:
        render_log(updates[::-1], console(), titles=names)
    if len(made) > UPDATES_TOLD:
        note(
            f"{len(made) - UPDATES_TOLD:,} more updates were recorded; tallybook log --limit {len(made)} tells them all"
        )
