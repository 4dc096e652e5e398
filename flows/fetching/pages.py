"""An answer that comes in pages is fetched whole, as one release, or not at all."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

import extractors
from extractors.paged import FetchedPage, PageTurn, parted
from flows.desk import Desk
from model import Fetched, FetchError, Paging, Source, UnreadableError
from sources.advice import ADVICE
from sources.web.paging import linked, named, numbered, same_host


def fetch_whole(
    desk: Desk, source: Source, url: str | None = None, validators: Mapping[str, str] | None = None
) -> Fetched:
    """Fetch an address of a source (its own by default), and all further pages of its answer that the definition tells.

    Validators speak of one answer, and are not sent for pages. Raises `FetchError` as `Fetcher.fetch` does, for any of
    the pages, and where they do not go together: `page_link`, `page_loop`, `page_repeated`, `page_unreadable`,
    `page_total`, `too_many_pages`, `too_large`.
    """
    asked = url or source.url
    if source.paging is None or asked is None:
        return desk.fetcher.fetch(source, url, validators)
    try:
        return _PageWalk(desk, source, source.paging, asked).whole()
    except FetchError as error:
        error.hint = error.hint or ADVICE.get(error.reason)
        raise


def fetch_first(desk: Desk, source: Source) -> Fetched:
    """Fetch as many pages of a source's answer as its `paging` allows; where there are more, no error is raised.

    Raises `FetchError` as `fetch_whole` does for all else, and `UnreadableError` where the first page cannot be read.
    """
    walk = _PageWalk(desk, source, source.paging or Paging(), source.url or "")
    try:
        fetched = walk.whole()
    except FetchError as error:
        if error.reason not in ("too_many_pages", "too_large") or len(walk.pages) < 2:
            raise
        return walk.joined()
    if not parted(fetched.content or b""):
        desk.turn(source, fetched)
    return fetched


class _PageWalk:
    """The pages that came so far, and the number of their rows."""

    def __init__(self, desk: Desk, source: Source, rule: Paging, asked: str) -> None:
        self.desk, self.source, self.rule, self.asked = desk, source, rule, asked
        self.pages: list[Fetched] = []
        self.addresses: list[str] = []
        self.digests: dict[str, int] = {}
        self.rows, self.bytes = 0, 0
        self.total: int | None = None

    def whole(self) -> Fetched:
        """All pages as one answer; a first page that cannot be read is one alone, and told as any other."""
        address: str | None = numbered(self.asked, self.rule, 1, 0)
        while address is not None:
            fetched = self._fetch(address)
            try:
                turn = self.desk.turn(self.source, fetched)
            except UnreadableError as error:
                if len(self.pages) == 1:
                    return fetched
                raise self._failed("page_unreadable", f"cannot be read: {error}") from None
            self._take(turn)
            address = self._next(fetched, turn)
        self._compare_total()
        return self.joined()

    def joined(self) -> Fetched:
        """The pages that came so far as one answer."""
        first = self.pages[0]
        whole = extractors.joined(FetchedPage(page.url, page.content or b"") for page in self.pages)
        headers = {name: value for name, value in first.headers.items() if name not in _OF_ONE_PAGE}
        return msgspec.structs.replace(first, content=whole, headers=headers)

    def _fetch(self, address: str) -> Fetched:
        number = len(self.pages) + 1
        if address in self.addresses:
            raise FetchError(
                "page_loop", f"page {number - 1} names page {self.addresses.index(address) + 1} as its next"
            )
        if number > self.rule.most_pages:
            raise FetchError("too_many_pages", f"there are more than {self.rule.most_pages} pages")
        fetched = self.desk.fetcher.fetch(self.source, address)
        if self.pages and not same_host(fetched.url, self.pages[0].url):
            raise FetchError("page_link", f"page {number} was answered by another host than page 1: {fetched.url}")
        self.pages.append(fetched)
        self.addresses.append(address)
        self.bytes += len(fetched.content or b"")
        if self.bytes > self.rule.most_bytes:
            raise FetchError("too_large", f"{number} pages have more than {self.rule.most_bytes} bytes together")
        return fetched

    def _take(self, turn: PageTurn) -> None:
        number = len(self.pages)
        if turn.rows and turn.digest in self.digests:
            raise self._failed("page_repeated", f"has the rows of page {self.digests[turn.digest]}")
        self.digests[turn.digest] = number
        self.rows += turn.rows
        if None not in (turn.total, self.total) and turn.total != self.total:
            raise self._failed("page_total", f"speaks of {turn.total:,} rows in all, page 1 of {self.total:,}")
        self.total = turn.total if turn.total is not None else self.total
        if self.rule.total is not None and self.total is None:
            raise self._failed("page_unreadable", f"says nothing at {self.rule.total} of how many rows there are")

    def _next(self, fetched: Fetched, turn: PageTurn) -> str | None:
        """The address of the page that follows; None behind the last one."""
        if self.rule.next is not None:
            link = linked(fetched.headers.get("Link", "")) if self.rule.next == "header" else turn.next
            return None if link is None else named(self.addresses[-1], fetched.url, link)
        ended = not turn.rows or turn.more is False or (self.total is not None and self.rows >= self.total)
        return None if ended else numbered(self.asked, self.rule, len(self.pages) + 1, self.rows)

    def _compare_total(self) -> None:
        if self.total is not None and self.rows != self.total:
            raise self._failed("page_total", f"is the last, and {self.rows:,} rows came where {self.total:,} are due")

    def _failed(self, reason: str, what: str) -> FetchError:
        page = self.pages[-1]
        return FetchError(
            reason, f"page {len(self.pages)} ({page.url}) {what}", status=page.status, content=page.content
        )


_OF_ONE_PAGE = frozenset(("ETag", "Last-Modified", "Content-Length", "Link"))
