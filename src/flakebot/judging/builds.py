"""Executions of one test gathered into builds, the unit of evidence. Pure.

A build is one commit in one job configuration, over all attempts: thirteen failures of one boot are
one failure, and a failure and a pass of one build are a flake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from flakebot.judging.origins import base, change
from flakebot.model import Category, Owner, Status, TestId, value
from flakebot.records import JobEntry, RunRecord, TestEntry

COUNTED = frozenset({Owner.TEST, Owner.CODE, Owner.NONE})
"""Owners of causes that can be held against a test."""

MIN_ROW = 2
"""One failure is no row, however rare the flake."""


class Configuration(NamedTuple):
    """A job configuration: a workflow and a job in it, whose name another may have as well."""

    workflow: str
    job: str


def configuration(record: RunRecord, job: JobEntry) -> Configuration:
    """The configuration that a job of a record ran in."""
    return Configuration(record.workflow, job.name)


def order(record: RunRecord) -> tuple[datetime, int, int]:
    """The order of records in time; attempts of one run share the time of its creation."""
    return record.created_at, record.run_id, record.attempt


def proves_nothing(record: RunRecord, job: JobEntry) -> bool:
    """Whether a job was skipped, or cancelled with its run and not because it hung.

    A newer push cancels the run; its tests did not fail, they were not let finish.
    """
    if job.conclusion == "skipped":
        return True
    hung = any(c.category in {Category.HANG, Category.JOB_TIMEOUT} for c in job.causes)
    return job.conclusion == "cancelled" and record.conclusion == "cancelled" and not hung


def flaked(test: TestEntry) -> bool:
    """Whether a test failed and then passed in one session."""
    failed_before = any(status.bad or status is Status.RERUN for status in test.outcomes[:-1])
    return test.final is Status.PASSED and failed_before


def compares(test: TestEntry) -> bool:
    """Whether a fingerprint tells how a test failed: without a report it is made of the test's own
    name, and all such failures of it are alike.
    """
    return bool(test.fingerprint) and test.category is not Category.UNKNOWN


@value
class Execution:
    """One job of one attempt in which a tracked test function ran.

    `shared` holds the fingerprints that stand under so many tests of the attempt that none is
    blamed for them, or that are the runner's fault; `mass` says that so many tests of the job
    failed that none is, `broken_commit` that so many jobs of the commit did.
    """

    record: RunRecord
    job: JobEntry
    entries: tuple[TestEntry, ...] = ()
    passed: tuple[TestId, ...] = ()
    shared: frozenset[str] = frozenset()
    mass: bool = False
    broken_commit: bool = False

    @property
    def configuration(self) -> Configuration:
        """The workflow and the job."""
        return configuration(self.record, self.job)

    @property
    def passes(self) -> frozenset[TestId]:
        """The variants that passed in the end."""
        flaked_or_repeated = (e.id for e in self.entries if e.final is Status.PASSED)
        return frozenset(self.passed).union(flaked_or_repeated)

    def names(self, test: TestId) -> bool:
        """Whether it says how a variant ended."""
        return test in self.passed or any(entry.id == test for entry in self.entries)

    def blames(self, entry: TestEntry) -> bool:
        """Whether an entry is a failure of its test, and not of something else."""
        if entry.category.owner not in COUNTED:
            return False
        if entry.fingerprint in self.shared:
            return False
        return flaked(entry) or (entry.final.bad and not self.mass)


@value
class Failure:
    """A failure that is the test's own.

    `proven` when the same run shows that it also passes. `countered` when a pass of the same code
    stands against it: such a proof, or on the default branch a pass in another run of the commit.
    That is none, since a nightly run of the same commit may be broken by what it installs.
    `change` is whose change it was seen in: that of the base, where the base failed so too.
    """

    execution: Execution
    entry: TestEntry
    proven: bool
    countered: bool
    change: str

    @property
    def of_commit(self) -> bool:
        """Whether the commit is its fault, since so many jobs failed; a proven flake is one."""
        return self.execution.broken_commit and not self.proven

    @property
    def at(self) -> datetime:
        """When its run was created."""
        return self.execution.record.created_at


@value
class Build:
    """What all executions of one commit in one job configuration say of a test.

    `created_at` is the time of its first failure, else of its first run: a nightly run may fail
    weeks after the commit was first tested.
    """

    head_sha: str
    configuration: Configuration
    trunk: bool
    created_at: datetime
    pull_request: int
    workers: int
    failures: tuple[Failure, ...]
    passes: bool

    @property
    def job(self) -> str:
        """The name of the job."""
        return self.configuration.job

    @property
    def proven(self) -> bool:
        """Whether a variant of the test failed and passed here, in one run."""
        return any(failure.proven for failure in self.failures)

    @property
    def failed(self) -> bool:
        """Whether the test failed here, and not for somebody else's reason."""
        return bool(self.failures)

    @property
    def passed(self) -> bool:
        """Whether every variant that ran here passed, at least once tried again."""
        return self.passes and all(failure.countered for failure in self.failures)

    @property
    def only_failed(self) -> bool:
        """Whether some variant failed and no pass stands against it."""
        return any(not failure.countered for failure in self.failures)

    @property
    def of_commit(self) -> bool:
        """Whether all that failed here is the fault of a broken commit."""
        return self.failed and all(failure.of_commit for failure in self.failures)

    def with_failures(self, failures: tuple[Failure, ...]) -> Build:
        """The same build with only some of its failures."""
        return replace(self, failures=failures)

    @property
    def ways(self) -> frozenset[str]:
        """The fingerprints of its failures."""
        return frozenset(failure.entry.fingerprint for failure in self.failures)

    def failed_with(self, fingerprint: str) -> bool:
        """Whether the test failed here in this very way."""
        return any(failure.entry.fingerprint == fingerprint for failure in self.failures)


