"""A print check for people: what is asked, answered in a line each, for the terminal and the page alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from publish.numbers import day, known_day, signed, told
from publish.printing.facts import CheckedIncrement, InText, PrintCheck, ValueRef
from publish.safe import safe

if TYPE_CHECKING:
    from rich.console import Console

    from publish.printing.printed import PrintedNumber, PrintedText
    from publish.printing.tying import PrintedVerdict

VERDICTS = {
    "clear": "Nothing is open.",
    "care": "May be printed with what is open beside it; the sentences say it.",
    "not_yet": "Does not count: print it only as what it is, the sentences say so.",
}
"""What a verdict says to whoever prints."""

Sign = Literal["ok", "warn", "hold", "none"]


class CheckLine(NamedTuple):
    """One question of the check with its answer; `value` is what the answer leads to."""

    asked: str
    answer: str
    sign: Sign
    value: ValueRef | None = None


def lines(check: PrintCheck) -> Iterator[CheckLine]:
    """The questions in the order in which a printer asks them."""
    yield CheckLine("Stated in the text", *_of_text(check.in_text))
    if check.old is not None and check.new is not None:
        by = check.change.difference
        less = f"{told(check.new.told)} less {told(check.old.told)}" + (f": {signed(by)}" if by is not None else "")
        yield CheckLine("Computed from", f"{less}, of {day(check.old.as_of)}", "none", check.old)
    if check.increment is not None:
        yield from _of_increment(check.increment)
    yield CheckLine("Counts", *_of_standing(check))
    if check.newer is not None:
        answer = f"{told(check.newer.told)}, as of {day(check.newer.as_of)}"
        yield CheckLine("Newer value since", answer, "warn", check.newer)
    else:
        yield CheckLine("Newer value since", "none", "ok")
    for one in check.disputes:
        yield CheckLine("Disputed by", f"{one.who}: {told(one.value.told)} for that day", "warn", one.value)
    if not check.disputes:
        yield CheckLine("Disputed by", "no source of the same count", "ok")


def _of_text(found: InText | None) -> tuple[str, Sign]:
    if found is None or not found.text_sha256:
        return "no release stands behind this update itself", "none"
    if not found.there:
        return "the text is not in the archive any more", "warn"
    if found.reads is None:
        return f"as “{found.number_text}”, which is no plain number: read it", "none"
    if not found.reads:
        return f"“{found.number_text}” stands at its place, which does not read as this number", "warn"
    return f"as “{found.number_text}”", "ok"


def _of_increment(increment: CheckedIncrement) -> Iterator[CheckLine]:
    stated = signed(increment.value) if increment.value is not None else "a change"
    computed = f", the ledger gives {signed(increment.computed)}" if increment.computed is not None else ""
    base = increment.baseline
    if base is None:
        known = {"no_baseline": "nothing earlier to compare"}.get(
            increment.verdict, f"no earlier value gives it{computed}"
        )
        sign: Sign = "none" if increment.verdict == "no_baseline" else "warn"
        yield CheckLine("States as its change", f"{stated}: {known}", sign)
        return
    roughly = "roughly " if increment.verdict == "approximately" else ""
    answer = f"{stated}, {roughly}counted from {told(base.told)} of {day(base.as_of)}, known {known_day(base.known_at)}"
    yield CheckLine("States as its change", answer, "ok", base)
    if increment.other_date:
        answer = f"“{increment.other_date}”, but the value that fits is of {day(base.as_of)}"
        yield CheckLine("The text names", answer, "warn", base)
    elif increment.named:
        yield CheckLine("The text names", f"“{', '.join(one.words for one in increment.named)}”, which fits", "ok")
    else:
        yield CheckLine("The text names", "no date to count from", "none")


def _of_standing(check: PrintCheck) -> tuple[str, Sign, ValueRef | None]:
    if "generation" in check.open:
        return "not any more: this source was derived again, and this is what it said before", "hold", None
    if "held" in check.open:
        return "held: it does not count until someone decides", "hold", None
    if "rejected" in check.open:
        return "a person decided against it", "hold", check.counts
    if "withdrawn" in check.open:
        by = f" ({check.withdrawn_by})" if check.withdrawn_by else ""
        return f"not any more: the source took it back{by}", "hold", None
    if "replaced" in check.open and check.counts is not None:
        return f"not any more: {told(check.counts.told)} counts for that day", "hold", check.counts
    if "replaced" in check.open:
        return "not any more: another value counts for that day", "hold", None
    return "yes", "ok", None


def render_check(check: PrintCheck, console: Console, language: str) -> None:
    """Print a check: its verdict, the answers, and the sentences of a language."""
    from rich.text import Text

    figure = check.change.new or check.change.old
    head = f"{check.name}: {told(figure) if figure else 'nothing'}, as of {day(check.as_of)} ({check.update})"
    console.print(Text(safe(head, "terminal"), "bold"))
    console.print(Text(VERDICTS[check.verdict], "" if check.verdict == "clear" else "yellow"))
    for line in lines(check):
        reference = f" ({line.value.update})" if line.value else ""
        text = safe(f"  {line.asked}: {line.answer}{reference}", "terminal")
        console.print(Text(text, {"warn": "yellow", "hold": "bold red"}.get(line.sign, "")))
    for name, said in zip(("short", "long", "footnote"), _sentences(check, language), strict=True):
        console.print(Text(safe(f"{name}: {said}", "terminal")))


def _sentences(check: PrintCheck, language: str) -> tuple[str, str, str]:
    found = check.sentences[language]
    return found.short, found.long, found.footnote


PRINTED: dict[PrintedVerdict, str] = {
    "right": "right",
    "outdated": "outdated",
    "wrong_baseline": "wrong baseline",
    "misattributed": "misattributed",
    "hedge_dropped": "hedge dropped",
    "rounded": "rounded",
    "unknown": "unknown",
}
"""What the verdicts on printed numbers are called."""

SINCE = {"newer": "a newer value is known since", "corrected": "its source has corrected it since"}


def printed_sign(one: PrintedNumber) -> Sign:
    """How a verdict is marked."""
    if one.verdict == "right":
        return "warn" if one.since == "corrected" else "ok"
    return "none" if one.verdict in ("unknown", "rounded") else "warn"


def render_printed(checked: PrintedText, console: Console) -> None:
    """Print what became of each number of a text."""
    from rich.text import Text

    if not checked.numbers:
        console.print("no figure is read in this text")
    for one in checked.numbers:
        since = f"; {SINCE[one.since]}" if one.since else ""
        of = f" ({one.name}, {one.update})" if one.update else f" ({one.name})" if one.name else ""
        told = f"{one.number_text}: {PRINTED[one.verdict]}: {one.reason}{since}{of}"
        console.print(Text(safe(told, "terminal"), "yellow" if printed_sign(one) == "warn" else ""))
        if one.sentence:
            console.print(Text(safe(f"  {one.sentence}", "terminal"), "dim"))
