"""Alerts: a person is told once when a source fails, turns us away, states what must be judged, or as a rule says."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from changes.rules.steps import RuleEvent
from model import AlertRule, Figure, Instant, State, UsageError, When, read_content
from publish.numbers import ARROW, day, known_day, number, signed, told
from publish.safe import safe

ALERTING: tuple[State, ...] = ("failed", "blocked", "held")
BODY_LIMIT = 2000
CUT = "\n… and more, which no message holds; the review page has all of it"


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
    lines = [safe(line, "terminal") for line in body.splitlines()]
    return bool(target.notify(title=safe(title, "terminal"), body=_within(lines), body_format="text"))


def _within(lines: Sequence[str]) -> str:
    """Lines as far as a message holds them; that some are not there is its last one."""
    whole = "\n".join(lines)
    if len(whole) <= BODY_LIMIT:
        return whole
    room = BODY_LIMIT - len(CUT)
    kept = whole[:room].rpartition("\n")[0] or whole[:room]
    return kept + CUT


def _target(alert_url: str) -> Any:
    import apprise

    # Its own messages repeat the address, which may hold a password.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    target = apprise.Apprise()
    return target if target.add(alert_url) else None


def event_line(event: RuleEvent, name: str) -> str:
    """What began or ended, in a sentence; `name` is what the series, or the source, is called."""
    if event.phase == "ended":
        return _ended(event, name)
    if event.as_of is None:
        return f"{name}: nothing new since {known_day(event.since)}"
    moved = _moved(event)
    if event.mark is not None:
        way = "reached" if event.by is None or event.by > 0 else "fell below"
        return f"{name} {way} {number(event.mark)}: {moved}"
    if event.old is None:
        return f"{name}: the report's own increase is not what the ledger gives, as of {day(event.as_of)}"
    if event.base == event.as_of:
        return f"{name}, restated for {day(event.as_of)}: {moved}"
    return f"{name}: {moved}{_fell(event)}"


def rule_words(rule: AlertRule) -> str:
    """A rule in words: `rises by at least 10% a day`."""
    of = " ".join(filter(None, (rule.series or rule.measure or "", _RULE_WORDS[rule.when].format(by=rule.by))))
    marks = " or ".join((*rule.at, *([f"every {rule.every}"] if rule.every else [])))
    more = (
        marks,
        "a day" if rule.per else "",
        f"and by at least {rule.least}" if rule.least else "",
        f"while it has at most {rule.first} days on record" if rule.first else "",
        {"silent": f"for more than {rule.days} days", "first_fall": f"in {rule.days} days"}.get(rule.when, "")
        if rule.days
        else "",
    )
    return " ".join((of, *filter(None, more)))


_RULE_WORDS: dict[When, str] = {
    "rises": "rises by at least {by}",
    "falls": "falls by at least {by}",
    "crosses": "crosses",
    "revises": "past revised by more than {by}",
    "stated_differs": "own increase differs from the ledger's",
    "first_fall": "falls for the first time",
    "silent": "silent",
    "printed": "a registered article says what is true no longer",
}


def _ended(event: RuleEvent, name: str) -> str:
    """The end of an episode: what it is now, and since when it lasted."""
    if event.as_of is None:
        return f"{name}: news again, after nothing new since {known_day(event.since)}"
    now = f"{_content(event.new)} as of {day(event.as_of)}" if event.new else f"as of {day(event.as_of)}"
    return f"{name}: over, after it began on {known_day(event.since)}; now {now}"


def _moved(event: RuleEvent) -> str:
    """Both values, by how much, and of which days."""
    assert event.as_of is not None
    old, new = _content(event.old), _content(event.new)
    by = signed(round(event.by, 2).normalize() if event.by % 1 else event.by) if event.by is not None else ""
    percent = f"{signed(round(event.percent, 1))}%" if event.percent is not None else ""
    of = f" of {day(event.base)}" if event.base and event.base != event.as_of else ""
    size = ", ".join(filter(None, (by, percent)))
    return f"{old}{of} {ARROW} {new} as of {day(event.as_of)}" + (f" ({size})" if size else "")


def _content(content: str | None) -> str:
    read = read_content(content or "")
    return told(Figure(value=read.value, low=read.low, high=read.high, qualifier=read.qualifier))


def _fell(event: RuleEvent) -> str:
    """Since when it is the first fall; nothing of what is none."""
    if event.begins is None:
        return ""
    return f", the first fall since {day(event.fell)}" if event.fell else f", the first since {day(event.begins)}"
