"""The command as its user types it: results on standard output, messages on standard error, and the exit code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.desks import define, lines, table, tallybook


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A ledger with two releases of a daily file, the second with a digit too many."""
    define(tmp_path, "daily", "http://127.0.0.1:9/daily.csv")
    copies = tmp_path / "copies"
    copies.mkdir()
    (copies / "1.csv").write_bytes(table(20))
    (copies / "2.csv").write_bytes(table(20) + b"2025-01-21,1630,92\n")
    entries = [
        {"path": "1.csv", "fetched_at": "2025-01-20T06:00:00Z"},
        {"path": "2.csv", "fetched_at": "2025-01-21T06:00:00Z"},
    ]
    (copies / "manifest.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return tmp_path


@pytest.fixture
def filled(home: Path) -> Path:
    done = tallybook(home, "backfill", "daily", str(home / "copies" / "manifest.jsonl"), "--hold")
    assert done.returncode == 3, done.stderr
    return home


def test_a_backfill_says_what_it_recorded_and_exits_with_3_when_something_is_held(filled: Path) -> None:
    (newest, first) = lines(tallybook(filled, "log", "--json"))
    assert (newest["update"], newest["status"], newest["cause"]) == ("daily/2", "partly_held", "backfill")
    assert (first["changes_total"], len(first["changes"])) == (40, 40)
    assert [change["held"] for change in newest["changes"]] == [True, False]


def test_the_log_gives_the_fields_of_the_contract(filled: Path) -> None:
    update = lines(tallybook(filled, "log", "daily", "--limit", "1", "--json"))[0]
    assert {
        "update", "source", "known_at", "recorded_at", "cause", "status", "snapshot", "changes_total", "groups",
        "checks", "changes",
    } <= update.keys()  # fmt: skip
    assert {
        "kind", "why", "series", "as_of", "old", "new", "difference", "held", "marks", "stated", "sentence"
    } <= update["changes"][0].keys()  # fmt: skip
    assert {"kind", "count", "as_of_first", "as_of_last", "net", "up", "down", "largest"} <= update["groups"][0].keys()
    assert {"name", "result", "message", "series"} <= update["checks"][0].keys()
    assert {"reverts", "redated", "how"} <= update["changes"][0]["marks"].keys()
    assert update["changes"][1]["new"]["quote"] == "guns, 2025-01-21: 92"
    assert update["changes"][1]["sentence"]


def test_a_person_reads_the_log_in_words(filled: Path) -> None:
    done = tallybook(filled, "log", "--limit", "1")
    assert "held: 1,470 more: 160 → 1,630" in " ".join(done.stdout.split())


def test_all_gives_every_change_and_since_leaves_out_what_was_known_before(filled: Path) -> None:
    assert len(lines(tallybook(filled, "log", "--json", "--all"))) == 2
    assert [one["update"] for one in lines(tallybook(filled, "log", "--json", "--since", "2025-01-21"))] == ["daily/2"]


def test_review_lists_decides_and_refuses_what_is_decided(filled: Path) -> None:
    (waiting,) = lines(tallybook(filled, "review", "list", "--json"))
    assert (waiting["update"], waiting["change"]["series"], waiting["checks"][0]["name"]) == (
        "daily/2", "daily/tanks", "jump"
    )  # fmt: skip
    decision = ("review", "correct", "daily/2", "daily/tanks@2025-01-21", "163", "--by", "Ann", "--why", "a digit")
    done = tallybook(filled, *decision)
    assert (done.returncode, "daily/3" in done.stderr) == (0, True)
    values = {
        row["as_of"]: row["value"] for row in lines(tallybook(filled, "table", "--json")) if "tanks" in row["series"]
    }
    assert values["2025-01-21"] == 163
    again = tallybook(filled, *decision)
    assert (again.returncode, "waits for a decision" in again.stderr) == (2, True)
    assert lines(tallybook(filled, "review", "list", "--json")) == []


def test_the_table_is_as_the_world_could_know_it(filled: Path) -> None:
    known = lines(tallybook(filled, "table", "daily", "--known-at", "2025-01-20T12:00:00Z", "--json"))
    assert len(known) == 40
    assert {"series", "as_of", "value", "low", "high", "qualifier", "unit", "measure", "quote", "start"} <= known[
        0
    ].keys()
    assert lines(tallybook(filled, "table", "daily", "--known-at", "2025-01-19", "--json")) == []


def test_show_tells_every_version_with_what_superseded_it(filled: Path) -> None:
    rows = lines(tallybook(filled, "show", "daily/guns", "--json"))
    assert len(rows) == 21
    assert {
        "series", "as_of", "value", "low", "high", "qualifier", "known_at", "recorded_at", "update", "superseded_by"
    } <= rows[0].keys()  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_an_export_holds_the_accepted_values_and_says_what_its_columns_mean(filled: Path, form: str) -> None:
    path = filled / f"out.{form}"
    assert tallybook(filled, "export", "--format", form, "-o", str(path)).returncode == 0
    rows = exported(path, form)
    assert len(rows) == 41
    assert float(rows[0]["value"]) == 52
    package = json.loads((filled / f"out.{form}.datapackage.json").read_text())
    (resource,) = package["resources"]
    named = {field["name"] for field in resource["schema"]["fields"]}
    assert named == rows[0].keys() - {"start", "end"}
    assert resource["path"] == path.name


def exported(path: Path, form: str) -> list[dict[str, Any]]:
    if form == "parquet":
        from pyarrow import parquet

        return list(parquet.read_table(path).to_pylist())
    text = path.read_text()
    return list(csv.DictReader(io.StringIO(text))) if form == "csv" else [json.loads(row) for row in text.splitlines()]


def test_an_export_to_a_place_that_cannot_be_written_is_told(filled: Path) -> None:
    done = tallybook(filled, "export", "--format", "csv", "-o", str(filled / "none" / "out.csv"))
    assert (done.returncode, "cannot be written" in done.stderr) == (2, True)


def test_verify_passes_and_fails_with_1_when_something_was_altered(filled: Path) -> None:
    import sqlite3

    assert tallybook(filled, "verify").returncode == 0
    with sqlite3.connect(filled / "ledger.sqlite") as connection:
        connection.execute("UPDATE versions SET content = '1' WHERE content = '160'")
    done = tallybook(filled, "verify")
    assert (done.returncode, "daily/1" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("log", "nothing"), "the ledger has nothing of a source 'nothing'"),
        (("show", "daily/tank"), "near: daily/tanks"),
        (("refresh", "dayly"), "daily"),
        (("table", "--known-at", "yesterday"), "is no time"),
        (("log", "--since", "2025-13-01"), "is no date"),
        (("review", "accept", "daily/99", "--by", "A", "--why", "w"), "no update 'daily/99'"),
        (("extract", "missing.html"), "cannot be read"),
        (("extract", "-", "--language", "xx"), "known are ar, cs, de, en"),
        (("nonsense",), "No such command"),
        (("table", "--known-at", "2025-01-01", "--recorded-by", "2025-01-01"), "different questions"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence_and_exits_with_2(
    filled: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = tallybook(filled, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "manifest.jsonl:1"),
        ('{"path": "none.csv", "fetched_at": "2025-01-01"}', "none.csv cannot be read"),
        ('{"path": "../sources/daily.yml", "fetched_at": "2025-01-01"}', "outside the manifest's folder"),
        ('{"path": "1.csv", "fetched_at": "soon"}', "is no time"),
        ("", "names no copies"),
    ],
)
def test_a_bad_manifest_is_refused_before_anything_is_written(home: Path, line: str, says: str) -> None:
    (home / "copies" / "manifest.jsonl").write_text(line + "\n")
    done = tallybook(home, "backfill", "daily", str(home / "copies" / "manifest.jsonl"))
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert lines(tallybook(home, "log", "--json")) == []


def test_a_backfill_that_was_cut_off_is_finished_by_calling_it_again(filled: Path) -> None:
    done = tallybook(filled, "backfill", "daily", str(filled / "copies" / "manifest.jsonl"), "--hold")
    assert "0 updates" in done.stderr
    assert "2 recorded before" in done.stderr


def test_status_names_what_should_have_run(home: Path) -> None:
    define(home, "hourly", "http://127.0.0.1:9/", schedule={"cron": "0 * * * *", "timezone": "UTC"})
    define(home, "resting", "http://127.0.0.1:9/", tried_live="never", schedule={"cron": "0 * * * *"})
    done = tallybook(home, "status", "--json")
    states = {row["source"]: row["state"] for row in lines(done)}
    assert (done.returncode, states) == (1, {"daily": "off", "hourly": "overdue", "resting": "off"})


def test_an_archive_that_nothing_here_reaches_is_refused(home: Path) -> None:
    done = tallybook(home, "refresh", "daily", env={"TALLYBOOK_ARCHIVE": "nowhere://bucket/archive"})
    assert (done.returncode, "nowhere://…, which cannot be reached" in done.stderr) == (2, True), done.stderr


def test_a_limit_that_is_no_size_is_refused(home: Path) -> None:
    done = tallybook(home, "log", env={"TALLYBOOK_ARCHIVE_LIMIT": "plenty"})
    assert (done.returncode, "'plenty', which is no size" in done.stderr) == (2, True)


def test_a_broken_definition_is_named_with_file_line_and_key(home: Path) -> None:
    (home / "sources" / "broken.yml").write_text("title: x\nfigures:\n  - {id: a, colum: b}\n")
    done = tallybook(home, "sources", "check")
    assert (done.returncode, "broken.yml:3 figures[0].colum" in done.stdout) == (2, True)
    assert "daily" in {row["source"] for row in lines(tallybook(home, "sources", "list", "--json"))}


def test_extract_reads_a_text_from_standard_input_and_records_nothing(home: Path) -> None:
    text = home / "article.txt"
    text.write_text("Officials said that at least 48 people were killed on Monday.")
    (figure,) = lines(tallybook(home, "extract", str(text), "--published", "2025-01-08", "--json"))
    assert (figure["value"], figure["qualifier"], figure["measure"]) == (48, "more_than", "killed")
    assert lines(tallybook(home, "log", "--json")) == []


def test_status_no_longer_says_held_once_a_person_decided(filled: Path) -> None:
    assert [row["state"] for row in lines(tallybook(filled, "status", "--json"))] == ["held"]
    tallybook(filled, "review", "reject", "daily/2", "--by", "Ann", "--why", "a digit")
    (row,) = lines(tallybook(filled, "status", "--json"))
    assert (row["state"], row["open_holds"], row["message"]) == ("changed", 0, "")


def test_a_decision_is_read_back_with_who_and_why(filled: Path) -> None:
    tallybook(filled, "review", "accept", "daily/2", "--by", "Ann", "--why", "they confirmed it")
    told = " ".join(tallybook(filled, "log", "--limit", "1").stdout.split())
    assert "decided by Ann: “they confirmed it”" in told


REPORT = "The ministry said on Friday that at least 48 people were killed. Another 30 were missing.\n"


def test_extract_explains_each_field_by_its_words_or_by_a_rule(home: Path) -> None:
    (home / "report.txt").write_text(REPORT)
    told = tallybook(home, "extract", str(home / "report.txt"), "--language", "en", "--explain").stdout
    rows = [line.strip().split(maxsplit=2) for line in told.splitlines()]
    assert ["hedge", "more_than", "“at least”"] in rows
    assert ["measure", "missing", "“missing”"] in rows
    assert "no hedge stands beside the number" in told


def test_explained_figures_as_json_are_the_figures_and_why(home: Path) -> None:
    (home / "report.txt").write_text(REPORT)
    report = str(home / "report.txt")
    plain = lines(tallybook(home, "extract", report, "--language", "en", "--json"))
    explained = lines(tallybook(home, "extract", report, "--language", "en", "--explain", "--json"))
    why = [figure.pop("why") for figure in explained]
    assert explained == plain
    start = REPORT.index("at least")
    assert why[0]["qualifier"] == {"words": "at least", "start": start, "end": start + len("at least")}
    assert why[1]["qualifier"] == {"rule": "no hedge stands beside the number"}


def test_explaining_a_table_is_refused_since_its_definition_says_where_each_field_stands(home: Path) -> None:
    (home / "copy.csv").write_bytes(table(2))
    done = tallybook(home, "extract", str(home / "copy.csv"), "--source", "daily", "--explain")
    assert (done.returncode, "daily is read by csv" in done.stderr) == (2, True)


def test_a_value_is_accepted_as_the_first_of_a_count_that_began_anew(filled: Path) -> None:
    why = ("--by", "Ann", "--why", "a new method")
    done = tallybook(filled, "review", "accept", "daily/2", "daily/tanks@2025-01-21", "--break", *why)
    assert done.returncode == 0, done.stderr
    told = " ".join(tallybook(filled, "log", "--limit", "1").stdout.split())
    assert "series break: 1,630, as of 21 January 2025 (a new method); before, and not to be compared: 160" in told
    assert " more: " not in told
    (change,) = lines(tallybook(filled, "log", "--limit", "1", "--json"))[0]["changes"]
    assert (change["difference"], change["marks"]["series_break"], change["old"]["value"]) == (
        None,
        "a new method",
        160,
    )
    (marked,) = [row for row in lines(tallybook(filled, "show", "daily/tanks", "--json")) if row["series_break"]][-1:]
    assert (marked["as_of"], marked["series_break"]) == ("2025-01-21", "a new method")
    assert "series break on" in tallybook(filled, "series").stdout
    exported_rows = list(csv.DictReader(io.StringIO(tallybook(filled, "export", "--format", "csv").stdout)))
    assert [row["as_of"] for row in exported_rows if row["series_break"]] == ["2025-01-21"]


def test_a_break_is_marked_on_an_accepted_value_and_taken_back(filled: Path) -> None:
    mark = ("review", "break", "daily/guns@2025-01-21", "--by", "Ann", "--why", "a new method")
    assert "counted anew from there on" in tallybook(filled, *mark).stderr
    assert "counted anew from here on (Ann: a new method)" in " ".join(
        tallybook(filled, "log", "--limit", "1").stdout.split()
    )
    assert "counted on after all" in tallybook(filled, *mark, "--undo").stderr
    assert not any(row["series_break"] for row in lines(tallybook(filled, "table", "--json")))
    wrong = tallybook(filled, "review", "break", "daily/guns@2030-01-01", "--by", "Ann", "--why", "w")
    assert (wrong.returncode, "nothing is accepted at" in wrong.stderr) == (2, True)


def test_copies_that_no_definition_could_read_are_read_once_it_is_mended(home: Path) -> None:
    backfill = ("backfill", "daily", str(home / "copies" / "manifest.jsonl"))
    define(home, "daily", "http://127.0.0.1:9/daily.csv", as_of={"column": "day"})
    assert "0 updates" in tallybook(home, *backfill).stderr
    define(home, "daily", "http://127.0.0.1:9/daily.csv")
    assert "2 updates" in tallybook(home, *backfill).stderr
    assert "2 recorded before" in tallybook(home, *backfill).stderr


def test_a_home_is_backed_up_drilled_and_brought_back_to_another(filled: Path, tmp_path: Path) -> None:
    place, other = tmp_path / "place", tmp_path / "other"
    made = tallybook(filled, "backup", str(place), "--drill", "--keep", "2")
    assert (made.returncode, made.stdout) == (0, tallybook(filled, "checkpoint").stdout), made.stderr
    assert "it verifies" in made.stderr
    other.mkdir()
    back = tallybook(other, "restore", str(place))
    assert (back.returncode, back.stdout) == (0, made.stdout), back.stderr
    assert tallybook(other, "table", "--json").stdout == tallybook(filled, "table", "--json").stdout
    assert (other / "sources" / "daily.yml").read_bytes() == (filled / "sources" / "daily.yml").read_bytes()
    again = tallybook(other, "restore", str(place))
    assert again.returncode == 2
    assert "there is a ledger at" in again.stderr
    assert "holds no backup" in tallybook(tmp_path / "third", "restore", str(tmp_path)).stderr
