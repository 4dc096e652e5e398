"""Commands that prove the ledger: verify and checkpoint."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click

from cli.output import note
from flows.desk import Desk
from flows.operation.marks import mark
from model import UsageError
from storage import checkpoint as make_checkpoint
from storage.proof.checkpoint import MARK, Checkpoint


@click.command(epilog="Example: tallybook verify --against checkpoints.txt")
@click.option("--against", metavar="CHECKPOINT", help="A checkpoint line, or a file whose last line is one.")
def verify(against: str | None) -> None:
    """Compute every digest again: values, bytes, texts and chains.

    Against a checkpoint that was kept elsewhere it also finds a ledger whose newest updates were cut off, or whose
    history was written anew.
    """
    kept = _checkpoint(against) if against is not None else None
    count = 0
    with Desk.open() as desk:
        for problem in chain(desk.require_ledger().ledger.verify(kept), _acts(desk.settings.users)):
            count += 1
            click.echo(problem)
        if not count:
            mark(desk.settings.home, "verify")
            click.echo(f"verified: {make_checkpoint(desk.ledger.engine)}")
            note(
                "every value, byte, text and chain agrees; that line, kept elsewhere, proves it again: verify --against"
            )
        for tombstone in desk.archive.tombstones():
            note(f"redacted by {tombstone.by} on {tombstone.at}: {tombstone.sha256}: {tombstone.why}")
    if count:
        note(f"{count} problem{'s' if count > 1 else ''}: the ledger does not verify")
        sys.exit(1)


def _acts(path: Path) -> Iterator[str]:
    """What is wrong with the book of what people did, where there is one."""
    from review.people.acts import verify_acts

    return verify_acts(path) if path.is_file() else iter(())


def _checkpoint(text: str) -> Checkpoint:
    if MARK in text:
        return Checkpoint.parse(text)
    try:
        return Checkpoint.parse(Path(text).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"the checkpoint {text} cannot be read: {reason}", "give a file or the line itself") from None


@click.command(epilog="Example: tallybook checkpoint >> checkpoints.txt")
@click.option("--stamp", metavar="URL", help="Let the time-stamp server (RFC 3161) there stamp it.")
@click.option("--to", "name", default="checkpoint", show_default=True, help="Write NAME.txt and NAME.tsr then.")
def checkpoint(stamp: str | None, name: str) -> None:
    """One line to keep elsewhere: every source's newest update and chain digest, and a digest of them all."""
    with Desk.open() as desk:
        line = make_checkpoint(desk.require_ledger().ledger.engine)
    click.echo(line)
    if stamp:
        from publish.packing.stamp import stamped

        content = f"{line}\n".encode()
        answer = stamped(content, stamp)
        for ending, written in ((".txt", content), (".tsr", answer)):
            Path(f"{name}{ending}").write_bytes(written)
        note(f"stamped: {name}.txt and {name}.tsr; openssl ts -verify -data {name}.txt -in {name}.tsr -CAfile ROOT.pem")
