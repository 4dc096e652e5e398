"""Options of `backfill --wayback`: which captures of a web archive are copies; fetching them, and telling of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from cli.output import console, note
from flows.desk import Desk
from flows.past.backfill import Progress
from flows.past.wayback import Captured, CaptureWishes, read_captures
from model import Source, parse_day
from publish.safe import safe

_Command = TypeVar("_Command", bound=Callable[..., Any])

_KEPT = "tallybook.wayback"

TOLD = 5
"""So many captures that are left out are named."""


def wayback_options(command: _Command) -> _Command:
    """Give a command the options; `capture_wishes` has what was given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def capture_wishes() -> CaptureWishes | None:
    """Which captures are wanted; None where none are asked for."""
    given = click.get_current_context().meta.get(_KEPT, {})
    if not given.get("wayback"):
        if any(value for name, value in given.items() if name != "limit"):
            raise click.UsageError("--from, --to and --address go with --wayback")
        return None
    days = {name: parse_day(given[name]) for name in ("since", "until") if given.get(name)}
    return CaptureWishes(**days, limit=given["limit"], address=given.get("address"))


def fetched_captures(desk: Desk, source: Source, wishes: CaptureWishes) -> Captured:
    """Fetch captures, and tell what came."""
    with bar("fetching") as progress:
        found = read_captures(desk, source, wishes, progress)
    note(safe(f"{source.id}: {found.listed} captures listed, {len(found.copies)} to be recorded", "terminal"))
    for one in found.left_out[:TOLD]:
        note(safe(f"{source.id}: left out, the capture of {one}", "terminal"))
    if len(found.left_out) > TOLD:
        note(f"{source.id}: {len(found.left_out) - TOLD} more captures are left out")
    if found.stopped:
        note(safe(f"{source.id}: not all captures came ({found.stopped}); call again, and the rest comes", "terminal"))
    return found


@contextmanager
def bar(what: str) -> Iterator[Progress | None]:
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress as Bar

    with Bar(console=console(stderr=True)) as shown:
        task = shown.add_task(what)
        yield lambda at, total: shown.update(task, completed=at, total=total)


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    context.meta.setdefault(_KEPT, {})[parameter.name] = value
    return value


_OPTIONS = (
    click.option(
        "--wayback",
        is_flag=True,
        expose_value=False,
        callback=_keep,
        help="Take the captures that a web archive holds of the source's address.",
    ),
    click.option(
        "--from", "since", metavar="DAY", expose_value=False, callback=_keep, help="No captures before this day."
    ),
    click.option(
        "--to", "until", metavar="DAY", expose_value=False, callback=_keep, help="No captures after this day."
    ),
    click.option(
        "--limit",
        type=click.IntRange(1),
        default=1_000,
        show_default=True,
        expose_value=False,
        callback=_keep,
        help="At most so many different contents in one run, oldest first.",
    ),
    click.option(
        "--address",
        metavar="URL",
        expose_value=False,
        callback=_keep,
        help="The captured address, where it is not the one that is fetched today.",
    ),
)
