"""A language's words, read from its file, and what any word of a text means there."""

from __future__ import annotations

import difflib
import functools
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from extractors.words.loading import load_yaml
from model import Words

FOLDER = Path(__file__).parent
MEMORY = 60_000
"""How many different words a lexicon remembers before it forgets them all."""

_ROLES = (
    *("numbers", "articles", "multipliers", "fractions", "halves", "hedges", "hedges_after", "every"),
    *("percent", "times", "comparatives", "months", "weekdays", "days", "past_day", "same_day"),
    *("spans", "ends", "starts", "loose", "rates", "as_of", "since", "until", "during", "quiet_dates", "events"),
    *("nouns", "categories", "nations", "no_figure_after", "no_figure_before", "money", "time_words", "claims"),
    *(
        "according",
        "according_self",
        "reports",
        "released",
        "sources",
        "pronouns",
        "continues",
        "anaphors",
        "number_words",
    ),
    *("covers", "increments", "increments_after", "update_words", "rises", "rise_to", "revised", "denials"),
    *("plans", "determiners", "prepositions", "conjunctions", "breaks", "auxiliaries", "passives", "from", "to"),
    *("between", "and", "or", "against", "in", "of", "by", "with", "generic", "amounts", "totals", "year_words"),
    *("night", "selves", "up_to", "anaphoric", "hedges_alone", "folds", "relatives", "tallies", "weekend"),
    *("nths", "calamities", "puts", "solar_months", "also", "only"),
    *("happenings", "recent", "durations", "says", "day_words", "than", "ratios", "remains", "seasons", "accounts"),
    *("partitives", "arrivals", "venues", "that", "as_told", "reminders", "then", "perfects"),
)
BIT: dict[str, int] = {role: 1 << place for place, role in enumerate(_ROLES)}
"""Each role a word can play, as one bit of `Entry.roles`."""

_SETTINGS = frozenset(
    (
        *("marks", "suffixes", "ordinal_suffixes", "abbreviations", "rough", "governing", "separable"),
        *("sums", "prefixes", "verb_final", "script", "noun_capitals", "capital_months", "heads_last"),
        *("claims_as_nouns", "pro_drop", "inverts", "verb_endings"),
    )
)
"""What a language file may hold beside the roles of words; docs/prose.md tells each."""
_NUMERIC = frozenset({"numbers", "multipliers", "fractions", "folds", "nths"})
_ORDINAL = frozenset({"months", "weekdays", "days", "solar_months", "day_words"})
SOLAR = 100
"""Added to the number of a month of the Persian calendar."""
_LOOKALIKES = str.maketrans("aceopxyikmhbtACEOPXYIKMHBT", "асеорхуікмнвтАСЕОРХУІКМНВТ")
_LATIN = str.maketrans("асеорхуіАСЕОРХУІКМНВТ", "aceopxyiACEOPXYIKMHBT")


WordPhrase: TypeAlias = "tuple[tuple[str, ...], Entry]"
"""The words after a phrase's first, as written in the file, and what the whole phrase means."""


class Entry:
    """What a word or phrase means: its roles as bits, and for some roles a value (a number, a measure, a name)."""

    __slots__ = ("_by_second", "_stemmed", "phrases", "roles", "values")

    def __init__(self) -> None:
        self.roles = 0
        self.values: dict[str, Any] = {}
        self.phrases: tuple[WordPhrase, ...] = ()
        self._by_second: dict[str, tuple[WordPhrase, ...]] | None = None
        self._stemmed = False

    def continuing(self, second: str) -> tuple[WordPhrase, ...]:
        """The phrases that may go on with this second word, the longest first."""
        if self._by_second is None:
            self._by_second = {}
            self._stemmed = any(pattern[0].endswith("*") for pattern, _ in self.phrases)
            for word in {pattern[0] for pattern, _ in self.phrases if not pattern[0].endswith("*")}:
                self._by_second[word] = tuple(p for p in self.phrases if fits(p[0][0], word))
        known = self._by_second.get(second)
        if known is not None:
            return known
        return tuple(p for p in self.phrases if p[0][0].endswith("*")) if self._stemmed else ()

    def add(self, role: str, value: Any) -> None:
        """Let the word play one more role; the first value given for a role stays."""
        self.roles |= BIT[role]
        self.values.setdefault(role, value)


