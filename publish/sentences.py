"""A change as one sentence to copy, in six languages: who says it, its hedge, and its verdict."""

from __future__ import annotations

import re
from decimal import Decimal

from model.figure import Figure
from model.times import Day
from model.update import Change
from publish.names import SeriesName
from publish.numbers import MINUS, time_of
from publish.vocabulary import LANGUAGES, Language, month, of_kind, said

__all__ = ["LANGUAGES", "Language", "sentence"]

_PARTING: dict[Language, tuple[str, str]] = {
    "en": (",", "."), "uk": ("\u00a0", ","), "ru": ("\u00a0", ","),
    "de": (".", ","), "fr": ("\u202f", ","), "es": (".", ","),
}  # fmt: skip
"""What parts thousands, and what begins a fraction."""

_HEDGED = re.compile(r"[^\W\d_]{2,}")


def sentence(change: Change, language: Language, *, label: SeriesName, carrier: str, basis: str) -> str:
    """One sentence to copy: `2,353 more: 119,154 → 121,507, killed, as of 31 July 2025, Mediazona × BBC, counted.`

    `label` is what the series is called, `carrier` who publishes the source. Where the report names who counts, the
    carrier is named as who reports it, and `basis`, which is the carrier's, is said of nobody else. A report's own
    increase that does not agree is said in the sentence.
    """
    figure = change.new or change.old
    who = figure.attributed_to if figure else ()
    carried = bool(who) and carrier not in who
    parts = (
        _core(change, language),
        what_is_counted(figure, label, language),
        said("forms", "as_of", language).format(day=day_in(change.as_of, language)),
        " × ".join(who) or carrier,
        said("forms", "carried", language).format(carrier=carrier) if carried else said("basis", basis, language),
        verdict_in(change, language),
        said("because", change.why, language),
    )
    text = ", ".join(part for part in parts if part)
    start = said("forms", "held", language) if change.held and not change.decision and not change.ended else ""
    return start + (text if start else text[:1].upper() + text[1:]) + "."


def what_is_counted(figure: Figure | None, label: SeriesName, language: Language) -> str:
    """What is counted: the series' name in the reader's language, else the measure in it, and the name beside."""
    measure = said("measures", figure.measure, language) if figure else ""
    if language in ("en", label.language) or not measure or figure is None:
        return label.text
    known = {figure.measure, measure.casefold(), ""}
    rest = [part for part in label.text.split(" · ") if part.casefold() not in known]
    return f"{measure} ({' · '.join(rest)})" if rest else measure


def verdict_in(change: Change, language: Language) -> str:
    """What a report's own increase comes to against the ledger; nothing where it states none."""
    if change.stated is None:
        return ""
    value = change.stated.value
    by = f"{'+' if value > 0 else ''}{number_in(value, language)}" if value is not None else ""
    return said("verdicts", change.stated.verdict, language).format(said=by)


def _core(change: Change, language: Language) -> str:
    old, new = (told_in(figure, language) for figure in (change.old, change.new))
    by = number_in(abs(change.difference), language) if change.difference is not None else ""
    template = of_kind(change.kind, "sentence", language)
    if change.kind == "new" and change.old is None:
        template = "{new}"
    elif change.kind == "new" and change.difference is not None:
        step = "more" if change.difference > 0 else "fewer" if change.difference < 0 else "same"
        template = said("steps", step, language)
    own = change.new.number_text if change.new and change.new.qualifier != "exact" else ""
    # The number's own words are the proof of the hedge; in the reader's language they would only repeat it.
    proof = own if own and _HEDGED.search(own) and own.casefold() != new.casefold() else ""
    told = template.format(by=by, old=old, new=new)
    return f"{told} ({said('forms', 'quoted', language).format(proof)})" if proof else told


def number_in(value: Decimal, language: Language) -> str:
    """A number as a language writes it."""
    group, decimal = _PARTING[language]
    return format(value, ",f").translate(str.maketrans("-,.", MINUS + group + decimal))


def told_in(figure: Figure | None, language: Language) -> str:
    """A figure with its hedge, as a language writes it."""
    if figure is None:
        return said("forms", "blank", language)
    text = _amount(figure, language)
    if figure.unit == "ratio":
        text = said("forms", "ratio", language).format(value=text)
    elif figure.unit == "percent":
        text += "%"
    return " ".join(filter(None, (said("hedges", figure.qualifier, language), text)))


def _amount(figure: Figure, language: Language) -> str:
    ends = {
        name: number_in(end, language) for name, end in (("low", figure.low), ("high", figure.high)) if end is not None
    }
    if figure.value is not None:
        return number_in(figure.value, language)
    form = "span" if len(ends) == 2 else next(iter(ends), "blank")
    return said("forms", form, language).format(**ends)


def day_in(as_of: Day, language: Language) -> str:
    """A day as a language writes it."""
    year, number, day = as_of[:10].split("-")
    date: str = said("forms", "date", language).format(day=int(day), month=month(int(number), language), year=year)
    return date + time_of(as_of)
