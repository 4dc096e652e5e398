"""The command that tells the record of a publisher."""

from __future__ import annotations

import click

from cli.output import as_json, console, print_json
from flows.desk import Desk


@click.command(epilog="Example: tallybook record mediazona")
@click.argument("source")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, a line a number.")
@as_json
def record(source: str, as_csv: bool, as_json: bool) -> None:
    """Tell how a publisher behaves, as the ledger has it: each number with how many things it rests upon.

    How often and how late, how much and which way it revises, after how many days a value is final, how often its own
    increases are wrong, and slips that were held.
    """
    from changes.news.record import record_of

    with Desk.open() as desk:
        found = record_of(desk.views.record_rows(source))
    if as_json:
        print_json([found])
    elif as_csv:
        from publish.news.record import record_csv

        click.echo(record_csv(found), nl=False)
    else:
        from publish.news.text import render_record

        render_record(found, console())
