"""A GitHub for steps, held to GitHub's own description."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.server.fake_github import FakeGitHub


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub whose clock shows the time the Action reads, with run 5 of the default branch."""
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # the step reads the real clock
    with FakeGitHub(start=now - timedelta(minutes=10)) as fake:
        fake.state.add_commit(files={"README.md": b"# Widgets\n"}, branch="main")
        yield fake
    assert fake.violations == []
    assert fake.leaks == []
