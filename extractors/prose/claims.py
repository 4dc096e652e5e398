"""Who says it: the claimants that a sentence names, and whom its pronouns mean."""

from __future__ import annotations

import re

from extractors.prose.names import MORPHOLOGY, is_noun, nominative
from extractors.prose.saying import PAIRS, ends_alone, opened
from extractors.prose.tokens import NUM, PUNCT, WORD, Sentence, Token
from extractors.words import BIT, Lexicon

CLAIM, ACCORDING, REPORT, RELEASED, SOURCE = (
    BIT[role] for role in ("claims", "according", "reports", "released", "sources")
)
PRONOUN, DETERMINER, AUXILIARY, CONJUNCTION, PASSIVE = (
    BIT[role] for role in ("pronouns", "determiners", "auxiliaries", "conjunctions", "passives")
)
RELATIVE = BIT["relatives"]
PREPOSITION, EVENT, NATION, ARTICLE = (BIT[role] for role in ("prepositions", "events", "nations", "articles"))
DATED = BIT["months"] | BIT["weekdays"] | BIT["days"] | BIT["past_day"] | BIT["same_day"]
_TIMED = DATED | BIT["loose"]
ANAPHORIC, VENUE = BIT["anaphoric"], BIT["venues"]
BY, WITH, GENERIC, SELF, BREAKS = BIT["by"], BIT["with"], BIT["generic"], BIT["selves"], BIT["breaks"]
_JOINS = WITH | BIT["and"]
_CUTS = frozenset(',;:—–()[]“”"«»…|')
_QUOTES = frozenset("«“„\"'‘")
_STARTS = CONJUNCTION | CLAIM
_CODES = BIT["no_figure_before"] | BIT["no_figure_after"]
_COUNTS = frozenset(("figures", "data", "statistics", "numbers", "records"))
"""What shows a number without stating who counted."""
_QUOTING = frozenset(("quoted", "quotes", "cited", "cites"))
_TOLD = EVENT | BIT["rises"] | BIT["number_words"]
_HAVING = frozenset(("had", "has", "have"))
_LONGEST = 14
_TITLE = 6
"""Words of a name from which on it is a title with a person's name behind it."""
_APPOSED = frozenset(("en", "es", "fr", "it", "pt"))
_INVERTED = re.compile(r"-(il|elle|ils|elles|on)$")
"""How a French verb with its subject behind it ends: "a-t-elle indiqué"."""
_ROMANCE = ("es", "fr", "it", "pt")
_ABOUT = frozenset(("про", "о", "об", "o"))
"""Words that lead to what is told before the verb: "О двух погибших сообщил губернатор"."""
_RELATIVE = frozenset(("of which", "of whom"))
_IMPERSONAL = ("но", "то", "лось", "ется", "ються", "ється", "лася", "ются")


class Claim:
    """One naming of a claimant: who, at which token, and whether it stands before or after what it claims."""

    __slots__ = ("a", "anaphor", "at", "b", "document", "header", "leads", "names", "spoken")

    def __init__(
        self, names: tuple[str, ...], at: int, *, leads: bool, spoken: bool, anaphor: str = "", header: bool = False
    ) -> None:
        self.names, self.at, self.leads, self.spoken, self.anaphor = names, at, leads, spoken, anaphor
        self.header = header
        self.a = self.b = 0  # the tokens of its names
        self.document = ""  # what they wrote: "a study by the institute"

    @property
    def tokens(self) -> tuple[int, int]:
        """The tokens a..b (exclusive) that make the claim: who, and the word that says so."""
        at = min(self.at, self.b + _LONGEST)
        return (min(self.a, at), max(self.b, at + 1)) if self.b else (self.at, self.at + 1)

    def placed(self, a: int, b: int) -> Claim:
        """The same claim, with the tokens a..b (exclusive) that name who claims."""
        self.a, self.b = a, b
        return self


