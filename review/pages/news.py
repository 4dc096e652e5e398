"""What the news in a number is, where a page or the API tells it."""

from __future__ import annotations

from model import UsageError
from publish.news.facts import NewsDesk, ToldFact
from review.office import Office

LONG_PAST = 20_000
"""Versions of a series in which facts are found while somebody waits."""

MANY_SERIES = 100
"""Series with news in one update of which facts are found while somebody waits."""


def news_in(office: Office, update: str, series: str) -> list[ToldFact]:
    """What the news in an update's numbers of a series is; none is looked for in a past too long for a page."""
    if office.browser.count_versions(series) > LONG_PAST:
        return []
    return _desk(office).of_update(update, series)


def told_facts(office: Office, update: str, series: str) -> list[ToldFact]:
    """The facts of an update, of one series in it, or of a series. Raises `UsageError` where it is too much."""
    if series and office.browser.count_versions(series) > LONG_PAST:
        raise UsageError(f"the past of {series} is too long to look through here", "ask: tallybook facts")
    if not update:
        return _desk(office).of_series(series)
    if not series and len(office.browser.news_of(update).series) > MANY_SERIES:
        raise UsageError(f"{update} brings news of very many series", "name one of them, or ask: tallybook facts")
    return _desk(office).of_update(update, series or None)


def _desk(office: Office) -> NewsDesk:
    return NewsDesk(office.browser, office.catalogue, office.names)
