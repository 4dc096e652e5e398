"""Old copies out of a web archive: the captures that it holds of a source's address, found by its CDX interface.

Each capture is asked for as it was archived (`id_`, nothing rewritten), one after the other, by the fetcher that asks
publishers too: with its spacing, its limits and its `Retry-After`. What came is archived at once and noted in a file,
so that a run which was stopped or killed goes on where it ended. The archive's robots.txt speaks to crawlers of its
pages and is not asked: both interfaces are documented for programs.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from flows.desk import Desk
from flows.past.manifest import Copy
from model import Day, Fetched, FetchError, Instant, Source, UsageError, instant, now
from sources.web.addresses import public_url

log = logging.getLogger("tallybook")

MOST_CAPTURES = 20_000
"""So many captures are listed at most; where an archive holds more, the days are to be named."""

MOST_BYTES = 2**30
"""So many bytes of captures one run fetches at most."""

MOST_SECONDS = 6 * 3600.0
"""So long one run fetches at most."""

ROBOTS = "the interfaces of a web archive that are documented for programs"

_FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")
_CAPTURE = re.compile(r"/web/(\d{14})id_/(.+)\Z")
_STOPS = frozenset({"rate_limited", "host_down", "dns", "unreachable", "tls"})
_ON_THE_WAY = frozenset({"truncated", "too_large", "timeout", "connection", "encoding", "redirects"})

Fetching = Callable[[int, int], None]
"""Called with how many captures have come, and how many are awaited in all."""


class CaptureWishes(msgspec.Struct, frozen=True, kw_only=True):
    """Which captures are wanted: of what days (both included), at most so many contents, of which address."""

    since: Day | None = None
    until: Day | None = None
    limit: int = 1_000
    address: str | None = None


class Capture(msgspec.Struct, frozen=True):
    """One capture as the archive lists it: when, of which address, and what it calls the content."""

    timestamp: str
    original: str
    digest: str

    @property
    def at(self) -> Instant:
        """When it was captured."""
        return instant(dt.datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC))


class KeptCapture(msgspec.Struct, frozen=True):
    """A capture whose bytes are here."""

    url: str
    at: Instant
    digest: str
    sha256: str
    media_type: str
    charset: str | None = None


class Captured(msgspec.Struct, frozen=True):
    """What an archive holds of a source that the ledger has not: copies, and what was left out, each with why.

    `listed` counts all that the archive listed; `stopped` says why not all came: call again, and the rest comes.
    """

    copies: tuple[Copy, ...]
    listed: int
    left_out: tuple[str, ...]
    stopped: str = ""


class _StoppedError(Exception):
    """The run ends for now."""


def read_captures(desk: Desk, source: Source, wishes: CaptureWishes, progress: Fetching | None = None) -> Captured:
    """Fetch the captures of a source's address that the ledger has not taken yet, oldest first.

    Raises `UsageError` for a source whose answers no archive holds as they are read, and where the archive holds none;
    `FetchError` and `BlockedError` where its list cannot be had.
    """
    return _CaptureRun(desk, source, wishes).captured(progress)


def forget_captures(desk: Desk, source: Source) -> None:
    """Let go of the notes of what has come, once it is recorded."""
    _notes(desk, source).unlink(missing_ok=True)


class _CaptureRun:
    """One run through the captures of one address."""

    def __init__(self, desk: Desk, source: Source, wishes: CaptureWishes) -> None:
        self.desk, self.source, self.wishes = desk, source, wishes
        self.base = desk.settings.web_archive.rstrip("/")
        self.address = _address(source, wishes)
        # Its host is the one that we set ourselves: it may be a private one, and has none of the source's secrets.
        self.asks = msgspec.structs.replace(
            source, url=f"{self.base}/", listing=None, paging=None, fetch="plain", embedded=None,
            allow_private_addresses=True, ignore_robots=ROBOTS,
        )  # fmt: skip
        self.notes = _notes(desk, source)
        self.kept = {one.url: one for one in _read_notes(self.notes)}
        self.left_out: list[str] = []
        self.bytes, self.until = 0, time.monotonic() + MOST_SECONDS

    def captured(self, progress: Fetching | None) -> Captured:
        """List, fetch and keep."""
        listed = self._listed()
        if not listed:
            raise UsageError(f"{self.base} holds no capture of {public_url(self.address)}", self._days())
        wanted = self._not_taken(listed)
        stopped = ""
        found: list[KeptCapture] = []
        try:
            for at, capture in enumerate(wanted, start=1):
                found += self._have(capture)
                if progress:
                    progress(at, len(wanted))
        except _StoppedError as end:
            stopped = str(end)
        copies = {(one.at, one.sha256): self._copy(one) for one in sorted(found, key=lambda one: one.at)}
        return Captured(tuple(copies.values()), len(listed), tuple(self.left_out), stopped)

    def _listed(self) -> list[Capture]:
        """The captures of the days that are wanted, oldest first."""
        asked = {
            "url": self.address, "output": "json", "fl": ",".join(_FIELDS), "filter": "!statuscode:[345]..",
            "limit": str(MOST_CAPTURES + 1),
        }  # fmt: skip
        days = {"from": self.wishes.since, "to": self.wishes.until}
        asked |= {name: day.replace("-", "") for name, day in days.items() if day}
        answer = self.desk.fetcher.fetch(self.asks, f"{self.base}/cdx/search/cdx?{urlencode(asked)}").content or b""
        captures = [one for one in _parsed(answer, self.base) if self._is_wanted(one)]
        if len(captures) > MOST_CAPTURES:
            told = f"{self.base} holds more than {MOST_CAPTURES:,} captures of {public_url(self.address)}"
            raise UsageError(told, "name the days: --from and --to")
        return sorted(captures, key=lambda one: one.timestamp)

    def _is_wanted(self, capture: Capture) -> bool:
        day, wishes = capture.at[:10], self.wishes
        return (wishes.since or day) <= day <= (wishes.until or day)

    def _days(self) -> str:
        if self.wishes.since or self.wishes.until:
            return "of the days that --from and --to name; try others"
        return "was its address another one once? --address names it"

    def _not_taken(self, listed: Sequence[Capture]) -> list[Capture]:
        """Those that the ledger has not, of as many contents as are wanted; each content is fetched once."""
        taken = self.desk.ledger.read_addresses(self.source, [self._url(one) for one in listed])
        contents: set[str] = set()
        wanted = []
        for capture in listed:
            if self._url(capture) not in taken:
                contents.add(capture.digest)
                if len(contents) > self.wishes.limit:
                    break
                wanted.append(capture)
        return wanted

    def _have(self, capture: Capture) -> Iterator[KeptCapture]:
        """A capture's bytes: those that came before, those of the same content, or those that the archive gives."""
        url = self._url(capture)
        same = next((one for one in self.kept.values() if one.digest == capture.digest), None)
        kept = self.kept.get(url)
        if kept is None and same is not None:
            kept = KeptCapture(url, capture.at, same.digest, same.sha256, same.media_type, same.charset)
        if kept is None:
            kept = self._fetched(capture, url)
        if kept is not None:
            yield kept

    def _fetched(self, capture: Capture, url: str) -> KeptCapture | None:
        """Ask the archive for a capture; None, with a word why, where it gives something else."""
        if self.bytes > MOST_BYTES or time.monotonic() > self.until:
            raise _StoppedError("as much was fetched as one run may")
        try:
            fetched = self.desk.fetcher.fetch(self.asks, url)
        except FetchError as error:
            self._leave_out(capture, _why_not(error))
            return None
        content = fetched.content or b""
        self.bytes += len(content)
        if why := _is_another(capture, fetched):
            self._leave_out(capture, why)
            return None
        kept = KeptCapture(
            url, capture.at, capture.digest, self.desk.archive.put(content), fetched.media_type, fetched.charset
        )
        self._note(kept)
        return kept

    def _leave_out(self, capture: Capture, why: str) -> None:
        self.left_out.append(f"{capture.at}: {why}")
        log.warning("%s: the capture of %s is left out: %s", self.source.id, capture.at, why)

    def _note(self, kept: KeptCapture) -> None:
        self.kept[kept.url] = kept
        self.notes.parent.mkdir(parents=True, exist_ok=True)
        with self.notes.open("ab") as notes:
            notes.write(msgspec.json.encode(kept) + b"\n")
            notes.flush()
            os.fsync(notes.fileno())

    def _url(self, capture: Capture) -> str:
        return f"{self.base}/web/{capture.timestamp}id_/{capture.original}"

    def _copy(self, kept: KeptCapture) -> Copy:
        return Copy(
            name=kept.url,
            fetched_at=kept.at,
            published=None,
            sha256=kept.sha256,
            read=partial(self.desk.archive.get, kept.sha256),
            article=False,
            media_type=kept.media_type,
            charset=kept.charset,
        )


