"""Telling a person, once an episode, of a source that failed, is blocked, held or silent."""

from __future__ import annotations

import logging

from flows.desk import Desk
from flows.outcomes import Outcome
from flows.silence import silence_of, tell_silence
from model import Source, State, moment

log = logging.getLogger("tallybook")

SOUND: tuple[State, ...] = ("changed", "unchanged", "held")
"""The states of a look that succeeded."""


def alert(desk: Desk, source: Source, outcome: Outcome) -> None:
    """Tell a person of a failed, blocked, held or silent source, once per episode; what was not sent is sent later."""
    if not desk.settings.alert_url:
        return
    from publish import alerts

    # What is still held was told when it was.
    if outcome.state == "unchanged" or (outcome.state == "held" and outcome.update is None):
        _alert_silence(desk, source)
        return
    last = desk.ledger.last_attempt(source, *SOUND)
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
