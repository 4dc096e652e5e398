"""The command that records old copies: those that a manifest lists, or that a git history or a web archive holds."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cli.commands.past.wayback import bar, capture_wishes, fetched_captures, wayback_options
from cli.git_options import git_options, git_wishes
from cli.output import note
from flows.desk import Desk
from flows.outcomes import BackfillOutcome
from flows.past.backfill import Wishes, backfill_copies
from flows.past.manifest import Copy, read_manifest
from flows.past.wayback import Captured, forget_captures
from publish.safe import safe


@click.command(epilog="Example: tallybook backfill ua_personnel copies/manifest.jsonl")
@click.argument("source")
@click.argument("manifest", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option(
    "--git",
    "repository",
    metavar="REPO",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Take the copies from the history of a local git repository instead.",
)
@click.option("--path", "file", metavar="FILE", help="The file in that repository.")
@git_options
@wayback_options
@click.option("--hold", is_flag=True, help="Hold what the checks would hold, for review.")
@click.option("--without-unreadable", is_flag=True, help="Derive without releases that cannot be read again.")
def backfill(source: str, manifest: Path | None, repository: Path | None, file: str | None, **wishes: bool) -> None:
    """Record old copies of a source's reports in the order the world could read them.

    With --wayback they are the captures that a web archive (TALLYBOOK_WEB_ARCHIVE) holds of the source's address.
    MANIFEST is JSON lines {"path": …, "fetched_at": …, "published": …}, paths inside its folder. With --git and
    --path every version of a file in a repository is a copy, known at its commit's date.

    Copies that are older than what is recorded make a new generation of the source: its updates are derived again from
    all its releases, and people's decisions carried over. The one before stays, and is read as SOURCE~1.
    """
    with Desk.open() as desk:
        of = desk.catalogue[source]
        asked = capture_wishes()
        if asked is not None and (manifest, repository, file) == (None, None, None):
            captured = fetched_captures(desk, of, asked)
            copies = list(captured.copies)
        else:
            captured, copies = None, _copies(manifest, repository, file)
        with bar("recording") as progress:
            done = backfill_copies(desk, of, copies, wishes=Wishes(**wishes), progress=progress)
        if captured is not None and not captured.stopped:
            forget_captures(desk, of)
    _tell(source, done)
    sys.exit(_code(done, captured))


def _code(done: BackfillOutcome, captured: Captured | None) -> int:
    """1 where something is missing, 3 where something is in doubt."""
    missing, doubted = (captured.stopped, captured.left_out) if captured is not None else ("", ())
    return 1 if done.failed or missing else 3 if done.held or done.left_out or done.not_carried or doubted else 0


def _tell(source: str, done: BackfillOutcome) -> None:
    if done.generation:
        carried = f", {done.carried} decisions carried over" if done.carried else ""
        before = f"{source}~{done.generation - 1}"
        note(f"{source}: generation {done.generation} is in force{carried}; the one before is read as {before}")
    for one in done.not_carried:
        told = f"{one.decision} is not carried over: {one.action} {one.series}@{one.as_of} by {one.who} ({one.why})"
        note(safe(f"{told}: {one.reason}", "terminal"))
    note(
        f"{source}: {done.updates} updates, {done.changes} changes, {done.held} held, "
        f"{done.failed} copies unreadable"
        + (f", {done.left_out} copies with rows or cells left out" if done.left_out else "")
        + (f", {done.skipped} recorded before" if done.skipped else "")
    )


def _copies(manifest: Path | None, repository: Path | None, file: str | None) -> list[Copy]:
    """The copies that a manifest lists, or those in a git history. Raises `click.UsageError` for neither and both."""
    if manifest is not None and repository is None and file is None:
        return read_manifest(manifest)
    if manifest is None and repository is not None and file is not None:
        from flows.past.githistory import read_history

        return read_history(repository, file, git_wishes())
    raise click.UsageError("name a MANIFEST, or --git REPO and --path FILE, or --wayback")
