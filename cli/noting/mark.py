"""The commands that note something of a series or a day, and list what is noted."""

from __future__ import annotations

from typing import cast

import click

from cli.output import as_json, note, print_json
from flows.desk import Desk
from model import GRADES, Day, MarkerKind, UsageError, parse_day

KINDS = ("note", "leak", "scope", "holiday", "method", *GRADES, "end")


@click.command(epilog='Example: tallybook mark ua_personnel/pow@2022-07-16 "no longer given" --kind scope --by ann')
@click.argument("about", metavar="SERIES|SOURCE[@DAY[..DAY]]|N")
@click.argument("text")
@click.option("--kind", type=click.Choice(KINDS), default="note", show_default=True, help="What it is.")
@click.option("--by", required=True, help="Who writes it.")
def mark(about: str, text: str, kind: str, by: str) -> None:
    """Note something of a series, of all series of a source, or of days of it.

    A leak, another scope, days without reports, another method, or a grade of quality from A to D with the text as its
    reason. It stands on charts, in the API, in sites and in what programs are told; who wrote it does not. Rows are
    added alone: `--kind end` takes note number N back, with the text as the reason.
    """
    from storage.marking.book import NewMarker

    with Desk.open() as desk:
        ledger = desk.require_ledger().ledger
        if kind == "end":
            if not about.isdecimal():
                raise UsageError(f"{about!r} is no number of a note", "tallybook marks lists them")
            ledger.unmark(int(about), why=text, by=by)
            note(f"note {about} is taken back")
            return
        name, first, last = _place(about)
        grade = next((one for one in GRADES if one == kind), None)
        new = NewMarker(name, "grade" if grade else cast(MarkerKind, kind), text, first, last, grade)
        note(f"note {ledger.mark(new, by=by)} is written down")


@click.command(epilog="Example: tallybook marks ua_personnel/pow")
@click.argument("series", required=False)
@as_json
def marks(series: str | None, as_json: bool) -> None:
    """List what is noted, of one series or of all."""
    from publish.noting.markers import marker_words, told_markers
    from publish.safe import safe

    with Desk.open() as desk:
        found = told_markers(desk.views.markers(series))
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(safe(f"{one.number} {one.about} {marker_words(one)}", "terminal"))
    if not found:
        note("nothing is noted there")


def _place(about: str) -> tuple[str, Day | None, Day | None]:
    """A series or source, and the first and the last of its days that are meant."""
    name, at, span = about.partition("@")
    first, dots, last = span.partition("..")
    if at and not first:
        raise UsageError(f"{about!r} names no day", "write SERIES@2025-07-31 or SERIES@2025-07-01..2025-07-31")
    return name, parse_day(first) if first else None, parse_day(last) if dots else None
