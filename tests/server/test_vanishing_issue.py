"""A tracking issue that is deleted, or moved away, between the list of issues and the write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.scenarios.build import FIRST_DAY, full
from tests.server.analysis import PULL, analyse, compose, ledger, seen, writes
from tests.server.fake_github import FakeGitHub
from tests.server.faults import Fault
from tests.server.looks import doubles

from flakebot.github_objects import RunRef

TEST = "test_kv_push_router_bindings"
GONE = {
    404: b'{"message": "Not Found"}',
    410: b'{"message": "This issue was deleted"}',
}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """GitHub after the first of two runs in which a test is flaky, each time in another way."""
    compose(tmp_path)
    with FakeGitHub(tmp_path) as fake:
        look(fake, 1)
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


def look(fake: FakeGitHub, run_id: int) -> list[str]:
    """Analyse a run two hours after it began; the sentences of what could not be done."""
    fake.state.pulls[PULL]["head"]["sha"] = full(f"head{run_id}")
    now = FIRST_DAY + timedelta(days=run_id, hours=2)
    result = analyse(fake, RunRef(run_id=run_id), now=now)
    return [receipt.reason for receipt in result.receipts if not receipt.done]


def tracking(fake: FakeGitHub) -> list[int]:
    """The issues of the test."""
    return [number for number, issue in fake.state.issues.items() if TEST in issue["title"]]


@pytest.mark.parametrize("status", GONE)
def test_an_issue_that_goes_before_the_write_costs_only_itself(
    github: FakeGitHub, status: int
) -> None:
    """The run says so, records what it read, and writes everything else; the next look opens the
    issue anew, with the counts of both runs, and after that there is nothing left to do.
    """
    (gone,) = tracking(github)
    for method in ("PATCH", "POST"):
        path = rf"/issues/{gone}(/|$)"
        github.faults.add(
            Fault(
                kind="status",
                method=method,
                path=path,
                status=status,
                body=GONE[status],
                times=10**6,
            )
        )
    told = look(github, 2)
    assert told
    assert all(str(status) in sentence for sentence in told)
    assert {record.run_id for record in ledger(github)} == {1, 2}
    assert any(issue == PULL for issue, _, _ in seen(github).comments)

    github.faults.clear()
    del github.state.issues[gone]
    github.state.comments.pop(gone, None)
    assert look(github, 2) == []
    (anew,) = tracking(github)
    body = github.state.issues[anew]["body"]
    assert body.splitlines()[1].startswith("**Flaky**: failed in 2 of 4 builds")
    assert doubles(github) == []

    since = len(github.requests)
    assert look(github, 2) == []
    assert writes(github, since) == []
