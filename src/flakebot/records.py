"""What the ledger keeps of an analysed run attempt, as frozen values. Pure.

A record holds what later verdicts and every view need, and nothing more: views and verdicts are
computed from records alone, so an issue that was edited or lost is restored by the next run.
`SCHEMA` rises when a field changes its meaning; fields may be added with a default.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from flakebot.model import Category, Place, Status, TestId, value

SCHEMA = 1

OPENING_LASTS = timedelta(minutes=15)
"""Far longer than it takes from a record to its issues; a run that ended in between is not waited
for any longer."""


class RunKey(NamedTuple):
    """The ledger's key: analysing the same attempt again changes nothing."""

    repository: str
    run_id: int
    attempt: int


@value
class CauseEntry:
    """A cause in a job; `affected` is the number of tests it explains, so that it stays known when
    ids are dropped; `model` is the repository of Hugging Face that it names, empty for none;
    `place` is where GitHub shows its line.
    """

    category: Category
    rule: str
    line: int
    text: str
    fingerprint: str = ""
    excerpt: tuple[str, ...] = ()
    affected: int = 0
    model: str = ""
    place: Place = Place()


@value
class TestEntry:
    """A test that did not simply pass; `cause` is an index into the job's causes, -1 for none;
    `place` is where GitHub shows its line.
    """

    __test__ = False  # not a pytest class

    id: TestId
    framework: str
    outcomes: tuple[Status, ...]
    category: Category = Category.UNKNOWN
    fingerprint: str = ""
    line: int = 0
    cause: int = -1
    worker: str = ""
    place: Place = Place()

    @property
    def final(self) -> Status:
        """The last status in the log."""
        return self.outcomes[-1]


@value
class Fetch:
    """What asking Hugging Face again for one address gave.

    `result` is `recovered`, `failing`, `permanent`, `ambiguous`, `open` (asked without a token,
    because one was refused, and it answers) or `skipped`; `seconds` is the time waited in all.
    """

    address: str
    result: str
    tries: int = 0
    seconds: float = 0.0
    reason: str = ""


@value
class JobEntry:
    """A job of the attempt, as it was read.

    `log` is empty when the log was read, else the reason why not; `silence` is the seconds without
    output before a hang was ended, `reached` the percentage of tests that had ended then, -1 when
    unknown; `passed` holds those tests under observation that simply passed here; `failed_step` is
    the first step that failed; `minutes` is the job's length.
    """

    id: int
    name: str
    conclusion: str = ""
    runner: str = ""
    url: str = ""
    failed_step: str = ""
    log: str = ""
    silence: int = 0
    reached: int = -1
    workers: int = 0
    minutes: float = 0.0
    ran: int = 0
    counts: dict[Status, int] = field(default_factory=dict)
    causes: tuple[CauseEntry, ...] = ()
    tests: tuple[TestEntry, ...] = ()
    passed: tuple[TestId, ...] = ()
    problems: tuple[str, ...] = ()


@value
class LatePasses:
    """Tests that simply passed in a job of another attempt of the run, whose own record does not
    say so: nobody watched them before this attempt saw them fail.
    """

    job: int
    passed: tuple[TestId, ...]


@value
class Said:
    """The verdict that was given on one test, or, as `job:NAME`, on a job that failed with no
    failing test; `kind` and `level` are in the words of `report.Verdict`.
    """

    about: str
    kind: str
    level: str = ""


@value
class Opening:
    """Issues that a run is about to open, by key, and when it said so.

    A ledger takes a key from one run at a time, so that of many runs that see the same flake at
    the same moment one opens its issue.
    """

    keys: tuple[str, ...]
    at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether the run may still be at it."""
        return abs(now - self.at) < OPENING_LASTS


@value
class RunRecord:
    """One analysed attempt of a run.

    `trunk` is true on the default branch, `fork` when the code came from another repository;
    `base_sha` is the base of the pull request, as far as it is known; `rerun` says whether a re-run
    of the failed jobs was requested after this attempt; `problems` are sentences about files of the
    run that could not be used when it was read. One that is `partial` was read when logs were
    missing that may be readable later, of this attempt or another, so it is not kept in a ledger.
    `fetches` are of what failed to come, `probes` of what was refused with a token (see
    `addresses.refused`).
    `said` are the verdicts that were given on the run when this attempt was recorded, worst first,
    None when that was not kept; `opening` are the issues that this run is the one to open;
    `late_passes` are those of other attempts.
    """

    repository: str
    run_id: int
    attempt: int
    workflow: str
    event: str
    branch: str
    head_sha: str
    created_at: datetime
    conclusion: str = ""
    trunk: bool = False
    fork: bool = False
    base_sha: str = ""
    pull_request: int = 0
    url: str = ""
    jobs: tuple[JobEntry, ...] = ()
    fetches: tuple[Fetch, ...] = ()
    probes: tuple[Fetch, ...] = ()
    rerun: bool = False
    problems: tuple[str, ...] = ()
    partial: bool = False
    said: tuple[Said, ...] | None = None
    opening: Opening | None = None
    late_passes: tuple[LatePasses, ...] = ()
    schema: int = SCHEMA

    @property
    def key(self) -> RunKey:
        """What the ledger knows this record by."""
        return RunKey(self.repository, self.run_id, self.attempt)


def completed(records: Sequence[RunRecord]) -> Sequence[RunRecord]:
    """The same records, with the passes that later attempts found in the jobs of earlier ones."""
    late: dict[tuple[str, int, int], set[TestId]] = defaultdict(set)
    for record in records:
        for found in record.late_passes:
            late[record.repository, record.run_id, found.job].update(found.passed)
    runs = {(repository, run_id) for repository, run_id, _ in late}
    return [
        _completed(record, late) if (record.repository, record.run_id) in runs else record
        for record in records
    ]


def _completed(
    record: RunRecord, late: Mapping[tuple[str, int, int], Collection[TestId]]
) -> RunRecord:
    jobs = []
    for job in record.jobs:
        told = {*job.passed, *(test.id for test in job.tests)}
        found = late.get((record.repository, record.run_id, job.id), ())
        more = sorted(test for test in found if test not in told)
        jobs.append(replace(job, passed=(*job.passed, *more)) if more else job)
    return replace(record, jobs=tuple(jobs))
