"""Text to tokens, phrases and sentences; every token keeps its place in the text."""

from __future__ import annotations

import re
from typing import Any

from extractors.page.cards import is_bare, side_of_label
from extractors.words import BIT, NOTHING, Entry, Lexicon, fits

WORD, NUM, PUNCT, BREAK, CODE, DATE = range(6)

_SPACES = " \u00a0\u202f\u2009\u2007\u2008\u200a\u200b"
# A plain word between spaces is tried first, and the space behind a token goes with it: most of a text is no more.
_TOKEN = re.compile(
    r"(?:(?P<word>و(?=\d)|[^\W\d_]\w++(?=[ ,\n])|(?!https?://|www\.)(?:(?:[^\W\d_]\.){2,}|[^\W\d_]\w*(?:[-‑'’ʼ`\u200c\u0300-\u036f][^\W_]\w*)*))"
    r"|(?P<date>\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?![\d-]))"
    r"|(?P<code>https?://\S+|www\.\S+|[@#]\w+|\d{1,2}:\d\d(?::\d\d)?(?!\d)"
    r"|(?!\d{1,3}(?:\.\d{3})+(?!\d|\.\d))\d+(?:\.\d+){2,}(?!\d))"
    rf"|(?P<num>\d{{1,3}}(?P<sep>[{_SPACES}'’٬,.،])\d{{3}}(?:(?P=sep)(?:(?<=[,'’\u00a0\u202f\u2009])\n)?\d{{3}})*(?!\d)(?:[.,٫]\d+)?"
    r"|\d{1,2}(?:,\d\d){1,9},\d{3}(?!\d)|\d+(?:[.,٫]\d+)?)"
    r"(?P<suffix>[-‑]?[^\W\d_]\w*(?:[-‑’'][^\W_]+)*)?"
    r"|(?P<brk>\n\s*)"
    # The mark of a note behind a word or number (`1,204[3] dead`) is no number of the sentence.
    r"|(?P<punct>[^\w\s]))(?:(?<=[^\s\[(])\[(?:\d{1,3}|[a-z])\])*+ ?"
)
_KIND = {"date": DATE, "code": CODE, "num": NUM, "suffix": NUM, "word": WORD, "brk": BREAK, "punct": PUNCT}
_PLAIN = (WORD, PUNCT)
_ENDS = frozenset(".!?…؟。")
_CUTS = frozenset(",;:")
_PARTS = frozenset(";–—")
_LONGEST = 160
"""Tokens after which a text that never ends its sentence is cut, so that the work stays linear."""
QUOTES_END = frozenset("»”“\"'’")
"""What may close a quotation."""
_CLOSING = QUOTES_END | frozenset(")]")
_AFTER_END = _CLOSING | _ENDS
_LEADS = frozenset(",.;:)]»”!?%…")
_JOINING = BIT["prepositions"] | BIT["determiners"] | BIT["conjunctions"] | BIT["auxiliaries"] | BIT["hedges"]
_JOINING |= BIT["from"] | BIT["to"] | BIT["between"] | BIT["and"] | BIT["or"]
# A phrase that only plays these roles marks its first word and leaves the others standing.
_LIGHT = BIT["anaphors"] | BIT["continues"] | BIT["auxiliaries"] | BIT["passives"] | BIT["comparatives"]
_LIGHT |= BIT["partitives"]
_OPENING = BIT["determiners"] | BIT["prepositions"] | BIT["conjunctions"] | BIT["according"] | BIT["pronouns"]
_NAMES = BIT["nations"] | BIT["sources"] | BIT["months"] | BIT["weekdays"]
_HOT = 0
for _role in (
    *(
        "folds",
        "numbers",
        "multipliers",
        "fractions",
        "halves",
        "articles",
        "months",
        "weekdays",
        "days",
        "past_day",
        "night",
        "weekend",
        "durations",
    ),
    *(
        "same_day",
        "spans",
        "loose",
        "rates",
        "claims",
        "according",
        "according_self",
        "released",
        "reports",
        "anaphoric",
    ),
):
    _HOT |= BIT[_role]
_LIFTS_NUMBER = _JOINING | BIT["events"] | BIT["claims"] | BIT["rises"]


