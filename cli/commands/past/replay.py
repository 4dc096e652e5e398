"""The command that reads archived bytes again."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from cli.output import CORRECTED, as_json, console, note, print_json
from flows.desk import Desk
from flows.past.replay import ReplayOutcome, replay_source


@click.command(epilog="Example: tallybook replay ua_personnel --dry-run")
@click.argument("source", required=False)
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@as_json
def replay(source: str | None, dry_run: bool, as_json: bool) -> None:
    """Read archived bytes again with today's reader; differences are our reading's, never news.

    Exits with 4 where today's reader reads otherwise what is recorded.
    """
    differ = False
    with Desk.open() as desk:
        recorded = {standing.source for standing in desk.require_ledger().ledger.standings()}
        names = [source] if source else [name for name in desk.catalogue if name in recorded]
        for name in names:
            done = replay_source(desk, desk.catalogue[name], dry_run=dry_run)
            differ = differ or bool(done.changes)
            _tell(done, "would change" if dry_run else "changed")
            if as_json:
                print_json(done.changes)
            elif done.updates:
                _show(desk, done.updates)
    sys.exit(CORRECTED if differ else 0)


def _tell(done: ReplayOutcome, what: str) -> None:
    made = f", recorded as {', '.join(done.updates)}" if done.updates else ""
    lost = f", {done.unreadable} could not be" if done.unreadable else ""
    note(f"{done.source}: {done.releases} releases read again{lost}, {len(done.changes)} values {what}{made}")


def _show(desk: Desk, updates: Sequence[str]) -> None:
    from publish.telling import tell
    from publish.text import render_log

    called = desk.names()
    told = [tell(desk.ledger.views.update(one, changes=50), called) for one in updates]
    render_log(told, console(), titles=called)
