"""How sure each field of a figure is: signs of how it was read, weighed by a calibration on annotated reports.

sureness.yml holds for each sign one weight a field, the last for the record as a whole, and two bounds: a figure is
sure where its whole score reaches the one; else its fields below the other, or the least sure, are named. It is made
by `python -m benchmarks.calibrate`, on reports whose figures were annotated by hand, and never by hand itself.
"""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from extractors.prose.figures import Draft
from extractors.prose.tokens import NUM, PUNCT, WORD, Token
from extractors.words import BIT
from extractors.words.loading import load_yaml

FIELDS = ("attributed_to", "dates", "kind", "measure", "unit")
"""The groups of fields that are judged; value and hedge are right where a figure is found at all."""
_NAMED = {"attributed_to": ("attributed_to",), "dates": ("period_start", "period_end", "as_of"), "kind": ("kind",)}
_SPEAKING = BIT["claims"] | BIT["according"] | BIT["according_self"] | BIT["released"] | BIT["reports"] | BIT["sources"]
_DAILY = BIT["past_day"] | BIT["night"] | BIT["loose"] | BIT["rates"]
_QUOTES = frozenset('"“”«»„')


class Told(NamedTuple):
    """What was found in a sentence, and where it stands."""

    claims: int
    named: int
    spans: int
    pronouns: int  # claims whose name is taken from elsewhere
    scope: str
    paragraph: int  # sentences of its paragraph before it
    start: int  # the first token of its paragraph


class TextContext(NamedTuple):
    """What is known of the place of a figure when its text has been read."""

    language: str
    tokens: list[Token]
    told: Told
    speaker_near: bool  # whether an earlier figure of the paragraph has a speaker
    framed: bool  # whether an earlier figure was counted over a closed span
    siblings: int  # figures of the same sentence
    speakers: int  # how many speakers the text's figures have
    daily: bool  # whether a day, a night or a week is what the text counts over
    published: bool


def unsure(draft: Draft, context: TextContext) -> tuple[str, ...]:
    """The names of a figure's fields that may well be read wrong, in the order of `FIELDS`; none where it is sure."""
    table = _weights()
    rows = [row for sign in signs_of(draft, context) if (row := table["weights"].get(sign))]
    if not rows:
        return ()
    *scores, whole = map(sum, zip(*rows, strict=True))
    if whole >= table["bounds"]["whole"]:
        return ()
    bound = max(min(scores), table["bounds"]["field"])
    doubtful = (_NAMED.get(field, (field,)) for field, score in zip(FIELDS, scores, strict=True) if score <= bound)
    return tuple(name for names in doubtful for name in names)


def signs_of(draft: Draft, context: TextContext) -> list[str]:
    """The signs of how a figure was read, each a short name."""
    sentence, number = draft.sentence, draft.number
    signs = [
        "always",
        f"language {context.language}",
        f"scope {context.told.scope}",
        f"measure {draft.measure.partition('.')[0]}",
    ]
    signs += [f"unit {draft.unit}", f"kind {draft.kind}", f"number {number.qualifier} {number.form}"]
    signs += _speaking(draft, context) + _dating(draft, context)
    if draft.event >= 0:
        signs.append("event beside" if abs(draft.event - number.first) <= 3 else "event apart")
    elif draft.measure:
        signs.append("event carried")
    signs.append("label" if draft.label else "noun" if draft.head >= 0 else "no noun")
    if not draft.measure:
        signs.append(f"no measure, {draft.group or draft.unit}")
    length = sentence.b - sentence.a
    signs.append("long" if length > 45 else "middling" if length > 22 else "short")
    signs.append(f"siblings {min(context.siblings, 4)}")
    signs.append(f"paragraph {min(context.told.paragraph, 5) // 2}")
    if draft.category:
        signs.append("category")
    return signs + _ways(draft, context)


