"""The rung of the ladder for what is broken: a regression, not a flake. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flakebot.judging.builds import (
    Build,
    Configuration,
    gather,
    of_test,
    on_trunk,
    returns_after_pass,
    streak,
)
from flakebot.judging.case import Case, Unmet, verdict
from flakebot.judging.persistence import may_be_chance, rate_before
from flakebot.judging.stats import row_below
from flakebot.judging.summaries import Streak, streak_of
from flakebot.report import Kind, Verdict
from flakebot.wording import plural, short

JOBS = 3
"""Jobs of the default branch whose state is told when none of them has the test broken."""


def broken(case: Case) -> Verdict | Unmet:
    """Fails where this change is not: a regression, not a flake."""
    groups = _trunk_builds(case)
    same_job = groups.get(case.execution.configuration)
    candidates = [same_job] if same_job else list(groups.values())
    for builds in candidates:
        if reasons := _long_streak(case, builds) or _same_on_trunk(case, builds):
            return verdict(Kind.BROKEN, reasons)
    if reasons := _same_at_base(case, candidates):
        return verdict(Kind.BROKEN, reasons)
    standing = [_standing(case, builds) for builds in candidates]
    none = "no build of this test on the default branch is on record"
    return Unmet(
        reason="; ".join([*(standing[:JOBS] or [none]), *_base_reason(case)]),
        wanting=_wanting(case, candidates),
    )


def _standing(case: Case, builds: tuple[Build, ...]) -> str:
    """Why one job of the default branch does not show a regression."""
    tail, job = streak(builds), f"{_job(case, builds[0])} on the default branch"
    if not tail:
        return f"the last build of {job} passed"
    failed = f"{plural(len(tail), 'build')} in a row of {job} failed"
    if len(tail) >= case.thresholds.broken_streak:
        return f"{failed}, which a flake of its rate before shows now and then"
    if _comes_and_goes(case, builds):
        return f"{failed}, and failures of this kind come and go"
    needed = case.thresholds.broken_streak
    return f"{failed}, {needed} are needed where they do not fail in the same way as this"


def _base_reason(case: Case) -> list[str]:
    if not case.base_sha:
        return []
    return [f"at the base, {short(case.base_sha)}, no lasting failure of this kind is on record"]


def _wanting(case: Case, candidates: Sequence[tuple[Build, ...]]) -> str:
    """How many more failures in a row would be a regression, where the fewest are missing."""
    missing = [_missing(case, builds) for builds in candidates] or [case.thresholds.broken_streak]
    fewest = min((count for count in missing if count > 0), default=0)
    if not fewest:
        return ""
    builds = plural(fewest, "more build", "more builds")
    return f"broken: {builds} on the default branch that fail in a row, with no pass between"


def _missing(case: Case, builds: tuple[Build, ...]) -> int:
    tail = streak(builds)
    rate = rate_before(builds, tail)
    needed = row_below(rate, case.thresholds.streak_chance) if rate else 1
    return max(needed, case.thresholds.broken_streak) - len(tail) if needed else 0


def _trunk_builds(case: Case) -> dict[Configuration, tuple[Build, ...]]:
    """This variant's builds of the default branch."""
    builds = case.past.of(case.entry.id)
    return on_trunk(build for build in builds if not _reverted(case, build))


def _job(case: Case, build: Build) -> str:
    """A job in words, with its workflow where that is not the one that is judged."""
    workflow = build.configuration.workflow
    elsewhere = workflow != case.execution.configuration.workflow
    return f"job {build.job}" + (f" of workflow {workflow}" if elsewhere else "")


def _reverted(case: Case, build: Build) -> bool:
    """Whether a build of the default branch tested this very pull request, merged and undone."""
    return build.failed and case.is_own(build)


def _long_streak(case: Case, builds: tuple[Build, ...]) -> list[str]:
    tail = streak(builds)
    if len(tail) < case.thresholds.broken_streak or may_be_chance(case, builds, tail):
        return []
    found = streak_of(builds)
    times, job = plural(found.builds, "build"), _job(case, tail[0])
    return [f"failed in the last {times} of {job} on the default branch", _range(found)]


def _same_on_trunk(case: Case, builds: tuple[Build, ...]) -> list[str]:
    tail = streak(builds)
    others = [b for b in tail if not all(case.is_this_run(f) for f in b.failures)]
    alike = others and case.compares and case.same(others[-1])
    if not alike or _comes_and_goes(case, builds):
        return []
    at = f"fails the same way on the default branch at {short(others[-1].head_sha)}"
    return [at, _range(streak_of(builds))]


def _same_at_base(case: Case, candidates: Iterable[tuple[Build, ...]]) -> list[str]:
    """The base may have been tested on another branch, so all builds are asked."""
    if not case.base_sha or not case.compares:
        return []
    at_base = (e for e in case.past.executions if e.record.head_sha == case.base_sha)
    builds_of_base = gather(of_test(at_base, case.entry.id))
    alike = any(case.same(build) and build.only_failed for build in builds_of_base)
    if not alike or any(_comes_and_goes(case, builds) for builds in candidates):
        return []
    based = max(build.created_at for build in builds_of_base)
    newest = max((builds[-1] for builds in candidates), key=lambda b: b.created_at, default=None)
    fixed = newest is not None and newest.passed and newest.created_at > based
    return [
        f"fails the same way at the base of this pull request, {short(case.base_sha)}",
        "a later build of the default branch passed: rebase" if fixed else "",
    ]


def _comes_and_goes(case: Case, builds: Iterable[Build]) -> bool:
    """Whether this way of failing is a flake of the default branch: it was proven, or returned."""
    proven_before = any(
        failure.proven and failure.entry.fingerprint == case.fingerprint
        for build in case.past.builds
        for failure in build.failures
    )
    return proven_before or returns_after_pass(builds, case.same)


def _range(found: Streak) -> str:
    first = f"first bad commit {short(found.first_bad)}"
    if not found.last_good:
        return f"{first}; no earlier build is on record"
    return f"{first}, range {short(found.last_good)}..{short(found.first_bad)}"
