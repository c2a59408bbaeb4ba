"""The analysed runs of a repository, asked by test. Pure.

Counting is done by `summaries` and `external`; here is the index that lets every question cost only
what the test itself has on record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import field
from datetime import datetime
from functools import cached_property

from flakebot.judging import external, summaries
from flakebot.judging.branches import Branches
from flakebot.judging.builds import (
    COUNTED,
    Configuration,
    Execution,
    configuration,
    order,
    proves_nothing,
)
from flakebot.judging.external import ExternalSummary
from flakebot.judging.fixes import Fixes
from flakebot.judging.mass import shared_fingerprints, whole_commit, whole_job
from flakebot.judging.runners import BadRunner, Seen, blamed
from flakebot.judging.seen import unexplained
from flakebot.judging.spans import Moment, Spans, between
from flakebot.judging.summaries import TestSummary
from flakebot.keys import function_of, tracking_key
from flakebot.model import Category, TestId, value
from flakebot.records import JobEntry, RunKey, RunRecord, TestEntry, completed
from flakebot.settings import Thresholds

__all__ = ["History", "tracking_key"]


@value
class _Ran:
    """What a job says of one test function; executions are made of it when they are asked for."""

    record: RunRecord
    job: JobEntry
    entries: list[TestEntry] = field(default_factory=list)
    passed: list[TestId] = field(default_factory=list)


_Job = tuple[RunRecord, JobEntry]


class History:
    """Records of run attempts, each key once, in the order of time, indexed by test.

    Args:
        records: in any order; the first of one key counts.
        thresholds: where a mass failure and a broken test begin.
        about: tracking keys that will be asked for; any other key indexes all of them, which costs
            time and memory with the length of the history.
        fixes: what maintainers say is fixed, by tracking key.
    """

    def __init__(
        self,
        records: Iterable[RunRecord],
        thresholds: Thresholds | None = None,
        about: Iterable[str] | None = None,
        fixes: Fixes | None = None,
    ) -> None:
        unique: dict[object, RunRecord] = {}
        for record in records:
            unique.setdefault(record.key, record)
        ordered = completed(sorted(unique.values(), key=order))
        self.branches = Branches(ordered)
        self.records = tuple(map(self.branches.told, ordered))
        self.fixes: Fixes = fixes or {}
        self._thresholds = thresholds or Thresholds()
        self._jobs: list[_Job] = []
        self._shared: dict[RunKey, frozenset[str]] = {}
        self._summaries: dict[tuple[str, datetime], TestSummary] = {}
        self._bad: dict[str, Mapping[str, BadRunner]] = {}
        self._broken: dict[int, frozenset[tuple[str, str]]] = {}
        runs: dict[int, list[RunRecord]] = defaultdict(list)
        ran: dict[Configuration, list[_Job]] = defaultdict(list)
        trunk_jobs: dict[Configuration, list[_Job]] = defaultdict(list)
        seen: dict[str, list[Seen]] = defaultdict(list)
        for record in self.records:
            runs[record.run_id].append(record)
            for job in _proving(record):
                self._jobs.append((record, job))
                ran[configuration(record, job)].append((record, job))
                if record.trunk:
                    trunk_jobs[configuration(record, job)].append((record, job))
                for test in job.tests:
                    if test.fingerprint and test.category.owner in COUNTED:
                        seen[test.fingerprint].append((record, job, test))
        self._runs: Mapping[int, Sequence[RunRecord]] = runs
        self._ran: Mapping[Configuration, Sequence[_Job]] = ran
        self._trunk_jobs: Mapping[Configuration, Sequence[_Job]] = trunk_jobs
        self._seen: Mapping[str, Sequence[Seen]] = seen
        self._asked = None if about is None else frozenset(key.partition(":")[2] for key in about)
        self._index: Mapping[str, Sequence[_Ran]] = self._indexed(self._asked)

    def between(self, since: datetime, last: RunRecord) -> History:
        """The history as it was known once a record was there, without what is older than a moment.

        It shares the index of this one, which must be of all tests: what it costs does not grow
        with the length of the history. Whose branch it was is taken as it is known now.
        """
        view = copy(self)
        view._narrow((since, -1, -1), order(last))  # noqa: SLF001  # one of its own kind
        return view

    def _narrow(self, first: Moment, last: Moment) -> None:
        self.__dict__.pop("observed", None)
        self.records = tuple(between(self.records, order, first, last))
        self.fixes = {
            key: tuple(fix for fix in group if fix.at <= last[0])
            for key, group in self.fixes.items()
        }
        self._summaries, self._bad, self._broken = {}, {}, {}
        self._runs = Spans(self._runs, order, first, last)
        self._ran = Spans(self._ran, _when, first, last)
        self._trunk_jobs = Spans(self._trunk_jobs, _when, first, last)
        self._seen = Spans(self._seen, _when, first, last)
        self._index = Spans(self._index, lambda ran: order(ran.record), first, last)

    @cached_property
    def observed(self) -> frozenset[str]:
        """The tracking keys of all tests that ever did not simply pass."""
        return observed(self.records)

    def _indexed(self, functions: Container[str] | None) -> dict[str, list[_Ran]]:
        """The jobs in which each of these test functions ran, or each of all."""
        index: dict[str, list[_Ran]] = defaultdict(list)
        for record, job in self._jobs:
            found: dict[str, _Ran] = {}
            for entry in job.tests:
                function = function_of(entry.id)
                if functions is None or function in functions:
                    found.setdefault(function, _Ran(record=record, job=job)).entries.append(entry)
            for test in job.passed:
                function = function_of(test)
                if functions is None or function in functions:
                    found.setdefault(function, _Ran(record=record, job=job)).passed.append(test)
            for function, ran in found.items():
                index[function].append(ran)
        return index

    def failing_with(self, fingerprint: str) -> frozenset[str]:
        """The tracking keys of all tests that have failed in this way."""
        seen = self._seen.get(fingerprint, ())
        return frozenset(tracking_key(test.framework, test.id) for _, _, test in seen)

    def bad_runner(self, runner: str, fingerprint: str) -> BadRunner | None:
        """The runner, when failures of this kind on it are its own fault."""
        if not runner or not fingerprint:
            return None
        if fingerprint not in self._bad:
            self._bad[fingerprint] = blamed(self._seen.get(fingerprint, ()), self._ran)
        return self._bad[fingerprint].get(runner)

    def executions(self, key: str) -> tuple[Execution, ...]:
        """The jobs in which a test function is known to have run, oldest first.

        A record keeps no framework beside a passed id; no two frameworks share an id.
        """
        function = key.partition(":")[2]
        if self._asked is not None and function not in self._asked:
            self._asked, self._index = None, self._indexed(None)
        return tuple(self._execution(ran) for ran in self._index.get(function, ()))

    def _execution(self, ran: _Ran) -> Execution:
        job, record = ran.job, ran.record
        if not ran.entries:  # most: nothing failed that something else could explain
            return Execution(record=record, job=job, passed=tuple(ran.passed))
        own = (e.fingerprint for e in ran.entries if self.bad_runner(job.runner, e.fingerprint))
        return Execution(
            record=record,
            job=job,
            entries=tuple(ran.entries),
            passed=tuple(ran.passed),
            shared=self._shared_in(record).union(own),
            mass=whole_job(job, self._thresholds),
            broken_commit=any(
                (job.name, tracking_key(entry.framework, entry.id)) in self._broke(record.run_id)
                for entry in ran.entries
            ),
        )

    def _shared_in(self, record: RunRecord) -> frozenset[str]:
        if record.key not in self._shared:
            tests = (test for each in _proving(record) for test in each.tests)
            self._shared[record.key] = shared_fingerprints(tests, self._thresholds)
        return self._shared[record.key]

    def _broke(self, run_id: int) -> frozenset[tuple[str, str]]:
        """What a commit broke, as jobs with tracking keys, where so many jobs of a run failed at
        their last attempts that no test was blamed; what was explained then is not the commit's.
        """
        if run_id not in self._broken:
            records = self._runs[run_id]
            given = next((r.said for r in reversed(records) if r.said is not None), ())
            left = {each.about for each in given if unexplained(each.kind, each.level)}
            jobs = {
                job.name: self._failed_in(record, job, left)
                for record in records
                for job in _proving(record)
                if job.conclusion
            }
            failing = {name: keys for name, keys in jobs.items() if keys}
            broken = whole_commit(failing, len(jobs), self._thresholds)
            pairs = ((name, key) for name, keys in failing.items() if broken for key in keys)
            self._broken[run_id] = frozenset(pairs)
        return self._broken[run_id]

    def _failed_in(self, record: RunRecord, job: JobEntry, left: Container[str]) -> frozenset[str]:
        """The tracking keys of those of these tests that failed in a job for a reason of theirs."""
        if whole_job(job, self._thresholds):
            return frozenset()
        return frozenset(
            tracking_key(test.framework, test.id)
            for test in job.tests
            if test.id in left
            and test.final.bad
            and test.category.owner in COUNTED
            and test.fingerprint not in self._shared_in(record)
        )

    def trunk_jobs(self, workflow: str, job: str) -> tuple[tuple[RunRecord, JobEntry], ...]:
        """One job on the default branch, oldest first."""
        return tuple(self._trunk_jobs.get(Configuration(workflow, job), ()))

    def summary(self, key: str, now: datetime) -> TestSummary:
        """Everything a tracking issue shows of one test function, as of now; made once."""
        found = self._summaries.get((key, now))
        if found is None:
            said = self.fixes.get(key, ())
            found = summaries.summarise(key, self.executions(key), now, self._thresholds, said)
            self._summaries[key, now] = found
        return found

    def external_summary(self, category: str, now: datetime) -> ExternalSummary:
        """Everything the tracking issue of one kind of outage shows, as of now."""
        return external.summarise(Category(category), self.records, now)


def observed(records: Iterable[RunRecord]) -> frozenset[str]:
    """The tracking keys of all tests that did not simply pass, but where nothing is proved."""
    return frozenset(
        tracking_key(test.framework, test.id)
        for record in records
        for job in _proving(record)
        for test in job.tests
    )


def _when(seen: _Job | Seen) -> Moment:
    return order(seen[0])


def _proving(record: RunRecord) -> list[JobEntry]:
    """The jobs of an attempt that say anything of their tests."""
    return [job for job in record.jobs if not proves_nothing(record, job)]
