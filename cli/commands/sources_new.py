"""Commands that bring a source in: `sources new` writes a definition, `sources try` reads a live page with one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from cli.output import as_json, console, note, print_json
from flows.desk import Desk
from flows.drafts.drafting import answered, as_builtin, draft, look, suggested_id, write
from flows.reading.looking import Found, ReadBack
from model import Source, UsageError, day_of
from publish.safe import safe

if TYPE_CHECKING:
    from flows.drafts.trying import Tried


class _Chosen(TypedDict):
    """What a person says on the command line: who draws, the id, the numbers to follow, how dates are written."""

    browser: bool
    source_id: str | None
    follow: str | None
    date_format: str | None
    yes: bool


@click.command(epilog="Example: tallybook sources new https://example.org/outbreak --id outbreak --follow 1,3 --yes")
@click.argument("url")
@click.option("--id", "source_id", help="What to call the source; made from the address when not given.")
@click.option("--follow", metavar="N,…", help="Which of the figures shown to follow.")
@click.option("--date-format", metavar="FORM", help="How dates are written, such as %d/%m/%Y, where that is open.")
@click.option("--browser", is_flag=True, help="Let a browser draw the page first; it needs tallybook[browser].")
@click.option("--yes", is_flag=True, help="Ask nothing; write the definition.")
@as_json
def new(url: str, as_json: bool, **chosen: Unpack[_Chosen]) -> None:
    """Show what a page states, ask what to follow, and write a definition that reads it."""
    with Desk.open() as desk:
        found = look(desk, url, browser=chosen["browser"])
        follow, yes = chosen["follow"], chosen["yes"]
        if as_json and not (follow and yes):
            print_json(as_builtin(found))
            return
        if not as_json:
            _show(found)
        if not follow and yes:
            raise UsageError("nothing was chosen", "choose with --follow 1,2")
        if not follow and not sys.stdin.isatty():
            note("choose with --follow 1,2 --yes, or answer in a terminal")
            return
        _write(desk, found, chosen)


def _write(desk: Desk, found: Found, chosen: _Chosen) -> None:
    numbers = _numbers(chosen["follow"] or click.prompt("Follow which? (numbers, parted by commas)"))
    content = draft(found, numbers, chosen["date_format"] or _asked_dates(found, numbers, chosen["yes"]))
    name = chosen["source_id"] or suggested_id(found)
    if not chosen["yes"]:
        name = _ask(found, numbers, content, name)
    path, read = write(desk, name, content, found)
    _note(desk, name, f"sources new {found.url}")
    if "as_of" not in content and "figures" in content:
        note("no day was found there: values are dated by when they are fetched, unless as_of: says where one stands")
    if found.private:
        note("the host is not a public one: the definition says allow_private_addresses: true")
    for line in _contract(content, [found.offer(number)[1].sample for number in numbers], read):
        note(safe(line, "terminal"))
    note(safe(f"{path}: tallybook refresh {name} records them", "terminal"))


def _note(desk: Desk, source_id: str, why: str) -> None:
    """Write the new text into the history, where there is a ledger yet; else its first use does."""
    if desk.has_ledger():
        desk.note_definition(desk.newest_catalogue()[source_id], by="terminal", why=why)


def _contract(content: dict[str, Any], samples: Sequence[str], read: ReadBack) -> Iterator[str]:
    """What the definition takes the page to be, in words that a person can deny, and what stays in doubt."""
    keyed = f", told apart by {' and '.join(content['by'].values())}" if content.get("by") else ""
    yield f"reads {_many(read.values, 'value')} of {read.series:,} series{_span(read)}{keyed}"
    if dated := content.get("as_of"):
        yield f"days: {', written '.join(dated[key] for key in _DATED if key in dated)}"
    if mark := content.get("numbers", {}).get("decimal"):
        shown = next((f", such as in {sample}" for sample in samples if mark in sample), "")
        yield f"numbers: {'a comma' if mark == ',' else 'a point'} parts the fraction{shown}"
    yield from (f"in doubt: {doubt}" for doubt in read.doubts)


_DATED = ("column", "path", "css", "pattern", "format")


def _span(read: ReadBack) -> str:
    return f", {' to '.join(dict.fromkeys(read.days))}" if read.days else ""


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"


def _numbers(text: str) -> list[int]:
    parts = [part for part in re.split(r"[,\s]+", text.strip()) if part]
    if not parts or not all(part.isdigit() for part in parts):
        raise UsageError(f"{text!r} names no figures", "write their numbers, such as 1,3")
    return list(dict.fromkeys(map(int, parts)))


def _show(found: Found) -> None:
    out, number = console(), 0
    for way in found.ways:
        out.print(safe(f"{way.title} ({way.extractor})", "terminal"), markup=False, style="bold")
        if way.question:
            out.print(safe(f"     open: {way.question}", "terminal"), markup=False)
        for offer in way.offers:
            number += 1
            values = f" ({offer.count:,} values)" if offer.count > 1 else ""
            out.print(safe(f"{number:>3}  {offer.sample}  {offer.label}{values}", "terminal"), markup=False)
            out.print(safe(f"     {offer.quote[:160]}", "terminal"), markup=False, style="dim")


def _asked_dates(found: Found, numbers: list[int], quiet: bool) -> str | None:
    """Ask how dates are written that could be read in two ways, where somebody is there to say."""
    way, _offer = found.offer(numbers[0])
    if quiet or not way.question or not sys.stdin.isatty():
        return None
    return str(click.prompt(f"{way.question}. How are dates written?", type=click.Choice(way.formats)))


def _ask(found: Found, numbers: list[int], content: dict[str, Any], name: str) -> str:
    name = click.prompt("Id of the source", default=name)
    content["title"] = click.prompt("Title", default=content["title"])
    content["publisher"] = {"name": click.prompt("Publisher", default=content["publisher"]["name"])}
    content["method"] = click.prompt("How do they count, in a sentence?", default=content["method"])
    content["basis"] = click.prompt(
        "Counted, estimated or claimed?",
        type=click.Choice(["counted", "estimated", "claimed"]),
        default=content["basis"],
    )
    for place, number in enumerate(numbers):
        _way, offer = found.offer(number)
        known = offer.rule.get("match", offer.rule)
        told = f"{offer.sample} {offer.label}"
        measure = click.prompt(f"What does {told!r} count? (killed, cases, …)", default=known.get("measure", "other"))
        unit = click.prompt("In which unit? (people, items, percent, …)", default=known.get("unit", "other"))
        kind = click.prompt(
            "A total that stands, or a change, a number for its own day or week?",
            type=click.Choice(["total", "change", "share", "ratio"]),
            default=known.get("kind", "total"),
        )
        answered(content, place, measure=measure, unit=unit, kind=kind)
    return name


@click.command("try", epilog="Example: tallybook sources try ua_personnel --enable")
@click.argument("source_id", metavar="ID")
@click.option("--enable", is_flag=True, help="Where it reads, write today into tried_live: its schedule is on.")
@as_json
def try_source(source_id: str, enable: bool, as_json: bool) -> None:
    """Fetch a source now and show what its definition reads; nothing is recorded."""
    from flows.drafts.trying import enable_source, try_live  # brings what refresh needs

    with Desk.open() as desk:
        (source,) = desk.catalogue.require([source_id])
        tried = try_live(desk, source)
        if as_json:
            print_json(tried.figures)
        else:
            _tell(source, tried)
        if tried.problems:
            sys.exit(1)
        if enable:
            path = enable_source(desk, source, day_of(tried.at, source.timezone))
            _note(desk, source.id, "sources try --enable")
            note(f"{path}: tried_live is today; tallybook serve reads it on its schedule")


def _tell(source: Source, tried: Tried) -> None:
    from publish.text import render_figures

    out = console()
    render_figures(tried.figures[:40], out)
    if len(tried.figures) > 40:
        note(f"and {len(tried.figures) - 40:,} more")
    for text in tried.problems:
        note(safe(f"{source.id}: {text}", "terminal"))
