"""Articles of one's own are watched: what in them is true no longer is told once a change, with its correction."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from changes.rules.steps import RecordedNews, Step
from flows.desk import Desk
from flows.rules.printed import PrintWatch
from flows.rules.running import enrol, send_waiting, watch
from model import Cause, Day, FetchError, Figure, FigureRule, Instant, Reading, Snapshot, UsageError
from publish.printing.watching import fallen_out
from sources import Catalogue
from storage import ReadRelease
from storage.printed.book import WatchedNumber
from storage.proof.verify import problems
from tests.pipeline.desks import settings
from tests.publish.test_alerts import Receiver
from tests.sources.publisher import Publisher
from tests.storage.books import READER, Book, figure, source

COUNT = source(
    "count",
    figures=(
        FigureRule(
            id="killed", column="killed", measure="killed", unit="people", whom="Russian soldiers",
            attributed_to=("Mediazona",),
        ),
    ),
    restates=True,
)  # fmt: skip
PLAIN = "Mediazona has confirmed the deaths of 119,154 Russian soldiers."
DATED = "As of 18 July 2025, Mediazona had confirmed the deaths of 119,154 Russian soldiers."
ROUND = "More than 119,000 Russian soldiers are confirmed dead, Mediazona says."
RUSSIAN = "«Медиазона» подтвердила гибель 119 154 российских военных."


class WatchDesk:
    """A ledger of one count, a desk over it, and articles beside it."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        folder.mkdir()
        self.folder, self.book, self.now = folder, Book(folder, COUNT), "2025-07-19T12:00:00Z"
        self.desk = Desk(settings(folder, alert_url=receiver.address), lambda: Instant(self.now))
        self.desk.__dict__ |= {"ledger": self.book.ledger, "catalogue": Catalogue({"count": COUNT})}
        self.watch = PrintWatch(self.desk)
        self.values = {"2025-07-05": "116718", "2025-07-18": "119154"}
        self.release("2025-07-19")
        enrol(self.desk, COUNT)

    def release(self, day: str, cause: Cause = "fetch", hold: bool = True, **values: str) -> int:
        """Record the table with other values (`_2025_08_02="…"`), and judge it; returns how many messages it makes."""
        self.now = f"{day}T12:00:00Z"
        self.values |= {name[1:].replace("_", "-"): value for name, value in values.items()}
        rows = sorted(self.values.items())
        text = json.dumps(rows)
        digest = self.book.archive.put(text.encode())
        snapshot = Snapshot(
            sha256=digest, text_sha256=digest, size=len(text), media_type="text/csv", known_at=Instant(self.now)
        )
        [rule] = COUNT.figures

        def read(handle: int) -> Figure:
            said = figure(rows[handle][1], measure="killed", whom=rule.whom, attributed_to=rule.attributed_to)
            return replace(said, unit="people")

        cells = [("killed", Day(of), value, at) for at, (of, value) in enumerate(rows)]
        self.book.ledger.record(
            COUNT, ReadRelease(snapshot, text, Reading(cells, read), READER, hold=hold, cause=cause)
        )
        return watch(self.desk, COUNT)

    def article(self, name: str, text: str, on: str = "2025-07-19") -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        self.watch.add(str(path), on=on)
        return str(path)

    def told(self) -> list[tuple[str, str, str]]:
        return [(Path(one.address).name, one.kind, one.update) for one in reversed(self.watch.findings())]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def desk(tmp_path: Path, receiver: Receiver) -> Iterator[WatchDesk]:
    found = WatchDesk(tmp_path / "book", receiver)
    yield found
    found.book.ledger.close()


def test_what_an_update_makes_untrue_is_told_once_with_a_correction_in_the_articles_language(
    desk: WatchDesk, receiver: Receiver
) -> None:
    for name, text in (("plain.txt", PLAIN), ("dated.txt", DATED), ("round.txt", ROUND), ("ru.txt", RUSSIAN)):
        desk.article(name, text)
    assert [one.numbers for one in desk.watch.articles()] == [1, 1, 1, 1]
    assert desk.release("2025-07-25", _2025_07_24="119900") == 2
    assert desk.release("2025-08-03", _2025_08_02="121507") == 1  # the rounded one, now that it rounds no more
    assert desk.release("2025-08-04", _2025_08_03="121600") == 0
    assert desk.told() == [
        ("plain.txt", "outdated", "count/2"), ("ru.txt", "outdated", "count/2"), ("round.txt", "outdated", "count/3"),
    ]  # fmt: skip
    desk.release("2025-08-05", _2025_07_18="119150")
    assert desk.told()[3:] == [
        (name, "corrected", "count/5") for name in ("plain.txt", "dated.txt", "round.txt", "ru.txt")
    ]  # fmt: skip
    lines = {(Path(one.address).name, one.kind): one.line for one in desk.watch.findings()}
    assert lines["plain.txt", "outdated"].startswith("Update: this article says “119,154”. 119,900 ")
    assert "more" not in lines["plain.txt", "outdated"].split("killed", 1)[-1]  # than what would be misread
    assert lines["ru.txt", "outdated"].startswith("Обновление: в статье стоит «119 154». 119\u00a0900 ")
    assert lines["dated.txt", "corrected"].startswith(
        "Correction: this article says “119,154”; its source has changed that. 119,150 "
    )
    assert send_waiting(desk.desk) == 1  # one message for the seven
    assert send_waiting(desk.desk) == 0
    assert {post["title"] for post in receiver.posted} == {"count: printed"}
    assert sum(post["message"].count("plain.txt") for post in receiver.posted) == 2


