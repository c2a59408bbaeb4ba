"""A tracking issue on GitHub, as `flakebot reproduce --issue` reads it and writes its report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.scenarios.build import full
from tests.server.analysis import PULL, compose, writes
from tests.server.fake_github import FakeGitHub

from flakebot import __main__ as entry
from flakebot import issue_source
from flakebot.errors import NotFoundError
from flakebot.sinks import reproduction_comment
from flakebot.views import markers
from flakebot.views.markers import Mark

RUN = "https://github.com/org/repo/actions/runs/1"
TEST = "tests/router/test_router_e2e_with_mockers.py::test_kv_push_router_bindings"
NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """GitHub after flakebot has analysed a run there: an issue, and the ledger on its branch."""
    compose(tmp_path)
    with FakeGitHub(tmp_path) as fake:
        fake.state.pulls[PULL]["head"]["sha"] = full("head1")
        monkeypatch.setenv("GITHUB_API_URL", fake.url)
        monkeypatch.setenv("GITHUB_TOKEN", fake.token)
        assert entry.main(["run", RUN, "--apply", "--now", "2026-02-03T11:00:00Z"]) == 0
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


def tracking_issue(github: FakeGitHub) -> str:
    """The address of the issue that flakebot has opened for the test."""
    (number,) = [
        number
        for number, issue in github.state.issues.items()
        if "test_kv_push_router_bindings" in issue["title"]
    ]
    return f"https://github.com/org/repo/issues/{number}"


def test_an_issue_is_read_by_its_marker_and_the_ledger(github: FakeGitHub) -> None:
    """Months later; nothing is written."""
    before = len(writes(github))
    found = issue_source.read(tracking_issue(github), os.environ, NOW)  # noqa: TID251
    assert found.tests == (TEST.partition("::")[0],)
    assert (found.target.test, found.target.fingerprint[:17]) == (TEST, "v1:crash-sigabrt:")
    assert found.target.rate_low > 0
    assert len(writes(github)) == before


def test_an_issue_that_is_not_there_is_one_sentence(github: FakeGitHub) -> None:
    """It is named."""
    assert tracking_issue(github)
    with pytest.raises(NotFoundError, match="#99999"):
        issue_source.read("https://github.com/org/repo/issues/99999", os.environ, NOW)  # noqa: TID251


def test_the_report_is_one_comment_updated_in_place(github: FakeGitHub) -> None:
    """Posted three times, written twice."""
    address = tracking_issue(github)
    before = len(writes(github))
    mark = markers.mark(Mark.REPRODUCTION, reproduction_comment.KEY)
    urls = {
        issue_source.post(address, f"{mark}\n{text}\n", os.environ, NOW)  # noqa: TID251
        for text in ("first", "second", "second")
    }
    assert len(urls) == 1
    assert len(writes(github)) == before + 2
