"""A page with what it offers, as people are shown it: each way with its text, and where its offers stand in that."""

from __future__ import annotations

from typing import NamedTuple

from extractors.suggest.offer import Way

PlaceInText = tuple[int, int, int, int]
"""(start, end) of a number and (start, end) of its quote, in code points of the text."""

LONGEST_VIEW = 200_000
"""So much of a page's text is shown."""


class WayView(NamedTuple):
    """How a page is shown beside one way to read it: its text, and the places of each offer, by its id."""

    text: str
    media_type: str
    places: dict[str, tuple[PlaceInText, ...]]


class PageProposal(NamedTuple):
    """What a page offers to whoever may follow it, and what would stand in the definition unless they say otherwise."""

    key: str
    url: str
    ways: tuple[Way, ...]
    views: tuple[WayView, ...]
    source_id: str
    title: str
    publisher: str
    method: str


class Trial(NamedTuple):
    """What following it would come to: the definition, and what that reads there, in sentences."""

    source_id: str
    text: str
    told: tuple[str, ...]
    doubts: tuple[str, ...]
    more: int


OFTEN = {"hourly": "0 * * * *", "daily": "0 6 * * *", "weekly": "0 6 * * 1"}
"""How often a source may be read, and its cron line in UTC."""


class FollowChoice(NamedTuple):
    """What a person chose of a proposal: the numbers, how dates are written, the id, and what else they say.

    `said` are keys of the definition; `counts` is for each number what it counts: measure, unit, kind; `often` is how
    often it is read, one of `OFTEN`.
    """

    numbers: tuple[int, ...]
    date_format: str | None
    source_id: str
    said: dict[str, str]
    counts: tuple[dict[str, str], ...]
    often: str = "daily"
