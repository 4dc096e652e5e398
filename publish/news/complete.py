"""How complete the newest is, as it is told."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from changes.news.complete import Completeness, DayToCome, completeness
from changes.news.fact import per_cent
from model import Figure, Instant
from publish.names import SeriesNames
from publish.sentences import day_in, number_in, what_is_counted
from publish.vocabulary import LANGUAGES, Language, said

if TYPE_CHECKING:
    from storage import Views


class ToldDay(msgspec.Struct, frozen=True, kw_only=True):
    """What is still to come of a day, in a sentence of each language."""

    day: DayToCome
    sentences: dict[str, str]


class ToldCompleteness(msgspec.Struct, frozen=True, kw_only=True):
    """How complete the newest of a series is, the newest day first."""

    of: Completeness
    days: tuple[ToldDay, ...]


def told_completeness(views: Views, names: SeriesNames, key: str, known_at: Instant | None = None) -> ToldCompleteness:
    """How complete the newest values of a series are, or were at a time. Raises `UsageError` for an unknown one."""
    (past,) = views.pasts([key])
    found = completeness(past, known_at)
    figure = Figure(value=Decimal(0), measure=past.measure)
    labels = {language: what_is_counted(figure, names.in_language(key, language), language) for language in LANGUAGES}
    return ToldCompleteness(of=found, days=tuple(_told(found, one, labels) for one in found.days))


def _told(of: Completeness, one: DayToCome, labels: dict[Language, str]) -> ToldDay:
    sentences = {}
    for language in LANGUAGES:
        as_of = said("forms", "as_of", language).format(day=day_in(one.as_of, language))
        what = f"{number_in(one.value, language)} {labels[language]}, {as_of}"
        sentences[str(language)] = f"{what}: {to_come(of, one, language)}."
    return ToldDay(day=one, sentences=sentences)


def to_come(of: Completeness, one: DayToCome, language: Language = "en") -> str:
    """What is still to come of a day: `about 8% to 15% may still be added within 30 days, going by …`."""
    told = {"days": of.ahead, "same": one.unchanged, "looked": one.looked_at}
    if one.state != "open" or one.low is None or one.high is None:
        return said("complete", one.state, language).format(**told)
    added = one.low - one.value, one.high - one.value
    low, high = (_amount(by, one.value, language) for by in added)
    if one.value <= 0 or max(map(abs, added)) > one.value:
        low, high = (number_in(by, language) for by in added)
    form = "more" if added[0] >= 0 else "either"
    going_by = said("complete", "going_by", language).format(releases=of.releases)
    return f"{said('complete', form, language).format(low=low, high=high, **told)}, {going_by}"


def _amount(by: Decimal, value: Decimal, language: Language) -> str:
    share = per_cent(by, value) if value > 0 else Decimal(0)
    return f"{number_in(share if share else abs(share), language)}%"


def in_short(of: Completeness) -> str:
    """What the newest days of a series are still to gain, and how often such bands held."""
    if of.ahead is None or not of.days:
        return "Too few releases to say how complete the newest days are."
    bands = [one for one in of.days if one.state == "open"]
    held = f" Of {of.tried:,} bands that were given so before, {of.held * 100 // of.tried} % held." if of.tried else ""
    if not bands:
        return f"Nothing is known to be still to come: most days of their age did not change any more.{held}"
    return f"Still to come of the newest days within {of.ahead} days: four in five should end within the band.{held}"
