"""What was found while reading: a doubt of the reader holds what the release brings."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from changes.checks.context import Context, Finding


def found_while_reading(context: Context) -> Iterator[Finding]:
    """The findings of the reader; a doubt holds all that is new, or what is new at its as-of, and else only warns."""
    for result in context.reading.checks:
        if result.result != "hold":
            yield Finding(result)
            continue
        touched = frozenset(change.key for change in context.changes if result.as_of in (None, change.as_of))
        if touched:
            yield Finding(result, touched)
        elif result.as_of is None:  # one of a day that is known already was told when it came
            yield Finding(msgspec.structs.replace(result, result="warn", message=f"would be held: {result.message}"))
