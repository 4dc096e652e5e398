"""Old copies out of a git history: every version of the file, at its commit's date, and nothing of it is run."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from cli.main import main
from flows.desk import Desk
from flows.past.githistory import GitWishes, read_history
from flows.settings import Settings
from model import UsageError
from tests.pipeline.desks import PAPER

DEFINITION = """
title: Tanks
publisher: {name: P}
method: counted by hand
basis: counted
tried_live: never
url: http://127.0.0.1/t.csv
coverage: full
extractor: csv
as_of: {column: day}
figures:
  - {id: tanks, column: tanks, kind: total, unit: items}
"""


class Repository:
    """A git repository that a test commits to; every commit an hour after the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.hour = folder, 0
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, at: str = "2025-01-01T00:00:00+0000") -> str:
        people = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        dates = {"GIT_AUTHOR_DATE": "2001-01-01T00:00:00+0000", "GIT_COMMITTER_DATE": at}
        return subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            env=os.environ | people | dates | {"GIT_CONFIG_GLOBAL": os.devnull},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def commit(self, name: str, content: str | None, at: str | None = None) -> None:
        path = self.folder / name
        if content is None:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x", at=at or f"2025-01-01T{self.hour:02}:00:00+0200")
        self.hour += 1


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "scraped")


def table(*values: int) -> str:
    return "day,tanks\n" + "".join(f"2024-12-{at:02},{value}\n" for at, value in enumerate(values, start=1))


def contents(repository: Repository, file: str) -> list[tuple[str, str]]:
    return [(copy.fetched_at, copy.read().decode()) for copy in read_history(repository.folder, file)]


def test_each_version_that_differs_from_the_one_before_is_a_copy_at_its_committer_date(repository: Repository) -> None:
    for content in ("a", "b", "a"):
        repository.commit("data/t.csv", content)
        repository.commit("other.csv", f"beside {content}")
    assert contents(repository, "data/t.csv") == [
        ("2024-12-31T22:00:00Z", "a"),
        ("2025-01-01T00:00:00Z", "b"),
        ("2025-01-01T02:00:00Z", "a"),
    ]


def test_a_file_that_went_and_came_back_the_same_is_no_new_copy(repository: Repository) -> None:
    for content in ("a", None, "a", "b"):
        repository.commit("t.csv", content)
        repository.commit("other.csv", f"{content}")
    assert [text for _, text in contents(repository, "t.csv")] == ["a", "b"]


def test_a_rename_is_followed_and_a_copy_of_another_file_is_not(repository: Repository) -> None:
    repository.commit("old.csv", table(1, 2, 3))
    repository.git("mv", "old.csv", "new.csv")
    repository.commit("new.csv", table(1, 2, 3, 4))
    repository.commit("copied.csv", table(1, 2, 3, 4))
    repository.commit("copied.csv", table(1, 2, 3, 4, 5))
    assert [text for _, text in contents(repository, "new.csv")] == [table(1, 2, 3), table(1, 2, 3, 4)]
    assert [text for _, text in contents(repository, "copied.csv")] == [table(1, 2, 3, 4), table(1, 2, 3, 4, 5)]


def test_a_merge_is_one_step_of_the_branch(repository: Repository) -> None:
    repository.commit("t.csv", "a")
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("t.csv", "b")
    repository.commit("t.csv", "c")
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "side", at="2025-01-02T00:00:00+0000")
    assert contents(repository, "t.csv") == [("2024-12-31T22:00:00Z", "a"), ("2025-01-02T00:00:00Z", "c")]


def test_parents_come_before_children_whatever_the_clocks_said(repository: Repository) -> None:
    for content, day in (("a", 3), ("b", 6), ("c", 5), ("d", 7)):
        repository.commit("t.csv", content, at=f"2025-01-0{day}T00:00:00+0000")
    assert contents(repository, "t.csv") == [
        (f"2025-01-0{day}T00:00:00Z", content) for content, day in (("a", 3), ("b", 6), ("c", 6), ("d", 7))
    ]


