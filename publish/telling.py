"""Telling: what a reader is shown of updates, as a pure function of their changes.

One law: every number, verdict and "nothing" that is told is derived from changes that are named. An arrow joins two
values of one series, nothing is summed over series, "no figure changed" stands only where none did, and what is held,
warned of, revised, or as its source itself states, never folds. Terminal, page, feed, Markdown and API show a `Story`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

import msgspec

from changes.standing import OVER
from model.checks import CheckName, CheckResult
from model.figure import Content, Figure
from model.times import Day
from model.update import Change, ChangeKind, Group, Update
from publish.numbers import ARROW, amount, count_of, day, days, hedge, newness, number, signed
from publish.vocabulary import named
from publish.words import Phrase, Span, change_phrase, group_sentence, joined, series_label, ways, with_sentence

SHOWN = 20
"""More changes than this are told in groups, and only those that need a reader are listed."""

SERIES_TOLD = 3
"""So many series that moved are named in the line of a fold."""

NOTES_TOLD = 3
"""So many findings of one check are told, the rest is counted."""

FAIR = ("matches", "approximately")
CAUSES = named("causes")
STATUSES = named("statuses")
PAST: tuple[ChangeKind, ...] = ("revised", "requalified", "withdrawn", "restored", "late")
"""Kinds of change that rewrite or fill the past."""


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


class Mover(NamedTuple):
    """How far one series went in one update: from what was known before to the newest value that counts.

    `old` is None where nothing was known, or nothing that may be compared; `own` is the sum of the series' increments.
    `between` says that a value on the way was another than the one before it.
    """

    series: str
    old: Content | None
    new: Content
    own: Decimal | None
    compared: bool
    place: tuple[bool, int, int]
    between: bool

    @property
    def moved(self) -> bool:
        """Whether the series has another value now, or had one on the way."""
        return self.old != self.new or self.between


@dataclass(frozen=True)
class Story:
    """One update as it is told: a headline, the changes that are listed, and what is only counted."""

    update: Update
    headline: Phrase
    lead: Change | None
    rows: tuple[Change, ...]
    moves: tuple[Move, ...]
    groups: tuple[Group, ...]
    notes: tuple[CheckResult, ...]
    more_notes: tuple[tuple[str, int], ...]
    movers: tuple[Mover, ...] | None
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
    members: tuple[Story, ...]


def newest_first(updates: Iterable[Update]) -> list[Update]:
    """Order updates by when the world could know them, newest first; of one instant by source, newest number first."""
    by_source = sorted(updates, key=lambda update: (update.source, -_number(update)))
    return sorted(by_source, key=lambda update: update.known_at, reverse=True)


def _tells(check: CheckResult) -> bool:
    """Whether a check that passes is told: what a person said, what a list has no longer, and the end of a doubt."""
    return check.name in (CheckName.BREAK, CheckName.ENDED) or check.message.startswith(OVER)


def _told_checks(update: Update) -> tuple[CheckResult, ...]:
    return tuple(check for check in update.checks if check.result != "pass" or _tells(check))


def story(update: Update, titles: Mapping[str, str] = {}) -> Story:
    """Tell an update: which changes are listed, which counted, and what comes first.

    Of an update that was read with fewer changes than it has, and fewer than are listed, nothing is told of the whole.
    """
    if is_cut(update):
        return _of_a_cut(update, titles)
    moves, changes = _moves([change for change in update.changes if not change.marks.echo])
    still = [change for change in changes if _stands_still(change)]
    news = [change for change in changes if not _stands_still(change)]
    many = update.changes_total > SHOWN
    lead = _lead(news)
    notes = _told_checks(update)
    told_notes, more_notes = _few(notes)
    return Story(
        update=update,
        headline=_headline(update, lead, news, titles),
        lead=lead,
        rows=_listed([change for change in news if not many or change is lead or _needs_a_reader(change)], lead)[
            :SHOWN
        ],
        moves=moves,
        groups=update.groups if many else (),
        notes=told_notes,
        more_notes=more_notes,
        movers=_movers(update, changes),
        unchanged=0 if many else len(still),
        ordinary=_is_ordinary(update, changes, notes),
        about_lead=_about_lead(update, lead, news),
        also="" if many or lead is None or lead.kind not in ("new", "first") else _past(news, moves),
    )


def is_cut(update: Update) -> bool:
    """Whether an update comes with too few of its changes to be told as a whole: what waits of it, say."""
    return len(update.changes) < min(update.changes_total, SHOWN)


def _of_a_cut(update: Update, titles: Mapping[str, str]) -> Story:
    """A part of an update: each of its changes, under the sentence of the first one, and no word of the others."""
    changes = [change for change in update.changes if not change.marks.echo]
    lead = _lead(changes)
    subject = series_label(lead.series, titles) if lead else ""
    notes, more_notes = _few(_told_checks(update))
    return Story(
        update=update,
        headline=_with_subject(change_phrase(lead), subject) if lead else (Span(f"{update.changes_total:,} changes"),),
        lead=lead,
        rows=_listed(changes, lead),
        moves=(),
        groups=(),
        notes=notes,
        more_notes=more_notes,
        movers=None,
        unchanged=0,
        ordinary=False,
        about_lead=True,
        also="",
    )


def _listed(changes: Sequence[Change], lead: Change | None) -> tuple[Change, ...]:
    """Changes in the order in which they are listed."""
    return tuple(sorted(changes, key=lambda change: (_rank(change, lead), _place(change))))


def tell(update: Update, titles: Mapping[str, str] = {}) -> Update:
    """Fill in the headline and the sentence of every change and of every stated difference.

    `titles` maps series keys to names; a change whose series is named there begins with the name.
    """
    changes = tuple(with_sentence(change, titles) for change in update.changes)
    headline = joined(story(update, titles).headline)
    return msgspec.structs.replace(update, changes=changes, headline=headline)


def runs(stories: Sequence[Story]) -> Iterator[Run]:
    """Fold neighbouring ordinary updates of one source, never its newest; every other update stands alone."""
    newest: set[str] = set()
    keys: list[tuple[str, bool]] = []
    for place, one in enumerate(stories):
        folds = one.ordinary and one.update.source in newest
        newest.add(one.update.source)
        keys.append((one.update.source, True) if folds else (str(place), False))
    for (_, folded), members in groupby(zip(keys, stories, strict=True), key=lambda pair: pair[0]):
        yield Run(folded, tuple(one for _, one in members))


def fold_phrase(run: Sequence[Story], titles: Mapping[str, str] = {}) -> Phrase:
    """One line for ordinary updates, newest first: how many, when, and which series went from where to where."""
    newest, oldest = run[0], run[-1]
    first, last = oldest.update.known_at[:10], newest.update.known_at[:10]
    what = f"{count_of(len(run), 'update')}, {days(Day(first), Day(last))}" if len(run) > 1 else newest.update.update
    if any(one.movers is None for one in run):
        values = sum(group.count for one in run for group in one.update.groups)
        return (Span(f"{what}: {count_of(values, 'new value')}"),)
    steps: dict[str, list[Mover]] = {}
    for one in run:
        for mover in one.movers or ():
            steps.setdefault(mover.series, []).insert(0, mover)
    moved = {series: found for series, found in steps.items() if any(mover.moved for mover in found)}
    if not moved:
        return (Span(f"{what}: {_nothing(_echoes(run))}"),)
    shown = sorted(moved, key=lambda series: moved[series][-1].place)
    phrase: list[Span] = [Span(f"{what}: ")]
    for series in shown[:SERIES_TOLD]:
        phrase += [Span("; " if len(phrase) > 1 else ""), *_went(moved[series], len(run), titles)]
    left = len(moved) - SERIES_TOLD
    return (*phrase, Span(f"; and {left:,} more" if left > 0 else ""))


def _went(steps: Sequence[Mover], of: int, titles: Mapping[str, str]) -> Phrase:
    """How far one series went in updates, oldest first: `tanks 11,812 → 11,914 +102 in 19 updates`."""
    name = Span(series_label(steps[0].series, titles) + " ", "of")
    begun = steps[0].old if steps[0].old is not None else (steps[0].new if len(steps) > 1 else None)
    new = steps[-1].new
    count = sum(step.moved for step in steps)
    often = f" in {count_of(count, 'update')}" if of > 1 else ""
    if begun is None or not all(step.compared for step in steps):
        return (name, Span(_told_content(new), "new"), Span(often))
    if steps[0].own is not None:
        owns = [step.own for step in steps]
        total = sum((own for own in owns if own is not None), Decimal(0))
        by = f", {number(total)} in all" if None not in owns else ""
    else:
        single = begun.value is not None and new.value is not None
        by = f" {signed((new.value or Decimal()) - (begun.value or Decimal()))}" if single else ""
        by = ", and others between" if begun == new else by
    return (
        name,
        Span(_told_content(begun), "old"),
        Span(f" {ARROW} "),
        Span(_told_content(new), "new"),
        Span(by + often),
    )


def _told_content(content: Content) -> str:
    figure = Figure(value=content.value, low=content.low, high=content.high, qualifier=content.qualifier)
    return " ".join(filter(None, (hedge(figure), amount(figure))))


def reasons(update: Update, change: Change) -> list[CheckResult]:
    """The checks that hold a change, or its whole update."""
    return [check for check in update.checks if check.result == "hold" and _speaks_of(check, change)]


def _speaks_of(check: CheckResult, change: Change) -> bool:
    return check.series is None or (check.series == change.series and check.as_of in (None, change.as_of))


def corrects_nothing(change: Change, value: str, qualifier: str | None) -> bool:
    """Whether a correction would only let count what was read: it would make a slip count."""
    read = change.new
    plain = "".join(value.replace("\u2212", "-").replace(",", "").split())
    try:
        given = Decimal(plain)
    except ArithmeticError:
        return False
    return read is not None and read.value == given and (qualifier or read.qualifier) == read.qualifier


def summary(stories: Sequence[Story]) -> str:
    """The whole log in a sentence: `7 updates from 4 sources; 1 is held and does not count.`"""
    if not stories:
        return "Nothing has changed."
    sources = count_of(len({one.update.source for one in stories}), "source")
    held = sum(one.held for one in stories)
    unfair = sum(1 for one in stories for change in one.rows if change.stated and change.stated.verdict == "mismatch")
    parts = [f"{count_of(len(stories), 'update')} from {sources}"]
    if held:
        parts.append(f"{held:,} {_verb(held, 'is', 'are')} held and {_verb(held, 'does', 'do')} not count")
    if unfair:
        parts.append(f"{count_of(unfair, 'stated change')} {_verb(unfair, 'does', 'do')} not agree with the ledger")
    return "; ".join(parts) + "."


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def group_subject(group: Group, titles: Mapping[str, str] = {}) -> str:
    """What a group is about: its series' label, or its measure and how many series are measured so."""
    if group.series:
        return series_label(group.series, titles)
    measure = group.measure if group.measure and group.measure != "other" else ""
    return " in ".join(filter(None, (measure, count_of(group.series_count, "series", "series"))))


