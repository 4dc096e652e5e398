"""Hostile texts of 1 MB, of forty kinds, through a real refresh, and the page that answers beside it.

    python -m benchmarks.hostile [KIND…]

Each is published on loopback and refreshed in the process that serves the review page, which is asked again and again
meanwhile. Prints one row a kind: what came of it, the processor time of reading it, how long the page took beside it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import ProxyHandler, build_opener

from cli.commands.serve import office_of
from flows.desk import Desk
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from flows.settings import Settings
from review.server import PageServer
from tests.pipeline.desks import DAILY, PAPER, define
from tests.sources.publisher import Publisher

SIZE = 1_000_000
PAUSE = 0.02
"""Seconds between two questions to the page."""

PROSE = PAPER | {"series": [{"id": "killed", "match": {"measure": "killed"}}]}
TABLE: dict[str, Any] = {"extractor": "table"}
PICKED: dict[str, Any] = {
    "extractor": "selectors",
    "as_of": None,
    "figures": [{"id": "tanks", "css": "p", "pattern": r"(?P<value>\d[\d,]*) tanks"}],
}
JSON: dict[str, Any] = {
    "extractor": "json",
    "as_of": {"path": "date"},
    "figures": [{"id": "tanks", "path": "tanks", "measure": "destroyed"}],
}
FEED: dict[str, Any] = PROSE | {"listing": {"url": "", "newest": 3}}


class Hostile(NamedTuple):
    """A text, its media type, and how its source is defined."""

    text: str
    media_type: str
    how: dict[str, Any]


def _full(unit: str, before: str = "", after: str = "") -> str:
    return before + unit * max(1, (SIZE - len(before) - len(after)) // len(unit)) + after


def _prose(unit: str) -> Hostile:
    return Hostile(_full(unit, "<article><p>At least 5 were killed. ", "</p></article>"), "text/html", PROSE)


def _csv(text: str) -> Hostile:
    return Hostile(text, "text/csv", {})


def _page(text: str, how: dict[str, Any]) -> Hostile:
    return Hostile(text, "text/html", how)


ROW = "<tr><td>2025-01-01<td>5<td>6"
HEAD = "<table><tr><th>date<th>tanks<th>guns"


NOTHING = Hostile("date,tanks,guns\n2025-01-01,5,6\n", "text/csv", {})
"""What the page's answers are set beside: this machine, as busy as it is."""


def kinds() -> Iterator[tuple[str, Hostile]]:
    """Forty texts, each named."""
    for name, unit in {
        "sentences of one number": "5 killed ",
        "no sentence ends": "killed and 5 ",
        "one word": "a",
        "digits": "7",
        "commas between digits": "1,",
        "points between digits": "1.",
        "blanks": " ",
        "stars": "*",
        "marks of notes": "[1]",
        "opening brackets": "(",
        "quotation marks": "“",
        "less-than signs": "&lt;",
        "dashes": " — ",
        "names": "Jane Roe ",
        "initials": "A. ",
        "dates": "2 May 2025, ",
        "claims": "12 killed, officials said on Monday. ",
        "marks of accent": "a\u0301",
        "no width": "\u200b",
        "right to left": "قتل 5 ",
        "addresses": "http://a.b/",
        "lines": "<br>5 ",
        "letters of all kinds": "aЯ漢",
    }.items():
        yield f"prose: {name}", _prose(unit)
    yield "markup: nested elements", _page(_full("<div>", "<p>5 killed"), PROSE)
    yield "markup: comments without end", _page(_full("<!-- a ", "<p>5 killed"), PROSE)
    yield "markup: scripts without end", _page(_full("<script json>={[", "<p>5 killed"), PROSE)
    yield "markup: attributes", _page(_full(" a='<'", "<p", ">5 killed"), PROSE)
    yield "table: cells", _page(HEAD + _full(ROW), TABLE)
    yield "table: spans", _page(HEAD + _full("<tr><td colspan=1000 rowspan=65534>5"), TABLE)
    yield "table: nested", _page(_full(HEAD + "<tr><td>"), TABLE)
    yield "table: one row", _page(HEAD + _full("<td>5", "<tr>"), TABLE)
    yield "table: pipes", Hostile(_full("|-|-", "|date|tanks|guns|\n|-|-|-|\n"), "text/markdown", TABLE)
    yield "selectors: one pattern over all", _page(_full("5,", "<p>"), PICKED)
    yield "selectors: elements", _page(_full("<p>5 tanks", "<p>"), PICKED)
    yield "csv: cells of stars", _csv("date,tanks,guns\n" + _full("2025-01-01," + "*" * 900 + ",5\n"))
    yield "csv: a quotation without end", _csv(_full("5,", 'date,tanks,guns\n2025-01-01,"'))
    yield "csv: columns", _csv(_full("tanks,", "date,") + "\n" + "5," * 9)
    yield "json: nesting", Hostile(_full("[", '{"date":'), "application/json", JSON)
    yield "json: rows", Hostile(_full('{"date":"2025-01-01","tanks":5},', "[", "{}]"), "application/json", JSON)
    yield "feed: summaries of signs", Hostile(_feed(), "application/rss+xml", FEED)


