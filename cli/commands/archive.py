"""Commands for the archive of bytes."""

from __future__ import annotations

import getpass
import sys

import click

from cli.output import note
from flows.desk import Desk
from model import now
from publish.safe import safe
from storage.archive.redact import redact as redact_content


@click.group()
def archive() -> None:
    """The archive of what was fetched: bytes, and the texts derived from them."""


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@archive.command(epilog="Example: tallybook archive show 9f86d08…0a08 > page.html")
@click.argument("sha256")
def show(sha256: str) -> None:
    """Write stored bytes to standard output as they were fetched, proved by their SHA-256.

    Where a source is blocked or its page is broken, status --json names what was answered instead: `answer`.
    """
    with Desk.open() as desk:
        content = desk.require_ledger().archive.get(sha256.strip().lower())
    if sys.stdout.isatty():
        for line in content.decode(errors="replace").splitlines():
            print(safe(line, "terminal"))
    else:
        sys.stdout.buffer.write(content)


@archive.command(epilog="Example: tallybook archive redact 9f86d08…0a08 --why 'names a private person'")
@click.argument("sha256")
@click.option("--why", required=True, help="Why it has to go; it stays in the tombstone.")
@click.option("--by", "who", default=_login, show_default="your login", help="Who decides; it stays in the tombstone.")
def redact(sha256: str, why: str, who: str) -> None:
    """Remove stored bytes for good, leaving a tombstone that verify accepts.

    The text derived from them goes too, and so does what the ledger kept of their words. The figures stay. The same
    bytes are not stored again when they are published again.
    """
    with Desk.open() as desk:
        tombstone, texts = redact_content(
            desk.require_ledger().ledger.engine, desk.archive, sha256, by=who, why=why, at=now()
        )
    note(f"{tombstone.size} bytes are gone; a tombstone says who removed them, and why")
    for text in texts:
        note(f"the text read from them is gone, too: {text}")
