"""What an earlier attempt saw pass of a test that fails in a later one, while GitHub fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.scenarios.build import FIRST_DAY, Job, World
from tests.server.analysis import analyse, ledger
from tests.server.fake_github import FakeGitHub, Fault

from flakebot import pipeline
from flakebot.github_objects import RunRef
from flakebot.pipeline import late_passes

JOBS = r"^/repos/org/repo/actions/runs/1/attempts/1/jobs$"
LAST = "test_router_decisions"
"""Passes in the first attempt, and fails in the second."""

Start = Callable[[int], FakeGitHub]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """GitHub with a run of so many jobs, whose second attempt fails in another test than the
    first, which is on record.
    """
    started: list[FakeGitHub] = []

    def begin(jobs: int) -> FakeGitHub:
        world = World(root=tmp_path)
        branch = world.pull(7, sha="head")
        names = [f"test {n}" for n in range(jobs)]
        first = [Job(name=name, log="bindings-split") for name in names]
        second = [Job(name=name, log="prefix-split") for name in names]
        world.run(1, first, second, day=1, sha="head", branch=branch)
        fake = FakeGitHub(tmp_path)
        started.append(fake.__enter__())
        look(fake, 1)
        return fake

    yield begin
    for fake in started:
        fake.__exit__(None, None, None)
        assert fake.violations == []
        assert fake.leaks == []


def look(fake: FakeGitHub, attempt: int) -> pipeline.Result:
    """Analyse the run as it was after an attempt."""
    now = FIRST_DAY + timedelta(days=1, hours=2 * attempt)
    return analyse(fake, RunRef(run_id=1, attempt=attempt), now=now)


def kinds(result: pipeline.Result) -> set[str]:
    """What the tests that failed last are called."""
    return {f.verdict.kind for f in result.report.findings if LAST in f.test}


def test_a_denial_that_does_not_last_costs_nothing(start: Start) -> None:
    """GitHub just named the run and its attempts, so it is asked once more."""
    github = start(1)
    github.faults.add(Fault(kind="status", path=JOBS, status=404))
    assert kinds(look(github, 2)) == {"flaky"}


def test_what_is_gone_for_good_holds_nothing_up(start: Start) -> None:
    """The new attempt is recorded without the proof, and the report says what it lacks."""
    github = start(1)
    github.faults.add(Fault(kind="status", path=JOBS, status=404, times=10**6))
    result = look(github, 2)
    assert kinds(result) == {"new"}
    assert [record.attempt for record in ledger(github)] == [1, 2]
    assert any("404" in sentence for sentence in result.report.problems)


def test_an_outage_is_waited_for(start: Start) -> None:
    """Nothing is recorded of an attempt that a later look may understand better."""
    github = start(1)
    github.faults.add(Fault(kind="status", path=JOBS, times=10**6))
    look(github, 2)
    assert [record.attempt for record in ledger(github)] == [1]
    github.faults.clear()
    assert kinds(look(github, 2)) == {"flaky"}
    assert [record.attempt for record in ledger(github)] == [1, 2]


def test_jobs_that_are_not_read_again_are_told(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report says of how many jobs the passes are unknown."""
    monkeypatch.setattr(late_passes, "MOST", 1)
    (sentence,) = look(start(2), 2).report.problems
    assert sentence == (
        "Attempt 1 has 2 jobs that may have seen pass what fails now; 1 log of them read again."
    )
