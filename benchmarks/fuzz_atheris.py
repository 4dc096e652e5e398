"""Fuzzing by coverage: atheris changes bytes towards code that no case has reached, with the same properties.

    pip install 'tallybook[fuzz]'
    python -m benchmarks.fuzz_atheris -max_total_time=3600 -max_len=4096 corpus/

Options are libFuzzer's; it prints its own progress and count, and keeps what it found in the corpus folder, from which
a later run goes on. The first byte of a case chooses the language, and whether it is a text or a page. Ends at the
first case that raises, misplaces a number or takes too long, and leaves it in a `crash-` file.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["extractors"]):
    from benchmarks.fuzz_prose import check, check_page
    from extractors.words import languages

LANGUAGES = [None, *sorted(languages())]


def one(data: bytes) -> None:
    """Judge one case. Raises `AssertionError` with what is wrong."""
    choice, content = data[:1], data[1:].decode("utf-8", "replace")
    place = choice[0] if choice else 0
    judge = check_page if place & 128 else check
    wrong = judge(content, LANGUAGES[place % len(LANGUAGES)])
    assert wrong is None, wrong


def main() -> None:
    """Fuzz until libFuzzer's limits are met."""
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
