"""A flake on purpose: it fails on the first run of a workspace and passes on the next.

The daily canary (`.github/workflows/canary.yml`) runs it and fails when flakebot does not find it.
The file's name keeps it out of the ordinary test runs.
"""

from __future__ import annotations

import pytest


def test_planted_flake(pytestconfig: pytest.Config) -> None:
    """Fails once, as a race would."""
    state = pytestconfig.rootpath / ".canary"
    seen = state.exists()
    state.touch()
    assert seen, "planted: fails on the first run, passes on the second"


def test_planted_pass() -> None:
    """A neighbour of the flake that always passes."""
    assert sorted("race") == ["a", "c", "e", "r"]
