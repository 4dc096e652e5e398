"""Changes as plain English sentences, and as phrases whose parts a renderer may set apart."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from model.figure import Content, Figure
from model.times import Day
from model.update import Baseline, Change, ChangeKind, Group, Stated
from publish.names import in_words
from publish.numbers import ARROW, amount, count_of, day, known_day, number, signed, told
from publish.vocabulary import of_kind
from publish.vocabulary import said as vocable

Role = Literal["plain", "lead", "old", "new", "hold", "of"]


class Span(NamedTuple):
    """A run of text and what it is: the lead, the old value, the new value, the word held, what it is of, or plain."""

    text: str
    role: Role = "plain"


Phrase: TypeAlias = tuple[Span, ...]
"""A sentence in parts, in reading order; joined, their texts are the sentence."""

TOLD_AS = {"hold": "held", "warn": "look", "pass": "noted"}
"""What a check's result is called where it is told."""

NEAR_VERSIONS = 7
"""A match further back than this many versions may be chance, so the sentence says how far back it lies."""


def change_sentence(change: Change) -> str:
    """One sentence for one change: `2,353 more: 119,154 → 121,507, as of 31 July 2025`."""
    return joined(change_phrase(change))


def change_phrase(change: Change) -> Phrase:
    """The change's sentence in parts: lead, old, new."""
    moved = change.marks.redated is not None and change.kind != "revised"
    anew = change.marks.series_break is not None and change.old is not None and change.kind in ("new", "restored")
    body = _moved(change) if moved else _anew(change) if anew else _PHRASES.get(change.kind, _plain)(change)
    settled = change.decision is not None or change.ended is not None
    held: Phrase = (Span("was held: " if settled else "held: ", "hold"),) if change.held else ()
    return (*held, *body, *_because(change))


def stated_sentence(stated: Stated, change: Change | None = None) -> str:
    """One sentence for a report's own difference set against the ledger.

    `change` supplies the value that the ledger counts from where the statement names no baseline.
    """
    said = signed(stated.value) if stated.value is not None else "a difference"
    since = _since(stated, change)
    computed = signed(stated.computed) if stated.computed is not None else None
    match stated.verdict:
        case "matches":
            return f"Matches the stated {said}{_counted_from(stated.baseline)}"
        case "approximately":
            gives = f": the ledger gives {computed}" if computed else ""
            return f"Roughly matches the stated {said}{gives}{_counted_from(stated.baseline)}"
        case "missed":
            base = f" from {number(stated.implied_base)}" if stated.implied_base is not None else " from another value"
            return f"States {said}; an update between was missed: the report counts{base}"
        case "mismatch" if computed:
            return f"States {said}, but the ledger gives {computed}{since}"
        case "mismatch":
            return f"States {said}, but no earlier value in the ledger gives that"
        case "no_baseline":
            return f"States {said}; nothing earlier to compare"


def stated_short(stated: Stated) -> str:
    """The verdict in a few words, for a table cell: `+2,353 matches mediazona/12`."""
    said = signed(stated.value) if stated.value is not None else "a difference"
    base = f" {stated.baseline.update}" if stated.baseline else ""
    match stated.verdict:
        case "matches":
            return f"{said} matches{base}"
        case "approximately":
            return f"{said} roughly matches{base}"
        case "missed":
            return f"stated {said}, an update was missed"
        case "mismatch":
            return f"stated {said}" + (f", computed {signed(stated.computed)}" if stated.computed is not None else "")
        case "no_baseline":
            return f"stated {said}, nothing earlier"


def group_sentence(group: Group) -> str:
    """One sentence for many changes of one kind: `564 days revised (545 up, 19 down), net +3,552`."""
    nouns = count_of(group.count, _noun(group)).split(" ", 1)[1]
    parts = {"what": f"{group.count:,} {nouns}", "count": f"{group.count:,}", "nouns": nouns}
    told = of_kind(group.kind, "group").format(**parts, ways=ways(group.up, group.down))
    held = f", {group.held:,} of them held" if group.held else ""
    if group.kind == "new" and group.series is None:
        return told + ways(group.up, group.down) + held
    return told + _comes_to(group) + held


