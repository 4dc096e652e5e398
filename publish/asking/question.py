"""A question in words taken apart: the words that name a series, with what each stands for in its language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from extractors.words import lexicon
from extractors.words.lexicon import BIT, Entry
from model import Day, UsageError
from publish.asking.days import AskedDays, days_of
from publish.asking.phrasing import asking_words, language_of, leading
from publish.vocabulary import Language
from storage.search.words import fold, terms

LONGEST = 400
"""A question has so many signs at most."""

_FUNCTION = sum(
    BIT[role]
    for role in (
        "articles", "determiners", "prepositions", "conjunctions", "auxiliaries", "pronouns", "of", "by", "in", "with",
        "and", "or", "from", "to", "during", "according", "until", "as_of", "year_words", "relatives", "hedges",
    )
)  # fmt: skip
_SOFT = sum(BIT[role] for role in ("claims", "tallies", "says", "reports", "totals", "number_words", "released"))
_MEANING = ("events", "nouns", "nations", "categories")
_VAGUE = ("", "people", "goods", "cases")
_WORD = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")


class QuestionWord(NamedTuple):
    """A word of a question: as it stands, folded, what it stands for in English, and the measure that it means.

    A `soft` one says how something is counted ("confirmed"): it chooses among series and rules out none.
    """

    written: str
    terms: tuple[str, ...]
    meanings: tuple[tuple[str, ...], ...] = ()
    measure: str = ""
    soft: bool = False


class WordedQuestion(NamedTuple):
    """A question taken apart."""

    text: str
    language: Language
    words: tuple[QuestionWord, ...]
    asked: AskedDays
    first: bool


def question_of(text: str, today: Day, language: Language | None = None) -> WordedQuestion:
    """Take a question apart. Raises `UsageError` for one that is too long."""
    if len(text) > LONGEST:
        raise UsageError(f"a question has at most {LONGEST} signs", "leave words out")
    plain = unicodedata.normalize("NFC", text)
    spoken = language or language_of(plain)
    asked = days_of(plain, spoken, today)
    rest, first = leading("first", spoken).subn(" ", asked.rest)
    return WordedQuestion(text, spoken, tuple(_words(rest, spoken)), asked, bool(first))


def _words(text: str, language: Language) -> Iterator[QuestionWord]:
    known = lexicon(language)
    for written in _WORD.findall(text):
        entry, folded = known.lookup(written.casefold()), fold(written)
        meant = any(name in entry.values for name in _MEANING)
        if folded in asking_words(language) or (entry.roles & _FUNCTION and not meant) or len(folded) < 2:
            continue
        found = _word(written, entry, language)
        if found is not None:
            yield found


def _word(written: str, entry: Entry, language: Language) -> QuestionWord | None:
    """A word with its meanings; None for one that says no more than "people".

    Names in the ledger are English, so an English noun is meant as it stands: sailors are no soldiers.
    """
    event, noun, nation = (entry.values.get(name, "") for name in ("events", "nouns", "nations"))
    if noun == ("people", "people") and not event + nation:
        return None
    measure = "" if event.startswith("other.") else event
    meant = nation or (noun[1] if noun and language != "en" else "")
    meanings = () if meant in _VAGUE else (tuple(terms(meant)),)
    is_soft = entry.roles & _SOFT and not any((measure, noun, nation))
    return QuestionWord(written, tuple(terms(written)), meanings, measure, bool(is_soft))
