"""What importing and naming the extractors promises to the rest of the house."""

from __future__ import annotations

import subprocess
import sys

import pytest

import extractors
from tests.extractors.made import source


def _modules_after(program: str) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(told.stdout.split())


def test_reading_csv_and_json_imports_no_parser_of_html_and_no_pandas() -> None:
    program = """
import extractors, msgspec
from model import Source
base = dict(id="a", title="t", publisher={"name": "p"}, method="m", basis="counted", tried_live="never", url="https://e.org")
rule = [{"id": "n", "column": "n"}]
for kind, content in (("csv", b"n\\n5\\n"), ("json", b'[{"n": 5}]')):
    made = msgspec.convert({**base, "extractor": kind, "figures": rule}, Source)
    assert extractors.read(made, extractors.derive(content, media_type="text/" + kind)).cells == [("n", None, "5", 0)]
"""
    loaded = _modules_after(program)
    assert not loaded & {"bs4", "lxml", "pandas", "re2", "requests", "sqlalchemy", "prefect", "yaml"}


@pytest.mark.parametrize("kind", ["csv", "json", "table", "selectors", "prose"])
def test_a_reader_changes_with_what_bears_on_reading_and_with_nothing_else(kind: str) -> None:
    rule = [{"id": "n", "column": "n"}]
    one = extractors.reader(source(kind, rule))
    assert one == extractors.reader(source(kind, rule, title="Another title", caveats="New."))
    assert one != extractors.reader(source(kind, rule, language="de"))
    assert one.extractor == kind
    assert one.version >= 2
