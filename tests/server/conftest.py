"""A fake GitHub per test, held to GitHub's own description, and a forge that waits for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.server.fake_github import FakeGitHub

from flakebot.forges.github import GitHubForge
from flakebot.github_api import Api
from flakebot.retrying import Patience
from flakebot.settings import Limits

Connect = Callable[..., Api]


@pytest.fixture
def fake() -> Iterator[FakeGitHub]:
    """GitHub; at the end no request may have departed from its description or leaked a token."""
    with FakeGitHub() as github:
        yield github
        assert github.violations == []
        assert github.leaks == []


@pytest.fixture
def naps() -> list[float]:
    """The seconds that would have been waited, in order."""
    return []


@pytest.fixture
def connect(fake: FakeGitHub, naps: list[float]) -> Iterator[Connect]:
    """Makes connections to the fake; dice show the highest number, and waiting takes no time."""
    connections: list[Api] = []

    def make(token: str = "", **limits: float) -> Api:
        bounds = Limits(**{"request_seconds": 5.0, **limits})  # type: ignore[arg-type]  # some are int
        patience = Patience(bounds.wait_seconds, sleep=naps.append, uniform=lambda _, high: high)
        api = Api(token or fake.token, base_url=fake.url, limits=bounds, patience=patience)
        connections.append(api)
        return api

    yield make
    for api in connections:
        api.close()


@pytest.fixture
def forge(fake: FakeGitHub, connect: Connect) -> GitHubForge:
    """The forge on the fake's repository."""
    return GitHubForge(connect(), fake.repository)
