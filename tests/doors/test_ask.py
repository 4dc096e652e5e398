"""A question in words is answered by the one figure that it speaks of, by a list, or by nothing; never the nearest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model import Day
from publish.asking.answer import WordedAnswer
from publish.asking.ask import AskedLedger, ask
from publish.asking.days import days_of
from publish.public import PublicDefinitions
from publish.vocabulary import Language
from tests.doors.made import HELD, build, opened


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module")
def ledger(home: Path) -> Iterator[AskedLedger]:
    with opened(home) as desk:
        yield AskedLedger(desk.views, PublicDefinitions(desk.catalogue), desk.names())


def asked(ledger: AskedLedger, text: str) -> WordedAnswer:
    return ask(ledger, text, today=Day("2025-09-01"))


@pytest.mark.parametrize(
    ("text", "value", "as_of", "hedge"),
    [
        ("How many Norlandic soldiers confirmed dead by the Ledger Project?", 1400, "2025-08-10", "more than"),
        ("How many confirmed dead by 31 July 2025, Radio Meridian?", 1300, "2025-07-31", ""),
        ("Скільки підтверджених загиблих за підрахунком Radio Meridian станом на 11 липня 2025 року?", 1200,
         "2025-07-11", "about"),
        ("How many confirmed dead on 1 July 2025 as known on 5 August 2025 by Radio Meridian?", 1100, "2025-07-01", ""),
        ("How many confirmed dead on 2025-07-01, first stated, Radio Meridian?", 1100, "2025-07-01", ""),
        ("Wie viele Getötete laut Radio Meridian am 31.07.2025?", 1300, "2025-07-31", ""),
        ("Combien de morts selon Radio Meridian au 1er juillet 2025 ?", 1150, "2025-07-01", ""),
        ("¿Cuántos muertos según Radio Meridian el 31 de julio de 2025?", 1300, "2025-07-31", ""),
        ("Сколько погибших по данным Radio Meridian на 31 июля 2025 года?", 1300, "2025-07-31", ""),
    ],
)  # fmt: skip
def test_a_question_finds_its_series_day_and_version(
    ledger: AskedLedger, text: str, value: int, as_of: str, hedge: str
) -> None:
    found = asked(ledger, text)
    figure = found.figure
    assert figure is not None, found
    assert (figure.value, figure.as_of, figure.hedge) == (value, as_of, hedge)
    assert figure.claimants == ("The Ledger Project", "Radio Meridian")
    assert figure.known_at
    assert figure.proof.address.startswith("/updates/count/")
    assert len(figure.proof.content_digest) == len(figure.proof.snapshot_sha256 or "") == 64


def test_a_revised_value_says_what_counts_now_and_a_held_one_is_told_without_its_number(ledger: AskedLedger) -> None:
    old = asked(ledger, "confirmed dead on 1 July 2025 as known on 5 August 2025").figure
    assert old is not None
    assert old.now is not None
    assert (old.value, old.now.told.value, old.revisions) == (1100, 1150, 1)
    assert "replaced" in old.open
    newest = asked(ledger, "confirmed dead")
    assert newest.figure is not None
    assert [one.as_of for one in newest.figure.held] == ["2025-08-11"]
    assert HELD not in repr(newest).replace(",", "")


def test_a_day_without_a_figure_is_said_and_the_one_before_it_named_as_such(ledger: AskedLedger) -> None:
    found = asked(ledger, "How many confirmed dead on 20 July 2025?")
    assert (found.verdict, found.figure and found.figure.as_of) == ("earlier", "2025-07-11")
    assert "no figure for 20 July 2025" in found.sentence
    assert asked(ledger, "confirmed dead on 20 June 2025").verdict == "undated"


def test_several_are_listed_nothing_is_said_and_no_number_is_given(home: Path, ledger: AskedLedger) -> None:
    with opened(home) as desk:  # who may see the private source, too
        whole = AskedLedger(desk.views, desk.catalogue, desk.names())
        several = asked(whole, "How many Norlandic soldiers confirmed dead?")
    assert (several.verdict, several.figure) == ("several", None)
    assert {one.series for one in several.choices} == {"count/killed", "secret/killed"}
    nothing = asked(ledger, "How many Norlandic sailors died?")
    assert (nothing.verdict, nothing.figure, nothing.unknown) == ("nothing", None, ("sailors",))
    apart = asked(ledger, "How many missing by the Ledger Project?")
    assert (apart.verdict, apart.figure) == ("nothing", None)
    assert {one.series.partition("/")[0] for one in apart.near} == {"table", "count"}


@pytest.mark.parametrize(
    ("text", "language", "days", "known"),
    [
        ("on 1/2/2025", "en", None, None),
        ("le 1/2/2025", "fr", "2025-02-01", None),
        ("on 13/2/2025 as known at 2025-03-01", "en", "2025-02-13", "2025-03-01"),
        ("by 3 May 2024", "en", "2024-05-03", None),
        ("in 2024", "en", "2024-01-01", None),
        ("станом на 31 липня 2025, як було відомо на 5 серпня 2025", "uk", "2025-07-31", "2025-08-05"),
    ],
)
def test_days_of_a_question(text: str, language: Language, days: str | None, known: str | None) -> None:
    found = days_of(text, language, Day("2025-09-01"))
    assert (found.days and found.days.first, found.known and found.known.last) == (days, known)
    assert bool(found.unclear) == (days is None)
