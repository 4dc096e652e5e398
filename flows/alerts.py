"""What a person is told of: a source that failed, is blocked, held, silent or broken, and our own archive or ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flows.alarms import Alarm
from flows.desk import Desk
from flows.outcomes import Outcome
from flows.silence import silence_of, tell_silence
from model import OutageError, Source, State, TallybookError, moment

SOUND: tuple[State, ...] = ("changed", "unchanged", "held")
"""The states of a look that succeeded."""

OUTAGE = "our own archive or ledger"

UPDATES_TOLD, CHANGES_TOLD = 3, 50
"""So many held updates, with so many of their changes, a message tells."""


def alert(desk: Desk, source: Source, outcome: Outcome) -> None:
    """Raise an alarm for a failed, blocked, held or silent source, once an episode; what was not sent is sent later.

    What is noted of addresses that moved, or releases that are gone, is told at once: the ledger remembers that it was.
    """
    if not desk.settings.alert_url:
        return
    from publish import alerts

    _alert_notes(desk, source, outcome)
    if outcome.state == "changed":
        desk.alarms.over(OUTAGE)
    # What is still held was told when it was.
    if outcome.state == "unchanged" or (outcome.state == "held" and outcome.update is None):
        _alert_silence(desk, source)
        return
    last = desk.ledger.last_attempt(source, *SOUND)
    episode = alerts.episode(outcome.state, update=outcome.update, last_success=last.at if last else None)
    if episode is None:
        return
    cause = f"{outcome.state}: {outcome.reason}" if outcome.state != "held" and outcome.reason else ""
    desk.alarms.add(
        Alarm(
            source=source.id,
            title=source.title,
            what=outcome.state,
            message=_told(desk, outcome),
            episode=episode,
            cause=cause,
        )
    )


def _told(desk: Desk, outcome: Outcome) -> str:
    """What a refresh came to; what waits is told as the log tells it, with all that is noted beside."""
    if outcome.state != "held":
        return outcome.told
    from publish.lines import held_message

    made = [desk.views.update(name, changes=CHANGES_TOLD) for name in outcome.updates]
    told = [held_message(one, desk.names()) for one in made if one.status in ("held", "partly_held")]
    return "\n".join((*told[:UPDATES_TOLD], *(note.message for note in outcome.notes))) or outcome.told


def _alert_notes(desk: Desk, source: Source, outcome: Outcome) -> None:
    for note in (one for one in outcome.notes if one.alarm):
        told = f"{note.what} at {desk.clock()}: {note.message}"
        desk.alarms.add(Alarm(source=source.id, title=source.title, what=note.what, message=note.message, episode=told))


def alert_outage(desk: Desk, error: TallybookError) -> None:
    """Raise the one alarm for all that our own archive or ledger keeps from being recorded."""
    told = f"nothing can be recorded, of any source: {error}"
    desk.alarms.add(Alarm(source=None, title="Tallybook", what=f"{OUTAGE} fails", message=told, episode=OUTAGE))


def alert_lost(desk: Desk, lost: list[Outcome]) -> None:
    """Raise an alarm for sources whose definitions are broken; a definition that was mended may break anew."""
    for one in lost:
        episode = f"definition of {one.source}"
        desk.alarms.add(
            Alarm(
                source=None,
                title=one.source,
                what="broken definition",
                message=one.message,
                episode=episode,
                cause="definition",
            )
        )
    for name in desk.catalogue if desk.alarms.remembers() else ():
        desk.alarms.over(f"definition of {name}")


@contextmanager
def ready(desk: Desk) -> Iterator[None]:
    """Open archive and ledger for a block; where that cannot be done, a person is told all the same."""
    try:
        desk.ready()
        yield
    except OutageError as error:
        alert_outage(desk, error)
        raise


def _alert_silence(desk: Desk, source: Source) -> None:
    standing = desk.ledger.standing(source)
    silence = silence_of(standing, moment(desk.clock()))
    if standing is not None and standing.rhythm is not None and silence:
        told = tell_silence(silence, standing.rhythm, standing.last_success)
        what = silence.replace("_", " ")
        episode = f"silent since {standing.rhythm.last}"
        desk.alarms.add(
            Alarm(source=source.id, title=source.title, what=what, message=told, episode=episode, cause=silence)
        )
