"""The common core of the csv, json and table extractors: rows with named columns to cells.

What differs between them (how rows are parsed, and where in the text a row and its values stand) comes in as `Rows`.
Cells are plain tuples made in one comprehension a row; quotes and places are worked out only for the figures asked for.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from extractors.patterns import Place
from extractors.tables.cells import ByHedge, Contents, Manner, fixed_qualifier, without_notes
from extractors.tables.corrections import Corrections, loose
from extractors.tables.dates import Days, misplaced
from extractors.tables.figures import PrintedAt, make_figure
from extractors.tables.manner import Column, ColumnQuestion, settle, spoken, stated
from extractors.tables.numbers import LARGEST_DIGITS, is_blank
from extractors.tables.places import CellPlaces, Locator, Looked, RowFigures
from extractors.tables.scales import SaidScale, is_unit_name, said_scale, scale_of_unit, scale_question, scales_of
from extractors.tables.shape import column, columns, form, sample
from extractors.tables.titles import title
from model import (
    UNREADABLE,
    AsOf,
    Cell,
    CheckResult,
    Day,
    Field,
    Figure,
    FigureRule,
    Increment,
    Qualifier,
    Reading,
    Shape,
    Source,
    Trait,
    UnreadableError,
    listed,
    series_ref,
)

ColumnKey: TypeAlias = Any
"""How a row is asked for a value: a column's number, or a member's name."""

MOST_FIGURES, MOST_SERIES = 2_000_000, 100_000
"""So many cells one release may bring, and so many series; more of either is no report that anybody follows."""

LONGEST_LABEL = 200
"""Characters of a label: it is part of a key, which an address must be able to hold."""

_BOUND = 10**LARGEST_DIGITS
_NOTED = ("]", "*", "†", "‡", *"⁰¹²³⁴⁵⁶⁷⁸⁹")
_MOST_NOTES = 20
"""Of the rows without a date so many are looked at for what they say of all others: a line of units, a note below."""
_ORDERED = 20000
"""The order of dates is looked at in tables of so many rows."""
_UNPRINTABLE = dict.fromkeys((*range(32), 127), " ")


class Rows(NamedTuple):
    """Parsed rows, and the way back into the text they were parsed from.

    `keys(name)` gives the places of a named column in a row, none where it is missing. `sparse` rows are mappings that
    may lack a key; `headed` tables promise their columns in a heading. `place(row, key)` and `span(row)` are code
    points in `text`; a `locator` gives the same in another process. `names()` are all columns, in their order, where
    they are known; `language` is the page's own, and `beside()` are the texts around the table that may say in what its
    numbers are.
    """

    text: str
    rows: Sequence[Any]
    keys: Callable[[str], tuple[ColumnKey, ...]]
    sparse: bool
    headed: bool
    place: Callable[[int, ColumnKey], Place]
    span: Callable[[int], Place]
    names: Callable[[], Sequence[str]] = tuple
    locator: Locator | None = None
    language: str | None = None
    beside: Callable[[], Iterable[str]] = tuple
    heading: Callable[[], str] = str
    caption: Callable[[], str] = str


class Slot(NamedTuple):
    """One place in a row where a rule's value stands, and the places where its hedge may."""

    rule: FigureRule
    key: ColumnKey
    qualifier: Qualifier | None
    hedges: tuple[ColumnKey, ...]


class _Plan(NamedTuple):
    """What is read of rows of one kind: (series, place in the row, number of the slot, its contents or None)."""

    cells: list[tuple[str, ColumnKey, int, Contents]]
    mixed: list[tuple[str, ColumnKey, int]]
    plain: bool


def column_of(place: FigureRule | Field | AsOf) -> str | None:
    """The name under which a rule looks for something in a row."""
    return place.path or place.column


def wanted_names(source: Source) -> set[str]:
    """Every column name that a definition uses, so that no other column is taken for one of them."""
    places: list[FigureRule | Field | AsOf] = [*source.figures]
    places += [rule.qualifier for rule in source.figures if isinstance(rule.qualifier, Field)]
    places += [rule.change for rule in source.figures if rule.change]
    places += [source.as_of] if source.as_of else []
    names = {name for place in places if (name := column_of(place))}
    return names | set(source.by.values()) | {name for rule in source.figures for name in rule.where}


