"""Shape drift: what a release looks like around its figures, against the newest release that was accepted.

A heading renamed, columns swapped, another word beside the number: such a release states numbers that look sound and
count something else. It is held whole, and the shape it came with counts only once a person accepts something of it;
going back to the old shape ends the hold. What comes beside the figures, and does not touch them, is let be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from changes.checks.context import Check, Context, Drift, Finding, found
from changes.facts import KnownShape
from changes.kinds import Key
from model import CheckName, Result, Shape, Source, Trait

SHORT = 3
"""So many words beside a number are a label, to which none may be added in silence."""

EXCHANGED = 2
"""So many words of a heading that others replace are a name."""

TOLD = 5
"""So much of what moved is told one by one."""

_STEM = 5
_ENDING = 3
_TURNS = {
    ("count", "fraction"), ("count", "percent"), ("number", "percent"), ("fraction", "percent"),
    ("percent", "count"), ("percent", "number"), ("percent", "fraction"),
    ("count", "text"), ("number", "text"), ("fraction", "text"), ("percent", "text"),
}  # fmt: skip
"""What numbers do not turn into by themselves; a count may grow past a hundred, and an average be whole."""

_FORMS = {"count": "counts", "number": "numbers", "fraction": "fractions", "percent": "percentages", "text": "text"}


def look(known: KnownShape, shape: Shape) -> Drift:
    """Compare a release's shape with the newest accepted one; the first that a definition reads is taken as it is."""
    if known.accepted is None:
        return Drift(shape=shape or None, pending=known.pending)
    return _against(known.accepted, shape, known.pending)


def _against(accepted: Shape, shape: Shape, pending: Sequence[int]) -> Drift:
    held: list[tuple[str, str]] = []
    warned: list[tuple[str, str]] = []
    for rule, sentence, doubtful in moved(accepted, shape):
        (held if doubtful else warned).append((rule, sentence))
    merged = {rule: accepted.get(rule, {}) | _remembering(accepted.get(rule, {}), shape[rule]) for rule in shape}
    # A column that went was told with this release; what a page leaves out today it may state tomorrow.
    kept = merged if "" in shape else accepted | merged
    return Drift(held, warned, kept if kept != accepted else None, pending)


def _remembering(old: dict[str, Trait], new: dict[str, Trait]) -> dict[str, Trait]:
    """The newer traits, which know the words that stood there before."""
    traits = {}
    for name, trait in new.items():
        before = old.get(name)
        if before is None or before.words != trait.words:
            known = {*before.known, *before.words} if before and name == "label" else set()
            traits[name] = Trait(trait.shown, trait.words, tuple(sorted(known)))
    return traits


def moved(accepted: Shape, shape: Shape) -> Iterator[tuple[str, str, bool]]:
    """What is not where it was: the rule, a sentence, and whether it puts the numbers in doubt."""
    for rule, traits in shape.items():
        for name, trait in traits.items():
            old = accepted.get(rule, {}).get(name)
            if old is not None and old.words != trait.words and name in _JUDGES:
                yield from ((rule, sentence, held) for sentence, held in _JUDGES[name](old, trait))
    yield from _gone(accepted, shape)


def _gone(accepted: Shape, shape: Shape) -> Iterator[tuple[str, str, bool]]:
    """Followed columns that are not there, while others came: one may be the other under a new heading."""
    names = shape.get("", {}).get("names")
    before = accepted.get("", {}).get("names")
    if names is None or before is None:
        return
    if names.words != before.words and _unnamed(names) and _unnamed(before):
        yield "", f"its rows have {len(names.words)} values and no headings; they had {len(before.words)}", True
    fresh = [name for name in names.words if name not in before.words]
    if fresh:
        came = " and ".join(f"“{name}”" for name in fresh[:3])
        gone = {rule: accepted[rule].get("column") for rule in accepted.keys() - shape.keys()}
        sentence = "its column “{}” is gone, and {} came: was it renamed?"
        yield from ((rule, sentence.format(one.shown, came), True) for rule, one in gone.items() if one is not None)


def _unnamed(names: Trait) -> bool:
    """Whether a table has no headings, so that its columns are named by their places."""
    return all(name.startswith("[") for name in names.words)


def _apart(old: Trait, new: Trait) -> tuple[str, str]:
    """Two traits as a person is told of them: as they are printed, or by their words where only those differ."""
    return (old.shown, new.shown) if old.shown != new.shown else (" ".join(old.words), " ".join(new.words))


def _label(old: Trait, new: Trait) -> Iterator[tuple[str, bool]]:
    lost, fresh = _beyond(old.words, new.words), _beyond(new.words, (*old.words, *old.known))
    gained = _beyond(fresh, new.known)
    if lost or fresh:
        held = bool(gained) and (bool(lost) or len(old.words) <= SHORT)
        was, now = _apart(old, new)
        yield f"the words beside the number were “{was}” and are now “{now}”", held


def _name(what: str, sentence: str) -> Any:
    def judge(old: Trait, new: Trait) -> Iterator[tuple[str, bool]]:
        if _beyond(old.words, new.words) or _beyond(new.words, old.words):
            was, now = _apart(old, new)
            yield sentence.format(what=what, old=was, new=now), True

    return judge


def _heading(old: Trait, new: Trait) -> Iterator[tuple[str, bool]]:
    """A heading with other words, or with one or two of them exchanged: the name of another place, or another year.

    More that changes while some stays is a headline, which is written anew every day. What is added to a short one is
    told.
    """
    held = _exchanged(old, new)
    if held or _is_short_and_moved(old, new):
        was, now = _apart(old, new)
        yield f"it stood under “{was}” and stands now under “{now}”", held


