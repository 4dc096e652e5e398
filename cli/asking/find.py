"""The command that finds figures in a reader's own words."""

from __future__ import annotations

import click

from cli.output import as_json, console, note, print_json
from flows.desk import Desk

IN = ("value", "stated", "difference", "hedged", "words")


@click.command(epilog='Example: tallybook find "2,353"')
@click.argument("words", nargs=-1, required=True)
@click.option("--source", metavar="SOURCE", help="Only what this source states.")
@click.option("--in", "parts", type=click.Choice(IN), multiple=True, help="Only where it is this; may be repeated.")
@click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True, help="At most so many of each.")
@as_json
def find(words: tuple[str, ...], source: str | None, parts: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find figures as they are typed or printed, and words of quotes, names, claimants and sources.

    2,353, 2353 and 2 353 are one number; it is found as a value, as a change that a report states, and as a difference.
    Of words all must be there; from three letters on the beginning of one does.
    """
    from publish.finding.find import PARTS, Finder, Search

    with Desk.open() as desk:
        chosen = tuple(part for part in PARTS if part in parts) or tuple(PARTS)
        search = Search(" ".join(words), source or "", chosen, limit)
        finding = Finder(desk.views, desk.catalogue, desk.names()).find(search)
    if as_json:
        print_json([*finding.hits, *finding.series, *finding.sources])
        return
    from publish.finding.text import render_finding

    if finding.empty:
        note("nothing was found: a word is found by its beginning, all words must be there, numbers by their value")
    render_finding(finding, console())
