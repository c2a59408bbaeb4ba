"""What the ledger says of one kind of outage, counted once per run. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from flakebot.judging.builds import order
from flakebot.judging.hub_kinds import HubKind, kind_of, small_quota
from flakebot.judging.settling import Hit, Settled, Settlement, Struck, settle
from flakebot.judging.summaries import LAST, WINDOWS
from flakebot.model import Category, Place, TestId, value
from flakebot.records import CauseEntry, Fetch, RunRecord
from flakebot.wording import plural

MOST_TESTS = 50
"""Tests that a view names of all that an outage hit; it says how many there are."""

NO_MODEL = ""
"""Name of the row of failures that name no repository."""


@value
class Outage:
    """One counted run, at the last attempt that the outage hit.

    `jobs` and `tests` are those it hit in any attempt; `job`, `url`, `line`, `text` and `excerpt`
    are those of the first cause of the last attempt; `result` is what asking again gave, empty when
    nobody asked.
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
    place: Place = Place()


@value
class OutageRow:
    """A line of a table: the counted runs, jobs and tests of one name, and the minutes they lost.

    A job counts once per run; `minutes` are those of jobs in which nothing else failed, over all
    attempts, and stand at the first cause of a job, so that a table adds up.
    """

    name: str
    runs: int
    jobs: int
    tests: int
    minutes: float
    text: str = ""


@value
class Signs:
    """What the counted runs show of why it failed; all but `together` count runs or jobs.

    `together` is the largest number of jobs of one attempt that were refused for their number;
    `forks` are runs of forks that were, `small_quota` runs in which the quota of the API was used
    up; `inside_tests` are the jobs, of `jobs`, in which a test had to fetch.
    """

    together: int = 0
    forks: int = 0
    small_quota: int = 0
    inside_tests: int = 0
    jobs: int = 0


@value
class ExternalSummary:
    """Everything the tracking issue of one kind of outage shows.

    `events` is the number of counted runs; `recovered` of those that were hit and got past it, with
    the minutes `minutes_recovered`; `pending` of those that are being run again; `runs` is the
    number of runs on record; `windows` ends with the total.
    """

    category: Category
    events: int
    recovered: int
    pending: int
    runs: int
    total: OutageRow
    minutes_recovered: float = 0.0
    windows: tuple[tuple[str, int], ...] = ()
    by_kind: tuple[OutageRow, ...] = ()
    by_model: tuple[OutageRow, ...] = ()
    by_workflow: tuple[OutageRow, ...] = ()
    by_hour: tuple[OutageRow, ...] = ()
    by_fingerprint: tuple[OutageRow, ...] = ()
    by_job: tuple[OutageRow, ...] = ()
    by_test: tuple[OutageRow, ...] = ()
    signs: Signs = Signs()
    occurrences: tuple[Outage, ...] = ()
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    runs_since_last: int = 0


@value
class _Part:
    """One cause of a hit, with the tests that it failed."""

    hit: Hit
    cause: CauseEntry | None
    kind: HubKind
    tests: tuple[TestId, ...]
    minutes: float

    @property
    def record(self) -> RunRecord:
        return self.hit.record


def summarise(category: Category, records: Sequence[RunRecord], now: datetime) -> ExternalSummary:
    """What the records, oldest first, say of one kind of outage as of now."""
    runs: dict[tuple[str, int], list[RunRecord]] = defaultdict(list)
    for record in records:
        runs[record.repository, record.run_id].append(record)
    settled = [settle(category, attempts, now) for attempts in runs.values()]
    counted = [one for one in settled if one.state is Settled.COUNTED]
    past = [one for one in settled if one.state in {Settled.PASSED, Settled.ANSWERED}]
    parts = [part for one in counted for hit in one.hits for part in _parts(hit)]
    ends = [one.lasting[-1].record for one in counted]
    return ExternalSummary(
        category=category,
        events=len(counted),
        recovered=len(past),
        pending=sum(one.state is Settled.PENDING for one in settled),
        runs=len(runs),
        total=_row("total", parts),
        minutes_recovered=_minutes(part for one in past for h in one.hits for part in _parts(h)),
        windows=_windows(ends, now),
        by_kind=_rows(parts, lambda part: part.kind),
        by_model=_rows(parts, lambda part: part.cause.model if part.cause else NO_MODEL),
        by_workflow=_rows(parts, lambda part: part.record.workflow),
        by_hour=tuple(sorted(_rows(parts, _hour), key=lambda row: row.name)),
        by_fingerprint=_rows(parts, lambda part: part.cause.fingerprint if part.cause else ""),
        by_job=_rows(parts, lambda part: part.hit.job.name),
        by_test=_by_test(parts)[:MOST_TESTS],
        signs=_signs(counted, parts),
        occurrences=tuple(_outage(one) for one in counted[: -LAST - 1 : -1]),
        first_seen=ends[0].created_at if ends else None,
        last_seen=ends[-1].created_at if ends else None,
        runs_since_last=_since(runs, ends),
    )


