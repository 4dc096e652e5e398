"""What the pages once said that was not so: each false telling as a claim about what is said now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from model import Instant, now
from publish.names import SeriesName
from publish.numbers import known_day
from publish.sentences import Language, sentence
from publish.telling import fold_phrase, runs, story, tell
from publish.words import joined
from review.app import create_app
from review.render import usually
from storage import Rhythm
from tests.pipeline.desks import DAILY
from tests.publish.law import breaks
from tests.publish.made import change, figure, stated, update
from tests.review.made import CSV, define, office
from tests.review.test_review_pages import FORM, csrf, soup, words
from tests.sources.publisher import Publisher


def decide(client: TestClient, action: str, **changes: str) -> str:
    """Decide on the held digit too many; returns the page of the decision."""
    form = {**FORM, "csrf": csrf(client), "action": action, "why": "read the paper", **changes}
    answer = client.post("/held/daily/2/decide", data=form)
    assert answer.status_code == 303, answer.text[:300]
    return str(answer.headers["location"])


def test_a_fold_joins_values_of_one_series_and_says_which() -> None:
    days = [
        update(
            change("new", 24_360 + n, 24_361 + n, series="s/apc", as_of=f"2026-04-{n + 7:02}"),
            change("new", 11_812 + n, 11_813 + n, series="s/tanks", as_of=f"2026-04-{n + 7:02}"),
            number=n + 1, source="s", known_at=f"2026-04-{n + 7:02}T07:00:00Z",
        )
        for n in range(20)
    ]  # fmt: skip
    fold = next(run for run in runs([story(one) for one in days[::-1]]) if run.folded)
    line = joined(fold_phrase(fold.members))
    assert line.endswith("apc 24,360 → 24,379 +19 in 19 updates; tanks 11,812 → 11,831 +19 in 19 updates")


def test_two_new_days_of_a_series_are_told_as_its_page_tells_them(client: TestClient) -> None:
    page = soup(client, "/series/daily/guns")
    by_day = {
        row.select_one("td").get_text(strip=True): row.get_text(" ") for row in page.select("table.dates tbody tr")
    }
    assert "+30" in by_day["31 July 2025"]
    card = soup(client, "/updates/daily/2")
    assert "31,900 → 31,930" in words(card)


def test_a_decided_hold_is_told_as_decided_and_by_whom(ann: TestClient) -> None:
    decide(ann, "correct", value="11093")
    card = soup(ann, "/updates/daily/2")
    told = words(card, "article")
    assert words(card, ".headline").startswith("was held")
    assert "was held; corrected by ann" in told
    assert "does not count" not in told
    assert card.select_one("article a[href='/updates/daily/3']").get_text() == "corrected"


def test_a_decision_stands_at_the_day_and_hour_at_which_it_was_made(ann: TestClient) -> None:
    made = decide(ann, "accept")
    page = soup(ann, "/log")
    day = page.select_one("h2.day").get_text()
    assert day == f"Decided {known_day(now())}"
    recorded = ann.get(f"/api{made.partition('?')[0]}").json()["recorded_at"]
    assert f"{recorded[11:16]} UTC" in words(page, "[id='daily/3'] header")


def test_a_silence_in_hours_is_told_in_days_once_it_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.render.now", lambda: Instant("2026-11-02T06:00:00Z"))
    rhythm = Rhythm(
        usual=86400.0, longest=86400.0, last=Instant("2025-08-01T06:00:00Z"), due=Instant("2025-08-03T06:00:00Z")
    )
    assert usually(rhythm) == "usually every 24 hours, now 458 days; late since 3 August 2025"


def test_a_list_of_sixty_series_says_that_it_is_the_first_of_more_and_leads_to_all(
    home: Path, publisher: Publisher
) -> None:
    by_place = {"by": {"category": "place"}, "figures": [{"id": "tanks", "column": "tanks", "unit": "items"}]}
    define(home, "places", DAILY | by_place, publisher.url("/places"))
    for count in (60, 61):
        rows = [f"2025-07-{count - 40},place {at:02},{100 + at}" for at in range(count)]
        publisher.page("/places", "\n".join(["date,place,tanks", *rows, ""]).encode(), headers=CSV)
        with office(home) as desk, TestClient(create_app(desk), base_url="http://127.0.0.1:8400") as client:
            desk.refresh("places")
            page = soup(client, "/sources/places")
            told = [
                text for one in page.select("h2") if (text := " ".join(one.get_text().split())).startswith("Followed")
            ]
            assert told == [["Followed 60 series"], ["Followed the first 60 series · all of them"]][count - 60]
            assert len(page.select("h2 a[href='/series?source=places']")) == count - 60


def test_the_line_of_a_known_at_date_stands_at_that_date(client: TestClient) -> None:
    then = soup(client, "/series/count/killed?known_at=2025-08-01T12:00:00Z")
    assert "known at 1 August 2025" in words(then, ".chart")
    cut = float(re.findall(r"M([\d.]+)", then.select_one("svg .cut")["d"])[0])
    points = [float(one["cx"]) for one in then.select("svg circle.pt, svg circle.pt-later")]
    assert max(points) < cut  # both days that are stated, 18 and 31 July, lie before it


@pytest.mark.parametrize(
    ("language", "verdict"),
    [("en", "the source itself states +40"), ("uk", "саме джерело зазначає +40"), ("ru", "сам источник указывает +40")],
)
def test_a_sentence_to_copy_carries_the_verdict_the_carrier_and_no_key(language: Language, verdict: str) -> None:
    said = figure(31_052, attributed_to=("Mediazona",), measure="killed")
    one = change("new", 31_021, said, stated=stated("mismatch", 40, computed=31))
    name = (
        SeriesName("killed mediazona")
        if language == "en"
        else SeriesName("підтверджені" if language == "uk" else "подтверждённые", language)
    )
    told = sentence(one, language, label=name, carrier="The Courier", basis="claimed")
    assert verdict in told
    assert "The Courier" in told
    assert "a claim" not in told
    assert "mediazona)" not in told


def test_the_headline_of_many_values_counts_them_and_names_no_first_cell() -> None:
    rows = [change("new", n, n + 1, series=f"s/t{n}", as_of="2025-07-31") for n in range(25)]
    told = tell(update(*rows, changes_total=25, source="s"))
    assert breaks(story(told), told) == []
    assert "t0" not in told.headline
