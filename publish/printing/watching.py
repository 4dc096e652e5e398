"""Whether what was printed is true still: registered numbers against what an update changes, and their correction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from changes.rules.steps import RecordedNews, Step
from model import Figure, UsageError, read_content
from publish.printing.check import PrintDesk, PrintPlace
from publish.printing.past import rounds
from publish.printing.printed import PrintedText
from publish.vocabulary import LANGUAGES, Language, said
from storage.printed.book import FellOut, PrintFinding, WatchedNumber

if TYPE_CHECKING:
    from storage.printed.book import PrintArticle

TRUE = ("right", "rounded", "hedge_dropped")
"""Verdicts on numbers that are watched: what was not true when it was printed is told by the check."""


def watched_numbers(article: PrintArticle, checked: PrintedText, after: int) -> list[WatchedNumber]:
    """The numbers of an article that are watched from now on."""
    return [
        WatchedNumber(
            address=article.address, language=checked.language, number_text=one.number_text, quote=one.quote,
            start_at=one.start, end_at=one.end, series=one.series, update_name=one.update, as_of=one.as_of,
            content=one.content, printed=one.printed, dated=one.dated, after=after,
        )
        for one in checked.numbers
        if one.verdict in TRUE and one.as_of is not None
    ]  # fmt: skip


def fallen_out(numbers: Sequence[WatchedNumber], news: RecordedNews) -> Iterator[tuple[WatchedNumber, FellOut, Step]]:
    """The numbers that an update makes untrue, each with what became of it and the change that did it.

    Nothing is told by what was known when the article was registered, by old copies, or by what only we read otherwise.
    """
    if not news.fresh:
        return
    for number in numbers:
        if number.after >= news.update_id:
            continue
        for step in (one for one in news.steps if one.series == number.series and one.kind):
            if (kind := _fell(number, step)) is not None:
                yield number, kind, step
                break


def _fell(number: WatchedNumber, step: Step) -> FellOut | None:
    if step.kind == "new":  # of an undated figure also within its day, where it grew
        is_open = not number.dated and "outdated" not in number.told
        return "outdated" if is_open and step.as_of >= number.as_of and not _says_still(number, step) else None
    return "corrected" if step.as_of == number.as_of and step.new != number.content else None


def _says_still(number: WatchedNumber, step: Step) -> bool:
    """Whether a printed number says a newer value, too: exactly, or rounded as it is."""
    if step.new is None:
        return False
    printed, new = read_content(number.printed), read_content(step.new)
    if (printed.value, printed.low, printed.high) == (new.value, new.low, new.high):
        return True
    figure = Figure(value=printed.value, qualifier=printed.qualifier)
    return new.value is not None and rounds(figure, new.value)


def correction(desk: PrintDesk, number: WatchedNumber, kind: FellOut, update: str, step: Step) -> str:
    """The line that corrects an article, in its language."""
    language: Language = number.language if number.language in LANGUAGES else "en"
    try:
        sentence = desk.alone(PrintPlace(update, step.series, step.as_of)).sentences[language].short
    except UsageError:
        sentence = ""  # what was told in passing has no page of its own
    topic = "corrected_line" if kind == "corrected" else "outdated_line"
    return said("print", topic, language).format(number=number.number_text, sentence=sentence).strip()


def found(desk: PrintDesk, number: WatchedNumber, kind: FellOut, news: RecordedNews, step: Step) -> PrintFinding:
    """What became of a number, as it is written down."""
    return PrintFinding(
        number_id=number.id, kind=kind, update=news.update, series=step.series, as_of=step.as_of, at=news.at,
        line=correction(desk, number, kind, news.update, step), address=number.address,
        number_text=number.number_text, quote=number.quote,
    )  # fmt: skip
