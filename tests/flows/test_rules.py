"""Rules over a real ledger: the rehearsal is the live run, nobody is told twice, and nothing that does not count."""

from __future__ import annotations

import os
import random
import select
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest

from flows.desk import Desk
from flows.rules import running
from flows.rules.named import NamedRule, all_rules, remove_rule, save_rule, typed_rule
from flows.rules.running import enrol, rehearse, rehearsed_events, send_waiting, watch
from model import DefinitionError, FigureRule, Instant, SharedRule, Source, UsageError, instant, moment
from model.figure import Kind
from sources import Catalogue
from storage.fetchlog.episodes import LEASE
from tests.pipeline.desks import settings
from tests.publish.test_alerts import Receiver
from tests.storage.books import Book, source

OF = source(
    "book",
    figures=(FigureRule(id="tanks", column="tanks"), FigureRule(id="guns", column="guns", kind="change")),
    restates=True,
)
"""A count, and a daily number, which no check of counts holds."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
        yield found
        found.shutdown()


class RuleDesk:
    """A ledger of one book, and a desk over it whose clock stands where the newest release is."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        folder.mkdir(exist_ok=True)
        self.book = Book(folder, OF)
        self.now = "2025-01-01T06:00:00Z"
        self.desk = Desk(settings(folder, **changes), lambda: Instant(self.now))
        self.desk.__dict__ |= {"ledger": self.book.ledger, "catalogue": Catalogue({"book": OF})}

    def release(self, at: str, *rows: tuple[str, str, str], **options: Any) -> None:
        self.now = at if "T" in at else f"{at}T06:00:00Z"
        self.book.release(self.now, list(rows), **options)

    def close(self) -> None:
        self.book.ledger.close()


def table(*values: int | str, start: int = 1, name: str = "tanks") -> list[tuple[str, str, str]]:
    return [(name, f"2025-01-{start + at:02}", str(value)) for at, value in enumerate(values)]


@pytest.fixture
def desk(tmp_path: Path, receiver: Receiver) -> Iterator[RuleDesk]:
    receiver.posted.clear()
    found = RuleDesk(tmp_path / "book", alert_urls={"anna": receiver.address})
    yield found
    found.close()


def test_a_young_series_that_jumps_tenfold_is_told_to_whom_it_concerns_and_once(
    desk: RuleDesk, receiver: Receiver
) -> None:
    save_rule(desk.desk, SharedRule(id="tenfold", when="rises", by="900%", least="100", first=20, to=("anna", "bob")))
    assert not enrol(desk.desk, OF)
    for day, values in enumerate(([200], [200, 2600], [200, 2600, 2610]), start=1):
        desk.release(f"2025-01-0{day}", *table(*values, name="guns"))
        watch(desk.desk, OF, known=day > 1)
        send_waiting(desk.desk)
    assert [post["title"] for post in receiver.posted] == ["book: tenfold", "book: tenfold is over"]
    assert receiver.posted[0]["message"].startswith("guns: 200 of 1 January 2025 → 2,600 as of 2 January 2025")
    states = {(one.address, one.phase): one.state for one in desk.desk.ledger.rules.messages()}
    assert states == {
        ("anna", "began"): "told", ("anna", "ended"): "told", ("bob", "began"): "nobody", ("bob", "ended"): "nobody",
    }  # fmt: skip
    assert receiver.address not in desk.desk.settings.rules_file.read_text()


def test_whoever_is_stopped_before_or_while_telling_leaves_nothing_untold_and_nothing_twice(
    desk: RuleDesk, receiver: Receiver
) -> None:
    save_rule(desk.desk, SharedRule(id="leap", when="rises", by="10", to=("anna",)))
    desk.release("2025-01-01", *table(10))
    enrol(desk.desk, OF)
    desk.release("2025-01-02", *table(10, 30))
    watch(desk.desk, OF)  # stopped here: it is written down, and nobody was told
    watch(desk.desk, OF)
    book = desk.desk.ledger.rules
    assert len(book.claim(Instant(desk.now))) == 1  # stopped while it tells
    assert send_waiting(desk.desk) == 0
    assert receiver.posted == []
    desk.now = instant(moment(Instant(desk.now)) + LEASE * 2)
    assert send_waiting(desk.desk) == 1
    assert send_waiting(desk.desk) == 0
    assert [post["message"].endswith("(may have been told before)") for post in receiver.posted] == [True]


def test_a_receiver_that_is_away_is_told_when_it_is_back(desk: RuleDesk, receiver: Receiver) -> None:
    save_rule(desk.desk, SharedRule(id="leap", when="rises", by="10", to=("anna",)))
    desk.release("2025-01-01", *table(10))
    enrol(desk.desk, OF)
    desk.release("2025-01-02", *table(10, 30))
    watch(desk.desk, OF)
    receiver.status = 500
    assert send_waiting(desk.desk) == 0
    receiver.status = 200
    receiver.posted.clear()
    assert send_waiting(desk.desk) == 1
    assert len(receiver.posted) == 1