def _caption(old: Trait, new: Trait) -> Iterator[tuple[str, bool]]:
    """The title of a table: a short one is a name, to which no word may be added in silence, and none taken away."""
    if _exchanged(old, new) or _is_short_and_moved(old, new, lost_alone=True):
        was, now = _apart(old, new)
        yield f"its table was titled “{was}” and is now titled “{now}”", True


def _exchanged(old: Trait, new: Trait) -> bool:
    """Whether all words of a heading are others, or one or two of them, and not by a year that went on."""
    lost, gained = _unlike(old.words, new.words), _unlike(new.words, old.words)
    if not lost or not gained or _years_alone(old, new, (*lost, *gained)):
        return False
    return len(lost) == len(old.words) or (len(lost) <= EXCHANGED and len(gained) <= EXCHANGED)


def _is_short_and_moved(old: Trait, new: Trait, *, lost_alone: bool = False) -> bool:
    lost, gained = _unlike(old.words, new.words), _unlike(new.words, old.words)
    moved = bool(gained) or (lost_alone and bool(lost))
    return moved and len(old.words) <= SHORT and not _years_alone(old, new, (*lost, *gained))


def _years_alone(old: Trait, new: Trait, changed: Sequence[str]) -> bool:
    """Whether nothing changed but years, which went on to the next."""
    return all(word.isdigit() for word in changed) and _next_year(old.words, new.words)


def _unlike(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """The words that none of others is like."""
    return [word for word in words if not any(_alike(word, other) for other in others)]


def _next_year(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the years among words went on to the next, or stayed."""
    years, later = ([int(word) for word in some if word.isdigit()] for some in (words, others))
    return [year + 1 for year in years] == later or years == later


def _alike(word: str, other: str) -> bool:
    """Whether two words are one but for their endings."""
    if word == other or any(map(str.isdigit, word + other)):
        return word == other
    letters = enumerate(zip(word, other, strict=False))
    shared = next((at for at, (a, b) in letters if a != b), min(len(word), len(other)))
    return shared >= _STEM - 1 and max(len(word), len(other)) - shared <= _ENDING


def _form(old: Trait, new: Trait) -> Iterator[tuple[str, bool]]:
    if (old.words[0], new.words[0]) in _TURNS:
        a, b = (_FORMS[trait.words[0]] for trait in (old, new))
        yield f"it was given in {a}, such as {old.shown}, and is now given in {b}, such as {new.shown}", True


def _count(old: Trait, new: Trait) -> Iterator[tuple[str, bool]]:
    if old.shown == "1":
        yield f"its rule fits {new.shown} places where it fitted one; the first is read", False


def _scale(old: Trait, new: Trait) -> Iterator[tuple[str, bool]]:
    was, now = (f"“{one.shown}”" if one.shown else "nothing" for one in (old, new))
    yield f"of its scale the words around it said {was} and say now {now}", True


_JUDGES = {
    "scale": _scale,
    "label": _label,
    "row": _name("row", "its {what} was called “{old}” and is now called “{new}”"),
    "column": _name("column", "its {what} was headed “{old}” and is now headed “{new}”"),
    "heading": _heading,
    "caption": _caption,
    "form": _form,
    "count": _count,
}


def _beyond(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """The words that are not among others, whatever their endings."""
    stems = {word[:_STEM] for word in others}
    return [word for word in words if word[:_STEM] not in stems]


def shape_drift(context: Context) -> Iterator[Finding]:
    """Hold all that a release with another shape brings; where no figure changed, say so and wait for one that does."""
    drift = context.drift
    result: Result = "hold" if context.changes or _waits(context) else "warn"
    gone = _columns_gone(context)
    yield from _tell(context.source, [one for one in drift.held if one not in gone], result, context.everything)
    for rule, sentence in gone:
        mine = frozenset(one.key for one in context.changes if context.figure_id(one.series_id) == rule)
        yield from _tell(context.source, [(rule, sentence)], "hold" if mine else "warn", mine)
    yield from _tell(context.source, drift.warned, "warn", ())


def _waits(context: Context) -> bool:
    """Whether an earlier release with another shape still waits for a person."""
    return any(held.open and held.update_id in context.drift.pending for held in context.accepted.held.values())


def _columns_gone(context: Context) -> list[tuple[str, str]]:
    """What is told of columns that are not there: it is of them alone, as the others stand under their own headings."""
    shape = context.reading.shape() if context.drift.held else {}
    return [(rule, sentence) for rule, sentence in context.drift.held if rule not in shape]


def _tell(
    source: Source, findings: Sequence[tuple[str, str]], result: Result, holds: Iterable[Key]
) -> Iterator[Finding]:
    for rule, sentence in findings[:TOLD]:
        series = f"{source.id}/{rule}" if rule else None
        told = f"{rule}: {sentence}" if rule and result == "warn" else sentence
        yield found(CheckName.SHAPE_DRIFT, result, told, at=(series, None), holds=holds)
    if len(findings) > TOLD:
        message = f"the same is so of {len(findings) - TOLD} more figures or headings"
        yield found(CheckName.SHAPE_DRIFT, result, message)


CHECKS = (
    Check(
        CheckName.SHAPE_DRIFT,
        shape_drift,
        order=150,
        holds="what says what a number is counts is another (below); everything in the release waits",
        warns="it lost a word, or its rule fits more places; or nothing that is followed changed with it",
        repeated=True,
    ),
)
