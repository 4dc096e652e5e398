"""Comparing a reading with the accepted ledger: what is first, new, late, revised, requalified, withdrawn, restored.

Pure: it reads what is accepted and what a release states, and changes neither. The rules are those of docs/changes.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import msgspec

from changes.accepted import Accepted, ContentsByDay, KnownSeries, Newest
from changes.kinds import AsOfBasis, Before, How, Key, ProposedChange, classify, propose, propose_undated
from model import UNREADABLE, CheckName, Day, Reading, SeriesRef, Source, figure_id_of


@dataclass(frozen=True, slots=True)
class Seen:
    """What one release states, sorted by series: contents by as-of; blanks; keys stated twice with two values.

    `unread` cells, and all that a release with `rows_unread` seems to lack, are neither values nor withdrawals. `news`
    are the cells that are not known as they stand there, with the handles of their figures; `count` is how many cells
    have a value.
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


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes of one release against the ledger, and what was found on the way.

    `raw` are the changes as if nothing were held; `changes` those that are news; `joined` and `ended` are holds.
    """

    changes: Sequence[ProposedChange]
    seen: Seen
    joined: Collection[Key] = ()
    ended: Collection[Key] = ()
    raw: Sequence[ProposedChange] = ()

    def with_changes(self, changes: Sequence[ProposedChange]) -> Comparison:
        """The same, with marked changes."""
        return replace(self, changes=changes)


def gather(reading: Reading, refs: Mapping[str, int], accepted: Accepted, day: Day) -> Seen:
    """Sort a reading's cells by series, which `refs` names; an undated one is observed on `day`."""
    found = Seen(rows_unread=any(check.name == CheckName.UNREADABLE_ROW for check in reading.checks))
    contents, news, rows = found.contents, found.news, accepted.series
    for ref, as_of, content, handle in reading.cells:
        series_id = refs[ref]
        if as_of is None:
            as_of = day
            found.undated.add(series_id)
        if not content:
            found.blank.add((series_id, as_of))
            continue
        if content == UNREADABLE:
            found.unread.add((series_id, as_of))
            continue
        of_series = contents.get(series_id)
        if of_series is None:
            contents[series_id] = {as_of: content}
        elif as_of in of_series:
            _note_repeated(found, (series_id, as_of), of_series[as_of], content)
            continue
        else:
            of_series[as_of] = content
        # Nearly all cells are the newest of their series, as they were: seen here at a glance.
        if rows.get(series_id, _NEW)[5] != as_of + content and not accepted.states(series_id, as_of, content):
            news[series_id, as_of] = handle
    for key in found.conflicts:
        del contents[key[0]][key[1]]
        news.pop(key, None)
    return replace(found, count=len(reading.cells) - len(found.blank) - len(found.unread))


_NOTHING: ContentsByDay = {}
_NEW: KnownSeries = (0, "", "", "", "", None)


