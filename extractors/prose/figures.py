"""What one sentence says of each of its numbers: unit, measure, group, kind; and which numbers are no figures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise

from extractors.prose.names import is_noun
from extractors.prose.numbers import Number
from extractors.prose.tokens import NUM, PUNCT, WORD, Sentence, Token
from extractors.words import BIT, Lexicon, subject

EVENT, NOUN, CATEGORY, NATION, NOT_AFTER, NOT_BEFORE, MONEY = (
    BIT[role] for role in ("events", "nouns", "categories", "nations", "no_figure_after", "no_figure_before", "money")
)
RELATIVE = BIT["relatives"]
OF, EVERY, BREAKS, RISES, AMOUNT, TOTAL = (
    BIT[role] for role in ("of", "every", "breaks", "rises", "amounts", "totals")
)
INCREMENT, INCREMENT_AFTER, UPDATE, DENIAL, REVISED = (
    BIT[role] for role in ("increments", "increments_after", "update_words", "denials", "revised")
)
AUXILIARY, DETERMINER, PREPOSITION, CONJUNCTION, CLAIM, AND = (
    BIT[role] for role in ("auxiliaries", "determiners", "prepositions", "conjunctions", "claims", "and")
)
PARTITIVE = BIT["partitives"]
FROM, TO, COMPARATIVE, TIME, NUMBER_WORD, HEDGE, ANAPHOR = (
    BIT[role] for role in ("from", "to", "comparatives", "time_words", "number_words", "hedges", "anaphors")
)
_STOPS = AUXILIARY | PREPOSITION | CONJUNCTION | DETERMINER
_PLAIN = BIT["numbers"] & ~BIT["articles"]
_SMALL = Decimal(12)
ARMS = subject("arms")
PEOPLE_MEASURES = frozenset(
    ("killed", "wounded", "hurt", "casualties", "missing", "captured", "displaced", "deserted", "recruited", "lost")
)
_NEAR = 6
_APART = frozenset(("missing", "wounded", "hurt", "displaced", "captured", "other.rescued", "other.hospitalised"))
"""Measures that beside another only go on from it: "19 died and another 30 were rescued"."""
_VICTIMS = ("victims", "dead", "deceased", "killed", "wounded", "injured")
_WHEN = BIT["weekdays"] | BIT["past_day"] | BIT["days"] | BIT["loose"] | BIT["night"] | BIT["months"] | BIT["rates"]
_WHEN |= BIT["spans"] | BIT["same_day"]
_BESIDE = ("than", "below", "above")
"""How hedges end that, behind a percentage, set it against another count: "6% below the record"."""
_THAN = ("than", " als", " que", " ніж", " чем", " niż", " než", " che")
_AGAINST = BIT["than"] | BIT["from"] | BIT["since"]
_APART_BY = frozenset(",;:–—-(")
_LEADING = BIT["of"] | BIT["determiners"] | BIT["hedges"] | BIT["amounts"] | BIT["auxiliaries"] | BIT["numbers"]
"""Words between a rise and its number: "an increase of some 42", "up by about 42"."""


class Draft:
    """A figure in the making; token places say which words gave each field."""

    __slots__ = (
        *("as_of", "category", "closed", "denied", "event", "group", "head", "kind", "label", "measure", "names"),
        *(
            "nation",
            "number",
            "paired",
            "period_end",
            "period_start",
            "place",
            "rules",
            "same",
            "scopes",
            "segment",
            "sentence",
            "unit",
            "why",
        ),
    )

    def __init__(self, number: Number, sentence: Sentence, place: int) -> None:
        self.number, self.sentence, self.place = number, sentence, place
        self.head = self.event = -1
        self.label = self.paired = False
        self.unit, self.measure, self.kind = "", "", "total"
        self.group: str | None = None
        self.category: str | None = None
        self.nation: str | None = None
        self.names: tuple[str, ...] = ()
        self.period_start: dt.date | None = None
        self.period_end: dt.date | None = None
        self.as_of: dt.date | None = None
        self.denied = self.same = False
        self.closed = ""  # the grain of the closed span that makes it a change
        self.segment = 0
        self.why: dict[str, tuple[int, int]] = {}
        self.rules: dict[str, str] = {}  # by which way a field was settled, for how sure it is
        self.scopes: dict[str, str] = {}  # for fields that a head states, the kind of what it heads

    @property
    def told_as_count(self) -> bool:
        """Whether a small number counts too: a list's row, an increment, "three of the five"."""
        return self.number.signed or self.label or self.paired


