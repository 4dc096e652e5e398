"""What the words beside figures say that they are in: thousands, millions, 万人; a question, never a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from model import FigureRule, Scale, Source

_SHOWN = 60

_WORDS: dict[Scale, str] = {
    "thousands": """
        thousand ths tausend tsd millier mille miles migliai milhar tysi tys tis tisíc тыс тис duizend tusen mii bin
        ezer tūkst tuhan tuhat tuhande tisuć tisoč хиляд хиљад hiljad þúsund χιλιάδ χιλ nghìn ngàn ribu mijë
        אלפי ألف آلاف بالآلاف هزار हजार हज़ार พัน
    """,
    "millions": """
        million millon millón milion milhõ milhao mln mio млн мільйон миллион milj εκατ juta triệu
        מיליון مليون ล้าน
    """,
    "billions": "billion mrd млрд мільярд миллиард milliard miliard miljard",
    "hundreds": "hundred",
    "hundred-thousands": "lakh",
    "ten-millions": "crore",
}
_WHOLE = frozenset(("ths", "bin", "mii", "mille", "tis", "tys", "mio", "mln", "mrd", "χιλ"))
"""Stems that are words of their own, and the beginning of many others."""
_SIGNS: dict[str, Scale] = {
    **dict.fromkeys(("千", "천"), "thousands"),
    **dict.fromkeys(("万", "萬", "만"), "ten-thousands"),
    **dict.fromkeys(("百万", "백만"), "millions"),
    **dict.fromkeys(("億", "亿", "억"), "hundred-millions"),
}
_LETTERS: dict[str, Scale] = {"K": "thousands", "M": "millions", "B": "billions", "bn": "billions", "mn": "millions"}
_STEMS = [(stem, scale) for scale, stems in _WORDS.items() for stem in stems.split()]

_IN = r"(?:\b(?:in|en|em|w|v|i|в|у|σε|di|za|po)\s+)"
_OPENED = r"(?:[(\[,:;–—-]\s*(?:x\s*)?)"
_WORD = re.compile(rf"(?:{_IN}|{_OPENED})(?:{_IN})?(?P<word>[^\W\d_]{{2,14}})", re.IGNORECASE)
_FIRST = re.compile(r"^\W*([^\W\d_]{2,14})")
_LAST = re.compile(r"(?<=[^\W\d_]{2} )(?<!per )(?<!pro )(?<!par )(?<!por )(?<!na )(?<!на )([^\W\d_]{2,14})$")
_FEW = 3
"""So many words are a heading or a unit, which may begin or end with its scale."""
_THOUSAND = r"1[ .,'’]?000(?:[ .,'’]?000)?"
_FIGURES = re.compile(
    r"(?<![\d.,:])(?:['’]|\()?(?P<bare>000(?:[ .,]?000)?)(?:s\b|['’]s|\)|(?=\s*$))"
    rf"|[x×*]\s*(?P<times>{_THOUSAND})\b"
    rf"|{_IN}(?P<one>{_THOUSAND})s?(?=\s*[)\]]|\s+[^\W\d_]|\s*$)"
    rf"|{_OPENED}(?P<unit>{_THOUSAND})s?(?=\s*[)\]]|\s+[^\W\d_])"
)
_ANY_SIGN = "|".join(sorted(_SIGNS, key=len, reverse=True))
_SIGN = re.compile(rf"(?:単位|单位|單位|단위|[(:])\s*:?\s*(?P<sign>{_ANY_SIGN})\s*[^\W\d_]{{0,3}}\s*(?=[),]|$)")
_RATE = re.compile(r"(?i)(?:\b(?:per|pro|je|por|par|na|на|pour)|/)\s*$")


SaidScale: TypeAlias = tuple[str, Scale]
"""The text that says a scale, and the scale."""


def scale_question(rule: FigureRule, source: Source, said: SaidScale | None) -> str | None:
    """The question that stays where the words beside a figure say another scale than its definition; None for none."""
    stated = rule.scale or source.scale
    if said is None or stated in ("one", "letters", said[1]):
        return None
    known = f", where the definition says {stated}" if stated else ""
    return f"{rule.id}: is {said[0]!r} its scale{known}? say scale: {said[1]}, or scale: one where it is not"


def said_scale(texts: Iterable[str]) -> SaidScale | None:
    """What the words beside a figure or table say that its numbers are in."""
    for text in texts:
        plain = " ".join(unicodedata.normalize("NFKC", text).replace("_", " ").split())
        if scale := next(_scales(plain), None):
            return plain[:_SHOWN], scale
    return None


_BEHIND = re.compile(r"[ \u00a0\u202f]?(?P<word>[^\W\d_]{2,14}|[KMB](?![^\W_]))")


def scale_behind(text: str) -> SaidScale | None:
    """The scale that the word right behind a number says: `7,133 thousand`, `7.1M`."""
    found = _BEHIND.match(text)
    scale = (_LETTERS.get(found["word"]) or _of_word(found["word"].casefold())) if found else None
    return (found["word"], scale) if found and scale else None


def _scales(text: str) -> Iterator[Scale]:
    for found in _SIGN.finditer(text):
        yield _SIGNS[found["sign"]]
    for found in _FIGURES.finditer(text):
        if not _RATE.search(text[: found.start()]):
            noughts = sum(map(str.isdigit, found[found.lastgroup or 0])) - (found["bare"] is None)
            yield "thousands" if noughts == len("000") else "millions"
    yield from filter(None, map(_of_word, map(str.casefold, _words(text))))


def _words(text: str) -> Iterator[str]:
    """The words of a text that stand where a scale does."""
    for found in _WORD.finditer(text):
        if not _RATE.search(text[: found.start("word")]):
            yield found["word"]
    if len(text.split()) <= _FEW:
        yield from (found[1] for found in (_FIRST.search(text), _LAST.search(text)) if found)


def _of_word(word: str) -> Scale | None:
    for stem, scale in _STEMS:
        if word == stem or (word.startswith(stem) and stem not in _WHOLE):
            return scale
    return None


_UNIT_NAMES = re.compile(
    r"(?i)(?:unit|units|unit.?mult\w*|multiplier|scale|unité|unidad|unità|unidade|einheit|jednostka|единиц\w*|одиниц\w*|"
    r"eenheid|enhet|birim|単位|单位|單位|단위)(?: of measure\w*| de medida| измерения| виміру)?"
)
_POWERS: dict[str, Scale] = {
    "2": "hundreds", "3": "thousands", "4": "ten-thousands", "5": "hundred-thousands", "6": "millions",
    "7": "ten-millions", "8": "hundred-millions", "9": "billions",
}  # fmt: skip


def is_unit_name(name: str) -> bool:
    """Whether a column, or a member beside the rows, says in what their numbers are."""
    return _UNIT_NAMES.fullmatch(name.strip().replace("_", " ")) is not None


def scales_of(name: str, values: Iterable[str]) -> set[Scale | None]:
    """All the scales that the values of a column of units say; None stands for those that say none."""
    return {said[1] if (said := scale_of_unit(name, [value])) else None for value in values}


def scale_of_unit(name: str, values: Sequence[str]) -> SaidScale | None:
    """The scale that a column of units says, as words or as a power of ten (`UNIT_MULT` 3)."""
    for value in dict.fromkeys(values):
        if value in _POWERS and "mult" in name.casefold():
            return f"{name} {value}", _POWERS[value]
        if said := said_scale((f"({value})",)):
            return f"{name} {value}"[:_SHOWN], said[1]
    return None
