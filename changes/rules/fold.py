"""A rule over a source's updates in the order they were recorded: what began and what ended, each once.

This one function is the rehearsal and the live run: whoever has the state after an update goes on from there, and gets
what they would have got from the beginning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from changes.rules.judging import JUDGES, RuleFinding, RuleQuestion, measured, milestone, movements
from changes.rules.steps import (
    RecordedNews,
    RuleEpisode,
    RuleEvent,
    RuleFacts,
    RuleState,
    Step,
    is_of,
    values_of,
)
from model import AlertRule, Instant, instant, moment

WHOLE_SOURCE = ""
"""Under which the silence of a whole source is remembered."""


class RuleFold:
    """One rule of one source; `state` moves on with each update and each look at the clock."""

    def __init__(self, rule: AlertRule, source: str, state: RuleState) -> None:
        self.rule, self.source, self.state = rule, source, state

    def take(self, news: RecordedNews, facts: RuleFacts) -> Iterator[RuleEvent]:
        """What an update begins and ends."""
        if not news.fresh or self.rule.when == "printed":
            return  # what became of printed numbers is judged beside, since articles are none of the ledger's past
        if self.rule.when == "silent":
            yield from self._heard(news)
            return
        mine = [one for one in news.steps if is_of(self.rule, self.source, one)]
        for series, steps in groupby(mine, key=lambda one: one.series):
            part = list(steps)
            if self.rule.when == "crosses":
                yield from self._crossed(news, part, facts)
            else:
                yield from self._judged(news, series, part, facts)

    def tick(self, at: Instant) -> Iterator[RuleEvent]:
        """What has been silent for too long by a time; the same whenever it is asked, and told once."""
        if self.rule.when != "silent":
            return
        span = dt.timedelta(days=self.rule.days or 0)
        for series, last in self.state.last.items():
            over = moment(last) + span
            if series not in self.state.open and moment(at) > over:
                self.state.open[series] = RuleEpisode(instant(over))
                yield RuleEvent(
                    phase="began", at=instant(over), since=last, series=series, episode=_name(series, last, "")
                )

    def _heard(self, news: RecordedNews) -> Iterator[RuleEvent]:
        yield from self.tick(news.at)
        for series in self._speaking(news):
            last = self.state.last.get(series)
            if self.state.open.pop(series, None) is not None and last is not None:
                yield RuleEvent(
                    phase="ended", at=news.at, since=last, series=series, update=news.update,
                    episode=_name(series, last, ""),
                )  # fmt: skip
            self.state.last[series] = max(last or news.at, news.at)
        for series in news.ended:
            self.state.last.pop(series, None)
            self.state.open.pop(series, None)

    def _speaking(self, news: RecordedNews) -> list[str]:
        """Who has news: the series that the rule is about, or the source."""
        if not self.rule.of_series:
            return [WHOLE_SOURCE] if news.counts else []
        stated = (one for one in news.steps if one.kind is not None and one.new is not None)
        return list(dict.fromkeys(one.series for one in stated if is_of(self.rule, self.source, one)))

    def _judged(self, news: RecordedNews, series: str, steps: Sequence[Step], facts: RuleFacts) -> Iterator[RuleEvent]:
        lasting = self.state.open.get(series)
        asked = RuleQuestion(self.rule, news.update_id, steps, lasting is not None, facts)
        found = JUDGES[self.rule.when](asked)
        if found is None or found.holds == (lasting is not None):
            return
        if lasting is None:
            lasting = self.state.open[series] = RuleEpisode(news.at, news.update, found.step.as_of)
            yield _event("began", news, lasting, found)
        else:
            del self.state.open[series]
            yield _event("ended", news, lasting, found)

    def _crossed(self, news: RecordedNews, steps: Sequence[Step], facts: RuleFacts) -> Iterator[RuleEvent]:
        for step in movements(RuleQuestion(self.rule, news.update_id, steps, False, facts)):
            old, new = values_of(step)
            lost = list(self._lost(step.series, new))
            for one in lost:
                yield _event("ended", news, one, RuleFinding(False, step, *measured(self.rule, step)))
            mark = milestone(self.rule, old, new)
            key = f"{step.series}\n{mark}"
            if mark is None or key in self.state.open or mark in {one.mark for one in lost}:
                continue
            began = self.state.open[key] = RuleEpisode(news.at, news.update, step.as_of, mark, new > old)
            yield _event("began", news, began, RuleFinding(True, step, *measured(self.rule, step)))

    def _lost(self, series: str, value: Decimal) -> Iterator[RuleEpisode]:
        """The milestones of a series that a value lies on the other side of again; they last no longer."""
        for key, one in list(self.state.open.items()):
            mine = key.partition("\n")[0] == series and one.mark is not None
            if mine and one.mark is not None and (value < one.mark) == one.up:
                yield self.state.open.pop(key)


def _event(phase: str, news: RecordedNews, episode: RuleEpisode, found: RuleFinding) -> RuleEvent:
    step = found.step
    return RuleEvent(
        phase=phase, at=news.at, since=episode.since, series=step.series, update=news.update, as_of=step.as_of,
        base=step.base, old=step.old, new=step.new, by=found.by, percent=found.percent, mark=episode.mark,
        fell=found.fell, begins=found.begins,
        episode=_name(step.series, f"{episode.update} {episode.day}", f"{episode.mark or ''}"),
    )  # fmt: skip


def _name(series: str, begun: str, mark: str) -> str:
    """What an episode is called: of which series, since when or which update, at which milestone."""
    return "\n".join((series, begun, mark))
