"""The command that checks what was printed against the ledger."""

from __future__ import annotations

import click

import extractors
from cli.commands.extract import content_of
from cli.output import as_json, console, print_json
from flows.desk import Desk
from flows.reading.apart import apart
from model import Day, TextRule, now, parse_day


@click.command(epilog="Example: tallybook check article.html --on 2025-08-13")
@click.argument("target", metavar="FILE|URL|-")
@click.option("--on", "on", metavar="DATE", help="Judge by what was known on that day; today without.")
@click.option("--language", metavar="CODE", help="The text's language, such as en; found out when not given.")
@as_json
def check(target: str, on: str | None, language: str | None, as_json: bool) -> None:
    """Check every figure of a printed text: the series it speaks of, and whether it is what was known that day.

    Right, outdated, wrong baseline, misattributed, hedge dropped, rounded, or unknown; with the sentence that would be
    right. Where two series fit, both are named and nothing is guessed. Exits with 3 where a number is not right.
    """
    from publish.printing.printed import PrintedDesk
    from publish.printing.text import render_printed

    content, name, charset = content_of(target)

    def opened() -> str:
        kind = extractors.sniff(content, name)
        return extractors.derive(content, media_type=kind, charset=charset, text=TextRule()).text

    text, day = apart(opened), parse_day(on) if on else Day(now()[:10])
    with Desk.open() as desk:
        found = PrintedDesk(desk.views, desk.catalogue, desk.names()).check(text, on=day, language=language)
    if as_json:
        print_json([found])
    else:
        render_printed(found, console())
    if any(one.verdict not in ("right", "unknown") for one in found.numbers):
        raise SystemExit(3)
