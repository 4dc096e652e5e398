"""Each extractor reads its samples and synthetic pages as frozen, and reads otherwise only by another version."""

from __future__ import annotations

from pathlib import Path

import pytest

from model import EXTRACTORS
from tests.golden import Golden, differences, forgotten, of_extractor, sealed, write


@pytest.mark.parametrize("name", EXTRACTORS)
def test_every_page_is_read_as_frozen(name: str) -> None:
    golden = of_extractor(name)
    moved = differences(golden)
    assert moved == [], f"look at each, raise VERSION of {name}, then: python -m tests.golden {name} --write"
    pages = sum(line.startswith("== ") for line in golden.readings())
    assert pages > 1, f"{name} is frozen on {pages} pages: write its ways of writing into tests/frozen/synthetic.yml"


@pytest.mark.parametrize("name", EXTRACTORS)
def test_no_frozen_reading_was_changed_without_a_new_version(name: str) -> None:
    assert sealed(of_extractor(name))


def frozen(path: Path, version: int, *lines: str) -> Golden:
    return Golden(path / "made.txt", f"made {version} abc", lambda: list(lines))


def test_a_reading_that_moved_is_told_and_not_frozen_until_the_version_rises(tmp_path: Path) -> None:
    assert write(frozen(tmp_path, 1, "== one", "5", "== two", "7")) == ""
    moved = frozen(tmp_path, 1, "== one", "6", "== two", "7")
    assert differences(moved) == ["== one", "- 5", "+ 6"]
    assert forgotten(moved, differences(moved)) == ["== one"]
    assert "raise VERSION of made" in write(moved)
    assert differences(moved) != []
    risen = frozen(tmp_path, 2, "== one", "6", "== two", "7")
    assert not sealed(risen)
    assert write(risen) == ""
    assert sealed(risen)
    assert differences(risen) == []


def test_a_new_text_fails_until_it_is_frozen_and_needs_no_new_version(tmp_path: Path) -> None:
    write(frozen(tmp_path, 1, "== one", "5"))
    for lines in (("== one", "5", "== two"), ("== one", "5", "== two", "7")):
        assert "== two" in differences(frozen(tmp_path, 1, *lines))
    more = frozen(tmp_path, 1, "== one", "5", "== two", "7")
    assert write(more) == ""
    assert differences(more) == []


def test_a_mark_of_a_wrong_reading_is_kept_while_it_is_read_so(tmp_path: Path) -> None:
    first = frozen(tmp_path, 1, "== one", "5", "6")
    write(first)
    text = first.path.read_text().replace("5\n", "5  wrong: it is the page's number\n")
    first.path.write_text(text)
    assert differences(first) == []
    assert sealed(first)
    write(first)
    assert first.path.read_text() == text
    write(frozen(tmp_path, 2, "== one", "6"))
    assert "wrong" not in first.path.read_text()


def test_a_frozen_reading_that_was_written_by_hand_is_seen(tmp_path: Path) -> None:
    golden = frozen(tmp_path, 1, "== one", "5")
    write(golden)
    golden.path.write_text(golden.path.read_text().replace("\n5\n", "\n6\n"))
    assert not sealed(golden)