class ClaimReader:
    """Finds the claims of a sentence; it reads the text to quote names as they stand there."""

    def __init__(self, text: str, tokens: list[Token], lexicon: Lexicon) -> None:
        self.text, self.tokens, self.lexicon = text, tokens, lexicon

    def read(self, sentence: Sentence) -> list[Claim]:
        """The claims of a sentence, in order."""
        claims: list[Claim] = []
        header = self._header(sentence)
        if header:
            claims.append(header)
        if closing := self._after_dash(sentence):
            claims.append(closing)
        if not sentence.roles & (CLAIM | ACCORDING | BIT["according_self"] | RELEASED | REPORT | ANAPHORIC):
            return claims
        for i in sentence.hot:
            claim = self._claim(i, sentence, claims)
            if claim is not None and not self._cited(claims, claim):
                claims.append(claim)
        return claims

    def _claim(self, i: int, sentence: Sentence, earlier: list[Claim]) -> Claim | None:
        """The claim that the word at token i makes, if any."""
        roles = self.tokens[i].roles
        if roles & ANAPHORIC:
            return Claim((), i, leads=i - sentence.a <= 2, spoken=False, anaphor="*")
        if roles & BIT["according_self"]:
            return self._own_source(i, sentence)
        claim = self._according(i, sentence) if roles & ACCORDING else None
        if claim is None and roles & (RELEASED | REPORT):
            claim = self._released(i, sentence)
        return claim or (self._told(i, sentence, earlier) if roles & CLAIM else None)

    def _told(self, i: int, sentence: Sentence, earlier: list[Claim]) -> Claim | None:
        """The claim of the verb of saying at token i, whose subject may be whoever spoke: "…”, indicó."."""
        tokens = self.tokens
        passive = tokens[i].roles & RELEASED and i + 1 < sentence.b and tokens[i + 1].roles & BY
        if passive and not self.lexicon.bare:
            return None
        claim = self._spoken(i, sentence, earlier)
        if tokens[i].w in _QUOTING:
            return self._quoting(i, sentence, claim)
        if claim is None and ends_alone(tokens, i, sentence):
            return Claim((), i, leads=False, spoken=True, anaphor="*")
        return claim

    def _quoting(self, i: int, sentence: Sentence, outlet: Claim | None) -> Claim | None:
        """Both of "Reuters quoted a police officer as saying", or the one who "was quoted by Reuters as saying"."""
        tokens = self.tokens
        if outlet is None:
            told = any(t.w in ("as", "saying") for t in tokens[i + 1 : min(i + 6, sentence.b)])
            passive = i > sentence.a and tokens[i - 1].roles & PASSIVE and told
            return self._subject(i - 1, i, sentence) if passive else None
        b = self._phrase_end(i + 1, sentence.b)
        b = next((k for k in range(i + 1, b) if tokens[k].w == "as"), b)
        known = any(t.roles & SOURCE and not t.roles & REPORT for t in tokens[i + 1 : b])
        told = b < sentence.b and tokens[b].w == "as"
        source = self._made(i + 1, b, i, True, True) if known or told else None
        if source is None:
            return None
        outlet.names += source.names
        return outlet

    def _cited(self, claims: list[Claim], claim: Claim) -> bool:
        """Join whom a carrier names to it: "сообщает The Hindu со ссылкой на полицию"."""
        carrier = claims[-1] if claims else None
        if carrier is not None and claim.spoken and 0 < claim.b == carrier.at:  # "X со ссылкой на Y пишет"
            claim.names += carrier.names
            claims[-1] = claim
            return True
        joined = carrier is not None and carrier.b == claim.at > carrier.at and not claim.spoken and bool(claim.names)
        if carrier is None or not joined or not self.lexicon.cyrillic or not self.tokens[claim.at].roles & ACCORDING:
            return False
        carrier.names += claim.names
        return True

    def _header(self, sentence: Sentence) -> Claim | None:
        """A speaker before a colon at the head of a line: "Police: 12 dead"."""
        tokens, a, end = self.tokens, sentence.a, 0
        if not sentence.roles & SOURCE:
            return None
        for k in range(a, min(a + 16, sentence.b)):
            token = tokens[k]
            if token.kind == PUNCT and token.w in "-–—" and not end:
                end = k
            if token.w == ":" and token.kind == PUNCT:
                words = tokens[a : end or k]
                named = any(t.roles & SOURCE for t in words) and not any(t.kind == NUM for t in words)
                spoken = bool(words) and words[-1].roles & CLAIM and not words[-1].cap  # "…, the mayor, said:"
                spoken = spoken and not words[-1].roles & SOURCE
                spoken = spoken and (self.lexicon.bare or self.lexicon.language == "en")
                told = spoken or any(t.roles & AUXILIARY and not t.cap for t in words)
                barred = told or any(t.roles & (EVENT | REPORT) for t in words)
                if not named or barred or words[0].roles & PREPOSITION:
                    return None
                return Claim((self._quote(a, end or k),), k, leads=True, spoken=False, header=True).placed(a, end or k)
            if token.kind == PUNCT and token.w in ".?!;":
                return None
        return None

    def ends_named(self, sentence: Sentence) -> bool:
        """Whether a name in capitals behind a dash ends a sentence: "…, — Лисак"."""
        if not self.lexicon.cyrillic or sentence.b - sentence.a < 6:
            return False
        b = sentence.b - (self.tokens[sentence.b - 1].kind == PUNCT)
        return self.tokens[b - 1].cap and any(t.w in ("-", "–", "—") for t in self.tokens[b - 4 : b - 1])

    def _after_dash(self, sentence: Sentence) -> Claim | None:
        """A speaker behind the dash that ends a post: "Збито 40 дронів, — Повітряні сили"."""
        tokens = self.tokens
        if not self.lexicon.bare:
            return None
        b = sentence.b - (tokens[sentence.b - 1].kind == PUNCT)
        dash = next((k for k in range(b - 1, max(sentence.a, b - 9), -1) if tokens[k].w in "-–—"), 0)
        if not dash:
            return None
        relay = next((k for k in range(dash + 2, b) if tokens[k].roles & ACCORDING), b)
        words = tokens[dash + 1 : relay]
        named = words and (len(words) <= 2 or any(t.cap for t in words))
        opens = words and (words[0].cap or (words[0].roles & SOURCE and named))
        plain = dash and opens and not any(t.kind == NUM or t.roles & (EVENT | CLAIM) for t in words)
        person = 1 <= len(words) <= 3 and all(t.cap for t in words) and tokens[dash - 1].w in ",»"
        person = person and (len(words) > 1 or not words[0].roles)
        if not plain or not (relay < b or person or any(t.roles & SOURCE for t in words)):
            return None
        return Claim(self._names(dash + 1, relay), dash, leads=False, spoken=relay == b).placed(dash + 1, relay)

    def _own_source(self, i: int, sentence: Sentence) -> Claim:
        """A phrase that names its source itself: "nach Behördenangaben"."""
        name = self._quote(i, i + 1).split()[-1]
        return Claim((name,), i, leads=i - sentence.a <= 2, spoken=False)

    def _according(self, i: int, sentence: Sentence) -> Claim | None:
        if self.tokens[i].w == "per" and i > sentence.a and self.tokens[i - 1].kind != PUNCT:
            return None  # "4.2 per 1,000 Ukrainians"
        a = self._past_verb(i + 1, sentence.b)
        if self.lexicon.cyrillic and self.tokens[i].roles & CLAIM:
            after = self._past_date(a, sentence.b)
            placed = a < after < sentence.b and self.tokens[after].roles & PREPOSITION
            a = after + bool(placed)  # "сообщили сегодня в минздраве"
        if self.lexicon.cyrillic and a + 1 < sentence.b and self.tokens[a].w in ("в", "у", "во"):
            a += 1  # "про це повідомили у Центрі"
        b = self._phrase_end(a, sentence.b)
        if b <= a:
            return None
        fronted = self.lexicon.noun_capitals and self.tokens[a].roles & PREPOSITION & ~BY and not self.tokens[a].cap
        if fronted:
            return None
        leads = i - sentence.a <= 2
        if b + 1 < sentence.b and tokens_apposed(self.tokens, b) and self.lexicon.language in _APPOSED:
            end = self._phrase_end(b + 1, sentence.b)
            closed = end >= sentence.b or self.tokens[end].kind == PUNCT
            if closed and end - b <= 5 and not any(t.roles for t in self.tokens[b + 1 : end]):
                a = b + 1 if self.lexicon.language == "en" else a  # "according to the mayor, Vitali Klitschko"
                b = end
        return self._of_phrase(a, b, i, leads)

    def _past_verb(self, a: int, b: int) -> int:
        """Where the claimant begins behind the verb of "según ha informado el alcalde", "selon ce qu'a dit …"."""
        k = a
        if self.lexicon.language == "en":
            return a
        while k < min(a + 4, b) and self.tokens[k].roles & (AUXILIARY | CLAIM | CONJUNCTION) and not self.tokens[k].cap:
            k += 1
        told = any(t.roles & CLAIM and not t.roles & (REPORT | SOURCE) for t in self.tokens[a:k])
        return self._past_date(k, b) if told else a

    def _of_phrase(self, a: int, b: int, at: int, leads: bool) -> Claim | None:
        """The claimant in the noun phrase of tokens a..b: "the latest update from the ministry"."""
        tokens = self.tokens
        report = next((k for k in range(a, b) if tokens[k].roles & REPORT and not tokens[k].cap), None)
        own = report is not None and any(t.cap and not t.roles & (NATION | DETERMINER) for t in tokens[a:report])
        if report is not None and own and self.lexicon.language == "en":  # "an AFP count of victims reported by police"
            claim = self._made(a, report, at, leads, False)
            if claim is not None:
                claim.document = tokens[report].w
            return claim
        if report is not None:
            k = report + 1
            while k < b and (tokens[k].roles & (RELEASED | REPORT) or not tokens[k].roles & (PREPOSITION | BY)):
                k += 1
            k, b = self._behind_date(k, b)
            if self.lexicon.cyrillic and report + 1 < b and k == b and tokens[report + 1].roles & SOURCE:
                return self._made(report + 1, b, at, leads, False)  # "как следует из отчета ВОЗ"
            if k + 1 < b and (any(t.cap or t.roles & SOURCE for t in tokens[k + 1 : b])):
                claim = self._made(k + 1, b, at, leads, False)
                if claim is not None:
                    claim.document = tokens[report].w
                return claim
            if not any(t.roles & (SOURCE | NATION) or t.cap for t in tokens[a:report]):
                owned = tokens[a].roles & DETERMINER and not tokens[a].roles & ARTICLE
                return Claim((), at, leads=leads, spoken=False, anaphor="*" if owned else tokens[report].w)
            named = any(t.cap and not t.roles & NATION for t in tokens[a:report])
            b = report if named or not tokens[a].roles & ARTICLE else report + 1
        known = any(t.roles & (SOURCE | PRONOUN | GENERIC | NATION) or t.cap for t in tokens[a:b])
        if not known and not (self.lexicon.language == "en" and tokens[a].roles & (DETERMINER | ARTICLE)):
            return None
        return self._made(a, b, at, leads, False)

    def owner(self, sentence: Sentence) -> tuple[str, ...]:
        """Whose report heads a list: "Summary of the regional administrations for the past day:"."""
        a = sentence.a + 1
        while a < sentence.b and self.tokens[a].roles & (BIT["of"] | BY | DETERMINER | ARTICLE):
            a += 1
        b = self._phrase_end(a, sentence.b - 1)
        if not any(t.roles & SOURCE or t.cap for t in self.tokens[a:b]):
            return ()
        return self._names(a, self._undated(a, b), governed=True)

    def _behind_date(self, k: int, b: int) -> tuple[int, int]:
        """Go on behind a date: "a report published on Monday by the institute"."""
        tokens = self.tokens
        last = len(tokens) - 2
        after = self._past_date(b, last)
        if b < after <= last and k >= b - 1 and tokens[after].roles & BY:
            return after, self._phrase_end(after + 1, min(after + 1 + _LONGEST, len(tokens)))
        if k >= b - 1 and k < last and tokens[k].roles & PREPOSITION and tokens[k + 1].roles & DATED:
            k += 2
        elif b < last and k >= b and tokens[b].roles & PREPOSITION and tokens[b + 1].roles & DATED:
            k = b + 2
        else:
            return k, b
        return (k, self._phrase_end(k + 1, min(k + 1 + _LONGEST, last))) if tokens[k].roles & BY else (b, b)

    def _made(self, a: int, b: int, at: int, leads: bool, spoken: bool) -> Claim | None:
        tokens = self.tokens
        if a < b and tokens[a].roles & SELF:
            return None
        definite = a < b and (tokens[a].roles & DETERMINER or self._elided(tokens[a]))
        short = a < b <= a + self.lexicon.generic_words
        if short and all(t.roles & GENERIC and not t.cap for t in tokens[a:b]):
            return Claim((self._quote(a, b),), at, leads=leads, spoken=spoken, anaphor=tokens[a].w)
        while a < b and tokens[a].roles & (DETERMINER | ARTICLE | AUXILIARY) and not self._abbreviation(tokens[a]):
            a += 1
        b = self._undated(a, b)
        b = self._trimmed(a, b)
        if a >= b:
            return None
        if b - a == 1 and tokens[a].roles & PRONOUN:
            return Claim((), at, leads=leads, spoken=spoken, anaphor=tokens[a].w)
        while definite and a + 1 < b and (tokens[a].roles & (CLAIM | BIT["numbers"]) or tokens[a].w == "latest"):
            a += 1
        if noun := self._mere_role(a, b, bool(definite)):
            return Claim((self._quote(a, b),), at, leads=leads, spoken=spoken, anaphor=noun).placed(a, b)
        led = tokens[a - 1].roles if a else 0  # "в Генпрокуратурі", "дані місії"
        governed = (at < a and not spoken and self._governs(at)) or bool(led & (PREPOSITION | REPORT))
        names = self._names(a, b, governed)
        return Claim(names, at, leads=leads, spoken=spoken).placed(a, b)

    def _elided(self, token: Token) -> bool:
        """Whether an article is written to the word: "l'agence"."""
        return self.lexicon.elides and token.w[:2] in ("l'", "l’")

    def _mere_role(self, a: int, b: int, definite: bool) -> str:
        """The noun of a phrase that only says "ministry", so that its bearer has been named before; else nothing."""
        words = self.tokens[a:b]
        if self.lexicon.noun_capitals:
            mere = len(words) == 1 and words[0].roles & GENERIC and not self._abbreviation(words[0])
            return words[0].w if mere else ""
        if len(words) == 1 and self._elided(words[0]):
            return words[0].w[2:] if self.text[words[0].s + 2].islower() else ""
        return words[-1].w if definite and self._plain_words(words) else ""

    def _plain_words(self, words: list[Token]) -> bool:
        """Whether one or two words have no capitals and own nothing: not "the ministry's"."""
        return len(words) <= 2 and not any(t.cap or "'" in t.w or "’" in t.w for t in words)

    def _trimmed(self, a: int, b: int) -> int:
        """Where a name ends before small words and marks; "the WHO" and «Восток» are whole."""
        tokens, small = self.tokens, PREPOSITION | CONJUNCTION | DETERMINER
        while b > a and (tokens[b - 1].roles & small or tokens[b - 1].kind == PUNCT):
            if self._abbreviation(tokens[b - 1]) or opened(tokens, b - 1, a) >= 0:
                break
            b -= 1
        return b

    def _undated(self, a: int, b: int) -> int:
        """Where a name ends before "from earlier this year"."""
        k = b
        times = DATED | BIT["starts"] | BIT["spans"] | BIT["loose"]
        while k > a + 1 and (self.tokens[k - 1].roles & times or self.tokens[k - 1].roles & DETERMINER):
            k -= 1
        return k - 1 if k < b and k > a + 1 and self.tokens[k - 1].roles & PREPOSITION else b

    def _named(self, words: list[Token]) -> bool:
        """Whether a phrase names somebody, be it by an abbreviation that opens a sentence: "PHW figures"."""
        if self._abbreviation(words[0]) or any(t.cap for t in words[1:]):
            return True
        return any(t.roles & (SOURCE | NATION) for t in words)

    def _opens_phrase(self, token: Token) -> bool:
        return bool(token.roles & (DETERMINER | ARTICLE)) and not self._abbreviation(token)

    def _abbreviation(self, token: Token) -> bool:
        return token.cap and self.text[token.s : token.e].isupper() and token.e - token.s > 1

    def _names(self, a: int, b: int, governed: bool = False) -> tuple[str, ...]:
        """The phrase as names, parted where "and" joins two; `governed` names stand in another case."""
        names: list[tuple[int, int]] = []
        start = a
        for k in range(a, b):
            token = self.tokens[k]
            joined = token.roles & (BIT["and"] | WITH) and k + 1 < b and k > start and not self._one_name(start, k, b)
            named = self.tokens[k + 1 : k + 3] if joined and self.tokens[k + 1].w == "«" else self.tokens[k + 1 : k + 2]
            if joined and (named[-1].cap or named[-1].roles & (DETERMINER | ARTICLE | SOURCE)):
                names.append((start, k))
                start = k + 1
        names.append((start, b))
        inflected = self.lexicon.language in MORPHOLOGY
        out: list[str] = []
        for first, last in names:
            while first < last and self._opens_phrase(self.tokens[first]):
                first += 1
            first = self._person(first, last)
            plain = out and self.tokens[names[len(out)][0]].roles & ARTICLE if len(out) < len(names) else False
            known = any(t.cap for t in self.tokens[first:last]) or self._short_source(first, last)
            if first < last and not (plain and not known):
                name = self._quote(first, last)
                asked = governed or any(t.roles & WITH for t in self.tokens[a:first])
                out.append(nominative(name, self.lexicon.language) if asked and inflected else name)
        return tuple(out)

    def _person(self, a: int, b: int) -> int:
        """Where the person's name begins behind a title too long to be one's name; else where the phrase does."""
        titled = b - a > _TITLE and not self.tokens[a].cap and bool(self.tokens[a].roles & SOURCE)
        k = b
        while titled and k > a and self.tokens[k - 1].cap and not self.tokens[k - 1].roles:
            k -= 1
        return k if a < k <= b - 2 and not self.tokens[k - 1].roles & PREPOSITION else a

    def _short_source(self, a: int, b: int) -> bool:
        """Whether a claimant in small letters is one of two: "the ministry and a local hospital"."""
        words = self.tokens[a:b]
        plain = self.lexicon.language == "en" and not any(t.roles & PREPOSITION for t in words)
        return plain and bool(words[-1].roles & SOURCE)

    def _governs(self, at: int) -> bool:
        """Whether what stands at a token asks for another case: "за даними", "повідомили в", not "як заявив"."""
        phrase = self.tokens[at].w
        return phrase.startswith(self.lexicon.governing) or phrase.endswith((" у", " в", " во"))

    def _one_name(self, a: int, k: int, b: int) -> bool:
        """Whether "and" stands inside a name: "Center for Strategic and International Studies"."""
        tokens = self.tokens
        if self.lexicon.language != "en" or not tokens[k].roles & BIT["and"]:
            return False
        linked = any(t.roles & PREPOSITION and not t.cap for t in tokens[a + 1 : k - 1])
        own = any(t.roles & (SOURCE | DETERMINER | NATION) or self._abbreviation(t) for t in tokens[k + 1 : b])
        return linked and tokens[a].cap and tokens[k - 1].cap and tokens[k + 1].cap and not own

    def _quote(self, a: int, b: int) -> str:
        while a < b - 1 and self.tokens[a].kind == PUNCT and self.tokens[a].w not in _QUOTES:
            a += 1  # a post's emoji
        text = " ".join(self.text[self.tokens[a].s : self.tokens[b - 1].e].split())
        if self.lexicon.elides and text[1:2] in ("'", "’") and text[0] in "lLdD":
            text = text[2:]
        if text[:1] in "«“" and not any(mark in text for mark in "»”"):
            text = text[1:]
        enclosed = text[:1] in PAIRS.get(text[-1:], "\0") and text[-1] not in text[1:-1]
        return text[1:-1] if enclosed and len(text) > 2 else text

    def _phrase_end(self, a: int, b: int) -> int:
        """Where the noun phrase that begins at token a ends."""
        tokens = self.tokens
        k = a
        while k < min(b, a + _LONGEST):
            token = tokens[k]
            inside = token.w == "." and k > a and k + 1 < b and tokens[k + 1].kind == WORD
            inside = inside and token.s == tokens[k - 1].e and token.e == tokens[k + 1].s
            if token.kind == PUNCT and token.w not in "-'’&/\"«“" and not inside:
                break
            if k > a and token.roles & ACCORDING and self.lexicon.bare and not token.roles & SOURCE:
                break
            if k > a and token.roles & VENUE:
                break
            short = k > a and token.roles & EVENT and not token.cap and self._abbreviation(tokens[k - 1])
            if short and self.lexicon.bare:  # "zaznamenala OSN smrt"
                break
            speaking = token.roles & CLAIM and not token.roles & (REPORT | RELEASED)
            if token.kind == NUM or token.roles & BIT["hedges"] or (k > a and speaking):
                break
            if k > a and self.lexicon.prefixes and token.roles & _TOLD and not token.roles & SOURCE:
                break
            linking = BIT["and"] | PREPOSITION
            if token.roles & CONJUNCTION and not token.roles & linking and k > a:
                break
            if k > a and token.roles & (AUXILIARY | BIT["numbers"]) and not token.cap:
                break
            if self._after_name(k, a) or (self.lexicon.noun_capitals and k > a and token.roles & ARTICLE):
                break
            if token.roles & _TIMED and k > a:
                k -= bool(tokens[k - 1].roles & (PREPOSITION | DETERMINER))
                k -= bool(k > a + 1 and tokens[k].roles & DETERMINER and tokens[k - 1].roles & PREPOSITION)
                break
            if token.roles & BIT["and"] and not (k + 1 < b and self._noun_like(tokens[k + 1])):
                break
            k += 1
        return k

    def _after_name(self, k: int, a: int) -> bool:
        """Where nouns are capitalised, a small word behind one that links nothing ends the name."""
        token = self.tokens[k]
        if not self.lexicon.noun_capitals or token.cap or k == a or token.kind != WORD:
            return False
        linking = token.roles & (PREPOSITION | DETERMINER | BIT["and"])
        after = self.tokens[min(k + 1, len(self.tokens) - 1)]
        return not linking and not after.cap and any(t.cap for t in self.tokens[a:k])

    def _noun_like(self, token: Token) -> bool:
        return token.cap or bool(token.roles & (DETERMINER | SOURCE))

    def _released(self, i: int, sentence: Sentence) -> Claim | None:
        """ "published by the army", "an estimate by A, the agency, and B": those who released the figures."""
        k = i + 1
        if self.tokens[i].roles & REPORT and k < sentence.b and self.tokens[k].roles & BIT["of"]:
            plain = (j for j in range(k + 1, min(k + 6, sentence.b)) if self.tokens[j].roles & BY & ~BIT["from"])
            k = next((j for j in plain if not self.tokens[j].roles & BIT["from"]), k)  # "a poll of 2,100 adults by"
        if k >= sentence.b or not self.tokens[k].roles & BY or self.tokens[k].roles & DATED:
            return None
        b = self._phrase_end(k + 1, sentence.b)
        words = self.tokens[k + 1 : b]
        if not any(t.cap & (not t.roles & NATION) or t.roles & SOURCE for t in words):
            return None
        if any(t.roles & BIT["calamities"] for t in words) and not any(t.roles & SOURCE for t in words):
            return None  # "le bilan du cyclone Chido"
        claim = self._made(k + 1, b, i, bool(self.tokens[i].roles & REPORT), bool(self.tokens[i].roles & REPORT))
        if claim is not None and self.tokens[i].roles & REPORT:
            claim.document = self.tokens[i].w
        partner = self._partner(b, sentence.b) if claim else None
        if claim and partner:
            claim.names += partner.names
        return claim

    def _partner(self, b: int, end: int) -> Claim | None:
        """The second of "by A, the agency, and B": after appositions, behind "and"."""
        tokens = self.tokens
        for _ in range(2):
            if b + 2 >= end or tokens[b].w != ",":
                return None
            if tokens[b + 1].roles & BIT["and"]:
                last = self._phrase_end(b + 2, end)
                return self._made(b + 2, last, b, True, True) if tokens[b + 2].cap else None
            if not tokens[b + 1].roles & (DETERMINER | ARTICLE):
                return None
            b = self._phrase_end(b + 1, end)
        return None

    def _spoken(self, i: int, sentence: Sentence, earlier: list[Claim]) -> Claim | None:
        tokens, token = self.tokens, self.tokens[i]
        if token.cap and i > sentence.a:
            return None
        if i > sentence.a and tokens[i - 1].roles & BIT["denials"] and self.lexicon.bare:
            return None  # "никто не говорит"
        after = tokens[i + 1] if i + 1 < sentence.b else None
        if token.roles & BIT["rises"] and after is not None and (after.kind == NUM or after.roles & BIT["hedges"]):
            return None
        if token.w.endswith(_IMPERSONAL) and self.lexicon.cyrillic:
            return None
        passive = after is not None and not self.lexicon.bare
        if (
            passive
            and after is not None
            and after.roles & EVENT
            and not after.roles & (DETERMINER | ARTICLE | BIT["nouns"])
            and not (self.lexicon.language == "en" and after.w.split()[0].endswith("ing"))
        ):
            return None
        if self.lexicon.verb_final:
            return self._first_phrase(i, sentence)
        k = i - 1
        passive = False
        while k >= sentence.a and tokens[k].kind == WORD and (tokens[k].roles & AUXILIARY or self._adverb(tokens[k])):
            passive = passive or bool(tokens[k].roles & PASSIVE)
            k -= 1
        if passive and not token.w.endswith("ing"):
            return None
        if token.roles & REPORT and self._plain_noun(i, sentence):
            return None
        if k > sentence.a and tokens[k].w == ")":
            k = self._before_bracket(k, sentence.a)
        if self.lexicon.elides and (match := _INVERTED.search(tokens[i - 1].w)) and i > sentence.a:
            return Claim((), i, leads=False, spoken=True, anaphor=match.group(1))
        if k < sentence.a or (tokens[k].kind == PUNCT and tokens[k].w != "," and opened(tokens, k, sentence.a) < 0):
            return self._inverted(i, sentence)
        if tokens[k].w == "," and self._source_follows(i, sentence):
            return self._inverted(i, sentence) or self._apposed(i, k, sentence, earlier)
        if tokens[k].w == ",":
            return self._apposed(i, k, sentence, earlier)
        return self._of_subject(i, k, sentence, earlier)

    def _of_subject(self, i: int, k: int, sentence: Sentence, earlier: list[Claim]) -> Claim | None:
        """The claim of a verb at token i whose subject ends at token k."""
        tokens = self.tokens
        if tokens[k].roles & RELATIVE and tokens[k - 1].w == ",":
            return self._antecedent(k - 1, i, sentence)
        about = any(t.w in _ABOUT for t in tokens[max(sentence.a, i - 16) : i])
        if about and self._source_follows(i, sentence):
            return self._inverted(i, sentence)
        k = self._before_date(k, sentence.a)
        claim = self._subject(k + 1, i, sentence) or self._opening(i, sentence) or self._led_in(i, k, sentence)
        if claim is None and tokens[k].roles & BIT["and"]:
            claim = self._head(i, sentence)
        again = tokens[k].roles & REPORT and any(known.spoken for known in earlier)
        return None if again else claim

    def _led_in(self, i: int, k: int, sentence: Sentence) -> Claim | None:
        """A subject behind a verb that only small words open: "Gestern teilte die Polizei mit"."""
        if k >= i or i - sentence.a > 8 or not self.lexicon.inverts:
            return None
        words = self.tokens[sentence.a : i]
        other = any(t.roles & (SOURCE | EVENT | PRONOUN) or t.w == "," for t in words)
        return None if other else self._inverted(i, sentence)

    def _antecedent(self, comma: int, verb: int, sentence: Sentence) -> Claim | None:
        """Whom "who says" speaks of: the source or name before the comma, behind what only leads to it."""
        tokens, a = self.tokens, comma
        while a > max(sentence.a, comma - _LONGEST) and self._in_name(a - 1, sentence):
            a -= 1
        named = next((k for k in range(a, comma) if tokens[k].cap), comma)
        first = next((k for k in range(a, comma) if tokens[k].roles & SOURCE), named)
        while first > a and tokens[first - 1].cap:
            first -= 1
        return self._made(first, comma, verb, True, True)

    def _in_name(self, k: int, sentence: Sentence) -> bool:
        """Whether a word may stand in the name of a source; a preposition may between capitals: "… for Migration"."""
        token = self.tokens[k]
        barred = CLAIM | EVENT | REPORT | CONJUNCTION | AUXILIARY | PREPOSITION & ~BIT["of"]
        if token.roles & PREPOSITION and sentence.a < k < sentence.b - 1 and self.tokens[k + 1].cap:
            return self.tokens[k - 1].cap or not token.roles & barred
        return token.kind == WORD and bool(token.roles & SOURCE or not token.roles & barred)

    def _before_date(self, k: int, a: int) -> int:
        """The last token before a date that ends at k: "Зеленский 16 февраля 2025 года говорил"."""
        tokens, end = self.tokens, k
        while k > a + 1 and (tokens[k].roles & BIT["year_words"] or tokens[k].kind == NUM):
            k -= 1
        dotted = k > a + 2 and tokens[k].roles & DATED and tokens[k - 1].w == "." and tokens[k - 2].kind == NUM
        if dotted:  # "18. prosince 2024"
            return k - 3
        if not (tokens[k].roles & DATED and not tokens[k].roles & SOURCE):
            return end
        while k > a + 1 and tokens[k].roles & DATED and not tokens[k].roles & SOURCE:
            k -= 1 + bool(tokens[k - 1].roles & PREPOSITION and not tokens[k - 1].roles & SOURCE)
            k -= k > a and tokens[k].kind == NUM and bool(tokens[k + 1].roles & BIT["months"])
        return k

    def _plain_noun(self, i: int, sentence: Sentence) -> bool:
        """Whether "reports" or "estimate" is a noun: behind "official" and a preposition, behind "citing a"."""
        tokens = self.tokens
        if not self.lexicon.claims_as_nouns:
            return False
        after = tokens[i + 1] if i + 1 < sentence.b else None
        ends = after is None or after.kind == PUNCT or after.roles & (PREPOSITION | BIT["and"])
        for k in range(i - 1, max(sentence.a, i - 6) - 1, -1):
            if tokens[k].kind != WORD:
                return False
            if tokens[k].roles & (ACCORDING | ARTICLE) and not tokens[k].roles & DETERMINER:
                return True
            if tokens[k].roles & DETERMINER and not tokens[i].w.endswith("s"):
                return bool(ends)
            if tokens[k].roles & PREPOSITION and not tokens[k].roles & BIT["of"]:
                return bool(ends)
        return False

    def _before_bracket(self, k: int, a: int) -> int:
        """The last token before a short bracket that ends at k: "the World Health Organization (WHO) said"."""
        opening = next((j for j in range(k - 1, max(a, k - 5) - 1, -1) if self.tokens[j].w == "("), k)
        return opening - 1 if opening < k else k

    def _dated(self, k: int, b: int) -> bool:
        """Whether a word is part of "Monday" or "this Monday"."""
        after = self.tokens[k + 1].roles if k + 1 < b else 0
        return bool(self.tokens[k].roles & DATED or (self.tokens[k].roles & DETERMINER and after & DATED))

    def _past_date(self, a: int, b: int) -> int:
        """Where what follows a verb goes on behind a date or place of speaking: "teilte am Dienstag", "в интервью"."""
        tokens, k = self.tokens, a
        if k < b and tokens[k].roles & VENUE:
            k += 1
        while k < b and k - a < 5:
            dated = self._dated(k, b) or (tokens[k].roles & PREPOSITION and k + 1 < b and self._dated(k + 1, b))
            if not dated and not (k > a and tokens[k].kind == NUM):
                break
            k += 1
        return k

    def _source_follows(self, verb: int, sentence: Sentence) -> bool:
        """Whether a source stands right behind the verb, as where subjects follow: "…, a précisé la préfecture"."""
        if self.lexicon.language == "en":
            return False
        verb = self._past_date(verb + 1, sentence.b) - 1
        k = verb + 1
        while k < sentence.b and self.tokens[k].roles & (DETERMINER | ARTICLE) and not self.tokens[k].roles & SOURCE:
            k += 1
        named = k > verb + 1 and not self.lexicon.noun_capitals and k < sentence.b and self.tokens[k].cap
        return k < sentence.b and bool(named or self.tokens[k].roles & SOURCE)

    def _adverbial(self, token: Token) -> bool:
        plain = not token.roles and self.text[token.s : token.e].islower() and len(token.w) > 4
        return plain and not is_noun(token.w, self.lexicon.language)

    def _adverb(self, token: Token) -> bool:
        return len(token.w) > 4 and token.w.endswith("ly") and not token.cap

    def _subject(self, end: int, verb: int, sentence: Sentence) -> Claim | None:
        """The claimant in the noun phrase that ends before token `end`."""
        tokens = self.tokens
        start = end
        while start > sentence.a and end - start < _LONGEST:
            token = tokens[start - 1]
            if (opening := opened(tokens, start - 1, sentence.a)) >= 0:
                start = opening
                continue
            if token.w == "," and self._listed(start - 1, end, sentence.a):
                start -= 1
                continue
            if token.kind == PUNCT and (token.w in _CUTS or token.w in ".!?"):
                break
            if token.kind == NUM and any(t.roles & BIT["nouns"] for t in tokens[start : start + 3]):
                joined = [k for k in range(start, end) if tokens[k].roles & BIT["and"]]
                start = joined[-1] + 1 if joined else end
                break
            if token.roles & ACCORDING and token.w.endswith(" на") and start - 1 > sentence.a and end == verb:
                end = start = start - 1  # "X со ссылкой на Y пишет"
                continue
            if token.roles & ACCORDING or token.w in _RELATIVE:
                break
            if token.w == ")" and (opening := self._before_bracket(start - 1, sentence.a)) < start - 1:
                start = opening + 1
                continue
            led = start - 1 > sentence.a and tokens[start - 2].roles & DETERMINER
            if token.roles & BREAKS and token.roles & CONJUNCTION and not (token.roles & _JOINS or token.cap or led):
                break
            inside = PREPOSITION | BIT["and"] | REPORT | SOURCE
            if token.roles & _STARTS and not token.roles & inside and not token.cap and not led:
                break
            start -= 1
        if self.lexicon.noun_capitals and start < end and tokens[start].roles & PREPOSITION:
            return self._inverted(verb, sentence)  # "In Bayern gab es 49 Tote": the subject stands behind the verb
        start = self._past_opening(start, end)
        return self._accepted(self._past_report(start, end), end, verb)

    def _past_report(self, a: int, b: int) -> int:
        """Where the authors stand in "a study by the institute"; the phrase's start where none are named."""
        if self.lexicon.language != "en":
            return a
        by = next((k for k in range(a + 1, b - 1) if self.tokens[k].w == "by"), a)
        return by + 1 if by > a and self.tokens[by - 1].roles & REPORT and not self.tokens[by - 1].cap else a

    def _listed(self, comma: int, end: int, a: int) -> bool:
        """Whether names go on before a comma: "the BBC, the group Meduza and volunteers counted"."""
        tokens, k = self.tokens, comma - 1
        if self.lexicon.language != "en" or not any(t.roles & BIT["and"] for t in tokens[comma + 1 : end]):
            return False
        while k >= a and tokens[k].cap and not tokens[k].roles & (PREPOSITION | CONJUNCTION | DATED):
            k -= 1
        k -= bool(k >= a and tokens[k].roles & DETERMINER)
        return k < comma - 1 and (k < a or tokens[k].w in ",;:")

    def _first_phrase(self, verb: int, sentence: Sentence) -> Claim | None:
        """The subject of a verb that ends its sentence: the noun phrase at the head, up to the first number."""
        stops = PREPOSITION | BIT["hedges"] | BIT["numbers"] | CONJUNCTION
        a = sentence.a
        b = next((k for k in range(a, verb) if self.tokens[k].kind != WORD or self.tokens[k].roles & stops), verb)
        named = any(t.roles & SOURCE for t in self.tokens[a:b])
        if named and b - a <= 7:
            return self._made(a, b, verb, True, True)
        a = next((k + 1 for k in range(verb - 1, sentence.a, -1) if self.tokens[k].kind != WORD), verb)
        words = self.tokens[a:verb]
        named = bool(words) and bool(words[0].roles & SOURCE) and not any(t.roles & stops for t in words)
        return self._made(a, verb, verb, False, True) if named and verb - a <= 7 else None

    def _past_opening(self, start: int, end: int) -> int:
        """Drop what leads into the subject: "Meanwhile", "On Monday", "But"."""
        tokens = self.tokens
        dated = [k for k in range(start, end) if tokens[k].roles & DATED]
        if dated and dated[-1] + 1 < end:
            start = dated[-1] + 1
        while start < end and tokens[start].roles & CONJUNCTION and not tokens[start].roles & DETERMINER:
            start += 1
        if self.lexicon.cyrillic:
            within = [k for k in range(start, end - 1) if tokens[k].roles & PREPOSITION and not tokens[k].cap]
            at = within[-1] + 1 if within else end
            if at < end and tokens[at].roles & SOURCE and not any(t.roles & SOURCE for t in tokens[start:at]):
                return at
        if start < end and tokens[start].roles & PREPOSITION:
            heads = [k for k in range(start + 1, end) if tokens[k].roles & (DETERMINER | PRONOUN)]
            start = heads[-1] if heads else start + 1
        return start

    def _accepted(self, a: int, b: int, verb: int) -> Claim | None:
        tokens = self.tokens
        if a >= b or tokens[a].roles & ACCORDING:
            return None
        while self.lexicon.bare and b > a + 1 and self._adverbial(tokens[b - 1]):
            b -= 1
        while b - 2 > a and tokens[b - 1].roles & REPORT and not tokens[b - 1].cap and tokens[b - 2].roles & SOURCE:
            b -= 1
        words = tokens[a:b]
        counts = any(t.kind == NUM or (t.roles & BIT["numbers"] and not t.cap) for t in words)
        if counts and not any(t.roles & (SOURCE | GENERIC) for t in words):
            return None
        if words[-1].roles & PRONOUN and (not words[-1].cap or len(words) == 1):
            return Claim((), verb, leads=True, spoken=True, anaphor=words[-1].w)
        if self.lexicon.bare and any(t.roles & EVENT for t in words) and not any(t.roles & SOURCE for t in words):
            return None  # "losses are put at"
        if tokens[verb].roles & BIT["tallies"] and not tokens[verb].roles & BIT["says"]:
            place = words[1:] if words[0].roles & (ARTICLE | DETERMINER) and len(words) > 1 else words
            if all(t.roles & NATION and not t.roles & SOURCE for t in place):
                return None  # "L'Inde a enregistré": a place that counts cases is no source
        known = any(t.roles & (SOURCE | NATION | GENERIC) or (t.cap and not t.roles & ~_CODES) for t in words)
        known = known or (len(words) > 1 and words[-1].cap and words[-1].w == "times")  # "The Times"
        named = self._named(words)
        if self.lexicon.language == "en" and words[-1].w in _COUNTS and not named:
            anaphor = words[-1].w if words[0].roles & DETERMINER else ""
            return Claim((), verb, leads=True, spoken=True, anaphor=anaphor) if anaphor else None
        told = tokens[verb].roles & BIT["says"] and words[0].roles & (DETERMINER | ARTICLE) and 1 < len(words) <= 4
        known = known or bool(told and not any(t.roles & (EVENT | REPORT | PREPOSITION) for t in words[1:]))
        if not known and words[-1].roles & REPORT:
            definite = words[0].roles & DETERMINER
            return Claim((), verb, leads=True, spoken=True, anaphor=words[-1].w) if definite else None
        if self.lexicon.language == "en" and any(t.w in _HAVING for t in words):
            return None  # "Asia had the most reported deaths"
        if not known or (words[-1].roles & (PREPOSITION | DETERMINER) and not self._abbreviation(words[-1])):
            return None
        return self._made(a, b, verb, True, True)

    def _apposed(self, verb: int, comma: int, sentence: Sentence, earlier: list[Claim]) -> Claim | None:
        """A subject parted from its verb by commas: "the president, Jane Roe, said", "Jane Roe, who leads it, said"."""
        tokens = self.tokens
        before = comma - 1
        while before > sentence.a and not (tokens[before].kind == PUNCT and tokens[before].w in _CUTS):
            before -= 1
        if not (tokens[before].w == "," and before > sentence.a):
            if tokens[before].kind == PUNCT or before == sentence.a:
                return self._inverted(verb, sentence)
            return None
        inner = tokens[before + 1 : comma]
        partner = next((k for k in range(before + 1, comma) if tokens[k].roles & WITH), None)
        office = not tokens[before - 1].cap or self._office(before, sentence.a)
        if inner and inner[0].cap and not inner[0].roles & DETERMINER and office and len(inner) <= 5:
            return self._accepted(before + 1, comma, verb)
        main = self._subject(before, verb, sentence)
        if main is not None and partner is not None:
            other = self._made(partner + 1, comma, verb, True, True)
            main.names += other.names if other else ()
        if main is None and earlier and len(inner) > 0 and inner[0].cap:
            return self._accepted(before + 1, comma, verb)
        return main or self._inverted(verb, sentence) or self._opening(verb, sentence)

    def _office(self, end: int, a: int) -> bool:
        """Whether the phrase before a comma is an office that a name follows: "the head of the bank, Jane Roe,"."""
        tokens, k = self.tokens, end - 1
        while k > a and not (tokens[k - 1].kind == PUNCT and tokens[k - 1].w in _CUTS):
            k -= 1
        k += bool(tokens[k].roles & (DETERMINER | ARTICLE))
        linked = k + 1 < end and tokens[k + 1].roles & BIT["of"]
        return bool(linked and tokens[k].roles & SOURCE and not tokens[k].cap)

    def _opening(self, verb: int, sentence: Sentence) -> Claim | None:
        """The noun phrase that opens a sentence and is cut from its verb by asides."""
        a = sentence.a
        b = next((k for k in range(a, verb) if self.tokens[k].w == ","), a)
        words = self.tokens[a:b]
        plain = words and not any(t.roles & (AUXILIARY | EVENT | CLAIM) or t.kind != WORD for t in words)
        plain = plain and b + 1 < sentence.b and not self.tokens[b + 1].roles & DATED  # "KYIV, May 25"
        if not plain or words[0].roles & (PREPOSITION | CONJUNCTION | BIT["continues"]) or b - a > 10:
            return None
        if len(words) < 2 and not words[0].roles & (SOURCE | NATION):
            return None
        return self._accepted(a, b, verb)

    def head(self, sentence: Sentence) -> tuple[int, int]:
        """The tokens a..b (exclusive) of the known or named subject that opens a sentence; none, where b is a."""
        tokens, a = self.tokens, sentence.a
        while a < sentence.b and tokens[a].roles & (DETERMINER | ARTICLE) and not self._abbreviation(tokens[a]):
            a += 1
        b = a
        inner = SOURCE | NATION | BIT["of"]
        while b < min(sentence.b, a + _LONGEST) and tokens[b].kind == WORD:
            token = tokens[b]
            if token.roles & (AUXILIARY | DATED) or not (token.cap or token.roles & inner):
                break
            b += 1
        words = tokens[a:b]
        named = words and self._abbreviation(words[0])  # "WHO"
        known = named or any(t.roles & (SOURCE | NATION) or (t.cap and not t.roles) for t in words)
        cut = b + 1 < sentence.b and tokens[b].kind == WORD and tokens[b + 1].roles & AUXILIARY  # "Forensic teams have"
        known = known and not (cut and not tokens[b].roles & (AUXILIARY | CLAIM | EVENT))
        small = PREPOSITION | CONJUNCTION | BIT["continues"] | PRONOUN
        plain = known and (named or not words[0].roles & small) and not (b - a == 1 and words[0].w.endswith("ing"))
        return (a, b) if plain and not words[-1].roles & PREPOSITION else (a, a)

    def _head(self, verb: int, sentence: Sentence) -> Claim | None:
        """The sentence's subject, whose second verb it is: "the agency treated 2,300 people and said 40 had died"."""
        if self.lexicon.language != "en":
            return None
        a, b = self.head(sentence)
        return self._made(a, b, verb, True, True) if a < b <= verb else None

    def _inverted(self, verb: int, sentence: Sentence) -> Claim | None:
        """A subject after its verb: "…, said Jane Roe", "said the minister, Jane Roe"."""
        tokens, a = self.tokens, verb + 1
        a = self._past_date(a, sentence.b)
        if a < sentence.b and tokens[a].roles & PRONOUN and not self.lexicon.bare and self.lexicon.language != "en":
            return Claim((), verb, leads=verb - sentence.a <= 1, spoken=True, anaphor=tokens[a].w)
        b = self._phrase_end(a, sentence.b)
        named = any(t.cap or t.roles & SOURCE for t in tokens[a:b])
        if self.lexicon.bare and b - a > 1 and tokens[a].roles & PREPOSITION:
            a += 1
        if b <= a or not named or tokens[a].roles & (CONJUNCTION | PREPOSITION) or b - a > 8:
            return None
        titled = not tokens[b - 1].cap or (self.lexicon.language in _ROMANCE and not tokens[a].cap)
        if b + 1 < sentence.b and tokens[b].w == "," and tokens[b + 1].cap and titled:
            end = self._phrase_end(b + 1, sentence.b)
            if end > b + 1:
                a, b = b + 1, end
        return self._made(a, b, verb, verb - sentence.a <= 1, True)


def tokens_apposed(tokens: list[Token], comma: int) -> bool:
    """Whether a name in capitals stands behind the comma after a title in small letters."""
    return tokens[comma].w == "," and tokens[comma + 1].cap and not tokens[comma - 1].cap
