"""Options of `backfill --git`: which versions of a repository are copies, and which day each has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from flows.past.githistory import GitWishes

_Command = TypeVar("_Command", bound=Callable[..., Any])

_KEPT = "tallybook.git"


def git_options(command: _Command) -> _Command:
    """Give a command the options; `git_wishes` has what was given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def git_wishes() -> GitWishes:
    """What was given of the options."""
    given = click.get_current_context().meta.get(_KEPT, {})
    return GitWishes(**{name: value for name, value in given.items() if value})


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    context.meta.setdefault(_KEPT, {})[parameter.name] = value
    return value


_OPTIONS = (
    click.option(
        "--revisions",
        metavar="REVISIONS",
        expose_value=False,
        callback=_keep,
        help="With --git: a branch, tag, commit or range (v1..main); what is checked out where absent.",
    ),
    click.option(
        "--files",
        is_flag=True,
        expose_value=False,
        callback=_keep,
        help="With --git: FILE is a pattern (data/*.csv, **/day.html); each file is a release of its own.",
    ),
    click.option(
        "--date",
        type=click.Choice(["committer", "author"]),
        expose_value=False,
        callback=_keep,
        help="With --git: whose date says when a version was known; the committer's where absent.",
    ),
    click.option(
        "--published",
        type=click.Choice(["page", "name"]),
        expose_value=False,
        callback=_keep,
        help="With --git: the day of publication is what the page, or the file's name, states. "
        "With --files: the name, else the page, where absent.",
    ),
)
