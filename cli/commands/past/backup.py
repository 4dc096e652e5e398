"""The commands that keep a whole Tallybook in another place, and bring it back."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import note
from flows.desk import Desk
from flows.operation.marks import mark
from flows.settings import Settings, own_version
from model import now
from storage.backup.bringing import chosen, drill
from storage.backup.bringing import restore as bring_back
from storage.backup.keeping import back_up, forget


@click.command(epilog="Example: tallybook backup /mnt/backups --keep 30 --drill")
@click.argument("place", type=click.Path(path_type=Path, file_okay=False))
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Keep the newest N backups there, and remove others.")
@click.option("--drill", "proved", is_flag=True, help="Bring it back to a folder that is thrown away, and verify it.")
def backup(place: Path, keep: int | None, proved: bool) -> None:
    """Copy the ledger, users, own definitions and the archive of bytes to a folder, while everything goes on.

    Each backup is a folder of its own that stands whole or not at all; their bytes are kept once for all. Settings
    (.env) are not in it. It prints the ledger's checkpoint.
    """
    place = place.absolute()
    with Desk.open() as desk:
        made = back_up(
            desk.require_ledger().ledger.engine, desk.archive, place, _beside(desk.settings), (now(), own_version())
        )
    mark(desk.settings.home, "backup")
    note(f"{made.folder}: {len(made.manifest.files)} files, {made.added} contents new in {place / 'archive'}")
    if made.removed:
        note(f"{made.removed} contents that were redacted are gone from there; backups from before still quote them")
    if proved:
        drill(made)
        mark(desk.settings.home, "drill")
        note("brought back to a folder of its own, it verifies")
    for gone in forget(place, keep) if keep else ():
        note(f"{gone.name} is gone: {keep} are kept")
    _note_done(desk.settings, str(made.folder), made.manifest.checkpoint)
    click.echo(made.manifest.checkpoint)


def _note_done(settings: Settings, folder: str, checkpoint: str) -> None:
    """Write down in the book of what people did that a backup was made."""
    from review.people.acts import ActBook, terminal

    if settings.users.is_file():  # a home without users has no such book
        ActBook(settings.users).note(terminal(), "backup", folder, checkpoint)


@click.command(epilog="Example: TALLYBOOK_HOME=new tallybook restore /mnt/backups")
@click.argument("place", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--at", "name", metavar="NAME", help="Which backup, by its folder; the newest where absent.")
def restore(place: Path, name: str | None) -> None:
    """Bring a backup back to a home that has no ledger; it is verified before it stands there."""
    settings = Settings.load()
    found = chosen(place.absolute(), name)
    desk = Desk(settings)
    stayed = bring_back(found, settings.database_url, desk.archive, lambda one: _place_of(settings, one))
    for one in stayed:
        note(f"{one} was there already, and stays as it is")
    note(f"the backup of {found.manifest.made_at} is back in {settings.home}, and verifies")
    click.echo(found.manifest.checkpoint)


DEFINITIONS = "sources"


def _beside(settings: Settings) -> dict[str, Path]:
    """What lies beside the ledger, by its name in a backup: users of the page, and definitions of one's own."""
    found = {settings.users.name: settings.users} if settings.users.is_file() else {}
    return found | {f"{DEFINITIONS}/{path.name}": path for path in sorted(settings.own_sources.glob("*.yml"))}


def _place_of(settings: Settings, name: str) -> Path:
    folder, slash, file = name.partition("/")
    if slash and folder == DEFINITIONS:
        return settings.own_sources / Path(file).name
    return settings.users.with_name(Path(name).name)
