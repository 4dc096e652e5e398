"""Rules over what is recorded: a rehearsal of what one would have told, and what is told now, to whom."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from changes.rules.fold import RuleFold
from changes.rules.steps import RecordedNews, RuleEvent, RuleFacts, RuleState, Step, is_of
from flows.desk import Desk
from flows.rules.named import NamedRule, rules_for
from flows.rules.printed import FallenNumber, fallen_numbers, findings
from model import Instant, Source, UsageError
from storage.printed.book import PrintFinding
from storage.rules.book import KeptRules, OutboxState, RuleMessage, SourceRules

if TYPE_CHECKING:
    from publish.names import SeriesNames

log = logging.getLogger("tallybook")

LINES = 12
"""So many lines one message has; what is more is counted."""

ATTEMPTS = 5
"""So often a run tries to store what its rules concluded, where others write the same source's."""


class RuleRun:
    """Some rules over the updates of one source; `states` go on from where they were."""

    def __init__(self, rules: Iterable[NamedRule], source: str, states: dict[str, RuleState]) -> None:
        self.folds = [(one, RuleFold(one.rule, source, states.setdefault(one.key, RuleState()))) for one in rules]

    @property
    def wants_firsts(self) -> bool:
        """Whether the first values of series matter to any of them."""
        return any(one.rule.when == "silent" and one.rule.of_series for one, _ in self.folds)

    def over(
        self, news: Iterable[RecordedNews], facts: RuleFacts, now: Instant | None = None
    ) -> Iterator[tuple[NamedRule, RuleEvent]]:
        """All that begins and ends, in order; by the clock at the end, too, where it is given."""
        for one in news:
            for rule, fold in self.folds:
                yield from ((rule, event) for event in fold.take(one, facts))
        if now is not None:
            yield from ((rule, event) for rule, fold in self.folds for event in fold.tick(now))


class RehearsedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have told: of which source, when, and in which words."""

    rule: str
    source: str
    event: RuleEvent
    told: str

    @property
    def day(self) -> str:
        """The day on which it would have been told."""
        return self.event.at[:10]


def rehearse(desk: Desk, rule: NamedRule, sources: Sequence[Source]) -> list[RehearsedEvent]:
    """What a rule would have told over everything that is recorded of some sources, by the function that runs live."""
    lines = _Lines(desk)
    return [
        RehearsedEvent(rule=one.name, source=source.id, event=event, told=lines.of(source, event))
        for source in sources
        if rule.is_for(source)
        for one, event in rehearsed_events(desk, [rule], source)
    ]


def rehearsed_events(desk: Desk, rules: Sequence[NamedRule], source: Source) -> list[tuple[NamedRule, RuleEvent]]:
    """What rules would have told over everything that is recorded of one source, oldest first."""
    with desk.ledger.rules.of(source.id) as found:
        if found is None:
            return []
        run = RuleRun(rules, source.id, {})
        return list(run.over(found.news(firsts=run.wants_firsts), found.facts, desk.clock()))


def enrol(desk: Desk, source: Source) -> bool:
    """Let rules that a source has not met before read what is recorded of it, and tell nobody of that.

    Returns whether anything is written down of it: else all that comes is judged.
    """
    rules = rules_for(desk, source)
    with desk.ledger.rules.of(source.id) as found:
        if found is None:
            return False
        kept = found.kept
        new = [one for one in rules if one.key not in kept.rules]
        if not new:
            return True
        _read_silently(found, new, source, kept)
        kept = _without_old(kept, rules)
    desk.ledger.rules.keep(source, kept, ())
    return True


def _read_silently(found: SourceRules, new: Sequence[NamedRule], source: Source, kept: KeptRules) -> None:
    """Bring new rules to where the others have read; the first of all read everything."""
    first = not kept.rules
    run = RuleRun(new, source.id, kept.rules)
    if first:
        kept.end = found.end
    until = kept.end.update_id
    past = (one for one in found.news(firsts=run.wants_firsts) if one.update_id <= until)
    for _ in run.over(past, found.facts):
        pass


def _without_old(kept: KeptRules, rules: Sequence[NamedRule]) -> KeptRules:
    """The same without what rules remember that are gone."""
    keys = {one.key for one in rules}
    return msgspec.structs.replace(kept, rules={key: state for key, state in kept.rules.items() if key in keys})


def watch(desk: Desk, source: Source, *, known: bool = True) -> int:
    """Judge what was recorded of a source since its rules looked last, and write down what is to be told of it.

    Returns how many messages that is. A second process that does the same finds it done. A source that was not `known`
    before is judged from its beginning.
    """
    for _ in range(ATTEMPTS):
        rules = rules_for(desk, source)
        with desk.ledger.rules.of(source.id) as found:
            judged = _judged(found, rules, source, desk.clock(), known) if found is not None else None
        if judged is None:
            return 0
        printed = findings(desk, judged.fallen)
        messages = [*_of_events(desk, source, judged.events), *_of_printed(desk, rules, source, printed)]
        if desk.ledger.rules.keep(source, judged.kept, messages, [finding for finding, _ in printed]):
            return len(messages)
    raise UsageError(f"{source.id}: its rules are being judged by others all the time", "call it again")


class _Judged(NamedTuple):
    """What rules conclude of the updates that they had not read, and what they remember then."""

    kept: KeptRules
    events: list[tuple[NamedRule, RuleEvent]]
    fallen: list[FallenNumber]


def _judged(
    found: SourceRules, rules: Sequence[NamedRule], source: Source, now: Instant, known: bool
) -> _Judged | None:
    """Judge what is new of a source; None where nothing is."""
    kept = found.kept
    new = [one for one in rules if one.key not in kept.rules]
    if new and (known or kept.rules):
        _read_silently(found, new, source, kept)
    run = RuleRun(rules, source.id, kept.rules)
    news = found.news(kept.end.update_id, firsts=run.wants_firsts)
    events = list(run.over(news, found.facts, now))
    if not (events or new or found.end != kept.end):
        return None
    fallen = fallen_numbers(found, kept.end.update_id)
    kept.end = found.end
    return _Judged(_without_old(kept, rules), events, fallen)


def _messages(desk: Desk, rule: NamedRule, event: RuleEvent, told: str) -> Iterator[RuleMessage]:
    for name in rule.rule.to or ("",):
        state: OutboxState = "waiting" if desk.settings.address(name) else "nobody"
        yield RuleMessage(
            rule=rule.name, episode=event.episode, phase=event.phase, series=event.series, update=event.update,
            at=event.at, address=name, told=told, state=state,
        )  # fmt: skip


def _of_events(desk: Desk, source: Source, events: Sequence[tuple[NamedRule, RuleEvent]]) -> Iterator[RuleMessage]:
    """What is told of all that began and ended."""
    lines = _Lines(desk)
    for rule, event in events:
        yield from _messages(desk, rule, event, lines.of(source, event))


def _of_printed(
    desk: Desk, rules: Sequence[NamedRule], source: Source, printed: Sequence[tuple[PrintFinding, Step]]
) -> Iterator[RuleMessage]:
    """What is told of printed numbers that are true no longer, by each rule that tells of such."""
    telling = [one for one in rules if one.rule.when == "printed"]
    for finding, step in printed:
        event = RuleEvent(
            phase="began", at=finding.at, since=finding.at, series=finding.series, update=finding.update,
            episode=f"{finding.number_id}\n{finding.kind}\n{finding.update}",
        )  # fmt: skip
        for rule in (one for one in telling if is_of(one.rule, source.id, step)):
            yield from _messages(desk, rule, event, f"{finding.address}: {finding.line}")


class _Lines:
    """The sentences of events; the names of series are read when the first one asks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @cached_property
    def _names(self) -> SeriesNames:
        return self._desk.names()

    def of(self, source: Source, event: RuleEvent) -> str:
        """The sentence of an event, with who says it, and where it is proved."""
        from publish.alerts import event_line
        from publish.words import series_label

        name = series_label(event.series, self._names) if event.series else source.title
        where = f" ({event.update})" if event.update else ""
        return f"{event_line(event, name)}; {source.publisher.name}, {source.basis}{where}"


def tell_by_rules(desk: Desk, source: Source, *, known: bool) -> None:
    """Judge what was recorded of a source, and let what waits be told with the run's alarms."""
    if watch(desk, source, known=known) or desk.ledger.rules.waits(desk.clock()):
        desk.alarms.beside(partial(send_waiting, desk))


def send_waiting(desk: Desk) -> int:
    """Tell what waits to be told; returns how many messages were sent. What was not taken waits for the next time."""
    book = desk.ledger.rules
    if not book.waits(desk.clock()):
        return 0
    sent = 0
    for title, messages in _together(book.claim(desk.clock())):
        told = _send(desk, title, messages)
        book.settle(messages, desk.clock(), told=told)
        sent += told
    return sent


def _together(messages: Sequence[RuleMessage]) -> Iterator[tuple[str, list[RuleMessage]]]:
    """One message an address, a source and a rule: whoever is told of forty districts is told once."""
    groups: dict[tuple[str, str, str, str], list[RuleMessage]] = {}
    for one in messages:
        groups.setdefault((one.address, one.source, one.rule, one.phase), []).append(one)
    for (_, source, rule, phase), part in groups.items():
        yield f"{source}: {rule}" + (" is over" if phase == "ended" else ""), part


def _send(desk: Desk, title: str, messages: Sequence[RuleMessage]) -> bool:
    from publish import alerts

    address = desk.settings.address(messages[0].address)
    if address is None:
        return False
    lines = [one.told + (" (may have been told before)" if one.again else "") for one in messages]
    more = [f"and {len(lines) - LINES} more: tallybook rules told"] if len(lines) > LINES else []
    told = alerts.send(address, title, "\n".join([*lines[:LINES], *more]))
    if not told:
        log.error("%s: the alert could not be sent; the next attempt tries again", title)
    return told
