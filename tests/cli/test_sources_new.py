"""A source without writing code: what a page offers is chosen from, and the definition reads the next day, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sources.catalogue.reference import SCHEMA
from tests.pipeline.desks import lines, tallybook
from tests.sources.publisher import Publisher

HTML = {"Content-Type": "text/html; charset=utf-8"}


def page(died: str, hurt: str, houses: str, north: str, day: str) -> bytes:
    """A page on a flood, with a sentence, a label, a table and a menu."""
    return f"""<html lang="en"><head><title>Flood in Norland</title></head><body>
    <nav>Home 2 News 35</nav><h1>Flood situation</h1><p>Updated: {day}</p>
    <p>So far {died} people have died and {hurt} were injured, the agency said.</p>
    <div>Houses damaged</div><div>{houses}</div>
    <table><tr><th>District</th><th>Deaths</th></tr><tr><td>North</td><td>{north}</td></tr>
    <tr><td>South</td><td>18</td></tr></table></body></html>""".encode()


FIRST = page("48", "1,204", "3,421", "30", "12 August 2025")
SECOND = page("51", "1,310", "3,500", "33", "13 August 2025")
CSV = b"date,state,cases\n12.08.2025,A,1200\n12.08.2025,B,800\n"
NEXT_CSV = CSV + b"13.08.2025,A,1300\n13.08.2025,B,850\n"
JSON = (
    b'{"days": [{"date": "2025-08-12", "areas": [{"name": "A", "ill": {"new": 3}}, {"name": "B", "ill": {"new": 1}}]}]}'
)
NEXT_JSON = (
    b'{"days": [{"date": "2025-08-12", "areas": [{"name": "A", "ill": {"new": 3}}, {"name": "B", "ill": {"new": 1}}]},'
    b'{"date": "2025-08-13", "areas": [{"name": "A", "ill": {"new": 7}}, {"name": "B", "ill": {"new": 2}}]}]}'
)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


def new(home: Path, url: str, *more: str) -> tuple[int, str, str]:
    done = tallybook(home, "sources", "new", url, *more)
    return done.returncode, done.stdout, done.stderr


def offered(home: Path, url: str) -> dict[tuple[str, str], int]:
    """The number of each offer, by extractor and sample."""
    done = tallybook(home, "sources", "new", url, "--json")
    return {(row["extractor"], row["sample"]): row["number"] for row in lines(done)}


def follow(home: Path, publisher: Publisher, path: str, chosen: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Follow offers of a page, and return what is recorded of it, by series."""
    numbers = offered(home, publisher.url(path))
    picked = ",".join(str(numbers[one]) for one in chosen)
    code, _, told = new(home, publisher.url(path), "--id", "floods", "--follow", picked, "--yes")
    assert code == 0, told
    assert tallybook(home, "sources", "check").returncode == 0
    return recorded(home)


def recorded(home: Path, source: str = "floods") -> dict[str, list[str]]:
    assert tallybook(home, "refresh", source).returncode in (0, 3)
    found: dict[str, list[str]] = {}
    for row in lines(tallybook(home, "table", source, "--json")):
        found.setdefault(row["series"].partition("/")[2], []).append(f"{row['as_of']} {row['value']}")
    return found