NOTHING = Entry()
"""The entry of a word that the language's file does not know."""


class Lexicon:
    """The words of one language; `lookup` says what a case-folded word means, inflected or not."""

    def __init__(self, language: str, data: dict[str, Any], words: Words | None = None) -> None:
        self.language = language
        marks = data.get("marks", {})
        self.decimal: str = marks.get("decimal", ".")
        self.suffixes = frozenset(data.get("suffixes", ()))
        self.ordinal_suffixes = frozenset(data.get("ordinal_suffixes", ()))
        self.abbreviations = frozenset(data.get("abbreviations", ()))
        self.capital_months = data.get("capital_months") == "true"
        self.governing = tuple(data.get("governing", ())) or ("\0",)  # how phrases begin that ask for another case
        self.noun_capitals = data.get("noun_capitals") == "true"
        self.verb_final = data.get("verb_final") == "true"
        self.sums = data.get("sums") == "true"
        self.elides = language in ("fr", "it")
        self.bare = "articles" not in data
        # how long a name without capitals may be that only says "the ministry": one word where no word has capitals
        self.generic_words = 0 if not self.bare else 1 if data.get("prefixes") == "true" else 99
        self.prefixes = "وفبل" if data.get("prefixes") == "true" else ""  # letters written to the word behind them
        # a verb, what stands apart from it at its clause's end, and their measure: "kamen … um"
        self.separable: dict[str, dict[str, str]] = {}
        for measure, pairs in data.get("separable", {}).items():
            for verb, particle in (pair.split() for pair in pairs):
                self.separable.setdefault(verb, {})[particle] = measure
        self.rough = frozenset(data.get("rough", ()))  # number words that say "about" by themselves
        self.heads_last = data.get("heads_last") == "true"  # adjectives stand before their noun only
        self.claims_as_nouns = data.get("claims_as_nouns") == "true"  # "reports" may be a noun
        self.pro_drop = data.get("pro_drop") == "true"  # a verb tells its subject by itself: "indicó"
        self.inverts = data.get("inverts") == "true"  # a subject may follow its verb: "Gestern teilte die Polizei mit"
        # how verbs end, where "that" leads a relative clause too: "the regions that" is a noun with a clause of its own
        self.verb_endings = tuple(data.get("verb_endings", ())) or ("",)
        self.cyrillic = data.get("script") == "cyrillic"
        self.forms: dict[str, tuple[str, Entry, bool]] = {}
        self._exact: dict[str, Entry] = {}
        self._stems: dict[str, Entry] = {}
        self._longest = 0
        self._phrases: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}
        self._known: dict[str, Entry] = {}
        for role, value, word in _entries(data, words):
            self._place(role, value, word)
        self._order()

    def lookup(self, word: str) -> Entry:
        """What a case-folded word means; an entry without roles when it is unknown."""
        entry = self._known.get(word)
        if entry is None:
            if len(self._known) >= MEMORY:
                self._known.clear()
            entry = self._known[word] = self._find(word)
        return entry

    def learn(self, form: str) -> tuple[str, Entry, bool]:
        """Case-folded word, entry and whether it is capitalised, remembered in `forms` for the next time."""
        if len(self.forms) >= MEMORY:
            self.forms.clear()
        low = form.casefold()
        capital = form[0] != low[0]
        if self.elides and form[1:2] in ("'", "’"):
            capital = capital or form[2:3] != low[2:3]
        known = self.forms[form] = (low, self.lookup(low), capital)
        return known

    def phrase(self, words: tuple[str, ...]) -> Entry | None:
        """The entry of a whole phrase given as its words, or None."""
        if len(words) == 1:
            return self.lookup(words[0])
        for pattern, entry in self.lookup(words[0]).phrases:
            if len(pattern) + 1 == len(words) and all(map(fits, pattern, words[1:])):
                return entry
        return None

    def month_names(self) -> dict[str, int]:
        """Every spelling of a month in this language's file, case-folded, with its number."""
        role = BIT["months"]
        return {
            word: entry.values["months"]
            for word, entry in self._exact.items()
            if entry.roles & role and entry.values["months"] < SOLAR
        }

    def _place(self, role: str, value: Any, word: str) -> None:
        first, *rest = split_words(word)
        if rest:
            patterns = self._phrases.setdefault(first, [])
            entry = next((known for pattern, known in patterns if pattern == tuple(rest)), None)
            if entry is None:
                entry = Entry()
                patterns.append((tuple(rest), entry))
        elif first.endswith("*"):
            entry = self._stems.setdefault(first[:-1], Entry())
        else:
            entry = self._exact.setdefault(first, Entry())
        entry.add(role, value)
        if role == "nths":
            entry.add("fractions", value)
        if role == "solar_months":
            entry.add("months", SOLAR + value)
        if role == "categories" and not entry.roles & (BIT["nouns"] | BIT["events"]):
            entry.add("nouns", ("people", value))

    def _order(self) -> None:
        for first, patterns in self._phrases.items():
            patterns.sort(key=lambda pattern: -len(pattern[0]))
            if first.endswith("*"):
                self._stems.setdefault(first[:-1], Entry())
        self._longest = max(map(len, self._stems), default=0)

    def _find(self, word: str) -> Entry:
        entry = self._plain(word)
        if entry is not NOTHING or len(word) > 60:
            return entry
        for form in self._forms(word):
            entry = self._plain(form)
            if entry is not NOTHING:
                return entry
        return self._compound(word) if "-" in word else NOTHING

    def _plain(self, word: str) -> Entry:
        """The word's own entry and those of the stems it begins with, the longest first, as one."""
        stems = [word[:n] for n in range(min(len(word), self._longest), 1, -1) if word[:n] in self._stems]
        found = [self._exact[word]] if word in self._exact else []
        found += [self._stems[stem] for stem in stems if self._stems[stem].roles]
        phrases = [*self._phrases.get(word, ())]
        for stem in stems:
            phrases += self._phrases.get(stem + "*", ())
        if not phrases and len(found) < 2:
            return found[0] if found else NOTHING
        entry = Entry()
        for part in found:
            entry.roles |= part.roles
            entry.values = {**part.values, **entry.values}
        entry.phrases = tuple(sorted(phrases, key=lambda pattern: -len(pattern[0])))
        return entry

    def _forms(self, word: str) -> Iterator[str]:
        for mark in ("'s", "’s", "'", "’"):
            if word.endswith(mark):
                yield word[: -len(mark)]
        if self.prefixes and len(word) > 3 and word[0] in self.prefixes:
            yield word[1:]
            if word[0] == "ل" and word[1] == "ل":
                yield "ا" + word
        if self.prefixes and len(word) > 4 and word.startswith("ال"):
            yield word[2:]
        if not self.cyrillic and ("'" in word or "’" in word):
            head, _, rest = word.replace("’", "'").partition("'")
            if len(head) <= 2 and rest:
                yield rest
        if "’" in word or "ʼ" in word or "`" in word:
            yield word.replace("’", "'").replace("ʼ", "'").replace("`", "'")
        if not word.isascii():
            yield unicodedata.normalize("NFC", word)
            bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
            if self.cyrillic:
                yield word.translate(_LOOKALIKES)
                yield word.replace("ё", "е")
            else:
                yield bare
        elif self.cyrillic:
            yield word.translate(_LOOKALIKES)
        if not self.cyrillic and any("а" <= c <= "і" for c in word):
            yield word.translate(_LATIN)

    def _compound(self, word: str) -> Entry:
        total = Decimal(0)
        parts = word.split("-")
        if len(parts) == 2 and (months := self._months(parts)):
            return months
        for part in parts:
            entry = self._plain(part)
            if entry.roles & BIT["numbers"]:
                total += entry.values["numbers"]
            elif entry.roles & BIT["halves"]:
                total += Decimal("0.5")
            elif not entry.roles & (BIT["and"] | BIT["articles"]):
                return self._last_part(parts[-1])
        made = Entry()
        if total:
            made.add("numbers", total)
        return made

    def _months(self, parts: list[str]) -> Entry | None:
        """Two months in one word: "январь-июль"."""
        numbers = [entry.values["months"] for entry in map(self._plain, parts) if entry.roles & BIT["months"]]
        if len(numbers) < 2 or not numbers[0] < numbers[1] < SOLAR:
            return None
        made = Entry()
        made.add("spans", f"months_{numbers[0]}_{numbers[1]}")
        return made

    def _last_part(self, part: str) -> Entry:
        entry = self._plain(part)
        made = Entry()
        for role in ("sources", "nouns"):
            if entry.roles & BIT[role] and not entry.roles & BIT["events"]:
                made.add(role, entry.values[role])
        return made if made.roles else NOTHING


