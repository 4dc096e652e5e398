"""Does a new series have a name that anybody wrote?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from changes.checks.context import Check, Context, Finding, found
from changes.kinds import Key
from changes.labels import decoded
from model import SeriesRef


def encoded_twice(context: Context) -> Iterator[Finding]:
    """Hold new series whose label is text that was encoded twice, such as `ZÃ¼rich`."""
    garbled: dict[str, list[Key]] = defaultdict(list)
    for change in context.changes:
        if change.kind == "first" and change.key not in context.held:
            for label in SeriesRef.parse(context.accepted.first_ref[change.series_id]).labels:
                if decoded(label) != label:
                    garbled[label].append(change.key)
    for label, keys in garbled.items():
        message = f"{label!r} seems to be {decoded(label)!r}, encoded twice; accept it only if that is its name"
        at = (context.accepted.keys[keys[0][0]], None)
        yield found("encoded_twice", "hold", message, holds=frozenset(keys), at=at)


CHECKS = (
    Check(
        "encoded_twice",
        encoded_twice,
        order=70,
        holds="a new series' label is text that was encoded twice (`ZÃ¼rich`)",
        of_changes=True,
    ),
)
