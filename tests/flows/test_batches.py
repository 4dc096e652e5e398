"""A refresh is cut into few tasks, and a task's retry reads only what failed."""

from __future__ import annotations

from collections import Counter

import pytest

from flows.batches import FEW, MOST_BATCHES, Batch, cut, host
from flows.outcomes import Outcome
from model import Publisher, Source, State


def source(name: str, url: str | None = "https://example.org/x") -> Source:
    return Source(
        id=name,
        title=name,
        publisher=Publisher(name="A test"),
        method="Counted for a test.",
        basis="counted",
        extractor="json",
        tried_live="2025-08-01",
        url=url,
    )


def test_up_to_a_hundred_sources_are_a_task_each() -> None:
    batches = cut([source(f"s{number}") for number in range(FEW)])
    assert [batch.name for batch in batches] == [f"s{number}" for number in range(FEW)]


def test_a_thousand_sources_are_few_tasks_each_source_once_and_each_host_in_one() -> None:
    sources = [source(f"s{number}", f"https://host{number % 130}.example/{number}") for number in range(1000)]
    batches = cut(sources)
    assert len(batches) == MOST_BATCHES
    assert Counter(one.id for batch in batches for one in batch.sources) == Counter(one.id for one in sources)
    homes = Counter(name for batch in batches for name in {host(one) for one in batch.sources})
    assert set(homes.values()) == {1}
    assert max(len(batch.sources) for batch in batches) <= 2 * 1000 / MOST_BATCHES


def test_a_source_without_an_address_belongs_to_no_host() -> None:
    assert host(source("by_hand", None)) == ""


@pytest.mark.parametrize(("state", "tries"), [("failed", 2), ("blocked", 1), ("unchanged", 1), ("held", 1)])
def test_only_what_failed_is_tried_again(state: State, tries: int) -> None:
    asked: list[str] = []

    def refresh(one: Source) -> Outcome:
        asked.append(one.id)
        return Outcome(one.id, state if one.id == "b" else "changed", None, 0, 0, "")

    batch = Batch("x", [source("a"), source("b")])
    failing = [batch.attempt(refresh), batch.attempt(refresh)]
    assert asked == ["a"] + ["b"] * tries
    assert [[one.source for one in found] for found in failing] == ([["b"], ["b"]] if state == "failed" else [[], []])


def test_a_source_that_comes_back_is_no_longer_among_the_failing() -> None:
    answers: list[State] = ["failed", "changed"]
    batch = Batch("x", [source("a")])
    assert batch.attempt(lambda one: Outcome(one.id, answers.pop(0), None, 0, 0, ""))
    assert batch.attempt(lambda one: Outcome(one.id, answers.pop(0), None, 0, 0, "")) == []
    assert batch.outcomes["a"].state == "changed"