def of_test(executions: Iterable[Execution], test: TestId) -> tuple[Execution, ...]:
    """The same executions, as far as they concern one variant of the function."""
    return tuple(
        replace(
            execution,
            entries=tuple(e for e in execution.entries if e.id == test),
            passed=tuple(p for p in execution.passed if p == test),
        )
        for execution in executions
    )


def gather(executions: Iterable[Execution]) -> tuple[Build, ...]:
    """The builds of these executions in the order of time, without those that say nothing."""
    groups = defaultdict(list)
    for execution in sorted(executions, key=lambda e: (order(e.record), e.job.id)):
        record = execution.record
        groups[record.head_sha, execution.configuration].append(execution)
    builds = sorted(map(_build, groups.values()), key=lambda build: build.created_at)
    return tuple(_inherited(build for build in builds if build.failed or build.passes))


def _inherited(builds: Iterable[Build]) -> Iterator[Build]:
    """The builds with each failure that its base had already as one of the base's change: a pull
    request on top of another, or behind it in a merge queue, shows the fault of that.
    """
    seen: dict[tuple[str, str], str] = {}
    for build in builds:
        failures = tuple(
            replace(failure, change=seen.get(_at_base(failure), failure.change))
            for failure in build.failures
        )
        for failure in failures:
            seen.setdefault((build.head_sha, failure.entry.fingerprint), failure.change)
        yield build.with_failures(failures) if failures else build


def _at_base(failure: Failure) -> tuple[str, str]:
    """The same failure, without a fingerprint none, at the commit it is built on."""
    fingerprint = failure.entry.fingerprint
    return base(failure.execution.record) if fingerprint else "", fingerprint


def _build(executions: Sequence[Execution]) -> Build:
    first = executions[0]
    failures = tuple(
        _failure(e, executions, entry) for e in executions for entry in e.entries if e.blames(entry)
    )
    return Build(
        head_sha=first.record.head_sha,
        configuration=first.configuration,
        trunk=any(e.record.trunk for e in executions),
        created_at=failures[0].at if failures else first.record.created_at,
        pull_request=first.record.pull_request,
        workers=max(e.job.workers for e in executions),
        failures=failures,
        passes=any(e.passed or e.passes for e in executions),
    )


def _failure(own: Execution, executions: Sequence[Execution], entry: TestEntry) -> Failure:
    proven = flaked(entry) or bool(passed_beside(own, executions, entry))
    countered = proven or _passed_on_trunk(own, executions, entry)
    return Failure(
        execution=own,
        entry=entry,
        proven=proven,
        countered=countered,
        change=change(own.record),
    )


def _passed_on_trunk(own: Execution, executions: Iterable[Execution], entry: TestEntry) -> bool:
    """Whether another run of this commit of the default branch saw the test pass."""
    return own.record.trunk and any(
        e.record.trunk and e.record.run_id != own.record.run_id and entry.id in e.passes
        for e in executions
    )


def passed_beside(own: Execution, executions: Iterable[Execution], entry: TestEntry) -> int:
    """The attempt of the same run in which the same job saw the test pass; 0 when there is none.

    Another run of the same commit is no such proof: for a pull request GitHub tests the merge with
    a base that may have moved. Nor is another job: it may be another architecture. Jobs of a matrix
    may share a name; then the test must have passed in all of them that ran it.
    """
    attempts: dict[int, list[bool]] = defaultdict(list)
    for e in executions:
        same_job = (e.record.run_id, e.job.name) == (own.record.run_id, own.job.name)
        if same_job and e.record.attempt != own.record.attempt and e.names(entry.id):
            attempts[e.record.attempt].append(entry.id in e.passes)
    return next((attempt for attempt, passed in attempts.items() if all(passed)), 0)


def on_trunk(builds: Iterable[Build]) -> dict[Configuration, tuple[Build, ...]]:
    """The builds of the default branch by job configuration: an architecture may break alone."""
    groups = defaultdict(list)
    for build in builds:
        if build.trunk:
            groups[build.configuration].append(build)
    return {configuration: tuple(group) for configuration, group in groups.items()}


def returns_after_pass(builds: Iterable[Build], fails: Callable[[Build], bool]) -> bool:
    """Whether a failure was followed by a pass and then came back: `passes in between`.

    A build that holds both counts as the failure and, after it, the pass.
    """
    seen = passed = False
    for build in builds:
        failing = fails(build)
        if failing and passed:
            return True
        seen = seen or failing
        passed = passed or (seen and build.passed)
    return False


def steady(builds: Iterable[Build]) -> frozenset[tuple[str, str]]:
    """The commits on which every build, two or more, failed in one way, each with its fingerprint.

    That looks like what the author broke there, and two authors can break a test in the same way.
    """
    at_commit = defaultdict(list)
    for build in builds:
        at_commit[build.head_sha].append(build)
    return frozenset(
        (sha, way)
        for sha, group in at_commit.items()
        if len(group) >= MIN_ROW and all(build.only_failed for build in group)
        for way in frozenset.intersection(*(build.ways for build in group))
    )


def streak(builds: Sequence[Build]) -> tuple[Build, ...]:
    """The builds at the end in which the test failed without any pass."""
    tail: list[Build] = []
    for build in reversed(builds):
        if not build.only_failed:
            break
        tail.append(build)
    return tuple(reversed(tail))