def largest_words(group: Group, titles: Mapping[str, str] = {}) -> str:
    """The largest single change of a group, and of which series: `largest +31, All types`."""
    if group.largest is None or group.count < 2:
        return ""
    of = f", {series_label(group.largest_series, titles)}" if group.series is None and group.largest_series else ""
    return f"largest {signed(group.largest)}{of}"


def ways(up: int, down: int) -> str:
    """How many changes went up, and how many down: ` (545 up, 19 down)`."""
    parts = [f"{count:,} {word}" for count, word in ((up, "up"), (down, "down")) if count]
    return f" ({', '.join(parts)})" if parts else ""


def _comes_to(group: Group) -> str:
    """What one series' changes come to; nothing where that cannot be said."""
    if group.net is None:
        return ""
    if group.kind != "new":
        return f", net {signed(group.net)}" if group.kind == "revised" else ""
    if group.counted == "change":
        return f", {number(group.net)} in all"
    ends = group.old is not None and group.new is not None and None not in (group.old.value, group.new.value)
    span = f": {_short(group.old)} {ARROW} {_short(group.new)}" if ends and group.old and group.new else ""
    return f"{span}, {signed(group.net)}"


def _short(content: Content) -> str:
    return told(Figure(value=content.value, low=content.low, high=content.high, qualifier=content.qualifier))


def joined(phrase: Phrase) -> str:
    """The phrase as one text."""
    return "".join(span.text for span in phrase)


def series_label(series: str, titles: Mapping[str, str] = {}) -> str:
    """What a reader calls a series: its name, else the key after the source, in words."""
    return titles.get(series) or in_words(series.partition("/")[2]) or series


def with_sentence(change: Change, titles: Mapping[str, str] = {}) -> Change:
    """The change with its sentence, which begins with the series' title where it has one, and its statement's."""
    title = titles.get(change.series)
    sentence = change_sentence(change)
    stated = change.stated and msgspec.structs.replace(change.stated, sentence=stated_sentence(change.stated, change))
    return msgspec.structs.replace(change, sentence=f"{title}, {sentence}" if title else sentence, stated=stated)


def _first(change: Change) -> Phrase:
    return (Span("first seen: ", "lead"), _new(change.new), _as_of(change))


def _new_day(change: Change) -> Phrase:
    if change.old is None:
        return (Span("new: ", "lead"), _new(change.new), _as_of(change))
    if change.difference == 0 and told(change.old) == told(change.new or change.old):
        return (Span("unchanged: ", "lead"), _new(change.new), _as_of(change))
    lead = (Span(f"{_more(change)}: ", "lead"),) if change.difference is not None else ()
    return (*lead, *_old_to_new(change), _as_of(change))


def _anew(change: Change) -> Phrase:
    """A count that began anew: the value before is told, and no difference to it."""
    why = Span(f" ({change.marks.series_break}); before, and not to be compared: ")
    return (
        Span("series break: ", "lead"),
        _new(change.new),
        Span(f", as of {day(change.as_of)}"),
        why,
        _old(change.old),
    )


def _late(change: Change) -> Phrase:
    return (Span("filled in late: ", "lead"), Span(f"{day(change.as_of)} is "), _new(change.new))


def _revised(change: Change) -> Phrase:
    lead = {"source": "revised", "extraction": "our reading corrected", "review": decided(change)}[change.why]
    more = f" ({_more(change)})" if change.difference else ""
    was, now = Span(f"{day(change.as_of)} was "), Span(", now ")
    numbers = (was, _old(change.old), now, _new(change.new), Span(more))
    return (Span(f"{lead}: ", "lead"), *numbers, _again(change), _moved_on(change))


def _requalified(change: Change) -> Phrase:
    return (Span("hedge changed: ", "lead"), *_old_to_new(change), _as_of(change))


def _plain(change: Change) -> Phrase:
    """A kind for which nothing more is written is told by its words alone."""
    old, new = (told(figure) if figure else "nothing" for figure in (change.old, change.new))
    return (Span(of_kind(change.kind, "sentence").format(old=old, new=new)), _as_of(change))


