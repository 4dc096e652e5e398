"""A site of chosen series: whole links, lasting addresses, only what changed is written, nothing leaks, all or none."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import msgspec
import pytest

from model import Day, SeriesBreak, UsageError
from publish.asking.ask import AskedLedger, ask
from publish.site.addresses import folder
from publish.site.build import SiteLedger, SiteMade, make_site
from publish.site.folder import SiteFolder
from publish.site.told import difference, rows_of
from storage.marking.book import NewMarker
from tests.doors.made import COUNT, COUNTS, HELD, PRIVATE, SECRET, TIMES, build, opened, record

FROZEN = "count/killed@2025-08-05"
OLD = "2025-07-01_2025-08-02T06:00:00Z"


class Built(NamedTuple):
    """A home and its site, as made at first."""

    home: Path
    out: Path


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Built:
    home = build(tmp_path_factory.mktemp("sited"))
    record(home, "small", COUNT | {"title": "Another count"}, COUNTS[:1])
    made(home, home / "out", "count", "table", "small", FROZEN)
    return Built(home, home / "out")


@pytest.fixture
def built(first: Built, tmp_path: Path) -> Built:
    shutil.copytree(first.home, tmp_path / "home")
    return Built(tmp_path / "home", tmp_path / "home" / "out")


def made(home: Path, out: Path, *wanted: str) -> SiteMade:
    with opened(home) as desk:
        return make_site(SiteLedger(desk.views, desk.catalogue, desk.names()), out, wanted)


def files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_what_is_held_or_private_is_in_no_file(first: Built) -> None:
    everything = b"\n".join(files(first.out).values()).decode()
    for canary in (HELD, f"{int(HELD):,}", PRIVATE, f"{int(PRIVATE):,}", SECRET, "secret/killed", "secret."):
        assert canary not in everything
    assert "1,150" in everything
    pages = [text for name, text in files(first.out).items() if name.endswith((".html", ".svg"))]
    assert not any(b"<script" in text or b"<tool" in text for text in pages)
    with pytest.raises(UsageError, match="private"):
        made(first.home, first.home / "leak", "secret")
    assert not (first.home / "leak").exists()


def test_every_link_leads_to_a_file_and_a_place_that_are_there(first: Built) -> None:
    seen = 0
    for path in first.out.rglob("*.html"):
        for address in re.findall(r'(?:href|src)="([^"]+)"', path.read_text(encoding="utf-8")):
            if not address.startswith("https://"):
                name, _, place = unquote(address).partition("#")
                target = (path.parent / name).resolve()
                assert target.is_file(), (path, address)
                assert not place or f'id="{place}"' in target.read_text(encoding="utf-8"), (path, address)
                seen += 1
    assert seen > 200


def test_an_address_lasts_and_says_what_became_of_its_value(built: Built) -> None:
    page = built.out / folder("count/killed") / "2025.html"
    assert "1,100" in row_of(page, OLD)
    assert "replaced by count/2" in row_of(page, OLD)
    before = files(built.out)
    record(built.home, "small", COUNT | {"title": "Another count"}, (COUNTS[1].replace("1300", "1301"),), at=1)
    outcome = made(built.home, built.out, "count", "table", "small", FROZEN)
    assert (outcome.written, outcome.taken_down) == (1, 0)
    assert "1,100" in row_of(built.out / folder("small/killed") / "2025.html", OLD)
    after = files(built.out)
    other = {path for path in after if after[path] != before.get(path)}
    assert all(
        path.startswith(folder("small/killed")) or path in ("index.html", "log.html", "site.json") for path in other
    )
    assert made(built.home, built.out, "count", "table", "small", FROZEN).written == 0


def row_of(page: Path, place: str) -> str:
    found = re.search(rf'<tr id="{place}".*?</tr>', page.read_text(encoding="utf-8"))
    assert found is not None, place
    return found[0]


def test_the_log_says_by_how_much_and_what_stood_before_but_nothing_over_a_series_break(first: Built) -> None:
    rows = re.findall(r"<tr>.*?</tr>", (first.out / "log.html").read_text(encoding="utf-8"))
    told = [row for row in rows if "1,100 before" in row]
    assert [("1,150" in row, "+50" in row) for row in told] == [(True, True)]
    assert any("10 August 2025" in row and "+100" in row for row in rows)
    with opened(first.home) as desk:
        series = desk.views.one_series("count/killed")
        history = rows_of(desk.views.history("count/killed"), series.unit)
    earlier, later = (next(row for row in history if row.as_of == day) for day in ("2025-07-31", "2025-08-10"))
    assert difference(series, later, earlier) == 100
    anew = msgspec.structs.replace(series, series_breaks=(SeriesBreak(as_of=Day("2025-08-10"), why="a new count"),))
    assert difference(anew, later, earlier) is None


def test_a_frozen_chart_stays_as_it_was_and_a_live_one_goes_on(built: Built) -> None:
    at = built.out / folder("count/killed")
    frozen, live = at / "frozen-20250805T000000Z.html", at / "live.html"
    kept, moved = frozen.read_bytes(), live.read_bytes()
    assert b"1,400" not in kept
    record(built.home, "count", COUNT, (COUNTS[1].replace("1150", "1151"),), at=2)
    made(built.home, built.out, "count", "table", "small", FROZEN)
    assert frozen.read_bytes() == kept
    assert live.read_bytes() != moved


def test_what_is_not_chosen_any_more_leaves_a_stone_and_no_dead_link(built: Built) -> None:
    before = set(files(built.out))
    made(built.home, built.out, "count")
    after = files(built.out)
    assert before <= set(after)
    stone = after[f"{folder('small/killed')}/2025.html"].decode()
    assert "taken down" in stone
    assert "Another count" not in b"".join(after.values()).decode()
    assert not re.search(r"1,[13]00", stone)
    assert made(built.home, built.out, "count", "small").written == 1
    assert "1,100" in row_of(built.out / folder("small/killed") / "2025.html", OLD)


@pytest.mark.parametrize("after", [0, 3, 10])
def test_a_run_that_is_ended_leaves_the_old_site_whole(
    built: Built, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, written = files(built.out), iter(range(after))
    record(built.home, "small", COUNT | {"title": "Another count"}, (COUNTS[1],), at=1)
    write = SiteFolder.write

    def ended(self: SiteFolder, path: str, content: bytes) -> None:
        if next(written, None) is None:
            raise KeyboardInterrupt
        write(self, path, content)

    monkeypatch.setattr(SiteFolder, "write", ended)
    with pytest.raises(KeyboardInterrupt):
        made(built.home, built.out, "count", "table", "small", FROZEN)
    assert files(built.out) == before
    monkeypatch.undo()
    (built.out / "CNAME").write_text("figures.example.org")
    assert made(built.home, built.out, "count", "table", "small", FROZEN).written == 1
    assert (built.out / "CNAME").read_text() == "figures.example.org"
    assert [path.name for path in built.home.iterdir() if path.name.startswith(".")] == []


def test_the_data_say_the_same_in_each_form(first: Built) -> None:
    at = first.out / folder("count/killed")
    lines = list(csv.DictReader((at / "data.csv").read_text(encoding="utf-8").splitlines()))
    assert [(line["as_of"], line["value"], line["qualifier"]) for line in lines if not line["replaced_by"]] == [
        ("2025-07-01", "1150", "exact"), ("2025-07-11", "1200", "approximately"), ("2025-07-31", "1300", "exact"),
        ("2025-08-10", "1400", "more_than"),
    ]  # fmt: skip
    assert {line["known_at"] for line in lines} == set(TIMES[:2])
    sdmx = list(csv.DictReader((at / "sdmx.csv").read_text(encoding="utf-8").splitlines()))
    assert [line["OBS_VALUE"] for line in sdmx] == ["1150", "1200", "1300", "1400"]
    assert len({(line["SERIES"], line["TIME_PERIOD"]) for line in sdmx}) == len(sdmx)
    croissant = json.loads((at / "croissant.json").read_text(encoding="utf-8"))
    assert croissant["distribution"][0]["sha256"] == hashlib.sha256((at / "data.csv").read_bytes()).hexdigest()
    columns = [one["source"]["extract"]["column"] for one in croissant["recordSet"][0]["field"]]
    assert columns == list(lines[0])


def test_a_folder_of_somebody_else_is_not_written_over(first: Built, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="no site"):
        made(first.home, tmp_path / "theirs", "count")


def test_keys_that_look_alike_have_folders_of_their_own() -> None:
    keys = ("a/b.c", "a/b/c", "a.b/c", "a/B.c", "a/é", "a/~e9~", "a/" + "x" * 300, "a/" + "x" * 301)
    assert len({folder(key).casefold() for key in keys}) == len(keys)
    assert all(re.fullmatch(r"series/[A-Za-z0-9_.~-]{1,125}", folder(key)) for key in keys)


@pytest.mark.long
def test_the_pages_hold_in_a_browser_from_a_file(first: Built) -> None:
    from axe_playwright_python.sync_playwright import Axe

    from tests.review.browsers import launched

    with launched() as browser:
        page = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme="dark").new_page()
        for name in ("index.html", "log.html", f"{folder('count/killed')}/index.html"):
            page.goto((first.out / name).as_uri())
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 21, 22)", (
                "the style is read"
            )


def test_a_note_stands_on_the_page_and_in_answers_without_who_wrote_it(built: Built) -> None:
    with opened(built.home) as desk:
        desk.ledger.mark(NewMarker("count/killed", "scope", "<b>another</b> scope", Day("2025-07-11")), by="ann-canary")
        desk.ledger.mark(NewMarker("small", "grade", "copied by hand", grade="C"), by="ann-canary")
        ledger = AskedLedger(desk.views, desk.catalogue, desk.names())
        answer = ask(ledger, "confirmed dead, the count by name", today=Day("2025-09-01"))
    assert answer.figure is not None
    assert [one.text for one in answer.figure.markers] == ["<b>another</b> scope"]
    outcome = made(built.home, built.out, "count", "table", "small", FROZEN)
    assert outcome.written == 2
    everything = b"".join(files(built.out).values()).decode()
    assert "ann-canary" not in everything + repr(answer)
    page = (built.out / folder("count/killed") / "index.html").read_text(encoding="utf-8")
    assert "Another scope (11 July 2025): &lt;b&gt;another&lt;/b&gt; scope" in page
    assert 'class="method"' in page
    assert "Grade C: copied by hand" in (built.out / folder("small/killed") / "index.html").read_text(encoding="utf-8")
    assert made(built.home, built.out, "count", "table", "small", FROZEN).written == 0
