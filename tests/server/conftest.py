"""The fake GitHub as a fixture that fails the test when the contract was violated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.server.fake_github import FakeGitHub


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A fake GitHub; at the end nothing violated GitHub's description and no token leaked."""
    with FakeGitHub() as fake:
        yield fake
    assert fake.violations == []
    assert fake.leaks == []
