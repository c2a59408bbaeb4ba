from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec import UNSET

from flakebot.github_objects import Branch, HeadRepository, Job, PullRequest, Repository, Run, Step
from flakebot.model import (
    Category,
    Cause,
    LogReading,
    MissingLog,
    Problem,
    Status,
    TestId,
    TestResult,
)
from flakebot.reading import recording
from flakebot.reading.recording import ReadJob
from flakebot.records import CauseEntry, JobEntry, RunRecord, TestEntry

T0 = datetime(2026, 11, 20, 12, tzinfo=UTC)
OURS = Repository(full_name="octo/repo", default_branch="main")
RUN = Run(
    id=9,
    name="CI",
    head_sha="abc",
    head_branch="main",
    event="push",
    conclusion="failure",
    created_at=T0,
    html_url="https://github.com/octo/repo/actions/runs/9",
)


def result(test: str, *outcomes: Status, cause: int = -1) -> TestResult:
    return TestResult(
        id=TestId(test),
        framework="pytest",
        outcomes=outcomes or (Status.FAILED,),
        line=3,
        cause=cause,
    )


def reading(*tests: TestResult, passed: frozenset[str] = frozenset(), **more: object) -> LogReading:
    fields = {"source": "log", "frameworks": ("pytest",)} | more
    return LogReading(tests=tests, passed=frozenset(map(TestId, passed)), **fields)  # type: ignore[arg-type]  # fields are given by name


def recorded(
    *jobs: ReadJob,
    run: Run = RUN,
    attempt: int = 1,
    observed: frozenset[str] = frozenset(),
    pull: PullRequest | None = None,
) -> RunRecord:
    return recording.record(
        repository=OURS, run=run, attempt=attempt, jobs=jobs, observed=observed, pull=pull
    )


def read(log: LogReading | MissingLog, name: str = "test", attempt: int = 1) -> ReadJob:
    return ReadJob(job=Job(id=1, name=name, run_attempt=attempt), reading=log)


def test_a_job_is_recorded_with_what_its_log_said() -> None:
    """Every field of the record, from GitHub's job and the reading of its log."""
    job = Job(
        id=5,
        name="test",
        conclusion="failure",
        runner_name="gpu-1",
        html_url="https://github.com/octo/repo/actions/runs/9/job/5",
        started_at=T0,
        completed_at=T0 + timedelta(seconds=90),
        steps=(Step(name="Build", conclusion="success"), Step(name="Test", conclusion="failure")),
    )
    log = reading(
        result("a.py::t", cause=0),
        passed=frozenset({"a.py::u", "a.py::v"}),
        counts={Status.FAILED: 1, Status.PASSED: 2},
        workers=4,
        causes=(
            Cause(
                category=Category.ASSERTION,
                rule="assert",
                line=7,
                text="x" * 600,
                fingerprint="v1:assertion:1",
                excerpt=("y" * 300,) * 30,
                tests=(TestId("a.py::t"),),
            ),
        ),
        problems=(Problem(source="log", reason="cut off"),),
    )
    found = recording.record(
        repository=OURS,
        run=RUN,
        attempt=1,
        jobs=[ReadJob(job=job, reading=log)],
        observed=frozenset({"pytest:a.py::u"}),
        pull=None,
    )
    expected = JobEntry(
        id=5,
        name="test",
        conclusion="failure",
        runner="gpu-1",
        url="https://github.com/octo/repo/actions/runs/9/job/5",
        failed_step="Test",
        workers=4,
        minutes=1.5,
        ran=3,
        counts={Status.FAILED: 1, Status.PASSED: 2},
        causes=(
            CauseEntry(
                category=Category.ASSERTION,
                rule="assert",
                line=7,
                text="x" * 500,
                fingerprint="v1:assertion:1",
                excerpt=("y" * 240,) * 25,
                affected=1,
            ),
        ),
        tests=(
            TestEntry(
                id=TestId("a.py::t"),
                framework="pytest",
                outcomes=(Status.FAILED,),
                line=3,
                cause=0,
            ),
        ),
        passed=(TestId("a.py::u"),),
        problems=("log: cut off",),
    )
    assert found == RunRecord(
        repository="octo/repo",
        run_id=9,
        attempt=1,
        workflow="CI",
        event="push",
        branch="main",
        head_sha="abc",
        created_at=T0,
        conclusion="failure",
        trunk=True,
        url=RUN.html_url,
        jobs=(expected,),
    )


def test_a_job_that_was_not_run_again_is_left_out() -> None:
    """It keeps its own attempt in GitHub's answer."""
    found = recorded(read(reading(), "kept", 1), read(reading(), "again", 2), attempt=2)
    assert [job.name for job in found.jobs] == ["again"]