def _ways(draft: Draft, context: TextContext) -> list[str]:
    """By which way each field was settled, how far away, and what else was there to choose."""
    tokens, sentence, number = context.tokens, draft.sentence, draft.number
    speaker = draft.rules.get("speaker", "none")
    dates = draft.rules.get("dates", "none")
    signs = [f"speaker by {speaker}", f"dates by {dates}"]
    signs.append(f"kind {draft.kind} by {draft.closed or draft.rules.get('kind')}")
    words = tokens[sentence.a : sentence.b]
    signs += _choices(draft, tokens)
    numbers = sum(t.kind == NUM for t in words)
    signs.append(f"numbers {min(numbers, 6) // 2}")
    around = tokens[number.last : min(number.last + 4, sentence.b)]
    unknown = sum(t.kind == WORD and not t.roles for t in around)
    signs.append(f"unknown behind {unknown}")
    unknown = sum(t.kind == WORD and not t.roles for t in words)
    signs.append(f"unknown share {5 * unknown // max(1, len(words))}")
    if speaker == "none":
        signs += _silent(draft, context)
    signs.append(f"{context.language}, {'speaker' if speaker != 'none' else 'none'}")
    signs.append(f"place {min(draft.place, 8) // 2}")
    if draft.measure in ("", "other.infected", "other.affected", "other.hit"):
        signs.append(f"weak measure, {draft.unit}")
    signs.append(f"unit {draft.unit}, kind {draft.kind}")
    signs.append(f"measure {draft.measure.partition('.')[0]}, kind {draft.kind}")
    return signs


def _choices(draft: Draft, tokens: list[Token]) -> list[str]:
    """What else a figure's sentence tells of that may have befallen those counted."""
    sentence, number, signs = draft.sentence, draft.number, []
    events = [k for k in range(sentence.a, sentence.b) if tokens[k].roles & BIT["events"]]
    told = {tokens[k].values["events"].partition(".")[0] for k in events}
    signs.append(f"events {min(len(told), 3)}")
    if draft.event >= 0 and events:
        nearest = min(events, key=lambda k: min(abs(k - number.first), abs(k - number.last + 1)))
        same = tokens[nearest].values["events"] == tokens[draft.event].values.get("events")
        signs.append(f"event nearest {same}")
    elif draft.event < 0:
        signs.append(f"no event of {min(len(told), 2)}")
    return signs


def _silent(draft: Draft, context: TextContext) -> list[str]:
    """What stands around a figure that names nobody, so that a speaker may have been missed."""
    tokens, sentence = context.tokens, draft.sentence
    capitals = sum(t.cap and not t.roles for t in tokens[sentence.a + 1 : sentence.b])
    behind = tokens[sentence.b : sentence.b + 12]
    dates = draft.rules.get("dates", "none").partition(" ")[0]
    signs = [f"no speaker, capitals {min(capitals, 4)}", f"no speaker, {context.told.scope}"]
    signs += [f"no speaker, place {min(draft.place, 6)}", f"no speaker, dates {dates}"]
    signs.append(f"no speaker, text speaks {min(context.speakers, 2)}, {draft.kind}")
    signs.append(f"no speaker, measure {draft.measure.partition('.')[0]}")
    if any(t.roles & (BIT["claims"] | BIT["anaphoric"]) for t in behind):
        signs.append("no speaker, claim behind")
    return signs


