"""The commands about rules: which there are, what one would have told, saving one, what was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import click

from cli.output import as_json, note, print_json
from flows.desk import Desk
from flows.rules.named import NamedRule, all_rules, save_rule, typed_rule
from flows.rules.running import RehearsedEvent, rehearse
from model import SharedRule, Source, UsageError, When
from publish.safe import safe

SHOWN = 40


@click.group(epilog="Example: tallybook rules rehearse --when rises --by 10% --source mediazona --series killed")
def rules() -> None:
    """What people are told of: rules, what they would have told, and what they told."""


def _limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that make a rule."""
    for option in (
        click.option("--when", type=click.Choice(get_args(When)), help="What is told of."),
        click.option("--by", help="By how much: 500, or 10%."),
        click.option("--per", type=click.Choice(("day",)), help="For each day between the two values."),
        click.option("--at", multiple=True, help="A milestone; may be repeated."),
        click.option("--every", help="A milestone at every so many."),
        click.option("--days", type=int, help="So many days of silence, or without a fall before."),
        click.option("--first", type=int, help="Only while a series has at most so many days on record."),
        click.option("--least", help="And by at least so many."),
        click.option("--source", help="Of one source; of all without."),
        click.option("--tag", help="Of the sources with a tag."),
        click.option("--series", help="Of one series of the source."),
        click.option("--measure", help="Of the series that count this."),
        click.option("--to", multiple=True, help="Whom to tell, by name; may be repeated."),
    ):
        command = option(command)
    return command


@rules.command("list")
@as_json
def list_rules(as_json: bool) -> None:
    """Every rule, with whom it tells."""
    from publish.alerts import rule_words

    with Desk.open() as desk:
        found = all_rules(desk)
        settings = desk.settings
    if as_json:
        print_json([{"name": one.name, "rule": one.rule} for one in found])
        return
    for one in found:
        names = [name if settings.address(name) else f"{name} (no address is set)" for name in one.rule.to]
        everyone = "all" if settings.alert_url else "nobody (no address is set)"
        about = " ".join(filter(None, (getattr(one.rule, "source", None), getattr(one.rule, "tag", None))))
        click.echo(safe(f"{one.name}: {about or one.name.rpartition(':')[0] or 'every source'}: "
                        f"{rule_words(one.rule)}; tells {', '.join(names) or everyone}", "terminal"))  # fmt: skip


@rules.command("rehearse", epilog="Example: tallybook rules rehearse tenfold")
@click.argument("name", required=False)
@_limits
@as_json
def rehearse_rule(name: str | None, as_json: bool, **limits: Any) -> None:
    """What a rule would have told, over all that is recorded: one that there is, by NAME, or one that is typed."""
    with Desk.open() as desk:
        desk.require_ledger()
        told = rehearse(desk, _chosen(desk, name, limits), _every_source(desk))
    if as_json:
        print_json(told)
        return
    _show(told)


@rules.command("add", epilog="Example: tallybook rules add leap --when rises --by 50% --tag war --to anna")
@click.argument("name")
@_limits
def add_rule(name: str, **limits: Any) -> None:
    """Rehearse a rule and save it, in the file of rules for all sources; one of the same name is replaced."""
    with Desk.open() as desk:
        rule = typed_rule(name, limits)
        _show(rehearse(desk, NamedRule(name, rule), _every_source(desk)) if desk.has_ledger() else [])
        save_rule(desk, rule)
        note(f"{name} is saved in {desk.settings.rules_file}; it tells of what is recorded from now on")


@rules.command("remove", epilog="Example: tallybook rules remove leap")
@click.argument("name")
def remove_rule(name: str) -> None:
    """Take a rule out of the file of rules; one that ships with Tallybook is switched off."""
    from flows.rules.named import remove_rule as remove

    with Desk.open() as desk:
        remove(desk, name)
        note(f"{name} is removed")


@rules.command("told", epilog="Example: tallybook rules told --json")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@as_json
def told(limit: int, as_json: bool) -> None:
    """What rules have told, the newest first, and to whom."""
    with Desk.open() as desk:
        found = desk.require_ledger().ledger.rules.messages(limit=limit)
    if as_json:
        print_json(found)
        return
    for one in found:
        whom = {"told": "told", "nobody": "no address was set"}.get(one.state, "waits")
        click.echo(safe(f"{one.at[:10]} {one.rule} → {one.address or 'all'}: {one.told} ({whom})", "terminal"))


def _chosen(desk: Desk, name: str | None, limits: dict[str, Any]) -> NamedRule:
    if limits["when"]:
        rule: SharedRule = typed_rule(name or "rehearsed", limits)
        return NamedRule(rule.id, rule)
    for one in all_rules(desk):
        if one.name == name:
            return one
    raise UsageError(f"there is no rule {name!r}" if name else "name a rule, or say --when",
                     "tallybook rules list names them")  # fmt: skip


def _every_source(desk: Desk) -> list[Source]:
    return [desk.catalogue[one] for one in desk.catalogue]


def _show(told: list[RehearsedEvent]) -> None:
    began = [one for one in told if one.event.phase == "began"]
    days = list(dict.fromkeys(one.day for one in began))
    note(f"would have told of {len(began):,} beginnings, on {len(days):,} days" if began else "would have told nothing")
    for one in told[-SHOWN:]:
        click.echo(safe(f"{one.day} {one.source}: {one.told}", "terminal"))
    if len(told) > SHOWN:
        note(f"the newest {SHOWN} of {len(told):,}; --json has all")
