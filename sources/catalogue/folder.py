"""The catalogue: every definition of a folder, checked; a broken file harms no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from model import DefinitionError, Source, UsageError
from sources.catalogue.definition import CheckPattern, nearest, read_definition

SHIPPED = Path(__file__).parents[1] / "definitions"


class Catalogue:
    """Sources by id, sorted; only sound definitions are in it, and `problems` tells of the others."""

    def __init__(
        self, sources: Mapping[str, Source], problems: Sequence[DefinitionError] = (), texts: Mapping[str, str] = {}
    ) -> None:
        self._sources = dict(sorted(sources.items()))
        self._texts = texts
        self.problems = tuple(problems)

    @classmethod
    def load(
        cls, folder: Path | None = None, check_pattern: CheckPattern | None = None, *, own: Path | None = None
    ) -> Catalogue:
        """Read every definition of a folder (None: those that ship with Tallybook).

        Those of `own`, where there is such a folder, are read too and win over others of the same id.
        Raises `UsageError` when there is no such folder; problems inside files are kept in `problems`.
        """
        folder = folder or SHIPPED
        if not folder.is_dir():
            raise UsageError(f"there is no folder of definitions at {folder}", "set TALLYBOOK_SOURCES")
        sources: dict[str, Source] = {}
        problems: list[DefinitionError] = []
        texts: dict[str, str] = {}
        for path in [*_files(folder), *(_files(own) if own and own.is_dir() else ())]:
            if path.suffix == ".yaml":
                file = f"{path.parent.name}/{path.name}"
                problems.append(DefinitionError(f"is not read; rename it to {path.stem}.yml", file=file))
                continue
            definition = read_definition(path, check_pattern)
            problems += definition.problems
            if definition.source:
                sources[path.stem] = definition.source
                texts[path.stem] = definition.text
        return cls(sources, problems, texts)

    def __getitem__(self, source_id: str) -> Source:
        """The source; raises its `DefinitionError` where it is broken, `UsageError` naming near ids where unknown."""
        if source_id in self._sources:
            return self._sources[source_id]
        for problem in self.problems:
            if problem.id == source_id:
                raise problem
        hint = "`tallybook sources` lists them"
        raise UsageError(f"there is no source {source_id!r}{nearest(source_id, self._sources)}", hint)

    def get(self, source_id: str) -> Source | None:
        """The source; None where it is broken or unknown."""
        return self._sources.get(source_id)

    def text(self, source_id: str) -> str:
        """The text of a sound definition, as its file had it when it was read; "" where there is none."""
        return self._texts.get(source_id, "")

    def __contains__(self, source_id: object) -> bool:
        return source_id in self._sources

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def ids(self) -> list[str]:
        """The ids of the sound definitions, sorted."""
        return list(self._sources)

    def require(self, ids: Sequence[str]) -> list[Source]:
        """The sources asked for, in that order; raises as `[]` does, for these alone."""
        return [self[source_id] for source_id in ids]


def load_definition(path: Path, check_pattern: CheckPattern | None = None) -> Source:
    """Read one definition file; raises `DefinitionError` naming file, line and key of its first problem."""
    read = read_definition(path, check_pattern)
    if read.source is None:
        raise read.problems[0]
    return read.source


def check(path: Path, check_pattern: CheckPattern | None = None) -> list[DefinitionError]:
    """Everything that is wrong with one definition file, by line."""
    return read_definition(path, check_pattern).problems


def _files(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.suffix in (".yml", ".yaml") and not path.name.startswith(".")
    )