def _feed() -> str:
    inside = "<rss version='2.0'><channel><item><link>http://127.0.0.1/a</link><description><![CDATA["
    return _full("<", inside, "]]></description></item></channel></rss>")


class Played(NamedTuple):
    """What came of one text."""

    outcome: Outcome
    seconds: float
    answers: list[float]


def play(desk: Desk, page: str, name: str) -> Played:
    """Refresh one source, asking the page meanwhile."""
    answers: list[float] = []
    ended = threading.Event()

    def ask() -> None:
        opener = build_opener(ProxyHandler({}))
        while not (answers and ended.is_set()):
            began = time.monotonic()
            with opener.open(page.rstrip("/") + "/healthz", timeout=30) as answer:
                answer.read()
            answers.append(time.monotonic() - began)
            ended.wait(PAUSE)

    asking = threading.Thread(target=ask)
    before = _used()
    asking.start()
    outcome = refresh_source(desk, desk.newest_catalogue()[name])
    ended.set()
    asking.join()
    return Played(outcome, _used() - before, answers)


def _used() -> float:
    """Processor time of all readers, those that ended too."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime + sum(_of(pid) for pid in _children())


def _children() -> list[str]:
    found = []
    for path in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError):  # a thread that ended meanwhile has none
            found += path.read_text().split()
    return found


def _of(pid: str) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(wanted: list[str]) -> None:
    """Play the kinds that are asked for, all where none are."""
    with tempfile.TemporaryDirectory() as folder, Publisher() as publisher:
        home = Path(folder)
        settings = Settings(
            home=home, database_url=f"sqlite:///{home / 'ledger.sqlite'}", archive=home / "archive",
            sources=home / "sources", host_spacing=0.0, fetch_retries=0,
        )  # fmt: skip
        (home / "sources").mkdir()
        print("| text of 1 MB | state | told | processor s | page, median ms | most ms |\n|---|---|---|---|---|---|")
        with Desk(settings) as desk, PageServer(office_of(desk), "127.0.0.1", 0) as page:
            for number, (name, hostile) in enumerate([("nothing hostile", NOTHING), *kinds()]):
                if number and wanted and not any(one in name for one in wanted):
                    continue
                path = f"/{number}"
                publisher.page(path, hostile.text.encode(), headers={"Content-Type": hostile.media_type})
                how = {**hostile.how}
                if "listing" in how:
                    how["listing"] = how["listing"] | {"url": publisher.url(path)}
                define(home, f"s{number}", publisher.url(path), **how)
                _drop_nulls(home / "sources" / f"s{number}.yml", prose=how.get("extractor") == "prose")
                print(_row(name, play(desk, page.address, f"s{number}")), flush=True)


def _drop_nulls(path: Path, *, prose: bool) -> None:
    """Leave out what the kind of the source does not know."""
    import yaml

    told = yaml.safe_load(path.read_text())
    table = set(DAILY) - set(PAPER) if prose else set()
    table |= {"url"} if "listing" in told else set()
    kept = {key: value for key, value in told.items() if value is not None and key not in table}
    path.write_text(yaml.safe_dump(kept), encoding="utf-8")


def _row(name: str, played: Played) -> str:
    outcome, answers = played.outcome, sorted(played.answers)
    told = (outcome.reason or (f"{outcome.changes} changes" if outcome.changes else outcome.message))[:60].replace(
        "|", "/"
    )
    middle, most = answers[len(answers) // 2] * 1000, answers[-1] * 1000
    return f"| {name} | {outcome.state} | {told} | {played.seconds:.1f} | {middle:.0f} | {most:.0f} |"


if __name__ == "__main__":
    main(sys.argv[1:])
