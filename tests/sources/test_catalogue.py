"""Definitions: what is read from them, what is refused, and how it is told."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model import EXTRACTORS, AsOf, DefinitionError, Field, Source, TextRule, UsageError
from sources import Catalogue, check, load_definition
from sources.catalogue import yamltree
from tests.ending import ends

SOUND = """\
title: Background checks
publisher: {name: A bureau, country: NO, url: "https://bureau.example/"}
method: Every check that a dealer asks for is counted once.
basis: counted
url: https://bureau.example/checks.csv
schedule: {cron: "0 6 * * *", timezone: Europe/Kyiv}
tried_live: 2026-01-02
coverage: full
extractor: csv
as_of: {column: month, format: "%Y-%m"}
by: {whom: state}
figures:
  - {id: permit, column: permit, kind: change, where: {Year: 2024}}
  - {id: total, column: totals, qualifier: {column: Hedge}, derived: {running_sum_of: permit}}
expect: {figures: [3, 40], series: [permit, total/alabama]}
corrections:
  - {as_of: 2025-01-02, raw: 12.1507, value: 121507, why: a point for a comma}
"""
COUNTED = "column: totals, qualifier: {column: Hedge}, derived: {running_sum_of: permit}"
PROSE = """\
title: News
publisher: {name: A paper}
method: Its reporters quote what they hear.
basis: claimed
listing: {url: "https://paper.example/", links: "a.story"}
tried_live: never
extractor: prose
series:
  - {id: killed, match: {measure: killed, whom: [Russian]}, counts_as: mediazona/killed}
"""
SELECTORS = """\
title: A county
publisher: {name: A county}
method: Deaths are counted by the day of death.
basis: counted
url: https://county.example/
tried_live: never
extractor: selectors
as_of: {css: "p.updated", pattern: "on (.*)"}
figures:
  - {id: deaths, pattern: "(?P<value>[0-9,]+) deaths"}
