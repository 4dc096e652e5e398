"""What was found, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model import Series
from publish.finding.find import Hit, SearchResult, ValueStanding
from publish.names import in_words
from publish.numbers import count_of, day, known_day, told
from publish.safe import safe

if TYPE_CHECKING:
    from rich.console import Console

STANDINGS: dict[ValueStanding, str] = {
    "counts": "",
    "replaced": "another value counts there now",
    "withdrawn": "withdrawn since",
    "held": "held, does not count",
    "was_held": "was held, and never counted",
    "rejected": "decided against, does not count",
}
"""What is said beside a value that was found and does not count, or not any more."""

MATCHED = {
    "value": "", "hedged": "hedged, or one end of a range", "stated": "stated as the change",
    "difference": "the difference", "words": "",
}  # fmt: skip


def standing_words(hit: Hit) -> str:
    """How a value that was found stands: nothing where it counts."""
    told_so = STANDINGS[hit.standing]
    by = f" ({hit.replaced_by})" if hit.replaced_by and hit.standing in ("replaced", "withdrawn", "was_held") else ""
    return told_so + by


def matched_words(hit: Hit) -> str:
    """What the number that was asked for is at its place, where it is not the value."""
    return MATCHED[hit.matched[0]] if hit.matched else ""


def render_finding(finding: SearchResult, console: Console) -> None:
    """Print what was found, best first: a sentence each, who says it, its update, and how it stands."""
    from rich.text import Text

    for hit in finding.hits:
        who = " × ".join(hit.change.new.attributed_to if hit.change.new else ()) or hit.carrier
        notes = "; ".join(filter(None, (matched_words(hit), standing_words(hit))))
        console.print(Text(safe(f"{hit.name}: {hit.sentence}", "terminal"), "bold"))
        line = f"  {who}, {hit.basis}; {hit.update}, known {known_day(hit.known_at)}"
        console.print(Text(safe(line, "terminal"), "bright_black"))
        if notes:
            console.print(Text(safe(f"  {notes}", "terminal"), "yellow"))
    for one in finding.series:
        console.print(Text(safe(f"series {one.series}: {_newest(one)}", "terminal")))
    for source in finding.sources:
        console.print(Text(safe(f"source {source.source}: {source.title}, {source.carrier}", "terminal")))
    if finding.more:
        more = ", ".join(in_words(one) for one in finding.more)
        console.print(Text(f"there is more: {more} (--limit)", "bright_black"))
    if not finding.empty:
        total = len(finding.hits) + len(finding.series) + len(finding.sources)
        console.print(Text(count_of(total, "result"), "bright_black"))


def _newest(series: Series) -> str:
    if series.latest is None or series.latest_as_of is None:
        return "nothing counts there"
    return f"{told(series.latest)}, as of {day(series.latest_as_of)}"
