"""The commands about articles of one's own: which are watched, and what in them is true no longer."""

from __future__ import annotations

import click

from cli.output import as_json, note, print_json
from flows.desk import Desk
from flows.rules.printed import NEWEST, PrintWatch
from publish.safe import safe


@click.group(epilog="Example: tallybook watch add https://example.org/our-article")
def watch() -> None:
    """What we printed: articles of our own are registered, and it is told when a number in them is true no longer."""


@watch.command("add", epilog="Example: tallybook watch add article.html --on 2025-08-13")
@click.argument("address", metavar="FILE|URL")
@click.option("--on", default="", metavar="DATE", help="When it was printed; else as it says itself, or today.")
@click.option("--language", default="", metavar="CODE", help="Its language, such as en; found out when not given.")
@click.option(
    "--newest", default=NEWEST, show_default=True, type=click.IntRange(1, 500), help="So many of a sitemap or feed."
)
@as_json
def add(address: str, on: str, language: str, newest: int, as_json: bool) -> None:
    """Register an article, or the newest of a sitemap or feed; what they say is archived, their numbers are watched."""
    with Desk.open() as desk:
        desk.require_ledger()
        register = PrintWatch(desk)
        listed = register.is_list(address)
        if listed:
            found = register.add_list(address, newest=newest)
        else:
            found = [register.add(address, on=on, language=language, private=True)]
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(safe(f"{one.address}: {_told(one.numbers, one.printed_on, one.wrong)}", "terminal"))
    if listed:
        note(f"{len(found)} articles of {address} are registered; tallybook watch look finds those to come")


@watch.command("list", epilog="Example: tallybook watch list --json")
@as_json
def list_articles(as_json: bool) -> None:
    """All that is registered, and how many numbers of each are watched."""
    with Desk.open() as desk:
        found = PrintWatch(desk.require_ledger()).articles()
    if as_json:
        print_json(found)
        return
    for one in found:
        said = "a list" if one.kind == "list" else _told(one.numbers, one.printed_on, "")
        wrong = f"; not read again: {one.wrong}" if one.wrong else ""
        click.echo(safe(f"{one.address}: {said}{wrong}", "terminal"))


@watch.command("remove", epilog="Example: tallybook watch remove https://example.org/our-article")
@click.argument("address", metavar="FILE|URL")
def remove(address: str) -> None:
    """Take an article out of the register, or a list with its articles; what they said stays in the archive."""
    with Desk.open() as desk:
        PrintWatch(desk.require_ledger()).remove(address)
    note(f"{address} is not watched any more")


@watch.command("look", epilog="Example: tallybook watch look")
@click.option("--no-fetch", is_flag=True, help="Only what is found already; no article is read again.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@as_json
def look(no_fetch: bool, limit: int, as_json: bool) -> None:
    """Read all registered articles again, and tell what is true no longer, each with the line that corrects it.

    Numbers are judged after each update by themselves. Exits with 3 where anything is found.
    """
    with Desk.open() as desk:
        register = PrintWatch(desk.require_ledger())
        wrong = [] if no_fetch else [one for one in register.look() if one.wrong]
        found = register.findings(limit)
    for article in wrong:
        note(f"{article.address} was not read again: {article.wrong}")
    if as_json:
        print_json(found)
    for one in () if as_json else found:
        click.echo(safe(f"{one.at[:10]} {one.address}: {one.number_text}: {one.kind} ({one.update})", "terminal"))
        click.echo(safe(f"  “{' '.join(one.quote.split())}”", "terminal"))
        click.echo(safe(f"  {one.line}", "terminal"))
    if found:
        raise SystemExit(3)


def _told(numbers: int, on: str, wrong: str) -> str:
    if wrong:
        return f"not read: {wrong}"
    return f"printed {on}; {numbers} {'number is' if numbers == 1 else 'numbers are'} watched"
