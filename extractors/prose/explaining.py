"""Why a figure says what it says: the words of the text that gave each field, or the rule that did."""

from __future__ import annotations

from typing import Any

import msgspec

from extractors.prose.figures import Draft
from extractors.prose.tokens import Token
from model import Figure

FIELDS = ("value", "qualifier", "unit", "measure", "whom", "category", "kind", "attributed_to", "dates", "denied")
_BEFORE = "carried over from a figure before it"
_DATES = ("period_start", "period_end", "as_of")


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why one field says what it says: by `words`, which stand at `start` to `end` in the text, or by a `rule`.

    `scope` is "list", "section" or "document" where the words are the head of what the figure lies in.
    """

    words: str | None = None
    start: int | None = None
    end: int | None = None
    rule: str | None = None
    scope: str | None = None


def reasons(text: str, tokens: list[Token], draft: Draft, figure: Figure, offset: int) -> dict[str, Reason]:
    """A reason for each of a figure's fields that says anything, in the order of `FIELDS`."""
    found: dict[str, Reason] = {}
    for field in FIELDS:
        if stated(figure, field):
            place = _place(draft, field)
            if place is None:
                found[field] = Reason(rule=_rule(draft, figure, field))
            else:
                a, b = tokens[place[0]].s, tokens[place[1] - 1].e
                scope = draft.scopes.get(field)
                found[field] = Reason(words=text[a:b], start=a + offset, end=b + offset, scope=scope)
    return found


def stated(figure: Figure, field: str) -> Any:
    """What a figure says in one of `FIELDS`; None, empty or False where it says nothing."""
    if field == "dates":
        return {name: day for name in _DATES if (day := getattr(figure, name))}
    if field == "value" and figure.value is None:
        return {"low": figure.low, "high": figure.high}
    return getattr(figure, field)


def _place(draft: Draft, field: str) -> tuple[int, int] | None:
    """The tokens a..b (exclusive) whose words gave a field."""
    number, why = draft.number, draft.why
    if field == "value":
        return number.core, number.last
    if field == "qualifier":
        return _hedge(draft)
    if field == "unit" and number.form != "count":
        return number.last - 1, number.last
    if field == "whom":
        return why.get("whom") or (why.get("unit") if draft.group else None)
    if field == "dates":
        return why.get("as_of") or why.get("date")
    place = why.get(field)
    return place if place and place[0] < place[1] else None


def _hedge(draft: Draft) -> tuple[int, int] | None:
    number = draft.number
    if number.qualifier == "range":
        return number.first, number.last
    if number.qualifier is None:
        return None
    return (number.first, number.core) if number.first < number.core else (number.core, number.last)


def _rule(draft: Draft, figure: Figure, field: str) -> str:
    if field == "kind" and figure.kind == "change" and draft.closed:
        return "counted over a closed span of time, so it is a change"
    if field == "kind" and figure.kind == "change" and draft.number.signed:
        return "a sign before the number makes it a change"
    if field == "unit" and (draft.label or draft.event >= 0):
        return "not named beside the number; what happened, or the list's label, tells it"
    return _RULES.get((field, str(stated(figure, field))), _RULES.get((field, ""), _BEFORE))


_RULES = {
    ("qualifier", "exact"): "no hedge stands beside the number",
    ("unit", "other"): "what is counted is in no word list",
    ("measure", "other"): "no word says what happened to those counted",
    ("category", ""): "told by the word for what happened, or carried over from a figure before it",
    ("kind", "total"): "no word makes it a change, a share or a ratio",
    ("kind", "share"): "a percentage that tells no movement is a share",
    ("kind", "ratio"): "two numbers are set against each other",
    ("kind", "change"): "the report counts these one period at a time, or a figure before it was a change",
    ("attributed_to", ""): "carried over: the report goes on with the speaker of an earlier sentence",
    ("whom", ""): "carried over: the side or group that the report has told of before",
    ("dates", ""): "carried over from the clause, sentence or report that it belongs to",
}