def gone(change: Change) -> str:
    """What is gone where something was withdrawn: the cell, the row, the series."""
    return vocable("withdrawn", change.marks.how or "other")


def _withdrawn(change: Change) -> Phrase:
    how = gone(change)
    last = (Span(" (last value "), _old(change.old), Span(")")) if change.old else ()
    return (Span("withdrawn: ", "lead"), Span(how), *last, _as_of(change))


def _restored(change: Change) -> Phrase:
    if change.old is None or change.difference == 0 or told(change.old) == told(change.new or change.old):
        return (Span("stated again: ", "lead"), _new(change.new), _as_of(change))
    more = f" ({_more(change)})" if change.difference else ""
    return (Span("stated again, another value: ", "lead"), *_old_to_new(change), Span(more), _as_of(change))


_PHRASES: dict[ChangeKind, Callable[[Change], Phrase]] = {
    "first": _first,
    "new": _new_day,
    "late": _late,
    "revised": _revised,
    "requalified": _requalified,
    "withdrawn": _withdrawn,
    "restored": _restored,
}


def _moved(change: Change) -> Phrase:
    other = change.marks.redated or change.as_of
    gone = change.kind == "withdrawn"
    before, after = (change.as_of, other) if gone else (other, change.as_of)
    value = _new(change.old if gone else change.new)
    return (Span("moved: ", "lead"), value, Span(f" was dated {day(before)}, now {day(after)}"))


def _moved_on(change: Change) -> Span:
    if change.marks.redated is None or change.old is None:
        return Span("")
    return Span(f"; {told(change.old)} is dated {day(change.marks.redated)} now")


def _old(figure: Figure | None) -> Span:
    return Span(told(figure) if figure else "nothing", "old")


def _new(figure: Figure | None) -> Span:
    return Span(told(figure) if figure else "nothing", "new")


def _old_to_new(change: Change) -> Phrase:
    return (_old(change.old), Span(f" {ARROW} "), _new(change.new))


def _as_of(change: Change) -> Span:
    return Span(f", as of {day(change.as_of)}", "of")


def _again(change: Change) -> Span:
    return Span(f", as {change.marks.reverts} had it" if change.marks.reverts else "")


def _because(change: Change) -> Phrase:
    if change.kind == "revised" or change.why == "source":
        return ()
    return (Span(", our reading corrected" if change.why == "extraction" else f", {decided(change)}"),)


def _more(change: Change) -> str:
    difference = change.difference or Decimal()
    if difference == 0:
        return "same number"
    whole = difference == difference.to_integral_value()
    return f"{number(abs(difference))} {'more' if difference > 0 else 'fewer' if whole else 'less'}"


def _counted_from(baseline: Baseline | None) -> str:
    if baseline is None:
        return ""
    back = f", {baseline.versions_back:,} versions back" if baseline.versions_back > NEAR_VERSIONS else ""
    return f", counted from {_place(baseline)}{back}"


def _since(stated: Stated, change: Change | None) -> str:
    if stated.baseline:
        return f" since {_place(stated.baseline)}"
    return f" since {amount(change.old)}" if change and change.old else ""


def _place(baseline: Baseline) -> str:
    return f"{number(baseline.value)} ({baseline.update}, known {known_day(baseline.known_at)})"


def _noun(group: Group) -> str:
    if group.series is None:
        return "value"
    months = _months_spanned(group)
    return "month" if months is not None and group.count <= months and group.count > 1 else "day"


def _months_spanned(group: Group) -> int | None:
    ends = [_month_end(as_of) for as_of in (group.as_of_first, group.as_of_last)]
    return ends[1][0] - ends[0][0] + 1 if all(is_end for _, is_end in ends) else None


def _month_end(as_of: Day) -> tuple[int, bool]:
    year, month, date = (int(part) for part in as_of[:10].split("-"))
    return year * 12 + month, date == calendar.monthrange(year, month)[1]


def decided(change: Change) -> str:
    """Who decided on a change, and why, in their own words."""
    made = change.decision
    return f"decided by {made.who}: “{made.why}”" if made else "decided by a person"
