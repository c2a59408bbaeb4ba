"""How much it means that a test, or an outage, has not failed for a while. Pure.

Counted in builds, because days without builds prove nothing. Only builds count in which
it could have failed as it did: jobs in which it failed before, and its failing variants, so that a
job that no longer runs is no silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flakebot.judging.builds import Execution, gather
from flakebot.judging.external import ExternalSummary
from flakebot.judging.fixes import Fix, excused
from flakebot.judging.honest import honest
from flakebot.judging.segments import segments
from flakebot.judging.stats import rate, silence_probability
from flakebot.model import value
from flakebot.report import Rate
from flakebot.settings import Thresholds


@value
class Silence:
    """Builds in a row at the end without a failure, and what they mean.

    `before` is the rate up to the last failure since it changed, None when no failure is on record;
    `probability` that of such a silence at the rate's lower bound; `since` is when it began;
    `commit` the newest of the default branch in the silence, empty when there is none.
    """

    builds: int
    before: Rate | None
    probability: float
    since: datetime | None
    commit: str = ""
    meaningful: bool = False


def of_test(
    executions: Iterable[Execution],
    now: datetime,
    thresholds: Thresholds,
    doubt: datetime | None = None,
    fixes: Sequence[Fix] = (),
) -> Silence:
    """The silence of one test function; before `doubt` a failure may have been lost, so it begins
    no earlier. `fixes` are what maintainers say of it: a failure without the fix breaks none.
    """
    builds, _ = excused(honest(gather(_like_those_that_failed(tuple(executions))))[0], fixes)
    last = max((number for number, build in enumerate(builds) if build.failed), default=-1)
    moments = [failure.at for build in builds for failure in build.failures]
    since = max([*moments, *([doubt] if doubt else [])], default=None)
    quiet = [b for b in builds[last + 1 :] if since is None or b.created_at >= since]
    commits = [build.head_sha for build in quiet if build.trunk]
    return _weighed(
        Silence(
            builds=len(quiet),
            before=segments(builds[: last + 1], thresholds)[-1].rate if last >= 0 else None,
            probability=1.0,
            since=since,
            commit=commits[-1] if commits else "",
        ),
        now,
        thresholds,
    )


def of_outage(summary: ExternalSummary, now: datetime, thresholds: Thresholds) -> Silence:
    """The silence of one kind of outage, in runs."""
    seen = summary.runs - summary.runs_since_last
    found = Silence(
        builds=summary.runs_since_last if summary.events else summary.runs,
        before=rate(summary.events, seen) if summary.events else None,
        probability=1.0,
        since=summary.last_seen,
    )
    return _weighed(found, now, thresholds)


def _like_those_that_failed(executions: tuple[Execution, ...]) -> tuple[Execution, ...]:
    """The executions of failing variants in failing jobs; all when nothing failed."""
    failing = [build for build in honest(gather(executions))[0] if build.failed]
    if not failing:
        return executions
    jobs = {build.configuration for build in failing}
    variants = {failure.entry.id for build in failing for failure in build.failures}
    return tuple(
        replace(
            each,
            entries=tuple(entry for entry in each.entries if entry.id in variants),
            passed=tuple(test for test in each.passed if test in variants),
        )
        for each in executions
        if each.configuration in jobs
    )


def _weighed(found: Silence, now: datetime, thresholds: Thresholds) -> Silence:
    """The lower bound of the old rate decides, as it gates and ranks everywhere.

    One failure in the only build on record is 100 %, but by its lower bound 21 %. When the window
    holds no failure any more, the lowest rate that counts stands in its place.
    """
    low = found.before.low if found.before else thresholds.rate_floor
    probability = silence_probability(low, found.builds)
    days = timedelta(days=thresholds.close_quiet_days)
    long_enough = found.since is None or now - found.since >= days
    rare = probability < thresholds.close_probability
    return replace(found, probability=probability, meaningful=rare and long_enough)
