"""The command that packs the evidence of an update."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from cli.output import note
from flows.desk import Desk
from model import UsageError


@click.command(epilog="Example: tallybook pack mediazona/42 mediazona/killed evidence.zip")
@click.argument("update")
@click.argument("rest", nargs=-1, required=True, metavar="[SERIES] OUT.zip")
@click.option("--stamp", metavar="URL", help="Let the time-stamp server (RFC 3161) there stamp the checkpoint.")
def pack(update: str, rest: tuple[str, ...], stamp: str | None) -> None:
    """Pack what an update, or one series of it, rests on into a ZIP that proves itself.

    Snapshots, texts, marked excerpts, figures, digests, chains and a checkpoint; `python verify.py` in the unpacked
    folder needs nothing but Python. The pack has the publisher's bytes, which may name people.
    """
    from publish.packing.pack import PackAsked, Packer
    from publish.packing.stamp import stamped

    if len(rest) > 2:
        raise click.UsageError("give an update, perhaps one series of it, and the file to write")
    out, series = Path(rest[-1]), rest[0] if len(rest) == 2 else None
    if out.exists():
        raise UsageError(f"{out} is there already", "name another file")
    with Desk.open() as desk:
        packer = Packer(desk.views, desk.archive, desk.catalogue, desk.names())
        made = packer.pack(PackAsked(update, series, desk.clock(), partial(stamped, url=stamp) if stamp else None))
    out.write_bytes(made)
    note(f"{out}: {len(made):,} bytes; unpack it and run python verify.py")