"""


JSON = SELECTORS.replace("selectors", "json\nrows: $.data").replace('css: "p.updated", pattern: "on (.*)"', "path: day")
JSON = JSON.replace('pattern: "(?P<value>[0-9,]+) deaths"', "path: lost, where: {side: RU}")
UNDATED = JSON.replace("as_of: {path: day}\n", "")
TABLE = SELECTORS.replace("selectors", "table\nrows: table.toll").replace(
    'css: "p.updated", pattern: "on (.*)"', "css: caption"
)
TABLE = TABLE.replace('pattern: "(?P<value>[0-9,]+) deaths"', "column: Deaths")


def write(folder: Path, text: str, name: str = "checks.yml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def told(folder: Path, text: str) -> list[str]:
    return [str(problem).split("/", 1)[1] for problem in check(write(folder, text))]


def test_a_sound_definition_becomes_a_source_whose_id_is_the_stem(tmp_path: Path) -> None:
    source = load_definition(write(tmp_path, SOUND))
    assert (source.id, source.basis, source.coverage, source.timezone) == ("checks", "counted", "full", "Europe/Kyiv")
    assert source.figures[1].qualifier == Field(column="Hedge")
    assert source.expect.figures == (3, 40)


def test_scalars_of_text_fields_keep_the_text_of_the_file(tmp_path: Path) -> None:
    source = load_definition(write(tmp_path, SOUND))
    correction = source.corrections[0]
    assert source.publisher.country == "NO"
    assert source.tried_live == "2026-01-02"
    assert source.figures[0].where == {"Year": "2024"}
    assert (correction.as_of, correction.raw, correction.value) == ("2025-01-02", "12.1507", "121507")


def test_the_other_extractors_definitions_are_read(tmp_path: Path) -> None:
    assert load_definition(write(tmp_path, JSON)).rows == "$.data"
    assert load_definition(write(tmp_path, TABLE)).as_of == AsOf(css="caption")
    assert load_definition(write(tmp_path, PROSE)).series[0].match.whom == ("Russian",)
    assert load_definition(write(tmp_path, SELECTORS)).figures[0].pattern == "(?P<value>[0-9,]+) deaths"


def test_prose_may_name_where_in_a_page_its_text_stands(tmp_path: Path) -> None:
    assert load_definition(write(tmp_path, PROSE + 'text: {css: "main .report"}\n')).text == TextRule(
        css="main .report"
    )


def test_a_folded_text_ends_without_a_line_break(tmp_path: Path) -> None:
    text = SOUND.replace("method: Every", "method: >\n  Every")
    assert load_definition(write(tmp_path, text)).method.endswith("counted once.")


def test_null_means_absent_where_a_field_may_be_absent(tmp_path: Path) -> None:
    assert load_definition(write(tmp_path, SOUND + "caveats: null\nlanguage: ~\n")).caveats is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("column: permit", "colum: permit", "checks.yml:13 figures[0].colum: unknown key; did you mean 'column'?"),
        ("title:", "titel:", "checks.yml:1 titel: unknown key; did you mean 'title'?"),
        ("basis: counted", "basis: cuonted", "checks.yml:4 basis: 'cuonted' is not one of claimed, counted, estimated"),
        ("extractor: csv", "extractor: cvs", f"'cvs' is not one of {', '.join(sorted(EXTRACTORS))}; did"),
        ("id: total", "id: permit", "checks.yml:14 figures[1].id: 'permit' is already the id of figures[0]"),
        ("id: total", "id: Total", "figures[1].id: must be small letters"),
        ("by: {whom: state}", "by: [whom]", "checks.yml:11 by: must be keys and values"),
        ("by: {whom: state}", "rows: $.a", "rows: csv takes no rows"),
        ("by: {whom: state}", "text: {css: main}", "checks.yml:11 text: csv takes no text"),
        ("by: {whom: state}", "text: {ccs: main}", "checks.yml:11 text.ccs: unknown key; did you mean 'css'?"),
        ("name: A bureau, ", "", "checks.yml:2 publisher.name: required key is missing"),
        ("method: Every", "method: Every\nmethod: Every", "checks.yml:4 method: stands twice; the first is on line 3"),
        ("[3, 40]", "[40, 3]", "expect.figures: must be [fewest, most]"),
        ("[3, 40]", "[010, 40]", "expect.figures[0]: must be a whole number, not '010'"),
        ("[3, 40]", "[3]", "expect.figures: must be a list of 2, not of 1"),
        ("total/alabama", "totl", "expect.series[1]: 'totl' is no id of this file"),
        ("running_sum_of: permit", "running_sum_of: permits", "'permits' is no figure of this file"),
        ("running_sum_of: permit", "running_sum_of: total", "a figure is no running sum of itself"),
        (
            "column: totals",
            "aggregate: {sum_of: permit}, column: totals",
            "figures[1].column: is for what stands in a row",
        ),
        (COUNTED, "aggregate: {sum_of: permits}", "'permits' is no figure that stands in a row; known: permit"),
        (COUNTED, "aggregate: {count_of: total}", "aggregate.count_of: 'total' is no figure that stands in a row"),
        (
            COUNTED,
            "aggregate: {sum_of: permit, max_of: permit}",
            "needs one of count_of, sum_of and max_of, not sum_of",
        ),
        (COUNTED, "aggregate: {by: [whom]}", "needs one of count_of, sum_of and max_of, not none"),
        (COUNTED, "aggregate: {sum_of: permit, by: [state]}", "'state' is no dimension of by; known: whom"),
        (COUNTED, "aggregate: {sum_of: permit, each: day}", "aggregate.each"),
        ("value: 121507", "value: 121,507", "corrections[0]"),
        ("value: 121507", "value: many", "corrections[0].value: must be a plain number such as 121507, not 'many'"),
        ("as_of: 2025-01-02", "as_of: 2025-13-02", "corrections[0].as_of: must be a date"),
        ("0 6 * * *", "0 6 * *", "schedule.cron: '0 6 * *' must have 5 fields"),
        ("0 6 * * *", "0 26 * * *", "schedule.cron: '0 26 * * *' is no cron line (bad hour)"),
        ("0 6 * * *", "0 6 30 2 *", "is no cron line"),
        ("Europe/Kyiv", "Europe/Kyivv", "schedule.timezone: 'Europe/Kyivv' is no IANA time zone; did you mean"),
        ("Europe/Kyiv", "../etc/passwd", "is no IANA time zone"),
        ("tried_live: 2026-01-02", "tried_live: soon", "tried_live: must be never, or a date"),
        ("tried_live: 2026-01-02", "", "tried_live: required key is missing"),
        ("https://bureau.example/checks.csv", "file:///etc/passwd", "url: file: is not fetched"),
        ("https://bureau.example/checks.csv", "https:///x", "names no host"),
        ("url: https://bureau.example/checks.csv", "", "url: required key is missing; give url, or listing"),
        ('"%Y-%m"', '"%Q"', "as_of.format: '%Q' is no strptime format"),
        ("as_of: {column: month,", "as_of: {css: p,", "as_of.css: csv takes column, not css"),
        ("column: Hedge", "path: Hedge", "figures[1].qualifier.path: csv takes column, not path"),
        ("qualifier: {column: Hedge}", "qualifier: roughly", "'roughly' is not one of approximately"),
        ("column: permit, ", "", "figures[0]: csv needs column here"),
        ("coverage: full", "restates: yes", "restates: must be true or false, not 'yes'"),
        ("coverage: full", "coverage:", "coverage: must be one word, not empty"),
        ("title: Background checks", "title: ''", "title: must not be empty"),
        ("title: Background checks", "title: [a]", "title: must be text, not a list"),
        ("coverage: full", "id: checks", "id: unknown key; the file's name is the id"),
        ("coverage: full", "[a]: b", "a key must be plain text"),
        ("coverage: full", "~: b", "a key must be plain text"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SOUND
    problems = told(tmp_path, SOUND.replace(old, new, 1))
    assert any(message in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PROSE.replace("series:", "figures:"), "unknown key"),
        (PROSE.replace("mediazona/killed", "mediazona"), "series[0].counts_as: must be a source and its series"),
        (PROSE.replace("mediazona/killed", "checks/killed"), "series[0].counts_as: 'checks/killed' is of this source"),
        (SELECTORS.replace("id: deaths,", "id: deaths, counts_as: county,"), "figures[0].counts_as: must be a source"),
        (PROSE.replace("[Russian]", "Russian"), "series[0].match.whom: must be a list"),
        (PROSE + "by: {whom: state}\n", "by: prose has no columns"),
        (PROSE + "as_of: {css: p}\n", "as_of: prose takes dates from its text"),
        (
            SELECTORS + "  - {id: all, aggregate: {sum_of: deaths, each: week}}\n",
            "figures[1].aggregate: selectors has no rows; it is for csv",
        ),
        (UNDATED + "  - {id: all, aggregate: {sum_of: deaths, each: week}}\n", "rows have no as-of of their own"),
        (PROSE + "url: https://paper.example/\n", "listing: give url or listing, not both"),
        (PROSE + "figures: [{id: a, column: b}]\n", "figures: prose takes series, not figures"),
        (SELECTORS.replace('pattern: "(?P<value>[0-9,]+) deaths"', "column: a"), "selectors takes css or pattern"),
        (SELECTORS.replace("id: deaths,", "id: deaths, where: {a: b},"), "where is for csv, workbook, table, json"),
        (SELECTORS.replace("id: deaths,", "id: deaths, qualifier: {column: b},"), "selectors takes no column here"),
        (SELECTORS.split("figures:")[0], "figures: required key is missing or empty; selectors needs figures"),
        (JSON.replace("path: lost", "path: lost, column: lost"), "figures[0].column: give column or path, not both"),
        (TABLE.replace("css: caption", "css: caption, column: Day"), "as_of.column: give column or css, not both"),
        ("", "is empty"),
        ("just words", "must be keys and values"),
        ("a: &x 1\nb: *x\n", "checks.yml:1: uses an anchor or alias"),
        ("a: *x\n", "uses an anchor or alias"),
        ("a: !!python/object:os.system x\n", "checks.yml:1: uses the tag"),
        ("a: b\n---\na: b\n", "checks.yml:2: holds a second document"),
        ("a: [b\nc: d", "is not YAML"),
        ("a: " + "[" * 5000, "is nested more than"),
        ("a: \x00", "is not YAML"),
    ],
)
def test_a_text_that_is_no_such_definition_is_refused(tmp_path: Path, text: str, message: str) -> None:
    problems = told(tmp_path, text)
    assert any(message in problem for problem in problems), problems


def test_an_alias_bomb_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with ends():
        assert "anchor" in told(tmp_path, "\n".join(lines))[0]


def test_all_problems_of_a_file_are_told_by_line(tmp_path: Path) -> None:
    text = SOUND.replace("title:", "titel:").replace("column: permit,", "colum: permit,").replace("[3, 40]", "3")
    problems = check(write(tmp_path, text))
    assert [problem.key for problem in problems] == ["titel", "title", "figures[0].colum", "expect.figures"]
    assert [problem.line for problem in problems] == sorted(problem.line or 0 for problem in problems)


def test_patterns_are_compiled_by_the_check_that_is_handed_in(tmp_path: Path) -> None:
    def refuse(pattern: str) -> str | None:
        return "is no pattern" if "(" in pattern else None

    problems = check(write(tmp_path, SELECTORS), refuse)
    assert [problem.key for problem in problems] == ["as_of.pattern", "figures[0].pattern"]


@pytest.mark.parametrize("name", ["Checks.yml", "1a.yml", "a-b.yml", "x" * 65 + ".yml", "а.yml"])
def test_an_id_is_small_letters_digits_and_underscores(tmp_path: Path, name: str) -> None:
    assert "the file's name is the id" in str(check(write(tmp_path, SOUND, name))[0])


def test_a_file_that_cannot_be_read_is_a_problem_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "latin.yml").write_bytes("title: caf\xe9".encode("latin-1"))
    (tmp_path / "huge.yml").write_bytes(b"#" * (2**20 + 1))
    os.mkfifo(tmp_path / "pipe.yml")  # nobody writes into it: it would be waited for without end
    assert [re.sub(".*/", "", str(problem)).split(":")[0] for problem in Catalogue.load(tmp_path).problems] == [
        "folder.yml",
        "huge.yml",
        "latin.yml",
        "pipe.yml",
    ]


def test_one_broken_file_harms_no_other(tmp_path: Path) -> None:
    write(tmp_path, PROSE, "news.yml")
    write(tmp_path, SOUND, "checks.yml")
    write(tmp_path, SOUND.replace("title", "titel"), "broken.yml")
    write(tmp_path, SOUND, "other.yaml")
    write(tmp_path, "{", ".hidden.yml")
    catalogue = Catalogue.load(tmp_path)
    assert list(catalogue) == catalogue.ids() == ["checks", "news"]
    assert len(catalogue) == 2
    assert ("news" in catalogue, "broken" in catalogue) == (True, False)
    assert [problem.key for problem in catalogue.problems] == ["titel", "title", None]
    assert "rename it to other.yml" in str(catalogue.problems[2])


def test_only_the_problems_of_what_is_asked_for_are_raised(tmp_path: Path) -> None:
    write(tmp_path, PROSE, "news.yml")
    write(tmp_path, SOUND.replace("title", "titel"), "broken.yml")
    catalogue = Catalogue.load(tmp_path)
    assert [source.id for source in catalogue.require(["news"])] == ["news"]
    with pytest.raises(DefinitionError, match=r"broken\.yml:1 titel"):
        catalogue.require(["news", "broken"])


def test_an_unknown_id_is_answered_with_a_near_one(tmp_path: Path) -> None:
    write(tmp_path, PROSE, "news.yml")
    with pytest.raises(UsageError, match=r"there is no source 'nwes'; did you mean 'news'\?"):
        Catalogue.load(tmp_path)["nwes"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no folder of definitions at .*nowhere"):
        Catalogue.load(tmp_path / "nowhere")


def test_every_definition_that_ships_is_sound() -> None:
    assert [str(problem) for problem in Catalogue.load().problems] == []


def test_a_thousand_definitions_load(tmp_path: Path) -> None:
    for number in range(1000):
        write(tmp_path, SOUND, f"checks_{number}.yml")
    with ends():
        assert len(Catalogue.load(tmp_path)) == 1000


def refused_or_read(folder: Path, content: bytes) -> None:
    path = folder / "fuzzed.yml"
    path.write_bytes(content)
    try:
        source, told = load_definition(path), ""
    except DefinitionError as error:
        source, told = None, str(error)
    assert isinstance(source, Source) or told.startswith(f"{folder.name}/fuzzed.yml")


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.text(max_size=8), st.binary(max_size=4)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@FUZZ
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_whatever_raise_anything_but_a_definition_error(tmp_path: Path, content: bytes) -> None:
    refused_or_read(tmp_path, content)


@FUZZ
@given(data=st.data())
def test_no_value_in_place_of_another_raises_anything_but_a_definition_error(
    tmp_path: Path, data: st.DataObject
) -> None:
    tree = yaml.safe_load(data.draw(st.sampled_from([SOUND, PROSE, SELECTORS])))
    spot = tree
    while isinstance(spot, dict | list) and spot:
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(spot[key], dict | list) or data.draw(st.booleans()):
            spot[key] = data.draw(TREES)
            break
        spot = spot[key]
    refused_or_read(tmp_path, yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "replace"))


@FUZZ
@given(
    start=st.integers(0, len(SOUND)),
    length=st.integers(0, 6),
    put=st.text("{}[]:,&*!|>'\"%@`-? \n\t#\\x0~NO", max_size=5),
)
def test_no_slip_of_the_keyboard_raises_anything_but_a_definition_error(
    tmp_path: Path, start: int, length: int, put: str
) -> None:
    refused_or_read(tmp_path, (SOUND[:start] + put + SOUND[start + length :]).encode())


def test_the_slow_yaml_reader_refuses_the_same_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [SOUND, "a: &x 1", "a: !t b", "a: [", 'a: "\\U7fffffff"', 'a: "\\ud800"', "a: \x00", "\ufeff" + SOUND]
    quick = [bool(told(tmp_path, text)) for text in texts]
    monkeypatch.setattr(yamltree, "_LOADER", yaml.SafeLoader)
    assert [bool(told(tmp_path, text)) for text in texts] == quick
