"""The Model Context Protocol's server over a `LedgerDoor`: six tools that read, described in words of ours alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from doors.asked import MOST, LedgerDoor
from doors.quoting import NOTE, told
from model import TallybookError
from model.wire import dumps

INSTRUCTIONS = (
    "Tallybook is a ledger of figures that others publish: each with its source's own words, its hedge, the day for "
    "which it holds, who says it, when it became known, and its proof. Give no number that no tool has answered, and "
    f"none without hedge, as-of, claimant and proof. Where several series may be meant, ask which. {NOTE}"
)
READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

WordsAsked = Annotated[str, Field(max_length=400, description="A number as it is printed, or words.")]
KeyAsked = Annotated[str, Field(max_length=400, description="A series' key, as find and series give it.")]
UpdateAsked = Annotated[str, Field(max_length=200, description="An update's name, such as mediazona/42.")]
DayText = Annotated[str, Field(max_length=20, description="A date such as 2025-07-31.")]
Known = Annotated[str, Field(max_length=40, description="A date or UTC time; what was known by then. Now if empty.")]
SourceId = Annotated[str, Field(max_length=100, description="Only of this source. All if empty.")]
MostAsked = Annotated[int, Field(ge=1, le=MOST, description="At most so many.")]


def server(door: LedgerDoor) -> MCPServer[Any]:
    """A server whose tools ask a door; it has no prompts and no resources."""
    made: MCPServer[Any] = MCPServer("tallybook", title="Tallybook", instructions=INSTRUCTIONS, log_level="WARNING")
    logging.getLogger("mcp").setLevel(logging.WARNING)
    for tool in _tools(door):
        made.add_tool(tool, annotations=READS, structured_output=False)
    return made


def _answer(call: Callable[[], Any]) -> CallToolResult:
    """An answer as structured content and the same as text; an error of ours without its hint, which names others."""
    try:
        made = told(call())
    except TallybookError as error:
        made = told({"error": error.message})
        return CallToolResult(content=[TextContent(type="text", text=dumps(made))], is_error=True)
    return CallToolResult(content=[TextContent(type="text", text=dumps(made))], structured_content=made)


def _tools(door: LedgerDoor) -> list[Callable[..., CallToolResult]]:
    def ask(question: WordsAsked, language: Annotated[str, Field(max_length=2)] = "") -> CallToolResult:
        """Answer a question in words (en, uk, ru, de, fr, es): one figure, a list of what may be meant, or none."""
        return _answer(lambda: door.ask(question, language))

    def find(words: WordsAsked, source: SourceId = "", limit: MostAsked = 10) -> CallToolResult:
        """Find where a number was stated, as value, stated change or difference; or series and sources by words."""
        return _answer(lambda: door.find(words, source, limit))

    def series(
        words: Annotated[str, Field(max_length=200)] = "", source: SourceId = "",
        after: Annotated[str, Field(max_length=400)] = "", limit: MostAsked = MOST,
    ) -> CallToolResult:  # fmt: skip
        """List what is followed, by key: names, claimants and basis, without numbers; next is given back as after."""
        return _answer(lambda: door.series(words, source, after, limit))

    def observation(series: KeyAsked, as_of: DayText = "", known_at: Known = "") -> CallToolResult:
        """The figure of a series for one day (the newest if empty), as it was known at a time."""
        return _answer(lambda: door.observation(series, as_of, known_at))

    def changes(update: UpdateAsked, limit: MostAsked = MOST) -> CallToolResult:
        """What one update changed: kind, old, new, difference, and what the report itself states of it."""
        return _answer(lambda: door.changes(update, limit))

    def proof(update: UpdateAsked, series: KeyAsked, as_of: DayText) -> CallToolResult:
        """The proof of one change: digests of update, chain, release and text, the place, and what is open about it."""
        return _answer(lambda: door.proof(update, series, as_of))

    return [ask, find, series, observation, changes, proof]
