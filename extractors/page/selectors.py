"""The `selectors` extractor: figures picked from a page by CSS selectors and patterns, or from any text by patterns.

A rule looks through the elements of its `css` in the order of the page (without one: through the whole text) for the
first that its `pattern` matches. The group `value` is the number, else group 1, else the whole match, and without a
pattern the element's whole text. Groups `low` and `high` give a range, `qualifier` the hedge, `as_of` the figure's own
date, and `change` an increment that the page itself states. A figure that is not there gives nothing.

`as_of` of the definition dates the page: its `css` and `pattern` are followed in the same way, with group `as_of`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from extractors.document import Document
from extractors.patterns import PatternMatch, Place, find
from extractors.tables.cells import ByHedge, Contents, Manner, fixed_qualifier, read_hedge
from extractors.tables.corrections import Corrections
from extractors.tables.dates import Days
from extractors.tables.figures import PrintedAt, make_figure
from extractors.tables.manner import Column, settle, spoken, stated
from extractors.tables.scales import said_scale, scale_behind, scale_question
from extractors.tables.shape import Surroundings
from extractors.tables.titles import telling
from model import (
    CheckResult,
    Day,
    Figure,
    FigureRule,
    Increment,
    Qualifier,
    Reading,
    Result,
    Source,
    Trait,
    UnreadableError,
    listed,
    read_content,
    write_content,
)

VERSION = 8


def read(source: Source, document: Document) -> Reading:
    """Read the figures that a definition's rules find on a page.

    Raises `UnreadableError` for a selector or pattern that cannot be followed, and for CSS on what is no HTML.
    """
    searched = [(rule, search(document, rule.css, rule.pattern, source.language)) for rule in source.figures]
    found = [(rule, match) for rule, match in searched if match]
    page = _PageReader(source, document, [stated(source, rule, _spoken(source, document)) for rule, _ in found])
    read = page.figures(found)
    columns = [Column(rule.id, rule, cells) for (rule, _), cells in zip(found, page.cells, strict=True)]
    manners, doubts = settle(columns, page.manners)
    if manners != page.manners:
        page = _PageReader(source, document, manners)
        read = page.figures(found)
    checks = [held("number_format", f"{one.column}: {one.question}") for one in doubts]
    checks += [CheckResult(name="corrected", result="pass", message=made) for made in page.corrections.made]
    beside = _Beside(source, document)
    checks += beside.questions(read)
    return Reading(
        *listed([(rule.id, figure) for rule, _, figure in read]),
        stated=tuple(made for rule, match, figure in read for made in page.increments(rule, match, figure.as_of)),
        checks=(*page.checks, *checks),
        shape=lambda: {rule.id: beside.traits(rule, match, figure) for rule, match, figure in read},
    )


def _spoken(source: Source, document: Document) -> str | None:
    return spoken(source, document.language)


class _Beside:
    """What stands beside the figures of one page: what its shape is made of, and what may say their scale."""

    def __init__(self, source: Source, document: Document) -> None:
        self.source, self.document = source, document
        self.around = Surroundings(document, source.language, headed=source.listing is None)

    def traits(self, rule: FigureRule, match: PatternMatch, figure: Figure) -> dict[str, Trait]:
        """The traits of the place where a figure stands."""
        traits = self.around.of((figure.start, figure.end), self._fitting(rule))
        if rule.pattern is not None:
            # Words that the definition itself asks for are meant, in whichever of its wordings they stand.
            meant = telling(self.document.text[slice(*match.place)], self.source.language)
            traits["label"] = msgspec.structs.replace(traits["label"], known=meant)
        return traits

    def questions(self, read: list[tuple[FigureRule, PatternMatch, Figure]]) -> Iterator[CheckResult]:
        """A question where the word behind a count, its label or its heading says a scale, and the definition none."""
        for rule, match, figure in read:
            if rule.may_count_whole and (question := self._question(rule, match, figure)):
                yield held("scale", question)

    def _question(self, rule: FigureRule, match: PatternMatch, figure: Figure) -> str | None:
        end = max(figure.end, _group(match, "value")[1])
        said = scale_behind(self.document.text[end : end + _WIDEST])
        said = said or said_scale(self.around.names((figure.start, figure.end)))
        return scale_question(rule, self.source, said)

    def _fitting(self, rule: FigureRule) -> int:
        """How many of the elements that a rule chooses it fits; 1 for a rule that looks through the whole text."""
        if rule.css is None or rule.pattern is None:
            return 1
        text = self.document.searched(self.source.language)
        return sum(find(rule.pattern, text, place) is not None for place in _elements(self.document, rule.css))


def page_day(source: Source, document: Document, checks: list[CheckResult]) -> Day | None:
    """The date that a page gives for all its figures; a check is added where it should give one and does not."""
    rule = source.as_of
    if rule is None or (rule.css is None and rule.pattern is None):
        return None
    found = search(document, rule.css, rule.pattern, source.language)
    text = document.text[slice(*_group(found, "as_of"))] if found else ""
    day = Days.of(source, document.near)[text] if found else None
    if day is None:
        looked = " and ".join(repr(part) for part in (rule.css, rule.pattern) if part)
        form = f"is no date in the form {rule.spelling}"
        if rule.year == "published" and document.near is None:
            form = "names no year, and the release gives no day of publication to take it from"
        read = f"found {text[:80]!r}, which {form}" if found else "found nothing"
        # A date that is there and cannot be read is another day than that of the fetch.
        result: Result = "hold" if found and text.strip() else "warn"
        message = f"looked for the as-of at {looked}: {read}"
        checks.append(CheckResult(name="as_of_missing", result=result, message=message))
    return day


def search(
    document: Document, css: str | None, pattern: str | None, language: str | None = None
) -> PatternMatch | None:
    """The first element of a selector that a pattern matches; either may be absent."""
    text = document.searched(language)
    for place in _elements(document, css):
        found = find(pattern, text, place) if pattern else PatternMatch(place, {0: place})
        if found:
            return found
    return None


def _elements(document: Document, css: str | None) -> list[Place]:
    if css is None:
        return [(0, len(document.text))]
    if document.page is None:
        raise UnreadableError(
            f"css {css!r} needs an HTML page, and this is {document.media_type}", "use a pattern alone"
        )
    return document.page.select(css)


def _group(found: PatternMatch, name: str) -> Place:
    return found.groups.get(name) or found.groups.get(1) or found.place


_MARKS = "[.,'’ʼ‘٬٫\u00a0\u2009\u202f]"
_BEFORE = re.compile(rf"(?<!\d)(?<!\d{_MARKS})(?:\d+{_MARKS})*\d*\Z")
_AFTER = re.compile(rf"\d*(?:{_MARKS}\d+)*")
_WIDEST = 40


_GROUPS_AHEAD = re.compile(r"(?<![\d.,:/-])[1-9]\d{0,2}(?: \d{3})* $")
_GROUP_BEHIND = re.compile(r" \d{3}(?![\d.,:/-]?\d)")
_GROUP = re.compile(r"\d{3}(?!\d)")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?: \d{3})*")


def held(name: str, message: str) -> CheckResult:
    """A doubt about the whole release."""
    return CheckResult(name=name, result="hold", message=message)


def _goes_on(text: str, place: Place) -> bool:
    """Whether a plain space parts a number from three digits more, which may be of it."""
    number, before = text[slice(*place)], text[max(0, place[0] - 12) : place[0]]
    if _GROUP.match(number) and _GROUPS_AHEAD.search(before):
        return True
    return bool(_GROUPED.fullmatch(number) and _GROUP_BEHIND.match(text, place[1]))


class _SelectedNumber(NamedTuple):
    content: str
    place: Place


class _PageReader:
    """Makes figures of what was found on one page."""

    def __init__(self, source: Source, document: Document, manners: list[Manner]) -> None:
        self.source, self.text, self.manners = source, document.text, manners
        self.cells = [ByHedge(manner) for manner in manners]
        self.days = Days.of(source, document.near)
        self.checks: list[CheckResult] = []
        self.as_of = page_day(source, document, self.checks)
        self.corrections = Corrections(source, self.days.__getitem__)

    def figures(self, searched: list[tuple[FigureRule, PatternMatch]]) -> list[tuple[FigureRule, PatternMatch, Figure]]:
        """The figures of all rules that found a number."""
        read = zip(searched, self.cells, strict=True)
        made = ((rule, found, self.figure(rule, found, cells)) for (rule, found), cells in read)
        return [(rule, found, figure) for rule, found, figure in made if figure]

    def figure(self, rule: FigureRule, found: PatternMatch, cells: ByHedge) -> Figure | None:
        """The figure that a rule found; None where it stands blank or is no number, which a check then says."""
        ranged = "low" in found.groups or "high" in found.groups
        number = self._range(rule, found, cells) if ranged else self._value(rule, found, cells)
        if number is None:
            return None
        day = self._own_day(rule, found) or self.as_of
        content = number.content
        correction = self.corrections.find(rule.id, day, self._printed(number.place))
        if correction:
            content = self.corrections.apply(correction, content)
            self.corrections.note(correction, rule.id, day)
        return make_figure(rule, content, day, PrintedAt(self.text, number.place, self._lines(found.place)))

    def _own_day(self, rule: FigureRule, found: PatternMatch) -> Day | None:
        """The date that a figure's own pattern finds; a check says where it is none."""
        if "as_of" not in found.groups:
            return None
        printed = self._printed(found.groups["as_of"])
        day = self.days[printed]
        if day is None and printed.strip():
            form = self.source.as_of.spelling if self.source.as_of else "ISO"
            message = f"{rule.id}: found {printed[:80]!r}, which is no date in the form {form}"
            self.checks.append(CheckResult(name="as_of_missing", result="warn", message=message))
        return day

    def increments(self, rule: FigureRule, found: PatternMatch, as_of: Day | None) -> list[Increment]:
        """The increment that the page states beside a figure, if any."""
        if "change" not in found.groups:
            return []
        place = self._whole(self._trimmed(found.groups["change"]))
        content = Contents("exact", None, self.manners[0])[self._printed(place)]
        if not content:
            self._unreadable(rule, place)
            return []
        figure = make_figure(rule, content, as_of, PrintedAt(self.text, place, self._lines(found.place)))
        return [Increment(rule.id, as_of, msgspec.structs.replace(figure, kind="change"))]

    def _value(self, rule: FigureRule, found: PatternMatch, cells: ByHedge) -> _SelectedNumber | None:
        place = self._whole(self._trimmed(_group(found, "value")))
        content = cells.of(self._qualifier(rule, found))[self._printed(place)]
        if content is None:
            self._unreadable(rule, place)
        elif _goes_on(self.text, place):
            printed = " ".join(self.text[max(0, place[0] - 8) : place[1] + 8].split())
            message = f"{rule.id}: the pattern may end inside a number, in {printed!r}"
            self.checks.append(held("inside_a_number", message))
        return _SelectedNumber(content, self._with_hedge(found, place)) if content else None

    def _range(self, rule: FigureRule, found: PatternMatch, cells: ByHedge) -> _SelectedNumber | None:
        low, high = (found.groups.get(name) for name in ("low", "high"))
        stand = [self._whole(place) for place in (low, high) if place]
        whole = self._trimmed((min(place[0] for place in stand), max(place[1] for place in stand)))
        content = write_content(None, self._end(low, cells), self._end(high, cells))
        if not content:
            self._unreadable(rule, whole)
        return _SelectedNumber(content, self._with_hedge(found, whole)) if content else None

    def _end(self, place: Place | None, cells: ByHedge) -> Decimal | None:
        content = cells.of("exact")[self._printed(self._whole(self._trimmed(place)))] if place else None
        return read_content(content).value if content else None

    def _whole(self, place: Place) -> Place:
        """A number's place with the digits and marks that go on beside it: no pattern ends inside a number."""
        start, end = place
        if start < end and self.text[start].isdigit():
            before = _BEFORE.search(self.text[max(0, start - _WIDEST) : start])
            start -= len(before[0]) if before else 0
        if start < end and self.text[end - 1].isdigit():
            after = _AFTER.match(self.text[end : end + _WIDEST])
            end += len(after[0]) if after else 0
        return start, end

    def _qualifier(self, rule: FigureRule, found: PatternMatch) -> Qualifier:
        fixed = fixed_qualifier(rule) or "exact"
        word = self._printed(found.groups.get("qualifier", (0, 0))).strip()
        hedge = read_hedge(word, self.source.language) if word else None
        if word and hedge is None:
            message = f"the hedge {word[:80]!r} is in no word list; read as {fixed}"
            self.checks.append(CheckResult(name="unknown_hedge", result="warn", message=message, series=rule.id))
        return hedge or fixed

    def _with_hedge(self, found: PatternMatch, place: Place) -> Place:
        hedge = found.groups.get("qualifier", place)
        return (hedge[0], place[1]) if hedge[0] < hedge[1] <= place[0] else place

    def _unreadable(self, rule: FigureRule, place: Place) -> None:
        message = f"{rule.id}: {self._printed(place)[:80]!r} is no number"
        self.checks.append(CheckResult(name="unreadable_value", result="warn", message=message))

    def _printed(self, place: Place) -> str:
        return self.text[slice(*place)]

    def _trimmed(self, place: Place) -> Place:
        start, end = place
        inner = self.text[start:end]
        return start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip()) if inner.strip() else end

    def _lines(self, place: Place) -> Place:
        start = self.text.rfind("\n", 0, place[0]) + 1
        end = self.text.find("\n", place[1])
        return self._trimmed((start, end if end >= 0 else len(self.text)))
