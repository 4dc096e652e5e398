"""The diff log and the other readings for a terminal. Rich is imported when something is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from model.figure import Figure
from model.times import Day, Instant
from model.update import Change, Group, Observation, Series, Update, Version
from publish.numbers import clock, count_of, day, days, known_day, told
from publish.safe import safe
from publish.telling import (
    Story,
    fold_phrase,
    group_subject,
    newest_first,
    runs,
    status_words,
    story,
    summary,
)
from publish.words import TOLD_AS, Phrase, change_phrase, group_sentence, largest_words, series_label, stated_sentence

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

STYLES = {
    "plain": "",
    "lead": "",
    "old": "bright_black",
    "new": "bold",
    "of": "",
    "hold": "bold red",
    "warn": "yellow",
    "soft": "bright_black",
    "title": "bold",
}
ROWS_SHOWN = 50
"""Rows of a table that a terminal is given; the rest is counted and left to `--json`."""

VERDICTS = {
    "matches": ("✓ ", "plain"),
    "approximately": ("✓ ", "plain"),
    "mismatch": ("≠ ", "warn"),
    "missed": ("≠ ", "warn"),
    "no_baseline": ("– ", "soft"),
}
STATES = {
    "changed": ("●", "title"),
    "unchanged": ("○", "plain"),
    "held": ("‖", "hold"),
    "blocked": ("⊘", "hold"),
    "failed": ("✕", "hold"),
    "overdue": ("◷", "warn"),
    "off": ("–", "soft"),
}
_PLAIN_SIGNS = str.maketrans(
    {"→": "->", "\u2212": "-", "–": "-", "✓": "+", "≠": "!", "‖": "=", "●": "*", "○": "o", "⊘": "x", "✕": "x", "◷": "?"}
    | {"·": "-", "⚠": "!", "…": "..."}
)


def render_log(updates: Iterable[Update], console: Console, *, titles: Mapping[str, str] = {}) -> None:
    """Print the diff log, newest first: a block an update, ordinary older ones in one line.

    `titles` maps series keys to names; a series without one is called by its key.
    """
    pen = _Pen(console, titles)
    stories = [story(update, titles) for update in newest_first(updates)]
    console.print(pen.line(("What changed  ", "title"), (summary(stories), "plain")))
    shown_day = ""
    for run in runs(stories):
        newest = run.members[0]
        if (known := known_day(newest.update.known_at)) != shown_day:
            shown_day = known
            console.print()
            console.rule(pen.line((known, "title")), align="left", style=STYLES["soft"])
        if run.folded:
            console.print()
            console.print(pen.line((newest.source + "  ", "title"), *_spans(fold_phrase(run.members, titles))))
        else:
            _block(newest, pen)


def render_table(observations: Iterable[Observation], console: Console, *, titles: Mapping[str, str] = {}) -> None:
    """Print accepted values: series, as-of, value with its hedge, who says it, and since when it is known."""
    pen = _Pen(console, titles)
    table = pen.table("Series", "As of", ">Value", "Who says it", "Known since", "Update")
    rows = list(observations)
    for one in rows[:ROWS_SHOWN]:
        basis = "" if one.as_of_basis == "stated" else f" ({one.as_of_basis})"
        table.add_row(
            pen.line((series_label(one.series, titles), "plain")),
            pen.line((day(one.as_of), "plain"), (basis, "soft")),
            pen.value(_figure(one)),
            pen.line((", ".join(one.attributed_to), "plain")),
            pen.line((_when(one.known_at), "soft")),
            pen.line((one.update, "soft")),
        )
    console.print(table)
    pen.say_what_is_left(len(rows), "more")


def render_figures(figures: Iterable[Figure], console: Console) -> None:
    """Print the figures of one text: number with its hedge, what is counted, who says it, when, and the sentence."""
    from rich.table import Table

    pen = _Pen(console, {})
    grid = Table.grid(padding=(0, 2, 1, 0))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(ratio=1)
    rows = list(figures)
    for one in rows:
        counts = " ".join(filter(None, (one.whom, one.category if one.category != one.whom else None, one.measure)))
        kind = "" if one.kind == "total" else f", {one.kind}"
        said = "".join(
            f" · {part}"
            for part in (", ".join(one.attributed_to), _period(one), "denied" if one.denied else "")
            if part
        )
        words = pen.line((counts + kind, "plain"), (said, "plain"))
        words.append("\n").append_text(pen.line((" ".join(one.quote.split()), "soft")))
        grid.add_row(pen.value(one), words)
    console.print(grid)
    console.print(pen.line((count_of(len(rows), "figure"), "soft")))


def render_series(series: Iterable[Series], console: Console, *, titles: Mapping[str, str] = {}) -> None:
    """Print what is followed: each series with its key, its name, what it counts and how, and its latest value."""
    pen = _Pen(console, titles)
    table = pen.table("=Series", "Counts", ">Values", "Latest", ">")
    for one in series:
        counts = " ".join(filter(None, (one.whom, one.category, one.measure)))
        anew = f", series break on {day(one.series_breaks[-1].as_of)}" if one.series_breaks else ""
        table.add_row(
            pen.line((one.series, "plain")),
            pen.line(
                (series_label(one.series, titles), "title"),
                (f"  {counts}", "plain"),
                (f" ({one.kind})" if one.kind != "total" else "", "soft"),
                (f", {one.basis}{anew}", "soft"),
            ),
            pen.line((f"{one.observations:,}", "plain")),
            pen.line((day(one.latest_as_of) if one.latest_as_of else "–", "plain")),
            pen.value(one.latest),
        )
    console.print(table)


def render_show(versions: Iterable[Version], console: Console) -> None:
    """Print one series' observations with all their versions; what counts now is bold, what was replaced is grey."""
    pen = _Pen(console, {})
    table = pen.table("=As of", ">Value", "What it was", "Known since", "=Update", "=Replaced by")
    rows = list(versions)
    for one in rows[-ROWS_SHOWN:]:
        counts = one.superseded_by is None and not one.held
        style = "new" if counts else "old"
        what: str = "held, does not count" if one.held else one.kind
        what += f"; series break ({one.series_break})" if one.series_break else ""
        table.add_row(
            pen.line((day(one.as_of), "plain" if counts else "old")),
            pen.value(_figure(one), style),
            pen.line((what, "hold" if one.held else "plain")),
            pen.line((_when(one.known_at), "soft")),
            pen.line((one.update, "soft")),
            pen.line((one.superseded_by or "", "soft")),
        )
    console.print(table)
    pen.say_what_is_left(len(rows), "earlier")


