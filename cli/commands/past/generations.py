"""The command that tells of a source's generations: what they are read as, and what came of people's decisions."""

from __future__ import annotations

import click

from cli.output import as_json, note, print_json
from flows.desk import Desk
from publish.safe import safe


@click.command(epilog="Example: tallybook sources generations ua_personnel")
@click.argument("source")
@as_json
def generations(source: str, as_json: bool) -> None:
    """The generations of a source whose past was added to later, oldest first; the last one is in force.

    Each is read by its name (tallybook log SOURCE~1). What people decided and could not be carried over is named.
    """
    with Desk.open() as desk:
        found = desk.views.generations(source)
    if as_json:
        print_json(found)
        return
    for one in found:
        since = f"in force since {one.since}" if one.since else "the first"
        until = f", until {one.until}" if one.until else ""
        click.echo(f"{one.source}: updates {one.first:,} to {one.last:,}, {since}{until}")
        for lost in one.told.get("not_carried", ()):
            where = f"{lost['action']} {lost['series']}@{lost['as_of']} by {lost['who']} ({lost['why']})"
            click.echo(safe(f"  {lost['decision']} is not carried over: {where}: {lost['reason']}", "terminal"))
        for unread in one.told.get("unreadable", ()):
            click.echo(safe(f"  left out, for it cannot be read again: {unread}", "terminal"))
    if not found:
        note(f"{source} has one generation: nothing was added to its past later")
