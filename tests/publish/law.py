"""The law of telling as a check: what is told of updates, held against all of their changes.

Every number in a telling occurs in a change of the updates that it tells of, or counts them; an arrow joins two values
of one series; a date is one of theirs; "no figure changed" stands where none did; nothing is summed that does not add.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import lxml.html
from rich.console import Console

from model import Change, Figure, Group, Instant, Update, dumps
from publish.html import log_html
from publish.lines import held_message
from publish.markdown import log_markdown, log_table
from publish.names import SeriesName
from publish.numbers import day, number
from publish.sentences import LANGUAGES, sentence
from publish.telling import FAIR, NOTES_TOLD, SERIES_TOLD, Story, fold_phrase, summary, tell
from publish.text import render_log
from publish.words import joined
from review.feeds import entry_of, entry_told

MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
DATE = re.compile(rf"\b\d{{1,2}} {MONTH} \d{{4}}\b")
SPAN = re.compile(rf"\b\d{{1,2}}(?: {MONTH})?(?: \d{{4}})? to (?=\d{{1,2}} {MONTH} \d{{4}}\b)")
OWN = re.compile(r"№ \d+|\d\d:\d\d UTC|\b[0-9a-f]{16}( …)?\b")
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
ARROW = re.compile(rf"({NUMBER.pattern})(?:%| to 1)? → (?:[a-z ]+ )?({NUMBER.pattern})")
WORDING = re.compile(r'"(?:headline|sentence)": ?("(?:[^"\\]|\\.)*")')
ENTITY = re.compile(r"\\(.)")


class Facts:
    """What may be told of some updates, from their changes: numbers, dates, and the values of each series."""

    def __init__(self, updates: Sequence[Update]) -> None:
        self.changes = [one for update in updates for one in update.changes if not one.marks.echo]
        self.values: dict[str, set[str]] = {}
        self.dates = {day(Update.known_at[:10]) for Update in updates} | {day(one.recorded_at[:10]) for one in updates}
        for one in self.changes:
            self.dates |= {day(found) for found in (one.as_of, one.marks.redated) if found}
            if one.stated and one.stated.baseline:
                self.dates.add(day(one.stated.baseline.known_at[:10]))
            self.values.setdefault(one.series, set()).update(map(_plain, _values(one)))
        self.numbers = {one for found in self.values.values() for one in found}
        self.numbers |= {_plain(one) for change in self.changes for one in _computed(change)}
        self.counts = {f"{one:,}" for one in _counts(updates, self.changes)}

    def one_series(self, old: str, new: str) -> bool:
        """Whether two values are of one series."""
        return any({old, new} <= found for found in self.values.values())


def _plain(value: Decimal) -> str:
    return number(abs(value))


def _sides(change: Change) -> Iterator[Figure]:
    return (side for side in (change.old, change.new) if side is not None)


def _values(change: Change) -> Iterator[Decimal]:
    for side in _sides(change):
        yield from (one for one in (side.value, side.low, side.high) if one is not None)


def _computed(change: Change) -> Iterator[Decimal]:
    if change.difference is not None:
        yield change.difference
    if change.stated is not None:
        base = change.stated.baseline
        found = (change.stated.value, change.stated.computed, change.stated.implied_base)
        yield from (one for one in found if one is not None)
        if base is not None:
            yield from (base.value, Decimal(base.versions_back))


def _counts(updates: Sequence[Update], changes: Sequence[Change]) -> set[int]:
    """Every count that may be told: of updates, of changes and their series by kind, series and measure, of notes."""
    found = {len(updates), len({one.source for one in updates}), sum(one.changes_total for one in updates)}
    keys: dict[object, list[Change]] = {}
    for one in changes:
        figure = one.new or one.old
        measure = figure.measure if figure else ""
        for key in (one.kind, (one.kind, one.series), (one.kind, measure, 0), (one.kind, one.held), "all", one.held):
            keys.setdefault(key, []).append(one)
        if one.marks.redated:
            keys.setdefault((one.as_of, one.marks.redated), []).append(one)
    for rows in keys.values():
        counting = [one for one in rows if not one.held]
        found |= {len(rows), len({one.series for one in rows})}
        found |= {
            sum((one.difference or 0) > 0 for one in counting),
            sum((one.difference or 0) < 0 for one in counting),
        }
        found.add(sum(one.held for one in rows))
    still = [one for one in changes if one.kind == "new" and not one.held and not _differs(one)]
    moved = {one.series for one in changes} - {one.series for one in still}
    found |= {len(still), sum(one.stated is None or one.stated.verdict in FAIR for one in still), len(moved)}
    found |= {len({one.series for one in changes if not one.held and _differs(one)})}
    found |= {found_ - less for found_ in list(found) for less in (1, SERIES_TOLD)}
    found |= {sum(one.status in ("held", "partly_held") for one in updates), sum(one.echoes for one in updates)}
    found.add(sum(one.stated is not None and one.stated.verdict == "mismatch" for one in changes))
    for update in updates:
        named = Counter((one.name, one.result) for one in update.checks)
        found |= {count - NOTES_TOLD for count in named.values()} | set(named.values())
        found |= {group.series_count - 1 for group in update.groups} | {len(update.groups) - 1, update.echoes}
        found.add(len({one.marks.redated for one in update.changes if one.marks.redated}))
    return found


def _differs(one: Change) -> bool:
    return one.new is not None and (one.old is None or one.old.content != one.new.content)


def masked(text: str, updates: Sequence[Update], titles: Mapping[str, str]) -> str:
    """A telling without what is not told as a number of it: names, words of checks and of people, dates, addresses."""
    names = {titles.get(one.series, "") for update in updates for one in update.changes}
    names |= {titles.get(group.series or "", "") for update in updates for group in update.groups}
    names |= {titles.get(group.largest_series or "", "") for update in updates for group in update.groups}
    for update in updates:
        names |= {update.title, update.basis, update.url or ""}
        for one in update.changes:
            names |= {one.decision.why if one.decision else "", one.marks.series_break or ""}
            names |= {side.quote for side in _sides(one)} | {one.stated.quote if one.stated else ""}
            names |= {one.stated.baseline.update if one.stated and one.stated.baseline else ""}
            names |= {who for side in _sides(one) for who in side.attributed_to}
    text = _without(text, {one.message for update in updates for one in update.checks})
    sources = "|".join(sorted({re.escape(one.source) for one in updates}))
    text = re.sub(rf"\b(?:{sources})/\d+", " ", text)
    return OWN.sub(" ", SPAN.sub(" ", _without(text, names)))


def _without(text: str, names: Iterable[str]) -> str:
    known = sorted(filter(None, {" ".join(one.split()) for one in names}), key=len, reverse=True)
    return re.sub("|".join(map(re.escape, known)) or "$^", " ", text, flags=re.IGNORECASE)


def broken(
    text: str, facts: Facts, updates: Sequence[Update], titles: Mapping[str, str], extra: Iterable[str] = ()
) -> list[str]:
    """What a telling of updates says that their changes do not."""
    text = masked(" ".join(text.split()), updates, titles)
    found = [f"a date of none: {one}" for one in DATE.findall(text) if one not in facts.dates]
    text = DATE.sub(" ", text)
    allowed = facts.numbers | facts.counts | set(extra)
    found += [f"a number of none: {one}" for one in NUMBER.findall(text) if one not in allowed]
    for old, new in ARROW.findall(text):
        if not facts.one_series(old, new):
            found.append(f"an arrow between values of no one series: {old} → {new}")
    return [f"{one}: {text[:200]}" for one in found]


def tellings(update: Update, titles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """One update as each surface tells it: what the surface is, and its text."""
    written = io.StringIO()
    # A terminal breaks long names into lines, in which none would be known again.
    short = {one.series: "name" for one in update.changes} | {group.series or "": "name" for group in update.groups}
    short |= {group.largest_series or "": "name" for group in update.groups}
    render_log([update], Console(file=written, width=2000, color_system=None, legacy_windows=False), titles=short)
    yield "terminal", written.getvalue()
    page = log_html([update], title="", generated_at=Instant(update.known_at), titles=titles)
    log = lxml.html.fromstring(page).get_element_by_id("log")
    for quoted in log.xpath(".//blockquote | .//*[contains(concat(' ', @class, ' '), ' key ')]"):
        quoted.drop_tree()
    yield "page", " ".join(log.itertext()).replace("–", " to ")
    yield "markdown", html.unescape(ENTITY.sub(r"\1", log_markdown([update], titles=titles).replace("**", "")))
    yield "artifact", " ".join(" | ".join(row.values()) for row in log_table([update], titles=titles))
    told = tell(update, titles)
    entry = entry_of(entry_told(update, titles), "http://127.0.0.1", titles)
    yield "feed", f"{entry.findtext('title')} ¶ {entry.findtext('content')}"
    yield "api", " ¶ ".join(_sentences(dumps(told)))
    if update.status in ("held", "partly_held"):
        yield "alert", held_message(update, titles)
    yield "copies", " ¶ ".join(copied for one in told.changes for copied in _copies(one))


def _sentences(sent: str) -> Iterator[str]:
    """All wording in an answer of the API, wherever it stands."""
    return (json.loads(found) for found in WORDING.findall(sent))


def _copies(change: Change) -> Iterator[str]:
    """The sentences to copy in each language, with numbers and dates as English writes them."""
    for language in LANGUAGES:
        text = sentence(change, language, label=SeriesName("n"), carrier="P", basis="counted")
        if language != "en":
            text = re.sub(r"\b\d{1,2}\.? (?:de )?\w+ (?:de )?\d{4}", " ", text)
            marks = {"de": ".", "es": ".", "fr": "\u202f"}.get(language, "\u00a0")
            text = re.sub(rf"(?<=\d)[,{marks}](?=\d)", lambda one: "." if one[0] == "," else ",", text)
        yield text


def breaks(told: Story, whole: Update, titles: Mapping[str, str] = {}) -> list[str]:
    """Every breach of the law in how one update is told; `whole` has all of its changes."""
    facts, found = Facts([whole]), []
    extra = {token for group in told.update.groups for token in _of_group(group, whole, found)}
    for surface, text in tellings(told.update, titles):
        found += [f"{whole.update}, {surface}: {one}" for one in broken(text, facts, [told.update], titles, extra)]
    nothing = "no figure changed" in joined(told.headline)
    if nothing and (whole.echoes or any(_differs(one) for one in facts.changes)):
        found.append(f"{whole.update}: denies its changes")
    return found


def _of_group(group: Group, whole: Update, found: list[str]) -> Iterator[str]:
    """The numbers that a group may tell beside single changes: its own ends, and a sum where its parts add up."""
    if group.net is None:
        return
    rows = sorted(
        (one for one in whole.changes if (one.kind, one.series) == (group.kind, group.series) and not one.held),
        key=lambda one: one.as_of,
    )
    if not rows or group.series is None:
        found.append(f"{whole.update}: a sum over series: {group}")
        return
    if group.counted == "change":
        moved = (
            [one.new.value if one.new else None for one in rows]
            if group.kind == "new"
            else [one.difference for one in rows]
        )
        right = sum((one or Decimal() for one in moved), Decimal())
    elif len(rows) == 1:
        right = rows[0].difference
    elif group.kind == "new" and rows[0].old and rows[-1].new and rows[0].old.value is not None:
        right = (rows[-1].new.value or Decimal()) - rows[0].old.value
    else:
        right = None
    if right != group.net:
        found.append(f"{whole.update}: {group.net} is no {right} of {group.kind} {group.series}")
    yield _plain(group.net)


def summary_breaks(told: Sequence[Story], wholes: Sequence[Update]) -> list[str]:
    """Every breach of the law in the sentence over a whole log."""
    return broken(summary(told), Facts(wholes), wholes, {})


def fold_breaks(run: Sequence[Story], wholes: Sequence[Update], titles: Mapping[str, str] = {}) -> list[str]:
    """Every breach of the law in the line over folded updates, newest first; `wholes` have all of their changes."""
    line, facts = joined(fold_phrase(run, titles)), Facts(wholes)
    found = []
    counting = [one for one in facts.changes if not one.held]
    nothing = not any(_differs(one) for one in counting)
    if ("no figure changed" in line) != (nothing and not any(one.echoes for one in wholes)):
        found.append("denies or makes up changes")
    for whole in wholes:
        if whole.status != "accepted" or any(one.kind not in ("new", "first") for one in facts.changes):
            found.append(f"folds what needs a reader: {whole.update}")
        if any(one.stated and one.stated.verdict == "matches" for one in whole.changes):
            found.append(f"folds what its source states: {whole.update}")
        if any(one.result != "pass" for one in whole.checks):
            found.append(f"folds what is warned of: {whole.update}")
    extra = set()
    for series in {one.series for one in counting}:
        rows = [one for one in counting if one.series == series]
        owns = [one.new.value for one in rows if one.new and one.new.kind == "change"]
        if owns and None not in owns:
            extra.add(_plain(sum((one for one in owns if one is not None), Decimal())))
        ordered = sorted(rows, key=lambda one: (wholes[0].known_at, one.as_of))
        begun = _begun(series, wholes)
        last = [one for one in _in_order(series, wholes) if one.new][-1:]
        if begun is not None and last and last[0].new and last[0].new.value is not None and ordered:
            extra.add(_plain(last[0].new.value - begun))
    found += broken(line, facts, [one.update for one in run], titles, extra)
    return [f"{wholes[-1].update} to {wholes[0].update}: {one}: {line}" for one in found]


def _in_order(series: str, wholes: Sequence[Update]) -> list[Change]:
    rows = []
    for whole in reversed(wholes):
        mine = [one for one in whole.changes if one.series == series and not one.held]
        rows += sorted(mine, key=lambda one: one.as_of)
    return rows


def _begun(series: str, wholes: Sequence[Update]) -> Decimal | None:
    """What a series stood at before the oldest of some updates, else at its first."""
    first = _in_order(series, wholes)[0]
    if first.old is not None:
        return first.old.value
    # A series that began among the updates is told from the newest value of the update that brought it.
    brought = next(whole for whole in reversed(wholes) if any(one is first for one in whole.changes))
    newest = max((one for one in brought.changes if one.series == series and not one.held), key=lambda one: one.as_of)
    return newest.new.value if newest.new else None