def test_many_files_are_releases_of_their_own_on_the_day_that_their_names_state(repository: Repository) -> None:
    repository.commit("data/2024-12-01.csv", "a")
    repository.commit("data/2024-12-02.csv", "b")
    repository.commit("data/2024-12-01.csv", "corrected")
    repository.commit("data/latest.csv", "b")
    repository.commit("data/deep/2024-12-03.csv", "c")
    repository.commit("data/2024-12-01.csv", None)
    found = read_history(repository.folder, "data/*.csv", GitWishes(files=True))
    assert [(copy.name.partition(":")[2], copy.published, copy.read()) for copy in found] == [
        ("data/2024-12-01.csv", "2024-12-01", b"a"),
        ("data/2024-12-02.csv", "2024-12-02", b"b"),
        ("data/2024-12-01.csv", "2024-12-01", b"corrected"),
        ("data/latest.csv", None, b"b"),
    ]
    deep = read_history(repository.folder, "data/**/*.csv", GitWishes(files=True, published="page"))
    assert [(copy.published, copy.article) for copy in deep] == [(None, True)] * 5


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("20241201.csv", "2024-12-01"), ("2024/12/01/t.csv", "2024-12-01"), ("t_2024_12_01_v2.csv", "2024-12-01"),
        ("2024-12-01/2024-12-01.csv", "2024-12-01"), ("2024-12-01_2024-12-07.csv", None), ("03-04-2024.csv", None),
        ("2024-13-01.csv", None), ("1202412011.csv", None), ("t.csv", None),
    ],
)  # fmt: skip
def test_a_name_states_one_day_year_first_or_none(repository: Repository, name: str, day: str | None) -> None:
    repository.folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
    repository.commit(name, "a")
    [copy] = read_history(repository.folder, "**", GitWishes(files=True))
    assert copy.published == day


def test_a_branch_a_tag_and_a_range_are_read_where_they_are_wished(repository: Repository) -> None:
    repository.commit("t.csv", "a")
    repository.git("tag", "v1")
    repository.commit("t.csv", "b")
    repository.git("checkout", "--quiet", "-b", "side", "v1")
    repository.commit("t.csv", "c")

    def texts(revisions: str) -> list[bytes]:
        wishes = GitWishes(revisions=revisions)
        return [copy.read() for copy in read_history(repository.folder, "t.csv", wishes)]

    assert (texts(""), texts("main"), texts("v1"), texts("v1..main")) == ([b"a", b"c"], [b"a", b"b"], [b"a"], [b"b"])
    for wrong in ("nothing", "--all", "a..b..c", "..main", "v1...main"):
        with pytest.raises(UsageError, match=r"no branch, tag or commit|names no revisions"):
            texts(wrong)


def test_the_author_s_date_counts_where_it_is_wished(repository: Repository) -> None:
    for content in ("a", "b"):
        repository.commit("t.csv", content)
    found = read_history(repository.folder, "t.csv", GitWishes(date="author"))
    assert [copy.fetched_at for copy in found] == ["2001-01-01T00:00:00Z"] * 2


def test_a_shallow_clone_has_what_it_has(repository: Repository, tmp_path: Path) -> None:
    for content in ("a", "b", "c"):
        repository.commit("t.csv", content)
    url = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--depth", "2", url, str(tmp_path / "shallow"))
    assert [copy.read() for copy in read_history(tmp_path / "shallow", "t.csv")] == [b"b", b"c"]


