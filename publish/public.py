"""What may leave by a door that anybody may stand behind: sources that are defined, and not for the desk alone."""

from __future__ import annotations

from collections.abc import Iterator

from model import Source
from publish.finding.words import Definitions


class PublicDefinitions:
    """The definitions of sources that are no desk's own affair, as a catalogue has them."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._definitions if self.get(key) is not None)

    def get(self, key: str, /) -> Source | None:
        """A source's definition; None of a private source, as of one that is not defined."""
        found = self._definitions.get(key)
        return None if found is None or found.private else found