def status_words(update: Update) -> str:
    """The update's status in words, with how it came where that was not an ordinary fetch."""
    cause = "" if update.cause == "fetch" else f", {CAUSES[update.cause]}"
    return STATUSES.get(update.status, update.status) + cause + _commit_words(update.copy or "")


_COMMIT = re.compile(r"([0-9a-f]{12})[0-9a-f]{28,52}:(.*)", re.DOTALL)


def _commit_words(copy: str) -> str:
    """A copy out of a git history, by as many digits of its commit as git shows, too, and its file."""
    found = _COMMIT.fullmatch(copy)
    return f" (commit {found[1]}, {found[2]})" if found else ""


def _movers(update: Update, changes: Sequence[Change]) -> tuple[Mover, ...] | None:
    """Which series went on, and how far; None where that is not known of all of them."""
    if len(update.changes) == update.changes_total:
        by_series: dict[str, list[Change]] = {}
        for change in sorted(changes, key=lambda change: change.as_of):
            if change.kind in ("new", "first") and not change.held and change.new is not None:
                by_series.setdefault(change.series, []).append(change)
        return tuple(_mover(found) for found in by_series.values())
    groups = [group for group in update.groups if group.kind in ("new", "first")]
    if any(group.series is None or group.new is None for group in groups):
        return None
    return tuple(_mover_of(group, place) for place, group in enumerate(groups))


