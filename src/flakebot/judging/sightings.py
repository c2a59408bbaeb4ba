"""One failure as views show it: when, where and with which words. Pure."""

from __future__ import annotations

from datetime import datetime

from flakebot.judging.builds import Failure
from flakebot.model import TestId, value
from flakebot.records import CauseEntry, JobEntry, RunRecord, TestEntry
from flakebot.report import Occurrence


@value
class Sighting:
    """One failure with the circumstances in which it was seen; `proven` when it passed beside."""

    at: datetime
    test: TestId
    branch: str
    pull_request: int
    head_sha: str
    trunk: bool
    proven: bool
    occurrence: Occurrence


def cause_of(job: JobEntry, entry: TestEntry) -> CauseEntry | None:
    """The cause an entry points to, if the record kept it."""
    return job.causes[entry.cause] if 0 <= entry.cause < len(job.causes) else None


def occurrence(record: RunRecord, job: JobEntry, entry: TestEntry) -> Occurrence:
    """One test in one job of one attempt, with the words of its cause."""
    cause = cause_of(job, entry)
    place = (cause or entry).place
    return Occurrence(
        run_id=record.run_id,
        attempt=record.attempt,
        job_id=job.id,
        job=job.name,
        url=place.within(job.url),
        line=cause.line if cause else entry.line,
        place=place,
        outcomes=entry.outcomes,
        category=entry.category,
        fingerprint=entry.fingerprint,
        text=cause.text if cause else "",
        excerpt=cause.excerpt if cause else (),
        workers=job.workers,
        worker=entry.worker,
    )


def sighting(failure: Failure) -> Sighting:
    """One failure with its circumstances."""
    record = failure.execution.record
    return Sighting(
        at=record.created_at,
        test=failure.entry.id,
        branch=record.branch,
        pull_request=record.pull_request,
        head_sha=record.head_sha,
        trunk=record.trunk,
        proven=failure.proven,
        occurrence=occurrence(record, failure.execution.job, failure.entry),
    )
