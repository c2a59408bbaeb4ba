"""Whether the failed jobs of a run deserve another attempt, as far as its report can tell. Pure.

The comment and the re-run itself ask here, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from flakebot.judging.settling import recovered, red, strike
from flakebot.model import Category, Owner, Status
from flakebot.records import JobEntry, RunRecord
from flakebot.report import Report
from flakebot.settings import Settings
from flakebot.views import telling

FIRST_PAUSE = 60.0
"""Seconds before Hugging Face is asked about the first re-run that it failed too, doubled with each
further one: the window of its rate limit is 300 s."""

_LONGEST = timedelta(days=30)
"""GitHub re-runs nothing that is older
(https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs)."""

_MOST_ATTEMPTS = 51
"""GitHub re-runs a run fifty times (https://docs.github.com/en/actions/reference/limits)."""

_TRANSIENT_INFRA = frozenset(
    {
        Category.RUNNER_LOST,
        Category.DISK_FULL,
        Category.GPU_ERROR,
        Category.PORT_CONFLICT,
        Category.PROCESS_KILLED,
    }
)
"""Infrastructure faults that another runner may not have; time-outs, hangs, cancels and exhausted
memory come back, or were wanted."""

_PERMANENT = frozenset({Category.HF_ACCESS, Category.DEPENDENCY_INSTALL})
"""External faults that asking again does not cure; a dependency that could not be fetched has a
network category."""


def wanted(report: Report, settings: Settings) -> bool:
    """Whether there is anything to run again: a job that is red because of Hugging Face."""
    return settings.retry_hugging_face == "rerun" and bool(
        strike(Category.HF_FETCH, report.records).lasting
    )


def refusal(report: Report, settings: Settings) -> str:
    """Why the failed jobs are not run again, in a sentence; empty when they deserve it."""
    if settings.retry_hugging_face != "rerun":
        return "Re-runs are not asked for."
    outage = strike(Category.HF_FETCH, report.records)
    if not outage.lasting:
        return "Nothing failed because of Hugging Face."
    if report.run.status not in {None, "completed"}:
        return "A run that still goes on cannot be re-run: use flakebot on `workflow_run` for that."
    failed = [job for job in telling.red_jobs(report) if not _consequence(job)]
    for job in failed:
        if not _excused(job):
            return f"Job {job.name} failed for another reason, so a re-run would not settle it."
    if not all(recovered(hit.record) for hit in outage.lasting):
        return "Hugging Face does not answer again yet."
    return _limit_refusal(report, settings, len(failed))


def pause(record: RunRecord, earlier: Iterable[RunRecord], settings: Settings) -> float:
    """Seconds, at most, to wait before Hugging Face is asked about an attempt that it failed again;
    0 for a first failure, and where nothing is run again or written.
    """
    if settings.retry_hugging_face != "rerun" or settings.dry_run:
        return 0.0
    before = [each for each in earlier if each.attempt < record.attempt]
    again = {hit.job.name for hit in strike(Category.HF_FETCH, [record]).hits}
    hits = strike(Category.HF_FETCH, before).hits
    failed = {hit.record.attempt for hit in hits if hit.job.name in again}
    return FIRST_PAUSE * 2.0 ** (len(failed) - 1) if failed else 0.0


def _limit_refusal(report: Report, settings: Settings, jobs: int) -> str:
    """Why the limits, ours or GitHub's, forbid it."""
    attempt, created = report.run.run_attempt, report.run.created_at
    if jobs > settings.limits.rerun_jobs:
        return f"{jobs} jobs failed, more than the {settings.limits.rerun_jobs} that are re-run."
    if attempt >= settings.rerun_max_attempts:
        return f"This was attempt {attempt} of {settings.rerun_max_attempts}."
    if attempt >= _MOST_ATTEMPTS:
        return "GitHub re-runs a run fifty times, and has done so."
    if created and report.now - created > _LONGEST:
        return f"The run is older than the {_LONGEST.days} days in which GitHub re-runs."
    return ""


def _consequence(job: JobEntry) -> bool:
    """Whether a job was only cancelled because another one had failed."""
    only = all(cause.category is Category.CANCELLED for cause in job.causes)
    ended = all(not test.final.bad or test.final is Status.UNFINISHED for test in job.tests)
    return job.conclusion == "cancelled" and only and ended


def _excused(job: JobEntry) -> bool:
    """Whether everything that is known to have failed in a job was a passing outside fault."""
    failing = [test for test in job.tests if test.final.bad]
    explained = {test.cause for test in job.tests}
    loose = [cause for index, cause in enumerate(job.causes) if index not in explained]
    own = {cause.category for cause in loose if cause.category.owner is not Owner.NONE}
    found = own | {test.category for test in failing}
    return not job.log and red(job) and bool(found) and all(map(_passing, found))


def _passing(category: Category) -> bool:
    """Whether a cause lies outside the tests and may be gone the next time."""
    if category in _PERMANENT:
        return False
    return category.owner is Owner.EXTERNAL or category in _TRANSIENT_INFRA