def _mover(found: Sequence[Change]) -> Mover:
    first, last = found[0], found[-1]
    figures = [change.new for change in found if change.new is not None]
    values = [figure.value for figure in figures]
    own = sum((one for one in values if one is not None), Decimal(0)) if figures[-1].kind == "change" else None
    return Mover(
        series=last.series,
        old=_content(first.old) if first.old else None,
        new=_content(figures[-1]),
        own=own if None not in values else None,
        compared=figures[-1].kind in ("total", "change") and not any(change.marks.series_break for change in found),
        place=_importance(last),
        between=_between(found),
    )


def _between(found: Sequence[Change]) -> bool:
    return any(_content(one.old) != _content(one.new) for one in found if one.old and one.new)


def _mover_of(group: Group, place: int) -> Mover:
    assert group.series is not None
    assert group.new is not None
    own = group.net if group.counted == "change" else None
    compared = group.counted in ("total", "change") and group.net is not None
    return Mover(
        group.series,
        group.old,
        group.new,
        own,
        compared,
        (False, group.series.count("/"), place),
        group.up + group.down > 0,
    )


def _content(figure: Figure) -> Content:
    return Content(figure.value, figure.low, figure.high, figure.qualifier)


def _importance(change: Change) -> tuple[bool, int, int]:
    """The whole before its parts, then in the order of the report."""
    figure = change.new or change.old
    part = figure is not None and figure.category is not None
    return (part, change.series.count("/"), figure.start if figure else 0)


