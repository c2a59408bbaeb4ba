"""Jobs that failed although no test did, and outages that hit a job beside its tests. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flakebot.judging.builds import flaked, proves_nothing
from flakebot.judging.case import verdict
from flakebot.judging.history import History
from flakebot.judging.ladder import owner_verdict
from flakebot.judging.seen import Seen, job_occurrence, later_pass
from flakebot.judging.settling import red
from flakebot.model import Owner, TestId
from flakebot.records import CauseEntry, JobEntry, RunRecord
from flakebot.report import Kind, Level, Unread, Verdict
from flakebot.wording import short

_OUTSIDE = frozenset({Owner.EXTERNAL, Owner.INFRA})


def judge_jobs(records: Sequence[RunRecord], history: History) -> Iterator[Seen]:
    """What failed in the jobs of a run and is no test."""
    for record in records:
        for job in record.jobs:
            if red(job) and not job.log and not proves_nothing(record, job):
                yield from _judge_job(record, job, records, history)


def unread(records: Sequence[RunRecord]) -> tuple[Unread, ...]:
    """The finished jobs whose logs could not be read, and why."""
    return tuple(
        Unread(job=job.name, url=job.url, reason=job.log)
        for record in records
        for job in record.jobs
        if job.log and job.conclusion and not proves_nothing(record, job)
    )


def unread_failures(records: Sequence[RunRecord]) -> bool:
    """Whether a job failed for a reason that nobody could read, and did not pass later."""
    return any(
        job.log
        and red(job)
        and not proves_nothing(record, job)
        and not later_pass(_seen(record, job, None, _UNREAD), records)
        for record in records
        for job in record.jobs
    )


_UNREAD = verdict(Kind.UNCLASSIFIED, ["the log could not be read"])


def _judge_job(
    record: RunRecord, job: JobEntry, records: Sequence[RunRecord], history: History
) -> Iterator[Seen]:
    """Causes that no test has are the job's own; the one to read first speaks for it."""
    explained = {test.cause for test in job.tests}
    loose = [cause for index, cause in enumerate(job.causes) if index not in explained]
    tests_failed = any(test.final.bad for test in job.tests)
    if tests_failed or (loose and loose[0].category.owner in _OUTSIDE):
        for cause in loose:
            if owned := owner_verdict(cause.category, job.name):
                yield _seen(record, job, cause, owned)
    elif not _explained(job, loose):
        first = loose[0] if loose else None
        yield _seen(record, job, first, _verdict(record, job, first, records, history))


def _explained(job: JobEntry, loose: Sequence[CauseEntry]) -> bool:
    """Whether a job is red because of tests that passed at last.

    One that crashed or failed before it passed makes its session fail, so the bare exit code is
    no cause of its own; a rerun plug-in's does not.
    """
    before = {status for test in job.tests if flaked(test) for status in test.outcomes[:-1]}
    if any(status.bad for status in before):
        loose = [cause for cause in loose if cause.category.owner is not Owner.NONE]
    return bool(before) and not loose


def _verdict(
    record: RunRecord,
    job: JobEntry,
    cause: CauseEntry | None,
    records: Sequence[RunRecord],
    history: History,
) -> Verdict:
    step = f"step {job.failed_step} failed" if job.failed_step else "no step is marked as failed"
    if later := later_pass(_seen(record, job, cause, _UNREAD), records):
        passed = f"job {job.name} failed in attempt {record.attempt} and passed in attempt {later}"
        return verdict(Kind.FLAKY, [passed, step], Level.PROVEN)
    if cause is None or cause.category.owner is Owner.NONE:
        return verdict(Kind.UNCLASSIFIED, [f"no test failed; {step}, the log does not say why"])
    if broken := broken_on_trunk(record, job, cause.fingerprint, history):
        return verdict(Kind.BROKEN, [broken, step])
    return verdict(Kind.NEW, [f"no test failed; {step}: {cause.category}"])


def broken_on_trunk(record: RunRecord, job: JobEntry, fingerprint: str, history: History) -> str:
    """The sentence that the default branch's last build of a job failed the same way, if so."""
    builds = history.trunk_jobs(record.workflow, job.name)
    others = [(other, its) for other, its in builds if other.run_id != record.run_id]
    if not fingerprint or not others:
        return ""
    last, entry = others[-1]
    seen = {cause.fingerprint for cause in entry.causes} | {t.fingerprint for t in entry.tests}
    if not red(entry) or fingerprint not in seen:
        return ""
    return f"job {job.name} fails the same way on the default branch at {short(last.head_sha)}"


def _seen(record: RunRecord, job: JobEntry, cause: CauseEntry | None, its: Verdict) -> Seen:
    return Seen(
        key=f"job:{job.name}",
        test=TestId(""),
        framework="",
        record=record,
        job=job,
        occurrence=job_occurrence(record, job, cause),
        verdict=its,
    )
