"""Facts, completeness and records on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from changes.news.record import PublisherRecord
from publish.news.complete import ToldCompleteness, in_short
from publish.news.facts import ToldFact, by_update
from publish.news.record import lines
from publish.numbers import known_day
from publish.safe import safe
from publish.vocabulary import Language

if TYPE_CHECKING:
    from rich.console import Console

OLD = "was no news when it was recorded: an old copy, or our own correction"
NO_LONGER = "does not stand any more: what it rests on was stated anew since"


def standing(one: ToldFact) -> str:
    """What keeps a fact from being news or from being so now; nothing where nothing does."""
    return NO_LONGER if not one.fact.stands else "" if one.fact.fresh else OLD


def render_facts(facts: Sequence[ToldFact], console: Console, language: Language) -> None:
    """Print facts, update by update, each with the sentence to copy or what keeps it from being one."""
    from rich.text import Text

    for update, found in by_update(facts):
        old = "" if found[0].fact.fresh else f" ({OLD})"
        console.print(Text(safe(f"{update}{old}", "terminal"), "bold"))
        for one in found:
            told = one.sentences.get(language) or f"{one.label}: {one.phrases[language]} ({NO_LONGER})"
            console.print(Text(safe(f"  {told}", "terminal"), "" if one.fact.stands else "dim"))


def render_completeness(told: ToldCompleteness, console: Console, language: Language, limit: int) -> None:
    """Print what is still to come of the newest days, newest first."""
    from rich.text import Text

    console.print(Text(in_short(told.of), "bold"))
    for one in told.days[:limit]:
        console.print(Text(safe(f"  {one.sentences[language]}", "terminal"), "" if one.day.state == "open" else "dim"))
    if len(told.days) > limit:
        console.print(Text(f"  and {len(told.days) - limit:,} earlier days (--limit)", "dim"))


def render_record(record: PublisherRecord, console: Console) -> None:
    """Print the record of a publisher, part by part."""
    from rich.text import Text

    span = f", {known_day(record.first)} to {known_day(record.last)}" if record.first and record.last else ""
    console.print(Text(safe(f"{record.source}{span}", "terminal"), "bold"))
    part = ""
    for one in lines(record):
        if one.part != part:
            part = one.part
            console.print(Text(part, "bold"))
        console.print(Text(f"  {one.asked}: {one.answer} ({one.rests_on})", "" if one.enough else "dim"))
