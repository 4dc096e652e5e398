"""Writes the samples that are no text: `python -m tests.samples.making` (XLS by xlwt, which nothing else needs)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

FOLDER = Path(__file__).parent
PRICES = {
    "1.xls": ((dt.date(2026, 1, 5), 61.87), (dt.date(2026, 1, 6), 62.140000000000001), (dt.date(2026, 1, 7), 60.5)),
    "2.xls": ((dt.date(2026, 1, 5), 61.87), (dt.date(2026, 1, 6), 62.04), (dt.date(2026, 1, 7), 60.5)),
}


def eia_brent() -> None:
    """Two releases of daily prices, the second with a price revised and one more."""
    import xlwt

    for name, prices in PRICES.items():
        book = xlwt.Workbook()
        book.add_sheet("Contents").write(0, 0, "Workbook Contents")
        sheet, day = book.add_sheet("Data 1"), xlwt.easyxf(num_format_str="MMM DD, YYYY")
        sheet.write(0, 0, "Back to Contents")
        sheet.write(0, 1, "Data 1: Europe Brent Spot Price FOB (Dollars per Barrel)")
        sheet.write(1, 0, "Sourcekey")
        sheet.write(1, 1, "RBRTE")
        sheet.write(2, 0, "Date")
        sheet.write(2, 1, "Europe Brent Spot Price FOB (Dollars per Barrel)")
        for row, (date, price) in enumerate(prices if name == "1.xls" else (*prices, (dt.date(2026, 1, 8), 63.02)), 3):
            sheet.write(row, 0, date, day)
            sheet.write(row, 1, price)
        book.save(str(FOLDER / "eia_brent" / name))


if __name__ == "__main__":
    eia_brent()
