"""What kinds of change, verdicts, states and reasons are called: once per language, as data in vocabulary.yml."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Literal, TypeAlias, get_args

import yaml

Language = Literal["en", "uk", "ru", "de", "fr", "es"]

LANGUAGES: tuple[Language, ...] = get_args(Language)

Wording: TypeAlias = dict[str, Any]


@cache
def _vocabulary() -> dict[str, dict[str, Wording]]:
    text = resources.files("publish").joinpath("vocabulary.yml").read_text(encoding="utf-8")
    # The loader written in C, where there is one: every command that tells something reads this.
    loaded: dict[str, dict[str, Wording]] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def said(topic: str, name: str, language: Language = "en") -> str:
    """What something is called; English where the language has no word, nothing where nobody has one."""
    entry = _vocabulary()[topic].get(name, {})
    return str(entry.get(language) or entry.get("en") or "")


def named(topic: str, language: Language = "en") -> dict[str, str]:
    """All words of a topic, by what they name."""
    return {name: said(topic, name, language) for name in _vocabulary()[topic]}


def of_kind(kind: str, part: Literal["name", "group", "sentence"], language: Language = "en") -> str:
    """What a kind of change is called, how many of it are told together, or one of it as a sentence."""
    entry = _vocabulary()["kinds"].get(kind, {})
    words = entry.get(language) or entry.get("en") or {}
    return str(words.get(part) or kind.replace("_", " "))


def month(number: int, language: Language = "en") -> str:
    """The name of a month as it stands in a date."""
    return str(_vocabulary()["months"][language]).split()[number - 1]