class Token:
    """One word, number or mark: its place, its case-folded text, and what the language says of it.

    Numbers alone have `sep`, what groups their thousands, and `suffix`, letters right behind; `w` is then the digits.
    """

    __slots__ = ("cap", "e", "entry", "kind", "roles", "s", "sep", "suffix", "values", "w")
    sep: str
    suffix: str

    def __init__(self, kind: int, s: int, e: int, w: str, entry: Entry, cap: bool) -> None:
        self.kind, self.s, self.e, self.w, self.cap = kind, s, e, w, cap
        self.entry, self.roles = entry, entry.roles
        self.values: dict[str, Any] = entry.values


class Sentence:
    """Tokens a..b (exclusive) of a text, in one paragraph; `roles` is what its words can play, together.

    `hot` are the places of tokens at which a number, a date or a claim may begin; `parted` tells that semicolons or
    dashes part its clauses, `quoted` that a quotation may end in it.
    """

    __slots__ = ("a", "b", "hot", "numeric", "para", "parted", "quoted", "roles")

    def __init__(self, a: int, b: int, para: int) -> None:
        self.a, self.b, self.para = a, b, para
        self.roles, self.numeric, self.parted, self.quoted = 0, False, False, False
        self.hot: list[int] = []


def tokenize(text: str, lexicon: Lexicon) -> list[Token]:
    """The tokens of a text, phrases joined, line breaks kept only where a sentence or list row ends."""
    raw, breaks = _scan(text, lexicon)
    if lexicon.cyrillic and " / " in text:
        raw, breaks = _without_translation(raw)
    return _join_phrases(_drop_soft_breaks(raw, breaks, text), text)


def sentences(tokens: list[Token], lexicon: Lexicon) -> list[Sentence]:
    """Cut tokens into sentences; a break also begins a new paragraph."""
    made: list[Sentence] = []
    start = para = passed = 0
    count = len(tokens)
    for i in [i for i, token in enumerate(tokens) if token.kind == BREAK or token.w in _ENDS]:
        if i < passed:
            continue
        start = _cut_long(made, tokens, start, i, para)
        token = tokens[i]
        if token.kind == BREAK:
            _close(made, tokens, start, i, para)
            start, para = i + 1, para + 1
        elif token.kind == PUNCT and _ends_here(tokens, i, lexicon):
            passed = _past_closing(tokens, i + 1)
            _close(made, tokens, start, passed, para)
            start = passed
    start = _cut_long(made, tokens, start, count, para)
    _close(made, tokens, start, count, para)
    end = _headline_end(tokens, made[0], lexicon) if made else 0
    if end:
        first = made.pop(0)
        parts: list[Sentence] = []
        _close(parts, tokens, first.a, end, first.para)
        _close(parts, tokens, end, first.b, first.para)
        made = parts + made
    return made


def _headline_end(tokens: list[Token], first: Sentence, lexicon: Lexicon) -> int:
    """Where a text goes on from its headline without a mark: "… der Geschichte In den drei Monaten", or 0."""
    small = 0
    for k in range(first.a + 1, min(first.b - 4, first.a + 30)):
        token, before, after = tokens[k], tokens[k - 1], tokens[k + 1]
        if token.kind != WORD or before.kind not in (WORD, NUM) or not token.cap:
            small += token.kind == WORD and not token.cap
            continue
        opens = token.roles & _OPENING and len(token.w) > 1 and " " not in token.w and not token.roles & _NAMES
        led = before.roles & _OPENING or (before.cap and not (lexicon.noun_capitals or before.roles))
        named = token.roles & BIT["determiners"] and after.cap and not lexicon.noun_capitals
        named = named and not after.roles & BIT["sources"]
        if opens and not led and not named and small >= 3 and k - first.a >= 4:
            return k
    return 0


def _past_closing(tokens: list[Token], i: int) -> int:
    """Where a sentence that ends before token i is over: behind closing quotes and further marks."""
    while i < len(tokens) and tokens[i].kind == PUNCT and tokens[i].w in _AFTER_END:
        if tokens[i].w == "“" and tokens[i].s > tokens[i - 1].e:
            break
        i += 1
    return i


def _cut_long(made: list[Sentence], tokens: list[Token], start: int, end: int, para: int) -> int:
    """Close what never ends in pieces, at a comma where there is one; the new start of the sentence."""
    i = start + _LONGEST
    while i < end:
        if tokens[i].w in _CUTS or i - start >= _LONGEST + 40:
            _close(made, tokens, start, i + 1, para)
            start, i = i + 1, i + _LONGEST
        i += 1
    return start