def test_a_partial_clone_will_do_where_it_holds_the_file_and_else_says_how_much_is_missing(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit("gone.csv", table(1, 2, 3))
    (repository.folder / "gone.csv").unlink()  # in the commit that adds t.csv: was it renamed? Only its bytes tell
    for values in ((1,), (1, 2), (1, 2, 3)):
        repository.commit("t.csv", table(*values))
    url = repository.folder.as_uri()
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = tmp_path / "partial"
    repository.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", url, str(clone))
    with pytest.raises(UsageError, match="is missing; 3 of 3 versions are"):
        read_history(clone, "t.csv")
    asked = "".join(f"HEAD~{back}:t.csv\n" for back in range(3))
    subprocess.run(
        ["git", "-C", str(clone), "cat-file", "--batch"], input=asked, check=True, capture_output=True, text=True
    )
    assert [copy.read().decode() for copy in read_history(clone, "t.csv")] == [table(1), table(1, 2), table(1, 2, 3)]


def test_one_git_reads_all_versions_for_any_threads(repository: Repository) -> None:
    for at in range(20):
        repository.commit("t.csv", f"{at}\n" * 3000)
    copies = read_history(repository.folder, "t.csv") * 5
    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(lambda copy: hashlib.sha256(copy.read()).hexdigest() == copy.sha256, copies))
    assert all(read)


def test_bytes_come_as_they_were_committed_whatever_attributes_say(repository: Repository) -> None:
    repository.commit(".gitattributes", "*.csv text eol=crlf working-tree-encoding=UTF-16 ident\n")
    (repository.folder / ".gitattributes").unlink()
    repository.commit("t.csv", "a\nb\n$Id$\n")
    repository.git("checkout", "HEAD~", "--", ".gitattributes")
    assert contents(repository, "t.csv")[0][1] == "a\nb\n$Id$\n"


def test_nothing_that_the_repository_names_is_run(repository: Repository, tmp_path: Path) -> None:
    proof = tmp_path / "was-run"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {proof}\ncat\n")
    script.chmod(0o755)
    repository.commit(".gitattributes", "*.csv diff=evil filter=evil\n")
    repository.commit("t.csv", table(1))
    repository.commit("t.csv", table(1, 2))
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external", "diff.evil.command",
        "diff.evil.textconv", "filter.evil.smudge", "filter.evil.clean", "gpg.program", "credential.helper",
        "pager.log", "core.gitProxy", "core.askPass", "core.alternateRefsCommand",
    ):  # fmt: skip
        repository.git("config", key, str(script))
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "alias.log", f"!{script}")
    for hook in ("post-checkout", "reference-transaction", "fsmonitor-watchman", "post-index-change"):
        (repository.folder / ".git" / "hooks" / hook).write_text(script.read_text())
        (repository.folder / ".git" / "hooks" / hook).chmod(0o755)
    assert [text for _, text in contents(repository, "t.csv")] == [table(1), table(1, 2)]
    assert not proof.exists()


