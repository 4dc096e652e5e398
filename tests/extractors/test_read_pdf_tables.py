"""Tables of PDFs are read with the place of each cell, by a process that no hostile file leads out of its limits."""

from __future__ import annotations

import io
import random
import zlib
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from reportlab.lib import colors
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate, Spacer, Table

import extractors
from extractors import pdf_tables
from extractors.pdf_tables import MEDIA_TYPE, child, place_of
from model import Reading, Source, UnreadableError
from tests.extractors.made import cells, source
from tests.extractors.pdfs import Figures, Layout, figures, layout, made
from tests.extractors.test_read_pdf import made as plain

TRUE = Figures([("North", 1204, 31, Decimal("1.5")), ("South", 7, 2, Decimal("0.2")), ("West Bank", 88, 4, Decimal(3))])
AS_OF = {"pattern": r"As of (?P<as_of>\d+ \pL+ \d+)", "format": "%d %B %Y"}


def followed(*columns: str, **more: Any) -> Source:
    rules = [{"id": name.lower().replace(" ", "_"), "column": name} for name in columns or ("Cases", "Deaths", "Rate")]
    return source("pdf", rules, **{"by": {"whom": "Region"}, "as_of": AS_OF, "language": "en", **more})


def opened(content: bytes) -> extractors.Document:
    return extractors.derive(content, media_type=MEDIA_TYPE)


def read(content: bytes, definition: Source | None = None) -> Reading:
    return extractors.read(definition or followed(), opened(content))


def values(reading: Reading) -> dict[str, str]:
    return {series: content for series, _, content in cells(reading)}


def held(reading: Reading) -> list[str]:
    return [check.message for check in reading.checks if check.result == "hold"]


def refused(content: bytes, definition: Source | None = None) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        read(content, definition)
    return caught.value


def page(draw: Callable[[Canvas], None], **more: Any) -> bytes:
    """A PDF of one page as a canvas draws it."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, **more)
    canvas.setFont("Helvetica", 10)
    draw(canvas)
    canvas.save()
    return out.getvalue()


def drawn(rows: list[list[str]], rights: tuple[float, ...] = (100, 220, 300), step: float = 16) -> Callable[..., None]:
    """What draws rows of texts without lines, the first column from the left and all others to the right."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 760, "As of 31 January 2026")
        for number, (name, *rest) in enumerate(rows):
            canvas.drawString(60, 720 - step * number, name)
            for right, text in zip(rights[1:], rest, strict=True):
                canvas.drawRightString(right, 720 - step * number, text)

    return draw


ROWS = [["Region", "Cases", "Deaths"], ["North", "1,204", "31"], ["South", "7", "2"]]
READ = {"cases|North": "1204", "deaths|North": "31", "cases|South": "7", "deaths|South": "2"}
TWO = followed("Cases", "Deaths")


@pytest.mark.usefixtures("_in_process")
@pytest.mark.parametrize("rules", ["grid", "none", "levels", "books", "columns", "uprights", "box", "thick", "stripes"])
@pytest.mark.parametrize("turned", ["portrait", "landscape", "turned", "sideways"])
def test_tables_are_read_with_and_without_lines_however_the_page_is_turned(rules: str, turned: str) -> None:
    reading = read(made(TRUE, Layout(rules=rules, page=turned)))
    assert values(reading)["cases|North"] == "1204"
    assert values(reading)["rate|West Bank"] == "3"
    assert len(reading.cells) == 9
    assert {day for _, day, _ in cells(reading)} == {"2026-01-31"}
    assert held(reading) == []


def test_a_cell_is_found_with_its_page_its_row_its_column_and_its_box() -> None:
    document = opened(made(TRUE, Layout(title=False)))
    reading = extractors.read(followed(), document)
    figure = reading.figure(next(cell[3] for cell in reading.cells if cell[2] == "31"))
    assert figure.quote == "page 1, row 2:\tNorth\t1,204\t31\t1.5"
    assert document.text[figure.start : figure.end] == "31"
    place = place_of(document.text, figure.start)
    assert place is not None
    assert place.words == "page 1, row 2, column Deaths"
    left, top, right, bottom = map(float, place.box.split())
    assert (250 < left < right < 400, 80 < top < bottom < 200, 8 < bottom - top < 14) == (True, True, True)


def test_marks_above_the_line_are_no_digits_of_a_number() -> None:
    reading = read(made(TRUE, Layout(notes=True)))
    assert values(reading)["cases|North"] == "1204"
    figure = reading.figure(next(cell[3] for cell in reading.cells if cell[2] == "1204"))
    assert figure.number_text == "1,204¹"


