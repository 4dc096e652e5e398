"""Comparing a reading with the accepted ledger: what is first, new, late, revised, requalified, withdrawn, restored.

Pure: it reads a `Accepted` and a `Reading` and changes neither. The rules are those of docs/changes.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from changes.accepted import Accepted, ContentsByDay, Newest
from changes.kinds import How, Key, ProposedChange, propose, propose_undated
from model import UNREADABLE, CheckName, Day, Reading, SeriesRef, Source, figure_id_of


@dataclass(slots=True)
class Seen:
    """What one release states, sorted by series: contents by as-of; blanks; keys stated twice with two values.

    `unread` cells, and all that a release with `rows_unread` seems to lack, are neither values nor withdrawals. `news`
    are the cells that are not known as they stand there, with the handles of their figures.
    """

    contents: dict[int, ContentsByDay] = field(default_factory=dict)
    news: dict[Key, int] = field(default_factory=dict)
    blank: set[Key] = field(default_factory=set)
    conflicts: dict[Key, list[str]] = field(default_factory=dict)
    repeated: set[Key] = field(default_factory=set)
    undated: set[int] = field(default_factory=set)
    unread: set[Key] = field(default_factory=set)
    rows_unread: bool = False
    count: int = 0

    def unclear(self, series_id: int, as_of: Day) -> bool:
        """Whether an observation is stated, but not so that its value is known."""
        return (series_id, as_of) in self.conflicts or (series_id, as_of) in self.unread


@dataclass(slots=True)
class Comparison:
    """The changes of one release against the ledger, and what was found on the way.

    `raw` are the changes as if nothing were held; `drafts` those that are news; `joined` and `ended` are holds.
    """

    drafts: list[ProposedChange]
    seen: Seen
    joined: set[Key]
    ended: set[Key]
    raw: list[ProposedChange] = field(default_factory=list)


def gather(reading: Reading, state: Accepted, day: Day) -> Seen:
    """Sort a reading's cells by series; an undated one is observed on `day` (published, else fetched)."""
    seen = Seen(count=len(reading.cells))
    refs, contents, live, news = state.refs, seen.contents, state.live, seen.news
    for ref, as_of, content, handle in reading.cells:
        series_id = refs[ref]
        if as_of is None:
            as_of = day
            seen.undated.add(series_id)
        if not content:
            seen.blank.add((series_id, as_of))
            continue
        if content == UNREADABLE:
            seen.unread.add((series_id, as_of))
            continue
        of_series = contents.get(series_id)
        if of_series is None:
            of_series = contents[series_id] = {}
        elif as_of in of_series:
            _note_repeated(seen, series_id, as_of, of_series[as_of], content)
            continue
        of_series[as_of] = content
        if live.get(series_id, _NOTHING).get(as_of) != content:
            news[series_id, as_of] = handle
    for key in seen.conflicts:
        del contents[key[0]][key[1]]
        news.pop(key, None)
    seen.count -= len(seen.blank) + len(seen.unread)
    seen.rows_unread = any(check.name == CheckName.UNREADABLE_ROW for check in reading.checks)
    return seen


_NOTHING: ContentsByDay = {}


def _note_repeated(seen: Seen, series_id: int, as_of: Day, one: str, other: str) -> None:
    key = (series_id, as_of)
    if one == other:
        seen.repeated.add(key)
        return
    values = seen.conflicts.setdefault(key, [one])
    if other not in values:
        values.append(other)


def compare(source: Source, state: Accepted, seen: Seen, day: Day) -> Comparison:
    """Say what changed between the accepted ledger and one release."""
    result = Comparison([], seen, set(), set())
    for series_id in dict.fromkeys(series_id for series_id, _ in seen.news):
        contents = seen.contents[series_id]
        if series_id in seen.undated:
            result.drafts.extend(_undated(state, series_id, contents, day, result.joined))
        else:
            result.drafts.extend(_stated(state, series_id, contents))
    if source.coverage == "full" and seen.contents:
        result.drafts.extend(_withdrawn(state, seen, day))
    result.raw = result.drafts
    _mind_holds(source, state, result)
    derived = {rule.id for rule in source.figures if rule.derived}
    for draft in result.drafts:
        if draft.series_id in seen.undated and draft.as_of == day:
            draft.basis = "fetched"
        draft.echo = bool(derived) and figure_id_of(state.first_ref[draft.series_id]) in derived
    return result


def _undated(
    accepted: Accepted, series_id: int, contents: ContentsByDay, day: Day, joined: set[Key]
) -> list[ProposedChange]:
    """Compare an undated figure with the newest one: what says the same, or is held or refused, is no observation."""
    newest = accepted.newest(series_id, day)
    content = contents.get(day)
    if newest is not None and newest.content == content and not newest.withdrawn and newest.as_of < day:
        return []
    if waiting := _waiting(accepted, series_id, day, content, newest):
        joined.add((series_id, max(waiting)))
        return []
    if content is None or newest is None or newest.as_of == day:
        return list(_stated(accepted, series_id, contents))
    return [propose_undated(series_id, day, content, newest)]


