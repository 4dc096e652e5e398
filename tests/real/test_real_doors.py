"""A hundred questions over real series, asked through the protocol's client; the answers are those of the files."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp import Client, StdioServerParameters, stdio_client
from mcp_types import TextContent

from cli.asking.mcp import door_of
from doors.protocol import server
from flows.desk import Desk
from flows.past.backfill import backfill_source
from model import Day, now
from publish.finding.question import readings
from publish.sentences import day_in
from publish.vocabulary import Language
from storage import schema
from tests.pipeline.desks import settings
from tests.real.corpus import DEFINITIONS, copies, manifest, need

KEPT = {"ua_personnel": 20, "uk_indicators": 20, "nics": 1, "mediazona_headline": 574, "wyoming": 120, "shasta": 119}


class Known(NamedTuple):
    """A question and its answer by the published files: the value, or None where no one figure is meant."""

    question: str
    series: str | None
    value: Decimal | None


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    for name in KEPT:
        need(name)
    home = tmp_path_factory.mktemp("hundred")
    (home / "sources").mkdir()
    for name, newest in KEPT.items():
        (home / "sources" / f"{name}.yml").write_bytes((DEFINITIONS / f"{name}.yml").read_bytes())
        (home / name).mkdir()
        listed = manifest(name, home / name, partial(_is_new, newest))
        with Desk(settings(home), now) as opened:
            backfill_source(opened, opened.catalogue[name], listed)
    with Desk(settings(home), now) as opened:
        yield opened


def _newest(name: str) -> str:
    return copies(name, lambda place, count: place == count - 1)[0].content.decode()


def _is_new(newest: int, place: int, count: int) -> bool:
    return place >= count - newest


def _personnel(chosen: random.Random) -> Iterator[Known]:
    rows = json.loads(_newest("ua_personnel"))
    ways: tuple[tuple[Language, str], ...] = (
        ("en", "How many personnel losses by {day}?"),
        ("uk", "Скільки втрат особового складу станом на {day}?"),
        ("ru", "Сколько было потерь личного состава на {day}?"),
    )
    for at, row in enumerate(chosen.sample(rows, 30)):
        language, text = ways[at % 3]
        day = day_in(Day(row["date"]), language)
        yield Known(text.format(day=day), "ua_personnel/personnel", Decimal(row["personnel"]))


def _indicators(chosen: random.Random) -> Iterator[Known]:
    lines = [line for line in csv.DictReader(io.StringIO(_newest("uk_indicators"))) if line["Value"].isdigit()]
    said = {"Deaths": "deaths", "ConfirmedCases": "confirmed cases", "Tests": "tests"}
    nations = [line for line in lines if line["Country"] in ("Wales", "Northern Ireland")]
    for at, line in enumerate(chosen.sample(nations, 30)):
        key = f"{line['Indicator'].replace('ConfirmedCases', 'confirmed_cases').lower()}"
        place = line["Country"].lower().replace(" ", "-")
        day = line["Date"] if at % 2 else day_in(Day(line["Date"]), "en")
        text = f"How many {said[line['Indicator']]} in {line['Country']} on {day}?"
        yield Known(text, f"uk_indicators/{key}/{place}", Decimal(line["Value"]))


def _checks(chosen: random.Random) -> Iterator[Known]:
    lines = [line for line in csv.DictReader(io.StringIO(_newest("nics"))) if line["totals"] and line["month"] > "2010"]
    for line in chosen.sample(lines, 15):
        year, month = line["month"].split("-")
        named = day_in(Day(f"{year}-{month}-01"), "en").split(" ", 1)[1]
        place = line["state"].lower().replace(" ", "-").replace(".", "")
        yield Known(
            f"How many background checks in {line['state']} in {named}?",
            f"nics/totals/{place}",
            Decimal(line["totals"]),
        )


def _others() -> Iterator[Known]:
    dead, wyoming, shasta = "mediazona_headline/total", "wyoming/deaths", "shasta/confirmed"
    yield Known("How many Russian soldiers were confirmed dead by Mediazona?", dead, Decimal(121507))
    yield Known("How many confirmed dead by 1 August 2025, Mediazona?", dead, Decimal(119154))
    yield Known("How many confirmed dead does the BBC count?", dead, Decimal(121507))
    yield Known("How many people died in Wyoming?", wyoming, Decimal(25))
    yield Known("Combien de morts au Wyoming au 1er mai 2020 ?", wyoming, Decimal(7))
    yield Known("¿Cuántos muertos en Wyoming el 1 de mayo de 2020?", wyoming, Decimal(7))
    yield Known("Wie viele Tote in Wyoming am 1. Mai 2020?", wyoming, Decimal(7))
    yield Known("Скільки загиблих Wyoming станом на 1 травня 2020 року?", wyoming, Decimal(7))
    yield Known("How many confirmed cases in Shasta County on 9 May 2020?", shasta, Decimal(31))
    yield Known("How many prisoners of war by the General Staff?", "ua_personnel/pow", Decimal(496))
    for doubtful in (
        "How many Martians died?", "How many deaths?", "How many deaths in UK on 1/2/2020?", "How many tanks?",
        "How many confirmed cases?", "How many personnel losses in Wales?", "How many people?", "",
        "How many background checks in Wales?", "How many deaths in Atlantis?", "How many permits in Alaska?",
        "How many sailors were killed by Mediazona?", "Is the minister right?", "How many deaths in England and Wales?",
        "How many deaths in Scotland between 1 May 2020 and 3 May 2020?",
    ):  # fmt: skip
        yield Known(doubtful, None, None)


@pytest.fixture(scope="module")
def hundred() -> list[Known]:
    for name in KEPT:
        need(name)
    chosen = random.Random(17)
    return [*_personnel(chosen), *_indicators(chosen), *_checks(chosen), *_others()]


@pytest.fixture(scope="module")
def answers(desk: Desk, hundred: list[Known]) -> list[dict[str, Any]]:
    async def all_of() -> list[dict[str, Any]]:
        async with Client(server(door_of(desk))) as client:
            found = []
            for one in hundred:
                result = await client.call_tool("ask", {"question": one.question})
                (content,) = result.content
                assert isinstance(content, TextContent)
                found.append(json.loads(content.text))
            return found

    return anyio.run(all_of)


@pytest.mark.long
def test_a_hundred_questions_are_answered_as_the_files_say(hundred: list[Known], answers: list[dict[str, Any]]) -> None:
    assert len(hundred) == 100
    wrong = []
    for known, answer in zip(hundred, answers, strict=True):
        figure = answer["figure"] or {}
        value = Decimal(figure["value"]) if figure else None
        if (figure.get("series"), value) != (known.series, known.value):
            wrong.append(
                (known, answer["verdict"], figure.get("series"), value, [one["series"] for one in answer["choices"]])
            )
    assert wrong == []


@pytest.mark.long
def test_no_number_of_any_answer_is_outside_the_ledger(desk: Desk, answers: list[dict[str, Any]]) -> None:
    with desk.views.engine.connect() as connection:
        there = {
            row[0]
            for row in connection.execute(schema.numbers.select().distinct().with_only_columns(schema.numbers.c.number))
        }
    told = [number for answer in answers for number in _numbers(answer)]
    assert len(told) > 150
    assert [number for number in told if not set(readings(number)) & there] == []


def _numbers(value: Any, name: str = "") -> Iterator[str]:
    """Every number that an answer tells as one."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _numbers(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _numbers(one, name)
    elif name in ("value", "low", "high", "difference", "implied", "computed") and value is not None:
        yield str(value).lstrip("-")


@pytest.mark.long
def test_the_command_answers_on_its_own_standard_input(desk: Desk, tmp_path: Path) -> None:
    home = desk.settings.home
    environment = {"TALLYBOOK_HOME": str(home), "TALLYBOOK_SOURCES": str(home / "sources"), "PATH": os.environ["PATH"]}
    environment |= {
        "TALLYBOOK_DATABASE_URL": desk.settings.database_url,
        "TALLYBOOK_ARCHIVE": str(desk.settings.archive),
    }
    command = StdioServerParameters(command=sys.executable, args=["-m", "cli.main", "mcp"], env=environment)

    async def asked() -> str:
        async with Client(stdio_client(command)) as client:
            result = await client.call_tool("observation", {"series": "mediazona_headline/total"})
            (content,) = result.content
            assert isinstance(content, TextContent)
            return content.text

    assert json.loads(anyio.run(asked))["figure"]["value"] == "121507"
    assert list(tmp_path.iterdir()) == []
