"""What became of an outage that hit a run: did a re-run settle it, and does it count. Pure.

A run counts once, however many attempts, jobs and tests the outage hit. It does not count when
every job that was hit got past it in a later attempt, or when Hugging Face answered as soon as it
was asked again; but an outage that came back in a re-run counts, whatever it answered in between,
since the machines that run the tests are the ones that matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from flakebot.github_objects import RED
from flakebot.judging.builds import proves_nothing
from flakebot.model import Category, TestId, value
from flakebot.records import CauseEntry, JobEntry, RunRecord

PENDING = timedelta(days=2)
"""A re-run that has not been analysed so long after its run began was refused, cancelled or lost:
GitHub ends a job of its own runners after six hours."""


class Settled(StrEnum):
    """What became of it."""

    NOT_HIT = ""
    PASSED = "passed"
    ANSWERED = "answered"
    PENDING = "pending"
    COUNTED = "counted"


@value
class Hit:
    """One job that an outage hit: its causes of that kind and the tests they failed."""

    record: RunRecord
    job: JobEntry
    causes: tuple[CauseEntry, ...]
    tests: tuple[TestId, ...]

    @property
    def alone(self) -> bool:
        """Whether nothing but the outage failed in the job."""
        failing = {test.id for test in self.job.tests if test.final.bad}
        return red(self.job) and failing <= set(self.tests)


@value
class Struck:
    """The hits of all attempts of one run, oldest first.

    `lasting` are those that no later attempt of the same job got past.
    """

    hits: tuple[Hit, ...] = ()
    lasting: tuple[Hit, ...] = ()


@value
class Settlement(Struck):
    """The hits of one run, and what became of them."""

    state: Settled = Settled.NOT_HIT


def strike(category: Category, attempts: Iterable[RunRecord]) -> Struck:
    """What one kind of outage hit in the attempts of one run."""
    hits: list[Hit] = []
    latest: dict[str, int] = {}
    for record in sorted(attempts, key=lambda record: record.attempt):
        for job in record.jobs:
            if proves_nothing(record, job) or (job.log and red(job)):
                continue
            latest[job.name] = record.attempt
            found = _hit(record, job, category)
            hits += [found] if found else []
    lasting = tuple(hit for hit in hits if hit.record.attempt == latest[hit.job.name])
    return Struck(hits=tuple(hits), lasting=lasting)


def settle(category: Category, attempts: Iterable[RunRecord], now: datetime) -> Settlement:
    """What became of one kind of outage in one run.

    Args:
        category: the kind of outage.
        attempts: the records of the run.
        now: the time that counts as today.
    """
    records = sorted(attempts, key=lambda record: record.attempt)
    struck = strike(category, records)
    state = _state(records, struck.hits, struck.lasting, now)
    return Settlement(hits=struck.hits, lasting=struck.lasting, state=state)


def _state(
    records: Sequence[RunRecord], hits: Sequence[Hit], lasting: Sequence[Hit], now: datetime
) -> Settled:
    if not hits:
        return Settled.NOT_HIT
    if not lasting:
        return Settled.PASSED
    if records[-1].rerun and now - records[-1].created_at <= PENDING:
        return Settled.PENDING
    came_back = any(
        hit.job.name == last.job.name and hit.record.attempt < last.record.attempt
        for last in lasting
        for hit in hits
    )
    answered = all(recovered(hit.record) for hit in lasting)
    return Settled.ANSWERED if answered and not came_back else Settled.COUNTED


def _hit(record: RunRecord, job: JobEntry, category: Category) -> Hit | None:
    """A green job, or a test that passed when it was run again, was not hit in the end."""
    failing = [test for test in job.tests if test.category is category and test.final.bad]
    explained = {test.cause for test in failing}
    causes = tuple(
        cause
        for index, cause in enumerate(job.causes)
        if cause.category is category and (index in explained or red(job))
    )
    if not causes and not failing:
        return None
    return Hit(record=record, job=job, causes=causes, tests=tuple(test.id for test in failing))


def recovered(record: RunRecord) -> bool:
    """Whether Hugging Face was asked again and answered for every address."""
    asked = [fetch.result for fetch in record.fetches if fetch.result != "skipped"]
    return bool(asked) and set(asked) == {"recovered"}


def red(job: JobEntry) -> bool:
    """Whether GitHub shows the job as failed."""
    return job.conclusion in RED or job.conclusion == "cancelled"
