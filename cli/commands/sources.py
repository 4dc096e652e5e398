"""Commands about sources: what is defined, whether it is sound, how it stands."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

import extractors
from changes.mirrors import Mirror
from cli.commands.past.generations import generations
from cli.commands.past.rewind import rewind
from cli.commands.sources_new import new, try_source
from cli.output import as_json, console, note, print_json
from flows.desk import Desk
from flows.settings import environment
from model import UsageError
from publish.safe import safe
from sources import SHIPPED
from sources import check as check_file
from sources.catalogue.definition import read_definition

if TYPE_CHECKING:
    from flows.status import SourceStatus
    from storage import DefinitionVersion


@click.group(invoke_without_command=True, epilog="Example: tallybook sources list")
@click.pass_context
def sources(context: click.Context) -> None:
    """Source definitions: list them, check them, try one live, write a new one."""
    if context.invoked_subcommand is None:
        context.invoke(list_sources, as_json=False)


@sources.command("list", epilog="Example: tallybook sources list --json")
@as_json
def list_sources(as_json: bool) -> None:
    """Every source that is defined, and how it stands."""
    with Desk.open() as desk:
        rows = _statuses(desk)
        problems = desk.catalogue.problems
    for problem in problems:
        note(str(problem))
    _show(rows, as_json)


@sources.command("check", epilog="Example: tallybook sources check my/definitions/layoffs.yml")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def check(files: tuple[Path, ...]) -> None:
    """Check definitions, and tell every problem with file, line and key; without FILES all that are configured."""
    with Desk.open() as desk:
        folder = desk.settings.sources or SHIPPED
    found = [one for path in files or (folder,) for one in (sorted(path.glob("*.yml")) if path.is_dir() else (path,))]
    problems = [problem for path in found for problem in check_file(path, extractors.check_pattern)]
    for problem in problems:
        click.echo(str(problem))
    _tell_of_browser(found)
    note(f"{len(found)} definitions, {len(problems)} problems")
    sys.exit(2 if problems else 0)


@sources.command("mirrors", epilog="Example: tallybook sources mirrors")
@as_json
def mirrors(as_json: bool) -> None:
    """Series of two sources that state the same numbers, errors too: one may copy the other and be no witness.

    What is no witness is said in its definition: `counts_as`.
    """
    with Desk.open() as desk:
        found = [one for one in desk.views.mirrors() if not _is_said(desk, one)]
    if as_json:
        print_json(found)
        return
    for one in found:
        errors = f", {one.errors} of them errors in both" if one.errors else ""
        click.echo(
            f"{one.series} states {one.equal} of {one.stated} numbers as {one.of} does{errors}, usually {one.days:g} "
            f"days later; if it copies them, its definition says: counts_as: {one.of}"
        )
    note(f"{len(found)} such pairs" if found else "no series states the numbers of another source's")


def _is_said(desk: Desk, pair: Mirror) -> bool:
    """Whether a definition says already that two series speak of one count."""
    return _origin(desk, pair.series) == _origin(desk, pair.of)


def _origin(desk: Desk, series: str) -> str:
    name = series.partition("/")[0]
    return (desk.catalogue[name].counted_as(series) if name in desk.catalogue else None) or series


def _tell_of_browser(files: Sequence[Path]) -> None:
    """Say early which sources cannot be fetched on this machine, for want of a browser."""
    drawn = [path.stem for path in files if (one := read_definition(path).source) and one.fetch == "browser"]
    if not drawn:
        return
    from sources.web.browser import browser_problem

    if (problem := browser_problem(environment())) is not None:
        note(f"{', '.join(drawn)}: {problem[0]} ({problem[1]})")


@sources.command("history", epilog="Example: tallybook sources history mediazona --diff 2 3")
@click.argument("source")
@click.option("--diff", "pair", nargs=2, type=int, metavar="OLD NEW", help="What changed from one text to another.")
@as_json
def history(source: str, pair: tuple[int, int] | None, as_json: bool) -> None:
    """Every text that a source's definition had: from when, by whom and why, newest first."""
    with Desk.open() as desk:
        found = desk.views.definitions(source)
    if not found:
        raise UsageError(f"nothing is written down of a definition {source!r}", "a text is, when it is first used")
    if pair:
        old, new = (_numbered(found, number) for number in pair)
        for line in unified_diff(old.text.splitlines(), new.text.splitlines(), f"{pair[0]}", f"{pair[1]}", lineterm=""):
            click.echo(safe(line, "terminal"))
    elif as_json:
        print_json(found)
    else:
        for one in found:
            by = one.by or "its file was changed"
            click.echo(safe(f"{one.number}\t{one.since}\t{one.digest[:12]}\t{by}\t{one.why}", "terminal"))


def _numbered(found: Sequence[DefinitionVersion], number: int) -> DefinitionVersion:
    for one in found:
        if one.number == number:
            return one
    raise UsageError(f"there is no text {number}", f"there are 1 to {found[0].number}")


sources.add_command(generations)
sources.add_command(new)
sources.add_command(rewind)
sources.add_command(try_source)


@click.command(epilog="Example: tallybook status --json")
@as_json
def status(as_json: bool) -> None:
    """How each source stands; exits with 1 when one is not polled: nothing has run, or been read, that should have.

    A source that failed, or was blocked, since it was read last is such a one, and one whose definition is broken.
    """
    with Desk.open() as desk:
        rows, told = _statuses(desk), desk.has_ledger()
        if not told:
            note(desk.no_ledger())
    _show(rows, as_json)
    sys.exit(1 if not told or any(row.silence == "not_polled" for row in rows) else 0)


def _statuses(desk: Desk) -> list[SourceStatus]:
    from flows.status import statuses  # the other commands about sources need no ledger, which takes long to load

    return statuses(desk)


def _show(rows: list[SourceStatus], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    from publish.text import render_status

    render_status([msgspec.to_builtins(row) for row in rows], console())
