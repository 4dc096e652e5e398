"""The command that answers a question in words."""

from __future__ import annotations

import click

from cli.output import as_json, console, print_json
from flows.desk import Desk
from model import Day, now
from publish.vocabulary import LANGUAGES, Language


@click.command(epilog='Example: tallybook ask "How many personnel losses by 31 July 2025 as known on 5 August 2025?"')
@click.argument("words", nargs=-1, required=True)
@click.option("--language", type=click.Choice(LANGUAGES), help="The question's language; found out when not given.")
@as_json
def ask(words: tuple[str, ...], language: Language | None, as_json: bool) -> None:
    """Answer a question in words: which series, which day and which version it speaks of, and what counts there.

    The figure comes with its hedge, as-of, who says it, when it was known, its proof, and whether it is disputed, held
    or was revised. Where several may be meant they are listed; where nothing is called so, that is said. Exits with 1
    where there is no one figure.
    """
    from publish.asking.ask import AskedLedger
    from publish.asking.ask import ask as answer_of
    from publish.asking.text import render_answer

    with Desk.open() as desk:
        ledger = AskedLedger(desk.views, desk.catalogue, desk.names())
        found = answer_of(ledger, " ".join(words), today=Day(now()[:10]), language=language)
    if as_json:
        print_json([found])
    else:
        render_answer(found, console())
    if found.figure is None:
        raise SystemExit(1)
