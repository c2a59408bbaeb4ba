"""What the ledger says of one test function, counted honestly, as one value for any view. Pure.

* The unit is the build: one commit in one job configuration.
* A failure whose cause is external or infrastructure, or one that a whole job, ten tests or a
  quarter of a commit's jobs share, is not the test's, and its execution says nothing in either
  direction.
* A failure that is its author's own is not counted, but listed apart (`honest`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flakebot.judging.builds import (
    Build,
    Execution,
    Failure,
    gather,
    on_trunk,
    order,
    streak,
)
from flakebot.judging.fixes import Fix, excused
from flakebot.judging.honest import honest
from flakebot.judging.segments import Segment, gone, segments
from flakebot.judging.sightings import Sighting, cause_of, sighting
from flakebot.judging.states import State, Transition, life
from flakebot.judging.stats import rate
from flakebot.model import Category, TestId, value
from flakebot.report import Rate
from flakebot.settings import Thresholds

WINDOWS = (("24 h", timedelta(hours=24)), ("7 d", timedelta(days=7)), ("30 d", timedelta(days=30)))
"""Spans that views show, before the total."""

LAST = 10
"""Occurrences that a view lists with their links."""


@value
class Count:
    """Failing builds among builds under one name: a window, a job, a level of parallelism."""

    name: str
    rate: Rate


@value
class FingerprintRow:
    """One way in which a test fails: its failing builds, and with `gone` those since it ended."""

    fingerprint: str
    category: Category
    text: str
    count: int
    first: datetime
    last: datetime
    excerpt: tuple[str, ...] = ()
    gone: int = 0


@value
class Streak:
    """Failures in a row on the default branch in one job, with no pass; commits are SHAs.

    `last_good` is the last build before it that passed, empty when none is on record.
    """

    job: str
    builds: int
    first_bad: str
    last_good: str = ""


@value
class TestSummary:
    """Everything a tracking issue shows of one test function.

    `rate` is that of the newest of the `segments`, into which changes of the rate cut the builds;
    `transitions` are the changes of the state, oldest first; `windows` ends with the total;
    `occurrences` are the last ten, newest first; `variants` counts failing builds by test id;
    `proven` counts builds that hold a failure and a pass; `trunk` counts failing builds of the
    default branch; `streak` is the longest failing streak that is still on; `without_fix` are the
    builds left out because they failed on a commit without the fix that a maintainer has told.
    """

    __test__ = False  # not a pytest class

    key: str
    state: State
    rate: Rate
    windows: tuple[Count, ...] = ()
    by_fingerprint: tuple[FingerprintRow, ...] = ()
    by_job: tuple[Count, ...] = ()
    by_workers: tuple[Count, ...] = ()
    variants: tuple[tuple[TestId, int], ...] = ()
    occurrences: tuple[Sighting, ...] = ()
    not_counted: tuple[Sighting, ...] = ()
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    proven: int = 0
    trunk: int = 0
    pull_requests: tuple[int, ...] = ()
    builds_since_last_failure: int = 0
    streak: Streak | None = None
    segments: tuple[Segment, ...] = ()
    transitions: tuple[Transition, ...] = ()
    without_fix: int = 0


def summarise(
    key: str,
    executions: Iterable[Execution],
    now: datetime,
    thresholds: Thresholds,
    fixes: Sequence[Fix] = (),
) -> TestSummary:
    """What these executions of one test function amount to, as of now; `fixes` are what maintainers
    say of it, oldest first.
    """
    counted, own = honest(gather(executions))
    builds, without_fix = excused(counted, fixes)
    failing = [build for build in builds if build.failed]
    failures = sorted(
        (failure for build in failing for failure in build.failures),
        key=lambda failure: order(failure.execution.record),
    )
    lived = life(builds, thresholds, fixes)
    cut = segments(builds, thresholds, fixes)
    return TestSummary(
        key=key,
        state=lived.state,
        rate=cut[-1].rate if cut else rate(0, 0),
        windows=_windows(builds, now),
        by_fingerprint=_with_ends(_fingerprints(failing), builds, thresholds),
        by_job=_by(builds, _job_names(builds)),
        by_workers=_by(builds, lambda build: parallelism(build.workers)),
        variants=_variants(failing),
        occurrences=tuple(sighting(f) for f in failures[: -LAST - 1 : -1]),
        not_counted=tuple(sighting(f) for f in own[: -LAST - 1 : -1]),
        first_seen=failures[0].at if failures else None,
        last_seen=failures[-1].at if failures else None,
        proven=sum(build.proven for build in failing),
        trunk=sum(build.trunk for build in failing),
        pull_requests=_pull_requests(failures),
        builds_since_last_failure=_builds_since(builds),
        streak=_streak(builds),
        segments=cut,
        transitions=lived.transitions,
        without_fix=without_fix,
    )


def rate_of(builds: Iterable[Build]) -> Rate:
    """Failing builds among builds."""
    failed = [build.failed for build in builds]
    return rate(sum(failed), len(failed))


def parallelism(workers: int) -> str:
    """How a level of parallelism is called: `serial`, which also stands for unknown, or `n16`."""
    return f"n{workers}" if workers else "serial"


def _windows(builds: Sequence[Build], now: datetime) -> tuple[Count, ...]:
    spans = (
        Count(name=name, rate=rate_of(b for b in builds if _last(b) > now - span))
        for name, span in WINDOWS
    )
    return (*spans, Count(name="total", rate=rate_of(builds)))


def _last(build: Build) -> datetime:
    """When a build last failed, else when it ran."""
    return max((failure.at for failure in build.failures), default=build.created_at)


def _by(builds: Iterable[Build], name: Callable[[Build], str]) -> tuple[Count, ...]:
    """Rates by a property of the build, most failures first."""
    groups = defaultdict(list)
    for build in builds:
        groups[name(build)].append(build)
    counts = (Count(name=key, rate=rate_of(group)) for key, group in groups.items())
    return tuple(sorted(counts, key=lambda count: (-count.rate.failures, count.name)))


def _job_names(builds: Iterable[Build]) -> Callable[[Build], str]:
    """How jobs are called: by their names, or with the workflow where two have jobs of one name."""
    workflows = defaultdict(set)
    for build in builds:
        workflows[build.job].add(build.configuration.workflow)
    return lambda build: (
        " / ".join(build.configuration) if len(workflows[build.job]) > 1 else build.job
    )


def _fingerprints(failing: Iterable[Build]) -> tuple[FingerprintRow, ...]:
    """One row for each way of failing, most frequent first; words are those of the newest."""
    groups = defaultdict(list)
    for build in failing:
        for fingerprint in {failure.entry.fingerprint: None for failure in build.failures}:
            groups[fingerprint].append(build)
    rows = (_fingerprint(fingerprint, group) for fingerprint, group in groups.items())
    return tuple(sorted(rows, key=lambda row: (-row.count, row.fingerprint)))


def _with_ends(
    rows: Sequence[FingerprintRow], builds: Sequence[Build], thresholds: Thresholds
) -> tuple[FingerprintRow, ...]:
    """The rows with what became of the most frequent, if it is not all there is."""
    if len(rows) < 2:  # noqa: PLR2004  # the only way of failing ends with the rate
        return tuple(rows)
    return tuple(
        replace(row, gone=gone(builds, row.fingerprint, thresholds)) if number < LAST else row
        for number, row in enumerate(rows)
    )


def _fingerprint(fingerprint: str, builds: Sequence[Build]) -> FingerprintRow:
    failures = [f for b in builds for f in b.failures if f.entry.fingerprint == fingerprint]
    newest = max(failures, key=lambda failure: order(failure.execution.record))
    cause = cause_of(newest.execution.job, newest.entry)
    return FingerprintRow(
        fingerprint=fingerprint,
        category=newest.entry.category,
        text=cause.text if cause else "",
        count=len(builds),
        first=min(failure.at for failure in failures),
        last=newest.at,
        excerpt=cause.excerpt if cause else (),
    )


def _variants(failing: Iterable[Build]) -> tuple[tuple[TestId, int], ...]:
    counts: dict[TestId, int] = defaultdict(int)
    for build in failing:
        for test in {failure.entry.id for failure in build.failures}:
            counts[test] += 1
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _pull_requests(failures: Iterable[Failure]) -> tuple[int, ...]:
    numbers = {failure.execution.record.pull_request for failure in failures}
    return tuple(sorted(numbers - {0}))


def _builds_since(builds: Sequence[Build]) -> int:
    """Builds in a row at the end in which the test ran and did not fail."""
    since = 0
    for build in reversed(builds):
        if build.failed:
            break
        since += 1
    return since


def _streak(builds: Iterable[Build]) -> Streak | None:
    """The longest streak that is still on in some job of the default branch."""
    streaks = [streak_of(group) for group in on_trunk(builds).values() if group[-1].only_failed]
    return max(streaks, key=lambda found: (found.builds, found.job), default=None)


def streak_of(builds: Sequence[Build]) -> Streak:
    """The streak at the end of one job's builds on the default branch; there must be one."""
    tail = streak(builds)
    before = builds[: len(builds) - len(tail)]
    return Streak(
        job=tail[0].job,
        builds=len(tail),
        first_bad=tail[0].head_sha,
        last_good=before[-1].head_sha if before else "",
    )
