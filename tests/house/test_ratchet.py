"""What is over its bounds today may only shrink: tests/house/ratchet.txt lists it by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import house


@pytest.fixture(scope="module")
def now() -> list[house.Excess]:
    """What is over its bound now."""
    return house.over(house.modules())


def test_nothing_is_over_its_bound_that_was_not(now: list[house.Excess]) -> None:
    assert house.worse(now, house.read_ratchet()) == [], "mend it; tests/house/ratchet.txt only shrinks"


def test_what_got_better_is_written_down(now: list[house.Excess]) -> None:
    assert house.better(now, house.read_ratchet()) == [], "run `python -m benchmarks.house --write`"


def test_worse_and_better_are_told_apart() -> None:
    known = [house.Excess("branches", "a", 14), house.Excess("branches", "b", 11), house.Excess("type", "Row", 2)]
    renamed = [house.Excess("branches", "c", 11), house.Excess("branches", "d", 14), house.Excess("type", "Line", 2)]
    assert house.worse(renamed, known) == house.better(renamed, known) == []
    grown = [house.Excess("branches", "a", 14), house.Excess("branches", "b", 12), house.Excess("type", "Row", 2)]
    assert house.worse(grown, known) == ["branches 12 b"]
    assert house.better(grown, known) == []
    added = [*known, house.Excess("circle", "one two", 2)]
    assert house.worse(added, known) == ["circle 2 one two"]
    assert house.better(known[1:], known) == ["branches"]


SAMPLE = '''
Alias = dict[str, int]
class Place:
    """A place."""
    def lies(self, a, b, c, d, e, f):
        return [x for x in a if x and b or c] if d else e or f
class _Hidden: ...
def run(self): ...
'''


@pytest.fixture
def sample(tmp_path: Path) -> list[house.Module]:
    """Two modules that import each other and define the same names."""
    (tmp_path / "storage").mkdir()
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / f"storage/{name}.py").write_text(f"from storage.{other} import Place\n{SAMPLE}")
    return house.modules(tmp_path)


def test_what_is_counted_is_what_stands_there(sample: list[house.Module]) -> None:
    (first, *_rest) = house.functions(sample[0])
    assert (first.name, first.lines, first.arguments) == ("Place.lies", 2, 6)
    # One for the function, the conditional, the comprehension, its condition, `and`, and two `or`.
    assert first.branches == 7
    assert first.effort > 0
    twice = {name: len(homes) for name, homes in house.type_names(sample).items()}
    assert twice == {"Alias": 2, "Place": 2, "Hidden": 2}
    assert list(house.undocumented(sample[0])) == ["Place.lies", "run"]
    assert house.circles(sample) == ["storage.one storage.two"]


def test_what_got_worse_is_never_written_down(sample: list[house.Module], tmp_path: Path) -> None:
    path = tmp_path / "ratchet.txt"
    path.write_text("# kept\nbranches 99 gone\n")
    with pytest.raises(SystemExit, match="circle 2 storage"):
        house.write_ratchet(house.over(sample), path)
    house.write_ratchet([house.Excess("branches", "other", 98)], path)
    assert path.read_text() == "# kept\nbranches 98 other\n"


def test_the_report_names_folders_and_what_has_two_meanings(sample: list[house.Module]) -> None:
    shown = house.report(sample)
    assert "\nstorage  " in shown
    assert "  Place: storage.one, storage.two" in shown
