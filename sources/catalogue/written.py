"""A definition as it is written: its text, where it lies, and what editing it would come to."""

from __future__ import annotations

from typing import NamedTuple


class WrittenDefinition(NamedTuple):
    """A definition's text and its digest, and the file that it is written to.

    `told` is what whoever edits it should know; `refusal` why it cannot be edited here, "" where it can.
    """

    text: str
    digest: str
    file: str
    told: str
    refusal: str


class DryRun(NamedTuple):
    """What another text would read in archived releases: as now in `same` of `of`; the differences in sentences.

    `kept` is how many releases there are in all; `more` how many differences are not told.
    """

    same: int
    of: int
    kept: int
    told: tuple[str, ...]
    more: int

    @property
    def sentence(self) -> str:
        """How much is read as now."""
        if not self.of:
            return "No archived release is there to try it on"
        newest = f"the newest {self.of} of {self.kept:,}" if self.of < self.kept else f"{self.of}"
        return f"Reads the same in {self.same} of {newest} archived releases"
