"""The `tallybook` command: it parses, calls what the rest calls, and prints."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence

import click

from model import TallybookError

COMMANDS = {
    "demo": "cli.demo.command",
    "refresh": "cli.commands.refresh",
    "backfill": "cli.commands.past.backfill",
    "replay": "cli.commands.past.replay",
    "manual": "cli.commands.manual",
    "review": "cli.commands.review",
    "log": "cli.commands.log",
    "show": "cli.commands.log",
    "series": "cli.commands.log",
    "table": "cli.commands.log",
    "find": "cli.asking.find",
    "facts": "cli.asking.facts",
    "ask": "cli.asking.ask",
    "mcp": "cli.asking.mcp",
    "complete": "cli.asking.complete",
    "record": "cli.asking.record",
    "check-print": "cli.asking.check_print",
    "check": "cli.asking.check",
    "watch": "cli.asking.watch",
    "extract": "cli.commands.extract",
    "export": "cli.commands.export",
    "site": "cli.asking.site",
    "sources": "cli.commands.sources",
    "status": "cli.commands.sources",
    "verify": "cli.commands.verify",
    "checkpoint": "cli.commands.verify",
    "pack": "cli.asking.pack",
    "rules": "cli.commands.rules",
    "mark": "cli.noting.mark",
    "marks": "cli.noting.mark",
    "archive": "cli.commands.archive",
    "move": "cli.commands.move",
    "migrate": "cli.commands.move",
    "backup": "cli.commands.past.backup",
    "restore": "cli.commands.past.backup",
    "serve": "cli.commands.serve",
    "users": "cli.commands.serve",
    "deploy": "cli.commands.serve",
}


READING = frozenset(
    ("log", "show", "series", "table", "find", "facts", "complete", "record", "ask", "check-print", "check", "extract")
)
"""Commands that only read; people wait for them."""


class _Lazy(click.Group):
    """A group whose commands are imported when they are called, so that reading stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Lazy, epilog="Start with: tallybook demo")
@click.version_option(package_name="tallybook", prog_name="tallybook")
def tallybook() -> None:
    """Keep a versioned ledger of figures that others publish, and tell what changed.

    Settings come from TALLYBOOK_* in the environment or a .env file; TALLYBOOK_HOME (default ./var) holds everything.
    """


def _unusable(error: OSError) -> int:
    """Tell of a home, archive or file of ours that cannot be read or written; what names no file is a bug."""
    if error.filename is None:
        raise error
    click.echo(f"tallybook: {error.filename} cannot be used: {error.strerror}", err=True)
    return 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; errors are told in a sentence on standard error.

    Exits with 0 when done, 1 when something failed, is blocked or does not verify, 2 for wrong usage or a wrong
    definition, 3 when it is done and something is held, or was left out since it could not be read, 4 when it is done
    and values recorded earlier were corrected, since they were read wrongly (`refresh`, `replay`; docs/changes.md).
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in READING:
        gc.disable()  # such a command is over before a collection pays, and imports make many objects
    try:
        code = tallybook.main(words, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except click.Abort:
        code = 130
    except TallybookError as error:
        click.echo(f"tallybook: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        # The reader of our output went away; Python would complain once more while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        code = _unusable(error)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
