"""Golden files: today's reading of every text that the tests hold, frozen line by line, so that none moves unseen.

    python -m tests.golden [NAME]...           what is read otherwise than frozen
    python -m tests.golden [NAME]... --write   freeze what is read now; refused where VERSION should have risen

A file begins with a seal: which version of the reader gave it, and a digest of it all. A frozen reading is not a right
one: what a person finds wrong is marked by `wrong: why` behind the line, and keeps that mark while it is read so.
`tests/frozen` holds those of the extractors: samples of shipped sources, and pages of `synthetic.yml`; that of prose
alone is `tests/prose/golden.txt`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

import extractors
from extractors.registry import module_of
from extractors.wordlists import lists_digest
from flows.reading.opening import read_release
from model import EXTRACTORS, Fetched, Figure, Instant, Source, UnreadableError
from sources import SHIPPED, load_definition
from tests.extractors.made import source as made

TESTS = Path(__file__).parent
FOLDER = TESTS / "frozen"
WRONG = "  wrong: "
AT = Instant("2026-11-29T00:00:00Z")


class Golden(NamedTuple):
    """One golden file: who reads it (name, version and word lists), and what gives its lines today."""

    path: Path
    reader: str
    readings: Callable[[], list[str]]


def goldens() -> list[Golden]:
    """Every golden file."""
    from tests.prose.golden import PROSE

    return [*map(of_extractor, EXTRACTORS), PROSE]


def differences(golden: Golden) -> list[str]:
    """The lines by which today's readings differ from the frozen ones, with the heading of their text."""
    before, after = parted(_frozen(golden)[1:]), parted(golden.readings())
    told: list[str] = []
    for heading in dict.fromkeys([*before, *after]):
        old = [line.partition(WRONG)[0] for line in before.get(heading, [])]
        new = after.get(heading)
        moved = [f"- {line}" for line in old if line not in (new or ())]
        moved += [f"+ {line}" for line in new or () if line not in old]
        if moved or heading not in before or new is None or old != new:
            told += [heading, *moved]
    return told


def forgotten(golden: Golden, moved: list[str]) -> list[str]:
    """The texts frozen before that are read otherwise by a reader who says that it is the same."""
    if golden.reader not in _seal(golden):
        return []
    before, after = parted(_frozen(golden)[1:]), parted(golden.readings())
    return [line for line in moved if line in before and line in after]


def sealed(golden: Golden) -> bool:
    """Whether a golden file is as the command wrote it, by today's reader; only marks are written by hand."""
    lines = [line.partition(WRONG)[0] for line in _frozen(golden)]
    return bool(lines) and lines[0] == f"{golden.reader} {_digest(lines[1:])}"


def write(golden: Golden) -> str:
    """Freeze what is read now; returns why not, where the reader's version should have risen first."""
    if same := forgotten(golden, differences(golden)):
        return f"{golden.path.name}: {len(same)} texts are read otherwise: raise VERSION of {golden.reader.split()[0]}"
    marks = {
        (heading, line.partition(WRONG)[0]): line
        for heading, lines in parted(_frozen(golden)[1:]).items()
        for line in lines
    }
    lines = golden.readings()
    seal, heading, kept = f"{golden.reader} {_digest(lines)}", "", []
    for line in lines:
        heading = line if line.startswith("== ") else heading
        kept.append(marks.get((heading, line), line))
    golden.path.write_text("\n".join([seal, *kept]) + "\n", encoding="utf-8")
    return ""