def test_a_missing_object_is_not_fetched_by_a_program_that_the_repository_names(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit("t.csv", "a")
    proof = tmp_path / "was-run"
    blob = repository.git("rev-parse", "HEAD:t.csv").strip()
    (repository.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::touch {proof}",
        "protocol.ext.allow": "always",
    }.items():
        repository.git("config", key, value)
    subprocess.run(["git", "-C", str(repository.folder), "cat-file", "blob", blob], capture_output=True)
    assert proof.exists(), "this git would not have run it anyway"
    proof.unlink()
    with pytest.raises(UsageError, match=f"the object {blob} is missing"):
        read_history(repository.folder, "t.csv")
    assert not proof.exists()


def test_variables_of_git_in_the_environment_lead_to_no_other_repository(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit("t.csv", "a")
    other = Repository(tmp_path / "other")
    other.commit("t.csv", "b")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    assert [text for _, text in contents(repository, "t.csv")] == ["a"]


def test_a_bare_repository_and_a_folder_inside_one_will_do(repository: Repository, tmp_path: Path) -> None:
    repository.commit("data/t.csv", "a")
    bare = tmp_path / "bare.git"
    repository.git("clone", "--quiet", "--bare", ".", str(bare))
    assert [copy.read() for copy in read_history(bare, "data/t.csv")] == [b"a"]
    assert [copy.read() for copy in read_history(repository.folder / "data", "t.csv")] == [b"a"]


def test_file_names_are_taken_literally(repository: Repository) -> None:
    repository.commit("t[1]*.csv", "a")
    repository.commit("t1x.csv", "b")
    repository.commit("--all", "c")
    assert [text for _, text in contents(repository, "t[1]*.csv")] == ["a"]
    assert [text for _, text in contents(repository, "--all")] == ["c"]


def test_what_is_wrong_is_named(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="HEAD"):
        read_history(repository.folder, "t.csv")
    repository.commit("t.csv", "a")
    with pytest.raises(UsageError, match=r"no commit of its branch has a file 'missing.csv'"):
        read_history(repository.folder, "missing.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="not a git repository"):
        read_history(tmp_path / "empty", "t.csv")
    blob = repository.git("rev-parse", "HEAD:t.csv").strip()
    (repository.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UsageError, match=f"the object {blob} is missing"):
        read_history(repository.folder, "t.csv")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git is not installed"):
        read_history(repository.folder, "t.csv")


def test_the_command_replays_the_history_into_the_ledger_and_once_only(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit("t.csv", table(1))
    repository.commit("t.csv", table(1, 3))
    repository.commit("t.csv", table(2, 3))
    definitions = tmp_path / "sources"
    definitions.mkdir()
    (definitions / "tanks.yml").write_text(DEFINITION)
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TALLYBOOK_SOURCES", str(definitions))
    monkeypatch.delenv("TALLYBOOK_DATABASE_URL", raising=False)
    command = ["backfill", "tanks", "--git", str(repository.folder), "--path", "t.csv"]
    assert _run(command) == 0
    assert "3 updates, 3 changes, 0 held, 0 copies unreadable" in capsys.readouterr().err
    assert _run(command) == 0
    assert "0 updates, 0 changes, 0 held, 0 copies unreadable, 3 recorded before" in capsys.readouterr().err
    with Desk.open(Settings.load()) as desk:
        told = [(one.known_at, [change.kind for change in one.changes]) for one in desk.ledger.views.log()]
    assert told == [
        ("2025-01-01T00:00:00Z", ["revised"]),
        ("2024-12-31T23:00:00Z", ["new"]),
        ("2024-12-31T22:00:00Z", ["first"]),
    ]
    commits = repository.git("log", "--format=%H").split()
    assert _run(["log", "tanks", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["copy"] for one in told] == [f"{commit}:t.csv" for commit in commits]
    assert _run(["log", "tanks"]) == 0
    assert f"(commit {commits[0][:12]}, t.csv)" in " ".join(capsys.readouterr().out.split())


def test_pages_of_one_file_a_day_have_the_day_that_they_state(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "<html><head><meta property='article:published_time' content='{}'></head><body><article><p>{}</p></article>"
    for day, count in (("2024-12-01", "119,154"), ("2024-12-02", "121,507")):
        told = page.format(f"{day}T08:00:00Z", f"At least {count} Russian soldiers have been killed.")
        repository.commit(f"reports/{count}.html", told)
    definitions = tmp_path / "sources"
    definitions.mkdir()
    series = [{"id": "killed", "match": {"measure": "killed", "kind": "total", "whom": ["Russian"]}}]
    made = PAPER | {"series": series, "listing": {"url": "https://example.org/reports", "links": "a"}}
    (definitions / "paper.yml").write_text(yaml.safe_dump(made))
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TALLYBOOK_SOURCES", str(definitions))
    monkeypatch.delenv("TALLYBOOK_DATABASE_URL", raising=False)
    asked = ["--git", str(repository.folder), "--path", "reports/*.html", "--files", "--revisions", "main"]
    assert _run(["backfill", "paper", *asked]) == 0
    with Desk.open(Settings.load()) as desk:
        assert [(row.as_of, int(row.value or 0)) for row in desk.ledger.views.table()] == [
            ("2024-12-01", 119154), ("2024-12-02", 121507),
        ]  # fmt: skip


@pytest.mark.parametrize("arguments", [[], ["--git", "."], ["--path", "t.csv"]])
def test_half_a_choice_of_copies_is_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["backfill", "ua_personnel", *arguments]) == 2
    assert "name a MANIFEST, or --git REPO and --path FILE" in capsys.readouterr().err


def _run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)