class FigureReader:
    """Turns the numbers of one sentence into drafts."""

    def __init__(self, tokens: list[Token], lexicon: Lexicon) -> None:
        self.tokens, self.lexicon = tokens, lexicon
        self.last: Draft | None = None
        self.counted: Draft | None = None  # the last that counts, be shares and ratios between
        self.outbreak = ""  # how the word begins whose cases the text counts, so that few of them count too
        self.listed = ""  # the event that heads the list being read
        self.in_row = False  # whether the sentence is a row of a list

    def read(self, sentence: Sentence, place: int, numbers: list[Number], before: Draft | None) -> list[Draft]:
        """The drafts of a sentence's numbers; `before` is the last draft of the text so far."""
        drafts: list[Draft] = []
        excluded = -2
        for index, number in enumerate(numbers):
            draft = Draft(number, sentence, place)
            left = drafts[-1].number.last if drafts else sentence.a
            beside = numbers[index - 1].last if index else sentence.a
            right = numbers[index + 1].first if index + 1 < len(numbers) else sentence.b
            if self._excluded(number, sentence) or (
                excluded == index - 1 and number.first == number.core and self._linked(beside, number.first)
            ):
                excluded = index
                continue
            whole = numbers[index + 1] if index + 1 < len(numbers) else None
            if not self._head(draft, sentence.b) or (whole is not None and self._part_of_none(draft, whole)):
                continue
            self._hedged_behind(draft, sentence.b)
            self._label(draft, left)
            self._event(draft, left, right, drafts[-1] if drafts else None)
            self._befallen_cases(draft, sentence.b)
            if draft.head < 0 and not draft.label and not self._unknown_noun(draft):
                self._subject_noun(draft)
            self._among_victims(draft, before)
            self._said_to_be(draft, sentence.b)
            self._fill(draft, drafts[-1] if drafts else None)
            drafts.append(draft)
        self._look_ahead(drafts)
        self._pair(drafts)
        kept: list[Draft] = []
        for draft in drafts:
            if self._accepted(draft, kept[-1] if kept else before):
                kept.append(draft)
                if draft.unit not in ("percent", "ratio"):
                    self.counted = draft
                    if draft.group == "cases" and draft.head >= 0 and draft.number.largest > _SMALL:
                        self.outbreak = self.tokens[draft.head].w[:4]
        drafts = kept
        self._weapons(drafts)
        for index, draft in enumerate(drafts):
            self.last = drafts[index - 1] if index else before
            self._kind(draft, drafts[index - 1] if index else None)
            self._denied(draft, sentence)
        return drafts

    def _pair(self, drafts: list[Draft]) -> None:
        """Mark a part and its whole: "three of these five workers"."""
        for one, other in pairwise(drafts):
            if self._part_of(one, other):
                one.paired = other.paired = True

    def _said_to_be(self, draft: Draft, b: int) -> None:
        """Take the subgroup that a verb names behind a number: "of those killed, 12 were children"."""
        k = draft.number.last
        told = draft.number.form == "count" and k + 1 < b and draft.head < 0 and bool(self.tokens[k].roles & AUXILIARY)
        if told and self.tokens[k + 1].roles & CATEGORY and not draft.category:
            draft.category, draft.why["category"] = self.tokens[k + 1].values["categories"], (k + 1, k + 2)

    def _among_victims(self, draft: Draft, before: Draft | None) -> None:
        """Give "the victims included three children" what befell those told of before."""
        if before is None or draft.measure or draft.unit != "people" or draft.place - before.place > 2:
            return
        head = self.tokens[draft.sentence.a : min(draft.sentence.a + 4, draft.number.first)]
        pointing = any(t.roles & ANAPHOR for t in head) and any(t.w.endswith(_VICTIMS) for t in head)
        if pointing and before.measure in PEOPLE_MEASURES:
            draft.measure = before.measure

    def _weapons(self, drafts: list[Draft]) -> None:
        """In a list with increments in brackets weapons and personnel are losses, whatever its head says."""
        if not any(draft.number.signed for draft in drafts):
            return
        for draft in drafts:
            if not draft.measure and draft.group in ARMS:
                draft.measure = self.listed = "lost"

    def _linked(self, a: int, b: int) -> bool:
        """Whether only "and" or a comma stands between two numbers: "aged 5 and 9"."""
        return a < b <= a + 2 and all(t.roles & AND or t.w == "," for t in self.tokens[a:b])

    def _excluded(self, number: Number, sentence: Sentence) -> bool:
        """Whether what stands right around a number makes it money, an address, an age or a number of something."""
        tokens = self.tokens
        before = tokens[number.first - 1] if number.first > sentence.a else None
        after = tokens[number.last] if number.last < sentence.b else None
        value = number.value
        if before is not None:
            if before.roles & (MONEY | EVERY):
                return True
            tight = before.kind == WORD or before.w in "№#"
            counted = after is not None and after.roles & NOUN and self.lexicon.language != "en"
            counted = counted and after is not None and after.values["nouns"][0] == "people"
            coded = before.roles & NOT_BEFORE and tight and not counted
            if coded and (number.bare or number.worded) and not before.roles & NOUN:
                return True
            if before.w in "/:" and before.e == tokens[number.first].s:
                return True
            if before.w == "+" and not number.signed and before.e == tokens[number.first].s:
                return True
        if after is not None and (after.roles & MONEY or (after.w in "/+" and after.s == tokens[number.last - 1].e)):
            return True
        if self._among_digits(number, sentence) or self._for_as_many(number, sentence):
            return True
        whole = number.form != "count" or value is None or value == int(value)
        return not whole or (value is not None and value < 0)

    def _for_as_many(self, number: Number, sentence: Sentence) -> bool:
        """Whether a number is one of the two in an exchange's name: «1000 на 1000»."""
        tokens, first = self.tokens, number.first
        beside = [k for k in (first - 2, first + 2) if sentence.a <= k < sentence.b]
        return tokens[first].kind == NUM and any(
            tokens[k].kind == NUM and tokens[k].w == tokens[first].w and tokens[(k + first) // 2].kind == WORD
            for k in beside
        )

    def _among_digits(self, number: Number, sentence: Sentence) -> bool:
        """Whether bare digits stand among others with nothing between, as in a telephone number."""
        a, b = number.first - 1, number.last
        if number.worded or number.last - number.core > 1:
            return False
        beside = [self.tokens[k] for k in (a, b) if sentence.a <= k < sentence.b]
        return any(token.kind == NUM and len(token.w) != 4 for token in beside)

    def _head(self, draft: Draft, b: int) -> bool:
        """Find the noun that is counted; False when what follows makes the number no figure."""
        tokens, k, unknown = self.tokens, draft.number.last, 0
        while k < b and unknown < _NEAR:
            token = tokens[k]
            if token.kind == PUNCT:
                if k == draft.number.last and self._copula(draft, k, b):
                    k += 1
                    continue
                k = self._past_mark(k, b, unknown > 0 and draft.head < 0)
                if k < 0:
                    return True
                continue
            if token.kind != WORD:
                return True
            roles = token.roles
            if roles & NOUN:
                self._note(draft, k)
                draft.head = k
                if not self._noun_goes_on(k, b):
                    return True
            elif roles & NOT_AFTER and not (k + 1 < b and self._plain_noun(k + 1)) and not _possessive(token.w):
                return draft.head >= 0 or bool(tokens[draft.number.first].roles & BIT["folds"])
            elif roles & EVENT:
                if not self._leads_noun(k + 1, b):
                    return True
                draft.event = k
            elif k == draft.number.last and self._object_follows(k, b):
                pass
            elif not self._links(draft, k, b):
                if draft.head >= 0 or (roles & _STOPS and not (roles & AND and unknown and self._adjectives(k + 1, b))):
                    return True
                self._note(draft, k)
                unknown += 1
            k += 1
        return True

    def _noun_goes_on(self, k: int, b: int) -> bool:
        """Whether the next word is the noun's head: "health workers"; not whose it is: "одиниці техніки ворога"."""
        after = self.tokens[k + 1] if k + 1 < b else None
        if after is None or not after.roles & NOUN or after.roles & EVENT:
            return False
        unit, group = self.tokens[k].values["nouns"]
        return self.lexicon.heads_last or unit != "items" or (group == "equipment" and after.values["nouns"][0] == unit)

    def _copula(self, draft: Draft, k: int, b: int) -> bool:
        """Whether a dash stands for "are" before those counted: "из них 680 — дети"."""
        if not self.lexicon.cyrillic or self.tokens[k].w not in "–—-" or k + 1 >= b:
            return False
        onward = any(t.roles & BREAKS for t in self.tokens[draft.sentence.a : draft.number.first])
        return onward and bool(self.tokens[k + 1].roles & CATEGORY)

    def _object_follows(self, k: int, b: int) -> bool:
        """Whether the object that a number is given to stands behind it: "elevó a 35 los muertos"."""
        tokens = self.tokens
        if self.lexicon.heads_last or self.lexicon.bare or not tokens[k].roles & DETERMINER or tokens[k].roles & OF:
            return False
        return k + 1 < b and bool(tokens[k + 1].roles & (NOUN | NUMBER_WORD))

    def _hedged_behind(self, draft: Draft, b: int) -> None:
        """Take a hedge of more than a word behind what is counted: "300 personnes au moins"."""
        k = draft.head + 1
        if draft.number.qualifier is None and draft.head >= draft.number.last and k < b and " " in self.tokens[k].w:
            after = self.tokens[k].values.get("hedges_after")
            follows = k + 1 < b and (self.tokens[k + 1].kind == NUM or self.tokens[k + 1].roles & BIT["numbers"])
            draft.number.qualifier = after if after and not follows else None

    def _plain_noun(self, k: int) -> bool:
        """Whether a word names who or what is counted and is no verb of what befell them."""
        roles = self.tokens[k].roles
        return bool(roles & NOUN) and not (roles & EVENT and self.tokens[k].values["events"].startswith("other."))

    def _past_mark(self, k: int, b: int, adjectives: bool) -> int:
        """Where a noun phrase goes on behind a mark: a closed bracket, a quote, a comma of a list; -1 when it ends."""
        token = self.tokens[k]
        if token.w == "(" and (end := self._bracket(k, b)):
            return end
        if token.w in "\"“”«»'‘’*†‡" or (
            token.w == "," and adjectives and not self.lexicon.bare and self._adjectives(k + 1, b)
        ):
            return k + 1
        return -1

    def _links(self, draft: Draft, k: int, b: int) -> bool:
        """Whether a small word only leads on to the noun: "of the", "more", "reports of"."""
        tokens, roles = self.tokens, self.tokens[k].roles
        if roles & (OF | INCREMENT | INCREMENT_AFTER | HEDGE) and draft.head < 0:
            return True
        if roles & DETERMINER and k > draft.number.last and tokens[k - 1].roles & OF:
            return True
        return bool(roles & BIT["reports"]) and k + 1 < b and bool(tokens[k + 1].roles & OF)

    def _adjectives(self, k: int, b: int) -> bool:
        """Whether adjectives go on to a noun: "confirmed, probable and suspected cases"."""
        for j in range(k, min(k + 5, b)):
            token = self.tokens[j]
            if token.roles & NOUN:
                return True
            if token.kind != WORD or (token.roles and not token.roles & (AND | CLAIM)):
                return False
        return False

    def _leads_noun(self, k: int, b: int) -> bool:
        while k < b and self.tokens[k].kind == WORD and not self.tokens[k].roles & (_STOPS | EVENT):
            if self.tokens[k].roles & NOUN:
                return True
            k += 1
        return False

    def _bracket(self, k: int, b: int) -> int:
        """The token after a closed bracket that begins at k, or 0 when it stays open."""
        for j in range(k + 1, min(b, k + 14)):
            if self.tokens[j].w == ")":
                return j + 1
        return 0

    def _note(self, draft: Draft, k: int) -> None:
        """Take group, subgroup and nation from a word of the noun phrase."""
        token = self.tokens[k]
        if token.roles & NATION:
            draft.nation = token.values["nations"]
            draft.why["whom"] = (k, k + 1)
        if token.roles & CATEGORY:
            draft.category = token.values["categories"]
            draft.why["category"] = (k, k + 1)
        if token.roles & NOUN:
            draft.unit, draft.group = token.values["nouns"]
            draft.why["unit"] = (k, k + 1)

    def _label(self, draft: Draft, left: int) -> None:
        """Read a list's label before a dash or colon: "Tanks – 11,132", "у Донецькій області - 455"."""
        tokens, k = self.tokens, draft.number.first - 1
        opening = tokens[draft.sentence.a : k + 1]
        if self.listed and (opening or self.in_row) and all(t.kind == PUNCT for t in opening):
            draft.label = True
            return
        if k >= left and tokens[k].w == "(" and draft.number.signed:
            draft.label = True
            return
        if k <= left or tokens[k].kind != PUNCT or tokens[k].w not in "-–—‒:=":
            return
        draft.label = True
        if draft.head >= 0:
            return
        for j in range(k - 1, max(left - 1, k - 9), -1):
            token = tokens[j]
            if token.kind == PUNCT and token.w not in "/\"'«»“”()":
                break
            if token.roles & NOUN and not draft.unit:
                draft.head = j
            self._note_if_free(draft, j)

    def _note_if_free(self, draft: Draft, j: int) -> None:
        token = self.tokens[j]
        if token.roles & NOUN and not draft.unit:
            self._note(draft, j)
        elif token.roles & (NATION | CATEGORY) and not draft.category:
            unit, group = draft.unit, draft.group
            self._note(draft, j)
            if unit:
                draft.unit, draft.group = unit, group
        if token.roles & EVENT and draft.event < 0:
            draft.event = j

    def _event(self, draft: Draft, left: int, right: int, before: Draft | None) -> None:
        """Find the word that says what happened to those counted."""
        tokens, number = self.tokens, draft.number
        fallback = self._described(draft, right)
        told = self._adjacent(number.first, left)
        if draft.event < 0 and told >= 0 and tokens[told].values["events"] == "other.affected":
            draft.event = next(
                (k for k in range(number.last, draft.head) if tokens[k].values.get("events") == "wounded"), -1
            )
        if draft.head >= 0 and tokens[draft.head].roles & EVENT and not self._mere_category(draft.head):
            if tokens[draft.head].values["events"].startswith("other."):
                fallback = draft.head
            else:
                draft.event = self._freed(draft, left, right)
        if draft.event < 0 and before is not None and self._included(draft, before):
            self._inherit_event(draft, before)
            return
        if draft.event < 0 and before is not None and self._elliptic(draft, before):
            self._inherit_event(draft, before)
            return
        if draft.event < 0:
            near = self._adjacent(number.first, left)
            if near < 0 and self._put_at(number.first):
                near = self._last_event(left, number.first)
            listed = before is not None and before.same and near < 0
            if listed and before is not None:
                self._inherit_event(draft, before)
                return
            after = tokens[number.last] if number.last < right else None
            if near >= 0 and tokens[near].values["events"] == "lost" and after is not None and after.roles & EVENT:
                near = number.last
            compared = number.form in ("times", "ratio")
            if near < 0 and not compared:
                near = self._risen(number.first, left)
            if near < 0 and not compared and draft.head < 0:
                near = self._tolled(number.first, left)
            if near < 0 and not (compared and draft.head < 0):
                begin = number.last if fallback < number.last else draft.head + 1
                near = self._first_event(begin, right, max(draft.head, number.last) + 2)
                near = near if compared else self._nearer(near, draft, left)
            draft.event = near
        if draft.event < 0:
            draft.event = self._last_event(left, number.first) if fallback < 0 else fallback
        if draft.event >= 0 and draft.label and self._mere_category(draft.event):
            draft.event = -1
        if draft.event >= 0 and self._adjective(draft.event):
            draft.event = -1
        if draft.event >= 0:
            if left <= draft.event < number.first:
                lead = self.tokens[draft.event - 1] if draft.event > 0 else None
                draft.same = bool(tokens[draft.event].roles & ANAPHOR or (lead and lead.roles & ANAPHOR))
            self._set_event(draft)

    def _freed(self, draft: Draft, left: int, right: int) -> int:
        """What says that those whose noun tells of a fate are out of it ("30,000 refugees returned"), else the noun."""
        around = [self._adjacent(draft.number.first, left), self._first_event(draft.head + 1, right, draft.head + 2)]
        freed = (k for k in around if k >= 0 and self.tokens[k].values["events"] == "other.released")
        return next(freed, draft.head)

    def _befallen_cases(self, draft: Draft, b: int) -> None:
        """Take what befell people from behind "cases": "300 cases of abduction", "10 000 випадків загибелі"."""
        k = draft.head + 1
        if draft.group != "cases" or not 0 < k < b:
            return
        linked = self.tokens[k].roles & OF
        k += bool(linked)
        event = self.tokens[k].values.get("events", "") if k < b else ""
        genitive = self.lexicon.bare and is_noun(self.tokens[min(k, b - 1)].w, self.lexicon.language)
        alone = event in ("killed", "captured", "missing")  # each happens to one but once
        if (alone and (linked or genitive)) or (event == "wounded" and genitive):
            draft.unit, draft.group, draft.event = "people", "people", k
            self._set_event(draft)

    def _included(self, draft: Draft, before: Draft) -> bool:
        """Whether a number is part of the one that its verb told before: "killed 38, including eight children"."""
        lead, first = self.tokens[draft.number.first - 1], draft.number.first
        return lead.w == "including" and bool(before.measure) and 0 <= before.event < before.number.first < first

    def _labels_next(self, k: int) -> bool:
        """Whether a word is the label of the number behind it: "killed: 12"."""
        after = self.tokens[k + 1 : k + 3]
        return len(after) == 2 and after[0].w == ":" and after[1].kind == NUM

    def _risen(self, first: int, left: int) -> int:
        """What a count is of that has come to a number: "el número de muertos subió a 14", or -1."""
        tokens = self.tokens
        lead = tokens[max(left, first - 1) : first]
        if not any(t.roles & BIT["rise_to"] for t in lead):
            return -1
        counted = any(t.roles & NUMBER_WORD for t in tokens[left:first])
        return self._last_event(left, first) if counted else -1

    def _described(self, draft: Draft, right: int) -> int:
        """Set aside a mere group before a noun where its fate is told behind: "400 mobilised men died"; or -1."""
        described = (k for k in range(draft.number.last, draft.head) if self.tokens[k].roles & EVENT)
        k = next(described, -1)
        if k < 0 or not self._mere_category(k) or self._first_event(draft.head + 1, right, draft.head + 2) < 0:
            return -1
        draft.event = -1
        return k

    def _tolled(self, first: int, left: int) -> int:
        """The toll that a number alone completes: "the death toll from the collapse has reached 52", or -1."""
        tokens = self.tokens
        moved = AUXILIARY | RISES | BIT["rise_to"] | HEDGE
        if not tokens[first - 1].roles & (moved | TO) and not any(
            t.roles & moved for t in tokens[max(left, first - 3) : first]
        ):
            return -1
        for k in range(left, first):
            for j in range(k, min(k + 4, first) if tokens[k].roles & NUMBER_WORD else k):
                if tokens[j].roles & EVENT and not tokens[j].values["events"].startswith("other."):
                    return j
        return -1

    def _nearer(self, after: int, draft: Draft, left: int) -> int:
        """The event before a number where one behind it is of another clause: "starben am … 18, Dutzende wurden …"."""
        tokens, end = self.tokens, max(draft.head + 1, draft.number.last)
        if not 0 <= end < after or (self.lexicon.heads_last and not self.lexicon.noun_capitals):
            return after
        if (
            tokens[end].w != ","
            or not any(t.roles & AUXILIARY for t in tokens[end + 1 : after])
            or (tokens[end + 1].roles & (BREAKS | AUXILIARY | PREPOSITION))
        ):
            return after
        for k in range(draft.number.first - 1, left - 1, -1):
            if tokens[k].w in ",;:" or tokens[k].roles & BREAKS:
                return after
            if tokens[k].roles & EVENT and not tokens[k].values["events"].startswith("other."):
                return k
        return after

    def _put_at(self, first: int) -> bool:
        """Whether a number is what something is put at: "put the number of dead at 80,000"."""
        return self.lexicon.language == "en" and first > 0 and self.tokens[first - 1].w in ("at", "as", "as high as")

    def _predicative(self, draft: Draft) -> bool:
        """Whether a number itself ends its clause: "the population was 42 million"."""
        lead = self.tokens[draft.number.first - 1] if draft.number.first > draft.sentence.a else None
        after = self.tokens[draft.number.last] if draft.number.last < draft.sentence.b else None
        ends = after is None or after.kind == PUNCT or bool(after.roles & PREPOSITION)
        return lead is not None and bool(lead.roles & AUXILIARY) and ends and draft.head < 0 and not self.lexicon.bare

    def _elliptic(self, draft: Draft, before: Draft) -> bool:
        """Whether a number repeats what the one before counted: "16 deaths in the valley and eight on the coast"."""
        lead = self.tokens[draft.number.first - 1]
        joined = lead.roles & AND or lead.w in ",;"
        placed = self._after_number(draft, PREPOSITION) and not self._after_number(draft, OF | BREAKS | AND)
        counted = draft.number.form == before.number.form == "count" and draft.head < 0
        return bool(joined and placed and counted and before.measure in PEOPLE_MEASURES)

    def _adjective(self, k: int) -> bool:
        """Whether "recruited" only tells which people: "13,781 were recruited prisoners"."""
        told = self.tokens[k].values["events"] == "recruited" and self.tokens[k - 1].roles & AUXILIARY
        if told and self.tokens[k].roles & CATEGORY and self.tokens[k].roles & NOUN:
            return True
        after = self.tokens[k + 1] if k + 1 < len(self.tokens) else None
        return bool(told and after is not None and after.roles & NOUN and after.values["nouns"][0] == "people")

    def _mere_category(self, k: int) -> bool:
        """Whether a noun such as "mobilised" only says which group it is."""
        return bool(self.tokens[k].roles & CATEGORY) and self.tokens[k].values["events"] == "recruited"

    def _set_event(self, draft: Draft) -> None:
        draft.measure = self.tokens[draft.event].values["events"]
        draft.why["measure"] = (draft.event, draft.event + 1)
        before, lead = draft.event - 2, self.tokens[draft.event - 1]
        if before < draft.sentence.a or not lead.roles & AND or draft.event > draft.number.first:
            return
        if {self.tokens[before].values.get("events"), draft.measure} == {"killed", "wounded"}:
            draft.measure, draft.why["measure"] = "casualties", (before, draft.event + 1)

    def _inherit_event(self, draft: Draft, before: Draft) -> None:
        draft.measure, draft.event, draft.same = before.measure, before.event, before.same
        if "measure" in before.why:
            draft.why["measure"] = before.why["measure"]

    def _adjacent(self, first: int, left: int) -> int:
        """A verb or noun of a measure right before a number: "killed at least 10", "the deaths of 121,507"."""
        tokens, k = self.tokens, first - 1
        while k >= left and first - k <= 5:
            token = tokens[k]
            if token.roles & (BREAKS | BIT["with"]):
                return -1
            if token.roles & EVENT:
                return k
            passing = AUXILIARY | PREPOSITION | DETERMINER | INCREMENT | NATION | OF | HEDGE | RISES | BIT["rise_to"]
            if token.kind != WORD or not token.roles & passing or (token.roles & AND):
                return -1
            k -= 1
        return -1

    def _first_event(self, a: int, b: int, near: int) -> int:
        """The first event after a number in its clause; a measure is preferred to what merely took place."""
        weak = -1
        for k in range(a, b):
            token = self.tokens[k]
            apart = k != near - 1 or self.tokens[k - 1].kind != WORD
            if token.roles & EVENT and apart and self._labels_next(k):  # "53,006 casualties: 14,383 killed"
                return weak
            if token.roles & EVENT and not (token.roles & CLAIM and k > a and tokens_say(self.tokens[k - 1])):
                if not token.values["events"].startswith("other."):
                    return k if weak < 0 or k - weak < 6 else weak
                weak = k if weak < 0 else weak
            breaking = token.roles & BREAKS and not self.lexicon.verb_final
            if token.w == ";" or (breaking and k > a + 1 and not (k <= near and token.roles & RELATIVE)):
                resumed = self._resumed(k, b) if weak < 0 and not token.roles & RELATIVE else 0
                return self._first_event(resumed, b, near) if resumed else weak
        return weak

    def _resumed(self, k: int, b: int) -> int:
        """Where a clause goes on behind an aside: "973 civilians, most of them Alawites, had been killed"; or 0."""
        for j in range(k + 1, min(k + 9, b - 2)):
            if self.tokens[j].w == ",":
                return j + 1 if self.tokens[j + 1].roles & AUXILIARY else 0
            aged = self.tokens[j].kind == NUM and self.tokens[j].suffix.startswith("-")  # "a 12-year-old boy"
            if (self.tokens[j].kind == NUM and not aged) or self.tokens[j].w == ";":
                return 0
        return 0

    def _last_event(self, a: int, b: int) -> int:
        """The last event before a number in its sentence; a measure is preferred to what merely took place."""
        weak = -1
        for k in range(b - 1, a - 1, -1):
            if self.tokens[k].roles & EVENT:
                if not self.tokens[k].values["events"].startswith("other."):
                    return k
                weak = k if weak < 0 else weak
            if self.tokens[k].w == ";":
                return weak
        return weak

    def _fill(self, draft: Draft, before: Draft | None) -> None:
        """Take from the number before, in the same sentence, what this one leaves out."""
        if before is None:
            return
        if not draft.measure and draft.group != "survivors":
            self._inherit_event(draft, before)
        if not draft.unit and draft.number.form == "count" and before.number.form in ("count", "times"):
            same = draft.measure == before.measure or draft.event < 0
            same = same or {draft.measure, before.measure} <= PEOPLE_MEASURES
            same = same or draft.measure == "lost"  # "3,000 jobs are to go, 560 will be lost"
            same = same or (draft.measure == "other.hit" and before.unit == "items")
            if same and before.unit and not self._unknown_noun(draft):
                draft.unit, draft.group = before.unit, before.group
                draft.nation = draft.nation or before.nation
                draft.category = draft.category or before.category

    def _unknown_noun(self, draft: Draft) -> bool:
        k = draft.number.last
        return k < draft.sentence.b and self.tokens[k].kind == WORD and self.tokens[k].roles == 0

    def _look_ahead(self, drafts: list[Draft]) -> None:
        """Give numbers without an event the next one: "30 people, including 14 women, were killed"."""
        later: Draft | None = None
        behind: Draft | None = None
        for draft in reversed(drafts):
            if behind is not None and draft.head < 0 and self._part_of(draft, behind):
                self._take_part(draft, behind)
            elif behind is not None and draft.head < 0 and self._same_noun(draft, behind):
                draft.unit, draft.group, draft.head = behind.unit, behind.group, behind.head
            counted = draft.head >= 0 and draft.unit == "other" and draft.number.form == "percent"
            free = later is not None and not (counted or self._predicative(draft) or self._apart(draft, later))
            if not draft.measure and later is not None and free:
                self._inherit_event(draft, later)
            if draft.group == "lives" and draft.measure in ("", "lost"):
                draft.measure = "killed"
            if draft.event >= 0 and draft.measure:
                later = draft
            behind = draft

    def _apart(self, draft: Draft, later: Draft) -> bool:
        """Whether what is told behind "of which" befell only a part: "309 drones, of which it downed 288"."""
        between = self.tokens[draft.number.last : later.number.first]
        return self.lexicon.language == "en" and any(t.w in ("of which", "of whom") for t in between)

    def _take_part(self, draft: Draft, whole: Draft) -> None:
        """What is told behind "206 of the 252 workers" happened to the part, not to the whole."""
        draft.unit, draft.group = whole.unit, whole.group
        if not self._told_behind(draft, whole):
            self._share_measure(draft, whole)

    def _share_measure(self, draft: Draft, whole: Draft) -> None:
        """Say of which of two what is told befell: of the part, else of both."""
        weaker = whole.measure.startswith("other.") and not draft.measure.startswith("other.")
        if whole.event == whole.head >= 0 and draft.event < 0:  # "16,500 of 24,400 deaths"
            draft.measure, draft.event = whole.measure, whole.event
            return
        if draft.measure and weaker:  # "shot down 46 of 52 drones that were sent"
            return
        if whole.event >= whole.number.last and (not draft.measure or draft.event < draft.number.first):
            draft.measure, draft.event, whole.measure = whole.measure, whole.event, ""
        elif draft.measure and whole.event < draft.number.first:
            whole.measure = ""
        draft.measure = draft.measure or whole.measure

    def _told_behind(self, part: Draft, whole: Draft) -> bool:
        """Give a part what is told behind those it is of: "12 of the 30 wounded died"."""
        k = self._behind(whole)
        told = next((j for j in range(k, min(k + _NEAR, part.sentence.b)) if self.tokens[j].roles & EVENT), -1)
        if not k or told < 0 or any(t.kind == PUNCT for t in self.tokens[k:told]):
            return False
        if whole.event == told:
            whole.measure = ""
        part.event = told
        self._set_event(part)
        return True

    def _behind(self, whole: Draft) -> int:
        """Where a clause goes on behind those counted and what they are called: "people reported missing"; or 0."""
        k = whole.head + 1
        if whole.head < whole.number.last:
            return 0
        if whole.event == k or (whole.event == k + 1 and not self.tokens[k].roles & AUXILIARY):
            return whole.event + 1
        return k if whole.event == whole.head else 0

    def _same_noun(self, draft: Draft, behind: Draft) -> bool:
        """Whether two numbers share the noun behind the second: "eight confirmed and two probable cases"."""
        between = self.tokens[draft.number.last : behind.number.first]
        joined = 2 <= len(between) <= 3 and between[-1].roles & AND and behind.head > behind.number.last
        kinds = (t.kind == WORD and not t.roles & (_STOPS | EVENT | NOUN) for t in between[:-1])
        return bool(joined) and not draft.unit and self.lexicon.heads_last and all(kinds)

    def _part_of(self, draft: Draft, whole: Draft) -> bool:
        """Whether a number is said to be of another: "3,000 of the 41,000 jobs"."""
        return self._after_number(draft, OF) and whole.number.first - draft.number.last <= 3

    def _part_of_none(self, draft: Draft, whole: Number) -> bool:
        """Whether a number is part of one that is no figure: "17 of the 18 states"."""
        between = whole.first - draft.number.last
        if not (draft.number.form == "count" and draft.head < 0 and self._after_number(draft, OF) and between <= 3):
            return False
        other = Draft(whole, draft.sentence, draft.place)
        return self._excluded(whole, draft.sentence) or not self._head(other, draft.sentence.b)

    def _accepted(self, draft: Draft, before: Draft | None) -> bool:
        number = draft.number
        if (number.worded and number.value == 1 and self._one_of(draft)) or self._age(draft):
            return False
        if number.worded and number.value == 0 and draft.head < 0:
            return False
        if self._article(number) and (draft.head < 0 or draft.unit != "people") and not self.lexicon.heads_last:
            return False
        if self._article(number) and self._unknown_noun(draft) and not self.lexicon.heads_last:
            after = self.tokens[min(number.last + 1, draft.sentence.b - 1)]
            if after.roles & OF:  # "una caravana de unos tres mil migrantes"
                return False
        if number.form in ("times", "ratio") and not draft.measure and before is not None:
            self._inherit_event(draft, before)
        if number.form in ("percent", "fraction"):
            draft.unit = "percent"
            if self._of_time(draft):
                return False
            return number.form == "percent" or self._of_people(draft, before)
        if number.form in ("times", "ratio"):
            draft.unit = "ratio"
            if self._compares(draft):
                return True
            draft.unit, draft.measure = "other", ""
            return number.largest > _SMALL and not number.worded
        counted = self.counted if draft.group == "names" and draft.measure not in PEOPLE_MEASURES else None
        if counted is not None and draft.place - counted.place <= 2:
            draft.measure = counted.measure  # names added to those counted
        if not draft.measure and ((draft.label and draft.unit in ("items", "people")) or draft.group == "names"):
            draft.measure = self.listed or (self._row_of(draft) if draft.label else "")
        if draft.group == "names":
            draft.group = "people"  # whose names they are, the report has told
        if draft.unit == "other" and draft.measure != "deserted" and not draft.measure.startswith("other"):
            draft.measure = ""
        if draft.unit:
            self._of_known(draft, before)
            return self._weighty(draft) or self._beside(draft, before) or self._counts_more(draft, before)
        return self._unnamed(draft, before)

    def _row_of(self, draft: Draft) -> str:
        """What befell those whom the rows of a list part: "121,507 dead … Volunteers: 33,100"."""
        whole = self.counted
        told = whole is not None and draft.category and whole.unit == "people" and draft.place - whole.place <= 2
        return whole.measure if told and whole is not None and whole.measure in PEOPLE_MEASURES else ""

    def _article(self, number: Number) -> bool:
        """Whether a number is no more than "un" or "una", behind a hedge or not."""
        return number.worded and number.value == 1 and bool(self.tokens[number.last - 1].roles & BIT["articles"])

    def _of_known(self, draft: Draft, before: Draft | None) -> None:
        """Give "eight of the victims" the measure of the figure before."""
        recent = before is not None and draft.place - before.place <= 2 and before.unit == "people"
        if before is not None and recent and draft.unit == "people" and not draft.measure:
            k = draft.number.last
            if self._after_number(draft, OF) and self.tokens[k].w.endswith(" the") and draft.head <= k + 2:
                draft.measure = before.measure

    def _beside(self, draft: Draft, before: Draft | None) -> bool:
        """Whether a small number only goes on from a figure: "50 drones and five missiles"."""
        if before is None or before.place != draft.place:
            return False
        if draft.head < 0 and not self._after_number(draft, AUXILIARY):
            return False
        between = self.tokens[before.number.last : draft.number.first]
        plain = 1 < len(between) <= 5 and all(not t.roles & (BREAKS | PREPOSITION | EVENT) for t in between)
        joined = between[-1].roles & AND or (between[-1].roles == 0 and between[-2].roles & AND) if plain else False
        units = {draft.unit, before.unit}
        return bool(joined) and (units <= {"people", "items"} or (draft.head < 0 and len(units) == 1))

    def _age(self, draft: Draft) -> bool:
        """Whether a small bare number under a preposition is an age: "children under 15", "are over 65"."""
        number, tokens = draft.number, self.tokens
        lead = tokens[number.first].roles
        if (
            number.form != "count"
            or draft.head >= 0
            or number.largest > 110
            or not lead & HEDGE
            or not lead & PREPOSITION
            or number.qualifier == "approximately"
        ):
            return False
        after = tokens[number.last] if number.last < draft.sentence.b else None
        before = tokens[number.first - 1] if number.first > draft.sentence.a else None
        if before is not None and before.roles & NOUN and number.bare_core:
            return bool(before.values["nouns"][0] == "people")
        return after is None or after.kind == PUNCT or bool(after.roles & (AUXILIARY | AND))

    def _one_of(self, draft: Draft) -> bool:
        """Whether "one" only picks out: "one of the largest", "members of one family"."""
        if self._after_number(draft, OF):
            return True
        k = draft.number.last
        if self._after_number(draft, BREAKS) and self.tokens[k].w.startswith("of "):  # "one of which has …"
            behind = self.tokens[k + 1 : min(k + 5, draft.sentence.b)]
            return not any(t.roles & (NOUN | EVENT | CATEGORY) for t in behind)
        before = self.tokens[draft.number.first - 1] if draft.number.first > draft.sentence.a else None
        return before is not None and bool(before.roles & (PREPOSITION & ~BREAKS)) and not before.roles & BIT["with"]

    def _subject_noun(self, draft: Draft) -> None:
        """Find what is counted before the verb: "the mean number of cases was 14,680 a day"."""
        tokens, first = self.tokens, draft.number.first
        linked = bool(tokens[first].roles & HEDGE and not tokens[first].roles & (PREPOSITION | COMPARATIVE))
        linked = linked and draft.number.qualifier in ("more_than", "less_than") and not draft.measure
        for k in range(draft.number.first - 1, max(draft.sentence.a, draft.number.first - 14) - 1, -1):
            token = tokens[k]
            if token.kind == NUM or token.w == ";":
                return
            linked = linked or bool(token.roles & (AUXILIARY | RISES | BIT["rise_to"]))
            linked = linked or (k == draft.number.first - 1 and (bool(token.roles & OF) or self._put_at(k + 1)))
            if token.roles & NOUN and linked:
                if token.values["nouns"][0] == "other" and draft.measure in PEOPLE_MEASURES:
                    return
                if token.values["nouns"][0] == "items" and draft.measure in PEOPLE_MEASURES - {"lost"}:
                    continue
                self._note(draft, k)
                return

    def _of_people(self, draft: Draft, before: Draft | None) -> bool:
        if draft.head == draft.number.last or self._after_number(draft, NOUN):
            return True
        if self.tokens[draft.number.last - 1].roles & BIT["nths"]:
            return not self._after_number(draft, NOT_AFTER | TIME)
        lead = self.tokens[max(draft.sentence.a, draft.number.first - 2) : draft.number.first]
        if any(t.roles & BREAKS and not t.roles & RELATIVE for t in lead):  # "davon die Hälfte"
            return True
        if self._after_number(draft, BREAKS & ~RELATIVE):  # "of them"
            return self.tokens[draft.number.last].w.count(" ") == 1 or self._after_number(draft, OF)
        if self.lexicon.verb_final and self._after_number(draft, BIT["pronouns"]):
            return True
        if before is not None and before.sentence is draft.sentence and before.kind == "share":
            return True
        if self._share_of_told(draft, before):
            return True
        if not self._after_number(draft, OF | DETERMINER):
            return False
        behind = self.tokens[draft.number.last : min(draft.sentence.b, draft.number.last + 2)]
        if len(behind) == 2 and behind[0].roles & DETERMINER and behind[1].roles & NOUN:  # "half the population"
            return bool(behind[1].values["nouns"][0] in ("people", "families"))
        window = self.tokens[draft.number.last : min(draft.sentence.b, draft.number.last + 5)]
        return draft.head >= 0 or any(token.kind == NUM or token.roles & EVENT for token in window[:3])

    def _share_of_told(self, draft: Draft, before: Draft | None) -> bool:
        """Whether a fraction is of what was just counted: "nearly two-thirds of the total", "Almost half are men"."""
        if before is None or before.sentence.para != draft.sentence.para or draft.place - before.place > 1:
            return False
        opens = draft.number.first == draft.sentence.a and self._after_number(draft, AUXILIARY)
        behind = self.tokens[draft.number.last : min(draft.sentence.b, draft.number.last + 3)]
        whole = (
            len(behind) > 1
            and bool(behind[0].roles & OF)
            and bool(behind[-1].roles & (TOTAL | NUMBER_WORD) or behind[1].roles & (TOTAL | NUMBER_WORD))
        )
        if opens and before.unit == "people":
            draft.measure = draft.measure or before.measure
        return whole or (opens and before.unit == "people")

    def _of_time(self, draft: Draft) -> bool:
        window = self.tokens[draft.number.last : min(draft.sentence.b, draft.number.last + 3)]
        return bool(window) and any(t.roles & TIME for t in window) and bool(window[0].roles & OF)

    def _after_number(self, draft: Draft, roles: int) -> bool:
        k = draft.number.last
        return k < draft.sentence.b and bool(self.tokens[k].roles & roles)

    def _compares(self, draft: Draft) -> bool:
        number = draft.number
        if number.form == "ratio":
            return True
        window = self.tokens[number.last : min(draft.sentence.b, number.last + 5)]
        lead = self.tokens[max(draft.sentence.a, number.first - 4) : number.first]
        risen = bool(window) and bool(window[0].roles & RISES)
        told = any(t.roles & (RISES | COMPARATIVE) for t in lead)
        counted = not number.worded and any(t.roles & NUMBER_WORD for t in window[:3])  # "1.6 times our count"
        return risen or told or counted or any(t.roles & (COMPARATIVE | HEDGE | BIT["than"]) for t in window)

    def _weighty(self, draft: Draft) -> bool:
        """Small numbers count only where something is said to have happened to those counted."""
        number = draft.number
        if draft.told_as_count or number.largest > _SMALL or draft.unit == "families":
            return True
        if number.qualifier in ("less_than", "approximately") and draft.head == number.last and draft.unit == "people":
            return number.largest > 2
        few = draft.group == "cases" and number.qualifier is None and self.outbreak
        named = self.tokens[number.first - 1].cap and number.first > draft.sentence.a  # "Uganda two"
        if few and (self.tokens[draft.head].w.startswith(self.outbreak) if draft.head >= 0 else named):
            return True
        tallied = draft.group == "cases" and draft.sentence.roles & BIT["tallies"] and self.lexicon.language != "en"
        return bool(draft.measure or tallied)

    def _unnamed(self, draft: Draft, before: Draft | None) -> bool:
        """Numbers whose noun is unknown or left out."""
        number, tokens = draft.number, self.tokens
        if number.bare and number.value is not None and 1900 <= number.value <= 2100 and not draft.label:
            return False
        if self._counts_more(draft, before) and self.counted is not None:
            draft.unit, draft.group, draft.measure = self.counted.unit, self.counted.group, self.counted.measure
            return True
        whole = self.counted
        if whole is not None and self._of_those(draft, whole):
            return self._of_the_same(draft, whole)
        if (
            before is not None
            and before.sentence is draft.sentence
            and before.unit == "people"
            and self._part_told(draft)
        ):
            draft.unit, draft.group = before.unit, before.group
            draft.measure = draft.measure or before.measure
            return True
        if self._unknown_noun(draft) and self._befallen(number.last + 1, draft.sentence.b):
            draft.unit = "people"
            return True
        if self._unknown_noun(draft):
            befell = draft.measure in ("killed", "wounded", "missing") and self.lexicon.language != "en"
            befell = befell and self._adjacent(number.first, draft.sentence.a) >= 0  # "coûté la vie à quatre skieurs"
            if (number.largest <= _SMALL and not befell) or not (draft.measure or number.largest >= 100):
                return False
            draft.unit = "people" if draft.measure in PEOPLE_MEASURES - {"lost"} else "other"
            return True
        if draft.event >= 0 and draft.measure:
            draft.unit = draft.unit or self._unit_of(draft)
            return True
        if before is not None and before.place == draft.place and self._bracketed(draft, before):
            return True
        if before is not None and before.unit in ("percent", "ratio"):
            before = self.counted  # a number without a sign is no share
        if draft.label and before is not None and before.place >= draft.place - 2:
            draft.unit, draft.group, draft.measure = before.unit, before.group, draft.measure or before.measure
            draft.category, draft.nation = draft.category or before.category, draft.nation or before.nation
            return bool(draft.unit)
        words = tokens[draft.sentence.a : number.first]
        if before is not None and before.place >= draft.place - 2 and any(t.roles & NUMBER_WORD for t in words):
            draft.unit, draft.group, draft.measure = before.unit, before.group, before.measure
            draft.category, draft.nation, draft.same = before.category, before.nation, False
            draft.kind = "elided"
            return True
        if before is not None and draft.place - before.place <= 1 and not number.bare and number.largest >= 100:
            draft.unit, draft.group, draft.measure = before.unit, before.group, before.measure
            return draft.unit not in ("percent", "ratio")
        return number.signed

    def _of_those(self, draft: Draft, whole: Draft) -> bool:
        """Whether a number parts the count told just before: "900 of them were", "Of these, four were children"."""
        tokens, number = self.tokens, draft.number
        if draft.place - whole.place > 1 or number.largest >= whole.number.largest:
            return False
        opens = tokens[draft.sentence.a].roles & PARTITIVE and number.first - draft.sentence.a <= 3
        return bool(opens) or self._after_number(draft, PARTITIVE)

    def _of_the_same(self, draft: Draft, whole: Draft) -> bool:
        """Give a part the unit and measure of the count that it parts; False where that has none."""
        draft.unit = self._unit_of(draft) if whole.unit == "other" and draft.measure else whole.unit
        draft.group = whole.group if draft.unit == whole.unit else draft.unit
        draft.measure = draft.measure or whole.measure
        return bool(draft.unit)

    def _counts_more(self, draft: Draft, before: Draft | None) -> bool:
        """Whether a number without a noun moves the count just told: "an increase of 42", "10 more than on Tuesday"."""
        if before is None or draft.place - before.place > 1 or draft.sentence.para != before.sentence.para:
            return False
        tokens, first = self.tokens, draft.number.first
        grown = first - 2 >= draft.sentence.a and tokens[first - 1].roles & OF and tokens[first - 2].roles & RISES
        if grown:
            draft.why["kind"] = (first - 2, first)
        at_once = before.place == draft.place or first - draft.sentence.a <= _NEAR
        return bool(grown) or (at_once and self._compared(draft))

    def _befallen(self, k: int, b: int) -> bool:
        """Whether what only people suffer is told right here: "cuatro buscadoras fueron asesinadas"."""
        while k < b and self.tokens[k].roles & AUXILIARY and not self.tokens[k].roles & EVENT:
            k += 1
        event = self.tokens[k].values.get("events") if k < b else None
        return event in PEOPLE_MEASURES - {"lost", "casualties", "missing"}

    def _part_told(self, draft: Draft) -> bool:
        """Whether "of whom" stands right before a number: "120 personnes, dont dix …"."""
        lead = self.tokens[draft.number.first - 1] if draft.number.first > draft.sentence.a else None
        return (
            lead is not None and bool(lead.roles & (BREAKS | BIT["only"])) and not lead.roles & (RELATIVE | PREPOSITION)
        )

    def _bracketed(self, draft: Draft, before: Draft) -> bool:
        """Whether a bracket repeats a share as numbers: "88% of cases (1,130 of 1,288)"."""
        tokens, first = self.tokens, draft.number.first
        opening = first > draft.sentence.a and tokens[first - 1].w == "("
        part = (
            first - before.number.last <= 2 and tokens[first - 1].roles & OF and before.label and not before.head >= 0
        )
        if opening and before.unit == "percent" and before.head >= 0 and first - before.head <= 4:
            draft.unit, draft.group = tokens[before.head].values["nouns"]
            draft.label = True
        elif part:
            draft.unit, draft.group, draft.label = before.unit, before.group, True
        else:
            return False
        draft.measure = before.measure
        return True

    def _unit_of(self, draft: Draft) -> str:
        if draft.measure in PEOPLE_MEASURES:
            return "people"
        if draft.measure == "destroyed":
            return "items"
        if draft.measure.startswith("other."):
            return "other" if draft.measure in ("other.jobs", "other.hit") else "people"
        return "other"

    def _kind(self, draft: Draft, before: Draft | None) -> None:
        number = draft.number
        if draft.kind == "elided":
            return
        if number.form == "times" and draft.unit == "other":
            draft.kind = "change"
        elif number.form in ("times", "ratio") or self._for_every(draft):
            draft.kind = "ratio"
        elif draft.unit == "percent":
            draft.kind = "change" if self._moving(draft) else "share"
        elif self._steps(draft, before):
            draft.kind = "change"
        elif before is not None and self._increments_too(before, draft):
            draft.kind = "change"
            draft.why["kind"] = before.why["kind"]
        self._pointing_back(draft)
        if draft.measure == "recruited" and draft.kind == "total":
            draft.kind = "change"

    def _steps(self, draft: Draft, before: Draft | None) -> bool:
        """Whether a number says by how much a count moved, not what it is."""
        told = draft.number.signed or bool(draft.why.get("kind"))
        return told or self._beside_count(draft, before) or self._increment(draft)

    def _pointing_back(self, draft: Draft) -> None:
        """Take the measure of the figure before: "among them 28,000 volunteers", "2,353 since the last update"."""
        last, sentence = self.last, draft.sentence
        if last is not None and self._accounted(draft, last):
            return
        if draft.measure or last is None or draft.place - last.place > 2:
            return
        if draft.unit == "percent" and self._after_number(draft, BREAKS) and last.unit == "people":
            draft.measure = last.measure
        if draft.unit != "people":
            return
        before = self.tokens[sentence.a : draft.number.first]
        grown = any(t.roles & AMOUNT for t in before[-1:]) and any(t.roles & BIT["reports"] for t in before)
        if grown and draft.kind == "change":
            draft.measure = last.measure
        if self._subgroup(draft, last) or (draft.kind == "change" and sentence.roles & UPDATE):
            draft.measure = last.measure

    def _subgroup(self, draft: Draft, last: Draft) -> bool:
        """Whether a number is of some of those just counted: "among them 28,000 volunteers", "of these, 54 were"."""
        head = self.tokens[draft.sentence.a : min(draft.sentence.a + 3, draft.sentence.b)]
        if draft.paired:
            return False
        if draft.category and any(t.roles & (BIT["continues"] | ANAPHOR) for t in head):
            return True
        return bool(head[0].roles & PARTITIVE) and draft.number.largest < last.number.largest

    def _accounted(self, draft: Draft, last: Draft) -> bool:
        """Take subgroup and measure where a sentence parts a count: "Prisoners account for 23,307"."""
        tokens, a = self.tokens, draft.sentence.a
        parting = (k for k in range(a, draft.number.first) if tokens[k].roles & BIT["accounts"])
        told = next(parting, -1)
        if told < 0 or draft.measure not in ("", "recruited") or draft.place - last.place > 2:
            return False
        of = "people" if draft.head < 0 else tokens[draft.head].values.get("nouns", ("",))[0]
        parted = last.unit in ("people", "percent") and (
            draft.unit == "people" or (draft.unit, of) == ("percent", "people")
        )
        if last.measure not in PEOPLE_MEASURES - {"recruited"} or not parted:
            return False
        draft.measure, draft.why["measure"] = last.measure, (told, told + 1)
        group = next((k for k in range(draft.number.first - 1, a - 1, -1) if tokens[k].roles & CATEGORY), -1)
        if group >= 0 and not draft.category:
            draft.category, draft.why["category"] = tokens[group].values["categories"], (group, group + 1)
        return True

    def _increments_too(self, before: Draft, draft: Draft) -> bool:
        """Whether "another" before the first of several numbers holds for this one: "another five tanks, two guns"."""
        if before.kind != "change" or "kind" not in before.why or before.unit in ("percent", "ratio"):
            return False
        told = self.tokens[before.why["kind"][0]]
        moved = told.roles & (RISES | AMOUNT) or told.w.endswith((*_BESIDE, *_THAN))  # "3 more than in May, out of 60"
        return not moved and self._coordinated(before, draft)

    def _for_every(self, draft: Draft) -> bool:
        tokens = self.tokens
        for k in range(draft.number.first - 1, max(draft.sentence.a, draft.number.first - 8) - 1, -1):
            if tokens[k].kind in (NUM, PUNCT):
                break
            if tokens[k].roles & EVERY and tokens[k + 1].roles & (
                NOUN | NATION | EVENT
            ):  # "for every soldier killed three"
                draft.why["kind"] = (k, k + 1)
                draft.unit = "ratio"
                return True
        for k in range(draft.number.last, min(draft.number.last + 5, draft.sentence.b)):
            if tokens[k].roles & EVERY and k + 1 < draft.sentence.b:
                named = tokens[k + 1].roles & DETERMINER | tokens[k + 1].cap or tokens[k + 1].w[1:2] in ("'", "’")
                if tokens[k].roles & PREPOSITION and named:
                    return False  # "abattus par l'armée" names who did it
                draft.why["kind"] = (k, k + 1)
                if any(t.roles & (NOUN | NATION) for t in tokens[k + 1 : k + 3]):
                    draft.unit = "ratio"
                return True
            if tokens[k].kind == PUNCT:
                return False
        return False

    def _moving(self, draft: Draft) -> bool:
        """Whether a percentage tells a movement: "rose 9%", "up 649%", "a 10.6% decline"; not "rose to 67%"."""
        tokens, number, sentence = self.tokens, draft.number, draft.sentence
        for k in range(number.last, min(number.last + 3, sentence.b)):
            if tokens[k].kind != WORD or tokens[k].roles & (TO | FROM):
                break
            compared = k == number.last and tokens[k].roles & HEDGE and tokens[k].w.endswith((*_BESIDE, *_THAN))
            compared = compared or (k == number.last and bool(tokens[k].roles & BIT["hedges_alone"]))
            if tokens[k].roles & RISES or compared:
                draft.why["kind"] = (k, k + 1)
                return True
        lead = tokens[number.first - 1] if number.first > sentence.a else None
        if lead is not None and lead.roles & AMOUNT:
            around = tokens[max(sentence.a, number.first - 9) : number.first - 1]
            behind = tokens[number.last : min(number.last + 3, sentence.b)]
            if any(t.roles & RISES for t in around) or any(t.roles & (COMPARATIVE | HEDGE) for t in behind):
                draft.why["kind"] = (number.first - 1, number.last)
                return True
        for k in range(number.first - 1, max(sentence.a, number.first - 4) - 1, -1):
            if tokens[k].kind == PUNCT:
                return False
            if tokens[k].roles & (TO | FROM) and not tokens[k].roles & AMOUNT:
                return False
            if tokens[k].roles & RISES:
                draft.why["kind"] = (k, k + 1)
                return True
        return False

    def _beside_count(self, draft: Draft, before: Draft | None) -> bool:
        """Whether a number beside a larger count says how that moved: ", up 42", "an increase of 42", "42 more"."""
        if before is None or before.sentence is not draft.sentence or before.kind != "total":
            return False
        if before.unit in ("percent", "ratio") or draft.number.largest >= before.number.largest:
            return False
        return self._risen_by(draft, before.number.last) or self._compared(draft) or self._added(draft)

    def _risen_by(self, draft: Draft, left: int) -> bool:
        """Whether a rise stands before a number, behind a mark: ", up by 42", "– a rise of some 42", "(plus 42)"."""
        tokens, first = self.tokens, draft.number.first
        rise = first - 1
        while rise > left and tokens[rise].roles & _LEADING and not tokens[rise].roles & (RISES | TO):
            rise -= 1
        opening = rise - 1
        while opening > left and tokens[opening].kind == WORD and opening > rise - 4:
            opening -= 1
        if rise <= left or not tokens[rise].roles & RISES or tokens[opening].w not in _APART_BY:
            return False
        draft.why["kind"] = (rise, first)
        return True

    def _compared(self, draft: Draft) -> bool:
        """Whether what stands behind a number sets it against another time: "42 more than", "на 42 больше, чем"."""
        last = draft.head + 1 if draft.head == draft.number.last else draft.number.last
        behind = self.tokens[last : min(last + 4, draft.sentence.b)]
        if not behind or not behind[0].roles & (INCREMENT_AFTER | COMPARATIVE):
            return False
        than = next((token for token in behind[1:] if token.kind == WORD), behind[0]).roles & _AGAINST
        than = than or behind[0].w.endswith((*_BESIDE, *_THAN))
        found = bool(than) and len(behind) > 1 and behind[1].kind != NUM
        if found:
            draft.why["kind"] = (last, last + 1)
        return found

    def _added(self, draft: Draft) -> bool:
        """Whether a verb of rising follows a number: "42 have been added since"."""
        k, b = draft.number.last, draft.sentence.b
        while k < b and self.tokens[k].roles & AUXILIARY:
            k += 1
        if not draft.number.last < k < b or not self.tokens[k].roles & RISES:
            return False
        draft.why["kind"] = (k, k + 1)
        return True

    def _increment(self, draft: Draft) -> bool:
        tokens, number = self.tokens, draft.number
        a, b = draft.sentence.a, draft.sentence.b
        lead = tokens[number.first - 1] if number.first > a else None
        if lead is not None and lead.w in ("up", "down") and self._after_number(draft, FROM):
            draft.why["kind"] = (number.first - 1, number.first)
            return True
        for k in range(number.first - 1, max(a, number.first - 3) - 1, -1):
            if tokens[k].roles & INCREMENT:
                if k > a and tokens[k - 1].roles & PREPOSITION and not tokens[k - 1].roles & CLAIM:
                    return False
                if self._elsewhere(draft):
                    return False
                draft.why["kind"] = (k, k + 1)
                return True
            starting = tokens[k].roles & FROM and self._after_number(draft, TO)  # "passé de 12 à 17"
            if tokens[k].roles & AMOUNT and not starting and any(t.roles & RISES for t in tokens[max(a, k - 8) : k]):
                draft.why["kind"] = (k, k + 1)
                return True
            if not tokens[k].roles & (DETERMINER | OF):
                break
        stop = min(draft.head + 1 + (not self.lexicon.heads_last), b) if draft.head >= number.last else number.last + 1
        if draft.unit != "percent" and self._moves_behind(draft, min(stop, b)):
            return True
        return self._since_update(draft)

    def _since_update(self, draft: Draft) -> bool:
        """Whether a number, and none behind it, is counted since a report before: "95, three more than yesterday"."""
        tokens, a, b = self.tokens, draft.sentence.a, draft.sentence.b
        k = next((k for k in range(a, b) if tokens[k].roles & UPDATE), -1)
        if k < 0 or any(t.kind == NUM or t.roles & _PLAIN for t in tokens[draft.number.last : k]):
            return False
        draft.why["kind"] = (k, k + 1)
        return True

    def _moves_behind(self, draft: Draft, stop: int) -> bool:
        """Whether what stands behind a number says that it is a change: "24 fewer", "2,353 more"."""
        for k in range(draft.number.last, stop):
            token = self.tokens[k]
            if token.roles & INCREMENT_AFTER and not token.w.startswith("other") and not self._elsewhere(draft):
                draft.why["kind"] = (k, k + 1)
                return True
        return False

    def _elsewhere(self, draft: Draft) -> bool:
        """Whether "another 82 are missing" only goes on from figures of another measure."""
        last = self.last
        if self._told_of_others(draft):
            return True
        if last is None or draft.place - last.place > 1 or last.kind not in ("total", "share"):
            return False
        if draft.measure in ("other.affected", "other.standing"):
            return True
        beside = (
            draft.place == last.place and last.kind == "total" and last.unit == draft.unit and not last.number.signed
        )
        if beside and not self._dated(draft) and not draft.sentence.roles & UPDATE:
            return True
        if draft.place > last.place and last.period_end and not draft.sentence.roles & UPDATE:
            return True
        return draft.measure in _APART and last.measure != draft.measure

    def _of_another_place(self, draft: Draft) -> bool:
        """Whether "a further 200 at the ministry" only goes on from a count to one of another place."""
        last = self.last
        if last is None or draft.place - last.place > 2 or last.kind != "total" or last.unit != draft.unit:
            return False
        return self._placed(draft) and not (draft.sentence.roles & UPDATE or self._dated(draft))

    def _placed(self, draft: Draft) -> bool:
        """Whether the name of a place stands behind what is counted: "jobs at the Department"."""
        k = max(draft.head + 1, draft.number.last)
        where = self.tokens[k : min(k + 4, draft.sentence.b)]
        led = len(where) > 1 and where[0].roles & PREPOSITION and not where[0].roles & OF
        return bool(led) and any(t.cap and not t.roles & _WHEN for t in where[1:])

    def _told_of_others(self, draft: Draft) -> bool:
        """Whether the sentence tells before a number what befell somebody else: "a man died, two more were hurt"."""
        if draft.measure not in _APART or draft.number.signed:
            return self._of_another_place(draft)
        before = self.tokens[draft.sentence.a : draft.number.first]
        measures = {t.values["events"] for t in before if t.roles & EVENT}
        told = draft.measure == "missing" or measures & {"killed", "wounded"} - {draft.measure}
        return bool(told) or self._of_another_place(draft)

    def _dated(self, draft: Draft) -> bool:
        """Whether the sentence says when: "another 880 were killed on Friday"."""
        return bool(draft.sentence.roles & _WHEN)

    def _coordinated(self, before: Draft, draft: Draft) -> bool:
        between = self.tokens[before.number.last : draft.number.first]
        return not any(token.roles & (TOTAL | RISES | BREAKS | TO | NUMBER_WORD) or token.w == ";" for token in between)

    def _denied(self, draft: Draft, sentence: Sentence) -> None:
        tokens, first = self.tokens, draft.number.first
        for k in range(first - 1, max(sentence.a, first - 3) - 1, -1):
            token = tokens[k]
            if token.roles & DENIAL and not (k > sentence.a and tokens[k - 1].roles & AUXILIARY):
                draft.denied = True
                draft.why["denied"] = (k, k + 1)
                return
            if token.roles & FROM and any(t.roles & REVISED for t in tokens[max(sentence.a, k - 9) : k]):
                draft.denied = True
                draft.why["denied"] = (k, k + 1)
                return
            if not token.roles & (DETERMINER | PREPOSITION | FROM):
                return


def tokens_say(token: Token) -> bool:
    """Whether a word names who speaks, so that a verb behind it tells of no event: "the ministry added"."""
    return bool(token.roles & (BIT["sources"] | BIT["pronouns"])) and not token.roles & EVENT


def _possessive(word: str) -> bool:
    return word.endswith(("'s", "’s", "s'", "s’"))


def _goes_on(token: Token, aside: bool) -> bool:
    """Whether a verb goes on with a clause that was cut: "were"; behind an aside also "died"."""
    told = aside and token.roles & EVENT and not token.roles & NOUN and not token.w.endswith("ing")
    dated = aside and token.roles & BIT["during"] and not token.roles & OF
    return bool(token.roles & AUXILIARY or told or dated)


def _returns(tokens: list[Token], k: int, b: int, aside: bool) -> bool:
    """Whether a comma, or "and" behind one, leads back from an aside to its clause."""
    if tokens[k].w == ",":
        return k + 1 < b and _goes_on(tokens[k + 1], aside)
    return bool(tokens[k].roles & AND) and tokens[k - 1].w == "," and _counts_on(tokens, k + 1, b)


def _counts_on(tokens: list[Token], k: int, b: int) -> bool:
    """Whether ", and" goes on with the count before an aside: "80 cases, including 5 children, and 20 deaths"."""
    token = tokens[k] if k < b else None
    return token is not None and (token.kind == NUM or bool(token.roles & (HEDGE | BIT["numbers"])))


def segments(tokens: list[Token], sentence: Sentence) -> list[int]:
    """The clause of each token of a sentence, by number; "…, including 14 women, were killed" returns to its clause."""
    if not (sentence.parted or sentence.roles & BREAKS):
        return [0] * (sentence.b - sentence.a)
    made, clause, count, outer, aside = [], 0, 0, 0, False
    for k in range(sentence.a, sentence.b):
        token = tokens[k]
        if k > sentence.a and (token.roles & BREAKS or (token.kind == PUNCT and token.w in ";–—")):
            count += 1
            outer, clause, aside = clause, count, token.kind == WORD
        elif clause != outer and _returns(tokens, k, sentence.b, aside):
            clause = outer
        made.append(clause)
    return made