def test_what_was_held_or_is_an_old_copy_or_was_known_at_registration_makes_nothing_untrue(desk: WatchDesk) -> None:
    desk.release("2025-07-25", _2025_07_24="119900")
    desk.article("late.txt", PLAIN)  # outdated already when it is registered; the check says so
    desk.article("now.txt", PLAIN.replace("119,154", "119,900"), on="2025-07-26")
    assert desk.release("2025-08-01", cause="backfill", hold=False, _2025_07_31="120500") == 0
    assert desk.release("2025-08-03", _2025_08_02="90000") == 0
    assert desk.book.newest().status != "accepted"
    assert desk.told() == []
    desk.book.ledger.decide("count", desk.book.newest().update, "accept", who="anna", why="it is so")
    assert watch(desk.desk, COUNT) > 0
    assert {name for name, _, _ in desk.told()} == {"now.txt", "late.txt"}


def test_an_undated_figure_that_grows_within_its_day_makes_the_earlier_one_outdated() -> None:
    number = WatchedNumber(
        address="a", language="en", number_text="119,154", quote="", start_at=0, end_at=7, series="count/killed",
        update_name="count/1", as_of=Day("2025-07-18"), content="119154", printed="119154", dated=False, after=1,
    )  # fmt: skip
    day = Day("2025-07-18")
    step = Step(1, "count/killed", "killed", "total", "new", day, day, "119154", "121507")
    for update, tells in ((2, ["outdated"]), (1, [])):
        news = RecordedNews(update, f"count/{update}", Instant("2025-07-18T12:00:00Z"), True, True, [step])
        assert [kind for _, kind, _ in fallen_out([number], news)] == tells
    assert list(fallen_out([replace(number, dated=True)], news._replace(update_id=2))) == []
    assert list(fallen_out([number], news._replace(update_id=2, fresh=False))) == []


def test_what_was_printed_stays_when_the_article_changes_or_goes(desk: WatchDesk) -> None:
    path = desk.article("plain.txt", PLAIN)
    [before] = desk.watch.articles()
    Path(path).write_text(ROUND, encoding="utf-8")
    [after] = desk.watch.look()
    assert after.text_sha256 != before.text_sha256
    assert desk.desk.archive.get(before.text_sha256).decode() == PLAIN
    Path(path).unlink()
    assert "cannot be read" in desk.watch.look()[0].wrong
    assert desk.release("2025-08-03", _2025_08_02="121507") == 1
    assert [one.number_text for one in desk.watch.findings()] == ["More than 119,000"]
    desk.watch.remove(path)
    assert desk.watch.articles() == []
    with pytest.raises(UsageError, match="is not registered"):
        desk.watch.remove(path)
    with desk.book.ledger.engine.connect() as connection:
        assert list(problems(connection, desk.desk.archive)) == []


def test_articles_of_a_sitemap_are_fetched_by_our_client_and_found_as_they_come(desk: WatchDesk) -> None:
    with Publisher() as publisher:

        def sitemap(*names: str) -> None:
            rows = "".join(
                f"<url><loc>{publisher.url(name)}</loc><lastmod>2025-07-19</lastmod></url>" for name in names
            )
            publisher.page("/sitemap.xml", f"<urlset>{rows}</urlset>".encode(), headers={"Content-Type": "text/xml"})

        page = f"<html lang=en><head><title>x</title></head><body><p>{PLAIN}</p></body></html>".encode()
        for name in ("/one.html", "/two.html"):
            publisher.page(name, page, headers={"Content-Type": "text/html"})
        sitemap("/one.html")
        [one] = desk.watch.add_list(publisher.url("/sitemap.xml"))
        assert (one.address, one.numbers, one.printed_on) == (publisher.url("/one.html"), 1, "2025-07-19")
        sitemap("/two.html", "/one.html")
        assert [found.numbers for found in desk.watch.look() if found.kind == "article"] == [1, 1]
        publisher.withdraw("/one.html")
        assert ["404" in found.wrong for found in desk.watch.look()] == [True, False, False]
        with pytest.raises(FetchError):  # what is registered on the page may not lie on our own network
            desk.watch.add(publisher.url("/two.html?by=page"))
        desk.watch.remove(publisher.url("/sitemap.xml"))
        assert desk.watch.articles() == []