def _speaking(draft: Draft, context: TextContext) -> list[str]:
    tokens, roles = context.tokens[draft.sentence.a : draft.sentence.b], draft.sentence.roles
    told = context.told
    place = draft.why.get("attributed_to")
    inside = place is not None and draft.sentence.a <= place[0] < draft.sentence.b
    way = "own" if inside else "carried" if draft.names else "none"
    signs = [f"speaker {way}", f"speaker {way}, claims {min(told.claims, 3)}"]
    if inside and place is not None:
        signs.append("speaker before" if place[0] < draft.number.first else "speaker behind")
    if not draft.names:
        signs.append("no speaker, verb of saying" if roles & BIT["claims"] else "no speaker, no verb")
        signs.append(f"no speaker, near {context.speaker_near}")
        if roles & _SPEAKING & ~BIT["claims"]:
            signs.append("no speaker, source in sentence")
        if any(t.w in _QUOTES for t in tokens):
            signs.append("no speaker, quotes")
        if any(t.w in "–—-:" and t.kind == PUNCT for t in tokens):
            signs.append("no speaker, dash or colon")
        if any(t.roles & BIT["continues"] for t in tokens[:3]):
            signs.append("no speaker, goes on")
    earlier = context.tokens[max(context.told.start, draft.sentence.a - 120) : draft.sentence.a]
    sources = sum(bool(t.roles & _SPEAKING) for t in earlier)
    signs.append(f"speaker {way}, sources before {min(sources, 4) // 2}")
    signs.append(f"speaker {way}, text speaks {min(context.speakers, 3)}")
    words = max((len(name.split()) for name in draft.names), default=0)
    signs.append(f"name words {min(words, 8) // 2}")
    signs.append(f"names {min(len(draft.names), 3)}")
    if draft.names and not any(name[:1].isupper() or name[:2].lower() != name[:2] for name in draft.names):
        signs.append("small name")
    if told.pronouns:
        signs.append("pronoun speaks")
    if told.named > 1 and len(draft.names) == 1:
        signs.append("one of several speakers")
    return signs


def _dating(draft: Draft, context: TextContext) -> list[str]:
    told = context.told
    dated = "period" if draft.period_start and draft.period_end else "day" if draft.as_of else "none"
    dated = "since" if draft.period_start and not draft.period_end else dated
    own = "date" in draft.why or "as_of" in draft.why
    signs = [f"dates {dated}", f"dates {dated}, spans {min(told.spans, 3)}", f"kind {draft.kind}, dates {dated}"]
    signs.append(f"dates {dated} {'own' if own else 'carried'}")
    signs.append(f"kind {draft.kind}, closed {draft.closed}")
    signs.append(f"kind {draft.kind}, framed {context.framed}")
    signs.append(f"published {context.published}, spans {min(told.spans, 2)}")
    signs.append(f"kind {draft.kind}, daily {context.daily}")
    signs.append(f"kind {draft.kind}, daily {context.daily}, unit {draft.unit}")
    if draft.group == "cases":
        signs.append(f"cases {draft.kind}")
    words = context.tokens[draft.sentence.a : draft.sentence.b]
    roles = draft.sentence.roles
    if roles & BIT["totals"]:
        signs.append(f"sum said, kind {draft.kind}")
    if roles & (BIT["rises"] | BIT["rise_to"]):
        signs.append(f"moves, kind {draft.kind}")
    years = sum(t.kind == NUM and len(t.w) == 4 and t.w[:2] in ("19", "20") for t in words)
    if years and dated == "none":
        signs.append("year unread")
    if roles & (BIT["increments"] | BIT["increments_after"]):
        signs.append(f"further, kind {draft.kind}")
    return signs


def contexts(
    drafts: list[Draft], language: str, tokens: list[Token], told: dict[int, Told], published: bool
) -> list[TextContext]:
    """The context of each of a text's drafts."""
    found: list[TextContext] = []
    spoke: set[int] = set()
    framed = False
    beside = Counter(draft.place for draft in drafts)
    speakers = len({draft.names for draft in drafts if draft.names})
    daily = any(t.roles & _DAILY for t in tokens)
    for draft in drafts:
        para, place = draft.sentence.para, draft.place
        found.append(
            TextContext(language, tokens, told[place], para in spoke, framed, beside[place], speakers, daily, published)
        )
        if draft.names:
            spoke.add(para)
        framed = framed or bool(draft.closed)
    return found


@functools.cache
def _weights() -> dict[str, Any]:
    path = Path(__file__).with_name("sureness.yml")
    return load_yaml(path) if path.is_file() else {"bounds": {}, "weights": {}}