def test_digits_of_the_same_size_that_are_drawn_higher_are_marks() -> None:
    def draw(canvas: Canvas) -> None:
        drawn([*ROWS[:2], ["South", "", "2"]])(canvas)
        text = canvas.beginText(205, 688)
        text.textOut("88")
        text.setRise(4)
        text.setFont("Helvetica", 6)
        text.textOut("12")
        canvas.drawText(text)

    assert values(read(page(draw), TWO)) == {**READ, "cases|South": "88"}


def test_a_table_goes_on_over_pages_with_and_without_its_heading() -> None:
    truth = figures(random.Random(3), 120)
    for repeat in (True, False):
        for rules in ("grid", "none"):
            reading = read(made(truth, Layout(rules=rules, repeat=repeat)))
            told = {name: str(cases) for name, cases, _, _ in truth.rows if cases is not None}
            assert {key[6:]: value for key, value in values(reading).items() if key.startswith("cases|")} == told
            assert held(reading) == []


def test_headings_of_two_lines_and_over_several_columns_are_names_of_their_columns() -> None:
    two = read(made(TRUE, Layout(heading="two")), followed("Cases so far", "Deaths so far", "Rate"))
    assert values(two)["cases_so_far|North"] == "1204"
    for rules in ("grid", "books"):
        merged = read(made(TRUE, Layout(heading="merged", rules=rules)), followed("Reported Cases", "Reported Deaths"))
        assert values(merged)["reported_deaths|North"] == "31"


def test_columns_in_another_order_are_read_by_their_headings() -> None:
    orders = [(0, 1, 2, 3), (0, 3, 2, 1), (3, 2, 1, 0)]
    first, *others = (sorted(cells(read(made(TRUE, Layout(rules="none", order=order))))) for order in orders)
    assert others == [first, first]


def test_of_two_tables_that_are_alike_the_page_or_a_line_above_chooses() -> None:
    def draw(canvas: Canvas) -> None:
        drawn(ROWS)(canvas)
        canvas.showPage()
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 740, "Table 2. Last year")
        drawn([ROWS[0], ["North", "5", "1"]])(canvas)

    content = page(draw)
    assert values(read(content, followed("Cases", "Deaths", page="1"))) == READ
    for chosen in ("2", "Table 2*"):
        last = read(content, followed("Cases", "Deaths", page=chosen))
        assert values(last) == {"cases|North": "5", "deaths|North": "1"}
    assert "no table of the PDF is at page: '7'" in str(refused(content, followed("Cases", page="7")))


def test_a_name_on_several_lines_is_one_name() -> None:
    long = Figures([("Autonomous Republic of the Crimea", 12, 3, None), ("North", 5, 1, None), ("South", 6, 1, None)])
    for middle in ("TOP", "MIDDLE", "BOTTOM"):
        for rules in ("grid", "none"):
            reading = read(made(long, Layout(rules=rules, middle=middle, label_width=90, above=5)))
            assert values(reading)["cases|Autonomous Republic of the Crimea"] == "12"


def test_a_name_that_may_be_two_rows_is_asked_about() -> None:
    rows = [ROWS[0], ["Bosnia and", "", ""], ["Herzegovina", "12", "3"], ["North", "5", "1"], ["South", "6", "1"]]
    assert "'Bosnia and' and 'Herzegovina' may be one name or two rows" in "".join(held(read(page(drawn(rows)), TWO)))


def test_a_line_that_could_not_be_part_of_a_name_is_a_row_of_its_own() -> None:
    rows = [ROWS[0], ["East", "", ""], ["North and the islands", "12", "3"], ["North", "5", "1"], ["South", "6", "1"]]
    reading = read(page(drawn(rows, (160, 260, 340))), TWO)
    assert (values(reading)["cases|North"], held(reading)) == ("5", [])


def test_text_that_runs_into_the_next_column_leaves_no_columns_to_read() -> None:
    rows = [*ROWS, ["The largest of all the regions of this land", "12", "3"], ["East", "1", "1"], ["West", "9", "2"]]
    assert "no table with the columns Cases" in str(refused(page(drawn(rows)), TWO))


def test_numbers_without_a_name_and_numbers_below_one_another_are_said() -> None:
    rows = [*ROWS, ["", "9", "9"]]
    assert "stands beside no name" in "".join(held(read(page(drawn(rows)), TWO)))
    style = [("GRID", (0, 0), (-1, -1), 1, colors.black)]
    out = io.BytesIO()
    listed = Table([*ROWS[:2], ["South", "8 100\n200", "2"]], style=style)
    SimpleDocTemplate(out).build([Spacer(1, 1), listed])
    assert "'8 100 200' stand below one another" in "".join(held(read(out.getvalue(), followed("Cases", as_of=None))))


def test_a_name_that_runs_over_a_drawn_line_is_said() -> None:
    style = [("GRID", (0, 0), (-1, -1), 1, colors.black), ("LEFTPADDING", (0, 0), (-1, -1), 1)]
    out = io.BytesIO()
    rows = [ROWS[0], ["Municipality", "369", "31"], ["South", "7", "2"]]
    SimpleDocTemplate(out).build([Spacer(1, 1), Table(rows, style=style, colWidths=[47.5, 60, 60])])
    assert "runs over a line" in "".join(held(read(out.getvalue(), followed("Deaths", as_of=None))))


