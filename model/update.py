"""Updates and their changes, as they are told: the JSON of `tallybook log`, `show` and `table`."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, get_args

import msgspec

from model.checks import CheckResult
from model.figure import Content, Figure, Kind, Qualifier
from model.snapshot import Cause
from model.times import Day, Instant

ChangeKind = Literal["first", "new", "late", "revised", "requalified", "withdrawn", "restored"]
Why = Literal["source", "extraction", "review"]
Status = Literal["accepted", "partly_held", "held", "rejected", "superseded"]
Verdict = Literal["matches", "approximately", "mismatch", "missed", "no_baseline"]

CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)

MarkerKind = Literal["note", "leak", "scope", "holiday", "method", "grade"]
"""A note, a leak, another scope, days without a report, another method, or a grade of quality."""

Grade = Literal["A", "B", "C", "D"]
"""From what may be printed as it stands (A) to what is not to be printed without another source (D)."""

MARKER_KINDS: tuple[MarkerKind, ...] = get_args(MarkerKind)
GRADES: tuple[Grade, ...] = get_args(Grade)


class SeriesBreak(msgspec.Struct, frozen=True, kw_only=True):
    """From this observation on a series is counted anew, and why."""

    as_of: Day
    why: str


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted, apart from when; its key is `<source>/<id>` and never changes."""

    series: str
    source: str
    title: str
    measure: str
    kind: str
    unit: str
    whom: str | None
    category: str | None
    attributed_to: tuple[str, ...]
    basis: str
    observations: int
    latest_as_of: Day | None
    latest: Figure | None
    series_breaks: tuple[SeriesBreak, ...] = ()
    ended: bool = False
    """Whether it is an item of a list that has it no longer."""


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """The recorded version from which a stated difference leads to the stated value."""

    update: str
    series: str
    as_of: Day
    known_at: Instant
    value: Decimal
    versions_back: int = 1


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """A report's own increment set against the ledger.

    `implied_base` is the new value less the stated one; `computed` is the difference the ledger gives.
    """

    value: Decimal | None
    verdict: Verdict
    baseline: Baseline | None
    implied_base: Decimal | None = None
    computed: Decimal | None = None
    quote: str = ""
    sentence: str = ""


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What else is known of a change: `reverts` names an update, `redated` the other as-of of a moved row.

    `series_break` says why the series is counted anew since `old`, which is then not to be compared with `new`.
    """

    reverts: str | None = None
    redated: Day | None = None
    how: Literal["row", "cell", "series"] | None = None
    echo: bool = False
    series_break: str | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a person decided: on which update's value, what, who and why; `made` is the update that the decision is."""

    update: str
    action: Literal["accept", "reject", "correct", "same", "break", "unbreak"]
    who: str
    why: str
    made: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One observation's change in one update; `old` and `new` are figures, `difference` new less old.

    `decision` is what a person decided: the decision that made this change, or the one that settled this hold. `ended`
    is the update that ended this hold without one, since the source states something else there.
    """

    kind: ChangeKind
    why: Why
    series: str
    as_of: Day
    old: Figure | None
    new: Figure | None
    difference: Decimal | None
    held: bool = False
    marks: Marks = Marks()
    stated: Stated | None = None
    decision: Decision | None = None
    ended: str | None = None
    sentence: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A summary of the changes of one kind in one series, or of one kind and measure where the series are many.

    Nothing is summed over series: `net`, `old` and `new` are there where the group is one series. `old` is what was
    last known before, `new` the newest value; `net` is `new` less `old`, for increments (`counted` is `change`) the new
    values' own sum, or what a rewritten past moved by; days of a total are not summed. `up`, `down` and `largest` speak
    of single changes, the largest one of `largest_series`. Held changes are counted, in `held` too, and are in nothing
    else.
    """

    kind: ChangeKind
    series: str | None = None
    measure: str | None = None
    count: int
    as_of_first: Day
    as_of_last: Day
    up: int
    down: int
    largest: Decimal | None
    largest_series: str | None = None
    net: Decimal | None = None
    old: Content | None = None
    new: Content | None = None
    counted: Kind | None = None
    series_count: int = 1
    held: int = 0


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """One numbered, immutable step of a source's ledger, as the diff log tells it.

    `copy` names the old copy that was recorded (`cause` backfill): a file, or `commit:file` of a git history.
    """

    update: str
    source: str
    known_at: Instant
    recorded_at: Instant
    cause: Cause
    status: Status
    snapshot: str | None
    changes_total: int
    groups: tuple[Group, ...]
    checks: tuple[CheckResult, ...]
    changes: tuple[Change, ...]
    echoes: int = 0
    title: str = ""
    basis: str = ""
    headline: str = ""
    url: str | None = None
    copy: str | None = None
    content_digest: str = ""
    chain_digest: str = ""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded version of an observation, as `tallybook show` lists it; `value` null and no range: withdrawn."""

    series: str
    as_of: Day
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    qualifier: Qualifier
    known_at: Instant
    recorded_at: Instant
    update: str
    superseded_by: str | None
    kind: ChangeKind
    held: bool = False
    series_break: str | None = None


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """A series' accepted figure for one as-of, as `tallybook table` lists it."""

    series: str
    as_of: Day
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    qualifier: Qualifier
    unit: str
    measure: str
    whom: str | None
    category: str | None
    kind: str
    attributed_to: tuple[str, ...]
    period_start: Day | None
    period_end: Day | None
    denied: bool
    quote: str
    number_text: str
    start: int
    end: int
    as_of_basis: Literal["stated", "published", "fetched"]
    update: str
    known_at: Instant
    recorded_at: Instant
    series_break: str | None = None


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """One note on a series, or on all series of a source (`about` is its id), of some days or of all.

    A `grade` has its letter; the newest one that stands counts. `by` is who wrote it, and is shown to the desk alone.
    """

    number: int
    about: str
    kind: MarkerKind
    text: str
    by: str
    at: Instant
    first: Day | None = None
    last: Day | None = None
    grade: Grade | None = None

    def is_about(self, series: str) -> bool:
        """Whether it speaks of a series."""
        return self.about in (series, series.partition("/")[0])
