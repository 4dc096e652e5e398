"""Renames: a series that goes while one comes with nearly the same figures is proposed to be the same, and held."""

from __future__ import annotations

import difflib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from math import prod

from changes import labels
from changes.accepted import Accepted, ContentsByDay
from changes.checks.context import Check, Context, Finding, found
from changes.compare import Seen
from changes.kinds import ProposedChange
from model import SeriesRef, Source, figure_id_of, read_content, series_ref

NEAR_SHARE, NEAR = Decimal("0.05"), 5

Row = dict[str, int]
"""The series of one row, or of one column, by figure id."""


def rename(context: Context) -> Iterator[Finding]:
    """Hold the sides of every likely rename among the changes of one release.

    Under every coverage a row that comes is asked about where its label is like that of one that the release leaves
    out, or is spelled nearly so and counts the same, nearly equal figures that few others have. In a whole table a row
    (or column) that goes and one that comes fit also when they differ in one label (or in the column alone), count the
    same, and all figures that both have are within 5 % or 5, by names that are spelled alike or by figures that so few
    rows have that it is no chance. Of several that fit, the likeliest label is taken.
    """
    source, state, drafts = context.source, context.accepted, context.comparison.raw
    come = {draft.series_id for draft in drafts if draft.kind == "first"}
    if not come or source.coverage == "list":
        return
    left_out = _left_out(source, state, context.seen, drafts)
    old_rows, new_rows = _rows(state, left_out), _rows(state, come)
    taken: set[tuple[str, ...]] = set()
    near = _near_ones if source.coverage == "full" else _spelled
    for old_name, name in [*_like(old_rows, new_rows), *near(state, drafts, old_rows, new_rows)]:
        if not {name, old_name} & taken and old_rows[old_name].keys() & new_rows[name].keys():
            taken |= {name, old_name}
            yield from _hold(context, old_rows[old_name], new_rows[name], (old_name, name))


def _left_out(source: Source, state: Accepted, seen: Seen, drafts: Sequence[ProposedChange]) -> set[int]:
    """The series with values of which a release says nothing at all."""
    if source.coverage == "full":
        return {draft.series_id for draft in drafts if draft.how == "series"}
    stated = seen.contents.keys() | {series_id for series_id, _ in seen.blank | seen.unread | seen.conflicts.keys()}
    return {series_id for series_id in state.valued() if series_id not in stated}


Name = tuple[str, ...]
Pair = tuple[Name, Name]


def _like(old_rows: Mapping[Name, Row], new_rows: Mapping[Name, Row]) -> Iterator[Pair]:
    """Rows whose labels differ by case, signs, marks, spaces and padding alone, or by a note; then those by digits.

    Where several numbered rows go and several come, which of them would be which is a guess, and no question.
    """
    for of_old, of_new in _LIKENESSES:
        known, come = _by_likeness(old_rows, of_old), _by_likeness(new_rows, of_new)
        for like in sorted(known.keys() & come.keys()):
            if of_old is labels.wordless and len(known[like]) > 1 < len(come[like]):
                continue
            for name in come[like]:
                alike = sorted(known[like][:_MOST_COMPARED], key=lambda one: _likeness(one, name), reverse=True)
                yield from ((one, name) for one in alike)


_LIKENESSES: tuple[tuple[Callable[[str], str | None], Callable[[str], str | None]], ...] = (
    (labels.unpadded, labels.unpadded),
    (labels.unpadded, labels.noteless),
    (labels.noteless, labels.unpadded),
    (labels.wordless, labels.wordless),
)
"""What makes an old label and a new one like each other; of two labels with notes the notes may be what differs."""


def _by_likeness(rows: Mapping[Name, Row], likeness: Callable[[str], str | None]) -> Mapping[str, list[Name]]:
    found: dict[str, list[Name]] = defaultdict(list)
    for name in sorted(rows):
        if name[0] == "row" and (like := likeness(series_ref("", name[1:]))) is not None:
            found[like].append(name)
    return found


_MOST_COMPARED = 50
"""Of more rows than this with labels that are like one another, only so many are asked about."""


