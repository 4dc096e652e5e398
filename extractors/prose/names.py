"""Names out of the case that "according to" asks for: «за даними прокуратури» names «прокуратура»."""

from __future__ import annotations

from extractors.words import Lexicon

_TITLES = 4
"""Words of a name among which its head stands."""


def nominative(name: str, lexicon: Lexicon, lead: str) -> str:
    """A name as its bearer is called; `lead` is the phrase before it, "" where the name stands in no other case.

    The language's file gives nouns, endings and the endings of people's names; a word that fits none stays.
    """
    words = name.split(" ")
    head = _head(words, lexicon, lead)
    if lead and not lead.endswith(lexicon.accusative or "\0"):
        _person(words, lexicon)
    if head is None:
        return " ".join(words)
    place, plain = head
    endings = lexicon.adjectives.get(_gender(plain), {})
    before = [_with_ending(word, endings) for word in words[:place]]
    return " ".join([*before, _cased(plain, words[place]), *words[place + 1 :]])


def _head(words: list[str], lexicon: Lexicon, lead: str) -> tuple[int, str] | None:
    """The place of the name's head noun and its nominative."""
    adjectives = tuple(ending for endings in lexicon.adjectives.values() for ending in endings)
    for place, word in enumerate(words[:_TITLES]):
        if place and not words[place - 1].endswith(adjectives):
            break
        first, dash, last = word.casefold().rpartition("-")
        plain = lexicon.nominatives.get(last)
        if plain is not None:
            return place, first + dash + plain
    if not lead:
        return None
    on = bool(lexicon.accusative) and lead.endswith(lexicon.accusative)
    taken = lexicon.case_endings["accusative" if on else "genitive"]
    for place, word in enumerate(words[:_TITLES]):
        if word.endswith(adjectives) and place + 1 < len(words):
            continue
        plain = _with_ending(word, taken)
        known = plain != word and len(word) > 3 and not word.isupper()
        alone = place + 1 == len(words) or not (words[place + 1][:1].isupper() and word[:1].isupper())
        return (place, plain) if known and alone else None
    return None


def _person(words: list[str], lexicon: Lexicon) -> None:
    """Turn a person's two names at the end of `words` in place."""
    if len(words) < 2 or not all(word[:1].isupper() and word[1:2].islower() for word in words[-2:]):
        return
    given, family = words[-2:]
    for gender in lexicon.people.values():
        new = _with_ending(given, gender["given"]), _with_ending(family, gender["family"])
        if new[0] != given and new[1] != family:
            words[-2:] = new
            return


def _cased(plain: str, word: str) -> str:
    if word.isupper():
        return word
    return plain[:1].upper() + plain[1:] if word[:1].isupper() else plain


def _gender(noun: str) -> str:
    """m, f, n or p of a nominative noun, by its ending."""
    if noun.endswith(("ння", "ття", "о", "е")):
        return "n"
    return "p" if noun[-1] in "иіы" else "f" if noun[-1] in "аяь" else "m"


def _with_ending(word: str, endings: dict[str, str]) -> str:
    for old, new in endings.items():
        if word == old or (word.endswith(old) and len(word) > len(old) + 1):
            return word[: -len(old)] + new
    return word