def test_sentences_are_followed_by_what_they_say(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/flood", FIRST, headers=HTML)
    found = follow(tmp_path, publisher, "/flood", [("prose", "48"), ("prose", "1,204")])
    assert [value.split()[1] for value in found["killed"] + found["wounded"]] == ["48", "1204"]
    publisher.page("/flood", SECOND, headers=HTML)
    assert [value.split()[1] for value in recorded(tmp_path)["killed"]][-1] == "51"


def test_labels_and_sentences_are_followed_by_the_words_around_them(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/flood", FIRST, headers=HTML)
    found = follow(tmp_path, publisher, "/flood", [("selectors", "48"), ("selectors", "3,421")])
    assert sorted(found.values()) == [["2025-08-12 3421"], ["2025-08-12 48"]]
    publisher.page("/flood", SECOND, headers=HTML)
    assert sorted(recorded(tmp_path).values()) == [
        ["2025-08-12 3421", "2025-08-13 3500"], ["2025-08-12 48", "2025-08-13 51"],
    ]  # fmt: skip


def test_a_table_is_followed_by_its_columns_and_labels(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/flood", FIRST, headers=HTML)
    found = follow(tmp_path, publisher, "/flood", [("table", "18")])
    assert {name: values[0].split()[1] for name, values in found.items()} == {
        "deaths/north": "30",
        "deaths/south": "18",
    }


@pytest.mark.parametrize(
    ("path", "first", "second", "chosen", "series"),
    [
        ("/cases.csv", CSV, NEXT_CSV, ("csv", "800"), ("cases/a", "cases/b")),
        ("/ill.json", JSON, NEXT_JSON, ("json", "1"), ("ill_new/a", "ill_new/b")),
    ],
)
def test_tables_and_nested_rows_are_followed_by_date_and_label(
    tmp_path: Path, publisher: Publisher, path: str, first: bytes, second: bytes,
    chosen: tuple[str, str], series: tuple[str, str],
) -> None:  # fmt: skip
    publisher.page(path, first, headers={"Content-Type": "text/plain"})
    found = follow(tmp_path, publisher, path, [chosen])
    assert tuple(sorted(found)) == series
    publisher.page(path, second, headers={"Content-Type": "text/plain"})
    assert [len(values) for values in recorded(tmp_path).values()] == [2, 2]


def test_a_date_that_may_be_of_two_days_is_asked_for(tmp_path: Path, publisher: Publisher) -> None:
    days = b"date,ill\n03/04/2025,5\n04/04/2025,9\n"
    publisher.page("/days.csv", days, headers={"Content-Type": "text/csv"})
    chosen = (publisher.url("/days.csv"), "--id", "days", "--follow", "1", "--yes")
    code, _, told = new(tmp_path, *chosen)
    assert (code, "'03/04/2025' may be 2025-04-03 or 2025-03-04" in told, "--date-format" in told) == (2, True, True)
    assert not (tmp_path / "sources" / "days.yml").exists()
    assert new(tmp_path, *chosen, "--date-format", "%m/%d/%Y")[0] == 0
    assert recorded(tmp_path, "days") == {"ill": ["2025-03-04 5", "2025-04-04 9"]}


@pytest.mark.parametrize(
    ("printed", "answer", "day"),
    [
        ("03/04/2025", "%m/%d/%Y", "2025-03-04"), ("03/04/2025", "%d/%m/%Y", "2025-04-03"),
        ("3-4-25", "%d-%m-%y", "2025-04-03"), ("03/14/2025", None, "2025-03-14"), ("03.04.2025", None, "2025-04-03"),
    ],
)  # fmt: skip
def test_the_one_day_of_a_page_is_asked_for_where_it_may_be_two(
    tmp_path: Path, publisher: Publisher, printed: str, answer: str | None, day: str
) -> None:
    publisher.page("/p", page("48", "1,204", "3,421", "30", printed), headers=HTML)
    number = offered(tmp_path, publisher.url("/p"))["table", "18"]
    chosen = (publisher.url("/p"), "--id", "it", "--follow", str(number), "--yes")
    code, _, told = new(tmp_path, *chosen, *(("--date-format", answer) if answer else ()))
    assert code == 0, told
    assert recorded(tmp_path, "it")["deaths/south"] == [f"{day} 18"]
    if answer:
        code, _, told = new(tmp_path, *chosen[:2], "other", *chosen[3:])
        assert (code, f"{printed!r} may be" in told) == (2, True)


def test_a_figure_that_falls_on_the_page_may_fall(tmp_path: Path, publisher: Publisher) -> None:
    days = b"date,in_hospital,total\n2025-08-11,5,5\n2025-08-12,3,8\n2025-08-13,9,17\n"
    publisher.page("/days.csv", days, headers={"Content-Type": "text/csv"})
    new(tmp_path, publisher.url("/days.csv"), "--id", "days", "--follow", "1,2", "--yes")
    text = (tmp_path / "sources" / "days.yml").read_text()
    schema = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert schema, "an editor is told where the schema lies"
    assert (tmp_path / "sources" / schema[1]).read_bytes() == SCHEMA.read_bytes()
    written = yaml.safe_load(text)
    assert [rule.get("may_fall", False) for rule in written["figures"]] == [True, False]


def test_a_person_is_asked_what_the_figures_count(tmp_path: Path, publisher: Publisher) -> None:
    from click.testing import CliRunner

    from cli.main import tallybook as command

    publisher.page("/cases.csv", CSV, headers={"Content-Type": "text/csv"})
    answers = ["outbreak", "The outbreak", "Ministry", "Laboratories report.", "counted", "cases", "people", "change"]
    env = {"TALLYBOOK_HOME": str(tmp_path), "TALLYBOOK_SOURCES": None}
    arguments = ["sources", "new", publisher.url("/cases.csv"), "--follow", "1"]
    done = CliRunner(env=env).invoke(command, arguments, input="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    written = yaml.safe_load((tmp_path / "sources" / "outbreak.yml").read_text())
    assert (written["title"], written["basis"]) == ("The outbreak", "counted")
    assert written["figures"][0] == {
        "id": "cases", "column": "cases", "measure": "cases", "unit": "people", "kind": "change",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--follow", "99", "--yes"), "there is no figure 99"),
        (("--follow", "one", "--yes"), "names no figures"),
        (("--yes",), "nothing was chosen"),
        (("--id", "Floods!", "--follow", "1", "--yes"), "must be small letters"),
    ],
)
def test_a_choice_that_cannot_be_meant_writes_nothing(
    tmp_path: Path, publisher: Publisher, more: tuple[str, ...], says: str
) -> None:
    publisher.page("/flood", FIRST, headers=HTML)
    code, _, told = new(tmp_path, publisher.url("/flood"), *more)
    assert (code, says in told) == (2, True), told
    assert not list(tmp_path.rglob("*.yml"))


def test_offers_of_two_readings_are_no_one_definition(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/flood", FIRST, headers=HTML)
    numbers = offered(tmp_path, publisher.url("/flood"))
    both = f"{numbers['prose', '48']},{numbers['table', '18']}"
    code, _, told = new(tmp_path, publisher.url("/flood"), "--follow", both, "--yes")
    assert (code, "cannot be read by one definition" in told) == (2, True), told


def test_an_id_that_is_taken_is_refused(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/cases.csv", CSV, headers={"Content-Type": "text/csv"})
    arguments = (publisher.url("/cases.csv"), "--id", "cases", "--follow", "1", "--yes")
    assert new(tmp_path, *arguments)[0] == 0
    code, _, told = new(tmp_path, *arguments)
    assert (code, "there is a source 'cases' already" in told) == (2, True), told


def test_a_page_without_figures_says_so(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/empty", b"<html><body><p>Nothing to see.</p></body></html>", headers=HTML)
    code, _, told = new(tmp_path, publisher.url("/empty"))
    assert (code, "no figure or table that can be followed" in told) == (1, True), told


DRAWN_DAYS = """<html lang="en"><body><p>Loading</p><script>window.cfg = {{"theme": "dark", "zoom": 3}};
    window.data = {{"days": [{{"date": "2025-08-11", "fires": 812}}, {{"date": "2025-08-12", "fires": {}}}]}};</script>
    </body></html>"""


def test_what_a_page_is_drawn_from_is_followed(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/fires", DRAWN_DAYS.format(818).encode(), headers=HTML)
    found = follow(tmp_path, publisher, "/fires", [("json", "818")])
    assert found == {"fires": ["2025-08-11 812", "2025-08-12 818"]}
    publisher.page("/fires", DRAWN_DAYS.format(825).encode(), headers=HTML)
    assert recorded(tmp_path) == {"fires": ["2025-08-11 812", "2025-08-12 825"]}


FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Alerts</title><item><title>Flood</title>
    <description>12 people were killed.</description></item></channel></rss>"""


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (FEED, "text/xml", "it is a feed of releases"),
        (b'{"dates": ["2025-08-12"], "deaths": [1]}', "application/json", "lists of bare numbers are not read"),
        (b"<html><body><p>Loading</p></body></html>", "text/html", "network panel"),
        (b"nothing,here\nx,y\n", "text/csv", "it was read as text/csv"),
    ],
)
def test_what_offers_nothing_says_why(
    tmp_path: Path, publisher: Publisher, content: bytes, kind: str, says: str
) -> None:
    publisher.page("/page", content, headers={"Content-Type": kind})
    code, _, told = new(tmp_path, publisher.url("/page"))
    assert (code, says in told) == (1, True), told


def test_a_source_is_tried_and_switched_on(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/cases.csv", CSV, headers={"Content-Type": "text/csv"})
    new(tmp_path, publisher.url("/cases.csv"), "--id", "cases", "--follow", "1", "--yes")
    file = tmp_path / "sources" / "cases.yml"
    file.write_text(file.read_text().replace("tried_live: '", "tried_live: never # '"))
    done = tallybook(tmp_path, "sources", "try", "cases", "--json")
    assert [row["value"] for row in lines(done)] == [1200, 800]
    assert "tried_live: never" in file.read_text()
    assert tallybook(tmp_path, "sources", "try", "cases", "--enable").returncode == 0
    assert yaml.safe_load(file.read_text())["tried_live"] not in (None, "never")
    assert lines(tallybook(tmp_path, "log", "--json")) == []


STORY = b"""<html lang="en"><head><title>Flood</title></head><body>
    <div class="related-teasers"><ul><li><a href="/fire">Last week 88 people were killed in a fire, police said</a></li>
    </ul></div><article><h1>Flood in Norland</h1>
    <p>The flood in Norland has killed 48 people since Monday, the agency said in a statement on Friday morning.</p>
    <p>Rescuers went from house to house by boat as the water rose in the northern districts of the country, where
    bridges were closed and trains did not run, and the weather service expects more rain over the whole weekend.</p>
    </article></body></html>"""


def test_a_figure_of_a_teaser_beside_the_article_is_not_offered_as_prose(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/story", STORY, headers=HTML)
    prose = [sample for extractor, sample in offered(tmp_path, publisher.url("/story")) if extractor == "prose"]
    assert prose == ["48"]


DRAWN = b"""<html><body><p>Loading</p><script>window.DATA = {"days": [{"date": "2025-08-12", "dead": 51}]};</script>
    </body></html>"""
TRIED = """
title: Flood
publisher: {{name: Agency}}
method: The agency counts.
basis: claimed
url: {url}
allow_private_addresses: true
tried_live: never
{reads}
"""
OF_SCRIPT = """
extractor: json
embedded: '"days"'
rows: $.days[*]
as_of: {column: date}
figures: [{id: dead, column: dead, unit: people}]
"""
OF_ARTICLE = """
extractor: prose
language: en
series: [{id: killed, match: {measure: killed, unit: people}}]
"""


@pytest.mark.parametrize(("content", "reads", "values"), [(DRAWN, OF_SCRIPT, [51]), (STORY, OF_ARTICLE, [48])])
def test_a_source_is_tried_on_what_its_refresh_reads(
    tmp_path: Path, publisher: Publisher, content: bytes, reads: str, values: list[int]
) -> None:
    publisher.page("/flood", content, headers=HTML)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "flood.yml").write_text(TRIED.format(url=publisher.url("/flood"), reads=reads))
    tried = tallybook(tmp_path, "sources", "try", "flood", "--json")
    assert [row["value"] for row in lines(tried)] == values, tried.stderr


def test_a_source_that_does_not_read_is_not_switched_on(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/cases.csv", CSV, headers={"Content-Type": "text/csv"})
    new(tmp_path, publisher.url("/cases.csv"), "--id", "cases", "--follow", "1", "--yes")
    file = tmp_path / "sources" / "cases.yml"
    before = file.read_text()
    publisher.page("/cases.csv", b"date,state,ill\n12.08.2025,A,3\n", headers={"Content-Type": "text/csv"})
    done = tallybook(tmp_path, "sources", "try", "cases", "--enable")
    assert (done.returncode, "none of the followed columns is there: cases" in done.stderr) == (1, True), done.stderr
    assert file.read_text() == before


def test_what_the_page_is_taken_for_is_written_down_and_said(tmp_path: Path, publisher: Publisher) -> None:
    text = "Datum;Land;Inzidenz\n03.06.2021;Nord;12,5\n03.06.2021;Ost;8,25\n14.06.2021;Nord;12,7\n14.06.2021;Ost;8,5\n"
    publisher.page("/i.csv", text.encode(), headers={"Content-Type": "text/csv"})
    code, _, told = new(tmp_path, publisher.url("/i.csv"), "--id", "i", "--follow", "1", "--yes")
    assert code == 0
    assert "reads 4 values of 2 series, 2021-06-03 to 2021-06-14, told apart by Land\n" in told
    assert "days: Datum, written %d.%m.%Y\nnumbers: a comma parts the fraction, such as in 8,5\n" in told
    publisher.page("/i.csv", b"Datum;Land;Inzidenz\n15.06.2021;Nord;1,012\n", headers={"Content-Type": "text/csv"})
    definition = yaml.safe_load((tmp_path / "sources" / "i.yml").read_text())
    assert definition["numbers"] == {"decimal": ","}
    (tmp_path / "sources" / "i.yml").write_text(yaml.safe_dump({**definition, "coverage": "latest"}))
    assert recorded(tmp_path, "i")["inzidenz/nord"] == ["2021-06-15 1.012"], "one number alone shows nothing"


def test_what_stays_in_doubt_is_said_when_the_definition_is_written(tmp_path: Path, publisher: Publisher) -> None:
    text = b"Deaths, in thousands\n\nday,deaths\n2021-06-03,12\n2021-06-04,13\n2021-06-05,14\n"
    publisher.page("/d.csv", text, headers={"Content-Type": "text/csv"})
    code, _, told = new(tmp_path, publisher.url("/d.csv"), "--id", "d", "--follow", "1", "--yes")
    assert code == 0
    assert "in doubt: " in told
    assert "thousands" in told


OUTAGES = (
    b'{"updated": "2026-11-30T08:00:00Z", "outages": [{"id": "O-71", "area": "North", "customers": 80, "startTime": "'
    b'2026-11-28T03:15:00Z"}, {"id": "O-95", "area": "South", "customers": 9, "startTime": "2026-11-30T01:10:00Z"}, '
    b'{"id": "O-83", "area": "North", "customers": 310, "startTime": "2026-11-29T22:40:00Z"}]}'
)
QUAKES = b'{"rows": [%s]}' % b", ".join(
    b'{"id": "q%d", "place": "coast", "time": "2026-11-30T0%d:15:00Z", "mag": %d.1}' % (70 - at, at, at)
    for at in range(5)
)
FIRST_CASES = b"country,first_case,deaths\nA,2020-01-20,7\nB,2020-03-02,9\nC,2020-02-11,4\nD,2020-02-25,1\n"


@pytest.mark.parametrize(
    ("path", "body", "coverage", "as_of"),
    [
        ("/outages.json", OUTAGES, "list", {"path": "^.updated"}),
        ("/quakes.json", QUAKES, "list", {"path": "time"}),
        ("/countries.csv", FIRST_CASES, "latest", None),
    ],
)
def test_what_goes_on_or_happened_once_is_a_list_and_no_day_of_beginning_dates_it(
    tmp_path: Path, publisher: Publisher, path: str, body: bytes, coverage: str, as_of: dict[str, str] | None
) -> None:
    publisher.page(path, body, headers={"Content-Type": "text/plain"})
    assert new(tmp_path, publisher.url(path), "--id", "it", "--follow", "1", "--yes")[0] == 0
    definition = yaml.safe_load((tmp_path / "sources" / "it.yml").read_text())
    assert (definition["coverage"], definition.get("as_of")) == (coverage, as_of)
