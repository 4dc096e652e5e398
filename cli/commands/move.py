"""The commands that move a ledger to another database, and to a newer schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from cli.output import console, note
from flows.desk import Desk
from storage.move import MoveProgress
from storage.move import move as move_ledger


@click.command(epilog="Example: tallybook move postgresql://tallybook@localhost/tallybook")
@click.argument("database_url", metavar="DATABASE_URL")
def move(database_url: str) -> None:
    """Copy the ledger to another, empty database, and prove the copy by its digests.

    The archive of bytes stays where it is, and so does the old ledger.
    """
    with Desk.open() as desk, _progress() as progress:
        moved = move_ledger(desk.require_ledger().ledger.engine, database_url, progress)
    note(f"{moved.rows} rows moved, {moved.updates} updates verified there")
    note("from now on let TALLYBOOK_DATABASE_URL name the new database; write no more to the old one")
    click.echo(moved.checkpoint)


@click.command(epilog="Example: tallybook migrate")
def migrate() -> None:
    """Bring the ledger's schema up to that of this version; no other command does.

    Make a backup first, and stop what writes: an older Tallybook refuses the ledger from then on. It is one
    transaction: one that is cut off leaves the ledger as it was.
    """
    from storage.database import migrate as migrate_ledger

    with Desk.open() as desk:
        if not desk.has_ledger():
            note(f"{desk.no_ledger()}; nothing to do")
            return
        found, newest = migrate_ledger(desk.settings.database_url, desk.archive)
    note(f"the ledger has schema {newest}" + (f", and had {found}" if found not in (None, newest) else " already"))


@contextmanager
def _progress() -> Iterator[MoveProgress | None]:
    from rich.progress import Progress as Bar

    with Bar(console=console(stderr=True), disable=not console(stderr=True).is_terminal) as bar:
        task = bar.add_task("moving")
        yield lambda done, total: bar.update(task, completed=done, total=total)
