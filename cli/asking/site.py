"""The command that makes a site of chosen series."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import note
from flows.desk import Desk


@click.command(epilog="Example: tallybook site public --series ua_personnel --series mediazona/killed@2025-08-02")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--series", "named", multiple=True, metavar="KEY", help="A series or a source; @TIME freezes a chart.")
@click.option("--file", "listed", type=click.Path(path_type=Path, exists=True), help="A file that names them by line.")
def site(out: Path, named: tuple[str, ...], listed: Path | None) -> None:
    """Make a site of chosen series in the folder OUT, or bring it up to date: plain files, no server, no script.

    Without a choice it has every source that is defined and not private. Only what changed is written; what is not
    chosen any more is taken down, and its address kept. What is held or private is none of it. A run that is ended
    leaves the old site whole.
    """
    from publish.site.build import SiteLedger, make_site
    from publish.site.choice import lines_of

    with Desk.open() as desk:
        ledger = SiteLedger(desk.views, desk.catalogue, desk.names())
        made = make_site(ledger, out.absolute(), (*named, *(lines_of(listed) if listed else ())))
    note(f"{out}: {made.written} series written, {made.kept} as they were, {made.taken_down} pages taken down")