def _few(notes: Sequence[CheckResult]) -> tuple[tuple[CheckResult, ...], tuple[tuple[str, int], ...]]:
    """The first findings of each check, and how many more each has."""
    counts: dict[tuple[str, str], int] = {}
    shown = []
    for check in notes:
        counts[check.name, check.result] = counts.get((check.name, check.result), 0) + 1
        if counts[check.name, check.result] <= NOTES_TOLD:
            shown.append(check)
    left = [(name, count - NOTES_TOLD) for (name, _), count in counts.items() if count > NOTES_TOLD]
    return tuple(shown), tuple(left)


def _number(update: Update) -> int:
    tail = update.update.rpartition("/")[2]
    return int(tail) if tail.isdecimal() else 0


def _moves(changes: list[Change]) -> tuple[tuple[Move, ...], list[Change]]:
    arrived = [change for change in changes if change.marks.redated and change.kind not in ("withdrawn", "revised")]
    pairs = {(change.series, change.marks.redated, change.as_of) for change in arrived}
    counts = Counter((change.marks.redated, change.as_of) for change in arrived if change.marks.redated)
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
    """What comes first: what waits, then what was held or is wrong, then what the report states, then the newest."""

    def weight(change: Change) -> int:
        if change.held and change.decision is None and change.ended is None:
            return 0
        if _needs_a_reader(change):
            return 1
        if change.kind not in ("new", "first"):
            return 5
        if change.stated and change.stated.verdict in FAIR:
            return 2
        return 3 if change.kind == "new" else 4

    def order(change: Change) -> tuple[int, int, tuple[bool, int, int]]:
        return (weight(change), -newness(change.as_of), _importance(change))

    return min(news, key=order, default=None)


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
        and (change.stated is None or change.stated.verdict == "no_baseline")
        for change in changes
    )
    groups = all(group.kind in ("new", "first") for group in update.groups)
    by_itself = update.cause in ("fetch", "backfill", "manual")
    return update.status == "accepted" and not notes and expected and groups and by_itself


def _about_lead(update: Update, lead: Change | None, news: list[Change]) -> bool:
    """Whether the headline tells the leading change, not the update as a whole."""
    if lead is None or lead.held:
        return lead is not None
    if update.status == "held":
        return False
    if update.changes_total > SHOWN:
        return lead.stated is not None and lead.stated.verdict != "no_baseline"
    return lead.kind == "new" or len(news) == 1 == update.changes_total or _is_mixed_first(lead, news)


def _is_mixed_first(lead: Change, news: list[Change]) -> bool:
    return lead.kind == "first" and any(change.kind != "first" for change in news)


def _without_changes(update: Update) -> str:
    ended = next((check.message for check in update.checks if check.name == CheckName.ENDED), None)
    return ended or _nothing(update.echoes)


def _echoes(run: Sequence[Story]) -> int:
    return sum(one.update.echoes for one in run)


def _nothing(echoes: int) -> str:
    """That no figure changed, but those that are derived from others, if any."""
    return f"{count_of(echoes, 'derived value')} changed, and no other" if echoes else "no figure changed"


