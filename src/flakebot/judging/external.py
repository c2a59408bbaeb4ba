"""What the ledger says of one kind of outage, counted once per run attempt. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from flakebot.judging.builds import order, proves_nothing
from flakebot.judging.summaries import LAST, WINDOWS
from flakebot.model import Category, TestId, value
from flakebot.records import CauseEntry, Fetch, JobEntry, RunRecord
from flakebot.wording import plural

MOST_TESTS = 50
"""Tests that a view names of all that an outage hit; it says how many there are."""


@value
class Outage:
    """One run attempt that an outage hit, in which it was not recovered.

    `job`, `url`, `line`, `text` and `excerpt` are those of its first cause; `result` is what asking
    again gave, empty when nobody asked.
    """

    at: datetime
    run_id: int
    attempt: int
    branch: str
    pull_request: int
    head_sha: str
    jobs: tuple[str, ...]
    tests: int
    job: str
    url: str
    line: int
    text: str
    excerpt: tuple[str, ...] = ()
    result: str = ""


@value
class OutageRow:
    """One fingerprint of the outage, or one job or test it hit; `count` is its run attempts."""

    name: str
    count: int
    text: str = ""


@value
class ExternalSummary:
    """Everything the tracking issue of one kind of outage shows.

    `events` is the number of run attempts that were hit and not recovered, `recovered` of those
    that were; `runs` is the number of attempts on record; `windows` ends with the total.
    """

    category: Category
    events: int
    recovered: int
    runs: int
    windows: tuple[tuple[str, int], ...] = ()
    by_fingerprint: tuple[OutageRow, ...] = ()
    by_job: tuple[OutageRow, ...] = ()
    by_test: tuple[OutageRow, ...] = ()
    tests: int = 0
    occurrences: tuple[Outage, ...] = ()
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    attempts_since_last: int = 0


@value
class _Hit:
    """One job that an outage hit: its causes of that kind and the tests they failed."""

    record: RunRecord
    job: JobEntry
    causes: tuple[CauseEntry, ...]
    tests: tuple[TestId, ...]


def recovered(record: RunRecord) -> bool:
    """Whether Hugging Face was asked again and answered for every address."""
    asked = [fetch.result for fetch in record.fetches if fetch.result != "skipped"]
    return bool(asked) and set(asked) == {"recovered"}


def summarise(category: Category, records: Sequence[RunRecord], now: datetime) -> ExternalSummary:
    """What the records, oldest first, say of one kind of outage as of now."""
    hits = {record.key: _hits(record, category) for record in records}
    hit = [record for record in records if hits[record.key]]
    lasting = [record for record in hit if not recovered(record)]
    found = [one for record in lasting for one in hits[record.key]]
    tests = _rows((one.record, test) for one in found for test in one.tests)
    return ExternalSummary(
        category=category,
        events=len(lasting),
        recovered=len(hit) - len(lasting),
        runs=len(records),
        windows=_windows(lasting, now),
        by_fingerprint=_fingerprints(found),
        by_job=_rows((one.record, one.job.name) for one in found),
        by_test=tests[:MOST_TESTS],
        tests=len(tests),
        occurrences=tuple(_outage(hits[record.key]) for record in lasting[: -LAST - 1 : -1]),
        first_seen=lasting[0].created_at if lasting else None,
        last_seen=lasting[-1].created_at if lasting else None,
        attempts_since_last=sum(order(r) > order(lasting[-1]) for r in records) if lasting else 0,
    )


def _hits(record: RunRecord, category: Category) -> tuple[_Hit, ...]:
    jobs = (job for job in record.jobs if not proves_nothing(record, job))
    hits = (_hit(record, job, category) for job in jobs)
    return tuple(hit for hit in hits if hit.causes or hit.tests)


def _hit(record: RunRecord, job: JobEntry, category: Category) -> _Hit:
    """A green job, or a test that passed when it was run again, was not hit in the end."""
    failing = [test for test in job.tests if test.category is category and test.final.bad]
    explained = {test.cause for test in failing}
    causes = (
        cause
        for index, cause in enumerate(job.causes)
        if cause.category is category and (index in explained or red(job))
    )
    return _Hit(
        record=record, job=job, causes=tuple(causes), tests=tuple(test.id for test in failing)
    )


def red(job: JobEntry) -> bool:
    """Whether GitHub shows the job as failed."""
    return job.conclusion in {"failure", "timed_out", "cancelled", "startup_failure"}


def _windows(lasting: Sequence[RunRecord], now: datetime) -> tuple[tuple[str, int], ...]:
    spans = ((name, sum(r.created_at > now - span for r in lasting)) for name, span in WINDOWS)
    return (*spans, ("total", len(lasting)))


def _rows(seen: Iterable[tuple[RunRecord, str]]) -> tuple[OutageRow, ...]:
    """Run attempts by name, most first."""
    counts = Counter(name for _, name in {(record.key, name) for record, name in seen})
    rows = (OutageRow(name=name, count=count) for name, count in counts.items())
    return tuple(sorted(rows, key=lambda row: (-row.count, row.name)))


def _fingerprints(hits: Iterable[_Hit]) -> tuple[OutageRow, ...]:
    """Run attempts by fingerprint, with the words of the newest."""
    found = [(hit.record, cause) for hit in hits for cause in hit.causes]
    texts = {cause.fingerprint: cause.text for _, cause in found}
    rows = _rows((record, cause.fingerprint) for record, cause in found)
    return tuple(OutageRow(name=r.name, count=r.count, text=texts[r.name]) for r in rows)


def _outage(hits: Sequence[_Hit]) -> Outage:
    record, job = hits[0].record, hits[0].job
    cause = next((cause for hit in hits for cause in hit.causes), None)
    return Outage(
        at=record.created_at,
        run_id=record.run_id,
        attempt=record.attempt,
        branch=record.branch,
        pull_request=record.pull_request,
        head_sha=record.head_sha,
        jobs=tuple(hit.job.name for hit in hits),
        tests=len({test for hit in hits for test in hit.tests}),
        job=job.name,
        url=job.url,
        line=cause.line if cause else 0,
        text=cause.text if cause else "",
        excerpt=cause.excerpt if cause else (),
        result=outcome(record.fetches),
    )


def outcome(fetches: Iterable[Fetch]) -> str:
    """What asking again gave, in words; empty when nobody asked."""
    asked = [fetch for fetch in fetches if fetch.result != "skipped"]
    if not asked:
        return ""
    worst = max(asked, key=lambda fetch: _BADNESS.get(fetch.result, 0))
    seconds = round(max(fetch.seconds for fetch in asked))
    tries = sum(fetch.tries for fetch in asked)
    return {
        "recovered": f"recovered after {seconds} s",
        "failing": f"still failing after {plural(tries, 'try', 'tries')}",
        "permanent": f"refused for good: {worst.reason or 'no reason given'}",
    }.get(worst.result, f"cannot be told: {worst.reason or 'the answers were ambiguous'}")


_BADNESS = {"recovered": 0, "ambiguous": 1, "failing": 2, "permanent": 3}