def _address(source: Source, wishes: CaptureWishes) -> str:
    """The address whose captures are wanted. Raises `UsageError` where none is what the source is read from."""
    if source.paging is not None or source.fetch == "browser":
        how = "page by page" if source.paging is not None else "as a browser draws it"
        raise UsageError(f"{source.id} is read {how}: no capture of an archive is that", "use a manifest of files")
    address = wishes.address or source.url
    if address is None:
        raise UsageError(f"{source.id} has no address of its own", "--address names the one whose captures are meant")
    if "${" in address:
        raise UsageError(f"the address of {source.id} names a secret, which no archive is told", "name it: --address")
    return address


def _why_not(error: FetchError) -> str:
    """Why a capture did not come. Raises `_StoppedError` where the archive wants to be left alone, or is not there."""
    if error.reason in _STOPS or error.status in (429, 503):
        raise _StoppedError(str(error)) from None
    if error.status == 200 and error.reason not in _ON_THE_WAY:
        return "an error page, or one that turned visitors away"
    return error.message


def _is_another(capture: Capture, fetched: Fetched) -> str:
    """Why an answer is not the capture that was asked for, by its address and by the time that it states itself."""
    found = _CAPTURE.search(fetched.url)
    if found is None or found[1] != capture.timestamp:
        return f"answered with another capture, {found[1] if found else fetched.url}"
    stated = _stated(fetched.headers.get("Memento-Datetime", "")) or capture.at
    if stated != capture.at:
        return f"answered with the capture of {stated}"
    return "" if fetched.content else "empty"


