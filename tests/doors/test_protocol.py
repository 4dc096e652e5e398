"""Through the protocol's own client: answers are whole, orders in pages stay quotes, and what is private stays here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp import Client
from mcp_types import TextContent

from cli.asking.mcp import door_of
from doors.protocol import server
from doors.quoting import NOTE, tame
from tests.doors.made import HELD, ORDERS, PRIVATE, SECRET, build, opened

Call = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("doors"))


@pytest.fixture(scope="module")
def calling(home: Path) -> Iterator[Callable[[list[Call]], list[tuple[bool, dict[str, Any], str]]]]:
    with opened(home) as desk:
        made = server(door_of(desk))

        async def all_of(calls: list[Call]) -> list[tuple[bool, dict[str, Any], str]]:
            async with Client(made) as client:
                found = []
                for name, arguments in calls:
                    if name == "tools":
                        listed = await client.list_tools()
                        found.append((False, {}, listed.model_dump_json()))
                        continue
                    result = await client.call_tool(name, arguments)
                    (content,) = result.content
                    assert isinstance(content, TextContent)
                    found.append((bool(result.is_error), json.loads(content.text), content.text))
                return found

        yield lambda calls: anyio.run(all_of, calls)


ALL: list[Call] = [
    ("ask", {"question": "How many Norlandic soldiers confirmed dead?"}),
    ("ask", {"question": "How many missing?"}),
    ("find", {"words": "1400"}),
    ("find", {"words": "missing", "limit": 50}),
    ("find", {"words": HELD}),
    ("find", {"words": PRIVATE}),
    ("find", {"words": "canary"}),
    ("series", {"limit": 50}),
    ("observation", {"series": "count/killed"}),
    ("observation", {"series": "count/killed", "as_of": "2025-07-01", "known_at": "2025-08-05"}),
    ("observation", {"series": "count/killed", "as_of": "2025-08-11"}),
    ("changes", {"update": "count/2"}),
    ("changes", {"update": "count/3"}),
    ("changes", {"update": "table/1"}),
    ("proof", {"update": "count/2", "series": "count/killed", "as_of": "2025-07-01"}),
    ("proof", {"update": "count/3", "series": "count/killed", "as_of": "2025-08-11"}),
    ("changes", {"update": "secret/1"}),
    ("observation", {"series": "secret/killed"}),
    ("observation", {"series": "nothing/killed"}),
    ("proof", {"update": "secret/1", "series": "secret/killed", "as_of": "2025-07-31"}),
    ("find", {"words": "1200", "source": "secret"}),
]


@pytest.fixture(scope="module")
def answered(calling: Callable[[list[Call]], list[Any]]) -> list[tuple[bool, dict[str, Any], str]]:
    return calling(ALL)


def test_a_number_never_comes_without_hedge_day_claimant_and_proof(answered: list[Any]) -> None:
    figure = answered[0][1]["figure"]
    assert (figure["value"], figure["hedge"], figure["as_of"]) == ("1400", "more than", "2025-08-10")
    wanted = {"claimants", "known_at", "basis", "proof", "hedge", "as_of"}
    numbers = 0
    for _, answer, _ in answered:
        for one in [answer.get("figure"), *answer.get("changes", ()), answer.get("change")]:
            if isinstance(one, dict):
                assert wanted - set(one) <= {"hedge"}
                assert one["claimants"]
                assert one["proof"]
                assert all(
                    "hedge" in value for value in (one.get("old"), one.get("new"), one) if value and "low" in value
                )
                numbers += 1
    assert numbers > 25


def test_what_is_held_or_private_does_not_leave(answered: list[Any]) -> None:
    everything = "\n".join(text for _, _, text in answered).replace(",", "")
    told = [text for place, (_, _, text) in enumerate(answered) if ALL[place][1].get("words") not in (HELD, PRIVATE)]
    for canary in (HELD, PRIVATE, SECRET):
        assert canary not in "".join(told).replace(",", "")
    assert everything.count(HELD) == everything.count(PRIVATE) == 0
    by_call = [(error, answer) for error, answer, _ in answered]
    assert [error for error, _ in by_call[-5:]] == [True] * 5
    messages = [answer["error"].replace("secret", "X").replace("nothing", "X") for _, answer in by_call[-5:]]
    assert messages[1] == messages[2], "what is private is told as what is not there"
    assert answered[12][1]["withheld"] == 1


def test_orders_in_a_table_stay_quotes_in_their_fields(
    calling: Callable[[list[Call]], Any], answered: list[Any]
) -> None:
    before, *asked, after = calling([("tools", {}), *ALL[1:4], ("tools", {})])
    assert before == after, "no answer changes what tools there are, or what is said of them"
    assert not any(order[:20] in before[2] for order in ORDERS)
    changes = answered[13][1]["changes"]
    assert len(changes) == len(ORDERS)
    texts = [text for _, _, text in (*answered, *asked)]
    for sign in ("<|", "|>", "</", "<script", "[INST]", "\x1b", "\u202e", "\u200b", "\u2060", "\U000e0041"):
        assert not any(sign in text for text in texts), sign
    assert all(set(change["new"]["number_text"]) == {"quoted_from_page"} for change in changes)
    assert all(answer["about_texts"] == NOTE for _, answer, _ in answered)
    numbers = [change["new"]["value"] for change in changes]
    assert sorted(numbers) == [str(20 + at) for at in range(len(ORDERS))], "an order changes no number"
    assert not any("7,777,777" in change["name"] and change["new"]["value"] == "7777777" for change in changes)


def test_every_tool_reads_alone_and_is_described_in_words_of_ours(calling: Callable[[list[Call]], Any]) -> None:
    ((_, _, listed),) = calling([("tools", {})])
    tools = json.loads(listed)["tools"]
    assert {tool["name"] for tool in tools} == {"ask", "find", "series", "observation", "changes", "proof"}
    for tool in tools:
        hints = {name.lower().replace("_", ""): value for name, value in tool["annotations"].items()}
        assert hints["readonlyhint"] is True
        assert hints["destructivehint"] is False


def test_tame_bounds_a_text_and_keeps_what_it_says() -> None:
    assert tame("over 1,400 soldiers (31 July)") == "over 1,400 soldiers (31 July)"
    assert re.fullmatch(r"x{599}…", tame("x" * 5000))
