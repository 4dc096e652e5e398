"""What large files ask of their readers: `python -m benchmarks.files` makes an XLSX of 20 MB and two PDFs of 300 pages.

Prints for each the processor seconds and the peak of memory of the child that reads it, and the seconds in which its
figures are made of that. Every file is read in a process of its own, so that one peak says nothing of another.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import random
import resource
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import extractors
from model import Source
from tests.extractors.made import source
from tests.extractors.pdfs import Figures, Layout, made
from tests.extractors.workbooks import xlsx

ROWS_OF_SHEET, COLUMNS, PLACES = 240_000, 13, 400
ROWS_OF_PAGES = {"grid": 11_100, "none": 11_100}
"""So many rows fill 300 pages, with drawn lines and without."""


def main() -> None:
    """Read each file once, and print a line."""
    print(f"{'file':<34}{'MB':>7}{'child, s':>11}{'child, MiB':>12}{'figures, s':>12}{'figures':>10}")
    _told("XLSX", _sheet)
    for rules in ROWS_OF_PAGES:
        _told(f"PDF, lines: {rules}", partial(_pages, rules))


def _told(name: str, make: Callable[[], tuple[bytes, Source]]) -> None:
    """Print what one file takes, read in a process of its own."""
    content, definition = make()
    context = multiprocessing.get_context("fork")
    asked, answered = context.Pipe()
    process = context.Process(target=lambda: answered.send(_taken(content, definition)))
    process.start()
    answered.close()  # so that a reader that fails ends the wait
    seconds, memory, rest, count = asked.recv()
    process.join()
    print(f"{name:<34}{len(content) / 1e6:>7.1f}{seconds:>11.1f}{memory:>12.0f}{rest:>12.1f}{count:>10,}", flush=True)


def _taken(content: bytes, definition: Source) -> tuple[float, float, float, int]:
    """Processor seconds and MiB of the child, processor seconds of the rest, and how many figures were read."""
    start = time.process_time()
    document = extractors.derive(content, media_type=definition.reads_with.form or "")
    reading = extractors.read(definition, document)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    rest = time.process_time() - start
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, rest, len(reading.cells)


def _sheet() -> tuple[bytes, Source]:
    chance = random.Random(1)
    names = ["Day", "Place", *(f"c{number}" for number in range(2, COLUMNS))]
    days = [dt.date(2020, 1, 1) + dt.timedelta(at) for at in range(ROWS_OF_SHEET // PLACES)]
    rows = [[day, f"Place {at}", *(chance.randrange(10**6) for _ in names[2:])] for day in days for at in range(PLACES)]
    figures = [{"id": name, "column": name} for name in ("c2", "c3")]
    return xlsx({"Data": [names, *rows]}), source("workbook", figures, by={"whom": "Place"}, as_of={"column": "Day"})


def _pages(rules: str) -> tuple[bytes, Source]:
    chance = random.Random(2)
    rows = [
        (f"Municipality {at}", chance.randrange(10**6), chance.randrange(10**4), Decimal(chance.randrange(999)) / 10)
        for at in range(ROWS_OF_PAGES[rules])
    ]
    figures = [{"id": name.lower(), "column": name, "unit": "people"} for name in ("Cases", "Deaths")]
    return made(Figures(rows), Layout(rules=rules)), source("pdf", figures, by={"whom": "Region"}, language="en")


if __name__ == "__main__":
    main()