def _spelled(
    state: Accepted, drafts: Sequence[ProposedChange], old_rows: Mapping[Name, Row], new_rows: Mapping[Name, Row]
) -> Iterator[Pair]:
    """Rows of no whole table: one is left out, one comes that is spelled nearly so and counts nearly the same.

    Such rows come and go anyway, so that a name alone, or figures alone, are no reason to ask.
    """
    crowd = Crowd(state, {one for row in old_rows.values() for one in row.values()}, _new(drafts))
    by_initial: dict[str, list[Name]] = defaultdict(list)
    for old_name in sorted(old_rows):
        by_initial[_letters(old_name)[:1]].append(old_name)
    left = _MOST_SPELLED
    for name in sorted(new_rows):
        among = by_initial[_letters(name)[:1]][:left]
        left -= len(among)
        fitting = [
            old for old in among if _is_spelled(old, name) and crowd.rare(old_rows[old], new_rows[name], len(among))
        ]
        yield from ((old, name) for old in sorted(fitting, key=lambda one: _likeness(one, name), reverse=True))


_MOST_SPELLED = 50_000
"""So many pairs of names are compared by their letters in one release."""


def _is_spelled(old: Name, new: Name) -> bool:
    """Whether two rows differ in one label, and in that by letters alone, by few of them."""
    if not _alike(old, new):
        return False
    was, now = next((a, b) for a, b in zip(old, new, strict=True) if a != b)
    a, b = labels.letters(was), labels.letters(now)
    if not (a and b) or list(filter(str.isdigit, was)) != list(filter(str.isdigit, now)):
        return False
    return _alikeness(a, b) >= SPELLED_NEARLY


def _alikeness(a: str, b: str) -> float:
    """How alike two words are, 1 for equal ones: their beginnings and ends are set against each other first."""
    begins = _begins_alike(a, b)
    a, b, whole = a[begins:], b[begins:], len(a) + len(b)
    ends = _begins_alike(a[::-1], b[::-1])
    between = difflib.SequenceMatcher(None, a[: len(a) - ends], b[: len(b) - ends], autojunk=False)
    same = begins + ends + sum(block.size for block in between.get_matching_blocks())
    return 2 * same / whole


