"""Manners: whose turn it is with a host, how long it is left alone, and what its robots.txt allows."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from model import BlockedError, FetchError
from sources.web.hosts import LONGEST_DELAY, Hosts, Manners
from sources.web.retryafter import retry_after
from sources.web.robots import Robots, read_rules


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def time_() -> Iterator[Time]:
    return Time()


def hosts(time_: Time, **manners: Any) -> Hosts:
    made = Manners(**manners)
    return Hosts(made, clock=lambda: time_.now, sleep=time_.sleep, chance=lambda low, high: (low + high) / 2)


def visit(known: Hosts, name: str = "a.example", *, follows: bool = False) -> None:
    with known.turn(name, follows=follows):
        pass


def test_requests_to_one_host_are_spaced_and_other_hosts_are_not_waited_for(time_: Time) -> None:
    known = hosts(time_, spacing=2)
    for name in ("a.example", "b.example", "a.example", "a.example"):
        visit(known, name)
    assert time_.slept == [2, 2]


def test_a_redirect_within_a_host_is_not_spaced(time_: Time) -> None:
    known = hosts(time_, spacing=2)
    visit(known)
    visit(known, follows=True)
    assert time_.slept == []


def test_a_crawl_delay_widens_the_spacing_within_reason(time_: Time) -> None:
    known = hosts(time_, spacing=1)
    for delay in (10, 0.1, 10_000):
        known.slow_down("a.example", delay)
        visit(known)
    visit(known)
    assert time_.slept == [10, 1, LONGEST_DELAY]


def test_one_connection_a_host_is_one_at_a_time() -> None:
    known = Hosts(Manners(spacing=0))
    inside, most = 0, 0
    lock = threading.Lock()

    def ask() -> None:
        nonlocal inside, most
        with known.turn("a.example"):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_host_that_fails_again_and_again_is_left_alone_ever_longer(time_: Time) -> None:
    known = hosts(time_, spacing=0, failures=3, rest=15)
    rests = []
    for _ in range(3):
        while not known.resting("a.example"):
            visit(known)
            known.failed("a.example", "it was silent")
        with pytest.raises(FetchError, match="it was silent") as caught:
            visit(known)
        rests.append((caught.value.reason, round(known.resting("a.example"))))
        time_.now += known.resting("a.example")
    assert rests == [("host_down", 15), ("host_down", 30), ("host_down", 60)]
    visit(known, "b.example")


def test_a_host_that_answers_is_forgiven(time_: Time) -> None:
    known = hosts(time_, spacing=0, failures=2)
    for _ in range(5):
        known.failed("a.example", "it was silent")
        known.answered("a.example")
    visit(known)
    assert known.resting("a.example") == 0


def test_a_host_that_asks_for_patience_is_waited_for_or_told(time_: Time) -> None:
    known = hosts(time_, spacing=0, patience=30)
    known.leave_alone("a.example", 20, "it asked for that")
    visit(known)
    assert time_.slept == [20]
    known.leave_alone("a.example", 10**9, "it asked for that")
    with pytest.raises(BlockedError, match="left alone for 3600 s more: it asked for that") as caught:
        visit(known)
    assert caught.value.reason == "rate_limited"


def test_pauses_double(time_: Time) -> None:
    known = hosts(time_, backoff=0.5)
    assert [known.pause(attempt) for attempt in range(4)] == [0.5, 1, 2, 4]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("9" * 40, None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)) == seconds


@pytest.mark.parametrize(
    ("text", "url", "may"),
    [
        ("", "https://a.example/x", True),
        ("User-agent: *\nDisallow: /x", "https://a.example/x/y", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Tallybook\nAllow: /", "https://a.example/x", True),
        ("User-agent: *\nDisallow: /*.csv$", "https://a.example/a.csv", False),
        ("User-agent: *\nDisallow: /втрати", "https://a.example/%D0%B2%D1%82%D1%80%D0%B0%D1%82%D0%B8", False),
        ("<html><body>User-agent: * Disallow: /</body></html>", "https://a.example/x", True),
        ("User-agent: *\nDisallow: /\nAllow: /reports/", "https://a.example/reports/1", True),
    ],
)
def test_robots_rules_are_read_as_search_engines_do(text: str, url: str, may: bool) -> None:
    assert read_rules(text.encode()).may_ask(url) is may


@pytest.mark.parametrize(
    ("text", "delay"),
    [("User-agent: *\nCrawl-delay: 7.5", 7.5), ("User-agent: *\nRequest-rate: 1/20", 20), ("User-agent: *", None)],
)
def test_a_crawl_delay_is_read(text: str, delay: float | None) -> None:
    assert read_rules(text.encode()).delay == delay


def test_robots_is_asked_once_a_host_and_again_a_minute_after_it_failed(time_: Time) -> None:
    asked: list[str] = []
    answers = [(503, b""), (200, b"User-agent: *\nDisallow: /private")]

    def get(url: str, _: bool) -> tuple[int, bytes]:
        asked.append(url)
        return answers[min(len(asked), len(answers)) - 1]

    robots = Robots(get, clock=lambda: time_.now)
    for _ in range(2):
        with pytest.raises(FetchError, match="answered 503"):
            robots.check("https://desk:secret@a.example/x", private=False)
    time_.now += 61
    for _ in range(3):
        assert robots.check("https://a.example/x", private=False) is None
    with pytest.raises(BlockedError, match="/private/1 be left alone"):
        robots.check("https://a.example/private/1", private=False)
    assert asked == ["https://a.example/robots.txt"] * 2


def test_rules_once_read_hold_while_no_newer_ones_can_be_had(time_: Time) -> None:
    answers = [(200, b"User-agent: *\nDisallow: /x"), (500, b"")]
    robots = Robots(lambda *_: answers.pop(0), clock=lambda: time_.now)
    for _ in range(2):
        with pytest.raises(BlockedError):
            robots.check("https://a.example/x", private=False)
        time_.now += 25 * 3600
    assert answers == []
