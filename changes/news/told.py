"""The facts of a series, update by update, and the share that a part is of its whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from changes.news.fact import NewsFact, per_cent
from changes.news.filling import Filling
from changes.news.finding import facts_of, proved_by
from changes.news.past import KnownState, NewsPast, NewsPoint, PastUpdate, PastVersion, ValueSpan, state_now, states
from model import Day


def all_facts(past: NewsPast, only: int | None = None) -> Iterator[NewsFact]:
    """The facts of each update of a series, in the order of recording, or of one update alone."""
    now = state_now(past)
    for update, state, day in _news(past, only):
        facts = facts_of(past, state, day, update)
        again = {_said(one) for one in facts_of(past, now, day, update)} if facts else set()
        yield from (replace(one, stands=_said(one) in again) for one in facts)


def _news(past: NewsPast, only: int | None) -> Iterator[tuple[PastUpdate, KnownState, Day]]:
    """The updates with a new newest day that is not filling up, with what counts after them."""
    filling = Filling(past.restates)
    for update_id, state, brought in states(past):
        update = past.updates[update_id]
        for one in brought:
            filling.take(update, one)
        day = newest_news(state, brought) if only in (None, update_id) else None
        if day is not None and not filling.is_filling(state, day, update):
            yield update, state, day
        if update_id == only:
            return


def newest_news(state: KnownState, brought: Sequence[PastVersion]) -> Day | None:
    """The newest day of a series where an update brings it; None where it brings no new day, or an older one."""
    days = [one.as_of for one in brought if one.kind == "new" and one.content and not (one.held or one.echo)]
    return max(days) if days and max(days) == state.days[-1] else None


def _said(fact: NewsFact) -> tuple[object, ...]:
    """What a fact says, whichever version proves it."""
    return fact.name, fact.number, fact.other, fact.since, fact.begins


def share_of(part: NewsPast, whole: NewsPast, only: int) -> NewsFact | None:
    """The share that the newest value of a part is of its whole, as both were known after an update."""
    day = next((day for _, _, day in _news(part, only)), None)
    known = [_known_of(past, day, only) for past in (part, whole)]
    mine, entire = known
    if day is None or mine is None or entire is None or not _is_part(mine.span, entire.span):
        return None
    update = part.updates[only]
    proof = proved_by(part, mine), proved_by(whole, entire)
    now = [_known_of(past, day) for past in (part, whole)]
    return NewsFact(
        name="share", series=part.series, update=update.name, as_of=day, other=entire.span.value, proof=proof,
        number=per_cent(mine.span.low, entire.span.low), fresh=update.fresh, stands=_spans(now) == _spans(known),
    )  # fmt: skip


def _is_part(mine: ValueSpan, entire: ValueSpan) -> bool:
    return mine.exact and entire.exact and 0 < mine.low <= entire.low


def _spans(points: Sequence[NewsPoint | None]) -> list[ValueSpan | None]:
    return [one.span if one else None for one in points]


def _known_of(past: NewsPast, day: Day | None, update: int | None = None) -> NewsPoint | None:
    """What counts of a day now, or counted after an update."""
    state = state_now(past if update is None else _until(past, update))
    return state[day] if day is not None and day in state else None


def _until(past: NewsPast, update: int) -> NewsPast:
    """The past of a series as it was recorded up to an update."""
    return replace(
        past, versions=[one for one in past.versions if one.update_id <= update],
        marks=[one for one in past.marks if one[0] <= update],
    )  # fmt: skip
