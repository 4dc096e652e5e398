"""From a text to its drafts: sentence after sentence, with what the sentences before have settled."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from typing import Any

from extractors.prose.claims import PRONOUN, RELEASED, Claim, ClaimReader
from extractors.prose.dates import DateReader, DateSpan
from extractors.prose.figures import ARMS, EVENT, NOUN, PEOPLE_MEASURES, Draft, FigureReader, segments
from extractors.prose.numbers import NumberReader
from extractors.prose.saying import mark
from extractors.prose.scopes import Scopes
from extractors.prose.sides import SideReader
from extractors.prose.sureness import TextContext, Told, contexts
from extractors.prose.tokens import BREAK, NUM, PUNCT, WORD, Sentence, Token, sentences, tokenize
from extractors.words import BIT, Lexicon

CONTINUES, ANAPHOR, COVERS, UPDATE, GENERIC, OF = (
    BIT[role] for role in ("continues", "anaphors", "covers", "update_words", "generic", "of")
)
CALAMITY = BIT["calamities"]
DATED = BIT["months"] | BIT["weekdays"] | BIT["days"] | BIT["past_day"] | BIT["same_day"] | BIT["spans"]
DATED |= BIT["loose"] | BIT["rates"] | BIT["night"] | BIT["weekend"]
NUMERIC = BIT["numbers"] | BIT["fractions"] | BIT["multipliers"] | BIT["folds"]
SPEAKING = BIT["claims"] | BIT["according_self"] | BIT["according"] | BIT["released"] | BIT["sources"]
SPEAKING |= BIT["anaphoric"] | BIT["reports"]
_EVENTFUL = frozenset(("killed", "wounded", "destroyed", "casualties"))
_SINCE, _ORIGIN = BIT["since"], BIT["from"] | BIT["of"] | BIT["to"] | BIT["and"] | BIT["with"]
_TOTALS = BIT["totals"] | BIT["number_words"] | BIT["rise_to"]
_TELLING = _EVENTFUL | {"other.released", "other.affected", "other.hit", "other.hospitalised", "hurt"}
_REPORTED = 4
"""Sentences within which "according to the bulletin" means the one who spoke last."""
_TIMES_AS_MANY = 2
"""How many times the largest count of a span the next may be before it is a sum of longer."""
_FRAMING = frozenset(("past_day", "night", "span", "loose", "month", "year"))
"""Grains of closed spans over which the sentences behind go on counting."""
_TIMES_OTHERS = 5
"""The same where something else is counted: the wounded beside the killed."""
_BESIDE = 5
_LISTED = 40
"""Paragraphs that the rows of a list under "As of 7 May" may go on for."""
_HISTORY = 25
"""Years after which a year named with a toll dates an event, and is no span inside one."""
_RECENT, _LONG = 10, 120
"""Days: a span that ended at most so long ago and lasted at least so long is the whole to date."""
_THAN = ("than", " niż", " als", " ніж", " чем", " než")
_TITLES = frozenset(("Mr", "Mrs", "Ms", "Dr", "President", "Minister", "Governor", "Mayor", "General", "Sheriff"))
_ABBREVIATED = 7
"""Letters of the longest abbreviation that names a source."""
_FIRMS = frozenset(
    ("company", "firm", "carmaker", "retailer", "manufacturer", "lender", "airline", "insurer", "charity")
)
_CITING = frozenset(("citing", "quoting"))
"""What leads to whom an outlet cites, so that both state the figure."""
_NAMELESS = frozenset(("unnamed", "anonymous", "unidentified", "source", "sources", "people", "familiar"))
_RESUMES = frozenset(("the", "it", "this"))
"""What opens a paragraph that goes on about the event of the one before."""
_CLOSING = {"»": "«", "”": "“", "“": "„", '"': '"'}
"""Closing quotation marks and what opens them."""
_QUOTED = 400
"""Tokens within which a quotation of several sentences began."""
_QUOTES = frozenset('“"«„')


class Report:
    """A named report that later sentences speak of: its claimants, its period, and the drafts that came from it."""

    __slots__ = ("as_of", "drafts", "end", "names", "start")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.start: dt.date | None = None
        self.end: dt.date | None = None
        self.as_of: dt.date | None = None
        self.drafts: list[Draft] = []


class Frame:
    """A closed span that a sentence counted over, for those after it that go on counting: "in the past day …"."""

    __slots__ = ("end", "grain", "largest", "measures", "names", "para", "place", "start", "told")

    def __init__(self, drafts: list[Draft]) -> None:
        first = drafts[0]
        self.place, self.para = first.place, first.sentence.para
        self.start, self.end, self.grain, self.names = first.period_start, first.period_end, first.closed, first.names
        self.largest = max(draft.number.largest for draft in drafts)
        self.told = {draft.measure for draft in drafts}
        self.measures = {_counted_as(draft) for draft in drafts}
        if "cases" in self.measures and self.grain in ("new", "span"):
            self.measures |= {"toll", "other.hospitalised"} if self.grain == "span" else {"toll"}


class TextReader:
    """Reads one text; holds what carries over from sentence to sentence."""

    def __init__(self, text: str, lexicon: Lexicon, published: dt.date | None) -> None:
        self.text, self.lexicon, self.published = text, lexicon, published
        self.tokens: list[Token] = tokenize(text, lexicon)
        self.numbers = NumberReader(self.tokens, lexicon)
        self.dates = DateReader(self.tokens, lexicon, published)
        self.claims = ClaimReader(text, self.tokens, lexicon)
        self.figures = FigureReader(self.tokens, lexicon)
        self.sides = SideReader(self.tokens)
        self.drafts: list[Draft] = []
        self.listed = ""  # what befell those in the rows before, where no head says so
        self.speaker: tuple[str, ...] = ()
        self.speaker_para = self.speaker_place = self.place = -1
        self.unknown: list[tuple[int, str]] = []  # "the research" before anyone is named, by its sentence
        self.day: dt.date | None = None
        self.reports: dict[str, Report] = {}
        self.report: Report | None = None
        self.spellings: dict[tuple[str, ...], str] = {}
        self.documents: dict[str, tuple[str, ...]] = {}  # who wrote "the study", "the report"
        self.opened: tuple[dt.date, tuple[str, ...], int] | None = None
        self.event_days: dict[int, tuple[dt.date | None, dt.date | None]] = {}
        self.dated_sentences: dict[int, bool] = {}
        self.told: dict[int, Told] = {}
        self.starts: dict[int, tuple[int, int]] = {}  # the first sentence of each paragraph, and its first token
        self.contexts: list[TextContext] = []
        self.frame: Frame | None = None
        self.dated_now = False  # whether the sentence names a date of its own
        self.topic: tuple[int, Sentence] | None = None  # the last sentence, where it claims nothing, and its place
        self.nightly = sys.maxsize  # the first sentence that tells of a night or of the past day
        self.told_day: tuple[int, int, DateSpan] | None = None  # place, paragraph and span of "the past day" told alone

    def read(self) -> list[Draft]:
        """All drafts of the text, in order."""
        places = sentences(self.tokens, self.lexicon)
        self.scopes = Scopes(self.tokens, places)
        for place, sentence in enumerate(places):
            mark(self.tokens, sentence, self.lexicon)
            heads = sentence.roles & EVENT and self.tokens[sentence.b - 1].w == ":"
            if heads or sentence.numeric or sentence.roles & (NUMERIC | SPEAKING | DATED | COVERS):
                self._sentence(place, sentence)
        self._event_dates(places)
        for draft in filter(self._downed, self.drafts):
            draft.kind, draft.rules["kind"] = "change", "nightly"
        self._hurt()
        dated = self.published is not None
        self.contexts = contexts(self.drafts, self.lexicon.language, self.tokens, self.told, dated)
        return self.drafts

    def _sentence(self, place: int, sentence: Sentence) -> None:
        self.place = place
        if self.tokens[sentence.a].roles & BIT["reminders"]:
            self.speaker, self.frame = (), None  # "Нагадаємо, …": the paper itself goes on
        self.starts.setdefault(sentence.para, (place, sentence.a))
        spans = self._spans(sentence)
        spoken = sentence.roles & SPEAKING or self.claims.ends_named(sentence)
        claims = self.claims.read(sentence) if spoken else []
        self._resolve(claims, sentence)
        self._quoted_before(claims, sentence)
        drafts = self._numbers(place, sentence, spans) if sentence.numeric or sentence.roles & NUMERIC else []
        if drafts:
            self._complete(drafts, spans, claims, sentence)
            named, meant = sum(bool(c.names) for c in claims), sum(bool(c.anaphor) for c in claims)
            begins, start = self.starts[sentence.para]
            scope = self.scopes.inner[place].kind
            self.told[place] = Told(len(claims), named, len(spans), meant, scope, place - begins, start)
        self.sides.read(sentence, place, drafts, claims)
        self._remember(place, sentence, drafts, spans, claims)
        self.drafts += drafts

    def _complete(self, drafts: list[Draft], spans: list[DateSpan], claims: list[Claim], sentence: Sentence) -> None:
        """Fill in who says what the drafts tell, and when it was."""
        if self.opened and (spans or claims) and self._past_list(sentence, drafts):
            self.opened = None
        self._attribute(drafts, claims, sentence)
        self._date(drafts, spans, claims, sentence)
        self.dated_now = any(span.grain != "vague" for span in spans)
        self._carry(drafts, sentence)

    def _numbers(self, place: int, sentence: Sentence, spans: list[DateSpan]) -> list[Draft]:
        """The drafts of a sentence's numbers, but for those of its dates."""
        if self.lexicon.separable:
            self._join_verbs(sentence)
        found = self.numbers.read(sentence, {k for span in spans for k in range(span.first, span.last)})
        if not found:
            return []
        self.figures.listed = self._headed(place, "measure") or self.listed
        self.figures.in_row = self.scopes.row(place)
        drafts = self.figures.read(sentence, place, found, self.drafts[-1] if self.drafts else None)
        self.listed = self.figures.listed if self.scopes.row(place) else ""
        self._measured_by_head(drafts, place)
        return drafts

    def _measured_by_head(self, drafts: list[Draft], place: int) -> None:
        """Note for the measures that a head states where it stands."""
        held = self.scopes.fact(place, "measure")
        for draft in drafts if held else ():
            assert held is not None
            if draft.event < 0 and draft.measure == held[1].value:
                draft.why["measure"] = held[1].a, held[1].b
                draft.scopes["measure"] = held[0].kind

    def _headed(self, place: int, field: str) -> Any:
        """What the nearest head around a sentence states, or None."""
        held = self.scopes.fact(place, field)
        return held[1].value if held else None

    def _join_verbs(self, sentence: Sentence) -> None:
        """Let the end of "kamen … um" tell what the verb and it tell together."""
        verb: dict[str, str] = {}
        for k in range(sentence.a, sentence.b):
            token = self.tokens[k]
            ends = k + 1 == sentence.b or self.tokens[k + 1].kind == PUNCT or self.tokens[k + 1].roles & BIT["and"]
            if ends and token.w in verb:
                token.roles |= EVENT
                token.values = {**token.values, "events": verb[token.w]}
            verb = self.lexicon.separable.get(token.w, verb)

    def _spans(self, sentence: Sentence) -> list[DateSpan]:
        if not (sentence.numeric or sentence.roles & DATED):
            return []
        spans = self.dates.read(sentence, self.day)
        head = self._dateline(sentence) if spans else sentence.a
        for span in spans:
            if span.first < head:
                span.role, span.grain = "until", "vague"
            elif span.role == "since" and self._possessive(span):
                span.role = "during"  # "the toll from Sunday's earthquake"
        return spans

    def _dateline(self, sentence: Sentence) -> int:
        """Where the report begins behind "ATHENS, June 16 (Reuters) -"; the sentence's start where there is none."""
        tokens, a = self.tokens, sentence.a
        if behind := self._bracketed_agency(sentence):
            return behind
        if (
            tokens[a].kind != WORD
            or not self.text[tokens[a].s : tokens[a].e].isupper()
            or tokens[a].e - tokens[a].s < 3
        ):
            return a
        for k in range(a + 1, min(a + 14, sentence.b)):
            token = tokens[k]
            if token.w in "-–—" and token.kind == PUNCT:
                return k + 1
            if token.kind == WORD and not (token.cap or token.roles & DATED):
                return a
        return a

    def _bracketed_agency(self, sentence: Sentence) -> int:
        """Where the report begins behind "Quito, 24 sep (EFE).-", or 0."""
        tokens = self.tokens
        for k in range(sentence.a, min(sentence.a + 12, sentence.b)):
            token = tokens[k]
            if token.w == ")" and k + 1 < sentence.b and tokens[k + 1].w in ".-–—":
                return k + 1
            plain = token.cap or token.kind == NUM or token.roles & (DATED | BIT["prepositions"])
            if not (plain or token.w in ",.("):
                return 0
        return 0

    # who says it

    def _resolve(self, claims: list[Claim], sentence: Sentence) -> None:
        """Put names in the place of pronouns and "the ministry", from this sentence or those before."""
        earlier: tuple[str, ...] = ()
        for claim in claims:
            if claim.anaphor:
                claim.names = self._meant(claim, earlier or self._subject(claim, sentence))
            else:
                claim.names = tuple(self._spelled(name) for name in claim.names)
            if claim.document and claim.names:
                self.documents[claim.document] = self.documents[""] = claim.names
            earlier = claim.names or earlier

    def _subject(self, claim: Claim, sentence: Sentence) -> tuple[str, ...]:
        """The named subject that opens the sentence of a pronoun: "Amazon cut more jobs than it announced"."""
        tokens, a = self.tokens, sentence.a
        word = self.lexicon.phrase(tuple(claim.anaphor.split()))
        if claim.at - a < 3 or not claim.spoken or word is None or not word.roles & PRONOUN:
            return ()
        while a < claim.at and tokens[a].roles & BIT["determiners"]:
            a += 1
        b = a
        small = 0 if self.lexicon.language == "en" else BIT["sources"]
        while b < claim.at and tokens[b].kind == 0 and (tokens[b].cap or tokens[b].roles & small) and b - a < 6:
            b += 1
        words = tokens[a:b]
        plain = all(t.roles & (BIT["nations"] | BIT["sources"]) or not t.roles for t in words)
        if not words or not plain or b >= claim.at or tokens[b].kind != 0:
            return ()
        return (" ".join(self.text[words[0].s : words[-1].e].split()),)

    def _topic(self, claim: Claim, roles: int) -> tuple[str, ...]:
        """Whom "it said" means behind a sentence about a source that claims nothing: "The army gives another toll"."""
        if self.topic is None or not roles & PRONOUN or not claim.spoken or self.place - self.topic[0] != 1:
            return ()
        a, b = self.claims.head(self.topic[1])
        if a >= b:
            return ()
        name = " ".join(self.text[self.tokens[a].s : self.tokens[b - 1].e].split())
        titled = name.split(" ")[0].rstrip(".") in _TITLES or len(name.split(" ")) == 1
        person = claim.anaphor in ("he", "she")
        return (name,) if person == (name.split(" ")[0].rstrip(".") in _TITLES) or (titled and not person) else ()

    def _spelled(self, name: str) -> str:
        """The name as the text first spelled it, where only its endings differ."""
        key = tuple(word[:5] for word in name.casefold().split())
        return self.spellings.setdefault(key, name)

    def _meant(self, claim: Claim, earlier: tuple[str, ...]) -> tuple[str, ...]:
        word = self.lexicon.phrase(tuple(claim.anaphor.split()))
        written = word is not None and word.roles & GENERIC and word.roles & BIT["reports"]
        last = earlier or self.documents.get(claim.anaphor) or (written and self.documents.get("")) or self.speaker
        if claim.anaphor == "*":
            return last
        roles = word.roles if word is not None else 0
        last = (not earlier and self._topic(claim, roles)) or last
        if not claim.names:
            known = claim.anaphor in self.documents or (roles & BIT["reports"] and "" in self.documents)
            named = self.documents.get(claim.anaphor) or self.documents.get("", ())
            if roles & (GENERIC | PRONOUN):
                return last
            if known and claim.spoken:
                return named
            told = bool(roles & BIT["reports"]) and not claim.spoken and self.place - self.speaker_place <= _REPORTED
            return self.speaker if told else ()
        if not last:
            return claim.names
        if claim.anaphor in _FIRMS and len(last) == 1 and self._firm(last[0]):
            return last
        stem = claim.anaphor[:6]
        if roles & (GENERIC | PRONOUN):
            return self._bearer(claim.anaphor, last, roles)
        return tuple(name for name in last if stem in name.casefold()) or claim.names

    def _bearer(self, role: str, last: tuple[str, ...], roles: int) -> tuple[str, ...]:
        """Whom "the ministry" means: whoever spoke last, but for a name with that word in it that was told before."""
        if roles & PRONOUN or any(role[:6] in name.casefold() for name in last):
            return last
        named = (name for name in reversed(self.spellings.values()) if role[:6] in name.casefold())
        bearer = next(named, role)
        return last if bearer.casefold() == role else (bearer,)

    def _firm(self, name: str) -> bool:
        """Whether a name is no person's and no authority's, so that "the company" can mean it."""
        words = [self.lexicon.lookup(word.casefold()).roles for word in name.split()]
        return name[:1].isupper() and not any(roles & (BIT["sources"] | BIT["nations"]) for roles in words)

    def _attribute(self, drafts: list[Draft], claims: list[Claim], sentence: Sentence) -> None:
        named = [claim for claim in claims if claim.names]
        named = [claim for claim in named if not claim.header] or named
        ends = [k for k in range(sentence.a, sentence.b) if self.tokens[k].w == ";"] if sentence.parted else []
        for draft in drafts:
            part = sum(end < draft.number.first for end in ends)
            inside = [claim for claim in named if sum(end < claim.at for end in ends) == part]
            head = ends[part - 1] + 1 if part else sentence.a
            chosen = self._chosen(draft, inside or self._holding(draft, named[-1:], head))
            if chosen:
                cited = [c for c in inside if c not in chosen and self._cites(c)]
                names = dict.fromkeys(name for claim in chosen + cited for name in claim.names)
                draft.names = tuple(names)
                draft.rules["speaker"] = _way(chosen[0], draft)
                places = [claim.tokens for claim in chosen[:1] + cited]
                draft.why["attributed_to"] = min(first for first, _ in places), max(last for _, last in places)
            elif self._goes_on(sentence):
                draft.names, draft.rules["speaker"] = self._speaker_before(sentence), "goes on"
            elif self._same_account(draft):
                draft.names = self.speaker if self._tells_on(draft) else self.drafts[-1].names
                draft.rules["speaker"] = "account"
            elif held := self.scopes.fact(draft.place, "speaker"):
                draft.names, draft.rules["speaker"] = held[1].value, "head"
                draft.why["attributed_to"] = held[1].a, held[1].b
                draft.scopes["attributed_to"] = held[0].kind

    def _cites(self, claim: Claim) -> bool:
        """Whether an outlet cites someone who is named: not "citing an unnamed manager", "citing sources"."""
        named = not any(word in _NAMELESS for name in claim.names for word in name.casefold().split())
        return named and self.tokens[claim.at].w in _CITING

    def _quoted_before(self, claims: list[Claim], sentence: Sentence) -> None:
        """Give the speaker behind a quotation of several sentences what its sentences before this one tell."""
        claim = next((c for c in claims if c.names and not c.leads), None)
        last = self.drafts[-1] if self.drafts else None
        if claim is None or last is None or self._own(last) or last.sentence.para != sentence.para:
            return
        words = [self.tokens[k].w for k in range(sentence.a, min(claim.at, sentence.b))]
        closing = next((w for w in reversed(words) if w in _CLOSING), None)
        if closing is None or (words.count(closing) % 2 == 0 if closing == '"' else _CLOSING[closing] in words):
            return
        opened = sentence.a - 1
        while opened >= 0 and sentence.a - opened < _QUOTED and self.tokens[opened].w != _CLOSING[closing]:
            opened -= 1
        for draft in reversed(self.drafts):
            if draft.number.first < opened or self._own(draft) or draft.sentence.para != sentence.para:
                break
            draft.names, draft.rules["speaker"] = claim.names, "quotation"
            draft.why["attributed_to"] = claim.tokens

    def _own(self, draft: Draft) -> bool:
        """Whether a figure's own sentence, or a head, names its source, which so carries over from nowhere."""
        return "attributed_to" in draft.why

    def _holding(self, draft: Draft, claims: list[Claim], head: int) -> list[Claim]:
        """The claims of another part of a sentence that hold for a number: those before it, or closing all.

        `head` is where the number's own part begins: with "they" it goes on with what was claimed before.
        """
        onward = any(t.roles & PRONOUN for t in self.tokens[head : min(head + 4, draft.number.first)])
        holding = [claim for claim in claims if self._holds(claim) or (onward and claim.leads)]
        return [claim for claim in holding if not (claim.leads and claim.at > draft.number.first)]

    def _holds(self, claim: Claim) -> bool:
        """Whether a claim that opens a sentence, or closes it behind a comma, holds beyond a semicolon."""
        before = self.tokens[max(0, claim.at - 2) : claim.at]
        if self.lexicon.heads_last:
            return False
        return claim.leads or any(t.w == "," for t in before)

    def _tells_on(self, draft: Draft) -> bool:
        """Whether a loss follows a speaker's sentence that gives no number: "…, сообщили в Минобороны. Потери …"."""
        if not self.lexicon.cyrillic or draft.measure not in ("lost", "casualties", "destroyed"):
            return False
        near = self.speaker_place == draft.place - 1 and self.speaker_para == draft.sentence.para
        return near and not (self.drafts and self.drafts[-1].place == self.speaker_place)

    def _same_account(self, draft: Draft) -> bool:
        """Whether a list of destroyed things goes on from the sentence before, as military bulletins do."""
        last = self.drafts[-1] if self.drafts else None
        if self._tells_on(draft):
            return True
        if last is None or last.sentence.para != draft.sentence.para or draft.place - last.place > 1:
            return False
        return draft.measure == "destroyed" and last.measure in ("destroyed", "casualties", "lost")

    def _chosen(self, draft: Draft, claims: list[Claim]) -> list[Claim]:
        first = draft.number.first
        leading = [claim for claim in claims if claim.at <= first and claim.leads]  # "estimated 80,000"
        trailing = [claim for claim in claims if claim.at > first or not claim.leads]
        chosen: list[Claim] = []
        if leading:
            spoken = [claim for claim in leading if claim.spoken]
            last = spoken[-1] if spoken else leading[-1]
            whole = next((claim for claim in leading if set(last.names) < set(claim.names)), last)
            same = [claim for claim in trailing if not claim.spoken and not claim.leads and claim.at > last.at]
            chosen = [whole]
            return chosen + same[:1]
        quoted = [claim for claim in trailing if claim.at > first and not self._of_part(claim, draft)]
        quoted = [claim for claim in quoted if not self._opens_clause(claim)]
        if len(quoted) > 1 and quoted[0].spoken:
            quoted = [claim for claim in quoted if self._holds(claim)] or quoted
        before = [claim for claim in trailing if claim.at < first]
        gap = self.tokens[before[-1].b : first] if before and not before[-1].spoken else [self.tokens[first]] * 9
        if len(gap) <= 2 and all(t.kind == WORD for t in gap) and not self.lexicon.bare:
            return before[-1:]  # "demonstrierten laut Veranstalter 3000 Menschen, die Polizei sprach von 1800"
        return quoted[:1] or before[-1:]

    def _opens_clause(self, claim: Claim) -> bool:
        """Whether a claim begins a clause of its own: "fell by 58,000, and the service believes that 140,000 …"."""
        if not (claim.leads and claim.spoken and claim.b) or claim.a < 2:
            return False
        lead, before = self.tokens[claim.a - 1], self.tokens[claim.a - 2]
        lead, before = (before, self.tokens[claim.a - 3]) if lead.roles & BIT["determiners"] else (lead, before)
        after = self.tokens[min(claim.at + 1, len(self.tokens) - 1)]
        joined = bool(lead.roles & BIT["and"]) and before.w == ","
        return joined and after.kind != PUNCT and not after.roles & DATED

    def _of_part(self, claim: Claim, draft: Draft) -> bool:
        """Whether a claim speaks only of a part of a number: "1,100 drones, of which the army claims to have …"."""
        led = self.tokens[claim.a - 1] if claim.leads and claim.a > draft.number.last else None
        led = self.tokens[claim.a - 2] if led is not None and led.roles & BIT["determiners"] else led
        return led is not None and led.w in ("of which", "of whom")

    def _goes_on(self, sentence: Sentence) -> bool:
        """Whether a sentence without a claimant of its own goes on with the report before it."""
        head = self.tokens[sentence.a : min(sentence.a + 3, sentence.b)]
        apart = sentence.para - self.speaker_para
        onward = head[0].roles & CONTINUES and not head[0].roles & BIT["articles"]  # not "A total of 5,609"
        if not self.speaker or apart > 1 or (apart == 1 and not onward):
            return False
        near = max(self.speaker_place, self.drafts[-1].place if self.drafts else -1)
        if self.place - near > 1 and not sentence.roles & UPDATE:
            return False  # a narrator's sentence lies between
        if sentence.roles & UPDATE:
            return True
        pronoun = BIT["selves"] if self.lexicon.language == "en" else PRONOUN  # "it employs" is the narrator's
        if head[0].w in _QUOTES or any(token.roles & pronoun for token in head):
            return True
        if any(token.roles & CONTINUES or token.w == "others" for token in head) or self._of_those(sentence):
            return True
        if any(t.values.get("nouns", ("", ""))[1] == "names" for t in self.tokens[sentence.a : sentence.b]):
            return apart == 0  # the list of names that was told of has grown
        if head[0].roles & ANAPHOR and apart == 0 and self.lexicon.language != "en":
            return True  # "parmi les blessés, sept sont …"
        if not sentence.roles & BIT["also"]:
            return False
        return any(token.roles & BIT["also"] for token in self.tokens[sentence.a : sentence.b])

    def _speaker_before(self, sentence: Sentence) -> tuple[str, ...]:
        """The speaker; for "of these", which points to the figure just before, whoever states that."""
        last = self.drafts[-1] if self.drafts else None
        pointing = self.tokens[sentence.a].roles & BIT["partitives"]
        if last is not None and pointing and last.sentence.para == sentence.para:
            return last.names
        return self.speaker

    def _of_those(self, sentence: Sentence) -> bool:
        """Whether a sentence parts those just counted: "Three of the wounded are children", "The figure includes"."""
        head = self.tokens[sentence.a : min(sentence.a + 7, sentence.b)]
        last = self.drafts[-1] if self.drafts else None
        if last is None or last.sentence.para != sentence.para or not last.names:
            return False
        for of, told in itertools.pairwise(head):
            definite = of.roles & OF and of.w.endswith(" the")
            if definite and told.roles & EVENT and told.values["events"] == last.measure:
                return True
        return False

    # when

    def _date(self, drafts: list[Draft], spans: list[DateSpan], claims: list[Claim], sentence: Sentence) -> None:
        cuts = segments(self.tokens, sentence)
        for draft in drafts:
            draft.segment = cuts[draft.number.first - sentence.a]
        stated = self._statement_days(spans, claims, drafts)
        usable = [span for span in spans if span not in stated]
        for index, draft in enumerate(drafts):
            before = drafts[index - 1] if index else None
            if draft.kind == "elided":
                self._elided(draft)
                if self.lexicon.language != "en" or not any(span.role == "during" for span in usable):
                    continue
                draft.kind, draft.period_start, draft.period_end = "total", None, None
            self._place(draft, before, usable, cuts, sentence, drafts)
        for index, draft in enumerate(drafts):
            if draft.number.signed and draft.as_of:
                draft.period_start = draft.period_end = None  # an increment stands for its list's day
            self._stated(draft, stated)
            self._stands_too(draft, drafts[index - 1] if index else None)
            self._as_of_part(draft, drafts[index + 1 :])

    def _as_of_part(self, draft: Draft, later: list[Draft]) -> None:
        """A standing count "including 1,250 in the past 24 hours" stands for the end of those hours."""
        if draft.kind != "total" or draft.as_of or draft.period_end:
            return
        for part in later:
            if part.closed != "past_day":
                continue
            alike = part.measure == draft.measure or {part.measure, draft.measure} == {"lost", "casualties"}
            if part.closed and alike and part.period_end and part.unit == draft.unit:
                draft.as_of, draft.rules["dates"] = part.period_end, "its part"

    def _statement_days(self, spans: list[DateSpan], claims: list[Claim], drafts: list[Draft]) -> dict[DateSpan, Claim]:
        """The dates that say when a claimant spoke, not when it happened."""
        found: dict[DateSpan, Claim] = {}
        first = drafts[0].number.first
        for span in spans:
            if span.role not in ("during", "as_of") or span.grain in ("past_day", "rate"):
                continue
            lead = self.tokens[max(0, span.first - 2) : span.first]
            tallied = span.grain in ("month", "year") and any(token.roles & BIT["tallies"] for token in lead)
            clause = any(t.roles & BIT["conjunctions"] and not t.roles & BIT["prepositions"] for t in lead)
            if span.role == "during" and not (tallied or clause) and any(token.roles & RELEASED for token in lead):
                own = (
                    c
                    for c in claims
                    if (c.spoken and span.first - 2 <= c.at < span.first)
                    or (c.names and c.at < span.first < c.b and self.lexicon.language != "en")
                )
                found[span] = next(own, Claim((), span.last + 9999, leads=False, spoken=False))
                continue
            for claim in claims:
                if not claim.spoken:
                    continue
                led = span.role == "during" and span.last <= claim.at < first and claim.leads
                near = span.grain in ("day", "weekday") or claim.at - span.last <= 1
                led = led and (near or self._told_then(span, claim, drafts[0]))
                beside = span.role == "during" and claim.at == span.last and span.grain in ("day", "weekday")
                if led or beside or self._follows(claim, span):
                    found[span] = claim
                    break
        return found

    def _told_then(self, span: DateSpan, claim: Claim, draft: Draft) -> bool:
        """Whether a month or year that opens a sentence is when someone spoke: "In May, the mayor said"."""
        lead = self.tokens[max(draft.sentence.a, span.first - 2) : span.first]
        opens = span.first - draft.sentence.a <= 2 or any(t.w in ":;" for t in lead)
        verb, after = self.tokens[claim.at], self.tokens[min(claim.at + 1, len(self.tokens) - 1)]
        tallied = verb.roles & BIT["tallies"] and not after.roles & BIT["conjunctions"]
        return opens and span.grain in ("month", "year", "loose") and not tallied

    def _follows(self, claim: Claim, span: DateSpan) -> bool:
        start = claim.b if claim.at < claim.b <= span.first and self.lexicon.language != "en" else claim.at + 1
        between = self.tokens[start : span.first] if claim.at < span.first else [self.tokens[claim.at]] * 9
        if len(between) > 6 or span.role == "as_of" or span.grain in ("year", "span") or self.lexicon.verb_final:
            return False
        behind = self.tokens[span.last : span.last + 1]
        if self.lexicon.language == "en" and behind and behind[0].roles & BIT["auxiliaries"]:
            return False  # "says June was the deadliest month"
        content = EVENT | NOUN | (BIT["conjunctions"] & ~BIT["prepositions"])
        if self.tokens[claim.at].w in ("told", "tells"):  # "told lawmakers last week that"
            content &= ~NOUN
        return not any(t.kind == NUM or (t.roles & content and not t.roles & BIT["sources"]) for t in between)

    def _place(
        self,
        draft: Draft,
        before: Draft | None,
        spans: list[DateSpan],
        cuts: list[int],
        sentence: Sentence,
        drafts: list[Draft],
    ) -> None:
        """Give a draft the dates of its clause, else those of the number before it, else of the sentence's opening."""
        behind = self.tokens[draft.number.last : min(draft.number.last + 3, sentence.b)]
        if any(t.roles & BIT["quiet_dates"] for t in behind):
            return
        own = [span for span in spans if self._beside(span, draft, cuts[span.first - sentence.a])]
        opening = [span for span in spans if span not in own and span.first - sentence.a <= 4]
        own += [span for span in opening if self._reaches(span, draft)]
        own = self._nearest(own, draft, drafts)
        for span in sorted(own, key=lambda span: span.role == "until"):
            self._apply(draft, span)
            draft.rules["dates"] = f"{_distance(span, draft)} {span.role} {span.grain}"
        parted = before is not None and any(
            s.grain in ("month", "year") and before.number.last <= s.first < draft.number.first for s in spans
        )
        if not own and before is not None and not parted and self._shares(before, draft):
            draft.period_start, draft.period_end, draft.as_of = before.period_start, before.period_end, before.as_of
            draft.rules["dates"] = "shared"
            if draft.measure == "missing" and not before.closed:
                draft.period_start = draft.period_end = None
            if before.closed and draft.kind == "total":
                draft.kind, draft.closed = "change", before.closed
        elif not own:
            later = [other for other in drafts if other.number.first >= draft.number.last]
            self._from_afar(draft, [s for s in spans if not (later and self._is_part(later[-1], s))])

    def _from_afar(self, draft: Draft, spans: list[DateSpan]) -> None:
        """Take the date of another clause: the last one before the number, else the day of what is told after it."""
        during = [span for span in spans if span.role == "during" and self._reaches(span, draft)]
        afar = ("day", "weekday", "past_day", "night")
        earlier = [span for span in during if span.last <= draft.number.first and self._told(span, draft)]
        later = [span for span in during if span.first >= draft.number.last and span.grain in afar]
        draft.rules["dates"] = "afar"
        if earlier:
            self._apply(draft, earlier[-1])
        elif later and draft.measure in _EVENTFUL and draft.kind == "total":
            self._apply(draft, later[0])

    def _told(self, span: DateSpan, draft: Draft) -> bool:
        """Whether an earlier clause's date still holds: a day does, a month or year only across a dash."""
        if span.grain in ("day", "weekday", "span"):
            return True
        between = self.tokens[span.last : draft.number.first]
        return any(t.w in "–—:" for t in between) and not any(t.roles & BIT["breaks"] for t in between)

    def _reaches(self, span: DateSpan, draft: Draft) -> bool:
        """Whether a span can speak of a number at all: rates stand close by, comparisons look elsewhere."""
        after, ahead = span.first - draft.number.last, draft.number.first - span.last
        if self._in_a_bracket_of_its_own(span, draft):
            return False
        if span.grain == "rate":
            return 0 <= after <= 7 or 0 <= ahead <= (9 if self.lexicon.cyrillic and draft.kind != "ratio" else 4)
        lead = self.tokens[max(0, span.first - 2) : span.first]
        if lead and span.first - 2 == draft.number.last and lead[0].w == "more":
            lead = lead[1:]  # "two more on Tuesday"
        set_against = span.first > draft.number.first and self._set_against(span)
        set_against = set_against or any(t.roles & BIT["comparatives"] for t in lead)
        if set_against or any(t.roles & BIT["hedges"] and t.w.endswith(_THAN) for t in lead):
            return False
        if span.grain == "year" and self._of_the_year_alone(span, draft):
            return False
        if span.role != "during":
            return True
        between = self.tokens[span.last : draft.number.first] if ahead > 0 else []
        daily = span.grain in ("day", "weekday", "past_day", "night", "loose")
        if daily and any(t.roles & _TOTALS for t in between):
            closed = span.grain in ("past_day", "night", "loose")
            if closed or any(t.kind == NUM for t in between):
                return False
        if draft.kind == "ratio":
            return after < 0 and draft.number.form == "count"
        if draft.kind == "change" and draft.unit == "percent":
            risen = self.tokens[draft.number.first - 1].roles & (BIT["amounts"] | BIT["rises"])
            return after < 0 or (after <= 1 and span.grain == "month" and bool(risen) and self.lexicon.heads_last)
        if draft.kind == "change" and span.grain in ("month", "year") and not draft.closed:
            opens = span.first - draft.sentence.a <= 2
            return after >= 0 or (opens and (self.lexicon.bare or self.lexicon.language == "en"))
        return True

    def _of_the_year_alone(self, span: DateSpan, draft: Draft) -> bool:
        """Whether a year only places what is told: "the deadliest this year", "…, an increase since its start"."""
        risen = self.tokens[max(0, span.first - 1)].roles & BIT["rises"]
        if risen and draft.number.first < span.last and span.first - draft.number.last > 3:
            return True
        return self._superlative(self.tokens[max(draft.sentence.a, span.first - 6) : span.first])

    def _in_a_bracket_of_its_own(self, span: DateSpan, draft: Draft) -> bool:
        """Whether a span is told of another number in brackets behind this one: "1,204 (42 in the past day)"."""
        between = self.tokens[draft.number.last : span.first]
        opening = next((k for k in range(len(between) - 1, -1, -1) if between[k].w in ("(", ")")), -1)
        return opening >= 0 and between[opening].w == "(" and any(t.kind == NUM for t in between[opening:])

    def _beside(self, span: DateSpan, draft: Draft, segment: int) -> bool:
        """Whether a span stands in a number's own clause, or right before it."""
        return self._then(span, draft) or (segment == draft.segment and self._reaches(span, draft))

    def _then(self, span: DateSpan, draft: Draft) -> bool:
        """Whether a number is told of a date right before it: "the previous week, when there were 151 cases"."""
        after = self.tokens[span.last : span.last + 2]
        led = len(after) == 2 and after[0].w == "," and bool(after[1].roles & BIT["then"])
        return led and 0 < draft.number.first - span.last <= 7

    def _set_against(self, span: DateSpan) -> bool:
        """Whether a date is what something is compared with: "ніж у 2022 році", "نسبت به مدت مشابه سال قبل"."""
        for k in range(span.first - 1, max(-1, span.first - 5), -1):
            token = self.tokens[k]
            if token.roles & BIT["than"]:
                return True
            if token.kind != WORD:
                return False
        return False

    def _shares(self, before: Draft, draft: Draft) -> bool:
        """Whether a number without dates is of the same time as the one before: not "bringing the total to 500"."""
        between = self.tokens[before.number.last : draft.number.first]
        if before.names != draft.names and any(t.w == ";" for t in between):
            return False
        return not (before.closed and any(t.roles & _TOTALS or _starts_count(t) for t in between))

    def _nearest(self, spans: list[DateSpan], draft: Draft, drafts: list[Draft]) -> list[DateSpan]:
        """One span a role: the nearest after the number, else the nearest before it."""
        best: dict[str, tuple[int, DateSpan]] = {}
        for span in spans:
            group = "when" if span.role in ("during", "rate") else span.role
            distance = span.first - draft.number.last
            rank = distance if distance >= 0 else 60 - distance
            after = [other for other in drafts if draft.number.last <= other.number.first < span.first]
            between = len(after)
            if after and span.role == "during" and self._compared(after[-1]):
                continue
            if after and span.role == "during" and self._is_part(after[-1], span):
                continue
            if after and span.role == "as_of" and self._closed_by_claim(draft, after[0]):
                continue
            if span.role == "during" and distance > 0 and self._of_later(span, drafts):
                continue
            rank += 100 * between * (span.role != "as_of")
            if group not in best or rank < best[group][0]:
                best[group] = (rank, span)
        if "as_of" in best and "when" in best and best["when"][0] >= 100:
            del best["when"]
        chosen = [best[group][1] for group in sorted(best)]
        closed = {"loose": ("day", "weekday"), "rate": ("month", "span")}.get(
            best["when"][1].grain if "when" in best else "", ()
        )
        chosen += [span for span in spans if span.role == "during" and span.grain in closed and span.end][:1]
        return chosen

    def _closed_by_claim(self, draft: Draft, later: Draft) -> bool:
        """Whether a clause ends between two numbers with who says it: "ten were found, he said, and eight fled"."""
        between = self.tokens[draft.number.last : later.number.first]
        return self.lexicon.language == "en" and any(t.roles & BIT["says"] for t in between)

    def _is_part(self, part: Draft, span: DateSpan) -> bool:
        """Whether a past day holds for a part only: "1.042.460 bajas, 1.050 de ellas en las últimas 24 horas"."""
        behind = self.tokens[part.number.last : min(part.number.last + 2, span.first)]
        return span.grain == "past_day" and any(t.roles & BIT["continues"] for t in behind)

    def _of_later(self, span: DateSpan, drafts: list[Draft]) -> bool:
        """Whether a date opens the clause of a later number: "18 tys. prób, a w lipcu 2,9 tys."."""
        if self.lexicon.language == "en" or not any(span.last <= d.number.first <= span.last + 6 for d in drafts):
            return False
        opens = span.first - bool(self.tokens[span.first - 1].roles & BIT["prepositions"])
        lead = self.tokens[max(0, opens - 2) : opens]
        return bool(lead) and (lead[-1].w == "," or (lead[0].w == "," and bool(lead[-1].roles & BIT["conjunctions"])))

    def _compared(self, draft: Draft) -> bool:
        """Whether a number is what another is set against: "down from 71.2% in 2018"."""
        lead = self.tokens[max(draft.sentence.a, draft.number.first - 2) : draft.number.first]
        against = BIT["from"] | BIT["comparatives"] | BIT["against"]
        return any(t.roles & against and not t.roles & BIT["to"] for t in lead)

    def _apply(self, draft: Draft, span: DateSpan) -> None:
        if span.grain in ("past_day", "night") and self._remains(draft):
            return
        draft.why["date"] = (max(span.first - 1, draft.sentence.a), span.last)
        if span.role == "as_of":
            ahead = span.end and self.published and span.end > self.published  # a deadline, not a count's date
            if span.grain in ("day", "weekday") and draft.kind != "change" and not ahead:
                draft.as_of = span.end
            return
        if span.role == "since":
            led = span.grain == "weekday"
            led = led and (self.lexicon.bare or not self.tokens[span.first - 1].roles & BIT["from"])
            if (span.grain == "day" or led or self._from_its_start(span)) and span.start:
                draft.period_start = span.start
            return
        if span.role == "until":
            self._cut_short(draft, span)
            return
        self._during(draft, span)

    def _cut_short(self, draft: Draft, span: DateSpan) -> None:
        """End a year or month with the day that it is told up to: "in 2022, up to 11 December"."""
        start, end = draft.period_start, draft.period_end
        if start and end and span.end and span.grain in ("day", "weekday") and start < span.end < end:
            draft.period_end = span.end

    def _remains(self, draft: Draft) -> bool:
        """Whether a number tells how things still stand: "еще 14,5 тысячи остаются подтопленными"."""
        first, last = draft.number.first, max(draft.number.last, draft.head + 1)
        around = (*self.tokens[max(draft.sentence.a, first - 3) : first], *self.tokens[last : last + 2])
        return any(t.roles & BIT["remains"] for t in around)

    def _during(self, draft: Draft, span: DateSpan) -> None:
        if span.grain in ("day", "weekday") and _merely_there(draft):
            return
        closed = span.grain in ("month", "year", "span", "past_day", "loose", "rate")
        closed = closed or (span.grain == "night" and _counted_as(draft) == "war" and draft.group in ARMS)
        standing = self._standing(draft) or (draft.kind == "total" and self._compared(draft))
        near = draft.number.last if draft.number.last <= span.first else draft.sentence.a
        told = any(t.roles & CALAMITY for t in self.tokens[max(near, span.first - 8) : span.first])
        told = told or self._possessive(span) or draft.number.last <= draft.event < span.first
        if standing and span.grain in ("day", "weekday", "night") and not told:
            draft.as_of = span.end
            return
        counted = draft.unit not in ("percent", "ratio") and draft.kind == "total"
        if span.start and span.start.year < (self.published or dt.date(2025, 1, 1)).year - _HISTORY:
            closed = False
        if self._to_date(span):
            closed = False
        if self._whole_ledger(span, draft):
            draft.as_of = span.end
            if draft.kind == "total":
                draft.period_start, draft.period_end = span.start, span.end
            return
        if span.grain in ("day", "weekday") and draft.group == "cases":
            closed = True
        if self._stays_open(draft, span):
            closed = False
        if closed and draft.kind == "change":
            draft.closed = span.grain
        if closed and counted and not (span.grain == "loose" and span.role != "during"):
            draft.kind, draft.closed = "change", span.grain
            draft.why["kind"] = draft.why["date"]
        if span.grain in ("rate", "loose", "vague"):
            return
        if draft.measure == "missing" and not closed:
            return
        draft.period_start, draft.period_end = span.start, span.end

    def _stays_open(self, draft: Draft, span: DateSpan) -> bool:
        """Whether a span only dates a figure: an event's toll, where a count moved to, how many stand."""
        if draft.measure == "other.standing":
            return True
        if span.grain == "loose" and draft.kind == "total" and self._moves_to(draft):
            return True
        event = span.grain in ("month", "year", "span") and self._one_event(draft)
        return event or (span.grain in ("month", "year", "loose") and self._calamity(draft))

    def _whole_ledger(self, span: DateSpan, draft: Draft) -> bool:
        """Whether a long span is of a list with increments: "з 24.02.22 по 12.08.24 … 590 920 (+1 080)"."""
        if span.grain != "span" or span.start is None or span.end is None or (span.end - span.start).days < _LONG:
            return False
        return self._has_increments(draft)

    def _from_its_start(self, span: DateSpan) -> bool:
        """Whether a year or month is counted from its first day: "з початку 2025 року"."""
        lead = self.tokens[max(0, span.first - 1) : span.first + 1]
        return span.grain in ("year", "month") and any(_opens_span(t) for t in lead)

    def _calamity(self, draft: Draft) -> bool:
        """Whether the sentence tells of one event before the number: "the floods in May killed"."""
        return any(t.roles & CALAMITY for t in self.tokens[draft.sentence.a : draft.number.first])

    def _one_event(self, draft: Draft) -> bool:
        """Whether it is the toll of one event, "a shipwreck off Libya killed 1,100", so that a year only dates it."""
        words = self.tokens[max(draft.sentence.a, draft.number.first - 14) : draft.number.first]
        places = [k for k, token in enumerate(words) if token.roles & BIT["happenings"]]
        if not places or draft.measure not in ("killed", "wounded", "displaced", "missing"):
            return False
        led = BIT["articles"] | (BIT["prepositions"] if self.lexicon.noun_capitals else 0)  # "beim Ausbruch 2014"
        return any(t.roles & led for t in words[max(0, places[-1] - 4) : places[-1]])

    def _possessive(self, span: DateSpan) -> bool:
        """Whether a day is an event's: "Monday's earthquake"."""
        return self.text[self.tokens[span.last - 1].e - 2 : self.tokens[span.last - 1].e] in ("'s", "’s")

    def _to_date(self, span: DateSpan) -> bool:
        """Whether a year or a long span runs up to the day of publication: it holds the whole of what it counts."""
        if span.grain != "span":
            return span.grain == "year" and span.end is None
        if self.published is None or span.start is None or span.end is None:
            return False
        if span.start == dt.date(span.end.year, 1, 1) and self.lexicon.language != "en":
            return False  # a year's months so far
        return (self.published - span.end).days <= _RECENT and (span.end - span.start).days >= _LONG

    def _standing(self, draft: Draft) -> bool:
        """Whether the number is a count that has risen or fallen to where it stands."""
        sentence = self.tokens[draft.sentence.a : draft.number.first]
        before, near = sentence[-3:], sentence[-14:]
        if any(t.roles & BIT["number_words"] for t in near) and draft.kind == "total":
            return True
        moved = BIT["rise_to"] | BIT["from"]
        return any(t.roles & moved for t in before) and any(t.roles & (BIT["rise_to"] | BIT["rises"]) for t in sentence)

    def _moves_to(self, draft: Draft) -> bool:
        """Whether a number is where a count came from, or came to: "rose from 120 to 135 in a week"."""
        number = draft.number
        near = self.tokens[max(draft.sentence.a, number.first - 5) : number.first]
        return number.former or (any(t.roles & BIT["from"] for t in near) and any(t.kind == NUM for t in near))

    def _stated(self, draft: Draft, stated: dict[DateSpan, Claim]) -> None:
        words = self.tokens[draft.sentence.a : draft.sentence.b]
        since = any(
            t.roles & BIT["since"] and not t.roles & BIT["from"] and not self._superlative(words[max(0, k - 5) : k])
            for k, t in enumerate(words)
        )
        counting = draft.kind == "total" and since
        for span, claim in stated.items():
            standing = draft.kind in ("total", "ratio", "share")
            told = claim.at < draft.number.first or ((counting or self._standing(draft)) and claim.names)
            planned = any(t.roles & BIT["plans"] for t in self.tokens[claim.at : draft.number.first])
            others = claim.names and draft.names and not set(claim.names) & set(draft.names)
            risen = draft.period_end and not draft.closed and self.lexicon.language == "en" and self._standing(draft)
            if planned or draft.as_of or (draft.period_end and not risen) or others:
                continue
            if standing and span.grain in ("day", "weekday") and told:
                draft.as_of, draft.rules["dates"] = span.end, "statement"
                own = (span.first, span.last)
                first, last = draft.why.get("date", own) if draft.period_end else own
                draft.why["as_of"] = (min(first, span.first), max(last, span.last))

    def _superlative(self, words: list[Token]) -> bool:
        """Whether "since" only dates a record: "its biggest round of cuts since 2023"."""
        return self.lexicon.language == "en" and any(t.w.endswith("est") or t.w in ("first", "worst") for t in words)

    def _stands_too(self, draft: Draft, before: Draft | None) -> None:
        """A count "with 35 deaths" beside one that a dated statement gives stands for that day too."""
        if before is None or "as_of" not in before.why or draft.kind != "total" or draft.as_of:
            return
        if draft.period_end and not (self.lexicon.language == "en" and draft.period_end == before.period_end):
            return
        between = self.tokens[before.number.last : draft.number.first]
        if len(between) <= 8 and any(t.roles & (BIT["with"] | BIT["and"]) or t.w == "including" for t in between):
            draft.as_of, draft.rules["dates"] = before.as_of, "beside"
            draft.why["as_of"] = before.why["as_of"]

    def _elided(self, draft: Draft) -> None:
        """Take kind and period from the draft that "the number" points back to."""
        before = self.drafts[-1] if self.drafts else None
        draft.kind = before.kind if before else "total"
        head = self.tokens[draft.sentence.a : draft.number.first]
        if before is not None and (
            self._outgrows(draft, before) or any(t.roles & BIT["totals"] and not t.roles & EVENT for t in head)
        ):
            draft.kind, draft.measure, draft.unit = "total", before.measure, before.unit
        elif before is not None:
            draft.period_start, draft.period_end = before.period_start, before.period_end
            draft.measure, draft.unit = before.measure, before.unit

    def _outgrows(self, draft: Draft, before: Draft) -> bool:
        """Whether a number is too large to be the change told before."""
        return before.kind == "change" and draft.number.largest > _TIMES_AS_MANY * before.number.largest

    # what carries over

    def _carry(self, drafts: list[Draft], sentence: Sentence) -> None:
        """Let "the deceased", "of these" and "since the last update" speak of the report they point to."""
        pointing = sentence.roles & ANAPHOR
        for draft in drafts:
            undated = not (draft.period_start or draft.period_end or draft.as_of)
            if undated and (self._of_head(draft) or self._of_frame(draft, sentence) or self._of_told_day(draft)):
                continue
            report = self.reports.get(_kept(draft.measure))
            last = self.drafts[-1] if self.drafts else None
            if last is not None and draft.kind == "total" and self._next_of(draft, last, sentence):
                draft.kind, draft.closed, draft.rules["dates"] = "change", last.closed, "next of"
                draft.period_start, draft.period_end = last.period_start, last.period_end
            counted = draft.unit not in ("percent", "ratio")
            whole = self._pointed_to(draft) if pointing and counted else None
            if whole is not None and whole.closed not in ("", "loose", "rate", "new"):
                self._named_as(draft, whole.names, "pointed")
                if undated:
                    draft.kind, draft.closed, draft.rules["dates"] = "change", whole.closed, "pointed"
                    draft.period_start, draft.period_end = whole.period_start, whole.period_end
                    undated = False
            if pointing and report is not None and not draft.names:
                self._named_as(draft, report.names, "report")
                self._from_report(draft, report, undated)
            elif sentence.roles & UPDATE and self.report is not None and undated:
                draft.period_end = self.report.end
            elif undated and self._goes_on_after(draft, sentence):
                self._like_last(draft)
            elif undated:
                draft.as_of = self._still_open(draft)

    def _downed(self, draft: Draft) -> bool:
        """Whether drones or missiles were shot down in a night or day that the text tells of, and not since a start."""
        air = draft.group in ("drones", "missiles") and draft.kind == "total"
        if not air or draft.place < self.nightly or draft.label:
            return False
        if draft.measure not in ("destroyed", "lost", "other.infected") or _lasting(draft):
            return False
        return not (self._has_increments(draft) or self._summed(draft))

    def _summed(self, draft: Draft) -> bool:
        """Whether the sentence counts from a start, where a count has got to, or all that there have been."""
        words = self.tokens[draft.sentence.a : draft.sentence.b]
        return self._standing(draft) or any(_starts_count(t) or t.roles & BIT["perfects"] for t in words)

    def _pointed_to(self, draft: Draft) -> Draft | None:
        """The figure whose people "of those killed" speaks of: the last of this measure in the paragraph."""
        near = (d for d in reversed(self.drafts[-4:]) if draft.sentence.para - d.sentence.para <= 1)
        return next((d for d in near if d.measure == draft.measure and d.unit == draft.unit), None)

    def _of_head(self, draft: Draft) -> bool:
        """Give a figure the span that the head of its list or section states."""
        held = self.scopes.fact(draft.place, "span")
        if held is None or draft.kind in ("share", "ratio"):
            return False
        scope, (span, first, last) = held
        if scope.kind == "section" and not self.scopes.row(draft.place):
            return False
        increments = self._has_increments(draft)
        ledger = span.grain == "span" and ((span.end - span.start).days >= _LONG or increments)
        if increments:
            draft.as_of = span.end if ledger else None
        draft.rules["dates"] = "head"
        if draft.kind != "total":
            return True
        draft.period_start, draft.period_end = span.start, span.end
        draft.why["date"] = first, last
        draft.scopes["dates"] = scope.kind
        if not ledger:
            draft.kind, draft.closed = "change", span.grain
        return True

    def _of_frame(self, draft: Draft, sentence: Sentence) -> bool:
        """Give a figure the span over which the sentences before it have counted, where it goes on counting."""
        frame = self.frame
        if frame is None or draft.kind != "total" or draft.unit in ("percent", "ratio") or self.dated_now:
            return False
        apart, paragraphs = draft.place - frame.place, sentence.para - frame.para
        near = apart <= 2 and not paragraphs
        same = not draft.names or draft.names == frame.names or draft.group in ARMS
        near = near or (frame.grain in ("past_day", "night", "new") and apart <= 3 and paragraphs <= 2 and same)
        alike = _counted_as(draft) in frame.measures and draft.number.largest <= self._most(draft, frame)
        alike = alike and (frame.grain != "night" or draft.group in ARMS or not draft.group)  # else a strike's toll
        if not near or not alike or self._sums(draft) or self._remains(draft):
            return False
        draft.kind, draft.closed, draft.rules["dates"] = "change", frame.grain, "frame"
        draft.period_start, draft.period_end = frame.start, frame.end
        frame.place = draft.place
        return True

    def _newly(self, draft: Draft) -> bool:
        """Whether a report counts the new cases of its day: "1,200 new cases"."""
        new = draft.group == "cases" and draft.kind == "change" and not draft.closed and "kind" in draft.why
        draft.closed = "new" if new else draft.closed
        return new

    def _most(self, draft: Draft, frame: Frame) -> float:
        """The largest number that can go on counting: few of new cases have died, none in all "48 have died"."""
        if draft.group == "cases" or "cases" not in frame.measures:
            return float(frame.largest) * (_TIMES_AS_MANY if draft.measure in frame.told else _TIMES_OTHERS)
        around = self.tokens[draft.sentence.a : draft.number.last + 6]
        so_far = any(t.roles & BIT["perfects"] for t in around)
        return 0 if so_far else float(frame.largest) / _TIMES_AS_MANY

    def _sums(self, draft: Draft) -> bool:
        """Whether a number is said to be a sum, or where a count has got to."""
        lead = self.tokens[draft.sentence.a : draft.number.first]
        return self._standing(draft) or any(t.roles & BIT["totals"] or _starts_count(t) for t in lead)

    def _has_increments(self, draft: Draft) -> bool:
        """Whether the row of a figure has a number with a sign in brackets."""
        words = self.tokens[draft.sentence.a : draft.sentence.b]
        return any(t.w == "(" and after.w[:1] == "+" for t, after in itertools.pairwise(words))

    def _of_told_day(self, draft: Draft) -> bool:
        """Give a loss the past day that the sentence before told of without a number."""
        if self.told_day is None or draft.kind != "total" or draft.measure not in (*_EVENTFUL, "lost"):
            return False
        place, para, span = self.told_day
        near = draft.place - place == 1 and draft.sentence.para == para
        if not near or self.tokens[draft.sentence.a].roles & BIT["since"]:
            return False
        draft.kind, draft.closed, draft.rules["dates"] = "change", span.grain, "told day"
        draft.period_start, draft.period_end = span.start, span.end
        return True

    def _next_of(self, draft: Draft, last: Draft, sentence: Sentence) -> bool:
        """Whether a sentence goes on listing what the one before counted over a closed span, or parts it: "Davon"."""
        if not self._counts_like(draft, last):
            return False
        if len(self.drafts) > 1 and self._mere_part(self.drafts[-2], last):
            return False
        head = self.tokens[sentence.a : sentence.a + 4]
        if any(t.roles & (BIT["totals"] | BIT["since"]) for t in head):
            return False
        listing = (
            head[0].roles & EVENT and " " not in head[0].w and sentence.para == last.sentence.para and self.lexicon.bare
        )
        header = self._headed(draft.place, "speaker")
        bulletin = bool(header) and last.names == header and sentence.para == last.sentence.para
        listing = listing and draft.measure != "displaced"
        onward = head[0].roles & CONTINUES or (self.lexicon.bare and any(t.roles & CONTINUES for t in head[:2]))
        others = any(t.w == "others" for t in head)
        return bool(onward or listing or bulletin or others) or self._same_account(draft)

    def _counts_like(self, draft: Draft, last: Draft) -> bool:
        """Whether a figure without dates stands near enough to one of a past day, or parts one of any closed span."""
        if draft.period_end or draft.as_of or draft.place - last.place > 2:
            return False
        closed = last.closed == "past_day" or (last.closed and self._parts(draft, last))
        return bool(closed) and draft.sentence.para - last.sentence.para <= 1

    def _parts(self, draft: Draft, last: Draft) -> bool:
        """Whether a sentence parts the count before it: "Davon waren 12 Kinder"."""
        parting = self.tokens[draft.sentence.a].roles & BIT["partitives"]
        return bool(parting) and draft.number.largest <= last.number.largest

    def _mere_part(self, whole: Draft, part: Draft) -> bool:
        """Whether the past day's number only stood beside the count that its sentence told of."""
        alike = whole.place == part.place and whole.measure == part.measure and whole.kind == "total"
        return alike and whole.number.largest > part.number.largest

    def _goes_on_after(self, draft: Draft, sentence: Sentence) -> bool:
        last = self.drafts[-1] if self.drafts else None
        head = self.tokens[sentence.a : sentence.a + 3]
        alike = draft.unit in ("people", "items")
        pointing = head[0].roles & BIT["partitives"] and alike
        if last is None or last.sentence.para != sentence.para:
            return False
        if not (last.measure == draft.measure or (pointing and last.unit == draft.unit)):
            return False
        return any(token.roles & CONTINUES for token in head) and draft.kind == last.kind

    def _like_last(self, draft: Draft) -> None:
        last = self.drafts[-1]
        dates = {d.period_end for d in self.drafts[-6:] if d.place == last.place}
        summed = any(t.roles & BIT["totals"] for t in self.tokens[draft.sentence.a : draft.number.first])
        head = self.tokens[draft.sentence.a].roles
        if len(dates) == 1 or not (summed or head & OF):
            draft.period_start, draft.period_end, draft.as_of = last.period_start, last.period_end, last.as_of
            draft.rules["dates"] = "like last"
        self._named_as(draft, last.names, "like last")

    def _named_as(self, draft: Draft, names: tuple[str, ...], rule: str) -> None:
        """Give a figure that names nobody the speaker of another."""
        if names and not draft.names:
            draft.names, draft.rules["speaker"] = names, rule

    def _from_report(self, draft: Draft, report: Report, undated: bool) -> None:
        report.drafts.append(draft)
        if undated and draft.kind == "total":
            draft.period_start, draft.period_end, draft.as_of = report.start, report.end, report.as_of
            draft.rules["dates"] = "report"

    def _remember(
        self, place: int, sentence: Sentence, drafts: list[Draft], spans: list[DateSpan], claims: list[Claim]
    ) -> None:
        telling = [c for c in claims if c.names and (drafts or (self._speaks(c) and not self._used(c, sentence)))]
        names = telling[-1].names if telling else ()
        if drafts and drafts[-1].names:
            names = drafts[-1].names
        if names:
            self.speaker, self.speaker_para, self.speaker_place = names, sentence.para, place
        days = [span for span in spans if span.grain in ("day", "weekday") and span.end]
        if days:
            self.day = days[-1].end
        self.topic = None if names or self.lexicon.language != "en" else (place, sentence)
        self._remember_frame(place, drafts)
        self._remember_day(place, sentence, drafts, spans)
        self._remember_opening(sentence, drafts, spans)
        if place in self.scopes.opened or not drafts or any(claim.header for claim in claims):
            self._remember_head(place, sentence, drafts, spans, claims)
        elif names and names != self._headed(place, "speaker") and not self.scopes.row(place):
            self.scopes.end(place, "speaker")
        self.dated_sentences[place] = bool(spans)
        self._remember_event(place, sentence, spans, drafts, claims)
        if not drafts and names and sentence.roles & ANAPHOR:
            self._name_report(names, sentence)
        if not drafts and self.report is not None and sentence.roles & COVERS:
            self._cover(self.report, spans)
        self._open_reports(drafts)

    def _list_head(self, sentence: Sentence) -> tuple[str, ...]:
        """Who heads a list without a verb: "Emergency Service, 8 October:", "The WHO's situation report no. 12"."""
        tokens, end = self.tokens, self.tokens[sentence.b - 1]
        if not sentence.roles & (BIT["sources"] | BIT["reports"]):
            return ()
        if tokens[sentence.a].roles & BIT["reports"] and end.w == ":":
            return self.claims.owner(sentence)
        if self.lexicon.language != "en":
            return ()
        if end.w != ":" and not self._headline(sentence):
            return ()
        a, b = self.claims.head(sentence)
        behind = tokens[b : min(b + 4, sentence.b)]
        if a >= b or not behind:
            return ()
        titled = any(t.roles & BIT["reports"] for t in tokens[b - 1 : b] + behind)
        if not (titled or (end.w == ":" and behind[0].w in (",", "(", ":", "-", "–", "—"))):
            return ()
        while b > a + 1 and tokens[b - 1].roles & BIT["reports"]:
            b -= 1
        short = tokens[a].e - tokens[a].s <= _ABBREVIATED and self.text[tokens[a].s : tokens[a].e].isupper()
        short = short and not tokens[a].roles & BIT["nations"]
        if not (short or any(t.roles & BIT["sources"] for t in tokens[a:b])) or (b - a == 1 and not short):
            return ()
        name = " ".join(self.text[tokens[a].s : tokens[b - 1].e].split())
        return (name.removesuffix("'s").removesuffix("’s"),)

    def _speaks(self, claim: Claim) -> bool:
        """Whether a claim beside no number says whose report follows."""
        if claim.spoken or claim.leads or not self.lexicon.cyrillic:
            return claim.spoken or claim.leads
        verb = self.tokens[claim.at].w.split(" ")[0]  # "…, сообщили в Минобороны"
        return bool(self.lexicon.lookup(verb).roles & BIT["claims"])

    def _used(self, claim: Claim, sentence: Sentence) -> bool:
        """Whether a report only stands somewhere in a sentence: "they used information from official reports"."""
        roles = self.tokens[claim.at].roles
        named = roles & BIT["claims"] or sentence.roles & BIT["according"]
        used = claim.at - sentence.a > 4 or self.tokens[sentence.a].roles & PRONOUN
        return bool(roles & BIT["reports"] and used and not named)

    def _remember_frame(self, place: int, drafts: list[Draft]) -> None:
        """Keep the closed span that a sentence counted over."""
        closed = [d for d in drafts if d.closed in _FRAMING or self._newly(d)]
        if not closed or self._mere_parts(place, drafts, closed[0]):
            self.frame = None if self.dated_now and drafts else self.frame
        elif self.frame is None or self.frame.place != place:
            self.frame = Frame(closed)

    def _mere_parts(self, place: int, drafts: list[Draft], part: Draft) -> bool:
        """Whether a standing count near what was counted over a span holds it too."""
        near = [d for d in self.drafts[-3:] if place - d.place <= 2] + drafts
        return any(self._holds_all(draft, part) for draft in near)

    def _holds_all(self, draft: Draft, part: Draft) -> bool:
        """Whether a figure is a standing count of which another is only the latest part."""
        standing = draft.kind == "total" and not draft.closed
        return standing and draft.number.largest > part.number.largest and _counted_as(draft) == _counted_as(part)

    def _remember_day(self, place: int, sentence: Sentence, drafts: list[Draft], spans: list[DateSpan]) -> None:
        """Keep the past day or night that a sentence told of."""
        past = [span for span in spans if span.grain == "past_day"]
        if past or any(span.grain == "night" for span in spans):
            self.nightly = min(self.nightly, place)
        if past and not drafts:
            self.told_day = (place, sentence.para, past[-1])

    def _remember_head(
        self, place: int, sentence: Sentence, drafts: list[Draft], spans: list[DateSpan], claims: list[Claim]
    ) -> None:
        """Let a heading, or a line that ends with a colon, state for what lies below it who says it, when and what."""
        if names := self._head_names(sentence, drafts, claims):
            self.scopes.state(place, "speaker", names, sentence.a, sentence.b)
        events = [t.values["events"] for t in self.tokens[sentence.a : sentence.b] if t.roles & EVENT]
        if events and events[-1] in ("lost", "destroyed", "casualties", "killed", "wounded", "hurt"):
            self.scopes.state(place, "measure", events[-1], sentence.a, sentence.b)
        if place not in self.scopes.opened:
            return
        closed = [span for span in spans if span.start and span.end and (span.role == "during" or span.grain == "span")]
        closed = [span for span in closed if span.grain in ("past_day", "night", "span", "month", "year")]
        if closed:
            self.scopes.state(place, "span", closed[-1], closed[-1].first, closed[-1].last)

    def _head_names(self, sentence: Sentence, drafts: list[Draft], claims: list[Claim]) -> tuple[str, ...]:
        """Whom a head names as the source of what lies below it."""
        named = [claim for claim in claims if claim.names]
        header = next((claim.names for claim in named if claim.header), ())
        if header or drafts or self.place not in self.scopes.opened:
            return header
        if self.tokens[sentence.b - 1].w == ":":
            return named[0].names if named else self._list_head(sentence)
        if not claims and (listed := self._list_head(sentence)):
            return listed
        if self._headline(sentence):
            heads = [claim for claim in named if claim.spoken and claim.leads]
            if sentence.roles & EVENT or (heads and heads[0].at == sentence.b - 1):  # "The General Staff reports"
                return next((claim.names for claim in heads), ())
        return ()

    def _remember_opening(self, sentence: Sentence, drafts: list[Draft], spans: list[DateSpan]) -> None:
        """Keep the day of "As of 7 May" at the head of a sentence: what follows stands for it too."""
        head = next((span for span in spans if span.first - sentence.a <= 3), None)
        if head is not None and head.role == "as_of" and head.end and head.grain in ("day", "weekday"):
            self.opened = (head.end, drafts[0].names if drafts else (), sentence.para)
        elif not drafts and spans and spans[-1].end and self._opens(spans[-1], sentence):
            self.opened = (spans[-1].end, (), sentence.para)
        elif self.opened and any(span.grain not in ("past_day", "night", "loose", "rate") for span in spans):
            self.opened = None
        if self.published is None and self.opened and not drafts:
            self.dates.published = self.opened[0]  # a bulletin's own day settles "the past day"

    def _past_list(self, sentence: Sentence, drafts: list[Draft]) -> bool:
        """Whether a sentence follows the rows of a list: with a claim or day of its own, the list's holds no more."""
        rows = [draft for draft in self.drafts[-3:] if draft.label]
        return len(rows) > 1 and rows[-1].sentence.para < sentence.para and not any(d.label for d in drafts)

    def _opens(self, span: DateSpan, sentence: Sentence) -> bool:
        """Whether a day stands for the list below it: before a colon, in a headline, or alone on its line."""
        if self.tokens[sentence.b - 1].w == ":":
            return True
        if span.grain != "day" or not self._headline(sentence):
            return False
        if self._list_head(sentence):
            return True
        return span.role == "as_of" or sentence.b - sentence.a <= span.last - span.first + 3

    def _headline(self, sentence: Sentence) -> bool:
        """Whether a sentence is a line by itself that no full stop ends."""
        after = self.tokens[sentence.b].kind if sentence.b < len(self.tokens) else BREAK
        return after == BREAK and self.tokens[sentence.b - 1].kind != PUNCT

    def _still_open(self, draft: Draft) -> dt.date | None:
        if self.opened is None or draft.period_end or draft.as_of:
            return None
        day, names, para = self.opened
        names = names or self._headed(draft.place, "speaker") or ()
        same = not names or not draft.names or draft.names == names
        if not (same and draft.sentence.para - para <= _LISTED and self._stands_open(draft)):
            return None
        draft.rules["dates"] = "open"
        return day

    def _stands_open(self, draft: Draft) -> bool:
        """Whether "As of 7 May" may still hold for a figure: for a list's row, and for what befell people."""
        if draft.kind != "total" and not draft.number.signed:
            return False
        told = draft.measure == "other.standing" or draft.measure in PEOPLE_MEASURES
        return told or self.scopes.row(draft.place) or draft.label or draft.number.signed

    def _hurt(self) -> None:
        """Settle "постраждали": killed and wounded together where the parts add up to it, else wounded."""
        hurt = [(place, draft) for place, draft in enumerate(self.drafts) if draft.measure == "hurt"]
        measure = "wounded"
        for place, draft in hurt:
            parts = self.drafts[place + 1 : place + 4]
            killed = [part.number.value for part in parts if part.measure == "killed"]
            wounded = [part.number.value for part in parts if part.measure == "wounded"]
            if killed and wounded and killed[0] is not None and wounded[0] is not None:
                measure = "casualties" if killed[0] + wounded[0] == draft.number.value else measure
        for _, draft in hurt:
            draft.measure = measure

    def _remember_event(
        self, place: int, sentence: Sentence, spans: list[DateSpan], drafts: list[Draft], claims: list[Claim]
    ) -> None:
        told = not drafts and not any(claim.spoken for claim in claims) and self.tokens[sentence.a].w == "it"
        if not (told or sentence.roles & (EVENT | BIT["happenings"])) or (not drafts and self._mere_work(sentence)):
            return
        grains = ("day", "weekday", "night")
        days = [span for span in spans if span.role == "during" and span.grain in grains]
        telling = [draft for draft in drafts if draft.measure in _TELLING]
        if drafts and days and not any(draft.period_end == days[0].end != draft.as_of for draft in telling):
            days = [span for span in days if self._possessive(span)]
        owned = [span for span in days if self._possessive(span)]
        toll = [s for s in days if any((d.period_start, d.period_end) == (s.start, s.end) for d in telling)]
        if len(days) > 1 and len(toll) == 1 and toll[0].grain == "night":
            days = toll
        if len(owned) == 1:
            days = owned  # "Friday's earthquake", whoever speaks on which day
        if len(days) == 1:
            self.event_days[place] = (days[0].start, days[0].end)

    def _mere_work(self, sentence: Sentence) -> bool:
        """Whether a sentence only tells of rescue or of troops sent: "Rescue operations ended on Tuesday"."""
        if self.lexicon.language != "en" or sentence.roles & BIT["happenings"]:
            return False
        told = [t.values["events"] for t in self.tokens[sentence.a : sentence.b] if t.roles & EVENT]
        return bool(told) and all(event in ("other.rescued", "other.deployed") for event in told)

    def _name_report(self, names: tuple[str, ...], sentence: Sentence) -> None:
        """ "X has confirmed these figures": X is the source of the unattributed figures just before."""
        report = Report(names)
        for draft in reversed(self.drafts):
            apart = draft.sentence.para != self.drafts[-1].sentence.para  # a paragraph before what is pointed to
            if draft.names or sentence.para - draft.sentence.para > 2 or apart:
                break
            draft.names, draft.rules["speaker"] = names, "report named"
            report.drafts.append(draft)
            self.reports[_kept(draft.measure)] = report
        self.report = report

    def _cover(self, report: Report, spans: list[DateSpan]) -> None:
        """ "The report covers the period from … to …": so do its figures."""
        for span in spans:
            if span.grain != "span":
                continue
            report.start, report.end, report.as_of = span.start, span.end, span.end
            for draft in report.drafts:
                if draft.kind == "total" and not draft.period_end:
                    draft.period_start, draft.period_end, draft.as_of = span.start, span.end, draft.as_of or span.end

    def _open_reports(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            if draft.names and draft.kind == "total" and draft.category is None and draft.unit == "people":
                known = self.reports.get(_kept(draft.measure))
                if known is not None and known.names == draft.names:
                    known.drafts.append(draft)
                    continue
                report = Report(draft.names)
                report.start, report.end, report.as_of = draft.period_start, draft.period_end, draft.as_of
                report.drafts.append(draft)
                self.reports[_kept(draft.measure)] = self.report = report

    def _long_since(self, draft: Draft, days: tuple[dt.date | None, dt.date | None] | None) -> bool:
        """Whether a day lies so far back that "has killed 55,500" tells of all that came after it."""
        if self.lexicon.language != "en" or days is None or days[1] is None or self.published is None:
            return False
        lead = self.tokens[draft.sentence.a : draft.number.first]
        return (self.published - days[1]).days > _LONG and any(t.w in ("has", "have") for t in lead)

    def _event_dates(self, places: list[Sentence]) -> None:
        """Give an event's toll the day that the sentence before or after it names."""
        told = {(draft.place, draft.measure) for draft in self.drafts}
        counted = {draft.place for draft in self.drafts}
        for draft in self.drafts:
            free = draft.kind == "total" and not (draft.period_start or draft.period_end or draft.as_of)
            driven = draft.measure == "displaced" and self.lexicon.language == "en"
            if not free or not (driven or draft.measure in _TELLING):
                continue
            if self.dated_sentences.get(draft.place) or (self.lexicon.language == "en" and self._remains(draft)):
                continue
            for place in (draft.place - 1, draft.place + 1):
                days = self.event_days.get(place) if place < len(places) else None
                if days is None or not self._next_to(draft, places, place, place in counted):
                    continue
                if place > draft.place and (driven or (place, draft.measure) in told):
                    continue  # that day is of another toll
                if days[1] and not self._long_since(draft, days):
                    draft.period_start, draft.period_end = days
                    draft.rules["dates"] = "event before"
                    if places[draft.place - 1].para == draft.sentence.para:
                        self.event_days[draft.place] = days
                    break

    def _next_to(self, draft: Draft, places: list[Sentence], place: int, counts: bool) -> bool:
        """Whether the day of a sentence may be a toll's: the one before, and behind a headline the one after."""
        para = draft.sentence.para
        if place < draft.place:
            return places[place].para == para
        if draft.place > 1 or places[place].para - para > 1:
            return False
        return places[place].para == para or not self._other_event(draft, places[place], counts)

    def _other_event(self, draft: Draft, after: Sentence, counts: bool) -> bool:
        """Whether the paragraph behind a headline or a toll tells of something else than one event's losses."""
        listed = self.tokens[draft.sentence.a].kind == PUNCT
        if self.lexicon.language == "en" and counts and not listed and self.tokens[after.a].w not in _RESUMES:
            return True
        losses = any(t.roles & EVENT and t.values["events"] in _TELLING for t in self.tokens[after.a : after.b])
        headline = self._headline(draft.sentence) and not (listed and self.lexicon.language == "en")
        return headline or not (losses or after.roles & BIT["happenings"])


def _counted_as(draft: Draft) -> str:
    """The family of counts that go on from each other: what a day of war, of an outbreak or of an office brings."""
    if draft.measure in ("destroyed", "lost", "casualties", "other.hit") or draft.group == "attacks":
        return "war"
    if draft.measure in ("killed", "wounded", "hurt"):
        return "toll"
    return "cases" if draft.group == "cases" else draft.measure or draft.group or draft.unit


def _way(claim: Claim, draft: Draft) -> str:
    """How a claim of a figure's own sentence stands to its number."""
    side = "before" if claim.at <= draft.number.first else "behind"
    kind = "pronoun" if claim.anaphor else "header" if claim.header else "verb" if claim.spoken else "according"
    return f"{kind} {side}"


def _merely_there(draft: Draft) -> bool:
    """Whether a number of people is told of without what befell them: "home to two million people"."""
    return draft.unit == "people" and draft.kind == "total" and draft.measure in ("", "other.hit")


def _distance(span: DateSpan, draft: Draft) -> str:
    """Whether a span stands beside a number or opens its sentence, or apart from both."""
    beside = abs(span.first - draft.number.last) <= _BESIDE or span.first - draft.sentence.a <= _BESIDE - 1
    return "own" if beside else "apart"


def _lasting(draft: Draft) -> bool:
    """Whether a figure's time is not one day or night."""
    if draft.period_start and draft.period_end:
        return (draft.period_end - draft.period_start).days > 1
    return bool(draft.as_of or draft.period_start)


def _starts_count(token: Token) -> bool:
    """Whether a word can only say since when: not "с", which is "with" and "from" too."""
    return bool(token.roles & _SINCE) and not token.roles & _ORIGIN


def _opens_span(token: Token) -> bool:
    """Whether a word or phrase says "the start": "начала", "від початку", "seit Anfang"."""
    return bool(token.roles & BIT["starts"]) or (bool(token.roles & BIT["since"]) and " " in token.w)


def _kept(measure: str) -> str:
    """The measure under which a report is kept: personnel "lost" are casualties."""
    return "casualties" if measure == "lost" else measure