def fits(pattern: str, word: str) -> bool:
    """Whether a word is what a phrase asks for: the same, or beginning with its stem."""
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def split_words(phrase: str) -> list[str]:
    """A phrase of a language file as the words a text would show."""
    return phrase.casefold().split()


def _entries(data: dict[str, Any], words: Words | None) -> Iterator[tuple[str, Any, str]]:
    if words is not None:
        yield from _added(words)
    for key, content in data.items():
        if key == "joins":
            for role, listed in content.items():
                yield from ((role, True, word) for word in listed)
        elif key in BIT:
            yield from _of_role(key, content)
        elif key not in _SETTINGS:
            near = difflib.get_close_matches(key, [*BIT, *_SETTINGS, "joins"], n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"a language file has the unknown key {key!r}{meant}")


def _of_role(role: str, content: Any) -> Iterator[tuple[str, Any, str]]:
    if not isinstance(content, dict):
        yield from ((role, True, word) for word in content)
        return
    for value, listed in content.items():
        if role == "nouns":
            for name, synonyms in listed.items():
                yield from ((role, (value, name), word) for word in synonyms)
            continue
        kept: Any = Decimal(value) if role in _NUMERIC else int(value) if role in _ORDINAL else value
        yield from ((role, kept, word) for word in listed)


