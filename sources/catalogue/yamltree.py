"""YAML as a tree of lines and texts: nothing is interpreted, nothing is executed, nothing is expanded.

A scalar keeps the text that stands in the file, so that `NO` stays a country and `2026-01-02` a text until
somebody who knows what the field wants reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import yaml

MAX_DEPTH = 24

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Scalar(NamedTuple):
    """A text as it stands in the file; `bare` where it was written without quotes, as one line."""

    line: int
    text: str
    bare: bool

    @property
    def is_null(self) -> bool:
        """Whether YAML means nothing by it."""
        return self.bare and self.text in _NULLS


class Items(NamedTuple):
    """A list."""

    line: int
    items: list[Node]


class Pairs(NamedTuple):
    """A mapping, its pairs in the order of the file; duplicates are kept."""

    line: int
    pairs: list[tuple[Node, Node]]


Node: TypeAlias = Scalar | Items | Pairs


class TreeError(Exception):
    """The text is no YAML of the plain kind that a definition is written in."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def read_tree(text: str) -> Node | None:
    """Read one YAML document; None when it is empty.

    Raises `TreeError` for broken YAML, anchors, aliases, tags, a second document, or nesting without reason.
    """
    try:
        events = yaml.parse(text, Loader=_LOADER)
        return _document(iter(events))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = getattr(mark, "line", None)  # None where the mark is
        raise TreeError(None if line is None else line + 1, f"is not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise TreeError(None, f"is not YAML: {str(error).splitlines()[0]}") from None


def _document(events: Iterator[Any]) -> Node | None:
    root: Node | None = None
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise TreeError(line, "holds a second document; write one definition a file")
        if isinstance(event, yaml.NodeEvent):
            root = _node(event, events, 0)
    return root


def _node(event: Any, events: Iterator[Any], depth: int) -> Node:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise TreeError(line, "uses an anchor or alias (& or *); quote the text, or write it out")
    if event.tag is not None:
        raise TreeError(line, f"uses the tag {event.tag}; quote the text if it begins with !")
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event, line)
    if depth >= MAX_DEPTH:
        raise TreeError(line, f"is nested more than {MAX_DEPTH} deep")
    if isinstance(event, yaml.SequenceStartEvent):
        return Items(line, list(_inside(events, yaml.SequenceEndEvent, depth)))
    inside = _inside(events, yaml.MappingEndEvent, depth)
    return Pairs(line, list(zip(inside, inside, strict=True)))


def _inside(events: Iterator[Any], end: type, depth: int) -> Iterator[Node]:
    for event in events:
        if isinstance(event, end):
            return
        yield _node(event, events, depth + 1)


def _scalar(event: Any, line: int) -> Scalar:
    # A block (| or >) ends in a line break that its writer did not mean.
    text = event.value.rstrip("\n") if event.style in ("|", ">") else event.value
    return Scalar(line, text, not event.style)