def test_held_values_and_old_copies_alert_nobody_and_an_accepted_value_does(desk: RuleDesk) -> None:
    save_rule(desk.desk, SharedRule(id="leap", when="rises", by="1000"))
    remove_rule(desk.desk, "tenfold")
    desk.release("2025-01-20", *table(*range(100, 110)))
    enrol(desk.desk, OF)
    desk.release("2025-01-21", *table(*range(100, 110), 90_000))
    name = desk.book.newest().update
    assert desk.book.newest().status != "accepted"
    assert watch(desk.desk, OF) == 0
    desk.book.ledger.decide("book", name, "accept", who="anna", why="the publisher says so")
    assert watch(desk.desk, OF) == 1
    desk.release("2025-01-22", *table(*range(100, 110), 90_000, 190_000), cause="backfill", hold=False)
    assert watch(desk.desk, OF) == 0
    [one] = desk.desk.ledger.rules.messages()
    assert (one.phase, one.state) == ("began", "nobody")


def test_a_rule_that_comes_later_tells_nothing_of_before_and_the_rehearsal_does(desk: RuleDesk) -> None:
    desk.release("2025-01-01", *table(10))
    desk.release("2025-01-02", *table(10, 30))
    save_rule(desk.desk, SharedRule(id="leap", when="rises", by="10"))
    assert watch(desk.desk, OF) == 0
    named = NamedRule("leap", SharedRule(id="leap", when="rises", by="10"))
    assert [(one.day, one.event.phase) for one in rehearse(desk.desk, named, [OF])] == [("2025-01-02", "began")]
    desk.release("2025-01-03", *table(10, 30, 31))
    assert watch(desk.desk, OF) == 1  # its end: since the episode lasted when the rule came


def random_rule(dice: random.Random, number: int, measures: Sequence[str] = ("other",)) -> SharedRule:
    """Any rule that may be written, of bounds that real series meet."""
    when = dice.choice(("rises", "falls", "crosses", "revises", "stated_differs", "first_fall", "silent"))
    size = dice.choice(("1", "5", "50", "400", "3000", "0.5%", "2%", "20%", "900%"))
    keys: dict[str, Any] = {}
    if when in ("rises", "falls", "revises"):
        keys["by"] = size
        keys["least"] = dice.choice((None, "2", "100"))
    if when in ("rises", "falls"):
        keys |= {"per": dice.choice((None, "day")), "first": dice.choice((None, None, 5, 20))}
    if when == "crosses":
        keys |= (
            {"every": dice.choice(("10", "1000", "25000"))} if dice.random() < 0.7 else {"at": ("15", "60", "50000")}
        )
    if when == "first_fall":
        keys["days"] = dice.choice((None, 3, 30))
    if when == "silent":
        keys["days"] = dice.choice((1, 2, 7, 20))
    if dice.random() < 0.3:
        keys["measure"] = dice.choice(tuple(measures))
    return SharedRule(id=f"r{number}", when=when, **keys)


def told_live(desk: Desk, of: Source) -> list[tuple[str, ...]]:
    """What was written down to be told of a source, as it is compared."""
    found = desk.ledger.rules.messages(limit=10**6)
    return sorted((one.rule, one.at, one.phase, one.episode, one.update) for one in found if one.source == of.id)


def told_in_rehearsal(desk: Desk, rules: Sequence[NamedRule], of: Source) -> list[tuple[str, ...]]:
    found = rehearsed_events(desk, rules, of)
    return sorted((rule.name, event.at, event.phase, event.episode, event.update) for rule, event in found)


