"""The analysed runs of a repository, asked by test. Pure.

Counting is done by `summaries` and `external`; here is the index that lets every question cost only
what the test itself has on record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from flakebot.judging import external, summaries
from flakebot.judging.builds import COUNTED, Execution, order, proves_nothing
from flakebot.judging.external import ExternalSummary
from flakebot.judging.mass import shared_fingerprints, whole_job
from flakebot.judging.runners import BadRunner, Place, Sighting, blamed
from flakebot.judging.summaries import TestSummary
from flakebot.keys import function_of, tracking_key
from flakebot.model import Category, TestId, value
from flakebot.records import JobEntry, RunRecord, TestEntry
from flakebot.settings import Thresholds

__all__ = ["History", "tracking_key"]


@value
class _Job:
    """A job that is shared by the index entries of all its tests; executions are made when asked
    for, since most tests of a long history never are.
    """

    record: RunRecord
    job: JobEntry
    entries: dict[str, list[TestEntry]]
    passed: dict[str, list[TestId]]
    shared: frozenset[str]
    mass: bool

    def execution(self, function: str, runners_own: frozenset[str]) -> Execution:
        """What this job says of one test function, which its runner's faults are not."""
        return Execution(
            record=self.record,
            job=self.job,
            entries=tuple(self.entries.get(function, ())),
            passed=tuple(self.passed.get(function, ())),
            shared=self.shared | runners_own,
            mass=self.mass,
        )


class History:
    """Records of run attempts, each key once, in the order of time, indexed by test.

    Args:
        records: in any order; the first of one key counts.
        thresholds: where a mass failure and a broken test begin.
    """

    def __init__(self, records: Iterable[RunRecord], thresholds: Thresholds | None = None) -> None:
        unique: dict[object, RunRecord] = {}
        for record in records:
            unique.setdefault(record.key, record)
        self.records = tuple(sorted(unique.values(), key=order))
        self._thresholds = thresholds or Thresholds()
        self._jobs: dict[str, list[_Job]] = defaultdict(list)
        self._trunk_jobs: dict[tuple[str, str], list[tuple[RunRecord, JobEntry]]]
        self._trunk_jobs = defaultdict(list)
        self._ran: dict[Place, list[tuple[RunRecord, JobEntry]]] = defaultdict(list)
        self._seen: dict[str, list[Sighting]] = defaultdict(list)
        self._summaries: dict[tuple[str, datetime], TestSummary] = {}
        observed: set[str] = set()
        for record in self.records:
            jobs = [job for job in record.jobs if not proves_nothing(record, job)]
            tests = [test for job in jobs for test in job.tests]
            observed.update(tracking_key(test.framework, test.id) for test in tests)
            shared = shared_fingerprints(tests, self._thresholds)
            for job in jobs:
                self._add(record, job, shared)
        self.observed: frozenset[str] = frozenset(observed)
        """The tracking keys of all tests that ever did not simply pass."""

    def _add(self, record: RunRecord, job: JobEntry, shared: frozenset[str]) -> None:
        if record.trunk:
            self._trunk_jobs[record.workflow, job.name].append((record, job))
        self._ran[record.workflow, job.name].append((record, job))
        for test in job.tests:
            if test.fingerprint and test.category.owner in COUNTED and job.runner:
                self._seen[test.fingerprint].append((record, job, test))
        entries, passed = _by_function(job)
        read = _Job(
            record=record,
            job=job,
            entries=entries,
            passed=passed,
            shared=shared,
            mass=whole_job(job, self._thresholds),
        )
        for function in entries.keys() | passed.keys():
            self._jobs[function].append(read)

    @cached_property
    def bad_runners(self) -> Mapping[tuple[str, str], BadRunner]:
        """What is the fault of a runner, by runner and fingerprint."""
        return blamed(self._seen, self._ran)

    def executions(self, key: str) -> tuple[Execution, ...]:
        """The jobs in which a test function is known to have run, oldest first.

        A record keeps no framework beside a passed id; no two frameworks share an id.
        """
        function = key.partition(":")[2]
        return tuple(
            job.execution(function, self._runners_own(job)) for job in self._jobs.get(function, ())
        )

    def _runners_own(self, read: _Job) -> frozenset[str]:
        """The fingerprints that are the fault of the runner of a job."""
        if not self.bad_runners:
            return frozenset()
        prints = {test.fingerprint for test in read.job.tests}
        return frozenset(p for p in prints if (read.job.runner, p) in self.bad_runners)

    def trunk_jobs(self, workflow: str, job: str) -> tuple[tuple[RunRecord, JobEntry], ...]:
        """One job on the default branch, oldest first."""
        return tuple(self._trunk_jobs.get((workflow, job), ()))

    def summary(self, key: str, now: datetime) -> TestSummary:
        """Everything a tracking issue shows of one test function, as of now; made once."""
        found = self._summaries.get((key, now))
        if found is None:
            found = summaries.summarise(key, self.executions(key), now, self._thresholds)
            self._summaries[key, now] = found
        return found

    def external_summary(self, category: str, now: datetime) -> ExternalSummary:
        """Everything the tracking issue of one kind of outage shows, as of now."""
        return external.summarise(Category(category), self.records, now)


def _by_function(
    job: JobEntry,
) -> tuple[dict[str, list[TestEntry]], dict[str, list[TestId]]]:
    entries, passed = defaultdict(list), defaultdict(list)
    for entry in job.tests:
        entries[function_of(entry.id)].append(entry)
    for test in job.passed:
        passed[function_of(test)].append(test)
    return entries, passed