def resolve(name: str, present: Iterable[str], wanted: set[str]) -> tuple[str, ...]:
    """The columns that a definition's name means: the one of that name, and those that differ only in spelling.

    Spaces, punctuation, case and marks of footnotes make no difference (`groun d robotic systems`, `Lost[a]`), unless
    the definition names the other column too.
    """
    plain = loose(name)
    alike = [
        other for other in present if other not in wanted and plain and plain in (loose(other), loose(_unmarked(other)))
    ]
    return (name, *alike) if name in present else tuple(alike)


def _unmarked(heading: str) -> str:
    return without_notes(heading) if heading.endswith(_NOTED) else heading


def read_rows(source: Source, rows: Rows, *, published: Day | None, as_of: Day | None = None) -> Reading:
    """Read all rows of a table by a source's rules.

    `as_of` is the page's own date where the rows have none. Raises `UnreadableError` where the column of dates, a
    dimension or every followed column is missing, where there are no rows (but of a list, which may be empty), or where
    no row has a readable date.
    """
    if not rows.rows and not rows.headed:
        return _empty(source)
    return _RowReader(source, rows, published, as_of).read()


def _empty(source: Source) -> Reading:
    if source.coverage != "list":
        raise UnreadableError("the table has no rows", "a release that is cut off says nothing about its figures")
    return Reading(*listed([]))


