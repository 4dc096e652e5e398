"""A text as a tree of scopes, and what each scope states for all that lies in it.

The document holds sections (under a heading or a line that names its source), these hold lists (under a line that ends
with a colon) and paragraphs, lists hold rows. A fact that a head states is looked up from a figure outward; `_CROSSES`
says through which boundary each kind of fact reaches. docs/prose.md has the same table with an example a line.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

from extractors.prose.tokens import NUM, PUNCT, WORD, Sentence, Token

_CROSSES: dict[str, frozenset[str]] = {
    "speaker": frozenset(("list", "section", "document")),
    "span": frozenset(("list", "section")),
    "as_of": frozenset(("list", "section")),
    "measure": frozenset(("list", "section", "document")),
}
"""For each kind of fact the scopes whose heads state it for what lies in them."""
_LONGEST = 26
"""Tokens of the longest heading and list row."""
_BULLETS = frozenset("•●◾▪■–—-*🔹🔸▶✔️◼➡‣∙·")


class Fact(NamedTuple):
    """What a head states: the value, and the tokens a..b (exclusive) that say so."""

    value: Any
    a: int
    b: int


class Scope:
    """A part of a text; `facts` are what its head states, `outer` is the scope that it lies in."""

    __slots__ = ("facts", "kind", "outer")

    def __init__(self, kind: str, outer: Scope | None) -> None:
        self.kind, self.outer = kind, outer
        self.facts: dict[str, Fact] = {}


class Scopes:
    """The scopes of a text: which one each sentence lies in, and which one a head opens."""

    def __init__(self, tokens: list[Token], sentences: list[Sentence]) -> None:
        self.tokens = tokens
        self.inner: list[Scope] = []
        self.opened: dict[int, Scope] = {}
        self._build([list(group) for _, group in itertools.groupby(sentences, key=lambda s: s.para)])

    def state(self, place: int, field: str, value: Any, a: int, b: int) -> None:
        """Let the head at a place state something for the scope that it opens; any other sentence, for the document."""
        scope = self.opened.get(place, self.document)
        if field == "speaker" and scope.outer is not None and scope.kind == "list":
            scope = scope.outer
        scope.facts[field] = Fact(value, a, b)

    def fact(self, place: int, field: str) -> tuple[Scope, Fact] | None:
        """The nearest scope around a sentence that states a field, and the fact."""
        scope: Scope | None = self.inner[place]
        while scope is not None:
            if field in scope.facts and scope.kind in _CROSSES[field]:
                return scope, scope.facts[field]
            scope = scope.outer
        return None

    def end(self, place: int, field: str) -> None:
        """Let a fact hold no longer behind a sentence that says otherwise."""
        while (held := self.fact(place, field)) is not None:
            del held[0].facts[field]

    def row(self, place: int) -> bool:
        """Whether the sentence is a row of a list."""
        return self.inner[place].kind == "row"

    def _build(self, paragraphs: list[list[Sentence]]) -> None:
        document = section = self.document = Scope("document", None)
        listing: Scope | None = None
        started = False
        for index, sentences in enumerate(paragraphs):
            kind = self._kind(sentences, index + 1 < len(paragraphs))
            if kind == "row":
                started = listing is not None
            elif listing is not None and started:
                listing = None  # the rows are over
            inner = Scope(kind, listing or section)
            if kind == "heading":
                inner.outer, listing = document, None
            self.inner += [inner] * len(sentences)
            if kind == "heading":
                section = self.opened[len(self.inner) - 1] = Scope("section", document)
            elif kind == "head":
                section = Scope("section", section)  # who is named here speaks behind the list too
                listing, started = Scope("list", section), False
                self.opened[len(self.inner) - 1] = listing

    def _kind(self, sentences: list[Sentence], followed: bool) -> str:
        first, last = sentences[0], sentences[-1]
        if self.tokens[last.b - 1].w == ":" and followed:
            return "head"
        if len(sentences) > 1 or last.b - first.a > _LONGEST:
            return "paragraph"
        if self._is_row(first):
            return "row"
        end = self.tokens[first.b - 1]
        ended = end.kind == PUNCT and end.w not in ")»”\"'"
        worded = any(t.kind == WORD for t in self.tokens[first.a : first.a + 3])
        return "heading" if followed and not ended and worded else "paragraph"

    def _is_row(self, sentence: Sentence) -> bool:
        """Whether a line is a row: a bullet, a number at its head, or a label, a dash or colon and a number."""
        tokens = self.tokens[sentence.a : sentence.b]
        if not any(t.kind == NUM for t in tokens):
            return False
        if tokens[0].w in _BULLETS or tokens[0].kind == NUM:
            return True
        mark = next((k for k, t in enumerate(tokens) if t.kind == PUNCT and t.w in "-–—‒:="), 0)
        return bool(mark) and any(t.kind == NUM for t in tokens[mark : mark + 6])
