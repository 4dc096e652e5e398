"""The path, one line a stage: fetch, archive, extract, then compare, check and append in one transaction; alert.

Plain Python: the Prefect flows stand around it, and `tallybook refresh` walks it in its own process.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

import extractors
from flows.carriers import carried
from flows.clocks import refuse_clock
from flows.desk import Desk
from flows.manifest import Copy, read_manifest
from flows.opening import archived
from flows.releases import attempt_of, failed_attempt, is_dated, new_releases
from flows.silence import silence_of, tell_silence
from model import (
    BlockedError,
    Cause,
    ClockError,
    Fetched,
    FetchError,
    FigureRule,
    Listing,
    OlderReleaseError,
    Reading,
    SeriesRule,
    Snapshot,
    Source,
    State,
    TallybookError,
    UnreadableError,
    Why,
    moment,
)
from sources.addresses import public_url
from sources.listing import Release
from storage import Attempt, Recorded

log = logging.getLogger("tallybook")

_ABSENT = frozenset((404, 410))
_SOUND: tuple[State, ...] = ("changed", "unchanged", "held")

Progress = Callable[[int, int], None]


class Outcome(msgspec.Struct, frozen=True):
    """What one refresh of one source came to; `left_out` says that rows or cells of it could not be read."""

    source: str
    state: State
    update: str | None
    changes: int
    held: int
    message: str
    earlier: tuple[str, ...] = ()
    left_out: bool = False

    @property
    def updates(self) -> tuple[str, ...]:
        """The updates that were made, oldest first; a listing may lead to several."""
        return (*self.earlier, self.update) if self.update else ()


class BackfillOutcome(msgspec.Struct, frozen=True):
    """What a backfill came to: updates made, cells changed, copies of which nothing was read, values held.

    `left_out` counts the copies of which rows or cells could not be read.
    """

    updates: int
    changes: int
    failed: int
    held: int
    skipped: int = 0
    left_out: int = 0


def refresh_source(desk: Desk, source: Source, *, force: bool = False, retried: bool = False) -> Outcome:
    """Walk the path for one source now; whatever the source does wrong becomes a row and an outcome, never a raise.

    `force` fetches although the publisher says that nothing changed. `retried` says that a failure will be tried
    again by the caller, and alerts nobody yet.
    """
    try:
        outcome = _refresh(desk, source, force=force)
    except OlderReleaseError:
        outcome = Outcome(source.id, "unchanged", None, 0, 0, "another refresh recorded a later release meanwhile")
    except (FetchError, UnreadableError, ClockError) as error:
        outcome = _failed(source, "blocked" if isinstance(error, BlockedError) else "failed", str(error))
    except Exception as error:  # one bad source must not stop the others; the trace goes to the log
        outcome = _failed(source, "failed", _reason(source, error))
        _write_down(desk, source, outcome.message)
    if not (retried and outcome.state == "failed"):
        _alert(desk, source, outcome)
    return outcome


def _reason(source: Source, error: Exception) -> str:
    if isinstance(error, TallybookError):
        return str(error)
    log.error("%s: unexpected error", source.id, exc_info=error)
    return f"unexpected {type(error).__name__}: {error}"


def _write_down(desk: Desk, source: Source, reason: str) -> None:
    """Keep a row of a failure that met no row on its way; a ledger that cannot even take that is only logged."""
    try:
        desk.ledger.attempt(
            source, Attempt(at=desk.clock(), url=_address(source), status=None, state="failed", reason=reason)
        )
    except Exception as error:
        trace = None if isinstance(error, TallybookError) else error
        log.error("%s: the failure could not be written down: %s", source.id, error, exc_info=trace)


def _address(source: Source) -> str | None:
    return source.url or (public_url(source.listing.url) if source.listing else None)


def _refresh(desk: Desk, source: Source, *, force: bool) -> Outcome:
    newest, last = desk.ledger.newest_known(source, *_SOUND)
    refuse_clock(desk, source, newest)
    if newest is not None and newest.reader != extractors.reader(source) and _reread(desk, source, newest.snapshot):
        newest, last = desk.ledger.newest_known(source, *_SOUND)
    if source.listing is not None:
        return _refresh_releases(desk, source, source.listing, force=force)
    fetched = _fetch(desk, source, newest.snapshot if newest else None, None if force else last)
    if fetched.content is None:
        attempt = attempt_of(fetched, "unchanged", newest.snapshot.sha256 if newest else None)
        return _outcome(source, desk.ledger.unchanged(source, attempt))
    return _outcome(source, take(desk, source, fetched))


def _refresh_releases(desk: Desk, source: Source, listing: Listing, *, force: bool) -> Outcome:
    """Walk the path for each new release of a listing, oldest first; one that fails is told, and tried again later."""
    found = new_releases(desk, source, listing, force=force)
    done: list[Recorded] = []
    failures: list[TallybookError] = []
    absent = 0
    for release in found:
        try:
            recorded = _take_release(desk, source, release, may_be_absent=is_dated(listing))
        except (FetchError, UnreadableError) as error:
            failures.append(error)
            if isinstance(error, BlockedError):
                break
            continue
        done += [recorded] if recorded else []
        absent += recorded is None
    if absent == listing.newest:
        failures.append(FetchError("http_status", f"none of the last {absent} dated addresses is there"))
    return _releases_outcome(desk, source, listing, done, failures)


def _releases_outcome(
    desk: Desk,
    source: Source,
    listing: Listing,
    done: list[Recorded],
    failures: list[TallybookError],
) -> Outcome:
    failures += [UnreadableError(one.message) for one in done if one.state == "failed"]
    states = {one.state for one in done}
    state: State = "held" if "held" in states else "changed" if "changed" in states else "unchanged"
    told = [one.message for one in done if one.message and one.state == state]
    message = "; ".join(dict.fromkeys(told)) if done else "no new release"
    if not done and (found := desk.ledger.doubt(source)).state == "held":
        state, message = "held", f"{message}; {found.message}"
    if failures:
        state = "blocked" if any(isinstance(error, BlockedError) for error in failures) else "failed"
        many = "release" if len(failures) == 1 else "releases"
        message = f"{len(failures)} {many} could not be read: " + "; ".join(str(error) for error in failures[:3])
        # A later release that was read must not hide, as the newest attempt, that another was not.
        desk.ledger.attempt(
            source, Attempt(at=desk.clock(), url=public_url(listing.url), status=None, state=state, reason=message)
        )
    made = [one.update for one in done if one.update]
    return Outcome(
        source.id,
        state,
        made[-1] if made else None,
        sum(one.changes for one in done),
        sum(one.held for one in done),
        message,
        tuple(made[:-1]),
        any(one.left_out for one in done),
    )


def _take_release(desk: Desk, source: Source, release: Release, *, may_be_absent: bool) -> Recorded | None:
    """Fetch and record one release of a listing; None where a dated one is not there (yet)."""
    shown = public_url(release.url)
    try:
        fetched = desk.fetcher.fetch(source, release.url)
    except FetchError as error:
        if not (may_be_absent and error.status in _ABSENT):
            desk.ledger.attempt(source, failed_attempt(desk, source, shown, error))
            raise
        absent = Attempt(
            at=desk.clock(), url=shown, status=error.status, state="unchanged", reason="not published (yet)"
        )
        desk.ledger.attempt(source, absent)
        return None
    # The address that was asked tells whether a release was read; where it led to is kept beside it.
    moved = {"Location": fetched.url} if fetched.url != shown else {}
    fetched = msgspec.structs.replace(
        fetched, at=desk.clock(), url=shown, published=release.published, headers=fetched.headers | moved
    )
    return take(desk, source, fetched, article=True)


def take(
    desk: Desk,
    source: Source,
    fetched: Fetched,
    *,
    cause: Cause = "fetch",
    hold: bool = True,
    why: Why = "source",
    article: bool = False,
) -> Recorded:
    """Archive fetched bytes, extract their figures, and record what changed.

    An `article` is one release of many: where nobody gave its day of publication its own page does, and where it states
    no followed figure, and the definition promises none, it is written down as read and makes no update.

    Raises `UnreadableError`, after writing the failed attempt down, when the bytes are no report.
    """
    content = fetched.content or b""
    sha256 = hashlib.sha256(content).hexdigest()
    attempt = attempt_of(fetched, "unchanged", sha256)
    try:
        kind, text, published, reading = desk.read(source, fetched, article=article)
        text_sha256 = _archive(desk, source, content, text.encode())
    except UnreadableError as error:
        desk.archive.put(content)
        desk.ledger.attempt(source, msgspec.structs.replace(attempt, state="failed", reason=f"{error.reason}: {error}"))
        raise
    if article and not (reading.cells or _promises(source)):
        return _noted(desk, source, attempt, reading)
    if cause != "replay":
        reading.checks = (*reading.checks, *carried(desk, source, reading))
    snapshot = Snapshot(
        sha256=sha256,
        text_sha256=text_sha256,
        size=len(content),
        media_type=kind,
        charset=fetched.charset,
        known_at=fetched.at,
        published=published,
        url=fetched.url,
    )
    reader = extractors.reader(source)
    return desk.ledger.record(
        source, snapshot, text, reading, reader, cause=cause, hold=hold, why=why,
        attempt=attempt if cause != "replay" else None,
    )  # fmt: skip


def _promises(source: Source) -> bool:
    """Whether a definition says that every release states figures."""
    bounds = source.expect.figures
    rules: tuple[FigureRule | SeriesRule, ...] = (*source.figures, *source.series)
    return bool(bounds and bounds[0]) or bool(source.expect.series) or any(rule.expected for rule in rules)


def _noted(desk: Desk, source: Source, attempt: Attempt, reading: Reading) -> Recorded:
    """Write an article down that states no followed figure, and how many of what is followed it states of others."""
    measures = {rule.match.measure for rule in source.series}
    near = sum(figure.measure in measures for figure in (*reading.unmatched, *reading.ambiguous))
    message = "states no followed figure" + (f"; {near} of the same measures" if near else "")
    desk.ledger.attempt(source, msgspec.structs.replace(attempt, reason=message))
    return Recorded("unchanged", None, 0, 0, message)


def _archive(desk: Desk, source: Source, content: bytes, text: bytes) -> str:
    """Store bytes and text, and return the text's digest; page noise around an unchanged text keeps no copy."""
    digest = hashlib.sha256(text).hexdigest()
    newest = desk.ledger.newest_release(source)
    if newest is None or newest.snapshot.text_sha256 != digest or newest.reader != extractors.reader(source):
        desk.archive.put(content)
        desk.archive.put(text)
    return digest


