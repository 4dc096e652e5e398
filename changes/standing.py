"""The doubts that stand from release to release: told when they begin, change and end, not daily."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from changes.checks import OF_CHANGES
from model import CheckName, CheckResult

OVER = "no longer: "
"""How the end of a doubt is told."""


def standing(checks: Iterable[CheckResult]) -> frozenset[CheckResult]:
    """The doubts among checks that the next release, if it is the same, has again."""
    return frozenset(check for check in checks if check.result != "pass" and check.name not in OF_CHANGES)


def news_of(checks: Iterable[CheckResult], before: Iterable[CheckResult]) -> list[CheckResult]:
    """What a release's checks tell beside those of the one before: doubts that began, changed or ended, and passes.

    The end of another shape is not told: it was accepted, or what waited with it has ended, which is told already.
    """
    listed, known = list(checks), standing(before)
    fresh = [check for check in listed if check not in known]
    places = {(check.name, check.series, check.as_of) for check in fresh}
    over = sorted(known.difference(listed), key=lambda check: (check.name, check.series or "", check.as_of or ""))
    fresh += [
        msgspec.structs.replace(check, result="pass", message=OVER + check.message)
        for check in over
        if check.name != CheckName.SHAPE_DRIFT and (check.name, check.series, check.as_of) not in places
    ]
    return fresh
