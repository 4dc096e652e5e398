"""Alerts: a person is told once when a source fails, turns us away, or states something that must be judged."""

from __future__ import annotations

import logging
from typing import Any

from model import Instant, State, UsageError
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


def refuse_unknown(alert_url: str) -> None:
    """Raise `UsageError` for an address that Apprise does not know: nobody would ever be told."""
    if _target(alert_url) is None:
        hint = "write one such as mailtos://user:password@host or json://host/path (docs/extend/alert.md)"
        raise UsageError("TALLYBOOK_ALERT_URL is no address that an alert can be sent to", hint)


def send(alert_url: str, title: str, body: str) -> bool:
    """Send one message to an Apprise address (or several, parted by commas); True when every one took it.

    Never raises for what the receiver did: an alert that cannot be sent must not stop the ledger.
    """
    target = _target(alert_url)
    if target is None:
        return False
    lines = "\n".join(safe(line, "terminal") for line in body.splitlines())
    return bool(target.notify(title=safe(title, "terminal"), body=lines[:BODY_LIMIT], body_format="text"))


def _target(alert_url: str) -> Any:
    import apprise

    # Its own messages repeat the address, which may hold a password.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    target = apprise.Apprise()
    return target if target.add(alert_url) else None
