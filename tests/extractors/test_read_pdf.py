"""PDFs are read for their text, in a process that a hostile one cannot lead out of its limits."""

from __future__ import annotations

import zlib
from itertools import accumulate

import pytest

from extractors import derive, pdf, read
from model import FigureRule, Publisher, Source, UnreadableError


def made(*lines: str, content: bytes | None = None, filters: str = "", pages: int = 1, trailer: str = "") -> bytes:
    """A PDF of one kind of page that says these lines, or draws by this content stream."""
    shown = "\n".join(f"0 -20 Td ({line}) Tj" for line in lines)
    stream = content if content is not None else f"BT /F1 12 Tf 50 780 Td\n{shown}\nET".encode("latin-1")
    kids = " ".join(f"{5 + at} 0 R" for at in range(pages))
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Length {len(stream)} {filters} >>\nstream\n".encode() + stream + b"\nendstream",
        *[page] * pages,
    ]
    parts = [b"%PDF-1.7\n", *(b"%d 0 obj\n%s\nendobj\n" % (at, body) for at, body in enumerate(bodies, 1))]
    places = list(accumulate(len(part) for part in parts))
    table = b"".join(b"%010d 00000 n \n" % place for place in places[:-1])
    end = f"trailer\n<< /Size {len(parts)} /Root 1 0 R {trailer} >>\nstartxref\n{places[-1]}\n%%EOF".encode()
    return b"".join(parts) + b"xref\n0 %d\n0000000000 65535 f \n" % len(parts) + table + end


def refused(content: bytes) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        derive(content, media_type="application/pdf")
    return caught.value


def test_a_pdf_is_the_text_of_its_pages_whatever_it_is_called() -> None:
    document = derive(made("Monthly update", "At least 31 civilians were killed."), media_type="text/html")
    assert document.text == "Monthly update\nAt least 31 civilians were killed."
    assert document.media_type == "application/pdf"


def test_figures_of_a_pdf_are_read_by_patterns() -> None:
    source = Source(
        id="pdf", title="A PDF", publisher=Publisher(name="P"), method="m", basis="counted", extractor="selectors",
        tried_live="never", figures=(FigureRule(id="killed", pattern=r"At least ([\d,]+) civilians"),),
    )  # fmt: skip
    document = derive(made("At least 1,231 civilians were killed."), media_type="application/pdf")
    reading = read(source, document)
    assert [cell[2] for cell in reading.cells] == ["1231"]
    figure = reading.figure(reading.cells[0][3])
    assert document.text[figure.start : figure.end] == "1,231"


def test_a_scan_a_stub_and_a_locked_pdf_say_so() -> None:
    assert "no text" in str(refused(made(content=b"0 0 100 100 re f")))
    assert "is broken" in str(refused(b"%PDF-1.7\n1 0 obj\n<<"))
    locked = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O ({'x' * 32}) /U ({'y' * 32}) >> /ID [(a) (b)]"
    assert "is encrypted" in str(refused(made("secret", trailer=locked)))
    assert "tallybook manual" in str(refused(b"%PDF-1.7"))


def test_a_pdf_bomb_ends_within_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MEMORY", 128 * 2**20)
    bomb = zlib.compress(zlib.compress(b"0" * 2**27))
    message = str(refused(made(content=bomb, filters="/Filter [/FlateDecode /FlateDecode]")))
    assert "the release is a PDF that" in message


def test_a_pdf_that_never_ends_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 2)
    endless = made(content=b"BT /F1 12 Tf " + b"1 0 0 1 0 0 Tm (x) Tj " * 400_000 + b"ET", pages=50)
    assert "was not read within 2 s" in str(refused(endless))


def test_a_pdf_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_PAGES", 10)
    assert "pages" in str(refused(made("x", pages=11)))
