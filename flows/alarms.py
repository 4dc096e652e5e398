"""The alarms of a run on a thread of their own: gathered, claimed, sent, each episode once, within a time in all."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from model import Instant, TallybookError

if TYPE_CHECKING:
    from storage import Ledger

log = logging.getLogger("tallybook")

GATHER_SECONDS = 30.0
"""So long alarms are gathered, unless the run ends earlier: many sources may fail for one cause."""

SEND_SECONDS = 60.0
"""So long the end of a run waits for its alarms to be sent, whatever their receiver does."""

FEW = 3
"""So many sources that fail for one cause within a run are told one by one; more are one message."""

LATELY_SECONDS = 900.0
"""So long after a cause was told its further sources wait for the end of the run."""

AGAIN_SECONDS = 24 * 3600
"""So long after it was told an incident of our own is told again, while it lasts."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is told once an episode: of a source of the ledger, else of ourselves (`source` is None).

    `cause` is a short name that alarms with one origin share, empty where each stands for itself.
    """

    source: str | None
    title: str
    what: str
    message: str
    episode: str
    cause: str = ""


class Message(NamedTuple):
    """One message to a person, and the alarms that it tells."""

    title: str
    body: str
    alarms: tuple[Alarm, ...]


class Alarms:
    """The queue of a run's alarms; `close` sends what waits, and gives up after `send_seconds`.

    `ledger` is asked whether an episode is ours to tell. Episodes without a source are remembered in `folder`, since
    the ledger may be what cannot be reached.
    """

    def __init__(
        self,
        address: str | None,
        folder: Path,
        ledger: Callable[[], Ledger],
        clock: Callable[[], Instant],
        *,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        self._address, self._folder, self._ledger, self._clock = address, folder, ledger, clock
        self._send_seconds = send_seconds
        self._changed = threading.Condition()
        self._waiting: list[Alarm] = []
        self._told_at: dict[str, float] = {}
        self._closed = False
        self._thread: threading.Thread | None = None
        self._beside: Callable[[], object] | None = None

    def add(self, alarm: Alarm) -> None:
        """Take an alarm in; nothing happens where nobody is to be told."""
        if not self._address:
            return
        with self._changed:
            if (alarm.source, alarm.episode) in {(one.source, one.episode) for one in self._waiting}:
                return
            self._waiting.append(alarm)
            self._begin()

    def beside(self, telling: Callable[[], object]) -> None:
        """Let something else be told on the same thread, when alarms are: it is called once."""
        with self._changed:
            self._beside = telling
            self._begin()

    def _begin(self) -> None:
        self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="alarms", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Send what waits; what was not sent in time is sent by a later run."""
        if self._thread is None:
            return
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(self._send_seconds)
        if self._thread.is_alive():
            log.error("the alerts were not sent within %g seconds; the next attempt tries again", self._send_seconds)

    def over(self, episode: str) -> None:
        """Forget an incident of our own, which has ended: the next one is told again."""
        if self._address:
            with contextlib.suppress(OSError):
                self._mark(episode).unlink(missing_ok=True)

    def remembers(self) -> bool:
        """Whether any incident of our own was told and has not ended."""
        return bool(self._address) and self._folder.is_dir() and any(self._folder.iterdir())

    def _work(self) -> None:
        while True:
            messages, telling = self._gathered()
            if not messages and telling is None:
                return
            for message in messages:
                self._tell(message)
            if telling is not None:
                self._tell_beside(telling)

    def _tell_beside(self, telling: Callable[[], object]) -> None:
        try:
            telling()
        except (TallybookError, OSError) as error:
            log.error("what rules tell could not be sent: %s; the next attempt tries again", error)

    def _gathered(self) -> tuple[list[Message], Callable[[], object] | None]:
        """Wait for alarms and for others beside them; none once the run has ended.

        Of a cause that was told lately, those that come later wait, to be one message more at the end of the run.
        """
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._closed, GATHER_SECONDS)
                if (ready := self._ready()) or self._beside or self._closed:
                    break
            telling, self._beside = self._beside, None
            self._waiting = [one for one in self._waiting if one not in ready]
            self._told_at |= {one.cause: time.monotonic() for one in ready if one.cause}
        return digested(ready), telling

    def _ready(self) -> list[Alarm]:
        """The waiting alarms whose cause was not told lately; all once the run has ended."""
        if self._closed:
            return list(self._waiting)
        lately = {cause for cause, at in self._told_at.items() if time.monotonic() - at < LATELY_SECONDS}
        return [one for one in self._waiting if one.cause not in lately]

    def _tell(self, message: Message) -> None:
        from publish import alerts

        assert self._address
        claimed = [one for one in message.alarms if self._claim(one)]
        if not claimed:
            return
        title, body, _ = message if len(claimed) == len(message.alarms) else _message(claimed)
        told = alerts.send(self._address, title, body)
        if not told:
            log.error("%s: the alert could not be sent; the next attempt tries again", title)
        for one in claimed:
            self._settle(one, told)

    def _claim(self, alarm: Alarm) -> bool:
        """Whether the episode is ours to tell; where that cannot be known, twice is better than never."""
        try:
            if alarm.source is not None:
                return self._ledger().claim_alert(alarm.source, alarm.episode, self._clock())
            return self._claim_mark(self._mark(alarm.episode))
        except (TallybookError, OSError) as error:
            log.error("%s: told although it may have been told before: %s", alarm.title, error)
            return True

    def _settle(self, alarm: Alarm, told: bool) -> None:
        try:
            if alarm.source is not None:
                self._ledger().settle_alert(alarm.source, alarm.episode, self._clock(), told=told)
            elif not told:
                self._mark(alarm.episode).unlink(missing_ok=True)
        except (TallybookError, OSError) as error:
            log.error("%s: it could not be written down that this was told: %s", alarm.title, error)

    def _mark(self, episode: str) -> Path:
        return self._folder / hashlib.sha256(episode.encode()).hexdigest()[:32]

    def _claim_mark(self, mark: Path) -> bool:
        """Make the file that says who tells an incident; of two processes one makes it."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            if time.time() - mark.stat().st_mtime > AGAIN_SECONDS:
                mark.unlink(missing_ok=True)
        try:
            mark.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return False
        return True


def digested(alarms: Sequence[Alarm]) -> list[Message]:
    """One message an alarm, and one for all of a cause where that is more than a few."""
    causes: dict[str, list[Alarm]] = {}
    for place, one in enumerate(alarms):
        causes.setdefault(one.cause or f"alone {place}", []).append(one)
    messages = []
    for together in causes.values():
        parts = [together] if len(together) > FEW else [[one] for one in together]
        messages += [_message(part) for part in parts]
    return messages


def _message(alarms: Sequence[Alarm]) -> Message:
    if len(alarms) == 1:
        [alarm] = alarms
        return Message(f"{alarm.title}: {alarm.what}", alarm.message, (alarm,))
    whats = " or ".join(dict.fromkeys(one.what for one in alarms))
    names = ", ".join(one.title for one in alarms)
    told = "\n".join(f"{one.title}: {one.message}" for one in alarms)
    title = f"{len(alarms)} sources: {whats} ({alarms[0].cause}); tallybook status names them all"
    return Message(title, f"{names}\n{told}", tuple(alarms))
