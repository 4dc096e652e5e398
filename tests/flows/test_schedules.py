"""Schedules follow from definitions: together where cron and zone agree, each once, named for ever."""

from __future__ import annotations

from flows.prefect.schedules import is_on, plan, slug
from model import Publisher, Schedule, Source


def source(name: str, cron: str | None = "0 6 * * *", zone: str = "UTC", tried_live: str = "2025-08-01") -> Source:
    return Source(
        id=name,
        title=name,
        publisher=Publisher(name="A test"),
        method="Counted for a test.",
        basis="counted",
        extractor="json",
        tried_live=tried_live,
        url="https://example.org/",
        schedule=Schedule(cron=cron, timezone=zone) if cron else None,
    )


def test_sources_with_the_same_cron_and_zone_share_one_schedule() -> None:
    planned = plan([source("b"), source("a"), source("c", zone="Europe/Kyiv"), source("d", "30 6 * * *")])
    assert [(one.cron, one.timezone, one.sources) for one in planned] == [
        ("0 6 * * *", "Europe/Kyiv", ("c",)),
        ("0 6 * * *", "UTC", ("a", "b")),
        ("30 6 * * *", "UTC", ("d",)),
    ]


def test_spaces_in_a_cron_line_make_no_second_schedule() -> None:
    assert [one.sources for one in plan([source("a", "0  6 * * *"), source("b", " 0 6 * * * ")])] == [("a", "b")]


def test_a_source_never_tried_live_is_off_and_one_with_a_date_is_on() -> None:
    never, tried, by_hand = source("a", tried_live="never"), source("b"), source("c", cron=None)
    assert [is_on(one) for one in (never, tried, by_hand)] == [False, True, False]
    assert [one.sources for one in plan([never, tried, by_hand])] == [("b",)]


def test_a_slug_does_not_change_when_a_source_joins() -> None:
    [alone], [together] = plan([source("a")]), plan([source("a"), source("b")])
    assert alone.slug == together.slug


def test_slugs_tell_cron_lines_apart_that_read_alike() -> None:
    lines = ["*/5 * * * *", "5 * * * *", "5-6 * * * *", "5,6 * * * *", "5/6 * * * *", "0 6 * * *"]
    assert len({slug(line, zone) for line in lines for zone in ("UTC", "Europe/Kyiv")}) == 2 * len(lines)


def test_the_order_of_definitions_does_not_matter() -> None:
    sources = [source("a"), source("b", "30 6 * * *"), source("c")]
    assert plan(sources) == plan(reversed(sources))
