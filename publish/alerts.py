"""Alerts: a person is told once when a source fails, turns us away, or states something that must be judged."""

from __future__ import annotations

import logging

from model import Instant, State
from publish.safe import safe

ALERTING: tuple[State, ...] = ("failed", "blocked", "held")
BODY_LIMIT = 2000


def episode(state: State, *, update: str | None = None, last_success: Instant | None = None) -> str | None:
    """The key under which an alert is sent once, or None where the state alerts nobody.

    A run of failed and blocked attempts is one episode until the source succeeds again (`last_success` moves on); each
    update that is held is one of its own.
    """
    if state not in ALERTING:
        return None
    if state == "held":
        return f"held {update}"
    return f"unread since {last_success or 'the start'}"


def send(alert_url: str, title: str, body: str) -> bool:
    """Send one message to an Apprise address (or several, parted by commas); True when every one took it.

    Never raises for what the receiver did: an alert that cannot be sent must not stop the ledger.
    """
    import apprise

    # Its own messages repeat the address, which may hold a password.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    target = apprise.Apprise()
    if not target.add(alert_url):
        return False
    lines = "\n".join(safe(line, "terminal") for line in body.splitlines())
    return bool(
        target.notify(title=safe(title, "terminal"), body=lines[:BODY_LIMIT], body_format=apprise.NotifyFormat.TEXT)
    )
