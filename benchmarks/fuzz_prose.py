"""Fuzzing the prose extractor: any text is read, every figure stands where it says, and no text takes long.

    python -m benchmarks.fuzz_prose --minutes 60

Texts are spliced from words, numbers, marks and characters of every language it reads, at random. Prints how many cases
were read; exits with 1 at the first that raises, misplaces a number or takes more than `SLOWEST` seconds.
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from extractors.prose import read_figures
from extractors.words import languages

SLOWEST = 1.0


def _words(*lines: str) -> list[str]:
    return [word for line in lines for word in line.split(" ")]


WORDS = _words(
    "killed wounded missing people soldiers said on Friday as of by more than at least about up to nearly million",
    "thousand dead from to and of the in July 2025 12 August according ministry times percent half dozen third not",
    "загинули поранено близько понад тис млн осіб за добу станом на липня погибли около более военнослужащих сообщил",
    "Tote Verletzte mindestens etwa Menschen nach Angaben tués blessés au moins environ personnes selon muertos",
    "heridos unos zabitych rannych około osób mrtvých zraněných کشته زخمی نفر هزار میلیون قتيل جريح ألف",
)
NUMBERS = _words(
    "0 1 7 12 63 100 1,200 1.200 200 1\u00a0200 1\u202f200 12,5 3.14 1,23,456 2025 24 02 2022-02-24 12.08.2025",
    "(+3) (+0) 7:1 1–2 10-12 ½ 5% 50 ٣٤٥ ۱۲۳ T-72 COVID-19 $5 €3 km 18:30 №3 № +380441234567 121,507",
)
MARKS = [
    *" \n\t.,;:!?()[]«»“”\"'—–-−‒+%~≈<>/\\|*_#@&=",
    *"\u00a0\u202f\u2009\u200b\u202e\ufeff\x00\x1b",
    *("\n\n", " - ", "<b>", "</b>"),
]


def text(chance: random.Random, most: int) -> str:
    """One spliced text."""
    parts = []
    for _ in range(chance.randrange(1, most)):
        kind = chance.random()
        if kind < 0.45:
            parts.append(chance.choice(WORDS))
        elif kind < 0.75:
            parts.append(chance.choice(NUMBERS))
        elif kind < 0.95:
            parts.append(chance.choice(MARKS))
        else:
            parts.append(chr(chance.choice((chance.randrange(32, 0x250), chance.randrange(0x300, 0xFFFF), 0x1F4A5))))
        parts.append(chance.choice((" ", " ", " ", "")))
    return "".join(parts).encode("utf-8", "replace").decode()


def check(case: str, language: str | None) -> str | None:
    """What is wrong with how a text is read; None where nothing is."""
    start = time.perf_counter()
    figures = read_figures(case, language=language, published=None)
    took = time.perf_counter() - start
    if took > SLOWEST:
        return f"took {took:.1f} s"
    for figure in figures:
        if case[figure.start : figure.end] != figure.number_text or not figure.number_text:
            return f"{figure.number_text!r} does not stand at {figure.start}"
        if figure.value is None and figure.low is None and figure.high is None:
            return f"{figure.number_text!r} has no value"
    return None


def main() -> None:
    """Fuzz for a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=40, help="at most so many pieces a text")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    codes = [None, *sorted(languages())]
    cases, end = 0, time.monotonic() + 60 * options.minutes
    while time.monotonic() < end:
        case, language = text(chance, options.most), chance.choice(codes)
        try:
            wrong = check(case, language)
        except Exception as error:
            wrong = f"raised {type(error).__name__}: {error}"
        if wrong:
            sys.exit(f"after {cases} cases: {wrong}\nlanguage {language}, text {case!r}")
        cases += 1
    print(f"{cases:,} cases in {options.minutes:g} minutes: each read, every number in its place")


if __name__ == "__main__":
    main()
