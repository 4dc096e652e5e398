"""What the review page does with definitions: it edits them, and follows a page by the steps of `sources new`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from extractors.suggest.proposal import FollowChoice, PageProposal, Trial
from flows.desk import Desk
from flows.drafts.drafting import NOT_SAID, chosen, look, suggested_id, text_of, title_of, try_out, with_views, write
from flows.drafts.editing import DefinitionEditor
from flows.drafts.kept import Drafts
from flows.reading.looking import ReadBack
from model import Change, Day, Figure, UsageError, day_of
from model.reading import PART
from publish.words import change_sentence

AT_ONCE = 2
"""So many pages are looked at at once; whoever asks for more is told to wait."""


class Workshop(DefinitionEditor):
    """Definitions as the review page makes and changes them, over one desk; callable from many threads."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.drafts = Drafts(desk.settings.home / "drafts")
        self._few = threading.Semaphore(AT_ONCE)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._few.acquire(blocking=False):
            raise UsageError("other pages are looked at just now", "try again in a minute")
        try:
            yield
        finally:
            self._few.release()

    def propose(self, url: str, *, browser: bool) -> str:
        """Look at a page once, politely, and keep what it offers as a draft; returns the draft's name.

        Raises as `flows.drafts.drafting.look` does, and `UsageError` for an address that is none, or names a secret.
        """
        _refuse_address(url)
        with self._in_turn():
            found = look(self.desk, url, browser=browser, private=self.desk.settings.page_private)
            return self.drafts.keep(with_views(found))

    def proposal(self, key: str) -> PageProposal:
        """What a draft's page offers. Raises `UsageError` where the draft is gone."""
        draft = self.drafts.get(key)
        found = draft.found
        host = urlsplit(found.url).hostname or found.url
        return PageProposal(
            key, found.url, found.ways, draft.views, suggested_id(found), title_of(found), host, NOT_SAID
        )  # fmt: skip

    def trial(self, key: str, choice: FollowChoice) -> Trial:
        """What following a choice of a draft would come to; nothing is written or recorded.

        Raises `UsageError`, `DefinitionError` or `UnreadableError` where it would not work.
        """
        found = self.drafts.get(key).found
        content = chosen(found, choice)
        name = choice.source_id or suggested_id(found)
        with self._in_turn():
            read = try_out(self.desk, name, content, found)
        told = tuple(_sentences(name, read, day_of(found.fetched.at, "UTC")))
        return Trial(name, text_of(content), told, read.doubts, read.values - len(read.first))

    def enable(self, key: str, choice: FollowChoice, *, who: str) -> str:
        """Write the definition of a choice, so that its schedule is on; returns the source's id.

        Raises as `trial` does; then nothing is written.
        """
        found = self.drafts.get(key).found
        name = choice.source_id or suggested_id(found)
        with self._in_turn():
            write(self.desk, name, chosen(found, choice), found)
        self.drafts.drop(key)
        self._note(name, who, f"followed from the page: {found.url}")
        return name


def _refuse_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is no address of a page", "begin with https://")
    if "${" in url:
        raise UsageError("an address with a secret is not asked from here", "at the terminal: tallybook sources new")


def _sentences(source_id: str, read: ReadBack, today: Day) -> Iterator[str]:
    """What would be recorded, a sentence a figure; one without a day of its own is dated by the fetch."""
    for series, figure in read.first:
        name = series.replace(PART, "/").removeprefix(f"{source_id}/")
        day = figure.as_of or figure.period_end or today
        yield f"{name}: {change_sentence(_first_seen(f'{source_id}/{name}', day, figure))}"


def _first_seen(series: str, day: Day, figure: Figure) -> Change:
    return Change(kind="first", why="source", series=series, as_of=day, old=None, new=figure, difference=None)
