"""The record of a publisher as it is told: in a table of words, and as CSV."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

from changes.news.record import PublisherRecord, RecordName, RecordNumber
from model import plain
from publish.numbers import count_of, number
from publish.safe import safe

NOT_ENOUGH = "not enough to say"


class RecordWords(NamedTuple):
    """What a number of a record is called, how it is written, and what it rests upon."""

    part: str
    asked: str
    form: str
    counted: str


WORDS: dict[RecordName, RecordWords] = {
    "releases": RecordWords("How often", "Releases that changed a figure", "{}", "releases"),
    "gap_usual": RecordWords("How often", "Usual time between two of them", "{} days", "gaps"),
    "gap_within": RecordWords("How often", "19 of 20 times within", "{} days", "gaps"),
    "gaps_late": RecordWords("How late", "Gaps of more than twice the usual", "{}", "gaps"),
    "gap_longest": RecordWords("How late", "The longest gap", "{} days", "gaps"),
    "looks_new": RecordWords("How late", "Looks that found something new", "{}", "looks"),
    "looks_same": RecordWords("How late", "Looks that found nothing new", "{}", "looks"),
    "looks_failed": RecordWords("How late", "Looks that failed, or found no figure", "{}", "looks"),
    "lag_usual": RecordWords("How late", "From a day to its figure, usually", "{} days", "dated values"),
    "lag_within": RecordWords("How late", "9 of 10 times within", "{} days", "dated values"),
    "restated": RecordWords("How much it revises", "Values that were stated anew", "{}%", "values"),
    "restated_up": RecordWords("How much it revises", "Upwards", "{}%", "restatements"),
    "restated_by": RecordWords("How much it revises", "By how much, usually", "{}%", "restatements"),
    "restated_most": RecordWords("How much it revises", "By how much at most", "{}%", "restatements"),
    "withdrawn": RecordWords("How much it revises", "Values that were withdrawn", "{}", "values"),
    "final_usual": RecordWords(
        "When it is final", "Age at which a value changed no more, usually", "{} days", "dated values"
    ),
    "final_within": RecordWords("When it is final", "9 of 10 times by", "{} days", "dated values"),
    "stated_wrong": RecordWords("Its own increases", "Not what the ledger gives", "{}%", "stated increases"),
    "stated_missed": RecordWords(
        "Its own increases", "Counted from a release that is not on record", "{}", "stated increases"
    ),
    "held": RecordWords("Slips", "Values that were held", "{}", "values"),
    "slips": RecordWords("Slips", "Of those settled, replaced by the source or a person", "{}", "settled holds"),
}
"""How each number of a record is told."""


class RecordLine(NamedTuple):
    """One number of a record in words: the part of the record, what is asked, the answer, and what it rests upon."""

    part: str
    asked: str
    answer: str
    rests_on: str
    enough: bool


def lines(record: PublisherRecord) -> list[RecordLine]:
    """A record in words."""
    return [_line(one) for one in record.numbers]


def _line(one: RecordNumber) -> RecordLine:
    words = WORDS[one.name]
    answer = NOT_ENOUGH if one.value is None else words.form.format(number(one.value))
    return RecordLine(
        words.part, words.asked, answer, count_of(one.of, words.counted.removesuffix("s")), one.value is not None
    )


def record_csv(record: PublisherRecord) -> str:
    """A record as CSV: a line a number, an empty cell where there is not enough to say."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("source", "name", "what", "value", "rests_on", "counted", "from", "to"))
    for one in record.numbers:
        words, value = WORDS[one.name], "" if one.value is None else plain(one.value)
        row = (
            record.source,
            one.name,
            f"{words.part}: {words.asked}",
            value,
            one.of,
            words.counted,
            record.first,
            record.last,
        )
        writer.writerow([safe(str(cell or "") if cell != 0 else "0", "csv") for cell in row])
    return out.getvalue()
