"""What a reader is shown of an update, and in which order: held, headline, the past that was rewritten, the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from model.checks import CheckResult
from model.times import Day
from model.update import Change, Group, Status, Update
from publish.numbers import ARROW, count_of, day, days
from publish.words import Phrase, Span, change_phrase, group_sentence, series_label

SHOWN = 20
"""More changes than this are told in groups, and only those that need a reader are listed."""

FAIR = ("matches", "approximately")
CAUSES = {
    "fetch": "fetched",
    "replay": "read again",
    "backfill": "from an older copy",
    "review": "a decision",
    "manual": "saved by hand",
}
STATUSES: dict[Status, str] = {
    "accepted": "accepted",
    "partly_held": "partly held",
    "held": "held, does not count",
    "rejected": "rejected, does not count",
    "superseded": "superseded by a later value",
}


@dataclass(frozen=True)
class Move:
    """A row that stands at another as-of now."""

    before: Day
    after: Day
    values: int

    @property
    def sentence(self) -> str:
        """The move in a sentence."""
        numbers = "same number" if self.values == 1 else f"same {self.values} numbers"
        return f"moved: the row of {day(self.before)} is dated {day(self.after)} now, {numbers}"


@dataclass(frozen=True)
class Outline:
    """One update as it is told: a headline, the changes that are listed, and what is only counted."""

    update: Update
    headline: Phrase
    lead: Change | None
    rows: tuple[Change, ...]
    moves: tuple[Move, ...]
    groups: tuple[Group, ...]
    notes: tuple[CheckResult, ...]
    unchanged: int
    ordinary: bool
    about_lead: bool
    also: str

    @property
    def source(self) -> str:
        """The source's title, else its id."""
        return self.update.title or self.update.source

    @property
    def number(self) -> str:
        """The update's number within its source."""
        return self.update.update.rpartition("/")[2]

    @property
    def held(self) -> bool:
        """Whether something of the update is held."""
        return self.update.status in ("held", "partly_held")

    @property
    def elided(self) -> int:
        """How many changes are neither listed nor told otherwise."""
        return max(0, self.update.changes_total - len(self.rows) - self.unchanged) if self.groups else 0


class Run(NamedTuple):
    """Neighbouring updates of the log that are told together, newest first; folded ones take one line."""

    folded: bool
    members: tuple[Outline, ...]


def newest_first(updates: Iterable[Update]) -> list[Update]:
    """Order updates by when the world could know them, newest first; of one instant by source, newest number first."""
    by_source = sorted(updates, key=lambda update: (update.source, -_number(update)))
    return sorted(by_source, key=lambda update: update.known_at, reverse=True)


def outline(update: Update, titles: Mapping[str, str] = {}) -> Outline:
    """Decide what of an update is shown."""
    moves, changes = _moves([change for change in update.changes if not change.marks.echo])
    still = [change for change in changes if _stands_still(change)]
    news = [change for change in changes if not _stands_still(change)]
    many = update.changes_total > SHOWN
    lead = _lead(news)
    rows = [change for change in news if not many or change is lead or _needs_a_reader(change)]
    notes = tuple(check for check in update.checks if check.result != "pass" or check.name == "break")
    return Outline(
        update=update,
        headline=_headline(update, lead, news, titles),
        lead=lead,
        rows=tuple(sorted(rows, key=lambda change: (_rank(change, lead), _place(change)))[:SHOWN]),
        moves=moves,
        groups=update.groups if many else (),
        notes=notes,
        unchanged=len(still),
        ordinary=_is_ordinary(update, changes, notes),
        about_lead=_about_lead(update, lead, news),
        also="" if many or lead is None or lead.kind not in ("new", "first") else _past(news, moves),
    )


def runs(outlines: Sequence[Outline]) -> Iterator[Run]:
    """Fold neighbouring ordinary updates of one source, never its newest; every other update stands alone."""
    newest: set[str] = set()
    keys: list[tuple[str, bool]] = []
    for place, one in enumerate(outlines):
        folds = one.ordinary and one.update.source in newest
        newest.add(one.update.source)
        keys.append((one.update.source, True) if folds else (str(place), False))
    for (_, folded), members in groupby(zip(keys, outlines, strict=True), key=lambda pair: pair[0]):
        yield Run(folded, tuple(one for _, one in members))


