"""Runners that make tests fail which do not fail elsewhere. Pure.

For each way of failing, Fisher's exact test holds the builds of one runner against those of all
others in the same jobs, since the failure was first seen; Benjamini and Hochberg's procedure bounds
the share of runners blamed wrongly (https://doi.org/10.1111/j.2517-6161.1995.tb02031.x).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from flakebot.judging.builds import Configuration, configuration, order
from flakebot.judging.origins import change
from flakebot.judging.stats import discoveries, hypergeometric_tail
from flakebot.keys import tracking_key
from flakebot.model import value
from flakebot.records import JobEntry, RunRecord, TestEntry
from flakebot.wording import plural

FALSE_SHARE = 0.001
"""Of the runners that are blamed, at most this share is expected to be blamed wrongly."""

MIN_BUILDS = 4
"""Failing builds of a runner; as many as make a regression of the default branch."""

MIN_CHANGES = 2
"""Of one change its author may be at fault."""

MIN_TESTS = 2
"""Test functions; one that fails on one machine alone may need what that lacks."""

TIMES = 10
"""So many times the others' share of failing builds: a flake that one slow runner shows more often
is a flake."""

HOSTED = ("GitHub Actions ", "Hosted Agent")
"""How GitHub's own runners are called: a fresh machine each time, whatever the number."""

MOST_BUILDS = 2000
"""Builds that are compared, the newest, so that a long history costs no more than a short one."""

Seen = tuple[RunRecord, JobEntry, TestEntry]
Ran = Mapping[Configuration, Sequence[tuple[RunRecord, JobEntry]]]


@value
class BadRunner:
    """A runner on which tests fail in a way that they do not elsewhere, and the numbers: failing
    builds among its builds, and the same of the other runners.
    """

    runner: str
    failed: int
    builds: int
    others_failed: int
    others: int

    @property
    def reason(self) -> str:
        """The numbers in a sentence."""
        elsewhere = f"{self.others_failed} of {plural(self.others, 'build')} elsewhere"
        return f"runner {self.runner} failed {self.failed} of {self.builds} builds so, {elsewhere}"


@value
class _Candidate:
    """A runner under suspicion, and how probable its failures are if all runners are alike."""

    found: BadRunner
    chance: float


def blamed(seen: Sequence[Seen], ran: Ran) -> Mapping[str, BadRunner]:
    """The runners to blame for one way of failing, by name.

    Args:
        seen: failures that could be their test's own, oldest first.
        ran: all jobs by configuration, oldest first.
    """
    suspects = _suspects(seen)
    if not suspects:
        return {}
    builds = _builds(seen, suspects, ran)
    candidates = list(_candidates(seen, builds, suspects))
    found = discoveries([each.chance for each in candidates], len(builds), FALSE_SHARE)
    bad = (each.found for each, true in zip(candidates, found, strict=True) if true)
    return {each.runner: each for each in bad}


def _suspects(seen: Iterable[Seen]) -> frozenset[str]:
    """The runners with enough failures to speak of."""
    by_runner = defaultdict(list)
    for each in seen:
        if each[1].runner and not each[1].runner.startswith(HOSTED):
            by_runner[each[1].runner].append(each)
    return frozenset(runner for runner, its in by_runner.items() if _enough(its))


def _enough(seen: Sequence[Seen]) -> bool:
    builds = {_build(record, job) for record, job, _ in seen}
    changes = {change(record) for record, _, _ in seen}
    tests = {tracking_key(test.framework, test.id) for _, _, test in seen}
    enough = len(builds) >= MIN_BUILDS and len(changes) >= MIN_CHANGES
    return enough and len(tests) >= MIN_TESTS


def _builds(
    seen: Sequence[Seen], suspects: frozenset[str], ran: Ran
) -> Mapping[str, frozenset[tuple[str, Configuration]]]:
    """The builds of each runner in the jobs that failed on a suspect, since the first failure."""
    first = order(seen[0][0])
    configurations = {
        configuration(record, job) for record, job, _ in seen if job.runner in suspects
    }
    most = max(1, MOST_BUILDS // len(configurations))
    builds = defaultdict(set)
    for where in configurations:
        for record, job in reversed(ran[where][-most:]):
            if order(record) < first:
                break
            if job.runner:
                builds[job.runner].add(_build(record, job))
    return {runner: frozenset(its) for runner, its in builds.items()}


def _candidates(
    seen: Sequence[Seen],
    builds: Mapping[str, frozenset[tuple[str, Configuration]]],
    suspects: Iterable[str],
) -> Iterator[_Candidate]:
    failing = defaultdict(set)
    for record, job, _ in seen:
        if _build(record, job) in builds.get(job.runner, ()):
            failing[job.runner].add(_build(record, job))
    total = sum(map(len, builds.values()))
    failed = sum(map(len, failing.values()))
    for runner in sorted(suspects):
        own, hits = len(builds.get(runner, ())), len(failing[runner])
        others, elsewhere = total - own, failed - hits
        enough = hits >= MIN_BUILDS and elsewhere * own * TIMES <= hits * others
        found = BadRunner(
            runner=runner,
            failed=hits,
            builds=own,
            others_failed=elsewhere,
            others=others,
        )
        if enough:
            tail = hypergeometric_tail(hits, drawn=own, marked=failed, total=total)
            yield _Candidate(found=found, chance=tail)


def _build(record: RunRecord, job: JobEntry) -> tuple[str, Configuration]:
    return record.head_sha, configuration(record, job)
