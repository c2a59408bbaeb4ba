"""One failure together with its verdict: what findings and events are made of. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from flakebot.model import Category, Place, Status, TestId, value
from flakebot.records import CauseEntry, JobEntry, RunRecord
from flakebot.report import Kind, Level, Occurrence, Verdict

WORST = (Kind.NEW, Kind.BROKEN, Kind.UNCLASSIFIED, Kind.FLAKY, Kind.INFRA, Kind.EXTERNAL)
"""What a person must look at first: their own failure, then what blocks them, then what nobody
could judge; a flake is excused, an outage is nobody's here."""

_LEVELS = (Level.NONE, Level.PROVEN, Level.KNOWN, Level.LIKELY)


@value
class Seen:
    """One failure of a test, or with an empty `test` of a job, and the verdict on it."""

    key: str
    test: TestId
    framework: str
    record: RunRecord
    job: JobEntry
    occurrence: Occurrence
    verdict: Verdict

    @property
    def outside(self) -> bool:
        """Whether the cause is external or infrastructure."""
        return self.verdict.kind in {Kind.EXTERNAL, Kind.INFRA}


def unexplained(kind: str, level: str) -> bool:
    """Whether neither the same commit, nor an issue, nor the default branch, nor anything outside
    explains what has such a verdict.
    """
    return kind in {Kind.NEW, Kind.UNCLASSIFIED} or level == Level.LIKELY


def rank(verdict: Verdict) -> tuple[int, int]:
    """Where a verdict stands, worst first; within one kind the strongest evidence first."""
    return WORST.index(verdict.kind), _LEVELS.index(verdict.level)


def worst(seen: Iterable[Seen]) -> Verdict:
    """The verdict that stands for several failures, with the reasons of all that agree with it."""
    ordered = sorted((one.verdict for one in seen), key=rank)
    first = ordered[0]
    agreeing = (verdict for verdict in ordered if rank(verdict) == rank(first))
    reasons = {reason: None for verdict in agreeing for reason in verdict.reasons}
    return Verdict(
        kind=first.kind, confidence=first.confidence, reasons=tuple(reasons), level=first.level
    )


def job_occurrence(record: RunRecord, job: JobEntry, cause: CauseEntry | None) -> Occurrence:
    """A job that failed with no failing test, with the words of its cause or the step's name."""
    place = cause.place if cause else Place()
    return Occurrence(
        run_id=record.run_id,
        attempt=record.attempt,
        job_id=job.id,
        job=job.name,
        url=place.within(job.url),
        line=cause.line if cause else 0,
        place=place,
        outcomes=(),
        category=cause.category if cause else Category.UNKNOWN,
        fingerprint=cause.fingerprint if cause else "",
        text=cause.text if cause else job.failed_step,
        excerpt=cause.excerpt if cause else (),
        workers=job.workers,
    )


def passed(job: JobEntry, test: TestId) -> bool:
    """Whether a test, or with an empty id the job itself, ended well in a job.

    A job may be green although a test failed in it.
    """
    ended = [entry.final for entry in job.tests if entry.id == test]
    if ended:
        return all(status is Status.PASSED for status in ended)
    return job.conclusion == "success" or test in job.passed


def later_pass(seen: Seen, records: Iterable[RunRecord]) -> int:
    """The later attempt in which the same job saw the same thing pass; 0 when there is none.

    Where jobs share that name, it must have passed in all of them.
    """
    for record in records:
        same = [passed(job, seen.test) for job in record.jobs if job.name == seen.job.name]
        if record.attempt > seen.record.attempt and same and all(same):
            return record.attempt
    return 0
