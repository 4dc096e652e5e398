"""Verbs of saying that no list has, known by where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from extractors.prose.names import MORPHOLOGY, is_verb
from extractors.prose.tokens import PUNCT, QUOTES_END, WORD, Sentence, Token
from extractors.words import BIT, Lexicon

_KNOWN = BIT["claims"] | BIT["according"] | BIT["events"]
_SPEAKERS = BIT["sources"] | BIT["pronouns"]
_NAMING = BIT["sources"] | BIT["determiners"] | BIT["articles"]
_THAT, _AS_TOLD = BIT["that"], BIT["as_told"]
_OPENS = frozenset(',;:—–(«„“”"')
PAIRS = {"»": "«", "“": "„", "”": "“„", '"': '"'}
"""Closing quotation marks of a name, and what may open them."""


def mark(tokens: list[Token], sentence: Sentence, lexicon: Lexicon) -> None:
    """Let words be verbs of saying: "X quipped that", "як жартує X", "…», — похвастался X"."""
    if not (sentence.quoted or sentence.roles & (_THAT | _AS_TOLD)):
        return
    for k, role in list(_marked(tokens, sentence, lexicon)):
        tokens[k].roles |= role
        sentence.roles |= role
        if k not in sentence.hot:
            sentence.hot = sorted([*sentence.hot, k])


def _marked(tokens: list[Token], sentence: Sentence, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    for k in range(sentence.a + 1, sentence.b):
        before = tokens[k - 1]
        at = k - 1 - (before.w == ",")
        if tokens[k].roles & _THAT and at > sentence.a and _says(tokens, at, lexicon):
            yield at, BIT["claims"]
        elif before.roles & _AS_TOLD and _as_told(tokens, k, sentence, lexicon):
            yield k, BIT["according"]
        elif _behind_quote(tokens, k, sentence, lexicon):
            yield k, BIT["claims"]


def _as_told(tokens: list[Token], k: int, sentence: Sentence, lexicon: Lexicon) -> bool:
    """Whether the word behind "as" tells: "…, как утверждало министерство, …"."""
    opens = k - 1 == sentence.a or tokens[k - 2].w in _OPENS
    return opens and (bool(tokens[k].roles & BIT["claims"]) or _says(tokens, k, lexicon))


def _unknown(token: Token, lexicon: Lexicon) -> bool:
    """Whether a word in small letters can be a verb that the lists lack: by its analysis, else as one they lack."""
    if token.kind != WORD or token.cap or token.roles & _KNOWN:
        return False
    return is_verb(token.w, lexicon.language) if lexicon.language in MORPHOLOGY else not token.roles


def _says(tokens: list[Token], at: int, lexicon: Lexicon) -> bool:
    """Whether an unknown verb tells; where nothing analyses it, only right behind whoever speaks."""
    before = tokens[at - 1]
    spoken = before.kind == WORD and bool(before.cap or before.roles & (_SPEAKERS | _AS_TOLD))
    if not tokens[at].w.endswith(lexicon.verb_endings):
        return False
    return (spoken or lexicon.language in MORPHOLOGY) and _unknown(tokens[at], lexicon)


def after_quote(tokens: list[Token], k: int, a: int) -> bool:
    """Whether only a comma or dash parts a word from a quotation that ended before it."""
    end = k - 1
    while end > a and tokens[end].w in ",-–—":
        end -= 1
    return a < end < k - 1 and tokens[end].w in QUOTES_END


def ends_alone(tokens: list[Token], k: int, sentence: Sentence) -> bool:
    """Whether a verb without a subject closes a sentence behind a quotation: "…”, indicó."."""
    return k + 2 >= sentence.b and after_quote(tokens, k, sentence.a)


def _behind_quote(tokens: list[Token], k: int, sentence: Sentence, lexicon: Lexicon) -> bool:
    """Whether an unknown verb stands behind a quotation, and behind it whoever speaks, or nobody."""
    if tokens[k - 1].w not in ",-–—" or not after_quote(tokens, k, sentence.a) or not _unknown(tokens[k], lexicon):
        return False
    after = tokens[min(k + 1, sentence.b - 1)]
    if lexicon.language in MORPHOLOGY:
        return True
    return lexicon.pro_drop if after.kind == PUNCT else bool(after.cap or after.roles & _NAMING)


def opened(tokens: list[Token], k: int, a: int) -> int:
    """Where a short name in quotation marks begins that close at k, or -1 when what is quoted is more than a name."""
    marks = PAIRS.get(tokens[k].w, "\0")
    place = next((j for j in range(k - 1, max(a - 1, k - 6), -1) if tokens[j].w in marks), -1)
    return place if place >= 0 and tokens[place + 1].cap else -1
