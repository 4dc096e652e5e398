"""Whose loss a figure tells: the nation or side that its clause, a list's head, or the report names."""

from __future__ import annotations

from extractors.prose.claims import Claim
from extractors.prose.figures import EVENT, NOUN, Draft
from extractors.prose.tokens import NUM, PUNCT, Sentence, Token
from extractors.words import BIT, subject

NATION, OF, PREPOSITION, DETERMINER, SOURCE = (
    BIT[role] for role in ("nations", "of", "prepositions", "determiners", "sources")
)
_NUMERIC = BIT["hedges"] | BIT["numbers"] | BIT["articles"] | DETERMINER
_LOSSES = frozenset(
    ("killed", "wounded", "hurt", "casualties", "lost", "missing", "captured", "deserted", "recruited", "destroyed")
)
_OWN = frozenset(("lost", "deserted", "recruited"))
"""Measures whose verb has those it befalls, or who recruit, as its subject: "Russia lost", not "Russia killed"."""
_FORCES = subject("forces")
_GOES_ON = 12
"""Sentences after which a side that nobody names again is no longer meant."""


class SideReader:
    """Finds the side of each figure; holds the side that the report has settled."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.side: str | None = None
        self.place = self.listed = -100

    def read(self, sentence: Sentence, place: int, drafts: list[Draft], claims: list[Claim]) -> None:
        """Give the drafts of a sentence their nation, or keep the side that heads a list."""
        own: list[tuple[int, str]] = []
        if sentence.roles & NATION:
            spoken = [(claim.a, claim.b) for claim in claims if claim.b > claim.a]
            named = [k for k in range(sentence.a, sentence.b) if self.tokens[k].roles & NATION]
            named = [k for k in named if not any(a <= k < b for a, b in spoken) and self._owns(k, sentence)]
            own = [(k, self.tokens[k].values["nations"]) for k in named]
        before: Draft | None = None
        for draft in drafts:
            if draft.kind == "ratio":
                draft.nation = self._both(draft, own)
            elif not draft.nation and draft.measure in _LOSSES:
                draft.nation = self._named(draft, own) or self._shared(draft, before) or self._settled(draft, own)
            if draft.nation and draft.measure in _LOSSES and draft.kind != "ratio":
                self._settle(draft.nation, place, draft.label)
            before = draft
        if own and (not drafts or self.tokens[sentence.b - 1].w == ":"):
            self._settle(own[-1][1], place, True)

    def _settle(self, side: str, place: int, heads_list: bool) -> None:
        self.side, self.place = side, place
        if heads_list:
            self.listed = place

    def _owns(self, k: int, sentence: Sentence) -> bool:
        """Whether it is a nation's people or losses that are told: "Russian deaths", "losses of Russia"."""
        tokens = self.tokens
        lead = k - 1
        while lead >= sentence.a and tokens[lead].roles & DETERMINER and not tokens[lead].roles & (OF | PREPOSITION):
            lead -= 1
        before = tokens[lead] if lead >= sentence.a else None
        if self._modifies(k, sentence):
            return True
        if before is not None and before.roles & (EVENT | NOUN) and self._telling(before):
            return True
        if before is not None and before.roles & OF:
            return lead > sentence.a and self._telling(tokens[lead - 1])
        if before is not None and before.roles & PREPOSITION:
            return False
        return self._subject(k, sentence)

    def _modifies(self, k: int, sentence: Sentence) -> bool:
        for j in range(k + 1, min(k + 4, sentence.b)):
            token = self.tokens[j]
            if token.kind in (PUNCT, NUM) or token.roles & PREPOSITION:
                return False
            befalls = token.roles & EVENT and token.values["events"] not in ("lost", "casualties")
            if befalls and (not token.roles & NOUN or j > k + 1 or self._counts(j + 1, sentence)):
                return False  # "Israel killed 40", "Russian forces killed 40"
            if token.roles & (NOUN | EVENT):
                return self._telling(token)
        return False

    def _counts(self, k: int, sentence: Sentence) -> bool:
        """Whether a number begins here, so that the word before is a verb."""
        return k < sentence.b and (self.tokens[k].kind == NUM or bool(self.tokens[k].roles & _NUMERIC))

    def _telling(self, token: Token) -> bool:
        """Whether a word names people or their losses, rather than what was done to them."""
        if token.roles & NOUN:
            return bool(token.values["nouns"][0] == "people")
        lost = bool(token.roles & EVENT) and token.values["events"] in ("lost", "casualties")
        return lost and not token.roles & SOURCE

    def _subject(self, k: int, sentence: Sentence) -> bool:
        """Whether a verb of one's own loss follows: "Russia has lost", "Russian forces suffered losses"."""
        for token in self.tokens[k + 1 : min(k + 12, sentence.b)]:
            if token.w in ",;:()–—" or token.roles & NATION:
                return False
            if token.roles & EVENT:
                measure = token.values["events"]
                return measure in _OWN or (measure == "casualties" and bool(token.roles & NOUN))
        return False

    def _named(self, draft: Draft, own: list[tuple[int, str]]) -> str | None:
        if draft.unit == "items" and draft.measure not in ("lost", "destroyed", "casualties"):
            return None
        earlier = [(k, nation) for k, nation in own if k < draft.number.first]
        later = [(k, nation) for k, nation in own if k >= draft.number.last]
        if not earlier and not (later and draft.group in _FORCES | {None}):
            return None
        k, nation = earlier[-1] if earlier else later[0]
        draft.why["whom"] = (k, k + 1)
        return nation

    def _both(self, draft: Draft, own: list[tuple[int, str]]) -> str | None:
        """The sides that a ratio compares, the one that the report has told of first."""
        named = [nation for _, nation in own] + [draft.nation]
        sides = [self._settled(draft, []), *named] if draft.measure in _LOSSES else named
        return " and ".join(dict.fromkeys(side for side in sides if side)) or None

    def _shared(self, draft: Draft, before: Draft | None) -> str | None:
        """The side of the number before in the same sentence: "35,000 Palestinians were killed and 79,000 injured"."""
        if before is None or not before.nation:
            return None
        alike = draft.group in _FORCES or not draft.group or draft.unit == before.unit == "items" or draft.label
        alike = alike or draft.measure == before.measure == "lost"
        return before.nation if alike else None

    def _settled(self, draft: Draft, own: list[tuple[int, str]]) -> str | None:
        """The side that the report has told of before."""
        if self.side is None or own or draft.place - max(self.place, self.listed) > _GOES_ON:
            return None
        if draft.label and draft.place - self.place <= 2:
            return self.side
        military = draft.group in _FORCES - {"people"} or draft.measure == "lost" or draft.category in _FORCES
        near = draft.place - self.place <= 3 and (not draft.group or draft.group == "people" or draft.kind == "ratio")
        return self.side if military or near else None
