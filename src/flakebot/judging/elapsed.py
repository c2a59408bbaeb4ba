"""Which verdicts time has settled without anybody's word. Pure.

Only what is certain counts, and most of it in one direction alone, so these counts stand beside
those of maintainers' words and never in a share:

* flaky (known, likely) held when a later build shows the same failure and a pass: nothing on record
  can show that a flake was none.
* new did not hold when a build shows the same failure and a pass: that it was the author's own
  fault, no later build can show, since a rare flake stays away as well.
* broken did not hold when a build shows the same failure and a pass, and held when it was followed
  by a fix: in every job of the default branch that failed so, the builds since the last such
  failure all passed, and so many that the rate of the failing row before makes them rarer than
  `close-probability`.

A flaky verdict that is proven rests on such a build itself, and the other kinds claim nothing that
a build could show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flakebot.judging.builds import Build, on_trunk, streak
from flakebot.judging.holding import Given
from flakebot.judging.stats import silence_probability, wilson
from flakebot.report import Kind, Level
from flakebot.settings import Thresholds


def settled(verdict: Given, builds: Sequence[Build], thresholds: Thresholds) -> bool | None:
    """Whether a verdict held, by the builds of its test in the order of time; None while that is
    open.
    """
    if verdict.level is Level.PROVEN:
        return None
    proven = _proven(verdict, builds)
    if verdict.kind is Kind.FLAKY:
        return True if proven else None
    if verdict.kind not in {Kind.NEW, Kind.BROKEN}:
        return None
    if proven:
        return False
    fixed = verdict.kind is Kind.BROKEN and _fixed(verdict, builds, thresholds)
    return True if fixed else None


def _proven(verdict: Given, builds: Iterable[Build]) -> bool:
    return any(
        failure.proven
        and failure.entry.fingerprint in verdict.fingerprints
        and build.created_at >= verdict.at
        for build in builds
        for failure in build.failures
    )


def _fixed(verdict: Given, builds: Iterable[Build], thresholds: Thresholds) -> bool:
    lasts = [(job, last) for job in on_trunk(builds).values() if (last := _last(verdict, job)) >= 0]
    return bool(lasts) and all(_silent(job, last, thresholds) for job, last in lasts)


def _last(verdict: Given, job: Sequence[Build]) -> int:
    """The last build that failed in this way, -1 for none."""
    failing = (
        number
        for number, build in enumerate(job)
        if any(build.failed_with(fingerprint) for fingerprint in verdict.fingerprints)
    )
    return max(failing, default=-1)


def _silent(job: Sequence[Build], last: int, thresholds: Thresholds) -> bool:
    since, row = job[last + 1 :], len(streak(job[: last + 1]))
    low = wilson(row, row)[0]
    rare = silence_probability(low, len(since)) < thresholds.close_probability
    return rare and all(build.passed for build in since)
