"""The command that records a page, document or image that a person saved."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cli.output import note
from extractors.statement import HandedIn
from flows.desk import Desk
from flows.past.by_hand import record_by_hand
from model import UsageError, now, parse_day, parse_instant
from publish.safe import safe


@click.command(
    epilog="Example: tallybook manual uk_mod post.png --from https://example.org/post --by Ann "
    "--figure casualties='about 1,000,000'@2025-06-12"
)
@click.argument("source")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "url", required=True, metavar="URL", help="Where it was published.")
@click.option("--by", "who", required=True, help="Who saved it.")
@click.option("--at", metavar="TIME", help="When it was saved; now, when not given.")
@click.option("--published", metavar="DAY", help="When the publisher dated it.")
@click.option("--figure", "typed", multiple=True, metavar="ID=VALUE[@DAY]", help="A figure that it shows, typed.")
@click.option("--quote", default="", help="What it says around the typed figures.")
def manual(
    source: str,
    file: Path,
    url: str,
    who: str,
    at: str | None,
    published: str | None,
    typed: tuple[str, ...],
    quote: str,
) -> None:
    """Record a page saved by hand, or an image or document with the figures in it typed beside it.

    The file is archived as evidence. Without --figure it is read as the source's definition says; with it, what was
    typed is recorded, and that a person did so.
    """
    saved = parse_instant(at) if at else now()
    with Desk.open() as desk:
        (followed,) = desk.catalogue.require([source])
        desk.ready()
        day = parse_day(published) if published else None
        given = HandedIn(_read(file), file.name, url, who, saved, day, typed, quote)
        done = record_by_hand(desk, followed, given)
    told = f"{done.update or source}: {done.state}" + (f": {done.message}" if done.message else "")
    note(safe(told, "terminal"))
    sys.exit(3 if done.held else 1 if done.state == "failed" else 0)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
