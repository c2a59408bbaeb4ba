"""Three simple judges that people use in place of flakebot, on the same failures.

Each says of a failing test `flaky` or not; none of them is told the truth.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

from benchmarks.verdicts.world import JOBS, Run

LEAST_BUILDS = 10
RATE = 0.05
PULLS = 2


class RerunPass:
    """Flaky is what failed and then passed when the job was run again."""

    name = "re-run passed"

    def judge(self, run: Run, attempts: int) -> set[str]:
        """The tests of a run that it calls flaky."""
        flaky = set()
        for job in JOBS:
            ran = [j for jobs in run.attempts[:attempts] for j in jobs if j.name == job]
            for before, after in pairwise(ran):
                flaky |= before.failures.keys() - after.failures.keys()
        return flaky


class Rate:
    """Flaky is what fails in at least 5 % of its builds, of ten or more."""

    name = f"fails in {RATE:.0%} of builds"

    def __init__(self) -> None:
        self._builds = 0
        self._failed: Counter[str] = Counter()

    def judge(self, run: Run, attempts: int) -> set[str]:
        """The tests of a run that it calls flaky; a further attempt adds its own builds."""
        for job in run.attempts[attempts - 1]:
            self._builds += 1
            self._failed.update(job.failures.keys())
        if self._builds < LEAST_BUILDS:
            return set()
        return {t for t in run.truths(attempts) if self._failed[t] >= RATE * self._builds}


class TwoPulls:
    """Flaky is what failed in two pull requests."""

    name = "failed in two pull requests"

    def __init__(self) -> None:
        self._pulls: defaultdict[str, set[int]] = defaultdict(set)

    def judge(self, run: Run, attempts: int) -> set[str]:
        """The tests of a run that it calls flaky."""
        failed = run.truths(attempts)
        for test in failed:
            self._pulls[test].update({run.pull} - {0})
        return {test for test in failed if len(self._pulls[test]) >= PULLS}
