"""What is logged, as lines for people or as JSON for machines, with what it is about: source, run, update, reason."""

from __future__ import annotations

import contextvars
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import msgspec

from model import UsageError

LogForm = Literal["plain", "json"]

_NOTHING: dict[str, str] = {}
_about: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("about", default=_NOTHING)


@contextmanager
def about(**fields: str | None) -> Iterator[None]:
    """Let everything that is logged within a block say what it is about; what is None is left out."""
    before = _about.set(_about.get() | {name: value for name, value in fields.items() if value})
    try:
        yield
    finally:
        _about.reset(before)


def log_form(text: str | None) -> LogForm | None:
    """How to log, as a setting says it. Raises `UsageError`."""
    if text is None:
        return None
    if text in ("plain", "json"):
        return "plain" if text == "plain" else "json"
    raise UsageError(f"TALLYBOOK_LOG is {text!r}", "write plain or json")


def begin(form: LogForm | None) -> None:
    """Log to standard error from here on; without a form only what is wrong, as Python does by itself."""
    log = logging.getLogger("tallybook")
    if form is None or any(isinstance(one.formatter, _Formatter) for one in log.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if form == "json" else _Formatter())
    log.addHandler(handler)
    log.propagate = form == "plain"  # what Prefect makes of it would come beside it
    log.setLevel(logging.INFO)


class _Formatter(logging.Formatter):
    """A line with the time in UTC; the trace of an error follows."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")


class _JsonFormatter(_Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": f"{self.formatTime(record, self.datefmt)}Z",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(told | _about.get()).decode()