def render_status(rows: Iterable[Mapping[str, Any]], console: Console) -> None:
    """Print each source's state, its last success, when it runs next, what waits for a person, and what went wrong."""
    pen = _Pen(console, {})
    for row in rows:
        last, following, hold = (row.get(name) for name in ("last_success", "next_run", "oldest_hold"))
        head = pen.state(str(row.get("state", "")))
        head.pad_right(max(1, 13 - head.cell_len))
        head.append_text(pen.line((str(row.get("source", "")), "title")))
        parts = [f"read {_when(last)}" if last else "never read", f"next {_when(following)}" if following else ""]
        if hold:
            parts.append(f"{count_of(int(row.get('open_holds') or 1), 'value')} held since {_when(hold)}")
        head.append_text(pen.line(("  " + " · ".join(filter(None, parts)), "soft")))
        console.print(head)
        if message := str(row.get("message") or ""):
            from rich.padding import Padding

            console.print(Padding(pen.line((message, "warn")), (0, 0, 0, 13)))


class _Pen:
    """Writes safe text in the styles of the log, with signs that the console can show."""

    def __init__(self, console: Console, titles: Mapping[str, str]) -> None:
        self.console, self.titles = console, titles
        self._encoding = console.encoding or "utf-8"
        self._plain_signs = not self._encoding.lower().startswith("utf")

    def line(self, *parts: tuple[str, str]) -> Text:
        """Styled parts as one text."""
        from rich.text import Text

        return Text.assemble(*((self._shown(text), STYLES[style]) for text, style in parts if text))

    def value(self, figure: Figure | None, style: str = "new") -> Text:
        """A number with its hedge before it; a blank is said in words."""
        if figure is None:
            return self.line(("–", "soft"))
        blank = figure.value is None and figure.low is None and figure.high is None
        return self.line(("withdrawn" if blank else told(figure), "soft" if blank else style))

    def state(self, state: str) -> Text:
        """A state as sign and word."""
        sign, style = STATES.get(state, ("?", "plain"))
        return self.line((f"{sign} {state}", style))

    def say_what_is_left(self, rows: int, which: str) -> None:
        """Say how many rows were not printed, if any."""
        if rows > ROWS_SHOWN:
            left = count_of(rows - ROWS_SHOWN, f"{which} row")
            self.console.print(self.line((f"{left} not shown; --json gives them all", "soft")))

    def table(self, *columns: str) -> Table:
        """A table of thin rules; `>` begins the heading of a column of numbers, `=` of names that are never cut."""
        from rich import box
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD if not self._plain_signs else box.ASCII2, header_style="bright_black")
        for heading in columns:
            right, whole = heading.startswith(">"), heading.startswith("=")
            justify: Literal["left", "right"] = "right" if right else "left"
            table.add_column(heading.lstrip(">="), justify=justify, no_wrap=right or whole)
        return table

    def grid(self) -> Table:
        """A table without rules: a label and what is said of it."""
        from rich.table import Table

        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=2)
        grid.add_column(max_width=max(12, min(30, self.console.width // 4)))
        grid.add_column(ratio=1)
        return grid

    def _shown(self, text: str) -> str:
        text = safe(text, "terminal")
        if not self._plain_signs:
            return text
        return text.translate(_PLAIN_SIGNS).encode(self._encoding, "replace").decode(self._encoding)


def _block(one: Story, pen: _Pen) -> None:
    update = one.update
    facts = [update.update, f"{clock(update.known_at)} UTC", update.basis]
    head = [(one.source + "  ", "title"), (" · ".join(filter(None, facts)), "soft")]
    style = "hold" if one.held else "soft"
    pen.console.print()
    pen.console.print(pen.line(*head, (" · ", "soft"), (status_words(update), style)))
    grid = pen.grid()
    if not (one.about_lead and one.rows):
        pen.console.print(pen.line(("  ", "plain"), *_spans(one.headline)))
    if one.also:
        pen.console.print(pen.line((f"  {one.also}", "title")))
    for change in one.rows:
        grid.add_row("", pen.line((series_label(change.series, pen.titles), "plain")), _change_text(change, pen))
    for group in one.groups:
        grid.add_row("", pen.line((group_subject(group, pen.titles), "plain")), _group_text(group, pen))
    pen.console.print(grid)
    _notes(one, pen)


_SIGNS = {"hold": ("‖", "hold"), "warn": ("⚠", "warn"), "pass": ("✓", "soft")}


def _notes(one: Story, pen: _Pen) -> None:
    lines: list[tuple[tuple[str, str], ...]] = [((move.sentence, "plain"),) for move in one.moves]
    if one.unchanged:
        stand = "stands as it was" if one.unchanged == 1 else "stand as they were"
        lines.append(((f"{count_of(one.unchanged, 'more figure')} {stand}", "soft"),))
    for check in one.notes:
        sign, style = _SIGNS[check.result]
        where = f" ({series_label(check.series, pen.titles)})" if check.series and len(one.rows) != 1 else ""
        name = f"{sign} {TOLD_AS[check.result]}, {check.name.replace('_', ' ')}{where}: "
        lines.append(((name, style), (check.message, "plain")))
    lines += [((f"{count:,} more of {name.replace('_', ' ')}", "soft"),) for name, count in one.more_notes]
    from rich.padding import Padding

    for line in lines:
        pen.console.print(Padding(pen.line(*line), (0, 0, 0, 4)))


def _change_text(change: Change, pen: _Pen) -> Text:
    text = pen.line(*_spans(change_phrase(change)))
    if change.stated:
        sign, style = VERDICTS[change.stated.verdict]
        text.append("\n")
        text.append_text(pen.line((sign, style), (stated_sentence(change.stated, change), style)))
    return text


def _group_text(group: Group, pen: _Pen) -> Text:
    largest = f", {words}" if (words := largest_words(group, pen.titles)) else ""
    span = f", {days(group.as_of_first, group.as_of_last)}"
    return pen.line((group_sentence(group) + largest, "plain"), (span, "soft"))


def _spans(phrase: Phrase) -> list[tuple[str, str]]:
    return [(span.text, span.role) for span in phrase]


def _figure(one: Observation | Version) -> Figure:
    unit = getattr(one, "unit", "other")
    said = getattr(one, "number_text", "")
    return Figure(value=one.value, low=one.low, high=one.high, qualifier=one.qualifier, unit=unit, number_text=said)


def _period(figure: Figure) -> str:
    if figure.as_of:
        return day(figure.as_of)
    if figure.period_start and figure.period_end:
        return days(figure.period_start, figure.period_end)
    return day(figure.period_end) if figure.period_end else ""


def _when(at: str) -> str:
    moment = Instant(at)
    return day(Day(at)) if len(at) == 10 else f"{known_day(moment)}, {clock(moment)}"
