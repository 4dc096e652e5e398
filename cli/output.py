"""Printing: JSON alone on standard output for programs, rich text for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from model import dumps

if TYPE_CHECKING:
    from rich.console import Console

CORRECTED = 4
"""How a command ends that corrected what was recorded earlier, because it was read wrongly."""

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON value a line, and nothing else.")


def print_json(values: Iterable[Any]) -> None:
    """Print each value as one line of JSON."""
    for value in values:
        click.echo(dumps(value))


def console(*, stderr: bool = False) -> Console:
    """A console for people."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def note(message: str) -> None:
    """Say something beside the result, on standard error."""
    click.echo(message, err=True)
