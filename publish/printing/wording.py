"""The sentences of a print check: short and long, with what is open in them, and a footnote, in each language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from model import Day
from publish.names import SeriesName
from publish.printing.facts import Open, PrintCheck, PrintSentences, ValueRef
from publish.safe import web_address
from publish.sentences import day_in, number_in, sentence, told_in, verdict_in, what_is_counted
from publish.vocabulary import LANGUAGES, Language, said

UNFAIR = ("mismatch", "missed")
"""Verdicts on a report's own increase that even the short sentence says."""


def word_it(check: PrintCheck, labels: Mapping[Language, SeriesName]) -> dict[str, PrintSentences]:
    """The sentences in every language; `labels` is what the series is called in each."""
    return {
        language: PrintSentences(
            short=_short(check, labels[language], language),
            long=_long(check, labels[language], language),
            footnote=_footnote(check, language),
        )
        for language in LANGUAGES
    }


def _short(check: PrintCheck, label: SeriesName, language: Language) -> str:
    """The value, of whom, when and who says it; by how much it moved; and all that is open."""
    change = check.change
    figure = change.new or change.old
    by = change.difference
    moved = said("print", "more" if by > 0 else "fewer", language).format(by=number_in(abs(by), language)) if by else ""
    unfair = change.stated is not None and change.stated.verdict in UNFAIR
    parts = (
        f"{told_in(figure, language)} {what_is_counted(figure, label, language)}",
        said("forms", "as_of", language).format(day=day_in(change.as_of, language)),
        " × ".join(check.who) or check.carrier,
        moved,
        verdict_in(change, language) if unfair else "",
        *_still_open(check, language),
    )
    return _ended(", ".join(filter(None, parts)))


def _long(check: PrintCheck, label: SeriesName, language: Language) -> str:
    told = sentence(check.change, language, label=label, carrier=check.carrier, basis=check.basis)
    parts = (told.removesuffix("."), *_rests_on(check, language), *_still_open(check, language))
    return _ended("; ".join(filter(None, parts)))


def _rests_on(check: PrintCheck, language: Language) -> Iterator[str]:
    """What the figure is counted from, or compared with."""
    increment = check.increment
    if increment is not None and increment.baseline is not None:
        yield _of_value("counted_from", increment.baseline, language)
    elif check.old is not None:
        yield _of_value("from_value", check.old, language)


def _still_open(check: PrintCheck, language: Language) -> Iterator[str]:
    """Each thing that is open, but for a report's own increase, which the verdict tells."""
    for one in check.open:
        yield from _OPEN[one](check, language) if one in _OPEN else (said("print", one, language),)


def _other_date(check: PrintCheck, language: Language) -> Iterator[str]:
    if check.increment is not None and check.increment.baseline is not None:
        day = day_in(check.increment.baseline.as_of, language)
        yield said("print", "named", language).format(named=check.increment.other_date, day=day)


def _newer(check: PrintCheck, language: Language) -> Iterator[str]:
    if check.newer is not None:
        yield _of_value("newer", check.newer, language)


def _replaced(check: PrintCheck, language: Language) -> Iterator[str]:
    if check.counts is not None:
        yield _of_value("replaced", check.counts, language)


def _withdrawn(check: PrintCheck, language: Language) -> Iterator[str]:
    yield said("print", "withdrawn", language).format(update=check.withdrawn_by or check.update)


def _disputed(check: PrintCheck, language: Language) -> Iterator[str]:
    for dispute in check.disputes:
        yield _of_value("disputed", dispute.value, language, who=dispute.who)


_OPEN: dict[Open, Callable[[PrintCheck, Language], Iterator[str]]] = {
    "other_date": _other_date, "newer": _newer, "replaced": _replaced, "withdrawn": _withdrawn, "disputed": _disputed,
}  # fmt: skip
"""Those of them that name a value, a day or somebody."""


def _of_value(form: str, value: ValueRef, language: Language, **more: str) -> str:
    told = {"value": told_in(value.told, language), "day": day_in(value.as_of, language), "update": value.update}
    return said("print", form, language).format(**told, **more)


def _footnote(check: PrintCheck, language: Language) -> str:
    """The source, its address, when it was read, and the digest of what was read."""
    found = check.in_text
    parts = {
        "title": check.title,
        "url": (web_address(found.url) if found else None) or check.carrier,
        "day": day_in(Day((found.known_at if found else check.known_at)[:10]), language),
        "update": check.update,
    }
    digest = f" SHA-256 {found.sha256}." if found and found.sha256 else ""
    return _ended(said("print", "footnote", language).format(**parts)) + digest


def _ended(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