def test_a_row_that_numbers_the_columns_is_no_row_and_another_is() -> None:
    head = [["Region", "Cases", "Deaths"], ["A", "1", "2"]]
    assert values(read(page(drawn([*head, *ROWS[1:]])), TWO)) == READ
    lettered = read(page(drawn([*head, ["B", "7", "3"], ["C", "9", "1"]])), TWO)
    assert values(lettered)["deaths|A"] == "2"
    counted = read(page(drawn([head[0], ["North", "1", "2"], ["South", "9", "1"]])), TWO)
    assert values(counted)["deaths|North"] == "2"


def test_what_is_not_to_be_seen_is_not_read() -> None:
    def draw(canvas: Canvas) -> None:
        drawn(ROWS)(canvas)
        hidden = canvas.beginText(196, 672)
        hidden.setTextRenderMode(3)
        hidden.textOut("99")
        canvas.drawText(hidden)

    assert values(read(page(draw), TWO)) == READ


def test_a_scan_a_stub_a_page_and_a_locked_pdf_say_so() -> None:
    scan = refused(plain(content=b"0 0 100 100 re f"))
    assert (scan.reason, "no text" in str(scan)) == ("picture", True)
    assert "is broken" in str(refused(b"%PDF-1.7\n1 0 obj\n<<"))
    assert "is no PDF" in str(refused(b"<!doctype html><p>Gone</p>"))
    assert "is encrypted" in str(refused(page(drawn(ROWS), encrypt=StandardEncryption("secret"))))
    assert values(read(page(drawn(ROWS), encrypt=StandardEncryption("", "owner")), TWO)) == READ


def test_a_pdf_without_the_columns_says_so() -> None:
    assert "no table with the columns Beds, Region" in str(refused(page(drawn(ROWS)), followed("Beds")))


def test_hostile_pdfs_end_within_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_tables, "MEMORY", 384 * 2**20)
    bomb = zlib.compress(zlib.compress(b"0" * 2**27))
    filters = "/Filter [/FlateDecode /FlateDecode]"
    assert "the release is a PDF that" in str(refused(plain(content=bomb, filters=filters)))
    monkeypatch.setattr(pdf_tables, "SECONDS", 2)
    endless = plain(content=b"BT /F1 12 Tf " + b"1 0 0 1 0 0 Tm (x) Tj " * 400_000 + b"ET", pages=50)
    assert "the release is a PDF that" in str(refused(endless))
    monkeypatch.setattr(pdf_tables, "MOST_PAGES", 10)
    assert "pages" in str(refused(plain("x", pages=11)))


@pytest.fixture
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's work done here: hundreds of processes would take minutes to start."""
    monkeypatch.setattr(pdf_tables, "read_apart", lambda _what, content, *_: _encoded(content))


def _encoded(content: bytes) -> bytes:
    return msgspec.msgpack.encode(child.pages_of(content, pdf_tables.MOST_PAGES, pdf_tables.MOST_GLYPHS))


def _judged(truth: Figures, of: Layout) -> str:
    """How a random table in a random layout is read: right, held, refused, or silently wrong."""
    names = {"two": ("Cases so far", "Deaths so far", "Rate")}.get(of.heading, ("Cases", "Deaths", "Rate"))
    if of.heading == "merged" and of.order == (0, 1, 2, 3):
        names = ("Reported Cases", "Reported Deaths", "Per cent Rate")
    rules = [{"id": key, "column": name} for key, name in zip(("cases", "deaths", "rate"), names, strict=True)]
    try:
        reading = read(made(truth, of), source("pdf", rules, by={"whom": "Region"}, as_of=AS_OF, language="en"))
    except UnreadableError:
        return "refused"
    except ValueError:
        return "not made"
    told = Counter({(series, Decimal(content)) for series, _, content in cells(reading) if content not in ("", "?")})
    meant = Counter(
        (f"{key}|{name}", Decimal(value))
        for name, *row in truth.rows
        for key, value in zip(("cases", "deaths", "rate"), row, strict=True)
        if value is not None
    )
    if told == meant:
        return "right"
    missing = any(check.name == "column_missing" for check in reading.checks)
    return "held" if held(reading) or missing else "wrong"


@pytest.mark.usefixtures("_in_process")
@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.long)])
def test_a_table_in_many_layouts_is_read_equal_or_its_doubt_is_said(count: int) -> None:
    chance = random.Random(20261130)
    seen = Counter(_judged(figures(chance), layout(chance)) for _ in range(count))
    assert seen["wrong"] == 0, seen
    assert seen["right"] > 0.6 * (count - seen["not made"]), seen
