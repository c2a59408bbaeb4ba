"""Turn what was read of one run attempt into the record that the ledger keeps. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from flakebot.github_objects import RED, Job, PullRequest, Repository, Run
from flakebot.keys import tracking_key
from flakebot.model import (
    Cause,
    Hang,
    LogReading,
    MissingLog,
    Problem,
    Status,
    TestId,
    TestResult,
    value,
)
from flakebot.reading.step_lines import StepLines
from flakebot.records import CauseEntry, JobEntry, RunRecord, TestEntry

MAX_TESTS = 2_000
"""Entries kept of one job: a job in which more failed has one fault, and its causes say which."""

MAX_PASSED = 2_000
"""Ids of passed tests kept of one job; more would mean that a whole suite is under observation."""

MAX_CAUSES = 50
"""Causes kept of one job; they come with the one to read first in front."""

EXCERPT_LINES = 25
EXCERPT_CHARACTERS = 240
TEXT_CHARACTERS = 500
"""The ledger is read whole by every run, so that a line of it stays within a few kilobytes."""

_FOREIGN_EVENTS = frozenset({"issue_comment", "merge_group", "workflow_run"})
"""GitHub names the default branch for these, yet what they test may be a pull request
(https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows).
"""


@value
class ReadJob:
    """A job and what its log said, or why its log could not be read."""

    job: Job
    reading: LogReading | MissingLog


def record(
    *,
    repository: Repository,
    run: Run,
    attempt: int,
    jobs: Sequence[ReadJob],
    observed: Container[str],
    pull: PullRequest | None,
) -> RunRecord:
    """What the ledger keeps of one attempt of a run.

    A job that this attempt did not run again belongs to its own attempt and is left out
    (pytorch/test-infra#4010).

    Passes are kept of the tests whose tracking key is observed, and of those that did not simply
    pass in another job of this attempt; nobody will ask for the others.
    """
    own = [read for read in jobs if read.job.run_attempt == attempt]
    watched = _Either(observed, bad_keys(own))
    return RunRecord(
        repository=repository.full_name,
        run_id=run.id,
        attempt=attempt,
        workflow=run.name or run.path,
        event=run.event,
        branch=run.head_branch or "",
        head_sha=run.head_sha,
        created_at=_created(run, own),
        conclusion=run.conclusion or "",
        trunk=_is_trunk(repository, run),
        fork=not run.is_of(repository),
        base_sha=pull.base.sha if pull else "",
        pull_request=pull.number if pull else 0,
        url=run.html_url,
        jobs=tuple(_job(run, read, watched) for read in own),
    )


def bad_keys(jobs: Iterable[ReadJob]) -> frozenset[str]:
    """The tracking keys of all tests that did not simply pass in these jobs.

    Whoever reads several attempts of a run adds these of all of them to what is observed, so that
    a pass before or after the failure is kept.
    """
    return frozenset(
        tracking_key(test.framework, test.id)
        for read in jobs
        if isinstance(read.reading, LogReading)
        for test in read.reading.tests
    )


def passes(read: ReadJob, watched: Container[str]) -> tuple[TestId, ...]:
    """The tests of these tracking keys that simply passed in a job."""
    if isinstance(read.reading, MissingLog):
        return ()
    return tuple(sorted(_watched_passes(read.reading, watched))[:MAX_PASSED])


class _Either:
    """Whatever is in one of two containers; the first may be of any kind and size."""

    def __init__(self, first: Container[str], second: Container[str]) -> None:
        self._first = first
        self._second = second

    def __contains__(self, key: object) -> bool:
        return key in self._second or key in self._first


def _created(run: Run, jobs: Sequence[ReadJob]) -> datetime:
    """When the run was created, or the earliest time that is known; 1970 when none is."""
    started = (read.job.started_at for read in jobs)
    known = [time for time in (run.created_at, run.run_started_at, *started) if time]
    return known[0] if known else datetime.fromtimestamp(0, UTC)


def _is_trunk(repository: Repository, run: Run) -> bool:
    """Whether the run tested the default branch itself; a fork may have a branch of that name."""
    foreign = run.event.startswith("pull_request") or run.event in _FOREIGN_EVENTS
    return run.head_branch == repository.default_branch and run.is_of(repository) and not foreign


def _job(run: Run, read: ReadJob, watched: Container[str]) -> JobEntry:
    job = read.job
    entry = JobEntry(
        id=job.id,
        name=job.name,
        conclusion=job.conclusion or "",
        runner=job.runner_name or "",
        url=job.html_url or f"{run.html_url}/job/{job.id}",
        failed_step=_failed_step(job),
        minutes=_minutes(job),
    )
    if isinstance(read.reading, MissingLog):
        return replace(entry, log=read.reading.reason)
    return _with_reading(
        entry, read.reading, watched, StepLines(job.steps or (), read.reading.starts)
    )


def _failed_step(job: Job) -> str:
    """The first that failed, or at which the job was cancelled."""
    ended = RED | {"cancelled"}
    return next((step.name for step in job.steps or () if step.conclusion in ended), "")


def _minutes(job: Job) -> float:
    if job.started_at is None or job.completed_at is None:
        return 0.0
    return max(0.0, round((job.completed_at - job.started_at).total_seconds() / 60, 2))


def _with_reading(
    entry: JobEntry, reading: LogReading, watched: Container[str], lines: StepLines
) -> JobEntry:
    passed = sorted(_watched_passes(reading, watched))
    return replace(
        entry,
        workers=reading.workers,
        silence=reading.hang.seconds if reading.hang else 0,
        reached=_reached(reading.hang),
        ran=_ran(reading),
        counts=dict(reading.counts),
        causes=tuple(_cause(cause, lines) for cause in reading.causes[:MAX_CAUSES]),
        tests=tuple(_test(test, lines) for test in reading.tests[:MAX_TESTS]),
        passed=tuple(passed[:MAX_PASSED]),
        problems=(
            *(_sentence(problem, entry.name) for problem in reading.problems),
            *_left_out("tests that did not simply pass", len(reading.tests), MAX_TESTS),
            *_left_out("passed tests under observation", len(passed), MAX_PASSED),
            *_left_out("causes", len(reading.causes), MAX_CAUSES),
        ),
    )


def _sentence(problem: Problem, job: str) -> str:
    """Named by its source, unless that is the job itself, which everybody names."""
    return problem.reason if problem.source == job else f"{problem.source}: {problem.reason}"


def _reached(hang: Hang | None) -> int:
    return -1 if hang is None or hang.percent is None else hang.percent


def _watched_passes(reading: LogReading, watched: Container[str]) -> Iterable[TestId]:
    frameworks = reading.frameworks
    return (
        test
        for test in reading.passed
        if any(tracking_key(framework, test) in watched for framework in frameworks)
    )


def _ran(reading: LogReading) -> int:
    """Distinct tests that ran; a quiet log names no passed test, then the counts must do."""
    ran = {test.id for test in reading.tests if set(test.outcomes) != {Status.SKIPPED}}
    passed = len(reading.passed - ran) or reading.counts.get(Status.PASSED, 0)
    return len(ran) + passed


def _left_out(what: str, count: int, limit: int) -> tuple[str, ...]:
    return (f"{count - limit} of {count} {what} are left out of the record.",) * (count > limit)


def _cause(cause: Cause, lines: StepLines) -> CauseEntry:
    return CauseEntry(
        category=cause.category,
        rule=cause.rule,
        line=cause.line,
        text=cause.text[:TEXT_CHARACTERS],
        fingerprint=cause.fingerprint,
        excerpt=tuple(line[:EXCERPT_CHARACTERS] for line in cause.excerpt[:EXCERPT_LINES]),
        affected=len(cause.tests),
        place=lines.place(cause.line),
    )


def _test(test: TestResult, lines: StepLines) -> TestEntry:
    return TestEntry(
        id=test.id,
        framework=test.framework,
        outcomes=test.outcomes,
        category=test.category,
        fingerprint=test.fingerprint,
        line=test.line,
        cause=test.cause if test.cause < MAX_CAUSES else -1,
        worker=test.worker,
        place=lines.place(test.line),
    )
