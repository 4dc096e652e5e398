"""PDFs made by us: one table of places and numbers, laid out as offices lay theirs out."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

Lines = list[tuple[Any, ...]]

HEADINGS = ("Region", "Cases", "Deaths", "Rate")
PLACES = """
    North; South; East; Kyiv; Lower Saxony; Saint-Pierre; Autonomous Republic of the Crimea; District 7; West Bank;
    Baden; Bosnia and Herzegovina; Upper Austria; Rest of the country; Isle of Man; Kherson; Odesa; Poltava; Sumy
"""
NAMES = [" ".join(name.split()) for name in PLACES.split(";")]
ALIGNS = {"RIGHT": TA_RIGHT, "LEFT": TA_LEFT, "CENTER": TA_CENTER}
FONTS = (("Helvetica", "Helvetica-Bold"), ("Times-Roman", "Times-Bold"), ("Courier", "Courier-Bold"))
RULES: dict[str, Lines] = {
    "none": [],
    "grid": [("GRID", (0, 0), (-1, -1), 0.5, colors.black)],
    "thick": [("GRID", (0, 0), (-1, -1), 2, colors.gray)],
    "box": [("BOX", (0, 0), (-1, -1), 1, colors.black)],
    "columns": [("BOX", (0, 0), (-1, -1), 1, colors.black), ("INNERGRID", (0, 0), (-1, 0), 0.5, colors.black)],
    "uprights": [("LINEAFTER", (0, 0), (-2, -1), 0.5, colors.black), ("LINEBELOW", (0, 0), (-1, 0), 1, colors.black)],
    "levels": [("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey)],
    "books": [("LINEABOVE", (0, 0), (-1, 0), 1, colors.black), ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black)],
    "stripes": [("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.whitesmoke, colors.lightgrey])],
}
RULES["columns"].append(("LINEAFTER", (0, 0), (-2, -1), 0.5, colors.black))


class Layout(NamedTuple):
    """How one office lays a table out."""

    rules: str = "grid"
    font: int = 0
    size: float = 10
    leading: float = 1.2
    across: float = 6
    above: float = 3
    align: str = "RIGHT"
    middle: str = "MIDDLE"
    group: str = ","
    heading: str = "one"
    order: tuple[int, ...] = (0, 1, 2, 3)
    label_width: float = 0
    notes: bool = False
    repeat: bool = True
    page: str = "portrait"
    title: bool = True
    foot: bool = True
    second: bool = False
    sections: bool = False
    gap: str = "–"
    prose: bool = False
    narrow: bool = False
    numbered: bool = False


class Figures(NamedTuple):
    """What is true: of each place a count of cases, of deaths, and a rate; None where nothing is known."""

    rows: list[tuple[str, int | None, int | None, Decimal | None]]


def figures(chance: random.Random, most: int = 60) -> Figures:
    """A random table."""
    some = [*NAMES, *(f"Municipality {number}" for number in range(most))]
    names = chance.sample(some, min(len(some), chance.choice((3, 5, 9, 18, most))))
    top = 10 ** chance.randint(2, 7)
    return Figures([(name, _maybe(chance, chance.randrange(top)), _maybe(chance, chance.randrange(1 + top // 9)),
                     _maybe(chance, Decimal(chance.randrange(1, 999)).scaleb(-1))) for name in names])  # fmt: skip


def _maybe(chance: random.Random, value: Any) -> Any:
    return None if chance.random() < 0.04 else value


def layout(chance: random.Random) -> Layout:
    """A random way to lay it out."""
    order = list(range(4))
    if chance.random() < 0.3:
        chance.shuffle(order)
    pick = chance.choice
    return Layout(
        rules=pick(list(RULES)), font=pick((0, 1, 2)), size=pick((7, 8, 9, 10, 12)), leading=pick((1.1, 1.2, 1.4)),
        across=pick((1, 3, 4, 6, 12)), above=pick((0, 1, 3, 6)), align=pick(("RIGHT", "RIGHT", "LEFT", "CENTER")),
        middle=pick(("TOP", "MIDDLE", "BOTTOM")), group=pick((",", " ", "\u00a0", "", "'")),
        heading=pick(("one", "two", "merged")), order=tuple(order), label_width=pick((0, 0, 0, 120)),
        notes=pick((False, True)), repeat=pick((True, True, False)),
        page=pick(("portrait", "landscape", "turned", "sideways")), title=pick((True, False)), foot=pick((True, False)),
        second=pick((False, False, True)), sections=pick((False, False, True)), gap=pick(("–", "", "n/a")),
        prose=pick((True, False)), narrow=pick((False,) * 7 + (True,)), numbered=pick((False,) * 7 + (True,)),
    )  # fmt: skip


class _Pen:
    """Styles of one layout, and its cells."""

    def __init__(self, of: Layout) -> None:
        self._of = of
        plain, bold = FONTS[of.font]
        base = {"fontSize": of.size, "leading": of.size * of.leading}
        self.label = ParagraphStyle("label", fontName=plain, **base)
        self.number = ParagraphStyle("number", fontName=plain, alignment=ALIGNS[of.align], **base)
        self.text = ParagraphStyle("text", fontName=plain, spaceAfter=8, **base)
        self.title = ParagraphStyle("title", fontName=bold, fontSize=of.size + 4, leading=of.size + 8, spaceAfter=8)

    def name(self, text: str) -> Any:
        return Paragraph(text, self.label) if self._of.label_width else text

    def count(self, value: int | Decimal | None, mark: str = "") -> Any:
        if value is None:
            return self._of.gap
        plain = f"{value:,}".replace(",", self._of.group)
        return Paragraph(f"{plain}<super>{mark}</super>", self.number) if mark else plain


def made(truth: Figures, of: Layout) -> bytes:
    """The PDF of a table."""
    pen, out = _Pen(of), io.BytesIO()
    size = landscape(A4) if of.page == "landscape" else A4
    document = SimpleDocTemplate(out, pagesize=size, invariant=1)
    table = _table(truth, of, pen)
    parts: list[Flowable] = []
    if of.title:
        parts.append(Paragraph("Cases and deaths by region", pen.title))
    parts.append(Paragraph("As of 31 January 2026", pen.text))
    if of.prose:
        parts.append(
            Paragraph("The ministry counts what the regions report to it by the end of the day. " * 6, pen.text)
        )
    parts.append(_Sideways(table) if of.page == "sideways" else table)
    parts += [Spacer(1, 14), Paragraph("<super>1</super> provisional. Source: the ministry, 7 regions late.", pen.text)]
    if of.second:
        hospitals = [["Hospital", "Beds", "Free"], ["Central", "1,200", "31"], ["Marine", "640", "7"]]
        parts += [Spacer(1, 14), Paragraph("Table 2. Beds in hospitals", pen.text), _styled(hospitals, of, 1)]
    document.build(parts, onFirstPage=_foot(of), onLaterPages=_foot(of))
    return out.getvalue()


def _foot(of: Layout) -> Any:
    def draw(canvas: Canvas, document: SimpleDocTemplate) -> None:
        if of.page == "turned":
            canvas.setPageRotation(90)
        if of.foot:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(72, 40, "Ministry of Health, daily bulletin")
            canvas.drawRightString(500, 40, str(document.page))

    return draw


def _table(truth: Figures, of: Layout, pen: _Pen) -> Table:
    rows = _heading(of)
    heads = len(rows)
    if of.numbered:
        rows.append([str(number) for number in range(1, 5)])
    for number, (name, *values) in enumerate(truth.rows):
        if of.sections and number % 7 == 0:
            rows.append([f"{'ABCDEFGHIJKLM'[number // 7]} part" if at == 0 else "" for at in of.order])
        mark = "1" if of.notes and number % 3 == 0 else ""
        cells = [pen.name(name), *(pen.count(value, mark if at == 0 else "") for at, value in enumerate(values))]
        rows.append([cells[at] for at in of.order])
    return _styled(rows, of, heads)


def _heading(of: Layout) -> list[list[Any]]:
    if of.heading == "merged" and of.order == (0, 1, 2, 3):
        return [["", "Reported", "", "Per cent"], ["Region", "Cases", "Deaths", "Rate"]]
    names = {"two": ("Region", "Cases\nso far", "Deaths\nso far", "Rate")}.get(of.heading, HEADINGS)
    return [[names[at] for at in of.order]]


def _styled(rows: Sequence[Sequence[Any]], of: Layout, heads: int) -> Table:
    plain, bold = FONTS[of.font]
    style: Lines = [
        ("FONT", (0, 0), (-1, -1), plain, of.size, of.size * of.leading),
        ("FONT", (0, 0), (-1, heads - 1), bold, of.size, of.size * of.leading),
        ("LEFTPADDING", (0, 0), (-1, -1), of.across), ("RIGHTPADDING", (0, 0), (-1, -1), of.across),
        ("TOPPADDING", (0, 0), (-1, -1), of.above), ("BOTTOMPADDING", (0, 0), (-1, -1), of.above),
        ("VALIGN", (0, 0), (-1, -1), of.middle), *(_below_heads(line, heads) for line in RULES[of.rules]),
    ]  # fmt: skip
    style += [("ALIGN", (at, 0), (at, -1), of.align) for at, column in enumerate(of.order) if column]
    if heads == 2:
        style += [("SPAN", (1, 0), (2, 0)), ("ALIGN", (1, 0), (2, 0), "CENTER")]
        style += [("LINEBELOW", (1, 0), (2, 0), 0.5, colors.black)]
    widths = [_width(of, column) for column in of.order[: len(rows[0])]] if of.label_width or of.narrow else None
    return Table(rows, colWidths=widths, style=style, repeatRows=heads if of.repeat else 0)


def _below_heads(line: tuple[Any, ...], heads: int) -> tuple[Any, ...]:
    """A line below the first row as one below the last of the heading."""
    name, start, end, *rest = line
    if name != "LINEBELOW" or end != (-1, 0):
        return line
    return (name, (start[0], heads - 1), (end[0], heads - 1), *rest)


def _width(of: Layout, column: int) -> float | None:
    if column == 0:
        return of.label_width or of.size * 5
    return of.size * 4 if of.narrow else of.size * 8


class _Sideways(Flowable):  # type: ignore[misc]  # reportlab tells no types
    """A table whose text runs up the page."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        self._wide, self._high = self._table.wrap(5000, 5000)
        if self._high > 430 or self._wide > 640:
            raise ValueError("the table is larger than the page")
        return self._high, self._wide

    def draw(self) -> None:
        self.canv.rotate(90)
        self._table.drawOn(self.canv, 0, -self._high)
