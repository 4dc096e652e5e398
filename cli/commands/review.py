"""Review: what is held, and a person's decision on it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from cli.commands.proposals import confirm, deciding_of, list_proposals, prove, refuse
from cli.output import as_json, console, note, print_json
from extractors.tables.by_hand import is_plain, plain, typed_number
from flows.desk import Desk
from model import Day, Update, UsageError, parse_day
from publish.telling import corrects_nothing, reasons, tell

ANSWERS = {
    "fall": "counted anew from a day on: review accept … SERIES@AS_OF --break",
    "rename": "one series under another name: review same …; another count: review accept …",
}
"""What else may be answered to a finding."""

HEDGES = ("exact", "approximately", "more_than", "less_than")


@click.group(
    invoke_without_command=True, epilog="Example: tallybook review accept ua_equipment/7 --by Ann --why 'checked'"
)
@click.pass_context
def review(context: click.Context) -> None:
    """Held changes, and what people decide about them."""
    if context.invoked_subcommand is None:
        context.invoke(list_held, as_json=False)


@review.command("list", epilog="Example: tallybook review list --json")
@as_json
def list_held(as_json: bool) -> None:
    """What waits for a decision, oldest first."""
    with Desk.open() as desk:
        names = desk.names()
        held = [tell(update, names) for update in desk.views.held()]
    if as_json:
        print_json(row for update in held for row in _rows(update))
        return
    if not held:
        note("nothing is held")
        return
    from publish.text import render_log

    render_log(held, console(), titles=names)
    one = held[0].changes[0]
    note(f"decide, for example: tallybook review accept {held[0].update} {one.series}@{one.as_of} --by WHO --why …")
    note("or reject it, or correct it: the value goes behind SERIES@AS_OF")
    findings = {check.name for update in held for check in update.checks if check.result == "hold"}
    for name in sorted(findings & ANSWERS.keys()):
        note(ANSWERS[name])


@review.command(epilog="Example: tallybook review unmatched demo_article")
@click.argument("source", required=False)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many figures.")
@as_json
def unmatched(source: str | None, limit: int, as_json: bool) -> None:
    """Figures of followed reports that belong to no series, or to two: candidates for following."""
    with Desk.open() as desk:
        found = desk.views.unfollowed(source, limit=limit)
    if as_json:
        print_json({"update": update, "why": why, "figure": figure} for update, why, figure in found)
        return
    from publish.text import render_figures

    out = console()
    for update in dict.fromkeys(name for name, _, _ in found):
        out.print(update, style="bold", markup=False)
        render_figures([figure for name, _, figure in found if name == update], out)
    note("to follow one, add a series with a match to the source's definition; tallybook replay reads the past again")


def _rows(update: Update) -> list[dict[str, Any]]:
    """One JSON object a held change, with the checks that held it."""
    return [
        {"update": update.update, "known_at": update.known_at, "change": change, "checks": reasons(update, change)}
        for change in update.changes
    ]


def _who(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--why", required=True, help="Why you decide so; it stays in the ledger.")(command)
    return click.option("--by", "who", required=True, help="Who decides; it stays in the ledger.")(command)


@review.command(epilog="Example: tallybook review accept ua_equipment/7 ua_equipment/tank --by Ann --why 'confirmed'")
@click.argument("update")
@click.argument("observation", required=False, metavar="[SERIES[@AS_OF]]")
@click.option("--break", "anew", is_flag=True, help="The series is counted anew from SERIES@AS_OF on.")
@_who
def accept(update: str, observation: str | None, anew: bool, who: str, why: str) -> None:
    """Let a held value count.

    With --break it is the first of a count that began anew (a new year, a new method), and is not compared with what
    was before; held values that go on from it are accepted with it.
    """
    if anew and "@" not in (observation or ""):
        raise UsageError("--break needs the observation that the count began anew with", "write SERIES@AS_OF")
    _decide(update, "break" if anew else "accept", observation, who=who, why=why)


@review.command("break", epilog="Example: tallybook review break nics/permit@2024-01-31 --by Ann --why 'new method'")
@click.argument("observation", metavar="SERIES@AS_OF")
@click.option("--undo", is_flag=True, help="Take the mark back.")
@_who
def mark_break(observation: str, undo: bool, who: str, why: str) -> None:
    """Mark an accepted value as the first of a count that began anew: nothing is compared across it."""
    series, _, day = observation.partition("@")
    with Desk.open() as desk:
        found = [row.update for row in desk.views.show(series) if row.as_of == day and not row.held]
    if not found:
        raise UsageError(f"nothing is accepted at {observation!r}", f"tallybook show {series} lists what is")
    _decide(found[-1], "unbreak" if undo else "break", observation, who=who, why=why)


@review.command(epilog="Example: tallybook review reject ua_equipment/7 --by Ann --why 'a digit too many'")
@click.argument("update")
@click.argument("observation", required=False, metavar="[SERIES[@AS_OF]]")
@_who
def reject(update: str, observation: str | None, who: str, why: str) -> None:
    """Keep a held value from counting."""
    _decide(update, "reject", observation, who=who, why=why)


@review.command(epilog="Example: tallybook review same oryx_types/310 --by Ann --why 'the heading was reworded'")
@click.argument("update")
@click.argument("observation", required=False, metavar="[SERIES]")
@_who
def same(update: str, observation: str | None, who: str, why: str) -> None:
    """Answer a proposed rename: it is the same series under another name, and goes on."""
    _decide(update, "same", observation, who=who, why=why)


@review.command(
    epilog="Example: tallybook review correct ua_equipment/7 ua_equipment/tank@2022-03-11 1165 --by Ann --why 'typo'"
)
@click.argument("update")
@click.argument("observation", metavar="SERIES@AS_OF")
@click.argument("value")
@click.option(
    "--hedge", type=click.Choice(HEDGES), help="The hedge of the value, where it is not that of the one read."
)
@click.option("--language", metavar="CODE", help="Whose way of writing VALUE is; the source's, when not given.")
@click.option("--yes", is_flag=True, help="Ask nothing where VALUE is not written plainly.")
@_who
def correct(
    update: str, observation: str, value: str, hedge: Any, language: str | None, yes: bool, who: str, why: str
) -> None:
    """Let another value count in the place of a held, rejected or recorded one; the machine's stays beside it."""
    if "@" not in observation:
        raise UsageError(f"{observation!r} names no observation", "write SERIES@AS_OF, such as demo/tanks@2025-08-03")
    typed = _typed(value, language or _language_of(update), yes)
    _refuse_what_was_read(update, observation, typed, hedge)
    _decide(update, "correct", observation, who=who, why=why, value=typed, qualifier=hedge)