def _scan(text: str, lexicon: Lexicon) -> tuple[list[Token], list[int]]:
    """The tokens of a text, and the places of the line breaks among them."""
    tokens: list[Token] = []
    breaks: list[int] = []
    append, lookup, forms = tokens.append, lexicon.lookup, lexicon.forms
    elides, prefixes = lexicon.elides, lexicon.prefixes
    for match in _TOKEN.finditer(text):
        group = match.lastgroup or "punct"
        kind, s, e = _KIND[group], match.start(), match.end(group)
        if kind in _PLAIN:
            form = text[s:e]
            if elides and form[:2] in ("d'", "d’") and form[2:] in ("un", "une", "environ"):
                append(Token(kind, s, s + 2, "de", lookup("de"), False))
                s, form = s + 2, form[2:]
            if prefixes and form[0] == "و" and e - s > 2 and not lookup(form).roles:
                append(Token(kind, s, s + 1, "و", lookup("و"), False))
                s, form = s + 1, form[1:]
            known = forms.get(form)
            if known is None:
                known = lexicon.learn(form)
            word, entry, capital = known
            append(Token(kind, s, e, word, entry, capital))
        elif kind == NUM:
            number, sep, suffix = match["num"], match["sep"] or "", match["suffix"] or ""
            if "\n" in number:
                number = number.replace("\n", "")
            token = Token(NUM, s, e, number, lookup(number) if len(number) < 3 else NOTHING, False)
            token.sep, token.suffix = sep, suffix
            append(token)
        else:
            if kind == BREAK:
                breaks.append(len(tokens))
            append(Token(kind, s, e, text[s:e] if kind == DATE else "", NOTHING, False))
    return tokens, breaks


def _without_translation(tokens: list[Token]) -> tuple[list[Token], list[int]]:
    """The tokens without what stands in Latin letters behind a slash, as in bulletins in two languages at once."""
    kept: list[Token] = []
    breaks: list[int] = []
    skipping = False
    for token in tokens:
        latin = token.kind == WORD and token.w.isascii()
        opens = token.w == "/" and bool(kept) and kept[-1].kind in (WORD, PUNCT) and not kept[-1].w.isdigit()
        skipping = opens or (skipping and (latin or (token.kind in (NUM, DATE) and not kept[-1].w.endswith("/"))))
        if skipping and token.kind in (NUM, DATE):
            skipping = any(other.kind == token.kind and other.w == token.w for other in kept[-24:])
        if token.kind == BREAK:
            breaks.append(len(kept))
        if not skipping:
            kept.append(token)
    return kept, breaks


def _drop_soft_breaks(tokens: list[Token], breaks: list[int], text: str) -> list[Token]:
    kept: list[Token] = []
    start, last = 0, len(tokens) - 1
    row = False
    for i in breaks:
        kept += tokens[start:i]
        start = i + 1
        listed, row = row or (bool(kept) and kept[-1].w == ":"), _is_row(tokens, i + 1)
        if not kept or kept[-1].kind == BREAK or i == last:
            continue
        if (row and listed) or not _soft(kept[-1], tokens[i], tokens[i + 1], text):
            kept.append(tokens[i])
    return kept + tokens[start:]


def _is_row(tokens: list[Token], i: int) -> bool:
    """Whether a line reads as a row of a list: a few words, a dash or colon, and a number."""
    for k in range(i, min(i + 9, len(tokens) - 1)):
        token = tokens[k]
        if token.kind == PUNCT and token.w in "-–—‒:=":
            return k > i and any(after.kind == NUM for after in tokens[k + 1 : k + 3])
        if token.kind != WORD and token.w not in "()/":
            return False
    return False


def _soft(before: Token, token: Token, after: Token, text: str) -> bool:
    """Whether a line break lies inside a sentence (a wrapped line, a tag's place) and ends nothing."""
    ended = before.w in _ENDS or (before.w in _CLOSING and before.kind == PUNCT)
    if after.kind == PUNCT:
        if after.w in _LEADS:
            return True
        return after.w in "—–" and before.w in ',"»”' and after.s - token.s < 6
    blank = text.count("\n", token.s, token.e) > 1
    if after.kind == WORD:
        small = text[after.s].islower()
        if small and not ended:
            return before.kind != PUNCT or before.w in ",;–—-(«“\"'"
        if before.kind == PUNCT and before.w in "—–" and text[max(0, before.s - 3) : before.s].strip()[-1:] in ",»":
            return not blank  # ", —" and who says it, on a line of its own
        return not blank and bool(before.roles & _JOINING) and before.kind == WORD
    if after.kind == NUM and not blank:
        spaced = before.kind == WORD and text[before.e : before.e + 1] in " \u00a0"
        lifted = bool(before.roles & _LIFTS_NUMBER) or before.w in (",", "(") or spaced
        return lifted and not _is_next_card(token, after, text)
    return False