class _RowReader:
    def __init__(self, source: Source, rows: Rows, published: Day | None, as_of: Day | None) -> None:
        self.source, self.table, self.page_day = source, rows, as_of
        self.missing: list[str] = []
        self.unnamed: list[str] = []
        name = column_of(source.as_of) if source.as_of else None
        self.date_key = self._one(name, "the as-of dates") if name else None
        self.days = Days.of(source, published)
        self.dimensions = [(part, self._one(column, "a dimension")) for part, column in source.by.items()]
        self.slots = [slot for rule in source.figures for slot in self._slots(rule)]
        if not self.slots:
            raise UnreadableError(f"none of the followed columns is there: {', '.join(self.missing)}")
        self.width = len(self.slots)
        self.where = sorted({column for rule in source.figures for column in rule.where})
        self.language = spoken(source, rows.language)
        self.manners = [stated(source, slot.rule, self.language) for slot in self.slots]
        self._begin(self.manners)
        self.labels = _Labels()
        self.notes: list[str] = []
        self.corrections = Corrections(source, self.days.__getitem__)

    def _begin(self, manners: Sequence[Manner]) -> None:
        """Forget what was read of the cells, and read them in these manners."""
        self.contents = [ByHedge(manner) for manner in manners]
        self.unnamed.clear()

    def _one(self, name: str, what: str) -> ColumnKey:
        keys = self.table.keys(name)
        if not keys:
            raise UnreadableError(f"the column {name!r}, which holds {what}, is missing")
        return keys[0]

    def _slots(self, rule: FigureRule) -> Iterator[Slot]:
        column = column_of(rule) or rule.id
        keys = self.table.keys(column)
        absent = [name for name in (column, *rule.where) if not self.table.keys(name)]
        if absent:
            self.missing += [name for name in absent if name not in self.missing]
            return
        hedge = column_of(rule.qualifier) if isinstance(rule.qualifier, Field) else None
        for key in keys:
            yield Slot(rule, key, fixed_qualifier(rule), self.table.keys(hedge) if hedge else ())

    def read(self) -> Reading:
        if not self.table.rows:
            return _empty(self.source)
        cells, undated = self._cells()
        columns = [
            Column(column_of(slot.rule) or slot.rule.id, slot.rule, contents)
            for slot, contents in zip(self.slots, self.contents, strict=True)
        ]
        if self.days.are_years and not self.source.period:
            self._refuse_years()
        settled, doubts = settle(columns, self.manners)
        if settled != self.manners:
            self._begin(settled)
            self.corrections.made.clear()
            cells, undated = self._cells()
        return self._reading(cells, undated, doubts)

    def _out_of_place(self) -> Iterator[CheckResult]:
        """Days that break the order in which all others of their series stand: a month or year typed wrong."""
        if self.date_key is None or len(self.table.rows) > _ORDERED:
            return
        keyed = self._keyed()
        series: dict[Hashable, list[Day]] = {}
        for row in self.table.rows:
            if day := self.days[self._value(row, self.date_key)]:
                series.setdefault(keyed(row), []).append(day)
        for day in sorted({day for days in series.values() for day in misplaced(days)}):
            message = f"{day} stands out of the order of all other dates of its table"
            yield CheckResult(name="date_out_of_place", result="hold", message=message, as_of=day)

    def _scales(self) -> Iterator[CheckResult]:
        """A question where a heading or caption says "in thousands", and the definition does not."""
        for slot in self.slots:
            question = scale_question(slot.rule, self.source, self._said_scale(slot.rule))
            if question := question or self._scales_apart(slot.rule):
                yield _check("scale", question, "hold")

    def _said_scale(self, rule: FigureRule) -> SaidScale | None:
        """What stands around the table of the scale of a count."""
        if not rule.may_count_whole:
            return None
        return said_scale((column_of(rule) or rule.id,)) or self._scale_of_all

    @cached_property
    def _scale_of_all(self) -> SaidScale | None:
        """What the words around the table, or a column of units, say of all its counts."""
        return said_scale((*self.table.beside(), *self.notes)) or self._scale_of_rows()

    def _scale_of_rows(self) -> SaidScale | None:
        """What a column of units says that nobody follows, such as `UNIT_MULT`."""
        for name, key in self._units:
            values = [self.labels[self._value(row, key)] for row in sample(self.table.rows)]
            if said := scale_of_unit(name, values):
                return said
        return None

    def _scales_apart(self, rule: FigureRule) -> str | None:
        """A question where the rows of one count say that they are in different scales: no one scale is theirs."""
        for name, key in self._units if rule.may_count_whole else ():
            rows = (row for row in self.table.rows if self._applies(rule, row))
            values = dict.fromkeys(filter(None, (self.labels[self._value(row, key)] for row in rows)))
            if len(scales_of(name, values)) > 1:
                shown = " and ".join([*values][:2])
                return f"{rule.id}: its rows are in different scales ({name} {shown}); choose some with where:"
        return None

    @cached_property
    def _units(self) -> list[tuple[str, ColumnKey]]:
        """The columns of units that nobody follows."""
        used = set(self.source.by.values()) | {name for rule in self.source.figures for name in rule.where}
        names = [str(name) for name in self.table.names() if is_unit_name(str(name)) and name not in used]
        return [(name, self._one(name, "units")) for name in names]

    def _refuse_years(self) -> None:
        shown = " and ".join(sorted(self.days.years)[-2:])
        raise UnreadableError(
            f"{shown} may be years of two, not months", "say when they end, such as period: year-ending-march"
        )

    def _cells(self) -> tuple[list[Cell], list[int]]:
        """The cells of all rows, and the rows without a date that can be read."""
        cells: list[Cell] = []
        undated: list[int] = []
        silent: list[int] = []
        if len(self.table.rows) * self.width > MOST_FIGURES:
            raise _too_large(MOST_FIGURES, "figures")
        date_key, days, keyed, sparse = self.date_key, self.days, self._keyed(), self.table.sparse
        plans: dict[Hashable, _Plan] = {}
        day, mended, width = self.page_day, self.corrections.days, self.width
        for index, row in enumerate(self.table.rows):
            if date_key is not None:
                day = days[row.get(date_key) if sparse else row[date_key]]
                if day is None:
                    if self._says_nothing(row):
                        silent.append(index)
                    else:
                        undated.append(index)
                    continue
            plan = plans.get(key := keyed(row))
            if plan is None:
                plan = plans[key] = self._plan(row)
                if len(plans) * self.width > MOST_SERIES:
                    raise _too_large(MOST_SERIES, "series")
            base, before = index * width, len(cells)
            if sparse:
                plain = plan.plain
                cells += [
                    (  # type: ignore[misc]
                        ref,
                        day,
                        str(raw)
                        if type(raw := row[key]) is int and plain and -_BOUND < raw < _BOUND
                        else contents[raw],
                        base + slot,
                    )
                    for ref, key, slot, contents in plan.cells
                    if key in row
                ]
            else:
                cells += [(ref, day, contents[row[key]], base + slot) for ref, key, slot, contents in plan.cells]  # type: ignore[misc]
            if plan.mixed:
                # In the order of the columns, by which a cell's place is found again.
                cells[before:] = sorted((*cells[before:], *self._mixed(row, day, base, plan.mixed)), key=itemgetter(3))
            if day in mended:
                self._correct(cells, before)
        self._look_at_undated(silent + undated)
        return cells, undated

    def _look_at_undated(self, rows: Sequence[int]) -> None:
        """Keep what rows without a date say, which may be of all others; refuse a table that has no other rows."""
        if rows and len(rows) == len(self.table.rows):
            raise UnreadableError(f"no row has a date that can be read, such as {self._printed_date(0)!r}")
        noted = (self._filled(self.table.rows[index]) for index in rows[:_MOST_NOTES])
        self.notes = [text for row in noted for text in row]

    def _says_nothing(self, row: Any) -> bool:
        """Whether a row without a date has no figure either: a note below the table, or a line between its parts."""
        if all(label.startswith("#") for label in self._filled(row)):
            return True  # tags for machines, under the heading
        blank = all(is_blank(self.labels[self._value(row, slot.key)]) for slot in self.slots)
        if not (blank and self.table.headed):
            return False
        return len(self._filled(row)) < 2 or is_blank(self.labels[self._value(row, self.date_key)])

    def _filled(self, row: Any) -> list[str]:
        cells = row.values() if self.table.sparse else row
        return [label for cell in cells if (label := self.labels[cell])]

    def _reading(self, cells: list[Cell], undated: list[int], doubts: Sequence[ColumnQuestion]) -> Reading:
        checks = [*self._missing_columns(), *self._undated_rows(undated), *self._unnamed_rows()]
        checks += self._out_of_place()
        checks += self._scales()
        checks += [_check("number_format", f"column {one.column!r}: {one.question}", "hold") for one in doubts]
        if any(contents.any_unreadable for contents in self.contents):
            checks += self._unreadable_values(cells)
            read = {cell[:2] for cell in cells if cell[2] is not None}
            unread = (c if c[2] is not None else (c[0], c[1], UNREADABLE, c[3]) for c in cells)
            cells = [cell for cell in unread if cell[2] != UNREADABLE or cell[:2] not in read]
        checks += [
            _check("unknown_hedge", f"the hedge {word[:80]!r} is in no word list; read as exact")
            for word in dict.fromkeys(word for contents in self.contents for word in contents.unknown)
        ]
        checks += [CheckResult(name="corrected", result="pass", message=message) for message in self.corrections.made]
        stated = tuple(self._increments(cells)) if any(slot.rule.change for slot in self.slots) else ()
        return Reading(cells, _Figures(self, cells), stated=stated, checks=tuple(checks), shape=self.shape)

    def shape(self) -> Shape:
        """The headings of the followed columns with their signs of a unit, the kind of their numbers, and all names."""
        names = self.table.names()
        found: Shape = {"": self._around(names)} if names else {}
        rows = sample(self.table.rows)
        for slot in self.slots:
            values = [self._value(row, slot.key) for row in rows if self._applies(slot.rule, row)]
            kind = form(values, self.source.language)
            traits = found.setdefault(slot.rule.id, {"column": column(self._heading(slot, names))})
            if kind is not None:
                traits.setdefault("form", kind)
            if (slot.rule.scale or self.source.scale) not in ("one", "letters"):
                said = self._said_scale(slot.rule) or ("", "one")
                traits["scale"] = Trait(said[0], (said[1],))
        return found

    def _around(self, names: Sequence[str]) -> dict[str, Trait]:
        """The names of all columns, the heading above the table, and its caption."""
        words = {"heading": self.table.heading(), "caption": self.table.caption()}
        titles = {name: title(text, self.source.language) for name, text in words.items() if text}
        return {"names": columns(names), **titles}

    def _heading(self, slot: Slot, names: Sequence[str]) -> str:
        if type(slot.key) is int and not self.table.sparse:
            return names[slot.key]
        return str(slot.key) if isinstance(slot.key, str) else column_of(slot.rule) or slot.rule.id

    def _increments(self, cells: list[Cell]) -> Iterator[Increment]:
        """The increments that rows state beside their figures."""
        for ref, day, _, handle in cells:
            index, number = divmod(handle, self.width)
            rule, row = self.slots[number].rule, self.table.rows[index]
            keys = self.table.keys(column_of(rule.change) or "") if rule.change else ()
            content = self.contents[number].of("exact")[self._value(row, keys[0])] if keys else None
            if content:
                figure = make_figure(rule, content, day, self._printed_at(index, keys[0]), self._parts(row))
                yield Increment(ref, day, msgspec.structs.replace(figure, kind="change"))

    def _parts(self, row: Any) -> dict[str, str]:
        return {part: label for (part, _), label in zip(self.dimensions, self._row_labels(row), strict=True)}

    def _keyed(self) -> Callable[[Any], Hashable]:
        keys = [key for _, key in self.dimensions] + [key for name in self.where for key in self.table.keys(name)[:1]]
        if not keys:
            return lambda _: None
        return (lambda row: tuple(row.get(key) for key in keys)) if self.table.sparse else itemgetter(*keys)

    def _plan(self, row: Any) -> _Plan:
        labels = self._row_labels(row)
        if any(len(label) > LONGEST_LABEL for label in labels):
            self.unnamed.append(next(label for label in labels if len(label) > LONGEST_LABEL))
            return _Plan([], [], False)
        fixed: list[tuple[str, ColumnKey, int, Contents]] = []
        mixed: list[tuple[str, ColumnKey, int]] = []
        for number, slot in enumerate(self.slots):
            if not self._applies(slot.rule, row):
                continue
            ref = series_ref(slot.rule.id, labels)
            if slot.qualifier is None:
                mixed.append((ref, slot.key, number))
            else:
                fixed.append((ref, slot.key, number, self.contents[number].of(slot.qualifier)))
        exact = all(self.slots[number].qualifier == "exact" for _, _, number, _ in fixed)
        return _Plan(fixed, mixed, exact and all(manner.as_printed for manner in self.manners))

    def _row_labels(self, row: Any) -> tuple[str, ...]:
        return tuple(self.labels[self._value(row, key)] for _, key in self.dimensions)

    def _value(self, row: Any, key: ColumnKey) -> Any:
        return row.get(key) if self.table.sparse else row[key]

    def _applies(self, rule: FigureRule, row: Any) -> bool:
        return all(
            self.labels[self._value(row, self.table.keys(name)[0])] == wanted.strip()
            for name, wanted in rule.where.items()
        )

    def _mixed(self, row: Any, day: Day | None, base: int, plan: list[tuple[str, ColumnKey, int]]) -> Iterator[Any]:
        sparse = self.table.sparse
        for ref, key, number in plan:
            if not sparse or key in row:
                yield ref, day, self._contents(number, row)[row[key]], base + number

    def _contents(self, number: int, row: Any) -> Contents:
        slot, contents = self.slots[number], self.contents[number]
        if slot.qualifier is not None:
            return contents.of(slot.qualifier)
        for key in slot.hedges:
            word = row.get(key) if self.table.sparse else row[key]
            if word is not None:
                return contents[word]
        return contents[None]

    def _correct(self, cells: list[Cell], before: int) -> None:
        for place in range(before, len(cells)):
            ref, day, content, handle = cells[place]
            correction = self.corrections.find(ref, day, self._printed(handle))
            if correction:
                cells[place] = (ref, day, self.corrections.apply(correction, content), handle)
                self.corrections.note(correction, ref, day)

    def _printed(self, handle: int) -> str:
        index, number = divmod(handle, self.width)
        return self.labels[self._value(self.table.rows[index], self.slots[number].key)]

    def figure(self, handle: int) -> Figure:
        index, number = divmod(handle, self.width)
        slot, row = self.slots[number], self.table.rows[index]
        day = self.days[self._value(row, self.date_key)] if self.date_key is not None else self.page_day
        labels = self._row_labels(row)
        content = self._contents(number, row)[self._value(row, slot.key)]
        if day in self.corrections.days:
            correction = self.corrections.find(series_ref(slot.rule.id, labels), day, self._printed(handle))
            content = self.corrections.apply(correction, content) if correction else content
        return make_figure(slot.rule, content or "", day, self._printed_at(index, slot.key), self._parts(row))

    def _printed_at(self, index: int, key: ColumnKey) -> PrintedAt:
        return PrintedAt(self.table.text, self.table.place(index, key), self.table.span(index))

    def places(self, cells: list[Cell]) -> CellPlaces | Looked:
        """Where all cells stand, as plain data."""
        table, width = self.table, self.width
        if table.locator is not None:
            return Looked(table.locator, tuple(slot.key for slot in self.slots), width)
        ends = array("l")
        for _, _, _, handle in cells:
            row, number = divmod(handle, width)
            ends.extend(table.place(row, self.slots[number].key))
            ends.extend(table.span(row))
        return CellPlaces(array("l", [cell[3] for cell in cells]), ends, width)

    def _printed_date(self, index: int) -> str:
        return self.labels[self._value(self.table.rows[index], self.date_key)]

    def _missing_columns(self) -> Iterator[CheckResult]:
        if self.missing and self.table.headed:
            yield _check("column_missing", f"missing columns: {', '.join(self.missing)}")

    def _undated_rows(self, undated: list[int]) -> Iterator[CheckResult]:
        if undated:
            first = self._printed_date(undated[0])
            message = f"{len(undated)} rows left out: no date can be read, first {first[:80]!r} in row {undated[0] + 1}"
            yield _check("unreadable_row", message)
            yield from self._doubted_dates(undated, first)

    def _doubted_dates(self, undated: list[int], first: str) -> Iterator[CheckResult]:
        """Dates of which many cannot be read put those in doubt that can: day and month may have changed places."""
        swapped = sum(self.days.read_swapped(self._printed_date(row)) is not None for row in undated)
        if swapped:
            message = f"{first[:80]!r} has day and month in the other order: so may the dates that could be read"
            yield _check("date_order", message, "hold")
            return
        # A word in the place of a date (a total, a note) names no day that could have been misread.
        misread = sum(any(sign.isdecimal() for sign in self._printed_date(row)) for row in undated)
        if misread > 2 and 2 * misread >= len(self.table.rows) - len(undated) + misread:
            message = f"{misread} of {len(self.table.rows)} dates cannot be read; format may be a list of several"
            yield _check("dates_unreadable", message, "hold")

    def _unnamed_rows(self) -> Iterator[CheckResult]:
        if self.unnamed:
            message = (
                f"rows left out: a label is longer than {LONGEST_LABEL} characters, first {self.unnamed[0][:80]!r}"
            )
            yield _check("unreadable_row", message)

    def _unreadable_values(self, cells: list[Cell]) -> Iterator[CheckResult]:
        bad = [cell for cell in cells if cell[2] is None]
        counts = Counter(cell[3] % self.width for cell in bad)
        for number, count in counts.items():
            slot = self.slots[number]
            first = next(cell for cell in bad if cell[3] % self.width == number)
            printed = self._printed(first[3])[:80]
            column = column_of(slot.rule) or slot.rule.id
            message = f"column {column!r}: {printed!r} is no number ({count} such cells)"
            yield CheckResult(name="unreadable_value", result="warn", message=message, as_of=first[1])


class _Figures:
    """Figures on demand: here by the rows as they were parsed, in another process by plain data."""

    def __init__(self, reader: _RowReader, cells: list[Cell]) -> None:
        self._reader, self._cells = reader, cells

    def __call__(self, handle: int) -> Figure:
        return self._reader.figure(handle)

    def __reduce__(self) -> tuple[Any, ...]:
        reader = self._reader
        rules = tuple(slot.rule for slot in reader.slots)
        parts = tuple(reader.source.by)
        return RowFigures, (self._cells, rules, parts, reader.table.text, reader.places(self._cells))


class _Labels(dict[Any, str]):
    """Labels as printed, without the white space around them."""

    def __missing__(self, raw: Any) -> str:
        text = "" if raw is None else str(raw).translate(_UNPRINTABLE).strip()
        self[raw] = text.encode("utf-8", "replace").decode()
        return self[raw]


def _too_large(most: int, what: str) -> UnreadableError:
    return UnreadableError(f"the release states more than {most:,} {what}", reason="too_large")


def _check(name: str, message: str, result: Literal["warn", "hold"] = "warn") -> CheckResult:
    return CheckResult(name=name, result=result, message=message)
