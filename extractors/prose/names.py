"""Claimants' names as their bearers are called, in the nominative, where the text has them in another case."""

from __future__ import annotations

import functools
from typing import Any

MORPHOLOGY = frozenset(("uk", "ru"))
"""Languages whose words are analysed, with the dictionaries of pymorphy3."""
_OBLIQUE = frozenset(("gent", "datv", "accs", "ablt", "loct", "gen2", "loc2", "acc2"))
_MEMORY = 20_000
"""Words whose analysis is remembered; a text of an hour's reading has fewer."""
_LEADS = 4
"""Adjectives before a name's head noun at most."""


@functools.cache
def _analyzer(language: str) -> Any:
    import pymorphy3  # a quarter of a second that only the first text in such a language pays

    return pymorphy3.MorphAnalyzer(lang=language)


@functools.lru_cache(maxsize=_MEMORY)
def analyses(word: str, language: str) -> tuple[Any, ...]:
    """What a word may be, the likeliest first; none in a language without a dictionary."""
    return tuple(_analyzer(language).parse(word)) if language in MORPHOLOGY else ()


def is_noun(word: str, language: str) -> bool:
    """Whether a word may be a noun or an adjective, and so part of a name; True where no dictionary tells."""
    return language not in MORPHOLOGY or any(
        parse.tag.POS in ("NOUN", "ADJF") for parse in analyses(word, language)[:3]
    )


def is_verb(word: str, language: str) -> bool:
    """Whether a word is likeliest a verb with a subject; False in a language without a dictionary."""
    return any(parse.tag.POS == "VERB" for parse in analyses(word, language)[:1])


def nominative(name: str, language: str) -> str:
    """A name that a preposition or noun governs, in the nominative; a word that fits nothing stays."""
    words = name.split(" ")
    head = _head(words, language)
    if head is None:
        return name
    place, noun = head
    for before in range(place):
        words[before] = _agreeing(words[before], noun, language)
    person = place if "Name" in noun.tag.grammemes else max(place + 1, len(words) - 2)
    if person == place and len(words) > place + 1:
        _person(words, place, language)
    else:
        words[place] = _as_written(noun.inflect(_wanted(noun)), words[place])
        _person(words, person, language)
    return " ".join(words)


def _oblique(word: str, language: str) -> list[Any]:
    """The analyses of a bare word as a noun or adjective in another case than the nominative."""
    core = word.strip("«»“”„\"'")
    if not core or (core.isupper() and len(core) > 1):
        return []
    found = [parse for parse in analyses(core, language) if _OBLIQUE & parse.tag.grammemes]
    found = [parse for parse in found if "Fixd" not in parse.tag.grammemes]
    return sorted(found, key=lambda parse: parse.tag.case == "accs")  # "міністерства" is rather one's than many


def _head(words: list[str], language: str) -> tuple[int, Any] | None:
    """The place and analysis of the head noun, behind adjectives that agree with it."""
    for place, word in enumerate(words[: _LEADS + 1]):
        parses = _oblique(word, language)
        adjective = any(parse.tag.POS in ("ADJF", "PRTF") for parse in parses)
        nouns = [parse for parse in parses if parse.tag.POS == "NOUN"]
        if adjective and place + 1 < len(words) and any(_oblique(words[place + 1], language)):
            continue
        nouns = [noun for noun in nouns if all(_agrees(before, noun, language) for before in words[:place])]
        nouns = nouns or [parse for parse in parses if adjective and place == 0 and len(words) == 1]
        usable = [noun for noun in nouns if noun.inflect(_wanted(noun)) is not None]
        return (place, usable[0]) if usable else None
    return None


def _wanted(noun: Any) -> frozenset[str]:
    return frozenset(("nomn", "plur")) if "plur" in noun.tag.grammemes else frozenset(("nomn",))


def _agrees(word: str, noun: Any, language: str) -> bool:
    return any(parse.tag.case == noun.tag.case for parse in _oblique(word, language))


def _agreeing(word: str, noun: Any, language: str) -> str:
    """An adjective in the nominative of its noun's number and gender."""
    gender = () if "plur" in noun.tag.grammemes or not noun.tag.gender else (noun.tag.gender,)
    for parse in _oblique(word, language):
        if parse.tag.case == noun.tag.case and parse.tag.POS in ("ADJF", "PRTF"):
            turned = parse.inflect(_wanted(noun) | frozenset(gender))
            if turned is not None:
                return _as_written(turned, word)
    return word


def _person(words: list[str], start: int, language: str) -> None:
    """Turn a person's names from `start` on in place: a given name, and the family name that agrees with it."""
    if start >= len(words) or not all(word[:1].isupper() for word in words[start:]):
        return
    names = [parse for parse in _oblique(words[start], language) if "Name" in parse.tag.grammemes]
    for given in names:
        families = [_family(word, given, language) for word in words[start + 1 :]]
        if all(families) or (given is names[-1] and not families):
            turned = [given.inflect(frozenset(("nomn",))), *families]
            words[start:] = [_as_written(new, old) for new, old in zip(turned, words[start:], strict=True)]
            return


def _family(word: str, given: Any, language: str) -> Any:
    """A family name in the nominative, of the gender and case of the given name; None where it fits neither."""
    for parse in analyses(word, language):
        known = {"Surn", "Patr", "Name"} & parse.tag.grammemes or parse.tag.POS == "ADJF"
        same = parse.tag.gender == given.tag.gender and parse.tag.case == given.tag.case
        if known and same and "plur" not in parse.tag.grammemes:
            return parse.inflect(frozenset(("nomn",)))
    stem = analyses(word[:-1], language) if word.endswith("а") and given.tag.gender == "masc" else ()
    return stem[0] if stem and given.tag.case in ("gent", "accs") else None  # "Синєгубова", in no dictionary


def _as_written(parse: Any, word: str) -> str:
    """The analysed form with the quotes, capitals and apostrophes of the word as it stands."""
    core = word.strip("«»“”„\"'")
    form = "-".join(
        part[:1].upper() + part[1:] if old[:1].isupper() else part
        for part, old in zip(str(parse.word).split("-"), core.split("-"), strict=False)
    )
    return word.replace(core, form, 1)
