"""The command that checks a figure before it is printed."""

from __future__ import annotations

import click

from cli.output import as_json, console, print_json
from flows.desk import Desk
from model import parse_day
from publish.vocabulary import LANGUAGES


@click.command("check-print", epilog="Example: tallybook check-print mediazona/42 mediazona/killed")
@click.argument("update")
@click.argument("series", metavar="SERIES[@AS_OF]")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the sentences.")
@as_json
def check_print(update: str, series: str, language: str, as_json: bool) -> None:
    """Check a figure before it is printed, and give the sentence that says what is open about it.

    Is it stated in the text, from which two values is it computed, does the report's own change agree and with which
    date, does it count, is there a newer value, who of the same count has another. Without AS_OF it is the newest day
    that the update brings. Exits with 3 where the figure does not count.
    """
    from publish.printing.check import PrintDesk, PrintPlace

    key, _, day = series.partition("@")
    with Desk.open() as desk:
        place = PrintPlace(update, key, parse_day(day) if day else None)
        found = PrintDesk(desk.views, desk.catalogue, desk.names()).check(place)
    if as_json:
        print_json([found])
    else:
        from publish.printing.text import render_check

        render_check(found, console(), language)
    if found.verdict == "not_yet":
        raise SystemExit(3)