def _is_next_card(token: Token, after: Token, text: str) -> bool:
    """Whether a line that ends is the label of the number above it, and the number below begins the next card."""
    start = text.rfind("\n", 0, token.s) + 1
    above = text[:start].rstrip("\n")
    if not above or not is_bare(above[above.rfind("\n") + 1 :]):
        return False
    end = text.find("\n", after.e)
    line = text[token.e : end if end >= 0 else len(text)]
    return is_bare(line) and side_of_label(text, (after.s, after.e)) != "before"


def _join_phrases(tokens: list[Token], text: str) -> list[Token]:
    joined: list[Token] = []
    start = 0
    for i in [i for i, token in enumerate(tokens) if token.entry.phrases]:
        if i < start:
            continue
        token = tokens[i]
        found = find_phrase(tokens, i, token.entry)
        if found is None:
            continue
        if not found[1].roles & ~_LIGHT:
            token.roles |= found[1].roles
            continue
        end = tokens[found[0]].e
        joined += tokens[start:i]
        joined.append(Token(WORD, token.s, end, text[token.s : end].casefold(), found[1], token.cap))
        start = found[0] + 1
    return joined + tokens[start:]


def _close(made: list[Sentence], tokens: list[Token], a: int, b: int, para: int) -> None:
    if b <= a:
        return
    sentence = Sentence(a, b, para)
    roles, hot = 0, sentence.hot
    for k in range(a, b):
        token = tokens[k]
        found = token.roles
        if found:
            roles |= found
            if found & _HOT:
                hot.append(k)
        elif token.kind == NUM or token.kind == DATE:
            sentence.numeric = True
            hot.append(k)
        if token.kind == PUNCT:
            sentence.parted = sentence.parted or token.w in _PARTS
            sentence.quoted = sentence.quoted or token.w in QUOTES_END
    sentence.roles = roles
    made.append(sentence)


def _ends_here(tokens: list[Token], i: int, lexicon: Lexicon) -> bool:
    if i + 1 >= len(tokens):
        return True
    token, after = tokens[i], tokens[i + 1]
    if after.kind == PUNCT and after.w in _CLOSING:
        return i + 2 >= len(tokens) or tokens[i + 2].kind == BREAK or tokens[i + 2].cap
    if after.kind == BREAK or token.w != ".":
        return True
    if after.s == token.e:
        return False
    before = tokens[i - 1] if i else None
    if before is not None and before.kind == NUM and _ordinal(tokens, i, lexicon):
        return False
    if before is not None and before.kind == WORD and before.e == token.s:
        short = len(before.w) == 1 and before.cap
        if short or (before.w in lexicon.abbreviations and not (before.roles & BIT["multipliers"] and after.cap)):
            return False
    return after.kind != WORD or after.cap or not after.w[:1].islower()


def _ordinal(tokens: list[Token], i: int, lexicon: Lexicon) -> bool:
    """Whether the point at i makes the number before it an ordinal: "am 27. Juni", "die 24. Woche"."""
    if tokens[i + 1].roles & BIT["months"]:
        return True
    lead = tokens[i - 2] if i > 1 else None
    led = lead is not None and bool(lead.roles & BIT["determiners"])
    return led and lexicon.noun_capitals and len(tokens[i - 1].w) <= 2


def find_phrase(tokens: list[Token], i: int, entry: Entry) -> tuple[int, Entry] | None:
    """The longest phrase that begins at token i, as (its last token's index, its entry), or None."""
    count = len(tokens)
    for pattern, phrase in entry.continuing(tokens[i + 1].w) if i + 1 < count else ():
        j = i
        for part in pattern:
            j += 1
            if j >= count or tokens[j].kind == BREAK or not fits(part, tokens[j].w):
                break
        else:
            return j, phrase
    return None
