"""The diff log as Markdown, and as a flat table for places that show rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from model.update import Change, Group, Update
from publish.numbers import clock, day, days, known_day, signed, told
from publish.safe import safe
from publish.telling import Story, group_subject, newest_first, status_words, story, summary
from publish.words import (
    TOLD_AS,
    Phrase,
    change_phrase,
    group_sentence,
    joined,
    series_label,
    stated_sentence,
    stated_short,
)

UPDATES_SHOWN = 50
ROWS_SHOWN = 300


def log_markdown(updates: Iterable[Update], *, titles: Mapping[str, str] = {}) -> str:
    """Write the diff log as Markdown, newest first, 50 updates at most; text from outside is escaped."""
    newest = newest_first(updates)
    stories = [story(update, titles) for update in newest]
    parts = ["## What changed", _text(summary(stories))]
    parts += ["\n".join(_block(one, titles)) for one in stories[:UPDATES_SHOWN]]
    if len(newest) > UPDATES_SHOWN:
        parts.append(f"{len(newest) - UPDATES_SHOWN:,} older updates are not shown here.")
    return "\n\n".join(parts) + "\n"


def log_table(updates: Iterable[Update], *, titles: Mapping[str, str] = {}) -> list[dict[str, str]]:
    """One row a listed change, newest update first, 300 rows at most; the last says what was left out.

    Every row has the same keys: update, source, series, as_of, from, to, difference, stated, held. The cells are plain
    text without control characters.
    """
    rows = [row for update in newest_first(updates) for row in _table_rows(story(update, titles), titles)]
    if len(rows) <= ROWS_SHOWN:
        return rows
    left = len(rows) - (ROWS_SHOWN - 1)
    return [*islice(rows, ROWS_SHOWN - 1), _row(series=f"{left:,} more rows are not shown")]


def _block(one: Story, titles: Mapping[str, str]) -> Iterator[str]:
    update = one.update
    known = f"known {known_day(update.known_at)}, {clock(update.known_at)} UTC"
    facts = " · ".join(filter(None, (update.update, known, update.basis, status_words(update))))
    yield f"### {_text(one.source)}"
    yield f"\n{_text(facts)}\n"
    if not (one.about_lead and one.rows):
        yield f"- {_phrase(one.headline)}"
    if one.also:
        yield f"- **{_text(one.also)}**"
    for change in one.rows:
        yield f"- {_text(series_label(change.series, titles))}: {_phrase(change_phrase(change))}"
        if change.stated:
            yield f"  - {_text(stated_sentence(change.stated, change))}"
    yield from (f"- {_text(move.sentence)}" for move in one.moves)
    yield from (f"- {_group(group, titles)}" for group in one.groups)
    for check in one.notes:
        where = f", {series_label(check.series, titles)}" if check.series and len(one.rows) != 1 else ""
        yield f"- **{TOLD_AS[check.result]}, {_text(check.name.replace('_', ' ') + where)}**: {_text(check.message)}"
    yield from (f"- {count:,} more of {_text(name.replace('_', ' '))}" for name, count in one.more_notes)


def _group(group: Group, titles: Mapping[str, str]) -> str:
    span = days(group.as_of_first, group.as_of_last)
    return f"{_text(group_subject(group, titles))}: {_text(group_sentence(group))}, {_text(span)}"


def _phrase(phrase: Phrase) -> str:
    # Emphasis holds only where the marks touch the text, so the new value alone is set apart, never a bare space.
    return "".join(
        f"**{_text(span.text)}**" if span.role == "new" and span.text.strip() == span.text else _inside(span.text)
        for span in phrase
    )


def _inside(text: str) -> str:
    """Escape a run of a sentence and keep the spaces that join it to its neighbours."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{_text(text)}{after}" if text.strip() else text


def _table_rows(one: Story, titles: Mapping[str, str]) -> Iterator[dict[str, str]]:
    update = one.update
    for change in one.rows:
        yield _row(
            update=update.update,
            source=one.source,
            series=series_label(change.series, titles),
            as_of=day(change.as_of),
            **{"from": told(change.old) if change.old else "", "to": told(change.new) if change.new else "withdrawn"},
            difference=_difference(change),
            stated=stated_short(change.stated) if change.stated else "",
            held="held" if change.held else "",
        )
    for group in one.groups:
        yield _row(
            update=update.update,
            source=one.source,
            series=f"{group_subject(group, titles)}: {group_sentence(group)}",
            as_of=days(group.as_of_first, group.as_of_last),
            difference=signed(group.net) if group.net is not None else "",
        )
    if not one.rows and not one.groups:
        yield _row(update=update.update, source=one.source, series=joined(one.headline))


def _difference(change: Change) -> str:
    if change.difference is None:
        return change.kind if change.kind != "new" else ""
    return signed(change.difference)


def _row(**cells: str) -> dict[str, str]:
    names = ("update", "source", "series", "as_of", "from", "to", "difference", "stated", "held")
    return {name: safe(cells.get(name, ""), "terminal") for name in names}


def _text(text: str) -> str:
    return safe(text, "markdown")
