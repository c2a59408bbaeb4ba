"""Permissions missing one at a time, in a private repository: the rest is done, and the line to add
is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.scenarios.build import FIRST_DAY, full
from tests.server.analysis import PULL, analyse, compose, seen, writes
from tests.server.fake_github import FakeGitHub

from flakebot import pipeline
from flakebot.errors import FlakebotError
from flakebot.github_objects import RunRef
from flakebot.sinks import job_summary

ALL = {"actions": "read", "contents": "write", "issues": "write", "pull-requests": "write"}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A private repository with a pull request's run: a proven flake beside a new failure."""
    compose(tmp_path)
    with FakeGitHub(tmp_path) as fake:
        fake.state.repository["private"] = True
        fake.state.pulls[PULL]["head"]["sha"] = full("head1")
        fake.permissions = dict(ALL)
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


def look(fake: FakeGitHub, **given: object) -> pipeline.Result:
    """Analyse the run."""
    now = FIRST_DAY + timedelta(days=1, hours=2)
    return analyse(fake, RunRef(run_id=1), now=now, given=given)


def said(result: pipeline.Result) -> str:
    """Everything a person is told of what went wrong."""
    undone = [receipt.reason for receipt in result.receipts]
    return " ".join([*result.report.problems, *result.plan.held_back, *undone])


def there(fake: FakeGitHub) -> tuple[int, int, int]:
    """How many issues, comments on the pull request and records there are."""
    now = seen(fake)
    comments = [comment for comment in now.comments if comment[0] == PULL]
    return len(now.issues), len(comments), len(now.records)


@pytest.mark.parametrize(
    ("permission", "level", "line", "expected"),
    [
        ("issues", "none", "issues: read", (0, 1, 2)),
        ("issues", "read", "issues: write", (0, 1, 2)),
        ("pull-requests", "none", "pull-requests: read", (1, 0, 2)),
        ("pull-requests", "read", "", (1, 1, 2)),  # with `issues: write` GitHub lets it comment
        ("contents", "read", "contents: write", (0, 1, 0)),
    ],
)
def test_rest_is_done_and_the_line_is_named(
    github: FakeGitHub, permission: str, level: str, line: str, expected: tuple[int, int, int]
) -> None:
    """Issues, comment, ledger: each stands without the others, but issues need the ledger."""
    github.permissions[permission] = level
    result = look(github)
    assert there(github) == expected
    assert (f"add `{line}`" in said(result)) == bool(line)
    assert result.report.overall == "new-failures"
    summary = job_summary.render(result.report, result.plan, result.receipts)
    assert line in summary


SUMMARY_ALONE = {"issues": False, "comment": "never", "history": "none"}
COMMENT_ALONE = {"issues": False, "history": "none"}
COMMENT_AND_LEDGER = {"issues": False}


@pytest.mark.parametrize(
    ("given", "permissions", "expected"),
    [
        (SUMMARY_ALONE, {"pull-requests": "read"}, (0, 0, 0)),
        (COMMENT_ALONE, {"pull-requests": "write"}, (0, 1, 0)),
        (COMMENT_AND_LEDGER, {"pull-requests": "write", "contents": "write"}, (0, 1, 2)),
        ({}, ALL, (1, 1, 2)),
    ],
)
def test_each_feature_needs_no_more_than_is_documented(
    github: FakeGitHub,
    given: dict[str, object],
    permissions: dict[str, str],
    expected: tuple[int, int, int],
) -> None:
    """With the rows of the page for what is switched on, nothing is missed and nothing is said."""
    github.permissions = {"actions": "read", "contents": "read", **permissions}
    result = look(github, **given)
    assert there(github) == expected
    assert "add `" not in said(result)


@pytest.mark.parametrize(
    ("permission", "line"), [("actions", "actions: read"), ("contents", "contents: read")]
)
def test_nothing_is_written_when_the_run_or_the_settings_cannot_be_read(
    github: FakeGitHub, permission: str, line: str
) -> None:
    """Settings that nobody has read may forbid every write."""
    github.permissions[permission] = "none"
    with pytest.raises(FlakebotError, match=f"add `{line}`"):
        look(github)
    assert writes(github) == []


@pytest.mark.parametrize("permission", ["issues", "contents"])
def test_permission_given_later_heals(github: FakeGitHub, permission: str) -> None:
    """All that was held back is written then, and the comment shows the issue's number."""
    github.permissions[permission] = "read"
    look(github)
    github.permissions = dict(ALL)
    look(github)
    assert there(github) == (1, 1, 2)
    number = seen(github).issues[0][0]
    assert f"#{number}" in next(body for n, _, body in seen(github).comments if n == PULL)
    since = len(github.requests)
    look(github)
    assert writes(github, since) == []
