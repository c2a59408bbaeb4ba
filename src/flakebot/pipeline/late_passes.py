"""What earlier attempts saw pass of a test that fails in a later one for the first time. Pure.

A record keeps the passes of the tests that were watched when it was made. A test that passed in
attempt 1 and fails in attempt 2 was not, yet it is a proven flake: so the logs of the jobs that are
silent about it are read again, and the later attempt's record keeps what they say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from flakebot.judging.builds import COUNTED
from flakebot.keys import function_of, tracking_key
from flakebot.model import LogReading
from flakebot.reading import recording
from flakebot.reading.recording import ReadJob
from flakebot.records import JobEntry, LatePasses, RunRecord

MOST = 10
"""Jobs of one attempt whose logs are read again: people re-run what failed, a few jobs."""

Wanted = Mapping[int, frozenset[str]]
"""Tracking keys by the id of the job that may have seen them pass."""


def wanted(record: RunRecord, read: Iterable[Iterable[ReadJob]]) -> Wanted:
    """The jobs of a recorded attempt that say nothing of tests that fail in the attempts `read`
    now, in jobs of the same name.
    """
    failing: dict[str, set[str]] = defaultdict(set)
    for jobs in read:
        for one in jobs:
            failing[one.job.name].update(_blamed(one))
    silent = ((job.id, _silent(job, failing[job.name])) for job in record.jobs if not job.log)
    return {job: keys for job, keys in silent if keys}


def first(wanted: Wanted) -> Wanted:
    """As many of these jobs as are read again."""
    return dict(islice(wanted.items(), MOST))


def found(again: Iterable[ReadJob], wanted: Wanted) -> Iterator[LatePasses]:
    """What these jobs, read again, saw pass."""
    for one in again:
        passed = recording.passes(one, wanted.get(one.job.id, frozenset()))
        if passed:
            yield LatePasses(job=one.job.id, passed=passed)


def _blamed(read: ReadJob) -> Iterable[str]:
    """The keys of tests that failed in a job for no fault of somebody else."""
    if not isinstance(read.reading, LogReading):
        return ()
    return (
        tracking_key(test.framework, test.id)
        for test in read.reading.tests
        if test.outcomes[-1].bad and test.category.owner in COUNTED
    )


def _silent(job: JobEntry, failing: Iterable[str]) -> frozenset[str]:
    """The failing keys of which the record of a job says nothing."""
    told = {function_of(test) for test in (*job.passed, *(entry.id for entry in job.tests))}
    return frozenset(key for key in failing if key.partition(":")[2] not in told)
