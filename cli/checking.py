"""Commands that prove the ledger: verify and checkpoint."""

from __future__ import annotations

import sys

import click

from cli.output import note
from flows.desk import Desk
from storage import checkpoint as make_checkpoint


@click.command(epilog="Example: tallybook verify")
def verify() -> None:
    """Compute every digest again: values, bytes, texts and chains."""
    count = 0
    with Desk.open() as desk:
        for problem in desk.ledger.verify():
            count += 1
            click.echo(problem)
        line = make_checkpoint(desk.ledger.engine)
    if count:
        note(f"{count} problems: the ledger does not verify")
        sys.exit(1)
    click.echo(f"verified: {line}")


@click.command(epilog="Example: tallybook checkpoint >> checkpoints.txt")
def checkpoint() -> None:
    """One line to keep elsewhere: a digest of every source's head."""
    with Desk.open() as desk:
        click.echo(make_checkpoint(desk.ledger.engine))