def parted(lines: list[str]) -> dict[str, list[str]]:
    """The lines of each text by its heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in lines:
        if line.startswith("== "):
            heading = line
            found[heading] = []
        else:
            found[heading].append(line)
    return found


def shown(figure: Figure) -> str:
    """A figure in one line."""
    value = figure.value if figure.value is not None else f"{figure.low}..{figure.high}"
    kept = f"{value} {figure.qualifier} {figure.unit} {figure.measure} {figure.kind}{' denied' * figure.denied}"
    dates = f"{figure.period_start or ''}..{figure.period_end or ''} {figure.as_of or ''}".strip()
    names = "; ".join(figure.attributed_to)
    return f"{figure.start} {kept} | {figure.whom or ''} | {figure.category or ''} | {names} | {dates}"


def of_extractor(name: str) -> Golden:
    """The golden file of what an extractor reads in samples and synthetic pages."""
    version = module_of(EXTRACTORS[name]).VERSION
    lists = lists_digest(prose=EXTRACTORS[name].follows == "series")
    return Golden(FOLDER / f"{name}.txt", f"{name} {version} {lists}", lambda: list(_lines(name)))


def _lines(name: str) -> Iterator[str]:
    for heading, source, fetched in releases():
        if source.extractor == name:
            yield f"== {heading}"
            yield from read_lines(source, fetched)


def releases() -> Iterator[tuple[str, Source, Fetched]]:
    """Every sample page and every synthetic one: its name, and what it is read by."""
    for folder in sorted((TESTS / "samples").iterdir()):
        if (folder / "expected.json").is_file():
            yield from _samples(folder)
    every = yaml.load((FOLDER / "synthetic.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for page in every:
        name, text, kind = page.pop("name"), page.pop("text"), page.pop("media_type")
        source = made(page.pop("extractor"), page.pop("figures", []), **page)
        yield name, source, Fetched(url=source.url or "", at=AT, status=200, content=text.encode(), media_type=kind)


def _samples(folder: Path) -> Iterator[tuple[str, Source, Fetched]]:
    source, seen = load_definition(SHIPPED / f"{folder.name}.yml"), set[str]()
    if source.fetch == "browser":  # what its pages say is drawn first
        return
    for release in json.loads((folder / "expected.json").read_text(encoding="utf-8"))["releases"]:
        for address, name in release["pages"].items():
            content, at = (folder / name).read_bytes(), Instant(release["at"])
            if name in seen or extractors.is_feed(content):  # a feed leads to releases and is none
                continue
            seen.add(name)
            fetched = Fetched(url=address, at=at, status=200, content=content, charset="utf-8")
            yield f"{folder.name} {name}", source, fetched


def read_lines(source: Source, fetched: Fetched) -> Iterator[str]:
    """What one release states: its cells, its own increments, what nobody follows, and what was found about it."""
    try:
        reading = read_release(source, fetched, article=source.listing is not None).reading
    except UnreadableError as error:
        yield f"unreadable {error.reason}: {error.message}"
        return
    for ref, as_of, content, handle in reading.cells:
        key = f"{ref.replace(chr(31), '/')}@{as_of or ''} {content or 'blank'}"
        yield f"cell {key} {_placed(reading.figure(handle)) if content not in ('', '?') else ''}".rstrip()
    for one in reading.stated:
        yield f"stated {one.series.replace(chr(31), '/')}@{one.as_of or ''} {_placed(one.figure)}"
    for kind, figures in (("unmatched", reading.unmatched), ("ambiguous", reading.ambiguous)):
        yield from (f"{kind} {_placed(figure)}" for figure in figures)
    yield from (f"check {one.name} {one.result} {one.series or ''}: {one.message}" for one in reading.checks)


def _placed(figure: Figure) -> str:
    return " ".join(f"{shown(figure)} | {figure.number_text}".split())


def _frozen(golden: Golden) -> list[str]:
    return golden.path.read_text(encoding="utf-8").splitlines() if golden.path.exists() else []


def _seal(golden: Golden) -> str:
    return next(iter(_frozen(golden)), "")


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _main() -> int:
    refused, names = 0, set(sys.argv[1:]) - {"--write"}
    for golden in goldens():
        if names and golden.reader.split()[0].partition("-")[0] not in names:
            continue
        told = write(golden) if "--write" in sys.argv else "\n".join(differences(golden))
        refused += bool(told)
        print(told or f"{golden.path.name}: every text is read as frozen.")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(_main())
