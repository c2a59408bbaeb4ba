"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# A deadline measures the machine, not the code. CI looks at the same examples each time, so that a
# red run is the change's; elsewhere new examples are tried.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")  # noqa: TID251  # GitHub sets it

# It fails on purpose; tests/runner/test_reproduce_truth.py runs it.
collect_ignore = ["flaky_suite"]