def _parts(hit: Hit) -> list[_Part]:
    """One part per cause, the job's minutes at the first; a test whose cause is unknown is there
    too.
    """
    causes = hit.causes or (None,)
    index = {id(cause): number for number, cause in enumerate(hit.job.causes)}
    own = [index.get(id(cause), -1) for cause in causes]
    failing = [test for test in hit.job.tests if test.id in set(hit.tests) and test.final.bad]
    return [
        _Part(
            hit=hit,
            cause=cause,
            kind=kind_of(cause) if cause else HubKind.OTHER,
            tests=tuple(
                test.id
                for test in failing
                if test.cause == number or (not position and test.cause not in own)
            ),
            minutes=hit.job.minutes if hit.alone and not position else 0.0,
        )
        for position, (cause, number) in enumerate(zip(causes, own, strict=True))
    ]


# ------------------------------------------------------------------------------------------
# Tables


def _row(name: str, parts: Sequence[_Part]) -> OutageRow:
    newest = next((part.cause.text for part in reversed(parts) if part.cause), "")
    return OutageRow(
        name=name,
        runs=len({part.record.run_id for part in parts}),
        jobs=len({(part.record.run_id, part.hit.job.name) for part in parts}),
        tests=len({test for part in parts for test in part.tests}),
        minutes=_minutes(parts),
        text=newest,
    )


def _rows(parts: Iterable[_Part], name: Callable[[_Part], str]) -> tuple[OutageRow, ...]:
    """A row per name, most runs first."""
    groups: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        groups[str(name(part))].append(part)
    rows = (_row(key, group) for key, group in groups.items())
    return tuple(sorted(rows, key=lambda row: (-row.runs, -row.tests, row.name)))


def _by_test(parts: Iterable[_Part]) -> tuple[OutageRow, ...]:
    groups: dict[TestId, list[_Part]] = defaultdict(list)
    for part in parts:
        for test in part.tests:
            groups[test].append(part)
    rows = (_row(test, group) for test, group in groups.items())
    return tuple(sorted(rows, key=lambda row: (-row.runs, row.name)))


def _minutes(parts: Iterable[_Part]) -> float:
    return round(sum(part.minutes for part in parts), 2)


def _hour(part: _Part) -> str:
    """The hour, in UTC, in which the run began."""
    return f"{part.record.created_at.astimezone(UTC):%H}"


def _windows(ends: Sequence[RunRecord], now: datetime) -> tuple[tuple[str, int], ...]:
    spans = ((name, sum(r.created_at > now - span for r in ends)) for name, span in WINDOWS)
    return (*spans, ("total", len(ends)))


def _since(runs: dict[tuple[str, int], list[RunRecord]], ends: Sequence[RunRecord]) -> int:
    """Runs after the last counted one."""
    if not ends:
        return 0
    last = order(ends[-1])[:2]
    return sum(order(attempts[0])[:2] > last for attempts in runs.values())


def _signs(counted: Iterable[Settlement], parts: Sequence[_Part]) -> Signs:
    limited = [part for part in parts if part.kind is HubKind.RATE_LIMIT]
    together: dict[object, set[str]] = defaultdict(set)
    for part in limited:
        together[part.record.key].add(part.hit.job.name)
    hits = [hit for one in counted for hit in one.hits]
    return Signs(
        together=max((len(jobs) for jobs in together.values()), default=0),
        forks=len({part.record.run_id for part in limited if part.record.fork}),
        small_quota=len({p.record.run_id for p in limited if p.cause and small_quota(p.cause)}),
        inside_tests=len({(h.record.run_id, h.job.name) for h in hits if h.tests}),
        jobs=len({(hit.record.run_id, hit.job.name) for hit in hits}),
    )


# ------------------------------------------------------------------------------------------
# The last outages


def _outage(settlement: Settlement) -> Outage:
    hit = settlement.lasting[-1]
    record = hit.record
    now = [each for each in settlement.lasting if each.record is record]
    first = now[0]
    cause = next((cause for each in now for cause in each.causes), None)
    place = cause.place if cause else Place()
    return Outage(
        at=record.created_at,
        run_id=record.run_id,
        attempt=record.attempt,
        branch=record.branch,
        pull_request=record.pull_request,
        head_sha=record.head_sha,
        jobs=tuple(dict.fromkeys(each.job.name for each in settlement.hits)),
        tests=len({test for each in settlement.hits for test in each.tests}),
        job=first.job.name,
        url=place.within(first.job.url),
        line=cause.line if cause else 0,
        place=place,
        text=cause.text if cause else "",
        excerpt=cause.excerpt if cause else (),
        result=_result(settlement),
    )


def _result(settlement: Settlement) -> str:
    """What asking again gave, and the re-runs in which it came back."""
    told = [outcome(settlement.lasting[-1].record.fetches), came_back(settlement)]
    return "; ".join(part for part in told if part)


def came_back(struck: Struck) -> str:
    """The later attempts that were hit again, in words; empty when none was."""
    attempts = sorted({hit.record.attempt for hit in struck.hits})[1:]
    if not attempts:
        return ""
    named = " and ".join(
        part for part in (", ".join(map(str, attempts[:-1])), str(attempts[-1])) if part
    )
    return f"hit again in {'attempt' if len(attempts) == 1 else 'attempts'} {named}"


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
        "open": (
            "without a token Hugging Face answers: the token was refused, or Hugging Face failed "
            "for a moment"
        ),
    }.get(worst.result, f"cannot be told: {worst.reason or 'the answers were ambiguous'}")


_BADNESS = {"recovered": 0, "open": 1, "ambiguous": 1, "failing": 2, "permanent": 3}
