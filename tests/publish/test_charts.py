"""Charts show what the ledger has: every point drawn is an observation known when the chart says, and none is lost."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from model import Day, Instant, TallybookError, read_content
from model.figure import write_content
from publish.charts.draw import drawing
from publish.charts.picture import COLUMNS, Picture, picture
from publish.charts.places import places
from publish.charts.plate import LOOKS, plate, png
from publish.charts.points import ChartAsked, ChartView, Point
from publish.charts.scale import FOOT, ChartScale, scale_of
from publish.charts.table import table
from publish.charts.words import ChartFacts, notes
from storage import SeriesHistory

FACTS = ChartFacts(
    "s/n", "Confirmed dead", "Mediazona", "The Courier", "counted", "people", "http://127.0.0.1/series/s/n"
)
CONTENTS = ("", "0", "7", "100", "~120", ">90", "<3", "80..130", "..40", "1500000", "12.5")
Row = tuple[Day, int, str, int]


def history(rows: Sequence[Row], updates: int = 6) -> SeriesHistory:
    """A series of some rows, its updates known on the first days of 2025."""
    known = {one: (one, clock(one)) for one in range(1, updates + 1)}
    return SeriesHistory(source="s", rows=sorted(rows), known=known, total=len(rows), thinned=False)


def clock(update: int) -> Instant:
    return Instant(f"2025-01-{update:02}T06:00:00Z")


def of_days(contents: Sequence[str], update: int = 1) -> list[Row]:
    start = dt.date(2020, 1, 1)
    return [
        (Day((start + dt.timedelta(days=at)).isoformat()), update, content, 0) for at, content in enumerate(contents)
    ]


HISTORIES = st.dictionaries(
    st.tuples(st.integers(1, 28), st.integers(1, 6)), st.tuples(st.sampled_from(CONTENTS), st.booleans()), max_size=40
).map(
    lambda cells: history(
        [(Day(f"2024-02-{d:02}"), u, content, int(held)) for (d, u), (content, held) in cells.items()]
    )
)


def counted(found: SeriesHistory, known_at: Instant | None) -> dict[Day, Row]:
    """What counts of each day as known at a time, by the plainest reading of the rows."""
    kept: dict[Day, Row] = {}
    for row in found.rows:
        if not row[3] and (known_at is None or found.known[row[1]][1] <= known_at):
            kept[row[0]] = row
    return {day: row for day, row in kept.items() if row[2]}


def marks_of(shown: Picture) -> str:
    found = drawing(shown)
    return found.marks if found else ""


def ends(shown: Picture, kind: str) -> Iterator[tuple[float, float]]:
    """Where each step of the lines of a kind ends, as a browser walks them."""
    marks = drawing(shown)
    assert marks is not None
    for path in re.findall(rf'<path class="(?:{kind})" d="([^"]+)"', marks.marks):
        x = y = 0.0
        for to_x, to_y, across, up in re.findall(r"M([-\d.]+) ([-\d.]+)|(?=[hv])(?:h([-\d.]+))?(?:v([-\d.]+))?", path):
            x, y = (float(to_x), float(to_y)) if to_x else (x + float(across or 0), y + float(up or 0))
            yield round(x, 1), round(y, 1)


@settings(max_examples=120)
@given(HISTORIES, st.sampled_from([None, *map(clock, range(1, 7))]), st.sampled_from(["known", "vintages", "first"]))
def test_every_point_drawn_is_an_observation_known_by_then(
    found: SeriesHistory, known_at: Instant | None, view: ChartView
) -> None:
    shown = picture(found, ChartAsked(known_at=known_at, view=view))
    expected = counted(found, known_at)
    known = sorted([*shown.known, *shown.ranges], key=lambda one: one.as_of)
    assert [as_row(one) for one in known] == [(row[0], row[1], row[2]) for row in expected.values()]
    recorded = {(row[0], row[1]): row for row in found.rows}
    for line in shown.lines:
        until = line.known_at or known_at
        for one in (point for piece in line.pieces for point in piece):
            row = recorded[one.as_of, int(one.update.rpartition("/")[2])]
            assert (*as_row(one), 0) == row
            assert line.kind == "later" or until is None or one.known_at <= until
    scale = scale_of(shown)
    if scale is not None:
        sound = {place(one, scale) for one in shown.points if one.value is not None}
        assert set(ends(shown, "line|dense|later|first|vintage")) <= sound


def as_row(one: Point) -> tuple[Day, int, str]:
    content = write_content(one.value, one.low, one.high, one.qualifier)
    return one.as_of, int(one.update.rpartition("/")[2]), content


def place(one: Point, scale: ChartScale) -> tuple[float, float]:
    assert one.value is not None
    return scale.x(one.as_of), scale.y(one.value)


@given(HISTORIES)
def test_what_is_frozen_and_without_holds_knows_nothing_of_either(found: SeriesHistory) -> None:
    at = clock(3)
    shown = picture(found, ChartAsked(known_at=at, held=False, frozen=True))
    told = places(shown, "s/n")
    assert all(known <= at for known in told.updates.values())
    assert (shown.held, shown.has("later"), shown.contrast[1:]) == ((), False, (None, None))


def test_of_very_many_points_each_column_keeps_its_extremes_and_the_chart_says_so() -> None:
    chance = random.Random(11)
    values = [chance.randint(100, 900) for _ in range(20_000)]
    values[7_777], values[13_131] = 5_000, 1
    shown = picture(history(of_days([str(one) for one in values])), ChartAsked())
    scale = scale_of(shown)
    assert scale is not None
    assert (shown.thinned, len(shown.known) < 1700) == (True, True)
    assert {min(one.bottom for one in shown.known), max(one.top for one in shown.known)} == {Decimal(1), Decimal(5000)}
    assert any("20,000 values, drawn as the first, last, lowest and highest" in one for one in notes(shown))
    start = dt.date(2020, 1, 1)
    wanted: dict[int, list[int]] = {}
    for at, value in enumerate(values):
        wanted.setdefault(int(at * COLUMNS / 2 / 19_999), []).append(value)
    drawn: dict[int, list[int]] = {}
    for one in shown.known:
        at = (dt.date.fromisoformat(one.as_of) - start).days
        drawn.setdefault(int(at * COLUMNS / 2 / 19_999), []).append(int(one.value or 0))
    assert {at: (min(of), max(of), of[0], of[-1]) for at, of in wanted.items()} == {
        at: (min(of), max(of), of[0], of[-1]) for at, of in drawn.items()
    }
    whole = picture(history(of_days([str(one) for one in values])), ChartAsked(whole=True))
    assert (len(whole.known), whole.thinned) == (20_000, False)


def test_no_line_leads_across_silence_or_a_withdrawn_day() -> None:
    rows = of_days(["10"] * 12)
    silent = [row for row in rows if row[0] not in ("2020-01-05", "2020-01-06", "2020-01-07", "2020-01-08")]
    shown = picture(history(silent), ChartAsked())
    assert [len(piece) for line in shown.lines for piece in line.pieces] == [4, 4]
    gone = [*rows, (Day("2020-01-06"), 2, "", 0)]
    shown = picture(history(gone), ChartAsked())
    assert [len(piece) for line in shown.lines for piece in line.pieces] == [5, 6]
    assert shown.withdrawn == ("2020-01-06",)
    assert 'class="gone"' in marks_of(shown)


@pytest.mark.parametrize(
    ("contents", "cut"),
    [(["0", "100"], False), (["5"], False), (["5", "5"], False), (["990", "1000"], True), (["600", "1000"], True)],
)
def test_an_axis_that_does_not_start_at_zero_says_so_in_the_picture(contents: list[str], cut: bool) -> None:
    svg = plate(picture(history(of_days(contents)), ChartAsked()), FACTS)
    assert ("axis cut: it starts at" in svg) is cut
    assert ("The axis starts at" in svg) is cut


def test_vintages_and_first_values_are_drawn_only_where_they_were_otherwise() -> None:
    rows = of_days([str(100 + at) for at in range(10)])
    rows += [(Day("2020-01-09"), 2, "150", 0), (Day("2020-01-09"), 3, "160", 0)]
    shown = picture(history(rows), ChartAsked(view="vintages"))
    lines = {line.known_at: line.pieces for line in shown.lines if line.kind == "vintage"}
    assert {at: [one.value for one in pieces[0]] for at, pieces in lines.items()} == {
        clock(1): [107, 108, 109], clock(2): [107, 150, 109],
    }  # fmt: skip
    first = picture(history(rows), ChartAsked(view="first"))
    assert next(line for line in first.lines if line.kind == "first").pieces[0][8].value == 108
    assert [(one.as_of, times) for one, times in first.revised] == [("2020-01-09", 2)]
    assert 'class="rail"' in marks_of(first)


def test_hedges_ranges_and_holds_are_marked_and_told() -> None:
    rows = [*of_days(["100", "~120", ">130", "<140", "90..150"]), (Day("2020-01-06"), 2, "999999", 1)]
    shown = picture(history(rows), ChartAsked())
    svg = drawing(shown)
    assert svg is not None
    assert [svg.marks.count(f'class="{name}"') for name in ("about", "pt-open", "band", "held")] == [1, 2, 1, 1]
    assert "held: 999,999" in svg.marks
    scale = scale_of(shown)
    assert scale is not None
    assert scale.high < 1000, "what is held does not bend the scale"
    told = " ".join(notes(shown))
    assert "Of 5 values 1 is “about” and 1 is “more than” and 1 is “less than”." in told
    assert "1 value held, hollow: it does not count." in told
    decided = [*rows[:-1], (Day("2020-01-06"), 2, "999999", 2)]
    assert not picture(history(decided), ChartAsked()).held


HARD_NAMES = (
    "x" * 300, "Confirmed dead " * 20, "عدد القتلى المؤكدين بالاسم منذ بداية الحرب " * 7, "死者数の合計" * 50,
    "<script>alert(1)</script> & \"quotes\" ]]>", "=HYPERLINK(\"http://x\")", "",
)  # fmt: skip


@pytest.mark.parametrize("name", HARD_NAMES)
def test_a_picture_of_its_own_is_sound_says_whose_it_is_and_carries_its_looks(name: str) -> None:
    facts = FACTS._replace(title=name, claimants=name, publisher="The Courier")
    svg = plate(picture(history(of_days(["1000000", "2500000"])), ChartAsked()), facts)
    tree = etree.fromstring(svg.encode())
    texts = [text for text in tree.itertext() if text.strip()]
    for said in ("2,500,000", "1 to 2 January 2020", "counted", "http://127.0.0.1/series/s/n"):
        assert any(said in text for text in texts), said
    attributes = {attribute for element in tree.iter() for attribute in element.attrib}
    assert not attributes & {"class", "style", "onload", "href"}
    assert {etree.QName(element).localname for element in tree.iter()} <= {
        "svg", "title", "rect", "text", "path", "circle", "g",
    }  # fmt: skip
    width = float(tree.get("width", "0"))
    assert all(len(line.text or "") * 5 < width for line in tree.iter("{*}text")), "a line that leaves the picture"


def test_the_page_and_the_picture_know_the_same_marks() -> None:
    style = (Path(__file__).parents[2] / "review/static/tallybook.css").read_text(encoding="utf-8")
    assert [name for name in LOOKS if not re.search(rf"\.{name}\b", style)] == []


@pytest.mark.parametrize("contents", [["5"], ["5..9"], [], ["-4", "-2"], ["0.001", "0.002"]])
def test_one_point_a_range_nothing_and_small_numbers_are_drawn(contents: list[str]) -> None:
    shown = picture(history(of_days(contents)), ChartAsked())
    assert (drawing(shown) is None) is (contents == [])
    etree.fromstring(plate(shown, FACTS).encode())
    scale = scale_of(shown)
    if scale:
        assert all(34 <= scale.y(value) <= FOOT for one in shown.points for value in (one.top, one.bottom))


def test_minutes_stand_on_the_axis() -> None:
    rows = [(Day(f"2025-11-05T{hour:02}:31Z"), 1, str(hour * 100), 0) for hour in range(2, 9)]
    marks = drawing(picture(history(rows), ChartAsked()))
    assert marks is not None
    assert ">04:00<" in marks.marks


def test_a_picture_is_twice_as_large_as_png_or_says_that_there_is_no_font() -> None:
    from publish.charts.plate import _has_fonts

    svg = plate(picture(history(of_days(["1", "2"])), ChartAsked()), FACTS)
    if not _has_fonts():
        with pytest.raises(TallybookError, match="no font"):
            png(svg)
        return
    made, width = png(svg), int(float(etree.fromstring(svg.encode()).get("width", "0")))
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(made[16:20], "big") == 2 * width


def test_a_machine_without_fonts_draws_no_picture_without_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from publish.charts import plate as module

    monkeypatch.setattr(module, "_has_fonts", lambda: False)
    with pytest.raises(TallybookError, match="no font"):
        png("<svg/>")


def test_no_cell_of_a_table_is_calculated() -> None:
    rows = of_days(["-4", "~7"])
    told = table(picture(history(rows), ChartAsked(whole=True)), FACTS._replace(title="=1+1", claimants="@x"))
    lines = "".join(told).splitlines()
    assert all("'=1+1" in line and "'@x" in line for line in lines[1:])
    assert ",2020-01-01,-4,,,exact,2025-01-01T06:00:00Z,s/1" in lines[1]
    assert Decimal(lines[2].split(",")[10]) == read_content("~7").value
