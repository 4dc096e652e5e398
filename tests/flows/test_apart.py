"""What a command reads by hand is bounded, too: no page holds a terminal, and errors come through as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.commands.extract import extract
from flows.drafts.drafting import look
from flows.reading.apart import apart
from model import DefinitionError, TallybookError, UnreadableError, UsageError
from tests.pipeline.desks import desk, tallybook
from tests.sources.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def endless() -> int:
    """Holds the interpreter, as a pattern that nests repetitions does."""
    return len(re.findall(r"(a+)+b", "a" * 60))


def test_what_was_done_is_handed_on() -> None:
    assert apart(lambda: {"a": [1, 2]}) == {"a": [1, 2]}


def test_what_takes_too_much_time_or_memory_is_refused_by_name() -> None:
    with pytest.raises(UnreadableError, match="more than 1 s of processor time") as slow:
        apart(endless, seconds=1)
    with pytest.raises(UnreadableError, match="MiB of memory") as large:
        apart(lambda: len([b"x" * 2**20 for _ in range(2_000)]), memory=300 * 2**20)
    assert (slow.value.reason, large.value.reason) == ("too_slow", "too_large")


@pytest.mark.parametrize(
    "error", [UsageError("no", "yes"), UnreadableError("no", reason="gone"), DefinitionError("no", file="a.yml")]
)
def test_errors_come_through_in_their_words(error: TallybookError) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(TallybookError) as caught:
        apart(fail)
    assert (str(caught.value), caught.value.exit_code) == (str(error), error.exit_code)


def test_a_bug_is_no_want_of_memory() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        apart(lambda: 1 // 0)


def test_extract_and_sources_new_end_on_a_text_that_would_hold_them(
    tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way they read is made endless here, since no text is known that makes it so; a copy of this one has it."""
    monkeypatch.setattr("threading.active_count", lambda: 1)
    page = tmp_path / "page.html"
    page.write_text("<p>Some 7 people were killed.</p>")
    publisher.page("/", page.read_bytes())
    monkeypatch.setattr("extractors.derive", lambda *_, **__: endless())
    monkeypatch.setenv("TALLYBOOK_READ_SECONDS", "1")
    done = CliRunner().invoke(extract, [str(page)])
    assert isinstance(done.exception, UnreadableError)
    with desk(tmp_path) as opened, pytest.raises(UnreadableError, match="processor time"):
        look(opened, publisher.url("/"))


def test_extract_says_the_same_as_ever(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<article><p>Some 7 people were killed in the flood, officials said.</p></article>")
    for more in ([], ["--json"], ["--explain"], ["--explain", "--json"]):
        done = tallybook(tmp_path, "extract", str(page), *more)
        assert done.returncode == 0, done.stderr
        assert "7" in done.stdout
    gone = tallybook(tmp_path, "extract", str(tmp_path / "none.html"))
    assert (gone.returncode, "cannot be read" in gone.stderr) == (2, True)