def _waiting(accepted: Accepted, series_id: int, day: Day, content: str | None, newest: Newest | None) -> list[Day]:
    """Where the same value waits, or was decided against: it joins that on later days too, until another is stated."""
    since = newest.as_of if newest else Day("")
    return [
        as_of
        for of_series, as_of in accepted.held
        if of_series == series_id and since <= as_of <= day and accepted.stands(series_id, as_of, content)
    ]


def _stated(accepted: Accepted, series_id: int, contents: ContentsByDay) -> Iterator[ProposedChange]:
    live = accepted.live.get(series_id, _NOTHING)
    for as_of, content in contents.items():
        if live.get(as_of) != content and (change := propose(accepted, series_id, as_of, content)) is not None:
            yield change


def _withdrawn(accepted: Accepted, seen: Seen, day: Day) -> Iterator[ProposedChange]:
    """What a republished table states no longer: the cell is blank, the row is gone, or the whole series is."""
    rows = StatedRows(accepted, seen)
    for series_id in accepted.live:
        for as_of in sorted(_missing(accepted, seen, series_id, day)):
            how = rows.how_missing(series_id, as_of)
            if seen.rows_unread and how == "row":
                continue  # it may be one of the rows that could not be read
            if (change := propose(accepted, series_id, as_of, None, how=how)) is not None:
                yield change


def _missing(accepted: Accepted, seen: Seen, series_id: int, day: Day) -> Iterable[Day]:
    """The as-ofs of a series that a release states no longer, neither twice nor unreadably.

    Of an undated table only the newest observations were there to go; the older ones are history.
    """
    live, contents = accepted.live[series_id], seen.contents.get(series_id, _NOTHING)
    if series_id in seen.undated or (seen.undated and not contents):
        newest = accepted.newest(series_id, day)
        there = contents and (series_id, day) not in seen.blank
        if newest is None or newest.withdrawn or there or seen.unclear(series_id, day):
            return ()
        return (newest.as_of,)
    if len(contents) == len(live) and contents.keys() == live.keys():
        return ()
    return [as_of for as_of in live.keys() - contents.keys() if not seen.unclear(series_id, as_of)]


class StatedRows:
    """The rows (labels, as-of) that a release has, whichever of their columns are filled."""

    def __init__(self, accepted: Accepted, seen: Seen) -> None:
        self._accepted, self._seen = accepted, seen

    @cached_property
    def _rows(self) -> set[tuple[tuple[str, ...], Day]]:
        return {
            (self._labels(series_id), as_of)
            for series_id, contents in self._seen.contents.items()
            for as_of in contents
        }

    @cached_property
    def _listed(self) -> set[int]:
        filled = {series_id for series_id, contents in self._seen.contents.items() if contents}
        return filled | {series_id for series_id, _ in self._seen.blank}

    def _labels(self, series_id: int) -> tuple[str, ...]:
        return SeriesRef.parse(self._accepted.first_ref[series_id]).labels

    def how_missing(self, series_id: int, as_of: Day) -> How:
        """What is not there of an observation that is stated no longer: its cell, its row, or the whole series."""
        listed = series_id in self._listed
        if (series_id, as_of) in self._seen.blank or (listed and (self._labels(series_id), as_of) in self._rows):
            return "cell"
        return "row" if listed else "series"


def _mind_holds(source: Source, state: Accepted, result: Comparison) -> None:
    """A value that is held or was decided against is no news; a hold ends when the source says something else."""
    if not state.held:
        return
    kept: list[ProposedChange] = []
    for draft in result.drafts:
        if state.stands(draft.series_id, draft.as_of, draft.content):
            result.joined.add((draft.series_id, draft.as_of))
        else:
            kept.append(draft)
    result.drafts = kept
    for key, held in state.held.items():
        if held.open and key not in result.joined and _ended(source, result.seen, key):
            result.ended.add(key)


def _ended(source: Source, seen: Seen, key: Key) -> bool:
    series_id, as_of = key
    contents = seen.contents.get(series_id, {})
    if key in seen.conflicts:
        return False
    if as_of in contents:
        return True
    if source.coverage == "full":
        return bool(seen.contents)
    return any(day >= as_of for day in contents)


def told(content: str) -> str:
    """A canonical content as a person reads it: `~38300` is ~38,300."""
    return re.sub(r"(?<![\d.])\d+", lambda digits: f"{int(digits[0]):,}", content)