def run_sentence(run: Sequence[Outline]) -> Phrase:
    """One line for ordinary updates: how many, when, from and to."""
    newest, oldest = run[0], run[-1]
    first, last = oldest.update.known_at[:10], newest.update.known_at[:10]
    what = f"{count_of(len(run), 'update')}, {days(Day(first), Day(last))}" if len(run) > 1 else newest.update.update
    listed = [change for one in run for change in one.rows]
    fair = bool(listed) and all(change.stated and change.stated.verdict in FAIR for change in listed)
    what += ", all as stated: " if fair else ": "
    old = next((span for span in oldest.headline if span.role == "old"), None)
    new = next((span for span in newest.headline if span.role == "new"), None)
    if len(run) == 1 or old is None or new is None:
        return (Span(what), *newest.headline)
    return (Span(what), old, Span(f" {ARROW} "), new)


def summary(outlines: Sequence[Outline]) -> str:
    """The whole log in a sentence: `7 updates from 4 sources; 1 is held and does not count.`"""
    if not outlines:
        return "Nothing has changed."
    sources = count_of(len({one.update.source for one in outlines}), "source")
    held = sum(one.held for one in outlines)
    unfair = sum(1 for one in outlines for change in one.rows if change.stated and change.stated.verdict == "mismatch")
    parts = [f"{count_of(len(outlines), 'update')} from {sources}"]
    if held:
        parts.append(f"{held:,} {'is' if held == 1 else 'are'} held and {'does' if held == 1 else 'do'} not count")
    if unfair:
        parts.append(f"{count_of(unfair, 'stated change')} {'does' if unfair == 1 else 'do'} not agree with the ledger")
    return "; ".join(parts) + "."


def group_subject(group: Group, titles: Mapping[str, str] = {}) -> str:
    """What a group is about: its series' label, or its measure."""
    return series_label(group.series, titles) if group.series else (group.measure or "all series")


def status_words(update: Update) -> str:
    """The update's status in words, with how it came where that was not an ordinary fetch."""
    cause = "" if update.cause == "fetch" else f", {CAUSES[update.cause]}"
    return STATUSES[update.status] + cause


def _number(update: Update) -> int:
    tail = update.update.rpartition("/")[2]
    return int(tail) if tail.isdecimal() else 0


def _moves(changes: list[Change]) -> tuple[tuple[Move, ...], list[Change]]:
    arrived = [change for change in changes if change.marks.redated and change.kind not in ("withdrawn", "revised")]
    pairs = {(change.series, change.marks.redated, change.as_of) for change in arrived}
    counts: dict[tuple[Day, Day], int] = {}
    for change in arrived:
        if change.marks.redated:
            row = (change.marks.redated, change.as_of)
            counts[row] = counts.get(row, 0) + 1
    told = {id(change) for change in arrived}
    left = [
        change
        for change in changes
        if id(change) not in told
        and not (change.kind == "withdrawn" and (change.series, change.as_of, change.marks.redated) in pairs)
    ]
    return tuple(Move(before, after, count) for (before, after), count in sorted(counts.items())), left


def _stands_still(change: Change) -> bool:
    if change.kind != "new" or change.held or change.old is None or change.new is None:
        return False
    if change.old.content != change.new.content:
        return False
    return change.stated is None or change.stated.verdict in FAIR


def _lead(news: list[Change]) -> Change | None:
    """What comes first: held, then what the report gets wrong, then what it states itself, then the newest."""

    def weight(change: Change) -> int:
        if change.held:
            return 0
        if _needs_a_reader(change):
            return 1
        if change.kind not in ("new", "first"):
            return 5
        if change.stated and change.stated.verdict in FAIR:
            return 2
        return 3 if change.kind == "new" else 4

    return min(news, key=lambda change: (weight(change), _place(change)), default=None)


