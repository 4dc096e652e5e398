"""Patterns of definitions, compiled on google-re2, which has no catastrophic backtracking."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from model import UnreadableError

Place: TypeAlias = tuple[int, int]
"""Start and end in a text, in code points."""


class PatternMatch(NamedTuple):
    """One match: its place in the whole text, and the places of its groups by name and number."""

    place: Place
    groups: dict[str | int, Place]


def problem(pattern: str) -> str | None:
    """What is wrong with a pattern, in a sentence; None where it compiles."""
    try:
        _compiled(pattern)
    except UnreadableError as error:
        return error.message
    return None


def find(pattern: str, text: str, within: Place) -> PatternMatch | None:
    """The first match of a pattern in a part of a text, where `^` and `$` are the part's own ends.

    Raises `UnreadableError` for a pattern that does not compile.
    """
    compiled = _compiled(pattern)
    at = within[0]
    match = compiled.search(text[slice(*within)])
    if match is None:
        return None
    spans = {number: match.span(number) for number in range(compiled.groups + 1)}
    groups: dict[str | int, Place] = {
        number: (start + at, end + at) for number, (start, end) in spans.items() if start >= 0
    }
    groups |= {name: groups[number] for name, number in compiled.groupindex.items() if number in groups}
    return PatternMatch(groups[0], groups)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else error
        told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise UnreadableError(f"the pattern {pattern!r} does not compile: {told}") from None
