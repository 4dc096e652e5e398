"""A change as one sentence to copy, in English, Ukrainian and Russian: with who says it, and the source's own hedge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from model.figure import Figure, Qualifier
from model.times import Day
from model.update import Change, ChangeKind
from publish.numbers import MINUS

Language = Literal["en", "uk", "ru"]

LANGUAGES: tuple[Language, ...] = ("en", "uk", "ru")


class _Words(NamedTuple):
    months: str
    date: str
    hedges: Mapping[Qualifier, str]
    span: str
    ends: tuple[str, str]
    ratio: str
    blank: str
    kinds: Mapping[ChangeKind | Literal["same", "more", "fewer"], str]
    reasons: Mapping[str, str]
    as_of: str
    measures: Mapping[str, str]
    basis: Mapping[str, str]
    held: str
    quoted: str


_EN = _Words(
    months="January February March April May June July August September October November December",
    date="{day} {month} {year}",
    hedges={"approximately": "about", "more_than": "more than", "less_than": "less than"},
    span="{low} to {high}",
    ends=("{low} or more", "up to {high}"),
    ratio="{value} to 1",
    blank="nothing",
    kinds={
        "more": "{by} more: {old} → {new}",
        "fewer": "{by} fewer: {old} → {new}",
        "same": "unchanged: {new}",
        "first": "first seen: {new}",
        "new": "{old} → {new}",
        "late": "filled in late: {new}",
        "revised": "revised: was {old}, now {new}",
        "requalified": "hedge changed: {old} → {new}",
        "withdrawn": "withdrawn; the last value was {old}",
        "restored": "stated again: {new}",
    },
    reasons={"extraction": "our reading corrected", "review": "decided by a person"},
    as_of="as of {day}",
    measures={},
    basis={"counted": "counted", "estimated": "an estimate", "claimed": "a claim"},
    held="held, does not count: ",
    quoted="“{}”",
)
_UK = _Words(
    months="січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    date="{day} {month} {year} року",
    hedges={"approximately": "близько", "more_than": "понад", "less_than": "менш ніж"},
    span="від {low} до {high}",
    ends=("{low} або більше", "до {high}"),
    ratio="{value} до 1",
    blank="нічого",
    kinds={
        "more": "на {by} більше: {old} → {new}",
        "fewer": "на {by} менше: {old} → {new}",
        "same": "без змін: {new}",
        "first": "уперше: {new}",
        "new": "{old} → {new}",
        "late": "додано із запізненням: {new}",
        "revised": "переглянуто: було {old}, тепер {new}",
        "requalified": "змінено застереження: {old} → {new}",
        "withdrawn": "відкликано; останнє значення {old}",
        "restored": "зазначено знову: {new}",
    },
    reasons={"extraction": "виправлено наше прочитання", "review": "за рішенням людини"},
    as_of="станом на {day}",
    measures={
        "killed": "загиблі",
        "wounded": "поранені",
        "casualties": "убиті й поранені",
        "missing": "зниклі безвісти",
        "captured": "полонені",
        "displaced": "переміщені особи",
        "destroyed": "знищено",
        "deserted": "дезертири",
        "recruited": "завербовані",
    },
    basis={"counted": "підраховано", "estimated": "оцінка", "claimed": "за твердженням джерела"},
    held="затримано, не враховується: ",
    quoted="«{}»",
)
_RU = _Words(
    months="января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    date="{day} {month} {year} года",
    hedges={"approximately": "около", "more_than": "более", "less_than": "менее"},
    span="от {low} до {high}",
    ends=("{low} или больше", "до {high}"),
    ratio="{value} к 1",
    blank="ничего",
    kinds={
        "more": "на {by} больше: {old} → {new}",
        "fewer": "на {by} меньше: {old} → {new}",
        "same": "без изменений: {new}",
        "first": "впервые: {new}",
        "new": "{old} → {new}",
        "late": "добавлено с опозданием: {new}",
        "revised": "пересмотрено: было {old}, теперь {new}",
        "requalified": "изменена оговорка: {old} → {new}",
        "withdrawn": "отозвано; последнее значение {old}",
        "restored": "указано снова: {new}",
    },
    reasons={"extraction": "исправлено наше прочтение", "review": "по решению человека"},
    as_of="по состоянию на {day}",
    measures={
        "killed": "погибшие",
        "wounded": "раненые",
        "casualties": "убитые и раненые",
        "missing": "пропавшие без вести",
        "captured": "пленные",
        "displaced": "перемещённые лица",
        "destroyed": "уничтожено",
        "deserted": "дезертиры",
        "recruited": "завербованные",
    },
    basis={"counted": "подсчитано", "estimated": "оценка", "claimed": "по утверждению источника"},
    held="задержано, не учитывается: ",
    quoted="«{}»",
)
_BY_LANGUAGE: Mapping[Language, _Words] = {"en": _EN, "uk": _UK, "ru": _RU}
_HEDGED = re.compile(r"[^\W\d_]{2,}")


def sentence(change: Change, language: Language, *, label: str, carrier: str, basis: str) -> str:
    """One sentence to copy: `2,353 more: 119,154 → 121,507, killed, as of 31 July 2025, Mediazona × BBC, counted.`

    `label` is what the series is called, `carrier` who publishes the source, named where the report names nobody
    who counts. A hedge stands in the sentence's language, and in the source's own words behind it.
    """
    words = _BY_LANGUAGE[language]
    figure = change.new or change.old
    who = " × ".join(figure.attributed_to) if figure and figure.attributed_to else carrier
    what = words.measures.get(figure.measure, "") if figure else ""
    parts = (
        _core(change, words, language),
        (what if figure and label == figure.measure else f"{what} ({label})") if what else label,
        words.as_of.format(day=_day(change.as_of, words)),
        who,
        words.basis.get(basis, basis),
        words.reasons.get(change.why, ""),
    )
    text = ", ".join(part for part in parts if part)
    start = words.held if change.held else ""
    return start + (text if start else text[:1].upper() + text[1:]) + "."


def _core(change: Change, words: _Words, language: Language) -> str:
    number = _writer(language)
    old, new = (_told(figure, words, number) for figure in (change.old, change.new))
    kind: ChangeKind | Literal["same", "more", "fewer"] = change.kind
    if kind == "new" and change.difference is not None and change.old is not None:
        kind = "more" if change.difference > 0 else "fewer" if change.difference < 0 else "same"
    by = number(abs(change.difference)) if change.difference is not None else ""
    text = words.kinds[kind].format(by=by, old=old, new=new)
    own = change.new.number_text if change.new else ""
    # The number's own words are the proof of the hedge; in the reader's language they would only repeat it.
    if (
        own
        and change.new
        and change.new.qualifier != "exact"
        and _HEDGED.search(own)
        and own.casefold() != new.casefold()
    ):
        text += f" ({words.quoted.format(own)})"
    return text


def _writer(language: Language) -> Callable[[Decimal], str]:
    def write(value: Decimal) -> str:
        text = format(value, ",f").replace("-", MINUS)
        return text if language == "en" else text.replace(",", "\u00a0").replace(".", ",")

    return write


def _told(figure: Figure | None, words: _Words, number: Callable[[Decimal], str]) -> str:
    if figure is None:
        return words.blank
    if figure.value is not None:
        text = number(figure.value)
    elif figure.low is not None and figure.high is not None:
        text = words.span.format(low=number(figure.low), high=number(figure.high))
    elif figure.low is not None:
        text = words.ends[0].format(low=number(figure.low))
    elif figure.high is not None:
        text = words.ends[1].format(high=number(figure.high))
    else:
        return words.blank
    if figure.unit == "ratio":
        text = words.ratio.format(value=text)
    elif figure.unit == "percent":
        text += "%"
    hedge = words.hedges.get(figure.qualifier, "")
    return f"{hedge} {text}" if hedge else text


def _day(as_of: Day, words: _Words) -> str:
    year, month, day = as_of.split("-")
    return words.date.format(day=int(day), month=words.months.split()[int(month) - 1], year=year)
