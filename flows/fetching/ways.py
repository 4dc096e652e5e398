"""The way to an address: that it is answered from elsewhere is told when that begins, changes and ends."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from model import CheckName, CheckResult, Fetched
from sources.web.redirects import tell_way
from storage import Attempt

WAY = "Tallybook-Way"
"""Beside the headers of an answer that came from another host or path: what is said of that."""


def with_way(asked: str, fetched: Fetched, key: str = "url") -> Fetched:
    """An answer with what is said of the way that it came, and nothing of the way that one before it came."""
    headers = {name: value for name, value in fetched.headers.items() if name != WAY}
    told = tell_way(asked, fetched, key)
    return msgspec.structs.replace(fetched, headers=({WAY: told} if told else {}) | headers)


def is_another_way(last: Attempt, fetched: Fetched) -> bool:
    """Whether an answer came another way than the one before."""
    return last.headers.get(WAY) != fetched.headers.get(WAY)


def way_checks(headers: Mapping[str, str]) -> tuple[CheckResult, ...]:
    """What the release says, whose answer had these headers, of the way that it came."""
    told = headers.get(WAY)
    return (CheckResult(name=CheckName.REDIRECTED, result="warn", message=told),) if told else ()
