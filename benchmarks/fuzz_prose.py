"""Fuzzing the prose extractor: any text or page is read, every figure stands where it says, and none takes long.

    python -m benchmarks.fuzz_prose --minutes 60 --count cases.json

Texts are spliced from words, numbers, marks and characters of every language it reads, at random; `--pages` of a
hundred are HTML. Says every ten seconds how many cases were read. `--count` names a file that keeps the count and the
place in the random series, so that a later run goes on from there. Exits with 1 at the first case that raises,
misplaces a number or takes more than `SLOWEST` seconds. `benchmarks.fuzz_atheris` searches by coverage instead.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from extractors import Document, derive
from extractors.prose import read_figures
from extractors.words import languages
from model import TextRule, UnreadableError

SLOWEST = 1.0
TELL_EVERY = 10.0
_NAMES = "p div ul li table tr td b sup h1 article main aside nav script pre a"
TAGS = [f"<{mark}{name}>" for name in _NAMES.split() for mark in ("", "/")]
TAGS += ["<div class='related'>", "<a href=x>", "<br>", "<!--", "-->", "&nbsp;", "&#8201;", "&amp;"]


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


def page(chance: random.Random, most: int) -> str:
    """One spliced page: texts among tags, few of which are closed."""
    parts = [chance.choice(TAGS) + text(chance, 8) for _ in range(chance.randrange(1, most))]
    return "<html><body>" + "".join(parts)


def check(case: str, language: str | None) -> str | None:
    """What is wrong with how a text is read; None where nothing is."""
    start = time.process_time()
    figures = read_figures(case, language=language, published=None)
    took = time.process_time() - start
    if took > SLOWEST:
        return f"took {took:.1f} s"
    for figure in figures:
        if case[figure.start : figure.end] != figure.number_text or not figure.number_text:
            return f"{figure.number_text!r} does not stand at {figure.start}"
        if figure.value is None and figure.low is None and figure.high is None:
            return f"{figure.number_text!r} has no value"
    return None


def check_page(markup: str, language: str | None) -> str | None:
    """What is wrong with how a page is read; None where nothing is, and where it is refused as no page."""
    start = time.process_time()
    try:
        document: Document = derive(markup.encode(), media_type="text/html", text=TextRule())
    except UnreadableError:
        return None
    took = time.process_time() - start
    return f"took {took:.1f} s to lay out" if took > SLOWEST else check(document.text, language)


class Count:
    """Cases read so far, kept in a file where one is named."""

    def __init__(self, path: Path | None, seed: int) -> None:
        self._path = path
        kept: dict[str, Any] = json.loads(path.read_text()) if path and path.exists() else {}
        self.cases: int = kept.get("cases", 0)
        self.runs: int = kept.get("runs", 0) + 1
        self.chance = random.Random(f"{seed}/{self.runs}")

    def save(self) -> None:
        """Write the count down, whole or not at all."""
        if self._path:
            new = self._path.with_suffix(".new")
            new.write_text(json.dumps({"cases": self.cases, "runs": self.runs}))
            new.replace(self._path)


def main() -> None:
    """Fuzz for a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=40, help="at most so many pieces a text")
    parser.add_argument("--pages", type=int, default=5, help="so many of a hundred cases are HTML")
    parser.add_argument("--count", type=Path, help="a file that keeps the count from run to run")
    options = parser.parse_args()
    count = Count(options.count, options.seed)
    check_page("<p>1", None)  # what a first page imports is no time of reading
    started = told = time.monotonic()
    before = count.cases
    while (now := time.monotonic()) < started + 60 * options.minutes:
        _one(count, options)
        if now - told > TELL_EVERY:
            told = now
            count.save()
            rate = (count.cases - before) / (now - started)
            print(f"{count.cases:,} cases, {rate:,.0f} a second", file=sys.stderr, flush=True)
    count.save()
    print(f"{count.cases:,} cases in {count.runs} runs: each read, every number in its place")


def _one(count: Count, options: argparse.Namespace) -> None:
    chance = count.chance
    language = chance.choice([None, *sorted(languages())])
    make, judge = (page, check_page) if chance.random() * 100 < options.pages else (text, check)
    case = make(chance, options.most)
    try:
        wrong = judge(case, language)
    except Exception as error:
        wrong = f"raised {type(error).__name__}: {error}"
    if wrong:
        count.save()
        sys.exit(f"after {count.cases} cases: {wrong}\nlanguage {language}, text {case!r}")
    count.cases += 1


if __name__ == "__main__":
    main()
