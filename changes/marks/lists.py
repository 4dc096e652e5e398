"""Lists of what goes on now (`coverage: list`): items come, change and end, and none of that rewrites a past.

An item that the list has no longer has ended: its observations stay what they were, and it is in no table of now. One
that comes back goes on. Both are settlements of the item's newest observation, the actions `end` and `resume`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from changes.accepted import Accepted
from changes.compare import Seen
from changes.update import AUTOMATIC, OWN, Settlement
from model import CheckName, CheckResult, Day, Reading, Source

_NAMED = 5


def is_empty_list(source: Source, reading: Reading) -> bool:
    """Whether a release is a list on which nothing stands, soundly read."""
    return source.coverage == "list" and not reading.cells and not _is_doubtful(reading)


def follow(source: Source, accepted: Accepted, reading: Reading, seen: Seen) -> Sequence[Settlement]:
    """Which items of a list have ended with a release, and which go on again; of a doubtful reading none ends."""
    if source.coverage != "list":
        return ()
    stated = seen.contents.keys() | {series_id for series_id, _ in (*seen.blank, *seen.unread, *seen.conflicts)}
    back = [_settlement(accepted, one, "resume") for one in sorted(accepted.ended & stated)]
    if _is_doubtful(reading):
        return back
    gone = sorted(set(accepted.valued()) - stated - accepted.ended)
    return [*back, *(_settlement(accepted, one, "end") for one in gone)]


def tell(accepted: Accepted, settlements: Collection[Settlement]) -> Iterator[CheckResult]:
    """Say in the update itself which items ended or go on again: it may change no value."""
    for action, words in (("end", "no longer on the list"), ("resume", "on the list again")):
        keys = [accepted.keys[one.series_id].partition("/")[2] for one in settlements if one.action == action]
        if keys:
            shown = ", ".join(keys[:_NAMED]) + (f" and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else "")
            yield CheckResult(name=CheckName.ENDED.value, result="pass", message=f"{words}: {shown}")


def _settlement(accepted: Accepted, series_id: int, action: str) -> Settlement:
    newest = accepted.series[series_id][5] if series_id not in accepted.live else max(accepted.live[series_id])
    why = "the list has it no longer" if action == "end" else "the list has it again"
    return Settlement(OWN, series_id, Day((newest or "")[:10]), action, AUTOMATIC, why)


def _is_doubtful(reading: Reading) -> bool:
    return any(check.result != "pass" and check.name != CheckName.REDIRECTED for check in reading.checks)
