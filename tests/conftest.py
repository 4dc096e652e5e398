"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is, and nothing of what the test claims.
settings.register_profile("tallybook", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tallybook")
