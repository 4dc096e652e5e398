"""What holds for all tests."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is, and nothing of what the test claims.
settings.register_profile("tallybook", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tallybook")

WAITING = (
    "tests/flows/test_served",
    "tests/review/test_review_browser",
    "tests/cli/test_sources_new",
    "tests/pipeline/",
)
"""Files of tests that mostly wait (for schedules, browsers, processes): begun first, they are no tail of the run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that wait; within each, and among the others, the order stays."""
    items.sort(key=lambda item: not item.nodeid.startswith(WAITING))
