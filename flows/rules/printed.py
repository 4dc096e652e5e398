"""Registered articles: what they said is read and archived, and after each update told what of it is true no longer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from changes.rules.steps import RecordedNews, Step
from flows.desk import Desk
from flows.reading.apart import apart
from flows.reading.looking import article_text
from model import Day, Fetched, Listing, Publisher, Source, TallybookError, UsageError, parse_day
from storage.printed.book import FellOut, PrintArticle, PrintFinding, WatchedNumber
from storage.rules.book import SourceRules

NEWEST = 20
"""So many of the newest articles of a list are registered, unless said otherwise."""

LISTS = 3
"""So many sitemaps of an index are asked, the first ones."""


_LISTS = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex|rss|feed|RDF)[\s>]")


class FallenNumber(NamedTuple):
    """A registered number that is true no longer: what became of it, by which update and change."""

    number: WatchedNumber
    kind: FellOut
    news: RecordedNews
    step: Step


def fallen_numbers(found: SourceRules, after: int) -> list[FallenNumber]:
    """The registered numbers that the updates of a source after one make untrue, each once a change."""
    numbers = {one.id: one for one in found.printed()}
    if not numbers:
        return []
    return list(_fallen(numbers, found.news(after, firsts=False)))


def _fallen(numbers: dict[int, WatchedNumber], every: Iterable[RecordedNews]) -> Iterator[FallenNumber]:
    from publish.printing.watching import fallen_out

    for news in every:
        for number, kind, step in list(fallen_out(list(numbers.values()), news)):
            numbers[number.id] = msgspec.structs.replace(number, told=(*number.told, kind))
            yield FallenNumber(number, kind, news, step)


def findings(desk: Desk, fallen: Sequence[FallenNumber]) -> list[tuple[PrintFinding, Step]]:
    """What became of registered numbers, each with the line that corrects it."""
    if not fallen:
        return []
    from publish.printing.check import PrintDesk
    from publish.printing.watching import found

    words = PrintDesk(desk.ledger.views, desk.catalogue, desk.names())
    return [(found(words, one.number, one.kind, one.news, one.step), one.step) for one in fallen]


class PrintWatch:
    """The register of one desk: articles are added, looked at again, and taken out."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def articles(self) -> list[PrintArticle]:
        """All that is registered."""
        return self._desk.ledger.printed.articles()

    def findings(self, limit: int = 200, /) -> list[PrintFinding]:
        """What became of registered numbers, the newest first."""
        return self._desk.ledger.printed.findings(limit)

    def add(self, address: str, /, *, on: str = "", language: str = "", private: bool = False) -> PrintArticle:
        """Register an article: a file, or an address, which is `private` where it may be on an intranet.

        Raises where it cannot be read.
        """
        asked = PrintArticle(
            address=_address(address), printed_on=str(parse_day(on)) if on else "", language=language,
            added_at=self._desk.clock(), private="yes" if private else "",
        )  # fmt: skip
        return self._read(asked)

    def is_list(self, address: str) -> bool:
        """Whether an address is of a sitemap or feed, which names articles."""
        return "://" in address and bool(_LISTS.search((self._fetched(address, "yes").content or b"")[:4096]))

    def add_list(self, address: str, *, newest: int = NEWEST) -> list[PrintArticle]:
        """Register the newest articles that a sitemap or feed names, and those that it will name."""
        kept = PrintArticle(
            address=address, kind="list", newest=str(newest), added_at=self._desk.clock(),
            private="yes",
        )  # fmt: skip
        found = self._look_at_list(kept)
        self._desk.ledger.printed.keep(kept, ())
        return found

    def remove(self, address: str, /) -> None:
        """Take an article, or a list with its articles, out of the register."""
        self._desk.ledger.printed.remove(_address(address))

    def look(self) -> list[PrintArticle]:
        """Read all that is registered again, and what lists name besides; what cannot be read says so in `wrong`."""
        every = self.articles()
        for one in every:
            if one.kind == "list":
                self._look_at_list_again(one)
            else:
                self._read_again(one)
        return self.articles()

    def _read_again(self, one: PrintArticle) -> None:
        try:
            self._read(one)
        except (TallybookError, OSError) as error:
            self._desk.ledger.printed.keep(msgspec.structs.replace(one, wrong=str(error)), ())

    def _look_at_list_again(self, one: PrintArticle) -> None:
        wrong = ""
        try:
            self._look_at_list(one)
        except TallybookError as error:
            wrong = str(error)
        self._desk.ledger.printed.keep(msgspec.structs.replace(one, wrong=wrong), ())

    def _look_at_list(self, one: PrintArticle) -> list[PrintArticle]:
        known = {article.address for article in self.articles()}
        found = []
        for url, on in self._listed(one):
            if url not in known:
                asked = PrintArticle(
                    address=url, printed_on=on, listed_by=one.address, added_at=self._desk.clock(), private=one.private
                )  # fmt: skip
                self._read_again(asked)
                found.append(url)
        return [article for article in self.articles() if article.address in found]

    def _listed(self, one: PrintArticle) -> list[tuple[str, str]]:
        """The addresses that a list names, with the days of their publication where it has them."""
        from sources.listing import find_releases

        listing = Listing(url=one.address, newest=int(one.newest or NEWEST))
        page = find_releases(listing, self._fetched(one.address, one.private))
        released = [*page.releases]
        for sitemap in page.sitemaps[:LISTS]:
            released += find_releases(listing, self._fetched(sitemap, one.private)).releases
        return [(release.url, str(release.published or "")) for release in released[: listing.newest]]

    def _read(self, asked: PrintArticle) -> PrintArticle:
        """Read an article, archive what it says, and tie its numbers; the newest of the ledger is looked at first."""
        from publish.printing.printed import PrintedDesk
        from publish.printing.watching import watched_numbers

        desk, after = self._desk, self._desk.ledger.printed.newest_update()
        content, text, dated = self._content(asked)
        on = asked.printed_on or dated or desk.clock()[:10]
        words = PrintedDesk(desk.ledger.views, desk.catalogue, desk.names())
        checked = words.check(text, on=Day(on), language=asked.language or None)
        read = msgspec.structs.replace(
            asked, printed_on=on, language=checked.language, read_at=desk.clock(), wrong="",
            sha256=desk.archive.put(content), text_sha256=desk.archive.put(text.encode()),
        )  # fmt: skip
        numbers = watched_numbers(read, checked, after)
        desk.ledger.printed.keep(read, numbers)
        return msgspec.structs.replace(read, numbers=len(numbers))

    def _content(self, asked: PrintArticle) -> tuple[bytes, str, str]:
        """The bytes of an article, its text, and the day of publication that it gives."""
        name, charset = asked.address, None
        if "://" in name:
            fetched = self._fetched(name, asked.private)
            content, charset = fetched.content or b"", fetched.charset
        else:
            try:
                content = Path(name).read_bytes()
            except OSError as error:
                raise UsageError(f"{name} cannot be read: {error.strerror}") from None
        text, dated = apart(article_text, content, name, charset)
        return content, text, dated

    def _fetched(self, url: str, private: str) -> Fetched:
        """One of our own pages, by the rules by which every page is fetched."""
        page = Source(
            id="page", title=url, publisher=Publisher(name=url), method="registered by hand", basis="claimed",
            extractor="prose", tried_live="never", url=url, allow_private_addresses=bool(private),
        )  # fmt: skip
        return self._desk.fetcher.fetch(page)


def _address(named: str) -> str:
    """An address as it is kept: a file's with its folders, so that it is found from everywhere."""
    return named if "://" in named else str(Path(named).absolute())