def test_a_missing_log_is_recorded_with_its_reason() -> None:
    """Never as a pass; the address is the run's."""
    (job,) = recorded(read(MissingLog(reason="expired"))).jobs
    assert job == JobEntry(id=1, name="test", url=f"{RUN.html_url}/job/1", log="expired")


def test_passes_are_kept_of_what_failed_in_another_job() -> None:
    """Observed or not, in either order of jobs; a missing log has none."""
    found = recorded(
        read(reading(passed=frozenset({"a.py::t[1]", "a.py::u"})), "amd64"),
        read(reading(result("a.py::t[1]")), "arm64"),
        read(MissingLog(reason="expired"), "lost"),
    )
    assert [job.passed for job in found.jobs] == [("a.py::t[1]",), (), ()]


def test_a_pull_request_gives_number_and_base() -> None:
    """The base is what GitHub says of the pull request."""
    pull = PullRequest(
        number=7, head=Branch(ref="f", sha="abc"), base=Branch(ref="main", sha="base")
    )
    found = recorded(run=Run(id=9, head_sha="abc", head_branch="f"), pull=pull)
    assert (found.pull_request, found.base_sha, found.trunk) == (7, "base", False)


@pytest.mark.parametrize(
    ("branch", "event", "head", "trunk"),
    [
        ("main", "push", None, True),
        ("main", "schedule", "octo/repo", True),
        ("main", "workflow_dispatch", "Octo/Repo", True),
        ("main", "push", "fork/repo", False),
        ("main", "pull_request", "octo/repo", False),
        ("main", "pull_request_target", "octo/repo", False),
        ("main", "workflow_run", "octo/repo", False),
        ("main", "issue_comment", "octo/repo", False),
        ("pull-request/12", "push", "octo/repo", False),
        (None, "push", "octo/repo", False),
    ],
)
def test_trunk(branch: str | None, event: str, head: str | None, trunk: bool) -> None:  # noqa: FBT001  # a column of the table
    """Only a run that tests the default branch itself."""
    run = Run(
        id=9,
        head_sha="abc",
        head_branch=branch,
        event=event,
        head_repository=HeadRepository(full_name=head) if head else UNSET,
    )
    assert trunk is recorded(run=run).trunk


@pytest.mark.parametrize(
    ("source", "fork"),
    [
        ({}, False),
        ({"head_repository": None}, True),
        ({"head_repository": {"full_name": "Octo/Repo"}}, False),
        ({"head_repository": {"full_name": "someone/repo"}}, True),
    ],
)
def test_a_fork_is_noted(source: dict[str, object], fork: bool) -> None:  # noqa: FBT001  # a column of the table
    """Its runs are given no secrets, also once it is deleted; a saved run may not say."""
    run = msgspec.convert({"id": 9, "head_sha": "abc", **source}, Run)
    assert fork is recorded(run=run).fork


def test_the_earliest_known_time_stands_for_a_missing_one() -> None:
    """Of the run, else of a job, else none at all."""
    bare = Run(id=9, head_sha="abc", path=".github/workflows/ci.yml")
    started = ReadJob(job=Job(id=1, name="a", started_at=T0), reading=reading())
    assert recorded(started, run=bare).created_at == T0
    assert datetime(1970, 1, 1, tzinfo=UTC) == recorded(run=bare).created_at
    assert recorded(run=bare).workflow == ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("log", "ran"),
    [
        (reading(result("a.py::t"), result("a.py::s", Status.SKIPPED)), 1),
        (reading(result("a.py::t", Status.FAILED, Status.PASSED), counts={Status.PASSED: 4}), 5),
        (reading(result("a.py::t"), passed=frozenset({"a.py::u"}), counts={Status.PASSED: 9}), 2),
    ],
)
def test_how_many_tests_ran(log: LogReading, ran: int) -> None:
    """Named tests count; a quiet log has only numbers; skipped tests did not run."""
    assert ran == recorded(read(log)).jobs[0].ran


def test_what_does_not_fit_is_said_to_be_left_out() -> None:
    """Tests, passed tests and causes each have their limit."""
    names = [f"a.py::t{number}" for number in range(2_001)]
    cause = Cause(category=Category.UNKNOWN, rule="r", line=1, text="")
    bad = reading(*(result(name, cause=50) for name in names), causes=(cause,) * 51)
    good = reading(passed=frozenset(names))
    failed, passed = recorded(read(bad), read(good)).jobs
    assert (len(failed.tests), len(failed.causes), failed.tests[0].cause) == (2_000, 50, -1)
    assert failed.problems == (
        "1 of 2001 tests that did not simply pass are left out of the record.",
        "1 of 51 causes are left out of the record.",
    )
    assert len(passed.passed) == 2_000
    assert passed.problems == (
        "1 of 2001 passed tests under observation are left out of the record.",
    )
