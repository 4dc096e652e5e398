"""A publisher's mistakes mended as data: where `raw` stands at an as-of, another value is meant."""

from __future__ import annotations

from collections.abc import Callable

from extractors.tables.numbers import read_number
from model import Correction, Day, SeriesRef, Source, UsageError, parse_day, read_content, write_content


class Corrections:
    """The corrections of a source, found by day, series and what is printed; `made` tells each one that applied."""

    def __init__(self, source: Source, day_of: Callable[[str], Day | None]) -> None:
        self._source, self._language = source.id, source.language
        self.days: dict[Day, list[Correction]] = {}
        self.made: list[str] = []
        for correction in source.corrections:
            day = _iso_day(correction.as_of) or day_of(correction.as_of)
            if day:
                self.days.setdefault(day, []).append(correction)

    def find(self, ref: str, day: Day | None, printed: str) -> Correction | None:
        """The correction of what is printed for a series at a day, where there is one."""
        for correction in self.days.get(day, ()) if day else ():
            if self._names(correction.series, ref) and self._same(printed, correction.raw):
                return correction
        return None

    def apply(self, correction: Correction, content: str | None) -> str:
        """The content that is meant, under the hedge that is printed."""
        value = read_number(correction.value, self._language)
        qualifier = read_content(content).qualifier if content else "exact"
        return write_content(value, qualifier=qualifier) if value is not None else ""

    def note(self, correction: Correction, ref: str, day: Day | None) -> None:
        """Keep a sentence about a correction that was made."""
        figure_id, labels = SeriesRef.parse(ref)
        self.made.append(
            f"{'/'.join((figure_id, *labels))} at {day}: {correction.raw} read as {correction.value}: {correction.why}"
        )

    def _names(self, named: str | None, ref: str) -> bool:
        if named is None:
            return True
        own = named.removeprefix(f"{self._source}/")
        return own == SeriesRef.parse(ref).figure_id or loose(own) == loose(ref)

    def _same(self, printed: str, raw: str) -> bool:
        number = read_number(printed, self._language)
        return printed.strip() == raw.strip() or (number is not None and number == read_number(raw, self._language))


def loose(name: str) -> str:
    """A name without spaces, punctuation and case."""
    return "".join(char for char in name.casefold() if char.isalnum())


def _iso_day(text: str) -> Day | None:
    try:
        return parse_day(text)
    except UsageError:
        return None