def _added(words: Words) -> Iterator[tuple[str, Any, str]]:
    for measure, listed in words.measures.items():
        yield from (("events", measure, word) for word in _or_itself(listed, measure))
    for group, listed in words.groups.items():
        yield from (("nouns", ("items", group), word) for word in _or_itself(listed, group))


def _or_itself(listed: Iterable[str], name: str) -> Iterable[str]:
    return listed or (name,)


@functools.cache
def _data(language: str) -> dict[str, Any]:
    return load_yaml(FOLDER / f"{language}.yml", plain=True)


@functools.cache
def subject(name: str) -> frozenset[str]:
    """One of the groups of subjects.yml, such as `arms`: names that the language files give to what is counted."""
    return frozenset(load_yaml(FOLDER / "subjects.yml")[name])


@functools.cache
def languages() -> frozenset[str]:
    """The languages that have a file here."""
    return frozenset(path.stem for path in FOLDER.glob("??.yml"))


_made: dict[tuple[str, str], Lexicon] = {}


def lexicon(language: str, words: Words | None = None) -> Lexicon:
    """The lexicon of a language, with a definition's own words beside it; English where there is no such file."""
    known = language if language in languages() else "en"
    key = (known, repr(words) if words and (words.measures or words.groups) else "")
    if key not in _made:
        if len(_made) > 200:
            _made.clear()
        _made[key] = Lexicon(known, _data(known), words if key[1] else None)
    return _made[key]
