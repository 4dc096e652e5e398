"""The command that tells how complete the newest values of a series are."""

from __future__ import annotations

import click

from cli.output import as_json, console, print_json
from flows.desk import Desk
from publish.vocabulary import LANGUAGES, Language


@click.command(epilog="Example: tallybook complete mediazona_by_death_date/change")
@click.argument("series")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the sentences.")
@click.option("--limit", type=click.IntRange(1, 2000), default=20, show_default=True, help="At most so many days.")
@as_json
def complete(series: str, language: Language, limit: int, as_json: bool) -> None:
    """Tell how much of a series' newest days is still to come, by what days of the same age gained before.

    For tables that revise their past. Each day has a band that four in five should end within, or it is said why not:
    too few releases, or most days of its age did not change any more.
    """
    from publish.news.complete import told_completeness
    from publish.news.text import render_completeness

    with Desk.open() as desk:
        found = told_completeness(desk.views, desk.names(), series)
    if as_json:
        print_json([found])
    else:
        render_completeness(found, console(), language, limit)
