"""No real page, table or text is taken for a challenge, a login or an error."""

from __future__ import annotations

import tarfile

from sources.blocked import blocked_reason
from tests.real.corpus import DATA

TYPES = {"html": "text/html", "json": "application/json", "csv": "text/csv"}


def test_no_real_release_is_taken_for_a_page_that_turns_us_away() -> None:
    seen, wrong = 0, []
    for archive in sorted(DATA.glob("html/*.tar.xz")):
        with tarfile.open(archive) as files:
            for member in files:
                file = files.extractfile(member)
                content = file.read() if file else b""
                kind = TYPES.get(member.name.rpartition(".")[2], "text/plain")
                if content:
                    seen += 1
                    reason = blocked_reason(200, {"content-type": kind}, content)
                    wrong += [(archive.name, member.name, reason)] if reason else []
    assert wrong == []
    assert seen > 300