def _place(change: Change) -> tuple[bool, int]:
    """Where the report states the change, so that its own order is kept."""
    return (change.new is None, change.new.start if change.new else 0)


def _needs_a_reader(change: Change) -> bool:
    unfair = change.stated is not None and change.stated.verdict not in (*FAIR, "no_baseline")
    return change.held or unfair


def _rank(change: Change, lead: Change | None) -> int:
    if change.held:
        return 0
    if change is lead:
        return 1
    return 3 if change.kind in ("new", "first") else 2


def _is_ordinary(update: Update, changes: list[Change], notes: tuple[CheckResult, ...]) -> bool:
    expected = all(
        change.kind in ("new", "first")
        and change.why == "source"
        and (change.stated is None or change.stated.verdict in (*FAIR, "no_baseline"))
        for change in changes
    )
    return update.status == "accepted" and not notes and expected and update.cause in ("fetch", "backfill", "manual")


def _about_lead(update: Update, lead: Change | None, news: list[Change]) -> bool:
    """Whether the headline tells the leading change, not the update as a whole."""
    if lead is None or lead.held:
        return lead is not None
    if update.status == "held":
        return False
    return lead.kind == "new" or len(news) == 1 == update.changes_total or _is_mixed_first(lead, news)


def _is_mixed_first(lead: Change, news: list[Change]) -> bool:
    return lead.kind == "first" and any(change.kind != "first" for change in news)


def _headline(update: Update, lead: Change | None, news: list[Change], titles: Mapping[str, str]) -> Phrase:
    if lead is not None and _about_lead(update, lead, news):
        return _with_subject(change_phrase(lead), series_label(lead.series, titles))
    if update.status == "held":
        return (Span("held: ", "hold"), Span("nothing of this update counts until someone decides"))
    if lead is None:
        return _quiet(update)
    if lead.kind == "first":
        return _first_seen(update, news)
    many = update.changes_total > SHOWN
    largest = max(update.groups, key=lambda group: group.count, default=None)
    told = group_sentence(largest) if many and largest else count_of(update.changes_total, "change")
    return (Span("the past was rewritten: ", "lead"), Span(told, "new"))


def _past(news: list[Change], moves: Sequence[Move]) -> str:
    """Say beside a headline of something new that the past was rewritten too."""
    revised = [change for change in news if change.kind == "revised" and not change.held]
    gone = sum(change.kind == "withdrawn" for change in news)
    parts = [count_of(len(revised), "value") + f" revised{_ways(revised)}"] if revised else []
    parts += [count_of(gone, "value") + " withdrawn"] if gone else []
    parts += [count_of(len(moves), "row") + " moved to another date"] if moves else []
    return f"the past was rewritten too: {', '.join(parts)}" if parts else ""


def _ways(revised: list[Change]) -> str:
    up = sum((change.difference or 0) > 0 for change in revised)
    down = sum((change.difference or 0) < 0 for change in revised)
    ways = [f"{count:,} {word}" for count, word in ((up, "up"), (down, "down")) if count]
    return f" ({', '.join(ways)})" if ways else ""


def _with_subject(phrase: Phrase, subject: str) -> Phrase:
    """Say what the number counts: behind it where a date follows (`121,507 killed, as of …`), else in front."""
    if phrase[-1].role == "of":
        return (*phrase[:-1], Span(f" {subject}", "of"), phrase[-1])
    return (Span(f"{subject}, ", "lead"), *phrase)


def _first_seen(update: Update, news: list[Change]) -> Phrase:
    series = {group.series for group in update.groups if group.kind == "first" and group.series}
    count = len(series) or len({change.series for change in news})
    values = sum(group.count for group in update.groups if group.kind == "first") or len(news)
    each = "" if values == count else f", {count_of(values, 'value')}"
    return (Span("first seen: ", "lead"), Span(count_of(count, "series", "series") + each, "new"))


def _quiet(update: Update) -> Phrase:
    if update.changes_total == 0:
        return (Span("no figure changed"),)
    if update.groups and not update.changes:
        return (Span(group_sentence(max(update.groups, key=lambda group: group.count))),)
    return (Span("every figure stands as it was"),)