def test_a_rehearsal_is_what_was_told_live(desk: RuleDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(1130)
    rules = [NamedRule(f"r{number}", random_rule(dice, number)) for number in range(60)]
    monkeypatch.setattr(running, "rules_for", lambda *_: rules)
    values, day = [20], 1
    enrol(desk.desk, OF)
    for number in range(14):
        desk.release(f"2025-02-{day:02}", *table(*values), *table(7, 3, *values[2:5], name="guns"),
                     stated={"tanks": str(dice.choice((values[-1] - values[0], 3)))}, salt=str(number))  # fmt: skip
        watch(desk.desk, OF, known=number > 0)
        day += dice.choice((1, 1, 1, 4)) if day < 20 else 1
        if dice.random() < 0.3:
            values[dice.randrange(len(values))] += dice.choice((-6, 1, 60))
        values.append(values[-1] + dice.choice((-8, 0, 1, 5, 60, 4000)))
        desk.now = f"2025-02-{min(day, 28) - 1:02}T23:00:00Z"
        watch(desk.desk, OF)
    live = told_live(desk.desk, OF)
    assert live == told_in_rehearsal(desk.desk, rules, OF)
    assert len(live) > 40
    assert len(live) == len(set(live))


def test_mistakes_in_the_file_of_rules_are_told_by_line_and_key(desk: RuleDesk) -> None:
    path = desk.desk.settings.rules_file
    path.write_text('rules:\n  - {id: a, when: rises}\n  - {id: b, when: silent, days: 3, to: ["json://x"]}\n')
    with pytest.raises(DefinitionError, match=r"rules.yml:2 rules\[0\].by: required key is missing"):
        all_rules(desk.desk)
    path.write_text('rules:\n  - {id: b, when: silent, days: 3, by: "5"}\n')
    with pytest.raises(DefinitionError, match=r"rules.yml:2 rules\[0\].by: is nothing to silent"):
        all_rules(desk.desk)
    path.unlink()
    with pytest.raises(UsageError, match="by: must be a number above 0"):
        typed_rule("a", {"when": "rises", "by": "ten"})
    remove_rule(desk.desk, "tenfold")
    remove_rule(desk.desk, "printed")
    assert all_rules(desk.desk) == []


KINDS = source("kinds", figures=tuple(FigureRule(id=kind, column=kind, kind=kind) for kind in get_args(Kind)))


@pytest.mark.parametrize(("day", "content"), [("2025-01-02", "2600"), ("2025-01-02", ">2600"), ("2025-01-01", "2600")])
def test_a_young_series_of_any_kind_that_jumps_tenfold_is_told_or_held_by_default(
    tmp_path: Path, day: str, content: str
) -> None:
    book, now = Book(tmp_path, KINDS), ["2025-01-01T06:00:00Z"]
    found = Desk(settings(tmp_path), lambda: Instant(now[0]))
    found.__dict__ |= {"ledger": book.ledger, "catalogue": Catalogue({"kinds": KINDS})}
    first = [(rule.id, "2025-01-01", "20" if rule.id == "share" else "200") for rule in KINDS.figures]
    book.release(now[0], first)
    enrol(found, KINDS)
    now[0] = "2025-01-02T06:00:00Z"
    book.release(now[0], [*(first if day > "2025-01-01" else ()), *((rule.id, day, content) for rule in KINDS.figures)])
    watch(found, KINDS)
    told = {one.series for one in book.ledger.rules.messages() if (one.rule, one.phase) == ("tenfold", "began")}
    held = {one.series for one in book.newest().changes if one.held}
    book.ledger.close()
    assert told | held == {f"kinds/{rule.id}" for rule in KINDS.figures}


def test_a_process_that_is_killed_between_recording_and_sending_loses_nothing_and_nothing_is_sent_twice(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.posted.clear()
    home = tmp_path / "book"
    first = RuleDesk(home, alert_urls={"anna": receiver.address})
    save_rule(first.desk, SharedRule(id="leap", when="rises", by="10", to=("anna",)))
    first.release("2025-01-01", *table(10))
    enrol(first.desk, OF)
    first.close()
    for day, stops_at in ((2, "judged"), (3, "kept")):
        killed_while_judging(home, day, stops_at, receiver.address)
        assert receiver.posted == []
    after = RuleDesk(home, alert_urls={"anna": receiver.address})
    after.now = "2025-01-03T06:00:00Z"
    watch(after.desk, OF)
    assert [one.state for one in after.desk.ledger.rules.messages()] == ["waiting", "waiting"]
    for _ in range(3):
        watch(after.desk, OF)
        send_waiting(after.desk)
    after.close()
    assert [post["title"] for post in receiver.posted] == ["book: leap", "book: leap is over"]
    assert receiver.posted[0]["message"].startswith("tanks: 10 of 1 January 2025 → 30 as of 2 January 2025")


def killed_while_judging(home: Path, day: int, stops_at: str, address: str) -> None:
    """Another process records a day's release and judges it; it is killed before, or after, that is written down."""
    told, telling = os.pipe()
    child = os.fork()
    if not child:
        mine = RuleDesk(home, alert_urls={"anna": address})
        keep = mine.book.ledger.rules.keep

        def stopped(*given: Any) -> bool:
            done = stops_at == "kept" and keep(*given)
            os.write(telling, b"here")
            time.sleep(60)
            return done

        mine.book.ledger.rules.keep = stopped
        mine.release(f"2025-01-0{day}", *table(10, 30, 31, start=1)[:day])
        watch(mine.desk, OF)
        os._exit(1)
    os.close(telling)
    ready, _, _ = select.select([told], [], [], 60)
    assert ready
    os.kill(child, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    os.close(told)
