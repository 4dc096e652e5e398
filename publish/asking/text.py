"""An answer, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from model import Figure
from publish.asking.answer import AnsweredFigure, NamedSeries, WordedAnswer
from publish.noting.markers import marker_words
from publish.numbers import ARROW, clock, count_of, day, known_day, told
from publish.safe import safe

if TYPE_CHECKING:
    from rich.console import Console


def render_answer(answer: WordedAnswer, console: Console) -> None:
    """Print an answer: the sentence, what stands beside it, or what may be meant."""
    from rich.text import Text

    console.print(Text(safe(answer.sentence, "terminal"), "bold"))
    for line in _lines(answer):
        console.print(Text(safe(line, "terminal"), "bright_black"))


def _lines(answer: WordedAnswer) -> Iterator[str]:
    if answer.figure is not None:
        yield from _of_figure(answer.figure)
    for name, words in (
        ("no series has", answer.unknown),
        ("set aside", answer.set_aside),
        ("unclear", answer.unclear),
    ):
        if words:
            yield f"  {name}: {', '.join(words)}"
    if answer.understood:
        yield f"  understood: {', '.join(f'{word} = {meant}' for word, meant in answer.understood.items())}"
    for one in answer.choices:
        yield f"  {_choice(one)}"
    for one in answer.near:
        yield f"  near, and no answer: {_choice(one)}"


def _choice(one: NamedSeries) -> str:
    return f"{one.series}: {one.name}, {' × '.join(one.claimants)}, {one.basis} ({one.title})"


def _of_figure(one: AnsweredFigure) -> Iterator[str]:
    proof = one.proof
    known = f"known {known_day(one.known_at)}, {clock(one.known_at)} UTC"
    yield f"  {' × '.join(one.claimants)}, {one.basis}; as of {day(one.as_of)}, {known}; {proof.update}"
    if proof.quote:
        yield f"  the source: “{proof.quote}”"
    if one.now is not None:
        yield f"  {told_of(one)} {ARROW} {told(one.now.told)} now ({one.now.update})"
    if one.revisions:
        yield f"  {count_of(one.revisions, 'other value')} stated for this day"
    if one.newer is not None:
        yield f"  newer: {told(one.newer.told)}, as of {day(one.newer.as_of)} ({one.newer.update})"
    for other in one.disputed:
        yield f"  {other.who} says {told(other.value.told)} for the same day ({other.value.update})"
    for held in one.held:
        yield f"  a value of {day(held.as_of)} waits for a person and does not count ({held.update})"
    yield from (f"  {marker_words(note)}" for note in one.markers)
    yield f"  proof: {proof.address}; SHA-256 of the release {proof.snapshot_sha256 or 'none'}"


def told_of(one: AnsweredFigure) -> str:
    """The figure's number with its hedge."""
    figure = Figure(value=one.value, low=one.low, high=one.high, qualifier=one.qualifier, unit=one.unit)
    return told(figure)
