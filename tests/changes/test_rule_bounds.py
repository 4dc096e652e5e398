"""A rule tells once when what it names begins and once when it has ended, at its very bound and never beside it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from changes.rules.fold import RuleFold
from changes.rules.judging import milestone
from changes.rules.steps import RecordedNews, RuleState, Step
from model import AlertRule, Day, Instant


class Past:
    """What rules ask of a past of one series: its values by day, oldest first."""

    def __init__(
        self, known: int = 1, newest: str = "2025-01-01", fell: str | None = None, broken: bool = False
    ) -> None:
        self.known, self.newest, self.fell, self.is_broken = known, newest, fell, broken

    def observations(self, *_: Any, **__: Any) -> int:
        return self.known

    def newest_day(self, *_: Any, **__: Any) -> Day | None:
        return Day(self.newest)

    def last_fall(self, *_: Any, **__: Any) -> Day | None:
        return Day(self.fell) if self.fell else None

    def begins(self, *_: Any, **__: Any) -> Day | None:
        return Day("2024-01-01")

    def broken(self, *_: Any, **__: Any) -> bool:
        return self.is_broken


def rule(when: Any, **keys: Any) -> AlertRule:
    return AlertRule(id="r", when=when, **keys)


def told(one: AlertRule, *steps: Any, past: Past | None = None, fresh: bool = True) -> list[tuple[int, str]]:
    """What is told of a series, a step an update: (number of the update, phase)."""
    state, found = RuleState(), []
    for number, step in enumerate(steps):
        # The state is written down and read again after each, as it is between two runs.
        state = msgspec.json.decode(msgspec.json.encode(state), type=RuleState)
        at = Instant(f"2025-01-{number + 2:02}T06:00:00Z")
        news = RecordedNews(number + 1, f"s/{number + 1}", at, fresh, True, (step,))
        found += [(number, event.phase) for event in RuleFold(one, "s", state).take(news, past or Past())]
    return found


def new(old: str, value: str, *, days: int = 1, **more: Any) -> Step:
    base = Day("2025-01-01")
    step = Step(1, "s/killed", "killed", "total", "new", Day(f"2025-01-{1 + days:02}"), base, old, value)
    return step._replace(**more)


@pytest.mark.parametrize(
    ("one", "step", "tells"),
    [
        (rule("rises", by="10"), new("100", "110"), True),
        (rule("rises", by="10"), new("100", "109"), False),
        (rule("rises", by="10%"), new("200", "220"), True),
        (rule("rises", by="10%"), new("200", "219.9"), False),
        (rule("rises", by="10%"), new("0", "500"), False),  # per cent of nothing is nothing
        (rule("rises", by="10", per="day"), new("100", "130", days=3), True),
        (rule("rises", by="10", per="day"), new("100", "129", days=3), False),
        (rule("rises", by="900%", least="100", first=20), new("200", "2600"), True),
        (rule("rises", by="900%", least="100"), new("1", "12"), False),
        (rule("rises", by="10"), new("~100", "~120"), True),
        (rule("rises", by="10"), new(">100", "120"), False),  # a bound is no value to count from
        (rule("rises", by="10"), new("100..110", "130"), False),
        (rule("rises", by="1"), new("10", "20", counted="share"), False),
        (rule("rises", by="10"), new("10", "20", counted="ratio"), True),
        (rule("rises", by="10"), new("100", ">110"), True),  # at least so much
        (rule("rises", by="10"), new("100", ">109"), False),
        (rule("rises", by="10"), new("100", "<120"), False),  # it may have fallen
        (rule("falls", by="10"), new("100", "<90"), True),
        (rule("falls", by="10"), new("100", ">80"), False),
        (rule("falls", by="10"), new("110", "100"), True),
        (rule("falls", by="10"), new("100", "110"), False),
        (rule("crosses", at=("100",)), new("99", "100"), True),
        (rule("crosses", at=("100",)), new("100", "101"), False),
        (rule("crosses", every="50"), new("149", "301"), True),
        (rule("crosses", every="50"), new("151", "199"), False),
        (rule("crosses", at=("100",)), new("101", "99"), True),
        (rule("revises", by="5"), new("10", "16", kind="revised", as_of=Day("2025-01-01")), True),
        (rule("revises", by="5"), new("10", "15", kind="revised", as_of=Day("2025-01-01")), False),
        (rule("revises", by="5"), new("10", "100"), False),
        (rule("stated_differs"), new("10", "12", kind=None, verdict="mismatch"), True),
        (rule("stated_differs"), new("10", "12", kind=None, verdict="matches"), False),
        (rule("stated_differs"), new("10", "12", kind=None, verdict="no_baseline"), False),
        (rule("first_fall"), new("12", "10"), True),
        (rule("first_fall"), new("10", "12"), False),
        (rule("rises", by="1", measure="wounded"), new("10", "12"), False),
        (rule("rises", by="1", series="killed"), new("10", "12"), True),
        (rule("rises", by="1", series="kill"), new("10", "12"), False),
    ],
)
def test_each_rule_tells_at_its_bound_and_not_below(one: AlertRule, step: Step, tells: bool) -> None:
    assert told(one, step) == ([(0, "began")] if tells else [])
    assert told(one, step, fresh=False) == []


def test_an_episode_is_told_once_and_once_more_when_it_ended() -> None:
    up, level = new("100", "150"), new("150", "151")
    began_and_ended = [(1, "began"), (4, "ended"), (5, "began")]
    assert told(rule("rises", by="10"), level, up, up, up, level, up) == began_and_ended


def test_a_milestone_that_is_lost_again_has_ended_and_each_is_an_episode() -> None:
    found = told(
        rule("crosses", every="100"), new("90", "110"), new("110", "320"), new("320", "290"), new("290", "305")
    )
    assert found == [(0, "began"), (1, "began"), (2, "ended"), (3, "began")]
    assert milestone(rule("crosses", every="100"), Decimal(90), Decimal(510)) == 500
    assert milestone(rule("crosses", at=("-10", "5")), Decimal(7), Decimal(-20)) == -10


def test_what_the_past_knows_decides() -> None:
    fall = new("12", "10", as_of=Day("2025-03-01"))
    assert told(rule("first_fall", days=30), fall, past=Past(fell="2025-01-29"))
    assert not told(rule("first_fall", days=30), fall, past=Past(fell="2025-01-30"))
    assert not told(rule("first_fall"), fall, past=Past(fell="2001-01-30"))
    young = rule("rises", by="900%", first=20)
    assert told(young, new("200", "2600"), past=Past(known=20))
    assert not told(young, new("200", "2600"), past=Past(known=21))
    assert not told(young, new("200", "2600"), past=Past(broken=True))
    again = new("200", "2600", kind="revised", as_of=Day("2025-01-01"))
    assert told(young, again, past=Past(newest="2025-01-01"))
    assert not told(young, again, past=Past(newest="2025-01-02"))


def test_a_silence_is_told_when_it_is_too_long_whoever_looks_when() -> None:
    one = rule("silent", days=3)
    steps = [new("1", "2")]

    def at(day: int) -> Instant:
        return Instant(f"2025-01-{day:02}T06:00:00Z")

    def news(day: int) -> RecordedNews:
        return RecordedNews(day, f"s/{day}", at(day), True, True, steps)

    looked, unseen = RuleFold(one, "s", RuleState()), RuleFold(one, "s", RuleState())
    live = [*looked.take(news(1), Past()), *looked.tick(at(4)), *looked.tick(at(5)), *looked.tick(at(9))]
    live += looked.take(news(10), Past())
    assert [(event.phase, event.at) for event in live] == [("began", at(4)), ("ended", at(10))]
    assert [*unseen.take(news(1), Past()), *unseen.take(news(10), Past())] == live