def backfill_source(
    desk: Desk, source: Source, manifest: Path, *, hold: bool = False, progress: Progress | None = None
) -> BackfillOutcome:
    """Record old copies of a source's reports in the order the world could read them.

    The manifest is checked whole before anything is written. Copies that were recorded by an earlier run are passed
    over, so a backfill that was cut off is finished by calling it again. Raises `UsageError` for a bad manifest and
    `LedgerError` for a copy older than the newest release that is not in the ledger.
    """
    return backfill_copies(desk, source, read_manifest(manifest), hold=hold, progress=progress)


def backfill_copies(
    desk: Desk, source: Source, copies: Sequence[Copy], *, hold: bool = False, progress: Progress | None = None
) -> BackfillOutcome:
    """Record old copies, which are in the order the world could read them; see `backfill_source`."""
    waiting = desk.ledger.not_yet(source, [(copy.fetched_at, copy.sha256) for copy in copies])
    total = BackfillOutcome(0, 0, 0, 0, len(copies) - len(waiting))
    for at, number in enumerate(waiting, start=1):
        total = _add(total, _backfill_one(desk, source, copies[number], hold=hold))
        if progress:
            progress(at, len(waiting))
    return total


def _backfill_one(desk: Desk, source: Source, copy: Copy, *, hold: bool) -> Recorded | None:
    content = copy.read()
    fetched = Fetched(
        url=copy.name,
        at=copy.fetched_at,
        status=200,
        content=content,
        media_type=extractors.sniff(content, copy.name),
        published=copy.published,
    )
    try:
        return take(desk, source, fetched, cause="backfill", hold=hold)
    except UnreadableError as error:
        log.warning("%s: %s: %s", source.id, copy.name, error)
        return None