def _headline(update: Update, lead: Change | None, news: list[Change], titles: Mapping[str, str]) -> Phrase:
    if lead is not None and _about_lead(update, lead, news):
        return _with_subject(change_phrase(lead), series_label(lead.series, titles))
    if update.status == "held":
        return (Span("held: ", "hold"), Span("nothing of this update counts until someone decides"))
    if update.changes_total > SHOWN:
        return _of_groups(update.groups, titles)
    if lead is None:
        return (Span("every figure stands as it was" if update.changes_total else _without_changes(update)),)
    if lead.kind == "first":
        return _first_seen(len({change.series for change in news}), len(news))
    return (Span("the past was rewritten: ", "lead"), Span(_counted(news), "new"))


def _of_groups(groups: Sequence[Group], titles: Mapping[str, str]) -> Phrase:
    """A large update in a line: what is new in its leading series, or in how many; and how much of the past moved."""
    news = [group for group in groups if group.kind == "new"]
    firsts = [group for group in groups if group.kind == "first"]
    past = _counted_groups(groups)
    if not news and not firsts:
        return (Span("the past was rewritten: ", "lead"), Span(past, "new"))
    also = (Span(f"; the past was rewritten too: {past}"),) if past else ()
    if not news:
        series = sum(group.series_count for group in firsts)
        return (*_first_seen(series, sum(group.count for group in firsts)), *also)
    return (*_new_of(news, titles), *also)


def _new_of(news: Sequence[Group], titles: Mapping[str, str]) -> Phrase:
    if any(group.series is None for group in news) or len(news) > SERIES_TOLD:
        count, series = sum(group.count for group in news), sum(group.series_count for group in news)
        up, down = sum(group.up for group in news), sum(group.down for group in news)
        last = day(max(group.as_of_last for group in news))
        told = f"{count_of(count, 'value')} in {count:,} series" if count == series else count_of(count, "value")
        told += f" of {series:,} series" if count != series else ""
        return (Span("new: ", "lead"), Span(told, "new"), Span(f"{ways(up, down)}, to {last}"))
    first = min(news, key=lambda group: (-newness(group.as_of_last), (group.series or "").count("/")))
    more = f"; and {len(news) - 1} more series" if len(news) > 1 else ""
    name = series_label(first.series or "", titles)
    return (Span(f"{name}, ", "lead"), Span(group_sentence(first), "new"), Span(f", to {day(first.as_of_last)}{more}"))


def _counted(news: Sequence[Change]) -> str:
    """How many changes of each kind rewrote the past: `7 values revised (6 up, 1 down), 2 values withdrawn`."""
    parts = []
    for kind in PAST:
        of_kind = [change for change in news if change.kind == kind]
        up = sum((change.difference or 0) > 0 for change in of_kind if not change.held)
        down = sum((change.difference or 0) < 0 for change in of_kind if not change.held)
        parts.append(_past_words(kind, len(of_kind), up, down))
    return ", ".join(filter(None, parts))


def _counted_groups(groups: Sequence[Group]) -> str:
    parts = []
    for kind in PAST:
        of_kind = [group for group in groups if group.kind == kind]
        up, down = sum(group.up for group in of_kind), sum(group.down for group in of_kind)
        parts.append(_past_words(kind, sum(group.count for group in of_kind), up, down))
    return ", ".join(filter(None, parts))


def _past_words(kind: ChangeKind, count: int, up: int, down: int) -> str:
    words = {"revised": "revised", "requalified": "with another hedge", "late": "filled in late"}
    told = f"{count_of(count, 'value')} {words.get(kind, kind)}" if count else ""
    return told + (ways(up, down) if kind == "revised" and count else "")


def _past(news: list[Change], moves: Sequence[Move]) -> str:
    """Say beside a headline of something new that the past was rewritten too."""
    past = [change for change in news if change.kind in ("revised", "withdrawn") and not change.held]
    parts = [_counted(past)] if past else []
    parts += [count_of(len(moves), "row") + " moved to another date"] if moves else []
    return f"the past was rewritten too: {', '.join(parts)}" if parts else ""


def _with_subject(phrase: Phrase, subject: str) -> Phrase:
    """Say what the number counts: behind it where a date follows (`121,507 killed, as of …`), else in front."""
    if phrase[-1].role == "of":
        return (*phrase[:-1], Span(f" {subject}", "of"), phrase[-1])
    return (Span(f"{subject}, ", "lead"), *phrase)


def _first_seen(series: int, values: int) -> Phrase:
    each = "" if values == series else f", {count_of(values, 'value')}"
    return (Span("first seen: ", "lead"), Span(count_of(series, "series", "series") + each, "new"))
