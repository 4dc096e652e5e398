"""The command that tells what the news in a number is."""

from __future__ import annotations

import click

from cli.output import as_json, console, note, print_json
from flows.desk import Desk
from publish.vocabulary import LANGUAGES, Language


@click.command(epilog="Example: tallybook facts mediazona/42")
@click.argument("target", metavar="UPDATE|SERIES")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the sentences.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many facts.")
@as_json
def facts(target: str, language: Language, limit: int, as_json: bool) -> None:
    """Tell what the news in an update's numbers is, or in each update of a series, newest first.

    Milestones, the largest and smallest since when, the first fall, the pace, one month against another, and the share
    of a whole. Each is computed from recorded versions, which --json names; what is held, hedged, counted anew or still
    filling up states none.
    """
    from publish.news.facts import NewsDesk
    from publish.news.text import render_facts

    with Desk.open() as desk:
        found = NewsDesk(desk.views, desk.catalogue, desk.names()).of(target)
    if as_json:
        print_json(found[:limit])
        return
    render_facts(found[:limit], console(), language)
    if len(found) > limit:
        note(f"and {len(found) - limit:,} more (--limit)")
    if not found:
        note("no fact: nothing new that is exact, whole and far enough from what was before")