def _add(total: BackfillOutcome, done: Recorded | None) -> BackfillOutcome:
    if done is None:
        return msgspec.structs.replace(total, failed=total.failed + 1)
    return msgspec.structs.replace(
        total,
        updates=total.updates + (done.update is not None),
        changes=total.changes + done.changes,
        held=total.held + done.held,
        failed=total.failed + (done.state == "failed"),
        left_out=total.left_out + done.left_out,
    )


def _reread(desk: Desk, source: Source, snapshot: Snapshot) -> bool:
    """Let a changed reader read the newest snapshot first, so that its differences never look like news."""
    if not desk.archive.has(snapshot.sha256):
        return False
    fetched = archived(source, snapshot, desk.archive.get(snapshot.sha256))
    take(desk, source, fetched, cause="replay", why="extraction")
    return True


def _fetch(desk: Desk, source: Source, newest: Snapshot | None, last: Attempt | None) -> Fetched:
    # A validator is only worth what it was given for: the bytes that the newest release was read from.
    same = last is not None and newest is not None and last.sha256 == newest.sha256
    try:
        fetched = desk.fetcher.fetch(source, validators=last.headers if last and same else None)
    except FetchError as error:
        desk.ledger.attempt(source, failed_attempt(desk, source, source.url, error))
        raise
    at = desk.clock()
    fetched = msgspec.structs.replace(fetched, at=at)
    if fetched.content is None and last is not None:
        fetched = msgspec.structs.replace(fetched, headers=last.headers | fetched.headers)
    return fetched


