"""Decisions, by one person or by two: where a setting wants a second one, a decision waits until another confirms it.

Every decision of the page and of the command passes here. What waits is an act in the book beside the ledger; the
ledger learns of it when it is confirmed, and nothing counts before.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import msgspec

from model import Day, Instant, Source, UsageError
from review.people.acts import Act, ActBook

if TYPE_CHECKING:
    from changes.decide import Action
    from storage.ledger import Given, Ledger

SETTING = "TALLYBOOK_SECOND_PERSON"
ALL, TAG = "all", "tag:"


class SecondPerson(NamedTuple):
    """Of which sources a decision needs two people: of `all`, of those named, of those with a tag (`tag:war`)."""

    words: tuple[str, ...] = ()

    def needed(self, source_id: str, source: Source | None) -> bool:
        """Whether a decision on a source needs two; of one whose definition cannot be read, where any tag does."""
        tagged = {one.removeprefix(TAG) for one in self.words if one.startswith(TAG)}
        tags = tagged if source is None else tagged & set(source.tags)
        return ALL in self.words or source_id in self.words or bool(tags)

    def refuse_unknown(self, sources: Sequence[Source]) -> None:
        """Raise `UsageError` for a word that names no source and no tag: a slip of the pen must not lift the rule."""
        tags = {f"{TAG}{tag}" for one in sources for tag in one.tags}
        known = {ALL, *tags, *(one.id for one in sources)}
        wrong = [one for one in self.words if one not in known]
        if wrong:
            raise UsageError(f"{SETTING} names {wrong[0]!r}, which is no source and no tag", "mend the setting")


class DecisionOutcome(NamedTuple):
    """What became of a decision: the update that it made, or the number under which it waits."""

    update: str = ""
    proposal: int = 0


NOBODY_ELSE = SecondPerson()
"""Where no setting says otherwise, one person decides."""


class DecisionProposal(NamedTuple):
    """A decision that waits for a second person."""

    number: int
    at: Instant
    who: str
    update: str
    action: Action
    why: str
    series: str | None
    as_of: Day | None
    value: str | None
    qualifier: str | None

    @classmethod
    def of(cls, act: Act) -> DecisionProposal:
        """What an act proposes."""
        given = msgspec.json.decode(act.detail)
        named = (given.get(name) for name in ("series", "as_of", "value", "qualifier"))
        return cls(act.number, act.at, act.who, act.about, given["action"], given["why"], *named)

    def about(self, update: str, series: str | None, as_of: str | None) -> bool:
        """Whether it bears on a value, or on what holds it."""
        same = update == self.update and series in (None, self.series or series)
        return same and as_of in (None, self.as_of or as_of)


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, however they are typed."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class DecisionDesk:
    """Where people decide: on the ledger at once, or by a proposal that another one confirms."""

    def __init__(self, ledger: Ledger, acts: ActBook, needed: Callable[[str], bool]) -> None:
        self.ledger, self.acts, self.needed = ledger, acts, needed

    def decide(self, update: str, action: Action, **given: Unpack[Given]) -> DecisionOutcome:
        """Decide, or propose it where a second person is needed. Raises `UsageError` where nothing waits there."""
        source = update.rpartition("/")[0]
        if not self.needed(source):
            return DecisionOutcome(update=self.ledger.decide(source, update, action, **given))
        self.ledger.decide(source, update, action, dry_run=True, **given)
        if known := self.waiting_on(update, given.get("series"), given.get("as_of")):
            told = f"{known.who} proposed a decision on this already (number {known.number})"
            raise UsageError(told, "confirm or refuse that one")
        detail = {name: one for name, one in given.items() if name != "who" and one is not None}
        told = f"{action}: {given['why']}"
        return DecisionOutcome(proposal=self.acts.note(given["who"], "propose", update, told, action=action, **detail))

    def waiting(self) -> list[DecisionProposal]:
        """The decisions that wait for a second person, oldest first."""
        return [DecisionProposal.of(one) for one in self.acts.waiting("propose")]

    def waiting_on(self, update: str, series: str | None, as_of: str | None) -> DecisionProposal | None:
        """The decision that waits on a value, or on what holds it."""
        return next((one for one in self.waiting() if one.about(update, series, as_of)), None)

    def confirm(self, number: int, who: str, why: str = "") -> str:
        """Let a proposal count; returns the update that it makes.

        Raises `UsageError` where it waits no more, was proposed by the same person, or cannot be decided any more.
        """

        def settle(act: Act) -> str:
            one = DecisionProposal.of(act)
            if same_person(one.who, who):
                raise UsageError("a proposal is confirmed by another person than who made it", "ask somebody else")
            said = f"{one.why} ({who}: {why})" if why else one.why
            given: dict[str, Any] = {name: getattr(one, name) for name in ("series", "as_of", "value", "qualifier")}
            return self.ledger.decide(
                one.update.rpartition("/")[0], one.update, one.action, who=f"{one.who}, confirmed by {who}", why=said,
                **given,
            )  # fmt: skip

        return self.acts.answer(number, _answer(who, "confirm", why or "confirmed"), settle)

    def refuse(self, number: int, who: str, why: str) -> None:
        """Put a proposal aside, with a reason; who made it may withdraw it so. Nothing counts otherwise than before."""
        mine = any(same_person(one.who, who) for one in self.waiting() if one.number == number)
        self.acts.answer(number, _answer(who, "withdraw" if mine else "refuse", why), lambda _act: "")


def _answer(who: str, act: str, told: str) -> Act:
    return Act(0, Instant(""), who, act, "", told)
