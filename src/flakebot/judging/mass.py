"""Failures so many that they have one cause, for which no single test can be blamed. Pure.

The guards of Trunk's upload (80 % of a job) and of watchflakes (many failures of one cause, a
quarter of the builders).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from flakebot.keys import tracking_key
from flakebot.records import JobEntry, TestEntry
from flakebot.settings import Thresholds

MIN_TESTS = 5
"""A job that ran fewer tests has no share worth speaking of: 4 of 4 may be four faults."""

MIN_JOBS = 4
"""So many jobs must fail unexplained before a commit counts as broken: one job of four is a quarter
and may be one test."""


def failing_tests(job: JobEntry) -> int:
    """How many distinct tests ended badly in a job."""
    return len({(test.framework, test.id) for test in job.tests if test.final.bad})


def whole_job(job: JobEntry, thresholds: Thresholds) -> bool:
    """Whether so large a share of the job's tests failed that the job has one fault."""
    needed = thresholds.mass_test_share * job.ran
    return job.ran >= MIN_TESTS and len(job.tests) >= needed and failing_tests(job) >= needed


def whole_commit(failing: Mapping[str, Collection[str]], jobs: int, thresholds: Thresholds) -> bool:
    """Whether so large a share of a commit's jobs failed that the commit is the fault; `failing`
    has what failed in each. What is the only one to fail, in however many jobs, is at fault itself.
    """
    alone = len({key for keys in failing.values() for key in keys}) == 1
    return not alone and len(failing) >= max(MIN_JOBS, thresholds.mass_job_share * jobs)


def shared_fingerprints(tests: Iterable[TestEntry], thresholds: Thresholds) -> frozenset[str]:
    """The causes that explain failures of so many test functions that none of them is at fault.

    Functions, not variants: one function that fails for each of its twelve parameters is one
    failing test.
    """
    functions = defaultdict(set)
    for test in tests:
        if test.fingerprint:
            functions[test.fingerprint].add(tracking_key(test.framework, test.id))
    return frozenset(
        fingerprint
        for fingerprint, keys in functions.items()
        if len(keys) >= thresholds.mass_cause_tests
    )
