"""Days that a sentence names are read with their words, and what only looks like one is not."""

from __future__ import annotations

import msgspec
import pytest

from extractors.prose.named_days import named_days
from model import Day


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "Since our last update in early July, 2,353 names", [("early July", "2025-07-01", "2025-07-10")]),
        ("en", "2,353 more since 18 July.", [("18 July", "2025-07-18", "2025-07-18")]),
        ("en", "since July 18th, 2,353 names", [("July 18th", "2025-07-18", "2025-07-18")]),
        ("en", "latest update on June 16, 2023, as of mid-December",
         [("June 16, 2023", "2023-06-16", "2023-06-16"), ("mid-December", "2024-12-11", "2024-12-20")]),
        ("en", "they may add 12 in March 2025", [("March 2025", "2025-03-01", "2025-03-31")]),
        ("en", "since July 2,353 names were added", [("July", "2025-07-01", "2025-07-31")]),
        ("en", "on 2025-07-18 and 31 February", [("2025-07-18", "2025-07-18", "2025-07-18")]),
        ("uk", "З початку липня 2353 імені, станом на 31 липня 2025 року",
         [("початку липня", "2025-07-01", "2025-07-10"), ("31 липня 2025", "2025-07-31", "2025-07-31")]),
        ("ru", "с середины июня", [("середины июня", "2025-06-11", "2025-06-20")]),
        ("de", "Seit Anfang Juli; am 3. Juli 2025", [("Anfang Juli", "2025-07-01", "2025-07-10"),
                                                     ("3. Juli 2025", "2025-07-03", "2025-07-03")]),
        ("fr", "depuis début juillet, le 1er août", [("début juillet", "2025-07-01", "2025-07-10"),
                                                     ("1er août", "2025-08-01", "2025-08-01")]),
        ("es", "desde principios de julio, el 18 de julio de 2024",
         [("principios de julio", "2025-07-01", "2025-07-10"), ("18 de julio de 2024", "2024-07-18", "2024-07-18")]),
        ("en", "May said that Marcus and Jan agreed", []),
    ],
)  # fmt: skip
def test_days_are_read_as_they_are_named(language: str, text: str, found: list[tuple[str, str, str]]) -> None:
    assert [msgspec.structs.astuple(one) for one in named_days(text, language, Day("2025-08-02"))] == found