def _refuse_what_was_read(update: str, observation: str, value: str, hedge: str | None) -> None:
    """Raises `UsageError` where a correction would let count what was read: it would make a slip count."""
    series, _, day = observation.partition("@")
    source_id = update.rpartition("/")[0]
    key = series if series.startswith(source_id + "/") else f"{source_id}/{series}"
    with Desk.open() as desk:
        read = [one for one in desk.views.update(update).changes if (one.series, one.as_of) == (key, day)]
    if any(corrects_nothing(change, value, hedge) for change in read):
        raise UsageError(f"{value} is what was read: nothing would be corrected", "write another value, or accept it")


def _language_of(update: str) -> str | None:
    with Desk.open() as desk:
        name = update.rpartition("/")[0]
        return desk.catalogue[name].language if name in desk.catalogue else None


def _typed(value: str, language: str | None, yes: bool) -> str:
    """The number in plain digits; what was written otherwise is shown back before it counts."""
    read = plain(typed_number(value, language))
    if is_plain(value) or yes:
        return read
    if not sys.stdin.isatty():
        raise UsageError(f"{value!r} is read as {read}", f"write {read}, or say --yes")
    click.confirm(f"{value!r} is read as {read}. Shall that count?", abort=True, err=True)
    return read


_DONE = {"accept": "accepted", "reject": "rejected", "correct": "corrected", "same": "answered"}
_DONE |= {"break": "counted anew from there on", "unbreak": "counted on after all"}


def _decide(update: str, action: Any, observation: str | None, **said: Any) -> None:
    """Record a decision; `said` is who decides and why, and for a correction the value that counts instead."""
    series, _, day = (observation or "").partition("@")
    as_of: Day | None = parse_day(day) if day else None
    source_id = update.rpartition("/")[0]
    if series and not series.startswith(source_id + "/"):
        series = f"{source_id}/{series}"
    with Desk.open() as desk:
        deciding = deciding_of(desk)
        if deciding.needed(source_id):
            prove(desk, said["who"])
        outcome = deciding.decide(update, action, series=series or None, as_of=as_of, **said)
        if outcome.proposal:
            note(f"proposed as number {outcome.proposal}: another person lets it count with tallybook review confirm")
            return
        made = outcome.update
        names = desk.names()
        told = tell(desk.ledger.views.update(made, changes=50), names)
    from publish.text import render_log

    note(f"{_DONE[action]}: recorded as {made}")
    render_log([told], console(), titles=names)
    sys.exit(0)


for command in (list_proposals, confirm, refuse):
    review.add_command(command)