def _stated(header: str) -> Instant | None:
    """The time that an archive states of what it gives; None where it states none."""
    try:
        return instant(parsedate_to_datetime(header))
    except ValueError:
        return None


def _parsed(answer: bytes, base: str) -> Iterator[Capture]:
    """The rows of a CDX answer in JSON; what is no capture of a status of success is passed over.

    A revisit is one more sight of a content that was captured before, and has no status of its own.
    """
    contents: set[str] = set()
    try:
        names, *rows = msgspec.json.decode(answer.strip() or b"[]", type=list[list[str]]) or [[]]
        for row in rows:
            found = dict(zip(names, row, strict=True))
            capture = Capture(found["timestamp"], found["original"], found["digest"])
            contents |= {capture.digest} if found["statuscode"] == "200" else set()
            if capture.digest in contents and found["statuscode"] in ("200", "-") and capture.at <= now():
                yield capture
    except (msgspec.MsgspecError, ValueError, LookupError):
        raise FetchError("captures", f"what {base} lists cannot be read as captures") from None


def _notes(desk: Desk, source: Source) -> Path:
    return desk.settings.home / "captures" / f"{source.id}.jsonl"


def _read_notes(path: Path) -> Iterator[KeptCapture]:
    """What came in runs before; a line that was cut by a kill is passed over."""
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            yield msgspec.json.decode(line, type=KeptCapture)
        except msgspec.MsgspecError:
            continue
