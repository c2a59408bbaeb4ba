"""Whether the failed jobs of a run deserve another attempt, as far as its report can tell. Pure.

The comment and the re-run itself ask here, so that they cannot disagree.
"""

from __future__ import annotations

from flakebot.model import Category, Owner
from flakebot.report import Kind, Report
from flakebot.settings import Settings
from flakebot.views import telling

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


def refusal(report: Report, settings: Settings) -> str:
    """Why the failed jobs are not run again, in a sentence; empty when they deserve it."""
    if settings.retry_hugging_face != "rerun":
        return "Re-runs are not asked for."
    if report.run.status != "completed":
        return "A run that still goes on cannot be re-run."
    outages = [event for event in report.events if event.category is Category.HF_FETCH]
    red = telling.red_jobs(report)
    if not outages or not red:
        return "Nothing failed because of Hugging Face."
    if not all(telling.recovered(event) for event in outages):
        return "Hugging Face does not answer again yet."
    return _job_refusal(report) or _limit_refusal(report, settings, len(red))


def _limit_refusal(report: Report, settings: Settings, jobs: int) -> str:
    """Why the limits forbid it."""
    if jobs > settings.limits.rerun_jobs:
        return f"{jobs} jobs failed, more than the {settings.limits.rerun_jobs} that are re-run."
    if report.run.run_attempt >= settings.rerun_max_attempts:
        return f"This was attempt {report.run.run_attempt} of {settings.rerun_max_attempts}."
    return ""


def _job_refusal(report: Report) -> str:
    """The first failed job that something else than a passing outside fault explains."""
    excused = {job for e in report.events if _passing(e.category, e.kind) for job in e.jobs}
    blamed = {
        occurrence.job_id
        for finding in report.findings
        if not _passing(finding.first.category, finding.verdict.kind)
        for occurrence in finding.occurrences
        if not occurrence.outcomes or occurrence.outcomes[-1].bad
    }
    for finding in report.findings:
        if _passing(finding.first.category, finding.verdict.kind):
            excused |= {occurrence.job for occurrence in finding.occurrences}
    for job in telling.red_jobs(report):
        if job.name not in excused or job.id in blamed:
            return f"Job {job.name} failed for another reason, so a re-run would not settle it."
    return ""


def _passing(category: Category, kind: Kind) -> bool:
    """Whether a cause lies outside the tests and may be gone the next time."""
    if kind not in {Kind.EXTERNAL, Kind.INFRA} or category in _PERMANENT:
        return False
    return category.owner is Owner.EXTERNAL or category in _TRANSIENT_INFRA