def _note_repeated(seen: Seen, key: Key, one: str, other: str) -> None:
    if one == other:
        seen.repeated.add(key)
        return
    values = seen.conflicts.setdefault(key, [one])
    if other not in values:
        values.append(other)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a release is compared: on which day an undated figure is observed, on what basis, whose holds end."""

    day: Day
    basis: AsOfBasis = "fetched"
    lifted: Collection[int] = ()


def compare(source: Source, accepted: Accepted, seen: Seen, setting: Setting) -> Comparison:
    """Say what changed between the accepted ledger and one release."""
    raw = [change for series_id in _with_news(seen) for change in _changes_of(accepted, series_id, seen, setting)]
    if source.coverage == "full" and seen.contents:
        raw.extend(_withdrawn(accepted, seen, setting.day))
    raw = list(_described(source, accepted, seen, setting, raw))
    if not accepted.held:
        return Comparison(raw, seen, raw=raw)
    joined = {change.key for change in raw if accepted.stands(change.key, change.content, setting.lifted)}
    news = [change for change in raw if change.key not in joined]
    joined |= _rejoined(accepted, seen, setting)
    return Comparison(news, seen, joined, _ended(source, accepted, seen) - joined, raw)


def _with_news(seen: Seen) -> Iterable[int]:
    """The series of which a release says something new, in the order of the release."""
    return dict.fromkeys(series_id for series_id, _ in seen.news)


def _changes_of(accepted: Accepted, series_id: int, seen: Seen, setting: Setting) -> Iterable[ProposedChange]:
    """Compare what is stated of one series; an undated figure is compared with the newest one.

    An undated figure that says the same as that, or that is held or refused, is no observation.
    """
    contents, day = seen.contents[series_id], setting.day
    if series_id not in seen.undated:
        return _stated(accepted, series_id, contents)
    newest, content = accepted.newest(series_id, day), contents.get(day)
    if _as_before(newest, content) or _waiting(accepted, series_id, setting, content, newest):
        return ()
    if content is None or newest is None or (newest.as_of == day and not _is_later(setting, newest, content)):
        return _stated(accepted, series_id, contents)
    return (propose_undated(series_id, day, content, newest),)


def _is_later(setting: Setting, newest: Newest, content: str) -> bool:
    """Whether another value of the same day is a later one: fetched again, where no publisher dates either."""
    kind = None if newest.withdrawn else classify(Before(live=newest.content), setting.day, content)
    return setting.basis == "fetched" and kind == "revised"


def _as_before(newest: Newest | None, content: str | None) -> bool:
    return newest is not None and newest.content == content and not newest.withdrawn


def _waiting(
    accepted: Accepted, series_id: int, setting: Setting, content: str | None, newest: Newest | None
) -> list[Day]:
    """Where the same value waits, or was decided against: it joins that on later days too, until another is stated."""
    since = newest.as_of if newest else Day("")
    days = [as_of for of_series, as_of in accepted.held if of_series == series_id and since <= as_of <= setting.day]
    return [as_of for as_of in days if accepted.stands((series_id, as_of), content, setting.lifted)]


def _rejoined(accepted: Accepted, seen: Seen, setting: Setting) -> set[Key]:
    """The holds that undated figures join because they say the same on a later day."""
    joined = set()
    for series_id in _with_news(seen):
        if series_id in seen.undated:
            newest, content = accepted.newest(series_id, setting.day), seen.contents[series_id].get(setting.day)
            waiting = _waiting(accepted, series_id, setting, content, newest)
            if waiting and not _as_before(newest, content):
                joined.add((series_id, max(waiting)))
    return joined


def _described(
    source: Source, accepted: Accepted, seen: Seen, setting: Setting, raw: Iterable[ProposedChange]
) -> Iterator[ProposedChange]:
    """The changes with the basis of their as-ofs, and those of derived columns marked as echoes."""
    derived = {rule.id for rule in source.figures if rule.derived}
    for change in raw:
        undated = change.as_of == setting.day and change.series_id in seen.undated
        echo = bool(derived) and figure_id_of(accepted.first_ref[change.series_id]) in derived
        if undated or echo:
            yield msgspec.structs.replace(change, basis=setting.basis if undated else change.basis, echo=echo)
        else:
            yield change


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
    """The as-ofs of a series that a release states no longer, neither twice nor unreadably."""
    live, contents = accepted.live[series_id], seen.contents.get(series_id, _NOTHING)
    if series_id in seen.undated or (seen.undated and not contents):
        return _missing_undated(accepted, seen, series_id, day)
    if contents.keys() == live.keys():
        return ()
    return [as_of for as_of in live.keys() - contents.keys() if not seen.unclear(series_id, as_of)]


def _missing_undated(accepted: Accepted, seen: Seen, series_id: int, day: Day) -> Iterable[Day]:
    """Of an undated table only the newest observations were there to go; the older ones are history."""
    newest = accepted.newest(series_id, day)
    there = day in seen.contents.get(series_id, _NOTHING)
    if newest is None or there or seen.unclear(series_id, day):
        return ()
    return (newest.as_of,)


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


def _ended(source: Source, accepted: Accepted, seen: Seen) -> set[Key]:
    """The values that wait and of whose observations the source says something else, or nothing any more."""
    return {key for key, held in accepted.held.items() if held.open and _says_else(source, seen, key)}


def _says_else(source: Source, seen: Seen, key: Key) -> bool:
    if key in seen.conflicts:
        return False
    series_id, as_of = key
    contents = seen.contents.get(series_id, _NOTHING)
    if source.coverage == "full":
        return bool(seen.contents)
    if source.coverage == "list" and not contents:
        return not seen.rows_unread and series_id not in {one for one, _ in seen.unread}
    return any(day >= as_of for day in contents)


def told(content: str) -> str:
    """A canonical content as a person reads it: `~38300` is ~38,300."""
    return re.sub(r"(?<![\d.])\d+", lambda digits: f"{int(digits[0]):,}", content)
