"""What a terminal and Markdown show of the log and of the other readings."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from model import Day, Instant, Observation, Series, Update, Version
from publish.markdown import ROWS_SHOWN, log_markdown, log_table
from publish.telling import newest_first
from publish.text import (
    render_figures,
    render_log,
    render_series,
    render_show,
    render_status,
    render_table,
)
from tests.publish.made import AUGUST_2, AUGUST_3, JULY_18, baseline, change, check, figure, group, stated, update

ROOT = Path(__file__).parents[2]
HOSTILE = "\x1b]0;owned\x07[bold]\u202etitle\n| x | [x](javascript:y) <b>"


def shown(render: Any, *values: Any, width: int = 120, **options: Any) -> str:
    written = io.StringIO()
    render(*values, Console(file=written, width=width, color_system=None), **options)
    return written.getvalue()


def the_count() -> Update:
    return update(
        change("new", 119_154, 121_507, stated=stated("matches", baseline=baseline())),
        change("new", 32_900, 33_100, series="demo_count/volunteers"),
        change("new", 13_300, 13_300, series="demo_count/conscripts"),
    )


def test_the_log_tells_each_change_and_what_its_statement_counts_from() -> None:
    text = shown(render_log, [the_count()], titles={"demo_count/killed": "Soldiers killed"})
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "The count by name demo_count/2 · 06:00 UTC · counted · accepted" in lines
    assert "Soldiers killed 2,353 more: 119,154 → 121,507, as of 31 July 2025" in lines
    assert "✓ Matches the stated +2,353, counted from 119,154 (mediazona/12, known 18 July 2025)" in lines
    assert "volunteers 200 more: 32,900 → 33,100, as of 31 July 2025" in lines
    assert "1 more figure stands as it was" in lines


def test_old_is_grey_and_new_is_bold() -> None:
    written = io.StringIO()
    render_log([the_count()], Console(file=written, width=120, force_terminal=True, color_system="standard"))
    assert "\x1b[90m119,154\x1b[0m → \x1b[1m121,507\x1b[0m" in written.getvalue()


def test_the_newest_update_comes_first_whatever_the_order_given() -> None:
    first, second, third = (
        update(change("new", n, n + 1), number=n, known_at=at)
        for n, at in ((9, JULY_18), (10, AUGUST_2), (11, AUGUST_2))
    )
    assert newest_first([second, first, third]) == [third, second, first]
    text = shown(render_log, [first, third, second])
    assert text.index("demo_count/11") < text.index(
        "2 updates, 18 July to 2 August 2025: killed 9 → 11 +2 in 2 updates"
    )


def test_a_hold_is_told_with_its_reason_and_ordinary_updates_in_a_line() -> None:
    held = update(
        change("new", 11_132, 111_138, series="f/tanks", held=True),
        source="f",
        title="The file",
        status="held",
        known_at=AUGUST_3,
        checks=(check("hold", "a step of +100,006 in a day"), check("pass", "unseen", "expected")),
    )
    older = update(change("new", 11_129, 11_132, series="f/tanks"), source="f", number=1, title="The file")
    text = " ".join(shown(render_log, [held, older]).split())
    assert "tanks held: 100,006 more: 11,132 → 111,138" in text
    assert "held, jump: a step of +100,006 in a day" in text
    assert "unseen" not in text
    assert "The file f/1: tanks 11,129 → 11,132 +3" in text


def test_more_than_twenty_changes_are_told_in_groups() -> None:
    changes = [change("revised", n, n + 1, series="big/a", as_of=f"2022-03-{n:02}") for n in range(1, 26)]
    groups = (group("revised", 564, up=545, down=19, net=3552, series="big/a"),)
    text = shown(render_log, [update(*changes, source="big", changes_total=564, groups=groups)])
    assert "the past was rewritten: 564 values revised (545 up, 19 down)" in text
    assert "564 days revised (545 up, 19 down), net +3,552" in text
    assert "24 February 2022 to 10 January 2024" in text
    assert "26 March 2022 was" not in text


def test_a_release_that_goes_on_and_rewrites_the_past_says_both() -> None:
    both = update(
        change("new", 4_031, 4_034, as_of="2025-08-02"),
        change("revised", 4_014, 4_016, as_of="2025-07-24"),
        change("revised", 1_842, 1_841, as_of="2025-07-20"),
        change("withdrawn", 9, None, as_of="2025-07-14", how="row", redated="2025-07-13"),
        change("late", None, 9, as_of="2025-07-13", redated="2025-07-14"),
    )
    text = " ".join(shown(render_log, [both]).split())
    assert "the past was rewritten too: 2 values revised (1 up, 1 down), 1 row moved to another date" in text
    assert "moved: the row of 14 July 2025 is dated 13 July 2025 now, same number" in text


def test_the_headline_is_what_the_report_itself_states() -> None:
    unlike = update(
        change("new", 13_100, 13_300, series="demo_count/conscripts"),
        change("new", 119_154, 121_507, stated=stated("matches", baseline=baseline())),
    )
    assert shown(render_log, [unlike]).index("killed") < shown(render_log, [unlike]).index("conscripts")


def test_a_hedge_that_changed_at_a_later_date_is_no_figure_that_stands() -> None:
    about, over = figure(20_000, qualifier="approximately"), figure(20_000, qualifier="more_than")
    text = shown(render_log, [update(change("new", about, over))])
    assert "same number: about 20,000 → more than 20,000" in text


def test_nothing_new_is_said_in_words() -> None:
    assert "Nothing has changed." in shown(render_log, [])


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_log_keeps_to_the_width_of_the_terminal(width: int) -> None:
    lines = shown(render_log, [the_count()], width=width).splitlines()
    assert max(len(line) for line in lines) <= width


def test_a_console_without_unicode_gets_plain_signs() -> None:
    raw = io.BytesIO()
    written = io.TextIOWrapper(raw, encoding="ascii")
    render_log([the_count()], Console(file=written, width=120, color_system=None))
    written.flush()
    assert "119,154 -> 121,507" in raw.getvalue().decode("ascii")


def test_hostile_text_cannot_drive_the_terminal_nor_forge_a_line() -> None:
    one = update(change("new", 1, 2, series=f"x/{HOSTILE}"), title=HOSTILE, checks=(check("warn", HOSTILE),))
    text = shown(render_log, [one], titles={})
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[bold]title | x |" in text


def observation(**fields: Any) -> Observation:
    defaults: dict[str, Any] = {
        **dict.fromkeys(("low", "high", "category", "period_start", "period_end")),
        "value": Decimal(5400),
        "qualifier": "more_than",
        "unit": "people",
        "measure": "killed",
        "whom": "soldiers",
        "kind": "total",
        "attributed_to": ("the Outlet",),
        "denied": False,
        "quote": "over 5,400 officers",
        "number_text": "over 5,400",
        "start": 0,
        "end": 10,
        "as_of_basis": "fetched",
        "update": "demo_count/2",
        "known_at": Instant(AUGUST_2),
        "recorded_at": Instant(AUGUST_2),
    }
    return Observation(series="demo_count/officers", as_of=Day("2025-07-31"), **(defaults | fields))


def test_the_table_shows_value_hedge_claimant_and_how_the_date_was_found() -> None:
    line = " ".join(shown(render_table, [observation()]).split())
    expected = "officers 31 July 2025 (fetched) over 5,400 the Outlet 2 August 2025, 06:00 demo_count/2"
    assert expected in line


def test_series_show_what_is_counted_and_the_latest_value() -> None:
    one = Series(
        series="demo_count/killed",
        source="demo_count",
        title="Soldiers killed",
        measure="killed",
        kind="total",
        unit="people",
        whom="soldiers",
        category=None,
        attributed_to=(),
        basis="counted",
        observations=1234,
        latest_as_of=Day("2025-07-31"),
        latest=figure(121_507),
    )
    line = " ".join(shown(render_series, [one]).split())
    assert "demo_count/killed killed soldiers killed, counted 1,234 31 July 2025 121,507" in line


def test_show_lists_every_version_and_says_which_were_replaced_held_or_withdrawn() -> None:
    def version(value: int | None, update: str, by: str | None, kind: Any, held: bool = False) -> Version:
        return Version(
            series="s/a",
            as_of=Day("2022-05-16"),
            value=None if value is None else Decimal(value),
            low=None,
            high=None,
            qualifier="exact",
            known_at=Instant(AUGUST_2),
            recorded_at=Instant(AUGUST_2),
            update=update,
            superseded_by=by,
            kind=kind,
            held=held,
        )

    versions = [
        version(8_866, "s/1", "s/2", "first"),
        version(None, "s/2", None, "withdrawn"),
        version(88_665, "s/3", None, "restored", held=True),
    ]
    lines = [" ".join(line.split()) for line in shown(render_show, versions).splitlines()]
    assert "16 May 2022 8,866 first 2 August 2025, 06:00 s/1 s/2" in lines
    assert "16 May 2022 withdrawn withdrawn 2 August 2025, 06:00 s/2" in lines
    assert "16 May 2022 88,665 held, does not count 2 August 2025, 06:00 s/3" in lines


def test_figures_of_a_text_are_shown_with_hedge_claimant_and_sentence() -> None:
    one = figure(
        20_000,
        qualifier="approximately",
        number_text="around 20,000",
        measure="killed",
        whom="soldiers",
        kind="change",
        attributed_to=("the president",),
        period_start="2025-07-01",
        period_end="2025-07-31",
        quote="The president said around 20,000 died.",
        denied=True,
    )
    line = " ".join(shown(render_figures, [one], width=160).split())
    expected = "around 20,000 soldiers killed, change · the president · 1 to 31 July 2025 · denied The president said"
    assert expected in line


def test_a_table_too_long_to_read_is_cut_and_says_so() -> None:
    text = shown(render_table, [observation()] * 53)
    assert "3 more rows not shown; --json gives them all" in text
    assert text.count("over 5,400") == 50


def test_status_says_the_state_in_words() -> None:
    row = {
        "source": "demo_count",
        "title": "The count",
        "state": "held",
        "last_success": AUGUST_2,
        "last_attempt": AUGUST_3,
        "oldest_hold": AUGUST_2,
        "next_run": None,
        "message": "one change is held",
    }
    status = " ".join(shown(render_status, [row, {"source": "new", "state": "off"}], width=160).split())
    assert "‖ held demo_count read 2 August 2025, 06:00 · 1 value held since 2 August 2025, 06:00" in status
    assert "one change is held – off new never read" in status


def test_markdown_tells_the_same_as_the_terminal() -> None:
    text = log_markdown([the_count()])
    assert "### The count by name" in text
    assert "- killed: 2,353 more: 119,154 → **121,507**, as of 31 July 2025" in text
    assert "  - Matches the stated +2,353, counted from 119,154 (mediazona/12, known 18 July 2025)" in text


def test_markdown_keeps_hostile_text_from_becoming_marks() -> None:
    one = update(change("new", 1, 2, series=f"x/{HOSTILE}"), title=HOSTILE, checks=(check("warn", HOSTILE),))
    text = log_markdown([one])
    assert re.search(r"(?<!\\)\]\(", text) is None
    assert "<b>" not in text
    assert "\n| x" not in text


def test_markdown_stops_at_fifty_updates_and_says_so() -> None:
    text = log_markdown([update(change("new", n, n + 1), number=n) for n in range(1, 61)])
    assert text.count("###") == 50
    assert "10 older updates are not shown here" in text


def test_the_table_has_a_row_a_change_with_the_same_keys() -> None:
    rows = log_table([the_count()])
    assert rows[0] == {
        "update": "demo_count/2",
        "source": "The count by name",
        "series": "killed",
        "as_of": "31 July 2025",
        "from": "119,154",
        "to": "121,507",
        "difference": "+2,353",
        "stated": "+2,353 matches mediazona/12",
        "held": "",
    }
    assert len({tuple(row) for row in rows}) == 1


def test_the_table_is_capped_and_says_how_much_is_missing() -> None:
    rows = log_table([update(change("new", n, n + 1), number=n) for n in range(1, ROWS_SHOWN + 11)])
    assert len(rows) == ROWS_SHOWN
    assert rows[-1]["series"] == "11 more rows are not shown"


@pytest.mark.parametrize("module", ["publish", "publish.words", "publish.text", "publish.html", "publish.markdown"])
def test_importing_publish_brings_no_heavy_module(module: str) -> None:
    heavy = (
        "[name for name in ('rich', 'prefect', 'pandas', 'sqlalchemy', 'requests', 'apprise') if name in sys.modules]"
    )
    code = f"import sys, {module}; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