def _begins_alike(a: str, b: str) -> int:
    return next((at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


SPELLED_NEARLY = 0.7
"""So alike are `Saint-Gall` and `St. Gallen`, by their letters."""


def _letters(name: Name) -> str:
    return labels.letters(" ".join(name[1:]))


def _near_ones(
    state: Accepted, drafts: Sequence[ProposedChange], old_rows: Mapping[Name, Row], new_rows: Mapping[Name, Row]
) -> Iterator[Pair]:
    """Rows, or columns, of a whole table that go and come with nearly the same figures, where that is no chance."""
    crowd = Crowd(state, {one for row in old_rows.values() for one in row.values()}, _new(drafts))
    for old_name, old_row in sorted(old_rows.items()):
        fitting = [name for name, row in new_rows.items() if crowd.fits((old_name, name), old_row, row, len(new_rows))]
        by_likeness = sorted(fitting, key=lambda one: _likeness(old_name, one), reverse=True)
        yield from ((old_name, name) for name in by_likeness)


def _new(drafts: Sequence[ProposedChange]) -> Mapping[int, ContentsByDay]:
    new: dict[int, ContentsByDay] = defaultdict(dict)
    for draft in drafts:
        if draft.kind == "first" and draft.content is not None:
            new[draft.series_id][draft.as_of] = draft.content
    return new


def _rows(state: Accepted, ids: set[int]) -> dict[tuple[str, ...], Row]:
    """Series by what may be renamed together: the labels of a row, or a column's own id where there are no labels."""
    rows: dict[tuple[str, ...], Row] = defaultdict(dict)
    for series_id in ids:
        ref = SeriesRef.parse(state.first_ref[series_id])
        if ref.labels:
            rows["row", *ref.labels][ref.figure_id] = series_id
        else:
            rows["column", ref.figure_id][""] = series_id
    return rows


def _alike(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    return len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) == 1


class Crowd:
    """The rows of a table that stay: whether one that goes and one that comes count the same, and how likely any would.

    In a list of outages nearly every row counts one customer, so that an equal figure says nothing; of a district's
    12,345 it says nearly all.
    """

    def __init__(self, state: Accepted, gone: Collection[int], new: Mapping[int, ContentsByDay]) -> None:
        self._state, self._new = state, new
        self._newest: dict[str, list[Decimal]] = defaultdict(list)
        for series_id in state.series:
            contents = state.known_contents(series_id) if series_id not in gone else {}
            if contents and (value := read_content(contents[max(contents)]).value) is not None:
                self._newest[figure_id_of(state.first_ref[series_id])].append(value)
        for values in self._newest.values():
            values.sort()

    def fits(self, names: Pair, old: Row, new: Row, among: int) -> bool:
        """Whether one of so many new rows may be the old one: so it counts, or is spelled, and not by chance."""
        if not (_alike(*names) and self.near(old, new)):
            return False
        return _letters_alike(*names) or self.chance(old, new) * among <= BY_CHANCE

    def rare(self, old: Row, new: Row, among: int) -> bool:
        """Whether both have nearly equal figures, which so few rows have that it is no chance among so many."""
        return self.near(old, new) and self.chance(old, new) * among <= BY_CHANCE

    def near(self, old: Row, new: Row) -> bool:
        """Whether all figures that both rows have count the same, and are nearly equal."""
        shared = old.keys() & new.keys()
        return bool(shared) and all(
            self._state.facts(old[figure]) == self._state.facts(new[figure])
            and all(_numbers_near(a, b) for a, b in self._pairs(old[figure], new[figure]))
            for figure in shared
        )

    def chance(self, old: Row, new: Row) -> float:
        """How likely a row would count so nearly the same without being the same, judged by those that stay."""
        shared = old.keys() & new.keys()
        return prod(self._chance(figure, old[figure], new[figure]) for figure in shared)

    def _pairs(self, old: int, new: int) -> Iterator[tuple[Decimal | None, Decimal | None]]:
        was, now = self._state.known_contents(old), self._new[new]
        shared = sorted(was.keys() & now.keys())
        for one, other in zip(shared or [max(was)], shared or [max(now)], strict=True):
            yield read_content(was[one]).value, read_content(now[other]).value

    def _chance(self, figure: str, old: int, new: int) -> float:
        """By the newest values, and half of that for each earlier day on which both moved together."""
        pairs = list(self._pairs(old, new))
        moves = sum(a != b for a, b in pairwise(one for one, _ in pairs))
        was, now = pairs[-1]
        if was is None or now is None:
            return 1.0
        reach = abs(was - now) or Decimal("0.5")
        values = self._newest[figure]
        near = bisect_right(values, was + reach) - bisect_left(values, was - reach)
        expected = min(1.0, float(reach / max(abs(was), Decimal(1))))
        halved: float = 0.5**moves
        return halved * (near + _PRIOR * expected) / (len(values) + _PRIOR)


_PRIOR = 4
"""So many rows does the size of a number itself weigh: 12,345 is rarer than 3, however few rows there are."""

BY_CHANCE = 0.25
"""So many rows that fit may be expected by chance where one that fits is still asked about."""


def _numbers_near(a: Decimal | None, b: Decimal | None) -> bool:
    return a is not None and b is not None and abs(a - b) <= max(Decimal(NEAR), NEAR_SHARE * abs(a))


def _letters_alike(old: Name, new: Name) -> bool:
    """Whether two names are spelled nearly alike, by their letters: numbers are not like each other."""
    a, b = ("".join(filter(str.isalpha, " ".join(name[1:]).casefold())) for name in (old, new))
    return bool(a and b) and difflib.SequenceMatcher(None, a, b).ratio() >= SPELLED_ALIKE


SPELLED_ALIKE = 0.6


def _likeness(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[float, float]:
    """How many of the fewer words both names have, then how alike their letters are."""
    a, b = " ".join(old[1:]).casefold(), " ".join(new[1:]).casefold()
    words, others = set(a.split()), set(b.split())
    return len(words & others) / (min(len(words), len(others)) or 1), difflib.SequenceMatcher(None, a, b).ratio()


def _hold(context: Context, old: Row, new: Row, names: Pair) -> Iterator[Finding]:
    keys = context.accepted.keys
    pairs = {old[figure]: new[figure] for figure in old.keys() & new.keys()}
    others = pairs | {b: a for a, b in pairs.items()}
    held = {
        change.key for change in context.changes
        if change.series_id in others and change.kind in ("withdrawn", "first")
    }  # fmt: skip
    if not held:
        return  # what goes and comes waits already
    was, now = next((a, b) for a, b in zip(*names, strict=True) if a != b)
    message = (
        f"{was!r} is not there and {now!r} comes, with nearly the same label or figures: one series under another "
        "name, or another count (another place, merged, split)? Where rows come and go, the definition may say "
        "`coverage: list`"
    )
    told = found("rename", "hold", message, at=(keys[min(pairs)], None), holds=held)
    yield told._replace(renames={one: keys[other] for one, other in others.items()})


CHECKS = (
    Check(
        "rename",
        rename,
        order=60,
        holds=(
            "a row or series comes while one is not there any more whose label differs by digits, signs, "
            "marks, case, padding or a note in brackets alone, or is spelled nearly so with nearly equal figures, or, "
            "in a whole table, whose figures are nearly the same: one series or two?"
        ),
        of_changes=True,
    ),
)
