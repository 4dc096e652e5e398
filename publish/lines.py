"""An update in plain lines, for what shows text alone: an entry of a feed, and an alert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from model.checks import CheckResult
from model.update import Update
from publish.numbers import count_of, days
from publish.telling import Story, group_subject, story
from publish.words import TOLD_AS, group_sentence, joined, series_label, stated_sentence, with_sentence


def lines_below(one: Story, titles: Mapping[str, str] = {}) -> Iterator[str]:
    """All that is told of an update below its headline: its changes, groups and findings, and what is only counted."""
    for change in one.rows:
        yield with_sentence(change, titles).sentence
        if change.stated:
            yield stated_sentence(change.stated, change)
    yield from (move.sentence for move in one.moves)
    for group in one.groups:
        span = days(group.as_of_first, group.as_of_last)
        yield f"{group_subject(group, titles)}: {group_sentence(group)}, {span}"
    if one.unchanged:
        stand = "stands as it was" if one.unchanged == 1 else "stand as they were"
        yield f"{count_of(one.unchanged, 'more figure')} {stand}"
    yield from (_finding(check, titles) for check in one.notes)
    yield from (f"{count:,} more of {_words(name)}" for name, count in one.more_notes)


def held_message(update: Update, titles: Mapping[str, str] = {}) -> str:
    """What waits in an update and why, as whoever is alerted reads it."""
    one = story(update, titles)
    holds = [_finding(check, titles) for check in one.notes if check.result == "hold"]
    holding = {check.name for check in update.checks if check.result == "hold"}
    more = [f"{count:,} more of {_words(name)}" for name, count in one.more_notes if name in holding]
    return "\n".join((f"{update.update}: {joined(one.headline)}", *holds, *more))


def _finding(check: CheckResult, titles: Mapping[str, str]) -> str:
    where = f", {series_label(check.series, titles)}" if check.series else ""
    return f"{TOLD_AS[check.result]}, {_words(check.name)}{where}: {check.message}"


def _words(name: str) -> str:
    return name.replace("_", " ")