def _outcome(source: Source, done: Recorded) -> Outcome:
    return Outcome(source.id, done.state, done.update, done.changes, done.held, done.message, left_out=done.left_out)


def _failed(source: Source, state: State, message: str) -> Outcome:
    return Outcome(source.id, state, None, 0, 0, message)


def _alert(desk: Desk, source: Source, outcome: Outcome) -> None:
    """Tell a person of a failed, blocked, held or silent source, once per episode; what was not sent is sent later."""
    if not desk.settings.alert_url:
        return
    from publish import alerts

    # What is still held was told when it was.
    if outcome.state == "unchanged" or (outcome.state == "held" and outcome.update is None):
        _alert_silence(desk, source)
        return
    last = desk.ledger.last_attempt(source, *_SOUND)
    episode = alerts.episode(outcome.state, update=outcome.update, last_success=last.at if last else None)
    if episode is not None:
        _alert_once(desk, source, episode, outcome.state, outcome.message)


def _alert_silence(desk: Desk, source: Source) -> None:
    standing = desk.ledger.standing(source)
    silence = silence_of(standing, moment(desk.clock()))
    if standing is not None and standing.rhythm is not None and silence:
        told = tell_silence(silence, standing.rhythm, standing.last_success)
        _alert_once(desk, source, f"silent since {standing.rhythm.last}", silence, told)


def _alert_once(desk: Desk, source: Source, episode: str, what: str, message: str) -> None:
    from publish import alerts

    assert desk.settings.alert_url
    if desk.ledger.alerted(source.id, episode):
        return
    if alerts.send(desk.settings.alert_url, f"{source.title}: {what}", message):
        desk.ledger.mark_alerted(source.id, episode, desk.clock())
    else:
        log.error("%s: the alert could not be sent; the next attempt tries again", source.id)
