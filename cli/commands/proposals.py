"""Decisions that wait for a second person, at the terminal: by the same law as on the page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cli.output import as_json, note, print_json
from flows.desk import Desk
from model import UsageError

if TYPE_CHECKING:
    from review.people.deciding import DecisionDesk


def deciding_of(desk: Desk) -> DecisionDesk:
    """Where decisions are made, with the setting that says of which sources two people decide."""
    from review.people.acts import ActBook
    from review.people.deciding import DecisionDesk, SecondPerson

    second = SecondPerson(desk.settings.second_person)
    if second.words:
        second.refuse_unknown([desk.catalogue[one] for one in desk.catalogue])
    ledger = desk.require_ledger().ledger
    return DecisionDesk(
        ledger, ActBook(desk.settings.users), lambda one: second.needed(one, desk.catalogue.get(one))
    )  # fmt: skip


def prove(desk: Desk, who: str) -> None:
    """Ask for the password of whoever decides where two people must: a name alone, typed here, is nobody's.

    Raises `UsageError` where it is wrong, or the user is a reader.
    """
    from cli.commands.serve import store_of

    if sys.stdin.isatty():
        password = click.prompt(f"Password of {who}", hide_input=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if store_of(desk.settings).knows(who, password) not in ("editor", "admin"):
        told = f"{who!r} with that password may not decide here, where a decision needs two people"
        raise UsageError(told, "--by names an editor of the page; the password is asked for, or read from the input")


@click.command("proposals", epilog="Example: tallybook review proposals --json")
@as_json
def list_proposals(as_json: bool) -> None:
    """Decisions that wait for a second person, oldest first."""
    with Desk.open() as desk:
        waiting = deciding_of(desk).waiting()
    if as_json:
        print_json(one._asdict() for one in waiting)
        return
    for one in waiting:
        place = f"{one.series}@{one.as_of}" if one.as_of else one.series or "all that it holds"
        value = f" {one.value}" if one.value else ""
        click.echo(f"{one.number}\t{one.action}{value}\t{one.update}\t{place}\tby {one.who}: {one.why}")
    if not waiting:
        note("no decision waits for a second person")


@click.command(epilog="Example: tallybook review confirm 12 --by ben")
@click.argument("number", type=int)
@click.option("--by", "who", required=True, help="Who confirms; another person than who proposed it.")
@click.option("--why", default="", help="What you looked at; it stays in the ledger.")
def confirm(number: int, who: str, why: str) -> None:
    """Let a proposal of somebody else count."""
    with Desk.open() as desk:
        prove(desk, who)
        note(f"confirmed: recorded as {deciding_of(desk).confirm(number, who, why)}")


@click.command(epilog="Example: tallybook review refuse 12 --by ben --why 'the source says otherwise'")
@click.argument("number", type=int)
@click.option("--by", "who", required=True, help="Who refuses, or takes their own proposal back.")
@click.option("--why", required=True, help="Why; it stays in the audit.")
def refuse(number: int, who: str, why: str) -> None:
    """Put a proposal aside; what is held stays held."""
    with Desk.open() as desk:
        prove(desk, who)
        deciding_of(desk).refuse(number, who, why)
        note(f"number {number} is put aside; nothing counts otherwise than before")
